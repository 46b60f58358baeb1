"""Scenarios from files, TOML or JSON; one file may hold a series with parameters.

In a series, the table ``vary`` gives the values of each parameter, and ``"$name"`` stands for the
value wherever a number does::

    name = "cap"
    [vary]
    cut = {from = 0, to = -70, steps = 8}     # or cut = [0, -10, -20]
    [[change]]
    do = "cap"
    permits = "ghg_permit"
    percent = "$cut"
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from parecon.errors import ScenarioError, nearest
from parecon.scenarios.amounts import number
from parecon.scenarios.registry import InChangeError
from parecon.storage.numbers import NOT_FINITE

_PLACE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_TABLE = re.compile(r"^\s*\[\[\s*change\s*\]\]")
_MOST = 10_000

T = TypeVar("T")


def read_scenarios(path: str | Path, build: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """Read the scenarios of a file, `build` making each from its record.

    See `parecon.load_scenarios`.
    """
    file = Path(path)
    try:
        source = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ScenarioError(f"{file}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{file}: cannot be read ({error})") from error
    record = _parsed(file, source)
    try:
        return [build(one) for one in _series(record, file.stem)]
    except ScenarioError as error:
        raise ScenarioError(
            f"{file}{_where(file, source, error)}: {error}", key=error.key
        ) from error


def _parsed(file: Path, source: str) -> dict[str, Any]:
    if file.suffix == ".toml":
        try:
            return tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(f"{file}: not TOML: {error}") from error
    if file.suffix != ".json":
        raise ScenarioError(f"{file}: expected a name that ends in .toml or .json")
    try:
        record = json.loads(source)
    except json.JSONDecodeError as error:
        raise ScenarioError(
            f"{file}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from error
    if not isinstance(record, dict):
        raise ScenarioError(f"{file}: expected an object, got {type(record).__name__}")
    return record


def _series(record: Mapping[str, Any], default_name: str) -> list[dict[str, Any]]:
    """One record for each combination of the parameters; one where there are none."""
    rest = {key: value for key, value in record.items() if key != "vary"}
    vary = record.get("vary", {})
    if not isinstance(vary, Mapping):
        raise ScenarioError(f"expected parameters and values, got {vary!r}", key="vary")
    values = {str(name): _values(f"vary.{name}", given) for name, given in vary.items()}
    if np.prod([len(items) for items in values.values()] or [1]) > _MOST:
        raise ScenarioError(f"expected at most {_MOST:,} scenarios", key="vary")
    found = []
    for chosen in product(*values.values()):
        parameters = dict(zip(values, chosen, strict=True))
        changes = rest.get("change", [])
        filled = {"name": default_name, **rest, "change": _filled(changes, parameters)}
        if parameters:
            fixed = rest.get("parameters", {})
            filled["parameters"] = {**fixed, **parameters} if isinstance(fixed, dict) else fixed
            words = ", ".join(f"{key}={value:g}" for key, value in parameters.items())
            filled["name"] = f"{rest.get('name', default_name)} {words}"
        found.append(filled)
    return found


def _values(key: str, given: Any) -> list[float]:
    """The values of one parameter: a list, or {from, to, steps}."""
    if isinstance(given, list) and given:
        return [number(key, value) for value in given]
    if isinstance(given, Mapping) and set(given) == {"from", "to", "steps"}:
        steps = given["steps"]
        if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= _MOST:
            raise ScenarioError(f"expected a whole number of steps, got {steps!r}", key=key)
        ends = number(key, given["from"]), number(key, given["to"])
        return [float(value) for value in np.linspace(*ends, steps)]
    raise ScenarioError(
        f"expected a list of numbers or {{from, to, steps}}, got {given!r}", key=key
    )


def _filled(value: Any, parameters: Mapping[str, float]) -> Any:
    """The value with every "$name" replaced, and words for infinity read as numbers."""
    if isinstance(value, Mapping):
        return {key: _filled(item, parameters) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, parameters) for item in value]
    if isinstance(value, str):
        match = _PLACE.fullmatch(value)
        if match is None:
            return NOT_FINITE.get(value, value) if value != "nan" else value
        if match[1] not in parameters:
            known = list(parameters)
            raise ScenarioError(
                f"no parameter {match[1]!r} in vary{nearest(match[1], known)}", key=match[1]
            )
        return parameters[match[1]]
    return value


def _where(file: Path, source: str, error: ScenarioError) -> str:
    """Return e.g. ``", line 12, change 3, key 'permits'"``."""
    position = error.position if isinstance(error, InChangeError) else None
    parts = []
    if file.suffix == ".toml":
        line = _line(source.splitlines(), position, error.key)
        if line:
            parts.append(f"line {line}")
    if position is not None:
        parts.append(f"change {position + 1}")
    if error.key:
        parts.append(f"key {error.key!r}")
    return "".join(f", {part}" for part in parts)


def _line(lines: list[str], position: int | None, key: str) -> int:
    """Number of the line, from 1, that holds a key of a change; of the change where not found."""
    tables = [at for at, line in enumerate(lines) if _TABLE.match(line)]
    first, last = 0, tables[0] if tables else len(lines)
    if position is not None:
        if position >= len(tables):
            return 0
        first = tables[position]
        last = tables[position + 1] if position + 1 < len(tables) else len(lines)
    for name in (key.rsplit(".", 1)[-1], key.split(".", 1)[0]):
        if not name:
            continue
        written = re.compile(rf"^\s*\[?\s*([\w.\"' -]*\.)?[\"']?{re.escape(name)}[\"']?\s*[=\].]")
        inline = re.compile(rf"[{{,]\s*[\"']?{re.escape(name)}[\"']?\s*=")
        for at in range(first, last):
            if written.match(lines[at]) or inline.search(lines[at]):
                return at + 1
    return first + 1 if position is not None else 0
