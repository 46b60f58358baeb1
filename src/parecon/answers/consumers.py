"""Answers of consumer councils whose demand is a smooth function of prices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from parecon._kernels import ces as kernel
from parecon.answers._base import Answer, Array, CondensedAnswer, Market
from parecon.answers.stand_ins import entries_of, stand_ins, wanted
from parecon.curvature import NO_GOOD, NONE, Curvature, Rows, Scratch, Term

_EACH = 4.0  # nanoseconds for an entry
_NO_WORKER = np.empty((0, 0))
_MAX_CLASSES = 256
_GLANCE = 4096  # rows looked at to find the classes
_HANDFUL = 32
_NEAR_ONE = 0.05  # |1 - s| below which tables hold expm1(.)/(1-s), see the kernel


def budget_constant(budget: Array) -> float:
    """sum b (log b - 1), the part of the dual that no price moves."""
    return float(np.sum(budget * (np.log(budget) - 1.0)))


def _classes(elasticity: Array) -> tuple[Array, NDArray[np.intp] | NDArray[np.uint8]]:
    """Different values in order, and which of them each row has.

    Sorting a million rows takes far longer than comparing them with a handful of values, as seen in
    some thousand of the rows.
    """
    values = np.unique(elasticity[:: max(1, len(elasticity) // _GLANCE)])
    if len(values) <= _HANDFUL:
        kind = np.zeros(len(elasticity), dtype=np.uint8)
        for value in values[1:]:
            kind += elasticity >= value
        if np.array_equal(values[kind], elasticity):
            return values, kind
    values, rank = np.unique(elasticity, return_inverse=True)
    return values, rank


class ElasticityClasses:
    """Table of p^(1-s) per elasticity class, for the CES kernel.

    Rows with more than 256 different elasticities get one class that makes the kernel answer entry
    by entry.
    """

    def __init__(self, elasticity: Array) -> None:
        self.elasticity = np.ascontiguousarray(elasticity)
        values, kind = _classes(self.elasticity)
        self.alone = len(values) > _MAX_CLASSES
        self.values = values[:1] if self.alone else values
        self.kind = (np.zeros_like(kind) if self.alone else kind).astype(np.uint8)

    def table(self, log_price: Array) -> tuple[Array, Array]:
        """(classes, n) table and (classes, 4) forms at these prices."""
        table = np.zeros((len(self.values), len(log_price)))
        form = np.zeros((len(self.values), 4))
        if self.alone:
            return table, form
        centre = 0.5 * (float(log_price.max()) + float(log_price.min()))
        relative = log_price - centre
        for k, s in enumerate(self.values):
            power = 1.0 - s
            if power == 0.0:
                table[k], form[k] = relative, (1.0, 0.0, centre, 0.0)
            elif abs(power) < _NEAR_ONE:
                np.expm1(power * relative, out=table[k])
                table[k] /= power
                form[k] = (1.0, power, centre, 0.0)
            else:
                # what overflows sends its rows to the kernel's safe path
                with np.errstate(over="ignore"):
                    np.exp(np.maximum(power * relative, -700.0), out=table[k])
                form[k] = (0.0, 1.0, centre, 1.0 / power)
        return table, form


class CESRows:
    """Unit costs and cost shares of CES aggregates over sparse rows.

    Shared by consumers and workers.
    """

    def __init__(
        self, coef: csr_array, elasticity: Array, scratch: Scratch, out: NDArray[np.int32] = NO_GOOD
    ) -> None:
        self.rows = Rows.from_indptr(coef.indptr, coef.indices, scratch, out)
        self.indptr = np.ascontiguousarray(coef.indptr, dtype=np.int64)
        self.coef = np.ascontiguousarray(coef.data)
        self.classes = ElasticityClasses(elasticity)
        self.log_cost = np.empty(len(elasticity))
        self.bend: Array | None = None
        self._share: Array | None = None
        self._market: Market | None = None

    def answer(self, market: Market, spending: Array, worker: Array = _NO_WORKER) -> Array:
        """Fill `log_cost` (and workers' `spending`); return the value bought per good (n,).

        Where sensitivities are wanted the diagonal of the curvature goes to `bend` (n,).
        """
        scratch, rows = self.rows.scratch, self.rows
        self._market, self._share = market, None
        width = market.n_goods * (2 if market.wants_sensitivity else 1)
        partial = scratch.partial(rows.blocks, width)
        if self.classes.alone or self._call(market, spending, worker, NONE, partial):
            # rows far from the others: answered one by one, which needs room for their shares
            partial = scratch.partial(rows.blocks, width)
            self._share = np.empty(len(self.coef))
            self._call(market, spending, worker, self._share, partial)
        sums = np.zeros(width)
        scratch.add(partial, sums)
        if not market.wants_sensitivity:
            self.bend = None
            return sums
        bought, self.bend = sums.reshape(-1, 2).T.copy()
        return bought

    def price_rows(self, market: Market) -> None:
        """Fill `log_cost` and `share` without adding anything up."""
        spending = np.zeros(len(self.rows))
        self._share = np.empty(len(self.coef))
        self._call(market, spending, _NO_WORKER, self._share, np.empty((0, market.n_goods)))

    @property
    def share(self) -> Array:
        """(nnz,) cost shares at the prices last answered.

        Worked out when first asked for: a line search only wants sums.
        """
        if self._share is None:
            if self._market is None:
                raise RuntimeError("no prices have been answered yet")
            self.price_rows(self._market)
        return NONE if self._share is None else self._share

    def _call(
        self, market: Market, spending: Array, worker: Array, share: Array, partial: Array
    ) -> int:
        table, form = self.classes.table(market.log_price)
        rows = self.rows
        return int(
            kernel.response(
                rows.block, self.indptr, rows.idx, self.coef, self.classes.kind, table, form,
                self.classes.elasticity, market.log_price, worker,
                rows.out if len(worker) else NO_GOOD, spending, self.log_cost, share, partial,
                rows.threads(_EACH),
            )
        )  # fmt: skip

    def weighted_share(self, weight: Array, bought: Array) -> Array:
        """(n,) sum_j s_j weight_j share_j, the diagonal of the curvature.

        bought : (n,) the sum without s.
        """
        elasticity = self.classes.elasticity
        if len(elasticity) and elasticity.min() == elasticity.max():
            return elasticity[0] * bought
        total = np.zeros(self.rows.scratch.n_goods)
        self.rows.scatter(self.share, elasticity * weight, total)
        return total

    def quantity(self, market: Market, spending: Array) -> Array:
        """(nnz,) physical quantities bought when row j spends spending_j."""
        length = self.rows.stop - self.rows.start
        return np.repeat(spending, length) * self.share / market.price[self.rows.idx]


class CobbDouglasSpending(Answer):
    """Cobb-Douglas consumers.

    Their spending on every good is constant, so one vector answers for all of them.
    """

    def __init__(self, budget: Array, shares: csr_array, scratch: Scratch) -> None:
        self.budget, self.shares = budget, shares
        self.spending = np.zeros(scratch.n_goods)
        rows = Rows.from_indptr(shares.indptr, shares.indices, scratch)
        rows.scatter(shares.data, budget, self.spending)
        self.constant = budget_constant(budget)

    def respond(self, market: Market) -> None:
        """Demand value sum b a, log c = sum a log p."""
        market.demand += self.spending
        market.dual += self.constant - float(np.dot(self.spending, market.log_price))

    def curvature(self, market: Market, total: Curvature) -> None:
        """P H P = b diag(a)."""
        total.diagonal += self.spending

    def proposal(self, market: Market) -> dict[str, Any]:
        """x = b a / p."""
        length = np.diff(self.shares.indptr)
        quantity = np.repeat(self.budget, length) * self.shares.data
        quantity /= market.price[self.shares.indices]
        return {"quantity": quantity}


class CESDemand(Answer):
    """CES consumers, elasticity 0 (Leontief) to 100: P H P = b [ s diag(g) + (1-s) g g' ]."""

    def __init__(self, budget: Array, coef: csr_array, elasticity: Array, scratch: Scratch) -> None:
        # the kernel's spending is an output for workers, hence writable
        self.budget = np.array(budget)
        self.ces = CESRows(coef, elasticity, scratch)
        self.constant = budget_constant(budget)
        self.alpha = budget * (1.0 - elasticity)
        self._few: CondensedDemand | None = None

    def respond(self, market: Market) -> None:
        """Spend the budget in the shares g."""
        self.bought = self.ces.answer(market, self.budget)
        market.demand += self.bought
        market.dual += self.constant - float(np.dot(self.budget, self.ces.log_cost))

    def curvature(self, market: Market, total: Curvature) -> None:
        """Diagonal s b g and one rank-one term per council."""
        total.diagonal += self.ces.weighted_share(self.budget, self.bought)
        total.terms.append(Term(self.ces.rows, self.ces.share, alpha_in=self.alpha))

    def add_sensitivity(self, market: Market, total: Array) -> None:
        """The diagonal of the curvature; summed with the answer where that was wanted."""
        if self.ces.bend is None:
            super().add_sensitivity(market, total)
        else:
            total += self.ces.bend

    def condensed(self) -> CondensedAnswer | None:
        """Councils of large budgets, and of the others a few with larger ones."""
        ces, n_goods = self.ces, self.ces.rows.scratch.n_goods
        count = wanted(len(self.budget), len(ces.coef), n_goods)
        if self._few is None and count > 0:
            chosen, factor = stand_ins(self.budget, count)
            indptr, entry = entries_of(ces.indptr, chosen)
            rows = (ces.coef[entry], ces.rows.idx[entry], indptr)
            coef = csr_array(rows, shape=(len(chosen), n_goods))
            budget = self.budget[chosen] * factor
            elasticity = ces.classes.elasticity[chosen]
            self._few = CondensedDemand(budget, coef, elasticity, ces.rows.scratch)
        return self._few

    def proposal(self, market: Market) -> dict[str, Any]:
        """x_i = b g_i / p_i."""
        return {"quantity": self.ces.quantity(market, self.budget)}


class CondensedDemand(CondensedAnswer, CESDemand):
    """A few CES consumers that stand for many.

    rest : (n,) spending on goods that none of the few buys, money.
    """

    rest: Array

    def complete(self, market: Market, whole: CESDemand) -> None:
        """Keep as constant spending what all councils spend on goods that none of the few buys."""
        self.rest = np.where(self.ces.answer(market, self.budget) > 0.0, 0.0, whole.bought)

    def respond(self, market: Market) -> None:
        """Spend the budgets and the rest."""
        super().respond(market)
        market.demand += self.rest
        market.dual -= float(np.dot(self.rest, market.log_price))

    def curvature(self, market: Market, total: Curvature) -> None:
        """Of the few, and b diag(a) of the rest."""
        super().curvature(market, total)
        total.diagonal += self.rest
