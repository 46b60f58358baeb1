"""RAS and GRAS on matrices alone."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from parecon.accounts import gras, ras
from parecon.errors import AccountsError

SEEDS = st.integers(0, 10_000)


def margins_of(rng, a):
    """Margins that can be met: those of the matrix with other positive factors."""
    r, s = rng.uniform(0.5, 2.0, len(a)), rng.uniform(0.5, 2.0, a.shape[1])
    factor = r[:, None] * s
    x = np.where(a >= 0.0, a * factor, a / factor)
    return x, x.sum(axis=1), x.sum(axis=0)


@pytest.mark.parametrize("sparse", [False, True])
@given(seed=SEEDS)
def test_margins_are_met_and_the_scaling_is_found_again(seed, sparse):
    rng = np.random.default_rng(seed)
    a = rng.uniform(0.1, 1.0, (5, 4)) * (rng.uniform(size=(5, 4)) < 0.8)
    a[:, 0] += 0.1
    a[0] += 0.1
    x, rows, columns = margins_of(rng, a)
    found = ras(sp.csr_array(a) if sparse else a, rows, columns)
    matrix = found.matrix.toarray() if sparse else found.matrix
    # RAS has one answer for given margins, and x is of its form.
    np.testing.assert_allclose(matrix, x, rtol=1e-9)
    factor = found.row_factor[:, None] * found.column_factor
    np.testing.assert_allclose(matrix, a * factor, rtol=1e-12)


@given(SEEDS)
def test_gras_keeps_signs_and_meets_margins(seed):
    rng = np.random.default_rng(seed)
    a = rng.uniform(0.1, 1.0, (6, 5))
    a[rng.uniform(size=a.shape) < 0.2] *= -0.3
    a[0], a[:, 0] = np.abs(a[0]), np.abs(a[:, 0])
    x, rows, columns = margins_of(rng, a)
    found = gras(a, rows, columns)
    assert np.array_equal(np.sign(found.matrix), np.sign(a))
    np.testing.assert_allclose(found.matrix.sum(axis=1), rows, atol=1e-11)
    np.testing.assert_allclose(found.matrix.sum(axis=0), columns, atol=1e-11)
    np.testing.assert_allclose(found.matrix, x, rtol=1e-7, atol=1e-9)
    assert found.error <= 1e-12


def test_gras_on_a_row_of_negative_cells_only():
    """p = 0: r = -n / u, by hand -2 -> -3 divides by 2/3."""
    found = gras([[-2.0], [5.0]], [-3.0, 6.0], [3.0])
    assert found.matrix.tolist() == [[-3.0], [6.0]]


def test_a_row_with_total_zero_is_emptied():
    assert ras([[1.0, 2.0], [3.0, 4.0]], [0.0, 7.0], [3.0, 4.0]).matrix[0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("matrix", "rows", "columns", "message"),
    [
        ([[1.0, -1.0]], [1.0], [1.0, 0.0], "use gras"),
        ([[1.0, 1.0]], [1.0], [1.0, 1.0], "one sum, got 1 and 2"),
        (
            [[1.0, 0.0], [1.0, 0.0]],
            [1.0, 1.0],
            [1.0, 1.0],
            r"columns: expected cells.*'b' \(total 1\)",
        ),
        ([[1.0, 1.0]], [1.0, 2.0], [1.0, 1.0], r"ras.rows: expected shape \(1,\)"),
        ([1.0], [1.0], [1.0], "2 dimensions"),
        # The zero forces the first row into one column, which is too small for it.
        ([[1.0, 0.0], [1.0, 1.0]], [3.0, 1.0], [2.0, 2.0], "totals that the cells allow"),
    ],
)
def test_what_cannot_be_is_refused(matrix, rows, columns, message):
    with pytest.raises(AccountsError, match=message):
        ras(matrix, rows, columns, column_names=["a", "b"])
