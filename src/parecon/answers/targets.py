"""Answers of targets: each by itself (harmony, log), or all as one council (ray, linear).

With z = p T / w, the price of a target's good relative to what it is worth where it is met, the
form harmony asks for the x at which its marginal value is the price,

    z <= 1       x = w / p          met or beyond
    1 < z < 2    x = T (2 - z)      short of it
    2 <= z       x = 0              too dear for any ,

which bends sharply at z = 2: targets far out of reach are worth 2 w/T a unit whatever is delivered,
as good as linear. So x is an unknown of its own, as a level is, with a slack that is complementary
to it (`Levels`): marginal cost is the price of the good, marginal revenue its worth, and the value
of what is delivered a money cost below zero. Solvers pass by the bend as they pass by idle
techniques; a board, which announces prices, still hears the one best x.

The log form, x = w / p at every price, is smooth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon.answers._base import Answer, Array, Market, add_at
from parecon.answers.consumers import CESDemand
from parecon.answers.levels import Levels
from parecon.answers.linear import LinearDemand
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.families import LinearConsumers, Targets

_FARTHEST = 1e3  # targets reached so often at the start, at most


class LogTargets(Answer):
    """x = w/p; of the dual -w (log z + 1), and P H P = w on the diagonal."""

    def __init__(self, family: Targets) -> None:
        self.good = np.ascontiguousarray(family.good, dtype=np.int32)
        self.weight = family.weight
        self.log_worth = np.log(family.weight / family.target)

    def respond(self, market: Market) -> None:
        """Every target takes its weight in value."""
        add_at(market.demand, self.good, self.weight)
        log_z = market.log_price[self.good] - self.log_worth
        market.dual -= float(np.dot(self.weight, log_z + 1.0))

    def curvature(self, market: Market, total: Curvature) -> None:
        """w"""
        add_at(total.diagonal, self.good, self.weight)

    def proposal(self, market: Market) -> dict[str, Any]:
        """x = w / p."""
        return {"quantity": self.weight / market.price[self.good]}


class HarmonyLevels(Levels):
    """kappa = p - w/T H'(x/T - 1), the price of a unit less what it is worth."""

    has_best = True
    polish = 4  # deliveries far short of their targets are small beside the weights

    def __init__(self, family: Targets, scratch: Scratch) -> None:
        super().__init__(np.full(family.n_councils, np.inf))
        self.good = np.ascontiguousarray(family.good, dtype=np.int32)
        self.wanted, self.worth = family.target, family.weight / family.target
        pointer = np.arange(len(self.good) + 1)
        self.rows = Rows.from_indptr(pointer, self.good, scratch)

    def best_level(self, market: Market) -> Array:
        """x(p); below zero where the first unit is worth less than its price."""
        return self.wanted * _called(market.price[self.good] / self.worth)

    def start(self, market: Market, barrier: float) -> None:
        """Deliveries that suit the announced prices."""
        self.average = market.average_product
        super().start(market, barrier)

    def first_level(self, barrier: float) -> Array:
        """The best at the announced prices, no less than what the barrier asks."""
        best = self.wanted * _called(np.maximum(self.val / self.worth, 1.0 / _FARTHEST))
        return np.maximum(best, super().first_level(barrier))

    def relative_loss(self, smallest: float) -> float:
        """What is delivered beside what prices call for, in value over the weight."""
        z = self.val / self.worth
        off = z * np.abs(self.level / self.wanted - np.maximum(_called(z), 0.0))
        return float(np.max(off, initial=0.0))

    def _turnover(self, smallest: float) -> Array:
        """Value delivered over the average product of the economy, between `smallest` and 1.

        Not over the family's own average: weights far beyond reach make all deliveries small
        beside the money that tolerances are parts of.
        """
        return np.clip(self.level * self.scale / self.average, smallest, 1.0)

    def margins(self, market: Market) -> None:
        """Price and marginal worth."""
        reached = self.level / self.wanted
        beyond = np.maximum(reached, 1.0)
        self.val = market.price[self.good]
        marginal = self.worth * (2.0 - np.minimum(reached, 1.0)) / beyond
        self.kappa = self.val - marginal
        self.kappa_slope = self.worth / self.wanted / beyond**2
        self.scale = np.maximum(self.val, marginal)

    def level_of(self, proposal: Any) -> Array:
        """The quantities delivered."""
        return np.array(proposal.quantity, dtype=np.float64)

    def flows(self, market: Market) -> None:
        """Value delivered."""
        add_at(market.demand, self.good, self.val * self.level)

    def money_cost(self) -> float:
        """- sum w H(x/T - 1)"""
        reached = self.level / self.wanted
        short = np.minimum(reached, 1.0) - 1.0
        value = short - 0.5 * short**2 + np.log(np.maximum(reached, 1.0))
        return -float(np.dot(self.worth * self.wanted, value))

    def net_value(self, step: Array) -> Array:
        """-p d"""
        return -self.val * step[self.good]

    def add_net(self, weight: Array, total: Array) -> None:
        """- sum weight p e"""
        add_at(total, self.good, -weight * self.val)

    def own_term(self, theta: Array) -> Term:
        """theta p^2 e e'"""
        return Term(self.rows, self.val, alpha_in=theta)

    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """What targets are worth is in money: prices do not bend it."""

    def proposal(self, market: Market) -> dict[str, Any]:
        """x"""
        return {"quantity": self.level.copy()}


