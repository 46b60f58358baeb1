"""Answers that are functions of prices: dual, gradient, curvature, and what scaling prices does."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from answers.answers_for_tests import (
    SMOOTH,
    by_log_price,
    curvature_of,
    dense_of,
    dual,
    excess,
    matrix_of,
    problem_of,
    smooth_case,
)
from economies_for_tests import normalised, random_economy, sparse
from kernels import twins
from parecon.answers.consumers import CESRows
from parecon.answers.workers import CESOutput
from parecon.curvature import Scratch
from reference.dual import dual_value

# What differences over STEP can tell, with two digits to spare.
DIFFERENCES = 1e-8


@pytest.fixture(params=SMOOTH)
def case(request):
    """(problem, answers, market, price)."""
    return smooth_case(request.param)


def test_dual_against_the_reference() -> None:
    """Constants included: Phi itself, not only its slope, bounds welfare."""
    for name in SMOOTH:
        for seed in range(3):
            problem, _, _, price = smooth_case(name, seed)
            got, expected = problem.respond(price).dual, dual_value(problem.economy, price)
            assert got == pytest.approx(expected, rel=1e-12, abs=1e-12), name


def test_needs_are_owed_in_the_dual_and_in_demand() -> None:
    """Phi counts the endowment less the needs; both sides of the market show them in full."""
    economy = random_economy(np.random.default_rng(1), consumers=("ces",), needs=True)
    problem = problem_of(economy)
    price = np.linspace(0.5, 2.0, economy.n_goods)
    market = problem.respond(price)
    assert problem.needs.any()
    assert market.dual == pytest.approx(dual_value(economy, price), rel=1e-13)
    spent = float(np.sum(market.demand)) - price @ problem.needs
    assert spent == pytest.approx(economy.total_budget, rel=1e-13)
    np.testing.assert_allclose(market.supply, price * economy.endowment, rtol=1e-15)


def test_gradient_of_the_dual_is_excess_supply(case) -> None:
    _, answers, market, price = case
    slope = by_log_price(lambda p: dual(answers, market, p), price)
    got = excess(answers, market, price)
    np.testing.assert_allclose(got, slope, rtol=0, atol=DIFFERENCES * np.abs(slope).max())


def test_curvature_is_the_slope_of_excess_supply(case) -> None:
    """In log prices d(S - D) = P H P + diag(S - D)."""
    _, answers, market, price = case
    slope = by_log_price(lambda p: excess(answers, market, p), price)
    value = excess(answers, market, price)
    got = matrix_of(curvature_of(answers, market), len(price))
    size = max(np.abs(value).max(), np.abs(slope).max())
    np.testing.assert_allclose(got, slope - np.diag(value), rtol=0, atol=DIFFERENCES * size)


def test_product_diagonal_and_dense_are_one_matrix(case) -> None:
    """Symmetric and positive semidefinite at that."""
    _, answers, market, price = case
    excess(answers, market, price)
    total = curvature_of(answers, market)
    matrix = matrix_of(total, len(price))
    size = np.abs(matrix).max()
    for other in (matrix.T, dense_of(total, len(price))):
        np.testing.assert_allclose(other, matrix, rtol=0, atol=1e-13 * size)
    np.testing.assert_allclose(total.full_diagonal(), np.diag(matrix), rtol=0, atol=1e-13 * size)
    assert np.linalg.eigvalsh(matrix).min() >= -1e-12 * size


def test_sensitivity_is_the_diagonal(case) -> None:
    """Whether it was wanted with the announcement or is worked out after it."""
    _, answers, market, price = case
    for wanted in (True, False):
        market.wants_sensitivity = wanted
        excess(answers, market, price)
        expected = np.diag(matrix_of(curvature_of(answers, market), len(price)))
        found = np.zeros(len(price))
        for answer in answers:
            answer.add_sensitivity(market, found)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * np.abs(expected).max())


def test_scaling_all_prices(case, request) -> None:
    """Consumers spend their budgets whatever money is called; workers paid in it do the same.

    Effort has a cost in money of its own, so that those workers answer dearer money with more.
    """
    problem, answers, market, price = case
    name = request.node.callspec.params["case"]
    before = excess(answers, market, price)
    after = excess(answers, market, 7.0 * price)
    if "consumers" in name:
        np.testing.assert_allclose(after, before, rtol=1e-12)
        assert -before.sum() == pytest.approx(problem.economy.total_budget, rel=1e-13)
    elif name in ("cobb-douglas workers", "ces workers"):
        np.testing.assert_allclose(after, 7.0 * before, rtol=1e-11)
    elif name == "workers with effort":
        # homogeneous of degree 1/(1 - c/k) in prices, by the first-order condition for effort
        assert np.abs(after).sum() > 7.001 * np.abs(before).sum()
    else:
        family = next(f for f in problem.economy.families if f.role == "suppliers")
        degree = np.log(after[0] / before[0]) / np.log(7.0) - 1.0
        assert family.elasticity.min() - 1e-9 <= degree <= family.elasticity.max() + 1e-9


@pytest.mark.parametrize("name", ["cobb-douglas workers", "workers with effort", "ces workers"])
def test_profit_is_what_the_dual_says(name) -> None:
    """Revenue less cost less disutility of effort, in sum."""
    _, answers, market, price = smooth_case(name)
    value = dual(answers, market, price)
    profit = float(np.sum(market.supply - market.demand))
    for answer in answers:
        effort = answer.proposal(market)["effort"]
        if effort is not None:
            rule = answer.family.effort
            profit -= float(np.sum(rule.scale * effort**rule.power))
    assert profit == pytest.approx(value, rel=1e-12)
    assert value > 0.0


def test_leontief_consumers_buy_bundles() -> None:
    """At elasticity 0 quantities stand in the bundle's proportions at any prices."""
    problem, answers, market, price = smooth_case("leontief consumers")
    family = problem.economy.families[0]
    excess(answers, market, price)
    ratio = answers[0].proposal(market)["quantity"] / family.bundle.data
    per_council = np.split(ratio, family.bundle.indptr[1:-1])
    for bundles, council in zip(per_council, range(family.n_councils), strict=True):
        np.testing.assert_allclose(bundles, bundles[0], rtol=1e-13)
        cost = family.bundle[[council], :] @ price
        np.testing.assert_allclose(bundles[0], family.budget[council] / cost, rtol=1e-13)


