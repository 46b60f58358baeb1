"""Why needs cannot be met: the plan that is short of least, and what stands in its way.

The economy is given a supplier of last resort for every good that is owed in kind, at a price that
counts a whole need as one: the best plan of that economy leaves out the smallest shares of needs,
its prices are the multipliers of Farkas' lemma, and the price of a resource is the share of needs
that one more unit of it would save. `parecon.certificate.proves_infeasible` then checks, on the
original data, that those prices prove that no plan exists.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.certificate import proves_infeasible
from parecon.control import Control
from parecon.economy import Economy
from parecon.families import Consumers, Suppliers
from parecon.interior import InteriorMethod
from parecon.plan import Infeasibility
from parecon.problem import Problem, total_needs
from parecon.settings import Settings
from parecon.start import starting_point
from parecon.status import Status

Array = NDArray[np.float64]

# value of what households buy beyond needs, of the value of needs: enough to hold the numbers
# together
CONSUMED = 1e-3
FLAT = 1e6  # price elasticity of the last resort: its price hardly moves
VISIBLE = 1e-6  # shares of needs, and values of resources, that are worth a line
_MOST = 25


def diagnose(economy: Economy, settings: Settings, control: Control) -> Infeasibility | None:
    """Goods short and resources that bind where a proof of infeasibility is found, else None."""
    needs = total_needs(economy)
    needed = np.flatnonzero(needs > 0.0)
    if not len(needed):
        return None
    elastic = _with_last_resort(economy, needs, needed)
    problem = Problem(elastic, control.n_threads)
    problem.may_be_infeasible = False  # with a last resort everything can be had
    quiet = Control(
        Settings(tol=1e-9, time_limit_s=control.remaining_s, max_iterations=settings.max_iterations)
    )
    with quiet, np.errstate(all="ignore"):
        method = InteriorMethod(problem, quiet.settings, quiet)
        method.lower = ()  # the last resort is so flat that only the middle of the path is safe
        method.start(starting_point(problem, None))
        status = method.run()
    if status not in (Status.SOLVED, Status.INACCURATE):
        return None
    price = problem.market.price
    if not proves_infeasible(economy, np.where(price * needs.max() > 1e-12, price, 0.0)):
        return None
    return _described(economy, problem, needs, needed)


def _with_last_resort(economy: Economy, needs: Array, needed: NDArray[np.intp]) -> Economy:
    resort = Suppliers(
        needed,
        quantity=needs[needed],
        price=1.0 / needs[needed],
        elasticity=FLAT,
        form="linear",
        label="last_resort",
    )
    scale = CONSUMED * len(needed) / economy.total_budget
    families = [
        _with_money(family, scale) if isinstance(family, Consumers) else family
        for family in economy.families
    ]
    return Economy(economy.goods, economy.endowment, [*families, resort])


def _with_money(family: Consumers, scale: float) -> Consumers:
    """The family with so many times its money."""
    money: dict[str, Any] = {family.money: scale * np.asarray(family.budget)}
    return family.replace(**money)


def _described(
    economy: Economy, problem: Problem, needs: Array, needed: NDArray[np.intp]
) -> Infeasibility:
    """What the last resort supplies is short.

    Less what households would give up of the same good.
    """
    price = problem.market.price
    resort = problem.groups[-1][0].proposal(problem.market)["quantity"]
    consumed = np.zeros(economy.n_goods)
    for family, group in zip(problem.economy.families, problem.groups, strict=True):
        if isinstance(family, Consumers):
            for answer in group:
                quantity = answer.proposal(problem.market)["quantity"]
                consumed += np.bincount(
                    family.pattern()[1], weights=quantity, minlength=economy.n_goods
                )
    short = np.maximum(resort - consumed[needed], 0.0)
    order = np.argsort(-short / needs[needed], kind="stable")
    names = economy.goods
    goods = tuple(
        (
            names.name(int(needed[k])),
            float(needs[needed[k]]),
            float(max(needs[needed[k]] - short[k], 0.0)),
        )
        for k in order[:_MOST]
        if short[k] > VISIBLE * needs[needed[k]]
    )
    endowment = np.asarray(economy.endowment)
    worth = price * endowment
    dear = [i for i in np.argsort(-price, kind="stable") if worth[i] > VISIBLE * len(needed)]
    resources = tuple((names.name(int(i)), float(price[i])) for i in dear[:_MOST])
    return Infeasibility(goods=goods, resources=resources)
