"""Emissions by source: who uses the permits, beside another plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._columns import FloatArray, weighted_count
from parecon.explanation.factors import factor_kind
from parecon.families import Activities, Family
from parecon.outcome.side import Side
from parecon.proposals import net_flows

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.plan import Plan

__all__ = ["Emissions", "Emitter", "emissions", "permit_goods"]

_SHOWN = 1_000  # councils of a family that are told one by one
_PERMITS = "permits"


@dataclass(frozen=True, kw_only=True)
class Emitter:
    """Permits that one council, or the makers of one good, use: units of the permits per plan year.

    before : in the other plan; nan where that is not known. count : how many of them this is.
    """

    name: str
    family: str
    quantity: float
    before: float
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Emissions:
    """One permit good.

    Attributes
    ----------
    permit, unit : str
    price, price_before : float
        Money per unit.
    available, used, used_before : float
        Units of the permits per plan year.
    emitters : tuple of Emitter
        Greatest first, at most as many as asked for; the last stands for all others.
    """

    permit: str
    unit: str
    price: float
    price_before: float
    available: float
    used: float
    used_before: float
    emitters: tuple[Emitter, ...]


def permit_goods(economy: Economy) -> tuple[int, ...]:
    """Return the goods that are permits to pollute, by their kind or name."""
    made = economy.made
    kinds = ((i, factor_kind(economy.goods, i, made)) for i in range(economy.n_goods))
    return tuple(i for i, kind in kinds if kind == _PERMITS)


def emissions(plan: Plan, before: Side | None, *, most: int = 60) -> tuple[Emissions, ...]:
    """Return the use of every permit good by council; families of many by the good they make."""
    return tuple(_of_permit(plan, good, before, most) for good in permit_goods(plan.economy))


def _of_permit(plan: Plan, good: int, before: Side | None, most: int) -> Emissions:
    goods = plan.economy.goods
    name = goods.name(good)
    now = _uses(Side(plan.economy, plan.price, plan.demand, plan.proposals), good)
    then: dict[tuple[str, str], float] = {}
    known = before is not None and name in before.economy.goods
    price_before = used_before = math.nan
    if before is not None and known:
        at = before.economy.goods.index(name)
        then = _uses(before, at)
        price_before, used_before = float(before.price[at]), float(before.demand[at])
    found = [
        Emitter(
            name=council,
            family=label,
            quantity=now.get((label, council), 0.0),
            before=then.get((label, council), 0.0) if known else math.nan,
        )
        for label, council in dict.fromkeys([*now, *then])
    ]
    found.sort(key=lambda one: -max(one.quantity, 0.0 if math.isnan(one.before) else one.before))
    return Emissions(
        permit=name,
        unit="" if goods.unit is None else goods.unit[good],
        price=float(plan.price[good]),
        price_before=price_before,
        available=float(plan.supply[good]),
        used=float(plan.demand[good]),
        used_before=used_before,
        emitters=gathered(found, most),
    )


def gathered(found: list[Emitter], most: int) -> tuple[Emitter, ...]:
    """Return the first few, and one for all others together, so that sums stay."""
    if len(found) <= most:
        return tuple(found)
    shown, rest = found[: most - 1], found[most - 1 :]
    count = sum(one.count for one in rest)
    others = Emitter(
        name=f"{count:,} others",
        family="",
        quantity=math.fsum(one.quantity for one in rest),
        before=math.fsum(one.before for one in rest),
        count=count,
    )
    return (*shown, others)


def _uses(side: Side, good: int) -> dict[tuple[str, str], float]:
    """{(label, council or group): quantity used > 0}."""
    found: dict[tuple[str, str], float] = {}
    for family, proposal in zip(side.economy.families, side.proposals, strict=True):
        used = _used(family, proposal, good)
        if family.n_councils <= _SHOWN:
            for j in np.flatnonzero(used):
                found[family.title, family.council_name(int(j))] = float(used[j])
        else:
            found |= _by_good_made(side, family, used)
    return found


def _used(family: Family, proposal: Any, good: int) -> FloatArray:
    """(m,) use of one good by each council, physical units >= 0."""
    council, goods, quantity = net_flows(family, proposal)
    at = np.flatnonzero((goods == good) & (quantity < 0.0))
    return weighted_count(council[at], -quantity[at], family.n_councils)


def _by_good_made(side: Side, family: Family, used: FloatArray) -> dict[tuple[str, str], float]:
    """Councils of a large family together, workers by the good they make."""
    made = family.made_goods()
    if made.size != family.n_councils or isinstance(family, Activities):
        total = float(used.sum())
        return {(family.title, f"all {family.n_councils:,}"): total} if total > 0.0 else {}
    by_good = weighted_count(made, used, side.economy.n_goods)
    name = side.economy.goods.name
    return {
        (family.title, f"makers of {name(int(i))}"): float(by_good[i])
        for i in np.flatnonzero(by_good)
    }
