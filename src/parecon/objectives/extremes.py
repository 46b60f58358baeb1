"""The least of what deliveries take, and the most of a basket, by the programme for consumers.

Both are linear, and the programme of a plan has logarithms of utilities. It does not matter: where
one council alone wants something, the greatest logarithm of its utility is the greatest utility.

least   One council is given the deliveries in kind, and values what is left over of the goods to be
        saved, u = sum w (E - used), with more of them (E) than could be needed. max log u is
        min sum w used. At the plan's prices p one more unit of good i in hand saves p_i u / b.
        E - used is kept the size of what is used, so that a gap in log u is one of that relative
        size in what is used; the first solves find out how much that is.
most    One council is given the deliveries and values the basket beyond them.

So needs, certificates, proofs of infeasibility and every method that plans consumers serve here
unchanged; a supply of labour at a fixed cost, the other way to write `least`, has none of them
(docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray
from parecon.economy import Economy
from parecon.errors import EconomyError, list_some
from parecon.families import (
    CobbDouglasConsumers,
    CobbDouglasWorkers,
    Consumers,
    Family,
    LinearConsumers,
    Suppliers,
)
from parecon.guess import guessed_price
from parecon.objectives.extensions import Extension
from parecon.objectives.optimum import Optimum
from parecon.objectives.wanted import Deliveries, Weighed, Weights, delivered, weighed
from parecon.plan import Plan
from parecon.problem import Problem
from parecon.solve import solve
from parecon.status import Status

SEARCH_TOL = 1e-3  # of the solves that only find out how much is needed
ROOM = 2.0  # times what is used: how much there is of what is to be saved
MOST_ROOM = 4.0  # beyond it the accuracy of log u is too little for what is used
FARTHER = 1e3
STILL_MISSING = 0.999  # of the needs missing before: more of what is to be saved does not help
SEARCHES = 12


def minimise(
    economy: Economy,
    use: Weights | Extension,
    *,
    deliveries: Deliveries = None,
    tol: float = 1e-6,
    **options: Any,
) -> Optimum:
    """Find the plan that delivers given quantities with the least of something.

    Parameters
    ----------
    economy : Economy
        Its consumers stand aside. There may be any amount of what is minimised: its endowment is
        no limit (compare it with the result); all other endowments are.
    use : str, mapping or Extension
        What to use least of: a good, a kind of goods (all of them added up), weights by good, or an
        `Extension` that is no good yet. Goods that councils make cannot be minimised.
    deliveries : mapping from good to quantity, (n,) array_like, Plan or None
        Physical units per plan year; of a plan all that its consumers get; None for the needs in
        kind of the economy's consumers.
    tol : float
        Of the plan, hence of the least use relative to itself.
    **options
        As of `parecon.solve`, for each of the few solves that are made.

    Returns
    -------
    Optimum
        With `plan.status` INFEASIBLE where nothing delivers what is asked for, however much there
        is of what is minimised.

    Raises
    ------
    EconomyError
        If a name is unknown, nothing is to be delivered, the good is made or supplied by somebody,
        or councils have costs in money (suppliers, effort), which cannot be weighed against it.
    SettingsError
        For wrong options.
    """
    needs = delivered(economy, deliveries)
    stated = not isinstance(use, Extension)
    if isinstance(use, Extension):
        economy, use, needs = use.added_to(economy, 1.0), use.name, np.append(needs, 0.0)
    what = weighed(economy.goods, use, "minimise")
    if not needs.any():
        raise EconomyError(
            "deliveries: expected a quantity above 0 of some good, got none (without deliveries "
            "the needs in kind of the economy's consumers count, and there are none)"
        )
    workers = _without_consumers(economy, "minimise")
    _check_only_used(economy, what)
    return _Search(economy, workers, what, needs, options, stated).run(tol)


def maximise(
    economy: Economy,
    basket: Weights,
    *,
    deliveries: Deliveries = None,
    tol: float = 1e-6,
    **options: Any,
) -> Optimum:
    """Find the plan that delivers the most of a weighted basket of goods.

    Parameters
    ----------
    economy : Economy
        Its consumers stand aside.
    basket : str or mapping
        A good, a kind of goods, or weights > 0 by good, per physical unit.
    deliveries : mapping from good to quantity, (n,) array_like, Plan or None
        What must be delivered in any case, physical units per plan year; what of it is in the
        basket counts. None for the needs in kind of the economy's consumers.
    tol, **options
        As of `parecon.solve`.

    Returns
    -------
    Optimum

    Raises
    ------
    EconomyError
        If a name is unknown, or councils have costs in money (suppliers, effort).
    SettingsError
        For wrong options.
    """
    what = weighed(economy.goods, basket, "maximise")
    needs = delivered(economy, deliveries)
    workers = _without_consumers(economy, "maximise")
    council = _council(what, needs, 1.0, workers, "basket")
    plan = solve(Economy(economy.goods, economy.endowment, [*workers, council]), tol=tol, **options)
    given = float(np.dot(what.weight, needs[what.good]))
    if plan.status is Status.INFEASIBLE:
        unknown = np.full(economy.n_goods, np.nan)
        return _optimum("most", what, needs, plan, 0.0, 0.0, unknown, unknown)
    utility = float(plan.proposals[-1].utility[0])
    with np.errstate(over="ignore"):
        bound = given + float(np.exp(plan.bound))
    price, used = plan.price * utility, np.array(plan.demand)
    return _optimum("most", what, needs, plan, given + utility, bound, price, used)


@dataclass
class _Search:
    """How much is needed is not known before it is: solve, look, and solve again."""

    economy: Economy
    workers: list[Family]
    what: Weighed
    needs: FloatArray
    options: dict[str, Any]
    stated: bool  # whether the endowment says something

    def run(self, tol: float) -> Optimum:
        """The optimum; the last solve is the one that counts."""
        size, missing = self._first_size(), np.inf
        for _ in range(SEARCHES):
            plan, stock = self._solved(size, max(tol, SEARCH_TOL))
            if plan.status is Status.INFEASIBLE:
                before, missing = missing, _missing(plan)
                if not self._short_of_what_is_saved(plan) or missing > STILL_MISSING * before:
                    return self._result(plan, stock)
                size *= FARTHER
                continue
            used = self._weighed(self._used(plan))
            if used <= 0.0:  # it can be done without
                return self._result(plan, stock)
            known = float(np.sum(stock)) <= MOST_ROOM * len(stock) * used
            size = max(used, size / FARTHER)
            if known:
                break
        plan, stock = self._solved(size, tol)
        return self._result(plan, stock)

    def _first_size(self) -> float:
        """What there is, weighed; where there is nothing, what guessed prices make of it."""
        there = float(np.dot(self.what.weight, self.economy.endowment[self.what.good]))
        if self.stated and there > 0.0:
            return there
        economy, _ = self._economy(1.0)
        price = guessed_price(Problem(economy, 1))
        unit = float(np.min(price[self.what.good] / self.what.weight))
        return max(float(np.dot(price, self.needs)) / unit, 1e-300)

    def _economy(self, size: float) -> tuple[Economy, FloatArray]:
        """The economy with room for `size`, and how much there now is, weighed, good by good."""
        what, k = self.what, len(self.what.good)
        stock = np.full(k, ROOM * size)
        endowment = np.array(self.economy.endowment)
        endowment[what.good] = stock / what.weight
        # what is left over then is worth its budget at prices that are the weights
        budget = ROOM * k * size - size
        council = _council(what, self.needs, budget, self.workers, "saved")
        return Economy(self.economy.goods, endowment, [*self.workers, council]), stock

    def _solved(self, size: float, tol: float) -> tuple[Plan, FloatArray]:
        economy, stock = self._economy(size)
        return solve(economy, tol=tol, **self.options), stock

    def _short_of_what_is_saved(self, plan: Plan) -> bool:
        names = {self.economy.goods.name(int(i)) for i in self.what.good}
        scarce = plan.infeasible.resources if plan.infeasible is not None else ()
        return any(name in names for name, _ in scarce)

    def _used(self, plan: Plan) -> FloatArray:
        """(n,) physical units used, without what is left over to be saved."""
        used = np.array(plan.demand)
        used[self.what.good] -= plan.proposals[-1].quantity
        return used

    def _weighed(self, used: FloatArray) -> float:
        return float(np.dot(self.what.weight, used[self.what.good]))

    def _result(self, plan: Plan, stock: FloatArray) -> Optimum:
        n = self.economy.n_goods
        if plan.status is Status.INFEASIBLE:
            unknown = np.full(n, np.nan)
            return _optimum("least", self.what, self.needs, plan, np.inf, np.inf, unknown, unknown)
        budget = plan.economy.total_budget
        saved = float(plan.proposals[-1].utility[0])
        with np.errstate(over="ignore"):
            bound = max(float(np.sum(stock)) - float(np.exp(plan.bound / budget)), 0.0)
        price, used = plan.price * (saved / budget), self._used(plan)
        value = self._weighed(used)
        return _optimum("least", self.what, self.needs, plan, value, bound, price, used)


def _missing(plan: Plan) -> float:
    """Sum of the shares of needs that cannot be had."""
    short = plan.infeasible.goods if plan.infeasible is not None else ()
    return float(sum(1.0 - available / needed for _, needed, available in short))


def _optimum(
    sense: Any,
    what: Weighed,
    needs: FloatArray,
    plan: Plan,
    value: float,
    bound: float,
    price: FloatArray,
    used: FloatArray,
) -> Optimum:
    for array in (needs, price, used):
        array.flags.writeable = False
    return Optimum(
        sense=sense,
        weighed=what,
        value=value,
        bound=bound,
        price=price,
        used=used,
        deliveries=needs,
        plan=plan,
    )


def _council(
    what: Weighed, needs: FloatArray, budget: float, workers: Sequence[Family], label: str
) -> Consumers:
    """One council that values the goods by their weights, beyond what it is given."""
    n = len(needs)
    taken = {family.label for family in workers}
    while label in taken:
        label += "_"
    given = sp.csr_array(needs[None, :])
    if len(what.good) == 1 and what.weight[0] == 1.0:
        pointer = np.array([0, 1], dtype=np.int32)
        shares = sp.csr_array((np.ones(1), what.good, pointer), shape=(1, n))
        return CobbDouglasConsumers([budget], shares, given, label=label)
    value = sp.csr_array(what.vector(n)[None, :])
    return LinearConsumers([budget], value, given, label=label)


def _without_consumers(economy: Economy, purpose: str) -> list[Family]:
    """The other families; EconomyError where one has costs in money."""
    kept = [family for family in economy.families if not isinstance(family, Consumers)]
    for family in kept:
        costs = ""
        if isinstance(family, Suppliers) and family.n_councils:
            costs = "give what they can supply as an endowment"
        elif isinstance(family, CobbDouglasWorkers) and family.effort is not None:
            costs = "replace effort by hours of labour, a good"
        if costs:
            raise EconomyError(
                f"{purpose}: the costs of {family.title!r} are in money, which cannot be weighed "
                f"against quantities: {costs}"
            )
    return kept


def _check_only_used(economy: Economy, what: Weighed) -> None:
    """What is made can be had without using any."""
    made = [int(i) for i in what.good if economy.made[i]]
    if made:
        some = list_some((repr(economy.goods.name(i)) for i in made), len(made))
        raise EconomyError(
            f"minimise: expected goods that nobody makes, such as labour or land, got {some}"
        )
