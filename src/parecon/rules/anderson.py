"""Anderson acceleration of the rules that move each price by its own imbalance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from parecon.errors import RuleError
from parecon.rules._base import SENSITIVITY, Array, Rule, Sums
from parecon.rules._guard import Guard
from parecon.rules.steps import Elasticity, Proportional, own_elasticity

MEMORY = 8
LONGEST_STEP = 1.0  # |d log p| of one announcement
SMALLEST_SINGULAR = 1e-8  # of differences that still tell directions apart, relative
OVER = ("elasticity", "proportional")


class Anderson(Rule):
    """Anderson (1965), type II, memory 8, guarded by decrease of Phi.

    A simple rule proposes the step f(y) at log prices y. How f changed over the last steps tells,
    to first order, which combination of them would have made it vanish:

        y + f - (dY + dF) gamma ,   gamma = argmin || f - dF gamma || ,

    in the norm of the curvature's diagonal, in which all prices weigh alike for Phi. A step that
    did not lower Phi is shortened and leaves no trace in the memory.

    over : "elasticity", "proportional", or None: elasticity where councils report sensitivities.
    memory : int, steps remembered.
    """

    name: ClassVar[str] = "anderson"
    sees: ClassVar[frozenset[str]] = frozenset({SENSITIVITY})

    def __init__(self, over: str | None = None, memory: int = MEMORY) -> None:
        if over is not None and over not in OVER:
            raise RuleError(
                f"rule 'anderson': expected over one of {', '.join(OVER)}, got {over!r}"
            )
        if memory < 1:
            raise RuleError(f"rule 'anderson': expected a memory of at least 1, got {memory!r}")
        self.over, self.memory = over, memory
        self.restore({})

    def new_year(self) -> None:
        """Keep what was learned; no step leads from last year's economy to this one."""
        self.guard, self.last = Guard(), None

    def next_price(self, seen: Sums) -> Array:
        """The accelerated step, or back along the last one."""
        log_price = np.log(seen.price)
        back = self.guard.retreat(log_price, seen)
        if back is not None:
            return np.exp(back)
        own, weight = self._own_step(seen)
        self._learn(log_price, own)
        step = own
        if self.moves:
            moves, changes = np.array(self.moves).T, np.array(self.changes).T
            known = np.linalg.lstsq(weight[:, None] * changes, weight * own, SMALLEST_SINGULAR)[0]
            step = own - (moves + changes) @ known
        return np.asarray(np.exp(log_price + np.clip(step, -LONGEST_STEP, LONGEST_STEP)))

    def _own_step(self, seen: Sums) -> tuple[Array, Array]:
        """The simple rule's step, and the weights (n,) of the norm."""
        value = seen.price * np.sqrt(seen.supply) * np.sqrt(seen.demand)
        if self.over == "proportional" or (self.over is None and seen.sensitivity is None):
            return Proportional().step(seen), np.sqrt(value)
        return Elasticity().step(seen), np.sqrt(value * own_elasticity(seen))

    def _learn(self, log_price: Array, own: Array) -> None:
        if self.last is not None:
            self.moves.append(log_price - self.last[0])
            self.changes.append(own - self.last[1])
            del self.moves[: -self.memory], self.changes[: -self.memory]
        self.last = (log_price, own)

    def state(self) -> dict[str, Array]:
        """The guard's announcement, the last one, and the steps remembered (steps, n)."""
        state = self.guard.state()
        if self.last is not None:
            state["last_log_price"], state["last_step"] = (part.copy() for part in self.last)
        if self.moves:
            state["moves"], state["changes"] = np.array(self.moves), np.array(self.changes)
        return state

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take them back."""
        self.guard = Guard()
        self.guard.restore(state)
        self.last: tuple[Array, Array] | None = None
        if "last_log_price" in state:
            self.last = (np.array(state["last_log_price"]), np.array(state["last_step"]))
        self.moves: list[Array] = list(np.array(state.get("moves", ())))
        self.changes: list[Array] = list(np.array(state.get("changes", ())))
