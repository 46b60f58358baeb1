"""What every contestant is: it says what it can take, and answers within a time limit."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.plan import Plan

Array = NDArray[np.float64]
Quantities = list[dict[str, Array]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a contestant found: prices, and quantities where it has any.

    Attributes
    ----------
    price : (n,) float64
        Money per physical unit.
    quantities : list of dict, optional
        Per family its quantities, named as in `parecon.proposals`, physical units. None: the
        councils' answers to the prices.
    plan : Plan, optional
        Where the contestant makes plans itself; then nothing is delivered for it.
    steps : int
        Iterations or rounds.
    word : str
        How it ended, in the contestant's own words.
    stopped : bool
        Whether a limit ended it.
    judging_s : float
        Part of the time in which the answer was delivered and certified, not found.
    """

    price: Array
    quantities: Quantities | None = None
    plan: Plan | None = None
    steps: int = 0
    word: str = ""
    stopped: bool = False
    judging_s: float = 0.0


class Contestant(ABC):
    """One way to a plan.

    Attributes
    ----------
    name : str
        In figures and for `-k`: lower case, no blanks.
    title : str
        In tables and pictures.
    ours : bool
        Whether it is parecon's own solver.
    levels : {"each", "finest"}
        Whether time depends on the tolerance enough to ask for every one of a case, or only for
        the finest.
    packages : tuple of str
        Modules it needs.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    ours: ClassVar[bool] = False
    levels: ClassVar[str] = "each"
    packages: ClassVar[tuple[str, ...]] = ()

    def missing(self) -> str:
        """What it needs and is not installed, in words; empty where nothing is missing."""
        gone = [name for name in self.packages if importlib.util.find_spec(name) is None]
        return f"{', '.join(gone)} not installed" if gone else ""

    @abstractmethod
    def lacks(self, economy: Economy) -> str:
        """Why it cannot take this economy, in words; empty where it can."""

    def ready(self, economy: Economy) -> Any:
        """The economy as the contestant keeps economies, for `answer`: before the clock starts."""
        return economy

    @abstractmethod
    def answer(self, economy: Any, tol: float, limit_s: float) -> Answer:
        """Plan the economy: all that happens here is timed.

        Parameters
        ----------
        tol : float
            What is asked for, relative: a gap, or the contestant's nearest to it.
        limit_s : float
            To stop after, as far as it can be told to.
        """


def lacking(economy: Economy, capability: str) -> str:
    """The first family without a capability, and the reason (`Family.lacks`)."""
    for family in economy.families:
        reason = family.lacks(capability)
        if reason:
            return f"{family.title} not {capability}: {reason}"
    return ""


def only(economy: Economy, *kinds: type) -> str:
    """Whether the families are of these kinds, one each in this order; else what is there."""
    families = economy.families
    if len(families) == len(kinds) and all(map(isinstance, families, kinds)):
        return ""
    wanted = " and ".join(kind.__name__ for kind in kinds)
    return f"takes {wanted} only"
