"""Calibration: the year of the accounts is the plan, to rounding, and the certificate says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from accounts.tables_for_tests import random_supply_use, random_table, two_sectors
from economies.market import market
from parecon import accounts
from parecon.accounts import Elasticities, Energy, readers, repair
from parecon.economies import us_2012
from parecon.errors import AccountsError

SEEDS = st.integers(0, 10_000)

PUBLISHED = {
    "germany": lambda data: readers.germany_1995(data / "eurostat_iot"),
    "belgium": lambda data: readers.belgium_2020(data / "eurostat_iot"),
    "uk": lambda data: readers.uk_ons_2010(data / "uk_ons_2010"),
    "us, 73 x 71, 2012": lambda data: readers.us_bea(data / "us_bea", "summary_2012"),
    "us, 73 x 71, 2017": lambda data: readers.us_bea(data / "us_bea", "summary_2017"),
    "us, 402 x 402": lambda data: readers.us_bea(data / "us_bea"),
    "useeio": lambda data: readers.useeio_v2(data / "useeio_v2"),
    "useeio, domestic": lambda data: readers.useeio_v2(data / "useeio_v2", domestic=True),
    "useeio, make and use": lambda data: readers.useeio_v2_supply_use(data / "useeio_v2"),
}


def open_economy():
    """All that calibration treats apart, in four goods.

    Corn is made, imported and exported; spice is only imported; gold is exported beyond what is
    made; freight earns a margin on imports; the state sells old iron from stock.
    """
    return accounts.SupplyUse(
        ["corn", "spice", "gold", "freight", "iron"],
        ["farm", "mine", "carrier"],
        V=[[100, 0, 0, 0, 0], [0, 0, 10, 0, 40], [2, 0, 0, 30, 0]],
        U=[[20, 5, 2], [3, 0, 0], [0, 4, 0], [6, 4, 1], [10, 5, 3]],
        Y=[
            [60, 10, 15, -10, 0],
            [9, 0, 0, -12, 0],
            [0, 0, 26, -20, 0],
            [10, 3, 2, 4, 0],
            [20, 10, 0, 0, -8],
        ],
        W=[[41, 20, 16], [20, 12, 10]],
        F=[[50, 30, 20]],
        final_demand={
            "people": "households",
            "state": "government",
            "abroad": "exports",
            "imports": "imports",
            "stocks": "stocks",
        },
        factors={"labour": "labour", "capital": "capital"},
        extensions=accounts.Labels(["smoke"], kind="emission", unit="t"),
        unit="ducats",
    )


def assert_stands_still(benchmark, tol=1e-12):
    """By formulas that share nothing with calibration, and by the certificate."""
    state = market(benchmark.economy, benchmark.price, benchmark.output)
    for label, cost in state.cost.items():
        np.testing.assert_allclose(cost, state.sale[label], rtol=tol, err_msg=label)
    scarce = benchmark.price > 0.0
    np.testing.assert_allclose(
        state.demand[scarce], state.supply[scarce], rtol=tol, atol=tol * state.supply.max()
    )
    certificate = pe.certify(benchmark.economy, accounts.benchmark_year(benchmark), tol=tol)
    assert certificate.holds(tol), certificate


def assert_is_the_plan(benchmark, tol=1e-8):
    plan = pe.solve(benchmark.economy, tol=1e-12)
    plan.raise_if_not_solved()
    scarce = benchmark.price > 0.0
    np.testing.assert_allclose(plan.price[scarce], 1.0, rtol=tol)
    for label, output in benchmark.output.items():
        proposal = plan.proposal(label)
        planned = proposal.output if hasattr(proposal, "output") else proposal.level
        np.testing.assert_allclose(planned, output, rtol=tol, err_msg=label)


# -- by hand ------------------------------------------------------------------------------------


def test_every_kind_of_flow_has_its_place():
    benchmark = accounts.benchmark(open_economy(), caps=["smoke"])
    economy = benchmark.economy
    assert list(economy.goods) == [
        *("corn", "gold", "freight", "iron"),
        *("corn_import", "spice_import", "gold_import", "corn_supply", "gold_supply"),
        *("labour", "capital", "foreign_exchange", "smoke_permit"),
    ]
    endowment = dict(zip(economy.goods, economy.endowment.tolist(), strict=True))
    assert {name: e for name, e in endowment.items() if e} == {
        "iron": 8.0,
        "labour": 77.0,
        "capital": 42.0,
        "smoke_permit": 200.0,
        # abroad: 15 + 26 + 2 earned, 42 - 4 paid: a surplus, which somebody keeps
    }
    assert economy.family("abroad").budget.tolist() == [5.0]
    assert benchmark.output["industries"].tolist() == [100.0, 50.0, 32.0]
    # The mine makes gold and iron, the carrier freight and a little corn, each in a fixed mix.
    industries = economy.family("industries")
    assert isinstance(industries, pe.JointWorkers)
    assert industries.outputs.leaf_start.tolist() == [0, 1, 3, 5]
    assert industries.outputs.leaf_good.tolist() == [0, 1, 3, 0, 2]
    assert industries.outputs.path_share().tolist() == [1.0, 0.2, 0.8, 0.0625, 0.9375]
    assert industries.outputs.node_elasticity.tolist() == [0.0, 0.0, 0.0]
    assert benchmark.output["imports"].tolist() == [10.0, 12.0, 20.0]
    # Corn at home: 102 made, 15 exported, 10 imported. Gold is exported beyond what is made.
    assert benchmark.output["home_supply"].tolist() == [97.0, 30.0]
    assert benchmark.output["exports"].tolist() == [43.0]
    assert_stands_still(benchmark)
    assert_is_the_plan(benchmark)


def test_a_deficit_is_an_endowment_of_foreign_exchange():
    table = open_economy().replace(
        Y=[
            [65, 10, 10, -10, 0],
            [9, 0, 0, -12, 0],
            [8, 0, 18, -20, 0],
            [12, 3, 0, 4, 0],
            [20, 10, 0, 0, -8],
        ]
    )
    economy = accounts.calibrate(table)
    exchange = economy.goods.index("foreign_exchange")
    assert economy.endowment[exchange] == pytest.approx(38.0 - 28.0)
    assert "abroad" not in [family.label for family in economy.families]
    assert_stands_still(accounts.benchmark(table))


def test_a_table_without_trade_has_no_foreign_exchange():
    table = two_sectors().replace(
        Y=[[60, 10], [0, 10]], final_demand={"a": "households", "b": "investment"}
    )
    benchmark = accounts.benchmark(table)
    assert list(benchmark.economy.goods) == ["corn", "iron", "wages", "rent"]
    assert [family.label for family in benchmark.economy.families] == [
        *("industries", "households", "capital_formation")
    ]
    assert_is_the_plan(benchmark)


def test_imports_that_are_only_a_row_are_bought_as_one_good():
    table = two_sectors().replace(
        Y=[[60, 10], [0, 10]],
        W_Y=[[0, 0], [4, 1]],
        factors={"wages": "labour", "foreign goods": "imports"},
    )
    benchmark = accounts.benchmark(table)
    assert benchmark.output["imports"].tolist() == [40.0]
    assert benchmark.output["exports"].tolist() == [21.0]
    assert_is_the_plan(benchmark)


# -- all tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rectangular", [False, True])
@given(seed=SEEDS)
def test_random_tables_stand_still(seed, rectangular):
    rng = np.random.default_rng(seed)
    table = (
        random_supply_use(rng) if rectangular else repair.for_plan(random_table(rng, negative=True))
    )
    extension = table.extensions[0]
    assert_stands_still(accounts.benchmark(table, caps={extension: None}), tol=1e-11)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_tables_stand_still(shared_data, name):
    """The certificate of the year itself: gap, clearance, budgets and profits at 1e-12."""
    published = PUBLISHED[name](shared_data)
    table = repair.for_plan(published)
    assert table.check(tol=1e-14).balanced
    caps = ["GHG"] if "GHG" in table.extensions else []
    assert_stands_still(accounts.benchmark(table, caps=caps))
    # Quantities as published, but where the log says otherwise.
    bent = {"subsidies_as_purchases", "negative_use_to_make", "close_make"}
    assert {step.name for step in table.log} <= bent | {
        *("merge_factors", "zero_negative_use", "close_columns", "close_rows", "draw_stocks"),
        "remove_empty",
    }
    kept = [table.industries.index(i) for i in published.industries if i in table.industries]
    before = published.industry_output[[i in table.industries for i in published.industries]]
    changed = np.abs(table.industry_output[kept] - before).sum()
    assert changed <= sum(step.moved for step in table.log if step.name in bent)
    assert changed < 5e-3 * before.sum()


def test_the_bundled_table_is_its_own_plan_and_that_of_us_2012():
    table = repair.for_plan(readers.us_2012())
    benchmark = accounts.benchmark(table, caps=["ghg_kg_co2e"])
    assert_is_the_plan(benchmark)
    theirs = us_2012.benchmark()
    assert benchmark.economy.n_goods == theirs.economy.n_goods
    ours = dict(zip(table.sectors, benchmark.output["industries"], strict=True))
    for label in ("industries", "energy_industries"):
        family = theirs.economy.family(label)
        for j, output in enumerate(theirs.output[label]):
            assert ours[family.council_name(j)] == pytest.approx(output, rel=1e-12)
    # Rows are closed by exports too where these are the largest use: 3.8 million USD of difference.
    assert benchmark.economy.total_budget == pytest.approx(theirs.economy.total_budget, rel=1e-6)


# -- choices ------------------------------------------------------------------------------------


def test_energy_and_elasticities_change_answers_and_not_the_year():
    table = repair.for_plan(readers.us_2012())
    energy = Energy(
        power=["utilities"],
        fuels=["oil_gas", "petroleum"],
        transforming=["oil_gas", "petroleum", "utilities"],
    )
    elasticities = Elasticities(
        materials=0.3, home_import={"oil_gas": 5.2, "utilities": 0.3}, exports=8.0
    )
    benchmark = accounts.benchmark(
        table, energy=energy, elasticities=elasticities, caps={"ghg_kg_co2e": None}
    )
    assert_stands_still(benchmark)
    economy = benchmark.economy
    assert len(economy.family("industries").names) == 21
    assert economy.family("energy_industries").names == ("oil_gas", "utilities", "petroleum")
    assert economy.family("industries").nests.depth == 4
    home = economy.family("home_supply")
    of = dict(zip(home.names, home.elasticity.tolist(), strict=True))
    assert (of["oil_gas"], of["utilities"], of["food"]) == (5.2, 0.3, 2.5)
    assert economy.family("exports").elasticity.tolist() == [8.0]


def test_exports_transformed_are_goods_apart_and_change_answers_and_not_the_year():
    benchmark = accounts.benchmark(
        open_economy(), elasticities=Elasticities(transformation=2.0, products=0.5), caps=["smoke"]
    )
    economy = benchmark.economy
    # Corn and freight are sold on both markets; gold is exported beyond what is made, iron is not.
    assert [name for name in economy.goods if "_export" in name] == [
        *("corn_export", "freight_export")
    ]
    outputs = economy.family("industries").outputs
    assert sorted(set(outputs.node_elasticity.tolist())) == [0.5, 2.0]
    made = dict(
        zip(
            (economy.goods.name(int(i)) for i in outputs.leaf_good[:2]),
            outputs.path_share()[:2].tolist(),
            strict=True,
        )
    )
    assert made == pytest.approx({"corn": 87 / 102, "corn_export": 15 / 102})
    assert_stands_still(benchmark)
    assert_is_the_plan(benchmark)


def test_exports_transformed_answer_to_the_price_abroad():
    """By hand: d log(exports / home) = t d log(price abroad / price at home)."""
    by_name = Elasticities(transformation={"corn": 3.0})
    economy = accounts.calibrate(open_economy(), elasticities=by_name)
    goods = economy.goods
    assert "freight_export" not in goods.names
    # Foreigners give half as much for the same: foreign exchange becomes dear.
    exports = economy.family("exports")
    economy = economy.replace(families={"exports": {"productivity": 0.5 * exports.productivity}})
    plan = pe.solve(economy, tol=1e-10)
    plan.raise_if_not_solved()
    family, made = economy.family("industries"), plan.proposal("industries")
    start, good = family.made_pattern()
    corn = [goods.index(name) for name in ("corn", "corn_export")]
    home, abroad = (float(made.outputs[start[0] + k]) for k in range(2))
    assert good[:2].tolist() == corn
    price = plan.price[corn]
    assert abs(price[1] / price[0] - 1.0) > 0.01
    ratio = (15 / 87) * (price[1] / price[0]) ** 3.0
    assert abroad / home == pytest.approx(ratio, rel=1e-6)


def test_a_transformation_of_a_good_of_another_name_is_refused():
    with pytest.raises(AccountsError, match="elasticity transformation: no 'cron'; did you mean"):
        accounts.calibrate(open_economy(), elasticities=Elasticities(transformation={"cron": 1.0}))


def test_symmetric_tables_have_joint_workers_only_where_two_markets_are_told_apart():
    table = repair.for_plan(readers.us_2012())
    assert isinstance(accounts.calibrate(table).family("industries"), pe.NestedCESWorkers)
    two = accounts.benchmark(table, elasticities=Elasticities(transformation=2.0))
    assert isinstance(two.economy.family("industries"), pe.JointWorkers)
    assert_stands_still(two)


def test_a_cap_makes_permits_scarce():
    table = repair.for_plan(readers.us_2012())
    economy = accounts.calibrate(table, caps={"ghg_kg_co2e": 0.9})
    permit = economy.goods.index("ghg_kg_co2e_permit")
    assert economy.endowment[permit] == pytest.approx(0.9 * table.F[0].sum())
    plan = pe.solve(economy, tol=1e-8)
    assert plan.status is pe.Status.SOLVED
    assert plan.price[permit] > 0.0
    assert plan.demand[permit] == pytest.approx(0.9 * table.F[0].sum(), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": [100, 55]}, r"rows that balance, got \+5 in row 'iron'; see repair.for_plan"),
        ({"W": [[40, 5], [20, 10]]}, r"columns that balance, got \+5 in column 'iron'"),
        ({}, r"no negative cells, got Y: 1 cell.*iron -> households"),
    ],
)
def test_accounts_that_are_not_ready_are_refused(change, message):
    with pytest.raises(AccountsError, match=message):
        accounts.calibrate(two_sectors().replace(**change))


def test_outputs_that_are_not_those_of_the_make_table_are_refused():
    table = random_supply_use(np.random.default_rng(0))
    with pytest.raises(AccountsError, match="sums of the make table"):
        accounts.calibrate(table.replace(V=np.array(table.V) * 1.001))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"caps": ["smok"]}, "no extension 'smok'; did you mean 'smoke'"),
        ({"caps": "smoke"}, "caps: expected names or a mapping"),
        ({"caps": {"smoke": 0.0}}, "caps: expected a number above 0 for 'smoke'"),
        ({"energy": Energy(power=["ion"])}, "no commodity 'ion'; did you mean 'iron'"),
        ({"energy": Energy(transforming=["mines"])}, "no industry 'mines'; did you mean 'mine'"),
        (
            {"elasticities": Elasticities(home_import={"cron": 1.0})},
            "elasticity home_import: no 'cron'; did you mean",
        ),
        (
            {"elasticities": Elasticities(value_added=-1.0)},
            "elasticity value_added: expected at least 0 and finite, got -1 for 'farm'",
        ),
    ],
)
def test_wrong_choices_are_refused_by_name(options, message):
    with pytest.raises(AccountsError, match=message):
        accounts.calibrate(open_economy(), **options)


def test_the_recipe_leaves_ready_accounts_alone_and_needs_an_owner():
    ready = open_economy()
    assert repair.for_plan(ready).log == ()
    with pytest.raises(AccountsError, match="expected a factor of kind capital, production tax"):
        repair.for_plan(ready.replace(factors={"labour": "labour", "capital": "labour"}))
    loss = ready.replace(W=[[41, 50, 16], [20, -18, 10]], final_demand=["a", "b", "c", "d", "e"])
    with pytest.raises(AccountsError, match="expected a category of kind government"):
        repair.for_plan(loss)
