"""Sparse rows over goods: sums, dots and curvature, the same bits for any number of threads.

Every family's curvature is a diagonal plus rank-one terms over short rows, so these few kernels serve all families:

    row j holds inputs g_j (values `val` at goods `idx`, positions start[j]..stop[j]) and, where it makes something, an output
    good o_j with weight w_j;   f_j = w_j e_o - g_j;   curvature_j = alpha_out f_j f_j' + alpha_in g_j g_j'.

Ranges may overlap (the nodes of a nested tree share their leaves). A family without outputs passes arrays of length zero.

Sums are made in a fixed number of blocks of rows, each block by one thread into its own line of `partial`, and the lines are
added in a fixed order: the number of threads decides who computes a block, never what is added to what.
"""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

cdef extern from "rowdot.h":
    double row_dot(const double *val, const int32_t *idx, const double *z, int64_t n) noexcept nogil

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define fetch_soon(address) __builtin_prefetch(address)
    #else
    #define fetch_soon(address) ((void)(address))
    #endif
    """
    void fetch_soon(const void *address) noexcept nogil

cdef enum:
    AHEAD = 12  # rows of one good lie anywhere in memory: ask for them this many rows before they are needed


def clear_partial(
    double[:, ::1] partial,          # OUT (blocks, n) set to zero
    int n_threads,
):
    """Set the lines of `partial` to zero."""
    cdef Py_ssize_t b, blocks = partial.shape[0], width = partial.shape[1]
    if blocks == 0 or width == 0:
        return
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="static"):
        memset(&partial[b, 0], 0, width * sizeof(double))


def add_partial(
    const double[:, ::1] partial,    # IN  (blocks, n)
    double[::1] total,               # OUT (n,) the lines of partial are added to it, in order
    int n_threads,
):
    """total += sum of the lines, line 0 first."""
    cdef Py_ssize_t i, b, blocks = partial.shape[0], width = total.shape[0]
    cdef double s
    for i in prange(width, nogil=True, num_threads=n_threads, schedule="static"):
        s = 0.0
        for b in range(blocks):
            s = s + partial[b, i]
        total[i] += s


def dot(
    const int64_t[::1] start,        # IN  (m,) first entry of each row
    const int64_t[::1] stop,         # IN  (m,) one past its last entry
    const int32_t[::1] idx,          # IN  (nnz,) good of each entry
    const double[::1] val,           # IN  (nnz,)
    const double[::1] z,             # IN  (n,)
    double[::1] out,                 # OUT (m,) sum over the row of val * z[good]
    int n_threads,
):
    """Row dots: out[j] = sum_i val[j, i] z[i]."""
    cdef Py_ssize_t j, m = start.shape[0]
    if idx.shape[0] == 0 or z.shape[0] == 0:
        for j in range(m):
            out[j] = 0.0
        return
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="static"):
        out[j] = row_dot(&val[0] + start[j], &idx[0] + start[j], &z[0], stop[j] - start[j])


def scatter(
    const int64_t[::1] block,        # IN  (blocks + 1,) first row of each block
    const int64_t[::1] start,        # IN  (m,)
    const int64_t[::1] stop,         # IN  (m,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] val,           # IN  (nnz,)
    const double[::1] weight,        # IN  (m,)
    double[:, ::1] partial,          # OUT (blocks, n) sum_j weight_j val_j is added
    int n_threads,
):
    """Weighted column sums: partial += sum_j weight[j] val[j, :]."""
    cdef Py_ssize_t b, j, e, blocks = block.shape[0] - 1
    cdef double w
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        for j in range(block[b], block[b + 1]):
            w = weight[j]
            for e in range(start[j], stop[j]):
                partial[b, idx[e]] += w * val[e]


def curvature_product(
    const int64_t[::1] block,        # IN  (blocks + 1,)
    const int64_t[::1] start,        # IN  (m,)
    const int64_t[::1] stop,         # IN  (m,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] val,           # IN  (nnz,)
    const double[::1] alpha_in,      # IN  (m,) or (0,) for zero
    const int32_t[::1] out,          # IN  (m,) output good, -1 for none; (0,) where no row has one
    const double[::1] out_weight,    # IN  (m,) or (0,) for one
    const double[::1] alpha_out,     # IN  (m,) or (0,)
    const double[::1] z,             # IN  (n,)
    double[:, ::1] partial,          # OUT (blocks, n) curvature times z is added
    int n_threads,
):
    """partial += sum_j [ alpha_out f f' + alpha_in g g' ] z ."""
    cdef Py_ssize_t b, j, e, blocks = block.shape[0] - 1, entries = idx.shape[0]
    cdef double s, c, a, w
    cdef bint has_in = alpha_in.shape[0] > 0, has_out = out.shape[0] > 0, has_weight = out_weight.shape[0] > 0
    cdef int32_t o
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        for j in range(block[b], block[b + 1]):
            s = row_dot(&val[0] + start[j], &idx[0] + start[j], &z[0], stop[j] - start[j]) if entries > 0 else 0.0
            c = alpha_in[j] * s if has_in else 0.0
            if has_out:
                o = out[j]
                if o >= 0:
                    w = out_weight[j] if has_weight else 1.0
                    a = alpha_out[j] * (w * z[o] - s)
                    c = c - a
                    partial[b, o] += w * a
            for e in range(start[j], stop[j]):
                partial[b, idx[e]] += c * val[e]


def curvature_diagonal(
    const int64_t[::1] block,        # IN  (blocks + 1,)
    const int64_t[::1] start,        # IN  (m,)
    const int64_t[::1] stop,         # IN  (m,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] val,           # IN  (nnz,)
    const double[::1] alpha_in,      # IN  (m,) or (0,)
    const int32_t[::1] out,          # IN  (m,) or (0,)
    const double[::1] out_weight,    # IN  (m,) or (0,)
    const double[::1] alpha_out,     # IN  (m,) or (0,)
    double[:, ::1] partial,          # OUT (blocks, n) diagonal is added
    int n_threads,
):
    """partial += diagonal of sum_j [ alpha_out f f' + alpha_in g g' ]."""
    cdef Py_ssize_t b, j, e, blocks = block.shape[0] - 1
    cdef double c, a, w
    cdef bint has_in = alpha_in.shape[0] > 0, has_out = out.shape[0] > 0, has_weight = out_weight.shape[0] > 0
    cdef int32_t o
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        for j in range(block[b], block[b + 1]):
            c = alpha_in[j] if has_in else 0.0
            o = out[j] if has_out else -1
            a = 0.0
            w = 0.0
            if o >= 0:
                w = out_weight[j] if has_weight else 1.0
                a = alpha_out[j]
                c = c + a
                partial[b, o] += a * w * w
            for e in range(start[j], stop[j]):
                partial[b, idx[e]] += c * val[e] * val[e]
                if idx[e] == o:
                    partial[b, o] -= 2.0 * a * w * val[e]


def curvature_dense(
    const int64_t[::1] member,        # IN  (bands + 1,) first run of each band of goods in member_row, member_entry
    const int32_t[::1] member_row,    # IN  (runs,) a row
    const int64_t[::1] member_entry,  # IN  (runs,) the first of its consecutive entries whose goods lie in the band
    int width,                        # IN  goods per band: band b holds goods b * width .. (b + 1) * width - 1
    const int64_t[::1] maker,         # IN  (n + 1,) first row of each good in maker_row; (0,) without outputs
    const int32_t[::1] maker_row,     # IN  rows by output good
    const int64_t[::1] stop,          # IN  (m,)
    const int64_t[::1] start,         # IN  (m,)
    const int32_t[::1] idx,           # IN  (nnz,)
    const double[::1] val,            # IN  (nnz,)
    const double[::1] alpha_in,       # IN  (m,) or (0,)
    const int32_t[::1] out,           # IN  (m,) or (0,)
    const double[::1] out_weight,     # IN  (m,) or (0,)
    const double[::1] alpha_out,      # IN  (m,) or (0,)
    double[:, ::1] dense,             # OUT (n, n) each pair of goods is added once, on either side of the diagonal
    int n_threads,
):
    """dense += sum_j [ alpha_out f f' + alpha_in g g' ], each unordered pair of goods once (folded by cholesky.scale_and_fold).

    One thread owns a band of lines of `dense` and reads all rows that hold its goods: no copies of the matrix, no atomics, and
    the order of the additions does not depend on the number of threads. What bounds it is reading rows that lie anywhere in
    memory: a band reads a row once for all its goods, and asks for rows before they are needed.
    """
    cdef Py_ssize_t band, bands = member.shape[0] - 1, i, k, e, f, j, high, n = dense.shape[0]
    cdef Py_ssize_t last = member_row.shape[0], entries = val.shape[0]
    cdef double c, w, a
    cdef bint has_in = alpha_in.shape[0] > 0, has_out = out.shape[0] > 0, has_weight = out_weight.shape[0] > 0
    for band in prange(bands, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        high = (band + 1) * width
        for k in range(member[band], member[band + 1]):
            if k + AHEAD < last:
                j = member_entry[k + AHEAD]
                fetch_soon(&val[j])
                fetch_soon(&val[min(j + 8, entries - 1)])
                fetch_soon(&idx[j])
                fetch_soon(&idx[min(j + 15, entries - 1)])
                j = member_row[k + AHEAD]
                fetch_soon(&stop[j])
                if has_in:
                    fetch_soon(&alpha_in[j])
            j = member_row[k]
            a = alpha_in[j] if has_in else 0.0
            if has_out and out[j] >= 0:
                a = a + alpha_out[j]
            if a == 0.0:
                continue
            f = member_entry[k]
            while f < stop[j] and high - width <= idx[f] < high:
                i = idx[f]
                c = a * val[f]
                for e in range(f, stop[j]):
                    dense[i, idx[e]] += c * val[e]
                f = f + 1
        if has_out:
            # pairs (output, input) belong to the output's line; a good used in its own making counts twice
            for i in range(band * width, min(high, n)):
                for k in range(maker[i], maker[i + 1]):
                    j = maker_row[k]
                    w = out_weight[j] if has_weight else 1.0
                    a = alpha_out[j] * w
                    dense[i, i] += a * w
                    for e in range(start[j], stop[j]):
                        if idx[e] == i:
                            dense[i, i] -= 2.0 * a * val[e]
                        else:
                            dense[i, idx[e]] -= a * val[e]


def scatter_signed(
    const int64_t[::1] block,        # IN  (blocks + 1,)
    const int64_t[::1] start,        # IN  (m,)
    const int64_t[::1] stop,         # IN  (m,)
    const int32_t[::1] idx,          # IN  (nnz,)
    const double[::1] val,           # IN  (nnz,) + made, - used
    const double[::1] weight,        # IN  (m,) >= 0
    double[:, ::1] partial,          # OUT (blocks, 2n) used (as positive numbers) | made, added
    int n_threads,
):
    """Sums of rows that hold outputs and inputs: what is used and what is made, apart."""
    cdef Py_ssize_t b, j, e, blocks = block.shape[0] - 1, n = partial.shape[1] // 2
    cdef double w, f
    for b in prange(blocks, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        for j in range(block[b], block[b + 1]):
            w = weight[j]
            for e in range(start[j], stop[j]):
                f = w * val[e]
                if f > 0.0:
                    partial[b, n + idx[e]] += f
                else:
                    partial[b, idx[e]] -= f
