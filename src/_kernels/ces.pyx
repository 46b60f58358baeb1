"""Answers of councils with a CES aggregate over a sparse row of goods: consumers, and workers through their unit cost.

    cost_j = [ sum_i a_ji p_i^(1-s_j) ]^(1/(1-s_j)),   share g_ji = a_ji p_i^(1-s_j) / sum,   spending_j g_ji = value bought of i

Rows of one elasticity class share a table over goods, so that an entry costs one gather, one multiply and one scatter; the
logarithm per row is taken over a chunk of rows at once. The table holds, for class k,

    far from s = 1 :  T_i = exp((1-s)(log p_i - centre))          total = sum a T             log cost = centre + log(total)/(1-s)
    near s = 1     :  T_i = expm1((1-s)(log p_i - centre))/(1-s)  total = 1 + (1-s) sum a T   log cost = centre + log1p(...)/(1-s)

written in one form as total = base + slope * sum a T with shares a (base + slope T_i)/total. The second form needs sum a = 1;
at s = 1 its slope is zero and T = log p - centre. A row whose total leaves the safe range (elasticities near 100 and prices far
apart) is answered again entry by entry with its own largest term taken out.
"""

from cython.parallel cimport prange
from libc.math cimport exp, expm1, fabs, log, log1p
from libc.stdint cimport int32_t, int64_t

cdef extern from "rowdot.h":
    double row_dot(const double *val, const int32_t *idx, const double *z, int64_t n) noexcept nogil
    double row_dot_kept(const double *val, const int32_t *idx, const double *z, int64_t n, double *kept) noexcept nogil
    void row_add(double *sums, const int32_t *idx, const double *kept, double scale, int64_t n) noexcept nogil

cdef extern from "vmath.h":
    void vmath_exp_array(const double *x, double *out, int64_t n) noexcept nogil
    void vmath_log_array(const double *x, double *out, int64_t n) noexcept nogil

cdef enum:
    CHUNK = 64
    ENTRIES = 2048  # of a chunk whose products are kept: 16 kB


cdef double row_alone(
    const int32_t *idx, const double *coef, const double *log_price, double *share, Py_ssize_t n, double s
) noexcept nogil:
    """Shares and log unit cost of one row, safe at any elasticity and any prices > 0. Returns the log cost."""
    cdef Py_ssize_t i
    cdef double top, total = 0.0, centre = 0.0, power = 1.0 - s
    if n == 0:
        return 0.0
    if fabs(power) < 1e-2:
        # log c = centre + log1p((1-s) sum a L)/(1-s), L = expm1((1-s) r)/(1-s), r = log p - centre; sum a = 1
        for i in range(n):
            centre += coef[i] * log_price[idx[i]]
        for i in range(n):
            share[i] = log_price[idx[i]] - centre
            if power != 0.0:
                share[i] = expm1(power * share[i]) / power
            total += coef[i] * share[i]
        for i in range(n):
            share[i] = coef[i] * (1.0 + power * share[i]) / (1.0 + power * total)
        return centre + (log1p(power * total) / power if power != 0.0 else total)
    top = power * log_price[idx[0]] + log(coef[0])
    for i in range(n):
        share[i] = power * log_price[idx[i]] + log(coef[i])
        if share[i] > top:
            top = share[i]
    for i in range(n):
        share[i] = exp(share[i] - top)
        total += share[i]
    for i in range(n):
        share[i] = share[i] / total
    return (top + log(total)) / power


cdef int chunk_costs(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *coef,
    const unsigned char *kind, const double *table, Py_ssize_t n_goods,
    const double *form, const double *elasticity, const double *log_price,
    double *total, double *log_cost, double *share, double *kept,
) noexcept nogil:
    """Totals and log costs of rows first..last (at most CHUNK); the products a T of their entries where `kept` is given.

    A row outside the safe range gets total -1 and, where `share` is given, its shares at once. Returns how many there are.
    """
    cdef Py_ssize_t j
    cdef double s
    cdef int unsafe = 0
    cdef const double *row
    cdef const double *f
    cdef double logs[CHUNK]
    for j in range(first, last):
        row = table + kind[j] * n_goods
        if kept != NULL:
            s = row_dot_kept(
                coef + indptr[j], idx + indptr[j], row, indptr[j + 1] - indptr[j], kept + (indptr[j] - indptr[first])
            )
        else:
            s = row_dot(coef + indptr[j], idx + indptr[j], row, indptr[j + 1] - indptr[j])
        f = form + 4 * kind[j]
        total[j - first] = f[0] + f[1] * s
        # near s = 1 the logarithm must not be taken of 1 + tiny
        if f[0] != 0.0:
            log_cost[j] = f[2] + (log1p(f[1] * s) / f[1] if f[1] != 0.0 else s)
    vmath_log_array(total, logs, last - first)
    for j in range(first, last):
        f = form + 4 * kind[j]
        s = total[j - first]
        if not (s > 1e-250 and s < 1e250):
            unsafe += 1
            total[j - first] = -1.0
            if share != NULL:
                log_cost[j] = row_alone(
                    idx + indptr[j], coef + indptr[j], log_price, share + indptr[j], indptr[j + 1] - indptr[j],
                    elasticity[j],
                )
        elif f[0] == 0.0:
            log_cost[j] = f[2] + logs[j - first] * f[3]
    return unsafe


