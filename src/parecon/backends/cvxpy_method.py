"""method="cvxpy": the economy as a cone problem, by any cone solver that is installed.

1. Compile the model, or set the parameters of the one at hand.
2. Let the solver run beside, watching the clock and Ctrl-C.
3. Make its quantities a plan and judge it. What does not hold is tried again, in units in which the
   prices just found are one: numbers of one size are what a cone solver needs most.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon.backends._base import Backend, check_able, chosen
from parecon.backends._waiting import LeftError, Stop, run_beside
from parecon.backends.cvxpy_model import ConeModel, model_of
from parecon.backends.cvxpy_solvers import Engine, engine_of
from parecon.backends.quantities import NEEDS_MARGIN, found_of, idle_values
from parecon.backends.rough import at_least_rough
from parecon.control import Control, StoppedError
from parecon.delivery import totals
from parecon.economy import Economy
from parecon.errors import PlanError, SettingsError
from parecon.finish import Found, finish
from parecon.plan import Info, Plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start
from parecon.status import Status

Array = NDArray[np.float64]

_STATUS = {
    "optimal": Status.SOLVED,
    "optimal_inaccurate": Status.SOLVED,  # the certificate decides
    "infeasible": Status.INFEASIBLE,
    "infeasible_inaccurate": Status.INFEASIBLE,
    "infeasible_or_unbounded": Status.INACCURATE,
    "unbounded": Status.INACCURATE,
    "unbounded_inaccurate": Status.INACCURATE,
    "user_limit": Status.ITERATION_LIMIT,
    "solver_error": Status.INACCURATE,
}

_USABLE = 1e-3  # worst shortage of quantities that are delivered before the last try
_OF_SIZE = 1.0  # measures of a plan whose prices may serve as units
_MARGIN = 1e-2  # of the tolerance, where a plan is tried again
_BAD = 1e100
_LEAST_PRICE = 1e-6  # of the guess: smaller ones are those of goods in surplus


@dataclass
class _Outcome:
    """What one run of the solver left: its word, iterations, and values where there are any."""

    word: str
    iterations: int
    objective: float
    price: Array | None = None
    values: list[dict[str, Array]] | None = None
    note: str = ""


@dataclass
class _Try:
    """What one try came to; `plan` only where the quantities are worth delivering."""

    status: Status
    found: Found
    shortage: float
    plan: Plan | None = None

    @property
    def nearly(self) -> bool:
        """Whether the prices are of the right size, so that they may serve as units."""
        if self.plan is None:
            return False
        c = self.plan.certificate
        return bool(max(c.surplus, c.budget_violation, c.budget_unspent) < _OF_SIZE)

    @property
    def worst(self) -> float:
        """Distance from solved: the certificate's worst measure, of a try without a plan more."""
        if self.plan is None:
            return _BAD * (1.0 + self.shortage)
        c = self.plan.certificate
        found = max(c.surplus, c.budget_violation, c.budget_unspent, c.benefit_cost_violation)
        found = max(found, c.zero_profit, abs(c.gap))
        return min(found, _BAD) if c.feasible and math.isfinite(found) else _BAD


class CvxpyBackend(Backend):
    """Cone solvers through CVXPY; the compiled model is kept from solve to solve."""

    name: ClassVar[str] = "cvxpy"
    needs: ClassVar[str] = "cone"

    def __init__(self) -> None:
        self._model: ConeModel | None = None
        self._told: dict[str, Any] = {}  # by name of the solver: CVXPY compiles anew for another

    def solve(self, problem: Problem, settings: Settings, control: Control, start: Start) -> Plan:
        """See `Backend.solve`."""
        check_able(problem.economy, self.needs, "method 'cvxpy'", "method='auto'")
        engine = engine_of(settings)
        if engine.name not in self._told:
            self._told[engine.name] = engine.told()
        choice = chosen(settings, engine.name, "the cone solver that gives most digits")
        control.choose(choice)
        method = choice.name
        best: _Try | None = None
        for number, attempt in enumerate(engine.attempts):
            with control.phase("compile"):
                if best is None:
                    model = self._compiled(problem, start)
                else:
                    if number == 1 and best.nearly:
                        model = self._rescaled(problem, best.found.price)
                    model.margin.value = _margin(problem, best.found, settings.tol)
            status, found = self._run(model, problem, settings, control, engine, attempt)
            if best is not None and status is not Status.SOLVED:
                # stopped in a later try: what the earlier ones found is the best there is
                best.status = status
                break
            this = _Try(status, found, _shortage(problem, found))
            if this.shortage <= _USABLE or status is not Status.SOLVED:
                this.plan = finish(problem, settings, control, status, method, found)
            if best is None or this.worst < best.worst:
                best = this
            if status is not Status.SOLVED or (this.plan and this.plan.status is Status.SOLVED):
                break
        if best is None:
            raise AssertionError("unreachable: every engine has at least one attempt")
        plan = best.plan
        if plan is None or best.status is not Status.SOLVED:
            plan = finish(problem, settings, control, best.status, method, best.found)
        return at_least_rough(problem, settings, control, start, plan)

    def _compiled(self, problem: Problem, start: Start) -> ConeModel:
        """The model of this economy: the one at hand where only budgets and endowments differ."""
        model = self._model
        if model is not None and _same_but_parameters(model.economy, problem.economy):
            model.endowment.value = np.array(problem.economy.endowment)
            for label, parameter in model.budgets.items():
                family: Any = problem.economy.family(label)
                parameter.value = np.array(family.budget)
            model.margin.value = NEEDS_MARGIN * problem.needs
        else:
            model = model_of(problem, start.price)
        self._model = model
        return model

    def _rescaled(self, problem: Problem, price: Array) -> ConeModel:
        """The model in units of the last prices; those of goods worth nothing stay as they were."""
        if self._model is None:
            raise AssertionError("unreachable: the first try compiled it")
        before = self._model.units.price
        self._model = model_of(problem, np.maximum(price, _LEAST_PRICE * before))
        return self._model

    def _run(
        self,
        model: ConeModel,
        problem: Problem,
        settings: Settings,
        control: Control,
        engine: Engine,
        attempt: dict[str, Any],
    ) -> tuple[Status, Found]:
        stop = Stop()
        try:
            control.poll()
            with control.phase("cone solver"):
                outcome = _solved(model, engine, self._told[engine.name], attempt, control, stop)
        except StoppedError as stopped:
            idle = idle_values(problem.economy)
            unstarted = found_of(problem.economy, model.units.price, idle, settings.tol)
            return stopped.status, unstarted
        status = _STATUS[outcome.word]
        if status is Status.ITERATION_LIMIT and control.hurried():
            status = Status.TIME_LIMIT
        if stop.status is not None:
            status = stop.status
        if status is Status.INFEASIBLE and not problem.needs.any():
            status = Status.INACCURATE  # without needs doing nothing is a plan
        price, values = outcome.price, outcome.values
        if values is None or price is None:
            price = model.units.price if price is None else price
            values = idle_values(problem.economy)
        control.record(
            Info(
                iteration=outcome.iterations,
                time_s=control.elapsed_s,
                dual=outcome.objective,
                gap=math.nan,
                shortage=math.nan,
                surplus=math.nan,
            )
        )
        return status, found_of(problem.economy, price, values, settings.tol, outcome.note)


