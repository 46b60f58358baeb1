"""What the table of a sweep says of a plan: one number per row, with what it measures of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.explanation.chain import Chain
from parecon.explanation.factors import factor_kind
from parecon.families import Consumers, Family
from parecon.plan import Plan

Array = NDArray[np.float64]

_USED_UP = 0.999  # share of what there is from which on a resource binds
_COUNCILS = 200  # consumer councils up to which each has rows of its own
_CAPACITIES = 50  # full capacities that are listed, those of greatest rent
_SHOWN = ("welfare", "bound", "gap", "shortage", "surplus", "zero_profit")

# (measure, item, unit, value)
Row = tuple[str, str, str, float]


def rows_of(plan: Plan) -> Iterator[Row]:
    """Yield the rows of one plan.

    welfare, bound, gap, shortage, surplus, zero_profit: of the plan, item empty. price, supply,
    demand: by good. permit price: of goods that are permits. resource: shadow price of each
    endowment or supply that is used up. capacity: rent per unit of each that is full. spending,
    utility: by family of consumers (utility: mean of the councils' in logarithms, weighted by
    budgets), and by council ("label/name") where they are few.
    """
    for name in _SHOWN:
        yield name, "", "money" if name in ("welfare", "bound") else "", float(getattr(plan, name))
    yield from _goods(plan)
    yield from _binding(plan)
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        if isinstance(family, Consumers) and family.n_councils:
            yield from _consumers(family, proposal)


def _goods(plan: Plan) -> Iterator[Row]:
    goods = plan.economy.goods
    units = goods.unit or ("",) * len(goods)
    for measure in ("price", "supply", "demand"):
        values = getattr(plan, measure).tolist()
        for name, unit, value in zip(goods.names, units, values, strict=True):
            yield (
                measure,
                name,
                f"money per {unit or 'unit'}" if measure == "price" else unit,
                value,
            )


def _binding(plan: Plan) -> Iterator[Row]:
    economy = plan.economy
    goods = economy.goods
    there, made = np.array(economy.endowment), np.zeros(economy.n_goods, dtype=bool)
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        if family.role == "suppliers":
            there += np.bincount(family.made_goods(), proposal.quantity, economy.n_goods)
        elif family.role == "workers":
            made[family.made_goods()] = True
    units = goods.unit or ("",) * len(goods)
    for i in np.flatnonzero(there > 0.0).tolist():
        price, unit = float(plan.price[i]), f"money per {units[i] or 'unit'}"
        if factor_kind(goods, i, made) == "permits":
            yield "permit price", goods.name(i), unit, price
        if price > 0.0 and plan.demand[i] >= _USED_UP * plan.supply[i]:
            yield "resource", goods.name(i), unit, price
    yield from _capacities(plan)


def _capacities(plan: Plan) -> Iterator[Row]:
    capped = [getattr(family, "capacity", None) is not None for family in plan.economy.families]
    if not any(capped):
        return
    found = []
    for maker in Chain(plan).makers:
        capacity = getattr(maker.family, "capacity", None)
        if capacity is None:
            continue
        for j in np.flatnonzero(maker.rent > 0.0).tolist():
            name = f"{maker.family.title}/{maker.family.council_name(j)}"
            found.append((float(maker.rent[j]), name, float(maker.rent[j] / capacity[j])))
    for _, name, worth in sorted(found, reverse=True)[:_CAPACITIES]:
        yield "capacity", name, "money per unit", worth


def _consumers(family: Family, proposal: Any) -> Iterator[Row]:
    budget = np.asarray(family.budget)  # type: ignore[attr-defined]
    spending, utility = np.asarray(proposal.spending), np.asarray(proposal.utility)
    with np.errstate(divide="ignore"):
        mean = float(np.exp(budget @ np.log(utility) / budget.sum()))
    yield "spending", family.title, "money", float(spending.sum())
    yield "utility", family.title, "", mean
    if family.n_councils == 1 or family.n_councils > _COUNCILS:
        return
    for j in range(family.n_councils):
        name = f"{family.title}/{family.council_name(j)}"
        yield "spending", name, "money", float(spending[j])
        yield "utility", name, "", float(utility[j])
