"""Councils' answers to announced prices: each family of data compiled for the solvers.

The only callers of the compiled kernels besides `parecon.curvature`. To add a family, write its
answer (a subclass of `Answer`, or of `Levels` where it owns a level) and name it in `_COMPILERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from parecon.answers._base import (
    Answer,
    CondensedAnswer,
    InnerAnswer,
    Market,
    SoftAnswer,
    without_none,
)
from parecon.answers.activities import ActivityLevels
from parecon.answers.best import BestLevels
from parecon.answers.consumers import CESDemand, CobbDouglasSpending
from parecon.answers.joint import JointTechniques
from parecon.answers.levels import Levels
from parecon.answers.linear import LinearDemand
from parecon.answers.nests import NestedDemand
from parecon.answers.suppliers import IsoelasticSupply, SupplyLevels
from parecon.answers.targets import target_answer
from parecon.answers.techniques import CESTechniques, NestedTechniques
from parecon.answers.workers import CESOutput, CobbDouglasOutput
from parecon.curvature import Scratch
from parecon.families import (
    Activities,
    CESConsumers,
    CESWorkers,
    CobbDouglasConsumers,
    CobbDouglasWorkers,
    Family,
    FirstOrderWorkers,
    JointWorkers,
    LeontiefConsumers,
    LinearConsumers,
    NestedCESConsumers,
    NestedCESWorkers,
    Suppliers,
    Targets,
)

__all__ = [
    "Answer",
    "CondensedAnswer",
    "InnerAnswer",
    "Market",
    "SoftAnswer",
    "best_answers",
    "compile_family",
    "is_smooth",
]

# Supply of a council with returns r moves by 1/(1-r) percent per percent of price: beyond 1/0.04
# its level is an unknown.
SMOOTH_RETURNS = 0.96


def _smooth_workers(family: CESWorkers) -> np.ndarray:
    return (family.returns <= SMOOTH_RETURNS) & ~np.isfinite(
        without_none(family.capacity, family.n_councils)
    )


def _smooth_suppliers(family: Suppliers) -> np.ndarray:
    maximum = without_none(family.maximum, family.n_councils)
    return ~np.isfinite(maximum) & (family.form == "isoelastic")


def _ces_workers(family: CESWorkers, scratch: Scratch) -> list[Answer]:
    smooth = _smooth_workers(family)
    answers: list[Answer] = []
    for councils, is_smooth_part in (
        (np.flatnonzero(smooth), True),
        (np.flatnonzero(~smooth), False),
    ):
        if not len(councils):
            continue
        whole = len(councils) == len(smooth)
        shares = family.shares if whole else family.shares[councils]
        data = (
            shares,
            family.elasticity[councils],
            family.returns[councils],
            family.productivity[councils],
        )
        out, index = family.output_good[councils], None if whole else councils
        if is_smooth_part:
            answers.append(CESOutput(*data, out, scratch, index))
        else:
            capacity = without_none(family.capacity, family.n_councils)[councils]
            answers.append(CESTechniques(*data, capacity, out, scratch, index))
    return answers


def _suppliers(family: Suppliers, scratch: Scratch) -> list[Answer]:
    smooth = _smooth_suppliers(family)
    answers: list[Answer] = []
    if smooth.any():
        answers.append(IsoelasticSupply(family, np.flatnonzero(smooth)))
    if not smooth.all():
        answers.append(SupplyLevels(family, np.flatnonzero(~smooth), scratch))
    return answers


def _ces_consumers(family: CESConsumers, scratch: Scratch) -> list[Answer]:
    if np.all(family.elasticity == 1.0):
        return [CobbDouglasSpending(family.budget, family.shares, scratch)]
    return [CESDemand(family.budget, family.shares, family.elasticity, scratch)]


_COMPILERS: dict[type, Callable[[Any, Scratch], list[Answer]]] = {
    CobbDouglasConsumers: lambda f, s: [CobbDouglasSpending(f.budget, f.shares, s)],
    CESConsumers: _ces_consumers,
    LeontiefConsumers: lambda f, s: [CESDemand(f.budget, f.bundle, np.zeros(f.n_councils), s)],
    LinearConsumers: lambda f, s: [LinearDemand(f, s)],
    NestedCESConsumers: lambda f, s: [NestedDemand(f, s)],
    CobbDouglasWorkers: lambda f, s: [CobbDouglasOutput(f, s)],
    FirstOrderWorkers: lambda f, s: [CobbDouglasOutput(f, s)],
    CESWorkers: _ces_workers,
    NestedCESWorkers: lambda f, s: [NestedTechniques(f, s)],
    JointWorkers: lambda f, s: [JointTechniques(f, s)],
    Activities: lambda f, s: [ActivityLevels(f, s)],
    Suppliers: _suppliers,
    Targets: lambda f, s: [target_answer(f, s)],
}


def compile_family(family: Family, scratch: Scratch) -> list[Answer]:
    """The answers of one family (none without councils)."""
    return _COMPILERS[type(family)](family, scratch) if family.n_councils else []


def is_smooth(answers: list[list[Answer]]) -> bool:
    """Whether prices are the only unknowns."""
    return not any(isinstance(answer, InnerAnswer) for group in answers for answer in group)


def best_answers(group: list[Answer]) -> list[Answer]:
    """The answers of a family to announced prices alone, wherever there is one best proposal.

    What stays an `InnerAnswer` has none.
    """
    return [
        BestLevels(answer) if isinstance(answer, Levels) and answer.has_best else answer
        for answer in group
    ]
