"""What a central plan may be for, other than what consumers want, and what goods are worth to it.

`minimise` and `maximise` replace the consumers of an economy by one aim; `Targets` is a family of
its own. `objective_values` puts what any plan says of the worth of goods into one table.
"""

from __future__ import annotations

from parecon.objectives.extensions import Extension
from parecon.objectives.extremes import maximise, minimise
from parecon.objectives.optimum import Optimum
from parecon.objectives.records import Check, ObjectiveValues
from parecon.objectives.values import objective_values

__all__ = [
    "Check",
    "Extension",
    "ObjectiveValues",
    "Optimum",
    "maximise",
    "minimise",
    "objective_values",
]
