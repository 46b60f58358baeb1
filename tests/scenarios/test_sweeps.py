"""Sweeps: every scenario as if planned alone, one tidy table, and a directory that comes back."""

from __future__ import annotations

import math

import numpy as np
import pytest

import parecon as pe
from parecon.scenarios import Budget, Cap, Capacity, Deliver, Endowment, Scenario, grid
from scenarios.small import bakery, planned


def hours(*amounts):
    return grid(lambda labour: [Endowment(goods="labour", to=labour)], labour=amounts)


HUNGRY = Scenario("hungry", [Deliver(name="school", goods={"bread": 9.0})])


@pytest.fixture(scope="module")
def four():
    oven = Scenario("one oven", [Capacity(family="bakeries", to=1.0)])
    scenarios = [*hours(10, 8), HUNGRY, oven]
    return pe.sweep(bakery(), scenarios, tol=1e-9)


def test_every_scenario_is_planned_as_if_alone(four):
    assert four.names == ("labour=10", "labour=8", "hungry", "one oven")
    assert [outcome.status.value for outcome in four] == [
        "solved",
        "solved",
        "infeasible",
        "solved",
    ]
    assert four.values("price", "labour")[[0, 1]] == pytest.approx([1.0, 1.25], rel=1e-8)
    assert four["one oven"].value("price", "bread") == pytest.approx(5.0, rel=1e-7)
    assert [outcome.warm for outcome in four] == [False, True, True, True]
    with pytest.raises(pe.ScenarioError, match="did you mean 'hungry'"):
        four["hungri"]
    with pytest.raises(pe.ScenarioError, match="no measure 'prices'; did you mean 'price'"):
        four.values("prices")


def test_an_impossible_scenario_says_what_it_lacks(four):
    outcome = four["hungry"]
    (line,) = outcome.missing.relaxations
    assert (line.kind, line.name) == ("need", "bread")
    assert line.needed == pytest.approx(10 / 1.5, rel=1e-6)
    assert "would have to be 6.66667 loaf instead of 9" in outcome.message
    assert math.isnan(outcome.value("welfare"))


def test_the_table_is_tidy(four):
    table = four.to_pandas()
    assert list(table.columns) == [
        "scenario",
        "labour",
        "status",
        "measure",
        "item",
        "unit",
        "value",
    ]
    assert not table.duplicated(["scenario", "measure", "item"]).any()
    bread = table.query("measure == 'price' and item == 'bread'").set_index("scenario")["value"]
    assert bread["labour=8"] == pytest.approx(1.875, rel=1e-8)
    assert table.query("scenario == 'hungry'")["measure"].tolist() == ["none"]
    assert table.query("scenario == 'labour=8'")["labour"].unique().tolist() == [8.0]
    assert table.query("scenario == 'one oven'")["labour"].isna().all()
    measures = set(table["measure"])
    assert measures >= {"price", "supply", "demand", "spending", "utility", "welfare", "gap"}
    full = table.query("measure == 'capacity'")
    assert full["item"].tolist() == ["bakeries/oven"]
    # a loaf at 5, from an hour and a half at 5/8.5 each
    assert full["value"].tolist() == pytest.approx([5 - 1.5 * 5 / 8.5], rel=1e-6)
    resources = table.query("measure == 'resource' and scenario == 'labour=8'")
    assert resources["item"].tolist() == ["labour"]


def test_consumers_together_and_one_by_one(four):
    plan = four[0].plan
    utility = plan.proposal("households").utility
    budget = plan.economy.family("households").budget
    mean = np.exp(budget @ np.log(utility) / budget.sum())
    assert four[0].value("utility", "households") == pytest.approx(mean)
    assert four[0].value("utility", "households/poor") == utility[0]
    assert four[0].value("spending", "households") == pytest.approx(10.0)


def test_warm_and_cold_agree_and_warm_is_shorter():
    economy = pe.load("us-2012-benchmark")
    cuts = grid(
        lambda cut: [Cap(permits="ghg_permit", percent=cut, base="plan")], cut=(-30, -32, -34)
    )
    warm, cold = (pe.sweep(economy, cuts, tol=1e-9, warm=warm) for warm in (True, False))
    price = ("permit price", "ghg_permit")
    assert warm.values(*price) == pytest.approx(cold.values(*price), rel=1e-6)
    assert warm.values("welfare") == pytest.approx(cold.values("welfare"), rel=1e-9)
    assert not any(outcome.warm for outcome in cold)
    # the reference plan has permits for nothing: no good place to begin
    assert [outcome.warm for outcome in warm] == [False, True, True]
    for mine, theirs in list(zip(warm, cold, strict=True))[1:]:
        assert mine.iterations < theirs.iterations


