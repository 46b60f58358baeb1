"""Plan an economy: compile, choose a method, iterate, deliver, certify.

`solve` does it once; `Solver` keeps the economy and the last prices for hosts that solve again
and again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon import iteration_log
from parecon._blas import single_threaded_blas
from parecon.approach import approached
from parecon.backends import Backend, backend
from parecon.control import Control
from parecon.economy import Economy
from parecon.errors import PareconError, SettingsError
from parecon.families import refuse_first_order
from parecon.finish import finish
from parecon.interior import InteriorMethod
from parecon.newton import NewtonMethod
from parecon.plan import Choice, Info, Plan
from parecon.problem import Problem
from parecon.settings import BACKENDS, Settings
from parecon.start import Start, starting_point
from parecon.status import Status
from parecon.systems import SYSTEMS

Array = NDArray[np.float64]

__all__ = ["Solver", "solve"]


def solve(
    economy: Economy,
    *,
    tol: float = 1e-6,
    method: str = "auto",
    solver: str | None = None,
    solver_options: Mapping[str, Any] | None = None,
    warm_start: Plan | ArrayLike | None = None,
    time_limit_s: float | None = None,
    max_iterations: int = 200,
    n_threads: int | None = None,
    log: Callable[[str], object] | None = None,
    callback: Callable[[Info], object] | None = None,
    certify: bool | None = None,
) -> Plan:
    """Find a plan: prices and one proposal for every council.

    It is delivered, and comes with proof of how good it is.

    Parameters
    ----------
    economy : Economy
    tol : float, bound on three things on the original data: worst relative shortage and surplus
        value, zero-profit residual, and the gap Phi - welfare over total budget.
    method : {"auto", "newton", "interior", "cvxpy", "highs"}
        "auto" takes "newton" where prices are all there is to find, "interior" elsewhere; the other
        two are other engines (docs/backends.md).
    solver, solver_options : str and mapping, which solver of "cvxpy" or "highs", and its options.
    warm_start : Plan, or (n,) prices > 0 in money per physical unit.
    time_limit_s, max_iterations : stop there with the best feasible plan so far.
    n_threads : int or None, threads of the kernels at most; the plan does not depend on it.
    log : callable taking one line of text, besides the logger "parecon" of `logging`.
    callback : callable taking an Info after each iteration; a true result stops.
    certify : bool or None, judge the plan by `parecon.certify` (None: unless the economy is large).

    Returns
    -------
    Plan, whatever the mathematics did: see `Plan.status`. Raises SettingsError for wrong settings,
    EconomyError for councils with increasing returns (`FirstOrderWorkers`).
    """
    settings = Settings(
        tol=tol,
        method=method,
        solver=solver,
        solver_options=solver_options,
        time_limit_s=time_limit_s,
        max_iterations=max_iterations,
        n_threads=n_threads,
        log=log,
        callback=callback,
        certify=certify,
    )
    planner = Solver(economy, settings)
    if warm_start is not None:
        planner.warm_start(warm_start)
    return planner.solve()


class Solver:
    """An economy compiled once and solved as often as it changes.

    Parameters
    ----------
    economy : Economy
    settings : Settings or None for the defaults.

    One solve at a time: solvers in different threads are independent of each other.
    """

    def __init__(self, economy: Economy, settings: Settings | None = None) -> None:
        refuse_first_order(economy.families, "a plan")
        self.economy = economy
        self.settings = settings or Settings()
        self._problem: Problem | None = None
        self._warm: Plan | Array | None = None
        self._backend: Backend | None = None
        self._works = False

    def update(
        self,
        *,
        endowment: ArrayLike | Mapping[str, float] | None = None,
        families: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Change endowments or columns of families (see `Economy.replace`).

        The next solve starts from the last prices. Raises PareconError during a solve.
        """
        self._refuse_at_work("update")
        self.economy = self.economy.replace(endowment=endowment, families=families)
        if self._problem is not None:
            self._problem = self._problem.changed(self.economy)

    def warm_start(self, start: Plan | ArrayLike) -> None:
        """Start the next solve from a plan, or from (n,) prices > 0.

        Raises SettingsError when the prices do not fit the economy.
        """
        warm = start if isinstance(start, Plan) else np.array(start, dtype=np.float64)
        price = warm.price if isinstance(warm, Plan) else warm
        if price.shape != (self.economy.n_goods,):
            raise SettingsError(
                f"warm_start: expected one price for each of {self.economy.n_goods} goods, "
                f"got shape {price.shape}"
            )
        if not np.all(np.isfinite(price)) or np.any(price < 0.0) or not np.any(price > 0.0):
            raise SettingsError(
                "warm_start: expected finite prices, none below zero and not all zero"
            )
        self._warm = warm

    def solve(self) -> Plan:
        """Plan the economy as it is now.

        Raises PareconError where this solver is at it already, in another thread or from its own
        callback.
        """
        self._refuse_at_work("solve")
        self._works = True
        try:
            return self._solved()
        finally:
            self._works = False

    def _refuse_at_work(self, asked: str) -> None:
        if self._works:
            raise PareconError(
                f"{asked}: this solver is in the middle of a solve; one for each thread, please, "
                "and none from its own callback"
            )

    def _solved(self) -> Plan:
        settings = self.settings
        with Control(settings) as control:
            with control.phase("setup"):
                if self._problem is None:
                    self._problem = Problem(self.economy, control.n_threads)
                problem = self._problem
                start = starting_point(problem, self._warm)
            if control.heard:
                for line in iteration_log.opening(
                    self.economy, settings=settings, n_threads=problem.n_threads
                ):
                    control.say(line)
            plan = self._planned(problem, control, start)
            if control.heard:
                for line in iteration_log.footer(plan):
                    control.say(line)
        if plan.status in (Status.SOLVED, Status.INACCURATE):
            self._warm = plan
        return plan

    def _planned(self, problem: Problem, control: Control, start: Start) -> Plan:
        settings = self.settings
        # prices on their way to zero or infinity over- and underflow: the methods test what is
        # finite
        if settings.method in BACKENDS:
            if self._backend is None:
                self._backend = backend(settings.method)
            with np.errstate(all="ignore"):
                return self._backend.solve(problem, settings, control, start)
        # one thread for BLAS: its own wait by spinning, also for a dot product (see _blas)
        with np.errstate(all="ignore"), single_threaded_blas():
            status, name = _run(problem, settings, control, start)
        return finish(problem, settings, control, status, name)


