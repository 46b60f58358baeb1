"""Who said what: the proposal that each council holds to, and what counts under a policy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.errors import ProposalError, list_some
from parecon.facilitator.checks import Told
from parecon.facilitator.records import (
    CARRY,
    CONSUMERS,
    LATE,
    NEW,
    OTHER,
    OUTCOMES,
    OUTDATED,
    REPEATED,
    REVISED,
    Array,
    Council,
)
from parecon.facilitator.rows import Rows, doubled, same_rows, summed

Index = NDArray[np.int64]

_CODE = {outcome: code for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, eq=False)
class Word:
    """What counts of a round, councils in the order of their names.

    councils : (k,) index into the ledger; empty where sums were told.
    answered : (k,) the announcement each proposal answers.
    supply, demand : (k, n) CSR, physical units; one row where sums were told.
    sensitivity : (n,) summed over councils, physical units, or None unless all told one.
    sensed : (k,) whether each told a sensitivity.
    summed : whether sums were told.
    """

    councils: Index
    answered: Index
    supply: sp.csr_array
    demand: sp.csr_array
    sensitivity: Array | None
    sensed: NDArray[np.bool_]
    summed: bool

    @property
    def empty(self) -> bool:
        """Whether nobody's proposal counts."""
        return not self.summed and not len(self.councils)


