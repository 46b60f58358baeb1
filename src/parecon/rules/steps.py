"""Rules that move each price by its own imbalance alone."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from parecon.errors import RuleError
from parecon.rules._base import SENSITIVITY, Array, Rule, Sums, log_imbalance

LONGEST_STEP = 1.0  # |d log p| of one announcement: a price may almost treble, not more


class Proportional(Rule):
    """log p -= eta log(S/D).

    eta : float > 0, relative price change per relative imbalance. Elastic councils want a small one
        (with returns r supply answers a price with 1/(1-r) per cent).
    """

    name: ClassVar[str] = "proportional"

    def __init__(self, eta: float = 0.1) -> None:
        if not eta > 0.0:
            raise RuleError(f"rule 'proportional': expected eta > 0, got {eta!r}")
        self.eta = eta

    def next_price(self, seen: Sums) -> Array:
        """Raise what is short, lower what is left over."""
        return moved(seen.price, self.step(seen))

    def step(self, seen: Sums) -> Array:
        """(n,) change of log prices."""
        return -self.eta * log_imbalance(seen)


class Elasticity(Rule):
    """log p -= damp log(S/D) / (own elasticity of S/D), with the sensitivity councils report.

    damp : float in (0, 1]. A price also moves the costs and the demand of others; all goods
        together answer up to twice as strongly as each alone, so that 1 overshoots.
    """

    name: ClassVar[str] = "elasticity"
    sees: ClassVar[frozenset[str]] = frozenset({SENSITIVITY})

    def __init__(self, damp: float = 0.7) -> None:
        if not 0.0 < damp <= 1.0:
            raise RuleError(f"rule 'elasticity': expected damp above 0 and at most 1, got {damp!r}")
        self.damp = damp

    def next_price(self, seen: Sums) -> Array:
        """Raise what is short, lower what is left over."""
        return moved(seen.price, self.step(seen))

    def step(self, seen: Sums) -> Array:
        """(n,) change of log prices."""
        return -self.damp * log_imbalance(seen) / own_elasticity(seen)


SMALLEST_ELASTICITY = 0.1


def own_elasticity(seen: Sums) -> Array:
    """(n,) elasticity of S/D in the good's own price, at least .1.

    d log(S/D) / d log p = S'/S - D'/D for derivatives S', D' by log p. Councils report S' - D'
    alone, which is divided by the mean of S and D: as if both were equally elastic.
    """
    if seen.sensitivity is None:
        raise RuleError("the rule wants to see own-price sensitivities, got none")
    mean = 0.5 * seen.supply + 0.5 * seen.demand
    elasticity = seen.sensitivity / np.where(mean > 0.0, mean, 1.0)
    return np.maximum(elasticity, SMALLEST_ELASTICITY)


def moved(price: Array, step: Array) -> Array:
    """Prices after a step in log prices, each at most a factor of e."""
    return np.asarray(price * np.exp(np.clip(step, -LONGEST_STEP, LONGEST_STEP)))
