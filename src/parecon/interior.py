"""Primal-dual interior point in price space: prices, clearance slacks, and whatever the families own.

Unknowns: prices p > 0, surpluses u > 0 with u p = mu, and the inner unknowns of families (levels and zero-profit slacks, rents of
capacities, quantities of linear utilities) with products mu. Every family eliminates its own; what is left is n by n:

    ( sum of curvatures + diag(p u) ) d = mu - p (S - D) - what inner unknowns change at unchanged prices,      d = dp/p

The loop, Mehrotra's predictor and corrector with one common step:

 1. councils answer the announced prices; 2. how far is that from a plan? 3. stop, before stepping;
 4. factorise; 5. predictor: the step to mu = 0, to see how much of mu can go; 6. corrector: the step to sigma mu, with the
 predictor's second-order terms; 7. move, shorter where the nonlinear answers turn out worse than promised.

Surpluses are positive by construction: once the clearance residual is smaller than they are, the proposals are feasible as they
stand.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parecon.answers._base import longest_step
from parecon.answers.levels import Levels
from parecon.control import Control, Stop
from parecon.linear_solve import DenseSystem, IterativeSystem
from parecon.plan import Info
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start, levels_of
from parecon.status import Status

Array = NDArray[np.float64]

DENSE_GOODS = 12_000
MAX_PRODUCTS = 2_000
TO_BOUNDARY = 0.99  # share of the longest step that is taken; closer when the step is nearly whole
LARGEST_RISE = 20.0  # a price rises by at most this factor per announcement
WORSE = 3.0  # a step may not make the residual worse than this factor
CENTRED = 0.1
WARM = 1e-3  # a warm start begins this much nearer to complementarity


class InteriorMethod:
    """State of one run; `run` returns the status, the problem's market holds the answers at the last prices."""

    def __init__(self, problem: Problem, settings: Settings, control: Control) -> None:
        self.problem, self.settings, self.control = problem, settings, control
        n = problem.n_goods
        self.system: DenseSystem | IterativeSystem = (
            DenseSystem(n, problem.n_threads) if n <= DENSE_GOODS else IterativeSystem(MAX_PRODUCTS)
        )
        self.step, self.products = math.nan, 0

    # Start ----------------------------------------------------------------------------------------------------------

    def start(self, start: Start) -> None:
        """Inner unknowns and surpluses that suit the starting prices."""
        problem, price = self.problem, start.price
        levels = levels_of(problem, start.plan)
        # all products together are worth half the budgets: surpluses and levels start at the size of the economy
        self.count = problem.n_goods + sum(answer.n_products for answer in problem.inner)
        barrier = 0.5 * problem.total_budget / self.count
        self.barrier = barrier if start.plan is None else WARM * barrier
        problem.market.announce(price)
        for answer, level in zip(problem.inner, levels, strict=True):
            if level is not None and isinstance(answer, Levels):
                answer.resume(level, problem.market, self.barrier)
            else:
                answer.start(problem.market, self.barrier)
        self.price = price.copy()
        self._answer()
        floor = self.barrier / price
        self.surplus = np.maximum((self.supply - self.demand) / price, floor)
        self.mu = self._products() / self.count

    # Loop -----------------------------------------------------------------------------------------------------------

    def run(self) -> Status:
        """Iterate until the tolerances hold or somebody stops it; `start` first."""
        try:
            for iteration in range(self.settings.max_iterations + 1):
                self._record(iteration)
                status = self._verdict(iteration)
                if status is not None:
                    return status
                self.control.poll()
                self._factorise()
                barrier, second_order = self._predict()
                longest = self._aim(barrier, second_order)
                if not self._move(longest):
                    return Status.INACCURATE
        except Stop as stop:
            return stop.status
        except FloatingPointError:
            return Status.INACCURATE
        return Status.ITERATION_LIMIT

    def _answer(self) -> None:
        with self.control.phase("responses"):
            market = self.problem.respond(self.price)
        self.supply, self.demand = market.supply, market.demand

    def _products(self) -> float:
        inner = sum(answer.complementarity() for answer in self.problem.inner)
        return float(np.dot(self.price, self.surplus)) + inner

    def _residual(self) -> float:
        """Value of clearance and zero-profit residuals, relative to budgets."""
        clearance = self.supply - self.demand - self.price * self.surplus
        worst = float(
            np.max(np.abs(clearance) / np.maximum(np.maximum(self.supply, self.demand), self.floor))
        )
        return max(worst, self.problem.market.zero_profit)

    @property
    def floor(self) -> float:
        """Value below which a good's residual is relative to the average good, money."""
        return 1e-3 * self.problem.total_budget / self.problem.n_goods

    def _record(self, iteration: int) -> None:
        self.measures = self.problem.measures()
        self.total = self._products()
        self.mu = self.total / self.count
        self.gap = self.total / self.problem.total_budget
        self.control.record(
            Info(
                iteration=iteration,
                time_s=self.control.elapsed_s,
                dual=self.problem.market.dual,
                gap=self.gap,
                shortage=self.measures.shortage,
                surplus=self.measures.surplus,
                zero_profit=self.measures.zero_profit,
                step=self.step,
                linear_iterations=self.products,
                barrier=self.mu,
            )
        )

    def _verdict(self, iteration: int) -> Status | None:
        m, tol = self.measures, self.settings.tol
        self.close = m.surplus <= tol and m.zero_profit <= tol and self.gap <= 0.5 * tol
        if self.close and m.shortage <= 0.0:
            return Status.SOLVED
        if not math.isfinite(self.gap) or not math.isfinite(m.shortage):
            return Status.INACCURATE
        if self._proves_infeasible():
            return Status.INFEASIBLE
        if iteration == self.settings.max_iterations:
            return Status.ITERATION_LIMIT
        return None

    def _proves_infeasible(self) -> bool:
        """At some prices even everything that exists and can be made is worth less than the needs (Farkas)."""
        if not self.problem.needs.any():
            return False
        market = self.problem.market
        return market.dual < -1e6 * self.problem.total_budget

    def _factorise(self) -> None:
        with self.control.phase("curvature"):
            curvature = self.problem.curvature()
            curvature.diagonal += self.price * self.surplus
        with self.control.phase("factorisation"):
            self.system.factorise(curvature)
        self.control.poll()

    def _predict(self) -> tuple[float, bool]:
        """Target for mu from Mehrotra's predictor, and whether its second-order terms are to be used."""
        if self.close:
            # only the clearance residual is left: stay on the path and let it vanish
            return self.mu, False
        length = min(1.0, self._aim(0.0, False))
        after = float(
            np.dot(self.price * (1.0 + length * self.d), self.surplus + length * self.d_surplus)
        )
        after += sum(answer.products_after(length) for answer in self.problem.inner)
        ratio = max(after, 0.0) / self.total
        sigma = min(max(ratio**3, 1e-6), 1.0)
        # do not run ahead of the residuals: mu far below them leaves no room to repair them
        return max(sigma * self.mu, self._least_barrier()), length > CENTRED

    def _least_barrier(self) -> float:
        """mu at which surpluses and the gap are a fifth of what the tolerance allows."""
        goods = self.settings.tol * self.problem.total_budget / self.problem.n_goods
        gap = 0.5 * self.settings.tol * self.problem.total_budget / self.count
        return 0.2 * min(goods, gap)

    def _aim(self, barrier: float, second_order: bool) -> float:
        """Solve for the step to products = barrier; return its longest admissible length."""
        market = self.problem.market
        rhs = barrier - (self.supply - self.demand)
        own = np.full(self.problem.n_goods, barrier)
        if second_order:
            correction = self.price * self.d * self.d_surplus
            rhs -= correction
            own -= correction
        with self.control.phase("inner"):
            for answer in self.problem.inner:
                answer.target(market, barrier, second_order, rhs)
        with self.control.phase("direction"):
            d, self.products = self.system.solve(rhs, relative=1e-10, poll=self.control.poll)
        self.d = d
        # u p = mu linearised: p du = own - u p - u p d
        self.d_surplus = own / self.price - self.surplus * (1.0 + d)
        longest = min(
            longest_step(np.ones_like(d), d),
            longest_step(self.surplus, self.d_surplus),
            LARGEST_RISE / max(float(np.max(d)), 1e-300),
        )
        with self.control.phase("inner"):
            for answer in self.problem.inner:
                longest = min(longest, answer.recover(market, d))
        return longest

    def _move(self, longest: float) -> bool:
        """Step; halve it while the nonlinear answers come out much worse than the residuals before."""
        share = max(TO_BOUNDARY, 1.0 - 0.1 * self.mu * self.count / self.problem.total_budget)
        length = min(1.0, min(share, 0.9995) * longest)
        before = self._residual()
        old_price, old_surplus = self.price, self.surplus
        taken = 0.0
        for _ in range(12):
            self.price = old_price * (1.0 + length * self.d)
            self.surplus = old_surplus + length * self.d_surplus
            for answer in self.problem.inner:
                answer.take(length - taken)
            taken = length
            self._answer()
            residual = self._residual()
            if math.isfinite(residual) and residual <= max(
                WORSE * before, 10.0 * self.settings.tol, 1.0
            ):
                self.step = length
                return True
            length *= 0.5
        return False