class Ledger:
    """The last accepted proposal of every council, and of all councils summed.

    Councils are numbered in the order in which they became known; everything that is added up is
    added in the order of their names, so that sums depend on what was said and not on when.
    """

    def __init__(self, n_goods: int, policy: str) -> None:
        self._n_goods, self._policy = n_goods, policy
        self.councils: list[Council] = []
        self._index: dict[str, int] = {}
        self._by_name: Index | None = None
        self._answered: Index = np.zeros(0, dtype=np.int64)
        self._sensed: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._rows = {side: Rows(n_goods) for side in ("supply", "demand", "sensitivity")}
        self._sums: Told | None = None
        self._sums_round = 0

    # -- councils -----------------------------------------------------------------------------

    def know(self, councils: Iterable[Council]) -> None:
        """Take up councils; a known one is replaced by what is now known of it."""
        for council in councils:
            index = self._index.setdefault(council.name, len(self.councils))
            if index < len(self.councils):
                self.councils[index] = council
            else:
                self.councils.append(council)
                self._by_name = None
        count = len(self.councils)
        self._answered = doubled(self._answered, count)
        self._sensed = doubled(self._sensed, count)
        for rows in self._rows.values():
            rows.reserve(count)

    def find(self, name: str) -> Council | None:
        """The council of this name."""
        index = self._index.get(name)
        return None if index is None else self.councils[index]

    def indices(self, names: Sequence[str]) -> Index:
        """Index of each council, -1 for those not known."""
        return np.array([self._index.get(name, -1) for name in names], dtype=np.int64)

    @property
    def answered(self) -> Index:
        """(councils,) the announcement that each council's proposal answers, 0 for none."""
        return self._answered[: len(self.councils)]

    def missing(self, round: int) -> tuple[str, ...]:
        """Names of the councils that have not answered this announcement."""
        if self._sums_round == round:
            return ()
        silent = np.flatnonzero(self.answered != round)
        return tuple(self.councils[index].name for index in silent.tolist())

    def complete(self, round: int) -> bool:
        """Whether everybody known has answered this announcement, or sums were told."""
        everybody = len(self.councils) > 0 and bool(np.all(self.answered == round))
        return everybody or self._sums_round == round

    # -- what is told -------------------------------------------------------------------------

    def outcomes(self, councils: Index, told: Told, round: int, open_round: int) -> list[str]:
        """What would become of these councils' proposals; nothing is changed.

        councils : (k,) indices, -1 for councils not known yet.
        Raises ProposalError if sums were told in the open round.
        """
        known = councils >= 0
        held = np.zeros(len(councils), dtype=np.int64)
        held[known] = self._answered[councils[known]]
        if round < open_round:
            later = (round > np.maximum(held, self._sums_round)) & (self._policy == CARRY)
            return [LATE if accepted else OUTDATED for accepted in later.tolist()]
        if self._sums_round == round:
            raise ProposalError(
                f"round {round}: the sums of all councils were told already; single proposals "
                "cannot be told in the same round"
            )
        code = np.full(len(councils), _CODE[NEW])
        again = np.flatnonzero(held == round)
        if len(again):
            same = self._same(councils[again], told, again)
            code[again] = np.where(same, _CODE[REPEATED], _CODE[REVISED])
        return [OUTCOMES[i] for i in code.tolist()]

    def _same(self, councils: Index, told: Told, rows: Index) -> NDArray[np.bool_]:
        """(k,) whether councils hold exactly what these rows tell."""
        same = self._sensed[councils] == (told.sensitivity is not None)
        for side, matrix in told.sides():
            same &= same_rows(self._rows[side].take(councils), matrix[rows])
        return same

    def put(self, councils: Index, told: Told, round: int | Index) -> None:
        """Replace the proposals of these councils (k,), each named once.

        round : the announcement they answer, one for all or one for each.
        """
        sides, nothing = dict(told.sides()), sp.csr_array((len(councils), self._n_goods))
        for side, rows in self._rows.items():
            rows.put(councils, sides.get(side, nothing))
        self._sensed[councils] = told.sensitivity is not None
        self._answered[councils] = round

    def sums_outcome(self, told: Told, round: int, open_round: int) -> str:
        """What would become of the sums of all councils; nothing is changed.

        Raises ProposalError if a single proposal was told in the open round.
        """
        latest = int(self.answered.max(initial=0))
        if round < open_round:
            later = round > max(latest, self._sums_round)
            return LATE if later and self._policy == CARRY else OUTDATED
        if latest == round:
            spoke = np.flatnonzero(self.answered == round)
            names = (repr(self.councils[index].name) for index in spoke.tolist())
            raise ProposalError(
                f"round {round}: single proposals were told already, by "
                f"{list_some(names, len(spoke))}; sums cannot be told in the same round"
            )
        if self._sums is None or self._sums_round != round:
            return NEW
        return REPEATED if _identical(self._sums, told) else REVISED

    def put_sums(self, told: Told, round: int) -> None:
        """Replace the sums; single proposals that are older count no more."""
        self._sums, self._sums_round = told, round

    # -- what counts --------------------------------------------------------------------------

    def word(self, round: int) -> Word:
        """What counts of this round.

        The answers to its announcement; under "carry" everybody's last one. Sums stand for
        everybody until a later single proposal replaces them.
        """
        since = self.answered > self._sums_round
        carried = self._policy == CARRY
        if self._sums is not None and not since.any() and (carried or self._sums_round == round):
            return self._word_of_sums(self._sums)
        counts = since if carried else since & (self.answered == round)
        order = self._order()
        councils = order[counts[order]]
        sensed = self._sensed[councils]
        return Word(
            councils=councils,
            answered=self._answered[councils],
            supply=self._rows["supply"].take(councils),
            demand=self._rows["demand"].take(councils),
            sensitivity=(
                summed(self._rows["sensitivity"].take(councils))
                if len(councils) and sensed.all()
                else None
            ),
            sensed=sensed,
            summed=False,
        )

    def budget(self, word: Word) -> float | None:
        """Sum of the budgets of the consumers that count, money.

        None where one is not known, or somebody consumes of whom the board does not know what it
        is.
        """
        if word.empty or word.summed:
            return None
        councils = [self.councils[index] for index in word.councils.tolist()]
        consumers = [council for council in councils if council.kind == CONSUMERS]
        budgets = [council.budget for council in consumers if council.budget is not None]
        other = np.array([council.kind == OTHER for council in councils])
        uses = (np.diff(word.demand.indptr) > 0) & (np.diff(word.supply.indptr) == 0)
        if not budgets or len(budgets) < len(consumers) or (other & uses).any():
            return None
        return math.fsum(budgets)

    def _word_of_sums(self, sums: Told) -> Word:
        nobody = np.zeros(0, dtype=np.int64)
        return Word(
            councils=nobody,
            answered=nobody,
            supply=sums.supply,
            demand=sums.demand,
            sensitivity=None if sums.sensitivity is None else summed(sums.sensitivity),
            sensed=np.zeros(0, dtype=bool),
            summed=True,
        )

    def _order(self) -> Index:
        """Indices of all councils in the order of their names."""
        if self._by_name is None:
            names = [council.name for council in self.councils]
            self._by_name = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
        return self._by_name


def _identical(a: Told, b: Told) -> bool:
    if (a.sensitivity is None) != (b.sensitivity is None):
        return False
    pairs: Any = zip(a.sides(), b.sides(), strict=True)
    return all(bool(same_rows(mine, yours).all()) for (_, mine), (_, yours) in pairs)