def _called(z: Array) -> Array:
    """(k,) x/T at which the marginal worth is z w/T, below 0 where even the first unit's is not."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.where(z <= 1.0, 1.0 / z, 2.0 - z))


class _InOrder:
    """One row of all targets, by good as rows are, and the way back to the targets' own order."""

    def __init__(self, family: Targets) -> None:
        self.order = np.argsort(family.good, kind="stable")

    def row(self, value: Array, family: Targets, n_goods: int) -> sp.csr_array:
        """(1, n) of `value` (k,)."""
        good, pointer = family.good[self.order], np.array([0, len(value)], dtype=np.int32)
        return sp.csr_array((value[self.order], good, pointer), shape=(1, n_goods))

    def back(self, value: Array) -> Array:
        """(k,) in the order of the targets."""
        own = np.empty(len(value))
        own[self.order] = value
        return own


class RayDemand(CESDemand):
    """Complete bundles: one council that wants targets in fixed proportion."""

    def __init__(self, family: Targets, scratch: Scratch) -> None:
        self.places = _InOrder(family)
        bundle = self.places.row(family.target, family, scratch.n_goods)
        budget = np.array([np.sum(family.weight)])
        super().__init__(budget, bundle, np.zeros(1), scratch)

    def proposal(self, market: Market) -> dict[str, Any]:
        """x = T W / (T.p)."""
        return {"quantity": self.places.back(super().proposal(market)["quantity"])}


class BasketDemand(LinearDemand):
    """A weighted basket: one council to which targets are perfect substitutes."""

    def __init__(self, family: Targets, scratch: Scratch) -> None:
        self.places = _InOrder(family)
        total = float(np.sum(family.weight))
        value = self.places.row(family.weight / family.target / total, family, scratch.n_goods)
        super().__init__(LinearConsumers([total], value), scratch)

    def proposal(self, market: Market) -> dict[str, Any]:
        """x"""
        return {"quantity": self.places.back(super().proposal(market)["quantity"])}


def target_answer(family: Targets, scratch: Scratch) -> Answer:
    """The answer that belongs to the form."""
    if family.form == "harmony":
        return HarmonyLevels(family, scratch)
    if family.form == "ray":
        return RayDemand(family, scratch)
    if family.form == "linear":
        return BasketDemand(family, scratch)
    return LogTargets(family)
