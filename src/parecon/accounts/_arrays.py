"""Blocks of a table as read-only arrays, dense or sparse, and the few things done with them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import FloatArray, frozen
from parecon.errors import AccountsError, list_some

Matrix: TypeAlias = Any  # (rows, columns) float64 ndarray or csr_array, read-only


def vector(value: ArrayLike, where: str, size: int) -> FloatArray:
    """Return finite numbers (size,) as a read-only float64 array.

    Raises
    ------
    AccountsError
        If the value is no vector of finite numbers of that size.
    """
    array = _numbers(value, where)
    if array.shape != (size,):
        raise AccountsError(f"{where}: expected shape ({size:,},), got {array.shape}")
    _check_finite(array, where)
    return frozen(array)  # type: ignore[return-value]


def matrix(value: Any, where: str, shape: tuple[int, int], *, sparse: bool = False) -> Matrix:
    """Return finite numbers of that shape, read-only: an ndarray, or a csr_array if given sparse.

    Parameters
    ----------
    value : array_like, sparse or None
        None stands for zeros (of a row or column that is not there).
    where : str
        Name of the block for messages.
    shape : (rows, columns)
        Demanded.
    sparse : bool
        Whether a sparse value may stay sparse.

    Raises
    ------
    AccountsError
        If the shape is another one or a number is not finite.
    """
    if value is None:
        return frozen(np.zeros(shape))
    if sp.issparse(value):
        if value.shape != shape:
            raise AccountsError(f"{where}: expected shape {shape}, got {value.shape}")
        if not sparse:
            return matrix(value.toarray(), where, shape)
        stored = sp.csr_array(value, dtype=np.float64, copy=True)
        stored.sum_duplicates()
        _check_finite(stored.data, where)
        for array in (stored.data, stored.indices, stored.indptr):
            array.flags.writeable = False
        return stored
    array = _numbers(value, where)
    if array.size == 0 and 0 in shape:
        array = array.reshape(shape)
    if array.shape != shape:
        raise AccountsError(f"{where}: expected shape {shape}, got {array.shape}")
    _check_finite(array, where)
    return frozen(array)


def _numbers(value: Any, where: str) -> FloatArray:
    """A copy: what the caller does to his array later must not change the accounts."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu" and array.size:
            raise ValueError(f"dtype {array.dtype}")
        return np.array(array, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise AccountsError(f"{where}: expected numbers, got {error}") from error


def _check_finite(array: FloatArray, where: str) -> None:
    if np.isfinite(array).all():
        return
    bad = np.argwhere(~np.isfinite(array))
    cells = list_some((f"{tuple(map(int, at))} ({array[tuple(at)]})" for at in bad), len(bad))
    raise AccountsError(f"{where}: expected finite numbers, got {cells}")


def row_sums(block: Matrix) -> FloatArray:
    """Sum of each row, (rows,)."""
    return np.asarray(block.sum(axis=1), dtype=np.float64).ravel()


def column_sums(block: Matrix) -> FloatArray:
    """Sum of each column, (columns,)."""
    return np.asarray(block.sum(axis=0), dtype=np.float64).ravel()


def dense(block: Matrix) -> FloatArray:
    """The block as an ndarray."""
    return np.asarray(block.toarray() if sp.issparse(block) else block, dtype=np.float64)


def per_column(block: Matrix, total: FloatArray, where: str, names: Any) -> Matrix:
    """Each column over its total; 0 where both column and total are 0.

    Raises
    ------
    AccountsError
        If a column has entries and its total is 0.
    """
    none = total == 0.0
    bad = np.flatnonzero(none & (column_sums(abs(block)) > 0.0))
    if bad.size:
        raise AccountsError(
            f"{where}: expected an output of every {names.what} with inputs, got 0 from "
            f"{names.some(bad)}"
        )
    share = 1.0 / np.where(none, 1.0, total)
    if sp.issparse(block):
        scaled = sp.csr_array(block @ sp.diags_array(share))
        return matrix(scaled, where, block.shape, sparse=True)
    # Division, not a product with the reciprocal: a published coefficient is one rounding away.
    return frozen(block / np.where(none, 1.0, total))


def triplets(block: Matrix) -> tuple[Any, Any, FloatArray]:
    """Rows, columns and values of the entries that are not 0, row by row."""
    if sp.issparse(block):
        entries = sp.coo_array(block)
        row, column, value = entries.row, entries.col, entries.data
        kept = value != 0.0
        return row[kept], column[kept], value[kept]
    row, column = np.nonzero(block)
    return row, column, block[row, column]
