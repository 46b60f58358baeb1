"""Curvature as an operator, a diagonal and a matrix; rows, their blocks, who holds each good."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import twins
from kernels.rows_for_tests import row_cases
from parecon import curvature
from parecon.curvature import NO_GOOD, Curvature, Rows, Scratch, Term

CASES = row_cases()
# Sums of some hundred terms of size one.
ROUNDING = 1e-12


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=ROUNDING, atol=ROUNDING)


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def rows_of(case, n_threads=1):
    """The case's rows, compiled."""
    scratch = Scratch(case.n, n_threads)
    return Rows(case.start, case.stop, case.idx, scratch, case.out)


def terms_of(case, rows, rng):
    """One term of every kind."""
    found = [Term(rows, case.val, alpha_in=rng.normal(size=case.m)), Term(rows, case.val)]
    if len(case.out):
        weights = {"alpha_in": rng.normal(size=case.m), "alpha_out": rng.normal(size=case.m)}
        found.append(Term(rows, case.val, **weights))
        found.append(Term(rows, case.val, **weights, out_weight=rng.normal(size=case.m)))
    return found


def twin_of(case, term):
    """(n, n) the term by outer products."""
    out = case.out if len(term.alpha_out) else NO_GOOD
    return twins.curvature(
        case.start, case.stop, case.idx, case.val, term.alpha_in, out, term.out_weight,
        term.alpha_out, case.n,
    )  # fmt: skip


def folded(filled):
    """(n, n) symmetric, from each pair on either side."""
    upper = np.triu(filled, 1) + np.tril(filled, -1).T
    return upper + upper.T + np.diag(np.diag(filled))


def test_product_diagonal_and_dense_against_outer_products(case) -> None:
    """A sum of terms of every kind and a diagonal."""
    rng = np.random.default_rng(1)
    total = Curvature(case.n)
    total.diagonal = rng.normal(size=case.n)
    total.terms = terms_of(case, rows_of(case), rng)
    expected = np.diag(total.diagonal) + sum(twin_of(case, term) for term in total.terms)
    close(np.array([total.product(unit) for unit in np.eye(case.n)]), expected)
    close(total.full_diagonal(), np.diag(expected))
    filled = np.full((case.n, case.n), np.nan)
    total.fill(filled)
    close(folded(filled), expected - np.diag(total.diagonal))


def test_sums_over_rows(case) -> None:
    """Dots, weighted sums, and what is used apart from what is made."""
    rng = np.random.default_rng(2)
    rows, z, weight = rows_of(case), rng.normal(size=case.n), rng.uniform(0, 1, case.m)
    where = case.start, case.stop, case.idx, case.val
    close(rows.dot(case.val, z), twins.dot(*where, z))
    total = np.ones(case.n)
    rows.scatter(case.val, weight, total)
    close(total, 1.0 + twins.scatter(*where, weight, case.n))
    used, made = np.ones(case.n), np.full(case.n, 2.0)
    rows.scatter_signed(case.val, weight, used, made)
    expected = twins.scatter_signed(*where, weight, case.n)
    close(used, 1.0 + expected[: case.n])
    close(made, 2.0 + expected[case.n :])


@pytest.mark.parametrize("width", [1, 3, 64])
def test_members_hold_each_entry_once(case, width, monkeypatch) -> None:
    """For each band of goods: the runs of consecutive entries within it, by rows; and the rows that
    make each good."""
    monkeypatch.setattr(curvature, "_BAND", (width, width))
    rows = rows_of(case)
    pointer, row, entry, maker, maker_row = rows.members()
    assert len(pointer) - 1 == -(-case.n // width)
    held = []
    for band in range(len(pointer) - 1):
        span = slice(pointer[band], pointer[band + 1])
        assert np.all(np.diff(row[span]) >= 0)
        for j, first in zip(row[span], entry[span], strict=True):
            k = first
            while k < case.stop[j] and case.idx[k] // width == band:
                held.append((j, k))
                k += 1
            assert first == case.start[j] or case.idx[first - 1] // width != band
    expected = [
        (j, k) for j, e in twins.ranges(case.start, case.stop) for k in range(e.start, e.stop)
    ]
    assert sorted(held) == sorted(expected)
    if len(case.out):
        for good in range(case.n):
            makers = maker_row[maker[good] : maker[good + 1]]
            assert makers.tolist() == np.flatnonzero(case.out == good).tolist()


@pytest.mark.parametrize("n_goods", [3, 40, 4000])
def test_blocks_cover_all_rows_and_never_depend_on_threads(n_goods) -> None:
    """1 to 16 blocks of about equal numbers of entries: more only where there is work for them."""
    rng = np.random.default_rng(3)
    lengths = rng.integers(0, 30, 3000)
    stop = np.cumsum(lengths)
    idx = rng.integers(0, n_goods, stop[-1]).astype(np.int32)
    blocks = [
        Rows(stop - lengths, stop, idx, Scratch(n_goods, threads)).block for threads in (1, 2, 7)
    ]
    for other in blocks[1:]:
        np.testing.assert_array_equal(other, blocks[0])
    block = blocks[0]
    assert block[0] == 0
    assert block[-1] == 3000
    assert np.all(np.diff(block) >= 0)
    assert 2 <= len(block) <= 17
    entries = np.add.reduceat(lengths, block[:-1])
    assert np.ptp(entries) <= 2 * 30 if n_goods < 4000 else len(block) == 3


@pytest.mark.usefixtures("every_thread")
@pytest.mark.parametrize("threads", [2, 7])
def test_many_rows_give_the_same_bits_on_any_number_of_threads(threads) -> None:
    rng = np.random.default_rng(4)
    n, m = 50, 4000
    lengths = rng.integers(0, 12, m)
    stop = np.cumsum(lengths)
    idx = np.concatenate([rng.permutation(n)[:k] for k in lengths]).astype(np.int32)
    val, weight, out = rng.normal(size=len(idx)), rng.normal(size=m), rng.integers(-1, n, m)
    z = rng.normal(size=n)

    def run(n_threads):
        rows = Rows(stop - lengths, stop, idx, Scratch(n, n_threads), out.astype(np.int32))
        assert rows.blocks == 16
        total = Curvature(n)
        total.terms = [Term(rows, val, alpha_in=weight, alpha_out=2.0 * weight, out_weight=weight)]
        filled = np.empty((n, n))
        total.fill(filled)
        sums = np.zeros(n)
        rows.scatter(val, weight, sums)
        return [a.tobytes() for a in (total.product(z), total.full_diagonal(), filled, sums)]

    assert run(threads) == run(1)


def test_scratch_is_clean_and_grows() -> None:
    """Each call hands out zeros, whatever the last one left and however much it asked for."""
    scratch = Scratch(5, 2)
    for blocks, width in ((2, 5), (1, 5), (16, 10), (3, 10)):
        partial = scratch.partial(blocks, width)
        assert partial.shape == (blocks, width)
        assert not partial.any()
        partial.fill(np.nan)


def test_cost_of_the_dense_matrix_is_counted_in_pairs() -> None:
    case = CASES["consumers, no outputs"]
    total = Curvature(case.n)
    total.terms = [Term(rows_of(case), case.val, alpha_in=np.ones(case.m))]
    assert total.dense_cost() == 3**2 + 5**2 + 1**2 + 7**2
    assert Curvature(4).dense_cost() == 0.0
