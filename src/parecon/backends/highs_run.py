"""Running HiGHS: which algorithm, under which limits, and how it ended.

The algorithm is always named (`ipm` means another one from release to release). Simplex, ipx and
hipo ask back while they work and end at once when told; pdlp does not, so that it runs in slices
of so many iterations, each from where the last one ended.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._highs import silent_highs
from parecon.backends._waiting import LeftError, Stop, run_beside
from parecon.control import Control
from parecon.errors import SettingsError, nearest
from parecon.settings import Settings
from parecon.status import Status

Array = NDArray[np.float64]

SOLVERS = ("simplex", "ipx", "hipo", "pdlp")

_PDLP = 0.03  # of the tolerance: a first-order method is asked for no more than that
_FIRST_SLICE = 200  # iterations of pdlp
_SLICE_S = 0.25


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a run ended.

    status : SOLVED means optimal. word : HiGHS' own. x : (columns,) or None. row_dual : (rows,) or
    None. iterations : of whatever algorithm it was.
    """

    status: Status
    word: str
    x: Array | None
    row_dual: Array | None
    iterations: int


# Our word for each of HiGHS'.
STATUSES = {
    "kOptimal": Status.SOLVED,
    "kModelEmpty": Status.SOLVED,
    "kInfeasible": Status.INFEASIBLE,
    "kTimeLimit": Status.TIME_LIMIT,
    "kIterationLimit": Status.ITERATION_LIMIT,
    "kInterrupt": Status.INTERRUPTED,
    "kHighsInterrupt": Status.INTERRUPTED,
    # economies are bounded: these two say that goods can be made from nothing, or that numbers
    # misled
    "kUnbounded": Status.INACCURATE,
    "kUnboundedOrInfeasible": Status.INACCURATE,
    "kUnknown": Status.INACCURATE,
    "kNotset": Status.INACCURATE,
    "kLoadError": Status.INACCURATE,
    "kModelError": Status.INACCURATE,
    "kPresolveError": Status.INACCURATE,
    "kSolveError": Status.INACCURATE,
    "kPostsolveError": Status.INACCURATE,
    "kMemoryLimit": Status.INACCURATE,
    "kObjectiveBound": Status.INACCURATE,
    "kObjectiveTarget": Status.INACCURATE,
    "kSolutionLimit": Status.INACCURATE,
}


