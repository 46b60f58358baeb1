# cython: nonecheck=False
# (there the only None could be self, and looking for it would want the interpreter's lock back)
"""In which order to eliminate the goods of a sparse curvature: approximate minimum degree on cliques.

P. Amestoy, T. Davis and I. Duff (1996), "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17, in the
form that suits sums of rank-one terms: the goods of a row are a clique of the matrix, so the quotient graph begins with the rows
as its elements and never holds an edge between two goods. To eliminate a good joins all cliques that hold it into one. Goods in
the same cliques are one good from then on; a clique inside another goes; degrees are bounded from above by sizes of cliques.
"""

from libc.stdint cimport int32_t, int64_t

import numpy as np


cdef class Quotient:
    """The quotient graph while goods are eliminated.

    step (n,): the step that eliminated a good, -1 as long as none has; parent (steps,): the step whose pivot joins this step's
    clique with others, -1 for none yet; pivots, beyond (steps,): goods that a step eliminates, and others in the clique it leaves.
    """

    cdef public Py_ssize_t steps
    cdef Py_ssize_t n, m, left, least, pool_used, clock
    cdef object _kept
    # cliques: where their goods begin in `pool`, how many entries, how many goods they stand for, and whether they are gone
    cdef int64_t[::1] begin
    cdef int32_t[::1] length, size, gone, pool
    cdef int64_t[::1] seen, outside
    # goods: where their cliques begin in `held`, how many, how many goods they stand for (0: part of another, or eliminated)
    cdef int64_t[::1] hold, mark
    cdef int32_t[::1] held, count, weight, degree, joined
    # goods by degree and by hash, in linked lists
    cdef int32_t[::1] head, after, before, bucket, chain
    cdef int32_t[::1] own_step, own_parent, own_pivots, own_beyond

    def __cinit__(
        self,
        const int64_t[::1] start,        # IN  (m + 1,) where each clique's goods begin
        const int32_t[::1] good,         # IN  (entries,) goods, each once in a clique
        Py_ssize_t n,                    # IN  number of goods
    ):
        cdef Py_ssize_t m = start.shape[0] - 1, entries = good.shape[0], e, i, k, at
        cdef int64_t total
        self.n, self.m, self.left, self.steps, self.least, self.clock = n, m, n, 0, 0, 1
        self.begin = np.zeros(m + n + 1, dtype=np.int64)
        self.length = np.zeros(m + n + 1, dtype=np.int32)
        self.size = np.zeros(m + n + 1, dtype=np.int32)
        self.gone = np.zeros(m + n + 1, dtype=np.int32)
        self.seen = np.zeros(m + n + 1, dtype=np.int64)
        self.outside = np.zeros(m + n + 1, dtype=np.int64)
        # a pivot's clique is written before the ones it joins are given up: twice what there is
        self.pool = np.empty(2 * entries + n + 1, dtype=np.int32)
        self.hold = np.zeros(n + 1, dtype=np.int64)
        self.mark = np.zeros(n + 1, dtype=np.int64)
        self.held = np.empty(entries + 1, dtype=np.int32)
        self.count = np.zeros(n + 1, dtype=np.int32)
        self.weight = np.ones(n + 1, dtype=np.int32)
        self.degree = np.zeros(n + 1, dtype=np.int32)
        self.joined = np.full(n + 1, -1, dtype=np.int32)
        self.head, self.bucket = np.full(n + 1, -1, dtype=np.int32), np.full(n + 1, -1, dtype=np.int32)
        self.after, self.before = np.full(n + 1, -1, dtype=np.int32), np.full(n + 1, -1, dtype=np.int32)
        self.chain = np.full(n + 1, -1, dtype=np.int32)
        self.own_step = np.full(n, -1, dtype=np.int32)
        self.own_parent = np.full(n, -1, dtype=np.int32)
        self.own_pivots, self.own_beyond = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
        for k in range(entries):
            self.pool[k] = good[k]
            self.count[good[k]] += 1
        self.pool_used = entries
        for i in range(n):
            self.hold[i + 1] = self.hold[i] + self.count[i]
            self.count[i] = 0
        for e in range(m):
            self.begin[e] = start[e]
            self.length[e] = self.size[e] = start[e + 1] - start[e]
            for k in range(start[e], start[e + 1]):
                i = good[k]
                self.held[self.hold[i] + self.count[i]] = e
                self.count[i] += 1
        for i in range(n - 1, -1, -1):
            total = 0
            for at in range(self.hold[i], self.hold[i + 1]):
                total += self.length[self.held[at]] - 1
            self.degree[i] = min(total, n - 1)
            self.put(i)

    def eliminate(self, Py_ssize_t most, double full):
        """At most so many steps; true at the end: when what is left is dense.

        full: the part of the goods left that the next pivot's clique holds, from which they count as dense.
        """
        cdef Py_ssize_t stop = min(self.steps + most, self.n), p
        with nogil:
            while self.steps < stop and self.left > 0:
                while self.head[self.least] < 0:
                    self.least = self.least + 1
                p = self.head[self.least]
                if self.degree[p] >= full * (self.left - self.weight[p]):
                    break
                self.pivot(p)
        return self.steps < stop or self.left == 0

    def result(self):
        """(step, parent, pivots, beyond); goods never eliminated have step -1."""
        cdef Py_ssize_t i, root
        for i in range(self.n):
            root = i
            while self.joined[root] >= 0:
                root = self.joined[root]
            self.own_step[i] = self.own_step[root]
        cut = slice(0, self.steps)
        return (
            np.asarray(self.own_step), np.asarray(self.own_parent)[cut].copy(),
            np.asarray(self.own_pivots)[cut].copy(), np.asarray(self.own_beyond)[cut].copy(),
        )

    cdef void put(self, Py_ssize_t i) noexcept nogil:
        cdef int32_t d = self.degree[i], other = self.head[d]
        self.head[d] = i
        self.before[i] = -1
        self.after[i] = other
        if other >= 0:
            self.before[other] = i
        self.least = min(self.least, d)

    cdef void take(self, Py_ssize_t i) noexcept nogil:
        if self.before[i] >= 0:
            self.after[self.before[i]] = self.after[i]
        else:
            self.head[self.degree[i]] = self.after[i]
        if self.after[i] >= 0:
            self.before[self.after[i]] = self.before[i]

    cdef void give_up(self, Py_ssize_t e) noexcept nogil:
        """Clique e becomes part of this step's."""
        self.gone[e] = 1
        if e >= self.m:
            self.own_parent[e - self.m] = self.steps

    cdef void pivot(self, Py_ssize_t p) noexcept nogil:
        cdef Py_ssize_t new = self.m + self.steps, k, at, e
        cdef int64_t room = 0
        cdef int32_t pivots = self.weight[p], i
        for at in range(self.hold[p], self.hold[p] + self.count[p]):
            room += self.length[self.held[at]]
        if self.pool_used + room > self.pool.shape[0]:
            self.compact()
        self.take(p)
        self.weight[p] = 0
        self.own_step[p] = self.steps
        self.clock = self.clock + 1
        self.begin[new] = self.pool_used
        self.size[new] = 0
        for at in range(self.hold[p], self.hold[p] + self.count[p]):
            e = self.held[at]
            if self.gone[e]:
                continue
            for k in range(self.begin[e], self.begin[e] + self.length[e]):
                i = self.pool[k]
                if self.weight[i] > 0 and self.mark[i] != self.clock:
                    self.mark[i] = self.clock
                    self.pool[self.pool_used] = i
                    self.pool_used = self.pool_used + 1
                    self.size[new] += self.weight[i]
                    self.take(i)
            self.give_up(e)
        self.count_outside(new)
        pivots += self.trim(p, new)
        self.left = self.left - pivots
        self.merge_alike(new)
        for k in range(self.begin[new], self.pool_used):
            i = self.pool[k]
            if self.weight[i] > 0:
                self.degree[i] = min(self.left - self.weight[i], self.degree[i] + self.size[new] - self.weight[i])
                self.put(i)
        self.own_pivots[self.steps] = pivots
        self.own_beyond[self.steps] = self.size[new]
        self.gone[new] = 1 if self.size[new] == 0 else 0
        self.steps = self.steps + 1

    cdef void count_outside(self, Py_ssize_t new) noexcept nogil:
        """For every clique that meets the new one: how many of its goods are not in it."""
        cdef Py_ssize_t k, at, e
        cdef int32_t i
        for k in range(self.begin[new], self.pool_used):
            i = self.pool[k]
            for at in range(self.hold[i], self.hold[i] + self.count[i]):
                e = self.held[at]
                if self.gone[e]:
                    continue
                if self.seen[e] != self.clock:
                    self.seen[e] = self.clock
                    self.outside[e] = self.size[e]
                self.outside[e] -= self.weight[i]

    cdef int32_t trim(self, Py_ssize_t p, Py_ssize_t new) noexcept nogil:
        """Goods of the new clique forget the cliques inside it; those with no other are eliminated with the pivot: how many."""
        cdef Py_ssize_t k, at, e, kept, end = self.begin[new]
        cdef int64_t total, key
        cdef int32_t i, more = 0
        for k in range(self.begin[new], self.pool_used):
            i = self.pool[k]
            kept = self.hold[i]
            total = key = 0
            for at in range(self.hold[i], self.hold[i] + self.count[i]):
                e = self.held[at]
                if self.gone[e]:
                    continue
                if self.outside[e] == 0:
                    self.give_up(e)
                    continue
                self.held[kept] = e
                kept += 1
                total += self.outside[e]
                key += e
            if kept == self.hold[i]:
                more += self.weight[i]
                self.size[new] -= self.weight[i]
                self.weight[i] = 0
                self.joined[i] = p
                continue
            self.held[kept] = new
            self.count[i] = kept + 1 - self.hold[i]
            self.degree[i] = min(total, self.n)
            self.pool[end] = i
            end += 1
            key = key % self.n
            self.chain[i] = self.bucket[key]
            self.bucket[key] = i
            self.before[i] = key
        self.pool_used = end
        self.length[new] = end - self.begin[new]
        return more

    cdef void merge_alike(self, Py_ssize_t new) noexcept nogil:
        """Goods in the same cliques become one."""
        cdef Py_ssize_t k, at
        cdef int32_t i, j, last
        for k in range(self.begin[new], self.pool_used):
            i = self.bucket[self.before[self.pool[k]]] if self.weight[self.pool[k]] > 0 else -1
            if i < 0:
                continue
            self.bucket[self.before[i]] = -1
            while i >= 0:
                self.clock = self.clock + 1
                for at in range(self.hold[i], self.hold[i] + self.count[i]):
                    self.seen[self.held[at]] = self.clock
                last, j = i, self.chain[i]
                while j >= 0:
                    if self.alike(i, j):
                        self.weight[i] += self.weight[j]
                        self.degree[i] = min(self.degree[i], self.degree[j])
                        self.weight[j] = 0
                        self.joined[j] = i
                        self.chain[last] = self.chain[j]
                    else:
                        last = j
                    j = self.chain[j]
                i = self.chain[i]

    cdef bint alike(self, int32_t i, int32_t j) noexcept nogil:
        cdef Py_ssize_t at
        if self.count[i] != self.count[j]:
            return False
        for at in range(self.hold[j], self.hold[j] + self.count[j]):
            if self.seen[self.held[at]] != self.clock:
                return False
        return True

    cdef void compact(self) noexcept nogil:
        """Close the gaps that cliques and goods that are gone have left; cliques lie in the order of their numbers."""
        cdef Py_ssize_t e, k, end = 0, first
        for e in range(self.m + self.steps):
            if self.gone[e]:
                continue
            first = end
            for k in range(self.begin[e], self.begin[e] + self.length[e]):
                if self.weight[self.pool[k]] > 0:
                    self.pool[end] = self.pool[k]
                    end += 1
            self.begin[e] = first
            self.length[e] = end - first
        self.pool_used = end
