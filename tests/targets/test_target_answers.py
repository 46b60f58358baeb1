"""Targets at announced prices: value, slope and curvature, and the best answer itself."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from answers.answers_for_tests import (
    by_log_price,
    curvature_of,
    dual,
    empty_market,
    excess,
    matrix_of,
)
from economies_for_tests import TARGETS
from parecon.problem import Problem
from parecon.utility import utilities
from reference.dual import dual_value

# What four-point differences can tell, with two digits to spare.
DIFFERENCES = 1e-8
GOODS = 7
SMOOTH_FORMS = ("harmony", "ray", "log")
RATIO = np.array([0.05, 0.6, 0.97, 1.03, 1.6, 1.97, 2.5])  # of price to worth: met, short, too dear


def economy_of(form: str) -> pe.Economy:
    """One target for each of seven goods, in no order of goods."""
    rng = np.random.default_rng(7)
    good = np.array([3, 0, 6, 2, 5, 1, 4])
    target, weight = rng.uniform(0.2, 5.0, GOODS), rng.uniform(0.1, 9.0, GOODS)
    return pe.Economy(GOODS, np.ones(GOODS), [pe.Targets(good, target, weight, form)])


def prices_of(economy: pe.Economy) -> np.ndarray:
    """(n,) prices at which the targets are met, missed and given up."""
    (family,) = economy.families
    price = np.empty(GOODS)
    price[family.good] = RATIO * family.weight / family.target
    return price


def outright(economy: pe.Economy) -> Problem:
    """Compiled for a board, which hears the best quantities at any prices."""
    return Problem(economy, 1, outright=True)


def asked(form: str):
    """(economy, its answers, an empty market, prices)."""
    economy = economy_of(form)
    problem = outright(economy)
    return economy, problem.answers, empty_market(problem), prices_of(economy)


@pytest.mark.parametrize("form", TARGETS)
def test_dual_against_the_reference(form: str) -> None:
    economy = economy_of("linear" if form == "basket" else form)
    problem = outright(economy)
    price = prices_of(economy)
    for inner in problem.inner:
        problem.market.announce(price)
        inner.start(problem.market, 1e-3)
    assert problem.respond(price).dual == pytest.approx(dual_value(economy, price), rel=1e-13)


@pytest.mark.parametrize("form", SMOOTH_FORMS)
def test_gradient_of_the_dual_is_what_is_not_asked_for(form: str) -> None:
    _, answers, market, price = asked(form)
    slope = by_log_price(lambda p: dual(answers, market, p), price)
    got = excess(answers, market, price)
    np.testing.assert_allclose(got, slope, rtol=0, atol=DIFFERENCES * np.abs(slope).max())


@pytest.mark.parametrize("form", SMOOTH_FORMS)
def test_curvature_is_the_slope_of_what_is_asked_for(form: str) -> None:
    _, answers, market, price = asked(form)
    slope = by_log_price(lambda p: excess(answers, market, p), price)
    value = excess(answers, market, price)
    got = matrix_of(curvature_of(answers, market), GOODS)
    size = max(np.abs(value).max(), np.abs(slope).max())
    np.testing.assert_allclose(got, slope - np.diag(value), rtol=0, atol=DIFFERENCES * size)
    assert np.linalg.eigvalsh(got).min() >= -1e-12 * np.abs(got).max()


@pytest.mark.parametrize("form", SMOOTH_FORMS)
def test_no_other_quantities_are_worth_more_beyond_their_cost(form: str) -> None:
    """The dual's part is reached by the proposal, and by nothing drawn around it."""
    economy, answers, market, price = asked(form)
    (family,) = economy.families
    best = dual(answers, market, price)
    proposal = answers[0].proposal(market)["quantity"]

    def worth(quantity: np.ndarray) -> float:
        value = float(family.weight @ np.log(utilities(family, quantity)))
        return value - float(price[family.good] @ quantity)

    assert worth(proposal) == pytest.approx(best, rel=1e-13)
    rng = np.random.default_rng(1)
    for size in (1e-3, 0.1, 1.0):
        for _ in range(20):
            other = proposal * np.exp(size * rng.normal(size=GOODS)) + size * rng.random(GOODS)
            assert worth(other) < best


def test_harmony_by_hand() -> None:
    """At p T / w = 1/2, 3/2, 3: twice the target, half of it, none; worth log 2, -5/8, -3/2."""
    economy = pe.Economy(3, [1.0, 1, 1], [pe.Targets([0, 1, 2], [4.0, 4, 4], 8.0)])
    problem = outright(economy)
    market = problem.respond(np.array([1.0, 3.0, 6.0]))
    np.testing.assert_allclose(market.demand, [8.0, 6.0, 0.0])
    quantity = problem.answers[0].proposal(market)["quantity"]
    np.testing.assert_allclose(quantity, [8.0, 2.0, 0.0], atol=1e-15)
    worth = np.log(utilities(economy.families[0], quantity))
    np.testing.assert_allclose(worth, [np.log(2), -0.625, -1.5], rtol=1e-14)
    np.testing.assert_allclose(np.diag(matrix_of(problem.curvature(), 3)), [8.0, 18.0, 0.0])


@pytest.mark.parametrize("at", [1.0, 2.0])
def test_pieces_join(at: float) -> None:
    """Value, slope, and at the target the curvature too, from either side."""
    economy = pe.Economy(1, [1.0], [pe.Targets([0], [3.0], [2.0])])
    problem = outright(economy)
    sides = []
    for ratio in (at * (1 - 1e-12), at * (1 + 1e-12)):
        market = problem.respond(np.array([ratio * 2.0 / 3.0]))
        bend = matrix_of(problem.curvature(), 1)[0, 0] if at == 1.0 else 0.0  # none beyond 2
        sides.append((market.dual, float(market.demand[0]), bend))
    np.testing.assert_allclose(*sides, rtol=0, atol=1e-10)


def test_prices_out_of_range_stay_numbers() -> None:
    economy = pe.Economy(2, [1.0, 1.0], [pe.Targets([0, 1], [1e-9, 1e9], [1e-6, 1e6])])
    problem = outright(economy)
    for price in (1e-90, 1.0, 1e90):
        market = problem.respond(np.full(2, price))
        quantity = problem.answers[0].proposal(market)["quantity"]
        for found in (market.dual, market.demand, problem.curvature().diagonal, quantity):
            assert np.all(np.isfinite(found)), price
