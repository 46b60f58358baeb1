"""From rows of a table to the arrays of a family: order, pointers, sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import IndexArray
from parecon.storage.family_tables import COUNCIL
from parecon.storage.tables import INDEX, Table


def row_order(table: Table, what: str) -> NDArray[Any] | None:
    """Return the order that puts the rows of a councils or goods table right; None: as they are."""
    column = what + INDEX
    if not table.has(column):
        return None
    position = table.integers(column)
    if np.array_equal(position, np.arange(table.n_rows)):
        return None
    order = np.argsort(position, kind="stable")
    wrong = np.flatnonzero(position[order] != np.arange(table.n_rows))
    if wrong.size:
        row = int(order[wrong[0]])
        raise table.error(
            f"expected each number from 0 to {table.n_rows - 1} once, got {position[row]}",
            column=column,
            row=row,
        )
    return order


def check_positions(table: Table, column: str) -> None:
    wrong = np.flatnonzero(table.integers(column) != np.arange(table.n_rows))
    if wrong.size:
        row = int(wrong[0])
        raise table.error(f"expected {row}, the row's own number from 0", column=column, row=row)


def ordered(values: Any, order: NDArray[Any] | None) -> Any:
    return values if order is None else values[order]


def starts(table: Table, council: IndexArray, n_councils: int) -> IndexArray:
    """Return pointers of the councils into rows that must come council by council."""
    falls = np.flatnonzero(np.diff(council) < 0)
    if falls.size:
        raise table.error(
            "expected the rows council by council", column=COUNCIL, row=int(falls[0]) + 1
        )
    return _pointers(council, n_councils)


def _pointers(council: IndexArray, n_councils: int) -> IndexArray:
    counts = np.bincount(council, minlength=n_councils)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def csr(
    table: Table,
    council: IndexArray,
    good: IndexArray,
    value: NDArray[np.float64],
    shape: tuple[int, int],
) -> sp.csr_array:
    """Return entries as CSR, sorted; the rows of the table may come in any order."""
    order = None
    if not _strictly_ascending(council, good):
        order = np.lexsort((good, council))
        council, good, value = council[order], good[order], value[order]
        twice = np.flatnonzero((np.diff(council) == 0) & (np.diff(good) == 0))
        if twice.size:
            raise table.error(
                "the same council and good as in an earlier row", row=int(order[twice[0] + 1])
            )
    return sp.csr_array((value, good, _pointers(council, shape[0])), shape=shape)


def _strictly_ascending(council: IndexArray, good: IndexArray) -> bool:
    if council.size < 2:
        return True
    rises = council[1:] > council[:-1]
    rises |= (council[1:] == council[:-1]) & (good[1:] > good[:-1])
    return bool(rises.all())
