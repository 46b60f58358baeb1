"""Wrong plans are caught, and the culprit is named."""

from __future__ import annotations

import json

import numpy as np
import pytest

import parecon as pe
from certificate.drafted import Drafted, activity, consumption, supply, work


@pytest.fixture
def economy():
    """Steel from labour, tools from steel and labour, and two households who want both."""
    return pe.Economy(
        ["labour", "ore", "steel", "tools", "bread"],
        [20.0, 2.0, 0.0, 0.0, 6.0],
        [
            pe.CobbDouglasConsumers(
                [4.0, 6.0],
                [[0, 0, 0, 0.5, 0.5], [0, 0, 0, 0.5, 0.5]],
                [[0, 0, 0, 0, 1.0], [0, 0, 0, 0, 0]],
                names=["north", "south"],
            ),
            pe.Activities([[-1.0, 0, 1.0, 0, 0]], [50.0], names=["mill"]),
            pe.CobbDouglasWorkers(
                [3],
                [[0.25, 0, 0.25, 0, 0]],
                [1.0],
                pe.Effort(0.5, 2.0, 0.1),
                names=["smithy"],
            ),
            pe.Suppliers([1], [1.0], [1.0], [1.0], maximum=[3.0], names=["quarry"]),
        ],
    )


@pytest.fixture
def plan():
    """Feasible, with money spent to the last: bread at 1, tools at 2.5."""
    made = (16.0**0.25) * (4.0**0.25) * (4.0**0.5)
    tools = np.array([0.8, 1.2])
    bread = np.array([2.0, 3.0])
    assert tools.sum() <= made
    return Drafted(
        np.array([0.1, 0.0, 0.1, 2.5, 1.0]),
        (
            consumption(np.column_stack([tools, bread]).ravel(), 2),
            activity([4.0]),
            work([16.0, 4.0], [made], effort=[4.0]),
            supply([1.0]),
        ),
    )


def test_the_plan_itself_is_feasible(economy, plan):
    certificate = pe.certify(economy, plan)
    assert certificate.feasible, str(certificate)
    assert certificate.shortage == 0.0
    assert certificate.budget_violation <= 1e-12
    assert certificate.shortage_good is None


def test_negative_level(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(1, level=[-1e-9]))
    assert not certificate.feasible
    assert certificate.technology_council == "mill"
    assert certificate.technology_reason == "the level is -1e-09"
    assert certificate.shortage_good == "steel"


def test_steel_used_that_nobody_made(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(1, level=[3.9]))
    assert not certificate.feasible
    assert certificate.technology_violation <= 1e-9
    assert certificate.shortage_good == "steel"
    assert certificate.shortage == pytest.approx(0.1 / 4.0)


def test_tools_made_without_the_steel(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(2, input=[16.0, 1.0]))
    assert not certificate.feasible
    assert certificate.technology_council == "smithy"
    assert certificate.technology_violation == pytest.approx(4**0.25 - 1)
    assert "inputs and effort" in certificate.technology_reason


def test_tools_made_from_nothing(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(2, input=[16.0, 0.0]))
    assert certificate.technology_violation == np.inf


@pytest.mark.parametrize("effort", [[0.0], None])
def test_effort_that_nobody_made(economy, plan, effort):
    proposals = list(plan.proposals)
    made = proposals[2]
    proposals[2] = work(made.input, made.output, effort=effort)
    certificate = pe.certify(economy, Drafted(plan.price, tuple(proposals)))
    assert not certificate.feasible
    assert certificate.technology_council == "smithy"


def test_effort_is_paid_for_in_welfare(economy, plan):
    more = plan.with_proposal(2, effort=[5.0])
    lost = pe.certify(economy, plan).welfare - pe.certify(economy, more).welfare
    assert lost == pytest.approx(0.1 * (25.0 - 16.0))


def test_overspending(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(0, quantity=[0.8, 2.0, 1.2, 3.06]))
    assert certificate.budget_council == "south"
    assert certificate.budget_violation == pytest.approx(0.01)
    assert not certificate.holds(1e-3)
    assert certificate.feasible is False  # 6.06 of 6 breads, with the need
    assert certificate.shortage_good == "bread"


def test_money_left(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(0, quantity=[0.8, 1.0, 1.2, 3.0]))
    assert certificate.unspent_council == "north"
    assert certificate.budget_unspent == pytest.approx(0.25)
    assert certificate.feasible
    assert not certificate.holds(1e-3)


def test_needs_that_are_not_delivered(economy, plan):
    # All the bread is sold; the guaranteed one is missing.
    certificate = pe.certify(economy, plan.with_proposal(0, quantity=[0.8, 2.4, 1.2, 3.6]))
    assert not certificate.feasible
    assert certificate.shortage_good == "bread"
    assert certificate.shortage == pytest.approx(1 / 7)


def test_capacity_and_maximum(economy, plan):
    over = pe.certify(economy, plan.with_proposal(1, level=[51.0]))
    assert over.technology_council == "mill"
    assert over.technology_violation == pytest.approx(1 / 50)
    over = pe.certify(economy, plan.with_proposal(3, quantity=[3.3]))
    assert over.technology_council == "quarry"
    assert over.technology_reason == "supply is beyond its maximum"


