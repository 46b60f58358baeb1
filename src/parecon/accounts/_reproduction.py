"""Whether a solver that knows nothing of the year finds it again, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._columns import FloatArray
from parecon.accounts._year import benchmark_year
from parecon.economies.report import Benchmark
from parecon.errors import AccountsError

if TYPE_CHECKING:
    from parecon.certificate import Certificate
    from parecon.plan import Plan

YEAR = 1e-12  # tolerance of the certificate of the year itself
SAFETY = 0.3  # of the tolerance that would just do
FINEST = 1e-14
TRIES = 4


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """The year of the accounts beside the plan that a solver finds from nothing.

    Attributes
    ----------
    within : float
        What was asked for.
    price, quantity : float
        Worst relative deviation of a price that is not 0 in the year, and of what a council makes
        (its output, or its level) or enjoys (its utility).
    worst_price, worst_quantity : str
        The good, and the council as "family/name".
    tol : float
        Tolerance of the solve.
    plan : Plan
        What the solver found.
    year : Certificate
        Of the year itself, as a plan, which nothing was solved for.
    """

    within: float
    price: float
    quantity: float
    worst_price: str
    worst_quantity: str
    tol: float
    plan: Plan
    year: Certificate

    @property
    def holds(self) -> bool:
        """Whether the year is certified, and found again within what was asked for."""
        found = self.plan.certificate is not None and self.plan.certificate.holds()
        return self.year.holds() and found and max(self.price, self.quantity) <= self.within

    def __str__(self) -> str:
        certified = "is" if self.year.holds() else "is not"
        return (
            f"prices within {self.price:.1e} ({self.worst_price}), quantities within "
            f"{self.quantity:.1e} ({self.worst_quantity}), solved to {self.tol:.0e}; the year "
            f"{certified} a plan at {YEAR:.0e}"
        )


def reproduce(benchmark: Benchmark, *, within: float = 1e-8) -> Reproduction:
    """Plan a calibrated economy from nothing and hold the plan against the year of its accounts.

    Solved to ``within`` first, then as much finer as it takes: a tolerance bounds shortages,
    losses and the gap, while quantities move by as much times the elasticities between them, more
    where councils make nearly the same thing at nearly the same cost.

    Parameters
    ----------
    benchmark : Benchmark
        Of :func:`parecon.accounts.benchmark`, with caps that do not bind.
    within : float
        Relative, of every price and quantity.

    Raises
    ------
    AccountsError
        If ``within`` is not above 0 and below 1.
    """
    # who only reads tables does not load the solver
    from parecon.certificate import certify
    from parecon.solve import solve

    if not 0.0 < within < 1.0:
        raise AccountsError(f"reproduce: expected within above 0 and below 1, got {within!r}")
    year = certify(benchmark.economy, benchmark_year(benchmark), tol=YEAR)
    tol = within
    for _ in range(TRIES):
        plan = solve(benchmark.economy, tol=tol)
        price, worst_price = _prices(plan, benchmark)
        quantity, worst_quantity = _quantities(plan, benchmark)
        off = max(price, quantity)
        if off <= within or tol <= FINEST or not year.holds():
            break
        tol = max(SAFETY * tol * within / off, FINEST)
    return Reproduction(
        within=within,
        price=price,
        quantity=quantity,
        worst_price=worst_price,
        worst_quantity=worst_quantity,
        tol=plan.settings["tol"],
        plan=plan,
        year=year,
    )


def _prices(plan: Plan, benchmark: Benchmark) -> tuple[float, str]:
    scarce = np.flatnonzero(benchmark.price > 0.0)
    off = _off(plan.price[scarce], benchmark.price[scarce])
    worst = int(off.argmax())
    return float(off[worst]), plan.economy.goods.name(int(scarce[worst]))


def _quantities(plan: Plan, benchmark: Benchmark) -> tuple[float, str]:
    worst, where = 0.0, ""
    for label, before in (*benchmark.output.items(), *benchmark.utility.items()):
        off = _off(_done(plan.proposal(label)), before)
        at = int(off.argmax())
        if off[at] > worst or not where:
            worst, where = float(off[at]), f"{label}/{plan.economy.family(label).council_name(at)}"
    return worst, where


def _done(proposal: Any) -> FloatArray:
    """What a council makes or enjoys."""
    names = ("utility", "output", "level")
    return np.asarray(next(getattr(proposal, n) for n in names if hasattr(proposal, n)))


def _off(found: FloatArray, expected: FloatArray) -> FloatArray:
    return np.abs(found / expected - 1.0)
