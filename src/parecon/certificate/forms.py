"""Which aggregate a family's councils have: utility for consumers, level for workers."""

from __future__ import annotations

from parecon.certificate.aggregates import Aggregate, FlatCES, Linear
from parecon.certificate.nests import Nested
from parecon.errors import PlanError
from parecon.families import (
    CESConsumers,
    CESWorkers,
    CobbDouglasConsumers,
    Family,
    LeontiefConsumers,
    LinearConsumers,
    NestedCESConsumers,
    NestedCESWorkers,
)


def aggregate_of(family: Family) -> Aggregate:
    """The utility of a consumer family, the level of a CES worker family.

    Raises PlanError for a family the certificate does not know.
    """
    if isinstance(family, CobbDouglasConsumers):
        return FlatCES(family.shares, 1.0)
    if isinstance(family, CESConsumers | CESWorkers):
        return FlatCES(family.shares, family.elasticity)
    if isinstance(family, LeontiefConsumers):
        return FlatCES(family.bundle, 0.0)
    if isinstance(family, LinearConsumers):
        return Linear(family.value)
    if isinstance(family, NestedCESConsumers | NestedCESWorkers):
        return Nested(family.nests)
    raise PlanError(f"{family.title}: the certificate knows no {type(family).__name__}")
