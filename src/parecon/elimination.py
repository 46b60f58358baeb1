"""How to eliminate the goods of a sparse curvature: order, fronts, and what it will cost.

A row of a term couples all its goods: it is a clique of the matrix. Goods are eliminated by
approximate minimum degree (`_kernels/elimination.pyx`) until those left are as good as dense, and
joined to fronts: goods eliminated together, and the boundary of goods they leave coupled. A front
takes its rows and what the fronts below it left, and leaves its boundary to the one above (I. Duff
and J. Reid 1983, "The multifrontal solution of indefinite sparse symmetric linear equations", ACM
TOMS 9). In an economy over years capital couples within its industry: each industry is a small
front or a few, and the products of all years are the last, dense one. Nothing here knows that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from parecon._kernels.elimination import Quotient
from parecon.curvature import Rows

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Poll = Callable[[], None]
Number = TypeVar("Number", float, Array)

FULL = 0.4  # goods left are dense when the next pivot is coupled with this part of them
_STEPS = 4096  # between polls

# Seconds of one thread, to compare ways: only ratios matter.
_FLOP = 1.0 / 8e9
_ENTRY = 2e-9  # of a front's square: cleared, added to, copied
_FRONT = 1.5e-6


def dense_cost(n: int) -> float:
    """Seconds that a dense factor of n goods takes."""
    return front_cost(float(n), float(n))


def front_cost(pivots: Number, size: Number) -> Number:
    """Seconds that a front takes: `pivots` of its `size` goods are eliminated."""
    rest = size - pivots
    return (size**3 - rest**3) / 3.0 * _FLOP + size**2 * _ENTRY + _FRONT


@dataclass(frozen=True)
class Cliques:
    """Rows of all terms with their goods, the output among them: each good once.

    rows : the terms' rows, in order; row : (E,) int64, counted over all terms; good : (E,) int64,
    sorted by row and good; n_rows, n_goods : int.
    """

    rows: tuple[Rows, ...]
    row: Ints
    good: Ints
    n_rows: int
    n_goods: int

    @classmethod
    def of(cls, rows: Sequence[Rows], n_goods: int) -> Cliques:
        """Collect them."""
        keys, offset = [np.empty(0, dtype=np.int64)], 0
        for part in rows:
            row, entry = entries_of(part)
            keys.append((row + offset) * n_goods + part.idx[entry])
            if len(part.out):
                makes = np.flatnonzero(part.out >= 0)
                keys.append((makes + offset) * n_goods + part.out[makes])
            offset += len(part)
        key = np.unique(np.concatenate(keys))
        return cls(tuple(rows), key // n_goods, key % n_goods, offset, n_goods)

    def fits(self, rows: Sequence[Rows]) -> bool:
        """Whether these rows have the same goods, perhaps with other values."""
        return len(rows) == len(self.rows) and all(
            new is old
            or all(
                np.array_equal(getattr(new, name), getattr(old, name))
                for name in ("start", "stop", "idx", "out")
            )
            for new, old in zip(rows, self.rows, strict=True)
        )


def entries_of(rows: Rows) -> tuple[Ints, Ints]:
    """(row, entry) of every entry of every row; rows may share entries."""
    length = rows.stop - rows.start
    row = np.repeat(np.arange(len(rows), dtype=np.int64), length)
    before = np.cumsum(length) - length
    return row, np.arange(len(row), dtype=np.int64) + np.repeat(rows.start - before, length)


def couplings(rows: Sequence[Rows]) -> float:
    """Pairs of goods in the same row, counted once a row: no more entries has the matrix."""
    return float(sum(np.sum((part.stop - part.start + 1.0) ** 2) for part in rows))


@dataclass(frozen=True)
class Elimination:
    """Fronts in postorder: a front stands after all fronts below it, which are consecutive.

    place : (n,) where each good is eliminated; order : (n,) its inverse.
    first : (F + 1,) first place of each front's pivots.
    beyond : (F + 1,) where each front's boundary begins in `boundary`, places in ascending order.
    parent : (F,) the front that takes a front's boundary, -1 where there is none.
    front_of_row : (R,) front of each row, where its first good is eliminated; -1 for empty rows.
    """

    cliques: Cliques
    place: Ints
    order: Ints
    first: Ints
    beyond: Ints
    boundary: Ints
    parent: Ints
    front_of_row: Ints

    @property
    def n_fronts(self) -> int:
        """F"""
        return len(self.parent)

    @cached_property
    def pivots(self) -> Ints:
        """(F,) goods eliminated by each front."""
        return np.diff(self.first)

    @cached_property
    def size(self) -> Ints:
        """(F,) goods in each front, its boundary included."""
        return self.pivots + np.diff(self.beyond)

    def cost(self) -> float:
        """Seconds, by the same reckoning as `dense_cost`."""
        pivots, size = self.pivots.astype(float), self.size.astype(float)
        return float(np.sum(front_cost(pivots, size)))

    def entries(self) -> int:
        """Numbers in the factor."""
        return int(np.sum(self.pivots * self.size))

    def in_front(self, front: Ints, place: Ints) -> Ints:
        """Where in its front each of these goods stands, pivots first."""
        n = len(self.place)
        own = place < self.first[front + 1]
        keys = np.repeat(np.arange(self.n_fronts), np.diff(self.beyond)) * n + self.boundary
        at = np.searchsorted(keys, front * n + place) - self.beyond[front]
        return np.where(own, place - self.first[front], at + self.pivots[front])


def eliminate(cliques: Cliques, poll: Poll, full: float = FULL) -> Elimination:
    """Order the goods and join them to fronts."""
    n = cliques.n_goods
    length = np.bincount(cliques.row, minlength=cliques.n_rows)
    couples = length > 1
    start = np.concatenate([[0], np.cumsum(length[couples])])
    graph = Quotient(start, cliques.good[couples[cliques.row]].astype(np.int32), n)
    while not graph.eliminate(_STEPS, full):
        poll()
    step, parent, pivots, beyond = (np.asarray(part, dtype=np.int64) for part in graph.result())
    left = step < 0
    if left.any():
        # what is left is one dense front, above all that left it something
        parent[(parent < 0) & (beyond > 0)] = len(parent)
        step[left] = len(parent)
        parent, beyond = np.append(parent, -1), np.append(beyond, 0)
        pivots = np.append(pivots, np.count_nonzero(left))
    front, above = _join(parent, pivots, beyond)
    number, above = _postorder(front, above)
    return _fronts(cliques, number[step], above)


def _join(parent: Ints, pivots: Ints, beyond: Ints) -> tuple[Ints, Ints]:
    """Join steps with the one above where a larger front costs less than two.

    Returns the front of each step, named after its last step, and the parent of each of these.
    """
    width, bound = pivots.tolist(), beyond.tolist()
    above, joined = parent.tolist(), list(range(len(width)))
    for c, s in enumerate(above):
        if s < 0:
            continue
        one = front_cost(width[c] + width[s], width[c] + width[s] + bound[s])
        two = front_cost(width[c], width[c] + bound[c]) + front_cost(width[s], width[s] + bound[s])
        if one <= two:
            width[s] += width[c]
            joined[c] = s
    front = np.array(joined, dtype=np.int64)
    while True:
        further = front[front]
        if np.array_equal(further, front):
            break
        front = further
    return front, np.where(parent >= 0, front[parent], -1)


def _postorder(front: Ints, above: Ints) -> tuple[Ints, Ints]:
    """Number of each step's front in postorder, and the parents of the fronts so numbered."""
    kept = np.flatnonzero(front == np.arange(len(front)))
    size = np.ones(len(front), dtype=np.int64)
    for s in kept.tolist():
        if above[s] >= 0:
            size[above[s]] += size[s]
    # a front's subtree ends where it stands; later brothers stand nearer to the parent
    end, free, total = np.zeros(len(front), dtype=np.int64), size.copy(), len(kept)
    for s in kept[::-1].tolist():
        p = above[s]
        if p < 0:
            end[s], total = total, total - size[s]
        else:
            end[s] = end[p] - 1 - (size[p] - free[p])
            free[p] -= size[s]
    number = end - 1
    parent = np.full(len(kept), -1, dtype=np.int64)
    child = kept[above[kept] >= 0]
    parent[number[child]] = number[above[child]]
    return number[front], parent


