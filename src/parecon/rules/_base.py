"""What a facilitation board sees, and what a rule makes of it.

A rule sees sums over councils, never a council: prices, total supply, total demand, and, where it
declares so, the summed own-price sensitivity that councils report. It has no discretion: the same
sums give the same prices.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon.errors import RuleError

Array = NDArray[np.float64]

SENSITIVITY = "sensitivity"
CURVATURE = "curvature"


@dataclass(frozen=True, eq=False)
class Sums:
    """The sums of one round.

    Attributes
    ----------
    price : (n,) float64, > 0
        What was announced, money per physical unit.
    supply, demand : (n,) float64, >= 0
        Physical units per plan year; supply counts what exists, demand what is owed in kind.
    budget : float or None
        Sum of the budgets that were granted to consumers beforehand, money per plan year; None
        where the board does not know all of them.
    sensitivity : (n,) float64, >= 0, or None
        d(supply - demand)_i / d log p_i, summed over councils, physical units per plan year; only
        for rules that declare it.
    inquire : callable or None
        Takes relative price changes (n,) and returns the changes of the value of excess supply
        p (S - D) that councils would answer with, money; only for rules that declare
        ``"curvature"``. Each call is one more exchange with every council.
    """

    price: Array
    supply: Array
    demand: Array
    budget: float | None = None
    sensitivity: Array | None = None
    inquire: Callable[[Array], Array] | None = None

    @property
    def imbalance(self) -> Array:
        """(n,) v = |2 (S - D) / (S + D)|, from 0 to 2; 0 for free goods (see `imbalance`)."""
        return imbalance(self.price, self.supply, self.demand)

    @property
    def excess_demand(self) -> Array:
        """(n,) D - S, physical units: > 0 a shortage, < 0 a surplus."""
        return self.demand - self.supply


FREE = 1e-6  # of the value of the average good's use: what is worth less as a whole is free


def imbalance(price: Array, supply: Array, demand: Array) -> Array:
    """|2 (S - D) / (S + D)| of each good, from 0 to 2; arrays (n,) or (rounds, n).

    0 where there is neither supply nor demand, and for free goods: where more exists than anybody
    wants at a price of next to nothing, the plan leaves the rest over (its price is zero).
    """
    # halves, because sums of the largest numbers would overflow
    half = 0.5 * supply + 0.5 * demand
    relative = np.abs(supply - demand) / np.where(half > 0.0, half, 1.0)
    average = np.mean(price * demand, axis=-1, keepdims=True)
    free = (supply > demand) & (price * supply < FREE * average)
    return np.asarray(np.where(free, 0.0, relative))


class Rule(ABC):
    """Adjusts prices.

    A rule of one's own derives from this class, or is a plain function that takes `Sums` and
    returns prices. Whatever a rule remembers from round to round it hands out in `state` and takes
    back in `restore`, so that a board can be interrupted, and next year start where it stopped.
    """

    name: ClassVar[str]
    sees: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def next_price(self, seen: Sums) -> Array:
        """(n,) prices to announce next, money per physical unit."""

    def state(self) -> dict[str, Array]:
        """Everything the rule remembers, by name."""
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go on from what `state` handed out."""
        if state:
            raise RuleError(f"rule {self.name!r} keeps no state, got {', '.join(sorted(state))}")

    def reset(self) -> None:
        """Forget."""
        self.restore({})

    def new_year(self) -> None:  # noqa: B027 - most rules go on as they are
        """Keep what helps next year: the prices are carried over, the economy is another one."""


class FunctionRule(Rule):
    """A function of the sums, as a rule."""

    def __init__(self, function: Callable[[Sums], Any]) -> None:
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)  # type: ignore[misc]

    def next_price(self, seen: Sums) -> Array:
        """What the function says."""
        answer: Array = self.function(seen)
        return answer


def log_imbalance(seen: Sums) -> Array:
    """(n,) log(S/D), which is nearly linear in log prices however far they are from a plan.

    Bounded by +-log 1e6 where nobody makes, or nobody wants, the good.
    """
    floor = 1e-6 * np.maximum(seen.supply, seen.demand)
    some = floor > 0.0
    supply = np.where(some, np.maximum(seen.supply, floor), 1.0)
    demand = np.where(some, np.maximum(seen.demand, floor), 1.0)
    return np.asarray(np.log(supply / demand))
