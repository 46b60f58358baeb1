"""Make and use tables, and the four ways to one symmetric table."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from accounts.tables_for_tests import random_supply_use
from parecon import accounts
from parecon.errors import AccountsError

SEEDS = st.integers(0, 10_000)


def farm_and_mill():
    """By hand: the mill makes 10 of grain beside its 90 of flour."""
    return accounts.SupplyUse(
        ["grain", "flour"],
        ["farm", "mill"],
        V=[[100, 0], [10, 90]],
        U=[[20, 50], [0, 10]],
        Y=[[40], [80]],
        W=[[80, 40]],
        F=[[200, 100]],
        final_demand={"people": "households"},
        factors={"wages": "labour"},
        extensions=["CO2"],
        unit="money",
    )


def test_definitions():
    table = farm_and_mill()
    assert table.q.tolist() == [110.0, 90.0]
    assert table.x.tolist() == [100.0, 100.0]
    assert table.B.tolist() == [[0.2, 0.5], [0.0, 0.1]]
    np.testing.assert_allclose(table.D, [[100 / 110, 0], [10 / 110, 1]], rtol=1e-15)
    assert table.check(tol=1e-15).balanced


def test_industry_technology_by_hand():
    """A tenth of the mill's inputs goes to grain."""
    table = farm_and_mill().symmetric("industry technology")
    assert pytest.approx(np.array([[25.0, 45.0], [1.0, 9.0]])) == table.Z
    assert pytest.approx(np.array([[84.0, 36.0]])) == table.W
    assert pytest.approx(np.array([[210.0, 90.0]])) == table.F
    assert table.sectors.names == ("grain", "flour")


def test_commodity_technology_by_hand():
    """The mill's 10 of grain cost what they cost the farm: 2 of grain, 8 of wages."""
    table = farm_and_mill().symmetric("commodity technology")
    assert pytest.approx(np.array([[22.0, 48.0], [0.0, 10.0]])) == table.Z
    assert pytest.approx(np.array([[88.0, 32.0]])) == table.W


def test_market_shares_by_hand():
    """Every buyer of grain gets an eleventh of it from the mill."""
    table = farm_and_mill().symmetric("market shares")
    assert table.sectors.names == ("farm", "mill")
    assert pytest.approx(np.array([[20 / 1.1, 50 / 1.1], [2 / 1.1, 5 / 1.1 + 10]])) == table.Z
    assert pytest.approx(np.array([[40 / 1.1], [4 / 1.1 + 80]])) == table.Y
    assert table.W.tolist() == [[80.0, 40.0]]


@pytest.mark.parametrize("model", accounts.MODELS)
@given(seed=SEEDS)
def test_what_balances_stays_balanced_and_totals_stay(model, seed):
    made = random_supply_use(np.random.default_rng(seed), n=4, m=4)
    table = made.symmetric(model)
    assert table.check(tol=1e-11).balanced
    assert table.W.sum() == pytest.approx(made.W.sum())
    assert table.F.sum() == pytest.approx(made.F.sum())
    assert table.Y.sum() == pytest.approx(made.Y.sum())
    assert model in str(table.log[-1])


@pytest.mark.parametrize("model", ["industry technology", "market shares"])
@given(seed=SEEDS)
def test_more_commodities_than_industries(model, seed):
    made = random_supply_use(np.random.default_rng(seed))
    table = made.symmetric(model)
    assert table.check(tol=1e-11).balanced
    sparse = made.replace(V=sp.csr_array(made.V), U=sp.csr_array(made.U)).symmetric(model)
    assert sp.issparse(sparse.Z)
    np.testing.assert_allclose(sparse.Z.toarray(), table.Z, rtol=1e-12)


@given(SEEDS)
def test_without_joint_production_all_four_are_the_use_table(seed):
    made = random_supply_use(np.random.default_rng(seed), n=4, m=4)
    x = made.U.sum(axis=1) + made.Y.sum(axis=1)
    table = made.replace(V=np.diag(x), q=x, x=x, W=[x - made.U.sum(axis=0)])
    for model in accounts.MODELS:
        np.testing.assert_allclose(table.symmetric(model).Z, table.U, rtol=1e-12, err_msg=model)


@given(SEEDS)
def test_multipliers_of_models_d_and_b_agree_where_they_must(seed):
    """What all final demand emits is the same by commodities (B D) and by industries (D B)."""
    made = random_supply_use(np.random.default_rng(seed))
    by_commodity = made.symmetric("industry technology").footprint("CO2").total.sum()
    by_industry = made.symmetric("market shares").footprint("CO2").total.sum()
    assert by_commodity == pytest.approx(by_industry, rel=1e-10)
    assert by_commodity == pytest.approx(made.F.sum(), rel=1e-10)


def test_what_cannot_be_transformed_is_said():
    table = random_supply_use(np.random.default_rng(1))
    with pytest.raises(AccountsError, match="as many commodities as industries, got 5 and 4"):
        table.symmetric("commodity technology")
    with pytest.raises(AccountsError, match="did you mean 'market shares'"):
        table.symmetric("market share")
    twins = farm_and_mill().replace(V=[[50, 45], [50, 45]], q=[100, 90], x=[95, 95])
    with pytest.raises(AccountsError, match="singular"):
        twins.symmetric("fixed industry sales")
    none = farm_and_mill().replace(V=[[100, 0], [10, 0]], q=[110, 0], x=[100, 10])
    with pytest.raises(AccountsError, match="output of every commodity, got none of 'flour'"):
        none.symmetric("commodity technology")
    with pytest.raises(AccountsError, match=r"maker of every commodity.*'flour'"):
        none.symmetric("market shares")
