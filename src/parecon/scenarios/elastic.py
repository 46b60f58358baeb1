"""The least-cost relaxation of an economy whose needs cannot be met, and a proof that none is
cheaper.

Every quantity that may give way gets a supplier of last resort at its price; budgets, suppliers'
costs and the disutility of effort are scaled down until they hardly count beside it, so that the
plan of this economy relaxes as little as it can. What consumers still buy there is a small share of
the relaxation. A linear programme in the fractions of the councils' proposals then takes it out:
it may only combine what councils can do, hence its relaxation is possible. From below, prices bound
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
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.certificate.clearance import total_needs
from parecon.certificate.dual_bound import PROFIT_ROUNDING, repair
from parecon.certificate.panel import judges_of
from parecon.control import Control
from parecon.draft import Draft, drafts
from parecon.economy import Economy
from parecon.families import CobbDouglasWorkers, Consumers, Effort, Family, Suppliers
from parecon.interior import InteriorMethod
from parecon.problem import Problem
from parecon.scenarios.slacks import Slack
from parecon.settings import Settings
from parecon.start import starting_point
from parecon.status import Status

Array = NDArray[np.float64]

# value of what consumers buy, beside a relaxation that costs one; the next where one leads nowhere
CONSUMED = (1e-4, 1e-3)
FLAT = 1e6  # price elasticity of the last resort: its price hardly moves
_PROGRAMME_COUNCILS = 20_000
_IDLE = 1e-12  # of the greatest input or output of a good: what is not worth a column


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
    for consumed in CONSUMED:
        relaxed = _with_last_resort(economy, slacks, unit_cost, consumed)
        found = _planned(relaxed, settings)
        if found is not None:
            break
    else:
        return None
    price, proposed = found
    goods = np.array([economy.goods.index(slack.good) for slack in slacks])
    resort = np.asarray(proposed[-1].values["quantity"])
    exact = _programme(economy, slacks, unit_cost, goods, proposed[:-1])
    amount, duals = (resort, price) if exact is None else exact
    limits = np.array([slack.limit for slack in slacks])
    bounds = [cost_bound(economy, p, goods, unit_cost, limits) for p in (price, duals)]
    amount = np.maximum(amount, 0.0)
    return Elastic(amount, float(unit_cost @ amount), max(bounds), price)


def _planned(economy: Economy, settings: Settings) -> tuple[Array, list[Draft]] | None:
    """(prices, proposals) of the elastic economy; None where the solver gives up."""
    with Control(settings) as control, np.errstate(all="ignore"):
        problem = Problem(economy, control.n_threads)
        problem.may_be_infeasible = False  # with a last resort everything can be had
        method = InteriorMethod(problem, settings, control)
        method.start(starting_point(problem, None))
        status = method.run()
        if status not in (Status.SOLVED, Status.INACCURATE):
            return None
        return problem.market.price.copy(), drafts(problem)


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


# -- the linear programme -------------------------------------------------------------------------


def _programme(
    economy: Economy,
    slacks: Sequence[Slack],
    unit_cost: Array,
    goods: NDArray[Any],
    proposed: Sequence[Draft],
) -> tuple[Array, Array] | None:
    """(amounts (k,), prices (n,)): as little relaxation as fractions of the proposals need.

    minimise c.r  subject to  endowment + sum_j t_j y_j + r >= needs ,  0 <= t_j <= most_j ,
    0 <= r <= limit. Rows are scaled by what there is of the good. None where it is too large or
    HiGHS gives up.
    """
    n = economy.n_goods
    net, most = _columns(economy, proposed)
    if net.shape[0] > _PROGRAMME_COUNCILS:
        return None
    from scipy.optimize import linprog

    needs = total_needs(economy)
    size = np.asarray(abs(net).sum(axis=0)).ravel() + np.asarray(economy.endowment) + needs
    size[size <= 0.0] = 1.0
    of_slack = sp.csr_array((np.ones(goods.size), (goods, np.arange(goods.size))), (n, goods.size))
    scales = np.array([slack.scale for slack in slacks])
    balance = sp.hstack([net.T, of_slack @ sp.diags_array(scales)]).tocsr()
    rows = sp.diags_array(1.0 / size)
    limits = np.array([slack.limit for slack in slacks]) / scales
    upper = np.concatenate([most, limits])
    solution = linprog(
        np.concatenate([np.zeros(most.size), unit_cost * scales]),
        A_ub=-(rows @ balance),
        b_ub=-(needs - np.asarray(economy.endowment)) / size,
        bounds=np.column_stack([np.zeros(upper.size), upper]),
        method="highs",
    )
    if solution.x is None or solution.status != 0:
        return None
    price = np.maximum(-solution.ineqlin.marginals, 0.0) / size
    return scales * solution.x[most.size :], price


def _columns(economy: Economy, proposed: Sequence[Draft]) -> tuple[sp.csr_array, Array]:
    """(net, most): net outputs of proposals, councils by goods, and how often each can be made."""
    n = economy.n_goods
    parts, most = [sp.csr_array((0, n))], [np.zeros(0)]
    for family, draft in zip(economy.families, proposed, strict=True):
        if isinstance(family, Consumers):
            continue
        if isinstance(family, Suppliers):
            quantity = np.asarray(draft.values["quantity"])
            council = np.arange(quantity.size)
            supplied = sp.csr_array((quantity, (council, family.good)), shape=(quantity.size, n))
            maximum = np.inf if family.maximum is None else family.maximum
            parts.append(supplied)
            most.append(_ratio(np.broadcast_to(maximum, quantity.shape), quantity))
            continue
        parts.append(sp.csr_array(draft.made(n) - draft.used(n)))
        most.append(_most(family, draft))
    return sp.csr_array(sp.vstack(parts)), np.concatenate(most)


def _most(family: Family, draft: Draft) -> Array:
    """(m,) how many times its proposal a council can make: once unless returns are constant."""
    values, m = draft.values, family.n_councils
    if isinstance(family, CobbDouglasWorkers):
        return np.ones(m)
    done = np.asarray(values["output"] if values.get("output") is not None else values["level"])
    capacity = getattr(family, "capacity", None)
    most = np.full(m, np.inf) if capacity is None else _ratio(np.asarray(capacity), done)
    returns = getattr(family, "returns", None)
    return most if returns is None else np.where(returns < 1.0, np.minimum(most, 1.0), most)


def _ratio(most: Array, done: Array) -> Array:
    """most / done, 0 for who does nothing."""
    return np.divide(most, done, out=np.zeros(done.shape), where=done > 0.0)
