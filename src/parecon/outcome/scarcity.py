"""What holds the whole plan back: resources used up, suppliers and capacities at their limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray
from parecon.explanation.chain import Chain, Makers
from parecon.explanation.factors import factor_kind
from parecon.families import Suppliers

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = ["Scarce", "Scarcity", "Spare", "scarcity"]

_USED_UP = 0.999  # share of what there is from which on a resource binds
_WORTH = 1e-9  # of the total budget: what is worth less does not bind
_MADE = 0.5  # share of a supply that councils make from which on a good is a product


@dataclass(frozen=True, kw_only=True)
class Scarce:
    """A limit that binds.

    Attributes
    ----------
    kind : str
        "labour", "capital", "nature", "permits", "imports", "stocks" or "resources" for what is
        endowed or supplied; "maximum" of a supplier; "capacity" of a worker council.
    name, unit : str
    available : float
        Physical units per plan year (a capacity of activities: units of their level).
    price : float
        What one more unit is worth, money: the shadow price.
    """

    kind: str
    name: str
    unit: str
    available: float
    price: float

    @property
    def value(self) -> float:
        """Of all that is available, money per plan year."""
        return self.available * self.price


@dataclass(frozen=True, kw_only=True)
class Spare:
    """A resource of which something is left over; one more unit would bring nothing."""

    kind: str
    name: str
    unit: str
    available: float
    used: float


@dataclass(frozen=True, kw_only=True)
class Scarcity:
    """binding : the limits of greatest value. n_binding, value : of all that bind. spare : what is
    left over, `n_spare` in all.
    """

    binding: tuple[Scarce, ...]
    n_binding: int
    value: float
    spare: tuple[Spare, ...]
    n_spare: int


def scarcity(plan: Plan, *, most: int = 60, chain: Chain | None = None) -> Scarcity:
    """Return what binds in a plan, greatest value first, at most `most` of each kind of list.

    A resource binds from 99.9 % of use on; its shadow price is the plan's price, by which welfare
    would rise with one more unit (the envelope theorem). That of a full capacity is the price of
    what one more unit of level makes less its marginal cost.
    """
    chain = Chain(plan) if chain is None else chain
    found = [*_resources(plan, chain), *_maxima(plan)]
    for maker in chain.makers:
        found += _capacities(plan, maker)
    floor = _WORTH * plan.economy.total_budget
    binding = sorted((one for one in found if one.value > floor), key=lambda one: -one.value)
    spare = _spare(plan, chain)
    return Scarcity(
        binding=tuple(binding[:most]),
        n_binding=len(binding),
        value=math.fsum(one.value for one in binding),
        spare=tuple(spare[:most]),
        n_spare=len(spare),
    )


def is_resource(chain: Chain) -> NDArray[np.bool_]:
    """(n,) bool, goods that are endowed or supplied more than made."""
    there = chain.endowment + chain.supplied
    mask: NDArray[np.bool_] = (there > 0.0) & (there >= _MADE * chain.supply)
    return mask


def _resources(plan: Plan, chain: Chain) -> list[Scarce]:
    used_up = np.asarray(plan.demand) >= _USED_UP * chain.supply
    return [
        Scarce(
            kind=factor_kind(plan.economy.goods, int(i), chain.made),
            name=plan.economy.goods.name(int(i)),
            unit=_unit(plan, int(i)),
            available=float(chain.endowment[i] + chain.supplied[i]),
            price=float(chain.price[i]),
        )
        for i in np.flatnonzero(is_resource(chain) & used_up & (chain.price > 0.0))
    ]


def _spare(plan: Plan, chain: Chain) -> list[Spare]:
    """Resources that are not used up, those of which least is used first."""
    demand = np.asarray(plan.demand)
    left = np.flatnonzero(is_resource(chain) & (demand < _USED_UP * chain.supply))
    order = left[np.argsort((demand[left] / chain.supply[left]), kind="stable")]
    return [
        Spare(
            kind=factor_kind(plan.economy.goods, int(i), chain.made),
            name=plan.economy.goods.name(int(i)),
            unit=_unit(plan, int(i)),
            available=float(chain.supply[i]),
            used=float(demand[i]),
        )
        for i in order
    ]


def _maxima(plan: Plan) -> list[Scarce]:
    """Suppliers at their maximum: what they would be paid beyond their marginal cost."""
    found = []
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        if not isinstance(family, Suppliers) or family.maximum is None:
            continue
        full = np.flatnonzero(proposal.quantity >= _USED_UP * family.maximum)
        worth = np.asarray(plan.price)[family.good] - _marginal_cost(family, proposal.quantity)
        found += [
            Scarce(
                kind="maximum",
                name=family.council_name(int(k)),
                unit=_unit(plan, int(family.good[k])),
                available=float(family.maximum[k]),
                price=max(float(worth[k]), 0.0),
            )
            for k in full
        ]
    return found


def _marginal_cost(family: Suppliers, quantity: FloatArray) -> FloatArray:
    """(k,) money per unit; formulas of the class."""
    relative = quantity / family.quantity
    if family.form == "linear":
        cost: FloatArray = family.price * (1.0 + (relative - 1.0) / family.elasticity)
    else:
        cost = family.price * relative ** (1.0 / family.elasticity)
    return cost


def _capacities(plan: Plan, maker: Makers) -> list[Scarce]:
    family = maker.family
    capacity = getattr(family, "capacity", None)
    if capacity is None:
        return []
    made = getattr(family, "output_good", None)
    floor = _WORTH * plan.economy.total_budget
    return [
        Scarce(
            kind="capacity",
            name=family.council_name(int(j)),
            unit="units of level" if made is None else _unit(plan, int(made[j])),
            available=float(capacity[j]),
            price=float(maker.rent[j] / capacity[j]),
        )
        for j in np.flatnonzero((maker.rent > floor) & np.isfinite(capacity))
    ]


def _unit(plan: Plan, good: int) -> str:
    units = plan.economy.goods.unit
    return "" if units is None else units[good]
