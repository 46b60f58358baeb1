"""Cholesky factor of a dense symmetric matrix in tiles, one BLAS call per tile and thread.

BLAS libraries bring threads of their own that wait by spinning: on a machine that does anything else they cost more than they give
(measured on two busy cores, n = 2000: 2 s instead of .1 s). Here the tiles are shared among OpenMP threads that sleep, and every
BLAS call is single-threaded (the caller limits the library to one thread). The tiles and their order do not depend on the number of
threads, hence neither does the factor.
"""

from cython.parallel cimport prange
from libc.math cimport sqrt
from scipy.linalg.cython_blas cimport dgemm, dsyrk, dtrsm
from scipy.linalg.cython_lapack cimport dpotrf

cdef enum:
    TILE = 160
    STRIP = 32


def scale_and_fold(
    double[:, ::1] matrix,           # IN/OUT (n, n) upper triangle becomes s_i s_k (upper + lower')
    const double[::1] diagonal,      # IN  (n,) is added to the diagonal
    double[::1] scale,               # OUT (n,) s = 1/sqrt(diagonal of the whole)
    double shift,                    # IN  added to the scaled diagonal, which is one
    int n_threads,
):
    """Fold the lower triangle onto the upper and scale to a unit diagonal; in strips, so that both sides stay in cache."""
    cdef Py_ssize_t n = matrix.shape[0], strips = (n + STRIP - 1) // STRIP, a, b, i, k, first
    cdef double d
    for i in range(n):
        d = matrix[i, i] + diagonal[i]
        # a good without curvature stands apart with a step of zero; nan goes on to where it is noticed
        scale[i] = 1.0 / sqrt(d) if d > 1e-300 else 0.0 * d
    for a in prange(strips, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=1):
        for b in range(a, strips):
            for i in range(a * STRIP, min((a + 1) * STRIP, n)):
                first = i + 1 if a == b else b * STRIP
                for k in range(first, min((b + 1) * STRIP, n)):
                    matrix[i, k] = (matrix[i, k] + matrix[k, i]) * (scale[i] * scale[k])
        for i in range(a * STRIP, min((a + 1) * STRIP, n)):
            matrix[i, i] = 1.0 + shift + 0.0 * scale[i]


def factorise(
    double[:, ::1] matrix,           # IN/OUT (n, n) upper triangle (C order) becomes R with R'R = matrix
    int n_threads,
):
    """Factor in place; returns 0, or the 1-based number of the first pivot that is not positive."""
    cdef int n = matrix.shape[0]
    return eliminate(matrix, n, 0, tile_count(n), n_threads)


def tile_count(int size):
    """Tiles that a matrix of this size is cut into."""
    return (size + TILE - 1) // TILE


def eliminate(
    double[:, ::1] matrix,           # IN/OUT (n, n) upper triangle (C order)
    int pivots,                      # IN  goods to eliminate, the first ones
    int first_tile,                  # IN  first tile of pivots to eliminate now
    int last_tile,                   # IN  one past the last
    int n_threads,
):
    """Eliminate some tiles of pivots: the first lines of R, and what is left of the others; returns as `factorise`."""
    cdef int n = matrix.shape[0], tiles = (pivots + TILE - 1) // TILE, all_tiles = tiles + (n - pivots + TILE - 1) // TILE
    cdef int k = 0, status = 0
    cdef Tiled a
    if n == 0:
        return 0
    a.at, a.n, a.pivots, a.turn = &matrix[0, 0], n, pivots, tiles
    with nogil:
        for k in range(first_tile, min(last_tile, tiles)):
            status = pivot_tile(&a, k)
            if status != 0:
                break
            panel(&a, k, all_tiles, n_threads)
            update(&a, k, all_tiles, n_threads)
    return k * TILE + status if status != 0 else 0


# C order upper triangle is Fortran order lower triangle L = R' of the same memory, leading dimension n. Tiles of pivots come first,
# from tile `turn` on those of the others.

cdef struct Tiled:
    double *at
    int n, pivots, turn


cdef inline int begin(const Tiled *a, int tile) noexcept nogil:
    return tile * TILE if tile < a.turn else a.pivots + (tile - a.turn) * TILE


cdef inline int width(const Tiled *a, int tile) noexcept nogil:
    return min(TILE, (a.pivots if tile < a.turn else a.n) - begin(a, tile))


cdef inline double *corner(const Tiled *a, int row, int column) noexcept nogil:
    return a.at + <Py_ssize_t>begin(a, column) * a.n + begin(a, row)


cdef int pivot_tile(const Tiled *a, int k) noexcept nogil:
    cdef int size = width(a, k), n = a.n, status = 0, i
    cdef double *tile = corner(a, k, k)
    dpotrf("L", &size, tile, &n, &status)
    if status == 0:
        for i in range(size):
            # LAPACK asks whether a pivot is <= 0, which nan is not
            if not tile[<Py_ssize_t>i * n + i] > 0.0:
                return i + 1
    return status


cdef void panel(const Tiled *a, int k, int tiles, int n_threads) noexcept nogil:
    """Tiles below the pivot: L_ik = A_ik L_kk^-T."""
    cdef int i
    for i in prange(k + 1, tiles, num_threads=n_threads, schedule="dynamic", chunksize=1):
        panel_tile(a, k, i)


cdef void panel_tile(const Tiled *a, int k, int i) noexcept nogil:
    cdef int columns = width(a, k), size = width(a, i), n = a.n
    cdef double one = 1.0
    dtrsm("R", "L", "T", "N", &size, &columns, &one, corner(a, k, k), &n, corner(a, i, k), &n)


cdef void update(const Tiled *a, int k, int tiles, int n_threads) noexcept nogil:
    """What is left: A_ij -= L_ik L_jk' for i >= j > k."""
    cdef int left = tiles - k - 1, count = left * (left + 1) // 2, task
    for task in prange(count, num_threads=n_threads, schedule="dynamic", chunksize=1):
        update_tile(a, k, task)


cdef void update_tile(const Tiled *a, int k, int task) noexcept nogil:
    """Task t of the lower triangle, counted by rows: row r holds r + 1 tiles."""
    cdef int row = 0, rest = task, i, j, n = a.n
    cdef int columns, rows_i, rows_j
    cdef double minus = -1.0, one = 1.0
    while rest > row:
        rest -= row + 1
        row += 1
    i, j = k + 1 + row, k + 1 + rest
    columns = width(a, k)
    rows_i, rows_j = width(a, i), width(a, j)
    if i == j:
        dsyrk("L", "N", &rows_i, &columns, &minus, corner(a, i, k), &n, &one, corner(a, i, i), &n)
    else:
        dgemm("N", "T", &rows_i, &rows_j, &columns, &minus, corner(a, i, k), &n, corner(a, j, k), &n, &one, corner(a, i, j), &n)