def _solved(
    model: ConeModel,
    engine: Engine,
    told: Any,
    attempt: dict[str, Any],
    control: Control,
    stop: Stop,
) -> _Outcome:
    """One run of the solver. It works beside; CVXPY's own part does not."""
    import cvxpy as cp

    problem = model.problem
    options = engine.options(control) | attempt
    if hasattr(told, "stop"):
        told.stop = stop
    try:
        data, chain, inverse = problem.get_problem_data(told, solver_opts=options)
    except cp.SolverError as error:
        raise SettingsError(
            f"solver: {engine.name!r} cannot solve this economy: {error}"
        ) from error

    def call() -> Any:
        try:
            return chain.solve_via_data(problem, data, True, False, options)
        except TypeError as error:
            raise SettingsError(f"solver_options: {error}") from error

    with warnings.catch_warnings():
        # "Solution may be inaccurate": the certificate says how much
        warnings.simplefilter("ignore", UserWarning)
        try:
            raw = run_beside(call, control, stop)
            problem.unpack_results(raw, chain, inverse)
        except LeftError:
            return _Outcome("user_limit", 0, math.nan)
        except cp.SolverError as error:
            if engine.interrupted(raw):
                control.interrupt()
                stop.status = Status.INTERRUPTED
            return _Outcome("solver_error", 0, math.nan, note=f"{engine.name}: {error}")
    return _unpacked(model, engine)


def _unpacked(model: ConeModel, engine: Engine) -> _Outcome:
    problem = model.problem
    stats = problem.solver_stats
    outcome = _Outcome(
        word=problem.status if problem.status in _STATUS else "solver_error",
        iterations=int(getattr(stats, "num_iters", None) or 0),
        objective=math.nan,
        note=f"{engine.name} says: {problem.status}.",
    )
    if outcome.word == "optimal":
        outcome.note = ""
    try:
        outcome.price = model.price
        outcome.values = model.values()
        outcome.objective = float(problem.value) * model.unit_of_value
    except PlanError as error:
        if outcome.word.startswith("optimal"):
            outcome.word, outcome.note = "solver_error", str(error)
    return outcome


def _same_but_parameters(old: Economy, new: Economy) -> bool:
    """Whether budgets and endowments are all that differs."""
    if old is new:
        return True
    if old.goods is not new.goods or len(old.families) != len(new.families):
        return False
    return all(
        getattr(a, column.name) is getattr(b, column.name)
        for a, b in zip(old.families, new.families, strict=True)
        for column in a.columns
        if a is not b and column.name != "budget"
    )


def _margin(problem: Problem, found: Found, tol: float) -> Array:
    """(n,) a little of what is used of each good, physical units.

    What a solver's tolerance overdraws is cut from its users; where nobody but its makers uses a
    good, they could only be cut to nothing.
    """
    _, used = totals(problem, found.drafts)
    least = NEEDS_MARGIN * problem.needs
    margin: Array = np.maximum(min(NEEDS_MARGIN, _MARGIN * tol) * used, least)
    return margin


def _shortage(problem: Problem, found: Found) -> float:
    """Worst relative shortage of quantities as they were found."""
    supply, demand = totals(problem, found.drafts)
    larger = np.maximum(np.maximum(supply, demand), 1e-300)
    return float(np.max((demand - supply) / larger, initial=0.0))
