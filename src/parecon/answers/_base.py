"""What the solvers ask of councils: the contract between prices and families.

The board announces prices (`Market.announce`); every answer adds the value its councils use and
make and their part of the dual, and describes its curvature. Families with something that is not a
price (levels of constant-returns councils, quantities of consumers with linear utility) keep it
themselves: they eliminate it, leave their share of the right-hand side in price space, and recover
their own step from the price step. A solver knows prices and this contract, nothing else.

Units: prices are money per physical unit; everything summed over goods is a value, price times
quantity, in money. Steps are relative price changes d = dp/p.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.curvature import Curvature, Scratch

Array = NDArray[np.float64]
Index = NDArray[np.int64]

# log of a price of zero: exp of it is below any quantity, products with it stay finite
LOG_OF_NOTHING = -700.0
CENTRAL = (0.1, 10.0)  # times what they aim at: products between are central enough


class Market:
    """One announcement and the sums of its answers.

    price, log_price : (n,) announced prices, money per unit.
    demand, supply : (n,) value of what is used and of what is available at these prices, money.
    dual : float, Phi(price) of DESIGN (D), money; positive profits of uncapped constant-returns
        councils are not in it.
    average_product : float, money, budgets over the number of complementary pairs: what weights are
        relative to.
    zero_profit : float, worst zero-profit residual, relative.
    wants_sensitivity : bool, whether `Answer.add_sensitivity` will be asked for at the prices
        announced, so that answers may sum it in the same pass.
    """

    def __init__(self, endowment: Array, needs: Array, scratch: Scratch) -> None:
        self.endowment, self.needs, self.scratch = endowment, needs, scratch
        self.average_product = 1.0
        self.n_goods = len(endowment)
        self.wants_sensitivity = False

    def announce(self, price: Array) -> None:
        """Set prices and start new sums with what exists and what is owed in kind."""
        self.price = price
        with np.errstate(divide="ignore"):
            self.log_price = np.maximum(np.log(price), LOG_OF_NOTHING)
        self.supply = price * self.endowment
        self.demand = price * self.needs
        self.dual = float(np.dot(price, self.endowment - self.needs))
        self.zero_profit = 0.0


class Answer(ABC):
    """Councils of one family that answer alike.

    councils : (k,) int64 which of the family's councils these are, or None for all, in order.
    """

    councils: Index | None = None

    @abstractmethod
    def respond(self, market: Market) -> None:
        """Answer the announced prices.

        Adds to `market.demand`, `market.supply` and `market.dual`.
        """

    @abstractmethod
    def curvature(self, market: Market, total: Curvature) -> None:
        """Add the curvature at the prices last answered."""

    @abstractmethod
    def proposal(self, market: Market) -> dict[str, Any]:
        """Physical quantities of the answer, named as in `parecon.proposals`."""

    def add_sensitivity(self, market: Market, total: Array) -> None:
        """Add p_i^2 d(supply - demand)_i / dp_i, money, at the prices last answered, to total (n,).

        The diagonal of the curvature.
        """
        own = Curvature(market.n_goods)
        self.curvature(market, own)
        total += own.full_diagonal()

    def condensed(self) -> CondensedAnswer | None:
        """A few of the councils that stand for all (see `stand_ins`).

        None where that would not save much.
        """
        return None

    def too_much(self, market: Market, limit: float) -> tuple[NDArray[np.int32], Array] | None:
        """Goods, and changes of their log price, that bring councils' revenue down to `limit`.

        Each council by itself; None where no revenue exceeds the limit.
        """
        return None


class CondensedAnswer(Answer):
    """Councils that stand for those of another answer."""

    @abstractmethod
    def complete(self, market: Market, whole: Any) -> None:
        """Keep what the councils of `whole` do that none of these does, as of the market's prices.

        whole : the other answer, which has answered these prices.
        """


class InnerAnswer(Answer):
    """Councils that own unknowns besides prices.

    All products of complementary pairs are in money.
    """

    @abstractmethod
    def start(self, market: Market, barrier: float) -> None:
        """Choose inner unknowns that suit the announced prices, products near `barrier`."""

    n_products: int  # number of complementary pairs
    polish = 2  # iterations at the end that make small councils as exact as large ones

    def soften(self, few: int = 0) -> SoftAnswer | None:
        """A smooth answer near this one, or of about `few` councils that stand for all.

        None where there is none.
        """
        return None

    def sift(self, market: Market, window: float) -> None:
        """Leave out pairs that cannot matter while relative prices move by less than `window`.

        In logs, from the announced prices; called before a start.
        """

    def review(self, market: Market, barrier: float) -> bool:
        """Look again at what was left out, now that prices have moved; products are near `barrier`.

        Whether anything changed, so that the announced prices are to be answered again.
        """
        return False

    @abstractmethod
    def total_weight(self) -> float:
        """Sum of the weights with which products aim at the barrier.

        On the central path the products sum to barrier times it.
        """

    @abstractmethod
    def complementarity(self) -> float:
        """Sum of products of complementary pairs, money."""

    @abstractmethod
    def resume(self, proposal: Any, market: Market, barrier: float) -> None:
        """Start from a plan's proposal (see `parecon.proposals`), products at least `barrier`."""

    @abstractmethod
    def freeze_scale(self) -> None:
        """Keep the present scale of the zero-profit residual for the comparisons of one step."""

    @abstractmethod
    def residual(self) -> float:
        """Worst zero-profit residual of the last answer, relative to the frozen scale."""

    def relative_loss(self, smallest: float) -> float:
        """Worst zero-profit slack relative to cost.

        Only councils that turn over more than `smallest` of the average count.
        """
        return 0.0

    def weigh(self, smallest: float) -> None:
        """From now on aim at products in proportion to what passes through each council."""

    @abstractmethod
    def target(self, market: Market, barrier: float, second_order: bool, rhs: Array) -> None:
        """Aim at products = barrier.

        Subtracts from `rhs` (n,) the change of excess supply at unchanged prices, money.

        second_order : take the corrections of `foresee` and `centre` from the products aimed at.
        """

    @abstractmethod
    def foresee(self, share: float) -> None:
        """Corrections are the second-order terms of the step last recovered, times `share`."""

    @abstractmethod
    def centre(self, length: float, barrier: float) -> None:
        """Correct also products that a step of this length would leave far from barrier."""

    def remember(self) -> dict[str, Any]:
        """What `recall` brings back: the step last recovered, and the corrections it came from."""
        return dict(vars(self))

    def recall(self, state: dict[str, Any]) -> None:
        """Take back the steps since."""
        vars(self).update(state)

    @abstractmethod
    def recover(self, market: Market, step: Array) -> float:
        """Find the own step that belongs to the relative price step.

        Returns the longest admissible length.
        """

    @abstractmethod
    def products_after(self, length: float) -> float:
        """Sum of products after a step of this length along the recovered direction."""

    @abstractmethod
    def take(self, length: float) -> None:
        """Move along the recovered direction by `length` (negative to step back)."""


