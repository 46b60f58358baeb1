"""Sifted goods and softened demand of linear consumers, against NumPy, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.rows_for_tests import blocks_of, read_only, rows_of_lengths, same_for_all_threads
from parecon._kernels import best_buys as kernel

SHAPES = {
    "many": (30, [1, 2, 5, 9] * 60),
    "one good": (1, [1, 1, 1]),
    "one council": (6, [6]),
    "one entry each": (4, [1, 1, 1, 1, 1]),
    "no councils": (5, []),
}


def drawn(shape):
    rng = np.random.default_rng(7)
    n, lengths = SHAPES[shape]
    case = rows_of_lengths(rng, n, lengths)
    value = read_only(rng.uniform(0.1, 1.0, len(case.idx)))
    return case, value, read_only(rng.uniform(0.5, 2.0, n)), rng


def rows(case):
    return [np.arange(a, b) for a, b in zip(case.start, case.stop, strict=True)]


def near(case, value, price, window):
    """Entries of each row whose value per money is within the window of the best."""
    found = []
    for entries in rows(case):
        ratio = value[entries] / price[case.idx[entries]]
        found.append(entries[ratio >= np.exp(-window) * ratio.max()])
    return found


@pytest.mark.parametrize("window", [0.0, 0.4, np.inf])
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_near_the_best(shape, window):
    case, value, price, _ = drawn(shape)
    # a window as it is met nowhere: no entry lies on its edge
    floor = float(np.exp(-window)) * (1.0 - 1e-12)
    data = (case.start, case.stop, case.idx, value, 1.0 / price, floor)

    def run(threads):
        best, count = np.empty(case.m), np.empty(case.m, dtype=np.int32)
        kernel.count_near(*data, best, count, threads)
        listed = np.flatnonzero(count > 1)
        first = np.concatenate([[0], np.cumsum(count[listed])]).astype(np.int64)
        size = int(first[-1])
        at, idx = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int32)
        values = np.empty(size)
        kernel.list_near(*data, best, listed, first, at, idx, values, threads)
        return best, count, at, idx, values

    best, count, at, idx, values = same_for_all_threads(run)
    expected = near(case, value, price, window + 1e-12)
    assert list(count) == [len(entries) for entries in expected]
    assert list(best) == pytest.approx(
        [np.max(value[e] / price[case.idx[e]]) for e in rows(case)], rel=1e-15
    )
    several = [e for e in expected if len(e) > 1]
    assert np.array_equal(at, np.concatenate([*several, np.empty(0, dtype=int)]))
    assert np.array_equal(idx, case.idx[at])
    assert np.array_equal(values, value[at])


@pytest.mark.parametrize("temperature", [1.0, 0.03, 1e-4])
@pytest.mark.parametrize("shape", SHAPES)
def test_softened_demand(shape, temperature):
    case, value, price, rng = drawn(shape)
    budget = read_only(rng.uniform(0.5, 2.0, case.m))
    block = blocks_of(case.m, 3)

    def run(threads):
        share, cost = np.empty(len(case.idx)), np.empty(case.m)
        partial = np.zeros((3, case.n))
        kernel.softened(
            block, case.start, case.stop, case.idx, np.log(value), np.log(price), budget,
            1.0 / temperature, share, cost, partial, threads,
        )  # fmt: skip
        return share, cost, partial

    share, cost, partial = same_for_all_threads(run)
    spent = np.zeros(case.n)
    for j, entries in enumerate(rows(case)):
        good = case.idx[entries]
        z = (np.log(value[entries]) - np.log(price[good])) / temperature
        weight = np.exp(z - z.max())
        assert share[entries] == pytest.approx(weight / weight.sum(), rel=1e-11, abs=1e-300)
        log_cost = -temperature * (z.max() + np.log(weight.sum()))
        assert cost[j] == pytest.approx(log_cost, rel=1e-12, abs=1e-13)
        np.add.at(spent, good, budget[j] * weight / weight.sum())
    assert partial.sum(axis=0) == pytest.approx(spent, rel=1e-11, abs=1e-300)
