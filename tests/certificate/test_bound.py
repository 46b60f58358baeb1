"""The bound is an upper bound: weak duality, repaired prices, resource bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from certificate.drafted import (
    Drafted,
    activity,
    consumption,
    primal_welfare,
    random_plan,
)
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from parecon.certificate.clearance import total_needs
from parecon.certificate.dual_bound import dual_bound, phi, repair
from parecon.certificate.panel import judges_of
from parecon.certificate.resources import available_goods
from reference.dual import dual_value


def mixed_economy(rng):
    """Some consumers, producers and suppliers of every kind, drawn."""

    def some(kinds, least):
        return tuple(
            rng.choice(kinds, size=rng.integers(least, len(kinds) + 1), replace=False).tolist()
        )

    workers = some(WORKERS, 0)
    return random_economy(
        rng,
        consumers=some(CONSUMERS, 1),
        workers=workers,
        supplies=some(SUPPLIES, 0),
        n_products=len(workers) + 2,
        second_makers=bool(rng.integers(2)),
        needs=bool(rng.integers(2)),
        capacity=bool(rng.integers(2)),
    )


@given(seed=st.integers(0, 2**32 - 1))
def test_no_feasible_plan_beats_the_bound_at_any_prices(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        economy, plan = random_plan(rng, mixed_economy(rng))
        certificate = pe.certify(economy, plan)
        assert certificate.feasible, str(certificate)
        assert certificate.gap >= -1e-9
        welfare = primal_welfare(economy, plan)
        assert certificate.welfare == pytest.approx(welfare, rel=1e-8, abs=1e-8)


@given(seed=st.integers(0, 2**32 - 1))
def test_phi_agrees_with_the_formulas_in_plain_python(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        economy = mixed_economy(rng)
        judges = judges_of(economy)
        price, left, _ = repair(judges, np.exp(rng.normal(0, 0.5, economy.n_goods)))
        if left.value > 1e-13 or not price.all():
            # Joint outputs are lowered together. Far from a plan that may go on to nothing, which
            # proves nothing: the other bound is left.
            assert "workers_joint" in [family.label for family in economy.families]
            continue
        value, reason = phi(judges, price, economy.endowment - total_needs(economy))
        assert value == pytest.approx(dual_value(economy, price, profit_tol=1e-10), rel=1e-11)
        assert not reason


@given(seed=st.integers(0, 2**32 - 1))
def test_repair_only_lowers_prices_and_leaves_no_profit(seed):
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng,
        workers=("ces_constant", "nested_constant", "activities"),
        n_products=9,
        second_makers=True,
    )
    judges = judges_of(economy)
    price = np.exp(rng.normal(0, 1, economy.n_goods))
    repaired, left, _ = repair(judges, price)
    assert (repaired <= price).all()
    assert left.value <= 1e-13
    made = economy.made
    np.testing.assert_array_equal(repaired[~made], price[~made])
    again, _, profit = repair(judges, repaired)
    assert profit.value <= 1e-13
    np.testing.assert_array_equal(again, repaired)


def test_repair_reaches_the_cost_of_what_is_made_from_itself():
    # 1 corn from .9 corn and 1 labour costs 10 labour; 1 bread from 1 corn and 2 labour 12.
    net = np.array([[-1.0, 1 - 0.9, 0.0], [-2.0, -1.0, 1.0]])
    economy = pe.Economy(
        ["labour", "corn", "bread"],
        [100.0, 0.0, 0.0],
        [pe.CobbDouglasConsumers([1.0], [[0.0, 0.0, 1.0]]), pe.Activities(net)],
    )
    price, left, first = repair(judges_of(economy), np.array([1.0, 11.0, 20.0]))
    np.testing.assert_allclose(price, [1.0, 10.0, 12.0], rtol=1e-12)
    assert left.value <= 1e-13
    assert first.value == pytest.approx(20 / 13 - 1)
    assert first.where == "activities[1]"


def test_repair_ends_where_a_ring_of_goods_hardly_loses_a_cut():
    # Each good needs .95 of the next and .05 labour: rounds alone would need 600.
    n = 40
    net = np.zeros((n, n + 1))
    for j in range(n):
        net[j, j], net[j, (j + 1) % n], net[j, n] = 1.0, -0.95, -0.05
    economy = pe.Economy(
        n + 1,
        np.append(np.zeros(n), 1.0),
        [
            pe.CobbDouglasConsumers([1.0], np.append(np.full(n, 1 / n), 0.0)[None]),
            pe.Activities(net),
        ],
    )
    rng = np.random.default_rng(0)
    start = np.append(1 + 1e-6 * rng.uniform(0, 1, n), 1.0)
    price, left, _ = repair(judges_of(economy), start)
    assert left.value <= 1e-13
    # Cost is 1 each; the last cut lowers further, by no more than what there was to repair.
    assert (price[:n] <= 1 + 1e-12).all()
    assert (price[:n] >= 1 - 1e-6).all()


def test_repair_ends_where_everything_is_made_from_what_is_made():
    # Coal and steel make each other, .95 of one for one of the other, and nothing else: prices in
    # proportion are all there is to find, and a cut of both by one factor would lower both costs.
    net = np.array([[1.0, -0.95, 0.0], [-0.95 / 0.95**2, 1.0, 0.0]])
    economy = pe.Economy(
        ["coal", "steel", "labour"],
        [1.0, 0.0, 1.0],
        [pe.CobbDouglasConsumers([1.0], [[0.0, 0.5, 0.5]]), pe.Activities(net)],
    )
    price, left, first = repair(judges_of(economy), np.array([1.0, 1.3, 1.0]))
    assert first.value == pytest.approx(1.3 * 0.95 - 1.0)
    assert left.value <= 1e-13
    assert price[1] == pytest.approx(1.0 / 0.95)


def test_joint_outputs_are_lowered_together():
    net = np.array([[2.0, 1.0, -1.0]])
    economy = pe.Economy(
        ["wheat", "straw", "labour"],
        [0.0, 0.0, 1.0],
        [pe.CobbDouglasConsumers([1.0], [[0.5, 0.5, 0.0]]), pe.Activities(net)],
    )
    price, _, first = repair(judges_of(economy), np.array([3.0, 4.0, 5.0]))
    np.testing.assert_allclose(price, [1.5, 2.0, 5.0], rtol=1e-14)
    assert first.value == pytest.approx(1.0)


def bakery(labour=10.0, **columns):
    """1 bread from 2 labour; one council of eaters with 5 money."""
    return pe.Economy(
        ["labour", "bread"],
        [labour, 0.0],
        [
            pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]], names=["eaters"]),
            pe.Activities([[-2.0, 1.0]], names=["bakers"], **columns),
        ],
    )


def test_profits_are_bounded_by_resources_where_prices_cannot_be_repaired():
    # Labour is free at these prices: cost is 0, bread would have to be free, and its eaters' term
    # of Phi infinite. But 10 labour make no more than 5 bread.
    economy = bakery()
    plan = Drafted(np.array([0.0, 1.0]), (consumption([5.0], 1), activity([5.0])))
    certificate = pe.certify(economy, plan)
    # Phi = p.e + profit at most 1 * 5 + b (log b - 1 - log c)
    assert certificate.bound == pytest.approx(5 + 5 * (np.log(5) - 1))
    assert certificate.gap == pytest.approx(0.0, abs=1e-12)
    assert certificate.zero_profit == np.inf
    assert certificate.zero_profit_council == "bakers"
    assert not certificate.holds(1e-6)


def test_bound_is_infinite_where_nothing_is_proved_and_says_why():
    # Labour without limit: nothing bounds the bread.
    economy = pe.Economy(
        ["labour", "bread"],
        [0.0, 0.0],
        [
            pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]], names=["eaters"]),
            pe.Activities([[-2.0, 1.0]], names=["bakers"]),
            pe.Suppliers([0], [1.0], [1.0], [1.0]),
        ],
    )
    proposals = (consumption([5.0], 1), activity([5.0]), pe.SupplierProposals([10.0], [0], [0]))
    certificate = pe.certify(economy, Drafted(np.array([0.0, 1.0]), proposals))
    assert certificate.bound == np.inf
    assert certificate.gap == np.inf
    assert "eaters" in certificate.bound_reason
    assert certificate.to_dict()["bound"] is None
    negative = pe.certify(economy, Drafted(np.array([-1.0, 1.0]), proposals))
    assert negative.bound == np.inf
    assert "price of labour" in negative.bound_reason
    missing = pe.certify(economy, Drafted(np.array([1.0, np.nan]), proposals))
    assert "price of bread" in missing.bound_reason
    assert not missing.holds(1.0)


def test_resource_bounds_follow_chains():
    # Labour 12 -> at most 6 steel -> at most 3 tools, 12 labour besides; CES with s = .5 from both.
    economy = pe.Economy(
        ["labour", "steel", "tools"],
        [12.0, 0.0, 0.0],
        [
            pe.CobbDouglasConsumers([1.0], [[0.0, 0.0, 1.0]]),
            pe.Activities([[-2.0, 1.0, 0.0]]),
            pe.CESWorkers([2], [[0.5, 0.5, 0.0]], 0.5, 1.0, 1.0),
        ],
    )
    judges = judges_of(economy)
    available = available_goods(judges, economy.endowment)
    # z = [sum a^2 / x]^-1 for s = .5
    np.testing.assert_allclose(available, [12.0, 6.0, 1 / (0.25 / 12 + 0.25 / 6)])


def test_a_bound_near_the_plan_is_not_sought_further():
    economy = bakery()
    judges = judges_of(economy)
    price = np.array([0.5, 1.0 + 1e-9])
    bound = dual_bound(economy, judges, price, np.zeros(2), enough=np.inf)
    assert bound.price[1] == pytest.approx(1.0, abs=1e-15)
    assert bound.profit.value == pytest.approx(1e-9, rel=1e-6)
