"""Answers of worker councils whose level is an unknown: CES and nested CES.

They choose inputs by relative prices.

Output q = A y^r from y units of a composite with unit cost c(p) (r <= 1). Marginal revenue of the
level: R = p_o A r y^(r-1); kappa = c(p) - R, kappa_y = R (1-r)/y, w = R e_o - c g.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from parecon.answers._base import Array, Index, Market, add_at, without_none
from parecon.answers.consumers import CESRows
from parecon.answers.levels import Levels
from parecon.answers.nests import NestedRows
from parecon.curvature import Curvature, Scratch, Term
from parecon.families import NestedCESWorkers


class Techniques(Levels):
    """Levels of councils with one output good and a unit cost.

    Subclasses fill `unit_cost` (m,) and `val` (nnz,), value of each input per unit of level, in
    `price_inputs`.
    """

    def __init__(
        self,
        returns: Array,
        productivity: Array,
        capacity: Array,
        out: NDArray[np.int32],
        councils: Index | None,
    ) -> None:
        # a bound on output q = A y^r is one on the level
        with np.errstate(over="ignore"):
            super().__init__((capacity / productivity) ** (1.0 / returns), councils)
        self.returns, self.productivity = returns, productivity
        self.out = np.ascontiguousarray(out, dtype=np.int32)

    unit_cost: Array
    val: Array

    @abstractmethod
    def price_inputs(self, market: Market) -> None:
        """Set `unit_cost` and `val`."""

    def margins(self, market: Market) -> None:
        """Marginal cost less marginal revenue of the level."""
        self.price_inputs(market)
        price = market.price[self.out]
        self.revenue = price * self.productivity * self.returns * self.level ** (self.returns - 1.0)
        self.kappa = self.unit_cost - self.revenue
        self.kappa_slope = self.revenue * (1.0 - self.returns) / self.level
        # rents of a capacity can be most of the revenue: rounding goes with the larger
        self.scale = np.maximum(np.maximum(self.unit_cost, self.revenue), 1e-300)

    @property
    def has_best(self) -> bool:  # type: ignore[override]
        """Where marginal cost rises: no returns are constant."""
        return bool(np.all(self.returns < 1.0))

    def best_level(self, market: Market) -> Array:
        """y = (p_o A r / c)^(1/(1-r))"""
        self.price_inputs(market)
        price = market.price[self.out]
        gain = price * self.productivity * self.returns / self.unit_cost
        return np.asarray(gain ** (1.0 / (1.0 - self.returns)))

    def flows(self, market: Market) -> None:
        """Inputs at the level's cost, output at its price."""
        self.rows.scatter(self.val, self.level, market.demand)
        add_at(market.supply, self.out, self.level * self.revenue / self.returns)

    def net_value(self, step: Array) -> Array:
        """w.d = R d_o - c g.d"""
        return self.revenue * step[self.out] - self.rows.dot(self.val, step)

    def add_net(self, weight: Array, total: Array) -> None:
        """sum weight (R e_o - c g)"""
        add_at(total, self.out, weight * self.revenue)
        self.rows.scatter(self.val, -weight, total)

    def proposal(self, market: Market) -> dict[str, Any]:
        """Inputs, output and level."""
        length = self.rows.stop - self.rows.start
        quantity = np.repeat(self.level, length) * self.val / market.price[self.rows.idx]
        output = self.productivity * self.level**self.returns
        return {"input": quantity, "output": output, "level": self.level.copy(), "effort": None}


class CESTechniques(Techniques):
    """CES over the council's inputs."""

    def __init__(
        self, shares: csr_array, elasticity: Array, returns: Array, productivity: Array,
        capacity: Array, out: NDArray[np.int32], scratch: Scratch, councils: Index | None = None,
    ) -> None:  # fmt: skip
        super().__init__(returns, productivity, capacity, out, councils)
        self.ces = CESRows(shares, elasticity, scratch, self.out)
        self.rows = self.ces.rows
        self.length = self.rows.stop - self.rows.start

    def price_inputs(self, market: Market) -> None:
        """Unit cost and its shares."""
        self.ces.price_rows(market)
        self.unit_cost = np.exp(self.ces.log_cost)
        self.val = np.repeat(self.unit_cost, self.length) * self.ces.share

    def own_term(self, theta: Array) -> Term:
        """theta w w' - y s c g g', the latter the rank-one part of the cost's curvature.

        In units of val = c g.
        """
        elasticity = self.ces.classes.elasticity
        return Term(
            self.rows,
            self.val,
            alpha_in=-elasticity * self.level / self.unit_cost,
            alpha_out=theta,
            out_weight=self.revenue,
        )

    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """y s c diag(g)"""
        diagonal = np.zeros(market.n_goods)
        self.rows.scatter(self.val, self.ces.classes.elasticity * self.level, diagonal)
        total.diagonal += diagonal


class NestedTechniques(Techniques):
    """Nested CES over the council's inputs.

    At the top, above it, stand fixed proportions (emissions, land).
    """

    def __init__(self, family: NestedCESWorkers, scratch: Scratch) -> None:
        capacity = without_none(family.capacity, family.n_councils)
        super().__init__(family.returns, family.productivity, capacity, family.output_good, None)
        self.nest = NestedRows(family.nests, family.fixed, scratch, self.out)
        self.rows = self.nest.rows

    def price_inputs(self, market: Market) -> None:
        """Unit cost: fixed inputs plus the nest's."""
        self.nest.answer(market)
        self.unit_cost, self.val = self.nest.unit_cost, self.nest.val

    def own_term(self, theta: Array) -> Term:
        """theta w w' on the council's whole row."""
        return Term(self.rows, self.val, alpha_out=theta, out_weight=self.revenue)

    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """y times the nests' curvature.

        Above the nest everything is in fixed proportion (elasticity 0).
        """
        self.nest.curvature(self.level, 0.0, total)

    def proposal(self, market: Market) -> dict[str, Any]:
        """Inputs of the nest and fixed inputs apart."""
        leaves, fixed = self.nest.quantities(self.level, market)
        output = self.productivity * self.level**self.returns
        return {
            "input": leaves,
            "fixed_input": fixed,
            "output": output,
            "level": self.level.copy(),
            "effort": None,
        }
