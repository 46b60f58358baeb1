"""Primal-dual interior point in price space.

Over prices, clearance slacks, and whatever the families own.

Unknowns: prices p > 0, surpluses u > 0 with u p = mu, and the inner unknowns of families (levels
and zero-profit slacks, rents of capacities, quantities of linear utilities) with products mu. Every
family eliminates its own; what is left is n by n:

    ( sum of curvatures + diag(p u) ) d
        = mu - p (S - D) - what inner unknowns change at unchanged prices,      d = dp/p

The loop, Mehrotra's predictor and corrector with one common step:

 1. councils answer the announced prices;
 2. how far is that from a plan?
 3. stop, before stepping;
 4. factorise;
 5. predictor: the step to mu = 0, to see how much of mu can go;
 6. corrector: the step to sigma mu, with the predictor's second-order terms; corrected again where
    products would end far from the path;
 7. move, shorter where the nonlinear answers turn out worse than promised.

Surpluses are positive by construction: once the clearance residual is smaller than they are, the
proposals are feasible as they stand.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parecon.answers._base import longest_step, off_centre
from parecon.control import Control, StoppedError
from parecon.linear_solve import ROUGH
from parecon.plan import Info
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start, inner_proposals, nearness
from parecon.status import Status
from parecon.systems import System, corrections, suits, system_for

Array = NDArray[np.float64]

TO_BOUNDARY = 0.99  # share of the longest step that is taken; closer when the step is nearly whole
LARGEST_RISE = 20.0  # a price rises by at most this factor per announcement,
UNWORTHY = 0.01  # and more where its good, so much of the average one, is worth less
MEMORY = 5  # the residual may rise for a while: it is compared with the worst of so many steps
PROMISE = 0.05  # share of the promised fall of the residual that is asked for
HARMLESS = 0.3  # residuals below this share of the gap may stay
WORSE = 2.0  # after the last try: more than this factor ends the run
CENTRED = 0.1
FARTHEST = 0.3  # of mu: the barrier aimed at, at most, while steps are long enough
LONGER = (1.5, 0.3)  # times the step found, plus this: where its products are looked at
BETTER = 1.01  # a correction lengthens the step at least so much
RISE = 1.5  # a corrected step may raise the sum of products by no more than this factor
SLOW = 0.1  # after a step this short the next aims at the middle of the path
STALLED = 0.1  # of the predictor's step: a shorter corrected one aims lower
LOWER = (0.1, 0.01, 1e-3, 1e-4)  # of the barrier aimed at first
SMALLEST_WEIGHT = 1e-10  # of the average good or council: smaller ones stay as they are
POLISH = 2  # iterations at the end that make small goods as exact as large ones, at most


class InteriorMethod:
    """State of one run.

    `run` returns the status; the problem's market holds the answers at the last prices.
    """

    # the direction last found, set by `_aim`: relative price step, change of surpluses;
    # predicted: length of the predictor's step, 0 where there was none
    d: Array
    d_surplus: Array
    predicted: float
    correction: Array  # what `_aim` takes from the products of surpluses, second order
    most_corrections: int  # by centrality
    lower: tuple[float, ...] = LOWER

    def __init__(self, problem: Problem, settings: Settings, control: Control) -> None:
        self.problem, self.settings, self.control = problem, settings, control
        self.system: System | None = None
        self.step, self.products = math.nan, 0
        self.last = max(settings.max_iterations - control.before, 0)  # iteration

    # Start ---------------------------------------------------------------------------------------

    def start(self, start: Start) -> None:
        """Inner unknowns and surpluses that suit the starting prices."""
        problem, price = self.problem, start.price
        problem.market.announce(price)
        with self.control.phase("sifting"):
            for answer in problem.inner:
                answer.sift(problem.market, start.window)
        self.count = problem.n_goods + sum(answer.n_products for answer in problem.inner)
        self.weight = np.ones(problem.n_goods)
        self.polishing = 0
        self.most_polishing = max([POLISH, *(answer.polish for answer in problem.inner)])
        self.residuals: list[float] = []
        # all products together are worth half the budgets: surpluses and levels start at the size
        # of the economy
        whole = 0.5 * problem.total_budget / self.count
        problem.market.average_product = 2.0 * whole
        near = nearness(problem, start, self.count, self.settings.tol)
        self.barrier = whole * near
        self._begin(start, price)
        if start.plan is not None:
            # a good that was free has next to no price; its surplus is to be no more than there is
            value = np.maximum(self.supply, self.demand)
            raised = np.where(value > 0.0, price * np.maximum(1.0, self.barrier / value), price)
            if np.any(raised > price):
                self._begin(start, raised)
        excess = self.supply - self.demand
        self.surplus = np.maximum(excess / self.price, self.barrier / self.price)

    def _begin(self, start: Start, price: Array) -> None:
        """Inner unknowns that suit these prices, and the answers to them."""
        market, proposals = self.problem.market, inner_proposals(self.problem, start.plan)
        market.announce(price)
        for answer, proposal in zip(self.problem.inner, proposals, strict=True):
            if proposal is None:
                answer.start(market, self.barrier)
            else:
                answer.resume(proposal, market, self.barrier)
        self.price = price.copy()
        self._answer()

    # Loop ----------------------------------------------------------------------------------------

    def run(self) -> Status:
        """Iterate until the tolerances hold or somebody stops it; `start` first."""
        try:
            for iteration in range(self.last + 1):
                self._record(iteration)
                status = self._verdict(iteration)
                if status is not None:
                    return status
                self.control.poll()
                self._factorise()
                barrier, second_order = self._predict()
                if second_order:
                    self._foresee(min(1.0, (1.0 - barrier / self.mu) / (1.0 - FARTHEST)))
                longest = self._aim(barrier, second_order)
                if second_order and self._products_at(min(1.0, longest)) > RISE * self.total:
                    # the predictor's second-order terms misled: aim along the path itself
                    barrier = max(barrier, 0.5 * self.mu)
                    longest = self._aim(barrier, False)
                elif second_order:
                    longest = self._centre(barrier, longest)
                if not self._move(self._unstalled(barrier, longest)):
                    return Status.INACCURATE
                self._review()
        except StoppedError as stop:
            return stop.status
        except FloatingPointError:
            return Status.INACCURATE
        return Status.ITERATION_LIMIT

    def _review(self) -> None:
        """Families look again at what they left out."""
        with self.control.phase("sifting"):
            changed = [a.review(self.problem.market, self.mu) for a in self.problem.inner]
        if any(changed):
            self._answer()

    def _answer(self) -> None:
        with self.control.phase("responses"):
            market = self.problem.respond(self.price)
        self.supply, self.demand = market.supply, market.demand

    def _products(self) -> float:
        inner = sum(answer.complementarity() for answer in self.problem.inner)
        return float(np.dot(self.price, self.surplus)) + inner

    def _freeze_scales(self) -> None:
        """Residuals are compared over a step in the scales before it.

        Worthless goods do not count.
        """
        floor = 1e-3 * self.problem.total_budget / self.problem.n_goods
        self.scale = self.price / np.maximum(np.maximum(self.supply, self.demand), floor)
        for answer in self.problem.inner:
            answer.freeze_scale()

    def _residual(self) -> float:
        """Worst clearance and zero-profit residual in the frozen scales."""
        with np.errstate(over="ignore", invalid="ignore"):
            clearance = (self.supply - self.demand) / self.price - self.surplus
            worst = float(np.max(np.abs(clearance * self.scale)))
        return max(worst, *(answer.residual() for answer in self.problem.inner), 0.0)

    def _record(self, iteration: int) -> None:
        self.measures = self.problem.measures()
        self.total = self._products()
        weight = float(np.sum(self.weight)) + sum(a.total_weight() for a in self.problem.inner)
        self.mu = self.total / weight
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
        if self.close and m.shortage <= 0.0 and self._polished():
            return Status.SOLVED
        if not math.isfinite(self.gap) or not math.isfinite(m.shortage):
            return Status.INACCURATE
        if self.problem.looks_infeasible(iteration):
            return Status.INFEASIBLE
        if iteration == self.last:
            return Status.SOLVED if self.close and m.shortage <= 0.0 else Status.ITERATION_LIMIT
        return None

    def _polished(self) -> bool:
        """Whether goods and councils of little value are as exact as the tolerance says.

        Exact relative to themselves: the central path leaves the same money on every pair. Once it
        is within the tolerance, pairs aim in proportion to the value that passes through them.
        """
        average = self.problem.total_budget / self.problem.n_goods
        own = np.clip(self.demand / average, SMALLEST_WEIGHT, 1.0)
        loss = max(
            (answer.relative_loss(SMALLEST_WEIGHT) for answer in self.problem.inner), default=0.0
        )
        used = self.demand > SMALLEST_WEIGHT * average
        left = float(np.max((self.supply - self.demand)[used] / self.demand[used], initial=0.0))
        worst = max(left, loss)
        if worst <= self.settings.tol or self.polishing >= self.most_polishing:
            return True
        self.polishing += 1
        self.weight = own
        for answer in self.problem.inner:
            answer.weigh(SMALLEST_WEIGHT)
        return False

    def _factorise(self) -> None:
        with self.control.phase("curvature"):
            curvature = self.problem.curvature()
            curvature.diagonal += self.price * self.surplus
        if not suits(self.system, curvature):
            with self.control.phase("analysis"):
                before, poll = self.system, self.control.poll
                self.system = system_for(self.problem, curvature, poll, before=before)
                self.most_corrections = corrections(self.system, curvature)
        assert self.system is not None  # for type checkers: nothing suits nothing
        with self.control.phase("factorisation"):
            self.system.factorise(curvature, self.control.poll)
        self.control.poll()

    def _predict(self) -> tuple[float, bool]:
        """Target for mu from Mehrotra's predictor.

        And whether its second-order terms are to be used.
        """
        self.predicted = 0.0
        if self.close:
            # only the clearance residual is left: stay on the path and let it vanish
            return self._least_barrier() if self.polishing else self.mu, False
        length = self.predicted = min(1.0, self._aim(0.0, False, relative=ROUGH))
        ratio = max(self._products_at(length), 0.0) / self.total
        sigma = min(max(ratio**3, 1e-6), 1.0)
        # centrality is seen to apart: a predictor cut short is no reason to stay where one is
        sigma = max(sigma, 0.5) if self.step < SLOW else min(sigma, FARTHEST)
        return max(sigma * self.mu, self._least_barrier()), length > CENTRED

    def _foresee(self, share: float) -> None:
        """The step last found will have second-order terms: take a share of them into account.

        A step towards sigma mu is about the part 1 - sigma of one towards zero.
        """
        self.correction = share * self.price * self.d * self.d_surplus
        for answer in self.problem.inner:
            answer.foresee(share)

    def _centre(self, barrier: float, longest: float) -> float:
        """Correct products that a somewhat longer step would leave far from the barrier.

        As often as that lengthens the step, and the factor is worth it. Returns the longest length.
        """
        inner = self.problem.inner
        for _ in range(self.most_corrections):
            if longest >= 1.0:
                break
            kept = self.correction, self.d, self.d_surplus, [a.remember() for a in inner]
            trial = min(1.0, LONGER[0] * longest + LONGER[1])
            product = self.price * (1.0 + trial * self.d) * (self.surplus + trial * self.d_surplus)
            self.correction = self.correction + off_centre(product, barrier * self.weight)
            for answer in inner:
                answer.centre(trial, barrier)
            corrected = self._aim(barrier, True)
            if corrected < BETTER * longest:
                self.correction, self.d, self.d_surplus, states = kept
                for answer, state in zip(inner, states, strict=True):
                    answer.recall(state)
                break
            longest = corrected
        return longest

    def _unstalled(self, barrier: float, longest: float) -> float:
        """Aim lower where the corrected step is much shorter than the predictor's.

        Far from the path most products are tiny beside their mean, and to ask them all to come near
        it at once leaves no room to move. Returns the longest admissible length.
        """
        for share in self.lower:
            if longest >= STALLED * self.predicted:
                break
            longest = self._aim(max(share * barrier, self._least_barrier()), False)
        return longest

    def _least_barrier(self) -> float:
        """mu at which surpluses and the gap are a fifth of what the tolerance allows."""
        goods = self.settings.tol * self.problem.total_budget / self.problem.n_goods
        gap = 0.5 * self.settings.tol * self.problem.total_budget / self.count
        return 0.2 * min(goods, gap)

    def _products_at(self, length: float) -> float:
        """Sum of all products after a step of this length along the direction last found."""
        goods = np.dot(self.price * (1.0 + length * self.d), self.surplus + length * self.d_surplus)
        return float(goods) + sum(answer.products_after(length) for answer in self.problem.inner)

    def _aim(self, barrier: float, second_order: bool, *, relative: float = 1e-10) -> float:
        """Solve for the step to products = barrier; return its longest admissible length."""
        market = self.problem.market
        own = barrier * self.weight
        rhs = own - (self.supply - self.demand)
        if second_order:
            rhs -= self.correction
            own -= self.correction
        with self.control.phase("inner"):
            for answer in self.problem.inner:
                answer.target(market, barrier, second_order, rhs)
        assert self.system is not None  # factorised before
        with self.control.phase("direction"):
            d, self.products = self.system.solve(rhs, relative=relative, poll=self.control.poll)
        self.d = d
        # u p = mu linearised: p du = own - u p - u p d
        self.d_surplus = own / self.price - self.surplus * (1.0 + d)
        longest = min(
            longest_step(np.ones_like(d), d),
            longest_step(self.surplus, self.d_surplus),
            LARGEST_RISE / max(float(np.max(d * self._worth())), 1e-300),
        )
        with self.control.phase("inner"):
            for answer in self.problem.inner:
                longest = min(longest, answer.recover(market, d))
        return longest

    def _worth(self) -> Array:
        """(n,) 1, less for goods of little value: their prices may rise more at once."""
        average = UNWORTHY * self.problem.total_budget / self.problem.n_goods
        return np.minimum(np.maximum(self.supply, self.demand) / average, 1.0)

    def _move(self, longest: float) -> bool:
        """Step; shorten it until the nonlinear answers keep the promise that residuals fall.

        Every residual falls by the factor 1 - length to first order (the conditions are monotone),
        so that a short enough step always succeeds; residuals well below the products are let
        alone.
        """
        share = min(max(TO_BOUNDARY, 1.0 - 0.1 * self.gap), 0.9995)
        length = min(1.0, share * longest)
        self._freeze_scales()
        self.residuals = [*self.residuals[1 - MEMORY :], self._residual()]
        before = max(self.residuals)
        harmless = max(HARMLESS * min(self.gap, 1.0), 0.1 * self.settings.tol)
        old_price, old_surplus = self.price, self.surplus
        taken = 0.0
        for _ in range(14):
            self.price = old_price * (1.0 + length * self.d)
            self.surplus = old_surplus + length * self.d_surplus
            for answer in self.problem.inner:
                answer.take(length - taken)
            taken = length
            self._answer()
            residual = self._residual()
            if residual <= max((1.0 - PROMISE * length) * before, harmless):
                self.step = length
                return True
            self.control.poll()
            length *= 0.5
        self.step = taken
        return math.isfinite(residual) and residual <= WORSE * before
