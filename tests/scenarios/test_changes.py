"""Every kind of change does what it says, and names what it does not find."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon.scenarios import (
    Budget,
    Cap,
    Capacity,
    Deliver,
    Endowment,
    ImportPrice,
    Needs,
    Productivity,
    Scenario,
    Supply,
    Technique,
)
from scenarios.small import bakery, planned, prices


def after(*changes, economy=None):
    return Scenario("test", changes).apply(economy or bakery())


# -- quantities -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "expected"),
    [({"to": 7.0}, 7.0), ({"times": 0.5}, 5.0), ({"percent": -20}, 8.0), ({"plus": 2.5}, 12.5)],
)
def test_endowments_by_good_and_by_kind(how, expected):
    for which in ({"goods": "labour"}, {"goods": ["labour"]}, {"kind": "labour"}):
        economy = after(Endowment(**which, **how))
        assert economy.endowment.tolist() == pytest.approx([expected, 0.0, 0.0])


def test_less_labour_makes_it_dearer():
    plan = planned(after(Endowment(goods="labour", percent=-50)))
    assert prices(plan)["labour"] == pytest.approx(2.0, rel=1e-8)
    assert prices(plan)["bread"] == pytest.approx(3.0, rel=1e-8)


def test_the_economy_given_stays_and_unchanged_families_are_shared():
    before = bakery()
    economy = Scenario("less", [Endowment(goods="labour", to=5.0)]).apply(before)
    assert before.endowment[0] == 10.0
    assert all(a is b for a, b in zip(before.families, economy.families, strict=True))
    assert Scenario("nothing").apply(before) is before


def test_budgets_of_some_councils():
    economy = after(Budget(family="households", councils=["poor"], percent=50))
    assert economy.family("households").budget.tolist() == [6.0, 6.0]
    plan = planned(economy)
    bread = plan.proposal("households").quantity.reshape(2, 2)[:, 1]
    assert bread[0] == pytest.approx(bread[1], rel=1e-8)
    assert prices(plan)["labour"] == pytest.approx(1.2, rel=1e-8)


def test_productivity_of_activities_and_of_ces_councils():
    plan = planned(after(Productivity(family="bakeries", times=2.0)))
    assert prices(plan)["bread"] == pytest.approx(0.75, rel=1e-8)
    hearth = pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 1.0, 1.0, label="hearths")
    eater = pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]])
    economy = pe.Economy(["labour", "bread"], [1.0, 0.0], [eater, hearth])
    plan = planned(after(Productivity(family="hearths", percent=25), economy=economy))
    assert plan.price[1] == pytest.approx(plan.price[0] / 1.25, rel=1e-8)


def test_productivity_of_joint_workers_scales_every_output():
    inputs = pe.NestedCES.from_values([[1.0, 0.0, 0.0]], pe.Nest(0.0, [0]))
    sheep = pe.JointWorkers(inputs, [[0.0, 1.0, 2.0]], names=["flock"], label="sheep")
    eater = pe.CobbDouglasConsumers([9.0], [[0.0, 1 / 3, 2 / 3]])
    economy = pe.Economy(["land", "wool", "meat"], [3.0, 0.0, 0.0], [eater, sheep])
    plan = planned(after(Productivity(family="sheep", times=2.0), economy=economy))
    assert plan.supply.tolist() == pytest.approx([3.0, 6.0, 12.0], rel=1e-8)
    assert plan.explain("meat").of_kind("nature") == pytest.approx(plan.price[2], rel=1e-8)
    assert plan.explain("flock").limit == "demand"
    cap = Cap(permits="gas", to=2.0, per_output={"sheep": {"*": 1.0}})
    assert planned(after(cap, economy=economy)).supply[1] == pytest.approx(2.0, rel=1e-8)


def test_targets_may_be_capped_and_explained():
    """Targets use goods as consumers do; what they burn is paid for."""
    aims = pe.Targets([1], [10.0], [5.0], names=["ten loaves"], label="aims")
    ovens = pe.Activities([[-1.0, 1.0]])
    rest = pe.CobbDouglasConsumers([5.0], [[1.0, 0.0]])
    economy = pe.Economy(["labour", "bread"], [10.0, 0.0], [aims, rest, ovens])
    plan = planned(economy, 1e-9)
    assert plan.explain("ten loaves").limit == "target"
    cap = Cap(permits="crumbs", to=2.0, per_input={"bread": 1.0}, users=["aims"])
    capped = planned(after(cap, economy=economy), 1e-9)
    assert capped.proposal("aims").quantity.tolist() == pytest.approx([2.0], rel=1e-6)
    needy = after(Deliver(name="school", goods={"bread": 20.0}), economy=economy)
    assert pe.solve(needy).status is pe.Status.INFEASIBLE
    (line,) = pe.relax(needy, verify=False).relaxations
    assert (line.name, line.needed) == ("labour", pytest.approx(20.0, rel=1e-6))


def test_capacities_appear_and_go():
    economy = after(Capacity(family="bakeries", to=2.0))
    assert economy.family("bakeries").capacity.tolist() == [2.0]
    plan = planned(economy)
    assert prices(plan)["bread"] == pytest.approx(2.5, rel=1e-7)  # 5 of money for 2 loaves
    free = after(Capacity(family="bakeries", to=np.inf), economy=economy)
    assert prices(planned(free))["bread"] == pytest.approx(1.5, rel=1e-8)


def test_supply_and_import_prices_of_suppliers():
    supply = pe.Suppliers([0], [4.0], [1.0], [2.0], names=["world"], label="world")
    eater = pe.CobbDouglasConsumers([8.0], [[1.0]])
    economy = pe.Economy(["tea"], [0.0], [eater, supply])
    # q = 4 p^2, p q = 8
    assert planned(economy).price[0] == pytest.approx(2 ** (1 / 3), rel=1e-8)
    dearer = after(ImportPrice(goods="tea", percent=100), economy=economy)
    assert dearer.family("world").price.tolist() == [2.0]
    # q = 4 (p/2)^2 = p^2, p q = 8
    assert planned(dearer).price[0] == pytest.approx(2.0, rel=1e-8)
    less = after(Supply(family="world", what="quantity", times=0.25), economy=economy)
    assert planned(less).price[0] == pytest.approx(2.0, rel=1e-8)
    held = after(Supply(family="world", what="maximum", to=2.0), economy=economy)
    assert planned(held).price[0] == pytest.approx(4.0, rel=1e-7)


def test_import_prices_of_activities_paid_in_foreign_exchange():
    economy = pe.load("us-2012-benchmark")
    dearer = after(ImportPrice(goods="oil_gas_import", percent=50), economy=economy)
    before, now = (e.family("imports").net_output.toarray() for e in (economy, dearer))
    money = economy.goods.index("foreign_exchange")
    row = economy.family("imports").names.index("oil_gas")
    assert now[row, money] == pytest.approx(1.5 * before[row, money])
    assert (now != before).sum() == 1
    same = after(ImportPrice(family="imports", councils="oil_gas", times=1.5), economy=economy)
    assert (same.family("imports").net_output != dearer.family("imports").net_output).nnz == 0


# -- needs ----------------------------------------------------------------------------------------


def test_needs_of_councils_one_by_one_and_together():
    economy = after(Needs(family="households", councils="poor", to={"bread": 1.0}))
    assert economy.family("households").needs.toarray().tolist() == [[0, 0, 1], [0, 0, 0]]
    economy = after(
        Needs(family="households", plus={"bread": 2.0, "wheat": 1.0}, together=True),
        Needs(family="households", councils=["rich"], percent={"bread": 50}),
        Needs(family="households", councils=["rich"], times={"wheat": 0.0}),
    )
    needs = economy.family("households").needs
    assert needs.toarray().tolist() == [[0, 0.5, 1], [0, 0, 1.5]]
    assert needs.nnz == 3


def test_deliveries_to_a_council_that_is_added():
    """2 loaves for the school take 3 hours; the 7 that are left are worth the budgets."""
    plan = planned(after(Deliver(name="school", goods={"bread": 2.0})))
    assert prices(plan)["labour"] == pytest.approx(10 / 7, rel=1e-7)
    assert plan.proposal("school").quantity[0] < 1e-8
    school = plan.explain("school")
    assert [item.quantity for item in school.given] == [2.0]
    rich = after(Deliver(name="school", goods={"bread": 2.0}, budget=5.0))
    assert rich.total_budget == 15.0


# -- techniques -----------------------------------------------------------------------------------


def test_a_technique_beside_the_old_takes_over_where_it_is_cheaper():
    machine = Technique(name="machine", makes={"bread": 1}, uses={"labour": 0.2, "wheat": 1})
    plan = planned(after(machine))
    assert prices(plan)["bread"] == pytest.approx(0.7, rel=1e-7)
    assert plan.explain("oven").limit == "price below cost"
    limited = Technique(
        name="machine", makes={"bread": 1}, uses={"labour": 0.2, "wheat": 1}, capacity=1.0
    )
    price = prices(planned(after(limited)))
    assert price["bread"] == pytest.approx(1.5 * price["labour"], rel=1e-7)


def test_a_technique_with_an_elasticity_holds_its_proportions_at_its_reference_prices():
    """At labour 2, wheat 1: 3 loaves from 1 hour and 2 kg cost 4; elasticity 1: sqrt shares."""
    mixer = Technique(
        name="mixer",
        makes={"bread": 3},
        uses={"labour": 1, "wheat": 2},
        elasticity=1.0,
        prices={"labour": 2.0},
    )
    economy = after(mixer)
    family = economy.family("mixer")
    assert family.nests.reference_quantity().tolist() == pytest.approx([1.0, 2.0])
    plan = planned(economy)
    price = prices(plan)
    cost = 4.0 * (price["labour"] / 2.0) ** 0.5 * (price["wheat"] / 1.0) ** 0.5
    assert price["bread"] == pytest.approx(cost / 3, rel=1e-8)


def test_joint_products():
    cow = Technique(name="cow", makes={"wheat": 1, "bread": 1}, uses={"labour": 1})
    row = after(cow).family("cow").net_output.toarray()
    assert row.tolist() == [[-1, 1, 1]]


# -- what does not fit ----------------------------------------------------------------------------

WRONG = [
    (Endowment(goods="labor", to=1.0), "no good 'labor'; did you mean 'labour'"),
    (Endowment(goods="labour", plus=-11.0), "'labour': expected an endowment of at least 0"),
    (Endowment(kind="labor", to=1.0), "no good of kind 'labor'; did you mean 'labour'"),
    (Budget(family="household", to=1.0), "no family 'household'; did you mean 'households'"),
    (Budget(family="households", councils="por", to=1.0), "no council 'por'; did you mean 'poor'"),
    (Budget(family="households", councils="poor", to=0.0), "poor: expected a budget above 0"),
    (Budget(family="farms", to=1.0), r"farms \(Activities\) has no budget"),
    (Capacity(family="households", to=1.0), "has no capacity"),
    (Needs(family="farms", to={"bread": 1.0}), "expected consumers with needs"),
    (Needs(family="households", to={"bred": 1.0}), "no good 'bred'; did you mean 'bread'"),
    (Needs(family="households", plus={"bread": -1.0}), "expected needs of at least 0"),
    (Deliver(name="farms", goods={"bread": 1.0}), "there is a family 'farms' already"),
    (Productivity(family="households", times=2.0), "has no productivity"),
    (ImportPrice(goods="bread", times=2.0), "nobody imports 'bread'"),
    (ImportPrice(family="farms", times=2.0), "farms imports nothing"),
    (Supply(family="farms", to=1.0), "has no quantity"),
    (Technique(name="x", makes={"bread": 1}, uses={"flour": 1}), "no good 'flour'"),
    (Cap(permits="co2", to=1.0), "no good 'co2'.*give per_output or per_input"),
    (Cap(permits="co2", percent=-10, per_output={"farms": {"*": 1}}), "of what\\?"),
    (Cap(permits="co2", to=1.0, per_output={"farm": {"*": 1}}), "did you mean 'farms'"),
    (Cap(permits="co2", to=1.0, per_output={"farms": {"barm": 1}}), "did you mean 'farm'"),
    (Cap(permits="co2", to=1.0, per_output={"households": {"*": 1}}), "makes nothing"),
    (Cap(permits="co2", to=1.0, per_input={"wheat": 1}, users=["farms"]), "none of the users"),
    (Cap(permits="co2", percent=-1, base="plan", per_input={"wheat": 1}), "reference plan"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=lambda value: getattr(value, "do", ""))
def test_what_does_not_fit_is_said_by_name(change, message):
    with pytest.raises(pe.ScenarioError, match=message) as caught:
        after(Endowment(goods="labour", times=1.0), change)
    assert "scenario 'test', change 2" in str(caught.value)


MALFORMED = [
    (lambda: Endowment(goods="labour"), "expected one of to, times, percent, plus, got none"),
    (lambda: Endowment(goods="labour", to=1, plus=1), "got to and plus"),
    (lambda: Endowment(to=1), "either goods or a kind"),
    (lambda: Endowment(goods="labour", to="much"), "expected a number, got 'much'"),
    (lambda: Endowment(goods="labour", to=float("nan")), "got nan"),
    (lambda: Budget(family="", to=1), "expected a text"),
    (lambda: Needs(family="h", to={}), "expected names and numbers"),
    (lambda: Needs(family="h", times={"bread": 1}, together=True), "goes with to or plus"),
    (lambda: Deliver(name="s", goods={"bread": 0}), "expected more than 0"),
    (lambda: Productivity(family="f", percent=-100), "productivity above 0"),
    (lambda: Supply(family="f", what="cost", to=1), "expected one of quantity"),
    (lambda: Technique(name="t", makes={"a": 1}, uses={"a": 1}), "made and used"),
    (lambda: Technique(name="t", makes={"a": 1}, uses={"b": 1}, returns=0.5), "elasticity only"),
    (
        lambda: Technique(name="t", makes={"a": 1, "c": 1}, uses={"b": 1}, elasticity=1),
        "expected one good",
    ),
    (lambda: Cap(permits="p", to=1, base=2), "goes with times or percent"),
    (lambda: Cap(permits="p", to=1, per_input={"coal": -1}), "rate of at least 0"),
    (lambda: Cap(permits="p", to=1, users=["f"]), "goes with per_input"),
    (lambda: Scenario("", []), "expected a text"),
    (lambda: Scenario("x", ["cap"]), r"changes\[0\]: expected a change"),
]


@pytest.mark.parametrize(("make", "message"), MALFORMED)
def test_malformed_changes_are_refused_at_once(make, message):
    with pytest.raises(pe.ScenarioError, match=message):
        make()


def test_a_cap_of_nothing_is_no_economy():
    with pytest.raises(pe.ScenarioError, match=r"'zero'.*co2.*farm"):
        Scenario("zero", [Cap(permits="co2", to=0.0, per_output={"farms": {"*": 1.0}})]).apply(
            bakery()
        )


def test_every_change_says_itself_in_one_line():
    changes = [change for change, _ in WRONG]
    lines = str(Scenario("all", changes, description="Words " * 30)).splitlines()
    assert max(map(len, lines)) <= 80
    assert "  endowment of labor to 1" in lines
    assert "  budget of households (por) to 1" in lines
