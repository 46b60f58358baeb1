"""The linear systems against NumPy: well and badly conditioned, nearly singular, not a matrix at
all."""

from __future__ import annotations

import numpy as np
import pytest

from parecon._blas import single_threaded_blas
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.linear_solve import DenseSystem, IterativeSystem, conjugate_gradients


def never_stop() -> None:
    """Nobody wants the solve to end."""


@pytest.fixture(autouse=True)
def one_blas_thread():
    """As during a solve: the kernels' threads share the work."""
    with single_threaded_blas():
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(12)


def random_curvature(rng, n, m, *, spread=1.0, diagonal=True, n_threads=1):
    """Diagonal and m consumer-like and m maker-like rank-one terms; goods over `spread` decades."""
    lengths = rng.integers(1, min(n, 6) + 1, m)
    stop = np.cumsum(lengths)
    idx = np.concatenate([rng.permutation(n)[:k] for k in lengths]).astype(np.int32)
    out = rng.integers(0, n, m).astype(np.int32)
    size = 10.0 ** rng.uniform(-spread, spread, n)
    rows = Rows(stop - lengths, stop, idx, Scratch(n, n_threads), out)
    val = rng.uniform(0.1, 1.0, len(idx)) * size[idx]
    total = Curvature(n)
    if diagonal:
        total.diagonal = 0.1 * size**2 * rng.uniform(0.5, 1.0, n)
    weights = {"alpha_in": rng.uniform(0, 1, m), "alpha_out": rng.uniform(0, 5, m)}
    total.terms = [Term(rows, val, **weights, out_weight=size[out])]
    return total


def matrix_of(total, n):
    return np.array([total.product(unit) for unit in np.eye(n)])


# Conjugate gradients ------------------------------------------------------------------------------


def positive_definite(rng, n, condition):
    """Eigenvalues evenly spread in logarithms from one to `condition`."""
    basis, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return (basis * np.geomspace(1.0, condition, n)) @ basis.T


@pytest.mark.parametrize("n", [1, 2, 10, 60])
@pytest.mark.parametrize("condition", [1.0, 1e2, 1e4])
def test_conjugate_gradients(rng, n, condition) -> None:
    """The solution, to the residual asked for, in at most some times n products."""
    matrix, rhs = positive_definite(rng, n, condition), rng.normal(size=n)
    x, count = conjugate_gradients(
        lambda v: matrix @ v, rhs, np.copy, relative=1e-11, max_iterations=20 * n, poll=never_stop
    )
    assert np.linalg.norm(matrix @ x - rhs) <= 1.01e-11 * np.linalg.norm(rhs)
    np.testing.assert_allclose(x, np.linalg.solve(matrix, rhs), rtol=0, atol=1e-10 * abs(rhs).max())
    assert count <= (1 if condition == 1.0 else 20 * n - 1)


def test_loose_and_tight_residuals(rng) -> None:
    """Smaller residuals take more products; each keeps its word, none does much more."""
    matrix, rhs = positive_definite(rng, 80, 1e3), rng.normal(size=80)
    counts = []
    for relative in (0.1, 1e-2, 1e-4, 1e-8):
        x, count = conjugate_gradients(
            lambda v: matrix @ v, rhs, np.copy, relative=relative, max_iterations=500,
            poll=never_stop,
        )  # fmt: skip
        residual = np.linalg.norm(matrix @ x - rhs) / np.linalg.norm(rhs)
        assert 1e-2 * relative <= residual <= 1.01 * relative
        counts.append(count)
    assert counts == sorted(set(counts))


def test_a_perfect_preconditioner_takes_one_product(rng) -> None:
    matrix, rhs = positive_definite(rng, 20, 1e6), rng.normal(size=20)
    inverse = np.linalg.inv(matrix)
    _, count = conjugate_gradients(
        lambda v: matrix @ v, rhs, lambda v: inverse @ v, relative=1e-6, max_iterations=50,
        poll=never_stop,
    )  # fmt: skip
    assert count == 1


def test_few_eigenvalues_take_few_products(rng) -> None:
    """Three distinct eigenvalues: exact after three."""
    basis, _ = np.linalg.qr(rng.normal(size=(30, 30)))
    matrix = (basis * rng.choice([1.0, 5.0, 40.0], 30)) @ basis.T
    _, count = conjugate_gradients(
        lambda v: matrix @ v, rng.normal(size=30), np.copy, relative=1e-10, max_iterations=50,
        poll=never_stop,
    )  # fmt: skip
    assert count == 3


def test_no_right_hand_side_no_products() -> None:
    x, count = conjugate_gradients(
        lambda v: v, np.zeros(4), np.copy, relative=1e-8, max_iterations=9, poll=never_stop
    )
    assert (x.tolist(), count) == ([0.0] * 4, 0)


def test_iterations_end(rng) -> None:
    """The last iterate comes back, better than the first."""
    matrix, rhs = positive_definite(rng, 50, 1e6), rng.normal(size=50)
    x, count = conjugate_gradients(
        lambda v: matrix @ v, rhs, np.copy, relative=1e-12, max_iterations=7, poll=never_stop
    )
    assert count == 7
    exact = np.linalg.solve(matrix, rhs)
    # conjugate gradients lessen the error in the matrix's own norm at every step
    assert (x - exact) @ matrix @ (x - exact) < exact @ matrix @ exact