def _fronts(cliques: Cliques, front: Ints, parent: Ints) -> Elimination:
    """Places, boundaries and the fronts of rows, from the front of each good."""
    n, n_fronts = cliques.n_goods, len(parent)
    order = np.argsort(front, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    first = np.zeros(n_fronts + 1, dtype=np.int64)
    np.cumsum(np.bincount(front, minlength=n_fronts), out=first[1:])
    at = place[cliques.good]
    front_of_row = np.full(cliques.n_rows, -1, dtype=np.int64)
    begins = np.flatnonzero(np.diff(cliques.row, prepend=-1))
    if len(begins):
        earliest = np.minimum.reduceat(at, begins)
        front_of_row[cliques.row[begins]] = front[order[earliest]]
    beyond, boundary = _boundaries(at, front_of_row[cliques.row], first, parent)
    return Elimination(cliques, place, order, first, beyond, boundary, parent, front_of_row)


def _boundaries(at: Ints, front: Ints, first: Ints, parent: Ints) -> tuple[Ints, Ints]:
    """Boundary of every front: later goods of its rows and of the boundaries below it.

    at, front : (E,) place of each entry of each row, and the row's front.
    """
    n_fronts, n = len(parent), int(first[-1])
    outside = at >= first[front + 1]
    key = np.unique(front[outside] * n + at[outside])
    own = np.searchsorted(key, np.arange(n_fronts + 1) * n)
    parts: list[list[Ints]] = [[] for _ in range(n_fronts)]
    found: list[Ints] = []
    for s in range(n_fronts):
        mine = key[own[s] : own[s + 1]] - s * n
        if parts[s]:
            mine = np.unique(np.concatenate([mine, *parts[s]]))
            mine = mine[np.searchsorted(mine, first[s + 1]) :]
            parts[s] = []
        found.append(mine)
        if len(mine):
            parts[parent[s]].append(mine)
    beyond = np.concatenate([[0], np.cumsum([len(part) for part in found])]).astype(np.int64)
    return beyond, np.concatenate([np.empty(0, dtype=np.int64), *found])
