"""Caps: every family pays for what it emits, exactly, and permits are worth their slope."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import WORKERS, random_economy
from parecon.scenarios import Cap, Endowment, Productivity, Scenario
from scenarios.small import amounts, bakery, planned, prices


def capped(economy, *caps, reference=None):
    return Scenario("caps", caps).apply(economy, reference=reference)


def test_permits_per_loaf():
    """2 loaves at most: 7 hours of rest at 5/7 each, 5 of money for 2 loaves."""
    plan = planned(
        capped(bakery(), Cap(permits="co2", to=2.0, per_output={"bakeries": {"oven": 1.0}}))
    )
    price = prices(plan)
    assert price["bread"] == pytest.approx(2.5, rel=1e-8)
    assert price["co2"] == pytest.approx(2.5 - 1.5 * 5 / 7, rel=1e-8)
    goods = plan.economy.goods
    assert goods.kind[-1] == "pollution permit"
    assert plan.explain("bread").of_kind("permits") == pytest.approx(price["co2"], rel=1e-8)


def test_permits_per_unit_of_an_input_wherever_it_is_used():
    """Wheat is used in bakeries only: a permit per kilogram is a permit per loaf."""
    by_loaf = Cap(permits="co2", to=2.0, per_output={"bakeries": {"*": 0.7}})
    by_wheat = Cap(permits="co2", to=2.0, per_input={"wheat": 0.7})
    one, other = (prices(planned(capped(bakery(), cap))) for cap in (by_loaf, by_wheat))
    for good in ("labour", "bread", "co2"):
        assert other[good] == pytest.approx(one[good], rel=1e-8)
    assert other["wheat with co2"] == pytest.approx(other["wheat"] + 0.7 * other["co2"], rel=1e-8)


def test_consumers_pay_for_what_they_burn():
    """Needs are burnt too; a family that is not among the users burns for nothing."""
    wood = pe.Goods(["wood"])
    stove = pe.CobbDouglasConsumers([3.0], [[1.0]], [[1.0]], label="stoves")
    joiner = pe.CobbDouglasConsumers([2.0], [[1.0]], label="joiners")
    economy = pe.Economy(wood, [10.0], [stove, joiner])
    plan = planned(capped(economy, Cap(permits="smoke", to=4.0, per_input={"wood": 2.0})))
    # 2 of wood may be burnt in all, 1 of it is needed: the last is 3/5 the stove's
    assert plan.proposal("stoves").quantity.tolist() == pytest.approx([0.6], rel=1e-7)
    some = Cap(permits="smoke", to=4.0, per_input={"wood": 2.0}, users=["stoves"])
    plan = planned(capped(economy, some))
    assert plan.proposal("stoves").quantity.tolist() == pytest.approx([1.0], rel=1e-7)
    assert plan.proposal("joiners").quantity.tolist() == pytest.approx([8.0], rel=1e-7)


def test_several_caps_at_once():
    """Two substances of one oven and one farm, on outputs and on inputs, with one scarce."""
    caps = (
        Cap(permits="co2", to=2.0, per_output={"bakeries": {"*": 0.5}}, per_input={"wheat": 0.5}),
        Cap(permits="soot", to=9.0, per_input={"wheat": 1.0}, users=["bakeries"]),
        Cap(permits="slurry", to=9.0, per_output={"farms": {"farm": 1.0}}),
    )
    plan = planned(capped(bakery(), *caps))
    price = prices(plan)
    assert price["bread"] == pytest.approx(2.5, rel=1e-7)
    assert price["co2"] == pytest.approx(2.5 - 1.5 * 5 / 7, rel=1e-7)
    assert price["soot"] + price["slurry"] < 1e-6
    used = dict(zip(plan.economy.goods.names, plan.demand.tolist(), strict=True))
    assert used["soot"] == pytest.approx(2.0, rel=1e-7)
    assert used["slurry"] == pytest.approx(2.0, rel=1e-7)


def test_users_by_name_pay_where_another_toll_is_paid_already():
    """Named users have wheat through the step of the first cap, and pay the second one as well."""
    first = Cap(permits="co2", to=2.0, per_input={"wheat": 1.0}, users=["bakeries"])
    second = Cap(permits="soot", to=50.0, per_input={"wheat": 3.0}, users=["bakeries"])
    plan = planned(capped(bakery(), first, second))
    used = dict(zip(plan.economy.goods.names, plan.demand.tolist(), strict=True))
    assert used["co2"] == pytest.approx(2.0, rel=1e-7)
    assert used["soot"] == pytest.approx(6.0, rel=1e-7)


def test_joint_outputs_are_counted_by_level():
    sheep = pe.Activities([[-1.0, 1.0, 2.0]], label="sheep")
    eater = pe.CobbDouglasConsumers([9.0], [[0.0, 1 / 3, 2 / 3]])
    economy = pe.Economy(["land", "wool", "meat"], [3.0, 0.0, 0.0], [eater, sheep])
    plan = planned(capped(economy, Cap(permits="gas", to=1.0, per_output={"sheep": {"*": 0.5}})))
    assert amounts(plan, "sheep").tolist() == pytest.approx([2.0], rel=1e-8)


def test_an_endowment_of_permits_is_capped_directly():
    economy = pe.load("us-2012-benchmark")
    plan = planned(economy, 1e-8)
    cap = Cap(permits="ghg_permit", percent=-30, base="plan")
    assert cap.needs_reference
    found = capped(economy, cap, reference=plan)
    permit = economy.goods.index("ghg_permit")
    assert found.endowment[permit] == pytest.approx(0.7 * plan.demand[permit])
    assert found.endowment[permit] == pytest.approx(pe.load("us-2012").endowment[permit], rel=1e-7)
    by_number = capped(economy, Cap(permits="ghg_permit", percent=-30, base=plan.demand[permit]))
    assert by_number.endowment[permit] == found.endowment[permit]
    halved = capped(economy, Cap(permits="ghg_permit", times=0.5))
    assert halved.endowment[permit] == economy.endowment[permit] / 2


def test_a_base_from_a_plan_counts_outputs_and_inputs():
    plan = planned(bakery())
    loaves = amounts(plan, "bakeries")[0]
    rates = {"per_output": {"bakeries": {"*": 0.5}}, "per_input": {"wheat": 2.0}}
    economy = capped(
        bakery(), Cap(permits="co2", percent=-10, base="plan", **rates), reference=plan
    )
    assert economy.endowment[-2:].sum() == pytest.approx(0.9 * 2.5 * loaves, rel=1e-8)


# -- every family ---------------------------------------------------------------------------------


def emitting(economy, rng):
    """Rates for every council of workers and supplier, and what a plan emits at them."""
    tables = {
        family.title: {
            family.council_name(j): float(rate)
            for j, rate in enumerate(rng.choice([0.0, 0.4, 1.5], family.n_councils))
        }
        for family in economy.families
        if family.role != "consumers"
    }
    tables[next(iter(tables))]["*"] = 0.1

    def emitted(plan):
        total = 0.0
        for label, table in tables.items():
            family = plan.economy.family(label)
            rate = np.array([table[family.council_name(j)] for j in range(family.n_councils)])
            total += float(rate @ amounts(plan, label))
        return total

    return tables, emitted


@pytest.mark.parametrize("kind", WORKERS)
def test_a_cap_holds_and_its_price_is_the_slope_of_welfare(kind):
    rng = np.random.default_rng(7)
    economy = random_economy(
        rng,
        consumers=("ces",),
        workers=(kind,),
        supplies=("isoelastic",),
        capacity=kind not in ("cobb_douglas", "effort"),
        n_products=2,
        n_households=2,
    )
    tables, emitted = emitting(economy, rng)
    free = planned(economy)
    emissions = emitted(free)
    assert emissions > 0.0

    def at(amount):
        return planned(capped(economy, Cap(permits="co2", to=amount, per_output=tables)))

    loose = at(2.0 * emissions)
    assert loose.welfare == pytest.approx(free.welfare, abs=1e-8 * economy.total_budget)
    assert prices(loose)["co2"] * emissions < 1e-8 * economy.total_budget
    h = 1e-3 * emissions
    low, middle, high = (at(0.7 * emissions + d) for d in (-h, 0.0, h))
    assert emitted(middle) == pytest.approx(0.7 * emissions, rel=1e-7)
    slope = (high.welfare - low.welfare) / (2 * h)
    assert prices(middle)["co2"] == pytest.approx(slope, rel=1e-4)
    assert middle.certificate.holds(1e-9)


@given(st.integers(0, 10**6))
def test_caps_on_inputs_hold_in_any_mix(seed):
    """What is burnt, by whom ever, is what the permits allow."""
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng,
        consumers=("cobb_douglas", "nested", "leontief"),
        workers=tuple(rng.choice(WORKERS, 2, replace=False)),
        needs=True,
    )
    free = planned(economy, 1e-8)
    rate = {"good_0": 0.5, "good_2": 2.0}
    burnt = 0.5 * free.demand[0] + 2.0 * free.demand[2]
    plan = planned(capped(economy, Cap(permits="co2", to=0.8 * burnt, per_input=rate)), 1e-8)
    again = 0.5 * plan.demand[0] + 2.0 * plan.demand[2]
    assert again <= 0.8 * burnt * (1 + 1e-9)
    assert again == pytest.approx(0.8 * burnt, rel=1e-6)


def test_more_productive_councils_emit_less_per_unit_only_if_told():
    """A cap counts per unit of output; productivity after it leaves permits per level alone."""
    cap = Cap(permits="co2", to=2.0, per_output={"bakeries": {"*": 1.0}})
    twice = Productivity(family="bakeries", times=2.0)
    after, before = (
        planned(Scenario("order", changes).apply(bakery()))
        for changes in ((cap, twice), (twice, cap))
    )
    assert amounts(after, "bakeries")[0] == pytest.approx(2.0, rel=1e-7)  # 4 loaves
    assert amounts(before, "bakeries")[0] == pytest.approx(1.0, rel=1e-7)  # 2 loaves


def test_a_cap_and_an_endowment_of_the_same_permits_are_one_quantity():
    cap = Cap(permits="co2", to=2.0, per_output={"bakeries": {"*": 1.0}})
    economy = capped(bakery(), cap, Endowment(goods="co2", plus=1.0))
    assert economy.endowment[-1] == 3.0