# Elasticities -------------------------------------------------------------------------------------


def ces_rows(shares, elasticity, log_price):
    """(shares of cost, log cost) by the class, tables and all, at any log prices."""
    scratch = Scratch(shares.shape[1], 1)
    rows = CESRows(shares, np.asarray(elasticity, dtype=float), scratch)
    market = empty_market_at(scratch, log_price)
    rows.answer(market, np.ones(shares.shape[0]))
    return rows.share, rows.log_cost


def empty_market_at(scratch, log_price):
    """A market without goods of its own, its prices given in logarithms."""
    nothing = np.zeros(len(log_price))
    market = pe.answers.Market(nothing, nothing, scratch)
    market.announce(np.exp(log_price))
    market.log_price = np.asarray(log_price, dtype=float)
    return market


def against_long_double(shares, elasticity, log_price, rtol):
    share, log_cost = ces_rows(shares, elasticity, log_price)
    for j, e in twins.ranges(shares.indptr[:-1], shares.indptr[1:]):
        expected = twins.ces_row(shares.data[e], log_price[shares.indices[e]], elasticity[j])
        np.testing.assert_allclose(share[e], expected[0].astype(float), rtol=rtol, atol=1e-50)
        assert log_cost[j] == pytest.approx(float(expected[1]), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("decades", [0.0, 1e-12, 1.0, 12.0])
@pytest.mark.parametrize("classes", [8, 400], ids=["in classes", "each its own"])
def test_elasticities_at_and_near_every_limit(classes, decades) -> None:
    """With more than 256 different ones no table is made; the answer is the same."""
    rng = np.random.default_rng(4)
    limits = np.array([0.0, 0.3, 1 - 1e-4, 1 - 1e-9, 1.0, 1 + 1e-9, 2.0, 100.0])
    elasticity = limits if classes == 8 else np.concatenate([limits, rng.uniform(0.1, 9.0, 392)])
    weights = rng.uniform(0.1, 1.0, (len(elasticity), 9)) * (rng.random((len(elasticity), 9)) < 0.6)
    weights[:, 0] = 0.5
    log_price = np.log(10.0) * decades * rng.uniform(-1, 1, 9)
    against_long_double(sparse(normalised(weights)), elasticity, log_price, rtol=3e-12)


def test_a_tiny_share_of_a_very_cheap_good() -> None:
    """p^(1-s) beyond any double, on a share beyond any use: the good still takes the whole budget.

    What is cut off the table must not pass for an answer.
    """
    share = sp.csr_array(np.array([[1e-60, 1.0 - 1e-60]]))
    log_price = np.array([-20.0, 1.0])
    against_long_double(share, np.array([100.0]), log_price, rtol=1e-11)


# Workers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("returns", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("elasticity", [0.0, 1 - 1e-9, 1.0, 5.0])
def test_ces_workers_equate_marginal_cost_and_price(returns, elasticity) -> None:
    """The output is the best one: profit at outputs around it is less, by the technology's cost."""
    rng = np.random.default_rng(9)
    shares, price = normalised(rng.uniform(0.2, 1.0, (1, 3))), rng.uniform(0.5, 2.0, 4)
    matrix = sp.csr_array(np.hstack([shares, [[0.0]]]))
    matrix.eliminate_zeros()
    scratch = Scratch(4, 1)
    answer = CESOutput(
        matrix, np.array([elasticity]), np.array([returns]), np.array([1.3]), np.array([3]), scratch
    )
    market = empty_market_at(scratch, np.log(price))
    answer.respond(market)
    proposal = answer.proposal(market)
    _, log_cost = twins.ces_row(shares[0], np.log(price[:3]), elasticity)

    def profit(output):
        return price[3] * output - float(np.exp(log_cost)) * (output / 1.3) ** (1 / returns)

    best = proposal["output"][0]
    assert profit(best) == pytest.approx(market.dual, rel=1e-11)
    assert profit(best) == pytest.approx(price[3] * best - price[:3] @ proposal["input"], rel=1e-11)
    for factor in (0.9, 0.999, 1.001, 1.1):
        assert profit(factor * best) < profit(best)


@pytest.mark.usefixtures("every_thread")
@pytest.mark.parametrize("threads", [2, 7])
def test_any_number_of_threads(threads) -> None:
    """The same bits, supply, demand and curvature."""
    for name in SMOOTH:
        one, *_, price = smooth_case(name)
        many = problem_of(one.economy, n_threads=threads)
        first, other = one.respond(price), many.respond(price)
        assert first.supply.tobytes() == other.supply.tobytes()
        assert first.demand.tobytes() == other.demand.tobytes()
        assert first.dual == other.dual
        n = len(price)
        assert dense_of(one.curvature(), n).tobytes() == dense_of(many.curvature(), n).tobytes()


def test_cobb_douglas_is_ces_at_one() -> None:
    """Two classes, two formulas, one answer: whole economies of either agree."""
    rng = np.random.default_rng(2)
    budget, shares = rng.uniform(1, 5, 6), sparse(normalised(rng.uniform(0.1, 1, (6, 4))))
    price = rng.uniform(0.2, 4.0, 4)
    plain = problem_of(pe.Economy(4, np.ones(4), [pe.CobbDouglasConsumers(budget, shares)]))
    mixed = pe.CESConsumers(
        np.append(budget, 1.0), sp.csr_array(sp.vstack([shares, [[0.25] * 4]])),
        np.append(np.ones(6), 2.0),
    )  # fmt: skip
    other = problem_of(pe.Economy(4, np.ones(4), [mixed]))
    plain.respond(price)
    other.respond(price)
    one = plain.answers[0].proposal(plain.market)["quantity"]
    two = other.answers[0].proposal(other.market)["quantity"]
    np.testing.assert_allclose(two[:24], one, rtol=1e-14)
