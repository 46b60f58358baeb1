"""Years that differ: endowments, budgets, productivity, scenarios from a year on, economies."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from dated.dated_for_tests import base, everything
from parecon.dated import Capital
from parecon.scenarios import Cap, Scenario, Technique

TOL = 1e-8


def test_years_as_numbers_are_years_as_scenarios_and_as_economies() -> None:
    """More work, more bread per input, smaller budgets in the second year, said in three ways."""
    one = base()
    other = one.replace(
        endowment={"work": 15.0},
        families={
            "bakers": {"productivity": one.family("bakers").productivity * 1.2},
            "households": {"budget": one.family("households").budget * 0.8},
        },
    )
    numbers = pe.dated(
        one,
        2,
        endowment={"work": [12.0, 15.0]},
        productivity={"bakers": [1.0, 1.2]},
        budget={"households": np.outer([1.0, 0.8], one.family("households").budget)},
    )
    scenario = Scenario(
        "second year",
        [
            pe.scenarios.Endowment(goods=("work",), to=15.0),
            pe.scenarios.Productivity(family="bakers", times=1.2),
            pe.scenarios.Budget(family="households", times=0.8),
        ],
    )
    changed = pe.dated(one, 2, changes={2: scenario})
    economies = pe.dated([one, other], 2)
    plans = [dated.solve(tol=TOL) for dated in (numbers, changed, economies)]
    for found in plans:
        assert found.plan.price == pytest.approx(plans[0].plan.price, rel=1e-9)
    alone = pe.solve(other, tol=TOL)
    assert plans[0].current_price[1] == pytest.approx(alone.price, rel=1e-5, abs=1e-7)


def test_a_cap_from_a_year_on_changes_the_class_of_a_family() -> None:
    """CES bakers become nested ones where they need permits: two families, one table of output."""
    smoke = Cap(permits="smoke", to=4.0, per_output={"bakers": {"bakery": 1.0}})
    dated = pe.dated(base(), range(2027, 2030), changes={2028: smoke})
    labels = [family.title for family in dated.economy.families]
    assert "bakers" in labels
    assert "bakers from 2028" in labels
    found = dated.solve(tol=TOL)
    made = found.output("bakers")[:, 0]
    assert made[0] > 4.0
    assert made[1:] == pytest.approx([4.0, 4.0], rel=1e-6)
    assert len(found.to_pandas()["bakers"]) == 3


def test_a_technique_that_comes_later() -> None:
    hand = Technique(name="hand", makes={"bread": 1.0}, uses={"work": 0.8})
    found = pe.dated(base(), 3, changes={3: hand}).solve(tol=TOL)
    assert np.isnan(found.output("hand")[:2]).all()
    assert found.output("hand")[2, 0] >= 0.0
    assert list(found.to_pandas()["hand"].year) == ["3"]


def test_councils_that_are_counted_by_must_stay() -> None:
    one = base()
    fewer = pe.Economy(
        one.goods,
        one.endowment,
        [
            *one.families[:2],
            pe.Activities(one.families[2].net_output[[0]], names=["coke"], label="smelters"),
        ],
    )
    plant = Capital(name="plant", use={"smelters": 1.0}, initial=1.0)
    pe.dated([one, fewer], 2)
    with pytest.raises(pe.EconomyError, match="smelters: expected the same 2 councils in 2"):
        pe.dated([one, fewer], 2, capital=plant)
    with pytest.raises(pe.EconomyError, match="one for each of 3 years"):
        pe.dated([one, fewer], 3)


def test_what_stocks_are_made_of_by_name_and_as_a_matrix() -> None:
    named = {"coke": {"steel": 0.3, "work": 0.5}, "electric": {"steel": 0.6}}
    table = np.array([[0, 0.3, 0, 0.5, 0], [0, 0.6, 0, 0, 0]])
    plans = []
    for build in (named, table):
        plant = Capital(
            name="furnaces",
            use={"smelters": [0.8, 1.1]},
            build=build,
            initial={"coke": 1.0, "electric": 0.5},
            value={"electric": 2.0},
        )
        plans.append(everything(capital=plant, growth=()).solve(tol=TOL))
    first, second = plans
    assert first.plan.price == pytest.approx(second.plan.price, rel=1e-9)
    assert first.unit_cost == pytest.approx(second.unit_cost, rel=1e-9)


def test_no_more_is_built_than_can_be_and_not_in_other_years() -> None:
    def built(**limits) -> np.ndarray:
        tools = Capital(
            name="tools",
            use={"bakers": 0.2},
            build={"work": 0.1},
            initial=0.5,
            **limits,
        )
        dated = everything(capital=tools, growth=(), posterity=None)
        return dated.solve(tol=TOL).investment[:, 0]

    free = built()
    assert free[0] > 0.6
    assert built(most=0.6)[0] == pytest.approx(0.6, rel=1e-6)
    later = built(years=["2", "3"])
    assert later[[0, 3]] == pytest.approx([0.0, 0.0])
    assert later[1] > 0.0
