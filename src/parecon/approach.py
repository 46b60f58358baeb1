"""Towards the prices of linear consumers, before the interior point takes over.

A consumer with linear utility buys only where utility per money is greatest: demand jumps with
prices. Softened at temperature t (`answers.best_buys`) it is smooth, and Newton's method in prices
finds where it clears in a few announcements. Cooling leads to the plan:

 1. hot, with a sample of the councils whose budgets stand for all: prices within a few percent;
 2. cooler, with all councils, but only their goods near the best buy;
 3. where it becomes jagged (a stage takes many announcements) or cold, the interior point goes on
    from these prices with the goods that are still near.

A stage whose prices move out of the window its goods were chosen with is repeated with a wider one.
It is done only where everybody else's answer is smooth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon.answers import SoftAnswer
from parecon.control import Control
from parecon.newton import NewtonMethod
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start
from parecon.status import Status

Array = NDArray[np.float64]

WORTH_IT = 10_000  # entries of linear consumers: fewer are done by the interior point as soon
PER_GOOD = 30  # councils of a sample for each good
HOT = (1.0, 0.3, 0.1, 0.03)
COOL = (0.01, 0.003, 0.001)
ROUGH, FINE = 0.1, 0.03  # imbalance at which a stage is done
LONGEST = 12  # announcements of a stage
RETRIES, WIDER = 4, 2.0  # of a stage whose prices leave the window, and by how much it is widened
JAGGED = 4  # a stage that takes as many is the last
SEEN = 8.0  # temperatures below the best buy beyond which a share is nothing
NEARNESS = 5.0  # of the interior point's start, over the temperature reached
MARGIN = 12.0  # temperatures, and
MOVES = 3.0  # times the last stage's move: how far from the plan the last prices may be


@dataclass
class _Stage:
    """What one stage found."""

    price: Array
    moved: float
    announcements: int


def approached(problem: Problem, settings: Settings, control: Control, start: Start) -> Start:
    """A nearer start, or the same where softening does not help."""
    soft: dict[int, SoftAnswer] = {}
    for answer in problem.inner:
        softened = answer.soften()
        if softened is None:
            return start
        soft[id(answer)] = softened
    if sum(softened.n_entries for softened in soft.values()) < WORTH_IT:
        return start
    with control.rehearsal():
        return _Approach(problem, settings, control, soft).run(start)


class _Approach:
    """State of one approach.

    whole : by inner answer the softened one of all its councils.
    """

    def __init__(
        self, problem: Problem, settings: Settings, control: Control, whole: dict[int, SoftAnswer]
    ) -> None:
        self.problem, self.settings, self.control, self.whole = problem, settings, control, whole

    def run(self, start: Start) -> Start:
        """Cool from the start's prices: all the way from a guess, the last part from a plan."""
        price, reached, near = start.price, HOT[-1], start
        if start.plan is None:
            soft = self._sample(price)
            for temperature in HOT:
                stage = self._stage(soft, price, temperature, math.inf, ROUGH)
                if stage is None:
                    return start
                price = stage.price
            near = Start(price)
        for temperature in COOL:
            stage = self._stage(self.whole, price, temperature, SEEN * reached, FINE)
            if stage is None:
                break
            price, reached = stage.price, temperature
            window = max(MARGIN * temperature, MOVES * stage.moved)
            near = Start(price, nearness=NEARNESS * temperature, window=window)
            if stage.announcements >= JAGGED:
                break
        return near

    def _sample(self, price: Array) -> dict[int, SoftAnswer]:
        """Few councils for each good where there are many, but some buyers for every good."""
        few = PER_GOOD * self.problem.n_goods
        while few < max(softened.n_councils for softened in self.whole.values()):
            sample: dict[int, SoftAnswer] = {}
            for answer in self.problem.inner:
                all_of_them = self.whole[id(answer)]
                softened = answer.soften(few if few < all_of_them.n_councils else 0) or all_of_them
                softened.sift(price, math.inf)
                sample[id(answer)] = softened
            if all(softened.covers() for softened in sample.values()):
                return sample
            few *= 4
        return self.whole

    def _stage(
        self,
        soft: dict[int, SoftAnswer],
        price: Array,
        temperature: float,
        window: float,
        tol: float,
    ) -> _Stage | None:
        """Clear the softened markets at one temperature; None where that fails."""
        groups = [[soft.get(id(a), a) for a in group] for group in self.problem.groups]
        problem = self.problem.with_answers(groups)
        first, origin = self.control.before, price
        for _ in range(RETRIES):
            left = self.settings.max_iterations - self.control.before - 1
            if left < 1:
                return None
            for answer in soft.values():
                answer.temperature = temperature
                with self.control.phase("sifting"):
                    answer.sift(price, window)
            settings = Settings(tol=tol, max_iterations=min(left, LONGEST))
            status = NewtonMethod(problem, settings, self.control).run(price)
            self.control.stage_ends()
            if status is not Status.SOLVED:
                return None
            moved = max(answer.moved(problem.market.price) for answer in soft.values())
            price = problem.market.price.copy()
            if moved + SEEN * temperature <= window or math.isinf(window):
                whole = float(np.ptp(np.log(price / origin)))
                return _Stage(price, whole, self.control.before - first)
            window = WIDER * (moved + SEEN * temperature)
        return None
