"""A plan against the year 2012."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parecon.economies.report import (
    Benchmark,
    OutputChange,
    WelfareChange,
    output_changes,
    welfare_changes,
)
from parecon.economies.us_2012.councils import benchmark
from parecon.economies.us_2012.figures import table

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = ["Summary", "summary"]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A plan for this economy, against the year 2012.

    Attributes
    ----------
    permit_price : float
        USD per tonne CO2e.
    emissions, emissions_benchmark, permits : float
        Million tonnes CO2e per year: planned, of 2012, and what the budget allows.
    output, imports : tuple of OutputChange
        By sector, greatest relative change first; units that cost 1 million USD in 2012.
    exports : OutputChange
        Foreign exchange earned.
    welfare : tuple of WelfareChange
        By consumer council.
    welfare_together : float
        Relative change for all of them (see ``welfare_changes``).
    """

    permit_price: float
    emissions: float
    emissions_benchmark: float
    permits: float
    output: tuple[OutputChange, ...]
    imports: tuple[OutputChange, ...]
    exports: OutputChange
    welfare: tuple[WelfareChange, ...]
    welfare_together: float


def summary(plan: Plan, reference: Benchmark | None = None) -> Summary:
    """Compare a plan with the year 2012.

    Parameters
    ----------
    plan : Plan
        For an economy of :func:`economy`, possibly with other endowments and budgets.
    reference : Benchmark, optional
        Unless given, :func:`benchmark`.

    Raises
    ------
    EconomyError
        If the plan's economy lacks a good or a family of this one.
    PlanError
        If a family has other councils than in 2012.
    """
    year = benchmark() if reference is None else reference
    permit = int(plan.economy.goods.index("ghg_permit"))
    welfare, together = welfare_changes(plan, year)
    return Summary(
        permit_price=float(plan.price[permit]),
        emissions=float(plan.demand[permit]),
        emissions_benchmark=float(table().emissions.sum()),
        permits=float(plan.economy.endowment[permit]),
        output=output_changes(plan, year, "industries", "energy_industries"),
        imports=output_changes(plan, year, "imports"),
        exports=output_changes(plan, year, "exports")[0],
        welfare=welfare,
        welfare_together=together,
    )
