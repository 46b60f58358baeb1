"""A plan against the benchmark of its economy: who makes more and who less, what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parecon._columns import FloatArray
from parecon.errors import PlanError
from parecon.families import Consumers

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.plan import Plan

__all__ = [
    "Benchmark",
    "OutputChange",
    "WelfareChange",
    "budgets",
    "output_changes",
    "welfare_changes",
]


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """The observed year that an economy reproduces.

    Attributes
    ----------
    economy : Economy
        Calibrated; a plan for it is the benchmark itself.
    price : (n,) ndarray
        Money per unit of each good.
    output : dict of str to (m,) ndarray
        Output of each worker council (of activities: their level) by label of the family, in
        physical units per year.
    utility : dict of str to (H,) ndarray
        Utility of each consumer council by label of the family.
    """

    economy: Economy
    price: FloatArray
    output: dict[str, FloatArray]
    utility: dict[str, FloatArray]


@dataclass(frozen=True, kw_only=True)
class OutputChange:
    """Output of one worker council in a plan and in the benchmark, units per year."""

    council: str
    benchmark: float
    planned: float

    @property
    def relative(self) -> float:
        """Planned output over benchmark output, less 1."""
        return self.planned / self.benchmark - 1.0


@dataclass(frozen=True, kw_only=True)
class WelfareChange:
    """What a plan is worth to a consumer council, against the benchmark.

    Attributes
    ----------
    council : str
        Its name.
    budget : float
        Money per year, in the benchmark.
    relative : float
        Equivalent variation over budget: utility in the plan over utility in the benchmark, less
        1. Utility is homogeneous of degree one, hence this is the share by which the benchmark
        budget would have to change at benchmark prices to be worth as much as the plan.
    """

    council: str
    budget: float
    relative: float

    @property
    def equivalent_variation(self) -> float:
        """Money per year at benchmark prices; negative: a loss."""
        return self.budget * self.relative


def output_changes(plan: Plan, benchmark: Benchmark, *labels: str) -> tuple[OutputChange, ...]:
    """Return the output of each council of the named families, greatest relative change first.

    Raises
    ------
    EconomyError
        If a family of the benchmark is not in the plan's economy.
    PlanError
        If it is of another size.
    """
    changes = []
    for label in labels:
        family = plan.economy.family(label)
        proposal = plan.proposal(label)
        # Activities have a level and may make several goods; other workers have one output.
        planned = proposal.level if not hasattr(proposal, "output") else proposal.output
        before = benchmark.output[label]
        _check_size(label, len(before), len(planned))
        changes += [
            OutputChange(council=family.council_name(j), benchmark=old, planned=new)
            for j, (old, new) in enumerate(zip(before.tolist(), planned.tolist(), strict=True))
        ]
    return tuple(sorted(changes, key=lambda change: -change.relative))


def welfare_changes(plan: Plan, benchmark: Benchmark) -> tuple[tuple[WelfareChange, ...], float]:
    """Return the equivalent variation of each consumer council, and of all of them together.

    Returns
    -------
    changes : tuple of WelfareChange
        In the order of the economy.
    together : float
        exp((W - W0) / B) - 1, with W = sum b log u the welfare that the plan maximises and B the
        sum of budgets: the same relative change for every council that would change W as much.

    Raises
    ------
    EconomyError
        If a family of consumers of the benchmark is not in the plan's economy.
    PlanError
        If it is of another size.
    """
    changes = []
    for label, before in benchmark.utility.items():
        family = plan.economy.family(label)
        budget = budgets(benchmark.economy, label)
        after = plan.proposal(label).utility
        _check_size(label, len(before), len(after))
        changes += [
            WelfareChange(
                council=family.council_name(j),
                budget=float(budget[j]),
                relative=float(after[j] / before[j]) - 1.0,
            )
            for j in range(len(before))
        ]
    total = sum(change.budget for change in changes)
    with np.errstate(divide="ignore"):  # a council that gets nothing: log 0 = -inf, change -100 %
        gain = sum(change.budget * float(np.log1p(change.relative)) for change in changes)
    return tuple(changes), float(np.expm1(gain / total))


def budgets(economy: Economy, label: str) -> FloatArray:
    """Return the budgets (H,) of a family of consumers, money per year.

    Raises
    ------
    PlanError
        If the family of that label does not consume.
    """
    family = economy.family(label)
    if not isinstance(family, Consumers):
        raise PlanError(f"summary: expected consumers as {label!r}, got {type(family).__name__}")
    return family.budget


def _check_size(label: str, expected: int, got: int) -> None:
    if expected != got:
        raise PlanError(
            f"summary: family {label!r} has {expected:,} councils in the benchmark and {got:,} "
            "in the plan"
        )
