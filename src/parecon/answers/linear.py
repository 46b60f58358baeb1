"""Answers of consumers with linear utility, whose quantities are unknowns of their own.

See the kernel for the algebra.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parecon._kernels import linear_utility as kernel
from parecon.answers._base import Array, InnerAnswer, Market, longest_step
from parecon.answers.consumers import budget_constant
from parecon.curvature import NONE, Curvature, Rows, Scratch, Term
from parecon.families import LinearConsumers

_NEWTON_STEPS = 30


class LinearDemand(InnerAnswer):
    """Quantities x, slacks s = p - beta v and marginal utilities beta = b/u of every council.

    The target of a council's products is proportional to its budget per entry, so that small
    budgets are met as exactly as large ones.
    """

    def __init__(self, family: LinearConsumers, scratch: Scratch) -> None:
        matrix = family.value
        self.indptr = np.ascontiguousarray(matrix.indptr, dtype=np.int64)
        self.rows = Rows.from_indptr(matrix.indptr, matrix.indices, scratch)
        self.value = np.ascontiguousarray(matrix.data)
        self.budget = np.ascontiguousarray(family.budget)
        self.length = np.diff(self.indptr)
        self.n_products = len(self.value)
        self.weight = np.ones(len(self.budget))
        self.constant = budget_constant(self.budget)
        m, nnz = len(self.budget), len(self.value)
        self.row, self.diagonal, self.constant_change = np.empty(nnz), np.empty(nnz), np.empty(nnz)
        self.alpha, self.facts, self.dbeta0 = np.empty(m), np.empty((5, m)), np.empty(m)
        self.dx, self.ds, self.dbeta = np.empty(nnz), np.empty(nnz), np.empty(m)

    def start(self, market: Market, barrier: float) -> None:
        """The central point of every council at the announced prices: products at the barrier.

        With theta = beta max v/p and rho = (v/p) / max v/p, the budget asks for
        target * sum theta rho / (1 - theta rho) = b: convex and increasing in theta, so that Newton
        comes down to the root from the bound b / (b + target).
        """
        self.weight = self.budget / self.length / market.average_product
        price, first = market.price[self.rows.idx], self.indptr[:-1]
        ratio = self.value / price
        best = np.maximum.reduceat(ratio, first)
        rho = ratio / np.repeat(best, self.length)
        target = barrier * self.weight
        theta = self.budget / (self.budget + target)
        for _ in range(_NEWTON_STEPS):
            left = 1.0 - np.repeat(theta, self.length) * rho
            share = rho / left
            spent = target * theta * np.add.reduceat(share, first)
            slope = target * np.add.reduceat(share / left, first)
            step = (spent - self.budget) / slope
            theta = theta - step
            if np.all(np.abs(spent - self.budget) <= 1e-6 * self.budget):
                break
        self.beta = theta / best
        self.s = price * (1.0 - np.repeat(theta, self.length) * rho)
        self.x = np.repeat(target, self.length) / self.s

    def resume(self, proposal: Any, market: Market, barrier: float) -> None:
        """The same: at given prices the quantities of a plan add nothing."""
        self.start(market, barrier)

    def respond(self, market: Market) -> None:
        """Value of the present quantities; the dual from the best buy, log c = log min p/v."""
        kernel.prepare(
            self.indptr, self.rows.idx, self.value, self.budget, market.price, self.x, self.s,
            self.beta, self.row, self.alpha, self.diagonal, self.facts, market.n_threads,
        )  # fmt: skip
        spent = np.zeros(market.n_goods)
        self.rows.scatter(self.x, np.ones(len(self.budget)), spent)
        market.demand += spent * market.price
        best = np.minimum.reduceat(market.price[self.rows.idx] / self.value, self.indptr[:-1])
        market.dual += self.constant - float(np.dot(self.budget, np.log(best)))
        worst = max(
            float(np.max(self.facts[2])), float(np.max(np.abs(self.facts[1]) / self.budget))
        )
        market.zero_profit = max(market.zero_profit, worst)

    def total_weight(self) -> float:
        """Of all entries."""
        return float(np.dot(self.weight, self.length))

    def freeze_scale(self) -> None:
        """Residuals here are relative to prices, which a step moves little."""

    def residual(self) -> float:
        """Worst slack residual over the price, worst unspent share of a budget."""
        return max(float(np.max(self.facts[2])), float(np.max(np.abs(self.facts[1]) / self.budget)))

    def curvature(self, market: Market, total: Curvature) -> None:
        """sum p^2 D on the diagonal, alpha row row'."""
        diagonal = np.zeros(market.n_goods)
        self.rows.scatter(self.diagonal, np.ones(len(self.budget)), diagonal)
        total.diagonal += diagonal
        total.terms.append(Term(self.rows, self.row, alpha_in=self.alpha))

    def complementarity(self) -> float:
        """Sum of x s."""
        return float(np.sum(self.facts[3]))

    def target(self, market: Market, barrier: float, second_order: bool, rhs: Array) -> None:
        """Change at unchanged prices."""
        kernel.right_hand_side(
            self.indptr, self.rows.idx, self.value, market.price, self.x, self.s, self.beta,
            barrier * self.weight, self.dx if second_order else NONE,
            self.ds if second_order else NONE, self.facts, self.alpha, self.constant_change,
            self.dbeta0, market.n_threads,
        )  # fmt: skip
        self.rows.scatter(self.constant_change, np.ones(len(self.budget)), rhs)

    def recover(self, market: Market, step: Array) -> float:
        """Own step and its longest admissible length."""
        longest = np.empty(len(self.budget))
        kernel.recover(
            self.indptr, self.rows.idx, self.value, market.price, self.x, self.s, self.beta,
            self.row, self.alpha, self.constant_change, self.dbeta0, step, self.dx, self.ds,
            self.dbeta, longest, market.n_threads,
        )  # fmt: skip
        return min(float(longest.min()), longest_step(self.beta, self.dbeta))

    def products_after(self, length: float) -> float:
        """Sum of (x + a dx)(s + a ds) = sum x s + a (x ds + s dx) + a^2 dx ds."""
        first = np.dot(self.x, self.ds) + np.dot(self.s, self.dx)
        return float(np.sum(self.facts[3]) + length * first + length**2 * np.dot(self.dx, self.ds))

    def take(self, length: float) -> None:
        """Move."""
        self.x += length * self.dx
        self.s += length * self.ds
        self.beta += length * self.dbeta

    def proposal(self, market: Market) -> dict[str, Any]:
        """The quantities, scaled so that no budget is overdrawn."""
        price = market.price[self.rows.idx]
        spent = np.add.reduceat(self.x * price, self.indptr[:-1])
        scale = np.minimum(1.0, self.budget / spent)
        return {"quantity": self.x * np.repeat(scale, self.length)}
