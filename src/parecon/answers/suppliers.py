"""Answers of suppliers.

Smooth where supply is iso-elastic without a maximum, otherwise with their quantity as a level.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parecon.answers._base import Answer, Array, Index, Market, add_at, without_none
from parecon.answers.levels import Levels
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.families import Suppliers


class IsoelasticSupply(Answer):
    """s = q0 (p/p0)^eta; C* = p s/(1+eta); P H P = eta p s."""

    def __init__(self, family: Suppliers, councils: Index) -> None:
        self.councils = councils
        self.good = np.ascontiguousarray(family.good[councils], dtype=np.int32)
        self.elasticity = family.elasticity[councils]
        self.log_quantity = np.log(family.quantity[councils])
        self.log_price = np.log(family.price[councils])

    def respond(self, market: Market) -> None:
        """Value supplied."""
        log_p = market.log_price[self.good]
        self.value = np.exp(self.log_quantity + self.elasticity * (log_p - self.log_price) + log_p)
        add_at(market.supply, self.good, self.value)
        market.dual += float(np.sum(self.value / (1.0 + self.elasticity)))

    def curvature(self, market: Market, total: Curvature) -> None:
        """eta p s on the diagonal."""
        add_at(total.diagonal, self.good, self.elasticity * self.value)

    def proposal(self, market: Market) -> dict[str, Any]:
        """s"""
        log_p = market.log_price[self.good]
        return {"quantity": np.exp(self.log_quantity + self.elasticity * (log_p - self.log_price))}


class SupplyLevels(Levels):
    """kappa = marginal cost(s) - p.

    Linear form: MC = p0 (1 + (s/q0 - 1)/eta); iso-elastic: MC = p0 (s/q0)^(1/eta).
    """

    def __init__(self, family: Suppliers, councils: Index, scratch: Scratch) -> None:
        super().__init__(without_none(family.maximum, family.n_councils)[councils], councils)
        self.good = np.ascontiguousarray(family.good[councils], dtype=np.int32)
        self.linear = family.form == "linear"
        self.quantity, self.price = family.quantity[councils], family.price[councils]
        self.elasticity = family.elasticity[councils]
        pointer = np.arange(len(self.good) + 1)
        self.rows = Rows.from_indptr(pointer, self.good, scratch)

    has_best = True

    def best_level(self, market: Market) -> Array:
        """Where marginal cost is the price; below zero where even the first unit costs more."""
        relative = market.price[self.good] / self.price
        if self.linear:
            return np.asarray(self.quantity * (1.0 + self.elasticity * (relative - 1.0)))
        return np.asarray(self.quantity * relative**self.elasticity)

    def margins(self, market: Market) -> None:
        """Marginal cost less price."""
        relative = self.level / self.quantity
        if self.linear:
            marginal = self.price * (1.0 + (relative - 1.0) / self.elasticity)
            self.kappa_slope = self.price / (self.elasticity * self.quantity)
        else:
            marginal = self.price * relative ** (1.0 / self.elasticity)
            self.kappa_slope = marginal / (self.elasticity * self.level)
        self.val = market.price[self.good]
        self.kappa = marginal - self.val
        self.scale = np.maximum(self.val, self.price)

    def level_of(self, proposal: Any) -> Array:
        """The quantities supplied."""
        return np.asarray(proposal.quantity, dtype=np.float64)[self.councils]

    def flows(self, market: Market) -> None:
        """Value supplied."""
        add_at(market.supply, self.good, self.val * self.level)

    def money_cost(self) -> float:
        """C(s), the integral of marginal cost from zero."""
        relative = self.level / self.quantity
        scale = self.price * self.quantity
        if self.linear:
            return float(
                np.sum(scale * (relative + (0.5 * relative**2 - relative) / self.elasticity))
            )
        power = 1.0 + 1.0 / self.elasticity
        return float(np.sum(scale * relative**power / power))

    def net_value(self, step: Array) -> Array:
        """p d"""
        return self.val * step[self.good]

    def add_net(self, weight: Array, total: Array) -> None:
        """sum weight p e"""
        add_at(total, self.good, weight * self.val)

    def own_term(self, theta: Array) -> Term:
        """theta p^2 e e'"""
        return Term(self.rows, self.val, alpha_in=theta)

    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """Costs are in money: prices do not bend them."""

    def proposal(self, market: Market) -> dict[str, Any]:
        """s"""
        return {"quantity": self.level.copy()}
