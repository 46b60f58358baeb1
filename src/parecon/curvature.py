"""Curvature of the dual in price space: a diagonal plus rank-one terms over sparse rows.

Every family describes its curvature P H P (P = diag(price), money) as

    diag(d) + sum_j [ alpha_out_j f_j f_j' + alpha_in_j g_j g_j' ],    f_j = w_j e_o(j) - g_j ,

so that products, diagonals and the dense matrix are written once, here, whatever the family. The
sums use a number of blocks fixed by the data alone: the same bits for any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from parecon._kernels import rows as kernel
from parecon.threads import threads_for

Array = NDArray[np.float64]
# By good: bounds (n + 1,) in the next two, rows that hold it, their entries; bounds (n + 1,) in the
# last, or (0,) without outputs, rows that make it.
Members = tuple[
    NDArray[np.int64],
    NDArray[np.int32],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int32],
]

NONE = np.empty(0)
NO_GOOD = np.empty(0, dtype=np.int32)
_MAX_BLOCKS = 16
# Nanoseconds: a number set to zero or added in line, a product of two entries of a row.
_CLEARING, _PAIR = 0.5, 0.5
_BAND = (64, 256)


def _none() -> Array:
    return NONE


def _blocks(start: NDArray[np.int64], stop: NDArray[np.int64], n_goods: int) -> NDArray[np.int64]:
    """(blocks + 1,) bounds of row blocks with about equal numbers of entries."""
    # A block costs n additions at the end: with few entries per good more blocks cost more than
    # they save.
    in_line = len(start) > 0 and start[0] == 0 and np.array_equal(start[1:], stop[:-1])
    entries = stop if in_line else np.cumsum(stop - start)
    total = int(entries[-1]) if len(entries) else 0
    count = int(np.clip(total // max(1, 4 * n_goods), 1, _MAX_BLOCKS))
    inner = np.searchsorted(entries, np.arange(1, count) * (total / count))
    return np.concatenate([[0], inner, [len(start)]]).astype(np.int64)


class Scratch:
    """Buffers shared by all sums of one solver: one line of partial sums per block.

    n_goods : int, number of goods n.
    n_threads : int, threads the kernels may use.
    """

    def __init__(self, n_goods: int, n_threads: int) -> None:
        self.n_goods = n_goods
        self.n_threads = n_threads
        self._buffer = np.empty(0)

    def partial(self, blocks: int, width: int) -> Array:
        """(blocks, width) zeros, valid until the next call."""
        if self._buffer.size < blocks * width:
            self._buffer = np.empty(blocks * width)
        view = self._buffer[: blocks * width].reshape(blocks, width)
        kernel.clear_partial(view, self.threads_for(_CLEARING * view.size))
        return view

    def add(self, partial: Array, total: Array) -> None:
        """Add the lines of `partial` to `total`, in order."""
        kernel.add_partial(partial, total, self.threads_for(_CLEARING * partial.size))

    def threads_for(self, work: float) -> int:
        """Threads worth waking for so many nanoseconds of work."""
        return threads_for(work, self.n_threads)


class Rows:
    """Where the entries of a family's rows stand; values are passed to each sum.

    start, stop : (m,) int64, entries of row j are start[j]:stop[j]; ranges may overlap.
    idx : (nnz,) int32, good of each entry.
    out : (m,) int32 output good of each row (-1 for none), or length 0 where no row has one.
    pairs : float, ordered pairs of entries of a row, once `members` has been asked for.
    """

    def __init__(
        self,
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        idx: NDArray[np.int32],
        scratch: Scratch,
        out: NDArray[np.int32] = NO_GOOD,
    ) -> None:
        self.start, self.stop, self.idx, self.out = start, stop, idx, out
        self.scratch = scratch
        self.block = _blocks(start, stop, scratch.n_goods)
        self._entries = int(stop.sum() - start.sum())
        self._members: Members | None = None
        self.pairs = 0.0

    @classmethod
    def from_indptr(
        cls,
        indptr: NDArray[np.int32] | NDArray[np.int64],
        idx: NDArray[np.int32],
        scratch: Scratch,
        out: NDArray[np.int32] = NO_GOOD,
    ) -> Rows:
        """Rows of a CSR pattern."""
        indptr = np.ascontiguousarray(indptr, dtype=np.int64)
        return cls(indptr[:-1], indptr[1:], np.ascontiguousarray(idx, dtype=np.int32), scratch, out)

    @property
    def blocks(self) -> int:
        """Number of row blocks."""
        return len(self.block) - 1

    def __len__(self) -> int:
        return len(self.start)

    def threads(self, each: float = 1.0) -> int:
        """Threads for one pass over the rows at so many nanoseconds for each row and entry."""
        return self.scratch.threads_for(each * (self._entries + len(self)))

    def dot(self, val: Array, z: Array) -> Array:
        """(m,) sum over each row of val * z[good]; outputs are not included."""
        result = np.empty(len(self))
        kernel.dot(self.start, self.stop, self.idx, val, z, result, self.threads())
        return result

    def scatter(self, val: Array, weight: Array, total: Array) -> None:
        """Add sum_j weight_j val_j to `total` (n,)."""
        s = self.scratch
        partial = s.partial(self.blocks, s.n_goods)
        kernel.scatter(
            self.block, self.start, self.stop, self.idx, val, weight, partial, self.threads()
        )
        s.add(partial, total)

    def scatter_signed(self, val: Array, weight: Array, used: Array, made: Array) -> None:
        """Add what rows use to `used` and what they make to `made`.

        What they use has val < 0 and is added as positive numbers.
        """
        s = self.scratch
        partial = s.partial(self.blocks, 2 * s.n_goods)
        kernel.scatter_signed(
            self.block, self.start, self.stop, self.idx, val, weight, partial, self.threads()
        )
        both = np.zeros(2 * s.n_goods)
        s.add(partial, both)
        used += both[: s.n_goods]
        made += both[s.n_goods :]

    def members(self) -> Members:
        """For each band of goods the rows and entries that hold them; for each good its makers.

        Built once.
        """
        if self._members is None:
            self._members = (*self._holders(), *self._makers())
            self.pairs = float(np.sum((self.stop - self.start) ** 2))
        return self._members

    def _holders(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        """Runs of consecutive entries of a row within one band of goods, by band."""
        length = self.stop - self.start
        row = np.repeat(np.arange(len(self), dtype=np.int32), length)
        offset = np.cumsum(length) - length
        entry = np.arange(len(row), dtype=np.int64) + np.repeat(self.start - offset, length)
        band = self.idx[entry] // np.int32(self.band)
        opens = np.ones(len(row), dtype=bool)
        opens[1:] = (band[1:] != band[:-1]) | (row[1:] != row[:-1])
        row, entry, band = row[opens], entry[opens], band[opens]
        order = np.argsort(band, kind="stable")
        return _pointer(band, -(-self.scratch.n_goods // self.band)), row[order], entry[order]

    @property
    def band(self) -> int:
        """Goods per band: lines of the dense curvature that one thread fills at a time.

        Wide enough that a row is read for many of its goods, narrow enough for the lines to stay
        in cache and for the bands to share among threads.
        """
        return int(np.clip(self.scratch.n_goods // 8, *_BAND))

    def _makers(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        if not len(self.out):
            return np.empty(0, dtype=np.int64), NO_GOOD
        makes = np.flatnonzero(self.out >= 0).astype(np.int32)
        good = self.out[makes]
        order = np.argsort(good, kind="stable")
        return _pointer(good, self.scratch.n_goods), makes[order]


def _pointer(group: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """(count + 1,) where each group begins when its members stand in order."""
    pointer = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=count), out=pointer[1:])
    return pointer


@dataclass(frozen=True)
class Term:
    """Rank-one terms of one family at one set of prices.

    val : (nnz,) entries g of the rows, money or shares.
    alpha_in, alpha_out : (m,) weights, length 0 for none.
    out_weight : (m,) w, length 0 for one.
    """

    rows: Rows
    val: Array
    alpha_in: Array = field(default_factory=_none)
    alpha_out: Array = field(default_factory=_none)
    out_weight: Array = field(default_factory=_none)

    def add_product(self, z: Array, total: Array) -> None:
        """total += term @ z."""
        r, s = self.rows, self.rows.scratch
        partial = s.partial(r.blocks, s.n_goods)
        kernel.curvature_product(
            r.block, r.start, r.stop, r.idx, self.val, self.alpha_in, self._out, self.out_weight,
            self.alpha_out, z, partial, r.threads(2.0),
        )  # fmt: skip
        s.add(partial, total)

    def add_diagonal(self, total: Array) -> None:
        """total += diagonal of the term."""
        r, s = self.rows, self.rows.scratch
        partial = s.partial(r.blocks, s.n_goods)
        kernel.curvature_diagonal(
            r.block, r.start, r.stop, r.idx, self.val, self.alpha_in, self._out, self.out_weight,
            self.alpha_out, partial, r.threads(),
        )  # fmt: skip
        s.add(partial, total)

    def add_dense(self, dense: Array) -> None:
        """Add the term to `dense`, each pair of goods once (see `Curvature.fill`)."""
        r = self.rows
        member, member_row, member_entry, maker, maker_row = r.members()
        out = self._out
        kernel.curvature_dense(
            member, member_row, member_entry, r.band, maker if len(out) else maker[:0], maker_row,
            r.stop, r.start, r.idx, self.val, self.alpha_in, out, self.out_weight, self.alpha_out,
            dense, r.scratch.threads_for(_PAIR * r.pairs),
        )  # fmt: skip

    def scaled(self, factor: Array) -> Term:
        """F term F with F = diag(factor), (n,) > 0."""
        weight = self.out_weight
        if len(self._out):
            made = np.where(self._out >= 0, factor[self._out], 1.0)
            weight = made * weight if len(weight) else made
        return replace(self, val=self.val * factor[self.rows.idx], out_weight=weight)

    @property
    def _out(self) -> NDArray[np.int32]:
        return self.rows.out if len(self.alpha_out) else NO_GOOD


class Curvature:
    """Sum of all families' curvature at one set of prices, as an operator and as a matrix.

    diagonal : (n,) float64, money, the families' diagonal parts and whatever the solver adds.
    terms : list of Term.
    """

    def __init__(self, n_goods: int) -> None:
        self.diagonal = np.zeros(n_goods)
        self.terms: list[Term] = []

    def add(self, other: Curvature) -> None:
        """Add another curvature to this one."""
        self.diagonal += other.diagonal
        self.terms += other.terms

    def scaled(self, ratio: Array) -> Curvature:
        """sqrt(R) curvature sqrt(R) with R = diag(ratio), (n,) > 0."""
        result = Curvature(len(self.diagonal))
        result.diagonal = self.diagonal * ratio
        result.terms = [term.scaled(np.sqrt(ratio)) for term in self.terms]
        return result

    def product(self, z: Array) -> Array:
        """(n,) curvature @ z."""
        total = self.diagonal * z
        for term in self.terms:
            term.add_product(z, total)
        return total

    def full_diagonal(self) -> Array:
        """(n,) diagonal of the whole curvature."""
        total = self.diagonal.copy()
        for term in self.terms:
            term.add_diagonal(total)
        return total

    def fill(self, out: Array) -> None:
        """Write the terms into `out` (n, n), each pair of goods once on either side.

        The diagonal part is not in it.
        """
        out.fill(0.0)
        for term in self.terms:
            term.add_dense(out)

    def dense_cost(self) -> float:
        """Number of multiply-adds that `dense` takes, without the folding."""
        return float(
            sum(np.sum((t.rows.stop - t.rows.start).astype(float) ** 2) for t in self.terms)
        )
