"""SciPy's optimisers on Phi in log prices, with our kernels for values, gradients and curvature.

What differs from ours is the algorithm alone: they start at the same prices and see the same sums,
as fast. They stop once no good is short, or left over in value, by more than the tolerance; the
judge delivers.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

import numpy as np

from benchmarks.contestants._base import Answer, Array, Contestant, lacking
from benchmarks.machine import THREADS
from parecon.economy import Economy
from parecon.problem import Problem
from parecon.start import starting_point

_MOST_STEPS = 1_000_000


class _DoneError(Exception):
    """Raised out of the optimiser: SciPy's own criteria know nothing of goods."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Dual:
    """Phi and its derivatives in log prices, all over the total budget."""

    def __init__(self, economy: Economy, tol: float, limit_s: float) -> None:
        self.end = time.perf_counter() + limit_s
        self.problem, self.tol = Problem(economy, THREADS), tol
        self.start = np.log(starting_point(self.problem, None).price)
        self.price, self.least, self.calls = np.exp(self.start), np.inf, 0
        self._curved_at: Array | None = None

    def value(self, y: Array) -> tuple[float, Array]:
        """(Phi, gradient (n,)); ends the search where it is good enough."""
        market = self.problem.respond(np.exp(y))
        self.calls += 1
        excess = market.supply - market.demand
        measures = self.problem.measures()
        worst = max(measures.shortage, measures.surplus)
        if worst < self.least:
            self.least, self.price = worst, market.price
        if worst <= self.tol:
            raise _DoneError("balanced")
        if time.perf_counter() >= self.end:
            raise _DoneError("time limit")
        budget = self.problem.total_budget
        return float(market.dual) / budget, excess / budget

    def product(self, y: Array, direction: Array) -> Array:
        """Hessian in log prices times a direction (n,)."""
        if self._curved_at is None or not np.array_equal(y, self._curved_at):
            market = self.problem.respond(np.exp(y))
            self._curved_at, self._excess = y.copy(), market.supply - market.demand
            self._curvature = self.problem.curvature()
            # what exists has the value p e, whose second derivative in log p is itself
            self._diagonal = self._excess
        product = self._curvature.product(direction) + self._diagonal * direction
        return product / self.problem.total_budget


class _Scipy(Contestant):
    method: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}
    second_order: ClassVar[bool] = False

    def lacks(self, economy: Economy) -> str:
        """Phi must have derivatives."""
        return lacking(economy, "smooth")

    def answer(self, economy: Economy, tol: float, limit_s: float) -> Answer:
        """Minimise until balanced."""
        from scipy.optimize import minimize

        dual = Dual(economy, tol, limit_s)
        more = {"hessp": dual.product} if self.second_order else {}
        try:
            with np.errstate(all="ignore"):
                found = minimize(
                    dual.value, dual.start, jac=True, method=self.method, options=self.options,
                    tol=0.0, **more,
                )  # fmt: skip
            word = str(found.message)
        except _DoneError as done:
            word = done.word
        return Answer(price=dual.price, steps=dual.calls, word=word, stopped=word == "time limit")


class LBFGS(_Scipy):
    """Limited memory, gradients only."""

    name: ClassVar[str] = "lbfgs"
    title: ClassVar[str] = "SciPy L-BFGS"
    method: ClassVar[str] = "L-BFGS-B"
    options: ClassVar[dict[str, Any]] = {
        "maxcor": 20, "maxiter": _MOST_STEPS, "maxfun": _MOST_STEPS, "maxls": 50,
    }  # fmt: skip


class TrustKrylov(_Scipy):
    """Trust region, products with the curvature."""

    name: ClassVar[str] = "trust-krylov"
    title: ClassVar[str] = "SciPy trust-krylov"
    method: ClassVar[str] = "trust-krylov"
    options: ClassVar[dict[str, Any]] = {"maxiter": _MOST_STEPS, "inexact": True}
    second_order: ClassVar[bool] = True
