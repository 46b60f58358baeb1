"""A facilitation board that others drive: it announces prices, adds up proposals, adjusts prices.

It never sees a utility or a technology, only quantities that somebody proposes, and it has no
discretion: the same proposals give the same prices, to the last bit, in whatever order they came
and however often the board was stopped and reopened in between.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from parecon import rules
from parecon.errors import BoardError, ProposalError, list_some
from parecon.facilitator.checks import (
    EVERYBODY,
    council_told,
    distinct,
    endowment_from,
    prices_from,
    round_told,
    told_by_many,
    told_by_one,
)
from parecon.facilitator.delivery import delivered
from parecon.facilitator.journal import Journal
from parecon.facilitator.ledger import Ledger
from parecon.facilitator.proceedings import Proceedings
from parecon.facilitator.records import (
    CARRY,
    WAIT,
    Announcement,
    Array,
    BoardStatus,
    Council,
    Delivered,
    Receipt,
    Receipts,
)
from parecon.facilitator.replay import first_rows, make_rule, read_past, rule_again, rule_row
from parecon.facilitator.setup import Setup
from parecon.facilitator.standing import WORST_SHOWN, remark
from parecon.goods import Goods
from parecon.rules import Rule, Sums

RuleLike: TypeAlias = str | Rule | type[Rule] | Callable[[Sums], Any]
Quantities: TypeAlias = Mapping[str, float] | ArrayLike | None


class Facilitator:
    """A facilitation board, driven by ask and tell.

    goods : Goods, or names.
    start_price : float, (n,) or {good: price}; the first prices, > 0, money per unit.
    rule : str, Rule, class or function; how prices are adjusted (`parecon.rules`). Not "newton",
        which wants councils that answer inquiries.
    endowment : (n,) or {good: quantity}; what exists without anybody making it, physical units.
    councils : those expected to answer; others become known by their first proposal.
    policy : what to do about councils that have not answered when a round is closed: "carry" their
        last proposal forward; "leave out", so that they count as proposing nothing; "wait", so that
        the round cannot be closed. A council that has never spoken counts as nothing.
    threshold : float > 0; proposals fit together once |2 (S - D) / (S + D)| of every good is below.
    journal : path of an SQLite file, to be made, in which everything stands before a call returns;
        without one the board is gone with the process.

    Raises BoardError, EconomyError, RuleError or JournalError. Threads may share a board.
    """

    def __init__(
        self,
        goods: Goods | Sequence[str],
        start_price: float | ArrayLike | Mapping[str, float],
        rule: RuleLike = rules.DEFAULT,
        *,
        endowment: Quantities = None,
        councils: Iterable[Council] | None = None,
        policy: str = CARRY,
        threshold: float = 0.05,
        journal: str | os.PathLike[str] | None = None,
    ) -> None:
        goods = goods if isinstance(goods, Goods) else Goods(goods)
        setup = Setup(goods, endowment_from(goods, endowment), policy, threshold)
        price, made = prices_from(goods, start_price), make_rule(rule)
        known = distinct(() if councils is None else councils, BoardError)
        ledger = Ledger(len(goods), policy)
        ledger.know(known)
        kept = None
        if journal is not None:
            row = rule_row(1, made.name, isinstance(rule, str), made.state())
            kept = Journal.create(journal, first_rows(setup, row, price, known))
        self._begin(Proceedings(setup, made, [price], ledger, None, kept))

    @classmethod
    def open(cls, journal: str | os.PathLike[str], rule: RuleLike | None = None) -> Facilitator:
        """The board that left this journal, as it stood after the last call that returned.

        rule : the rule again, where it was not given by name; it gets back what it remembered.
        Raises JournalError where the file is missing, foreign, damaged, of a newer format or open
        by another board, or the rule is not the one it went by.
        """
        kept = Journal.open(journal)
        opened = False
        try:
            past = read_past(kept)
            made = rule_again(kept, past, rule)
            opened = True
        finally:
            if not opened:
                kept.close()
        board = cls.__new__(cls)
        board._begin(Proceedings(past.setup, made, past.prices, past.ledger, past.closed, kept))
        return board

    def _begin(self, state: Proceedings) -> None:
        self._state, self._lock, self._shut = state, threading.RLock(), False

    # -- what is announced --------------------------------------------------------------------

    @property
    def goods(self) -> Goods:
        """The goods."""
        return self._state.setup.goods

    @property
    def endowment(self) -> Array:
        """(n,) physical units, read-only."""
        return self._state.setup.endowment

    @property
    def policy(self) -> str:
        """What is done about councils that have not answered."""
        return self._state.setup.policy

    @property
    def threshold(self) -> float:
        """Imbalance below which proposals fit together."""
        return self._state.setup.threshold

    @property
    def rule(self) -> str:
        """Name of the rule that adjusts prices."""
        return self._state.rule.name

    @property
    def round(self) -> int:
        """The open round, 1 for the first."""
        return self._state.round

    @property
    def price(self) -> Array:
        """(n,) prices of the open round, money per unit, read-only."""
        return self._state.prices[-1]

    @property
    def prices(self) -> Array:
        """(rounds, n) prices of every announcement, money per unit."""
        with self._lock:
            return np.array(self._state.prices)

    @property
    def councils(self) -> tuple[Council, ...]:
        """Everybody known, in the order in which they became known."""
        with self._lock:
            return tuple(self._state.ledger.councils)

    @property
    def settled(self) -> bool:
        """Whether the proposals of the last closed round fit together within the threshold."""
        with self._lock:
            return self._state.settled

    # -- ask ----------------------------------------------------------------------------------

    def ask(self) -> Announcement:
        """The announcement to answer.

        Where everybody known has answered the open one, or sums were told, its round is closed,
        prices are adjusted and the next is announced; otherwise it is announced again.
        """
        with self._working() as state:
            if state.ledger.complete(state.round):
                state.close()
            return self._announcement()

    def adjust(self) -> Announcement:
        """Close the open round now, whoever has answered, and announce the next.

        Raises BoardError under the policy "wait" while somebody is missing.
        """
        with self._working() as state:
            if self.policy == WAIT and not state.ledger.complete(state.round):
                missing = state.ledger.missing(state.round)
                names = list_some(map(repr, missing), len(missing)) or "a first proposal"
                raise BoardError(f"round {state.round}: the board waits for {names}")
            state.close()
            return self._announcement()

    def _announcement(self) -> Announcement:
        closed = self._state.closed
        worst = () if closed is None else closed.worst(self.goods, 1)
        return Announcement(
            round=self.round,
            goods=self.goods,
            price=self.price,
            settled=self._state.settled,
            worst_good=worst[0].good if worst else None,
            worst_imbalance=(
                float("nan") if closed is None else float(closed.imbalance.max(initial=0.0))
            ),
            missing=self._state.ledger.missing(self.round),
        )

    # -- tell ---------------------------------------------------------------------------------

    def tell(
        self,
        council: str,
        *,
        supply: Quantities = None,
        demand: Quantities = None,
        sensitivity: Quantities = None,
        round: int | None = None,
        kind: str | None = None,
        budget: float | None = None,
    ) -> Receipt:
        """A council's proposal: what it would make and what it would use at announced prices.

        supply, demand : {good: quantity >= 0} or (n,), physical units; None: nothing.
        sensitivity : the same, d(supply - demand)/d log price of the good itself, >= 0, if known.
        round : the announcement it answers; None: the open one. A proposal for an earlier one is
            late: under "carry" it counts unless the council has answered a later one.
        kind, budget : what is new about the council, see `Council`.

        Raises ProposalError naming council and good; then nothing has changed.
        """
        with self._working() as state, self._judging(council, round):
            known = state.ledger.find(council) if isinstance(council, str) else None
            named = council_told(council, known, kind, budget)
            who = f"council {council!r}"
            answered = round_told(round, state.round, who)
            told = told_by_one(self.goods, who, supply, demand, sensitivity)
            (outcome,) = state.take([council], told, answered, [] if named == known else [named])
            price = state.prices[answered - 1]
            flag = remark(named, *(float((side @ price)[0]) for side in (told.supply, told.demand)))
            return Receipt(council, answered, outcome, () if flag is None else (flag,))

    def tell_many(
        self,
        councils: Iterable[str],
        supply: Any,
        demand: Any,
        sensitivity: Any = None,
        round: int | None = None,
    ) -> Receipts:
        """Proposals of many councils, all of them taken or none.

        councils : (k,) names.  supply, demand, sensitivity : (k, n) dense or SciPy-sparse, or None
            for nothing; otherwise as `tell`.
        """
        with self._working() as state, self._judging(None, round):
            names = list(councils)
            known = [state.ledger.find(name) or council_told(name, None) for name in names]
            distinct(known, ProposalError)
            answered = round_told(round, state.round, f"{len(names):,} councils")
            told = told_by_many(self.goods, names, supply, demand, sensitivity)
            news = [council for council in known if state.ledger.find(council.name) is None]
            outcomes = state.take(names, told, answered, news)
            price = state.prices[answered - 1]
            values = (told.supply @ price).tolist(), (told.demand @ price).tolist()
            flags = [flag for flag in map(remark, known, *values) if flag is not None]
            return Receipts(len(names), answered, dict(Counter(outcomes)), tuple(flags))

    def tell_sums(
        self,
        supply: Quantities,
        demand: Quantities,
        sensitivity: Quantities = None,
        round: int | None = None,
    ) -> Receipt:
        """The proposals of all councils, summed; the endowment is not among them.

        Single proposals cannot be told in the same round. Otherwise as `tell`.
        """
        with self._working() as state, self._judging(None, round):
            answered = round_told(round, state.round, EVERYBODY)
            told = told_by_one(self.goods, EVERYBODY, supply, demand, sensitivity)
            return Receipt(None, answered, state.take_sums(told, answered))

    def register(self, councils: Iterable[Council]) -> None:
        """Expect answers of these councils too, or replace what is known of them."""
        with self._working() as state:
            state.know(distinct(councils, BoardError))

    def change_rule(self, rule: RuleLike) -> None:
        """Adjust prices by another rule from the open round on."""
        with self._working() as state:
            state.change_rule(make_rule(rule), isinstance(rule, str))

    # -- where things stand -------------------------------------------------------------------

    def sums(self) -> Sums:
        """Prices, supply (with the endowment), demand and, if all told them, sensitivities.

        Of the open round once everybody has answered it, otherwise of the last that was closed
        (before the first was: of the open one as far as told); so for all that follows.
        """
        with self._working() as state:
            return state.standing().sums

    def imbalance(self) -> Array:
        """(n,) |2 (S - D) / (S + D)|, from 0 to 2; 0 where there is neither."""
        with self._working() as state:
            return state.standing().imbalance.copy()

    def flags(self) -> tuple[str, ...]:
        """Worker councils that cost more than they benefit, consumer councils over their budgets.

        At the prices that each proposal answered, with the numbers.
        """
        with self._working() as state:
            councils = state.ledger.councils
            return tuple(state.standing().flags(councils, lambda r: state.prices[r - 1]))

    def advice(self) -> tuple[str, ...]:
        """What would help the next rounds: who could tell sensitivities, which rule is faster."""
        with self._working() as state:
            return tuple(state.standing().advice(state.ledger.councils, state.rule))

    def status(self) -> BoardStatus:
        """How far the proposals are from fitting together, and who is missing."""
        with self._working() as state:
            standing = state.standing()
            short = np.maximum(standing.sums.excess_demand, 0.0)
            return BoardStatus(
                round=standing.round,
                open_round=state.round,
                settled=state.settled,
                counting=len(standing.word.councils),
                known=len(state.ledger.councils),
                missing=state.ledger.missing(state.round),
                worst=standing.worst(self.goods, WORST_SHOWN),
                shortage_value=float(standing.price @ short),
                use_value=float(standing.price @ standing.sums.demand),
            )

    def deliver(self) -> Delivered:
        """The feasible plan of the round: what fraction of each proposal can be delivered.

        Who asked for more than a known budget covers counts with what it covers.

        Raises BoardError where only sums were told, or nothing.
        """
        with self._working() as state:
            return delivered(
                state.standing(),
                self.goods,
                state.ledger.councils,
                self.endowment,
                lambda round: state.prices[round - 1],
            )

    # -- the end ------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the journal; the board takes no more calls."""
        with self._lock:
            self._shut = True
            if self._state.journal is not None:
                self._state.journal.close()

    def __enter__(self) -> Facilitator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"Facilitator: round {self.round}, {len(self.goods):,} goods, "
            f"{len(self._state.ledger.councils):,} councils, rule {self.rule!r}, "
            f"policy {self.policy!r}{', settled' if self.settled else ''}"
        )

    @contextmanager
    def _working(self) -> Iterator[Proceedings]:
        """One call at a time, on a board that is open and in one piece."""
        with self._lock:
            if self._shut:
                raise BoardError("the board is closed")
            self._state.check_whole()
            yield self._state

    @contextmanager
    def _judging(self, council: Any, round: Any) -> Iterator[None]:
        """What is refused is written down too."""
        try:
            yield
        except ProposalError as error:
            self._state.refuse(council, round, str(error))
            raise