class SoftAnswer(Answer):
    """A smooth answer that stands for councils whose demand jumps with prices.

    temperature : float > 0, how far from the best buy (in log utility per money) they still mix in
        what is nearly as good.
    n_councils, n_entries : int.
    """

    temperature = 1.0
    n_councils: int
    n_entries: int

    @abstractmethod
    def sift(self, price: Array, window: float) -> None:
        """Answer from the goods within `window` of a council's best at these prices."""

    @abstractmethod
    def moved(self, price: Array) -> float:
        """How far relative prices have moved since the sift, as far as they matter, in logs."""

    @abstractmethod
    def covers(self) -> bool:
        """Whether enough of the councils want each good that any of them wants."""


def off_centre(product: Array, aim: Array) -> Array:
    """What products would have beyond .1 to 10 times their aim, to be taken from the next aim.

    J. Gondzio (1996), "Multiple centrality corrections in a primal-dual method for linear
    programming", Computational Optimization and Applications 6.
    """
    low, high = CENTRAL
    beyond = product - np.clip(product, low * aim, high * aim)
    return np.asarray(np.minimum(beyond, high * aim))


def revenue_above(
    good: NDArray[np.int32], revenue: Array, slack: Array, limit: float
) -> tuple[NDArray[np.int32], Array] | None:
    """Goods of councils whose revenue exceeds the limit, and changes of log price that end that.

    Revenue rises with the power 1/slack of the price of what a council makes.
    """
    over = np.flatnonzero(revenue > limit)
    if not len(over):
        return None
    return good[over], -slack[over] * np.log(revenue[over] / limit)


def longest_step(value: Array, change: Array) -> float:
    """Longest step that keeps value + step * change >= 0; value > 0."""
    if not len(value):
        return np.inf
    worst = float(np.min(change / value))
    return -1.0 / worst if worst < 0.0 else np.inf


def add_at(total: Array, good: NDArray[np.int32], value: Array) -> None:
    """total[good] += value, with repeated goods, in the order of the councils."""
    total += np.bincount(good, weights=value, minlength=len(total))


def without_none(capacity: Array | None, councils: int) -> Array:
    """(m,) capacities, inf where there is none."""
    return np.full(councils, np.inf) if capacity is None else np.asarray(capacity, dtype=np.float64)
