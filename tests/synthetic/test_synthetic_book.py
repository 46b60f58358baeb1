"""The book economy: its distributions, the published instances, its size."""

from __future__ import annotations

import numpy as np
import pytest

from parecon import EconomyError, FormatError
from parecon.synthetic import _draw, book, book_from_npz
from synthetic.checks import same, sums_to_one

CATEGORIES = 10


def returns_of(workers) -> np.ndarray:
    """Sum of a council's exponents, effort included."""
    effort = workers.effort
    return workers.exponents.sum(axis=1) + effort.exponent / effort.power


def inputs_by_kind(workers, categories: int) -> np.ndarray:
    """Number of inputs of each kind (m, 5)."""
    used = (workers.exponents.toarray() > 0).reshape(workers.n_councils, 5, categories)
    return used.sum(axis=2)


@pytest.fixture(scope="module")
def drawn():
    return book(3_000, 300, CATEGORIES, seed=1)


def test_goods_are_numbered_kind_by_kind(drawn):
    assert drawn.n_goods == 5 * CATEGORIES
    assert drawn.goods.names[0] == "private_0"
    assert drawn.goods.names[-1] == "labour_9"
    assert drawn.goods.kind[CATEGORIES] == "intermediate"
    assert drawn.goods.kind[3 * CATEGORIES] == "nature"


def test_workers_are_spread_evenly_over_the_goods_made(drawn):
    made = np.bincount(drawn.family("workers").output_good, minlength=50)
    assert np.all(made[:30] == 100)
    assert not made[30:].any()
    uneven = np.bincount(book(100, 5, 9, seed=1).family("workers").output_good)
    assert uneven.max() - uneven.min() <= 1


def test_numbers_of_inputs_are_uniform(drawn):
    counts = inputs_by_kind(drawn.family("workers"), CATEGORIES)
    assert not counts[:, [0, 2]].any()
    for kind, most in ((1, 4), (3, 2), (4, 2)):
        seen = np.bincount(counts[:, kind], minlength=most + 1)
        assert seen[0] == 0
        np.testing.assert_allclose(seen[1:] / 3_000, 1 / most, atol=0.03)


def test_parameters_lie_in_the_ranges_of_the_book(drawn):
    workers = drawn.family("workers")
    n_inputs = np.diff(workers.exponents.indptr)
    scaled = workers.exponents.data * np.repeat(n_inputs, n_inputs)
    for values, low, high in (
        (scaled, 0.75, 0.85),
        (workers.productivity, 4, 6),
        (workers.effort.exponent, 0.05, 0.1),
        (workers.effort.power, 3, 4),
    ):
        assert low <= values.min() < values.max() <= high
        np.testing.assert_allclose(values.mean(), (low + high) / 2, atol=0.04 * (high - low))
        np.testing.assert_allclose(values.std(), (high - low) / np.sqrt(12), rtol=0.05)
    assert np.all(workers.effort.scale == 1)
    assert np.all(returns_of(workers) < 1)


def test_consumers_spend_on_private_and_public_goods_only(drawn):
    shares = drawn.family("consumers").shares
    assert sums_to_one(shares)
    assert np.array_equal(np.unique(shares.indices), np.r_[0:10, 20:30])
    # Exponents U(.005, .01): no share is more than twice another of the same council.
    rows = shares.data.reshape(300, 20)
    assert np.all(rows.max(axis=1) < 2 * rows.min(axis=1))
    assert np.all(drawn.family("consumers").budget == 5000)


def test_endowments_go_with_the_number_of_workers(drawn):
    assert not drawn.endowment[:30].any()
    assert np.all(drawn.endowment[30:] == 1000)
    assert np.all(book(1_500, 30, CATEGORIES, seed=1).endowment[30:] == 500)
    doubled = book(3_000, 30, CATEGORIES, seed=1, endowment_scale=2000.0)
    assert np.all(doubled.endowment[30:] == 2000)


def test_a_seed_repeats_and_another_does_not(drawn):
    assert same(drawn, book(3_000, 300, CATEGORIES, seed=1))
    assert same(drawn, book(3_000, 300, CATEGORIES, seed=np.random.default_rng(1)))
    assert not same(drawn, book(3_000, 300, CATEGORIES, seed=2))


def test_blocks_join_without_a_seam(monkeypatch):
    monkeypatch.setattr(_draw, "_BLOCK_ENTRIES", 64)
    economy = book(300, 70, 10, seed=4)
    counts = inputs_by_kind(economy.family("workers"), 10)
    assert counts.min(axis=0).tolist() == [0, 1, 0, 1, 1]
    assert counts.max(axis=0).tolist() == [0, 4, 0, 2, 2]
    assert sums_to_one(economy.family("consumers").shares)


def test_sums_of_exponents_near_one_are_drawn_and_beyond_refused():
    near = book(300, 30, 10, seed=1, exponent_sum=(0.85, 0.95)).family("workers")
    assert returns_of(near).max() > 0.92
    with pytest.raises(EconomyError, match="returns to scale would not decrease"):
        book(300, 30, 10, seed=1, exponent_sum=(0.9, 0.97))


def test_a_council_may_want_only_some_goods():
    consumers = book(300, 40, 10, seed=1, goods_per_consumer=5).family("consumers")
    assert np.all(np.diff(consumers.shares.indptr) == 5)
    assert np.unique(consumers.shares.indices).size == 20
    with pytest.raises(EconomyError, match="cannot want all of 20 goods"):
        book(300, 3, 10, seed=1, goods_per_consumer=5)


