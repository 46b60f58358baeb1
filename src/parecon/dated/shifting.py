"""A plan moved by a year: prices and proposals that suit the economy a year later."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray
from parecon.dated.assembly import Origin
from parecon.families import Family
from parecon.plan import Plan
from parecon.proposals import supply_and_demand
from parecon.status import Status

if TYPE_CHECKING:
    from parecon.dated.economy import DatedEconomy
    from parecon.dated.plan import DatedPlan

__all__ = ["shifted_plan"]

MONEY = ("spending", "social_benefit", "social_cost", "revenue", "cost")


def shifted_plan(plan: DatedPlan, dated: DatedEconomy) -> Plan | None:
    """Return prices and proposals for the economy a year later; None where councils changed.

    A year is as it was planned. One that is added repeats the last, its prices less by the discount
    of a year. Money is that of the new first year.
    """
    records = []
    for origin, family in zip(dated.origins, dated.economy.families, strict=True):
        found = _records(plan, dated, origin, family)
        if found is None:
            return None
        records.append(found)
    supply = np.array(dated.economy.endowment)
    demand = np.zeros_like(supply)
    for family, record in zip(dated.economy.families, records, strict=True):
        given, taken = supply_and_demand(family, record, supply.size)
        supply += given
        demand += taken
    return Plan(
        status=Status.INACCURATE,
        message="the plan of a year before, moved by a year: a start, not a plan",
        economy=dated.economy,
        price=_prices(plan, dated),
        supply=supply,
        demand=demand,
        proposals=tuple(records),
        method="moved by a year",
    )


def _older(plan: DatedPlan, dated: DatedEconomy, slots: NDArray[Any]) -> NDArray[Any]:
    """The slot of the old plan that each slot of the new one is like."""
    rolled = len(dated.years) == len(plan.years)
    if not rolled:
        return np.asarray(slots + 1)
    return np.where(slots < len(dated.years) - 1, slots + 1, slots)


def _prices(plan: DatedPlan, dated: DatedEconomy) -> FloatArray:
    """(N,) prices, 0 where the old plan has none."""
    old, new = plan.dated.calendar, dated.calendar
    places = {name: i for i, name in enumerate(old.goods)}
    same = np.array([places.get(name, -1) for name in new.goods])[new.good]
    slot = np.maximum(_older(plan, dated, new.slot), 0)
    slot = np.where(new.slot < 0, 0, np.minimum(slot, old.n_slots - 1))
    at = np.where(same >= 0, old.place[slot, same], -1)
    price = np.where(at >= 0, plan.plan.price[at], 0.0)
    money = plan.dated.discount
    added = (new.slot >= len(dated.years) - 1) & (len(dated.years) == len(plan.years))
    price = np.where(added, price * money[-1] / money[-2], price)
    moved: FloatArray = price / money[1]
    return moved


def _records(plan: DatedPlan, dated: DatedEconomy, origin: Origin, family: Family) -> Any | None:
    """The proposals of a family; None where the old plan has no such family."""
    for k, before in enumerate(plan.dated.origins):
        other = plan.plan.economy.families[k]
        if (before.role, before.label) == (origin.role, origin.label) and type(other) is type(
            family
        ):
            break
    else:
        return None
    if not before.year.size:
        return None
    items = 1 + max(int(before.item.max()), int(origin.item.max(initial=0)))
    row_of = np.full((plan.dated.calendar.n_slots + 1, items), -1)
    row_of[before.year, before.item] = np.arange(before.year.size)
    year = np.minimum(_older(plan, dated, origin.year), plan.dated.calendar.n_slots)
    source = row_of[year, origin.item]
    return _taken(plan.plan.proposals[k], source, other, family)


def _taken(record: Any, source: NDArray[Any], old: Family, new: Family) -> Any | None:
    """The record of other councils, in their order; nothing where there was no such council."""
    known = np.maximum(source, 0)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value is None:
            values[field.name] = None
            continue
        patterns = _patterns(field.name, old, new)
        if patterns is None:
            values[field.name] = np.where(source >= 0, value[known], 0.0)
            continue
        start, start_new = patterns
        length = np.diff(start)
        if not np.array_equal(length[known], np.diff(start_new)):
            return None
        entry = np.arange(int(start_new[-1])) + np.repeat(
            start[known] - start_new[:-1], length[known]
        )
        values[field.name] = np.where(np.repeat(source >= 0, length[known]), value[entry], 0.0)
    return type(record)(**values)


def _patterns(name: str, old: Any, new: Any) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Pointers of the entries that a field has one number for; None: one per council."""
    if name == "input" or (name == "quantity" and old.role == "consumers"):
        return old.pattern()[0], new.pattern()[0]
    if name == "fixed_input":
        return old.fixed.indptr, new.fixed.indptr
    if name == "outputs":
        return old.made_pattern()[0], new.made_pattern()[0]
    return None
