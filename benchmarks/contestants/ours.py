"""parecon's own solver: the method it picks by itself, and the other one where there are two."""

from __future__ import annotations

from typing import ClassVar

import parecon
from benchmarks.contestants._base import Answer, Contestant, lacking
from benchmarks.machine import THREADS
from parecon.economy import Economy
from parecon.status import Status


class Auto(Contestant):
    """`parecon.solve` as anybody would call it."""

    name: ClassVar[str] = "parecon"
    title: ClassVar[str] = "parecon"
    ours: ClassVar[bool] = True
    method: ClassVar[str] = "auto"

    def lacks(self, economy: Economy) -> str:
        """Takes every economy."""
        return ""

    def answer(self, economy: Economy, tol: float, limit_s: float) -> Answer:
        """Setting up, iterations and delivery; no certificate."""
        plan = parecon.solve(
            economy,
            tol=tol,
            method=self.method,
            time_limit_s=limit_s,
            n_threads=THREADS,
            certify=False,
        )
        return Answer(
            price=plan.price,
            plan=plan,
            steps=plan.n_iterations,
            word=plan.status.value,
            stopped=plan.status is Status.TIME_LIMIT,
        )


class Interior(Auto):
    """The interior point where the solver would take Newton's method."""

    name: ClassVar[str] = "parecon-interior"
    title: ClassVar[str] = "parecon, interior point"
    method: ClassVar[str] = "interior"

    def lacks(self, economy: Economy) -> str:
        """Where not everything follows from prices, it is what `auto` takes anyway."""
        return "what parecon takes by itself" if lacking(economy, "smooth") else ""