def test_a_direction_without_curvature_ends_it() -> None:
    """What was found so far is returned: at once the preconditioned right-hand side, a descent
    direction."""
    rhs = np.array([1.0, 2.0])
    x, _ = conjugate_gradients(
        lambda v: -v, rhs, lambda v: 3.0 * v, relative=1e-8, max_iterations=9, poll=never_stop
    )
    np.testing.assert_array_equal(x, 3.0 * rhs)
    singular = np.diag([1.0, 0.0])
    x, _ = conjugate_gradients(
        lambda v: singular @ v, rhs, np.copy, relative=1e-8, max_iterations=9, poll=never_stop
    )
    assert np.all(np.isfinite(x))
    assert x @ rhs > 0.0


def test_polled_before_every_product(rng) -> None:
    """So that Ctrl-C need not wait for the linear solve."""
    matrix, polls = positive_definite(rng, 30, 1e3), []

    def poll():
        polls.append(1)
        if len(polls) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conjugate_gradients(
            lambda v: matrix @ v, rng.normal(size=30), np.copy, relative=1e-12, max_iterations=99,
            poll=poll,
        )  # fmt: skip
    assert len(polls) == 5


# Systems ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 31, 160, 200])
@pytest.mark.parametrize("spread", [0.0, 6.0])
def test_dense_system(rng, n, spread) -> None:
    """Goods in units a trillion apart do not disturb each other."""
    curvature = random_curvature(rng, n, 3 * n, spread=spread)
    system = DenseSystem(n, 1)
    system.factorise(curvature)
    matrix = matrix_of(curvature, n)
    size = np.sqrt(np.diag(matrix))
    rhs = size * rng.normal(size=n)
    x, _ = system.solve(rhs, relative=1e-12, poll=never_stop)
    exact = np.linalg.solve(matrix / np.outer(size, size), rhs / size)
    np.testing.assert_allclose(x * size, exact, rtol=0, atol=1e-10 * np.abs(exact).max())


@pytest.mark.parametrize("error", [0.0, 1e-4])
def test_a_factor_is_applied_again_only_where_it_left_something(rng, error, monkeypatch) -> None:
    """An exact factor once; one that is off as often as refinement needs, to the same solution."""
    curvature = random_curvature(rng, 60, 180)
    system, applied = DenseSystem(60, 1), []
    system.factorise(curvature)
    exact = system._apply_factor
    off = 1.0 + error * rng.normal(size=60)

    def watched(rhs):
        applied.append(rhs)
        return off * exact(off * rhs)

    monkeypatch.setattr(system, "_apply_factor", watched)
    rhs = rng.normal(size=60)
    x, _ = system.solve(rhs, relative=1e-10, poll=never_stop)
    assert (len(applied) == 1) == (error == 0.0)
    np.testing.assert_allclose(matrix_of(curvature, 60) @ x, rhs, rtol=0, atol=1e-9)


@pytest.mark.usefixtures("every_thread")
@pytest.mark.parametrize("threads", [2, 7])
def test_dense_system_on_any_number_of_threads(threads) -> None:
    """Over several tiles, the same bits."""
    found = []
    for n_threads in (1, threads):
        again = np.random.default_rng(5)
        curvature = random_curvature(again, 350, 700, n_threads=n_threads)
        system = DenseSystem(350, n_threads)
        system.factorise(curvature)
        x, _ = system.solve(again.normal(size=350), relative=1e-10, poll=never_stop)
        found.append(x.tobytes())
    assert found[0] == found[1]


def test_dense_system_is_factorised_again(rng) -> None:
    """The buffer of the last factorisation leaves no trace."""
    n = 40
    system = DenseSystem(n, 2)
    for _ in range(3):
        curvature, rhs = random_curvature(rng, n, 100), rng.normal(size=n)
        system.factorise(curvature)
        x, _ = system.solve(rhs, relative=1e-12, poll=never_stop)
        np.testing.assert_allclose(curvature.product(x), rhs, atol=1e-9 * np.abs(rhs).max())


def rank_ten(rng, n, ridge):
    """Ten consumers with eight goods each, every good with somebody: rank ten without the ridge."""
    stop = np.arange(8, 81, 8)
    idx = np.concatenate(
        [np.concatenate([[j], 10 + rng.permutation(n - 10)[:7]]) for j in range(10)]
    )
    rows = Rows(stop - 8, stop, idx.astype(np.int32), Scratch(n, 1))
    curvature = Curvature(n)
    curvature.terms = [Term(rows, rng.uniform(0.1, 1, len(idx)), alpha_in=np.ones(10))]
    curvature.diagonal = np.full(n, ridge)
    return curvature


