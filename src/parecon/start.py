"""Where a solve begins: prices in the right units, and levels where a plan is at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.guess import guessed_price
from parecon.plan import Plan
from parecon.problem import Problem

Array = NDArray[np.float64]

NEARER = 0.3  # a warm start begins at this share of the distance its shortages show
WORTHLESS = 1e-3  # of the average good: what less is used of had next to no price


@dataclass(frozen=True)
class Start:
    """Prices, and how near they are to the plan's.

    price : (n,) > 0, money per unit; plan : a plan to resume from, or None.
    nearness : float, distance to the plan as a share of that of a guess.
    window : float, how far relative prices (in logs) may be from the plan's.
    """

    price: Array
    plan: Plan | None = field(default=None)
    nearness: float = 1.0
    window: float = np.inf


def starting_point(problem: Problem, warm: Plan | Array | None) -> Start:
    """The warm start if there is one (prices of zero raised a little), otherwise a guess."""
    if warm is None:
        return Start(guessed_price(problem))
    price = np.array(warm.price if isinstance(warm, Plan) else warm)
    # a good in surplus has no price to start from; a small one in the right unit will do
    if np.any(price <= 0.0):
        price = np.where(price > 0.0, price, 1e-8 * guessed_price(problem))
    return Start(price, warm if isinstance(warm, Plan) else None)


def inner_proposals(problem: Problem, plan: Plan | None) -> list[Any]:
    """For each inner answer the plan's proposal of its family, None where it does not fit."""
    if plan is None:
        return [None] * len(problem.inner)
    found: dict[int, Any] = {}
    families = problem.economy.families
    same = len(plan.economy.families) == len(families) and len(plan.price) == problem.n_goods
    for k, (group, family) in enumerate(zip(problem.groups, families, strict=True)):
        other = plan.economy.families[k] if same else None
        fits = (
            other is not None
            and type(other) is type(family)
            and other.n_councils == family.n_councils
            and other.n_entries == family.n_entries
        )
        for answer in group:
            found[id(answer)] = plan.proposals[k] if fits else None
    return [found[id(answer)] for answer in problem.inner]


def nearness(problem: Problem, start: Start, count: int, tol: float) -> float:
    """How near to complementarity to begin: from a plan, by how far it is from one of this economy.

    count : complementary pairs.
    """
    if start.plan is None:
        return start.nearness
    problem.market.announce(start.price)
    for answer, proposal in zip(problem.inner, inner_proposals(problem, start.plan), strict=True):
        if proposal is None:
            return 1.0
        answer.resume(proposal, problem.market, 1e-12 * problem.total_budget / count)
    market = problem.respond(start.price)
    short = market.demand - market.supply
    # goods that are rightly in surplus have no price: their value is small
    average = problem.total_budget / problem.n_goods
    clearance = float(np.max(np.abs(short) / np.maximum(market.demand, average)))
    # those that are short now will have one: how far off it is, the shortage alone may say
    scarce = (short > 0.0) & (market.demand < WORTHLESS * average)
    hidden = float(np.max(short[scarce] / market.demand[scarce], initial=0.0))
    return min(1.0, max(NEARER * max(clearance, hidden), tol))
