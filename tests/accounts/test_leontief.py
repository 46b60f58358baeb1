"""The two systems: duality, the iteration against the factors, and tables without a surplus."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from accounts.tables_for_tests import random_table, two_sectors
from parecon.accounts import InputOutput, Labels, leontief, spectral_radius
from parecon.accounts.leontief import DenseLeontief, IteratedLeontief
from parecon.errors import AccountsError

SEEDS = st.integers(0, 10_000)


def names(n):
    return Labels([f"s{i}" for i in range(n)], what="sector")


def sparse_coefficients(rng, n, *, column_sum=0.6):
    """Eight or so inputs per sector, columns with this sum."""
    column = np.repeat(np.arange(n), 8)
    cells = (rng.uniform(0.1, 1.0, column.size), (rng.integers(0, n, column.size), column))
    A = sp.csr_array(cells, shape=(n, n))
    A.sum_duplicates()
    return sp.csr_array(A @ sp.diags_array(column_sum / np.asarray(A.sum(axis=0)).ravel()))


def test_inverse_by_hand():
    table = two_sectors()
    np.testing.assert_allclose(table.L, np.array([[0.8, 0.4], [0.3, 0.9]]) / 0.6, rtol=1e-14)


@given(SEEDS)
def test_quantities_and_prices_solve_their_systems(seed):
    rng = np.random.default_rng(seed)
    table = random_table(rng)
    np.testing.assert_allclose(table.quantities(), table.x, rtol=1e-12)
    np.testing.assert_allclose(table.prices(), 1.0, rtol=1e-12)
    y, v = rng.uniform(0, 9, 6), rng.uniform(0, 1, 6)
    x, p = table.quantities(y), table.prices(v)
    np.testing.assert_allclose(table.A @ x + y, x, rtol=1e-12)
    np.testing.assert_allclose(p @ table.A + v, p, rtol=1e-12)
    # Duality: what final demand is worth is what is paid for making it, p y = v x.
    assert p @ y == pytest.approx(v @ x, rel=1e-12)
    np.testing.assert_allclose(p, v @ table.L, rtol=1e-12)


@given(SEEDS)
def test_the_iteration_stays_inside_its_bound(seed):
    rng = np.random.default_rng(seed)
    n = 60
    A = sparse_coefficients(rng, n, column_sum=rng.uniform(0.1, 0.95))
    A = sp.csr_array(A * rng.uniform(0.5, 1.0, n))  # columns of unequal sums
    factored, iterated = DenseLeontief(A, names(n)), IteratedLeontief(A, names(n))
    y = rng.uniform(0, 1, (n, 3)) * (rng.uniform(size=(n, 3)) < 0.5)
    x = iterated.quantities(y)
    np.testing.assert_allclose(x, factored.quantities(y), rtol=1e-10, atol=1e-12)
    assert iterated.last.error < 1e-11
    assert iterated.contraction < 1.0
    v = rng.uniform(0, 1, n)
    np.testing.assert_allclose(iterated.prices(v), factored.prices(v), rtol=1e-10)


def test_units_that_make_columns_exceed_one_do_not_matter():
    """Column sums say nothing about the radius when goods are counted in tonnes and in pieces."""
    rng = np.random.default_rng(3)
    A = sparse_coefficients(rng, 40).toarray()
    scale = 10.0 ** rng.uniform(-2, 2, 40)
    A = scale[:, None] * A / scale
    assert A.sum(axis=0).max() > 1.0
    iterated = IteratedLeontief(sp.csr_array(A), names(40))
    y = rng.uniform(0, 1, 40) * scale
    expected = DenseLeontief(A, names(40)).quantities(y)
    np.testing.assert_allclose(iterated.quantities(y), expected, rtol=1e-8)


def test_signs_are_bounded_by_absolute_values():
    A = sp.csr_array([[0.2, -0.3], [0.4, 0.1]])
    x = IteratedLeontief(A, names(2)).quantities(np.array([1.0, 2.0]))
    np.testing.assert_allclose(A @ x + [1.0, 2.0], x, rtol=1e-12)


def test_hundred_thousand_sectors_are_iterated():
    rng = np.random.default_rng(7)
    n = 100_000
    A = sparse_coefficients(rng, n)
    table = InputOutput([f"s{i}" for i in range(n)], A, x=np.ones(n))
    y = rng.uniform(0, 1, n)
    x = table.quantities(y)
    assert isinstance(table.leontief, IteratedLeontief)
    assert table.leontief.last.error <= 1e-13
    np.testing.assert_allclose(A @ x + y, x, rtol=1e-11)
    assert table.check().spectral_radius == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("kind", [DenseLeontief, IteratedLeontief])
@pytest.mark.parametrize(
    "A",
    [
        [[0.5, 0.7], [0.7, 0.5]],  # radius 1.2
        [[0.5, 0.5], [0.5, 0.5]],  # 1
        [[0.0, 2.0], [0.5, 0.0]],  # 1, of a cycle: powers of A do not settle
        [[0.2, 0.0, 0.0], [0.1, 0.0, 1.5], [0.0, 1.5, 0.0]],  # 1.5, of two sectors of three
    ],
)
def test_no_surplus_is_an_error_that_names_sectors(kind, A):
    with pytest.raises(AccountsError, match=r"surplus.*'s[12]'"):
        kind(sp.csr_array(A), names(len(A)))


def test_singular_is_an_error():
    with pytest.raises(AccountsError, match="surplus"):
        DenseLeontief(np.eye(3), names(3))


def test_small_sparse_tables_are_factored():
    A = sparse_coefficients(np.random.default_rng(1), 50)
    assert isinstance(leontief(A, names(50)), DenseLeontief)


@pytest.mark.parametrize("n", [3, 80])
def test_spectral_radius(n):
    A = np.random.default_rng(n).uniform(0, 1.2 / n, (n, n))
    expected = np.abs(np.linalg.eigvals(A)).max()
    assert spectral_radius(A) == pytest.approx(expected, rel=1e-7)
    assert spectral_radius(sp.csr_array(A)) == pytest.approx(expected, rel=1e-7)
