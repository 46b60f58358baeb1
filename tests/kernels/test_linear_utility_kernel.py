"""Condensed algebra of linear utilities against the whole linear system, solved council by council.

The kernels eliminate quantities, slacks and beta by hand; the twin solves for all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from kernels import twins
from kernels.rows_for_tests import read_only, rows_of_lengths, same_for_all_threads
from parecon._kernels import linear_utility as kernel

NONE = np.empty(0)
EMPTY = {"no councils": (5, [])}
SHAPES = {
    "many": (30, [1, 2, 5, 9] * 20),
    "one good": (1, [1, 1, 1]),
    "one council": (6, [6]),
    "one entry each": (4, [1, 1, 1, 1, 1]),
}


@dataclass(frozen=True)
class Consumers:
    """Consumers in the middle of a solve: no residual is zero, products of all sizes."""

    indptr: np.ndarray
    idx: np.ndarray
    value: np.ndarray
    budget: np.ndarray
    price: np.ndarray
    x: np.ndarray
    s: np.ndarray
    beta: np.ndarray
    target: np.ndarray

    @classmethod
    def draw(cls, rng, n, lengths, decades=1.0):
        case, m = rows_of_lengths(rng, n, lengths), len(lengths)

        def positive(size):
            return read_only(10.0 ** rng.uniform(-decades, decades, size))

        nnz = len(case.idx)
        return cls(
            case.indptr, case.idx, positive(nnz), positive(m), positive(n), positive(nnz),
            positive(nnz), positive(m), positive(m),
        )  # fmt: skip

    @property
    def state(self):
        return self.price, self.x, self.s, self.beta

    def councils(self):
        return twins.ranges(self.indptr[:-1], self.indptr[1:])

    def prepare(self, threads):
        nnz, m = len(self.idx), len(self.budget)
        out = np.empty(nnz), np.empty(m), np.empty(nnz), np.empty((5, m))
        kernel.prepare(self.indptr, self.idx, self.value, self.budget, *self.state, *out, threads)
        return out

    def right_hand_side(self, facts, alpha, correction, threads):
        """`correction` (dx, ds) of the predictor, or None."""
        dx, ds = correction or (NONE, NONE)
        out = np.empty(len(self.idx)), np.empty(len(self.budget))
        kernel.right_hand_side(
            self.indptr, self.idx, self.value, *self.state, self.target, dx, ds, facts, alpha,
            *out, threads,
        )  # fmt: skip
        return out

    def recover(self, prepared, rest, step, threads):
        nnz, m = len(self.idx), len(self.budget)
        out = np.empty(nnz), np.empty(nnz), np.empty(m), np.empty(m)
        row, alpha, _, _ = prepared
        kernel.recover(
            self.indptr, self.idx, self.value, *self.state, row, alpha, *rest, step, *out, threads
        )
        return out

    def twin(self, step, correction=None):
        """(dx, ds, dbeta) by the whole systems."""
        dx, ds, dbeta = np.zeros(len(self.idx)), np.zeros(len(self.idx)), np.zeros(len(self.beta))
        product = correction[0] * correction[1] if correction else np.zeros(len(self.idx))
        for j, e in self.councils():
            good = self.idx[e]
            dx[e], ds[e], dbeta[j] = twins.linear_step(
                self.value[e], self.budget[j], self.price[good], self.x[e], self.s[e],
                self.beta[j], self.target[j], product[e], step[good],
            )  # fmt: skip
        return dx, ds, dbeta


def close(got, expected):
    """Equal but for the rounding of a linear system with entries over a few decades."""
    np.testing.assert_allclose(
        got, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max(initial=0)
    )


@pytest.fixture
def rng():
    return np.random.default_rng(77)


@pytest.fixture(params=SHAPES, ids=list(SHAPES))
def consumers(request, rng):
    return Consumers.draw(rng, *SHAPES[request.param])


def test_facts(consumers) -> None:
    """Utility, budget residual, worst slack residual, sum of products, value bought."""
    _, _, _, facts = same_for_all_threads(consumers.prepare)
    c = consumers
    for j, e in c.councils():
        p = c.price[c.idx[e]]
        utility = c.value[e] @ c.x[e]
        residual = np.abs(p - c.beta[j] * c.value[e] - c.s[e]) / p
        expected = [
            utility, c.budget[j] - c.beta[j] * utility, residual.max(), c.x[e] @ c.s[e], p @ c.x[e],
        ]  # fmt: skip
        np.testing.assert_allclose(facts[:, j], expected, rtol=1e-12, atol=1e-12)


def test_change_at_unchanged_prices(consumers) -> None:
    _, alpha, _, facts = consumers.prepare(1)
    constant, dbeta = same_for_all_threads(
        lambda threads: consumers.right_hand_side(facts, alpha, None, threads)
    )
    dx, _, expected = consumers.twin(np.zeros_like(consumers.price))
    close(constant, consumers.price[consumers.idx] * dx)
    close(dbeta, expected)


def test_curvature_is_the_change_with_prices(consumers, rng) -> None:
    """p dx moves by -(diagonal + alpha row row') d, council by council."""
    row, alpha, diagonal, _ = same_for_all_threads(consumers.prepare)
    step = rng.normal(size=len(consumers.price))
    rest, moved = consumers.twin(np.zeros_like(step))[0], consumers.twin(step)[0]
    change = consumers.price[consumers.idx] * (moved - rest)
    expected = np.zeros_like(change)
    for j, e in consumers.councils():
        d = step[consumers.idx[e]]
        expected[e] = -diagonal[e] * d - alpha[j] * row[e] * (row[e] @ d)
        # the council's piece is positive semidefinite: a diagonal less one row that it dominates
        whole = np.diag(diagonal[e]) + alpha[j] * np.outer(row[e], row[e])
        assert np.linalg.eigvalsh(whole).min() >= -1e-12 * diagonal[e].max()
    close(change, expected)


@pytest.mark.parametrize("second_order", [False, True])
def test_recovered_step_solves_the_whole_system(consumers, rng, second_order) -> None:
    prepared = consumers.prepare(1)
    _, alpha, _, facts = prepared
    nnz = len(consumers.idx)
    correction = (rng.normal(size=nnz), rng.normal(size=nnz)) if second_order else None
    rest = consumers.right_hand_side(facts, alpha, correction, 1)
    step = read_only(rng.normal(size=len(consumers.price)))
    dx, ds, dbeta, longest = same_for_all_threads(
        lambda threads: consumers.recover(prepared, rest, step, threads)
    )
    for got, expected in zip((dx, ds, dbeta), consumers.twin(step, correction), strict=True):
        close(got, expected)
    # the longest step ends where the first of a council's unknowns is zero
    for j, e in consumers.councils():
        at = min(longest[j], 1e6)
        end = [
            consumers.x[e] + at * dx[e],
            consumers.s[e] + at * ds[e],
            [consumers.beta[j] + at * dbeta[j]],
        ]
        start = np.concatenate([consumers.x[e], consumers.s[e], [consumers.beta[j]]])
        least = (np.concatenate(end) / start).min()
        assert least >= -1e-9
        assert longest[j] > 1e6 or least <= 1e-9


def test_close_to_a_solution_over_many_decades(rng) -> None:
    """Products of 1e-10 where half the goods are bought and half are not: the end of a solve."""
    base = Consumers.draw(rng, 12, [6, 8, 4])
    bought = rng.random(len(base.x)) < 0.5
    x, s = np.where(bought, 1.0, 1e-10), np.where(bought, 1e-10, 1.0)
    council = np.repeat(np.arange(3), np.diff(base.indptr))
    value = (base.price[base.idx] - s) / base.beta[council]
    at = Consumers(
        base.indptr, base.idx, value, base.beta * np.bincount(council, value * x), base.price, x, s,
        base.beta, np.full(3, 1e-11),
    )  # fmt: skip
    prepared = at.prepare(1)
    rest = at.right_hand_side(prepared[3], prepared[1], None, 1)
    step = 1e-10 * rng.normal(size=12)
    dx, ds, dbeta, _ = at.recover(prepared, rest, step, 1)
    expected = at.twin(step)
    # each is small against the unknown it moves: compare on that scale
    np.testing.assert_allclose(dx / x, expected[0] / x, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ds / s, expected[1] / s, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(dbeta, expected[2], rtol=1e-4, atol=1e-14)


def test_no_councils(rng) -> None:
    none = Consumers.draw(rng, *EMPTY["no councils"])
    prepared = same_for_all_threads(none.prepare)
    rest = none.right_hand_side(prepared[3], prepared[1], None, 2)
    assert [len(a) for a in none.recover(prepared, rest, np.zeros(5), 2)] == [0, 0, 0, 0]
