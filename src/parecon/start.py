"""Where a solve begins: prices in the right units, and levels where a plan is at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.answers import InnerAnswer
from parecon.curvature import Rows, Scratch
from parecon.families import Activities, NestedCESConsumers, NestedCESWorkers, Suppliers
from parecon.plan import Plan
from parecon.problem import Problem

Array = NDArray[np.float64]

_PASSES = 60
_TAMING_ROUNDS = 10


@dataclass(frozen=True)
class Start:
    """price : (n,) > 0, money per unit; plan : a plan to resume from, or None."""

    price: Array
    plan: Plan | None = field(default=None)


def starting_point(problem: Problem, warm: Plan | Array | None) -> Start:
    """The warm start if there is one (prices of zero raised to a little), otherwise a guess from the data."""
    if warm is None:
        return Start(_tamed(problem, guessed_price(problem)))
    price = np.array(warm.price if isinstance(warm, Plan) else warm)
    # a good in surplus has no price to start from; a small one in the right unit will do
    if np.any(price <= 0.0):
        price = np.where(price > 0.0, price, 1e-8 * guessed_price(problem))
    return Start(price, warm if isinstance(warm, Plan) else None)


def guessed_price(problem: Problem) -> Array:
    """Prices in the right units: reference prices where the data have them, scarcity where a good is endowed, cost elsewhere.

    Any unit of money or of a good only rescales the guess, so that a solve does not depend on units.
    """
    n = problem.n_goods
    price = np.full(n, np.nan)
    endowment = np.asarray(problem.economy.endowment)
    _from_references(problem, price)
    endowed = np.isnan(price) & (endowment > 0.0)
    price[endowed] = problem.total_budget / n / endowment[endowed]
    for _ in range(_PASSES):
        missing = np.isnan(price)
        if not missing.any():
            break
        _from_costs(problem, price)
        if np.array_equal(missing, np.isnan(price)):
            break
    price[np.isnan(price)] = problem.total_budget / n
    return np.asarray(price * _money_scale(problem, price))


def _money_scale(problem: Problem, price: Array) -> float:
    """Factor at which all that exists is worth the budgets, as it is in a plan where every budget is spent."""
    worth = float(np.dot(price, np.asarray(problem.economy.endowment)))
    for family in problem.economy.families:
        if isinstance(family, Suppliers):
            worth += float(np.dot(family.price, family.quantity))
    return problem.total_budget / worth if worth > 0.0 else 1.0


def _tamed(problem: Problem, price: Array) -> Array:
    """Lower prices at which a single council would make more than all budgets could buy.

    Supply of a council with returns r rises with the power 1/(1-r) of the price: a guess that is off by a factor of ten can be off
    by 10^20 in quantity. Each such price falls to where its most responsive maker earns the total budget.
    """
    smooth = [answer for answer in problem.answers if not isinstance(answer, InnerAnswer)]
    market, log_price = problem.market, np.log(price)
    for _ in range(_TAMING_ROUNDS):
        market.announce(np.exp(log_price))
        change = np.zeros(problem.n_goods)
        for answer in smooth:
            answer.respond(market)
            found = answer.too_much(market, problem.total_budget)
            if found is not None:
                np.minimum.at(change, *found)
        if not change.any():
            break
        log_price += change
    return np.exp(log_price)


def _from_references(problem: Problem, price: Array) -> None:
    """Prices at which nests were calibrated, and at which suppliers offer their reference quantity."""
    for family in problem.economy.families:
        if isinstance(family, NestedCESWorkers | NestedCESConsumers):
            goods = np.unique(family.nests.leaf_good)
            price[goods] = family.nests.reference_price[goods]
            if isinstance(family, NestedCESWorkers):
                cost = family.nests.scale / family.productivity
                price[family.output_good] = cost
        elif isinstance(family, Suppliers):
            price[family.good] = family.price


def _from_costs(problem: Problem, price: Array) -> None:
    """For goods without a price: the least cost among activities whose inputs all have one."""
    known = ~np.isnan(price)
    filled = np.where(known, price, 0.0)
    offer = np.full(len(price), np.inf)
    for family in problem.economy.families:
        if isinstance(family, Activities):
            net = family.net_output
            council = np.repeat(np.arange(family.n_councils), np.diff(net.indptr))
            used, made = net.data < 0.0, net.data > 0.0
            blind = np.zeros(family.n_councils, dtype=bool)
            blind[council[used & ~known[net.indices]]] = True
            cost = np.zeros(family.n_councils)
            np.add.at(cost, council[used], -net.data[used] * filled[net.indices[used]])
            open_entry = made & ~known[net.indices] & ~blind[council]
            at = np.flatnonzero(open_entry)
            unit = np.maximum(cost[council[at]], 0.0) / net.data[at]
            np.minimum.at(offer, net.indices[at], np.where(unit > 0.0, unit, np.inf))
        elif hasattr(family, "output_good"):
            # inputs weigh the same: good enough to find the unit the output is counted in
            mean = _mean_price(family, price, problem.scratch) / family.productivity
            mean = np.where(mean > 0.0, mean, np.inf)  # unknown where an input is
            np.minimum.at(offer, family.output_good, mean)
    fill = ~known & np.isfinite(offer)
    price[fill] = offer[fill]


def _mean_price(family: Any, price: Array, scratch: Scratch) -> Array:
    """(m,) mean price of each council's inputs, nan where one is unknown."""
    indptr, good = family.pattern()
    rows = Rows.from_indptr(indptr, good, scratch)
    return np.asarray(rows.dot(np.ones(len(good)), price) / np.maximum(np.diff(indptr), 1))


def inner_proposals(problem: Problem, plan: Plan | None) -> list[Any]:
    """For each inner answer the plan's proposal of its family; None where there is none of the right size."""
    if plan is None:
        return [None] * len(problem.inner)
    found: dict[int, Any] = {}
    families = problem.economy.families
    same = len(plan.economy.families) == len(families) and len(plan.price) == problem.n_goods
    for k, (group, family) in enumerate(zip(problem.groups, families, strict=True)):
        other = plan.economy.families[k] if same else None
        fits = other is not None and type(other) is type(family)
        fits = (
            fits and other.n_councils == family.n_councils and other.n_entries == family.n_entries
        )
        for answer in group:
            found[id(answer)] = plan.proposals[k] if fits else None
    return [found[id(answer)] for answer in problem.inner]
