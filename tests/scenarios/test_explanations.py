"""Why a good costs what it costs: known answers by hand, and sums that add up everywhere."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy

ADDS_UP = 1e-9


def bakery(*, permits=None, capacity=None, needs=None):
    """Labour makes wheat, labour and wheat make bread, one household eats and rests.

    Without a limit: leisure 5/p and bread 5/(1.5 p) take 10 hours, so that p = 1 and bread costs
    1.5. With 2 of bread at most: 7 hours of rest at 5/7 each, and 5/2 for each bread.
    """
    goods = pe.Goods(
        ["work", "wheat", "bread", "smoke permit"],
        kind=["labour", "food", "food", "pollution permit"],
        unit=["hour", "kg", "loaf", "kg"],
    )
    smoke = 0.0 if permits is None else -1.0
    mill = pe.Activities([[-0.5, 1.0, 0.0, 0.0]], names=["mill"], label="mills")
    oven = pe.Activities([[-1.0, -1.0, 1.0, smoke]], capacity, names=["oven"], label="bakeries")
    household = pe.CobbDouglasConsumers(
        [10.0], [[0.5, 0.0, 0.5, 0.0]], needs=needs, names=["family"], label="households"
    )
    endowment = [10.0, 0.0, 0.0, permits or 0.0]
    return pe.Economy(goods, endowment, [household, mill, oven])


def planned(economy):
    plan = pe.solve(economy, tol=1e-10)
    assert plan.status is pe.Status.SOLVED, plan.message
    return plan


def test_bread_is_all_labour():
    bread = planned(bakery()).explain("bread")
    assert bread.price == pytest.approx(1.5, rel=1e-8)
    assert bread.of_kind("labour") == pytest.approx(1.5, rel=1e-8)
    assert [trade.council for trade in bread.suppliers] == ["oven"]
    assert [trade.council for trade in bread.users] == ["family"]
    (line,) = bread.binding
    assert (line.kind, line.name, line.available) == ("resource", "work", 10.0)
    assert line.worth == pytest.approx(1.0, rel=1e-8)


def test_a_permit_s_part_of_the_price():
    plan = planned(bakery(permits=2.0))
    bread = plan.explain("bread")
    assert bread.price == pytest.approx(2.5, rel=1e-8)
    assert bread.of_kind("labour") == pytest.approx(1.5 * 5 / 7, rel=1e-8)
    assert bread.of_kind("permits") == pytest.approx(2.5 - 1.5 * 5 / 7, rel=1e-8)
    assert bread.binding[0].name == "smoke permit"
    assert bread.binding[0].available == 2.0
    # wheat needs no permit
    assert plan.explain("wheat").of_kind("permits") == 0.0


def test_a_capacity_s_part_is_its_rent():
    plan = planned(bakery(capacity=[2.0]))
    bread = plan.explain("bread")
    rent = 2.5 - 1.5 * 5 / 7
    assert bread.of_kind("capacities") == pytest.approx(rent, rel=1e-7)
    (line,) = [line for line in bread.binding if line.kind == "capacity"]
    assert line.name == "oven"
    assert line.available == 2.0
    assert line.worth == pytest.approx(rent, rel=1e-7)
    oven = plan.explain("oven")
    assert oven.limit == "capacity"
    assert oven.rent == pytest.approx(2 * rent, rel=1e-7)
    assert oven.benefit == pytest.approx(oven.cost + oven.rent, rel=1e-9)


def test_what_one_more_unit_of_a_capacity_brings():
    """The shadow price is the slope of welfare."""
    few, more = (planned(bakery(capacity=[2.0 + h])) for h in (-1e-3, 1e-3))
    (line,) = [
        line
        for line in planned(bakery(capacity=[2.0])).explain("bread").binding
        if line.kind == "capacity"
    ]
    assert (more.welfare - few.welfare) / 2e-3 == pytest.approx(line.worth, rel=1e-5)


def test_joint_products_share_their_cost_by_value():
    goods = pe.Goods(["land", "wool", "meat"], kind=["land", "", ""])
    sheep = pe.Activities([[-1.0, 1.0, 2.0]], names=["sheep"])
    household = pe.CobbDouglasConsumers([9.0], [[0.0, 1 / 3, 2 / 3]])
    plan = planned(pe.Economy(goods, [3.0, 0.0, 0.0], [household, sheep]))
    wool, meat = plan.explain("wool"), plan.explain("meat")
    assert wool.of_kind("nature") == pytest.approx(1.0, rel=1e-7)
    assert meat.of_kind("nature") == pytest.approx(1.0, rel=1e-7)


def test_decreasing_returns_leave_a_surplus():
    """10 hours, q = sqrt(hours): the surplus is half the revenue."""
    farm = pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 0.5, 1.0, names=["farm"])
    eater = pe.CobbDouglasConsumers([8.0], [[0.0, 1.0]])
    plan = planned(pe.Economy(["labour", "corn"], [10.0, 0.0], [eater, farm]))
    corn = plan.explain("corn")
    assert corn.of_kind("surplus") == pytest.approx(0.5 * corn.price, rel=1e-8)
    assert corn.of_kind("labour") == pytest.approx(0.5 * corn.price, rel=1e-8)
    assert plan.explain("farm").limit == "decreasing returns"


def test_who_could_make_it_at_a_loss():
    """A second oven that needs twice the hours stands idle."""
    goods = ["labour", "bread"]
    ovens = pe.Activities([[-1.0, 1.0], [-2.0, 1.0]], names=["new", "old"], label="ovens")
    old = pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 1.0, 0.25, names=["hearth"], label="hearths")
    eater = pe.CobbDouglasConsumers([10.0], [[0.5, 0.5]], names=["eater"])
    plan = planned(pe.Economy(goods, [10.0, 0.0], [eater, ovens, old]))
    bread = plan.explain("bread")
    assert [(line.council, round(line.cost / line.benefit, 6)) for line in bread.idle] == [
        ("old", 2.0),
        ("hearth", 4.0),
    ]
    idle = plan.explain("old")
    assert idle.limit == "price below cost"
    assert "50 % less" in idle.sentence
    assert plan.explain("new").limit == "demand"


def test_imports_end_the_chain():
    goods = pe.Goods(
        ["labour", "cars", "tea", "dollars"], kind=["labour", "", "", "foreign exchange"]
    )
    trade = pe.Activities(
        [[0.0, -1.0, 0.0, 2.0], [0.0, 0.0, 1.0, -1.0]], names=["exports", "imports"]
    )
    works = pe.Activities([[-1.0, 1.0, 0.0, 0.0]], names=["works"])
    drinker = pe.CobbDouglasConsumers([10.0], [[0.5, 0.0, 0.5, 0.0]])
    plan = planned(pe.Economy(goods, [10.0, 0.0, 0.0, 0.0], [drinker, trade, works]))
    assert plan.explain("tea").of_kind("imports") == pytest.approx(plan.price[2], rel=1e-9)
    # asked for themselves, dollars are what the exported cars are made of
    assert plan.explain("dollars").of_kind("labour") == pytest.approx(plan.price[3], rel=1e-7)


# -- sums ----------------------------------------------------------------------------------------


def assert_adds_up(plan, goods=None):
    for i, name in enumerate(plan.economy.goods.names):
        if goods is not None and i not in goods:
            continue
        good = plan.explain(name)
        assert good.total == pytest.approx(plan.price[i], rel=ADDS_UP, abs=0.0), name
        assert math.fsum(part.share for part in good.parts) == pytest.approx(1.0, rel=ADDS_UP)
        for trades in (good.suppliers, good.users):
            if trades:
                assert math.fsum(trade.share for trade in trades) == pytest.approx(1.0)


@pytest.fixture(scope="module")
def us_2012():
    return pe.solve(pe.load("us-2012"), tol=1e-8)


SYNTHETIC = {
    "book": lambda: pe.synthetic.book(30, 30, 6, seed=1),
    "ces": lambda: pe.synthetic.ces(40, 30, 24, seed=2),
    "activities": lambda: pe.synthetic.activities(20, 30, seed=3),
}


def test_it_adds_up_in_the_united_states(us_2012):
    assert_adds_up(us_2012, range(0, us_2012.economy.n_goods, 5))
    for good in ("food_supply", "utilities", "vehicles_import"):
        explained = us_2012.explain(good)
        assert abs(explained.of_kind("residual")) < 1e-7 * explained.price
        assert explained.of_kind("not supplied") < 1e-12 * explained.price
        assert explained.of_kind("permits") > 0.0


@pytest.mark.parametrize("kind", SYNTHETIC)
def test_it_adds_up_in_synthetic_economies(kind):
    plan = pe.solve(SYNTHETIC[kind](), tol=1e-6)
    assert_adds_up(plan)


@given(st.integers(0, 10**6))
def test_it_adds_up_in_any_mix(seed):
    rng = np.random.default_rng(seed)
    workers = tuple(rng.choice(WORKERS, 3, replace=False))
    economy = random_economy(
        rng,
        consumers=tuple(rng.choice(CONSUMERS, 2, replace=False)),
        workers=workers,
        supplies=SUPPLIES[: int(rng.integers(0, 3))],
        second_makers=bool(rng.integers(2)),
        needs=bool(rng.integers(2)),
        capacity=bool(rng.integers(2)),
    )
    plan = pe.solve(economy, tol=1e-8)
    assert_adds_up(plan)
    assert_same_as_dense(plan)


def assert_same_as_dense(plan):
    """p = v (I - A)^-1 in physical units, from the plan's flows and nothing of the package's."""
    economy, price = plan.economy, plan.price
    n = economy.n_goods
    inputs = np.zeros((n, n))  # of good k into what is made of good i
    supply, there = np.array(economy.endowment), np.array(economy.endowment)
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        council, good, quantity = pe.net_flows(family, proposal)
        gives = quantity > 0
        np.add.at(supply, good[gives], quantity[gives])
        if family.role == "suppliers":
            np.add.at(there, good[gives], quantity[gives])
        if family.role != "workers":
            continue
        made, used = np.zeros((2, family.n_councils, n))
        np.add.at(made, (council[gives], good[gives]), quantity[gives])
        np.add.at(used, (council[~gives], good[~gives]), -quantity[~gives])
        revenue = (made @ price)[:, None]
        inputs += used.T @ np.where(revenue > 0.0, made * price / np.maximum(revenue, 1e-300), 0.0)
    active = supply > 0
    per_unit = np.where(active, inputs / np.where(active, supply, 1.0), 0.0)
    added = price - price @ per_unit
    content = np.linalg.inv(np.eye(n) - per_unit)
    assert added @ content == pytest.approx(price, rel=1e-9)
    ending = np.where(active, price * there / np.where(active, supply, 1.0), 0.0)
    for i, name in enumerate(economy.goods.names):
        parts = plan.explain(name, most=n).parts
        shown = {part.name: part for part in parts if part.kind in ("resources", "stocks")}
        for k in np.flatnonzero(ending):
            part = shown.get(economy.goods.name(int(k)))
            expected = ending[k] * content[k, i]
            got = 0.0 if part is None else part.amount
            assert got == pytest.approx(expected, rel=1e-8, abs=2e-6 * price[i])


def test_goods_that_nobody_wants_cost_nothing():
    eater = pe.CobbDouglasConsumers([1.0], [[1.0, 0.0]])
    plan = planned(pe.Economy(["bread", "sand"], [1.0, 1.0], [eater]))
    sand = plan.explain("sand")
    assert sand.total == pytest.approx(plan.price[1], rel=ADDS_UP, abs=0.0)
    assert sand.users == () or sand.users[0].quantity == 0.0


# -- names, texts and frames ----------------------------------------------------------------------


def test_names_are_found_and_near_ones_offered(us_2012):
    assert us_2012.explain("agriculture").good == "agriculture"
    assert us_2012.explain("imports/agriculture").family == "imports"
    assert us_2012.explain("agriculture", family="industries").family == "industries"
    assert us_2012.explain("households").role == "consumers"
    with pytest.raises(pe.PlanError, match="agriculture_import"):
        us_2012.explain("agriculture_impor")
    with pytest.raises(pe.PlanError, match="did you mean 'export_basket'"):
        us_2012.explain("export_baskets")
    with pytest.raises(pe.PlanError, match="at least 1"):
        us_2012.explain("labour", most=0)


def test_the_same_name_in_two_families_is_said():
    makers = [
        pe.Activities([[-1.0, 1.0]], names=["Ann"], label=label) for label in ("east", "west")
    ]
    eater = pe.CobbDouglasConsumers([1.0], [[0.0, 1.0]])
    plan = planned(pe.Economy(["labour", "bread"], [1.0, 0.0], [eater, *makers]))
    with pytest.raises(pe.PlanError, match="east/Ann, west/Ann"):
        plan.explain("Ann")
    assert plan.explain("west/Ann").family == "west"
    assert plan.explain("cobb_douglas_consumers[0]").limit == "budget"


@pytest.mark.parametrize("name", ["food_supply", "industries/food", "households", "labour"])
def test_texts_fit_a_terminal(us_2012, name):
    lines = str(us_2012.explain(name)).splitlines()
    assert max(map(len, lines)) <= 80
    assert 5 <= len(lines) <= 60


def test_frames_hold_every_record(us_2012):
    food = us_2012.explain("food_supply")
    frames = food.to_pandas()
    assert frames["parts"]["amount"].sum() == pytest.approx(food.price, rel=1e-12)
    assert set(frames) == {"parts", "suppliers", "users", "binding", "idle"}
    assert list(frames["idle"].columns) == ["family", "council", "benefit", "cost"]
    items = us_2012.explain("households").to_pandas()["inputs"]
    assert items["share"].sum() == pytest.approx(1.0, abs=1e-6)


def test_suppliers_and_their_limits():
    free = pe.Suppliers([0], [4.0], [1.0], [0.5], maximum=[2.0], names=["mine"], label="mines")
    eater = pe.CobbDouglasConsumers([10.0], [[1.0]], names=["eater"])
    plan = planned(pe.Economy(["ore"], [0.0], [eater, free]))
    mine = plan.explain("mine")
    assert mine.limit == "maximum"
    assert mine.benefit == pytest.approx(mine.cost + mine.rent + mine.surplus)
    # price 5, marginal cost (2/4)^2
    assert mine.rent == pytest.approx(2 * (5 - 0.25), rel=1e-6)
    ore = plan.explain("ore")
    assert ore.binding[0].kind == "supply"
    assert ore.of_kind("nature") == pytest.approx(5.0, rel=1e-7)


def test_why_there_is_no_bread():
    needs = sp.csr_array([[0.0, 0.0, 9.0, 0.0]])
    plan = pe.solve(bakery(needs=needs))
    assert plan.status is pe.Status.INFEASIBLE
    bread = plan.explain("bread")
    needed, available = bread.short
    assert needed == pytest.approx(9.0)
    assert available == pytest.approx(10 / 1.5, rel=1e-2)
    assert bread.obstacles[0][0] == "work"
    assert math.isnan(bread.price)
    assert "9 needed, " in str(bread)
    assert "work" in str(bread)
    with pytest.raises(pe.PlanError, match="no plan meets the needs"):
        plan.explain("oven")


def test_records_become_json(us_2012):
    from parecon.storage.numbers import to_json

    document = json.loads(json.dumps(to_json(us_2012.explain("food_supply"))))
    assert document["good"] == "food_supply"
    assert document["parts"][0]["kind"] == "imports"
