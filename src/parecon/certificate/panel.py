"""Which judge sits for which family."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from parecon.certificate.activities import ActivityJudge
from parecon.certificate.cobb_douglas import CobbDouglasJudge
from parecon.certificate.consumers import ConsumerJudge
from parecon.certificate.groups import Array
from parecon.certificate.joint import JointJudge
from parecon.certificate.judges import Judge
from parecon.certificate.suppliers import SupplierJudge
from parecon.certificate.targets import TargetsJudge
from parecon.certificate.technology import LevelJudge
from parecon.economy import Economy
from parecon.errors import PlanError
from parecon.families import (
    Activities,
    CESWorkers,
    CobbDouglasWorkers,
    Consumers,
    Family,
    JointWorkers,
    NestedCESWorkers,
    Suppliers,
    Targets,
)


def judges_of(economy: Economy) -> tuple[Judge, ...]:
    """One judge per family, in their order. Raises PlanError for a family it does not know."""
    return tuple(_judge(family) for family in economy.families)


def _judge(family: Family) -> Judge:
    if isinstance(family, Targets):
        return TargetsJudge(family)
    if isinstance(family, Consumers):
        return ConsumerJudge(family)
    if isinstance(family, CobbDouglasWorkers):
        return CobbDouglasJudge(family)
    if isinstance(family, CESWorkers | NestedCESWorkers):
        return LevelJudge(family)
    if isinstance(family, JointWorkers):
        return JointJudge(family)
    if isinstance(family, Activities):
        return ActivityJudge(family)
    if isinstance(family, Suppliers):
        return SupplierJudge(family)
    raise PlanError(f"{family.title}: the certificate knows no {type(family).__name__}")


def price_column(economy: Economy, price: ArrayLike) -> Array:
    """Prices as (n,) float64, a copy. Raises PlanError for another shape."""
    column = np.array(price, dtype=np.float64)
    if column.shape != (economy.n_goods,):
        raise PlanError(f"price: expected shape ({economy.n_goods:,},), got {column.shape}")
    return column
