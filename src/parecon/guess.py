"""Prices to begin with, guessed from the data alone.

Reference prices where the data have them, scarcity where a good is endowed, least cost where it is
made; then all of it in the right money. Any unit of money or of a good only rescales the guess, so
that a solve does not depend on units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon.answers import Answer, InnerAnswer
from parecon.curvature import Rows, Scratch
from parecon.families import (
    Activities,
    CESWorkers,
    CobbDouglasWorkers,
    Family,
    JointWorkers,
    NestedCESConsumers,
    NestedCESWorkers,
    Suppliers,
)
from parecon.problem import Problem

Array = NDArray[np.float64]

_COST_ROUNDS = 60
_SETTLED = 0.05  # a round that changes no cost by more than this share ends them
_TAMING_ROUNDS = 10


@dataclass(frozen=True)
class _Makers:
    """Ways to make goods: unit costs of the inputs' bill, one row per council, one line per output.

    rows, input : (entries,) input per unit of level, 0 where the entry is an output;
    council, good, output : (lines,) who makes what, and how much per unit of level.
    """

    rows: Rows
    input: Array
    council: NDArray[np.intp]
    good: NDArray[np.int32]
    output: Array


def guessed_price(problem: Problem) -> Array:
    """(n,) prices > 0, money per physical unit."""
    n = problem.n_goods
    endowment = np.asarray(problem.economy.endowment)
    given = _references(problem)
    scarce = np.full(n, np.inf)
    exists = endowment > 0.0
    scarce[exists] = problem.total_budget / n / endowment[exists]
    ceiling = np.where(np.isnan(given), scarce, given)
    price = _least_cost(problem, ceiling)
    # what is neither endowed nor made from anything priced yet
    price[~np.isfinite(price) | (price <= 0.0)] = problem.total_budget / n
    return _tamed(problem, price * _money_scale(problem, price))


def _references(problem: Problem) -> Array:
    """(n,) prices of the data: of calibrated nests, of suppliers' reference; nan elsewhere."""
    price = np.full(problem.n_goods, np.nan)
    for family in problem.economy.families:
        if isinstance(family, NestedCESWorkers | JointWorkers | NestedCESConsumers):
            goods = np.unique(family.nests.leaf_good)
            price[goods] = family.nests.reference_price[goods]
            if isinstance(family, NestedCESWorkers):
                price[family.output_good] = family.nests.scale / family.productivity
            elif isinstance(family, JointWorkers):
                _, made = family.made_pattern()
                even = np.repeat(
                    family.nests.scale / family.outputs.scale, np.diff(family.outputs.leaf_start)
                )
                price[made] = even * family.outputs.reference_price[made]
        elif isinstance(family, Suppliers):
            price[family.good] = family.price
    return price


def _least_cost(problem: Problem, ceiling: Array) -> Array:
    """Lower prices to what the cheapest maker's inputs cost, again and again.

    Goods that are only made start at zero and rise from round to round to the cost of their supply
    chain (a value iteration; it settles because a productive economy uses less than it makes).
    """
    makers = [
        found for family in problem.economy.families if (found := _makers(family, problem.scratch))
    ]
    price = np.where(np.isfinite(ceiling), ceiling, 0.0)
    for _ in range(_COST_ROUNDS if makers else 0):
        offer = ceiling.copy()
        for m in makers:
            cost = m.rows.dot(m.input, price)[m.council] / m.output
            np.minimum.at(offer, m.good, np.where(cost > 0.0, cost, np.inf))
        offer[~np.isfinite(offer)] = 0.0
        moved = np.abs(offer - price) > _SETTLED * offer
        price = offer
        if not moved.any():
            break
    return price


def _makers(family: Family, scratch: Scratch) -> _Makers | None:
    """How a family makes goods; None for families that make nothing or carry reference prices."""
    if isinstance(family, Activities):
        net = family.net_output
        made = np.flatnonzero(net.data > 0.0)
        council = np.searchsorted(net.indptr, made, side="right") - 1
        rows = Rows.from_indptr(net.indptr, net.indices, scratch)
        return _Makers(rows, np.maximum(-net.data, 0.0), council, net.indices[made], net.data[made])
    if isinstance(family, CESWorkers | CobbDouglasWorkers):
        indptr, good = family.pattern()
        weight = getattr(family, family.entries).data
        rows = Rows.from_indptr(indptr, good, scratch)
        council = np.arange(family.n_councils)
        return _Makers(rows, weight, council, family.output_good, family.productivity)
    return None


def _money_scale(problem: Problem, price: Array) -> float:
    """Factor at which all that exists is worth the budgets, as in a plan that spends them."""
    worth = float(np.dot(price, np.asarray(problem.economy.endowment)))
    for family in problem.economy.families:
        if isinstance(family, Suppliers):
            worth += float(np.dot(family.price, family.quantity))
    return problem.total_budget / worth if worth > 0.0 else 1.0


def _tamed(problem: Problem, price: Array) -> Array:
    """Lower prices at which a single council would make more than all budgets could buy.

    Supply of a council with returns r rises with the power 1/(1-r) of the price: a guess that is
    off by a factor of ten can be off by 10^20 in quantity. Each such price falls to where its most
    responsive maker earns the total budget.
    """
    smooth = [
        answer
        for answer in problem.answers
        if not isinstance(answer, InnerAnswer) and type(answer).too_much is not Answer.too_much
    ]
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
