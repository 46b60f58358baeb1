"""A board's past: what stands in its journal, and what it was set up with."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parecon import rules
from parecon.errors import BoardError, EconomyError, JournalError, RuleError
from parecon.facilitator.checks import Told
from parecon.facilitator.journal import (
    Journal,
    now,
    price_from_bytes,
    price_to_bytes,
    quantities_from_bytes,
    state_from_bytes,
    state_to_bytes,
)
from parecon.facilitator.ledger import Ledger, Word
from parecon.facilitator.records import Array, Council, Imbalance
from parecon.facilitator.setup import Setup
from parecon.rules import CURVATURE, Rule

# what reading makes of bytes that a board did not write
_DAMAGES = (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, EconomyError, BoardError)


@dataclass(frozen=True, eq=False)
class Past:
    """Where a board stood when it was last told or asked something.

    rule : its name.  by_name : whether it was given by name, so that it can be made anew.
    state : what the rule remembered after the last announcement.
    prices : (n,) of each announcement, the last is open.
    closed : what counted when the last round was closed, None in the first round.
    """

    setup: Setup
    rule: str
    by_name: bool
    state: Mapping[str, Any]
    prices: list[Array]
    ledger: Ledger
    closed: Word | None


def first_rows(
    setup: Setup, rule: tuple[Any, ...], price: Array, councils: Iterable[Council]
) -> dict[str, Iterable[tuple[Any, ...]]]:
    """What a new journal begins with; `rule` is a row of that table."""
    return {
        "board": setup.rows(),
        "rule": [rule],
        "council": council_rows(councils),
        "announcement": [announcement_row(1, price, rule[-1])],
    }


def council_rows(councils: Iterable[Council]) -> Iterator[tuple[Any, ...]]:
    """Rows of the table of councils."""
    time = now()
    for council in councils:
        yield time, council.name, council.kind, council.budget


def rule_row(round: int, name: str, by_name: bool, state: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row of the table of rules."""
    return now(), round, name, int(by_name), state_to_bytes(state)


def announcement_row(
    round: int,
    price: Array,
    state: bytes,
    settled: bool = False,
    worst: Imbalance | None = None,
) -> tuple[Any, ...]:
    """A row of the table of announcements."""
    good, imbalance = (None, None) if worst is None else (worst.good, worst.imbalance)
    return now(), round, int(settled), good, imbalance, price_to_bytes(price), state


def read_past(journal: Journal) -> Past:
    """Everything a board needs to go on. Raises JournalError if the journal is damaged."""
    try:
        return _read_past(journal)
    except _DAMAGES as error:
        raise JournalError(f"{journal.path}: the journal is damaged ({error})") from error


def _read_past(journal: Journal) -> Past:
    setup = Setup.from_rows(journal.rows("board", "key, value"))
    n_goods = len(setup.goods)
    prices = [price_from_bytes(raw, n_goods) for (raw,) in journal.rows("announcement", "price")]
    ledger = Ledger(n_goods, setup.policy)
    councils = journal.rows("council", "name, kind, budget")
    ledger.know(Council(*columns) for columns in councils)

    ((last, proposals, state),) = journal.rows("announcement", "round, proposals, state", last=True)
    if last != len(prices):
        raise ValueError(f"{len(prices)} announcements, and the last is number {last}")
    _take_up(ledger, journal.words(0, proposals), n_goods)
    closed = ledger.word(last - 1) if last > 1 else None
    _take_up(ledger, journal.words(proposals, None), n_goods)

    ((since, rule, by_name, first_state),) = journal.rows(
        "rule", "round, name, by_name, state", last=True
    )
    # a rule that came after the last announcement has its own past, if any
    remembered = state_from_bytes(first_state if since == last else state)
    return Past(setup, rule, bool(by_name), remembered, prices, ledger, closed)


def _take_up(ledger: Ledger, words: Sequence[tuple[Any, ...]], n_goods: int) -> None:
    """Put proposals as they stand in the journal into the ledger."""
    for sensed in (False, True):
        some = [w for w in words if w[0] is not None and (w[4] is not None) == sensed]
        councils = ledger.indices([name for name, *_ in some])
        rounds = np.array([answered for _, answered, *_ in some], dtype=np.int64)
        if (councils < 0).any():
            raise ValueError("a proposal by a council that was never registered")
        ledger.put(councils, _told([row for _, _, *row in some], n_goods, sensed), rounds)
    for _, answered, *row in (w for w in words if w[0] is None):
        ledger.put_sums(_told([row], n_goods, row[2] is not None), answered)


def _told(rows: Sequence[Sequence[bytes]], n_goods: int, sensed: bool) -> Told:
    supply, demand, *rest = (
        quantities_from_bytes([row[side] for row in rows], n_goods)
        for side in range(3 if sensed else 2)
    )
    return Told(supply, demand, rest[0] if sensed else None)


def make_rule(rule: Any) -> Rule:
    """The rule; raises RuleError if it is none, BoardError if a board cannot go by it."""
    made = rules.make(rule)
    if CURVATURE in made.sees:
        raise BoardError(
            f"rule {made.name!r} wants councils that answer inquiries; those behind a board answer "
            "prices only"
        )
    return made


def rule_again(journal: Journal, past: Past, rule: Any) -> Rule:
    """The rule of a board that is reopened, with what it remembered.

    rule : the rule again, or None if it was given by name. Raises JournalError if it is another.
    """
    if rule is None and not (past.by_name and past.rule in rules.NAMES):
        raise JournalError(
            f"{journal.path}: the board goes by the rule {past.rule!r}, which is one of your own: "
            "give it to Facilitator.open as well"
        )
    made = make_rule(past.rule if rule is None else rule)
    if made.name != past.rule:
        raise JournalError(
            f"{journal.path}: the board goes by the rule {past.rule!r}, got {made.name!r}; "
            "change_rule changes it once the board is open"
        )
    try:
        made.restore(past.state)
    except RuleError as error:
        raise JournalError(f"{journal.path}: the rule {past.rule!r} refuses: {error}") from error
    return made
