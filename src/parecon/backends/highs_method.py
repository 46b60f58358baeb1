"""method="highs": linear-representable economies as linear programmes, round by round.

1. A linear programme in which every logarithm and cost is approximated from above by pieces.
2. Its multipliers are prices: Phi there bounds welfare from above. Its quantities are feasible:
   their true welfare is a bound from below.
3. Stop when the two are within the tolerance and every budget is met.
4. Lay the pieces anew around the quantities found, closer than before, and go on from the basis.

An economy with one logarithm and no costs is one linear programme: whatever maximises the utility
maximises its logarithm, and prices follow from the budget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon.backends._base import Backend, check_able, chosen
from parecon.backends.concave import N_PIECES, Harmony, Logarithm, Pieces
from parecon.backends.highs_lp import Scaling, costs, even, highs_lp, widths
from parecon.backends.highs_run import HighsEngine, Outcome
from parecon.backends.linear_programme import Programme, programme_of
from parecon.backends.quantities import NEEDS_MARGIN, found_of, idle_values
from parecon.backends.rough import at_least_rough
from parecon.control import Control, StoppedError
from parecon.finish import Found, finish
from parecon.plan import Info, Plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start
from parecon.status import Status

Array = NDArray[np.float64]
Codes = NDArray[np.int8]

_SMALL = 50_000  # entries, pieces among them: up to here simplex is quicker than ipx

_SPREAD = 1.0  # of the first tangents, where only a guess says where to look
_SPREAD_WARM = 0.05
_LEAST_SPREAD = 0.02  # of the tolerance
_CLOSER = 1.0 / 16.0
_ENOUGH = 0.5  # of the tolerance: what delivery cuts off may take the rest
_MARGIN, _LEAST_MARGIN = 1e-3, 1e-11  # of the tolerance; relative
_PATIENCE = 10  # rounds without progress
_LOWEST = 1e-12  # of the largest t: centres below it are as good as zero
_LOWER, _BASIC, _UPPER = 0, 1, 2  # codes of HighsBasisStatus


@dataclass(frozen=True, eq=False)
class _Point:
    """What one linear programme said, in physical units.

    x, t : columns and arguments of terms. dual : (rows,) multipliers >= 0, money per unit.
    slope : (T,) what the multipliers say f' is. welfare, bound : money. unmet : how far the worst
    budget of a term is from being spent, relative. shortage : worst relative one of a good.
    used : (n,) of each good.
    """

    x: Array
    t: Array
    dual: Array
    slope: Array
    welfare: float
    bound: float
    unmet: float
    shortage: float
    used: Array


class HighsBackend(Backend):
    """HiGHS; what it keeps from solve to solve is the last basis, for the next of the same form."""

    name: ClassVar[str] = "highs"
    needs: ClassVar[str] = "linear"

    def __init__(self) -> None:
        self._basis: tuple[Codes, Codes] | None = None

    def solve(self, problem: Problem, settings: Settings, control: Control, start: Start) -> Plan:
        """See `Backend.solve`."""
        check_able(problem.economy, self.needs, "method 'highs'", "method='auto' or 'cvxpy'")
        with control.phase("compile"):
            programme = programme_of(problem.economy)
        solver, why = _suited(programme)
        solver = settings.solver or solver
        engine = HighsEngine(solver, settings)
        choice = chosen(settings, solver, why)
        control.choose(choice)
        rounds = _Rounds(problem, programme, settings, control, start, engine, self._basis)
        status = rounds.run()
        self._basis = rounds.last_basis
        plan = finish(problem, settings, control, status, choice.name, rounds.found(status))
        return at_least_rough(problem, settings, control, start, plan)


def _suited(programme: Programme) -> tuple[str, str]:
    """The algorithm unless one is asked for, and why."""
    count = 1 if programme.single else N_PIECES
    entries = programme.matrix.nnz + count * programme.n_terms
    if entries <= _SMALL:
        return "simplex", f"{entries:,} entries, up to {_SMALL:,} simplex is quicker"
    return "ipx", f"{entries:,} entries, beyond {_SMALL:,} simplex is slower"


class _Rounds:
    """State of one solve; `run` returns the status, `found` what to make a plan of."""

    def __init__(
        self,
        problem: Problem,
        programme: Programme,
        settings: Settings,
        control: Control,
        start: Start,
        engine: HighsEngine,
        basis: tuple[Codes, Codes] | None,
    ) -> None:
        self.problem, self.settings, self.control, self.engine = problem, settings, control, engine
        self.programme = programme
        self.price = start.price
        self.scaling: Scaling = even(self.programme, start.price, problem.total_budget)
        self.last_basis = basis
        self.best: _Point | None = None
        self.least = math.inf  # distance of the best from what is asked for
        self.stray: Outcome | None = None  # of a programme that was not solved
        self.rounds_without_progress = 0
        warm = start.plan is not None
        guess = self.programme.row_guess(start.price)
        self.centre = self.programme.at_slope(-self.programme.sign * guess[self.programme.row])
        self.spread = np.full(self.programme.n_terms, _SPREAD_WARM if warm else _SPREAD)

    def run(self) -> Status:
        """Linear programmes until both bounds meet."""
        programme = self.programme
        pieces = programme.pieces(self._centre(), self.spread)
        self.engine.load(highs_lp(programme, pieces, self.scaling))
        self._ask_for_more(self.problem.needs)
        first = programme.matrix.shape[1]
        fits = self.last_basis is not None and len(self.last_basis[1]) == len(programme.lower)
        if fits and len(self.last_basis[0]) == first + pieces.slope.size:  # type: ignore[index]
            self.engine.warm(*self.last_basis)  # type: ignore[misc]
        for iteration in range(self.settings.max_iterations + 1):
            try:
                self.control.poll()
            except StoppedError as stopped:
                return stopped.status
            with self.control.phase("linear programmes"):
                outcome = self.engine.run(self.control)
            if outcome.status is not Status.SOLVED or outcome.x is None or outcome.row_dual is None:
                self.stray = outcome
                return self._stopped(outcome)
            self.last_basis = self.engine.basis()
            point = self._point(outcome)
            self._record(iteration, point, outcome)
            status = self._verdict(iteration, point)
            if status is not None:
                return status
            if programme.single:
                # once more, for the margin; from the basis that is a matter of a few steps
                self._ask_for_more(point.used)
                if self.last_basis is not None:
                    self.engine.choose("simplex")
                continue
            with self.control.phase("pieces"):
                old = pieces
                self._closer(point, old)
                pieces = programme.pieces(self._centre(), self.spread)
                self.engine.change(first, costs(pieces, self.scaling), widths(pieces, self.scaling))
                self._ask_for_more(point.used)
                self._carry_basis(point, pieces)
        raise AssertionError("unreachable: the verdict ends the last iteration")

    def _ask_for_more(self, used: Array) -> None:
        """A little more than is used, so that what HiGHS' tolerance takes away is not missed."""
        n = self.programme.n_goods
        margin = max(min(NEEDS_MARGIN, _MARGIN * self.settings.tol), _LEAST_MARGIN)
        more = np.maximum(margin * used, NEEDS_MARGIN * self.problem.needs)
        self.engine.ask_for((self.programme.lower[:n] + more) * self.scaling.row[:n])

    def _stopped(self, outcome: Outcome) -> Status:
        """A programme without needs has a solution: what else HiGHS says is numbers gone wrong."""
        if outcome.status is Status.SOLVED:
            return Status.INACCURATE
        if outcome.status is Status.INFEASIBLE and not self.problem.needs.any():
            return Status.INACCURATE
        return outcome.status

    def _centre(self) -> Array:
        """Centres above zero: tangents need a slope."""
        floor = _LOWEST * self.scaling.term
        return np.clip(np.where(np.isfinite(self.centre), self.centre, floor), floor, None)

    # what a programme says ---------------------------------------------------------------------

    def _point(self, outcome: Outcome) -> _Point:
        programme, scaling = self.programme, self.scaling
        if outcome.x is None or outcome.row_dual is None:
            raise AssertionError("unreachable: only of solved programmes")
        k = programme.matrix.shape[1]
        x = np.clip(outcome.x[:k] * scaling.column, 0.0, programme.upper)
        pieces = outcome.x[k:].reshape(programme.n_terms, -1)
        t = np.clip(pieces.sum(axis=1) * scaling.term, 0.0, programme.most)
        dual = outcome.row_dual * scaling.row * scaling.money
        if programme.single:
            # of the argument itself: the logarithm's slope turns its multipliers into prices
            dual = dual * programme.slope(np.maximum(t, 1e-300))[0]
        dual = np.maximum(dual, 0.0)
        slope = -programme.sign * dual[programme.row]
        value = float(programme.value(t).sum()) + programme.constant
        net = programme.matrix @ x + np.bincount(
            programme.row, weights=programme.sign * t, minlength=len(programme.lower)
        )
        short = np.max((programme.lower - net) * scaling.row, initial=0.0)
        return _Point(
            x=x,
            t=t,
            dual=dual,
            slope=slope,
            welfare=value,
            bound=self._bound(dual, slope),
            unmet=self._unmet(t, slope),
            shortage=float(short),
            used=self._used(x, t),
        )

    def _used(self, x: Array, t: Array) -> Array:
        """(n,) physical units that councils take of each good, needs included."""
        programme, n = self.programme, self.programme.n_goods
        flow = programme.matrix[:n]
        taken = -(flow.minimum(0.0) @ x) + self.problem.needs
        pays = (programme.row < n) & (programme.sign < 0.0)
        return taken + np.bincount(programme.row[pays], weights=t[pays], minlength=n)

    def _bound(self, dual: Array, slope: Array) -> float:
        """Phi: what is there, rents of limits, and what each term gains at its best."""
        programme = self.programme
        gain = programme.matrix.T @ dual
        limited = np.isfinite(programme.upper)
        rents = float(np.maximum(gain[limited], 0.0) @ programme.upper[limited])
        best = programme.at_slope(slope)
        with np.errstate(invalid="ignore", over="ignore"):
            gains = programme.value(best) - slope * best
        total = float(gains.sum()) + rents - float(programme.lower @ dual) + programme.constant
        return total if math.isfinite(total) else math.inf

    def _unmet(self, t: Array, slope: Array) -> float:
        """Worst distance of spending from what prices call for, over the weight of a utility."""
        worst = 0.0
        for part, at in zip(self.programme.parts, self.programme.terms, strict=True):
            if part.terms is None:
                continue
            function = part.terms.function
            if isinstance(function, Logarithm | Harmony):
                called = function.at_slope(slope[at])
                with np.errstate(invalid="ignore", over="ignore"):
                    unmet = np.abs(slope[at] * (t[at] - called)) / function.weight
                # at a price of zero any amount is called for: all of the weight is unmet
                unmet = np.where(np.isnan(unmet), 1.0, unmet)
                worst = max(worst, float(np.max(unmet, initial=0.0)))
        return worst

    def _record(self, iteration: int, point: _Point, outcome: Outcome) -> None:
        gap = (point.bound - point.welfare) / self.problem.total_budget
        self.control.record(
            Info(
                iteration=iteration,
                time_s=self.control.elapsed_s,
                dual=point.bound,
                gap=gap,
                shortage=point.shortage,
                surplus=0.0,  # what a solved programme leaves over has no price
                zero_profit=0.0,
                step=float(np.max(self.spread, initial=0.0)),
                linear_iterations=outcome.iterations,
            )
        )

    def _verdict(self, iteration: int, point: _Point) -> Status | None:
        enough = _ENOUGH * self.settings.tol
        gap = (point.bound - point.welfare) / self.problem.total_budget
        distance = max(gap, point.unmet, enough)
        if distance < self.least:
            self.rounds_without_progress = 0
        else:
            self.rounds_without_progress += 1
        if distance <= self.least:  # of equals the last, which fits best
            self.best, self.least = point, distance
        if gap <= enough and point.unmet <= enough and (iteration or not self.programme.single):
            return Status.SOLVED
        if iteration == self.settings.max_iterations:
            return Status.ITERATION_LIMIT
        if self.rounds_without_progress >= _PATIENCE:
            return Status.SOLVED  # as near as it comes: the certificate decides
        return None

    # laying the pieces anew ----------------------------------------------------------------------

    def _closer(self, point: _Point, old: Pieces) -> None:
        """Centres where the programme or its prices say, pieces in proportion to the last move.

        Where t lies inside a piece, the programme needed just that t, and its price is only that of
        the piece; where t lies between two pieces, its price says more.
        """
        ends = np.cumsum(old.width, axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            off = np.min(np.abs(ends - point.t) / np.maximum(old.width, 1e-300), axis=0)
            answer = self.programme.at_slope(point.slope)
            centre = np.where((off > 1e-6) | ~np.isfinite(answer), point.t, answer)
            before = self._centre()
            self.centre = centre
            moved = np.abs(np.log(self._centre() / before))
        least = _LEAST_SPREAD * self.settings.tol
        self.spread = np.clip(np.maximum(0.25 * moved, _CLOSER * self.spread), least, _SPREAD)

    def _carry_basis(self, point: _Point, pieces: Pieces) -> None:
        """The last basis in terms of the new pieces: full below t, empty above."""
        if self.last_basis is None:
            return
        columns, rows = self.last_basis
        first, count = self.programme.matrix.shape[1], pieces.slope.shape[0]
        old = columns[first:].reshape(-1, count)
        basic = np.any(old == _BASIC, axis=1)
        at = np.minimum(np.sum(np.cumsum(pieces.width, axis=0) <= point.t, axis=0), count - 1)
        new = np.where(np.arange(count) < at[:, None], _UPPER, _LOWER).astype(np.int8)
        new[basic, at[basic]] = _BASIC
        self.engine.warm(np.concatenate([columns[:first], new.ravel()]), rows)

    # towards a plan -----------------------------------------------------------------------------

    def found(self, status: Status) -> Found:
        """The best point; of a programme that was not solved, what it had."""
        economy, programme, tol = self.problem.economy, self.programme, self.settings.tol
        note = ""
        if self.stray is not None and status is Status.INACCURATE:
            note = f"HiGHS says: {self.stray.word}."
        if self.best is not None:
            values = programme.values(self.best.x, self.best.t)
            return found_of(economy, self.best.dual[: economy.n_goods], values, tol, note)
        price = self._stray_price()
        if self.stray is None or self.stray.x is None:
            return found_of(economy, price, idle_values(economy), tol, note)
        scaling, k = self.scaling, programme.matrix.shape[1]
        x = np.clip(self.stray.x[:k] * scaling.column, 0.0, programme.upper)
        pieces = np.maximum(self.stray.x[k:], 0.0).reshape(programme.n_terms, -1)
        t = np.clip(pieces.sum(axis=1) * scaling.term, 0.0, programme.most)
        return found_of(economy, price, programme.values(x, t), tol, note)

    def _stray_price(self) -> Array:
        """Multipliers of an unfinished programme, or the starting prices where those bound less."""
        n = self.programme.n_goods
        guess = self.programme.row_guess(self.price)
        if self.stray is None or self.stray.row_dual is None or self.programme.single:
            return self.price
        dual = np.maximum(self.stray.row_dual * self.scaling.row * self.scaling.money, 0.0)
        bounds = [
            self._bound(y, -self.programme.sign * y[self.programme.row]) for y in (guess, dual)
        ]
        return self.price if bounds[0] <= bounds[1] else dual[:n]
