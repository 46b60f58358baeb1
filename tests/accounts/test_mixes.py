"""Goods of several makers, categories of exports, stocks: nothing replaces all else by a hair."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from accounts.test_calibrate import assert_is_the_plan, assert_stands_still
from parecon import accounts
from parecon.accounts import Elasticities
from parecon.errors import AccountsError


def two_dairies(**changes):
    """Milk of two makers and hides beside it, sold at home and in two regions abroad.

    The farm makes a little milk too. Old hides are drawn from stocks, new ones also imported.
    """
    table = accounts.SupplyUse(
        ["milk", "hides", "tools"],
        ["north", "south", "farm"],
        V=[[60, 5, 0], [40, 0, 0], [4, 15, 80]],
        U=[[0, 0, 10], [5, 2, 3], [20, 8, 2]],
        Y=[
            [74, 15, 5, 0, 0],
            [25, 0, 0, -8, -7],
            [20, 10, 20, 0, 0],
        ],
        W=[[25, 20, 54], [15, 10, 30]],
        F=[[30, 10, 20]],
        final_demand={
            "people": "households",
            "east": "exports",
            "west": "exports",
            "imports": "imports",
            "stocks": "stocks",
        },
        factors={"labour": "labour", "capital": "capital"},
        extensions=accounts.Labels(["smoke"], kind="emission", unit="t"),
    )
    return table.replace(**changes)


def dearer(economy, good, share=0.8):
    """Who makes a good gets less of it from the same inputs."""
    family = economy.family("industries")
    productivity = 1.0 - (1.0 - share) * (np.array(family.names) == good)
    nests = family.nests
    return economy.replace(
        families={"industries": {"nests": nests.replace(scale=nests.scale / productivity)}}
    )


def made_by(plan, good):
    """Of the varieties in a mix, the quantity of each by name."""
    family, proposal = plan.economy.family("product_mix"), plan.proposal("product_mix")
    row = family.names.index(good)
    start, goods = family.pattern()
    own = slice(start[row], start[row + 1])
    names = [plan.economy.goods.name(int(i)) for i in goods[own]]
    return dict(zip(names, proposal.input[own].tolist(), strict=True))


# -- several makers -------------------------------------------------------------------------------


def test_considerable_makers_have_varieties_of_their_own():
    benchmark = accounts.benchmark(two_dairies(), caps=["smoke"])
    economy = benchmark.economy
    varieties = [name for name in economy.goods if "_by_" in name]
    # Hides are 5 of the 65 that north makes, but a quarter of all hides; the farm's milk is
    # neither a tenth of milk nor of what the farm makes, and counts as milk itself.
    assert varieties == [
        *("milk_by_north", "milk_by_south", "hides_by_north", "hides_by_farm"),
    ]
    mix = economy.family("product_mix")
    assert mix.names == ("milk", "hides")
    assert mix.elasticity.tolist() == [5.0, 5.0]
    assert benchmark.output["product_mix"].tolist() == [100.0, 20.0]
    assert_stands_still(benchmark)
    assert_is_the_plan(benchmark)


def test_a_dearer_maker_loses_by_the_elasticity_and_not_altogether():
    """By hand: d log(north / south) = -s d log(price of north / price of south)."""
    dear = dearer(accounts.calibrate(two_dairies()), "north", 0.9)
    plan = pe.solve(dear, tol=1e-10)
    plan.raise_if_not_solved()
    made = made_by(plan, "milk")
    goods = plan.economy.goods
    price = {name: plan.price[goods.index(name)] for name in made}
    ratio = price["milk_by_north"] / price["milk_by_south"]
    assert ratio > 1.02
    expected = (60 / 40) * ratio**-5.0
    assert made["milk_by_north"] / made["milk_by_south"] == pytest.approx(expected, rel=1e-6)


def test_without_an_elasticity_the_cheaper_maker_replaces_the_other():
    economy = accounts.calibrate(two_dairies(), elasticities=Elasticities(makers=None))
    assert "product_mix" not in [family.label for family in economy.families]
    assert not [name for name in economy.goods if "_by_" in name]
    plan = pe.solve(dearer(economy, "north"), tol=1e-8)
    plan.raise_if_not_solved()
    level = dict(zip(("north", "south", "farm"), plan.proposal("industries").level, strict=True))
    assert level["north"] < 1e-3 < 90 < level["south"]


def test_makers_by_name():
    economy = accounts.calibrate(two_dairies(), elasticities=Elasticities(makers={"milk": 2.0}))
    mix = economy.family("product_mix")
    assert mix.names == ("milk",)
    assert mix.elasticity.tolist() == [2.0]
    with pytest.raises(AccountsError, match="elasticity makers: no 'mlik'; did you mean 'milk'"):
        accounts.calibrate(two_dairies(), elasticities=Elasticities(makers={"mlik": 2.0}))


def test_makers_transform_their_own_variety():
    benchmark = accounts.benchmark(two_dairies(), elasticities=Elasticities(transformation=2.0))
    outputs = benchmark.economy.family("industries").outputs
    goods = [benchmark.economy.goods.name(int(i)) for i in outputs.leaf_good]
    of_each = [
        set(goods[a:b]) for a, b in zip(outputs.leaf_start, outputs.leaf_start[1:], strict=False)
    ]
    assert of_each == [
        {"milk_by_north", "milk_export", "hides_by_north"},
        {"milk_by_south", "milk_export"},
        {"milk", "milk_export", "hides_by_farm", "tools", "tools_export"},
    ]
    assert_stands_still(benchmark)
    assert_is_the_plan(benchmark)


# -- several categories of exports ----------------------------------------------------------------


def test_categories_of_exports_earn_goods_of_their_own():
    benchmark = accounts.benchmark(two_dairies())
    economy = benchmark.economy
    exports, mix = economy.family("exports"), economy.family("export_mix")
    assert [economy.goods.name(int(i)) for i in exports.output_good] == ["east", "west"]
    assert [economy.goods.name(int(i)) for i in mix.output_good] == ["foreign_exchange"]
    assert benchmark.output["exports"].tolist() == [25.0, 25.0]
    assert benchmark.output["export_mix"].tolist() == [50.0]


def test_one_category_replaces_another_by_the_elasticity():
    """By hand; perfect substitutes before: milk a little dearer, and the east got nothing."""
    for elasticity in (5.0, 0.0):
        chosen = Elasticities(export_categories=elasticity)
        economy = accounts.calibrate(two_dairies(), elasticities=chosen)
        plan = pe.solve(dearer(dearer(economy, "north", 0.9), "south", 0.9), tol=1e-10)
        plan.raise_if_not_solved()
        price = [plan.price[plan.economy.goods.index(name)] for name in ("east", "west")]
        assert price[0] > 1.01 * price[1]
        east, west = plan.proposal("exports").output
        assert east / west == pytest.approx((price[0] / price[1]) ** -elasticity, rel=1e-6)


def test_one_category_earns_foreign_exchange_itself():
    table = two_dairies()
    merged = accounts.repair.merge_final_demand(table, ["east", "west"], "abroad")
    economy = accounts.calibrate(merged)
    assert "export_mix" not in [family.label for family in economy.families]
    exports = economy.family("exports")
    assert [economy.goods.name(int(i)) for i in exports.output_good] == ["foreign_exchange"]


def test_a_wrong_elasticity_of_categories_is_refused():
    with pytest.raises(AccountsError, match="elasticity export_categories: expected at least 0"):
        accounts.calibrate(two_dairies(), elasticities=Elasticities(export_categories=-1.0))


# -- stocks ---------------------------------------------------------------------------------------


def test_what_is_drawn_from_stocks_is_the_domestic_product():
    """It is mixed with imports like what is made, and cannot make home supply worthless."""
    benchmark = accounts.benchmark(two_dairies())
    economy = benchmark.economy
    endowed = {
        name: e for name, e in zip(economy.goods, economy.endowment.tolist(), strict=True) if e
    }
    assert endowed["hides"] == 7.0
    assert "hides_supply" not in endowed
    supply = economy.family("home_supply")
    assert benchmark.output["home_supply"][supply.names.index("hides")] == 20 + 7 + 8


def test_stocks_of_what_is_only_imported_are_a_domestic_product_too():
    table = two_dairies(
        V=[[60, 0, 0], [40, 0, 0], [4, 0, 80]],
        U=[[0, 0, 10], [5, 2, 3], [20, 8, 2]],
        Y=[[74, 15, 5, 0, 0], [5, 0, 0, -8, -7], [20, 10, 20, 0, 0]],
        W=[[20, 20, 39], [15, 10, 30]],
        q=None,
        x=None,
    )
    benchmark = accounts.benchmark(table)
    goods = benchmark.economy.goods
    assert {"hides", "hides_import", "hides_supply"} <= set(goods)
    assert benchmark.economy.endowment[goods.index("hides")] == 7.0
    assert_stands_still(benchmark)
    assert_is_the_plan(benchmark)
