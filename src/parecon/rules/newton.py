"""Newton's method on the dual, counted in rounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from parecon.errors import RuleError
from parecon.linear_solve import conjugate_gradients
from parecon.rules._base import CURVATURE, SENSITIVITY, Array, Rule, Sums
from parecon.rules._guard import Guard
from parecon.rules.steps import moved

MOST_INQUIRIES = 200  # per announcement
LOOSE = 0.1


class Newton(Rule):
    """The Newton direction in log prices, from inquiries (DESIGN section 4).

        (P H P + diag(max(z, 0))) d = -z ,   z = p (S - D) ,

    where P H P is not known to the board: it asks councils how the value of their excess supply
    would change along a direction, once per step of conjugate gradients. Few announcements, then,
    but each with some inquiries, which cost the councils as much as an announcement does.
    """

    name: ClassVar[str] = "newton"
    sees: ClassVar[frozenset[str]] = frozenset({SENSITIVITY, CURVATURE})

    def __init__(self) -> None:
        self.guard = Guard()

    def next_price(self, seen: Sums) -> Array:
        """A Newton step; half of the last one where that went too far."""
        log_price = np.log(seen.price)
        back = self.guard.retreat(log_price, seen)
        if back is not None:
            return np.exp(back)
        return moved(seen.price, self._direction(seen))

    def _direction(self, seen: Sums) -> Array:
        inquire = seen.inquire
        if inquire is None or seen.sensitivity is None:
            raise RuleError("rule 'newton' wants councils that answer inquiries")
        excess = seen.price * (seen.supply - seen.demand)
        left_over = np.maximum(excess, 0.0)
        diagonal = seen.price * seen.sensitivity + left_over
        inverse = 1.0 / np.maximum(diagonal, 1e-300)
        worst = float(np.max(seen.imbalance, initial=0.0))
        direction, _ = conjugate_gradients(
            lambda d: inquire(d) + left_over * d,
            -excess,
            lambda residual: inverse * residual,
            relative=min(LOOSE, math.sqrt(worst)),
            max_iterations=MOST_INQUIRIES,
            poll=lambda: None,
        )
        return direction

    def state(self) -> dict[str, Array]:
        """The last announcement that lowered the dual."""
        return self.guard.state()

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take it back."""
        self.guard.restore(state)
