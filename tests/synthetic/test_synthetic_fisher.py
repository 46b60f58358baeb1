"""Linear Fisher markets, drawn and planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parecon import EconomyError
from parecon.synthetic import fisher, planted_fisher
from synthetic.checks import on_pattern, same


def test_density_values_and_supply():
    economy = fisher(400, 50, seed=1)
    value = economy.family("consumers").value
    assert np.all(np.diff(value.indptr) == 10)
    assert 0 < value.data.min() < value.data.max() <= 1
    np.testing.assert_allclose(
        np.quantile(value.data, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.03
    )
    assert np.all(np.bincount(value.indices, minlength=50) > 0)
    assert np.all(economy.endowment == 100)
    assert np.all(economy.family("consumers").budget == 1)


def test_lognormal_budgets():
    budget = fisher(4_000, 10, seed=1, budgets="lognormal").family("consumers").budget
    np.testing.assert_allclose(np.log(budget).std(), 0.5, rtol=0.05)
    np.testing.assert_allclose(np.log(budget).mean(), 0.0, atol=0.03)


def test_a_seed_repeats_and_another_does_not():
    assert same(fisher(50, 20, seed=1), fisher(50, 20, seed=1))
    assert not same(fisher(50, 20, seed=1), fisher(50, 20, seed=2))


@given(
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.integers(1, 30),
    st.sampled_from(["equal", "lognormal"]),
)
def test_the_planted_prices_are_those_of_the_market(seed, n_consumers, n_goods, budgets):
    density = min(1.0, max(0.3, 1.01 * -(-n_goods // n_consumers) / n_goods))
    planted = planted_fisher(n_consumers, n_goods, seed=seed, density=density, budgets=budgets)
    consumers = planted.economy.family("consumers")
    price, budget = planted.price, consumers.budget
    bought = on_pattern(consumers, planted.optimum["consumers"]["quantity"])
    value = consumers.value.toarray()

    np.testing.assert_allclose(bought.sum(axis=0), planted.economy.endowment, rtol=1e-12)
    np.testing.assert_allclose(bought @ price, budget, rtol=1e-12)
    best = (value / price).max(axis=1)
    spent_well = (bought * value).sum(axis=1)
    np.testing.assert_allclose(spent_well, best * budget, rtol=1e-12)
    np.testing.assert_allclose(planted.optimum["consumers"]["utility"], spent_well, rtol=1e-12)
    # The dual at the planted prices is the welfare of the planted quantities: both are best.
    dual = price @ planted.economy.endowment + budget @ (np.log(best) + np.log(budget) - 1)
    np.testing.assert_allclose(planted.welfare, dual, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_consumers": 0},
        {"n_goods": 0},
        {"density": 0.0},
        {"density": 1.5},
        {"budgets": "unequal"},
    ],
)
@pytest.mark.parametrize("draw", [fisher, planted_fisher])
def test_senseless_parameters_are_refused_by_name(draw, wrong):
    with pytest.raises(EconomyError, match=next(iter(wrong))):
        draw(**({"n_consumers": 10, "n_goods": 5} | wrong), seed=1)


def test_too_few_councils_to_value_all_goods():
    with pytest.raises(EconomyError, match="cannot want all of 100 goods"):
        fisher(3, 100, seed=1)