@pytest.mark.parametrize("ridge", [1e-12, 1e-15, 1e-18])
def test_nearly_singular_systems_are_solved_where_they_can_be(rng, ridge) -> None:
    """A right-hand side in the range (what a solver's is) has a solution that the factor, however
    regularised, and its refinement find."""
    n = 20
    curvature = rank_ten(rng, n, ridge)
    rhs = curvature.product(rng.normal(size=n))
    system = DenseSystem(n, 1)
    system.factorise(curvature)
    x, _ = system.solve(rhs, relative=1e-10, poll=never_stop)
    assert np.all(np.isfinite(x))
    assert np.abs(curvature.product(x) - rhs).max() <= 1e-6 * np.abs(rhs).max()


def test_rounding_below_zero_is_regularised(rng) -> None:
    """Eigenvalues of -1e-13, as cancellation leaves them: it factorises, the step is of use."""
    n = 20
    curvature = rank_ten(rng, n, -1e-13)
    matrix = matrix_of(curvature, n)
    assert np.linalg.eigvalsh(matrix).min() < -1e-14
    assert np.diag(matrix).min() > 0.0
    system = DenseSystem(n, 1)
    system.factorise(curvature)
    rhs = curvature.product(rng.normal(size=n))
    x, _ = system.solve(rhs, relative=1e-8, poll=never_stop)
    assert np.abs(curvature.product(x) - rhs).max() <= 1e-6 * np.abs(rhs).max()
    assert x @ rhs > 0.0


@pytest.mark.parametrize("rest", [0.0, 1e-310, -1e-20])
def test_a_good_without_any_curvature(rng, rest) -> None:
    """Neither made nor used, but for rounding: the others are unharmed."""
    n = 12
    curvature = random_curvature(rng, n, 40)
    term, lonely = curvature.terms[0], n - 1
    term.val[term.rows.idx == lonely] = 0.0
    term.out_weight[term.rows.out == lonely] = 0.0
    curvature.diagonal[lonely] = rest
    system = DenseSystem(n, 1)
    system.factorise(curvature)
    for there in (0.0, 1.0):
        rhs = rng.normal(size=n)
        rhs[lonely] = there
        x, _ = system.solve(rhs, relative=1e-12, poll=never_stop)
        assert np.all(np.isfinite(x))
        np.testing.assert_allclose(curvature.product(x)[:lonely], rhs[:lonely], atol=1e-9)


@pytest.mark.parametrize("where", ["diagonal", "terms"])
def test_nan_is_an_error(rng, where) -> None:
    """Promised by `factorise`: nothing that follows would notice."""
    curvature = random_curvature(rng, 10, 30)
    if where == "diagonal":
        curvature.diagonal[3] = np.nan
    else:
        curvature.terms[0].val[7] = np.nan
    with pytest.raises(FloatingPointError, match="not positive definite"):
        DenseSystem(10, 1).factorise(curvature)


def test_a_negative_curvature_is_an_error() -> None:
    """No regularisation makes a concave dual convex: an eigenvalue of -9, a diagonal of .5."""
    n = 20
    one = np.array([0]), np.array([n]), np.arange(n, dtype=np.int32)
    curvature = Curvature(n)
    curvature.diagonal = np.ones(n)
    curvature.terms = [Term(Rows(*one, Scratch(n, 1)), np.ones(n), alpha_in=np.array([-0.5]))]
    with pytest.raises(FloatingPointError, match="not positive definite"):
        DenseSystem(n, 1).factorise(curvature)


@pytest.mark.parametrize("spread", [0.0, 6.0])
def test_iterative_system(rng, spread) -> None:
    """The diagonal takes the units out: as few products in one as in another."""
    n = 120
    curvature = random_curvature(rng, n, 300, spread=spread)
    system = IterativeSystem(1000)
    system.factorise(curvature)
    size = np.sqrt(curvature.full_diagonal())
    rhs = size * rng.normal(size=n)
    x, count = system.solve(rhs, relative=1e-10, poll=never_stop)
    residual = (curvature.product(x) - rhs) / size
    assert np.linalg.norm(residual) <= 2e-10 * np.linalg.norm(rhs / size)
    assert 0 < count < 150
    dense = DenseSystem(n, 1)
    dense.factorise(curvature)
    other, _ = dense.solve(rhs, relative=1e-12, poll=never_stop)
    np.testing.assert_allclose(x * size, other * size, atol=1e-7 * np.abs(other * size).max())


def test_iterative_system_follows_a_curvature_near_by(rng) -> None:
    """The old diagonal preconditions, the new operator is what is solved."""
    n = 60
    curvature = random_curvature(rng, n, 200)
    near, rhs = random_curvature(np.random.default_rng(12), n, 200), rng.normal(size=n)
    near.diagonal *= rng.uniform(0.9, 1.1, n)
    system = IterativeSystem(500)
    system.factorise(curvature)
    inverse = system.inverse.copy()
    system.follow(near)
    x, _ = system.solve(rhs, relative=1e-11, poll=never_stop)
    np.testing.assert_array_equal(system.inverse, inverse)
    np.testing.assert_allclose(near.product(x), rhs, atol=1e-9 * np.abs(rhs).max())
    assert np.abs(curvature.product(x) - rhs).max() > 1e-3 * np.abs(rhs).max()