class HighsEngine:
    """One HiGHS with its model.

    solver : one of `SOLVERS`. The options of the settings, in HiGHS' words, are the last to be set.
    """

    def __init__(self, solver: str, settings: Settings) -> None:
        options = dict(settings.solver_options or {})
        self._highs: Any = silent_highs()
        self.choose(solver)
        exact = 1e-9
        if solver == "pdlp":
            exact = max(_PDLP * settings.tol, 1e-9)
            self._set("pdlp_optimality_tolerance", exact)
        self._set("primal_feasibility_tolerance", exact)
        self._set("dual_feasibility_tolerance", exact)
        if settings.n_threads is not None:
            self._set("threads", settings.n_threads)
        for name, value in options.items():
            self._set(name, value)
        own: Any = options.get("time_limit")
        self.own_time_limit: float | None = None if own is None else float(own)

    def choose(self, solver: str) -> None:
        """Take another algorithm for the next run. Raises SettingsError where it is not there."""
        import highspy

        if solver not in SOLVERS:
            raise SettingsError(
                f"solver: expected one of {', '.join(map(repr, SOLVERS))} with method 'highs', "
                f"got {solver!r}{nearest(solver, SOLVERS)}"
            )
        if self._highs.setOptionValue("solver", solver) != highspy.HighsStatus.kOk:
            version = self._highs.version()
            missing = f"; it comes with highspy-extras {version}" if solver == "hipo" else ""
            raise SettingsError(f"solver: HiGHS {version} has no {solver!r}{missing}")
        self.solver = solver

    def _set(self, name: str, value: Any) -> None:
        import highspy

        known = [word for word in dir(highspy.HighsOptions) if not word.startswith("_")]
        if name not in known:
            raise SettingsError(
                f"solver_options: HiGHS has no option {name!r}{nearest(name, known)}"
            )
        try:
            taken = self._highs.setOptionValue(name, value) == highspy.HighsStatus.kOk
        except TypeError:
            taken = False
        if not taken:
            raise SettingsError(f"solver_options: HiGHS refuses {name} = {value!r}")

    def load(self, lp: Any) -> None:
        """Take a new model; the basis of another is forgotten."""
        self._highs.passModel(lp)

    def change(self, first: int, cost: Array, width: Array) -> None:
        """Other costs and upper bounds of the columns from `first` on; the basis stays."""
        index = np.arange(first, first + len(cost), dtype=np.int32)
        self._highs.changeColsCost(len(cost), index, cost)
        self._highs.changeColsBounds(len(cost), index, np.zeros(len(cost)), width)

    def ask_for(self, lower: Array) -> None:
        """Other lower bounds of the first rows."""
        index = np.arange(len(lower), dtype=np.int32)
        self._highs.changeRowsBounds(len(lower), index, lower, np.full(len(lower), np.inf))

    # basis ---------------------------------------------------------------------------------------

    def basis(self) -> tuple[NDArray[np.int8], NDArray[np.int8]] | None:
        """(columns, rows) status codes of the last run, None without a valid basis."""
        found = self._highs.getBasis()
        if not found.valid:
            return None
        codes = (found.col_status, found.row_status)
        columns, rows = (np.fromiter(map(int, code), np.int8, len(code)) for code in codes)
        return columns, rows

    def warm(self, columns: NDArray[np.int8], rows: NDArray[np.int8]) -> None:
        """Start the next run from a basis, which may have too many or too few basic members."""
        import highspy

        words = {int(word): word for word in highspy.HighsBasisStatus.__members__.values()}
        given = highspy.HighsBasis()
        given.col_status = [words[code] for code in columns.tolist()]
        given.row_status = [words[code] for code in rows.tolist()]
        given.valid, given.alien = True, True
        self._highs.setBasis(given)

    # running -------------------------------------------------------------------------------------

    def run(self, control: Control) -> Outcome:
        """Solve the model as it is, watching the clock and Ctrl-C."""
        stop = Stop()
        self._listen(stop)
        try:
            if self.solver == "pdlp":
                self._run_slices(control, stop)
                return self._outcome(stop)
            self._limit_time(control)
            run_beside(self._run, control, stop)
            outcome = self._outcome(stop)
            return self._again(control, stop) if outcome.status is Status.INACCURATE else outcome
        except LeftError:
            # the thread that was left behind keeps its HiGHS; it is not ours any more
            status = stop.status or Status.INTERRUPTED
            return Outcome(status, f"{self.solver} did not end in time", None, None, 0)

    def _again(self, control: Control, stop: Stop) -> Outcome:
        """A basis or presolve may have misled it: from the beginning, as the model stands."""
        presolve = self._highs.getOptionValue("presolve")[1]
        self._highs.clearSolver()
        self._set("presolve", "off")
        self._limit_time(control)
        run_beside(self._run, control, stop)
        self._set("presolve", presolve)
        return self._outcome(stop)

    def _run(self) -> None:
        import highspy

        self._highs.run()
        # each thread that runs HiGHS has workers of its own: let them go with the thread
        highspy.Highs.resetGlobalScheduler(False)

    def _listen(self, stop: Stop) -> None:
        import highspy

        def ask(_kind: Any, _text: str, _seen: Any, answer: Any, _data: Any) -> None:
            if stop.asked:
                answer.user_interrupt = True

        kinds = highspy.cb.HighsCallbackType
        self._highs.setCallback(ask, None)
        self._highs.startCallback(kinds.kCallbackSimplexInterrupt)
        self._highs.startCallback(kinds.kCallbackIpmInterrupt)

    def _limit_time(self, control: Control) -> None:
        left = control.remaining_s
        if left is None and self.own_time_limit is None:
            return
        limit = min(x for x in (left, self.own_time_limit) if x is not None)
        # HiGHS counts the time of all runs together
        self._set("time_limit", float(self._highs.getRunTime() + limit))

    def _run_slices(self, control: Control, stop: Stop) -> None:
        import highspy

        self._set("presolve", "off")  # a point to go on from is one of the model as it stands
        limit = self._highs.getOptionValue("pdlp_iteration_limit")[1]
        size, done = _FIRST_SLICE, 0
        while True:
            slice_ = min(size, limit - done)
            self._set("pdlp_iteration_limit", slice_)
            began = time.perf_counter()
            run_beside(self._run, control, stop)
            seconds = time.perf_counter() - began
            done += slice_
            word = self._highs.getModelStatus()
            if stop.asked or done >= limit or word != highspy.HighsModelStatus.kIterationLimit:
                break
            # from here on HiGHS does not remember how the last slice ended
            self._highs.setSolution(self._highs.getSolution())
            size = int(min(4 * size, max(1.0, size * _SLICE_S / max(seconds, 1e-6))))
        self._set("pdlp_iteration_limit", limit)

    def _outcome(self, stop: Stop) -> Outcome:
        import highspy

        highs, info = self._highs, self._highs.getInfo()
        word = highs.getModelStatus()
        status = stop.status or STATUSES[word.name]
        if STATUSES[word.name] is Status.SOLVED:
            status = Status.SOLVED  # it was ready just then
        unsure = word == highspy.HighsModelStatus.kUnknown
        if unsure and self.solver == "pdlp" and not stop.asked:
            status = Status.SOLVED  # to its own tolerance: the certificate decides
        solution = highs.getSolution()
        x = np.array(solution.col_value) if solution.value_valid else None
        dual = np.array(solution.row_dual) if solution.dual_valid else None
        counts = (info.simplex_iteration_count, info.ipm_iteration_count, info.pdlp_iteration_count)
        return Outcome(
            status=status,
            word=highs.modelStatusToString(word),
            x=x if x is None or np.all(np.isfinite(x)) else None,
            row_dual=dual if dual is None or np.all(np.isfinite(dual)) else None,
            iterations=int(sum(max(count, 0) for count in counts)),
        )
