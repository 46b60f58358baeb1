"""A council explained: benefit and cost by item, and what holds it back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon.explanation.chain import Chain, Makers
from parecon.explanation.costs import LOSS, unit_values
from parecon.explanation.records import CouncilExplanation, Item
from parecon.explanation.text import number
from parecon.families import (
    Activities,
    Consumers,
    Family,
    JointWorkers,
    Suppliers,
    Targets,
)

if TYPE_CHECKING:
    from parecon.plan import Plan

Array = NDArray[np.float64]

_AT_LIMIT = 1e-6  # relative distance from a capacity or maximum that is none


def explain_council(plan: Plan, family: Family, council: int) -> CouncilExplanation:
    """Explain one council of a plan."""
    at = plan.economy.families.index(family)
    proposal = plan.proposals[at]
    if isinstance(family, Consumers):
        return _consumers(plan, family, proposal, council)
    if isinstance(family, Suppliers):
        return _supplier(plan, family, proposal, council)
    chain = Chain(plan)
    maker = next(maker for maker in chain.makers if maker.family is family)
    return _workers(plan, maker, proposal, council)


# -- consumers ------------------------------------------------------------------------------------


def _consumers(plan: Plan, family: Consumers, proposal: Any, council: int) -> CouncilExplanation:
    bought, given = _consumed(family, proposal, council)
    budget, utility = float(family.budget[council]), float(proposal.utility[council])
    spent = float(proposal.spending[council])
    sentence = f"its budget: it spends {_percent(spent, budget)} of {number(budget)}"
    if budget > 0.0 and utility > 0.0:
        sentence += f"; each unit of money buys {number(utility / budget)} of utility"
    limit = "budget"
    if isinstance(family, Targets):
        limit, sentence = "target", _target_sentence(plan, family, proposal, council)
    return CouncilExplanation(
        council=family.council_name(council),
        family=family.title,
        role=family.role,
        benefit=budget,
        cost=spent,
        inputs=_items(plan, *bought, whole=budget),
        given=_items(plan, *given, whole=budget),
        utility=utility,
        limit=limit,
        sentence=sentence,
    )


def _target_sentence(plan: Plan, family: Targets, proposal: Any, council: int) -> str:
    """How far a target is reached, and at what price."""
    reached, target = float(proposal.quantity[council]), float(family.target[council])
    price = float(plan.price[family.good[council]])
    return (
        f"the price of {number(price)}, at which more would cost more than it weighs; "
        f"{_percent(reached, target)} of the target of {number(target)} is reached"
    )


def _consumed(
    family: Consumers, proposal: Any, council: int
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """(goods, quantities) bought, and given in kind."""
    indptr, good = family.pattern()
    own = slice(indptr[council], indptr[council + 1])
    bought = good[own], proposal.quantity[own]
    if family.needs is None:
        return bought, (np.empty(0, dtype=np.int32), np.empty(0))
    needs = family.needs
    own = slice(needs.indptr[council], needs.indptr[council + 1])
    return bought, (needs.indices[own], needs.data[own])


# -- workers --------------------------------------------------------------------------------------


def _workers(plan: Plan, maker: Makers, proposal: Any, council: int) -> CouncilExplanation:
    family = maker.family
    benefit = float(maker.revenue[council])
    made, used = maker.made[[council]], maker.used[[council]]
    effort = float(maker.effort[council])
    cost = float((used @ np.asarray(plan.price))[0]) + effort
    limit, sentence = _held_back(plan, maker, proposal, council)
    return CouncilExplanation(
        council=family.council_name(council),
        family=family.title,
        role=family.role,
        benefit=benefit,
        cost=cost,
        outputs=_items(plan, made.indices, made.data, whole=benefit),
        inputs=_items(plan, used.indices, used.data, whole=cost),
        effort=effort,
        rent=float(maker.rent[council]),
        surplus=float(maker.surplus[council]),
        limit=limit,
        sentence=sentence,
    )


def _held_back(plan: Plan, maker: Makers, proposal: Any, council: int) -> tuple[str, str]:
    """What keeps a worker council from making more."""
    family, price = maker.family, np.asarray(plan.price)
    benefit = float(maker.revenue[council])
    capacity = getattr(family, "capacity", None)
    most = math.inf if capacity is None else float(capacity[council])
    # Capacities bound the level where there may be several outputs, otherwise the output.
    joint = isinstance(family, Activities | JointWorkers)
    done = float((proposal.level if joint else proposal.output)[council])
    if math.isfinite(most) and done >= most * (1.0 - _AT_LIMIT):
        worth = float(maker.rent[council]) / most
        return "capacity", (
            f"its capacity of {number(most)} is full; one more unit of it would bring "
            f"{number(worth)}"
        )
    values = unit_values(family, price)
    if values is not None and values[1][council] > values[0][council] * (1.0 + LOSS):
        makes, costs = float(values[0][council]), float(values[1][council])
        return "price below cost", (
            f"prices below cost: what costs {number(costs)} to make is worth {number(makes)}, "
            f"{_percent(costs - makes, costs)} less"
        )
    if benefit == 0.0:
        return "demand", "nobody wants what it makes at the price it costs"
    if float(maker.surplus[council]) > 0.0:
        return "decreasing returns", (
            "decreasing returns: one more unit would cost what it is worth; the surplus of "
            f"{_percent(float(maker.surplus[council]), benefit)} is what earlier units cost less"
        )
    return "demand", (
        "demand: it makes at cost what is wanted at that price, and would make more of it; "
        "its inputs are what is scarce"
    )


# -- suppliers ------------------------------------------------------------------------------------


def _supplier(plan: Plan, family: Suppliers, proposal: Any, council: int) -> CouncilExplanation:
    quantity = float(proposal.quantity[council])
    revenue, cost = float(proposal.revenue[council]), float(proposal.cost[council])
    most = math.inf if family.maximum is None else float(family.maximum[council])
    price = float(plan.price[family.good[council]])
    rent = 0.0
    if math.isfinite(most) and quantity >= most * (1.0 - _AT_LIMIT):
        worth = max(price - _marginal_cost(family, council, quantity), 0.0)
        rent = worth * quantity
        limit = "maximum"
        sentence = (
            f"its maximum of {number(most)} is reached; one more unit would bring {number(worth)} "
            "beyond its cost"
        )
    else:
        limit = "rising cost"
        sentence = f"rising cost: one more unit would cost the price of {number(price)}, or more"
    return CouncilExplanation(
        council=family.council_name(council),
        family=family.title,
        role=family.role,
        benefit=revenue,
        cost=cost,
        outputs=_items(plan, family.good[[council]], proposal.quantity[[council]], whole=revenue),
        rent=rent,
        surplus=revenue - cost - rent,
        limit=limit,
        sentence=sentence,
    )


def _marginal_cost(family: Suppliers, council: int, quantity: float) -> float:
    """Money per unit, formulas of the class."""
    relative = quantity / float(family.quantity[council])
    eta, reference = float(family.elasticity[council]), float(family.price[council])
    if family.form == "linear":
        return reference * (1.0 + (relative - 1.0) / eta)
    return reference * relative ** (1.0 / eta)


# -- parts ----------------------------------------------------------------------------------------


def _items(plan: Plan, good: Any, quantity: Any, *, whole: float) -> tuple[Item, ...]:
    """Goods with their quantities as items, greatest value first; those of quantity 0 left out."""
    goods = plan.economy.goods
    items = []
    for i, amount in zip(np.asarray(good).tolist(), np.asarray(quantity).tolist(), strict=True):
        if amount <= 0.0:
            continue
        value = float(plan.price[i]) * amount
        items.append(
            Item(
                good=goods.name(i),
                unit="" if goods.unit is None else goods.unit[i],
                quantity=amount,
                price=float(plan.price[i]),
                value=value,
                share=value / whole if whole > 0.0 else math.nan,
            )
        )
    return tuple(sorted(items, key=lambda item: -item.value))


def _percent(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.4g} %" if whole > 0.0 else "none"


def council_place(family: Family, name: str) -> int | None:
    """Position of a council in its family by name, or by number as in ``households[17]``."""
    if family.names is not None:
        return family.names.index(name) if name in family.names else None
    head = f"{family.title}["
    number = name.removeprefix(head).removesuffix("]")
    if name.startswith(head) and name.endswith("]") and number.isdecimal():
        return int(number) if int(number) < family.n_councils else None
    return None
