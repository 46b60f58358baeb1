"""Proportional response: bids move in proportion to the utility that each good brought.

    p_i = sum_h bid_hi / e_i ,   x_hi = bid_hi / p_i ,   bid_hi <- b_h t_hi / sum_i t_hi

with t = w x where utilities are linear (Zhang 2011, "Proportional response dynamics in the Fisher
market") and t = a^(1/s) x^(1 - 1/s) where goods are substitutes with elasticity s > 1. Markets
clear in every round, so that its quantities are a plan as they stand. It stops at a gap: Phi at its
prices less welfare, sum_h b_h log(b_h / (c_h(p) u_h(x_h))), looked at every so many rounds.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

import numpy as np

from benchmarks.contestants._base import Answer, Array, Contestant, only
from parecon.economy import Economy
from parecon.families import CESConsumers, LinearConsumers

_LOOK = 1.1
"""Rounds until the next look at the gap, over those until the last."""


class ProportionalResponse(Contestant):
    """In NumPy, one pass over the entries per operation."""

    name: ClassVar[str] = "proportional-response"
    title: ClassVar[str] = "proportional response"

    def lacks(self, economy: Economy) -> str:
        """Fisher markets: one family of consumers, everything endowed."""
        (*families,) = economy.families
        reason = only(economy, LinearConsumers) and only(economy, CESConsumers)
        if reason:
            return "takes one family of linear or CES consumers only"
        (family,) = families
        if family.needs is not None:
            return "knows no needs"
        if isinstance(family, CESConsumers) and np.any(family.elasticity <= 1.0):
            return "elasticities up to 1 among the consumers: takes substitutes only"
        return ""

    def answer(self, economy: Economy, tol: float, limit_s: float) -> Answer:
        """Rounds from even bids."""
        end = time.perf_counter() + limit_s
        market = _market(economy)
        bid, rounds, look = market.even_bids(), 0, 1
        while True:
            price = market.price(bid)
            quantity = bid / price[market.good]
            term, total = market.terms(quantity)
            rounds += 1
            stopped = time.perf_counter() >= end
            if rounds >= look or stopped:
                if stopped or market.gap(price, total) <= tol:
                    break
                look = rounds + max(1, int((_LOOK - 1.0) * rounds))
            bid = term * np.repeat(market.budget / total, market.length)
        return Answer(
            price=price,
            quantities=[{"quantity": quantity}],
            steps=rounds,
            word="time limit" if stopped else "gap reached",
            stopped=stopped,
        )


class _Linear:
    """u = sum w x, c = min p / w."""

    def __init__(self, economy: Economy, matrix: Any) -> None:
        (family,) = economy.families
        self.budget = np.asarray(family.budget)
        self.good, self.first = matrix.indices, matrix.indptr[:-1]
        self.length = np.diff(matrix.indptr)
        self.value = matrix.data
        self.endowment = np.asarray(economy.endowment)

    def even_bids(self) -> Array:
        """(nnz,) the same money for each good that a council values."""
        return np.repeat(self.budget / self.length, self.length)

    def price(self, bid: Array) -> Array:
        """(n,) all bids for a good over what there is of it."""
        total = np.bincount(self.good, weights=bid, minlength=len(self.endowment))
        return total / self.endowment

    def terms(self, quantity: Array) -> tuple[Array, Array]:
        """(nnz,) parts of utility and (H,) their sums."""
        term = self.value * quantity
        return term, np.add.reduceat(term, self.first)

    def gap(self, price: Array, total: Array) -> float:
        """Relative to the budgets."""
        best = np.maximum.reduceat(self.value / price[self.good], self.first)
        return self._gap(np.log(self.budget * best) - np.log(total))

    def _gap(self, lost: Array) -> float:
        return float(self.budget @ lost) / float(self.budget.sum())


class _Substitutes(_Linear):
    """u = (sum a^(1/s) x^(1 - 1/s))^(s/(s - 1)), c = (sum a p^(1-s))^(1/(1-s))."""

    def __init__(self, economy: Economy, matrix: Any) -> None:
        super().__init__(economy, matrix)
        (family,) = economy.families
        self.elasticity = np.asarray(family.elasticity)
        self.bend = np.repeat(1.0 - self.elasticity, self.length)
        self.power = np.repeat(1.0 - 1.0 / self.elasticity, self.length)
        self.share = self.value
        self.value = self.share ** np.repeat(1.0 / self.elasticity, self.length)

    def terms(self, quantity: Array) -> tuple[Array, Array]:
        """See `_Linear.terms`."""
        term = self.value * quantity**self.power
        return term, np.add.reduceat(term, self.first)

    def gap(self, price: Array, total: Array) -> float:
        """See `_Linear.gap`."""
        s = self.elasticity
        cost = np.add.reduceat(self.share * price[self.good] ** self.bend, self.first)
        log_cost, log_utility = np.log(cost) / (1.0 - s), np.log(total) * s / (s - 1.0)
        return self._gap(np.log(self.budget) - log_cost - log_utility)


def _market(economy: Economy) -> _Linear:
    (family,) = economy.families
    if isinstance(family, LinearConsumers):
        return _Linear(economy, family.value)
    return _Substitutes(economy, family.shares)
