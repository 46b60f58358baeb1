"""Impossible scenarios say what is missing, and the least that would make them possible."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import random_economy
from parecon.scenarios import (
    Budget,
    Cap,
    Capacity,
    Deliver,
    Endowment,
    Missing,
    Needs,
    Productivity,
    Scenario,
    Supply,
    relax,
)
from reference.cvxpy_twin import makers
from scenarios.small import bakery


def hungry(*changes, bread=4.0):
    """A need that 10 hours could meet (6 loaves take 9), after changes that make it impossible."""
    return Scenario("hungry", [Deliver(name="school", goods={"bread": bread}), *changes])


def only(missing):
    (line,) = missing.relaxations
    return line


def assert_tight(economy, scenario, missing, *, tol=1e-6):
    """Proved from below, planned from above, and infeasible with one per cent less."""
    assert missing.bound == pytest.approx(missing.cost, rel=tol)
    assert missing.verified, missing.message
    impossible = scenario.apply(economy)
    assert pe.solve(missing.scenario.apply(impossible)).status is pe.Status.SOLVED
    less = [
        Endowment(goods=line.name, plus=0.99 * (line.needed - line.now))
        for line in missing.relaxations
        if line.kind == "endowment"
    ]
    if len(less) == len(missing.relaxations):
        nearly = Scenario("nearly", less).apply(impossible)
        assert pe.solve(nearly).status is pe.Status.INFEASIBLE


def test_a_cap_would_have_to_be_four_instead_of_three():
    scenario = hungry(Cap(permits="co2", to=3.0, per_output={"bakeries": {"*": 1.0}}))
    missing = relax(bakery(), scenario, over=["co2"])
    line = only(missing)
    assert (line.kind, line.name, line.now) == ("endowment", "co2", 3.0)
    assert line.needed == pytest.approx(4.0, rel=1e-7)
    assert_tight(bakery(), scenario, missing)
    assert "co2 would have to be 4 instead of 3" in missing.message
    name, needed, available = missing.goods[0]
    assert (name, needed) == ("bread", 4.0)
    assert available == pytest.approx(3.0, rel=1e-2)
    assert missing.resources[0][0] == "co2"


def test_permits_or_bread_whichever_is_the_smaller_part():
    """A third more permits, or a quarter less bread: bread, unless it weighs twice as much."""
    scenario = hungry(Cap(permits="co2", to=3.0, per_output={"bakeries": {"*": 1.0}}))
    line = only(relax(bakery(), scenario, verify=False))
    assert (line.kind, line.name) == ("need", "bread")
    assert line.needed == pytest.approx(3.0, rel=1e-7)
    assert line.cost == pytest.approx(0.25, rel=1e-7)
    line = only(relax(bakery(), scenario, weights={"bread": 2.0}, verify=False))
    assert (line.kind, line.name, line.cost) == ("endowment", "co2", pytest.approx(1 / 3))


def test_hours_would_have_to_be_six():
    scenario = hungry(Endowment(goods="labour", to=5.0))
    missing = relax(bakery(), scenario, over="labour")
    line = only(missing)
    assert (line.before, line.now) == (10.0, 5.0)
    assert line.needed == pytest.approx(6.0, rel=1e-7)
    assert line.unit == "hour"
    assert "labour would have to be 6 hour instead of 5" in str(missing)
    assert_tight(bakery(), scenario, missing)


def test_a_capacity_would_have_to_be_four():
    economy = bakery(capacity=[9.0])
    scenario = hungry(Capacity(family="bakeries", to=3.0))
    missing = relax(economy, scenario, weights={"bread": 5.0})
    line = only(missing)
    assert (line.kind, line.name, line.before, line.now) == ("capacity", "bakeries/oven", 9.0, 3.0)
    assert line.needed == pytest.approx(4.0, rel=1e-7)
    assert_tight(economy, scenario, missing)


@pytest.mark.parametrize("returns", [1.0, 0.8])
def test_a_capacity_of_a_ces_council(returns):
    hearths = pe.CESWorkers([1], [[1.0, 0.0]], 0.5, returns, 1.0, [9.0], names=["hearth"])
    eater = pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]])
    economy = pe.Economy(["labour", "bread"], [10.0, 0.0], [eater, hearths])
    scenario = hungry(Capacity(family="ces_workers", to=3.0))
    missing = relax(economy, scenario, weights={"bread": 5.0})
    assert only(missing).needed == pytest.approx(4.0, rel=1e-6)
    assert missing.verified


def test_a_supplier_s_maximum():
    eater = pe.CobbDouglasConsumers([1.0], [[1.0]])
    mine = pe.Suppliers([0], [4.0], [1.0], [0.5], maximum=[9.0], names=["mine"], label="mines")
    economy = pe.Economy(["ore"], [0.0], [eater, mine])
    scenario = Scenario(
        "less",
        [
            Supply(family="mines", what="maximum", to=3.0),
            Deliver(name="works", goods={"ore": 4.0}),
        ],
    )
    missing = relax(economy, scenario, weights={"ore": 5.0})
    line = only(missing)
    assert (line.kind, line.name) == ("maximum", "mines/mine")
    assert line.needed == pytest.approx(4.0, rel=1e-6)
    assert missing.verified


def test_needs_of_a_family_give_way_by_one_factor():
    needs = Needs(family="households", to={"bread": 5.0})  # 10 loaves, 15 hours
    missing = relax(bakery(), Scenario("feast", [needs]))
    line = only(missing)
    assert line.kind == "need"
    assert line.needed == pytest.approx(10 / 1.5, rel=1e-7)
    assert missing.verified
    (change,) = missing.scenario.changes
    assert change.family == "households"
    assert change.times["bread"] == pytest.approx(2 / 3 * (1 - missing.hair / 2), rel=1e-6)


def test_where_nothing_that_was_changed_can_give_way_resources_do():
    missing = relax(bakery(bread=6.0), Scenario("slow", [Productivity(family="farms", times=0.5)]))
    line = only(missing)
    assert line.name == "labour"
    assert line.needed == pytest.approx(12.0, rel=1e-6)
    assert missing.verified


def test_an_economy_that_is_impossible_without_any_scenario():
    line = only(relax(bakery(bread=8.0)))
    assert (line.name, line.needed) == ("labour", pytest.approx(12.0, rel=1e-6))
    line = only(relax(bakery(bread=8.0), over="needs"))
    assert (line.name, line.needed) == ("bread", pytest.approx(10 / 1.5, rel=1e-6))


def test_what_is_possible_lacks_nothing():
    missing = relax(bakery(), hungry())
    assert missing.relaxations == ()
    assert "Nothing is missing" in missing.message
    assert missing.plan.status is pe.Status.SOLVED


def test_what_no_relaxation_of_these_can_mend():
    scenario = hungry(Endowment(goods="labour", to=5.0))
    missing = relax(bakery(), scenario, over=["wheat"], verify=False)
    # wheat can be had for nothing, hours for the bread cannot: 4 of 5
    assert only(missing).needed == pytest.approx(2.0, rel=1e-6)
    hopeless = hungry(Endowment(goods="labour", to=3.0))
    missing = relax(bakery(), hopeless, over=["wheat"], max_iterations=50)
    assert missing.relaxations == ()
    assert "No relaxation was found among wheat" in missing.message
    assert missing.goods


def test_wrong_weights_and_goods_are_said():
    scenario = hungry(Endowment(goods="labour", to=5.0))
    with pytest.raises(pe.ScenarioError, match="'labor' is not among labour, bread"):
        relax(bakery(), scenario, weights={"labor": 1.0})
    with pytest.raises(pe.ScenarioError, match="expected more than 0"):
        relax(bakery(), scenario, weights={"labour": 0.0})
    with pytest.raises(pe.ScenarioError, match="did you mean 'labour'"):
        relax(bakery(), scenario, over=["labor"])


def test_records_come_back():
    scenario = hungry(Endowment(goods="labour", to=5.0), Budget(family="households", times=2.0))
    missing = relax(bakery(), scenario)
    assert Missing.from_record(missing.to_record()) == missing
    assert max(map(len, str(missing).splitlines())) <= 80


# -- against an independent programme -------------------------------------------------------------


def cheapest(economy, goods, unit_cost, limit):
    """The least cost of a relaxation, by CVXPY, with the technologies as cones."""
    cp = pytest.importorskip("cvxpy")
    extra = cp.Variable(len(goods), nonneg=True)
    place = np.zeros((economy.n_goods, len(goods)))
    place[goods, np.arange(len(goods))] = 1.0
    flow, constraints = makers(economy)
    available = np.asarray(economy.endowment) + place @ extra + flow
    for family in economy.families:
        if family.role == "consumers" and family.needs is not None:
            available = available - np.asarray(family.needs.sum(axis=0)).ravel()
    constraints += [available >= 0, extra <= limit]
    problem = cp.Problem(cp.Minimize(unit_cost @ extra), constraints)
    problem.solve(solver=cp.CLARABEL)
    return float(problem.value)


MIXES = [
    (("activities",), False),
    (("ces_constant", "activities"), True),
    (("nested_constant",), True),
    (("ces_falling", "nested_falling"), True),
    (("cobb_douglas",), False),
]


@pytest.mark.parametrize(("workers", "capacity"), MIXES)
def test_the_cost_is_that_of_an_independent_programme(workers, capacity):
    """Three times what an economy makes, owed in kind: what would have to be left out of it?"""
    rng = np.random.default_rng(4 + capacity)
    economy = random_economy(
        rng,
        workers=workers,
        capacity=capacity,
        n_products=3,
        second_makers=True,
    )
    made = pe.solve(economy).supply
    needs = {f"good_{i}": 3.0 * float(made[i]) for i in range(2, economy.n_goods)}
    scenario = Scenario("feast", [Deliver(name="feast", goods=needs)])
    missing = relax(economy, scenario, verify=capacity)
    goods = [economy.goods.index(name) for name in needs]
    limit = np.array(list(needs.values()))
    expected = cheapest(scenario.apply(economy), goods, 1.0 / limit, limit)
    # Clarabel's own accuracy on these is some 1e-7
    assert missing.bound <= expected * (1 + 1e-6)
    assert missing.cost >= expected * (1 - 1e-6)
    assert missing.cost == pytest.approx(expected, rel=1e-4)
    assert missing.bound == pytest.approx(expected, rel=1e-4)
    assert missing.verified is capacity
