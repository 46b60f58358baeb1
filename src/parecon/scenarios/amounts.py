"""How much: a new quantity, or a change of the one there is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parecon.errors import ScenarioError

Array = NDArray[np.float64]

WAYS = ("to", "times", "percent", "plus")
RELATIVE = ("times", "percent")


def number(key: str, value: Any) -> float:
    """Return a finite or infinite number; ScenarioError names the key."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ScenarioError(f"expected a number, got {value!r}", key=key)
    if math.isnan(value):
        raise ScenarioError("expected a number, got nan", key=key)
    return float(value)


def text(key: str, value: Any) -> str:
    """Return a non-empty text; ScenarioError names the key."""
    if not isinstance(value, str) or not value:
        raise ScenarioError(f"expected a text, got {value!r}", key=key)
    return value


# What a change takes: one name or several. It keeps them as a tuple.
Names: TypeAlias = str | list[str] | tuple[str, ...]


def texts(key: str, value: Any) -> tuple[str, ...]:
    """Return one text, or a list of them, as a tuple."""
    if isinstance(value, str):
        return (text(key, value),)
    if not isinstance(value, list | tuple) or not value:
        raise ScenarioError(f"expected a text or a list of texts, got {value!r}", key=key)
    return tuple(text(key, item) for item in value)


def numbers(key: str, value: Any) -> dict[str, float]:
    """Return a mapping from names to numbers."""
    if not isinstance(value, Mapping) or not value:
        raise ScenarioError(f"expected names and numbers, got {value!r}", key=key)
    return {text(key, name): number(f"{key}.{name}", item) for name, item in value.items()}


def one_way(change: Any, ways: tuple[str, ...] = WAYS) -> tuple[str, Any]:
    """Return which of the ways a change uses, and its amount: exactly one must be given."""
    given = [(way, getattr(change, way)) for way in ways if getattr(change, way, None) is not None]
    if len(given) != 1:
        got = "none" if not given else " and ".join(way for way, _ in given)
        raise ScenarioError(f"expected one of {', '.join(ways)}, got {got}", key=ways[0])
    return given[0]


def changed(way: str, amount: float, old: Array) -> Array:
    """Return old quantities after a change; those below zero become zero by rounding only.

    to: the new quantity. times: a factor. percent: -30 takes 30 % away. plus: what is added.
    """
    if way == "to":
        return np.full(old.shape, amount)
    if way == "times":
        return old * amount
    if way == "percent":
        return old * (1.0 + amount / 100.0)
    return old + amount


def words(way: str, amount: float) -> str:
    """Return e.g. ``"-30 %"`` or ``"to 12"``."""
    if way == "to":
        return f"to {amount:,.6g}"
    if way == "times":
        return f"times {amount:,.6g}"
    if way == "percent":
        return f"{amount:+,.6g} %"
    return f"{amount:+,.6g}"
