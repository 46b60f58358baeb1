"""Which goods consumers with linear utility might buy at prices near those announced.

A sift leaves out every entry whose utility per money is far below the council's best. Councils that
keep one good are settled: they spend their budget on it. The others are open.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._kernels import best_buys as kernel
from parecon.answers._base import Array, Index, Market, SoftAnswer
from parecon.answers.consumers import budget_constant
from parecon.answers.stand_ins import stand_ins
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.families import LinearConsumers

_BUYERS = 5  # of a sample, for each good
_LOOKING, _SOFTENING = 2.0, 10.0  # nanoseconds for an entry


class BestBuys:
    """A sift of a family, or of a few of its councils that stand for all.

    price, window : (n,) prices of the sift; it keeps goods within `window` of the best, in log
        utility per money.
    council : (k,) open councils; budget : (k,) money; rows, value, at : their entries, the values
        of these, and where they stand in the family's data.
    settled : (n,) money that settled councils spend on each good.
    settled_council, settled_at : who they are, and their entry.
    constant : float, money, the part of the dual that prices near these do not move.
    """

    def __init__(self, family: LinearConsumers, scratch: Scratch, few: int = 0) -> None:
        matrix, self.scratch, self.family = family.value, scratch, family
        indptr = np.asarray(matrix.indptr, dtype=np.int64)
        self.start, self.stop = indptr[:-1], indptr[1:]
        self.all_budget = np.ascontiguousarray(family.budget)
        self._constant = budget_constant(self.all_budget)
        if few:
            chosen, times = stand_ins(self.all_budget, few)
            self.start, self.stop = self.start[chosen], self.stop[chosen]
            spent = self.all_budget[chosen] * times
            self.all_budget = spent * (self.all_budget.sum() / spent.sum())
        self.all_idx = np.ascontiguousarray(matrix.indices, dtype=np.int32)
        self.all_value = np.ascontiguousarray(matrix.data)
        self._wanted: NDArray[np.bool_] | None = None

    def sift(self, price: Array, window: float) -> None:
        """Keep what lies within `window` of the best buy at these prices."""
        m, threads = len(self.start), self._threads()
        inverse, floor = 1.0 / price, float(np.exp(-window))
        best, count = np.zeros(m), np.zeros(m, dtype=np.int32)
        data = (self.start, self.stop, self.all_idx, self.all_value, inverse, floor)
        kernel.count_near(*data, best, count, threads)
        self.price, self.window = price.copy(), window
        self.council = np.flatnonzero(count > 1)
        self.at, idx, self.value, first = self._listed(data, best, self.council, count)
        self.settled_council = np.flatnonzero(count == 1)
        self.settled_at = self._listed(data, best, self.settled_council, count)[0]
        self.budget = self.all_budget[self.council]
        self.first = first
        self.rows = Rows.from_indptr(first, idx, self.scratch)
        self._settle()

    def _threads(self) -> int:
        return self.scratch.threads_for(_LOOKING * len(self.all_idx))

    def _listed(
        self, data: tuple[Any, ...], best: Array, council: Index, count: NDArray[np.int32]
    ) -> tuple[Index, NDArray[np.int32], Array, Index]:
        first = np.zeros(len(council) + 1, dtype=np.int64)
        np.cumsum(count[council], out=first[1:])
        near = int(first[-1])
        at, idx, value = np.empty(near, np.int64), np.empty(near, np.int32), np.empty(near)
        kernel.list_near(*data, best, council, first, at, idx, value, self._threads())
        return at, idx, value, first

    def narrow(
        self, keep: NDArray[np.bool_], price: Array, window: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Keep only some of the open entries: all within `window` of the best at these prices.

        The window is to be no wider than what prices have left of the last one. Returns which of
        the open councils, and which of their entries, stay open.
        """
        length = np.add.reduceat(keep, self.first[:-1], dtype=np.int64)
        alone, left = keep & np.repeat(length == 1, np.diff(self.first)), length > 1
        entry = keep & ~alone
        self.settled_council = np.concatenate([self.settled_council, self.council[length == 1]])
        self.settled_at = np.concatenate([self.settled_at, self.at[alone]])
        self.at, self.value, idx = self.at[entry], self.value[entry], self.rows.idx[entry]
        self.council, self.budget = self.council[left], self.budget[left]
        self.first = np.concatenate([[0], np.cumsum(length[left])])
        self.rows = Rows.from_indptr(self.first, idx, self.scratch)
        self.price, self.window = price.copy(), window
        self._settle()
        return left, entry

    def _settle(self) -> None:
        spent, good = self.all_budget[self.settled_council], self.all_idx[self.settled_at]
        self.settled = np.bincount(good, weights=spent, minlength=self.scratch.n_goods)
        worth = float(np.dot(spent, np.log(self.all_value[self.settled_at])))
        self.constant = self._constant + worth

    def settled_quantity(self, price: Array) -> Array:
        """Physical units that each settled council buys of its one good."""
        spent: Array = self.all_budget[self.settled_council] / price[self.all_idx[self.settled_at]]
        return spent

    def moved(self, price: Array) -> float:
        """Spread of the changes of log prices since the sift.

        What was left out is no better than the best of what was kept as long as this is less than
        the window. Prices of goods that no council values do not count.
        """
        change = np.log(price / self.price)
        whole = float(np.ptp(change))
        if whole < self.window:
            return whole
        if self._wanted is None:
            self._wanted = np.zeros(len(price), dtype=bool)
            self._wanted[self.all_idx] = True
        return float(np.ptp(change[self._wanted]))


