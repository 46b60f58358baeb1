"""Anderson acceleration of the rules that move each price by its own imbalance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from parecon.errors import RuleError
from parecon.rules._base import SENSITIVITY, Array, Rule, Sums, log_imbalance
from parecon.rules._guard import Guard
from parecon.rules.steps import Elasticity, Proportional, own_elasticity

MEMORY = 8
DAMP = 0.6  # of the simple rule
LONGEST_STEP = 1.0  # |d log p| of one announcement
LARGEST_CHANGE = 8.0  # of log(S/D) that a step may bring about by a good's own price
DOUBT = 0.1  # what a remembered change may owe to other things than prices, relative variance
SMALLEST_SINGULAR = 1e-8  # of differences that still tell directions apart, relative
FAR = 1.0  # root mean square of log(S/D) beyond which yesterday's answers say little about today's
LEVEL_DAMP = 0.8  # councils also pay costs in money, and answer the level a little themselves
SMALLEST_LEVEL, LARGEST_LEVEL = 0.05, 2.7  # of a price level that is believed
OVER = ("elasticity", "proportional")


class Anderson(Rule):
    """Anderson (1965), type II, memory 8, guarded by decrease of Phi.

    A simple rule proposes the step f(y) at log prices y. How f changed over the last steps tells,
    to first order, which combination of them would have made it vanish:

        y + f - (dY + dF) gamma ,
        gamma = argmin || f - dF gamma ||^2 + DOUBT sum_k || dF_k gamma_k ||^2 ,

    in the norm of the curvature's diagonal, in which all prices weigh alike for Phi. A step that
    did not lower Phi is shortened and leaves no trace in the memory. While supply and demand differ
    by factors, nothing is remembered, and the level counts as far as all goods err alike.

    What a simple rule cannot see is the level of all prices: councils who buy and sell to each
    other hardly mind it. But budgets do not move with prices, so that the value of all excess
    supply Z and the budgets B say it: Z + B is the value of what exists and of net output, which
    is proportional to the level, hence all prices are too high by log(1 + Z/B). Where the board
    knows the budgets this goes into f.

    over : "elasticity", "proportional", or None: elasticity where councils report sensitivities.
    memory : int, steps remembered.
    """

    name: ClassVar[str] = "anderson"
    sees: ClassVar[frozenset[str]] = frozenset({SENSITIVITY})

    def __init__(self, over: str | None = None, memory: int = MEMORY) -> None:
        if over is not None and over not in OVER:
            known = ", ".join(OVER)
            raise RuleError(f"rule 'anderson': expected over one of {known}, got {over!r}")
        if memory < 1:
            raise RuleError(f"rule 'anderson': expected a memory of at least 1, got {memory!r}")
        self.over, self.memory = over, memory
        self.guard = Guard()
        self.told = 0.0  # what boards told in the last round, as bits: sensitivities, budgets
        self.last: tuple[Array, Array] | None = None
        self.moves: list[Array] = []
        self.changes: list[Array] = []

    def new_year(self) -> None:
        """Keep what was learned; no step leads from last year's economy to this one."""
        self.guard, self.last = Guard(), None

    def next_price(self, seen: Sums) -> Array:
        """The accelerated step, or back along the last one."""
        log_price = np.log(seen.price)
        back = self.guard.retreat(log_price, seen)
        if back is not None:
            return np.exp(back)
        own, weight, limit = self._own_step(seen)
        told = (seen.sensitivity is not None) + 2.0 * (seen.budget is not None)
        if told != self.told or far(seen):  # what was learned is of another rule, or of elsewhere
            self.told, self.last, self.moves, self.changes = told, None, [], []
        if far(seen):
            common = level(seen) * in_common(seen)
            return np.asarray(seen.price * np.exp(np.clip(own, -limit, limit) - common))
        # a price that nobody offers or wants the good at has nothing to learn from
        traded = (seen.supply > 0.0) & (seen.demand > 0.0)
        known = LEVEL_DAMP * np.clip(level(seen), -LONGEST_STEP, LONGEST_STEP)
        step = self._accelerated(log_price, np.where(traded, own - known, 0.0), weight)
        step = step / max(1.0, float(np.max(np.abs(step) / limit)))
        return np.asarray(seen.price * np.exp(np.where(traded, step, np.clip(own, -limit, limit))))

    def _accelerated(self, log_price: Array, own: Array, weight: Array) -> Array:
        """The combination of the last steps that would have left nothing to do."""
        self._learn(log_price, own)
        if not self.moves:
            return own
        moves, changes = np.array(self.moves).T, np.array(self.changes).T
        known = _combination(weight[:, None] * changes, weight * own)
        return np.asarray(own - (moves + changes) @ known)

    def _own_step(self, seen: Sums) -> tuple[Array, Array, Array]:
        """The simple rule's step, the weights of the norm, and the longest step, (n,) each.

        Goods that nobody makes, or nobody wants, weigh nothing.
        """
        value = seen.price * np.minimum(seen.supply, seen.demand)
        if self.over == "proportional" or (self.over is None and seen.sensitivity is None):
            longest = np.full(len(value), LONGEST_STEP)
            return Proportional().step(seen), np.sqrt(value), longest
        elasticity = own_elasticity(seen)
        longest = np.minimum(LONGEST_STEP, LARGEST_CHANGE / elasticity)
        return Elasticity(DAMP).step(seen), np.sqrt(value * elasticity), longest

    def _learn(self, log_price: Array, own: Array) -> None:
        if self.last is not None:
            self.moves.append(log_price - self.last[0])
            self.changes.append(own - self.last[1])
            del self.moves[: -self.memory], self.changes[: -self.memory]
        self.last = (log_price, own)

    def state(self) -> dict[str, Array]:
        """The guard's announcement, the last one, and the steps remembered (steps, n)."""
        state = self.guard.state()
        state["told"] = np.array([self.told])
        if self.last is not None:
            state["last_log_price"], state["last_step"] = (part.copy() for part in self.last)
        if self.moves:
            state["moves"], state["changes"] = np.array(self.moves), np.array(self.changes)
        return state

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take them back."""
        self.guard = Guard()
        self.guard.restore(state)
        self.told = float(state["told"][0]) if "told" in state else 0.0
        self.last = None
        if "last_log_price" in state:
            self.last = (np.array(state["last_log_price"]), np.array(state["last_step"]))
        self.moves = list(np.array(state.get("moves", ())))
        self.changes = list(np.array(state.get("changes", ())))


def _combination(changes: Array, step: Array) -> Array:
    """gamma (steps,) of the class, from weighted changes (n, steps) and step (n,).

    Proposals may be missing or late, so that not all that changed is the work of prices. Without
    doubt, a memory as long as there are goods would explain all of it.
    """
    doubt = np.diag(np.sqrt(DOUBT) * np.linalg.norm(changes, axis=0))
    left = np.vstack([changes, doubt])
    right = np.concatenate([step, np.zeros(len(doubt))])
    return np.asarray(np.linalg.lstsq(left, right, SMALLEST_SINGULAR)[0])


def far(seen: Sums) -> bool:
    """Whether supply and demand differ by factors, in the mean of all goods that do not balance."""
    apart = log_imbalance(seen)[seen.imbalance > 0.0]
    return len(apart) > 0 and float(np.sqrt(np.mean(apart**2))) > FAR


def level(seen: Sums) -> float:
    """By how much all log prices are too high; 0 where the board does not know the budgets."""
    if seen.budget is None or not seen.budget > 0.0:
        return 0.0
    excess = float(np.sum(seen.price * (seen.supply - seen.demand))) / seen.budget
    return float(np.log(min(max(1.0 + excess, SMALLEST_LEVEL), LARGEST_LEVEL)))


def in_common(seen: Sums) -> float:
    """Value of all excess supply over the sum of its sizes: 0 to 1, 1 where all goods err alike."""
    value = seen.price * (seen.supply - seen.demand)
    sizes = float(np.sum(np.abs(value)))
    return abs(float(np.sum(value))) / sizes if sizes > 0.0 else 0.0
