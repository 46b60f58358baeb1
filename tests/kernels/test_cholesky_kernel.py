"""The tiled Cholesky factor against NumPy's, at sizes around the edges of tiles and strips."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.rows_for_tests import read_only, same_for_all_threads
from parecon._blas import single_threaded_blas
from parecon._kernels import cholesky as kernel

# Tiles of 160, strips of 32: one less, one more, several and a rest.
SIZES = (0, 1, 2, 31, 32, 33, 65, 159, 160, 161, 320, 337)


@pytest.fixture(autouse=True)
def one_blas_thread():
    """As the kernel wants it: its own threads share the tiles."""
    with single_threaded_blas():
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(17)


def positive_definite(rng, n):
    """Symmetric, eigenvalues from .5 to about 5."""
    factor = rng.normal(size=(n, n)) / max(n, 1) ** 0.5
    return factor @ factor.T + 0.5 * np.eye(n)


@pytest.mark.parametrize("n", SIZES)
def test_factorise(n, rng) -> None:
    """The upper triangle becomes R with R'R = matrix; the lower is not read."""
    matrix = positive_definite(rng, n)
    given = np.triu(matrix) + np.tril(np.full((n, n), np.nan), -1)

    def run(threads):
        work = given.copy()
        assert kernel.factorise(work, threads) == 0
        return (np.triu(work),)

    got = same_for_all_threads(run)[0]
    expected = np.linalg.cholesky(matrix).T if n else matrix
    # rounding of n products of size one, amplified by a condition of ten
    np.testing.assert_allclose(got, expected, atol=1e-14 * max(n, 10))


@pytest.mark.parametrize("pivot", [0, 5, 159, 160, 250, 336])
def test_the_first_pivot_that_is_not_positive(pivot, rng) -> None:
    """Its 1-based number comes back, from whichever tile it is in."""
    matrix = positive_definite(rng, 337)
    lower = np.linalg.cholesky(matrix)
    # the pivot is the diagonal less what is explained by the rows before it
    matrix[pivot, pivot] -= lower[pivot, pivot] ** 2 + 0.1
    assert kernel.factorise(matrix, 2) == pivot + 1


@pytest.mark.parametrize("place", [(0, 0), (3, 3), (200, 200), (3, 250)])
def test_nan_is_not_positive(place) -> None:
    """On the diagonal, and off it, whence it reaches the diagonal."""
    matrix = np.eye(300)
    matrix[place] = np.nan
    assert kernel.factorise(matrix, 2) > 0


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("shift", [0.0, 1e-6])
def test_scale_and_fold(n, shift, rng) -> None:
    """s_i s_k (upper + lower' + diagonal), unit diagonal plus shift; the lower is left alone."""
    whole = positive_definite(rng, n) * np.outer(*2 * [10.0 ** rng.uniform(-8, 8, n)])
    diagonal = read_only(0.3 * np.diag(whole))
    # each pair once, on a random side of the diagonal
    side = np.triu(rng.random((n, n)) < 0.5, 1)
    once = np.where(side, whole, 0.0) + np.where(np.triu(~side, 1), whole, 0.0).T
    once += 0.7 * np.diag(np.diag(whole))

    def run(threads):
        work, scale = once.copy(), np.full(n, np.nan)
        kernel.scale_and_fold(work, diagonal, scale, shift, threads)
        return work, scale

    got, scale = same_for_all_threads(run)
    np.testing.assert_allclose(scale, 1.0 / np.sqrt(np.diag(whole)), rtol=1e-14)
    expected = whole * np.outer(scale, scale)
    np.fill_diagonal(expected, 1.0 + shift)
    np.testing.assert_allclose(np.triu(got), np.triu(expected), rtol=1e-13)
    np.testing.assert_array_equal(np.tril(got, -1), np.tril(once, -1))


def test_a_good_without_curvature_is_left_to_itself() -> None:
    """Nothing on the diagonal: a pivot of one, and a scale that is finite and so is its square."""
    matrix, scale = np.diag([4.0, 0.0, 1e-320]), np.empty(3)
    kernel.scale_and_fold(matrix, np.zeros(3), scale, 0.0, 1)
    assert np.isfinite(scale**2).all()
    assert matrix.tolist() == np.eye(3).tolist()
    assert kernel.factorise(matrix, 1) == 0
