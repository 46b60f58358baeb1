"""Cone solvers as CVXPY knows them: what each is called, told, and how it is stopped.

Only a solver that was looked at has options of its own here; any other that is installed runs with
its defaults and what `solver_options` says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parecon.backends._waiting import Stop
from parecon.control import Control
from parecon.errors import SettingsError, nearest
from parecon.settings import Settings

DEFAULT = "CLARABEL"

# A plan's certificate looks at every council's budget and every good's surplus, which prices spoil
# by the root of a cone solver's gap: it is asked for so much more than the plan. Where an interior
# point ends up is a matter of luck with the path: other step lengths are other paths. A small
# regularisation, much refined, gives digits nearly always. On thousands of power cones Clarabel's
# steps are short for a while, and by its own defaults it gives up there; given time it goes
# through, but elsewhere it only wastes it.
_EXACT = {
    "static_regularization_constant": 1e-10,
    "iterative_refinement_max_iter": 30,
    "iterative_refinement_reltol": 1e-14,
    "iterative_refinement_abstol": 1e-14,
}
_PATIENT = {"min_switch_step_length": 1e-3, "min_terminate_step_length": 1e-10}
_TRIES: tuple[tuple[float, dict[str, float]], ...] = (
    (1e-6, {"max_step_fraction": 0.99, **_EXACT}),
    (1e-6, {"max_step_fraction": 0.9, **_EXACT}),
    (1e-6, {"max_step_fraction": 0.9}),
    (1e-4, {"max_step_fraction": 0.99, **_PATIENT}),
    (1e-6, {"max_step_fraction": 0.8, **_PATIENT}),
)
_STRICTEST = 1e-13
_MAX_ITERATIONS = 1_000


@dataclass(frozen=True)
class Engine:
    """A solver for one solve.

    name : as CVXPY has it. attempts : options of each try. options : takes the control, returns the
    options common to all. told : makes what CVXPY is told to solve with, once per compiled model;
    where that has an attribute `stop`, it looks there whether to go on.
    """

    name: str
    attempts: tuple[dict[str, Any], ...]
    options: Callable[[Control], dict[str, Any]]
    told: Callable[[], Any]

    def interrupted(self, raw: Any) -> bool:
        """Whether a solver that catches Ctrl-C itself (SCS) says that it did."""
        info = raw.get("info", {}) if isinstance(raw, dict) else {}
        return "interrupt" in str(info.get("status", ""))


def engine_of(settings: Settings) -> Engine:
    """The solver that the settings ask for.

    Raises SettingsError where it is not installed, naming those that are.
    """
    import cvxpy as cp

    name = DEFAULT if settings.solver is None else settings.solver.upper()
    installed = cp.installed_solvers()
    if name not in installed:
        raise SettingsError(
            f"solver: {settings.solver!r} is not installed{nearest(name, installed)} "
            f"(installed for CVXPY: {', '.join(installed)})"
        )
    own = dict(settings.solver_options or {})
    if name == "CLARABEL":
        return _clarabel(settings, own)
    limits = {"SCS": "time_limit_secs", "HIGHS": "time_limit", "MOSEK": ""}
    precise = {"SCS": {"eps_abs": 0.1 * settings.tol, "eps_rel": 0.1 * settings.tol}}

    def options(control: Control) -> dict[str, Any]:
        found: dict[str, Any] = dict(precise.get(name, {}))
        if limits.get(name) and control.remaining_s is not None:
            found[limits[name]] = control.remaining_s
        return found | own

    return Engine(name, ({}, {}), options, lambda: name)


def _clarabel(settings: Settings, own: dict[str, Any]) -> Engine:
    limited = "max_iterations" in settings.changed()

    def options(control: Control) -> dict[str, Any]:
        found: dict[str, Any] = {
            "max_iter": settings.max_iterations if limited else _MAX_ITERATIONS,
        }
        if control.remaining_s is not None:
            found["time_limit"] = control.remaining_s
        if settings.n_threads is not None:
            found["max_threads"] = settings.n_threads
        return found | own

    attempts = []
    for factor, steps in _TRIES:
        tight = max(factor * settings.tol, _STRICTEST)
        asked = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tight)
        attempts.append(asked | steps | own)
    return Engine("CLARABEL", tuple(attempts), options, _stoppable_clarabel)


def _stoppable_clarabel() -> Any:
    """Clarabel that asks at every iteration whether to go on, and hands over what it has."""
    import clarabel
    import scipy.sparse as sp
    from cvxpy import settings as words
    from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import (
        CLARABEL,
        dims_to_solver_cones,
    )

    class StoppableClarabel(CLARABEL):  # type: ignore[misc]
        """The interface of CVXPY with a callback, and with every last iterate handed over."""

        stop = Stop()
        # how good the last iterate is, the certificate says
        STATUS_MAP = CLARABEL.STATUS_MAP | {
            CLARABEL.NUMERICAL_ERROR: words.OPTIMAL_INACCURATE,
            CLARABEL.INSUFFICIENT_PROGRESS: words.OPTIMAL_INACCURATE,
            "CallbackTerminated": words.USER_LIMIT,
        }

        def name(self) -> str:
            """Another name than that of CVXPY's own."""
            return "CLARABEL_STOPPABLE"

        def solve_via_data(
            self,
            data: Any,
            warm_start: bool,
            verbose: bool,
            solver_opts: Any,
            solver_cache: Any = None,
        ) -> Any:
            """Run, looking at `stop` at every iteration."""
            q = data[words.C]
            p = data.get(words.P, sp.csc_array((q.size, q.size)))
            solver = clarabel.DefaultSolver(
                sp.triu(p).tocsc(),
                q,
                data[words.A],
                data[words.B],
                dims_to_solver_cones(data[CLARABEL.DIMS]),
                self.parse_solver_opts(verbose, solver_opts),
            )
            if hasattr(solver, "set_termination_callback"):
                solver.set_termination_callback(lambda _info: self.stop.asked)
            return solver.solve()

    return StoppableClarabel()
