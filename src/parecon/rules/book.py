"""The rule of Hahnel, *Democratic Economic Planning* (2021), chapter 9."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from parecon.rules._base import Array, Rule, Sums

LARGEST_MOMENTUM = 0.25
SMALLEST_STEP = 0.001
REACH = 1.05  # base = 1.05 - 0.5^v: .05 where a good balances, 0.8 where half is missing
HALF = 0.5


class Book(Rule):
    """Relative steps from the imbalance v and a momentum m per good (DESIGN section 5).

        base = 1.05 - .5^v,  w = max(.001, min(base, base m)),  m <- min(v, .25),
        p <- p (1 - w) where S > D,  p (1 + w) where S < D .

    m is .25 at the start, and carried over into the next year with the prices.
    """

    name: ClassVar[str] = "book"

    def __init__(self) -> None:
        self.momentum: Array | None = None

    def next_price(self, seen: Sums) -> Array:
        """One step of every price towards balance."""
        v = seen.imbalance
        if self.momentum is None:
            self.momentum = np.full(len(v), LARGEST_MOMENTUM)
        base = REACH - HALF**v
        step = np.maximum(SMALLEST_STEP, np.minimum(base, base * self.momentum))
        self.momentum = np.minimum(v, LARGEST_MOMENTUM)
        return np.asarray(seen.price * (1.0 + np.sign(seen.excess_demand) * step))

    def state(self) -> dict[str, Array]:
        """The momentum of every good (n,)."""
        return {} if self.momentum is None else {"momentum": self.momentum.copy()}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take the momentum back."""
        momentum = state.get("momentum")
        self.momentum = None if momentum is None else np.array(momentum, dtype=np.float64)
