"""Proofs by prices that needs cannot be met, and no proofs where they can."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import parecon as pe
from certificate.drafted import random_plan
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from parecon.certificate import proves_infeasible


def bakery(need, *families, labour=5.0):
    eaters = pe.CobbDouglasConsumers([1.0], [[0.0, 1.0]], [[0.0, need]])
    return pe.Economy(["labour", "bread"], [labour, 0.0], [eaters, *families])


def test_constant_returns():
    bakers = pe.Activities([[-1.0, 1.0]])
    # 10 breads are needed, 5 hours make 5.
    assert proves_infeasible(bakery(10.0, bakers), [1.0, 1.0]) == pytest.approx(0.5)
    # Prices that would leave a profit are lowered to cost first.
    assert proves_infeasible(bakery(10.0, bakers), [1.0, 7.0]) == pytest.approx(0.5)
    # Prices that do not see what is short prove nothing; nor does anything where needs can be met.
    assert proves_infeasible(bakery(10.0, bakers), [1.0, 0.0]) == 0.0
    assert proves_infeasible(bakery(4.9, bakers), [1.0, 1.0]) == 0.0
    assert not proves_infeasible(bakery(5.0, bakers), [1.0, 1.0])


def test_decreasing_returns_and_capacity():
    # q = 2 L^.5 of 5 hours is 4.47; at p_o = L^.5 = sqrt 5, labour 1, the best L is 5.
    price = [1.0, 5**0.5]
    for bakers in (
        pe.CobbDouglasWorkers([1], [[0.5, 0.0]], [2.0]),
        pe.CESWorkers([1], [[1.0, 0.0]], 1.0, 0.5, 2.0),
    ):
        assert proves_infeasible(bakery(4.4, bakers), price) == 0.0
        made = 2 * 5**0.5
        assert proves_infeasible(bakery(4.5, bakers), price) == pytest.approx(1 - made / 4.5)
    capped = pe.Activities([[-1.0, 1.0]], [3.0])
    assert proves_infeasible(bakery(4.0, capped), [0.0, 1.0]) == pytest.approx(0.25)
    assert proves_infeasible(bakery(2.9, capped), [0.0, 1.0]) == 0.0


def test_effort_and_unlimited_suppliers_prove_nothing():
    effort = pe.Effort(0.1, 2.0, 1.0)
    bakers = pe.CobbDouglasWorkers([1], [[0.5, 0.0]], [2.0], effort)
    assert proves_infeasible(bakery(100.0, bakers), [1.0, 5**0.5]) == 0.0
    makers = pe.Activities([[-1.0, 1.0]])
    free = pe.Suppliers([0], [1.0], [1.0], [1.0])
    assert proves_infeasible(bakery(100.0, makers, free), [1.0, 1.0]) == 0.0
    bounded = pe.Suppliers([0], [1.0], [1.0], [1.0], maximum=[2.0])
    assert proves_infeasible(bakery(10.0, makers, bounded), [1.0, 1.0]) == pytest.approx(0.3)


@pytest.mark.parametrize("price", [[-1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0]])
def test_prices_that_are_no_prices_prove_nothing(price):
    assert proves_infeasible(bakery(10.0, pe.Activities([[-1.0, 1.0]])), price) == 0.0


def test_multipliers_of_the_least_shortage_are_a_proof():
    # Steel and coal make each other, with labour: what 10 hours allow is a programme.
    net = np.array([[-1.0, 1.0, -0.4], [-0.5, -0.3, 1.0]])
    labour = 10.0

    def least_shortage(need):
        """min sum of shortages; the multipliers of clearance are prices."""
        rows = np.hstack([-net.T, -np.eye(3)[:, 1:]])
        endowment = np.array([labour, 0.0, 0.0]) - need
        found = linprog([0, 0, 1, 1], A_ub=rows, b_ub=endowment)
        return found.fun, -found.ineqlin.marginals

    for size, feasible in ((1.0, True), (20.0, False)):
        need = np.array([0.0, size, size])
        short, price = least_shortage(need)
        assert (short < 1e-9) == feasible
        consumers = pe.CobbDouglasConsumers([1.0], [[0.0, 0.5, 0.5]], need[None])
        economy = pe.Economy(3, [labour, 0.0, 0.0], [consumers, pe.Activities(net)])
        assert bool(proves_infeasible(economy, price)) != feasible


@given(seed=st.integers(0, 2**32 - 1))
def test_no_feasible_economy_is_ever_proved_infeasible(seed):
    rng = np.random.default_rng(seed)
    for _ in range(5):
        drawn = random_economy(
            rng,
            consumers=tuple(rng.choice(CONSUMERS, 2, replace=False)),
            workers=tuple(rng.choice(WORKERS, 3, replace=False)),
            supplies=SUPPLIES[: int(rng.integers(3))],
            needs=True,
            capacity=True,
        )
        economy, _ = random_plan(rng, drawn)
        sparse_price = rng.lognormal(0, 1, economy.n_goods) * (rng.random(economy.n_goods) < 0.5)
        assert proves_infeasible(economy, rng.lognormal(0, 1, economy.n_goods)) == 0.0
        assert proves_infeasible(economy, sparse_price) == 0.0
