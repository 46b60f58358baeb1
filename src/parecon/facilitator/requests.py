"""What may be asked of a board: verbs, their fields, and the form each field must have.

The table REQUESTS is all there is: requests are read by it, and docs/protocol.md is tested against
it. Forms are checked here; what names and quantities mean is for the board to judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parecon.errors import ProtocolError, nearest

VERSION = 1  # of the protocol; grows when a client of an older one would be misunderstood
NAMES, LIST = FORMS = ("names", "list")

_LARGEST_COUNT = 2**53  # beyond it a double, which many languages read numbers as, skips some
_SHOWN = 60
_KINDS = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
_NUMBERS = {int, float}

Check = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Field:
    """A field of a request. A field that may be absent may also be null."""

    name: str
    check: Check
    required: bool = False


@dataclass(frozen=True)
class Request:
    """A request that was read: its verb, and the values of the fields that were given."""

    do: str
    given: Mapping[str, Any]


def read(message: Any) -> Request:
    """Return the request that a JSON value is. Raises ProtocolError."""
    if not isinstance(message, dict):
        raise ProtocolError(f"line: expected a JSON object, got {_shown(message)}")
    if message.get("do") is None:
        raise ProtocolError(f"do: expected one of {', '.join(REQUESTS)}; it is missing")
    do = text(message["do"], "do")
    if do not in REQUESTS:
        hint = nearest(do, tuple(REQUESTS))
        raise ProtocolError(f"do: unknown request {do!r}{hint} (known: {', '.join(REQUESTS)})")
    fields = {field.name: field for field in REQUESTS[do]}
    given = {}
    for name, value in message.items():
        if name in ("do", "id"):
            continue
        if name not in fields:
            known = ("id", *fields)
            raise ProtocolError(
                f"{do}: unknown field {name!r}{nearest(name, known)} (known: {', '.join(known)})"
            )
        if value is not None:
            given[name] = fields[name].check(value, f"{do}: {name}")
    for field in fields.values():
        if field.required and field.name not in given:
            raise ProtocolError(f"{do}: {field.name} is missing")
    return Request(do, given)


def read_id(message: Any) -> dict[str, Any]:
    """Return ``{"id": ...}`` as the request has it, or nothing. Raises ProtocolError."""
    if not isinstance(message, dict) or message.get("id") is None:
        return {}
    given = message["id"]
    if isinstance(given, str) or (type(given) in _NUMBERS and math.isfinite(given)):
        return {"id": given}
    raise ProtocolError(f"id: expected text or a number, got {_shown(given)}")


# -- forms: each returns the value as the board takes it -----------------------------------------


def text(value: Any, where: str) -> str:
    """Text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ProtocolError(f"{where}: expected text, got {_shown(value)}")
    return value


