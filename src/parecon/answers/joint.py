"""Answers of worker councils with several outputs: trees of inputs, trees of outputs, one level.

With c(p) the unit cost of the inputs and r(p) the unit revenue of the outputs, kappa = c - r does
not depend on the level. A council's net output per unit of level has the value w = p (dr/dp -
dc/dp), and

    P H P = theta w w' + y (curvature of cost + curvature of revenue) ,

both of the latter positive semidefinite: least cost is concave, greatest revenue convex.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parecon.answers._base import Array, Market, without_none
from parecon.answers.levels import Levels
from parecon.answers.nests import NestedRows
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.families import JointWorkers


class JointTechniques(Levels):
    """Nested CES inputs, fixed inputs beside them, a nested CET of outputs.

    rows : one row per council over all goods it uses or makes, each once; `net` (entries,) is the
        value of its net output of each per unit of level.
    """

    def __init__(self, family: JointWorkers, scratch: Scratch) -> None:
        super().__init__(without_none(family.capacity, family.n_councils))
        self.inputs = NestedRows(family.nests, family.fixed, scratch)
        self.outputs = NestedRows(family.outputs, None, scratch, transformation=True)
        self.kappa_slope = np.zeros(family.n_councils)
        self._lay_out(scratch)

    def _lay_out(self, scratch: Scratch) -> None:
        """Entries of inputs and outputs put together, by council and good."""
        sides = (self.inputs.rows, self.outputs.rows)
        council = np.concatenate(
            [np.repeat(np.arange(len(side)), side.stop - side.start) for side in sides]
        )
        good = np.concatenate([side.idx for side in sides])
        key, place = np.unique(council * np.int64(scratch.n_goods) + good, return_inverse=True)
        self.place_in, self.place_out = np.split(place.ravel(), [len(sides[0].idx)])
        start = np.searchsorted(key, np.arange(len(sides[0]) + 1) * np.int64(scratch.n_goods))
        good = (key % max(scratch.n_goods, 1)).astype(np.int32)
        self.rows = Rows.from_indptr(start, good, scratch)
        self.net = np.zeros(len(key))

    def margins(self, market: Market) -> None:
        """Unit cost less unit revenue, and net output."""
        self.inputs.answer(market)
        self.outputs.answer(market)
        self.kappa = self.inputs.unit_cost - self.outputs.unit_cost
        # rents of a capacity can be most of the revenue: rounding goes with the larger
        larger = np.maximum(self.inputs.unit_cost, self.outputs.unit_cost)
        self.scale = np.maximum(larger, 1e-300)
        # a good is at most once among the inputs and once among the outputs
        self.net.fill(0.0)
        self.net[self.place_out] = self.outputs.val
        self.net[self.place_in] -= self.inputs.val

    def flows(self, market: Market) -> None:
        """Inputs and outputs at the levels, each in full."""
        self.inputs.rows.scatter(self.inputs.val, self.level, market.demand)
        self.outputs.rows.scatter(self.outputs.val, self.level, market.supply)

    def net_value(self, step: Array) -> Array:
        """w.d"""
        return self.rows.dot(self.net, step)

    def add_net(self, weight: Array, total: Array) -> None:
        """sum weight w"""
        self.rows.scatter(self.net, weight, total)

    def own_term(self, theta: Array) -> Term:
        """theta w w'"""
        return Term(self.rows, self.net, alpha_in=theta)

    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """y times the curvature of both trees, with fixed proportions (0) above their roots."""
        self.inputs.curvature(self.level, 0.0, total)
        self.outputs.curvature(self.level, 0.0, total)

    def proposal(self, market: Market) -> dict[str, Any]:
        """Inputs of the tree, fixed inputs, outputs, levels."""
        leaves, fixed = self.inputs.quantities(self.level, market)
        return {
            "input": leaves,
            "fixed_input": fixed,
            "outputs": self.outputs.quantities(self.level, market)[0],
            "level": self.level.copy(),
        }
