"""The bundled economy without a solver: its table balances and the year 2012 stands still in it."""

from __future__ import annotations

import csv
import re
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from economies.market import market
from parecon import economies
from parecon.economies import us_2012
from parecon.errors import EconomyError

ROOT = Path(__file__).parents[2]
DATA = files("parecon.economies").joinpath("data", "us_2012")


def rows(name):
    with DATA.joinpath(f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def table():
    return us_2012.table()


@pytest.fixture(scope="module")
def year():
    return us_2012.benchmark()


def test_names_are_loadable_and_an_unknown_one_is_refused_by_name():
    for name in economies.names():
        assert economies.load(name).n_goods == 72
    with pytest.raises(EconomyError, match="did you mean 'us-2012'"):
        economies.load("us2012")
    with pytest.raises(EconomyError, match="us_1848"):
        economies.benchmark("us_1848")


def test_load_is_fast():
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        economies.load("us-2012")
        best = min(best, time.perf_counter() - start)
    assert best < 0.2


@pytest.mark.parametrize("name", ["sectors", "intermediate_use", "final_demand"])
def test_carried_figures_are_the_source_s(shared_data, name):
    theirs = (shared_data / "us_2012" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    assert DATA.joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines() == theirs


def test_table_keeps_published_outputs_and_balances(table):
    published = np.array([float(row["output"]) for row in rows("sectors")])
    assert np.array_equal(table.output, published)
    cost = table.intermediate.sum(axis=0) + table.labour + table.capital
    np.testing.assert_allclose(cost, published, rtol=1e-14)
    supply = table.output - table.exports + table.imports + table.stocks
    # What is called a delivery of `trade` to importers is the duties, used at home with the goods.
    duties = np.where(np.array(table.sectors) == "trade", table.duties.sum(), 0.0)
    use = table.intermediate.sum(axis=1) + table.final_use.sum(axis=1) + duties
    np.testing.assert_allclose(use, supply, rtol=1e-14)
    for column in (
        "labour",
        "capital",
        "final_use",
        "stocks",
        "exports",
        "imports",
        "duties",
        "emissions",
    ):
        assert np.all(getattr(table, column) >= 0.0), column


def test_balancing_moves_little_and_is_known_to_the_cent(table):
    """The amounts that the documentation states."""
    assert np.abs(table.moved).max() == pytest.approx(12.1, abs=0.05)
    assert np.abs(table.moved).sum() == pytest.approx(89.1, abs=0.05)
    published = np.array(
        [
            [float(row[k]) for k in ("production_taxes", "operating_surplus")]
            for row in rows("sectors")
        ]
    )
    residual = table.capital - published.sum(axis=1)
    assert np.abs(residual).max() == pytest.approx(12.1, abs=0.05)


def test_negative_cells_become_stocks_and_nothing_else(table):
    stocks = {s: v for s, v in zip(table.sectors, table.stocks, strict=True) if v > 0.0}
    expected = {
        "agriculture": 17628.5,
        "food": 23.5 + 1.9,
        "minerals_metals": 13685.4,
        "leisure_hospitality": 85.8,
        "government": 35278.4,
    }
    assert stocks == pytest.approx(expected, rel=1e-12)


def test_duties_are_the_positive_import_cell(table):
    assert table.duties.sum() == pytest.approx(33499.0, rel=1e-14)
    assert np.all(table.duties[14:] == 0.0)
    published = sum(-float(row["imports"]) for row in rows("final_demand"))
    assert (table.imports - table.duties).sum() == pytest.approx(published, rel=1e-14)
    assert table.deficit == pytest.approx(551616.0, abs=1e-6)


def test_budgets_are_worth_the_endowment(year):
    """In any plan the two agree: budgets are spent and nobody profits. So they must here."""
    assert year.price @ year.economy.endowment == pytest.approx(
        year.economy.total_budget, rel=1e-14
    )


def test_the_year_2012_stands_still(year):
    """Prices 1, outputs as published: nobody gains or loses, every good but permits is used up."""
    state = market(year.economy, year.price, year.output)
    for label, cost in state.cost.items():
        np.testing.assert_allclose(cost, state.sale[label], rtol=1e-10, err_msg=label)
    permit = year.economy.goods.index("ghg_permit")
    scarce = np.arange(year.economy.n_goods) != permit
    np.testing.assert_allclose(state.demand[scarce], state.supply[scarce], rtol=1e-10)
    assert state.demand[permit] == pytest.approx(us_2012.table().emissions.sum(), rel=1e-12)
    assert state.supply[permit] == pytest.approx(
        us_2012.NO_BUDGET * state.demand[permit], rel=1e-12
    )


@pytest.mark.parametrize("name", us_2012.Table.__dataclass_fields__)
def test_table_has_no_nan(table, name):
    value = getattr(table, name)
    if isinstance(value, np.ndarray):
        assert np.all(np.isfinite(value))


def test_emission_cut_changes_the_permits_and_nothing_else(year):
    cut, free = economies.load("us-2012"), year.economy
    permit = free.goods.index("ghg_permit")
    assert cut.endowment[permit] == pytest.approx(0.7 * us_2012.table().emissions.sum(), rel=1e-14)
    assert np.array_equal(np.delete(cut.endowment, permit), np.delete(free.endowment, permit))
    for ours, theirs in zip(cut.families, free.families, strict=True):
        assert ours.label == theirs.label
        assert np.array_equal(ours.pattern()[1], theirs.pattern()[1])


def test_elasticities_can_be_overridden_by_nest_and_only_known_ones(year):
    changed = us_2012.economy(
        emission_cut=None, elasticities={"exports": 8.0, "labour_capital": 1.0}
    )
    assert changed.family("exports").elasticity == 8.0
    state = market(changed, year.price, year.output)
    for label, cost in state.cost.items():
        np.testing.assert_allclose(cost, state.sale[label], rtol=1e-10, err_msg=label)
    with pytest.raises(EconomyError, match="did you mean 'exports'"):
        us_2012.economy(elasticities={"export": 8.0})
    for cut in (1.0, float("nan")):
        with pytest.raises(EconomyError, match="emission cut"):
            us_2012.economy(emission_cut=cut)


def test_every_elasticity_stands_in_the_documentation_with_its_source():
    page = (ROOT / "docs" / "examples" / "us-2012.md").read_text(encoding="utf-8")
    documented = re.findall(
        r"^\| `(\w+)` \| (\w+) \| ([\d.]+) \| (\w+) \|", page, flags=re.MULTILINE
    )
    carried = [(r["nest"], r["sector"], r["elasticity"], r["source"]) for r in rows("elasticities")]
    assert documented == carried


def test_every_good_has_a_kind_and_a_unit(year):
    goods = year.economy.goods
    assert len(goods.kind) == len(goods.unit) == len(goods)
    assert goods.unit[goods.index("ghg_permit")] == "million tonnes CO2e"
