"""HiGHS, each of its algorithms by name, on economies that are linear programmes.

`parecon.solve(method="highs")`: where a logarithm or a cost curve stands, linear programmes with
ever finer pieces, warm from one to the next. Delivery and certificate of that method are not in
the clock.
"""

from __future__ import annotations

from typing import ClassVar

import parecon
from benchmarks.contestants._base import Answer, Contestant, lacking
from benchmarks.machine import THREADS
from parecon.economy import Economy
from parecon.status import Status

_JUDGING = ("delivery", "certificate", "diagnosis")


class _Highs(Contestant):
    levels: ClassVar[str] = "finest"
    packages: ClassVar[tuple[str, ...]] = ("highspy",)
    solver: ClassVar[str]

    def lacks(self, economy: Economy) -> str:
        """By what the families declare."""
        return lacking(economy, "linear")

    def answer(self, economy: Economy, tol: float, limit_s: float) -> Answer:
        """Build the programme, solve it as often as it takes, read prices and quantities."""
        plan = parecon.solve(
            economy,
            tol=tol,
            method="highs",
            solver=self.solver,
            time_limit_s=limit_s,
            n_threads=THREADS,
            certify=False,
        )
        return Answer(
            price=plan.price,
            plan=plan,
            steps=sum(info.linear_iterations for info in plan.history),
            word=plan.status.value,
            stopped=plan.status is Status.TIME_LIMIT,
            judging_s=sum(plan.phase_s.get(phase, 0.0) for phase in _JUDGING),
        )


class Simplex(_Highs):
    """Dual simplex."""

    name: ClassVar[str] = "highs-simplex"
    title: ClassVar[str] = "HiGHS simplex"
    solver: ClassVar[str] = "simplex"


class Ipx(_Highs):
    """Interior point with a basis preconditioner."""

    name: ClassVar[str] = "highs-ipx"
    title: ClassVar[str] = "HiGHS IPX"
    solver: ClassVar[str] = "ipx"


class Hipo(_Highs):
    """Interior point with a sparse factorisation."""

    name: ClassVar[str] = "highs-hipo"
    title: ClassVar[str] = "HiGHS HiPO"
    packages: ClassVar[tuple[str, ...]] = ("highspy", "highspy_extras")
    solver: ClassVar[str] = "hipo"


class Pdlp(_Highs):
    """Primal-dual hybrid gradient, a first-order method."""

    name: ClassVar[str] = "highs-pdlp"
    title: ClassVar[str] = "HiGHS PDLP"
    solver: ClassVar[str] = "pdlp"