def test_permits_that_are_new_among_old_prices():
    """Goods come and go from scenario to scenario; prices of those that stay are handed on."""
    cap = Scenario("cap", [Cap(permits="co2", to=2.0, per_output={"bakeries": {"*": 1.0}})])
    found = pe.sweep(bakery(), [*hours(9), cap, *hours(8)], tol=1e-9)
    assert [outcome.status.value for outcome in found] == ["solved"] * 3
    assert [outcome.warm for outcome in found] == [False, False, True]
    assert found["cap"].value("permit price", "co2") == pytest.approx(2.5 - 7.5 / 7, rel=1e-7)
    assert found["labour=8"].value("price", "labour") == pytest.approx(1.25, rel=1e-8)


def test_progress_is_told_and_can_stop_the_sweep():
    told = []

    def step(at):
        told.append((at.done, at.total, at.outcome.name))
        return at.done == 2

    found = pe.sweep(bakery(), hours(10, 9, 8), callback=step, keep_plans=False)
    assert told == [(1, 3, "labour=10"), (2, 3, "labour=9")]
    assert found.stopped
    assert len(found) == 2
    assert found[0].plan is None
    assert "stopped early" in str(found)


def test_an_interrupt_between_two_scenarios_keeps_what_there_is():
    def step(at):
        if at.done == 2:
            raise KeyboardInterrupt

    found = pe.sweep(bakery(), hours(10, 9, 8), callback=step)
    assert found.stopped
    assert found.names == ("labour=10", "labour=9")


def test_wrong_scenarios_are_found_before_any_is_planned():
    told = []
    wrong = Scenario("wrong", [Budget(family="household", to=1.0)])
    with pytest.raises(pe.ScenarioError, match="did you mean 'households'"):
        pe.sweep(bakery(), [*hours(10), wrong], callback=told.append)
    assert told == []
    with pytest.raises(pe.ScenarioError, match="two scenarios of the name 'labour=9'"):
        pe.sweep(bakery(), hours(9, 9))
    with pytest.raises(pe.ScenarioError, match="at least one"):
        pe.sweep(bakery(), [])
    with pytest.raises(pe.ScenarioError, match=r"scenarios\[0\]"):
        pe.sweep(bakery(), ["hungry"])


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_sweep_on_disk_comes_back(four, tmp_path, file_format):
    path = tmp_path / "sweep"
    four.save(path, file_format=file_format)
    four.save(path, file_format=file_format)  # an older one is replaced
    again = pe.load_sweep(path)
    assert again.outcomes[0] == four.outcomes[0]
    assert [outcome.scenario for outcome in again] == [outcome.scenario for outcome in four]
    assert again["hungry"].missing == four["hungry"].missing
    assert again.to_pandas().equals(four.to_pandas())
    assert str(again) == str(four)
    # every plan beside its economy
    economy = pe.load(path / "04.economy")
    plan = pe.load_plan(path / "04.plan", economy)
    assert pe.certify(economy, plan).holds(1e-8)
    assert plan.explain("oven").limit == "capacity"


def test_what_else_is_there_is_left_alone(four, tmp_path):
    path = tmp_path / "sweep"
    four.save(path, plans=False)
    assert sorted(file.name for file in path.iterdir()) == ["manifest.json", "results.parquet"]
    (path / "notes.txt").write_text("mine")
    with pytest.raises(pe.FormatError, match=r"notes\.txt"):
        four.save(path)
    with pytest.raises(pe.FormatError, match="expected a parecon plan"):
        pe.load_plan(path, bakery())
    pe.save(tmp_path / "economy", bakery())
    with pytest.raises(pe.FormatError, match="not to be replaced"):
        four.save(tmp_path / "economy")
    with pytest.raises(pe.FormatError, match="expected a parecon sweep"):
        pe.load_sweep(tmp_path / "economy")


def test_texts_fit_a_terminal(four):
    assert max(map(len, str(four).splitlines())) <= 80
    assert "infeasible" in str(four)
    assert repr(four[0]) == "Outcome('labour=10': solved)"


def test_a_reference_is_planned_once_and_may_be_given():
    cap = Cap(permits="co2", percent=-50, base="plan", per_output={"bakeries": {"*": 1.0}})
    scenario = Scenario("half", [cap])
    reference = planned(bakery())
    found = pe.sweep(bakery(), scenario, reference=reference)
    assert found[0].value("supply", "co2") == pytest.approx(0.5 * 10 / 3, rel=1e-6)
    assert pe.sweep(bakery(), [scenario])[0].value("supply", "co2") == pytest.approx(
        found[0].value("supply", "co2"), rel=1e-5
    )
