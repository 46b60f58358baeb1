"""Arrays in: conversion to the stored form, and checks of their content.

Arrays that already have the stored form (float64 or int32, contiguous, native byte order) are
shared with the caller, not copied: the economy holds a read-only *view*, and the caller's own array
keeps its write flag. Every check is one or two passes over the array; only the report of an error
loops over culprits, and over no more than a handful of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from parecon.errors import EconomyError, list_some

FloatArray: TypeAlias = NDArray[np.float64]
IndexArray: TypeAlias = NDArray[np.int32]
MatrixLike: TypeAlias = Any  # a dense 2-d array-like or anything SciPy-sparse

SUM_TOLERANCE = 1e-9
_INT32_MAX = np.iinfo(np.int32).max


@dataclass(frozen=True, kw_only=True)
class Range:
    """An interval of numbers, by words and by test. NaN is in no range.

    Attributes
    ----------
    text : str
        For error messages and documentation, e.g. ``"above 0 and finite"``.
    low, high : float
        Ends of the interval.
    low_open, high_open : bool
        Whether the end itself is outside.
    nonzero : bool
        Whether 0 is outside although between the ends.
    """

    text: str
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = True
    nonzero: bool = False

    def holds(self, values: FloatArray) -> bool:
        """Whether every value is in the range; no temporary of the array's size is made."""
        if values.size == 0:
            return True
        low, high = float(values.min()), float(values.max())  # NaN comes through and fails below
        above = low > self.low if self.low_open else low >= self.low
        below = high < self.high if self.high_open else high <= self.high
        finite = low > -math.inf
        return above and below and finite and not (self.nonzero and bool((values == 0.0).any()))

    def outside(self, values: FloatArray) -> NDArray[np.intp]:
        """Return the positions of the values that are not in the range."""
        above = values > self.low if self.low_open else values >= self.low
        below = values < self.high if self.high_open else values <= self.high
        inside = above & below & (values > -math.inf)
        if self.nonzero:
            inside &= values != 0.0
        return np.flatnonzero(~inside)