def test_capacity_of_ces_workers():
    family = pe.CESWorkers([1], [[1.0, 0.0]], 1.0, 1.0, 2.0, [3.0], names=["bakers"])
    economy = pe.Economy(2, [9.0, 0.0], [pe.CobbDouglasConsumers([1.0], [[0, 1.0]]), family])
    plan = Drafted([0.0, 0.25], (consumption([4.0], 1), work([2.0], [4.0])))
    certificate = pe.certify(economy, plan)
    assert certificate.technology_council == "bakers"
    assert certificate.technology_reason == "output is beyond capacity"


def test_fixed_inputs_that_are_missing():
    nests = pe.NestedCES.from_values([[1.0, 0.0, 0.0]], pe.Nest(1.0, [0]))
    family = pe.NestedCESWorkers([2], nests, fixed=[[0.0, 0.5, 0.0]], names=["plant"])
    economy = pe.Economy(
        ["labour", "permits", "power"],
        [9.0, 9.0, 0.0],
        [pe.CobbDouglasConsumers([1.0], [[0, 0, 1.0]]), family],
    )
    plan = Drafted([1, 1, 1.5], (consumption([2 / 3], 1), work([2.0], [2.0], fixed_input=[0.8])))
    certificate = pe.certify(economy, plan)
    assert certificate.technology_council == "plant"
    assert certificate.technology_violation == pytest.approx(0.25)


def test_cost_beyond_benefit(economy, plan):
    certificate = pe.certify(economy, plan.at_prices([1.0, 0.0, 0.1, 2.5, 1.0]))
    # smithy: 16 + .4 + 1.6 of effort against 14.1; mill: 4 against .4
    assert certificate.benefit_cost_council == "mill"
    assert certificate.benefit_cost_violation == pytest.approx(3.6 / 5)  # over B/m = 5
    assert not certificate.holds(0.5)


def test_goods_left_over_are_named(economy, plan):
    certificate = pe.certify(economy, plan)
    made = plan.proposals[2].output[0]
    assert certificate.surplus_good == "tools"
    assert certificate.surplus == pytest.approx((made - 2.0) / 2.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_quantities_that_are_no_quantities(economy, plan, bad):
    certificate = pe.certify(economy, plan.with_proposal(0, quantity=[0.8, 2.0, bad, 3.0]))
    assert not certificate.feasible
    assert certificate.technology_council == "south"
    assert certificate.technology_violation == np.inf
    assert not certificate.holds(np.inf)


@pytest.mark.parametrize("at", range(4))
def test_shapes_that_do_not_fit_raise(economy, plan, at):
    name = ("quantity", "level", "input", "quantity")[at]
    with pytest.raises(pe.PlanError, match=name):
        pe.certify(economy, plan.with_proposal(at, **{name: np.ones(7)}))


def test_plans_of_another_economy_raise(economy, plan):
    with pytest.raises(pe.PlanError, match="4 families, got 3"):
        pe.certify(economy, Drafted(plan.price, plan.proposals[:3]))
    with pytest.raises(pe.PlanError, match="price"):
        pe.certify(economy, plan.at_prices([1.0]))
    with pytest.raises(pe.PlanError, match=r"consumers\.quantity"):
        pe.certify(economy, Drafted(plan.price, plan.proposals[::-1]))


def test_stated_values_are_not_read(economy, plan):
    # Utilities, spending, benefits and costs are nan throughout these tests.
    assert np.isnan(plan.proposals[0].utility).all()
    assert np.isfinite(pe.certify(economy, plan).welfare)


def test_the_economy_is_the_one_that_was_given(economy, plan):
    poorer = economy.replace(endowment={"bread": 5.5})
    assert pe.certify(economy, plan).feasible
    assert pe.certify(poorer, plan).shortage_good == "bread"


def test_a_certificate_reads_as_a_block(economy, plan):
    certificate = pe.certify(economy, plan.with_proposal(1, level=[3.9]))
    text = str(certificate)
    assert len(text.splitlines()) <= 12
    assert "NOT FEASIBLE" in text
    assert "steel" in text
    assert not text.endswith("\n")
    assert not certificate.holds(1.0)
    assert any("steel" in failure for failure in certificate.failures())


def test_a_certificate_goes_to_json(economy, plan):
    certificate = pe.certify(economy, plan)
    record = json.loads(json.dumps(certificate.to_dict(), allow_nan=False))
    assert record["feasible"] is True
    assert record["holds"] is certificate.holds()
    assert record["welfare"] == certificate.welfare
    assert record["n_councils"] == 5


def test_a_gap_below_zero_does_not_hold(economy, plan):
    from dataclasses import replace

    fine = replace(pe.certify(economy, plan), surplus=0.0, gap=0.0, budget_unspent=0.0)
    assert not replace(fine, gap=-1e-6).holds(1.0)
    assert replace(fine, gap=0.5).failures(0.1) == ("gap 5.0e-01",)
