"""Values as JSON can say them: numbers without a word in JSON (nan, inf) become text and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def word_of(number: float) -> str:
    """Return the text that stands for a number that is not finite."""
    return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")


def to_json(value: Any, *, not_finite: Callable[[float], Any] = word_of) -> Any:
    """Return a value that `json` writes: records become objects, vectors become lists.

    not_finite: what stands for nan and inf. What JSON has no form for at all becomes its text.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else not_finite(number)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item, not_finite=not_finite) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, not_finite=not_finite) for item in value]
    return str(value)


def from_json(value: Any) -> Any:
    """Return a number from what `to_json` made of it; anything else as it is."""
    return NOT_FINITE.get(value, value) if isinstance(value, str) else value
