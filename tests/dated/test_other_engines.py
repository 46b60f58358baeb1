"""Dated economies against other engines, and properties that a plan over years must have."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from dated.dated_for_tests import GOODS, base, everything
from parecon.dated import Capital, DatedEconomy, Storage


@pytest.mark.parametrize("curved", [True, False])
def test_cvxpy_agrees(curved) -> None:
    dated = everything(curved=curved)
    ours = dated.solve(tol=1e-8)
    theirs = dated.solve(method="cvxpy", tol=1e-6)
    assert ours.status is pe.Status.SOLVED, ours.plan.message
    assert ours.plan.welfare == pytest.approx(theirs.plan.welfare, abs=1e-5)
    assert theirs.plan.welfare <= ours.plan.bound + 1e-9 * dated.economy.total_budget
    assert ours.investment == pytest.approx(theirs.investment, abs=2e-3)
    priced = ours.plan.price > 1e-3
    assert ours.plan.price[priced] == pytest.approx(theirs.plan.price[priced], rel=2e-3)


def test_highs_agrees() -> None:
    dated = everything(curved=False)
    ours, theirs = dated.solve(tol=1e-7), dated.solve(method="highs", tol=1e-6)
    assert theirs.status is pe.Status.SOLVED, theirs.plan.message
    assert ours.plan.welfare == pytest.approx(theirs.plan.welfare, abs=1e-5)


def test_the_certificate_holds() -> None:
    found = everything().solve(tol=1e-8)
    assert found.plan.certificate is not None
    assert pe.certify(found.dated.economy, found.plan).gap <= 1e-8


def test_years_without_ties_are_years_apart() -> None:
    """Nothing ties the years: each is the plan of its own year, times the discount."""
    one = base()
    dated = pe.dated(one, ["a", "b", "c"], discount=[1.0, 0.5, 0.25])
    found, alone = dated.solve(tol=1e-9), pe.solve(one, tol=1e-9)
    for t in range(3):
        assert found.current_price[t] == pytest.approx(alone.price, rel=1e-6, abs=1e-8)
        assert found.supply[t] == pytest.approx(alone.supply, rel=1e-6)


def test_goods_in_another_order() -> None:
    order = [3, 0, 4, 2, 1]
    one, tol = base(), 1e-8
    other = pe.Economy(
        [GOODS[i] for i in order],
        one.endowment[order],
        [
            pe.CobbDouglasConsumers(
                one.family("households").budget,
                one.family("households").shares[:, order],
                label="households",
            ),
            one.family("bakers").replace(
                shares=one.family("bakers").shares[:, order], output_good=[order.index(0)]
            ),
            pe.Activities(
                one.family("smelters").net_output[:, order],
                names=["coke", "electric"],
                label="smelters",
            ),
        ],
    )
    first, second = everything().solve(tol=tol), everything(economy=other).solve(tol=tol)
    assert first.plan.welfare == pytest.approx(second.plan.welfare, abs=1e-6)
    for good in GOODS[:4]:
        assert first.series(good)[:4] == pytest.approx(second.series(good)[:4], rel=1e-4)


def test_a_council_split_in_two() -> None:
    one = everything(economy=base(n_households=2))
    budget = {"households": np.tile([2.0, 2.0, 3.0, 3.0], (4, 1))}
    two = everything(economy=base(n_households=4), budget=budget)
    assert two.economy.total_budget == pytest.approx(one.economy.total_budget)
    first, second = one.solve(tol=1e-8), two.solve(tol=1e-8)
    assert first.plan.price == pytest.approx(second.plan.price, rel=1e-4, abs=1e-6)


def steady(
    growth: float, delta: float, wear: float, years: int
) -> tuple[DatedEconomy, float, float]:
    """One good made by work and machines, machines of the good: its steady state is known."""
    # output 1 per year: work a, machines k per unit; machines cost 1 of the good
    k, work = 1.5, 0.8
    base_ = pe.Economy(
        ["corn", "work"],
        [0.0, work],
        [
            pe.CobbDouglasConsumers([1.0], [[1.0, 0.0]], names=["people"], label="people"),
            pe.Activities([[1.0, -work]], names=["farm"], label="farms"),
        ],
    )
    rises = (1 + growth) ** np.arange(years)
    corn = 1 - k * (wear + growth)  # eaten of each unit made
    machine = Capital(
        name="machines",
        use={"farms": k},
        build={"corn": 1.0},
        initial=k,
        depreciation=wear,
        value=1.0 / (corn * rises[-1] * delta),
    )
    return (
        pe.dated(base_, years, capital=machine, discount=delta, endowment={"work": work * rises}),
        corn,
        k,
    )


@pytest.mark.parametrize("growth", [0.0, 0.03])
def test_steady_state(growth) -> None:
    """Stocks, outputs grow at the rate of work; own rates are (1 + growth)/delta - 1 throughout."""
    delta, wear, years = 0.93, 0.08, 6
    dated, corn, k = steady(growth, delta, wear, years)
    found = dated.solve(tol=1e-9)
    assert found.status is pe.Status.SOLVED
    rises = (1 + growth) ** np.arange(years + 1)
    assert found.installed[:, 0] == pytest.approx(k * rises, rel=1e-4)
    assert found.output("farms")[:, 0] == pytest.approx(rises[:-1], rel=1e-4)
    assert found.series("corn")[:years] == pytest.approx(1 / (corn * rises[:-1]), rel=1e-4)
    rate = (1 + growth) / delta - 1
    assert found.series("corn", "own_rate")[: years - 1] == pytest.approx(rate, rel=1e-3)
    # the rent of a machine is interest and wear (golden rule: without discount, wear and growth)
    rent = found.rental[1:years, 0] / found.plan.price[dated.calendar.place[1:years, 0]]
    assert rent == pytest.approx(rate + wear, rel=1e-3)


def test_golden_rule() -> None:
    """Without discount corn for the future costs as much as today's: rent = wear + growth."""
    dated, *_ = steady(0.02, 1.0, 0.1, 5)
    found = dated.solve(tol=1e-9)
    rent = found.rental[1:5, 0] / found.plan.price[dated.calendar.place[1:5, 0]]
    assert rent == pytest.approx(0.12, rel=1e-3)


def test_an_ordinary_economy_for_everything_else(tmp_path) -> None:
    dated = everything()
    pe.save(tmp_path / "economy", dated.economy)
    read = pe.load(tmp_path / "economy")
    assert read.goods == dated.economy.goods
    plan = pe.solve(read, tol=1e-8)
    assert "bread @2" in repr(plan.explain("bread @2"))
    found = dated.view(plan)
    assert found.explain("bread", 2).good == plan.explain("bread @2").good
    cut = pe.Scenario("less work", [pe.scenarios.Endowment(goods=("work @3",), percent=-5.0)])
    assert pe.solve(cut.apply(dated.economy)).welfare < plan.welfare


def test_many_years_are_built_fast_and_stay_sparse() -> None:
    """One family of all years for each: no family, and no entry, more than there must be."""
    one = base()
    dated = pe.dated(one, 30, storage=Storage(good="wood", loss=0.1))
    assert len(dated.economy.families) == len(one.families) + 1
    assert dated.economy.n_entries == 30 * one.n_entries + 58
    assert dated.economy.n_goods == 30 * len(GOODS)
