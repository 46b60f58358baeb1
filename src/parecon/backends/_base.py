"""What every other engine is: it says which economies it can plan, and plans them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon.control import Control
from parecon.economy import Economy
from parecon.errors import SettingsError
from parecon.plan import Choice, Plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start

Array = NDArray[np.float64]


class Backend(ABC):
    """One engine, and what it keeps from one solve to the next (a compiled model, a basis).

    name : str, the method it is asked for by.
    needs : str, the capability that every family must have (`parecon.families.capabilities`).
    """

    name: ClassVar[str]
    needs: ClassVar[str]

    @abstractmethod
    def solve(self, problem: Problem, settings: Settings, control: Control, start: Start) -> Plan:
        """Plan an economy whose families are able.

        Raises SettingsError where `settings.solver` or one of its options is unknown, or where a
        family lacks what the engine needs.
        """


def chosen(settings: Settings, solver: str, why: str) -> Choice:
    """The choice of an engine that was asked for, of whose solvers perhaps none was.

    why : the reason for `solver` where the settings name none.
    """
    asked = "asked for"
    reasons = (asked,) if settings.solver else (asked, why)
    return Choice(method=settings.method, solver=solver, reasons=reasons)


def check_able(economy: Economy, capability: str, asked_for: str, instead: str) -> None:
    """Raise SettingsError naming the first family that is not `capability`-representable.

    asked_for : e.g. "method 'highs'"; instead : what to use, e.g. "method='auto' or 'cvxpy'".
    """
    reasons = [(family, family.lacks(capability)) for family in economy.families]
    unable = [(family, reason) for family, reason in reasons if reason]
    if not unable:
        return
    family, reason = unable[0]
    more = f" (and {len(unable) - 1} more)" if len(unable) > 1 else ""
    raise SettingsError(
        f"{asked_for} needs {capability}-representable families; {family.title!r} "
        f"({type(family).__name__}){more} is not: {reason}. Use {instead}"
    )
