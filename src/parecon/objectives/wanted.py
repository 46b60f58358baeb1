"""What is asked for, read: goods by name or kind with weights, and deliveries in kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import (
    NON_NEGATIVE,
    POSITIVE,
    FloatArray,
    IndexArray,
    Range,
    float_vector,
    weighted_count,
)
from parecon.economy import Economy
from parecon.errors import EconomyError, list_some
from parecon.goods import Goods
from parecon.plan import Plan
from parecon.proposals import net_flows

Weights: TypeAlias = str | Mapping[str, float]
Deliveries: TypeAlias = Mapping[str, float] | ArrayLike | Plan | None

_SHOWN = 4


@dataclass(frozen=True, eq=False)
class Weighed:
    """Goods and what a physical unit of each weighs.

    good : (k,) int32, ascending. weight : (k,) > 0. text : for people. unit : of the sum.
    """

    good: IndexArray
    weight: FloatArray
    text: str
    unit: str

    def vector(self, n_goods: int) -> FloatArray:
        """(n,) weights, 0 for other goods."""
        return weighted_count(self.good, self.weight, n_goods)


def weighed(goods: Goods, wanted: Weights, where: str) -> Weighed:
    """Read a good's name, a kind (every good of it weighs 1), or weights by good.

    Raises
    ------
    EconomyError
        If nothing is asked for, a name is unknown (the nearest is given), or a weight is not above
        0 and finite.
    """
    if isinstance(wanted, str):
        if wanted not in goods and wanted in (goods.kind or ()):
            good = goods.of_kind(wanted)
        else:
            good = goods.index([wanted])
        return Weighed(good, np.ones(good.size), wanted, _unit(goods, good, np.ones(good.size)))
    if not isinstance(wanted, Mapping) or not wanted:
        raise EconomyError(f"{where}: expected a good, a kind, or weights by good, got {wanted!r}")
    good = goods.index(list(wanted))
    weight = _by_name(wanted, where, POSITIVE)
    order = np.argsort(good)
    good, weight = good[order], weight[order]
    names = [
        goods.name(int(i)) if w == 1.0 else f"{w:g} {goods.name(int(i))}"
        for i, w in zip(good, weight, strict=True)
    ]
    text = " + ".join(names[:_SHOWN])
    if len(names) > _SHOWN:
        text += f" + {len(names) - _SHOWN} more"
    return Weighed(good, weight, text, _unit(goods, good, weight))


def _unit(goods: Goods, good: IndexArray, weight: FloatArray) -> str:
    """The unit that all of them share; "" where they differ or are weighted."""
    if goods.unit is None or not np.all(weight == 1.0):
        return ""
    units = {goods.unit[int(i)] for i in good}
    return units.pop() if len(units) == 1 else ""


def delivered(economy: Economy, deliveries: Deliveries) -> FloatArray:
    """(n,) physical units per plan year that must be delivered.

    deliveries : quantities by good, (n,) quantities, a plan (all that its consumers get), or None
        for the needs in kind of the economy's own consumers.

    Raises
    ------
    EconomyError
        If a name is unknown, a quantity is below 0 or not finite, a shape or the plan's goods
        differ.
    """
    if deliveries is None:
        return _needs(economy)
    if isinstance(deliveries, Plan):
        return _consumption(economy, deliveries)
    if isinstance(deliveries, Mapping):
        good = economy.goods.index(list(deliveries))
        amounts = _by_name(deliveries, "deliveries", NON_NEGATIVE)
        return weighted_count(good, amounts, economy.n_goods)
    amounts = float_vector(deliveries, "deliveries", length=economy.n_goods)
    _check(amounts, economy.goods.names, "deliveries", NON_NEGATIVE)
    return np.array(amounts)


def _by_name(values: Mapping[str, float], where: str, allowed: Range) -> FloatArray:
    numbers = float_vector(list(values.values()), where)
    _check(numbers, list(values), where, allowed)
    return numbers


def _check(numbers: FloatArray, names: Any, where: str, allowed: Range) -> None:
    if allowed.holds(numbers):
        return
    bad = allowed.outside(numbers)
    culprits = (f"{names[i]!r} ({numbers[i]:g})" for i in bad)
    raise EconomyError(f"{where}: expected {allowed.text}, got {list_some(culprits, bad.size)}")


def _needs(economy: Economy) -> FloatArray:
    total = np.zeros(economy.n_goods)
    for family in economy.families:
        needs = getattr(family, "needs", None)
        if needs is not None:
            total += weighted_count(needs.indices, needs.data, economy.n_goods)
    return total


def _consumption(economy: Economy, plan: Plan) -> FloatArray:
    if plan.economy.goods != economy.goods:
        raise EconomyError("deliveries: expected a plan of the same goods, got one of other goods")
    total = np.zeros(economy.n_goods)
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        if family.role == "consumers":
            _, good, quantity = net_flows(family, proposal)
            total += weighted_count(good, -quantity, economy.n_goods)
    return total
