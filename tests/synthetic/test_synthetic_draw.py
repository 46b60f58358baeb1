"""Draws: distributions of random subsets, seeds, and refusal of senseless numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parecon import EconomyError
from parecon.synthetic import _draw


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(0, 12), st.integers(1, 40))
def test_subsets_are_distinct_sorted_and_of_the_asked_size(seed, n_pool, width, n_rows):
    width = min(width, n_pool)
    rng = np.random.default_rng(seed)
    count = rng.integers(0, width + 1, n_rows)
    goods = _draw.uniform_subsets(rng, count, n_pool, n_rows, width)
    assert goods.shape == (n_rows, width)
    for row, size in zip(goods, count, strict=True):
        assert np.all(np.diff(row[:size]) > 0)
        assert np.all((row[:size] >= 0) & (row[:size] < n_pool))
        assert np.all(row[size:] == n_pool)


@pytest.mark.parametrize(("n_pool", "size"), [(5, 2), (40, 37)])
def test_every_subset_is_as_likely(n_pool, size):
    # (5, 2) goes by Floyd's scheme, (40, 37) by random keys.
    rng = np.random.default_rng(1)
    goods = _draw.uniform_subsets(rng, size, n_pool, 40_000, size)
    chosen = np.zeros((40_000, n_pool))
    np.put_along_axis(chosen, goods.astype(np.int64), 1.0, axis=1)
    together = chosen.T @ chosen / 40_000
    single, pair = size / n_pool, size * (size - 1) / (n_pool * (n_pool - 1))
    np.testing.assert_allclose(np.diag(together), single, atol=0.015)
    np.testing.assert_allclose(together[~np.eye(n_pool, dtype=bool)], pair, atol=0.015)


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30), st.data())
def test_covering_rows_take_every_good(seed, n_rows, n_goods, data):
    least = -(-n_goods // n_rows)
    count = data.draw(st.integers(least, n_goods))
    each = _draw.n_covering("councils", n_rows, n_goods, count)
    rows = slice(0, n_rows)
    goods = _draw.covering_subsets(np.random.default_rng(seed), rows, each, n_goods, count)
    assert set(goods.ravel()) == set(range(n_goods))
    assert all(len(set(row)) == count for row in goods)


def test_rows_that_cannot_become_distinct_by_redrawing_are_filled_uniformly():
    rng = np.random.default_rng(3)
    goods = np.zeros((4, 3), dtype=np.int32)
    found = _draw.make_distinct(rng, goods, lambda row: np.zeros(row.size, np.int32), 5, each=1)
    assert all(len(set(row)) == 3 for row in found)
    assert all(0 in row for row in found)


def test_a_generator_is_moved_on_and_a_seed_is_not():
    rng = np.random.default_rng(5)
    assert _draw.generator(rng) is rng
    assert _draw.generator(5).random() == _draw.generator(np.int64(5)).random() == rng.random()


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, True])
def test_seeds_that_are_none_are_refused(seed):
    with pytest.raises(EconomyError, match="seed"):
        _draw.generator(seed)


@pytest.mark.parametrize("value", [0, -3, 2.0, "2", None, True, 11])
def test_counts_are_whole_and_within_bounds(value):
    with pytest.raises(EconomyError, match="size: expected a whole number >= 1 and <= 10, got"):
        _draw.check_count("size", value, 1, 10)


@pytest.mark.parametrize("value", [0.0, 1.1, float("nan"), float("inf"), "x", None, True])
def test_numbers_are_finite_and_within_bounds(value):
    with pytest.raises(EconomyError, match=r"part: expected a number in \(0, 1\], got"):
        _draw.check_number("part", value, 0.0, 1.0, open_below=True)


@pytest.mark.parametrize("value", [(0.5, 0.4), (0.0, 0.5), (0.5, 1.0), (0.5,), 0.5, None, "ab"])
def test_ranges_are_ordered_and_within_bounds(value):
    with pytest.raises(EconomyError, match="returns: expected a pair"):
        _draw.check_range("returns", value, 0.0, 1.0)
