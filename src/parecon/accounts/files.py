"""Accounts as folders of CSV or Parquet tables, wide or long.

A folder holds one file per block: ``Z``, or ``V`` and ``U``; any of ``Y``, ``W``, ``W_Y``, ``F``,
``F_Y``, ``x``, ``q``; each ``.csv`` or ``.parquet``:

- *wide*: the first column, ``row``, names the rows, the others are named by what they stand for;
- *long*: the columns ``row``, ``column``, ``value``; what is not there is 0;
- ``x`` and ``q``: the columns ``row``, ``value``.

Files ``sectors`` (or ``commodities`` and ``industries``), ``final_demand``, ``factors`` and
``extensions`` give the order of names, and kinds: the columns ``name`` and, optionally, ``kind``,
``unit``, ``text``. ``about`` has ``key``, ``value`` for ``unit`` and ``title``. All of them may be
missing. A single long file with the columns ``table``, ``row``, ``column``, ``value`` will do, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from parecon.accounts import _arrays as arrays
from parecon.accounts.assemble import assemble
from parecon.accounts.base import Accounts
from parecon.accounts.blocks import BLOCKS, SIDES, VECTORS, Block, from_triplets
from parecon.accounts.frames import named_blocks
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import Labels, NamesLike
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError, FormatError
from parecon.storage.tables import FILE_FORMATS, Table, read_table, table_exists, write_table

__all__ = ["read", "write"]

LABEL_COLUMNS = ("name", "kind", "unit", "text")


def read(
    path: str | Path,
    *,
    sectors: NamesLike | None = None,
    commodities: NamesLike | None = None,
    industries: NamesLike | None = None,
    final_demand: NamesLike | None = None,
    factors: NamesLike | None = None,
    extensions: NamesLike | None = None,
    unit: str = "",
    title: str = "",
    sparse: bool = False,
) -> InputOutput | SupplyUse:
    """Read accounts from a folder of tables, or from one long table.

    Parameters
    ----------
    path : path
        The folder or the file (see the module).
    sectors, commodities, industries, final_demand, factors, extensions, unit, title, sparse :
        As in :func:`from_pandas`; optional, instead of what the folder says.

    Raises
    ------
    FormatError
        If a file is missing, damaged or misses a column; file and line are named.
    AccountsError
        If the tables do not fit together.
    """
    where = Path(path)
    sides: dict[str, NamesLike | None] = {
        "sectors": sectors,
        "commodities": commodities,
        "industries": industries,
        "final_demand": final_demand,
        "factors": factors,
        "extensions": extensions,
    }
    about: dict[str, str] = {}
    if where.is_dir():
        blocks = _folder_blocks(where)
        stored = {side: _read_labels(where, side) for side in SIDES}
        sides = {side: stored[side] if given is None else given for side, given in sides.items()}
        about = _read_about(where)
    elif where.is_file():
        blocks = _file_blocks(where)
    else:
        raise FormatError(f"{where}: expected a folder or file of tables, got nothing there")
    return assemble(
        blocks,
        sides,
        unit=unit or about.get("unit", ""),
        title=title or about.get("title", ""),
        sparse=sparse,
    )


def write(
    path: str | Path,
    accounts: Accounts,
    *,
    form: Literal["long", "wide"] = "long",
    file_format: Literal["parquet", "csv"] = "parquet",
) -> None:
    """Write accounts into a folder that :func:`read` reads, bit for bit; the log is not kept.

    Parameters
    ----------
    path : path
        The folder; made if it is not there. It must be empty.
    accounts : Accounts
    form : {"long", "wide"}
    file_format : {"parquet", "csv"}

    Raises
    ------
    AccountsError
        If the form or the format is unknown, or the folder is not empty.
    """
    if form not in ("long", "wide") or file_format not in FILE_FORMATS:
        raise AccountsError(
            f"write: expected form long or wide and format parquet or csv, got {form!r} and "
            f"{file_format!r}"
        )
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise AccountsError(f"{folder}: expected an empty folder")
    for name, (values, rows, columns) in named_blocks(accounts).items():
        data: dict[str, Any]
        if columns is None:
            data = {"row": rows.names, "value": values}
        elif form == "wide":
            wide = arrays.dense(values)
            data = {"row": rows.names}
            data |= {column: wide[:, j] for j, column in enumerate(columns)}
        else:
            row, column, value = arrays.triplets(values)
            data = {
                "row": np.array(rows.names, dtype=str)[row],
                "column": np.array(columns.names, dtype=str)[column],
                "value": value,
            }
        write_table(folder, name, data, file_format)
    for side in SIDES:
        labels = _labels_of(accounts, side)
        if labels is not None and len(labels):
            words = {"name": labels.names, "kind": labels.kind}
            words |= {"unit": labels.unit, "text": labels.text}
            write_table(folder, side, words, file_format)
    about = {"key": ["unit", "title"], "value": [accounts.unit, accounts.title]}
    write_table(folder, "about", about, file_format)


def _labels_of(accounts: Accounts, side: str) -> Labels | None:
    labels: Labels | None = getattr(accounts, side, None)
    return None if side == "industries" and isinstance(accounts, InputOutput) else labels


def _folder_blocks(folder: Path) -> dict[str, Block]:
    found = {}
    for name in (*BLOCKS, *VECTORS):
        if table_exists(folder, name):
            found[name] = _block(name, read_table(folder, name))
    return found


def _block(name: str, table: Table) -> Block:
    if name in VECTORS:
        return Block(table.texts("row"), ("value",), table.floats("value").reshape(-1, 1))
    rows = table.texts("row")
    if set(table.columns) == {"row", "column", "value"}:
        return from_triplets(name, rows, table.texts("column"), table.floats("value"))
    columns = tuple(column for column in table.columns if column != "row")
    values = [table.floats(column) for column in columns]
    wide = np.column_stack(values) if values else np.empty((len(rows), 0))
    return Block(rows, columns, wide)


def _file_blocks(path: Path) -> dict[str, Block]:
    table = read_table(path.parent, path.stem)
    table.check_columns(("table", "row", "column", "value"))
    names = np.array(table.texts("table"), dtype=object)
    rows = np.array(table.texts("row"), dtype=object)
    columns = np.array(table.texts("column"), dtype=object)
    values = table.floats("value")
    found = {}
    for name in dict.fromkeys(names.tolist()):
        of = names == name
        if name in VECTORS:
            found[name] = Block(tuple(rows[of]), ("value",), values[of].reshape(-1, 1))
        else:
            found[name] = from_triplets(name, rows[of].tolist(), columns[of].tolist(), values[of])
    return found


def _read_labels(folder: Path, side: str) -> Labels | None:
    if not table_exists(folder, side):
        return None
    table = read_table(folder, side)
    table.check_columns(LABEL_COLUMNS)
    words: Mapping[str, Any] = {
        column: table.texts(column) for column in LABEL_COLUMNS if table.has(column)
    }
    if "name" not in words:
        raise table.error("missing column 'name'")
    return Labels(words["name"], **{k: v for k, v in words.items() if k != "name"}, what=side)


def _read_about(folder: Path) -> dict[str, str]:
    if not table_exists(folder, "about"):
        return {}
    table = read_table(folder, "about")
    return dict(zip(table.texts("key"), table.texts("value"), strict=True))
