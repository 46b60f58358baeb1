"""Cone solvers through CVXPY: the problem that `parecon.to_cvxpy` writes, solved once.

The clock holds the whole way: writing the problem (one variable per family), CVXPY's compilation,
the solver at the tolerance asked of everybody. Its quantities, which may overdraw a good by that
tolerance, are delivered by the judge.
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import parecon
from benchmarks.contestants._base import Answer, Contestant, lacking
from benchmarks.machine import THREADS
from parecon.economy import Economy
from parecon.errors import PlanError


class _Cones(Contestant):
    levels: ClassVar[str] = "finest"
    packages: ClassVar[tuple[str, ...]] = ("cvxpy",)

    def solver(self) -> Any:
        """As CVXPY is told it."""
        return self.name.upper()

    def lacks(self, economy: Economy) -> str:
        """By what the families declare."""
        return lacking(economy, "cone")

    def attempts(self, tol: float, limit_s: float) -> list[dict[str, Any]]:
        """The solver's options in its own words: the next where it did not come to an end."""
        raise NotImplementedError

    def answer(self, economy: Economy, tol: float, limit_s: float) -> Answer:
        """Write, compile, solve, read prices and quantities."""
        import cvxpy as cp

        model = parecon.to_cvxpy(economy)
        problem, spent = model.problem, 0.0
        for options in self.attempts(tol, limit_s):
            try:
                with warnings.catch_warnings():
                    # "Solution may be inaccurate": the judge says how much
                    warnings.simplefilter("ignore")
                    problem.solve(solver=self.solver(), ignore_dpp=True, **options)
                price, quantities = model.price, model.values()
            except (cp.SolverError, PlanError) as error:
                raise RuntimeError(f"{self.title}: {error}") from error
            spent += float(problem.solver_stats.solve_time)
            if problem.status == "optimal" or spent >= limit_s:
                break
        # SCS calls what it has at its limit inaccurate
        stopped = problem.status == "user_limit" or spent >= 0.99 * limit_s
        return Answer(
            price=price,
            quantities=quantities,
            steps=int(problem.solver_stats.num_iters or 0),
            word="time limit" if stopped else problem.status,
            stopped=stopped,
        )


class Clarabel(_Cones):
    """Interior point with a sparse factorisation."""

    name: ClassVar[str] = "clarabel"
    title: ClassVar[str] = "CVXPY, Clarabel"

    def solver(self) -> Any:
        """Clarabel that hands over its last iterate, which CVXPY's own keeps back.

        How good it is the judge says.
        """
        from cvxpy import settings as words
        from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import CLARABEL

        class LastIterate(CLARABEL):  # type: ignore[misc]
            STATUS_MAP = CLARABEL.STATUS_MAP | {
                CLARABEL.NUMERICAL_ERROR: words.OPTIMAL_INACCURATE,
                CLARABEL.INSUFFICIENT_PROGRESS: words.OPTIMAL_INACCURATE,
            }

            def name(self) -> str:
                return "CLARABEL_LAST"

        return LastIterate()

    def attempts(self, tol: float, limit_s: float) -> list[dict[str, Any]]:
        """Tighter defaults would be held against it.

        On thousands of power cones its steps are short for a while, and it gives up unless it is
        told to be patient, which elsewhere only costs it time.
        """
        asked = {
            "tol_gap_abs": tol,
            "tol_gap_rel": tol,
            "tol_feas": tol,
            "max_iter": 1_000,
            "max_threads": THREADS,
            "time_limit": limit_s,
        }
        patient = {"min_switch_step_length": 1e-3, "min_terminate_step_length": 1e-10}
        return [asked, asked | patient]


class SCS(_Cones):
    """Operator splitting, a first-order method."""

    name: ClassVar[str] = "scs"
    title: ClassVar[str] = "CVXPY, SCS"

    def attempts(self, tol: float, limit_s: float) -> list[dict[str, Any]]:
        """Enough iterations for the time limit to be what ends it."""
        return [
            {
                "eps_abs": tol,
                "eps_rel": tol,
                "max_iters": 10_000_000,
                "time_limit_secs": limit_s,
            }
        ]
