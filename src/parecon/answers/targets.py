"""Answers of targets: each by itself (harmony, log), or all as one council (ray, linear).

With z = p T / w, the price of a target's good relative to what it is worth where it is met, a
target asks for the x at which its marginal value is the price; its part of the dual is
``max_x w H(x/T - 1) - p x``, and its curvature p^2 times the slope of x:

    z <= 1       x = w / p          - w (log z + 1)            w           met or beyond
    1 < z < 2    x = T (2 - z)      w (z^2 - 4 z + 1) / 2      w z^2       short of it
    2 <= z       x = 0              - 3 w / 2                  0           too dear for any

(H of `parecon.families.targets`; value, slope and curvature join at z = 1, the first two at z = 2).
The log form is the first line at every price.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon.answers._base import Answer, Array, Market, add_at
from parecon.answers.consumers import CESDemand
from parecon.answers.linear import LinearDemand
from parecon.curvature import Curvature, Scratch
from parecon.families import LinearConsumers, Targets


class TargetDemand(Answer):
    """Targets in the form harmony or log: nothing ties one to another."""

    def __init__(self, family: Targets) -> None:
        self.harmony = family.form == "harmony"
        self.good = np.ascontiguousarray(family.good, dtype=np.int32)
        self.target, self.weight = family.target, family.weight
        self.log_worth = np.log(family.weight / family.target)  # price at which a target is met

    def respond(self, market: Market) -> None:
        """Value of what is asked for."""
        log_z = market.log_price[self.good] - self.log_worth
        if self.harmony:
            # beyond 2 nothing changes any more, and prices out of range stay finite
            self.z = np.exp(np.minimum(log_z, 1.0))
            self.short = (self.z > 1.0) & (self.z < 2.0)
            self.dear = self.z >= 2.0
        else:
            self.short = self.dear = np.zeros(len(self.good), dtype=bool)
        worth = -(log_z + 1.0)
        spent = np.ones(len(self.good))
        if self.harmony:
            z = self.z[self.short]
            worth[self.short] = 0.5 * (z * z - 4.0 * z + 1.0)
            spent[self.short] = z * (2.0 - z)
            worth[self.dear], spent[self.dear] = -1.5, 0.0
        self.spent = spent
        add_at(market.demand, self.good, self.weight * spent)
        market.dual += float(np.dot(self.weight, worth))

    def curvature(self, market: Market, total: Curvature) -> None:
        """w, w z^2 or nothing on the diagonal."""
        bend = np.ones(len(self.good))
        if self.harmony:
            bend[self.short] = self.z[self.short] ** 2
            bend[self.dear] = 0.0
        add_at(total.diagonal, self.good, self.weight * bend)

    def proposal(self, market: Market) -> dict[str, Any]:
        """x; short of the target T (2 - z), which keeps the digits of small quantities."""
        quantity = self.weight * self.spent / market.price[self.good]
        if self.harmony:
            quantity[self.short] = (self.target * (2.0 - self.z))[self.short]
        return {"quantity": quantity}


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
    if family.form == "ray":
        return RayDemand(family, scratch)
    if family.form == "linear":
        return BasketDemand(family, scratch)
    return TargetDemand(family)
