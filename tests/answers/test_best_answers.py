"""Councils with capacities, kinks or returns near one, answering announced prices outright."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from answers.answers_for_tests import by_log_price, curvature_of, empty_market, excess, matrix_of
from economies_for_tests import random_economy
from parecon.answers import InnerAnswer
from parecon.answers.best import BestLevels
from parecon.problem import Problem

KINDS = {
    "ces workers": {"workers": ("ces_falling",), "capacity": True},
    "nested workers": {"workers": ("nested_falling",), "capacity": True},
    "suppliers": {"supplies": ("isoelastic", "linear")},
}


def case_of(name, seed, spread=0.3):
    """(the answers in question, an empty market, prices not near any council's kink)."""
    rng = np.random.default_rng([seed, len(name)])
    economy = random_economy(rng, **KINDS[name], n_products=4, n_resources=3)
    problem = Problem(economy, 1, outright=True)
    wanted = [a for a in problem.answers if isinstance(a, BestLevels)]
    price = np.exp(spread * rng.normal(size=economy.n_goods))
    price[3:] *= rng.uniform(0.3, 1.0)  # products dear enough for some capacities to bind, not all
    return wanted, empty_market(problem), price


CASES = [(name, seed) for name in KINDS for seed in range(4)]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_gradient_and_slope(name, seed) -> None:
    """Excess supply is the gradient of the dual; the curvature is its slope."""
    answers, market, price = case_of(name, seed)
    assert answers
    found = excess(answers, market, price)
    curvature = matrix_of(curvature_of(answers, market), len(price))

    def dual_at(p):
        excess(answers, market, p)
        return market.dual

    size = np.abs(found).max() + 1e-12
    np.testing.assert_allclose(by_log_price(dual_at, price), found, rtol=0, atol=1e-8 * size)
    slope = by_log_price(lambda p: excess(answers, market, p), price) - np.diag(found)
    np.testing.assert_allclose(curvature, slope, rtol=0, atol=1e-7 * np.abs(slope).max() + 1e-12)
    assert np.linalg.eigvalsh(curvature).min() >= -1e-10 * np.abs(curvature).max()


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_no_other_level_is_better(name, seed) -> None:
    """The surplus of every council, at levels a little above and below, where they are allowed."""
    answers, market, price = case_of(name, seed)
    for answer in answers:
        excess([answer], market, price)
        levels = answer.levels
        best = levels.level.copy()
        surplus = market.dual
        for factor in (0.5, 0.999, 1.001, 2.0):
            for council in range(len(best)):
                levels.level = best.copy()
                levels.level[council] = min(factor * best[council], levels.capacity[council])
                levels.margins(market)
                market.announce(price)
                levels.flows(market)
                other = float(np.sum(market.supply - market.demand)) - levels.money_cost()
                assert other <= surplus + 1e-12 * abs(surplus)


def test_capacities_bind_for_some() -> None:
    """Else the tests above would have nothing to tell apart."""
    bound = [case_of("ces workers", seed) for seed in range(8)]
    at = []
    for answers, market, price in bound:
        excess(answers, market, price)
        at += [answer.at_bound for answer in answers]
    at = np.concatenate(at)
    assert at.any()
    assert not at.all()


@pytest.mark.parametrize("price", [0.1, 0.5, 1.0, 4.0])
@pytest.mark.parametrize("form", ["isoelastic", "linear"])
def test_a_supplier_by_hand(form, price) -> None:
    """q0 = 10 at p0 = 1, elasticity 2, at most 20: 10 p^2 or 10 (1 + 2 (p - 1)), within 0..20."""
    expected = 10 * price**2 if form == "isoelastic" else 10 * (2 * price - 1)
    family = pe.Suppliers([0], [10.0], [1.0], [2.0], form=form, maximum=[20.0])
    economy = pe.Economy(1, [0.0], [family, pe.CobbDouglasConsumers([1.0], [[1.0]])])
    problem = Problem(economy, 1, outright=True)
    market = problem.respond(np.array([price]))
    assert market.supply[0] / price == pytest.approx(min(max(expected, 0.0), 20.0), rel=1e-14)


@pytest.mark.parametrize("kind", ["activities", "ces_constant", "nested_constant", "joint"])
def test_constant_returns_have_no_best_level(kind) -> None:
    economy = random_economy(np.random.default_rng(3), workers=(kind,), capacity=True)
    problem = Problem(economy, 1, outright=True)
    assert any(isinstance(answer, InnerAnswer) for answer in problem.answers)
    with pytest.raises(pe.EconomyError, match=rf"workers_{kind}.*Use parecon\.solve"):
        pe.simulate(economy)


@pytest.mark.parametrize("name", KINDS)
def test_rounds_lead_to_the_plan(name) -> None:
    """The same economy solved with levels as unknowns."""
    economy = random_economy(np.random.default_rng(5), **KINDS[name], n_products=3)
    rounds = pe.simulate(economy, threshold=1e-7, gaps="none")
    assert rounds.settled, rounds
    assert rounds.distance[-1] < 1e-5
