"""The linear system of prices where few goods are coupled with each other: Cholesky by fronts.

What is known before numbers are (`Programme`) is made once and kept; a factorisation adds the rows
of all terms straight into dense fronts (`_kernels/fronts.pyx`). The n x n matrix never exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon._kernels import cholesky
from parecon._kernels.fronts import Fronts
from parecon.curvature import Curvature
from parecon.elimination import Elimination, entries_of, front_cost
from parecon.linear_solve import FactoredSystem, Poll
from parecon.threads import threads_for

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_TASKS = 64  # a subtree that takes less than this part of the whole is left to one thread
_TILES = 2  # between polls
_NS = 1e9  # in a second


@dataclass(frozen=True)
class Programme:
    """Which fronts are whose, and where their numbers go.

    tasks : (T, 2) first front, and one past the last, of each subtree that one thread does.
    above : (U,) the other fronts, in order, each done by all threads.
    factor_at, left_at : (F,) where lines of the factor and contributions stand.
    factor_size, left_size : numbers in both.
    """

    tasks: Ints
    above: Ints
    factor_at: Ints
    left_at: Ints
    factor_size: int
    left_size: int

    @classmethod
    def of(cls, elimination: Elimination) -> Programme:
        """Share fronts out, and give each a place."""
        pivots, size, parent = elimination.pivots, elimination.size, elimination.parent
        cost = front_cost(pivots.astype(float), size.astype(float))
        below = cost.tolist()
        first = np.arange(len(parent)).tolist()
        for s, p in enumerate(parent.tolist()):
            if p >= 0:
                below[p] += below[s]
                first[p] = min(first[p], first[s])
        total = np.array(below)
        small = total <= np.sum(cost) / _TASKS
        top = small & ~np.where(parent >= 0, small[parent], False)
        last = np.flatnonzero(top)
        tasks = np.stack([np.array(first, dtype=np.int64)[last], last + 1], axis=1)
        above = np.flatnonzero(~small)
        left_at, left_size = _stacked(elimination, tasks, above)
        ends = np.cumsum(pivots * size)
        return cls(
            tasks, above, ends - pivots * size, left_at, int(np.sum(pivots * size)), left_size
        )


def _stacked(elimination: Elimination, tasks: Ints, above: Ints) -> tuple[Ints, int]:
    """Contributions on one stack per subtree, and one for the fronts above.

    A front's children are used up when its own contribution is put where the first of theirs was.
    """
    square = ((elimination.size - elimination.pivots) ** 2).tolist()
    children: list[list[int]] = [[] for _ in square]
    for s, p in enumerate(elimination.parent.tolist()):
        if p >= 0:
            children[p].append(s)
    at, peak = [0] * len(square), 0
    for group in [*(range(begin, end) for begin, end in tasks.tolist()), above.tolist()]:
        top, member = peak, set(group)
        for s in group:
            own = [at[c] for c in children[s] if c in member]
            at[s] = min(own, default=top)
            top = at[s] + square[s]
            peak = max(peak, top)
    return np.array(at, dtype=np.int64), peak


class SparseSystem(FactoredSystem):
    """Cholesky factor by fronts, refined against the operator it came from.

    cost : float, nanoseconds that one thread takes for a factor, as counted.
    """

    def __init__(self, elimination: Elimination, n_threads: int) -> None:
        self.elimination, self.n_threads = elimination, n_threads
        self.programme = programme = Programme.of(elimination)
        self.factor = np.empty(programme.factor_size)
        self.cost = _NS * elimination.cost()
        parent = elimination.parent
        has = np.flatnonzero(parent >= 0)
        child = has[np.argsort(parent[has], kind="stable")]
        begin = np.concatenate([[0], np.cumsum(np.bincount(parent[has], minlength=len(parent)))])
        front = np.repeat(np.arange(len(parent)), np.diff(elimination.beyond))
        self.fronts = Fronts(
            elimination.first, elimination.beyond, elimination.boundary,
            elimination.in_front(parent[front], elimination.boundary),
            begin.astype(np.int64), child, programme.factor_at, programme.left_at,
            self.factor, np.empty(max(programme.left_size, 1)),
        )  # fmt: skip
        self._place_rows()
        size = elimination.size
        largest = [int(np.max(size[a:b])) for a, b in programme.tasks.tolist()]
        self.work = np.empty((n_threads, max(largest, default=1) ** 2))
        shared = [int(size[s]) for s in programme.above if size[s] > elimination.pivots[s]]
        self.front = np.empty(max(shared, default=0) ** 2)
        self.boundary = np.empty(int(np.max(size, initial=1)))

    def suits(self, curvature: Curvature) -> bool:
        """Whether the rows of this curvature couple the same goods."""
        return self.elimination.cliques.fits([term.rows for term in curvature.terms])

    def _place_rows(self) -> None:
        """Order rows by their fronts and their entries by places."""
        e, n = self.elimination, len(self.elimination.place)
        rows, entries, goods, outs = [], [], [], []
        n_rows = n_values = 0
        for part in e.cliques.rows:
            row, entry = entries_of(part)
            rows.append(row + n_rows)
            entries.append(entry + n_values)
            goods.append(part.idx[entry].astype(np.int64))
            outs.append(part.out if len(part.out) else np.full(len(part), -1, dtype=np.int32))
            n_rows, n_values = n_rows + len(part), n_values + len(part.idx)
        row, good, out = (_joined(part) for part in (rows, goods, outs))
        front = e.front_of_row
        self.row_order = np.argsort(front, kind="stable")[np.count_nonzero(front < 0) :]
        rank = np.empty(n_rows, dtype=np.int64)
        rank[self.row_order] = np.arange(len(self.row_order))
        order = np.argsort(rank[row] * n + e.place[good])
        self.entry, self.good = _joined(entries)[order], good[order]
        row = rank[row[order]]
        front, self.out = front[self.row_order], out[self.row_order]
        made = np.maximum(self.out, 0)
        at_out = np.where(self.out >= 0, e.in_front(front, e.place[made]), -1)
        counts = np.bincount(row, minlength=len(self.row_order))
        self.fronts.take_rows(
            np.searchsorted(front, np.arange(e.n_fronts + 1)),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            e.in_front(front[row], e.place[self.good]).astype(np.int32),
            at_out.astype(np.int32),
        )

    def _prepare(self, curvature: Curvature) -> None:
        """Values and weights of the rows, scaled to a unit diagonal."""
        diagonal = curvature.full_diagonal()
        # a good without curvature stands apart with a step of zero; nan goes on to where it is
        # noticed
        alone = diagonal <= 1e-300
        self.scale = np.where(alone, 0.0, 1.0 / np.sqrt(np.where(alone, 1.0, diagonal)))
        values = _joined([term.val for term in curvature.terms], np.float64)
        self.value = values[self.entry] * self.scale[self.good]
        parts = [
            np.stack(
                [
                    term.alpha_in if len(term.alpha_in) else np.zeros(len(term.rows)),
                    term.alpha_out if len(term.alpha_out) else np.zeros(len(term.rows)),
                    term.out_weight if len(term.out_weight) else np.ones(len(term.rows)),
                ]
            )
            for term in curvature.terms
        ]
        whole = np.concatenate([np.empty((3, 0)), *parts], axis=1)
        self.weight = np.ascontiguousarray(whole[:, self.row_order])
        self.weight[2] *= np.where(self.out >= 0, self.scale[np.maximum(self.out, 0)], 0.0)
        scaled = curvature.diagonal * self.scale**2 + alone
        self.diagonal = scaled[self.elimination.order]

    def _try(self, shift: float, poll: Poll) -> bool:
        """Factorise with so much added to the unit diagonal; whether it worked."""
        diagonal, e, fronts = self.diagonal + shift, self.elimination, self.fronts
        threads = threads_for(self.cost, self.n_threads)
        if fronts.subtrees(
            self.programme.tasks, self.value, self.weight, diagonal, self.work, threads
        ):
            return False
        for s in self.programme.above.tolist():
            poll()
            pivots, size = int(e.pivots[s]), int(e.size[s])
            at = int(self.programme.factor_at[s])
            last = pivots == size
            matrix = (self.factor[at:] if last else self.front)[: size**2].reshape(size, size)
            threads = threads_for(_NS * front_cost(pivots, size), self.n_threads)
            fronts.assemble(s, self.value, self.weight, diagonal, matrix, threads)
            for tile in range(0, cholesky.tile_count(pivots), _TILES):
                if cholesky.eliminate(matrix, pivots, tile, tile + _TILES, threads):
                    return False
                poll()
            if not last:
                fronts.store(s, matrix)
        return True

    def _apply_factor(self, rhs: Array) -> Array:
        x = (self.scale * rhs)[self.elimination.order]
        self.fronts.solve(x, self.boundary)
        solution = np.empty_like(x)
        solution[self.elimination.order] = x
        solution *= self.scale
        return solution


def _joined(parts: list[NDArray], dtype: type = np.int64) -> NDArray:
    return np.concatenate([np.empty(0, dtype=dtype), *parts])
