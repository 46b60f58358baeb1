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
from parecon.storage.tables import (
    FILE_FORMATS,
    INDEX,
    Names,
    Table,
    Values,
    read_table,
    write_table,
)

_UNITS = {
    "quantity": "the good's unit (table goods) per plan year",
    "money": "one unit of money for all budgets and prices",
}
GOODS_COLUMNS = (GOOD, GOOD + INDEX, "kind", "unit")


def write_economy(path: str | Path, economy: Economy, *, file_format: str = "parquet") -> None:
    """Write an economy; see `parecon.save`."""
    check_file_format(file_format)
    tables: Tables = {"goods": goods_columns(economy.goods) | {"endowment": economy.endowment}}
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


def check_file_format(file_format: str) -> None:
    """Raise FormatError unless tables can be written so."""
    if file_format not in FILE_FORMATS:
        known = " or ".join(map(repr, FILE_FORMATS))
        raise FormatError(f"file_format: expected {known}, got {file_format!r}")


def goods_columns(goods: Goods) -> dict[str, Values]:
    """Return what the table of goods says of the goods themselves."""
    columns: dict[str, Values] = {GOOD + INDEX: np.arange(len(goods), dtype=np.int32)}
    if not goods.counted:
        columns[GOOD] = goods.names
    if goods.kind is not None:
        columns["kind"] = goods.kind
    if goods.unit is not None:
        columns["unit"] = goods.unit
    return columns


def goods_of(table: Table) -> tuple[Goods, list[int]]:
    """Return the goods of a table, and its rows in the order of the goods."""
    order = row_order(table, GOOD)
    positions = list(range(table.n_rows)) if order is None else order.tolist()
    words = {
        column: tuple(map(table.texts(column).__getitem__, positions))
        for column in (GOOD, "kind", "unit")
        if table.has(column)
    }
    return Goods(words.get(GOOD, table.n_rows), words.get("kind"), words.get("unit")), positions


def _read_goods(directory: Path, rows: dict[str, int]) -> tuple[Goods, np.ndarray]:
    table = read_table(directory, "goods", n_rows=rows.get("goods"))
    table.check_columns((*GOODS_COLUMNS, "endowment"))
    goods, order = goods_of(table)
    return goods, table.floats("endowment")[order]