POSITIVE = Range(text="above 0 and finite", low=0.0, low_open=True)
NON_NEGATIVE = Range(text="at least 0 and finite", low=0.0)
POSITIVE_OR_INF = Range(text="above 0 (inf: no limit)", low=0.0, low_open=True, high_open=False)
NONZERO = Range(text="finite and not 0", nonzero=True)
ABOVE_ONE = Range(text="above 1 and finite", low=1.0, low_open=True)
RETURNS = Range(
    text="above 0 and at most 1 (returns are never increasing)",
    low=0.0,
    low_open=True,
    high=1.0,
    high_open=False,
)


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view; the write flag of ``array`` itself is left alone."""
    view = array.view()
    view.flags.writeable = False
    return view


def plain_numbers(value: ArrayLike, where: str) -> NDArray[Any]:
    """Return ``value`` as a numeric array, refusing what NumPy would convert in silence."""
    if isinstance(value, np.ma.MaskedArray):
        raise EconomyError(f"{where}: expected plain numbers, got a masked array")
    if sp.issparse(value):
        raise EconomyError(f"{where}: expected a plain array, got a sparse matrix")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise EconomyError(f"{where}: expected an array of numbers, got {error}") from error
    if array.dtype.kind not in "fiu":
        raise EconomyError(f"{where}: expected real numbers, got dtype {array.dtype}")
    return array


def float_vector(
    value: ArrayLike, where: str, *, length: int | None = None, broadcast: bool = False
) -> FloatArray:
    """Return ``value`` as a read-only contiguous float64 vector.

    Parameters
    ----------
    value : array_like
        1-d real numbers; with ``broadcast`` also one number.
    where : str
        Name for error messages, e.g. ``"households.budget"``.
    length : int, optional
        Length that is demanded.
    broadcast : bool
        Whether one number stands for ``length`` equal ones.

    Raises
    ------
    EconomyError
        If the value is not numeric, not 1-d or not of the length demanded.
    """
    array = plain_numbers(value, where)
    if broadcast and array.ndim == 0 and length is not None:
        return frozen(np.full(length, float(array)))  # type: ignore[return-value]
    _check_shape(array, where, length)
    return frozen(np.ascontiguousarray(array, dtype=np.float64))


def index_vector(value: ArrayLike, where: str, *, length: int | None = None) -> IndexArray:
    """Return ``value`` as a read-only contiguous int32 vector.

    Raises
    ------
    EconomyError
        If the value is not made of integers, not 1-d, not of the length demanded, or an integer
        does not fit into 32 bits.
    """
    array = plain_numbers(value, where)
    if array.size == 0:
        array = array.astype(np.int32)  # an empty list is float64 to NumPy
    if array.dtype.kind not in "iu":
        raise EconomyError(f"{where}: expected integer indices, got dtype {array.dtype}")
    _check_shape(array, where, length)
    if array.size and max(int(array.max()), -int(array.min())) > _INT32_MAX:
        raise EconomyError(f"{where}: expected indices below 2**31, got {array.max()}")
    return frozen(np.ascontiguousarray(array, dtype=np.int32))


def _check_shape(array: NDArray[Any], where: str, length: int | None) -> None:
    expected = "a vector" if length is None else f"shape ({length:,},)"
    if array.ndim != 1 or (length is not None and array.shape[0] != length):
        raise EconomyError(f"{where}: expected {expected}, got shape {array.shape}")


def csr_matrix(
    value: MatrixLike,
    where: str,
    *,
    shape: tuple[int | None, int | None] = (None, None),
    row_name: Callable[[int], str] = str,
) -> sp.csr_array:
    """Return ``value`` as a read-only CSR array: float64, int32, sorted rows, no duplicates.

    Parameters
    ----------
    value : array_like or sparse
        Dense 2-d numbers, whose zeros are absent entries, or any SciPy sparse matrix, whose
        explicit zeros are kept (and judged with the content).
    where : str
        Name for error messages.
    shape : (rows, columns)
        Demanded shape; None where any number will do.
    row_name : callable
        Name of a row for error messages.

    Raises
    ------
    EconomyError
        If the value is not 2-d, not real, not of the demanded shape, has duplicate entries or
        indices outside its shape, or more than 2**31 - 1 entries.
    """
    matrix = _as_csr(value, where)
    rows, columns = matrix.shape
    for expected, got in zip(shape, matrix.shape, strict=True):
        if expected is not None and expected != got:
            demanded = tuple("any" if size is None else size for size in shape)
            raise EconomyError(f"{where}: expected shape {demanded}, got {matrix.shape}")
    if matrix.data.dtype.kind not in "fiu":
        raise EconomyError(f"{where}: expected real numbers, got dtype {matrix.data.dtype}")
    _check_compressed(matrix, where)
    data, indices, indptr = _compressed_arrays(matrix)
    out = _share_csr(data, indices, indptr, (rows, columns))
    if not out.has_sorted_indices:
        out = _share_csr(data.copy(), indices.copy(), indptr, (rows, columns), writeable=True)
        out.sort_indices()
        out = _share_csr(out.data, out.indices, out.indptr, (rows, columns))
    if not out.has_canonical_format:
        _raise_duplicates(out, where, row_name)
    return out


def _as_csr(value: MatrixLike, where: str) -> sp.csr_array:
    if not sp.issparse(value):
        array = plain_numbers(value, where)
        if array.ndim != 2:
            raise EconomyError(f"{where}: expected a matrix (2-d), got shape {array.shape}")
        return sp.csr_array(array)
    if value.ndim != 2:
        raise EconomyError(f"{where}: expected a matrix (2-d), got shape {value.shape}")
    if value.format == "coo":
        matrix = _coo_to_csr(value, where)
    elif value.format == "bsr":
        matrix = value.tocsr()
        matrix.eliminate_zeros()  # padding of the blocks, not entries that someone wrote
    else:
        matrix = value if value.format == "csr" else value.tocsr()
    return matrix


def _coo_to_csr(value: Any, where: str) -> Any:
    """Convert without summing duplicates, which SciPy would do in silence."""
    matrix = value.tocsr()
    if matrix.nnz < value.nnz:
        order = np.lexsort((value.col, value.row))
        row, col = value.row[order], value.col[order]
        twice = np.flatnonzero((row[1:] == row[:-1]) & (col[1:] == col[:-1]))
        pairs = (f"(row {row[k]}, good {col[k]})" for k in twice)
        raise EconomyError(f"{where}: duplicate entries {list_some(pairs, twice.size)}")
    return matrix


def _check_compressed(matrix: Any, where: str) -> None:
    """Check pointers and indices before any compiled code follows them."""
    indptr, indices = matrix.indptr, matrix.indices
    rows, columns = matrix.shape
    if indices.size > _INT32_MAX or columns > _INT32_MAX:
        raise EconomyError(
            f"{where}: expected fewer than 2**31 entries, got {indices.size:,}; split the family"
        )
    if indptr.shape != (rows + 1,) or indptr[0] != 0 or (np.diff(indptr) < 0).any():
        raise EconomyError(f"{where}: expected row pointers that start at 0 and never fall")
    if indptr[-1] > min(indices.size, matrix.data.size):
        raise EconomyError(
            f"{where}: row pointers end at {indptr[-1]:,} but there are {indices.size:,} indices "
            f"and {matrix.data.size:,} values"
        )
    used = indices[: indptr[-1]]
    if used.size and (int(used.min()) < 0 or int(used.max()) >= columns):
        bad = int(used.min()) if int(used.min()) < 0 else int(used.max())
        raise EconomyError(f"{where}: expected good indices from 0 to {columns - 1}, got {bad}")


def _compressed_arrays(matrix: Any) -> tuple[FloatArray, IndexArray, IndexArray]:
    """Return data, indices and indptr in the stored types; shared where they already are."""
    nnz = int(matrix.indptr[-1])
    return (
        np.ascontiguousarray(matrix.data[:nnz], dtype=np.float64),
        np.ascontiguousarray(matrix.indices[:nnz], dtype=np.int32),
        np.ascontiguousarray(matrix.indptr, dtype=np.int32),
    )


def _share_csr(
    data: FloatArray,
    indices: IndexArray,
    indptr: IndexArray,
    shape: tuple[int, int],
    *,
    writeable: bool = False,
) -> sp.csr_array:
    """Build a CSR array on these very arrays (read-only views unless ``writeable``)."""
    if not writeable:
        data, indices, indptr = frozen(data), frozen(indices), frozen(indptr)
    return sp.csr_array((data, indices, indptr), shape=shape, copy=False)


def with_data(matrix: sp.csr_array, data: FloatArray) -> sp.csr_array:
    """Return a CSR array with the pattern of ``matrix`` (shared) and other values."""
    return _share_csr(data, matrix.indices, matrix.indptr, matrix.shape)


def _raise_duplicates(matrix: sp.csr_array, where: str, row_name: Callable[[int], str]) -> None:
    same = matrix.indices[1:] == matrix.indices[:-1]
    starts = matrix.indptr[1:-1]
    starts = starts[(starts > 0) & (starts < matrix.nnz)]
    same[starts - 1] = False  # equal across the border of two rows is no duplicate
    twice = np.flatnonzero(same)
    pairs = (
        f"({row_name(int(row_of(matrix.indptr, k)))}, good {matrix.indices[k]})" for k in twice
    )
    raise EconomyError(f"{where}: duplicate entries {list_some(pairs, twice.size)}")


def row_of(indptr: IndexArray, entry: Any) -> Any:
    """Return the row that holds each entry (int or array of positions)."""
    return np.searchsorted(indptr, entry, side="right") - 1


def row_index(indptr: IndexArray) -> IndexArray:
    """Return the row of every entry, (entries,) int32."""
    return np.repeat(np.arange(indptr.size - 1, dtype=np.int32), np.diff(indptr))


def weighted_count(cell: NDArray[np.integer[Any]], weight: FloatArray, size: int) -> FloatArray:
    """Return the sum of the weights in each cell, (size,) float64, added in the order given."""
    sums: FloatArray = np.bincount(cell, weight, size).astype(np.float64, copy=False)
    return sums


def row_sums(indptr: IndexArray, data: FloatArray) -> FloatArray:
    """Return the sum of each row, (rows,); an empty row sums to 0."""
    rows = indptr.size - 1
    pattern = sp.csr_array(
        (data, np.zeros(data.size, dtype=np.int32), indptr), shape=(rows, 1), copy=False
    )
    return np.asarray(pattern @ np.ones(1))
