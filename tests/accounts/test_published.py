"""Published tables: what they say of themselves is what comes out here."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from parecon import accounts
from parecon.accounts import readers
from parecon.errors import AccountsError, FormatError


@pytest.fixture(scope="module")
def uk(shared_data):
    return readers.uk_ons_2010(shared_data / "uk_ons_2010")


@pytest.fixture(scope="module")
def uk_published(shared_data):
    with np.load(shared_data / "uk_ons_2010" / "uk_ons_2010_ixp.npz") as data:
        arrays = dict(data)
    path = shared_data / "uk_ons_2010" / "published_multipliers_effects.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return arrays, list(csv.DictReader(file))


@pytest.fixture(scope="module")
def germany(shared_data):
    return readers.germany_1995(shared_data / "eurostat_iot")


@pytest.fixture(scope="module")
def useeio_data(shared_data):
    with np.load(shared_data / "useeio_v2" / "useeio_v2.0.1-411.npz") as data:
        return dict(data)


# -- United Kingdom -----------------------------------------------------------------------------


def test_uk_coefficients_and_inverse(uk, uk_published):
    arrays, _ = uk_published
    np.testing.assert_allclose(uk.A, arrays["A_published"], rtol=0, atol=2e-15)
    np.testing.assert_allclose(uk.L, arrays["L_published"], rtol=0, atol=2e-14)


@pytest.mark.parametrize(
    ("of", "effect", "multiplier"),
    [
        ("output", "Output multiplier", "Output multiplier"),
        ("income", "Employment cost effects", "Employment cost multiplier"),
        ("value added", "GVA effects", "GVA multiplier"),
    ],
)
def test_uk_multipliers_of_all_127_products(uk, uk_published, of, effect, multiplier):
    _, rows = uk_published
    assert [row["uk_row_label"].strip() for row in rows] == list(uk.sectors.text)
    ours = uk.multipliers(of)
    for values, column in ((ours.effect, effect), (ours.multiplier, multiplier)):
        published = np.array([float(row[column]) for row in rows])
        assert len(published) == 127
        np.testing.assert_allclose(values, published, rtol=1e-13, atol=1e-14)


def test_uk_balances_and_is_productive(uk):
    report = uk.check(tol=1e-15)
    assert report.balanced
    assert report.spectral_radius == pytest.approx(0.425, abs=5e-4)


def test_uk_imports_of_final_users(uk):
    households = uk.final_demand.index("Households")
    assert uk.W_Y[uk.factors.of_kind("imports"), households] == pytest.approx([119811.0], abs=0.01)


# -- Germany, Belgium ---------------------------------------------------------------------------


def test_germany_multipliers_as_published(germany):
    output = germany.multipliers("output").effect
    assert np.round(output, 4).tolist() == [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782]
    gva = germany.multipliers("value added").effect
    assert np.round(gva, 4).tolist() == [0.8450, 0.7647, 0.8615, 0.9019, 0.9393, 0.9199]


def test_germany_footprints_add_up_to_what_was_emitted(germany):
    report = germany.check(tol=1e-15)
    assert report.balanced
    assert report.worst == 0.0
    co2 = germany.footprint("CO2")
    # 904,158 kt in all as published, 217,137 of them by households themselves.
    assert co2.total.sum() == pytest.approx(904_158, abs=2.0)
    assert co2.direct[0] == 217_137
    np.testing.assert_allclose(co2.by_product.sum(axis=0), co2.by_source.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(
        co2.by_source.sum(axis=1), germany.F[germany.extensions.index("CO2")], rtol=1e-12
    )


def test_belgium_balances_to_its_rounding(shared_data):
    table = readers.belgium_2020(shared_data / "eurostat_iot")
    report = table.check()
    assert np.abs(report.rows).max() == pytest.approx(0.05, abs=1e-6)
    assert report.spectral_radius == pytest.approx(0.604, abs=5e-4)
    assert report.empty == ("CPA_U",)
    ghg = table.footprint("GHG")
    assert ghg.direct.sum() == pytest.approx(26_064.32, abs=0.01)
    # Imports, negative final demand, are counted as if made at home.
    assert ghg.total.sum() == pytest.approx(table.F[1].sum() + ghg.direct.sum(), rel=1e-6)


# -- USEEIO -------------------------------------------------------------------------------------


@pytest.mark.parametrize("domestic", [False, True])
def test_useeio_inverse_and_total_requirements(shared_data, useeio_data, domestic):
    """L to 1e-14 and N = D L to 1e-14 relative, far inside what is asked (1e-12)."""
    table = readers.useeio_v2(shared_data / "useeio_v2", domestic=domestic)
    tail = "_d" if domestic else ""
    np.testing.assert_allclose(table.L, useeio_data[f"L{tail}"], rtol=0, atol=1e-14)
    N = np.vstack([table.multipliers(name).effect for name in table.extensions])
    np.testing.assert_allclose(N, useeio_data[f"N{tail}"], rtol=2e-14)


def test_useeio_output_of_the_published_final_demand(shared_data, useeio_data):
    table = readers.useeio_v2(shared_data / "useeio_v2")
    demand = useeio_data["y_2012_US_Production_Complete"]
    np.testing.assert_allclose(table.Y.sum(axis=1), demand, rtol=0, atol=1e-3)
    output = table.quantities(demand)
    # What the published figures allow: rows miss q by up to 2.5e7 of 2.9e13 USD.
    assert np.abs(output - table.x).sum() / table.x.sum() < 1e-5
    np.testing.assert_allclose(output, useeio_data["L"] @ demand, rtol=1e-11, atol=1.0)


def test_useeio_is_its_own_make_and_use_tables_under_industry_technology(shared_data, useeio_data):
    """As published: A = B D, by industry technology."""
    symmetric = readers.useeio_v2_supply_use(shared_data / "useeio_v2").symmetric()
    np.testing.assert_allclose(symmetric.A, useeio_data["A"], rtol=0, atol=2e-15)


# -- BEA ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shape", "rows", "columns"),
    [
        ("detail_2017", (402, 402), 26, 14),
        ("summary_2012", (73, 71), 7, 5),
        ("summary_2017", (73, 71), 8, 6),
    ],
)
def test_bea_balances_as_far_as_its_rounding(shared_data, name, shape, rows, columns):
    table = readers.us_bea(shared_data / "us_bea", name)
    assert (len(table.commodities), len(table.industries)) == shape
    report = table.check()
    assert report.balanced
    assert np.abs(report.rows).max() == rows
    assert np.abs(report.columns).max() == columns
    assert not report.make.any()
    assert not report.made.any()


def test_bea_2012_carries_the_bundled_figures(shared_data):
    """The 24 sectors are aggregated from the 71 industries: the same GDP from both sides."""
    summary = readers.us_bea(shared_data / "us_bea", "summary_2012")
    small = readers.us_2012()
    assert small.x.sum() == pytest.approx(summary.x.sum(), rel=1e-6)
    for kind in ("households", "exports"):
        theirs = summary.Y[:, summary.final_demand.of_kind(kind)].sum()
        assert small.Y[:, small.final_demand.of_kind(kind)].sum() == pytest.approx(theirs, rel=1e-6)


def test_bea_detail_market_shares_and_industry_technology(shared_data):
    """Both coefficient matrices from their definition, D B and B D."""
    table = readers.us_bea(shared_data / "us_bea")
    V, U = np.asarray(table.V), np.asarray(table.U)
    q, x = V.sum(axis=0), V.sum(axis=1)
    B, D = U / x, np.divide(V, q, out=np.zeros_like(V), where=q > 0)
    by_commodity = table.symmetric("industry technology")
    np.testing.assert_allclose(by_commodity.A[:, q > 0], (B @ D)[:, q > 0], rtol=0, atol=1e-14)
    made = accounts.repair.unmade_to_factor(table)
    by_industry = made.symmetric("market shares")
    np.testing.assert_allclose(by_industry.A, D @ B, rtol=0, atol=1e-14)
    assert by_commodity.check().spectral_radius == pytest.approx(0.494, abs=5e-4)
    assert by_industry.check().balanced
    with pytest.raises(AccountsError, match=r"'S00402', 'S00300'.*unmade_to_factor"):
        table.symmetric("market shares")


# -- households, the bundled table, errors -------------------------------------------------------


def test_household_expenditure(shared_data):
    spending = readers.uk_household_expenditure(shared_data / "uk_household_expenditure")
    assert spending.spending.shape == (189, 10)
    divisions, shares = spending.shares(1)
    assert len(divisions) == 13
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-14)
    top = [i for i, level in enumerate(spending.level) if level == 1]
    assert spending.all_households[top].sum() == pytest.approx(572.5, abs=0.05)
    # Engel's law: the poorest decile spends a greater share on food.
    assert shares[0, 0] > 1.5 * shares[0, -1]
    with pytest.raises(AccountsError, match="levels 1, 2, 3, got 4"):
        spending.shares(4)


def test_bundled_table_needs_no_data():
    table = readers.us_2012()
    assert table.check().balanced
    assert table.multipliers("employment").unit == "jobs per million USD"
    assert table.value_added.sum() == pytest.approx(16_253_967, rel=1e-6)


def test_what_is_not_there_is_named(tmp_path, shared_data):
    with pytest.raises(AccountsError, match="did you mean 'detail_2017'"):
        readers.us_bea(tmp_path, "detail2017")
    with pytest.raises(FormatError, match="uk_ons_2010_ixp"):
        readers.uk_ons_2010(tmp_path)
    with pytest.raises(FormatError, match=r"table_3_1E"):
        readers.uk_household_expenditure(tmp_path)
    np.savez(tmp_path / "germany_1995.npz", Z=np.eye(2))
    with pytest.raises(FormatError, match="no array 'x'"):
        readers.germany_1995(tmp_path)
