"""CES economies with clustered sectors, drawn and planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parecon import EconomyError
from parecon.synthetic import ces, planted_ces
from parecon.synthetic._ces import ELASTICITIES
from synthetic.checks import ces_unit_cost, on_pattern, same, sums_to_one


@pytest.fixture(scope="module")
def drawn():
    return ces(2_000, 3_000, 600, seed=1)


def test_sizes_and_ranges(drawn):
    consumers, workers = drawn.family("consumers"), drawn.family("workers")
    for family in (consumers, workers):
        assert np.all(np.diff(family.shares.indptr) == 20)
        assert sums_to_one(family.shares)
        assert set(family.elasticity) == set(ELASTICITIES)
    assert 0.6 < workers.returns.min() < workers.returns.max() < 0.95
    np.testing.assert_allclose(workers.returns.mean(), 0.775, atol=0.01)


def test_every_good_is_wanted_and_either_made_or_endowed(drawn):
    made = np.bincount(drawn.family("workers").output_good, minlength=600)
    assert np.array_equal(made > 0, drawn.endowment == 0)
    assert np.sum(drawn.endowment > 0) == 60
    assert made[made > 0].max() - made[made > 0].min() <= 1
    assert np.unique(drawn.family("consumers").shares.indices).size == 600


def test_sectors_use_mostly_three_sectors(drawn):
    # By default 600 goods and 20 to a council make 15 sectors of 40 goods.
    workers = drawn.family("workers")
    used = workers.shares.indices.reshape(-1, 20) // 40
    for sector in range(15):
        inputs = np.bincount(used[workers.output_good // 40 == sector].ravel(), minlength=15)
        part = np.sort(inputs / inputs.sum())[::-1]
        assert part[:3].sum() > 0.85
        assert part[3:].max() < 0.03


def test_popularity_is_skewed_within_sectors_and_even_without_skew():
    def halves(skew):
        shares = ces(3_000, 0, 600, seed=1, skew=skew, sectors=1).family("consumers").shares
        used = np.bincount(shares.indices, minlength=600)
        return used[:300].sum() / used.sum()

    np.testing.assert_allclose(halves(0.0), 0.5, atol=0.01)
    assert halves(0.5) > 0.65
    assert halves(0.8) > halves(0.5)


def test_workers_used_everywhere_without_sectors():
    workers = ces(50, 2_000, 100, seed=1, sectors=1, skew=0.0, goods_per_council=10).family(
        "workers"
    )
    used = np.bincount(workers.shares.indices, minlength=100)
    assert used.min() > 120
    assert used.max() < 300


def test_a_seed_repeats_and_another_does_not(drawn):
    assert same(drawn, ces(2_000, 3_000, 600, seed=1))
    assert not same(drawn, ces(2_000, 3_000, 600, seed=3))


def test_linear_activities_alone_make_the_goods():
    economy = ces(200, 0, 100, seed=1, linear_activities=300)
    assert [family.label for family in economy.families] == ["consumers", "activities"]
    net = economy.family("activities").net_output
    makers = np.bincount(net.indices[net.data > 0], minlength=100)
    assert np.array_equal(makers > 0, economy.endowment == 0)
    assert 10 <= np.diff(net.indptr).min() <= np.diff(net.indptr).max() <= 20


def test_what_nobody_makes_is_endowed():
    few = ces(30, 5, 20, seed=1)
    assert np.sum(few.endowment == 0) == 5
    exchange = ces(30, 0, 20, seed=1)
    assert np.all(exchange.endowment > 0)
    assert len(exchange.families) == 1


@given(
    st.integers(0, 2**32),
    st.integers(2, 25),
    st.integers(0, 40),
    st.sampled_from([0, 3, 30, 80]),
    st.sampled_from([ELASTICITIES, (1.0,), (0.3, 1.0, 20.0), (0.999,)]),
)
def test_the_planted_plan_is_the_plan(seed, n_goods, n_workers, n_activities, elasticity):
    planted = planted_ces(
        15, n_workers, n_goods, seed=seed, elasticity=elasticity, linear_activities=n_activities
    )
    economy, price, optimum = planted.economy, planted.price, planted.optimum
    consumers = economy.family("consumers")
    bought = on_pattern(consumers, optimum["consumers"]["quantity"])
    budget, shares = consumers.budget, consumers.shares.toarray()
    np.testing.assert_allclose(bought @ price, budget, rtol=1e-12)
    check_margins(bought, shares, consumers.elasticity, budget[:, None] * np.ones(n_goods), price)

    supply, demand = economy.endowment.copy(), bought.sum(axis=0)
    surplus = 0.0
    if n_workers:
        made, used, profit = check_workers(economy.family("workers"), optimum["workers"], price)
        supply, demand, surplus = supply + made, demand + used, surplus + profit
    if n_activities:
        made, used, profit = check_activities(
            economy.family("activities"), optimum["activities"]["level"], price
        )
        supply, demand, surplus = supply + made, demand + used, surplus + profit
    np.testing.assert_allclose(supply, demand, rtol=1e-11)

    # The dual at the planted prices is the welfare of the planted quantities: both are best.
    cost = ces_unit_cost(shares, consumers.elasticity, price)
    np.testing.assert_allclose(optimum["consumers"]["utility"], budget / cost, rtol=1e-11)
    dual = price @ economy.endowment + surplus + budget @ (np.log(budget) - 1 - np.log(cost))
    np.testing.assert_allclose(planted.welfare, dual, rtol=1e-10, atol=1e-10)


def check_margins(quantity, shares, elasticity, worth, price):
    """The worth of a little more of each good used is its price.

    The elasticity of the CES aggregate in good i is a^(1/s) x^(1-1/s) over its sum: times `worth`
    (what one per cent more of the aggregate is worth, times 100) and over x it must be p.
    """
    for x, a, s, value in zip(quantity, shares, elasticity, worth, strict=True):
        used = a > 0
        terms = a[used] ** (1 / s) * x[used] ** (1 - 1 / s)
        marginal = value[used] * terms / terms.sum() / x[used]
        np.testing.assert_allclose(marginal, price[used], rtol=1e-10)


def check_workers(workers, plan, price):
    """Technology and first-order conditions; returns supply, demand and surplus."""
    used = on_pattern(workers, plan["input"])
    shares = workers.shares.toarray()
    level = np.empty(workers.n_councils)
    for j, (x, a, s) in enumerate(zip(used, shares, workers.elasticity, strict=True)):
        on = a > 0
        if s == 1.0:
            level[j] = np.prod((x[on] / a[on]) ** a[on])
        else:
            inside = a[on] ** (1 / s) @ x[on] ** (1 - 1 / s)
            level[j] = inside ** (s / (s - 1))
    np.testing.assert_allclose(plan["level"], level, rtol=1e-10)
    np.testing.assert_allclose(
        plan["output"], workers.productivity * level**workers.returns, rtol=1e-10
    )
    revenue = price[workers.output_good] * plan["output"]
    worth = (workers.returns * revenue)[:, None] * np.ones(price.size)
    check_margins(used, shares, workers.elasticity, worth, price)
    made = np.bincount(workers.output_good, weights=plan["output"], minlength=price.size)
    return made, used.sum(axis=0), revenue.sum() - (used @ price).sum()


def check_activities(family, level, price):
    """Zero profit at work, rent at capacity, loss where idle; supply, demand and rent."""
    net = family.net_output.toarray()
    profit, revenue = net @ price, np.maximum(net, 0) @ price
    full = level == family.capacity
    working = (level > 0) & ~full
    np.testing.assert_allclose(profit[working] / revenue[working], 0.0, atol=1e-13)
    assert np.all(profit[full] > 0)
    assert np.all(profit[level == 0] < 0)
    return np.maximum(net, 0).T @ level, -np.minimum(net, 0).T @ level, profit[full] @ level[full]


def test_fixed_proportions_are_planted_as_such():
    planted = planted_ces(10, 20, 12, seed=1, elasticity=(0.0,))
    workers = planted.economy.family("workers")
    plan = planted.optimum["workers"]
    levels = np.repeat(plan["level"], np.diff(workers.shares.indptr))
    np.testing.assert_allclose(plan["input"], levels * workers.shares.data, rtol=1e-12)
    cost = np.repeat(planted.price[None], 20, axis=0)[workers.shares.toarray() > 0] @ plan["input"]
    revenue = planted.price[workers.output_good] * plan["output"]
    np.testing.assert_allclose(cost, workers.returns @ revenue, rtol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_consumers": 0},
        {"n_workers": -1},
        {"n_goods": 1},
        {"goods_per_council": 21},
        {"elasticity": (-0.1,)},
        {"elasticity": (float("inf"),)},
        {"elasticity": ()},
        {"returns": (0.9, 1.0)},
        {"linear_activities": 2.5},
        {"endowed": 0.0},
        {"sectors": 0},
        {"skew": 1.0},
    ],
)
@pytest.mark.parametrize("draw", [ces, planted_ces])
def test_senseless_parameters_are_refused_by_name(draw, wrong):
    sizes = {"n_consumers": 10, "n_workers": 30, "n_goods": 20}
    with pytest.raises(EconomyError, match=next(iter(wrong))):
        draw(**(sizes | wrong), seed=1)


def test_too_few_households_to_want_all_goods():
    with pytest.raises(EconomyError, match="households"):
        ces(2, 30, 100, seed=1)
