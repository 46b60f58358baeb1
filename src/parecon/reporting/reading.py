"""Everything a report tells, worked out once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parecon import outcome
from parecon.certificate import Certificate, certify
from parecon.economies.report import Benchmark
from parecon.explanation.chain import Chain

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = ["Figures", "Reading", "read"]

_ROWS = 60  # of tables of limits and emitters; their last row stands for all others


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What prices and proposals of a plan say; of an infeasible plan there are none."""

    changes: outcome.GoodChanges
    scarcity: outcome.Scarcity
    gains: outcome.Gains
    emissions: tuple[outcome.Emissions, ...]
    flows: outcome.Flows | None
    price_level: float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A plan read for people.

    title : of the page. money : word for the unit of account. against : what it is compared with,
    in words; empty where it is not. before : the same in figures. certificate : None where no plan
    exists.
    """

    plan: Plan
    title: str
    money: str
    against: str
    before: outcome.Side | None
    certificate: Certificate | None
    figures: Figures | None


def read(
    plan: Plan, against: outcome.Source | None, *, title: str, against_name: str, money: str
) -> Reading:
    """Work out what a report tells.

    Raises
    ------
    PlanError
        If `against` has no figures to compare with.
    """
    before = None if against is None else outcome.side_of(against)
    figures = certificate = None
    if outcome.has_figures(plan):
        figures = _figures(plan, before)
        certificate = plan.certificate or _certified(plan)
    return Reading(
        plan=plan,
        title=title,
        money=money,
        against=against_name or _called(against),
        before=before,
        certificate=certificate,
        figures=figures,
    )


def _figures(plan: Plan, before: outcome.Side | None) -> Figures:
    chain = Chain(plan)
    return Figures(
        changes=outcome.good_changes(plan, before),
        scarcity=outcome.scarcity(plan, most=_ROWS, chain=chain),
        gains=outcome.gains(plan, before),
        emissions=outcome.emissions(plan, before, most=_ROWS),
        flows=outcome.flows(plan, chain=chain),
        price_level=math.nan if before is None else outcome.price_level(plan, before),
    )


def _certified(plan: Plan) -> Certificate:
    """Judge a plan that was read from files: figures in a file prove nothing."""
    return certify(plan.economy, plan, tol=float(plan.settings.get("tol", 1e-6)))


def _called(against: outcome.Source | None) -> str:
    if against is None:
        return ""
    return "the benchmark year" if isinstance(against, Benchmark) else "the other plan"
