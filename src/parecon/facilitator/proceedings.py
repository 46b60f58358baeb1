"""The state of a board, and the few ways in which it changes, each written down first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from parecon.errors import BoardError, JournalError
from parecon.facilitator.checks import Told
from parecon.facilitator.journal import Journal, now, proposal_rows, state_to_bytes
from parecon.facilitator.ledger import Ledger, Word
from parecon.facilitator.records import ACCEPTED, REFUSED, Array, Council
from parecon.facilitator.replay import announcement_row, council_rows, rule_row
from parecon.facilitator.setup import Setup
from parecon.facilitator.standing import Standing
from parecon.rules import Rule

_LONGEST_NAME = 200  # of a refused council in the journal


class Proceedings:
    """Announcements, proposals, and the rule between them.

    A change goes to the journal in one transaction and then, by steps that cannot fail, to memory;
    what raises an error has changed neither.

    prices : (n,) of each announcement, the last is open.
    closed : what counted when the last round was closed, None in the first round.
    """

    def __init__(
        self,
        setup: Setup,
        rule: Rule,
        prices: list[Array],
        ledger: Ledger,
        closed: Word | None,
        journal: Journal | None,
    ) -> None:
        self.setup, self.rule, self.prices, self.ledger = setup, rule, prices, ledger
        self.journal = journal
        self.closed = None if closed is None else self._standing_of(self.round - 1, closed)
        self._open: Standing | None = None  # what counts of the open round, until more is told
        self._torn = False

    @property
    def round(self) -> int:
        """The open round, 1 for the first."""
        return len(self.prices)

    # -- where things stand -------------------------------------------------------------------

    def open_standing(self) -> Standing:
        """The open round, as it would be closed now."""
        if self._open is None:
            self._open = self._standing_of(self.round, self.ledger.word(self.round))
        return self._open

    def standing(self) -> Standing:
        """The round to speak of: the open one once all have answered it, else the last closed."""
        if self.closed is None or self.ledger.complete(self.round):
            return self.open_standing()
        return self.closed

    def _standing_of(self, round: int, word: Word) -> Standing:
        budget = self.ledger.budget(word)
        return Standing.of(round, self.prices[round - 1], word, self.setup.endowment, budget)

    @property
    def settled(self) -> bool:
        """Whether the proposals of the last closed round fit together within the threshold."""
        return self.closed is not None and self.closed.settled(self.setup.threshold)

    # -- changes ------------------------------------------------------------------------------

    def know(self, councils: Sequence[Council]) -> None:
        """Take up councils, or what is new about them."""
        with self._keeping({"council": council_rows(councils)}):
            self.ledger.know(councils)
            self._open = None

    def take(
        self, names: Sequence[str], told: Told, round: int, news: Sequence[Council]
    ) -> list[str]:
        """The proposals of councils (k,), each named once; the outcome of each.

        news : councils among them that are not known, or known otherwise.
        """
        outcomes = self.ledger.outcomes(self.ledger.indices(names), told, round, self.round)
        written = {
            "council": council_rows(news),
            "proposal": proposal_rows(names, round, outcomes, told),
        }
        with self._keeping(written):
            self.ledger.know(news)
            rows = [row for row, outcome in enumerate(outcomes) if outcome in ACCEPTED]
            counted = told if len(rows) == len(names) else told.of(rows)
            self.ledger.put(self.ledger.indices([names[row] for row in rows]), counted, round)
            self._open = None
        return outcomes

    def take_sums(self, told: Told, round: int) -> str:
        """The sums of all councils' proposals; the outcome."""
        outcome = self.ledger.sums_outcome(told, round, self.round)
        with self._keeping({"proposal": proposal_rows([None], round, [outcome], told)}):
            if outcome in ACCEPTED:
                self.ledger.put_sums(told, round)
                self._open = None
        return outcome

    def refuse(self, council: Any, round: Any, reason: str) -> None:
        """Note in the journal that a proposal was refused."""
        name = None if council is None else writable(str(council)[:_LONGEST_NAME])
        number = round if isinstance(round, int) and abs(round) < 2**63 else None
        row = (now(), name, number, REFUSED, writable(reason), None, None, None)
        with self._keeping({"proposal": [row]}):
            pass

    def close(self) -> None:
        """Close the open round with what counts now, and announce the next."""
        standing, goods = self.open_standing(), self.setup.goods
        settled = standing.settled(self.setup.threshold)
        before = {name: np.array(part) for name, part in self.rule.state().items()}
        announced = False
        try:
            # what fits together stands, and is announced again
            price = standing.price if settled else standing.next_price(goods, self.rule)
            worst = standing.worst(goods, 1)
            state = state_to_bytes(self.rule.state())
            row = announcement_row(self.round + 1, price, state, settled, *worst)
            with self._keeping({"announcement": [row]}):
                self.closed, self._open = standing, None
                self.prices.append(price)
            announced = True
        finally:
            if not announced:  # the rule forgets that it was asked
                self.rule.restore(before)

    def change_rule(self, rule: Rule, by_name: bool) -> None:
        """Go by another rule from here on."""
        with self._keeping({"rule": [rule_row(self.round, rule.name, by_name, rule.state())]}):
            self.rule = rule

    # -- inside -------------------------------------------------------------------------------

    def check_whole(self) -> None:
        """Raise BoardError if a change was interrupted between journal and memory."""
        if self._torn:
            how = (
                "it cannot go on"
                if self.journal is None
                else f"Facilitator.open({str(self.journal.path)!r}) goes on where its journal ends"
            )
            raise BoardError(f"the board was interrupted in the middle of a change; {how}")

    @contextmanager
    def _keeping(self, tables: Mapping[str, Iterable[tuple[Any, ...]]]) -> Iterator[None]:
        """Write to the journal, then let memory follow."""
        self._torn = True
        if self.journal is not None:
            try:
                self.journal.write(tables)
            except JournalError:
                self._torn = False
                raise
        yield
        self._torn = False


def writable(text: str) -> str:
    """The text, halves of surrogate pairs written out: no file can hold them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
