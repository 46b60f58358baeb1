"""CES answers against long double: every elasticity, prices up to 24 orders of magnitude apart."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import twins
from kernels.rows_for_tests import read_only, rows_of_lengths, same_for_all_threads, summed
from parecon._kernels import ces as kernel

EPS = np.finfo(float).eps
NO_WORKER = np.empty((0, 0))
NO_GOOD = np.empty(0, dtype=np.int32)
ELASTICITIES = (
    0.0, 0.3, 0.96, 1 - 1e-4, 1 - 1e-9, 1.0, 1 + 1e-9, 1 + 1e-4, 1.04, 1.06, 2.0, 100.0,
)  # fmt: skip
DISPERSIONS = {"equal": 0.0, "a tenth": 0.1, "1e-6 to 1e6": 6.0, "1e-12 to 1e12": 12.0}


class Councils:
    """CES councils at prices 10^(+-dispersion), in elasticity classes as the kernel wants them.

    `alone` puts every council into one class without a table, which makes the kernel answer entry
    by entry.
    """

    def __init__(self, rng, elasticity, lengths, n, dispersion, *, alone=False, makers=False):
        self.case = rows_of_lengths(rng, n, lengths, blocks=4)
        m = len(lengths)
        share = rng.uniform(0.05, 1.0, len(self.case.idx))
        for _, e in twins.ranges(self.case.start, self.case.stop):
            share[e] /= share[e].sum()
        self.coef = read_only(share)
        self.elasticity = read_only(np.broadcast_to(np.asarray(elasticity, float), m))
        exponent = rng.uniform(-1, 1, n)
        exponent[:2] = (-1, 1)[:n]
        self.log_price = read_only(np.log(10.0) * dispersion * exponent)
        values, kind = np.unique(self.elasticity, return_inverse=True)
        self.kind = read_only((0 if alone else 1) * kind.astype(np.uint8))
        table, form = twins.ces_tables(values, self.log_price)
        if alone:
            table, form = np.zeros((1, n)), np.zeros((1, 4))
        self.table, self.form = read_only(table), read_only(form)
        self.spending = rng.uniform(0.5, 2.0, m)
        self.out = read_only(rng.integers(0, n, m).astype(np.int32)) if makers else NO_GOOD
        self.worker = read_only(rng.uniform(-0.5, 0.5, (3, m))) if makers else NO_WORKER

    def answer(self, threads=1, *, width=1):
        """(spending, log cost, share, partial); width 2: every sum followed by its bend."""
        case, m = self.case, self.case.m
        spending, log_cost = self.spending.copy(), np.zeros(m)
        share = np.full(len(case.idx), np.nan)
        partial = np.zeros((len(case.block) - 1, width * case.n))
        kernel.response(
            case.block, case.indptr, case.idx, self.coef, self.kind, self.table, self.form,
            self.elasticity, self.log_price, self.worker, self.out, spending, log_cost, share,
            partial, threads,
        )  # fmt: skip
        return spending, log_cost, share, partial

    def twin(self):
        """(spending, log cost, share, bought)."""
        return twins.ces_response(
            self.case.indptr, self.case.idx, self.coef, self.elasticity, self.log_price,
            self.spending, self.worker, self.out,
        )  # fmt: skip

    def agree(self):
        """The kernel's answer is the twin's, up to what exp(x) must lose when x is rounded."""
        spending, log_cost, share, partial = same_for_all_threads(self.answer)
        expected_spending, expected_cost, expected_share, bought = self.twin()
        spread = np.ptp(self.log_price)
        power = np.abs(1.0 - self.elasticity)
        # relative error of exp((1-s)(log p - centre)) by rounding of its argument, plus a few units
        relative = EPS * (8.0 + 2.0 * power.max(initial=0.0) * spread)
        full = self.case.stop > self.case.start
        # tables end at exp(-700) and rows below 1e-250 are answered apart: shares of 1e-54 are zero
        np.testing.assert_allclose(share, expected_share, rtol=relative, atol=1e-50)
        # log c: the error of the sum over (1-s), plus rounding of log p itself
        slack = 4 * EPS * (1.0 + np.abs(self.log_price).max()) + 8 * EPS / np.maximum(power, 0.05)
        error = np.abs(log_cost - expected_cost)[full]
        assert np.all(error <= slack[full]), f"log cost off by {error.max():.1e}"
        np.testing.assert_allclose(spending[full], expected_spending[full], rtol=40 * relative)
        np.testing.assert_allclose(summed(partial), bought, rtol=50 * relative, atol=1e-50)
        return spending, log_cost, share, partial


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("alone", [False, True], ids=["table", "entry by entry"])
@pytest.mark.parametrize("dispersion", DISPERSIONS.values(), ids=DISPERSIONS)
@pytest.mark.parametrize("elasticity", ELASTICITIES)
def test_consumers(rng, elasticity, dispersion, alone) -> None:
    lengths = [4, 1, 12, 3, 7]
    councils = Councils(rng, elasticity, lengths, 12, dispersion, alone=alone)
    spending, _, share, _ = councils.agree()
    np.testing.assert_array_equal(spending, councils.spending)
    # shares of a council sum to one
    sums = twins.dot(councils.case.start, councils.case.stop, councils.case.idx, share, np.ones(12))
    np.testing.assert_allclose(sums, 1.0, rtol=1e-13)


@pytest.mark.parametrize("makers", [False, True], ids=["consumers", "workers"])
@pytest.mark.parametrize("alone", [False, True], ids=["table", "entry by entry"])
def test_bend_is_the_diagonal_of_the_curvature(rng, alone, makers) -> None:
    """Beside the sums, which stay the same bits."""
    elasticity, lengths = rng.choice(ELASTICITIES, 200), rng.integers(0, 9, 200)
    councils = Councils(rng, elasticity, lengths, 12, 0.5, alone=alone, makers=makers)
    spending, _, share, partial = councils.answer()
    case = councils.case
    *same, bent = same_for_all_threads(lambda threads=1: councils.answer(threads, width=2))
    for one, other in zip(same, (spending, _, share), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(bent[:, 0::2], partial)
    steep = councils.worker[2] if makers else np.ones(case.m)
    diagonal = np.zeros(12)
    for j, e in twins.ranges(case.start, case.stop):
        g = np.zeros(12)
        g[case.idx[e]] = share[e]
        own = np.eye(12)[councils.out[j]] if makers else np.zeros(12)
        s, k = councils.elasticity[j], steep[j]
        diagonal += spending[j] * (s * (g - g**2) + k * (own - g) ** 2)
    np.testing.assert_allclose(summed(bent[:, 1::2]), diagonal, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("alone", [False, True], ids=["table", "entry by entry"])
def test_consumers_of_many_classes_at_once(rng, alone) -> None:
    """300 councils: several chunks of 64, empty rows, elasticities in no order."""
    elasticity, lengths = rng.choice(ELASTICITIES, 300), rng.integers(0, 9, 300)
    Councils(rng, elasticity, lengths, 30, 3.0, alone=alone).agree()


@pytest.mark.parametrize("alone", [False, True], ids=["table", "entry by entry"])
def test_workers_spend_by_their_cost(rng, alone) -> None:
    """Spending comes from the power law in cost and price of the output, own use included."""
    elasticity, lengths = rng.choice(ELASTICITIES, 150), rng.integers(1, 9, 150)
    councils = Councils(rng, elasticity, lengths, 20, 2.0, alone=alone, makers=True)
    councils.agree()


def test_rows_of_one_class_take_the_safe_path_each_for_itself(rng) -> None:
    """At elasticity 100 the class's table overflows for some rows and not for others."""
    log_price = np.concatenate([[27.0, -27.0], np.linspace(-1.0, 1.0, 6)])
    councils = Councils(rng, 100.0, [6, 6, 8, 1, 1], 8, 1.0)
    idx = np.concatenate([np.arange(2, 8), [0, 2, 3, 4, 5, 6], np.arange(8), [0], [1]])
    case = councils.case
    councils.case = type(case)(
        8, case.start, case.stop, read_only(idx.astype(np.int32)), case.val, case.out, case.block
    )
    councils.log_price = read_only(log_price)
    table, form = twins.ces_tables(np.array([100.0]), log_price)
    councils.table, councils.form = read_only(table), read_only(form)
    totals = twins.dot(case.start, case.stop, idx, councils.coef, table[0])
    safe = (totals > 1e-250) & (totals < 1e250)
    assert 0 < safe.sum() < len(safe), "the case is meant to have rows of both kinds"
    councils.agree()


