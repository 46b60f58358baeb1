"""Households split by a survey: what stays as published, what the survey decides, what is said."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import parecon as pe
from accounts.tables_for_tests import two_sectors
from parecon import accounts
from parecon.accounts import readers, repair
from parecon.errors import AccountsError, FormatError

GROUPS = ("poor", "rich")
MAPPING = {"corn": ["1"], "iron": ["2.1", "~3"]}


def survey(spending=((6.0, 2.0), (1.0, 9.0), (1.0, 4.0), (5.0, 5.0), (2.0, 8.0))):
    code = ("1", "2", "2.1", "2.2", "3")
    return readers.HouseholdExpenditure(
        code=code,
        item=code,
        level=(1, 1, 2, 2, 1),
        groups=GROUPS,
        spending=np.array(spending),
        all_households=np.mean(spending, axis=1),
        unit="money",
        title="a survey",
    )


def table():
    """Corn 60 and iron 10 to households, who also pay 5 for imports and emit 7."""
    found = two_sectors()
    return found.replace(
        Y=[[60, 10], [10, 0]],
        W_Y=[[0, 0], [5, 0]],
        factors={"wages": "labour", "abroad": "imports"},
    )


def test_goods_stay_as_published_and_groups_spend_what_the_survey_says() -> None:
    before = table()
    after = accounts.split_households(before, survey(), concordance=MAPPING)
    assert after.final_demand.names == ("poor", "rich", "exports")
    assert after.final_demand.kind == ("households", "households", "exports")
    np.testing.assert_allclose(after.Y[:, :2].sum(axis=1), before.Y[:, 0], rtol=1e-14)
    np.testing.assert_allclose(after.W_Y[:, :2].sum(axis=1), before.W_Y[:, 0], rtol=1e-14)
    np.testing.assert_array_equal(after.Y[:, 2], before.Y[:, 1])
    # Items 1 and 2.1 count (3 only shows the way): 7 to 6.
    np.testing.assert_allclose(
        (after.Y.sum(axis=0) + after.W_Y.sum(axis=0))[:2], [75 * 7 / 13, 75 * 6 / 13], rtol=1e-11
    )
    np.testing.assert_allclose(after.F_Y[1, :2], [7 * 7 / 13, 7 * 6 / 13])


def test_ras_keeps_cross_ratios_of_the_survey() -> None:
    """The odds between two goods are those of the items: 6:2 for corn, 1+2 : 4+8 for iron."""
    Y = accounts.split_households(table(), survey(), concordance=MAPPING).Y[:, :2]
    odds = Y[0, 0] * Y[1, 1] / (Y[0, 1] * Y[1, 0])
    assert odds == pytest.approx((6 / 2) / (3 / 12), rel=1e-12)


def test_numbers_of_households_and_totals_can_be_given() -> None:
    after = accounts.split_households(
        table(), survey(), concordance=MAPPING, households=[3, 1], totals=[1, 4], names=["a", "b"]
    )
    assert after.final_demand.names[:2] == ("a", "b")
    np.testing.assert_allclose(
        (after.Y.sum(axis=0) + after.W_Y.sum(axis=0))[:2], [15.0, 60.0], rtol=1e-11
    )
    odds = after.Y[0, 0] * after.Y[1, 1] / (after.Y[0, 1] * after.Y[1, 0])
    assert odds == pytest.approx((6 / 2) / (3 / 12), rel=1e-12)


def test_the_log_says_what_ras_moved() -> None:
    before = table()
    step = accounts.split_households(before, survey(), concordance=MAPPING).log[-1]
    assert step.name == "split_households"
    assert "'households' into 2 groups by a survey" in str(step)
    cells = step.to_pandas().set_index(["block", "row", "column"])
    corn = cells.loc[("Y", "corn", "poor")]
    assert corn.before == pytest.approx(60 * 6 / 8)
    assert step.moved == pytest.approx(np.abs(cells.after - cells.before).sum())
    assert corn.after != corn.before


def test_goods_not_named_go_with_the_star() -> None:
    after = accounts.split_households(table(), survey(), concordance={"*": ["1", "2"]})
    np.testing.assert_allclose(after.Y[:, 0] / after.Y[:, :2].sum(axis=1), 7 / 18, rtol=1e-10)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"corn": ["1"]}, "none for 'iron'"),
        ({**MAPPING, "irony": ["1"]}, "no good 'irony' in the accounts.*'iron'"),
        ({"corn": ["1"], "iron": ["2.11"]}, r"no item '2\.11' in the survey.*2\.1"),
    ],
)
def test_gaps_are_named(mapping, message) -> None:
    with pytest.raises(AccountsError, match=message):
        accounts.split_households(table(), survey(), concordance=mapping)


def test_items_that_nobody_buys_are_named() -> None:
    bought = survey(((6.0, 2.0), (1.0, 9.0), (0.0, 0.0), (5.0, 5.0), (0.0, 0.0)))
    with pytest.raises(AccountsError, match=r"spending on the items 2\.1, ~3 of 'iron'"):
        accounts.split_households(table(), bought, concordance=MAPPING)


def test_other_mistakes_are_named() -> None:
    with pytest.raises(AccountsError, match="expected households above 0, got -1"):
        accounts.split_households(table(), survey(), concordance=MAPPING, households=[1, -1])
    with pytest.raises(AccountsError, match=r"no final demand 'household'.*'households'"):
        accounts.split_households(table(), survey(), concordance=MAPPING, category="household")
    with pytest.raises(AccountsError, match="category 'exports' is there already"):
        accounts.split_households(table(), survey(), concordance=MAPPING, names=["poor", "exports"])
    with pytest.raises(AccountsError, match="expected 2 names of groups, got 1"):
        accounts.split_households(table(), survey(), concordance=MAPPING, names=["poor"])
    split = accounts.split_households(table(), survey(), concordance=MAPPING)
    with pytest.raises(AccountsError, match="one category of kind households, got 'poor', 'rich'"):
        accounts.split_households(split, survey(), concordance=MAPPING)


def test_a_concordance_is_read_from_a_file(tmp_path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("# by hand\nproduct,items\ncorn,1\niron,2.1 ~3\n", encoding="utf-8")
    assert accounts.concordance(path) == {"corn": ("1",), "iron": ("2.1", "~3")}
    path.write_text("product,items\ncorn,1\ncorn,2\n", encoding="utf-8")
    with pytest.raises(FormatError, match="'corn' stands there twice"):
        accounts.concordance(path)
    path.write_text("good,items\ncorn,1\n", encoding="utf-8")
    with pytest.raises(FormatError, match="columns product and items"):
        accounts.concordance(path)
    with pytest.raises(FormatError, match=r"expected a concordance"):
        accounts.concordance(tmp_path / "none.csv")
    with pytest.raises(AccountsError, match="expected uk_ons_2010_coicop or a file, got 'uk_ons'"):
        accounts.concordance("uk_ons")


def test_deciles_of_the_uk(shared_data) -> None:
    table = repair.for_plan(readers.uk_ons_2010(shared_data / "uk_ons_2010"))
    found = readers.uk_household_expenditure(shared_data / "uk_household_expenditure")
    split = accounts.split_households(table, found)
    at = split.final_demand.positions(found.groups)
    was = table.final_demand.index("Households")
    scale = table.Y[:, was].sum()
    np.testing.assert_allclose(split.Y[:, at].sum(axis=1), table.Y[:, was], atol=1e-12 * scale)
    total = split.Y[:, at].sum(axis=0) + split.W_Y[:, at].sum(axis=0)
    # Summed here from the file, by another way: the items of the concordance that are no part of
    # another one in it.
    with (
        (shared_data / "uk_household_expenditure")
        .joinpath("ons_table_3_1E_fye2018_gbp_per_week.csv")
        .open(encoding="utf-8-sig") as file
    ):
        rows = {row["coicop"]: row for row in csv.DictReader(file)}
    named = {item for items in accounts.concordance().values() for item in items}
    counted = {item for item in named if not item.startswith("~")}
    top = {item for item in counted if not any(item.startswith(f"{c}.") for c in counted)}
    spent = np.array([sum(float(rows[item][group]) for item in top) for group in found.groups])
    np.testing.assert_allclose(total / total.sum(), spent / spent.sum(), rtol=1e-10)
    assert split.log[-1].moved < 0.02 * total.sum()  # the survey's spread nearly has its totals

    year = accounts.benchmark(split)
    assert pe.certify(year.economy, accounts.benchmark_year(year), tol=1e-12).holds()
    assert set(found.groups) < set(year.economy.family("households").names)
