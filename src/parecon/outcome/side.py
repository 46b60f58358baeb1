"""A plan, or the year an economy was calibrated to, as one side of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from parecon._columns import FloatArray, IndexArray
from parecon.economies.report import Benchmark
from parecon.errors import PlanError
from parecon.families import Family
from parecon.proposals import supply_and_demand
from parecon.status import Status

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.goods import Goods
    from parecon.plan import Plan

__all__ = ["Side", "Source", "has_figures", "places", "side_of"]

Source: TypeAlias = "Plan | Benchmark"


@dataclass(frozen=True, eq=False)
class Side:
    """Prices and proposals of all councils, whoever found them.

    economy : Economy. price : (n,) money per unit. demand : (n,) consumption + needs + inputs,
    physical units per plan year. proposals : in the order of ``economy.families``.
    """

    economy: Economy
    price: FloatArray
    demand: FloatArray
    proposals: tuple[Any, ...]

    def family(self, label: str) -> tuple[Family, Any] | None:
        """The family with this label and its proposals, None where there is none."""
        for family, proposal in zip(self.economy.families, self.proposals, strict=True):
            if family.title == label:
                return family, proposal
        return None


def side_of(source: Source) -> Side:
    """Return what a plan says, or what a benchmark year was.

    Raises
    ------
    PlanError
        If the plan has no figures to compare with, or it is something else.
    AccountsError
        If the benchmark is one of families that calibration does not make.
    """
    if isinstance(source, Benchmark):
        return _year(source)
    if not hasattr(source, "proposals"):
        kind = type(source).__name__
        raise PlanError(f"against: expected a Plan or a Benchmark, got {kind}")
    if not has_figures(source):
        raise PlanError(f"against: a plan that is {source.status.value} has no figures to compare")
    return Side(
        economy=source.economy,
        price=np.asarray(source.price),
        demand=np.asarray(source.demand),
        proposals=source.proposals,
    )


def has_figures(plan: Plan) -> bool:
    """Whether prices and proposals of the plan mean anything."""
    if plan.status in (Status.INFEASIBLE, Status.INVALID):
        return False
    return len(plan.proposals) == len(plan.economy.families)


def places(of: Goods, among: Goods) -> IndexArray:
    """Return where each good of one economy stands in another by name, (n,), -1: nowhere."""
    if of == among:
        return np.arange(len(of), dtype=np.int32)
    known = {name: i for i, name in enumerate(among.names)}
    return np.array([known.get(name, -1) for name in of.names], dtype=np.int32)


def _year(benchmark: Benchmark) -> Side:
    from parecon.accounts import benchmark_year

    economy, proposals = benchmark.economy, benchmark_year(benchmark).proposals
    demand = np.zeros(economy.n_goods)
    for family, proposal in zip(economy.families, proposals, strict=True):
        demand += supply_and_demand(family, proposal, economy.n_goods)[1]
    return Side(
        economy=economy, price=np.asarray(benchmark.price), demand=demand, proposals=proposals
    )
