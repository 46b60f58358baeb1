"""Sparse rows over goods for the kernel tests, with every shape that has to work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

THREADS = (1, 2, 7)


@dataclass(frozen=True)
class RowCase:
    """Rows as the kernels take them, read-only. Ranges may overlap; out -1 is a row without output,
    and `out` of length 0 a family without."""

    n: int
    start: np.ndarray
    stop: np.ndarray
    idx: np.ndarray
    val: np.ndarray
    out: np.ndarray
    block: np.ndarray

    @property
    def m(self):
        return len(self.start)

    @property
    def indptr(self):
        return read_only(np.append(self.start, self.stop[-1:] if self.m else 0).astype(np.int64))


def read_only(array):
    """A copy not to be written to: kernels take their inputs as they are in an Economy."""
    array = np.array(array, order="C")
    array.setflags(write=False)
    return array


def blocks_of(m, count):
    """(count + 1,) bounds of row blocks, some of them empty when there are few rows."""
    return read_only(np.linspace(0, m, count + 1).astype(np.int64))


def rows_of_lengths(rng, n, lengths, *, out=None, blocks=5):
    """Rows with different goods in each, values of both signs."""
    lengths = np.asarray(lengths, dtype=np.int64)
    goods = [rng.permutation(n)[:k] for k in lengths]
    idx = np.concatenate([*goods, np.empty(0, dtype=np.int64)]).astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return RowCase(
        n,
        read_only(indptr[:-1]),
        read_only(indptr[1:]),
        read_only(idx),
        read_only(rng.normal(size=len(idx))),
        read_only(np.asarray([] if out is None else out, dtype=np.int32)),
        blocks_of(len(lengths), blocks),
    )


def _overlapping(rng):
    """Nodes of trees: the whole row, its first half, one entry, and again the whole row."""
    whole = rows_of_lengths(rng, 9, [6, 4])
    start = np.array([0, 0, 2, 0, 6, 7], dtype=np.int64)
    stop = np.array([6, 3, 3, 6, 10, 7], dtype=np.int64)
    return RowCase(
        9,
        read_only(start),
        read_only(stop),
        whole.idx,
        whole.val,
        read_only(np.array([3, -1, 2, 8, 0, 1], dtype=np.int32)),
        blocks_of(6, 3),
    )


def _own_use(rng):
    """Every row uses what it makes."""
    case = rows_of_lengths(rng, 6, [3, 1, 6, 2])
    return RowCase(
        6, case.start, case.stop, case.idx, case.val, read_only(case.idx[case.start]), case.block
    )


def row_cases():
    """Name -> case; the same on every call."""
    rng = np.random.default_rng(20)
    many = rng.integers(0, 12, 500)
    return {
        "many rows": rows_of_lengths(rng, 40, many, out=rng.integers(0, 40, 500), blocks=16),
        "consumers, no outputs": rows_of_lengths(rng, 7, [3, 5, 1, 7]),
        "some rows without output": rows_of_lengths(rng, 5, [2, 3, 4, 5], out=[-1, 0, 4, -1]),
        "empty rows": rows_of_lengths(rng, 5, [0, 3, 0, 0, 2, 0], out=[1, 2, -1, 0, 3, 4]),
        "only empty rows": rows_of_lengths(rng, 5, [0, 0, 0], out=[1, 2, 1]),
        "one good": rows_of_lengths(rng, 1, [1, 0, 1], out=[-1, 0, 0]),
        "one row": rows_of_lengths(rng, 4, [4], out=[2]),
        "no rows": rows_of_lengths(rng, 4, []),
        "own use": _own_use(rng),
        "overlapping ranges": _overlapping(rng),
    }


def same_for_all_threads(run):
    """run(1), having checked that 2 and 7 threads (and a second go) give the same bits.

    `run` takes a number of threads and returns a tuple of fresh arrays.
    """
    first = run(1)
    for threads in (*THREADS, THREADS[-1]):
        for one, other in zip(first, run(threads), strict=True):
            assert one.tobytes() == other.tobytes(), f"other bits with {threads} threads"
    return first


def summed(partial):
    """Lines of partial sums added up in long double: what `add_partial` should come to."""
    return partial.astype(np.longdouble).sum(axis=0).astype(float)
