"""Economies on disk: a directory of tables (docs/format.md)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from parecon.economy import Economy, Goods
from parecon.errors import FormatError
from parecon.storage.directory import (
    ECONOMY,
    VERSION,
    announced_rows,
    check_keys,
    new_directory,
    read_manifest,
    write_manifest,
)
from parecon.storage.family_reader import FamilyReader
from parecon.storage.family_tables import GOOD, Tables, family_entry, family_tables
from parecon.storage.rows import row_order
from parecon.storage.tables import FILE_FORMATS, INDEX, Names, Values, read_table, write_table

_UNITS = {
    "quantity": "the good's unit (table goods) per plan year",
    "money": "one unit of money for all budgets and prices",
}
_GOODS_COLUMNS = (GOOD, GOOD + INDEX, "kind", "unit", "endowment")


def write_economy(path: str | Path, economy: Economy, *, file_format: str = "parquet") -> None:
    """Write an economy; see `parecon.save`."""
    if file_format not in FILE_FORMATS:
        known = " or ".join(map(repr, FILE_FORMATS))
        raise FormatError(f"file_format: expected {known}, got {file_format!r}")
    tables: Tables = {"goods": _goods_columns(economy)}
    for family in economy.families:
        tables |= family_tables(family)
    manifest = {
        "format": ECONOMY,
        "version": VERSION,
        "units": _UNITS,
        "families": [family_entry(family) for family in economy.families],
        "rows": {stem: n_rows(columns) for stem, columns in tables.items()},
    }
    with new_directory(path, ECONOMY) as directory:
        for stem, columns in tables.items():
            write_table(directory, stem, columns, file_format)
        write_manifest(directory, manifest)


def read_economy(path: str | Path) -> Economy:
    """Read an economy; see `parecon.load`."""
    directory = Path(path)
    manifest = read_manifest(directory, ECONOMY)
    check_keys(directory, "economy", manifest, ("format", "version", "families", "rows"))
    rows = announced_rows(directory, manifest)
    goods, endowment = _read_goods(directory, rows)
    known = Names("good", None if goods.counted else goods.names, len(goods))
    families = [
        FamilyReader(directory, entry, known, rows).read() for entry in manifest["families"]
    ]
    return Economy(goods, endowment, families)


def n_rows(columns: dict[str, Values]) -> int:
    """Return the length of the columns of a table."""
    return len(next(iter(columns.values())))


def _goods_columns(economy: Economy) -> dict[str, Values]:
    goods = economy.goods
    columns: dict[str, Values] = {GOOD + INDEX: np.arange(len(goods), dtype=np.int32)}
    if not goods.counted:
        columns[GOOD] = goods.names
    if goods.kind is not None:
        columns["kind"] = goods.kind
    if goods.unit is not None:
        columns["unit"] = goods.unit
    columns["endowment"] = economy.endowment
    return columns


def _read_goods(directory: Path, rows: dict[str, int]) -> tuple[Goods, np.ndarray]:
    table = read_table(directory, "goods", n_rows=rows.get("goods"))
    table.check_columns(_GOODS_COLUMNS)
    order = row_order(table, GOOD)
    positions = range(table.n_rows) if order is None else order.tolist()
    words = {
        column: tuple(map(table.texts(column).__getitem__, positions))
        for column in (GOOD, "kind", "unit")
        if table.has(column)
    }
    goods = Goods(words.get(GOOD, table.n_rows), words.get("kind"), words.get("unit"))
    return goods, table.floats("endowment")[list(positions)]
