"""A step taken back where the dual has not fallen.

The board does not see Phi, but it sees its gradient, p (S - D) in log prices. Between two
announcements Phi changes by the integral of the slope along the step; its value by the trapezoidal
rule decides, and the zero of the slope's secant says how far back to go.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from parecon.rules._base import Array, Sums

SHORTEST, LONGEST = 0.1, 0.5  # of a step that is taken back
RETREATS = 3  # in a row, before a rule goes on from where it is


class Guard:
    """Remembers the last announcement that lowered Phi.

    log_price, value : (n,) logarithms of its prices, and the value of its excess supply.
    """

    def __init__(self) -> None:
        self.log_price: Array | None = None
        self.value: Array | None = None
        self.retreats = 0

    def retreat(self, log_price: Array, seen: Sums) -> Array | None:
        """Log prices to go back to, or None where the last step was one down."""
        value = seen.price * (seen.supply - seen.demand)
        if self.log_price is not None and self.value is not None and self.retreats < RETREATS:
            step = log_price - self.log_price
            before, after = float(np.dot(self.value, step)), float(np.dot(value, step))
            if before < 0.0 < before + after:
                self.retreats += 1
                length = min(max(before / (before - after), SHORTEST), LONGEST)
                return np.asarray(self.log_price + length * step)
        self.log_price, self.value, self.retreats = log_price, value, 0
        return None

    def state(self) -> dict[str, Array]:
        """What `restore` takes back."""
        if self.log_price is None or self.value is None:
            return {}
        return {
            "kept_log_price": self.log_price.copy(),
            "kept_value": self.value.copy(),
            "retreats": np.array([float(self.retreats)]),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go on from what `state` handed out."""
        kept, value = state.get("kept_log_price"), state.get("kept_value")
        self.log_price = None if kept is None else np.array(kept, dtype=np.float64)
        self.value = None if value is None else np.array(value, dtype=np.float64)
        self.retreats = int(state["retreats"][0]) if "retreats" in state else 0
