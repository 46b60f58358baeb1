"""The least-cost relaxation of an economy whose needs cannot be met, and a proof that none is
cheaper.

Every quantity that may give way gets a supplier of last resort at its price; budgets, suppliers'
costs and the disutility of effort are scaled down until they hardly count beside it, so that the
plan of this economy relaxes as little as it can. What consumers still buy there is a small share of
the relaxation. A linear programme in the fractions of the councils' proposals then takes it out
(`parecon.scenarios.programme`): it may only combine what councils can do, hence its relaxation is
possible. From below, prices bound
the cost of any relaxation: every plan with relaxations r has

    sum_k p_k r_k  >=  V(p) = p.(needs - endowment) - sum_j sigma_j(p) ,

sigma_j(p) being the greatest value of what council j can add (`parecon.certificate.infeasible`),
and r_k <= L_k where a slack has a limit, so that for every factor f >= 0

    sum_k c_k r_k  >=  f V(p) - sum_k L_k max(0, f p_k - c_k) .
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.certificate.clearance import total_needs
from parecon.certificate.dual_bound import PROFIT_ROUNDING, repair
from parecon.certificate.panel import judges_of
from parecon.control import Control
from parecon.draft import drafts
from parecon.economy import Economy
from parecon.families import CobbDouglasWorkers, Consumers, Effort, Family, Suppliers
from parecon.interior import InteriorMethod
from parecon.problem import Problem
from parecon.scenarios.programme import Wanted, columns_of, least
from parecon.scenarios.slacks import Slack
from parecon.settings import Settings
from parecon.start import starting_point
from parecon.status import Status

Array = NDArray[np.float64]

# value of what consumers buy, beside a relaxation that costs one; the next where one leads nowhere
CONSUMED = (1e-4, 1e-3)
FLAT = 1e6  # price elasticity of the last resort: its price hardly moves
_ROUNDS = 6
_SETTLED = 1e-9  # a round that lowers the cost by a smaller share is the last
_LEAST_PRICE = 1e-9  # of the elastic plan's: what is worth nothing must not be taken without limit


@dataclass(frozen=True, eq=False)
class Elastic:
    """What the elastic model found.

    amount : (k,) by how much each slack gives way, physical units. cost : sum of weights times
    amounts over scales. bound : no relaxation costs less. price : (n,) of the elastic economy, what
    one more unit of each good takes off the cost.
    """

    amount: Array
    cost: float
    bound: float
    price: Array


def least_relaxation(
    economy: Economy,
    slacks: Sequence[Slack],
    weights: Array,
    *,
    max_iterations: int,
    time_limit_s: float | None,
    n_threads: int | None,
) -> Elastic | None:
    """Find the cheapest relaxation; None where there is none or it was not found.

    economy : with capacities that may give way as goods. weights : (k,) cost of relaxing each slack
    by its scale.
    """
    unit_cost = weights / np.array([slack.scale for slack in slacks])
    settings = Settings(
        tol=1e-9, max_iterations=max_iterations, time_limit_s=time_limit_s, n_threads=n_threads
    )
    limits = np.array([slack.limit for slack in slacks])
    goods = np.array([economy.goods.index(slack.good) for slack in slacks])
    for consumed in CONSUMED:
        relaxed = _with_last_resort(economy, slacks, unit_cost, consumed)
        found = _refined(economy, relaxed, Wanted(goods, unit_cost, limits), settings)
        if found is not None:
            break
    else:
        return None
    amount, prices = found
    bounds = [cost_bound(economy, p, goods, unit_cost, limits) for p in prices]
    amount = np.maximum(amount, 0.0)
    return Elastic(amount, float(unit_cost @ amount), max(bounds), prices[0])


def _refined(
    economy: Economy, relaxed: Economy, wanted: Wanted, settings: Settings
) -> tuple[Array, list[Array]] | None:
    """(amounts, prices met on the way); None where the solver gives up.

    The programme knows of each council what it proposed at the elastic plan's prices, and is asked
    again with what it proposes at the programme's own, until that is no better.
    """
    with Control(settings) as control, np.errstate(all="ignore"):
        problem = Problem(relaxed, control.n_threads)
        problem.may_be_infeasible = False  # with a last resort everything can be had
        method = InteriorMethod(problem, settings, control)
        method.start(starting_point(problem, None))
        if method.run() not in (Status.SOLVED, Status.INACCURATE):
            return None
        prices = [problem.market.price.copy()]
        proposed = drafts(problem)
        amount = np.array(proposed[-1].values["quantity"])
        columns = [columns_of(economy, proposed[:-1])]
        best = math.inf
        for _ in range(_ROUNDS):
            found = least(economy, wanted, columns)
            if found is None:
                break
            amount, dual = found
            prices.append(dual)
            cost = float(wanted.unit_cost @ amount)
            if cost > best * (1.0 - _SETTLED):
                break
            best = cost
            problem.respond(np.maximum(dual, _LEAST_PRICE * prices[0]))
            columns.append(columns_of(economy, drafts(problem)[:-1]))
        return amount, prices


def cost_bound(
    economy: Economy, price: Array, goods: NDArray[Any], unit_cost: Array, limits: Array
) -> float:
    """No relaxation costs less, by the prices' proof; 0.0 where they prove nothing."""
    judges, needs = judges_of(economy), total_needs(economy)
    if not (np.isfinite(price).all() and price.min(initial=0.0) >= 0.0):
        return 0.0
    p, left, _ = repair(judges, price)
    if left.value > PROFIT_ROUNDING:
        return 0.0
    terms = [float(np.sum(judge.support(p))) for judge in judges]
    value = math.fsum(p * needs) - math.fsum(p * economy.endowment) - math.fsum(terms)
    if not (math.isfinite(value) and value > 0.0):
        return 0.0
    return _best_bound(value, p[goods], unit_cost, limits)