class SoftenedDemand(SoftAnswer):
    """Linear consumers who mix goods nearly as good as the best: CES of elasticity 1 + 1/t."""

    def __init__(self, buys: BestBuys) -> None:
        self.buys = buys
        self.n_councils, self.n_entries = len(buys.start), int(np.sum(buys.stop - buys.start))

    def sift(self, price: Array, window: float) -> None:
        """Leave out goods further than `window` from a council's best at these prices."""
        self.buys.sift(price, window)
        self.log_value = np.log(self.buys.value)
        self.share = np.empty(len(self.buys.value))
        self.log_cost = np.empty(len(self.buys.council))

    def moved(self, price: Array) -> float:
        """Spread of the changes of log prices since the sift."""
        return self.buys.moved(price)

    def covers(self) -> bool:
        """Of a sample that was sifted with nothing left out: a few buyers for every good."""
        wanted = np.bincount(self.buys.rows.idx, minlength=len(self.buys.price))
        return bool(np.all(wanted >= _BUYERS))

    def respond(self, market: Market) -> None:
        """Spend budgets in the shares g; settled councils on their one good."""
        buys, rows, scratch = self.buys, self.buys.rows, self.buys.scratch
        partial = scratch.partial(rows.blocks, market.n_goods)
        kernel.softened(
            rows.block, rows.start, rows.stop, rows.idx, self.log_value, market.log_price,
            buys.budget, 1.0 / self.temperature, self.share, self.log_cost, partial,
            rows.threads(_SOFTENING),
        )  # fmt: skip
        self.mixed = np.zeros(market.n_goods)
        scratch.add(partial, self.mixed)
        market.demand += self.mixed + buys.settled
        market.dual += buys.constant - float(np.dot(buys.budget, self.log_cost))
        market.dual -= float(np.dot(buys.settled, market.log_price))

    def curvature(self, market: Market, total: Curvature) -> None:
        """P H P = b [ (1 + 1/t) diag(g) - g g'/t ]."""
        buys, steep = self.buys, 1.0 / self.temperature
        total.diagonal += (1.0 + steep) * self.mixed + buys.settled
        total.terms.append(Term(buys.rows, self.share, alpha_in=-steep * buys.budget))

    def proposal(self, market: Market) -> dict[str, Any]:
        """Physical quantities (a sample's are not a plan's)."""
        buys = self.buys
        quantity = np.zeros(len(buys.all_value))
        price = market.price
        spent = np.repeat(buys.budget, np.diff(buys.first)) * self.share
        quantity[buys.at] = spent / price[buys.rows.idx]
        quantity[buys.settled_at] = buys.settled_quantity(price)
        return {"quantity": quantity}
