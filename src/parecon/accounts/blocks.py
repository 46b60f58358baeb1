"""The blocks of accounts: what they are called, and one on its own with the names of its sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon.accounts._arrays import Matrix
from parecon.errors import AccountsError, list_some

__all__ = ["BLOCKS", "SIDES", "VECTORS", "Block", "from_triplets"]

BLOCKS = ("Z", "V", "U", "Y", "W", "W_Y", "F", "F_Y")
VECTORS = ("x", "q")
SIDES = ("sectors", "commodities", "industries", "final_demand", "factors", "extensions")


@dataclass(frozen=True)
class Block:
    """A table with the names of its rows and columns; a vector has the one column "".

    complete : whether a row or column that others have must be there (a table in wide form); else
    it is zero (long form leaves zeros out).
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Matrix
    complete: bool = True


def from_triplets(name: str, row: Sequence[str], column: Sequence[str], value: np.ndarray) -> Block:
    """Return the block of a table in long form; names in the order in which they first occur.

    Raises
    ------
    AccountsError
        If a cell is given twice.
    """
    rows, columns = tuple(dict.fromkeys(row)), tuple(dict.fromkeys(column))
    row_at = {label: i for i, label in enumerate(rows)}
    column_at = {label: j for j, label in enumerate(columns)}
    i = np.fromiter((row_at[label] for label in row), np.intp, len(row))
    j = np.fromiter((column_at[label] for label in column), np.intp, len(column))
    cells, count = np.unique(i * len(columns) + j, return_counts=True)
    if cells.size < len(value):
        twice = cells[count > 1]
        culprits = (
            f"{rows[int(cell) // len(columns)]!r} -> {columns[int(cell) % len(columns)]!r}"
            for cell in twice
        )
        raise AccountsError(f"{name}: cells given twice: {list_some(culprits, twice.size)}")
    values = sp.csr_array((value, (i, j)), shape=(len(rows), len(columns)))
    return Block(rows, columns, values, complete=False)
