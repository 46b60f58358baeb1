"""Values as JSON can say them: numbers without a word in JSON (nan, inf) become text and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_json(value: Any) -> Any:
    """Return a value that `json` writes: records become objects, nan and inf become text.

    What JSON has no form for (callables, arrays beyond vectors) becomes its text.
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else _word(number)
    if isinstance(value, np.ndarray):
        return to_json(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    return str(value)


def from_json(value: Any) -> Any:
    """Return a number from what `to_json` made of it; anything else as it is."""
    return NOT_FINITE.get(value, value) if isinstance(value, str) else value


def _word(number: float) -> str:
    return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")
