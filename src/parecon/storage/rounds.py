"""Rounds of a procedure on disk: prices and proposals as tables, how it ended in the manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon.errors import FormatError
from parecon.storage.directory import (
    MANIFEST,
    ROUNDS,
    VERSION,
    announced_rows,
    check_keys,
    new_directory,
    read_manifest,
    write_manifest,
)
from parecon.storage.economies import (
    GOODS_COLUMNS,
    check_file_format,
    goods_columns,
    goods_of,
    n_rows,
)
from parecon.storage.family_tables import GOOD, Tables
from parecon.storage.numbers import from_json, to_json
from parecon.storage.tables import INDEX, Table, Values, read_table, write_table

if TYPE_CHECKING:
    from parecon.procedure import Rounds

_ROUND = "round"
_STATE = "state."
_OF_GOODS = ("plan_price", "next_price")
_PER_GOOD = ("price", "supply", "demand")
_MEASURED = ("dual", "gap", "distance", "time_s")
_COUNTED = ("inquiries", "sent")
_SAID = ("rule", "threshold", "status", "n_councils")
_KEYS = ("format", "version", *_SAID, "message", "carried", "rows")
_CARRIED = ("array", "position", "value")
_TYPES = ("float64", "int64", "bool")
_EXACT = 2**53  # integers up to here are float64


def write_rounds(path: str | Path, rounds: Rounds, *, file_format: str = "parquet") -> None:
    """Write rounds; see `Rounds.save`."""
    check_file_format(file_format)
    goods = goods_columns(rounds.goods)
    goods |= {
        name: getattr(rounds, name) for name in _OF_GOODS if getattr(rounds, name) is not None
    }
    numbers = np.arange(1, rounds.n_rounds + 1, dtype=np.int32)
    tables: Tables = {
        "goods": goods,
        "rounds": {
            _ROUND: numbers,
            **{name: getattr(rounds, name) for name in (*_MEASURED, *_COUNTED)},
        },
        "answers": {
            _ROUND: np.repeat(numbers, rounds.n_goods),
            GOOD + INDEX: np.tile(np.arange(rounds.n_goods, dtype=np.int32), rounds.n_rounds),
            **{name: getattr(rounds, name).ravel() for name in _PER_GOOD},
            **{_STATE + name: column.ravel() for name, column in rounds.state.items()},
        },
        "carried": _carried_columns(rounds.carried),
    }
    manifest = {
        "format": ROUNDS,
        "version": VERSION,
        **{name: to_json(getattr(rounds, name)) for name in _SAID},
        "message": rounds.message,
        "carried": [
            {"name": name, "shape": list(array.shape), "type": array.dtype.name}
            for name, array in rounds.carried.items()
        ],
        "rows": {stem: n_rows(columns) for stem, columns in tables.items()},
    }
    with new_directory(path, ROUNDS) as directory:
        for stem, columns in tables.items():
            write_table(directory, stem, columns, file_format)
        write_manifest(directory, manifest)


def read_rounds(path: str | Path) -> dict[str, Any]:
    """Return the fields of rounds."""
    directory = Path(path)
    manifest = read_manifest(directory, ROUNDS)
    check_keys(directory, "rounds", manifest, (*_KEYS, "families"))
    rows = announced_rows(directory, manifest)
    table = read_table(directory, "goods", n_rows=rows.get("goods"))
    table.check_columns((*GOODS_COLUMNS, *_OF_GOODS))
    goods, order = goods_of(table)
    rounds = read_table(directory, "rounds", n_rows=rows.get("rounds"))
    rounds.check_columns((_ROUND, *_MEASURED, *_COUNTED))
    _check_same(rounds, _ROUND, np.arange(1, rounds.n_rows + 1))
    return {
        **_said(directory, manifest),
        "goods": goods,
        **{name: table.floats(name)[order] if table.has(name) else None for name in _OF_GOODS},
        **{name: rounds.floats(name) for name in _MEASURED},
        **{name: rounds.counts(name) for name in _COUNTED},
        **_read_answers(directory, rows, (rounds.n_rows, len(goods))),
        "carried": _read_carried(directory, manifest, rows),
    }


def _said(directory: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says in single words and numbers."""
    expected: dict[str, tuple[type, ...]] = {
        "rule": (str,),
        "status": (str,),
        "threshold": (int, float),
        "n_councils": (int,),
    }
    said = {name: manifest.get(name) for name in expected}
    said["threshold"] = from_json(said["threshold"])
    for name, kinds in expected.items():
        if not isinstance(said[name], kinds) or isinstance(said[name], bool):
            word = "a number" if int in kinds else "text"
            raise FormatError(
                f'{directory / MANIFEST}: expected "{name}", {word}, got {manifest.get(name)!r}'
            )
    return said


