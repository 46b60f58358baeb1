"""Answers of worker councils with clearly decreasing returns and no capacity.

Their output is a smooth function of prices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from parecon._kernels import loglinear as kernel
from parecon.answers._base import Answer, Array, Index, Market, add_at, revenue_above
from parecon.answers.consumers import CESRows
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.families import CobbDouglasWorkers

_EACH, _ENTROPY = 2.0, 10.0  # nanoseconds for an entry


class CobbDouglasOutput(Answer):
    """Cobb-Douglas workers, with effort.

    They choose max p_o q - p.x - k_s e^k with q = A prod x^b e^c (DESIGN section 3). With
    D = 1 - sum b - c/k the value of output V = p_o q is

        log V = [ log A + sum b log b + (c/k) log(c/(k k_s)) + log p_o - sum b log p ] / D ;

    inputs cost b V, profit is D V.
    """

    def __init__(self, family: CobbDouglasWorkers, scratch: Scratch) -> None:
        exponents: csr_array = family.exponents
        b = exponents.data
        self.family = family
        self.rows = Rows.from_indptr(
            exponents.indptr,
            exponents.indices,
            scratch,
            np.ascontiguousarray(family.output_good, dtype=np.int32),
        )
        self.indptr = np.ascontiguousarray(exponents.indptr, dtype=np.int64)
        self.exponent = np.ascontiguousarray(b)
        row_sum, entropy = np.empty(len(self.indptr) - 1), np.empty(len(self.indptr) - 1)
        kernel.row_sums(self.indptr, self.exponent, row_sum, entropy, self.rows.threads(_ENTROPY))
        constant = np.log(family.productivity) + entropy
        slack = 1.0 - row_sum
        if family.effort is not None:
            ratio = family.effort.exponent / family.effort.power
            slack = slack - ratio
            with np.errstate(divide="ignore", invalid="ignore"):
                log_part = ratio * np.log(ratio / family.effort.scale)
            constant = constant + np.where(ratio > 0.0, log_part, 0.0)
        self.slack = slack
        self.power = 1.0 / slack
        self.constant = constant * self.power
        self.value = np.empty(len(slack))
        self.bend: Array | None = None

    def respond(self, market: Market) -> None:
        """Value of output by one row product and one exp per council."""
        rows, n = self.rows, market.n_goods
        # with its bend, which stands behind each sum, where sensitivities are wanted
        width = 2 if market.wants_sensitivity else 1
        partial = rows.scratch.partial(rows.blocks, 2 * n * width)
        kernel.response(
            rows.block, self.indptr, rows.idx, self.exponent, self.constant, self.power, rows.out,
            market.log_price, self.value, partial, rows.threads(_EACH),
        )  # fmt: skip
        sums = np.zeros(2 * n * width)
        rows.scratch.add(partial, sums)
        used, made = sums.reshape(2, n, width)
        self.used, self.made = used[:, 0], made[:, 0]
        self.bend = used[:, 1] + made[:, 1] if market.wants_sensitivity else None
        market.demand += self.used
        market.supply += self.made
        market.dual += float(np.dot(self.slack, self.value))

    def curvature(self, market: Market, total: Curvature) -> None:
        """P H P = V [ (e_o - b)(e_o - b)'/D - diag(e_o) + diag(b) ]."""
        total.diagonal += self.used - self.made
        total.terms.append(Term(self.rows, self.exponent, alpha_out=self.value * self.power))

    def add_sensitivity(self, market: Market, total: Array) -> None:
        """The diagonal of the curvature; summed with the answer where that was wanted."""
        if self.bend is None:
            super().add_sensitivity(market, total)
        else:
            total += self.used - self.made + self.bend

    def too_much(self, market: Market, limit: float) -> tuple[NDArray[np.int32], Array] | None:
        """By each council's own returns."""
        return revenue_above(self.rows.out, self.value, self.slack, limit)

    def proposal(self, market: Market) -> dict[str, Any]:
        """q = V/p_o, x = b V/p, e = (c V/(k k_s))^(1/k)."""
        length = self.rows.stop - self.rows.start
        quantity = np.repeat(self.value, length) * self.exponent / market.price[self.rows.idx]
        effort = None
        if self.family.effort is not None:
            e = self.family.effort
            effort = (e.exponent * self.value / (e.power * e.scale)) ** (1.0 / e.power)
        with np.errstate(divide="ignore", invalid="ignore"):
            output = self.value / market.price[self.rows.out]
        # a good without a price is not made for sale
        return {
            "input": quantity,
            "output": np.nan_to_num(output, posinf=0.0),
            "effort": effort,
            "level": None,
        }


class CESOutput(Answer):
    """CES workers with returns r < 1.

    Cost C = r R, revenue R = (p_o A)^(1/(1-r)) (r/c)^(r/(1-r)), profit (1-r) R.
    """

    def __init__(
        self, shares: csr_array, elasticity: Array, returns: Array, productivity: Array,
        out: NDArray[np.int32], scratch: Scratch, councils: Index | None = None,
    ) -> None:  # fmt: skip
        self.councils = councils
        self.ces = CESRows(shares, elasticity, scratch, np.ascontiguousarray(out, dtype=np.int32))
        self.returns, self.productivity = returns, productivity
        slack = 1.0 - returns
        self.slack = slack
        # log C = log r + [ log p_o + log A + r log r - r log c ] / (1 - r)
        k0 = np.log(returns) + (np.log(productivity) + returns * np.log(returns)) / slack
        self.worker = np.ascontiguousarray(np.vstack([k0, -returns / slack, 1.0 / slack]))
        self.cost = np.empty(len(returns))

    def respond(self, market: Market) -> None:
        """Unit costs, then what it pays to spend at them."""
        self.used = self.ces.answer(market, self.cost, self.worker)
        revenue = self.cost / self.returns
        self.made = np.zeros(market.n_goods)
        add_at(self.made, self.ces.rows.out, revenue)
        market.demand += self.used
        market.supply += self.made
        market.dual += float(np.dot(self.slack, revenue))

    def curvature(self, market: Market, total: Curvature) -> None:
        """P H P = C [ (e_o - g)(e_o - g)'/(1-r) + s (diag(g) - g g') ]."""
        total.diagonal += self.ces.weighted_share(self.cost, self.used)
        elasticity = self.ces.classes.elasticity
        total.terms.append(
            Term(
                self.ces.rows,
                self.ces.share,
                alpha_in=-elasticity * self.cost,
                alpha_out=self.cost / self.slack,
            )
        )

    def add_sensitivity(self, market: Market, total: Array) -> None:
        """The diagonal of the curvature; summed with the answer where that was wanted."""
        if self.ces.bend is None:
            super().add_sensitivity(market, total)
        else:
            total += self.ces.bend

    def too_much(self, market: Market, limit: float) -> tuple[NDArray[np.int32], Array] | None:
        """By each council's own returns."""
        return revenue_above(self.ces.rows.out, self.cost / self.returns, self.slack, limit)

    def proposal(self, market: Market) -> dict[str, Any]:
        """z = C/c, q = A z^r."""
        level = np.exp(np.log(self.cost) - self.ces.log_cost)
        return {
            "input": self.ces.quantity(market, self.cost),
            "output": self.productivity * level**self.returns,
            "level": level,
            "effort": None,
        }
