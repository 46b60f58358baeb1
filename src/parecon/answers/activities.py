"""Answers of linear activities: fixed net outputs per unit of level.

An activity may have any number of joint outputs and inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parecon.answers._base import Array, Market, without_none
from parecon.answers.levels import Levels
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.families import Activities


class ActivityLevels(Levels):
    """kappa = -(net output value) of one unit; no curvature of its own."""

    def __init__(self, family: Activities, scratch: Scratch) -> None:
        super().__init__(without_none(family.capacity, family.n_councils))
        matrix = family.net_output
        self.rows = Rows.from_indptr(matrix.indptr, matrix.indices, scratch)
        self.coef = np.ascontiguousarray(matrix.data)
        self.kappa_slope = np.zeros(len(self.capacity))

    def margins(self, market: Market) -> None:
        """Values of one unit of level: w = p * net output."""
        self.val = self.coef * market.price[self.rows.idx]
        ones = np.ones(market.n_goods)
        net = self.rows.dot(self.val, ones)
        gross = self.rows.dot(np.abs(self.val), ones)
        self.kappa = -net
        self.scale = np.maximum(0.5 * gross, 1e-300)

    def flows(self, market: Market) -> None:
        """Level times what one unit uses and makes."""
        self.rows.scatter_signed(self.val, self.level, market.demand, market.supply)

    def net_value(self, step: Array) -> Array:
        """w.d"""
        return self.rows.dot(self.val, step)

    def add_net(self, weight: Array, total: Array) -> None:
        """sum weight w"""
        self.rows.scatter(self.val, weight, total)

    def own_term(self, theta: Array) -> Term:
        """theta w w'"""
        return Term(self.rows, self.val, alpha_in=theta)

    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """Fixed proportions have none."""

    def proposal(self, market: Market) -> dict[str, Any]:
        """The levels."""
        return {"level": self.level}
