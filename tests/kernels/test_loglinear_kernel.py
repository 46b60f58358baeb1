"""Cobb-Douglas worker councils against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import twins
from kernels.rows_for_tests import read_only, rows_of_lengths, same_for_all_threads, summed
from parecon._kernels import loglinear as kernel


def councils(rng, n, lengths, *, own_use=False):
    """(rows, exponents, constant, power, output goods)."""
    case = rows_of_lengths(rng, n, lengths, blocks=6)
    m = len(lengths)
    exponent = rng.uniform(0.05, 0.85 / max([1, *lengths]), len(case.idx))
    out = case.idx[case.start] if own_use else rng.integers(0, max(n, 1), m)
    constant, power = rng.uniform(-2, 2, m), rng.uniform(1, 10, m)
    return case, *(read_only(a) for a in (exponent, constant, power, out.astype(np.int32)))


def answer(case, exponent, constant, power, out, log_price, threads, *, width=2):
    """(value, partial); `width` numbers per good, 4 with their bends."""
    value, partial = np.empty(case.m), np.zeros((len(case.block) - 1, width * case.n))
    kernel.response(
        case.block, case.indptr, case.idx, exponent, constant, power, out, log_price, value,
        partial, threads,
    )  # fmt: skip
    return value, partial


@pytest.mark.parametrize("dispersion", [0.0, 1.0, 6.0, 12.0])
@pytest.mark.parametrize(
    ("n", "lengths", "own_use"),
    [
        (40, [2, 7, 1, 4] * 60, False),
        (6, [0, 3, 0, 0, 5], False),
        (3, [0, 0], False),
        (1, [1, 1, 0], False),
        (8, [3, 1, 8, 2], True),
        (4, [], False),
    ],
    ids=["many", "some without inputs", "all without inputs", "one good", "own use", "no councils"],
)
def test_against_the_twin(n, lengths, own_use, dispersion) -> None:
    rng = np.random.default_rng(8)
    data = councils(rng, n, lengths, own_use=own_use)
    log_price = read_only(np.log(10.0) * dispersion * rng.uniform(-1, 1, n))
    value, partial = same_for_all_threads(lambda t: answer(*data, log_price, t))
    case = data[0]
    expected, sums = twins.loglinear_response(case.indptr, case.idx, *data[1:], log_price)
    # exp(x) loses what rounding leaves of x, and x is a sum of power * log p
    largest = np.abs(data[3]).max(initial=1.0) * (2.0 + 2.0 * np.abs(log_price).max(initial=0.0))
    rtol = 2.3e-16 * (8.0 + 4.0 * largest)
    np.testing.assert_allclose(value, expected, rtol=rtol)
    np.testing.assert_allclose(summed(partial), sums, rtol=rtol + 1e-13)
    bent_value, bent = same_for_all_threads(lambda t: answer(*data, log_price, t, width=4))
    np.testing.assert_array_equal(bent_value, value)
    both = summed(bent).reshape(-1, 2)
    np.testing.assert_allclose(both[:, 0], sums, rtol=rtol + 1e-13)
    _, exponent, _, power, out = data
    bend, terms = twins.loglinear_bend(
        case.n, case.indptr, case.idx, exponent, power, out, expected
    )
    found = both[: case.n, 1] + both[case.n :, 1]
    # a good used in its own making adds terms of both signs: rounding is relative to their sizes
    assert np.all(np.abs(found - bend) <= (rtol + 1e-13) * terms)


@pytest.mark.parametrize("lengths", [[3, 0, 64, 1, 65, 0, 200], [0], []], ids=str)
def test_row_sums(lengths) -> None:
    """Rows shorter and longer than the chunk that logarithms are taken in; empty ones are zero."""
    case = rows_of_lengths(np.random.default_rng(2), 300, lengths)
    exponent = read_only(10.0 ** np.random.default_rng(3).uniform(-8, 0, len(case.idx)))

    def run(threads):
        total, entropy = np.full(case.m, np.nan), np.full(case.m, np.nan)
        kernel.row_sums(case.indptr, exponent, total, entropy, threads)
        return total, entropy

    got = same_for_all_threads(run)
    for found, expected in zip(got, twins.row_sums(case.indptr, exponent), strict=True):
        # all terms of a row have one sign: rounding is relative to the sum
        np.testing.assert_allclose(found, expected.astype(float), rtol=200 * 2.3e-16)


def test_a_case_by_hand() -> None:
    """q = x^(1/2) at p_out = 6, p_in = 1: x = 9, value 18, log value = c + 2 log 6."""
    constant = 2.0 * 0.5 * np.log(0.5)  # power times sum b log b
    value, partial = np.empty(1), np.zeros((1, 4))
    kernel.response(
        np.array([0, 1]), np.array([0, 1]), np.array([0], dtype=np.int32), np.array([0.5]),
        np.array([constant]), np.array([2.0]), np.array([1], dtype=np.int32),
        np.log(np.array([1.0, 6.0])), value, partial, 1,
    )  # fmt: skip
    np.testing.assert_allclose(value, [18.0], rtol=1e-15)
    np.testing.assert_allclose(partial, [[9.0, 0.0, 0.0, 18.0]], rtol=1e-15)
