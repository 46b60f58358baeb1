"""Starts that are far from a plan: absurd prices, and plans whose free goods become scarce."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import random_economy
from parecon.accounts import calibrate, readers, repair
from reference.compare import PLAN_TOL, SOLVE_TOL, assert_solved, price_distance

# Each needed more than 200 iterations, of steps of a millionth, while every product was asked to
# come near their mean at once.
FAR = [
    ("ces_constant", 19),
    ("ces_constant", 51),
    ("nested_constant", 13),
    ("nested_constant", 49),
    ("activities", 85),
    ("activities", 64),
    ("joint", 0),
    ("joint", 3),
]


@pytest.mark.parametrize(("worker", "seed"), FAR)
def test_prices_off_by_a_hundred_in_either_direction(worker, seed):
    rng = np.random.default_rng(seed)
    consumer = ("cobb_douglas", "ces", "nested")[seed % 3]
    economy = random_economy(rng, consumers=(consumer,), workers=(worker,))
    cold = pe.solve(economy, tol=SOLVE_TOL)
    start = cold.price * np.exp(5.0 * rng.standard_normal(economy.n_goods))
    plan = pe.solve(economy, tol=SOLVE_TOL, warm_start=start, max_iterations=60)
    assert_solved(economy, plan)
    assert price_distance(economy, plan.price, cold.price) <= PLAN_TOL


@pytest.mark.parametrize("allowed", [0.95, 0.7])
def test_a_plan_with_ample_permits_is_a_start_for_one_with_few(allowed):
    """What was free has next to no price: the plan's prices alone do not say that it is short."""
    table = repair.for_plan(readers.us_2012())
    before = pe.solve(calibrate(table, caps={"ghg_kg_co2e": 2.0}), tol=1e-8)
    economy = calibrate(table, caps={"ghg_kg_co2e": allowed})
    cold = pe.solve(economy, tol=1e-8)
    warm = pe.solve(economy, tol=1e-8, warm_start=before)
    assert_solved(economy, warm, 1e-8)
    assert price_distance(economy, warm.price, cold.price) <= PLAN_TOL
    assert warm.n_iterations <= cold.n_iterations + 1
