"""Dated economies on disk: an ordinary economy, and beside it what it was made from.

PATH holds the economy of all years, for every program that reads economies. PATH.dated holds the
years, the records, what earlier years have left, and the economies of one year.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon.dated.records import KINDS, to_plain
from parecon.storage.directory import (
    DATED,
    VERSION,
    check_replaceable,
    new_directory,
    write_manifest,
)
from parecon.storage.economies import check_file_format, write_economy
from parecon.storage.tables import write_table

if TYPE_CHECKING:
    from parecon.dated.economy import DatedEconomy

__all__ = ["write_dated"]

GOODS, INSTALLED, LEFT, ENDOWMENT = "carried_goods", "installed", "left", "endowment"


def beside(path: str | Path) -> Path:
    """Return the folder that says what an economy was made from."""
    given = Path(path)
    return given.with_name(f"{given.name}.dated")


def write_dated(path: str | Path, dated: DatedEconomy, *, file_format: str) -> None:
    """Write a dated economy; see `DatedEconomy.save`."""
    check_file_format(file_format)
    check_replaceable(beside(path), DATED)
    write_economy(path, dated.economy, file_format=file_format)
    outline, carried = dated.outline, dated.carried
    distinct = outline.distinct
    number = {id(economy): k for k, economy in enumerate(distinct)}
    endowment = np.array(list(outline.endowment.values())).reshape(-1, len(outline.years))
    tables = {
        GOODS: _long(carried.goods),
        INSTALLED: _long(carried.installed),
        ENDOWMENT: _long(endowment),
        LEFT: {"value": carried.left},
    }
    manifest: dict[str, Any] = {
        "format": DATED,
        "version": VERSION,
        "years": list(outline.years),
        "discount": outline.discount.tolist(),
        "posterity": outline.posterity,
        "economies": [number[id(economy)] for economy in outline.economies],
        "endowed": list(outline.endowment),
        "carried": {"dates": carried.goods.shape[0], "ahead": carried.installed.shape[1]},
        "rows": {stem: len(columns["value"]) for stem, columns in tables.items()},
    }
    manifest |= {kind: [to_plain(r) for r in getattr(outline, kind)] for kind in KINDS}
    with new_directory(beside(path), DATED) as directory:
        for k, economy in enumerate(distinct):
            write_economy(directory / f"economy-{k}", economy, file_format=file_format)
        for stem, columns in tables.items():
            write_table(directory, stem, columns, file_format)
        write_manifest(directory, manifest)


def _long(table: np.ndarray) -> dict[str, Any]:
    """A table in long form, without zeros."""
    row, column = np.nonzero(table)
    return {
        "row": row.astype(np.int32),
        "column": column.astype(np.int32),
        "value": table[row, column],
    }
