"""Families of councils: the data of an economy, column by column.

A family here is data with checks; how its councils answer prices is told elsewhere.
"""

from __future__ import annotations

from parecon.families._base import Family, default_label
from parecon.families._column import Column
from parecon.families.activities import Activities
from parecon.families.consumers import (
    CESConsumers,
    CobbDouglasConsumers,
    Consumers,
    LeontiefConsumers,
    LinearConsumers,
    NestedCESConsumers,
)
from parecon.families.first_order import FirstOrderWorkers, refuse_first_order
from parecon.families.joint import JointWorkers
from parecon.families.nests import Nest, NestedCES
from parecon.families.suppliers import Suppliers
from parecon.families.targets import Targets
from parecon.families.workers import (
    CESWorkers,
    CobbDouglasWorkers,
    Effort,
    NestedCESWorkers,
    Workers,
)

FAMILIES: dict[str, type[Family]] = {
    family.__name__: family
    for family in (
        CobbDouglasConsumers,
        CESConsumers,
        LeontiefConsumers,
        LinearConsumers,
        NestedCESConsumers,
        CobbDouglasWorkers,
        CESWorkers,
        NestedCESWorkers,
        JointWorkers,
        FirstOrderWorkers,
        Activities,
        Suppliers,
        Targets,
    )
}

__all__ = [
    "FAMILIES",
    "Activities",
    "CESConsumers",
    "CESWorkers",
    "CobbDouglasConsumers",
    "CobbDouglasWorkers",
    "Column",
    "Consumers",
    "Effort",
    "Family",
    "FirstOrderWorkers",
    "JointWorkers",
    "LeontiefConsumers",
    "LinearConsumers",
    "Nest",
    "NestedCES",
    "NestedCESConsumers",
    "NestedCESWorkers",
    "Suppliers",
    "Targets",
    "Workers",
    "default_label",
    "refuse_first_order",
]
