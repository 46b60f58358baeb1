"""What a check found: how much, at which council, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from parecon.certificate.groups import Array, Index
from parecon.errors import PlanError
from parecon.families import Family


@dataclass(frozen=True)
class Finding:
    """The worst case of a measure; `where` is None and `value` 0 where nothing is wrong.

    value : float >= 0, relative. where : name of a council or a good. reason : for people.
    """

    value: float = 0.0
    where: str | None = None
    reason: str = ""


def worst(measure: Array, family: Family, reason: str) -> Finding:
    """The worst council of a measure (m,); nan counts as inf: what is no number is no proof."""
    at, value = peak(measure)
    return Finding(value, family.council_name(at), reason) if value > 0.0 else Finding()


def worse(*findings: Finding) -> Finding:
    """The finding of greatest value, the first among equals."""
    return max(findings, key=lambda finding: finding.value, default=Finding())


def peak(measure: Array) -> tuple[int, float]:
    """Position and value of the greatest, nan as inf; (0, 0.0) for no values."""
    if measure.size == 0:
        return 0, 0.0
    at = int(np.argmax(measure))  # argmax returns the first nan, if there is one
    value = float(measure[at])
    return at, np.inf if np.isnan(value) else value


def column(family: Family, proposal: Any, name: str, size: int) -> Array:
    """An array of a proposal as (size,) float64. Raises PlanError where it does not fit."""
    value = getattr(proposal, name, None)
    if value is None:
        raise PlanError(f"{family.title}.{name}: expected {size:,} quantities, got none")
    array = np.asarray(value, dtype=np.float64)
    if array.shape != (size,):
        raise PlanError(f"{family.title}.{name}: expected shape ({size:,},), got {array.shape}")
    return array


def impossible(family: Family, start: Index, quantity: Array, what: str) -> Finding:
    """Quantities that cannot be: negative or not finite. The value then is inf.

    start : (m+1,) pointers of the councils into `quantity`.
    """
    if quantity.size == 0 or (quantity.min() >= 0.0 and quantity.max() < np.inf):
        return Finding()  # min is nan, and the comparison false, if any quantity is
    bad = int(np.argmin((quantity >= 0.0) & (quantity < np.inf)))
    council = int(np.searchsorted(start, bad, side="right")) - 1
    return Finding(np.inf, family.council_name(council), f"{what} is {quantity[bad]:g}")


def per_council(family: Family) -> Index:
    """Pointers for arrays of one value per council, (m+1,)."""
    return np.arange(family.n_councils + 1)
