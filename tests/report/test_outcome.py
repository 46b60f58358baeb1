"""What a plan says in numbers: by hand, by other parts of the package, by finite differences."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from parecon import outcome
from parecon.economies import us_2012
from parecon.outcome.emissions import gathered
from parecon.proposals import supply_and_demand
from report.villages import village


def by_name(found) -> dict[str, object]:
    return {one.name: one for one in found}


# -- changes --------------------------------------------------------------------------------------


def test_changes_are_those_of_prices_and_uses_by_name() -> None:
    before = pe.solve(village(), tol=1e-9)
    other = village(hours=20.0)
    swapped = pe.Economy(
        pe.Goods([*reversed(other.goods.names), "new"]),
        [0.0, 0.0, 20.0, 1.0],
        [
            pe.CobbDouglasConsumers([10.0], [[0.5, 0.1, 0.4, 0.0]]),
            pe.Activities([[0, 1, -0.5, 0], [1, -1, -1, 0]], names=["farm", "oven"]),
        ],
    )
    plan = pe.solve(swapped, tol=1e-9)
    found = outcome.good_changes(plan, outcome.side_of(before))
    np.testing.assert_allclose(found.price_change[:3], plan.price[:3] / before.price[::-1] - 1)
    np.testing.assert_allclose(found.quantity_change[:3], plan.demand[:3] / before.demand[::-1] - 1)
    assert np.isnan(found.price_before[3])
    assert np.isnan(found.quantity_change[3])
    np.testing.assert_allclose(found.value, plan.price * plan.demand)


def test_from_nothing_to_something_is_no_number(us, year) -> None:
    found = outcome.good_changes(us, outcome.side_of(year))
    permit = us.economy.goods.index("ghg_permit")
    assert found.price_before[permit] == 0.0
    assert found.price_change[permit] == np.inf
    assert found.quantity_change[permit] == pytest.approx(-0.3, rel=1e-6)
    assert np.isfinite(np.delete(found.price_change, permit)).all()


def test_price_level_is_that_of_the_basket_of_before() -> None:
    before, plan = (pe.solve(village(hours=h), tol=1e-10) for h in (10.0, 8.0))
    # with the same budgets everything is dearer by as much as there is less labour
    assert outcome.price_level(plan, outcome.side_of(before)) == pytest.approx(0.25, rel=1e-7)


def test_a_benchmark_is_the_year_itself(year) -> None:
    side = outcome.side_of(year)
    solved = pe.solve(year.economy, tol=1e-9)
    np.testing.assert_allclose(side.demand, solved.demand, rtol=1e-6)
    np.testing.assert_array_equal(side.price, year.price)


def test_only_plans_with_figures_can_be_compared_with(hungry, us) -> None:
    with pytest.raises(pe.PlanError, match="infeasible has no figures"):
        outcome.side_of(hungry)
    with pytest.raises(pe.PlanError, match="expected a Plan or a Benchmark, got Economy"):
        outcome.side_of(us.economy)


# -- scarcity -------------------------------------------------------------------------------------


def test_shadow_prices_are_slopes_of_welfare() -> None:
    """Of hours, of a capacity, and of the maximum of a supplier."""

    def economy(hours=10.0, capacity=1.2, maximum=0.5):
        base = village(hours=hours, capacity=capacity)
        mills = pe.Suppliers([1], [1.0], [0.1], [1.0], maximum=[maximum], names=["import"])
        return pe.Economy(base.goods, base.endowment, [*base.families, mills])

    found = by_name(outcome.scarcity(pe.solve(economy(), tol=1e-10)).binding)
    names = {"hours": economy().goods.names[0], "capacity": "oven", "maximum": "import"}
    for what, amount in (("hours", 10.0), ("capacity", 1.2), ("maximum", 0.5)):
        low, high = (
            pe.solve(economy(**{what: amount + step}), tol=1e-11).bound for step in (-1e-3, 1e-3)
        )
        one = found[names[what]]
        assert one.price == pytest.approx((high - low) / 2e-3, rel=1e-4)
        assert one.available == amount
    assert {one.kind for one in found.values()} == {"labour", "capacity", "maximum"}
    assert len(found) == 3


def test_what_is_left_over_does_not_bind(year) -> None:
    found = outcome.scarcity(pe.solve(year.economy, tol=1e-8))
    (permits,) = found.spare
    assert permits.name == "ghg_permit"
    assert permits.used == pytest.approx(permits.available / 2.0, rel=1e-6)
    assert "ghg_permit" not in by_name(found.binding)


# -- gains ----------------------------------------------------------------------------------------


def test_gains_are_those_of_the_summary_of_the_economy(us, year) -> None:
    found = outcome.gains(us, outcome.side_of(year))
    expected = us_2012.summary(us)
    for group, change in zip(found.groups, expected.welfare, strict=True):
        assert group.name == change.council
        assert group.change == pytest.approx(change.relative, rel=1e-9)
        assert group.worth == pytest.approx(change.equivalent_variation, rel=1e-9)
        assert group.budget_before == change.budget
    assert found.together.change == pytest.approx(expected.welfare_together, rel=1e-9)


def test_many_councils_are_told_in_tenths_that_add_up() -> None:
    economy = pe.synthetic.ces(300, 60, 40, seed=3)
    (label,) = (f.title for f in economy.families if f.role == "consumers")
    budget = economy.family(label).budget
    before = pe.solve(economy)
    more = budget * np.linspace(0.9, 1.2, budget.size)
    plan = pe.solve(economy.replace(families={label: {"budget": more}}))
    found = outcome.gains(plan, outcome.side_of(before))
    assert len(found.groups) == 10
    assert sum(group.councils for group in found.groups) == 300
    ratio = plan.proposal(label).utility / before.proposal(label).utility
    assert sum(group.worth for group in found.groups) == pytest.approx(budget @ (ratio - 1))
    assert sum(group.budget for group in found.groups) == pytest.approx(more.sum())
    poorest = np.argsort(budget, kind="stable")[:30]
    assert found.groups[0].gaining == pytest.approx(np.mean(ratio[poorest] > 1.0001))
    assert found.groups[0].low <= found.groups[0].change <= found.groups[0].high
    log_mean = np.exp(budget @ np.log(ratio) / budget.sum()) - 1
    assert found.together.change == pytest.approx(log_mean)


def test_budgets_that_are_the_same_are_no_reason_for_tenths() -> None:
    economy = pe.synthetic.book(60, 60, 2, seed=1)
    found = outcome.gains(pe.solve(economy), None)
    (group,) = found.groups
    assert group.councils == 60
    assert group.budget == pytest.approx(economy.total_budget)
    assert not found.compared


def test_other_preferences_or_councils_are_not_compared() -> None:
    before = outcome.side_of(pe.solve(village()))
    tastes = pe.solve(village(shares=[[0.5, 0.0, 0.5], [0.3, 0.1, 0.6]]))
    assert outcome.gains(tastes, before).not_compared == ("households",)
    richer = outcome.gains(pe.solve(village(budget=[5.0, 5.0])), before)
    assert richer.not_compared == ()
    assert richer.groups[0].change > 0.0 > richer.groups[1].change
    one = village().replace(families={"households": {"names": ["a", "b"]}})
    assert outcome.gains(pe.solve(one), before).not_compared == ("households",)


def test_needs_in_kind_are_valued_beside_spending() -> None:
    plan = pe.solve(village(needs=[[0, 0, 0.5], [0, 0, 0]]), tol=1e-9)
    poor, rich = outcome.gains(plan, None).groups
    assert poor.in_kind == pytest.approx(0.5 * plan.price[2])
    assert rich.in_kind == 0.0


# -- emissions ------------------------------------------------------------------------------------


def test_emissions_are_those_of_the_table(us, year) -> None:
    (found,) = outcome.emissions(us, outcome.side_of(year))
    table = us_2012.table()
    before = dict(zip(table.sectors, table.emissions, strict=True))
    assert {one.name: one.before for one in found.emitters} == pytest.approx(before)
    for label in ("industries", "energy_industries"):
        family, made = us.economy.family(label), us.proposal(label).output
        for name, output in zip(family.names, made, strict=True):
            (one,) = (e for e in found.emitters if e.name == name)
            share = output / table.output[table.sectors.index(name)]
            assert one.quantity == pytest.approx(before[name] * share, rel=1e-9)
    assert sum(one.quantity for one in found.emitters) == pytest.approx(found.used)
    assert found.used_before == pytest.approx(table.emissions.sum())


def test_few_emitters_stand_for_the_others_too(us, year) -> None:
    (found,) = outcome.emissions(us, outcome.side_of(year), most=5)
    assert len(found.emitters) == 5
    assert found.emitters[-1].name == "20 others"
    again = outcome.emissions(us, None, most=3)[0].emitters
    assert gathered(list(found.emitters), 3)[-1].name == again[-1].name == "22 others"
    assert sum(one.quantity for one in found.emitters) == pytest.approx(found.used)
    assert sum(one.before for one in found.emitters) == pytest.approx(found.used_before)


def test_permits_that_were_not_there_before_have_no_before() -> None:
    from parecon.scenarios import Cap, Scenario

    smoke = Cap(permits="smoke permit", to=1.0, per_output={"activities": {"oven": 1.0}})
    plan = pe.solve(Scenario("smoke", [smoke]).apply(village()))
    (found,) = outcome.emissions(plan, outcome.side_of(pe.solve(village())))
    assert found.permit == "smoke permit"
    assert np.isnan(found.used_before)
    assert all(np.isnan(one.before) for one in found.emitters)
    assert outcome.emissions(pe.solve(village()), None) == ()


def test_large_families_emit_by_the_good_they_make() -> None:
    n = 1_100
    use = np.zeros((n, 4))
    use[:, 0], use[:, 1], use[np.arange(n), 2 + np.arange(n) % 2] = 0.5, 0.2, 0.0
    economy = pe.Economy(
        pe.Goods(["labour", "co2 permit", "iron", "cloth"]),
        [100.0, 20.0, 0.0, 0.0],
        [
            pe.CobbDouglasConsumers([1.0], [[0, 0, 0.5, 0.5]]),
            pe.CobbDouglasWorkers(2 + np.arange(n) % 2, use, 1.0, label="shops"),
        ],
    )
    plan = pe.solve(economy)
    (found,) = outcome.emissions(plan, None)
    assert {one.name for one in found.emitters} == {"makers of iron", "makers of cloth"}
    used = plan.proposal("shops").input.reshape(n, 2)[:, 1]
    iron = next(one for one in found.emitters if one.name == "makers of iron")
    assert iron.quantity == pytest.approx(used[::2].sum())


# -- flows ----------------------------------------------------------------------------------------


def balanced(found: outcome.Flows, rel: float = 1e-9) -> None:
    """Every column adds up to the total, every box gives what it gets."""
    given, taken = Counter(), Counter()
    for link in found.links:
        assert link.value > 0.0
        assert found.nodes[link.target].column == found.nodes[link.source].column + 1
        given[link.source] += link.value
        taken[link.target] += link.value
    for column in range(4):
        sums = sum(node.value for node in found.column(column))
        assert sums == pytest.approx(found.total, rel=rel)
    for k, node in enumerate(found.nodes):
        if node.column < 3:
            assert given[k] == pytest.approx(node.value, rel=rel, abs=rel * found.total)
        if node.column > 0:
            assert taken[k] == pytest.approx(node.value, rel=rel, abs=rel * found.total)


def link(found: outcome.Flows, source: str, target: str, column: int) -> float:
    return sum(
        one.value
        for one in found.links
        if (found.nodes[one.source].name, found.nodes[one.target].name) == (source, target)
        and found.nodes[one.source].column == column
    )


def test_flows_of_the_village_by_hand() -> None:
    """Money 4 and 6; the wage is w: 10 hours. Wheat costs w/2, bread 3w/2, and all money ends as
    wages: w = 1. Bread takes 2 + 3.6 = 5.6, of which a third is the farm's, wheat 1.2.
    """
    plan = pe.solve(village(), tol=1e-11)
    labour, wheat, bread = plan.economy.goods.names
    found = outcome.flows(plan)
    balanced(found)
    assert found.total == pytest.approx(10.0)
    assert [node.name for node in found.column(0)] == [labour]
    direct = "used as it is"
    for source, target, column, value in (
        (labour, wheat, 0, 5.6 / 3 + 1.2),
        (labour, bread, 0, 5.6 * 2 / 3),
        (labour, direct, 0, 3.2),
        (wheat, bread, 1, 5.6 / 3),
        (bread, bread, 1, 5.6 * 2 / 3),
        (wheat, wheat, 1, 1.2),
        (direct, direct, 1, 3.2),
        (bread, "<b>poor", 2, 2.0),
        (bread, "rich&", 2, 3.6),
        (wheat, "rich&", 2, 1.2),
        (direct, "<b>poor", 2, 2.0),
    ):
        assert link(found, source, target, column) == pytest.approx(value, rel=1e-7), (
            source,
            target,
        )


@pytest.mark.parametrize("seed", range(4))
def test_flows_balance_in_any_mix_of_families(seed) -> None:
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng, consumers=CONSUMERS, workers=WORKERS, supplies=SUPPLIES, n_products=8,
        needs=seed % 2 == 0, capacity=seed > 1, second_makers=True,
    )  # fmt: skip
    plan = pe.solve(economy, tol=1e-7)
    for most in (2, 50):
        found = outcome.flows(plan, most=most)
        balanced(found)
        consumed = sum(
            float(plan.price @ supply_and_demand(family, proposal, economy.n_goods)[1])
            for family, proposal in zip(economy.families, plan.proposals, strict=True)
            if family.role == "consumers"
        )
        assert found.total == pytest.approx(consumed, rel=2e-5)
        assert all(len(found.column(k)) <= most + 2 for k in range(4))


def test_flows_of_a_plan_stopped_early_tell_losses_and_what_is_left(stopped) -> None:
    found = outcome.flows(stopped)
    balanced(found)
    assert {"left over", "losses"} & {node.name for node in found.column(3)}


def test_goods_are_taken_by_kind_where_single_ones_say_little() -> None:
    plan = pe.solve(pe.synthetic.book(400, 400, 40, seed=2))
    found = outcome.flows(plan)
    balanced(found)
    assert found.by_kind
    assert {node.name for node in found.column(2)} == {"private", "public"}


def test_nothing_of_value_has_no_flows(us) -> None:
    zero = np.zeros(us.economy.n_goods)
    plan = pe.Plan(
        status="iteration limit", message="", economy=us.economy, price=zero, supply=us.supply,
        demand=us.demand, proposals=us.proposals,
    )  # fmt: skip
    assert outcome.flows(plan) is None
