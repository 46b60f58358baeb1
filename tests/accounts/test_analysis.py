"""Multipliers, footprints, responses, labour values: by hand and by what must add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.tables_for_tests import random_table, two_sectors
from parecon.errors import AccountsError

SEEDS = st.integers(0, 10_000)


def test_multipliers_by_hand():
    """L = [[8, 4], [3, 9]] / 6."""
    table = two_sectors()
    assert table.multipliers().effect == pytest.approx([11 / 6, 13 / 6])
    income = table.multipliers("income")
    assert income.effect == pytest.approx([(0.4 * 8 + 0.1 * 3) / 6, (0.4 * 4 + 0.1 * 9) / 6])
    assert income.multiplier == pytest.approx(income.effect / [0.4, 0.1])
    hours = table.multipliers("employment")
    assert hours.effect == pytest.approx([(2 * 8 + 3) / 6, (2 * 4 + 9) / 6])
    assert hours.unit == "hours per money"
    assert table.multipliers(["wages", "rent"]).effect == pytest.approx(
        table.multipliers("value added").effect
    )
    assert table.multipliers([1.0, 0.0]).effect == pytest.approx([8 / 6, 4 / 6])
    assert str(income).startswith("income: effect per unit of final demand")


def test_without_direct_cost_the_multiplier_is_zero_as_ons_publishes_it():
    table = two_sectors().replace(W=[[0, 5], [60, 15]])
    income = table.multipliers("income")
    assert income.multiplier[0] == 0.0
    assert income.effect[0] > 0.0


@given(SEEDS)
def test_value_added_multipliers_of_a_closed_table_are_one(seed):
    """Every unit of final demand is paid out as value added, where nothing is imported."""
    table = random_table(np.random.default_rng(seed))
    np.testing.assert_allclose(table.multipliers("value added").effect, 1.0, rtol=1e-12)


@given(SEEDS)
def test_footprints_account_for_everything_once(seed):
    table = random_table(np.random.default_rng(seed))
    footprint = table.footprint("jobs")
    assert footprint.total.sum() == pytest.approx(table.F.sum(), rel=1e-12)
    np.testing.assert_allclose(footprint.by_source.sum(axis=1), table.F[0], rtol=1e-11)
    np.testing.assert_allclose(
        footprint.by_product.sum(axis=0), footprint.by_source.sum(axis=0), rtol=1e-12
    )


def test_footprint_of_a_demand_by_name():
    table = two_sectors()
    footprint = table.footprint("smoke", {"iron": 6.0})
    assert footprint.total == pytest.approx([0.1 * 4 + 0.8 * 9])
    assert footprint.by_source.ravel() == pytest.approx([0.4, 7.2])
    assert footprint.direct.tolist() == [0.0]
    own = table.footprint("smoke")
    assert own.direct.tolist() == [7.0, 0.0]
    assert own.total.sum() == pytest.approx(50.0 + 7.0)
    assert str(own).startswith("footprint smoke (t): 57 in all; households ")


@given(SEEDS)
def test_a_response_is_the_difference_of_two_plans(seed):
    rng = np.random.default_rng(seed)
    table = random_table(rng)
    change = {"s0": 3.0, "s4": -1.0}
    response = table.respond(change)
    before, after = table.quantities(), table.quantities(table.final() + table.final(change))
    np.testing.assert_allclose(response.output, after - before, rtol=1e-9, atol=1e-10)
    assert response.extensions["jobs"] == pytest.approx(table.S[0] @ (after - before))
    assert sum(response.factors.values()) == pytest.approx(response.value_added)
    assert response.value_added == pytest.approx(2.0)
    assert "final demand +2" in str(response)


def test_cost_push_by_hand():
    """Wages up by a tenth: p = 1 + .1 times wages in every product."""
    table = two_sectors()
    expected = 1.0 + 0.1 * table.multipliers("wages").effect
    assert table.prices(change={"wages": 0.1}) == pytest.approx(expected)
    with pytest.raises(AccountsError, match="did you mean 'wages'"):
        table.prices(change={"wage": 0.1})
    with pytest.raises(AccountsError, match="either v or changes"):
        table.prices([1, 1], change={"wages": 0.1})


def test_labour_values_by_hand():
    """l = l A + direct: (2 8 + 1 3) / 6 and (2 4 + 1 9) / 6 hours."""
    table = two_sectors()
    assert table.labour_values() == pytest.approx([19 / 6, 17 / 6])
    assert table.labour_values("income") == pytest.approx(table.multipliers("income").effect)
    # All hours are in what is finally used.
    assert table.labour_values() @ table.final() == pytest.approx(table.F[0].sum())


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ("smok", "no factor or extension 'smok'; did you mean 'smoke'"),
        (["wages", "smoke"], "no factor or extension 'wages'"),
        ([1.0, 2.0, 3.0], r"of: expected shape \(2,\)"),
        (["hours", "smoke"], "expected one unit, got hours, t"),
    ],
)
def test_what_cannot_be_asked(of, message):
    with pytest.raises(AccountsError, match=message):
        two_sectors().multipliers(of)


def test_concepts_need_their_kinds():
    table = two_sectors().replace(factors=["wages", "rent"], extensions=["hours", "smoke"])
    with pytest.raises(AccountsError, match="income: expected a factor of kind labour, got none"):
        table.multipliers("income")
    with pytest.raises(AccountsError, match="an extension of kind employment"):
        table.labour_values()


def test_unknown_sectors_are_named():
    with pytest.raises(AccountsError, match="no sector 'corm'; did you mean 'corn'"):
        two_sectors().respond({"corm": 1.0})


def test_records_as_frames():
    pytest.importorskip("pandas")
    table = two_sectors()
    frame = table.multipliers("income").to_pandas()
    assert list(frame.columns) == ["direct", "effect", "multiplier"]
    assert frame.loc["iron", "direct"] == pytest.approx(0.1)
    assert table.respond({"corn": 6.0}).to_pandas().loc["corn", "output"] == pytest.approx(8.0)
