"""Answers with unknowns of their own: levels of constant returns and capacities, linear utilities.

Two independent paths to the condensed algebra: the answers settled at a barrier and differentiated
by finite differences (here), and the whole linearised system (test_newton_step).
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from answers.answers_for_tests import (
    OWNERS,
    by_log_price,
    curvature_of,
    dense_of,
    dual,
    empty_market,
    excess,
    matrix_of,
    owners_economy,
    problem_of,
)
from parecon.answers.levels import Levels
from parecon.curvature import Curvature
from reference.dual import dual_value

BARRIER = 0.05
LEVELS = [kind for kind in OWNERS if kind != "linear consumers"]


def inner_case(kind, seed=5):
    """(problem, its inner answer, an empty market, prices)."""
    economy, price = owners_economy(np.random.default_rng(seed), kind)
    problem = problem_of(economy)
    (answer,) = problem.inner
    return problem, answer, empty_market(problem), price


def settle(answer, market, price, barrier, iterations=60):
    """Newton in the inner unknowns alone until products are `barrier` (times the councils' weights)
    at these prices, coming down from larger products as a solve would."""
    nothing = np.zeros(len(price))
    market.announce(price)
    answer.start(market, 1.0)
    for k in range(iterations):
        market.announce(price)
        answer.respond(market)
        answer.curvature(market, Curvature(len(price)))
        answer.target(market, max(barrier, 0.3**k), False, nothing.copy())
        answer.take(min(1.0, 0.9 * answer.recover(market, nothing)))


def settled_excess(answer, market, barrier):
    """Excess supply as a function of prices, inner unknowns settled."""

    def function(price):
        settle(answer, market, price, barrier)
        return excess([answer], market, price)

    return function


@pytest.mark.parametrize("kind", OWNERS)
def test_settling_settles(kind) -> None:
    """Residuals go to rounding and every product to the barrier; capacities and signs hold."""
    _, answer, market, price = inner_case(kind)
    settle(answer, market, price, BARRIER)
    market.announce(price)
    answer.respond(market)
    assert market.zero_profit <= 1e-12
    if isinstance(answer, Levels):
        np.testing.assert_allclose(answer.level * answer.slack, BARRIER, rtol=1e-10)
        np.testing.assert_allclose(answer.room * answer.rent, BARRIER, rtol=1e-10)
        assert np.all(answer.level < answer.capacity)
        np.testing.assert_allclose(answer.level[answer.capped] + answer.room, answer.limit)
    else:
        council = np.repeat(np.arange(len(answer.beta)), answer.length)
        np.testing.assert_allclose(
            answer.x * answer.s, BARRIER * answer.weight[council], rtol=1e-10
        )
    assert answer.complementarity() == pytest.approx(BARRIER * answer.total_weight(), rel=1e-10)


@pytest.mark.parametrize("kind", OWNERS)
def test_curvature_is_the_slope_of_settled_answers(kind) -> None:
    """With levels moving along: d(S - D) = P H P + diag(S - D) includes theta w w'."""
    _, answer, market, price = inner_case(kind)
    function = settled_excess(answer, market, BARRIER)
    slope = by_log_price(function, price)
    value = function(price)
    matrix = matrix_of(curvature_of([answer], market), len(price))
    size = np.abs(slope).max()
    np.testing.assert_allclose(matrix, slope - np.diag(value), rtol=0, atol=1e-7 * size)


@pytest.mark.parametrize("kind", OWNERS)
def test_product_diagonal_and_dense_are_one_matrix(kind) -> None:
    """Also where fixed inputs and the tree hold the same good. Symmetric, positive semidefinite."""
    _, answer, market, price = inner_case(kind)
    market.announce(price)
    answer.start(market, BARRIER)
    excess([answer], market, price)
    total = curvature_of([answer], market)
    matrix = matrix_of(total, len(price))
    size = np.abs(matrix).max()
    for other in (matrix.T, dense_of(total, len(price))):
        np.testing.assert_allclose(other, matrix, rtol=0, atol=1e-13 * size)
    np.testing.assert_allclose(total.full_diagonal(), np.diag(matrix), rtol=0, atol=1e-13 * size)
    assert np.linalg.eigvalsh(matrix).min() >= -1e-12 * size


@pytest.mark.parametrize("kind", LEVELS)
def test_gradient_of_the_dual_at_fixed_levels(kind) -> None:
    """The Lagrangian's slope in prices is excess supply whatever the levels are."""
    _, answer, market, price = inner_case(kind)
    market.announce(price)
    answer.start(market, BARRIER)
    slope = by_log_price(lambda p: dual([answer], market, p), price)
    got = excess([answer], market, price)
    np.testing.assert_allclose(got, slope, rtol=0, atol=1e-9 * np.abs(slope).max())


@pytest.mark.parametrize("kind", LEVELS)
def test_dual_of_settled_levels_is_the_councils_best(kind) -> None:
    """The Lagrangian at settled levels falls short of the best surplus by at most the products."""
    problem, answer, market, price = inner_case(kind)
    others = [a for a in problem.answers if a is not answer]
    settle(answer, market, price, 1e-8)
    got = dual([*others, answer], problem.market, price)
    best = dual_value(problem.economy, price)
    # each product takes at most the barrier, and rounding is that of sums of size 100
    assert best - 1e-8 * answer.n_products - 1e-12 * abs(best) <= got <= best + 1e-12 * abs(best)


def test_dual_of_linear_consumers_is_exact_whatever_they_hold() -> None:
    """log c = log min p/v needs no quantities."""
    problem, answer, _, price = inner_case("linear consumers")
    problem.market.announce(price)
    answer.start(problem.market, BARRIER)
    assert problem.respond(price).dual == pytest.approx(
        dual_value(problem.economy, price), rel=1e-13
    )


@pytest.mark.parametrize("kind", OWNERS)
def test_budgets_are_spent_and_profits_shared(kind) -> None:
    """Settled consumers spend b and their products; levels break even but for those and rents."""
    _, answer, market, price = inner_case(kind)
    settle(answer, market, price, 1e-9)
    value = excess([answer], market, price)
    if kind == "linear consumers":
        spent = -value.sum()
        budget = float(np.sum(answer.budget))
        assert budget - spent == pytest.approx(-answer.complementarity(), abs=1e-6)
    elif kind in ("activities", "ces constant", "nested constant", "joint"):
        rents = float(answer.limit @ answer.rent)
        assert value.sum() == pytest.approx(rents, abs=1e-7)
    elif kind == "harmony":  # the part of their weights that prices call for
        z = price[answer.good] / answer.worth
        called = np.where(z > 1, z * np.maximum(2 - z, 0), 1.0)
        assert -value.sum() == pytest.approx(called @ (answer.worth * answer.wanted), abs=1e-6)
    else:
        assert value.sum() > 0.0


@pytest.mark.parametrize("kind", OWNERS)
@pytest.mark.parametrize("barrier", [1e-6, 1.0])
def test_start_is_inside(kind, barrier) -> None:
    """Everything positive, capacities respected, slacks no less than the prices ask."""
    _, answer, market, price = inner_case(kind)
    market.announce(price)
    answer.start(market, barrier)
    if isinstance(answer, Levels):
        state = (answer.level, answer.slack, answer.room, answer.rent)
        assert np.all(answer.level[answer.capped] < answer.limit)
        excess([answer], market, price)
        assert np.all(answer.rho <= 1e-12 * answer.scale)
    else:
        state = (answer.x, answer.s, answer.beta)
    for part in state:
        assert np.all(np.isfinite(part))
        assert np.all(part > 0.0)


def proposal_of(problem, answer, per_council):
    """A plan's proposal for the whole family that has these levels for the answer's councils."""
    family = next(
        f for f, group in zip(problem.economy.families, problem.groups, strict=True)
        if answer in group
    )  # fmt: skip
    whole = np.ones(family.n_councils)
    whole[slice(None) if answer.councils is None else answer.councils] = per_council
    return SimpleNamespace(level=whole, quantity=whole)


@pytest.mark.parametrize("kind", LEVELS)
def test_resume_keeps_the_levels_of_a_plan(kind) -> None:
    """Levels between nothing and capacity are kept; those outside are brought just inside."""
    problem, answer, market, price = inner_case(kind)
    market.announce(price)
    free = np.where(np.isfinite(answer.capacity), answer.capacity, 2.0)
    wanted = free * np.linspace(0.3, 0.9, len(free))
    wanted[0] = 0.0
    full = answer.capped[-1:]  # targets have none
    wanted[full] = answer.capacity[full]
    answer.resume(proposal_of(problem, answer, wanted), market, 1e-6)
    kept = np.ones(len(free), dtype=bool)
    kept[[0, *full]] = False
    np.testing.assert_array_equal(answer.level[kept], wanted[kept])
    assert 0.0 < answer.level[0] < 0.01
    assert np.all(answer.limit[-1:] * 0.99 < answer.level[full])
    assert np.all(answer.level[full] < answer.limit[-1:])
    for part in (answer.slack, answer.room, answer.rent):
        assert np.all(part > 0.0)


def test_resume_keeps_the_quantities_of_a_plan() -> None:
    """Linear consumers: what is bought stays, and marginal utilities leave every slack positive."""
    _, answer, market, price = inner_case("linear consumers")
    settle(answer, market, price, 1e-9)
    market.announce(price)
    quantity = answer.proposal(market)["quantity"]
    beta = answer.beta.copy()
    answer.resume(SimpleNamespace(quantity=quantity), market, 1e-9)
    bought = quantity * price[answer.rows.idx] > 1e-3
    np.testing.assert_allclose(answer.x[bought], quantity[bought], rtol=1e-6)
    np.testing.assert_allclose(answer.beta, beta, rtol=1e-6)
    assert np.all(answer.s > 0.0)


@pytest.mark.parametrize("kind", LEVELS)
def test_weighed_products_follow_the_turnover(kind) -> None:
    """Small councils then lose the same share of their cost as large ones, not the same money."""
    _, answer, market, price = inner_case(kind)
    settle(answer, market, price, 1e-3)
    market.announce(price)
    answer.respond(market)
    answer.weigh(1e-3)
    weight = answer.weight.copy()
    assert 0.0 < weight.min() < weight.max() <= 1.0
    nothing = np.zeros(len(price))
    for _ in range(30):
        market.announce(price)
        answer.respond(market)
        answer.curvature(market, Curvature(len(price)))
        answer.target(market, 1e-3, False, nothing.copy())
        answer.take(min(1.0, 0.9 * answer.recover(market, nothing)))
    np.testing.assert_allclose(answer.level * answer.slack, 1e-3 * weight, rtol=1e-9)
    np.testing.assert_allclose(answer.room * answer.rent, 1e-3 * weight[answer.capped], rtol=1e-9)


@pytest.mark.parametrize("kind", OWNERS)
def test_taking_a_step_back_returns(kind) -> None:
    """`products_after` foretells `complementarity`, and a negative length undoes a step."""
    _, answer, market, price = inner_case(kind)
    market.announce(price)
    answer.start(market, BARRIER)
    excess([answer], market, price)
    curvature_of([answer], market)
    answer.target(market, 0.5 * BARRIER, False, np.zeros(len(price)))
    longest = answer.recover(market, np.linspace(-0.1, 0.1, len(price)))
    length = 0.5 * min(1.0, longest)
    before, foretold = answer.complementarity(), answer.products_after(length)
    answer.take(length)
    excess([answer], market, price)
    assert answer.complementarity() == pytest.approx(foretold, rel=1e-12)
    answer.take(-length)
    excess([answer], market, price)
    assert answer.complementarity() == pytest.approx(before, rel=1e-12)


@pytest.mark.parametrize("kind", OWNERS)
def test_longest_step_is_the_longest(kind) -> None:
    """A little less leaves everything positive, a little more does not."""
    _, answer, market, price = inner_case(kind)
    market.announce(price)
    answer.start(market, BARRIER)
    excess([answer], market, price)
    curvature_of([answer], market)
    answer.target(market, 0.0, False, np.zeros(len(price)))
    longest = answer.recover(market, np.linspace(0.5, -0.5, len(price)))
    assert np.isfinite(longest)

    def least(length):
        answer.take(length)
        names = (
            ("level", "slack", "room", "rent") if isinstance(answer, Levels) else ("x", "s", "beta")
        )
        value = min(float(np.min(getattr(answer, name), initial=np.inf)) for name in names)
        answer.take(-length)
        return value

    assert least(longest * (1 - 1e-9)) >= 0.0
    assert least(longest * 1.001) < 0.0
