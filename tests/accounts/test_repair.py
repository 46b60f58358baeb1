"""Repairs: they do what they say, and they say what they do."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from accounts.tables_for_tests import random_supply_use, random_table, two_sectors
from parecon import accounts
from parecon.accounts import readers, repair
from parecon.errors import AccountsError

SEEDS = st.integers(0, 10_000)


def disturbed(seed, *, sparse=False):
    """A balanced table with one per cent of noise in every cell, signs kept."""
    rng = np.random.default_rng(seed)
    table = random_table(rng, negative=True)

    def noise(block):
        return block * rng.uniform(0.99, 1.01, block.shape)

    Z = noise(table.Z)
    return table.replace(Z=sp.csr_array(Z) if sparse else Z, Y=noise(table.Y), W=noise(table.W))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("hold", ["value added", "final demand"])
@given(seed=SEEDS)
def test_ras_balances_and_keeps_signs_and_margins(seed, sparse, hold):
    before = disturbed(seed, sparse=sparse)
    after = repair.ras(before, hold=hold)
    assert after.check(tol=1e-10).balanced
    use, new = (np.asarray(sp.csr_array(t.Z).toarray()) for t in (before, after))
    assert np.array_equal(np.sign(use), np.sign(new))
    assert np.array_equal(np.sign(before.Y), np.sign(after.Y))
    assert np.array_equal(before.x, after.x)
    if hold == "value added":
        assert np.array_equal(before.W, after.W)
    else:
        np.testing.assert_allclose(after.Y.sum(axis=0), before.Y.sum(axis=0), rtol=1e-9)
    step = after.log[-1]
    assert step.name == "ras"
    recorded = np.abs(new - use).sum() + np.abs(after.Y - before.Y).sum()
    assert step.moved == pytest.approx(recorded + np.abs(after.W - before.W).sum(), rel=1e-9)


def test_ras_says_which_row_cannot_be():
    table = two_sectors().replace(Z=[[0, 0], [30, 10]], Y=[[0, 0], [-10, 20]])
    with pytest.raises(AccountsError, match=r"ras: rows: expected cells.*'corn' \(total 100\)"):
        repair.ras(table)
    with pytest.raises(AccountsError, match="expected to hold"):
        repair.ras(table, hold="everything")


@given(SEEDS)
def test_residuals_go_where_they_are_sent_and_nowhere_else(seed):
    before = disturbed(seed)
    after = repair.close_rows(repair.close_columns(before, "surplus"), "heaps")
    report = after.check(tol=1e-13)
    assert report.balanced
    assert np.array_equal(before.Z, after.Z)
    assert np.array_equal(before.W[0], after.W[0])
    assert np.array_equal(before.Y[:, :2], after.Y[:, :2])
    residual = before.check().columns
    assert after.log[0].moved == pytest.approx(np.abs(residual).sum(), rel=1e-9)
    assert [step.name for step in after.log] == ["close_columns", "close_rows"]
    worst = before.sectors[int(np.abs(residual).argmax())]
    assert after.log[0].where == f"W: surplus -> {worst}"
    assert before.log == ()


def test_rows_close_by_their_largest_use_unless_told():
    table = two_sectors().replace(x=[103, 50])
    after = repair.close_rows(table)
    assert after.Y[0].tolist() == [63.0, 10.0]
    assert "the largest final use" in str(after.log[-1])
    with pytest.raises(AccountsError, match="did you mean 'exports'"):
        repair.close_rows(table, "export")


def test_drawn_stocks_are_supply():
    after = repair.draw_stocks(two_sectors())
    assert after.final_demand.kind[-1] == "stocks"
    assert after.Y.tolist() == [[60, 10, 0], [0, 20, -10]]
    assert after.check().balanced
    assert not after.check().negatives
    assert after.F_Y.shape == (2, 3)
    step = after.log[-1]
    assert (step.n_cells, step.moved, step.where) == (1, 10.0, "Y: iron -> households")
    again = repair.draw_stocks(after.replace(Y=[[60, 10, 0], [0, 20, -10]]))
    assert len(again.final_demand) == 3
    assert again.log[-1].n_cells == 0
    with pytest.raises(AccountsError, match="'exports' is of kind 'exports'"):
        repair.draw_stocks(two_sectors(), name="exports")


@pytest.mark.parametrize("sparse", [False, True])
@given(seed=SEEDS)
def test_negative_use_becomes_zero_and_sums_stay(seed, sparse):
    before = random_table(np.random.default_rng(seed), negative=True)
    if sparse:
        before = before.replace(Z=sp.csr_array(before.Z))
    after = repair.zero_negative_use(before, factor="surplus")
    assert sp.issparse(after.Z) == sparse
    assert after.Z.min() == 0.0
    for residual in ("rows", "columns"):
        assert getattr(after.check(), residual) == pytest.approx(
            getattr(before.check(), residual), abs=1e-12
        )
    assert after.log[-1].moved == pytest.approx(3 * 0.5)


@given(SEEDS)
def test_negative_use_becomes_output_where_the_make_table_is_known(seed):
    made = random_supply_use(np.random.default_rng(seed))
    U = np.array(made.U)
    U[3, 1] -= U[3, 1] + 2.0
    table = made.replace(U=U)
    after = repair.negative_use_to_make(table)
    assert after.V[1, 3] == made.V[1, 3] + 2.0
    assert after.U.min() >= 0.0
    for residual in ("rows", "columns", "make", "made"):
        assert getattr(after.check(), residual) == pytest.approx(
            getattr(table.check(), residual), abs=1e-11
        )


def test_empty_rows_and_columns_go():
    table = accounts.InputOutput(
        ["corn", "dust", "iron"],
        [[10, 0, 20], [0, 0, 0], [30, 0, 10]],
        Y=[[70], [0], [10]],
        final_demand=["people"],
    )
    after = repair.remove_empty(table)
    assert after.sectors.names == ("corn", "iron")
    assert after.Z.tolist() == [[10, 20], [30, 10]]
    assert "removed dust" in str(after)
    assert "nothing was empty" in str(repair.remove_empty(after))
    pair = accounts.SupplyUse(["a", "b"], ["i", "j"], [[5, 0], [0, 0]], np.zeros((2, 2)))
    assert "1 commodities x 1 industries" in repr(repair.remove_empty(pair))


def test_factors_and_categories_are_added_up():
    table = readers.us_2012()
    after = repair.merge_factors(table, ["operating_surplus", "production_taxes"], "capital")
    assert (
        after.factors.names == ("compensation", "capital") or after.factors.names[-1] == "capital"
    )
    np.testing.assert_allclose(after.W.sum(axis=0), table.W.sum(axis=0), rtol=1e-14)
    assert after.W.min() >= 0.0
    kept = repair.merge_factors(
        table, ["operating_surplus", "production_taxes"], "operating_surplus"
    )
    assert kept.factors.kind[kept.factors.index("operating_surplus")] == "capital"
    demand = repair.merge_final_demand(table, ["fixed_investment", "inventories"], "forming")
    assert demand.Y[:, demand.final_demand.index("forming")] == pytest.approx(
        table.Y[:, 1] + table.Y[:, 2]
    )
    assert demand.check().rows == pytest.approx(table.check().rows, abs=1e-8)
    with pytest.raises(AccountsError, match="is there already"):
        repair.merge_factors(table, ["operating_surplus", "production_taxes"], "compensation")


def test_unmade_commodities_become_factors():
    table = accounts.SupplyUse(
        ["corn", "spice"],
        ["farm"],
        [[100, 0]],
        [[10], [20]],
        Y=[[90, 0], [5, -25]],
        W=[[70]],
        final_demand={"people": "households", "abroad": "imports"},
        factors={"wages": "labour"},
    )
    after = repair.unmade_to_factor(table)
    assert after.commodities.names == ("corn",)
    assert after.factors.names == ("wages", "spice")
    assert after.W.tolist() == [[70], [20]]
    assert after.W_Y.tolist() == [[0, 0], [5, 0]]
    assert after.check().balanced
    assert after.symmetric("market shares").check().balanced


@pytest.mark.parametrize("rectangular", [False, True])
def test_losses_become_purchases(rectangular):
    if rectangular:
        made = random_supply_use(np.random.default_rng(5))
        W = np.vstack([made.W[0] + [0, 7, 0, 0], [0, -7, 0, 0]])
        table = made.replace(W=W, W_Y=None, factors={"wages": "labour", "surplus": "capital"})
        category, main, x = "people", 1, table.x[1]
    else:
        table = two_sectors().replace(W=[[60, 22], [0, -2]])
        category, main, x = "households", 1, 50.0
    after = repair.subsidies_as_purchases(table, table.factors[1], category)
    assert after.W.min() >= 0.0
    assert after.industry_output[1] == pytest.approx(x + (7 if rectangular else 2))
    for residual in ("rows", "columns"):
        assert getattr(after.check(), residual) == pytest.approx(
            getattr(table.check(), residual), abs=1e-11
        )
    assert after.Y[main, 0] == pytest.approx(table.Y[main, 0] + (7 if rectangular else 2))


def test_published_totals_give_way_to_the_make_table():
    made = random_supply_use(np.random.default_rng(2))
    table = made.replace(q=made.q + 1.0)
    assert table.check().make == pytest.approx(np.ones(5))
    after = repair.close_make(table)
    assert after.check().balanced
    assert after.log[-1].n_cells == 5


def test_the_log_as_a_frame():
    pytest.importorskip("pandas")
    frame = repair.draw_stocks(two_sectors()).log[-1].to_pandas()
    assert frame.values.tolist() == [["Y", "iron", "households", -10.0, 0.0]]


def test_the_bundled_table_can_be_made_exact():
    """The steps of the economy us-2012, here by name."""
    table = repair.merge_factors(
        readers.us_2012(), ["operating_surplus", "production_taxes"], "capital", kind="capital"
    )
    table = repair.close_columns(table, "capital")
    table = repair.draw_stocks(repair.close_rows(table))
    report = table.check(tol=1e-15)
    assert report.balanced
    assert not report.negatives
    # The figures that docs/examples/us-2012.md states: in all, at most.
    columns, rows = table.log[1], table.log[2]
    assert (round(columns.moved, 1), round(columns.largest, 1)) == (95.1, 12.1)
    assert (round(rows.moved, 1), round(rows.largest, 1)) == (89.1, 12.1)


@pytest.mark.parametrize("name", ["summary_2012", "summary_2017"])
def test_the_recipe_does_the_same_to_sparse_tables(shared_data, name):
    dense = readers.us_bea(shared_data / "us_bea", name)
    sparse = dense.replace(U=sp.csr_array(dense.U), V=sp.csr_array(dense.V))
    ours, theirs = repair.for_plan(sparse), repair.for_plan(dense)
    assert [str(step) for step in ours.log] == [str(step) for step in theirs.log]
    np.testing.assert_allclose(ours.U.toarray(), theirs.U, rtol=1e-14)
    np.testing.assert_allclose(
        accounts.calibrate(ours).endowment, accounts.calibrate(theirs).endowment
    )


# -- visitors -------------------------------------------------------------------------------------


def with_visitors(line=(-9, 10), *, final_demand=None, Y=None):
    """Visitors buy for 9 what the people buy; beyond it the line exports 1."""
    return accounts.SupplyUse(
        ["bread", "beer", "visitors"],
        ["bakery", "brewery", "other"],
        [[100, 0, 0], [0, 50, 0], [0, 0, 1]],
        [[10, 10, 0], [0, 0, 0], [0, 0, 0]],
        Y=Y or [[60, 20], [30, 20], line],
        W=[[90, 40, 1]],
        final_demand=final_demand or {"people": "households", "abroad": "exports"},
        factors={"labour": "labour"},
    )


def test_visitors_purchases_are_exported_good_by_good():
    before = with_visitors()
    after = repair.visitors_as_exports(before, "visitors")
    np.testing.assert_allclose(after.Y, [[54, 26], [27, 23], [0, 1]], rtol=1e-15)
    np.testing.assert_allclose(after.Y.sum(axis=1), before.Y.sum(axis=1), rtol=1e-15)
    np.testing.assert_allclose(after.Y.sum(axis=0), before.Y.sum(axis=0), rtol=1e-15)
    step = after.log[-1]
    assert (step.name, step.n_cells, step.moved) == ("visitors_as_exports", 6, 36.0)
    assert step.what == "purchases of visitors, in 'visitors', from 'people' to 'abroad'"
    assert after.check(tol=1e-14).balanced


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        ((9, 10), {}, "expected a correction in 'visitors', less than 0 for 'people'"),
        ((-9, 8), {}, "got -9 and 8"),
        ((-9, 10), {"households": "peopel"}, "no final demand 'peopel'; did you mean 'people'"),
    ],
)
def test_a_line_that_corrects_nothing_is_refused(line, options, message):
    with pytest.raises(AccountsError, match=message):
        repair.visitors_as_exports(with_visitors(line), "visitors", **options)


def test_categories_of_visitors_have_to_be_named_where_there_are_several():
    demand = {"people": "households", "guests": "households", "abroad": "exports"}
    two = with_visitors(final_demand=demand, Y=[[60, 0, 20], [30, 0, 20], [-9, 0, 10]])
    with pytest.raises(AccountsError, match="one category of kind households, got 'people', 'gue"):
        repair.visitors_as_exports(two, "visitors")
    assert repair.visitors_as_exports(two, "visitors", households="people").Y[0, 2] == 26.0


def test_visitors_to_the_united_states(shared_data):
    for table, line in (
        (readers.us_bea(shared_data / "us_bea"), "S00900"),
        (readers.us_bea(shared_data / "us_bea", "summary_2017"), "Other"),
        (readers.useeio_v2(shared_data / "useeio_v2"), "S00900"),
    ):
        after = repair.visitors_as_exports(table, line)
        home = after.final_demand.of_kind("households")[0]
        assert after.Y[after.goods.index(line), home] == 0.0
        np.testing.assert_allclose(after.Y.sum(axis=0), table.Y.sum(axis=0), rtol=1e-12)