def _run(
    problem: Problem, settings: Settings, control: Control, start: Start
) -> tuple[Status, str]:
    """Run the method asked for, or the one that fits the families."""
    if settings.method == "newton" and not problem.smooth:
        raise SettingsError(
            "method: 'newton' answers smooth families only; "
            "these have levels, capacities or linear utilities: "
            + ", ".join(repr(label) for label in problem.inner_labels())
        )
    choice = _choice(problem, settings.method)
    control.choose(choice)
    if choice.method == "newton":
        status = NewtonMethod(problem, settings, control).run(start.price)
        if settings.method == "newton" or status is not Status.INACCURATE:
            return status, choice.name
        # prices that want to be zero defeat steps in log prices; surpluses of their own do not
        # mind them
        start = Start(price=problem.market.price.copy())
        control.choose(Choice(method="interior", reasons=("newton came to a halt",)))
    else:
        start = approached(problem, settings, control, start)
    interior = InteriorMethod(problem, settings, control)
    interior.start(start)
    status = interior.run()
    if control.choice is not None and interior.system is not None:
        system = SYSTEMS[type(interior.system)]
        control.choice = control.choice.because(f"{system} for {problem.n_goods:,} goods")
    return status, "interior"


def _choice(problem: Problem, asked: str) -> Choice:
    """Which of the own methods, and why."""
    if asked != "auto":
        return Choice(method=asked, reasons=("asked for",))
    if problem.smooth:
        reason = "every family is smooth, prices are all there is to find"
        return Choice(method="newton", reasons=(reason,))
    lacking = [(family, family.lacks("smooth")) for family in problem.economy.families]
    lacking = [(family, reason) for family, reason in lacking if reason]
    if not lacking:
        return Choice(method="interior", reasons=("some councils are not smooth",))
    (family, reason), more = lacking[0], len(lacking) - 1
    others = f" and {more} more famil{'ies' if more > 1 else 'y'}" if more else ""
    return Choice(method="interior", reasons=(f"{family.title!r}{others} not smooth, {reason}",))
