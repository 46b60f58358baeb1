"""Fronts against NumPy: what is assembled, factors, contributions, and solves with them."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.rows_for_tests import read_only, same_for_all_threads
from parecon._blas import single_threaded_blas
from parecon._kernels.fronts import Fronts

# Goods 0..8 by place: front 0 eliminates 0-2, front 1 eliminates 3-4, front 2 the other four.
FIRST = np.array([0, 3, 5, 9])
BOUNDARY = np.array([5, 8, 5, 6, 7])
BEYOND = np.array([0, 2, 5, 5])
ABOVE = BOUNDARY - 5
CHILDREN = (np.array([0, 0, 0, 2]), np.array([0, 1]))
ROWS = [[0, 1, 5], [1, 2, 8], [2], [3, 4, 6], [3, 5, 7], [5, 6], [6, 8], []]
OUTS = [2, -1, 8, 4, 6, 7, 6, 5]
OWNER = np.array([0, 0, 0, 1, 1, 2, 2, 2])


@pytest.fixture(autouse=True)
def one_blas_thread():
    with single_threaded_blas():
        yield


def in_front(front, place):
    held = [*range(FIRST[front], FIRST[front + 1]), *BOUNDARY[BEYOND[front] : BEYOND[front + 1]]]
    return held.index(place)


class Case:
    """Numbers for the rows, and the matrix they make."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.value = rng.uniform(0.2, 1.0, sum(len(row) for row in ROWS))
        self.weight = rng.uniform(0.2, 2.0, (3, len(ROWS)))
        self.diagonal = rng.uniform(0.5, 1.0, 9)
        self.matrix = np.diag(self.diagonal)
        at = 0
        for row, out, (alpha_in, alpha_out, w) in zip(ROWS, OUTS, self.weight.T, strict=True):
            g, f = np.zeros(9), np.zeros(9)
            g[row] = self.value[at : at + len(row)]
            at += len(row)
            self.matrix += alpha_in * np.outer(g, g)
            if out >= 0:
                f[out] = w
                self.matrix += alpha_out * np.outer(f - g, f - g)

    def fronts(self):
        size = np.diff(FIRST) + np.diff(BEYOND)
        ends = np.cumsum(np.diff(FIRST) * size)
        self.factor, left = np.full(ends[-1], np.nan), np.full(4 + 9, np.nan)
        fronts = Fronts(
            read_only(FIRST), read_only(BEYOND), read_only(BOUNDARY), read_only(ABOVE), *CHILDREN,
            ends - np.diff(FIRST) * size, np.array([0, 4, 13]), self.factor, left,
        )  # fmt: skip
        place = [in_front(k, good) for k, row in zip(OWNER, ROWS, strict=True) for good in row]
        out = [in_front(k, o) if o >= 0 else -1 for k, o in zip(OWNER, OUTS, strict=True)]
        fronts.take_rows(
            np.searchsorted(OWNER, np.arange(4)),
            np.concatenate([[0], np.cumsum([len(row) for row in ROWS])]).astype(np.int64),
            np.array(place, dtype=np.int32),
            np.array(out, dtype=np.int32),
        )
        return fronts

    @property
    def numbers(self):
        return tuple(map(read_only, (self.value, self.weight, self.diagonal)))


def factorised(case, n_threads=1, tasks=((0, 1), (1, 2), (2, 3))):
    """All of it: what is below first, the root after."""
    fronts = case.fronts()
    work = np.full((max(n_threads, 1), 25), np.nan)
    *below, root = tasks
    task = np.array(below, dtype=np.int64).reshape(-1, 2)
    assert fronts.subtrees(task, *case.numbers, work, n_threads) == 0
    assert fronts.subtrees(np.array([root]), *case.numbers, work, n_threads) == 0
    return fronts