cdef void chunk_spending(
    Py_ssize_t first, Py_ssize_t last, const double *worker, Py_ssize_t m, const int32_t *out,
    const double *log_price, const double *log_cost, double *spending,
) noexcept nogil:
    """What workers spend at these costs."""
    cdef double power[CHUNK]
    cdef Py_ssize_t j
    for j in range(first, last):
        power[j - first] = worker[j] + worker[m + j] * log_cost[j] + worker[2 * m + j] * log_price[out[j]]
    vmath_exp_array(power, &spending[first], last - first)


cdef void chunk_sums(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *coef,
    const unsigned char *kind, const double *form,
    const double *total, const double *spending, const double *kept, double *sums,
) noexcept nogil:
    """Value bought by the chunk's rows into `sums`, from the products a T."""
    cdef Py_ssize_t j
    cdef double base, slope
    cdef const double *own
    for j in range(first, last):
        if total[j - first] < 0.0:
            continue
        own = kept + (indptr[j] - indptr[first])
        slope = spending[j] * form[4 * kind[j] + 1] / total[j - first]
        row_add(sums, idx + indptr[j], own, slope, indptr[j + 1] - indptr[j])
        if form[4 * kind[j]] != 0.0:
            base = spending[j] * form[4 * kind[j]] / total[j - first]
            row_add(sums, idx + indptr[j], coef + indptr[j], base, indptr[j + 1] - indptr[j])


cdef void chunk_shares(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *coef,
    const unsigned char *kind, const double *table, Py_ssize_t n_goods, const double *form,
    const double *total, const double *spending, double *share, double *sums,
) noexcept nogil:
    """Cost shares of the chunk's rows: kept where `share` is given, times spending into `sums` where that is."""
    cdef Py_ssize_t j, e
    cdef double base, slope, w, g
    cdef const double *row
    for j in range(first, last):
        w = spending[j]
        if total[j - first] < 0.0:
            if share != NULL and sums != NULL:
                for e in range(indptr[j], indptr[j + 1]):
                    sums[idx[e]] += w * share[e]
            continue
        row = table + kind[j] * n_goods
        base = form[4 * kind[j]] / total[j - first]
        slope = form[4 * kind[j] + 1] / total[j - first]
        if share == NULL:
            base = base * w
            slope = slope * w
            for e in range(indptr[j], indptr[j + 1]):
                sums[idx[e]] += coef[e] * (base + slope * row[idx[e]])
            continue
        for e in range(indptr[j], indptr[j + 1]):
            g = coef[e] * (base + slope * row[idx[e]])
            share[e] = g
            if sums != NULL:
                sums[idx[e]] += w * g


cdef void chunk_bent(
    Py_ssize_t first, Py_ssize_t last,
    const int64_t *indptr, const int32_t *idx, const double *coef,
    const unsigned char *kind, const double *table, Py_ssize_t n_goods, const double *form, const double *elasticity,
    const double *power, const int32_t *out, const double *total, const double *spending, double *share, double *sums,
) noexcept nogil:
    """As `chunk_shares`, with each good's bend behind its sum; rows outside the safe range only where `share` is given."""
    cdef Py_ssize_t j, e, o
    cdef double base, slope, w, g, s, k
    cdef bint alone
    cdef const double *row
    for j in range(first, last):
        w = spending[j]
        alone = total[j - first] < 0.0
        if alone and share == NULL:
            continue
        row = table + kind[j] * n_goods
        base = form[4 * kind[j]] / total[j - first]
        slope = form[4 * kind[j] + 1] / total[j - first]
        s = elasticity[j]
        k = power[j] if power != NULL else 1.0
        o = -1
        if power != NULL:
            o = out[j]
            sums[2 * o + 1] += w * k
        for e in range(indptr[j], indptr[j + 1]):
            if alone:
                g = share[e]
            else:
                g = coef[e] * (base + slope * row[idx[e]])
                if share != NULL:
                    share[e] = g
            sums[2 * idx[e]] += w * g
            sums[2 * idx[e] + 1] += w * g * (s + (k - s) * g)
            if idx[e] == o:
                sums[2 * o + 1] -= 2.0 * w * k * g


