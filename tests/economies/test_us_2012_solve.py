"""The bundled economy, planned: 2012 comes back, and a greenhouse-gas budget does what it should.

What a plan must satisfy is recomputed by `economies.market` from the formulas, not by the solver:
in this convex programme zero profit, clearance and spent budgets at one set of prices prove the
plan optimal.
"""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from economies import us_411
from economies.market import market
from parecon import economies
from parecon.economies import us_2012

WORKERS = ("industries", "energy_industries", "imports", "home_supply", "exports")


@pytest.fixture(scope="module")
def year():
    return us_2012.benchmark()


@pytest.fixture(scope="module")
def capped():
    return pe.solve(economies.load("us-2012"), tol=1e-8)


@pytest.fixture(scope="module")
def change(capped):
    return {entry.council: entry.relative for entry in us_2012.summary(capped).output}


def planned(plan, labels):
    """Output, or level of activities, per worker family."""
    proposals = {label: plan.proposal(label) for label in labels}
    return {
        label: np.asarray(
            getattr(proposal, "output", None) if hasattr(proposal, "output") else proposal.level
        )
        for label, proposal in proposals.items()
    }


def worst_imbalance(state, price, total):
    """Value of excess demand and of unsold scarce goods, over the total budget."""
    return float(np.abs(price * (state.demand - state.supply)).sum() / total)


def greatest_profit(state):
    """Revenue over cost less 1, of the council that does best: above 0 it would want to grow."""
    return max(float(np.max(state.sale[label] / cost - 1)) for label, cost in state.cost.items())


def losses(state, output, total):
    """Money that councils at work lose, over the total budget."""
    lost = [(cost - state.sale[label]) @ output[label] for label, cost in state.cost.items()]
    return float(np.sum(lost) / total)


def check_equilibrium(plan, labels):
    """Nobody could gain, nobody loses, no scarce good is left over or missing, by the formulas."""
    output, total = planned(plan, labels), plan.economy.total_budget
    state = market(plan.economy, plan.price, output)
    assert greatest_profit(state) < 1e-9
    assert abs(losses(state, output, total)) < 1e-8
    assert worst_imbalance(state, plan.price, total) < 1e-8


def test_the_year_2012_is_its_own_plan(year):
    plan = pe.solve(year.economy, tol=1e-12)
    assert plan.status is pe.Status.SOLVED
    permit = year.economy.goods.index("ghg_permit")
    money = np.arange(year.economy.n_goods) != permit
    np.testing.assert_allclose(plan.price[money], 1.0, rtol=1e-8)
    assert plan.price[permit] < 1e-5  # USD per tonne: free
    for label, output in planned(plan, WORKERS).items():
        np.testing.assert_allclose(output, year.output[label], rtol=1e-8, err_msg=label)
    for label, utility in year.utility.items():
        np.testing.assert_allclose(plan.proposal(label).utility, utility, rtol=1e-8, err_msg=label)
    result = us_2012.summary(plan)
    assert result.emissions == pytest.approx(result.emissions_benchmark, rel=1e-8)
    assert abs(result.welfare_together) < 1e-8


def test_the_capped_plan_is_solved_and_certified(capped):
    assert capped.status is pe.Status.SOLVED
    certificate = pe.certify(capped.economy, capped)
    assert certificate.holds(1e-6)
    assert certificate.feasible
    assert -1e-12 <= certificate.gap < 1e-6


def test_the_capped_plan_is_an_equilibrium_by_the_formulas(capped):
    check_equilibrium(capped, WORKERS)


def test_the_budget_binds_and_permits_have_a_price(capped):
    result = us_2012.summary(capped)
    assert result.emissions == pytest.approx(result.permits, rel=1e-6)
    assert result.permits == pytest.approx(0.7 * result.emissions_benchmark, rel=1e-12)
    assert 300.0 < result.permit_price < 800.0


def test_who_emits_most_per_dollar_shrinks_and_who_emits_least_grows(change):
    shrinking = (
        "utilities",
        "mining",
        "oil_gas",
        "petroleum",
        "agriculture",
        "chemicals",
        "minerals_metals",
        "transport",
    )
    assert all(change[sector] < -0.1 for sector in shrinking)
    assert min(change, key=change.get) in {"utilities", "mining", "oil_gas", "agriculture"}
    growing = ("machinery", "vehicles", "information", "finance")
    assert all(change[sector] > 0.03 for sector in growing)
    table = us_2012.table()
    intensity = dict(zip(table.sectors, table.emissions / table.output, strict=True))
    order = [change[sector] for sector in sorted(intensity, key=intensity.get)]
    ranks = np.argsort(np.argsort(order))
    assert np.corrcoef(ranks, np.arange(len(ranks)))[0, 1] < -0.6


