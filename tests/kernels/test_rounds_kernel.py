"""Rounds in C answer as the solvers' own answers do, council by council and in sum."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import random_economy
from parecon import capi
from parecon.draft import drafts
from parecon.problem import Problem

CONSUMERS = ("cobb_douglas", "ces", "leontief")
WORKERS = ("cobb_douglas", "effort", "ces_falling")


def economy_of(seed, **options):
    mix = {"consumers": CONSUMERS, "workers": WORKERS, "supplies": ("isoelastic", "linear")}
    return random_economy(np.random.default_rng(seed), **{**mix, "needs": True, **options})


def prices(economy, seed):
    return np.exp(np.random.default_rng(seed).normal(0.0, 0.7, economy.n_goods))


def as_solvers_answer(economy, price):
    """(problem, supply, demand, dual): what `parecon.answers` says at these prices."""
    problem = Problem(economy, 1, outright=True)
    market = problem.respond(price)
    return problem, market.supply / price, market.demand / price, market.dual


@pytest.mark.parametrize("capacity", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_sums_are_those_of_the_solvers_answers(seed, capacity):
    economy = economy_of(seed, capacity=capacity)
    price = prices(economy, seed)
    _, supply, demand, dual = as_solvers_answer(economy, price)
    found = capi.Round(economy).answer(price)
    np.testing.assert_allclose(found.supply, supply, rtol=1e-12)
    np.testing.assert_allclose(found.demand, demand, rtol=1e-12)
    assert found.dual == pytest.approx(dual, rel=1e-11, abs=1e-11 * economy.total_budget)


@pytest.mark.parametrize("kind", ["harmony", "ray", "log"])
def test_targets(kind):
    economy = random_economy(
        np.random.default_rng(4), consumers=(kind,), workers=("cobb_douglas",), n_products=5
    )
    for seed in range(5):
        price = 2.0 * prices(economy, seed)
        _, supply, demand, dual = as_solvers_answer(economy, price)
        found = capi.Round(economy).answer(price)
        np.testing.assert_allclose(found.supply, supply, rtol=1e-12)
        np.testing.assert_allclose(found.demand, demand, rtol=1e-12, atol=1e-13)
        assert found.dual == pytest.approx(dual, rel=1e-11)


def test_councils_one_by_one_are_the_familys_proposals():
    economy = economy_of(3, capacity=True)
    price = prices(economy, 1)
    problem, *_ = as_solvers_answer(economy, price)
    round_ = capi.Round(economy)
    for family, draft in zip(economy.families, drafts(problem), strict=True):
        indptr, good = family.pattern()
        for j in range(family.n_councils):
            goods, used, made = round_.propose(round_.council(family.title, j), price)
            entries = slice(indptr[j], indptr[j + 1])
            if family.role == "suppliers":
                assert made == pytest.approx(draft.values["quantity"][j], rel=1e-12)
                assert not len(goods)
                continue
            np.testing.assert_array_equal(goods, good[entries])
            name = "input" if family.role == "workers" else "quantity"
            np.testing.assert_allclose(used, draft.values[name][entries], rtol=1e-11)
            if family.role == "workers":
                assert made == pytest.approx(draft.values["output"][j], rel=1e-11)


def test_the_gradient_of_the_dual_is_supply_less_demand():
    economy = economy_of(8, capacity=True)
    price = prices(economy, 2)
    round_ = capi.Round(economy)
    found = round_.answer(price)
    for good in range(economy.n_goods):
        step = 1e-6 * price[good]
        there, back = price.copy(), price.copy()
        there[good] += step
        back[good] -= step
        slope = (round_.answer(there).dual - round_.answer(back).dual) / (2 * step)
        assert slope == pytest.approx(-found.excess_demand[good], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 0.96, 1 - 1e-9, 1.0, 1.0001, 1.049, 3.0, 100.0])
def test_every_elasticity_and_far_prices(elasticity):
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.ones(7), size=4)
    economy = pe.Economy(
        7, np.ones(7), [pe.CESConsumers(np.ones(4), shares, np.full(4, elasticity))]
    )
    price = np.exp(rng.normal(0.0, 5.0, 7))
    _, _, demand, dual = as_solvers_answer(economy, price)
    found = capi.Round(economy).answer(price)
    np.testing.assert_allclose(found.demand, demand, rtol=1e-11)
    assert found.dual == pytest.approx(dual, rel=1e-11)


def test_the_same_bits_for_any_number_of_threads():
    economy = pe.synthetic.ces(300, 300, 40, seed=3)
    price = prices(economy, 3)
    first = capi.Round(economy, n_threads=1).answer(price)
    for n_threads in (2, 7):
        other = capi.Round(economy, n_threads=n_threads).answer(price)
        assert np.array_equal(first.supply, other.supply)
        assert np.array_equal(first.demand, other.demand)
        assert first.dual == other.dual


def test_update_changes_the_round_in_place():
    economy = economy_of(5)
    label = economy.families[-1].title
    round_, price = capi.Round(economy), prices(economy, 7)
    address = round_.address
    round_.update(families={label: {"budget": 3.0 * economy.families[-1].budget}})
    fresh = capi.Round(round_.economy).answer(price)
    assert np.array_equal(round_.answer(price).demand, fresh.demand)
    assert round_.address == address
    round_.endowment[0] += 5.0
    assert round_.answer(price).supply[0] == pytest.approx(fresh.supply[0] + 5.0)
    round_.update(families={label: {"budget": economy.families[-1].budget}})
    assert round_.answer(price).supply[0] == pytest.approx(fresh.supply[0] + 5.0)
    round_.update(endowment=economy.endowment)
    assert np.array_equal(round_.answer(price).demand, capi.Round(economy).answer(price).demand)


def test_one_good_and_councils_that_no_price_moves():
    economy = pe.Economy(1, [3.0], [pe.CobbDouglasConsumers([6.0, 2.0], [[1.0], [1.0]])])
    found = capi.Round(economy, n_threads=2).answer([2.0])
    assert found.supply.tolist() == [3.0]
    assert found.demand.tolist() == [4.0]
    assert found.dual == pytest.approx(as_solvers_answer(economy, np.array([2.0]))[-1])


def test_families_without_councils_and_rows_without_entries():
    idle = pe.CobbDouglasWorkers([1], np.zeros((1, 2)), [2.0], pe.Effort([0.5], [2.0]))
    empty = pe.CESConsumers(np.empty(0), np.empty((0, 2)), np.empty(0), label="nobody")
    buyers = pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]])
    economy = pe.Economy(2, [1.0, 0.0], [idle, empty, buyers])
    price = np.array([2.0, 3.0])
    _, supply, demand, dual = as_solvers_answer(economy, price)
    found = capi.Round(economy).answer(price)
    np.testing.assert_allclose(found.supply, supply, rtol=1e-13)
    np.testing.assert_allclose(found.demand, demand, rtol=1e-13)
    assert found.dual == pytest.approx(dual, rel=1e-13)


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_a_wrong_price_is_named(price):
    economy = economy_of(1)
    announced = prices(economy, 1)
    announced[2] = price
    round_ = capi.Round(economy)
    with pytest.raises(pe.PlanError, match=f"price of {economy.goods.name(2)!r}: expected a pos"):
        round_.answer(announced)
    buyer = round_.council(economy.families[-1].title, 0)
    with pytest.raises(pe.PlanError, match="expected a positive finite number"):
        round_.propose(buyer, np.full(economy.n_goods, price))


def test_wrong_use_is_named():
    round_ = capi.Round(economy_of(1))
    with pytest.raises(pe.PlanError, match="expected one for each of"):
        round_.answer([1.0])
    with pytest.raises(pe.PlanError, match="council: expected 0 to"):
        round_.propose(round_.n_councils, np.ones(round_.n_goods))
    with pytest.raises(pe.EconomyError, match="no family 'ghosts'"):
        round_.council("ghosts")
    with pytest.raises(pe.EconomyError, match="no council 'casper'"):
        round_.council(round_.economy.families[0].title, "casper")
    with pytest.raises(pe.SettingsError, match="n_threads"):
        capi.Round(round_.economy, n_threads=0)


@pytest.mark.parametrize(
    ("worker", "reason"),
    [
        ("ces_constant", "constant returns of"),
        ("activities", "does not know these councils"),
        ("nested_falling", "does not know these councils"),
    ],
)
def test_families_without_one_flat_answer_are_refused_by_name(worker, reason):
    economy = random_economy(np.random.default_rng(1), workers=(worker,))
    with pytest.raises(pe.EconomyError, match=reason) as refused:
        capi.Round(economy)
    assert repr(economy.families[0].title) in str(refused.value)


def test_functions_can_be_called_by_address():
    economy = economy_of(2)
    round_, price = capi.Round(economy), prices(economy, 4)
    n = economy.n_goods
    vector = ctypes.POINTER(ctypes.c_double)
    answer = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, *[vector] * 4)(
        capi.ADDRESSES["parecon_answer"]
    )
    demand, dual = np.empty(n), ctypes.c_double()
    status = answer(
        round_.address, price.ctypes.data_as(vector), None, demand.ctypes.data_as(vector),
        ctypes.byref(dual),
    )  # fmt: skip
    found = round_.answer(price)
    assert status == 0
    assert np.array_equal(demand, found.demand)
    assert dual.value == found.dual