def number(value: Any, where: str) -> float:
    """A number that a double can hold."""
    if type(value) not in _NUMBERS:
        raise ProtocolError(f"{where}: expected a number, got {_shown(value)}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ProtocolError(f"{where}: expected a number that a double can hold, got a larger one")
    return found


def count(value: Any, where: str) -> int:
    """A whole number from 0, also as 3.0, which is how some languages write it."""
    whole = type(value) is int or (type(value) is float and value.is_integer())
    if not whole or not 0 <= value <= _LARGEST_COUNT:
        raise ProtocolError(f"{where}: expected a whole number from 0, got {_shown(value)}")
    return int(value)


def names(value: Any, where: str) -> list[str]:
    """A list of texts."""
    return [text(name, f"{where}[{i}]") for i, name in enumerate(_list(value, where))]


def quantities(value: Any, where: str) -> Any:
    """A number per good: an object by name, or a list in the order of the goods."""
    if isinstance(value, dict):
        return {name: number(each, f"{where} of {name!r}") for name, each in value.items()}
    if isinstance(value, list):
        return _vector(value, where)
    raise ProtocolError(
        f"{where}: expected an object {{good: number}} or a list of numbers, got {_shown(value)}"
    )


def price(value: Any, where: str) -> Any:
    """One number for all goods, or one each."""
    return number(value, where) if type(value) in _NUMBERS else quantities(value, where)


def rows(value: Any, where: str) -> list[Any]:
    """Quantities for each of several councils; objects and lists may not be mixed."""
    found = [quantities(row, f"{where}[{i}]") for i, row in enumerate(_list(value, where))]
    if len({isinstance(row, dict) for row in found}) > 1:
        raise ProtocolError(f"{where}: expected objects or lists, got both")
    return found


def councils(value: Any, where: str) -> list[dict[str, Any]]:
    """A list of names, or of objects with a name and optionally a kind and a budget.

    Each becomes an object with what was given.
    """
    return [_council(each, f"{where}[{i}]") for i, each in enumerate(_list(value, where))]


def form(value: Any, where: str) -> str:
    """One of FORMS."""
    if value not in FORMS:
        raise ProtocolError(f"{where}: expected {' or '.join(FORMS)}, got {_shown(value)}")
    return str(value)


def _council(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": text(value, where)}
    if not isinstance(value, dict) or value.get("name") is None:
        raise ProtocolError(f"{where}: expected a name, or an object with a name")
    for name in value:
        if name not in _COUNCIL:
            known = ", ".join(_COUNCIL)
            hint = nearest(name, tuple(_COUNCIL))
            raise ProtocolError(f"{where}: unknown field {name!r}{hint} (known: {known})")
    return {
        name: _COUNCIL[name](each, f"{where}.{name}")
        for name, each in value.items()
        if each is not None
    }


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ProtocolError(f"{where}: expected a list, got {_shown(value)}")
    return value


def _vector(value: list[Any], where: str) -> np.ndarray:
    # the types of all entries at once: a long list is walked through in C
    if set(map(type, value)) <= _NUMBERS:
        try:
            vector = np.array(value, dtype=np.float64)
        except OverflowError:  # an integer beyond the doubles: found below
            vector = np.array([math.inf])
        if np.isfinite(vector).all():
            return vector
    return np.array([number(each, f"{where}[{i}]") for i, each in enumerate(value)])


def _shown(value: Any) -> str:
    kind = _KINDS.get(type(value), type(value).__name__)
    if isinstance(value, list | dict | type(None)):
        return kind
    shown = str(value) if not isinstance(value, str) else repr(value)
    return f"{kind} {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}"


_COUNCIL = {"name": text, "kind": text, "budget": number}
_PROPOSED = (
    Field("supply", quantities),
    Field("demand", quantities),
    Field("sensitivity", quantities),
    Field("round", count),
)
_FORM = Field("form", form)

REQUESTS: dict[str, tuple[Field, ...]] = {
    "hello": (Field("protocol", count),),
    "open": (
        Field("goods", names),
        Field("start_price", price),
        Field("rule", text),
        Field("endowment", quantities),
        Field("councils", councils),
        Field("policy", text),
        Field("threshold", number),
    ),
    "ask": (_FORM,),
    "tell": (
        Field("council", text, required=True),
        *_PROPOSED,
        Field("kind", text),
        Field("budget", number),
    ),
    "tell_many": (
        Field("councils", names, required=True),
        Field("supply", rows),
        Field("demand", rows),
        Field("sensitivity", rows),
        Field("round", count),
    ),
    "tell_sums": (
        Field("supply", quantities, required=True),
        Field("demand", quantities, required=True),
        Field("sensitivity", quantities),
        Field("round", count),
    ),
    "adjust": (_FORM,),
    "register": (Field("councils", councils, required=True),),
    "change_rule": (Field("rule", text, required=True),),
    "status": (),
    "sums": (_FORM,),
    "flags": (),
    "advice": (),
    "deliver": (_FORM,),
    "close": (),
}
