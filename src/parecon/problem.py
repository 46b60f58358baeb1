"""An economy compiled for the solvers.

Answers, one market, and the measures that say how far from a plan it is.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parecon.answers import (
    Answer,
    InnerAnswer,
    Market,
    best_answers,
    compile_family,
    is_smooth,
)
from parecon.curvature import Curvature, Scratch
from parecon.economy import Economy
from parecon.families import Family

if TYPE_CHECKING:
    from parecon.sparse_system import SparseSystem

Array = NDArray[np.float64]

# times the budgets: the dual of a plan is worth some logarithms of them, never so little
_ABYSS = 1e3
_PATIENCE = 15  # iterations before a value below zero is taken for a sign


@dataclass(frozen=True)
class Measures:
    """Worst relative values at one set of prices; formulas in `parecon.plan`."""

    shortage: float
    surplus: float
    zero_profit: float


class Problem:
    """What the algorithms see of an economy.

    outright : councils with a best level at any prices say it, and own no unknowns.
    groups : per family its answers.
    answers : all of them; inner : those with unknowns of their own.
    market : the announcement.
    needs : (n,) physical units owed in kind; total_budget : money.
    sparse_system : kept by the solvers, because to analyse which goods are coupled takes time.
    """

    def __init__(self, economy: Economy, n_threads: int, *, outright: bool = False) -> None:
        self.n_threads = n_threads
        self.n_goods = economy.n_goods
        self.outright = outright
        self.scratch = Scratch(self.n_goods, n_threads)
        self.sparse_system: SparseSystem | None = None
        self._take(economy, [self._compiled(family) for family in economy.families])

    def _compiled(self, family: Family) -> list[Answer]:
        group = compile_family(family, self.scratch)
        return best_answers(group) if self.outright else group

    def changed(self, economy: Economy) -> Problem:
        """The problem of an economy that shares families with this one.

        Their answers are taken over, only what differs is compiled; this problem is not to be used
        any more.
        """
        same = zip(economy.families, self.economy.families, self.groups, strict=True)
        groups = [group if new is old else self._compiled(new) for new, old, group in same]
        self._take(economy, groups)
        return self

    def _take(self, economy: Economy, groups: list[list[Answer]]) -> None:
        self.economy = economy
        self.groups = groups
        self.answers: list[Answer] = [answer for group in self.groups for answer in group]
        self.inner = [answer for answer in self.answers if isinstance(answer, InnerAnswer)]
        self.smooth = is_smooth(self.groups)
        self.needs = total_needs(economy)
        self.total_budget = float(economy.total_budget)
        self.may_be_infeasible = True
        self.market = Market(np.asarray(economy.endowment), self.needs, self.scratch)

    def with_answers(self, groups: list[list[Answer]]) -> Problem:
        """A problem with other answers in place of this one's, and a market of its own."""
        other = copy(self)
        other._take(self.economy, groups)
        return other

    def inner_labels(self) -> list[str]:
        """Labels of the families that own unknowns besides prices."""
        return [
            str(family.label)
            for family, group in zip(self.economy.families, self.groups, strict=True)
            if any(isinstance(answer, InnerAnswer) for answer in group)
        ]

    def respond(self, price: Array) -> Market:
        """Announce prices and collect every answer."""
        market = self.market
        market.announce(price)
        for answer in self.answers:
            answer.respond(market)
        return market

    def curvature(self) -> Curvature:
        """Curvature at the prices last answered."""
        total = Curvature(self.n_goods)
        for answer in self.answers:
            answer.curvature(self.market, total)
        return total

    def measures(self) -> Measures:
        """Shortage, surplus and zero-profit residual of the answers, in values at their prices."""
        supply, demand = self.market.supply, self.market.demand
        larger = np.maximum(np.maximum(supply, demand), 1e-300)
        shortage = float(np.max((demand - supply) / larger, initial=0.0))
        floor = np.maximum(demand, self.total_budget / self.n_goods)
        surplus = float(np.max((supply - demand) / floor, initial=0.0))
        return Measures(shortage, surplus, self.market.zero_profit)

    def looks_infeasible(self, iteration: int) -> bool:
        """Whether all that exists and can be made is worth less than what is owed in kind.

        All at the prices last answered. Consumers spend their budgets, so that supply less demand,
        plus the budgets, is the value of everything beyond needs. Below zero it says that no plan
        exists, if it stays there (the value is not that of the best proposals): a hint, to be
        proved by `parecon.infeasibility`.
        """
        if not (self.may_be_infeasible and self.needs.any()):
            return False
        beyond = float(np.sum(self.market.supply) - np.sum(self.market.demand)) + self.total_budget
        depth = -self.market.dual / self.total_budget
        return beyond < 0.0 and (depth > _ABYSS or (depth > _PATIENCE and iteration >= _PATIENCE))


def total_needs(economy: Economy) -> Array:
    """(n,) sum over consumer councils of what is delivered in kind, physical units."""
    needs = np.zeros(economy.n_goods)
    for family in economy.families:
        matrix = getattr(family, "needs", None)
        if matrix is not None:
            needs += np.asarray(matrix.sum(axis=0)).ravel()
    return needs