# -- per round and good ---------------------------------------------------------------------------


def _read_answers(
    directory: Path, rows: Mapping[str, int], shape: tuple[int, int]
) -> dict[str, Any]:
    """Prices, supply, demand and what the rule remembers, (rounds, goods) each."""
    n_rounds, n_goods = shape
    table = read_table(directory, "answers", n_rows=rows.get("answers"))
    state = [column for column in table.columns if column.startswith(_STATE)]
    table.check_columns((_ROUND, GOOD + INDEX, *_PER_GOOD, *state))
    if table.n_rows != n_rounds * n_goods:
        raise table.error(
            f"expected one row for each of {n_rounds:,} rounds and {n_goods:,} goods, got "
            f"{table.n_rows:,} rows"
        )
    _check_same(table, _ROUND, np.repeat(np.arange(1, n_rounds + 1), n_goods))
    _check_same(table, GOOD + INDEX, np.tile(np.arange(n_goods), n_rounds))
    return {
        **{name: table.floats(name).reshape(shape) for name in _PER_GOOD},
        "state": {
            column.removeprefix(_STATE): table.floats(column).reshape(shape) for column in state
        },
    }


def _check_same(table: Table, column: str, expected: NDArray[Any]) -> None:
    """Raise FormatError at the first row that is not where it belongs."""
    found = table.integers(column)
    wrong = np.flatnonzero(found != expected)
    if wrong.size:
        row = int(wrong[0])
        raise table.error(f"expected {expected[row]}, got {found[row]}", column=column, row=row)


# -- what the rule carries into the next year -----------------------------------------------------


def _carried_columns(carried: Mapping[str, NDArray[Any]]) -> dict[str, Values]:
    """All arrays one below the other: which array, position in its elements, value."""
    for name, array in carried.items():
        if array.dtype.kind == "i" and array.size and np.abs(array).max() > _EXACT:
            raise FormatError(
                f"carried {name!r}: expected integers up to 2^53, got {np.abs(array).max()}"
            )
    arrays = list(carried.values())
    sizes = [array.size for array in arrays]
    empty = [np.zeros(0)]
    return {
        "array": np.repeat(np.arange(len(arrays), dtype=np.int32), sizes),
        "position": np.concatenate([np.zeros(0, np.int32), *map(_positions, sizes)]),
        "value": np.concatenate(empty + [array.ravel().astype(np.float64) for array in arrays]),
    }


def _positions(size: int) -> NDArray[np.int32]:
    return np.arange(size, dtype=np.int32)


def _read_carried(
    directory: Path, manifest: Mapping[str, Any], rows: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    entries = [_carried_entry(directory, entry) for entry in _list(directory, manifest)]
    sizes = [math.prod(shape) for _, shape, _ in entries]
    table = read_table(directory, "carried", n_rows=rows.get("carried"))
    table.check_columns(_CARRIED)
    if table.n_rows != sum(sizes):
        raise table.error(f"expected {sum(sizes):,} rows (manifest), got {table.n_rows:,}")
    _check_same(table, "array", np.repeat(np.arange(len(sizes)), sizes))
    _check_same(table, "position", np.concatenate([np.zeros(0, int), *map(_positions, sizes)]))
    parts = np.split(table.floats("value"), np.cumsum(sizes)[:-1])
    return {
        name: part.reshape(shape).astype(kind)
        for (name, shape, kind), part in zip(entries, parts, strict=False)
    }


def _list(directory: Path, manifest: Mapping[str, Any]) -> list[Any]:
    entries = manifest.get("carried", [])
    if not isinstance(entries, list):
        raise FormatError(f'{directory / MANIFEST}: expected "carried", a list, got {entries!r}')
    return entries


def _carried_entry(directory: Path, entry: Any) -> tuple[str, tuple[int, ...], str]:
    """Name, shape and type of an array."""
    if isinstance(entry, dict):
        name, shape, kind = (entry.get(key) for key in ("name", "shape", "type"))
        sizes = isinstance(shape, list) and all(isinstance(n, int) and n >= 0 for n in shape)
        if isinstance(name, str) and sizes and kind in _TYPES:
            return name, tuple(shape or ()), str(kind)
    raise FormatError(
        f'{directory / MANIFEST}: carried: expected "name", "shape" (a list of sizes) and "type" '
        f"({', '.join(_TYPES)}), got {entry!r}"
    )
