"""What a repair changed: a record for the log of the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Changes", "Step"]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The cells of one block that changed.

    Attributes
    ----------
    block : str
        Its name, e.g. ``"Z"``.
    row, column : (c,) ndarray of str
        Names of the cells; a vector has "" as column.
    before, after : (c,) ndarray
        In the unit of the block.
    """

    block: str
    row: NDArray[np.str_]
    column: NDArray[np.str_]
    before: FloatArray
    after: FloatArray

    def __len__(self) -> int:
        return len(self.before)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One named repair.

    Attributes
    ----------
    name : str
        Of the function that did it.
    what : str
        What it did, for people.
    moved : float
        Sum of absolute changes of money flows (Z, U, V, Y, W, W_Y), money per year; of outputs
        where only these changed.
    largest : float
        The largest of them. where : its block and names.
    changes : tuple of Changes
        Every cell that changed, by block.
    """

    name: str
    what: str
    moved: float = 0.0
    largest: float = 0.0
    where: str = ""
    changes: tuple[Changes, ...] = field(default=(), repr=False)

    @property
    def n_cells(self) -> int:
        """How many cells changed."""
        return sum(len(changes) for changes in self.changes)

    def __str__(self) -> str:
        size = ""
        if self.n_cells:
            cells = "cell" if self.n_cells == 1 else "cells"
            size = f"; {self.n_cells:,} {cells}, {self.moved:,.6g} in all"
            if self.where:
                size += f", at most {self.largest:,.6g} ({self.where})"
        return f"{self.name}: {self.what}{size}"

    def to_pandas(self) -> pd.DataFrame:
        """Return the changed cells: block, row, column, before, after.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        from parecon.accounts.frames import changed_cells

        return changed_cells(self)


FLOWS = ("Z", "U", "V", "Y", "W", "W_Y")


def step(name: str, what: str, changes: Mapping[str, Changes | None]) -> Step:
    """Return the record of a repair, with its largest change named."""
    made = [entry for entry in changes.values() if entry is not None and len(entry)]
    flows = [entry for entry in made if entry.block in FLOWS] or made
    moved, largest, where = 0.0, 0.0, ""
    for entry in flows:
        size = np.abs(entry.after - entry.before)
        moved += float(size.sum())
        at = int(size.argmax())
        if size[at] > largest:
            largest = float(size[at])
            to = f" -> {entry.column[at]}" if entry.column[at] else ""
            where = f"{entry.block}: {entry.row[at]}{to}"
    return Step(
        name=name, what=what, moved=moved, largest=largest, where=where, changes=tuple(made)
    )


def changes_of(block: str, before: Any, after: Any, rows: Any, columns: Any) -> Changes | None:
    """Return the cells in which two blocks of equal shape differ; None where they are the same.

    rows, columns : names; columns None for vectors.
    """
    if before is after:
        return None
    difference = after - before
    if columns is None:
        row = np.flatnonzero(difference)
        column_names = np.full(row.size, "")
        old, new = before[row], after[row]
    else:
        if hasattr(difference, "tocoo"):
            entries = difference.tocoo()
            kept = entries.data != 0.0
            row, column = entries.row[kept], entries.col[kept]
            if row.size == 0:
                return None
            # csr_matrix, because csr_array returns cells as a sparse vector
            old, new = (
                np.asarray(sp.csr_matrix(one)[row, column]).ravel() for one in (before, after)
            )
        else:
            row, column = np.nonzero(difference)
            old, new = before[row, column], after[row, column]
        column_names = np.array(columns, dtype=str)[column]
    return Changes(
        block=block, row=np.array(rows, dtype=str)[row], column=column_names, before=old, after=new
    )
