"""The year after a book economy, and its councils with increasing returns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from parecon.synthetic import (
    _book,
    book,
    book_increasing_returns,
    book_second_year,
    book_years,
)
from synthetic.checks import same

SMALL = (120, 40, 4)
INPUT_STEPS, TASTE_STEPS = {0, 1, 2, 3, 4}, {-2, -1, 0, 1, 2}


def technique_steps(first: pe.Economy, second: pe.Economy) -> np.ndarray:
    """Changes of input exponents in thousandths."""
    before, after = (economy.family("workers").exponents for economy in (first, second))
    assert np.array_equal(before.indices, after.indices)
    return 1000.0 * (after.data - before.data)


def taste_steps(first: pe.Economy, second: pe.Economy, total: np.ndarray) -> np.ndarray:
    """Changes of utility exponents in thousandths: (H, goods wanted).

    Shares a = u/T and a' = (u + d)/T' say what d was where T is known: T' = T + sum d, a sum of
    thousandths, is the only unknown, and the steps are whole numbers for one value of it alone.
    """
    wanted = int(np.diff(first.family("consumers").shares.indptr)[0])
    before, after = (e.family("consumers").shares.data.reshape(-1, wanted) for e in (first, second))
    found = np.full(before.shape, np.nan)
    for sum_of_steps in range(-2 * wanted, 2 * wanted + 1):
        new_total = total[:, None] + sum_of_steps / 1000.0
        steps = 1000.0 * (after * new_total - before * total[:, None])
        whole = np.abs(steps - np.rint(steps)).max(axis=1) < 1e-6
        found[whole] = steps[whole]
    return found


def drawn_totals(seed: int) -> np.ndarray:
    """Sums of utility exponents of `book(*SMALL, seed=seed)`."""
    rng = np.random.default_rng(seed)
    return _book._draw(rng, SMALL, (0.75, 0.85), 1000.0, 5000.0, None)[1]


@given(seed=st.integers(0, 2**32))
def test_second_years_have_the_stated_support(seed) -> None:
    first, second = book_years(*SMALL, seed=seed)
    for steps, support in (
        (technique_steps(first, second), INPUT_STEPS),
        (taste_steps(first, second, drawn_totals(seed)), TASTE_STEPS),
    ):
        assert np.abs(steps - np.rint(steps)).max() < 1e-6
        assert set(np.rint(steps).astype(int).ravel()) == support


def test_every_change_is_as_likely() -> None:
    first, second = book_years(3_000, 2_000, 10, seed=3)
    total = np.full(2_000, 0.15)
    for steps, least in (
        (technique_steps(first, second), 0),
        (taste_steps(first, book_second_year(first, seed=3, utility_total=total), total), -2),
    ):
        counts = np.bincount(np.rint(steps).astype(int).ravel() - least, minlength=5)
        np.testing.assert_allclose(counts / steps.size, 0.2, atol=0.01)


def test_the_first_of_two_years_is_that_of_book() -> None:
    first, second = book_years(*SMALL, seed=5)
    assert same(first, book(*SMALL, seed=5))
    assert np.array_equal(first.endowment, second.endowment)
    for column in ("output_good", "productivity", "effort"):
        assert getattr(first.family("workers"), column) is getattr(second.family("workers"), column)
    assert same(second, book_years(*SMALL, seed=5)[1])
    assert not same(second, book_years(*SMALL, seed=6)[1])


def test_what_shares_do_not_tell_is_taken_to_be_the_mean() -> None:
    economy = book(*SMALL, seed=5)
    assumed = np.full(SMALL[1], 0.0075 * 2 * SMALL[2])
    assert same(
        book_second_year(economy, seed=9),
        book_second_year(economy, seed=9, utility_total=assumed),
    )


def test_councils_may_want_different_numbers_of_goods() -> None:
    goods = pe.Goods(["bread", "wine", "work"])
    shares = [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]
    economy = pe.Economy(
        goods,
        [1.0, 1.0, 1.0],
        [pe.CobbDouglasConsumers([1.0, 1.0, 1.0], shares)],
    )
    total = np.array([0.02, 0.03, 0.01])
    after = book_second_year(economy, seed=2, utility_total=total)
    found = after.families[0].shares.toarray()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    # which sum of changes each council had is left open, as above
    for row, of in enumerate(total):
        wants = np.array(shares[row]) > 0
        assert np.array_equal(found[row] > 0, wants)
        matches = [
            1000.0 * (found[row] * (of + s / 1000.0) - np.array(shares[row]) * of)
            for s in range(-2 * wants.sum(), 2 * wants.sum() + 1)
        ]
        assert any(np.abs(m - np.rint(m)).max() < 1e-9 and np.abs(m).max() < 2.5 for m in matches)


def test_exponents_that_would_not_stay_above_zero_are_refused_by_council() -> None:
    economy = book(*SMALL, seed=5)
    total = np.full(SMALL[1], 0.06)
    total[7] = 0.001
    with pytest.raises(pe.EconomyError, match=r"utility exponent of consumers\[7\] would fall"):
        book_second_year(economy, seed=1, utility_total=total)


def test_techniques_that_would_reach_constant_returns_are_refused_by_council() -> None:
    economy = book(300, 20, 4, seed=1, exponent_sum=(0.94, 0.96))
    with pytest.raises(pe.EconomyError, match=r"decreasing returns.*workers\[\d+\] \(1\.0"):
        book_second_year(economy, seed=1)


def test_other_families_are_no_book() -> None:
    economy = pe.synthetic.ces(50, 50, 10, seed=1)
    for change in (book_second_year, lambda e, seed: book_increasing_returns(e, 0.2, seed=seed)):
        with pytest.raises(pe.EconomyError, match="the families of the book, got CES"):
            change(economy, seed=1)


def test_a_part_of_the_councils_gets_increasing_returns_and_the_rest_is_as_before() -> None:
    plain, some = book(*SMALL, seed=8), book(*SMALL, seed=8, increasing_returns=0.2)
    rising, falling = some.family("increasing returns"), some.family("workers")
    assert isinstance(rising, pe.FirstOrderWorkers)
    assert (rising.n_councils, falling.n_councils) == (24, 96)
    assert rising.returns().min() > 1.05
    assert falling.returns().max() < 0.9
    assert some.family("consumers").shares.data.tobytes() == (
        plain.family("consumers").shares.data.tobytes()
    )
    before = plain.family("workers")
    productivity = before.productivity.tolist()
    for after, rise in ((rising, 0.1), (falling, 0.0)):
        at = [productivity.index(a) for a in after.productivity]
        assert at == sorted(at)
        np.testing.assert_array_equal(before.output_good[at], after.output_good)
        np.testing.assert_array_equal(before.effort.power[at], after.effort.power)
        lifted = before.exponents[at].toarray()
        lifted[lifted > 0] += rise
        np.testing.assert_array_equal(lifted, after.exponents.toarray())


def test_the_same_councils_have_increasing_returns_in_both_years() -> None:
    years = book_years(*SMALL, seed=8, increasing_returns=0.2)
    assert same(years[0], book(*SMALL, seed=8, increasing_returns=0.2))
    first, second = (year.family("increasing returns") for year in years)
    np.testing.assert_array_equal(first.productivity, second.productivity)
    steps = 1000.0 * (second.exponents.data - first.exponents.data)
    assert set(np.rint(steps).astype(int)) == INPUT_STEPS
    # a year can also be drawn after the councils were chosen
    assert book_second_year(years[0], seed=1).family("increasing returns").returns().min() > 1.05


def test_all_or_none_may_have_increasing_returns() -> None:
    economy = book(*SMALL, seed=8)
    everybody = book_increasing_returns(economy, 1.0, seed=1)
    assert [family.title for family in everybody.families] == ["consumers", "increasing returns"]
    assert same(book_increasing_returns(economy, 0.0, seed=1), economy)
    with pytest.raises(pe.EconomyError, match="one family of CobbDouglasWorkers to choose from"):
        book_increasing_returns(everybody, 0.2, seed=1)
    with pytest.raises(pe.EconomyError, match=r"part: expected a number in \[0, 1\], got 1.5"):
        book_increasing_returns(economy, 1.5, seed=1)
    with pytest.raises(
        pe.EconomyError, match=r"expected increasing returns, .*increasing returns\["
    ):
        book(*SMALL, seed=8, exponent_sum=(0.3, 0.4), increasing_returns=0.2)
