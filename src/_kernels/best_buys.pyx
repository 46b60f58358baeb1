"""Which goods a consumer with linear utility might buy, and the smooth demand of one who mixes what is nearly as good.

A council buys where utility per money v_i/p_i is greatest. At prices near the plan's only a few of its goods come near that, and
the others can be left out: while no relative price moves by more than the window the sift was made with, none can be best.

Softened at temperature t the spending shares are  g_i = exp(log(v_i/p_i)/t) / sum,  the unit cost  log c = -t log sum exp(.): a CES
council of elasticity 1 + 1/t, which tends to the linear one as t falls and is worth at most t log(goods) more to it.

What bounds the sift is reading the entries once from memory; the second pass reads only rows that keep something.
"""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t

cdef extern from "vmath.h":
    void vmath_exp_array(const double *x, double *out, int64_t n) noexcept nogil
    void vmath_log_array(const double *x, double *out, int64_t n) noexcept nogil

cdef extern from "rowdot.h":
    double row_best(const double *val, const int32_t *idx, const double *z, int64_t n) noexcept nogil

cdef enum:
    CHUNK = 64


def count_near(
    const int64_t[::1] start,        # IN  (m,) first entry of each row
    const int64_t[::1] stop,         # IN  (m,) one past its last entry
    const int32_t[::1] idx,          # IN  (nnz,) good of each entry
    const double[::1] value,         # IN  (nnz,) v > 0
    const double[::1] inverse,       # IN  (n,) 1/p > 0
    double floor,                    # IN  share of the best utility per money that counts as near, in [0, 1]
    double[::1] best,                # OUT (m,) greatest v/p of the row
    int32_t[::1] count,              # OUT (m,) entries with v/p >= floor * best
    int n_threads,
):
    """Greatest utility per money of each row, and how many of its goods come near it."""
    cdef Py_ssize_t j, e, m = start.shape[0]
    cdef double top
    cdef int32_t near
    if value.shape[0] == 0:
        return
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="static"):
        top = row_best(&value[0] + start[j], &idx[0] + start[j], &inverse[0], stop[j] - start[j])
        best[j] = top
        top = floor * top
        near = 0
        for e in range(start[j], stop[j]):
            near = near + (value[e] * inverse[idx[e]] >= top)
        count[j] = near


def list_near(
    const int64_t[::1] start,        # IN  (m,)
    const int64_t[::1] stop,         # IN  (m,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] value,         # IN  (nnz,)
    const double[::1] inverse,       # IN  (n,)
    double floor,                    # IN
    const double[::1] best,          # IN  (m,) from count_near
    const int64_t[::1] row,          # IN  (k,) the rows to list
    const int64_t[::1] first,        # IN  (k + 1,) where each of them begins in the lists
    int64_t[::1] at,                 # OUT (near,) entries near the best
    int32_t[::1] near_idx,           # OUT (near,) their goods
    double[::1] near_value,          # OUT (near,) their values
    int n_threads,
):
    """The entries that count_near counted, row after row."""
    cdef Py_ssize_t k, j, e, last, place
    cdef double top
    for k in prange(row.shape[0], nogil=True, num_threads=n_threads, schedule="static"):
        j = row[k]
        top = floor * best[j]
        place = first[k]
        last = first[k + 1]
        for e in range(start[j], stop[j]):
            if place < last and value[e] * inverse[idx[e]] >= top:
                at[place] = e
                near_idx[place] = idx[e]
                near_value[place] = value[e]
                place = place + 1


cdef void chunk_shares(
    Py_ssize_t first, Py_ssize_t last, const int64_t *start, const int64_t *stop, const int32_t *idx, const double *log_value,
    const double *log_price, double steep, double *share, double *log_cost,
) noexcept nogil:
    """Spending shares and log unit costs of rows first..last (at most CHUNK), whose entries follow one another."""
    cdef Py_ssize_t j, e
    cdef double top, total
    cdef double tops[CHUNK]
    cdef double totals[CHUNK]
    cdef double logs[CHUNK]
    for j in range(first, last):
        top = -1e300
        for e in range(start[j], stop[j]):
            share[e] = steep * (log_value[e] - log_price[idx[e]])
            if share[e] > top:
                top = share[e]
        for e in range(start[j], stop[j]):
            share[e] = share[e] - top
        tops[j - first] = top
    vmath_exp_array(share + start[first], share + start[first], stop[last - 1] - start[first])
    for j in range(first, last):
        total = 0.0
        for e in range(start[j], stop[j]):
            total = total + share[e]
        totals[j - first] = total
        for e in range(start[j], stop[j]):
            share[e] = share[e] / total
    vmath_log_array(totals, logs, last - first)
    for j in range(first, last):
        log_cost[j] = -(tops[j - first] + logs[j - first]) / steep


def softened(
    const int64_t[::1] block,        # IN  (blocks + 1,) first row of each block
    const int64_t[::1] start,        # IN  (m,) rows follow one another
    const int64_t[::1] stop,         # IN  (m,) > start
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] log_value,     # IN  (nnz,)
    const double[::1] log_price,     # IN  (n,)
    const double[::1] budget,        # IN  (m,)
    double steep,                    # IN  1/t > 0
    double[::1] share,               # OUT (nnz,) spending shares g
    double[::1] log_cost,            # OUT (m,)
    double[:, ::1] partial,          # OUT (blocks, n) sum_j budget_j g_j is added
    int n_threads,
):
    """Answers of softened councils."""
    cdef Py_ssize_t b, c, j, e, last, blocks = block.shape[0] - 1
    if share.shape[0] == 0:
        return
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        for c in range((block[b + 1] - block[b] + CHUNK - 1) // CHUNK):
            j = block[b] + c * CHUNK
            last = min(j + CHUNK, block[b + 1])
            chunk_shares(
                j, last, &start[0], &stop[0], &idx[0], &log_value[0], &log_price[0], steep, &share[0], &log_cost[0]
            )
            for j in range(block[b] + c * CHUNK, last):
                for e in range(start[j], stop[j]):
                    partial[b, idx[e]] += budget[j] * share[e]
