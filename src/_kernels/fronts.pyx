"""Cholesky factor of a sparse curvature by fronts: rows are added straight into small dense matrices.

A front of `size` goods is a dense matrix in C order, of which the upper triangle counts. It takes its rows (rank-one terms), the
diagonal of its own pivots and what the fronts below it left; its first `pivots` lines become lines of the factor, and what is left
of the others is a contribution to the front above. Every front is computed by one thread in one order of additions, or tile by tile
(`cholesky`): the same bits for any number of threads.

Rows are written as in `rows`:  alpha_out f f' + alpha_in g g',  f = w e_o - g ,  here by places in the front, ascending.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset
from scipy.linalg.cython_blas cimport dgemv, dsyrk, dtrsm, dtrsv
from scipy.linalg.cython_lapack cimport dpotrf

cdef enum:
    BANDS = 16


cdef class Fronts:
    """Where everything stands, and the numbers.

    first, beyond, boundary, parent : as in `parecon.elimination`.
    """

    cdef const int64_t[::1] first, beyond, boundary, above, child_begin, child, factor_at, left_at
    cdef const int64_t[::1] row_begin, entry_begin
    cdef const int32_t[::1] place, out
    cdef double[::1] factor, left

    def __init__(
        self,
        const int64_t[::1] first,        # (F + 1,) first pivot of each front
        const int64_t[::1] beyond,       # (F + 1,) where its boundary begins in the next two
        const int64_t[::1] boundary,     # (B,) places of the boundary's goods, ascending in a front
        const int64_t[::1] above,        # (B,) where the same goods stand in the parent front
        const int64_t[::1] child_begin,  # (F + 1,) where its children begin in the next
        const int64_t[::1] child,        # (.,) fronts
        const int64_t[::1] factor_at,    # (F,) where its lines begin in the factor
        const int64_t[::1] left_at,      # (F,) where its contribution begins in `left`
        double[::1] factor,
        double[::1] left,
    ):
        self.first, self.beyond, self.boundary, self.above = first, beyond, boundary, above
        self.child_begin, self.child, self.factor_at, self.left_at = child_begin, child, factor_at, left_at
        self.factor, self.left = factor, left

    def take_rows(
        self,
        const int64_t[::1] row_begin,    # (F + 1,) where each front's rows begin in the next
        const int64_t[::1] entry_begin,  # (R + 1,) where each row's entries begin in the next
        const int32_t[::1] place,        # (E,) where in its front each entry stands, ascending in a row
        const int32_t[::1] out,          # (R,) where in its front the output stands, -1 for none
    ):
        """Rows in the order of their fronts; `value` and weights are passed with every factorisation."""
        self.row_begin, self.entry_begin, self.place, self.out = row_begin, entry_begin, place, out

    def subtrees(
        self,
        const int64_t[:, ::1] task,      # IN  (T, 2) first front, and one past the last, of each subtree
        const double[::1] value,         # IN  (E,) entries of the rows
        const double[:, ::1] weight,     # IN  (3, R) alpha_in, alpha_out, w
        const double[::1] diagonal,      # IN  (n,) by place
        double[:, ::1] work,             # (threads, >= size^2)
        int n_threads,
    ):
        """Factorise fronts below; returns 0, or 1 + the place of a pivot that is not positive."""
        cdef Py_ssize_t t, tasks = task.shape[0]
        cdef int64_t bad = 0, found
        for t in prange(tasks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
            found = self.subtree(task[t, 0], task[t, 1], value, weight, diagonal, &work[threadid(), 0])
            bad += found
        return bad

    cdef int64_t subtree(self, Py_ssize_t begin, Py_ssize_t end, const double[::1] value, const double[:, ::1] weight,
                         const double[::1] diagonal, double *work) noexcept nogil:
        cdef Py_ssize_t s
        cdef int64_t bad = 0
        for s in range(begin, end):
            self.gather(s, value, weight, diagonal, work, 0, self.size(s))
            if self.small(s, work) != 0:
                return 1
            self.put(s, work)
        return bad

    def assemble(
        self,
        Py_ssize_t s,                    # IN  a front
        const double[::1] value,
        const double[:, ::1] weight,
        const double[::1] diagonal,
        double[:, ::1] front,            # OUT (size, size)
        int n_threads,
    ):
        """Everything a front holds before it is factorised; each thread fills bands of its lines."""
        cdef Py_ssize_t size = self.size(s), bands = min(BANDS, size), b
        for b in prange(bands, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
            self.gather(s, value, weight, diagonal, &front[0, 0], b * size // bands, (b + 1) * size // bands)

    cdef inline Py_ssize_t size(self, Py_ssize_t s) noexcept nogil:
        return self.first[s + 1] - self.first[s] + self.beyond[s + 1] - self.beyond[s]

    def store(
        self,
        Py_ssize_t s,                    # IN  a front
        const double[:, ::1] front,      # IN  (size, size), its pivots eliminated
    ):
        """Keep its lines of the factor and its contribution."""
        with nogil:
            self.put(s, &front[0, 0])

    cdef void gather(self, Py_ssize_t s, const double[::1] value, const double[:, ::1] weight,
                     const double[::1] diagonal, double *work, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        """Fill the lines from `low` up to `high`."""
        cdef Py_ssize_t pivots = self.first[s + 1] - self.first[s], size = self.size(s)
        cdef Py_ssize_t a, k
        for a in range(low, high):
            memset(work + a * size + a, 0, (size - a) * sizeof(double))
        for a in range(low, min(high, pivots)):
            work[a * size + a] = diagonal[self.first[s] + a]
        for k in range(self.row_begin[s], self.row_begin[s + 1]):
            self.add_row(k, value, weight[0, k], weight[1, k], weight[2, k], work, size, low, high)
        for k in range(self.child_begin[s], self.child_begin[s + 1]):
            self.add_child(self.child[k], work, size, low, high)

    cdef void add_row(self, Py_ssize_t r, const double[::1] value, double alpha_in, double alpha_out, double w,
                      double *work, Py_ssize_t size, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        cdef Py_ssize_t begin = self.entry_begin[r], end = self.entry_begin[r + 1], e, f
        cdef int32_t o = self.out[r], i
        cdef double c, a = alpha_in
        cdef double *line
        if o >= 0:
            a = a + alpha_out
        if a != 0.0:
            for e in range(begin, end):
                if self.place[e] >= high:
                    break
                if self.place[e] < low:
                    continue
                line = work + <Py_ssize_t>self.place[e] * size
                c = a * value[e]
                for f in range(e, end):
                    line[self.place[f]] += c * value[f]
        if o >= 0:
            c = alpha_out * w
            if low <= o < high:
                work[o * size + o] += c * w
            for e in range(begin, end):
                i = self.place[e]
                if not low <= min(i, o) < high:
                    continue
                if i == o:
                    work[o * size + o] -= 2.0 * c * value[e]
                else:
                    work[min(i, o) * size + max(i, o)] -= c * value[e]

    cdef void add_child(self, Py_ssize_t c, double *work, Py_ssize_t size, Py_ssize_t low,
                        Py_ssize_t high) noexcept nogil:
        cdef Py_ssize_t count = self.beyond[c + 1] - self.beyond[c], a, b
        cdef const double *given = &self.left[0] + self.left_at[c]
        cdef const int64_t *at
        cdef double *line
        if count == 0:
            return
        at = &self.above[self.beyond[c]]
        for a in range(count):
            if at[a] >= high:
                break
            if at[a] < low:
                continue
            line = work + at[a] * size
            for b in range(a, count):
                line[at[b]] += given[a * count + b]

    cdef int small(self, Py_ssize_t s, double *work) noexcept nogil:
        """Eliminate the pivots; 0, or 1 where one is not positive."""
        cdef int pivots = self.first[s + 1] - self.first[s], rest = self.beyond[s + 1] - self.beyond[s]
        cdef int size = pivots + rest, status = 0, i
        cdef double one = 1.0, minus = -1.0
        cdef double *side = work + pivots
        cdef double *corner = work + <Py_ssize_t>pivots * size + pivots
        # C order upper triangle is Fortran order lower triangle of the same memory
        dpotrf("L", &pivots, work, &size, &status)
        if status != 0:
            return 1
        for i in range(pivots):
            if not work[<Py_ssize_t>i * size + i] > 0.0:
                return 1
        if rest > 0:
            dtrsm("R", "L", "T", "N", &rest, &pivots, &one, work, &size, side, &size)
            dsyrk("L", "N", &rest, &pivots, &minus, side, &size, &one, corner, &size)
        return 0

    cdef void put(self, Py_ssize_t s, const double *work) noexcept nogil:
        cdef Py_ssize_t pivots = self.first[s + 1] - self.first[s], rest = self.beyond[s + 1] - self.beyond[s]
        cdef Py_ssize_t size = pivots + rest, a
        cdef double *kept
        memcpy(&self.factor[0] + self.factor_at[s], work, pivots * size * sizeof(double))
        if rest > 0:
            kept = &self.left[0] + self.left_at[s]
            for a in range(rest):
                memcpy(kept + a * rest + a, work + (pivots + a) * size + pivots + a, (rest - a) * sizeof(double))

    def solve(
        self,
        double[::1] x,                   # IN/OUT (n,) by place: right-hand side, solution
        double[::1] work,                # (>= largest boundary,)
    ):
        """Solve R'R x = b with the factor R."""
        cdef Py_ssize_t s, fronts = self.first.shape[0] - 1
        if fronts == 0:
            return
        with nogil:
            for s in range(fronts):
                self.forward(s, &x[0], &work[0])
            for s in range(fronts - 1, -1, -1):
                self.backward(s, &x[0], &work[0])

    cdef void forward(self, Py_ssize_t s, double *x, double *work) noexcept nogil:
        cdef int pivots = self.first[s + 1] - self.first[s], rest = self.beyond[s + 1] - self.beyond[s]
        cdef int size = pivots + rest, step = 1
        cdef Py_ssize_t k
        cdef double one = 1.0, zero = 0.0
        cdef double *own = x + self.first[s]
        cdef double *lines = &self.factor[0] + self.factor_at[s]
        dtrsv("L", "N", "N", &pivots, lines, &size, own, &step)
        if rest > 0:
            dgemv("N", &rest, &pivots, &one, lines + pivots, &size, own, &step, &zero, work, &step)
            for k in range(rest):
                x[self.boundary[self.beyond[s] + k]] -= work[k]

    cdef void backward(self, Py_ssize_t s, double *x, double *work) noexcept nogil:
        cdef int pivots = self.first[s + 1] - self.first[s], rest = self.beyond[s + 1] - self.beyond[s]
        cdef int size = pivots + rest, step = 1
        cdef Py_ssize_t k
        cdef double one = 1.0, minus = -1.0
        cdef double *own = x + self.first[s]
        cdef double *lines = &self.factor[0] + self.factor_at[s]
        if rest > 0:
            for k in range(rest):
                work[k] = x[self.boundary[self.beyond[s] + k]]
            dgemv("T", &rest, &pivots, &minus, lines + pivots, &size, work, &step, &one, own, &step)
        dtrsv("L", "T", "N", &pivots, lines, &size, own, &step)
