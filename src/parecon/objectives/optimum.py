"""The least or the most of something: the number, its proof, and the plan that reaches it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from parecon._columns import FloatArray
from parecon.objectives.wanted import Weighed
from parecon.plan import Plan
from parecon.status import Status

_WIDTH = 79


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Optimum:
    """What `minimise` and `maximise` found; `parecon.objective_values` makes a table of it.

    Attributes
    ----------
    sense : {"least", "most"}
    weighed : Weighed
        Of what: goods and their weights.
    value : float
        What the plan uses, or what it delivers of the basket. inf (least) or 0 (most) where no plan
        delivers what was asked for, see `plan.status`.
    bound : float
        No plan uses less, or delivers more: proved by the plan's certificate from the data alone
        (0 and inf where it proves nothing).
    price : (n,) float64
        What one more unit of each good in hand would save of what is minimised, or add to what is
        maximised, in its unit per physical unit: the duals. For labour, labour values at the
        margin.
    used : (n,) float64
        Of each good in the plan, deliveries and basket among it, without what is saved.
    deliveries : (n,) float64
        What had to be delivered, physical units per plan year.
    plan : Plan
        Of the economy with its consumers replaced by one that gets the deliveries and values what
        is left over, or the basket. Prices of goods are those of `price` up to scale.
    """

    sense: Literal["least", "most"]
    weighed: Weighed
    value: float
    bound: float
    price: FloatArray = field(repr=False)
    used: FloatArray = field(repr=False)
    deliveries: FloatArray = field(repr=False)
    plan: Plan = field(repr=False)

    @property
    def what(self) -> str:
        """Of what: a good, a kind, or a sum, e.g. ``"labour"``."""
        return self.weighed.text

    @property
    def unit(self) -> str:
        """Its unit, "" where there is none in common."""
        return self.weighed.unit

    @property
    def gap(self) -> float:
        """How far the value may be from the best there is, relative to it; nan where unknown."""
        if not math.isfinite(self.value) or not math.isfinite(self.bound) or self.value == 0.0:
            return math.nan
        return abs(self.value - self.bound) / abs(self.value)

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        head = f"{self.sense} {self.what}: {self.value:.9g}{unit}"
        if self.plan.status is Status.INFEASIBLE:
            lines = textwrap.wrap(self.plan.message, _WIDTH - 2)
            head = f"{self.sense} {self.what}: no plan delivers what is asked for"
        else:
            does = "uses less than" if self.sense == "least" else "delivers more than"
            lines = [f"no plan {does} {self.bound:.9g}{unit} (gap {self.gap:.1e})"]
            lines.append(f"plan: {self.plan.status.value}, {self.plan.n_iterations} iterations")
        lines += self._dearest()
        return "\n".join([head[:_WIDTH], *(f"  {line}"[:_WIDTH] for line in lines)])

    def _dearest(self, shown: int = 6) -> list[str]:
        """The goods that count most, with what a unit of each is worth."""
        if not np.all(np.isfinite(self.price)):
            return []
        names = self.plan.economy.goods
        order = np.argsort(-self.price * self.used, kind="stable")[:shown]
        verb = "saves" if self.sense == "least" else "adds"
        lines = [f"{'one more unit of':<32}{verb:>14}{'used':>14}"]
        for i in order:
            name = names.name(int(i))[:31]
            lines.append(f"{name:<32}{self.price[i]:>14.6g}{self.used[i]:>14.6g}")
        return lines
