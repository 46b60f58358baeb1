"""Sparse rows of quantities, one per council, replaced one at a time or many at once."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray

_LEAST = 256


def doubled(array: NDArray, length: int) -> NDArray:
    """The array, or a copy of at least twice its length that can hold `length`, padded with 0."""
    if length <= len(array):
        return array
    grown = np.zeros(max(length, 2 * len(array), _LEAST), dtype=array.dtype)
    grown[: len(array)] = array
    return grown


class Rows:
    """Quantities by council and good.

    A row is a stretch of two long arrays; a new one is written behind the last, and the stretches
    that nobody refers to any more are squeezed out when the arrays are full.
    """

    def __init__(self, n_goods: int) -> None:
        self._n_goods = n_goods
        self._start: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._length: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._good: IndexArray = np.zeros(0, dtype=np.int32)
        self._quantity: FloatArray = np.zeros(0)
        self._end = 0

    def reserve(self, count: int) -> None:
        """Make place for `count` councils; the new ones have empty rows."""
        self._start = doubled(self._start, count)
        self._length = doubled(self._length, count)

    def put(self, councils: NDArray[np.int64], rows: sp.csr_array) -> None:
        """Replace the rows of these councils (k,), each named once, by those of a (k, n) CSR."""
        if self._end + rows.nnz > len(self._good):
            self._squeeze(rows.nnz)
        end = self._end + rows.nnz
        self._good[self._end : end] = rows.indices
        self._quantity[self._end : end] = rows.data
        self._start[councils] = self._end + rows.indptr[:-1]
        self._length[councils] = np.diff(rows.indptr)
        self._end = end

    def take(self, councils: NDArray[np.int64]) -> sp.csr_array:
        """The rows of these councils (k,) in this order, (k, n) CSR, a copy."""
        length = self._length[councils]
        indptr = np.concatenate([[0], np.cumsum(length)])
        position = np.arange(indptr[-1]) + np.repeat(self._start[councils] - indptr[:-1], length)
        return sp.csr_array(
            (self._quantity[position], self._good[position], indptr),
            shape=(len(councils), self._n_goods),
        )

    def _squeeze(self, more: int) -> None:
        """Move all rows to arrays with place for as many entries again as will then be used."""
        alive = self.take(np.arange(len(self._start)))
        size = max(2 * (alive.nnz + more), _LEAST)
        self._good, self._quantity = np.zeros(size, dtype=np.int32), np.zeros(size)
        self._end = alive.nnz
        self._good[: alive.nnz], self._quantity[: alive.nnz] = alive.indices, alive.data
        self._start = alive.indptr[:-1].astype(np.int64)


def same_rows(a: sp.csr_array, b: sp.csr_array) -> NDArray[np.bool_]:
    """(k,) whether rows are equal, entry by entry; both canonical, without zeros."""
    length = np.diff(a.indptr)
    same = length == np.diff(b.indptr)
    a, b = a[np.flatnonzero(same)], b[np.flatnonzero(same)]
    differs = np.concatenate([[0], np.cumsum((a.indices != b.indices) | (a.data != b.data))])
    same[same] = differs[a.indptr[1:]] == differs[a.indptr[:-1]]
    return np.asarray(same)


def summed(rows: sp.csr_array) -> FloatArray:
    """(n,) sum over rows, added in the order in which they stand."""
    total: FloatArray = np.bincount(rows.indices, rows.data, rows.shape[1]).astype(np.float64)
    return total
