"""Economies and plans on disk, as directories of Parquet or CSV tables with a small manifest.

The format is specified in docs/format.md. It is meant to be read by other programs (R, Julia,
DuckDB, pandas) and, as CSV, to be written by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parecon.errors import FormatError, nearest
from parecon.storage.directory import is_parecon
from parecon.storage.economies import read_economy, write_economy

if TYPE_CHECKING:
    from parecon.economy import Economy

__all__ = ["load", "save"]


def save(path: str | Path, economy: Economy, *, file_format: str = "parquet") -> None:
    """Write an economy as a directory; `load` gives the same economy, bit for bit.

    The directory appears whole or not at all. An older economy there is replaced; anything else
    is left alone.

    Parameters
    ----------
    path : str or Path
        The directory.
    economy : Economy
        What to write.
    file_format : {"parquet", "csv"}
        Of the tables.

    Raises
    ------
    FormatError
        If the path exists and is not an economy that parecon wrote.
    """
    write_economy(path, economy, file_format=file_format)


def load(path: str | Path) -> Economy:
    """Return the economy in a directory, or a bundled one by name (`parecon.economies.names()`).

    Raises
    ------
    FormatError
        If there is no such directory or name, a file is missing, truncated, of a newer format, or
        holds what the format does not allow; with file, column and row.
    EconomyError
        If the files are well formed but what they say is not an economy.
    """
    directory = Path(path)
    if is_parecon(directory):
        return read_economy(directory)
    from parecon import economies

    bundled = economies.names()
    if str(path) in bundled:
        return economies.load(str(path))
    if not directory.exists():
        hint = nearest(str(path), bundled)
        known = ", ".join(bundled)
        raise FormatError(
            f"{path}: no such directory and no bundled economy of that name{hint} "
            f"(bundled: {known})"
        )
    return read_economy(directory)
