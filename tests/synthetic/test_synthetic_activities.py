"""Activity economies: productive, with capacities and scarce resources; drawn and planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parecon import EconomyError
from parecon.synthetic import activities, planted_activities
from synthetic.checks import on_pattern, same, sums_to_one


def test_columns_make_one_good_from_others():
    family = activities(100, 400, seed=1).family("activities")
    net = family.net_output
    n_entries = np.diff(net.indptr)
    assert n_entries.min() == 10
    assert n_entries.max() == 20
    outputs = net.data > 0
    assert np.all(net.data[outputs] == 1)
    makers = np.bincount(net.indices[outputs], minlength=100)
    assert np.all(np.isin(makers[:90], (4, 5)))
    assert not makers[90:].any()
    assert np.all(np.add.reduceat(outputs, net.indptr[:-1]) == 1)
    resources_used = (net.toarray()[:, 90:] < 0).sum(axis=1)
    assert resources_used.min() == 1
    assert resources_used.max() == 3


def test_techniques_within_reach_use_what_is_near():
    net = activities(110, 600, seed=1, reach=0.12).family("activities").net_output.tocoo()
    out = activities(110, 600, seed=1, reach=0.12).family("activities").net_output.argmax(axis=1)
    used = (net.data < 0.0) & (net.col < 99)
    distance = (net.col[used] - np.asarray(out).ravel()[net.row[used]]) % 99
    assert distance.min() == 1
    assert distance.max() == 12
    with pytest.raises(EconomyError, match="reach"):
        activities(110, 600, seed=1, reach=0.0)


def test_any_choice_of_techniques_is_productive():
    net = activities(60, 300, seed=3).family("activities").net_output.toarray()
    n_made = 54
    output = net.argmax(axis=1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        chosen = [rng.choice(np.flatnonzero(output == good)) for good in range(n_made)]
        inputs = -np.minimum(net[chosen][:, :n_made], 0.0)
        assert np.abs(np.linalg.eigvals(inputs)).max() < 0.78


def test_consumers_want_made_goods_and_resources_are_endowed():
    economy = activities(50, 100, seed=1, n_consumers=7)
    consumers = economy.family("consumers")
    assert sums_to_one(consumers.shares)
    assert np.array_equal(np.unique(consumers.shares.indices), np.arange(45))
    assert not economy.endowment[:45].any()
    assert np.all(economy.endowment[45:] > 0)


def test_part_of_the_activities_have_a_capacity():
    capacity = activities(100, 3_000, seed=1, capacities=0.4).family("activities").capacity
    np.testing.assert_allclose(np.isfinite(capacity).mean(), 0.4, atol=0.04)
    assert np.all(capacity > 0)
    none = activities(100, 300, seed=1, capacities=0.0).family("activities").capacity
    assert np.all(np.isinf(none))


def test_a_seed_repeats_and_another_does_not():
    assert same(activities(20, 60, seed=1), activities(20, 60, seed=1))
    assert not same(activities(20, 60, seed=1), activities(20, 60, seed=2))


@given(st.integers(0, 2**32), st.integers(2, 40), st.integers(1, 5), st.integers(0, 2), st.data())
def test_the_planted_plan_is_the_plan(seed, n_goods, techniques, n_free, data):
    resources = data.draw(st.sampled_from([0.1, 0.5]))
    n_free = min(n_free, max(1, int(resources * n_goods)) - 1)
    planted = planted_activities(
        n_goods, techniques * n_goods, seed=seed, n_consumers=3, resources=resources,
        free_resources=n_free,
    )  # fmt: skip
    economy, price = planted.economy, planted.price
    family, consumers = economy.family("activities"), economy.family("consumers")
    net, level = family.net_output.toarray(), planted.optimum["activities"]["level"]
    bought = on_pattern(consumers, planted.optimum["consumers"]["quantity"])

    # Nothing is short, and what is left over has no price.
    supply = economy.endowment + np.maximum(net, 0).T @ level
    demand = bought.sum(axis=0) - np.minimum(net, 0).T @ level
    left = supply - demand
    assert np.all(left >= -1e-12 * supply)
    paid = price > 0
    np.testing.assert_allclose(left[paid], 0.0, atol=1e-12 * supply.max())
    assert paid.sum() == n_goods - n_free
    assert np.all(left[~paid] > 0.1)

    # Zero profit where capacity does not bind, rent where it does, loss where idle.
    revenue, profit = np.maximum(net, 0) @ price, net @ price
    full = level == family.capacity
    working = (level > 0) & ~full
    assert working.any()
    np.testing.assert_allclose(profit[working] / revenue[working], 0.0, atol=1e-13)
    assert np.all(profit[full] > 0.02 * revenue[full])
    assert np.all(profit[level == 0] < -0.02 * revenue[level == 0])
    assert np.all((level >= 0) & (level <= family.capacity))

    # Consumers: marginal utility of log utility, b a_i / x_i, is the price.
    shares, budget = consumers.shares.toarray(), consumers.budget
    wanted = shares > 0
    marginal = (budget[:, None] * shares)[wanted] / bought[wanted]
    np.testing.assert_allclose(marginal, np.broadcast_to(price, shares.shape)[wanted], rtol=1e-12)

    # The dual at the planted prices is the welfare of the planted quantities: both are best.
    made = wanted.any(axis=0)
    utility = np.prod((bought[:, made] / shares[:, made]) ** shares[:, made], axis=1)
    np.testing.assert_allclose(planted.welfare, budget @ np.log(utility), rtol=1e-11, atol=1e-11)
    rent = profit[full] @ level[full]
    log_cost = shares[:, made] @ np.log(price[made])
    dual = price @ economy.endowment + rent + budget @ (np.log(budget) - 1 - log_cost)
    np.testing.assert_allclose(planted.welfare, dual, rtol=1e-11, atol=1e-11)


def test_capacities_bind_in_the_plan():
    planted = planted_activities(30, 90, seed=1, capacities=1.0)
    level = planted.optimum["activities"]["level"]
    assert np.sum(level == planted.economy.family("activities").capacity) == 27


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_goods": 1},
        {"n_activities": 17},
        {"n_consumers": 0},
        {"resources": 0.0},
        {"resources": 0.6},
        {"entries": (20, 10)},
        {"entries": (1, 10)},
        {"capacities": 1.5},
    ],
)
@pytest.mark.parametrize("draw", [activities, planted_activities])
def test_senseless_parameters_are_refused_by_name(draw, wrong):
    with pytest.raises(EconomyError, match=next(iter(wrong))):
        draw(**({"n_goods": 20, "n_activities": 40} | wrong), seed=1)


def test_one_resource_must_have_a_price():
    with pytest.raises(EconomyError, match="free_resources"):
        planted_activities(20, 40, seed=1, free_resources=2)
