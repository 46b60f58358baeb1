"""A problem in which a few councils stand for many.

Two uses, where councils far outnumber goods: its plan is near that of all councils, so that a solve
begins there; and its curvature is near theirs. Gradients, and the plan, always come from all.

What a few cannot know is the diagonal of the curvature, good by good. It is summed over all
councils once in a while, and the curvature of the few is scaled to it from both sides, which keeps
it positive semidefinite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parecon.answers import Answer, CondensedAnswer
from parecon.curvature import Curvature
from parecon.problem import Problem

Array = NDArray[np.float64]

STALE = 0.03  # change of log prices that leaves a diagonal good enough


class Sample:
    """The few that stand for the councils of a problem.

    problem : the economy of the few; it shares the answers of families that nobody stands for, so
        that all answers hold for the prices that this or the whole problem answered last.
    drift : change of log prices since the diagonal was summed over all councils.
    """

    def __init__(self, whole: Problem, few: dict[int, CondensedAnswer]) -> None:
        self.whole, self.few = whole, few
        self.problem = whole.with_answers(
            [[few.get(id(answer), answer) for answer in group] for group in whole.groups]
        )
        self.drift = np.inf
        self._ratio: dict[int, Array] = {}

    @classmethod
    def of(cls, whole: Problem) -> Sample | None:
        """The sample of a problem; None where councils are few. `complete` it before use."""
        few = {id(answer): answer.condensed() for answer in whole.answers}
        found = {key: answer for key, answer in few.items() if answer is not None}
        return cls(whole, found) if found else None

    def complete(self) -> None:
        """Take over what none of the few does, at the prices that the whole has answered."""
        market = self.problem.market
        market.announce(self.whole.market.price)
        for answer in self.whole.answers:
            few = self.few.get(id(answer))
            if few is not None:
                few.complete(market, answer)

    @property
    def stale(self) -> bool:
        """Whether the diagonal is to be summed over all councils again.

        With their answer where `market.wants_sensitivity`, otherwise in passes of their own.
        """
        return self.drift > STALE

    def curvature(self) -> Curvature:
        """Of the whole problem at the prices it answered last, by those who stand for it."""
        market = self.problem.market
        market.announce(self.whole.market.price)
        total = Curvature(self.whole.n_goods)
        for answer in self.whole.answers:
            few = self.few.get(id(answer))
            if few is None:
                answer.curvature(self.whole.market, total)
                continue
            few.respond(market)
            part = Curvature(self.whole.n_goods)
            few.curvature(market, part)
            if self.stale:
                self._ratio[id(answer)] = self._compared(answer, part)
            total.add(part.scaled(self._ratio[id(answer)]))
        if self.stale:
            self.drift = 0.0
        return total

    def _compared(self, answer: Answer, part: Curvature) -> Array:
        """(n,) diagonal of all councils over that of those who stand for them."""
        exact = np.zeros(self.whole.n_goods)
        answer.add_sensitivity(self.whole.market, exact)
        ratio = np.ones_like(exact)
        found = part.full_diagonal()
        np.divide(exact, found, out=ratio, where=(found > 0.0) & (exact > 0.0))
        return ratio