def test_one_good_costs_its_price(rng) -> None:
    """c = p exactly enough to be read off, at every elasticity."""
    for elasticity in ELASTICITIES:
        councils = Councils(rng, elasticity, [1, 1, 1], 1, 0.0)
        councils.log_price = read_only(np.array([5.0]))
        table, form = twins.ces_tables(np.array([elasticity]), councils.log_price)
        councils.table, councils.form = read_only(table), read_only(form)
        _, log_cost, share, partial = councils.agree()
        np.testing.assert_allclose(log_cost, 5.0, rtol=2 * EPS)
        np.testing.assert_allclose(share, 1.0, rtol=2 * EPS)
        np.testing.assert_allclose(partial.sum(), councils.spending.sum(), rtol=8 * EPS)


@pytest.mark.parametrize("lengths", [[], [0, 0, 0]], ids=["no councils", "no entries"])
def test_nothing_to_answer(rng, lengths) -> None:
    councils = Councils(rng, 0.5, lengths, 3, 1.0) if lengths else None
    if councils is None:
        councils = Councils(rng, 0.5, [1], 3, 1.0)
        empty = rows_of_lengths(rng, 3, [])
        councils.case, councils.coef, councils.spending = empty, np.empty(0), np.empty(0)
        councils.elasticity, councils.kind = np.empty(0), np.empty(0, dtype=np.uint8)
    _, _, share, partial = same_for_all_threads(councils.answer)
    assert len(share) == 0
    assert not partial.any()


