"""Plan a list of scenarios, each from the prices of the one before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.errors import ScenarioError
from parecon.plan import Plan
from parecon.scenarios.relaxing import Missing, relax
from parecon.scenarios.results import Outcome, Sweep, measured
from parecon.scenarios.scenario import Scenario
from parecon.settings import Settings
from parecon.solve import Solver
from parecon.status import Status

__all__ = ["Step", "sweep"]

Array = NDArray[np.float64]

_FREE = 1e-5  # value of all there is of a good, over the budgets, below which it counts as free


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a sweep stands: after `done` of `total` scenarios, the last of which was `outcome`."""

    done: int
    total: int
    outcome: Outcome


def sweep(
    economy: Economy,
    scenarios: Iterable[Scenario],
    *,
    tol: float = 1e-6,
    method: str = "auto",
    warm: bool = True,
    reference: Plan | None = None,
    missing: bool = True,
    keep_plans: bool = True,
    time_limit_s: float | None = None,
    max_iterations: int = 200,
    n_threads: int | None = None,
    certify: bool | None = None,
    callback: Callable[[Step], object] | None = None,
) -> Sweep:
    """Plan an economy under each of a list of scenarios.

    Every scenario is applied to the economy as given, and all of them once before the first is
    planned, so that a wrong one costs no waiting.

    Parameters
    ----------
    economy : Economy
    scenarios : iterable of Scenario
        Of distinct names.
    tol, method, max_iterations, n_threads, certify
        As for `parecon.solve`, for each scenario. time_limit_s : for each scenario.
    warm : bool
        Begin at the prices of the last scenario that had a plan; where that leads nowhere, a
        scenario is planned again without.
    reference : Plan, optional
        For caps relative to a plan; found if it is needed and not given.
    missing : bool
        Look for the least relaxation of impossible scenarios (`relax`).
    keep_plans : bool
        Keep the plans in the outcomes.
    callback : callable, optional
        Takes a Step after each scenario; a true result stops the sweep.

    Returns
    -------
    Sweep
        What became of every scenario; see `Outcome.status`. Ctrl-C ends the sweep, with the best
        plan so far of the scenario that is being planned.

    Raises
    ------
    ScenarioError
        If a scenario does not fit, or two have the same name.
    """
    wanted = _checked(scenarios)
    settings = Settings(
        tol=tol,
        method=method,
        time_limit_s=time_limit_s,
        max_iterations=max_iterations,
        n_threads=n_threads,
        certify=certify,
    )
    if reference is None and any(scenario.needs_reference for scenario in wanted):
        reference = Solver(economy, settings).solve()
        reference.raise_if_not_solved()
    for scenario in wanted:
        scenario.apply(economy, reference=reference)
    run = _Run(settings, warm, reference)
    outcomes: list[Outcome] = []
    asked = False
    try:
        for scenario in wanted:
            outcome = run.outcome(scenario, scenario.apply(economy, reference=reference))
            if missing and outcome.status is Status.INFEASIBLE:
                outcome = _with_missing(outcome, economy, reference, settings)
            outcomes.append(outcome if keep_plans else replace(outcome, plan=None))
            if callback is not None:
                step = Step(done=len(outcomes), total=len(wanted), outcome=outcome)
                asked = bool(callback(step))
            if asked or outcome.status is Status.INTERRUPTED:
                break
    except KeyboardInterrupt:  # between two solves, which hear of it themselves
        if not outcomes:
            raise
    return Sweep(outcomes=tuple(outcomes), stopped=len(outcomes) < len(wanted))


class _Run:
    """One solver after the other, handing on compiled councils and prices where they fit."""

    def __init__(self, settings: Settings, warm: bool, first: Plan | None) -> None:
        self._settings = settings
        self._warm = warm
        self._solver: Solver | None = None
        self._last = first

    def outcome(self, scenario: Scenario, economy: Economy) -> Outcome:
        """Plan one scenario."""
        began = time.perf_counter()
        start = self._start(economy) if self._warm else None
        plan = self._solved(economy, start)
        used = start is not None
        if used and plan.status in (Status.INACCURATE, Status.ITERATION_LIMIT, Status.INVALID):
            again = Solver(economy, self._settings).solve()
            if _better(again, plan):
                plan, used = again, False
        if plan.status in (Status.SOLVED, Status.INACCURATE):
            self._last = plan
        return Outcome(
            scenario=scenario,
            status=plan.status,
            message=plan.message,
            plan=plan,
            iterations=plan.n_iterations,
            time_s=time.perf_counter() - began,
            warm=used,
            rows=measured(plan),
        )

    def _solved(self, economy: Economy, start: Plan | Array | None) -> Plan:
        solver = self._solver
        if start is not None and solver is not None and _same_families(solver.economy, economy):
            # Only endowments differ: the compiled councils serve again.
            solver.update(endowment=economy.endowment)
        else:
            solver = Solver(economy, self._settings)
        if start is not None:
            solver.warm_start(start)
        self._solver = solver
        return solver.solve()

    def _start(self, economy: Economy) -> Plan | Array | None:
        """The last plan, or its prices by name; None where that is no good place to begin.

        Prices near zero are a long way from those of what has just become scarce, and of goods
        that are new nothing is known: a solve from scratch is shorter.
        """
        last = self._last
        if last is None:
            return None
        at = {name: i for i, name in enumerate(last.economy.goods.names)}
        places = [at.get(name, -1) for name in economy.goods.names]
        if min(places) < 0:
            return None
        free = last.price * last.supply <= _FREE * last.economy.total_budget
        given = last.supply <= last.economy.endowment
        if np.any((free & given)[places] & (economy.endowment < last.demand[places])):
            return None
        return last if last.economy.goods == economy.goods else last.price[places]


def _same_families(one: Economy, other: Economy) -> bool:
    return len(one.families) == len(other.families) and all(
        mine is theirs for mine, theirs in zip(one.families, other.families, strict=True)
    )


def _better(plan: Plan, other: Plan) -> bool:
    if plan.status is Status.SOLVED or other.status is Status.INVALID:
        return True
    return plan.status is not Status.INVALID and not plan.gap >= other.gap


def _with_missing(
    outcome: Outcome, economy: Economy, reference: Plan | None, settings: Settings
) -> Outcome:
    found: Missing = relax(
        economy,
        outcome.scenario,
        reference=reference,
        plan=outcome.plan,
        tol=settings.tol,
        max_iterations=settings.max_iterations,
        time_limit_s=settings.time_limit_s,
        n_threads=settings.n_threads,
    )
    return replace(outcome, missing=found, message=found.message)


def _checked(scenarios: Iterable[Scenario]) -> Sequence[Scenario]:
    wanted = tuple([scenarios] if isinstance(scenarios, Scenario) else scenarios)
    seen: set[str] = set()
    for position, scenario in enumerate(wanted):
        if not isinstance(scenario, Scenario):
            raise ScenarioError(f"scenarios[{position}]: expected a Scenario, got {scenario!r:.60}")
        if scenario.name in seen:
            raise ScenarioError(f"two scenarios of the name {scenario.name!r}: rename one")
        seen.add(scenario.name)
    if not wanted:
        raise ScenarioError("expected at least one scenario")
    return wanted
