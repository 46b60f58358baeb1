"""Damped Newton on the dual in log prices.

For economies whose every answer is a smooth function of prices.

In y = log p the dual's gradient is the value of excess supply, g = p (S - D), and its curvature
P H P + diag(g). The loop:

 1. councils answer the announced prices;
 2. how far is that from a plan? the row that is logged is the plan that would be returned;
 3. stop, before stepping;
 4. direction  (P H P + diag(max(g, 0))) d = -(g - margin): positive definite, inexact far from
    the plan;
 5. longest step along d that lowers the dual enough; its answers open the next round.

Where councils far outnumber goods a few stand for many (`parecon.sample`): far from the plan the
first step goes to the prices of an economy of the few, and directions use their curvature until
they stop leading downhill fast. Steps and plans are judged by the answers of all.

The margin is a small value of every good left over (DESIGN section 6): the barrier
-sum margin_i log p_i added to the dual. With it the proposals are feasible as they stand, to the
last bit, and the gap is about the margin's value over the budgets.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parecon.control import Control, StoppedError
from parecon.curvature import Curvature
from parecon.linear_solve import DenseSystem, IterativeSystem
from parecon.plan import Info
from parecon.problem import Problem
from parecon.sample import Sample
from parecon.settings import Settings
from parecon.status import Status

Array = NDArray[np.float64]

LARGEST_STEP = 3.0  # |d log p|: a price moves by at most a factor of 20 per announcement
ARMIJO = 1e-4
# where the dual's digits are used up, the slope must not have turned by more than this
SLOPE_LEFT = 0.9
MAX_PRODUCTS = 400
DENSE_GOODS = 4000
LOOSE = 0.1  # relative residual of the linear system far from the plan
NEAR = 0.3  # prices within this of those of the preconditioner keep it
LONGEST = 48.0  # |d log p| along one direction, in several announcements
SMALLEST = 1e-10  # of the average good's value: prices of less are as good as zero
POLISH = 0.3  # a step that leaves more than this of the worst relative surplus is not worth another
# share of the first slope left after a step that makes a longer one worth an announcement
STEEP = 0.25
FAR = 0.1  # of the value of all goods in excess or short: prices of a sample may be nearer
SAMPLE_TOL = 0.01  # no more digits than a sample has
SAMPLED = 0.03  # relative residual of a linear system that is itself off by some per cent
# share of the squared length of the gradient that a full step along a sample's direction may leave
SLOW = 0.3
_STRIKES = 2
_TRIALS = 40
_ROUNDING = 64 * np.finfo(float).eps


class NewtonMethod:
    """State of one run.

    `run` returns the status; the problem's market holds the answers at the last prices.
    """

    def __init__(self, problem: Problem, settings: Settings, control: Control) -> None:
        self.problem, self.settings, self.control = problem, settings, control
        self.iterative = IterativeSystem(MAX_PRODUCTS)
        self.dense: DenseSystem | None = None
        self.step, self.products, self.total_products = math.nan, 0, 0
        self.moved = math.inf  # largest change of a log price since the preconditioner was made
        self.sample: Sample | None = None
        self.decrement, self.strikes = math.inf, 0

    def run(self, price: Array) -> Status:
        """Iterate from `price` (n,) > 0 until the tolerances hold or somebody stops it."""
        log_price = np.log(price)
        with self.control.phase("sample"):
            self.sample = Sample.of(self.problem)
        self._answer(log_price)
        try:
            for iteration in range(self.settings.max_iterations + 1):
                self._record(iteration)
                if self._converged():
                    return Status.SOLVED
                if self.problem.looks_infeasible(iteration):
                    return Status.INFEASIBLE
                self.control.poll()
                if iteration == self.settings.max_iterations:
                    return Status.ITERATION_LIMIT
                log_price, moved = self._advance(iteration, log_price)
                if not moved:
                    return Status.INACCURATE
        except StoppedError as stop:
            return stop.status
        return Status.ITERATION_LIMIT

    def _advance(self, iteration: int, log_price: Array) -> tuple[Array, bool]:
        """The next prices, and whether they are other ones."""
        if iteration == 0 and self.sample is not None:
            self.sample.complete()
            if self._far():
                log_price, moved = self._from_sample(self.sample, log_price)
                if moved:
                    return log_price, True
        while True:
            direction = self._direction()
            log_price, moved = self._search(log_price, direction)
            if moved or self.sample is None:
                return log_price, moved
            self._without_sample()

    def _far(self) -> bool:
        market = self.problem.market
        total = float(np.sum(np.maximum(market.supply, market.demand)))
        return float(np.sum(np.abs(self.excess))) > FAR * total

    def _from_sample(self, sample: Sample, log_price: Array) -> tuple[Array, bool]:
        """To the prices of the plan of a sample, if that lowers the dual of the whole."""
        before, few = self.dual, sample.problem
        settings = self.settings.replace(tol=max(SAMPLE_TOL, self.settings.tol))
        method = NewtonMethod(few, settings, self.control.aside())
        with self.control.phase("sample"):
            method.run(np.exp(log_price))
        self.step, self.products = 1.0, method.total_products
        trial = np.log(few.market.price)
        self._answer(trial)
        if self.dual < before:
            return trial, True
        self._answer(log_price)
        return log_price, False

    def _without_sample(self) -> None:
        """Go on with the curvature of all councils."""
        self.sample, self.moved = None, math.inf
        self.control.say("sample    dropped: too few councils to tell the curvature of all")

    def _answer(self, log_price: Array) -> None:
        # the sample compares its diagonal with that of all councils, which these sum on the way
        self.problem.market.wants_sensitivity = self.sample is not None and self.sample.stale
        with self.control.phase("responses"):
            market = self.problem.respond(np.exp(log_price))
        self.excess = market.supply - market.demand
        self.dual = market.dual

    def _record(self, iteration: int) -> None:
        self.measures = self.problem.measures()
        self.gap = float(np.sum(self.excess)) / self.problem.total_budget
        self.control.record(
            Info(
                iteration=iteration,
                time_s=self.control.elapsed_s,
                dual=self.dual,
                gap=self.gap,
                shortage=self.measures.shortage,
                surplus=self.measures.surplus,
                zero_profit=0.0,
                step=self.step,
                linear_iterations=self.products,
            )
        )

    def _converged(self) -> bool:
        tol = self.settings.tol
        return (
            self.measures.shortage <= 0.0
            and self.measures.surplus <= tol
            and 0.0 <= self.gap <= tol
        )

    def _direction(self) -> Array:
        """Newton direction in log prices, and the margin it aims at."""
        market = self.problem.market
        # a third of what the tolerance allows, on surplus and on the sum of all surpluses
        budget = self.problem.total_budget
        share = budget / max(float(np.sum(market.demand)), budget)
        self.margin = self.settings.tol / 3.0 * share * market.demand
        self.gradient = self.excess - self.margin
        with self.control.phase("curvature"):
            curvature = (self.sample or self.problem).curvature()
            curvature.diagonal += np.maximum(self.excess, 0.0)
        worst = float(np.max(np.abs(self.gradient) / np.maximum(market.demand, market.supply)))
        # no more digits than this step can use: quadratic convergence near the plan, and near the
        # end only what is missing
        missing = self.settings.tol * share / max(worst, 1e-300)
        forcing = min(LOOSE, max(math.sqrt(worst), 0.02 * missing))
        if self.sample is not None:
            forcing = max(forcing, SAMPLED)
        with self.control.phase("direction"):
            system = self.dense or self.iterative
            if system is self.iterative and self.moved < NEAR:
                self.iterative.follow(curvature)
            else:
                system.factorise(curvature)
                self.moved = 0.0
            direction, self.products = system.solve(
                -self.gradient, relative=forcing, poll=self.control.poll
            )
        self.total_products += self.products
        self._choose_system(curvature)
        self._doubt(direction)
        return self._limited(direction)

    def _doubt(self, direction: Array) -> None:
        """Drop the sample once its full steps leave too much of the gradient, again and again."""
        before, self.decrement = self.decrement, -float(np.dot(self.gradient, direction))
        if self.sample is None:
            return
        slow = self.step == 1.0 and self.decrement > SLOW * before
        self.strikes = self.strikes + 1 if slow else 0
        if self.strikes >= _STRIKES:
            self._without_sample()

    def _choose_system(self, curvature: Curvature) -> None:
        """Factorise from now on if that would have been cheaper than the products just made."""
        n = self.problem.n_goods
        if self.dense is not None or n > DENSE_GOODS:
            return
        entries = sum(len(term.rows.idx) for term in curvature.terms) + 20.0 * n
        # in multiply-adds: a product gathers and scatters, a factorisation runs at several per
        # cycle
        if self.products * 3.0 * entries > curvature.dense_cost() + n**3 / 20.0:
            self.dense = DenseSystem(n, self.problem.n_threads)

    def _limited(self, direction: Array) -> Array:
        """Clip single prices, or shorten the whole step where clipping would lose descent."""
        clipped = np.clip(direction, -LARGEST_STEP, LARGEST_STEP)
        whole = float(np.dot(self.gradient, direction))
        if float(np.dot(self.gradient, clipped)) <= 0.1 * min(whole, 0.0):
            return clipped
        return direction * min(1.0, LARGEST_STEP / float(np.max(np.abs(direction))))

    def _search(self, log_price: Array, direction: Array) -> tuple[Array, bool]:
        """Longer while the dual still falls steeply, shorter until it falls enough.

        Enough after Armijo; by slope where digits end.
        """
        if self.sample is not None:
            self.sample.drift += float(np.max(np.abs(direction)))
        line = _Line(self, log_price, direction)
        for _ in range(_TRIALS):
            if line.accepted(line.length):
                break
            self.control.poll()
            line.length *= 0.5 if line.length > 0.1 else 0.2
        else:
            self._answer(log_price)
            return log_price, False
        far = line.slope_now < STEEP * line.slope
        longest = LONGEST / max(float(np.max(np.abs(direction))), 1e-300)
        while far and line.slope_now < 0.0 and 2.0 * line.length <= longest:
            length, dual = line.length, line.change
            if not line.accepted(2.0 * length) or line.change >= dual:
                self._answer(log_price + length * direction)
                line.length = length
                break
            line.length = 2.0 * length
        self.step = line.length
        self.moved += line.length * float(np.max(np.abs(direction)))
        return log_price + line.length * direction, True


class _Line:
    """The dual with margins along a direction from the present prices."""

    def __init__(self, method: NewtonMethod, origin: Array, direction: Array) -> None:
        self.method, self.origin, self.direction = method, origin, direction
        self.length, self.change = 1.0, 0.0
        self.slope = float(np.dot(method.gradient, direction))
        self.merit = method.dual - float(np.dot(method.margin, origin))
        self.noise = _ROUNDING * (abs(method.dual) + method.problem.total_budget)

    def accepted(self, length: float) -> bool:
        """Whether a step of this length lowers the dual enough; leaves the market at its end."""
        method, trial = self.method, self.origin + length * self.direction
        method._answer(trial)
        self.change = method.dual - float(np.dot(method.margin, trial)) - self.merit
        self.slope_now = float(np.dot(method.excess - method.margin, self.direction))
        enough = self.change <= ARMIJO * length * self.slope
        flat = abs(self.change) <= self.noise and self.slope_now <= SLOPE_LEFT * abs(self.slope)
        return math.isfinite(self.change) and bool(enough or flat)
