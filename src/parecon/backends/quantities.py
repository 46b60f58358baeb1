"""From an engine's numbers to proposals that are possible.

An engine keeps its constraints to a tolerance: a quantity is a hair below zero, an output a hair
beyond what its inputs make. Here quantities are brought into their range and outputs are worked out
anew from the inputs; whether enough of every good exists is the business of delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.backends.transformation import needed
from parecon.backends.trees import trees_of
from parecon.backends.trim import trimmed
from parecon.draft import Draft
from parecon.economy import Economy
from parecon.families import (
    Activities,
    CESWorkers,
    CobbDouglasWorkers,
    Consumers,
    Family,
    JointWorkers,
    NestedCESWorkers,
    Suppliers,
)
from parecon.finish import Found

# Needs are not cut in delivery: engines are asked for so much more of them, relative, that what
# their tolerance takes away does not leave anybody without.
NEEDS_MARGIN = 1e-9

Array = NDArray[np.float64]
Values = Mapping[str, Array]


def found_of(
    economy: Economy, price: Array, values: list[dict[str, Array]], tol: float, note: str = ""
) -> Found:
    """What `finish` takes.

    values : for each family its quantities, physical units. tol : relative, the plan's.
    """
    drafts = [
        Draft(family, possible(family, quantities) if family.n_councils else _nothing(family))
        for family, quantities in zip(economy.families, values, strict=True)
    ]
    return Found(price=price, drafts=trimmed(economy, drafts, price, tol), note=note)


def idle_values(economy: Economy) -> list[dict[str, Array]]:
    """Nobody makes or uses anything beyond needs: what is left when an engine found nothing."""
    return [_idle(family) for family in economy.families]


def possible(family: Family, values: Values) -> dict[str, Any]:
    """Quantities of a family that its councils can carry out, named as in `parecon.proposals`."""
    if isinstance(family, Consumers):
        return {"quantity": np.maximum(values["quantity"], 0.0)}
    if isinstance(family, Suppliers):
        return {"quantity": _within(values["quantity"], family.maximum)}
    if isinstance(family, Activities):
        return {"level": _within(values["level"], family.capacity)}
    if isinstance(family, CobbDouglasWorkers):
        return _cobb_douglas(family, values)
    if isinstance(family, CESWorkers | NestedCESWorkers):
        return _ces(family, values)
    if isinstance(family, JointWorkers):
        return _joint(family, values)
    raise TypeError(f"{type(family).__name__}: no proposals of this family are known here")


def _within(quantity: Array, most: Array | None) -> Array:
    return np.clip(quantity, 0.0, np.inf if most is None else most)


def _cobb_douglas(family: CobbDouglasWorkers, values: Values) -> dict[str, Any]:
    """q = A prod x^b e^c."""
    inputs = np.maximum(values["input"], 0.0)
    b, m = family.exponents, family.n_councils
    council = np.repeat(np.arange(m), np.diff(b.indptr))
    effort = None
    with np.errstate(divide="ignore", invalid="ignore"):
        log_q = np.log(family.productivity)
        log_q = log_q + np.bincount(council, weights=b.data * np.log(inputs), minlength=m)
        if family.effort is not None:
            given, c = family.effort, family.effort.exponent
            effort = np.maximum(values["effort_power"], 0.0) ** (1.0 / given.power)
            effort = np.where(c > 0.0, effort, 0.0)
            log_q = log_q + np.where(c > 0.0, c * np.log(effort), 0.0)
    return {"input": inputs, "output": np.exp(log_q), "effort": effort, "level": None}


def _ces(family: CESWorkers | NestedCESWorkers, values: Values) -> dict[str, Any]:
    """q = min(A z^returns, capacity)."""
    level, result = _level(family, values)
    result["effort"] = None
    made = family.productivity * level**family.returns
    result["output"] = _within(made, family.capacity)
    result["level"] = level
    return result


def _joint(family: JointWorkers, values: Values) -> dict[str, Any]:
    """The mix of outputs that the engine found, at the level that inputs and capacity allow."""
    level, result = _level(family, values)
    level = _within(level, family.capacity)
    outputs = np.maximum(values["outputs"], 0.0)
    least = needed(family, outputs)
    factor = np.divide(level, least, out=np.zeros(len(level)), where=least > 0.0)
    result["outputs"] = outputs * np.repeat(factor, np.diff(family.made_pattern()[0]))
    result["level"] = level
    return result


def _level(
    family: CESWorkers | NestedCESWorkers | JointWorkers, values: Values
) -> tuple[Array, dict[str, Any]]:
    """(level that the inputs allow (m,), the inputs)."""
    inputs = np.maximum(values["input"], 0.0)
    trees = trees_of(family)
    level = trees.levels(inputs)[trees.root]
    result: dict[str, Any] = {"input": inputs}
    if isinstance(family, NestedCESWorkers | JointWorkers) and family.fixed is not None:
        fixed = family.fixed
        used = np.maximum(values["fixed_input"], 0.0)
        council = np.repeat(np.arange(family.n_councils), np.diff(fixed.indptr))
        np.minimum.at(level, council, used / fixed.data)
        result["fixed_input"] = used
    return level, result


def _idle(family: Family) -> dict[str, Array]:
    entries = np.zeros(len(family.pattern()[1]))
    if isinstance(family, Consumers | Suppliers):
        return {"quantity": entries}
    if isinstance(family, Activities):
        return {"level": np.zeros(family.n_councils)}
    found = {"input": entries, "effort_power": np.zeros(family.n_councils)}
    if isinstance(family, JointWorkers):
        found["outputs"] = np.zeros(len(family.made_pattern()[1]))
    if isinstance(family, NestedCESWorkers | JointWorkers) and family.fixed is not None:
        found["fixed_input"] = np.zeros(family.fixed.nnz)
    return found


def _nothing(family: Family) -> dict[str, Any]:
    """Of a family without councils."""
    none = np.empty(0)
    if isinstance(family, Consumers | Suppliers):
        return {"quantity": none}
    made = "outputs" if isinstance(family, JointWorkers) else "output"
    return {"input": none, made: none, "level": none}