@pytest.mark.parametrize("tasks", [((0, 1), (1, 2), (2, 3)), ((0, 2), (2, 3)), ((0, 3),)])
def test_solve(tasks) -> None:
    case = Case()

    def run(n_threads):
        fronts, x = factorised(case, n_threads, tasks), np.linspace(-1.0, 2.0, 9)
        fronts.solve(x, np.full(5, np.nan))
        return (x,)

    (x,) = same_for_all_threads(run)
    np.testing.assert_allclose(case.matrix @ x, np.linspace(-1.0, 2.0, 9), atol=1e-13)


def test_factor_and_contributions() -> None:
    """The lines of the root are those of the factor of the whole matrix."""
    case = Case(1)
    factorised(case)
    expected = np.linalg.cholesky(case.matrix).T
    np.testing.assert_allclose(np.triu(case.factor[-16:].reshape(4, 4)), expected[5:, 5:])
    np.testing.assert_allclose(np.triu(case.factor[:15].reshape(3, 5)[:, :3]), expected[:3, :3])
    np.testing.assert_allclose(case.factor[:15].reshape(3, 5)[:, 3:], expected[:3, [5, 8]])


def test_a_front_by_itself() -> None:
    """Assembled, and stored once somebody else has eliminated its pivots."""
    case = Case(2)
    fronts, front = case.fronts(), np.full((5, 5), np.nan)
    fronts.assemble(0, *case.numbers, front, 2)
    held = [0, 1, 2, 5, 8]
    inner = np.zeros((9, 9))
    inner[:3, :3] = np.diag(case.diagonal[:3])
    at = 0
    for row, out, (alpha_in, alpha_out, w) in zip(
        ROWS[:3], OUTS[:3], case.weight.T[:3], strict=True
    ):
        g, f = np.zeros(9), np.zeros(9)
        g[row] = case.value[at : at + len(row)]
        at += len(row)
        f[out] = w
        inner += alpha_in * np.outer(g, g) + (out >= 0) * alpha_out * np.outer(f - g, f - g)
    np.testing.assert_allclose(np.triu(front), np.triu(inner[np.ix_(held, held)]), atol=1e-15)
    whole = factorised(Case(2))
    del whole
    upper = np.triu(front) + np.triu(front, 1).T
    lines = np.linalg.cholesky(upper).T[:3]
    front[:3] = np.triu(lines)
    front[3:, 3:] = upper[3:, 3:] - lines[:, 3:].T @ lines[:, 3:]
    fronts.store(0, read_only(front))
    work = np.full((1, 25), np.nan)
    assert fronts.subtrees(np.array([[1, 3]]), *case.numbers, work, 1) == 0
    x = np.ones(9)
    fronts.solve(x, np.full(5, np.nan))
    np.testing.assert_allclose(case.matrix @ x, 1.0, rtol=1e-13)


@pytest.mark.parametrize("place", [0, 4, 8])
@pytest.mark.parametrize("bad", [-100.0, np.nan])
def test_a_pivot_that_is_not_positive_is_reported(place, bad) -> None:
    case = Case(3)
    case.diagonal[place] = bad
    fronts, work = case.fronts(), np.zeros((2, 25))
    tasks = np.array([[0, 1], [1, 2]])
    below = fronts.subtrees(tasks, *case.numbers, work, 2)
    assert (below > 0) == (place < 5)
    assert below or fronts.subtrees(np.array([[2, 3]]), *case.numbers, work, 2) > 0


def test_no_fronts() -> None:
    nothing, one = np.empty(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    fronts = Fronts(one, one, nothing, nothing, one, nothing, nothing, nothing, np.empty(0),
                    np.empty(0))  # fmt: skip
    fronts.take_rows(one, one, np.empty(0, np.int32), np.empty(0, np.int32))
    none = np.empty((0, 2), dtype=np.int64)
    assert (
        fronts.subtrees(none, np.empty(0), np.empty((3, 0)), np.empty(0), np.zeros((1, 1)), 1) == 0
    )
    fronts.solve(np.empty(0), np.empty(0))