def test_the_smallest_book_economy():
    economy = book(3, 1, 1, seed=1)
    assert economy.n_goods == 5
    assert np.all(np.diff(economy.family("workers").exponents.indptr) == 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_workers": 29},
        {"n_consumers": 0},
        {"categories": 0},
        {"exponent_sum": (0.9, 0.8)},
        {"endowment_scale": 0.0},
        {"income": -1.0},
        {"goods_per_consumer": 21},
        {"goods_per_consumer": 0},
    ],
)
def test_senseless_parameters_are_refused_by_name(wrong):
    sizes = {"n_workers": 300, "n_consumers": 30, "categories": 10} | wrong
    with pytest.raises(EconomyError, match=next(iter(wrong))):
        book(**sizes, seed=1)


def written(folder, **changes):
    """A small instance in the published layout."""
    data = {
        "worker_kind": np.array([0, 1, 2], np.int8),
        "worker_product": np.array([0, 1, 0], np.int16),
        "productivity": np.full(3, 5.0),
        "effort_exponent": np.full(3, 0.06),
        "effort_disutility_power": np.full(3, 3.0),
        "effort_disutility_scale": np.ones(3),
        "input_offset": np.array([0, 2, 4, 6], np.int32),
        "input_good": np.array([6, 8, 6, 9, 7, 9], np.int16),
        "input_exponent": np.full(6, 0.4),
        "income": np.full(2, 5000.0),
        "private_exponent": np.array([[0.02, 0.03], [0.04, 0.01]]),
        "public_exponent": np.array([[0.01, 0.04], [0.02, 0.03]]),
    } | changes
    path = folder / "economy_00.npz"
    np.savez(path, **{key: value for key, value in data.items() if value is not None})
    return path


def test_a_published_layout_is_read(tmp_path):
    made = {"worker_kind": [0, 0, 2, 2], "worker_product": [0, 1, 0, 1]}
    four = {"input_offset": [0, 2, 4, 6, 6 + 2], "input_good": [6, 8, 6, 9, 7, 9, 6, 8]}
    ones = {key: np.full(4, value) for key, value in (
        ("productivity", 5.0), ("effort_exponent", 0.06), ("effort_disutility_power", 3.0),
        ("effort_disutility_scale", 1.0),
    )}  # fmt: skip
    arrays = {key: np.asarray(value) for key, value in (made | four).items()}
    economy = book_from_npz(written(tmp_path, **arrays, **ones, input_exponent=np.full(8, 0.4)))
    assert economy.family("workers").output_good.tolist() == [0, 1, 4, 5]
    assert economy.family("workers").exponents.toarray()[2, [7, 9]].tolist() == [0.4, 0.4]
    shares = economy.family("consumers").shares.toarray()
    np.testing.assert_allclose(shares[0, [0, 1, 4, 5]], [0.2, 0.3, 0.1, 0.4], rtol=1e-15)
    assert economy.endowment.tolist() == [0] * 6 + [1000] * 4


def test_increasing_returns_are_refused_and_the_councils_named(tmp_path):
    exponents = np.array([0.4, 0.4, 0.6, 0.5, 0.4, 0.4])
    with pytest.raises(EconomyError, match=r"workers\[1\]"):
        book_from_npz(written(tmp_path, input_exponent=exponents))


def test_files_that_are_not_book_economies_are_refused(tmp_path):
    with pytest.raises(FormatError, match="no productivity"):
        book_from_npz(written(tmp_path, productivity=None))
    with pytest.raises(FormatError, match="rows of exponents do not fit"):
        book_from_npz(written(tmp_path, input_good=np.arange(5)))
    whole = written(tmp_path).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("cut.npz", "text.npz", "absent.npz"):
        with pytest.raises(FormatError, match=name):
            book_from_npz(tmp_path / name)


@pytest.mark.parametrize("number", ["01", "24"])
def test_the_generator_draws_what_was_published(shared_data, number):
    real = book_from_npz(shared_data / "book2021" / f"economy_{number}.npz")
    own = book(3_000, 3_000, 10, seed=int(number))
    assert real.goods.names == own.goods.names
    assert np.array_equal(real.endowment, own.endowment)
    theirs, ours = real.family("workers"), own.family("workers")
    assert np.array_equal(np.bincount(theirs.output_good), np.bincount(ours.output_good))
    for kind in range(5):
        np.testing.assert_allclose(
            np.bincount(inputs_by_kind(theirs, 10)[:, kind], minlength=5) / 3_000,
            np.bincount(inputs_by_kind(ours, 10)[:, kind], minlength=5) / 3_000,
            atol=0.04,
        )
    deciles = np.linspace(0.1, 0.9, 9)  # the extremes of sums vary from draw to draw
    for left, right in (
        (theirs.exponents.data, ours.exponents.data),
        (theirs.productivity, ours.productivity),
        (theirs.effort.exponent, ours.effort.exponent),
        (theirs.effort.power, ours.effort.power),
        (returns_of(theirs), returns_of(ours)),
        (real.family("consumers").shares.data, own.family("consumers").shares.data),
    ):
        spread = np.ptp(left)
        difference = np.quantile(left, deciles) - np.quantile(right, deciles)
        assert np.abs(difference).max() < 0.06 * spread
