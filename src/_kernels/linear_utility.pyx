"""Condensed interior-point algebra of consumers with linear utility u = v.x.

Optimality: slack s_i = p_i - beta v_i >= 0, x_i >= 0, x_i s_i = mu, beta (v.x) = b, with beta = b/u. With prices in relative steps
d = dp/p, the entries eliminate row by row (DESIGN section 4):

    dx = r - D (p d - v dbeta + residual),  D = x/s,  r = (mu - correction)/s - x
    dbeta = [ b - beta u - beta v.r + beta (v D (p d + residual)) ] / (u + beta v.D v)
"""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t


def prepare(
    const int64_t[::1] indptr,       # IN  (m + 1,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] value,         # IN  (nnz,) v
    const double[::1] budget,        # IN  (m,)
    const double[::1] price,         # IN  (n,)
    const double[::1] x,             # IN  (nnz,) quantities > 0
    const double[::1] s,             # IN  (nnz,) slacks > 0
    const double[::1] beta,          # IN  (m,)
    double[::1] row,                 # OUT (nnz,) p D v, the rank-one row of the curvature
    double[::1] alpha,               # OUT (m,) its weight (<= 0)
    double[::1] diagonal,            # OUT (nnz,) p^2 D
    double[:, ::1] facts,            # OUT (5, m) u, beta residual, largest |slack residual|/price, sum x s, value p.x
    int n_threads,
):
    """Curvature of each council: sum over entries of diagonal, plus alpha row row'."""
    cdef Py_ssize_t j, e, m = indptr.shape[0] - 1
    cdef double u, spread, d, p, residual, worst, product, spent
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="static"):
        u = 0.0
        spread = 0.0
        worst = 0.0
        product = 0.0
        spent = 0.0
        for e in range(indptr[j], indptr[j + 1]):
            p = price[idx[e]]
            d = x[e] / s[e]
            u = u + value[e] * x[e]
            spread = spread + value[e] * value[e] * d
            row[e] = p * d * value[e]
            diagonal[e] = p * p * d
            product = product + x[e] * s[e]
            spent = spent + p * x[e]
            residual = (p - beta[j] * value[e] - s[e]) / p
            if residual < 0.0:
                residual = -residual
            if residual > worst:
                worst = residual
        alpha[j] = -beta[j] / (u + beta[j] * spread)
        facts[0, j] = u
        facts[1, j] = budget[j] - beta[j] * u
        facts[2, j] = worst
        facts[3, j] = product
        facts[4, j] = spent


def right_hand_side(
    const int64_t[::1] indptr,       # IN  (m + 1,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] value,         # IN  (nnz,)
    const double[::1] price,         # IN  (n,)
    const double[::1] x,             # IN  (nnz,)
    const double[::1] s,             # IN  (nnz,)
    const double[::1] beta,          # IN  (m,)
    const double[::1] target,        # IN  (m,) mu
    const double[::1] dx,            # IN  (nnz,) affine step for the second-order term, or (0,)
    const double[::1] ds,            # IN  (nnz,) likewise
    const double[:, ::1] facts,      # IN  (5, m) from prepare
    const double[::1] alpha,         # IN  (m,)
    double[::1] constant,            # OUT (nnz,) p (r - D residual + D v dbeta0): change of value bought at unchanged prices
    double[::1] dbeta0,              # OUT (m,) change of beta at unchanged prices
    int n_threads,
):
    """What the councils would change at unchanged prices."""
    cdef Py_ssize_t j, e, m = indptr.shape[0] - 1
    cdef bint second = dx.shape[0] > 0
    cdef double p, d, r, residual, t
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="static"):
        t = 0.0
        for e in range(indptr[j], indptr[j + 1]):
            p = price[idx[e]]
            d = x[e] / s[e]
            r = target[j] / s[e] - x[e]
            if second:
                r = r - dx[e] * ds[e] / s[e]
            residual = p - beta[j] * value[e] - s[e]
            constant[e] = r - d * residual
            t = t + value[e] * constant[e]
        # alpha = -beta/(u + beta v.Dv)
        dbeta0[j] = -alpha[j] * (facts[1, j] / beta[j] - t)
        for e in range(indptr[j], indptr[j + 1]):
            constant[e] = price[idx[e]] * (constant[e] + x[e] / s[e] * value[e] * dbeta0[j])


def recover(
    const int64_t[::1] indptr,       # IN  (m + 1,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] value,         # IN  (nnz,)
    const double[::1] price,         # IN  (n,)
    const double[::1] x,             # IN  (nnz,)
    const double[::1] s,             # IN  (nnz,)
    const double[::1] beta,          # IN  (m,)
    const double[::1] row,           # IN  (nnz,)
    const double[::1] alpha,         # IN  (m,)
    const double[::1] constant,      # IN  (nnz,) from right_hand_side
    const double[::1] dbeta0,        # IN  (m,)
    const double[::1] step,          # IN  (n,) relative price step d
    double[::1] dx,                  # OUT (nnz,)
    double[::1] ds,                  # OUT (nnz,)
    double[::1] dbeta,               # OUT (m,)
    double[::1] longest,             # OUT (m,) longest step that keeps x, s, beta >= 0
    int n_threads,
):
    """The councils' own step that belongs to a price step."""
    cdef Py_ssize_t j, e, m = indptr.shape[0] - 1
    cdef double p, d, t, limit, extra
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="static"):
        t = 0.0
        for e in range(indptr[j], indptr[j + 1]):
            t = t + row[e] * step[idx[e]]
        extra = -alpha[j] * t
        dbeta[j] = dbeta0[j] + extra
        limit = 1e300
        if dbeta[j] < 0.0:
            limit = -beta[j] / dbeta[j]
        for e in range(indptr[j], indptr[j + 1]):
            p = price[idx[e]]
            d = x[e] / s[e]
            dx[e] = constant[e] / p + d * (value[e] * extra - p * step[idx[e]])
            ds[e] = (p - beta[j] * value[e] - s[e]) + p * step[idx[e]] - value[e] * dbeta[j]
            if dx[e] < 0.0 and -x[e] / dx[e] < limit:
                limit = -x[e] / dx[e]
            if ds[e] < 0.0 and -s[e] / ds[e] < limit:
                limit = -s[e] / ds[e]
        longest[j] = limit