def test_trade_carries_part_of_the_cut_abroad(capped):
    result = us_2012.summary(capped)
    imports = {entry.council: entry.relative for entry in result.imports}
    assert all(
        imports[s] > 0.05
        for s in ("agriculture", "mining", "chemicals", "minerals_metals", "oil_gas")
    )
    assert all(imports[s] < 0.0 for s in ("machinery", "vehicles", "information", "finance"))
    state = market(capped.economy, capped.price, planned(capped, WORKERS))
    fx = capped.economy.goods.index("foreign_exchange")
    assert state.demand[fx] == pytest.approx(state.supply[fx], rel=1e-6)


def test_everybody_loses_a_little_and_the_total_agrees_with_welfare(capped, year):
    result = us_2012.summary(capped)
    loss = {entry.council: entry.relative for entry in result.welfare}
    assert -0.05 < loss["households"] < -0.01
    assert loss["inventories"] < loss["households"]  # goods of industry, not services
    assert -0.03 < result.welfare_together < -0.01
    budgets = np.concatenate([year.utility[label] for label in year.utility])
    before = float(budgets @ np.log(budgets))
    total = np.expm1((capped.welfare - before) / budgets.sum())
    assert result.welfare_together == pytest.approx(total, rel=1e-6)


def test_a_tighter_budget_costs_more_at_the_margin_and_in_all():
    price, welfare, plan = [], [], None
    for cut in (0.1, 0.2, 0.3):
        plan = pe.solve(us_2012.economy(emission_cut=cut), tol=1e-8, warm_start=plan)
        result = us_2012.summary(plan)
        price.append(result.permit_price)
        welfare.append(result.welfare_together)
    assert price == sorted(price)
    assert welfare == sorted(welfare, reverse=True)
    # The permit price is what one more tonne is worth: the slope of welfare in the budget.
    more = us_2012.economy(emission_cut=0.3)
    permit = more.goods.index("ghg_permit")
    step = 1e-3 * more.endowment[permit]
    more = more.replace(endowment={"ghg_permit": more.endowment[permit] + step})
    gain = pe.solve(more, tol=1e-9, warm_start=plan).welfare - plan.welfare
    assert gain / step == pytest.approx(price[-1], rel=5e-3)


def test_a_plan_for_another_economy_has_no_summary():
    bread = pe.Economy(["bread"], [1.0], [pe.LinearConsumers([1.0], [[1.0]])])
    with pytest.raises(pe.EconomyError, match="ghg_permit"):
        us_2012.summary(pe.solve(bread))


@pytest.fixture(scope="module")
def table_411(shared_data):
    return us_411.table(shared_data)


def test_at_411_sectors_the_year_2012_is_its_own_plan(table_411):
    price, output = us_411.benchmark(table_411)
    plan = pe.solve(us_411.economy(table_411), tol=1e-12)
    assert plan.status is pe.Status.SOLVED
    made = price > 0.0
    made[:-4] = np.isin(np.arange(len(price) - 4), table_411.made)
    np.testing.assert_allclose(plan.price[made], 1.0, rtol=1e-8)
    for label, planned_output in planned(plan, output).items():
        np.testing.assert_allclose(planned_output, output[label], rtol=1e-8, err_msg=label)


def test_411_sectors_are_replanned_under_a_budget(table_411):
    economy = us_411.economy(table_411, emission_cut=0.3)
    plan = pe.solve(economy, tol=1e-8)
    assert plan.status is pe.Status.SOLVED
    assert pe.certify(economy, plan).holds(1e-6)
    _, output = us_411.benchmark(table_411)
    check_equilibrium(plan, output)
    assert plan.price[-1] > 0.0
    assert plan.demand[-1] == pytest.approx(economy.endowment[-1], rel=1e-6)
    at = economy.family("energy_industries").names.index(us_411.CURRENT)
    made = planned(plan, output)["energy_industries"]
    assert made[at] < 0.9 * output["energy_industries"][at]
