"""Prices and quantities of a plan, good by good, beside those of another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parecon._columns import FloatArray, weighted_count
from parecon.families import Consumers
from parecon.outcome.side import Side, places

if TYPE_CHECKING:
    from parecon.goods import Goods
    from parecon.plan import Plan

__all__ = ["GoodChanges", "consumption", "good_changes", "price_level"]

_LEAST = 1e-9  # of the largest: less than this is nothing


@dataclass(frozen=True, eq=False)
class GoodChanges:
    """One entry per good, (n,); nan where the good, or the other plan, does not exist.

    price, price_before : money per unit. quantity, quantity_before : what is used, physical units
    per plan year. compared : whether there is another plan.
    """

    goods: Goods
    price: FloatArray
    quantity: FloatArray
    price_before: FloatArray
    quantity_before: FloatArray
    compared: bool

    @property
    def value(self) -> FloatArray:
        """Price times quantity, money per plan year."""
        return self.price * self.quantity

    @property
    def price_change(self) -> FloatArray:
        """Relative; inf where the price was 0, nan where it is not known."""
        return _relative(self.price, self.price_before)

    @property
    def quantity_change(self) -> FloatArray:
        """Relative; inf where nothing was used, nan where that is not known."""
        return _relative(self.quantity, self.quantity_before)


def good_changes(plan: Plan, before: Side | None) -> GoodChanges:
    """Return prices and quantities of a plan, and of another by the names of the goods."""
    goods = plan.economy.goods
    old_price, old_quantity = np.full((2, len(goods)), np.nan)
    if before is not None:
        at = places(goods, before.economy.goods)
        old_price[at >= 0] = before.price[at[at >= 0]]
        old_quantity[at >= 0] = before.demand[at[at >= 0]]
    return GoodChanges(
        goods=goods,
        price=np.asarray(plan.price),
        quantity=np.asarray(plan.demand),
        price_before=old_price,
        quantity_before=old_quantity,
        compared=before is not None,
    )


def consumption(side: Side) -> FloatArray:
    """Return what all consumer councils together consume, needs included, (n,) physical units."""
    total = np.zeros(side.economy.n_goods)
    for family, proposal in zip(side.economy.families, side.proposals, strict=True):
        if isinstance(family, Consumers):
            total += weighted_count(family.pattern()[1], proposal.quantity, total.size)
            if family.needs is not None:
                total += weighted_count(family.needs.indices, family.needs.data, total.size)
    return total


def price_level(plan: Plan, before: Side) -> float:
    """Return the relative change of the price of what consumers had before (Laspeyres).

    Goods that the plan does not have are left out; nan where nothing is left.
    """
    at = places(before.economy.goods, plan.economy.goods)
    basket = np.where(at >= 0, consumption(before), 0.0)
    old = math.fsum(basket * before.price)
    new = math.fsum(basket * np.asarray(plan.price)[at])
    return new / old - 1.0 if old > 0.0 else math.nan


def _relative(now: FloatArray, before: FloatArray) -> FloatArray:
    floor = _LEAST * np.nanmax(before, initial=0.0)
    there = np.nan_to_num(before, nan=0.0) > floor
    change: FloatArray = np.full(now.size, np.nan)
    change[there] = now[there] / before[there] - 1.0
    change[~there & np.isfinite(before) & (now > floor)] = np.inf
    change[~there & np.isfinite(before) & (now <= floor)] = 0.0
    return change
