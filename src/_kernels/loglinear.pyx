"""Answers of Cobb-Douglas worker councils with decreasing returns: one sparse row product and one exp per council.

    log value_j = constant_j + power_j * ( log p_out - sum_i b_ji log p_i ) + log p-independent terms,   power = 1/(1 - returns)

where value is the value of output; inputs cost b_ji value_j each (DESIGN section 3: D log q = log A + ..., value = p_out q).
"""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t

cdef extern from "rowdot.h":
    double row_dot(const double *val, const int32_t *idx, const double *z, int64_t n) noexcept nogil

cdef extern from "vmath.h":
    void vmath_exp_array(const double *x, double *out, int64_t n) noexcept nogil
    void vmath_log_array(const double *x, double *out, int64_t n) noexcept nogil

cdef enum:
    CHUNK = 64


def row_sums(
    const int64_t[::1] indptr,       # IN  (m + 1,)
    const double[::1] exponent,      # IN  (nnz,) b > 0
    double[::1] total,               # OUT (m,) sum b
    double[::1] entropy,             # OUT (m,) sum b log b
    int n_threads,
):
    """Sums over each row that do not depend on prices, without a temporary of the size of the data."""
    cdef Py_ssize_t j, m = indptr.shape[0] - 1
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="static"):
        total[j] = 0.0
        entropy[j] = 0.0
        if indptr[j + 1] > indptr[j]:
            one_row(&exponent[indptr[j]], indptr[j + 1] - indptr[j], &total[j], &entropy[j])


cdef void one_row(const double *b, Py_ssize_t n, double *total, double *entropy) noexcept nogil:
    cdef double logs[CHUNK]
    cdef Py_ssize_t first = 0, e, size
    while first < n:
        size = min(n - first, <Py_ssize_t>CHUNK)
        vmath_log_array(b + first, logs, size)
        for e in range(size):
            total[0] += b[first + e]
            entropy[0] += b[first + e] * logs[e]
        first += size


def response(
    const int64_t[::1] block,        # IN  (blocks + 1,)
    const int64_t[::1] indptr,       # IN  (m + 1,)
    const int32_t[::1] idx,          # IN  (nnz,) goods
    const double[::1] exponent,      # IN  (nnz,) b
    const double[::1] constant,      # IN  (m,)
    const double[::1] power,         # IN  (m,) 1/D
    const int32_t[::1] out,          # IN  (m,) output goods
    const double[::1] log_price,     # IN  (n,)
    double[::1] value,               # OUT (m,) value of output
    double[:, ::1] partial,          # OUT (blocks, 2n) value used of each good | value made of each good, added; or
                                     #     (blocks, 4n), each followed by its bend, see below
    int n_threads,
):
    """Answer every row and sum what is used and made; where there is room also the bend of each good.

    The bend is the diagonal of sum_j value_j power_j (e_o - b)(e_o - b)': what the own-price sensitivity adds to value used
    less value made. It shares a cache line with the sum it stands behind, so that it costs arithmetic and little memory.
    """
    cdef Py_ssize_t b, first, last, blocks = block.shape[0] - 1, n = log_price.shape[0]
    cdef bint bend = partial.shape[1] == 4 * n
    if out.shape[0] == 0:
        return
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        first = block[b]
        while first < block[b + 1]:
            last = min(first + CHUNK, block[b + 1])
            answer_chunk(
                first, last, &indptr[0], &idx[0] if idx.shape[0] else NULL, &exponent[0] if idx.shape[0] else NULL,
                &constant[0], &power[0], &out[0], &log_price[0], &value[0],
            )
            if bend:
                sum_bent(first, last, &indptr[0], &idx[0] if idx.shape[0] else NULL,
                         &exponent[0] if idx.shape[0] else NULL, &power[0], &out[0], &value[0], n, &partial[b, 0])
            else:
                sum_chunk(first, last, &indptr[0], &idx[0] if idx.shape[0] else NULL,
                          &exponent[0] if idx.shape[0] else NULL, &out[0], &value[0], n, &partial[b, 0])
            first = last


cdef void answer_chunk(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *exponent,
    const double *constant, const double *power, const int32_t *out,
    const double *log_price, double *value,
) noexcept nogil:
    cdef double logs[CHUNK]
    cdef double s
    cdef Py_ssize_t j
    for j in range(first, last):
        s = log_price[out[j]] - row_dot(exponent + indptr[j], idx + indptr[j], log_price, indptr[j + 1] - indptr[j])
        logs[j - first] = constant[j] + power[j] * s
    vmath_exp_array(logs, value + first, last - first)


cdef void sum_chunk(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *exponent, const int32_t *out,
    const double *value, Py_ssize_t n, double *sums,
) noexcept nogil:
    cdef double w
    cdef Py_ssize_t j, e
    for j in range(first, last):
        w = value[j]
        sums[n + out[j]] += w
        for e in range(indptr[j], indptr[j + 1]):
            sums[idx[e]] += w * exponent[e]


cdef void sum_bent(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *exponent, const double *power, const int32_t *out,
    const double *value, Py_ssize_t n, double *sums,
) noexcept nogil:
    cdef double w, a, b
    cdef Py_ssize_t j, e, o
    for j in range(first, last):
        w = value[j]
        a = w * power[j]
        o = out[j]
        sums[2 * (n + o)] += w
        sums[2 * (n + o) + 1] += a
        for e in range(indptr[j], indptr[j + 1]):
            b = exponent[e]
            sums[2 * idx[e]] += w * b
            sums[2 * idx[e] + 1] += a * b * b
            if idx[e] == o:
                sums[2 * idx[e] + 1] -= 2.0 * a * b