def _best_bound(value: float, price: Array, unit_cost: Array, limits: Array) -> float:
    """max over f >= 0 of f V - sum L max(0, f p - c): concave, with corners where f p = c."""
    with np.errstate(divide="ignore"):
        corners = np.where(price > 0.0, unit_cost / price, np.inf)
    most = float(np.min(corners[np.isinf(limits)], initial=np.inf))
    limited = np.flatnonzero(np.isfinite(limits))
    tried = [most, *corners[limited].tolist()]
    best = 0.0
    for factor in (f for f in tried if 0.0 < f <= most and math.isfinite(f)):
        over = np.maximum(factor * price[limited] - unit_cost[limited], 0.0)
        best = max(best, factor * value - float(limits[limited] @ over))
    return best


def _with_last_resort(
    economy: Economy, slacks: Sequence[Slack], unit_cost: Array, consumed: float
) -> Economy:
    resort = Suppliers(
        [economy.goods.index(slack.good) for slack in slacks],
        quantity=[slack.scale for slack in slacks],
        price=unit_cost,
        elasticity=FLAT,
        form="linear",
        maximum=[slack.limit for slack in slacks],
        label="last resort",
    )
    scale = consumed / economy.total_budget
    families = [_in_small_money(family, scale) for family in economy.families]
    return Economy(economy.goods, economy.endowment, [*families, resort])


def _in_small_money(family: Family, scale: float) -> Family:
    """The family with everything that it counts in money scaled."""
    if isinstance(family, Consumers):
        money: dict[str, Any] = {family.money: scale * family.budget}
        return family.replace(**money)
    if isinstance(family, Suppliers):
        return family.replace(price=scale * family.price)
    if isinstance(family, CobbDouglasWorkers) and family.effort is not None:
        effort = family.effort
        return family.replace(effort=Effort(effort.exponent, effort.power, scale * effort.scale))
    return family
