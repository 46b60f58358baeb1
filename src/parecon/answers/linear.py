"""Answers of consumers with linear utility, whose quantities are unknowns of their own.

See the kernel for the algebra.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parecon._kernels import linear_utility as kernel
from parecon.answers._base import Array, Index, InnerAnswer, Market, longest_step, off_centre
from parecon.answers.best_buys import BestBuys, SoftenedDemand
from parecon.curvature import NONE, Curvature, Scratch, Term
from parecon.families import LinearConsumers

_NEWTON_STEPS = 30
_EACH = 4.0  # nanoseconds for an entry
_ROOM = 100.0  # window over the barrier: what is left out then is a hundredth of the gap
_MOVES = 30.0  # window over the last move of relative prices
_WIDER = 2.0  # a window over the move that left the last one
_NARROWER = 0.25  # a window this much narrower is worth leaving more out
_NARROWEST = 0.01
_NEGLIGIBLE = 0.01  # of a good's demand, by all that is left out together
_FEW, _PER_COUNCIL = 10_000, 2  # unknowns, and unknowns per council, that are not worth one


class LinearDemand(InnerAnswer):
    """Quantities x, slacks s = p - beta v and marginal utilities beta = b/u of open councils.

    Only goods near a council's best are unknowns (`BestBuys`): nobody buys the others, and a
    council left with one good spends its budget on it. The target of a council's products is
    proportional to its budget per entry, so that small budgets are met as exactly as large ones.
    """

    x: Array  # (open entries,) quantities, and their slacks
    s: Array
    beta: Array  # (open councils,)
    last_price: Array  # (n,) at the last review
    widened: bool  # prices have left a window: none is narrowed any more

    def __init__(self, family: LinearConsumers, scratch: Scratch) -> None:
        self.buys = BestBuys(family, scratch)
        self.n_products, self.sifted = len(self.buys.all_value), False

    def soften(self, few: int = 0) -> SoftenedDemand:
        """The same councils, or a few that stand for them, mixing what is nearly the best."""
        return SoftenedDemand(BestBuys(self.buys.family, self.buys.scratch, few))

    def sift(self, market: Market, window: float) -> None:
        """Keep the goods within `window` of each council's best at the announced prices."""
        self.sifted = True
        self.buys.sift(market.price, window)
        self._make_room()

    def review(self, market: Market, barrier: float) -> bool:
        """Sift again when prices have left the window; leave out more when it can be narrower."""
        buys, price = self.buys, market.price
        moved, lately = buys.moved(price), float(np.ptp(np.log(price / self.last_price)))
        self.last_price = price.copy()
        window = max(_ROOM * barrier / market.average_product, _MOVES * lately, _NARROWEST)
        if moved >= buys.window:
            self.widened = True
            self._sift_again(market, max(window, _WIDER * moved), barrier)
            return True
        many = self.n_products > max(_FEW, _PER_COUNCIL * len(self.budget))
        if self.widened or not many or window > min(_NARROWER * buys.window, buys.window - moved):
            return False
        self._narrow(market, window)
        return True

    def _narrow(self, market: Market, window: float) -> None:
        """Leave out what is far from the best buy, and no good's demand rests on.

        The council spends on the others what it spent on that.
        """
        price, good = market.price[self.rows.idx], self.rows.idx
        ratio, first = self.value / price, self.indptr[:-1]
        best = np.repeat(np.maximum.reduceat(ratio, first), self.length)
        keep = ratio >= np.exp(-window) * best
        spent, n = self.x * price, market.n_goods
        demand = np.bincount(good, weights=spent, minlength=n) + self.buys.settled
        keep |= spent * np.bincount(good, minlength=n)[good] > _NEGLIGIBLE * demand[good]
        rest = self.facts[0] / np.add.reduceat(np.where(keep, self.value * self.x, 0.0), first)
        self.x *= np.repeat(rest, self.length)
        council, entry = self.buys.narrow(keep, market.price, window)
        x, s, beta = self.x[entry], self.s[entry], self.beta[council]
        self._make_room()
        self.weight = self.budget / self.length / market.average_product
        self.x, self.s, self.beta = x, s, beta

    def _sift_again(self, market: Market, window: float, barrier: float) -> None:
        """Keep quantities where they are; councils with new goods start afresh."""
        at, x, s, councils = self.buys.at, self.x, self.s, len(self.buys.start)
        utility, beta = np.zeros(councils), np.zeros(councils)
        utility[self.buys.council], beta[self.buys.council] = self.facts[0], self.beta
        self.sift(market, window)
        buys = self.buys
        self.weight = self.budget / self.length / market.average_product
        self.beta = beta[buys.council]
        if not len(self.budget):
            self.x, self.s = np.empty(0), np.empty(0)
            return
        place = np.minimum(np.searchsorted(at, buys.at), max(len(at) - 1, 0))
        kept = at[place] == buys.at if len(at) else np.zeros(len(buys.at), dtype=bool)
        self.x, self.s = np.zeros(len(kept)), np.ones(len(kept))
        self.x[kept], self.s[kept] = x[place[kept]], s[place[kept]]
        first = self.indptr[:-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = utility[buys.council] / np.add.reduceat(self.value * self.x, first)
        self.x *= np.repeat(rest, self.length)
        fresh = np.flatnonzero(~np.logical_and.reduceat(kept, first))
        entry = self._entries(fresh)
        self.x[entry], self.s[entry], self.beta[fresh] = self._centred(market, barrier, fresh)

    def _entries(self, council: Index) -> Index:
        """Entries of some of the open councils, row after row."""
        length = self.length[council]
        first = np.cumsum(length) - length
        return np.arange(int(length.sum())) + np.repeat(self.indptr[council] - first, length)

    def _make_room(self) -> None:
        buys = self.buys
        self.rows, self.value, self.budget = buys.rows, buys.value, buys.budget
        self.indptr, self.length = buys.first, np.diff(buys.first)
        self.n_products = len(self.value)
        m, nnz = len(self.budget), len(self.value)
        self.row, self.diagonal, self.constant_change = np.empty(nnz), np.empty(nnz), np.empty(nnz)
        self.alpha, self.facts, self.dbeta0 = np.empty(m), np.zeros((5, m)), np.empty(m)
        self.dx, self.ds, self.dbeta = np.empty(nnz), np.empty(nnz), np.empty(m)

    def start(self, market: Market, barrier: float) -> None:
        """The central point of every council at the announced prices: products at the barrier."""
        if not self.sifted:
            self.sift(market, np.inf)
        self.weight = self.budget / self.length / market.average_product
        self.last_price, self.widened = market.price.copy(), False
        self.x, self.s, self.beta = self._centred(market, barrier, np.arange(len(self.budget)))

    def _centred(
        self, market: Market, barrier: float, council: Index
    ) -> tuple[Array, Array, Array]:
        """(x, s, beta) of some of the open councils at the announced prices.

        With theta = beta max v/p and rho = (v/p) / max v/p, the budget asks for
        target * sum theta rho / (1 - theta rho) = b: convex and increasing in theta, so that Newton
        comes down to the root from the bound b / (b + target).
        """
        if not len(council):
            return np.empty(0), np.empty(0), np.empty(0)
        length, budget = self.length[council], self.budget[council]
        first, entry = np.cumsum(length) - length, self._entries(council)
        value, price = self.value[entry], market.price[self.rows.idx[entry]]
        ratio = value / price
        best = np.maximum.reduceat(ratio, first)
        rho = ratio / np.repeat(best, length)
        target = barrier * self.weight[council]
        theta = budget / (budget + target)
        for _ in range(_NEWTON_STEPS):
            left = 1.0 - np.repeat(theta, length) * rho
            share = rho / left
            spent = target * theta * np.add.reduceat(share, first)
            slope = target * np.add.reduceat(share / left, first)
            step = (spent - budget) / slope
            theta = theta - step
            if np.all(np.abs(spent - budget) <= 1e-6 * budget):
                break
        s = price * (1.0 - np.repeat(theta, length) * rho)
        return np.repeat(target, length) / s, s, theta / best

    def resume(self, proposal: Any, market: Market, barrier: float) -> None:
        """The same: at given prices the quantities of a plan add nothing."""
        self.start(market, barrier)

    def respond(self, market: Market) -> None:
        """Value of the present quantities; the dual from the best buy, log c = log min p/v."""
        kernel.prepare(
            self.indptr, self.rows.idx, self.value, self.budget, market.price, self.x, self.s,
            self.beta, self.row, self.alpha, self.diagonal, self.facts, self.rows.threads(_EACH),
        )  # fmt: skip
        bought = np.zeros(market.n_goods)
        self.rows.scatter(self.x, np.ones(len(self.budget)), bought)
        market.demand += bought * market.price + self.buys.settled
        market.dual += self.buys.constant - float(np.dot(self.buys.settled, market.log_price))
        if len(self.budget):
            best = np.minimum.reduceat(market.price[self.rows.idx] / self.value, self.indptr[:-1])
            market.dual -= float(np.dot(self.budget, np.log(best)))
        market.zero_profit = max(market.zero_profit, self.residual())

    def total_weight(self) -> float:
        """Of all entries."""
        return float(np.dot(self.weight, self.length))

    def freeze_scale(self) -> None:
        """Residuals here are relative to prices, which a step moves little."""

    def residual(self) -> float:
        """Worst slack residual over the price, worst unspent share of a budget."""
        unspent = np.max(np.abs(self.facts[1]) / self.budget, initial=0.0)
        return max(float(np.max(self.facts[2], initial=0.0)), float(unspent))

    def curvature(self, market: Market, total: Curvature) -> None:
        """sum p^2 D on the diagonal, alpha row row'; settled councils as Cobb-Douglas ones."""
        diagonal = np.zeros(market.n_goods)
        self.rows.scatter(self.diagonal, np.ones(len(self.budget)), diagonal)
        total.diagonal += diagonal + self.buys.settled
        total.terms.append(Term(self.rows, self.row, alpha_in=self.alpha))

    def complementarity(self) -> float:
        """Sum of x s."""
        return float(np.sum(self.facts[3]))

    def target(self, market: Market, barrier: float, second_order: bool, rhs: Array) -> None:
        """Change at unchanged prices."""
        kernel.right_hand_side(
            self.indptr, self.rows.idx, self.value, market.price, self.x, self.s, self.beta,
            barrier * self.weight, self.correction if second_order else NONE,
            np.ones(len(self.correction)) if second_order else NONE, self.facts, self.alpha,
            self.constant_change, self.dbeta0, self.rows.threads(_EACH),
        )  # fmt: skip
        self.rows.scatter(self.constant_change, np.ones(len(self.budget)), rhs)

    def foresee(self, share: float) -> None:
        """dx ds"""
        self.correction = share * self.dx * self.ds

    def centre(self, length: float, barrier: float) -> None:
        """Of quantities and slacks."""
        x, s = self.x + length * self.dx, self.s + length * self.ds
        aim = np.repeat(barrier * self.weight, self.length)
        self.correction = self.correction + off_centre(x * s, aim)

    def remember(self) -> dict[str, Any]:
        """Steps are written in place."""
        steps = {name: getattr(self, name).copy() for name in ("dx", "ds", "dbeta")}
        return super().remember() | steps

    def recover(self, market: Market, step: Array) -> float:
        """Own step and its longest admissible length."""
        longest = np.empty(len(self.budget))
        kernel.recover(
            self.indptr, self.rows.idx, self.value, market.price, self.x, self.s, self.beta,
            self.row, self.alpha, self.constant_change, self.dbeta0, step, self.dx, self.ds,
            self.dbeta, longest, self.rows.threads(_EACH),
        )  # fmt: skip
        return min(float(longest.min(initial=np.inf)), longest_step(self.beta, self.dbeta))

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
        price, quantity = market.price[self.rows.idx], np.zeros(len(self.buys.all_value))
        if len(self.budget):
            spent = np.add.reduceat(self.x * price, self.indptr[:-1])
            scale = np.minimum(1.0, self.budget / spent)
            quantity[self.buys.at] = self.x * np.repeat(scale, self.length)
        quantity[self.buys.settled_at] = self.buys.settled_quantity(market.price)
        return {"quantity": quantity}