def response(
    const int64_t[::1] block,        # IN  (blocks + 1,) first row of each block
    const int64_t[::1] indptr,       # IN  (m + 1,)
    const int32_t[::1] idx,          # IN  (nnz,) goods
    const double[::1] coef,          # IN  (nnz,) shares a > 0
    const unsigned char[::1] kind,   # IN  (m,) elasticity class of each row
    const double[:, ::1] table,      # IN  (classes, n) T, as above
    const double[:, ::1] form,       # IN  (classes, 4) base, slope, centre, 1/(1-s)
    const double[::1] elasticity,    # IN  (m,)
    const double[::1] log_price,     # IN  (n,)
    const double[:, ::1] worker,     # IN  (3, m) log spending = k0 + k1 log cost + k2 log p_out; (0, 0): spending is given
    const int32_t[::1] out,          # IN  (m,) output goods, (0,) for consumers
    double[::1] spending,            # IN (consumers: budgets) or OUT (workers: value of inputs) (m,)
    double[::1] log_cost,            # OUT (m,)
    double[::1] share,               # OUT (nnz,), or (0,): shares are not kept, which saves a third of the memory traffic
    double[:, ::1] partial,          # OUT (blocks, n) value bought of each good is added, or (0, n): no sums; or (blocks, 2n), each
                                     #     followed by its bend, see below
    int n_threads,
):
    """Answer every row: unit costs, shares, and the value of what is bought, summed over councils.

    The bend of a good is the diagonal of the curvature, sum_j spending_j [ s diag(g) + (k - s) g g' ], with k = 1 for consumers;
    for workers k = k2 and k (e_o e_o' - e_o g' - g e_o') besides. It shares a cache line with the sum it stands behind.

    Returns the number of rows outside the safe range. Without `share` these are left out, and the call is to be repeated with it.
    """
    cdef Py_ssize_t b, blocks = block.shape[0] - 1, n_goods = table.shape[1], m = worker.shape[1]
    cdef bint works = worker.shape[0] > 0, keeps = share.shape[0] > 0, adds = partial.shape[0] > 0
    cdef bint bends = partial.shape[1] == 2 * n_goods
    cdef int unsafe = 0
    if indptr.shape[0] <= 1 or idx.shape[0] == 0:
        return 0
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        unsafe += answer_block(
            block[b], block[b + 1], &indptr[0], &idx[0], &coef[0], &kind[0], &table[0, 0], n_goods, &form[0, 0],
            &elasticity[0], &log_price[0], &worker[0, 0] if works else NULL, m, &out[0] if works else NULL, &spending[0],
            &log_cost[0], &share[0] if keeps else NULL, &partial[b, 0] if adds else NULL, bends,
        )
    return unsafe


cdef int answer_block(
    Py_ssize_t first, Py_ssize_t stop,
    const int64_t *indptr, const int32_t *idx, const double *coef,
    const unsigned char *kind, const double *table, Py_ssize_t n_goods,
    const double *form, const double *elasticity, const double *log_price,
    const double *worker, Py_ssize_t m, const int32_t *out,
    double *spending, double *log_cost, double *share, double *sums, bint bends,
) noexcept nogil:
    """One block, a chunk at a time so that the second pass over the entries finds them in cache."""
    cdef double total[CHUNK]
    cdef double kept[ENTRIES]
    cdef double *products
    cdef Py_ssize_t last
    cdef int unsafe = 0
    while first < stop:
        last = first + 1
        while last < stop and last < first + CHUNK and indptr[last + 1] - indptr[first] <= ENTRIES:
            last += 1
        # sums alone need no shares, only each entry's part of its row's total
        products = kept if share == NULL and sums != NULL and indptr[last] - indptr[first] <= ENTRIES else NULL
        unsafe += chunk_costs(
            first, last, indptr, idx, coef, kind, table, n_goods, form, elasticity, log_price, total, log_cost, share, products
        )
        if worker != NULL:
            chunk_spending(first, last, worker, m, out, log_price, log_cost, spending)
        if products != NULL and not bends:
            chunk_sums(first, last, indptr, idx, coef, kind, form, total, spending, kept, sums)
        elif bends and sums != NULL:
            chunk_bent(
                first, last, indptr, idx, coef, kind, table, n_goods, form, elasticity,
                worker + 2 * m if worker != NULL else NULL, out, total, spending, share, sums,
            )
        elif share != NULL or sums != NULL:
            chunk_shares(
                first, last, indptr, idx, coef, kind, table, n_goods, form, total, spending, share, sums
            )
        first = last
    return unsafe
