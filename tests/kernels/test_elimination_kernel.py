"""Minimum degree on cliques against elimination in plain Python, good by good."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.rows_for_tests import read_only
from parecon._kernels.elimination import Quotient


def cliques(rng, n, m, longest=6):
    """Distinct goods of each clique, two or more, as the kernel takes them."""
    rows = [rng.permutation(n)[: rng.integers(2, max(3, min(n, longest) + 1))] for _ in range(m)]
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    good = np.concatenate([np.empty(0, dtype=np.int64), *rows]).astype(np.int32)
    return rows, start, good


def all_steps(start, good, n, full=2.0, most=10_000):
    graph = Quotient(read_only(start), read_only(good), n)
    while not graph.eliminate(most, full):
        pass
    return [np.asarray(part) for part in graph.result()]


def check_by_hand(rows, n, step, parent, pivots, beyond):
    """The sizes and parents that elimination in this order gives on the graph."""
    neighbours = [set() for _ in range(n)]
    for row in rows:
        for i in row:
            neighbours[i] |= set(row.tolist()) - {i}
    gone: set[int] = set()
    for k in range(len(pivots)):
        group = set(np.flatnonzero(step == k).tolist())
        assert len(group) == pivots[k]
        joined = set().union(*(neighbours[i] for i in group)) - group - gone
        assert len(joined) == beyond[k]
        for i in joined:
            neighbours[i] |= joined - {i}
        gone |= group
        later = [step[i] for i in joined if step[i] >= 0]
        if parent[k] >= 0:
            # the clique is joined with others no later than its first good is eliminated
            assert k < parent[k] <= min(later, default=n)
        elif len(later) == len(joined):
            assert not joined


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("n", "m"), [(2, 1), (5, 3), (30, 25), (60, 90), (200, 260)])
def test_sizes_and_parents(n, m, seed) -> None:
    rows, start, good = cliques(np.random.default_rng(seed), n, m)
    for full in (0.3, 2.0):
        check_by_hand(rows, n, *all_steps(start, good, n, full))


def test_nothing_is_left_unless_it_is_dense() -> None:
    _, start, good = cliques(np.random.default_rng(1), 150, 200)
    assert np.all(all_steps(start, good, 150)[0] >= 0)
    assert np.any(all_steps(start, good, 150, 0.3)[0] < 0)
    assert np.all(all_steps(start, good, 150, 0.0)[0] < 0)


def test_a_step_at_a_time_is_the_same() -> None:
    _, start, good = cliques(np.random.default_rng(2), 80, 100)
    for one, all_at_once in zip(
        all_steps(start, good, 80, 0.5, most=1), all_steps(start, good, 80, 0.5), strict=True
    ):
        np.testing.assert_array_equal(one, all_at_once)


def test_smallest_first() -> None:
    """A star is eliminated from its points, a chain without fill."""
    n = 40
    for rows, most in (
        ([[0, i] for i in range(1, n)], 1),
        ([[i, i + 1] for i in range(n - 1)], 1),
        ([[i, i + 1, i + 2] for i in range(n - 2)], 2),
    ):
        start = np.arange(0, len(rows) * len(rows[0]) + 1, len(rows[0]), dtype=np.int64)
        good = np.array(rows, dtype=np.int32).ravel()
        step, _, pivots, beyond = all_steps(start, good, n)
        assert beyond.max() == most
        assert pivots.sum() == n
        assert step.max() == len(pivots) - 1


def test_no_cliques_and_cliques_again() -> None:
    """The last good of all is coupled with all that are left, none, and left to itself."""
    step, parent, pivots, beyond = all_steps(np.zeros(1, dtype=np.int64), np.empty(0, np.int32), 3)
    assert sorted(step.tolist()) == [-1, 0, 1]
    assert parent.tolist() == [-1] * 2
    assert (pivots.tolist(), beyond.tolist()) == ([1] * 2, [0] * 2)
    again = np.tile(np.array([4, 0, 2], dtype=np.int32), 50)
    start = np.arange(0, 151, 3, dtype=np.int64)
    step, _, pivots, beyond = all_steps(start, again, 5, full=10.0)
    assert sorted(pivots.tolist()) == [1, 1, 3]
    assert step[0] == step[2] == step[4]
    assert not beyond.any()