def test_leontief_coefficients_need_not_sum_to_one(rng) -> None:
    """At elasticity 0 they are physical units: cost is their value, wherever the table's centre."""
    councils = Councils(rng, 0.0, [3, 5], 6, 6.0)
    councils.coef = read_only(councils.coef * np.exp(rng.uniform(-20, 20, len(councils.coef))))
    _, log_cost, _, _ = councils.agree()
    case, price = councils.case, np.exp(councils.log_price)
    value = twins.dot(case.start, case.stop, case.idx, councils.coef, price)
    np.testing.assert_allclose(np.exp(log_cost), value, rtol=1e-13)


@pytest.mark.parametrize("step", [1e-13, 1e-9, 1e-6])
def test_no_seam_where_the_form_changes(rng, step) -> None:
    """Elasticities on both sides of one, and of where the near form ends, give the same answer."""
    for seam in (1.0, 0.95, 1.05, 0.99, 1.01):
        answers = []
        for elasticity in (seam - step, seam + step):
            again = np.random.default_rng(3)
            councils = Councils(again, elasticity, [5, 8], 8, 2.0, alone=True)
            answers.append(councils.agree())
            answers.append(Councils(np.random.default_rng(3), elasticity, [5, 8], 8, 2.0).agree())
        for other in answers[1:]:
            # log c and log g move by at most the spread of log p per unit of elasticity, squared
            np.testing.assert_allclose(other[1], answers[0][1], atol=1e-12 + 200 * step)
            np.testing.assert_allclose(other[2], answers[0][2], rtol=1e-12 + 200 * step)
