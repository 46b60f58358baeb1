"""Solving again: warm starts, updates and thread counts lead to the same plan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SMOOTH, WORKERS, random_economy
from reference.compare import PLAN_TOL, SOLVE_TOL, assert_solved, price_distance

SEEDS = st.integers(0, 2**32 - 1)


def assert_same_plan(economy, plan, reference):
    assert_solved(economy, plan)
    assert price_distance(economy, plan.price, reference.price) <= PLAN_TOL
    assert abs(plan.welfare - reference.welfare) <= 2 * SOLVE_TOL * economy.total_budget


@pytest.mark.parametrize("worker", WORKERS)
@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH))
def test_warm_start_leads_to_the_same_plan_sooner(worker, seed, consumer):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=(consumer,), workers=(worker,), second_makers=True)
    cold = pe.solve(economy, tol=SOLVE_TOL)
    for start in (cold, cold.price):
        warm = pe.solve(economy, tol=SOLVE_TOL, warm_start=start)
        assert_same_plan(economy, warm, cold)
    from_plan = pe.solve(economy, tol=SOLVE_TOL, warm_start=cold)
    assert from_plan.n_iterations <= cold.n_iterations


@pytest.mark.parametrize("worker", WORKERS)
@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH), spread=st.sampled_from([0.1, 1.0, 5.0]))
def test_start_far_off_leads_to_the_same_plan(worker, seed, consumer, spread):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=(consumer,), workers=(worker,))
    cold = pe.solve(economy, tol=SOLVE_TOL)
    start = cold.price * np.exp(spread * rng.standard_normal(economy.n_goods))
    assert_same_plan(economy, pe.solve(economy, tol=SOLVE_TOL, warm_start=start), cold)


@settings(max_examples=2 * settings().max_examples)
@given(
    seed=SEEDS,
    consumer=st.sampled_from(CONSUMERS),
    workers=st.lists(st.sampled_from(WORKERS), min_size=1, max_size=3, unique=True),
)
def test_updated_solver_equals_a_fresh_one(seed, consumer, workers):
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng, consumers=("cobb_douglas", consumer), workers=tuple(workers), needs=True, capacity=True
    )
    solver = pe.Solver(economy, pe.Settings(tol=SOLVE_TOL, certify=True))
    solver.solve()
    households = economy.family("consumers_0")
    change = {
        "endowment": np.asarray(economy.endowment) * rng.uniform(0.8, 1.2, economy.n_goods),
        "families": {
            "consumers_0": {
                "budget": households.budget * rng.uniform(0.5, 2, households.n_councils),
                "needs": 0.5 * households.needs,
            }
        },
    }
    solver.update(**change)
    updated = solver.solve()
    changed = economy.replace(**change)
    assert updated.economy.endowment == pytest.approx(change["endowment"], rel=0, abs=0)
    assert_same_plan(changed, updated, pe.solve(changed, tol=SOLVE_TOL, certify=True))


@given(seed=SEEDS, worker=st.sampled_from(WORKERS))
def test_the_same_solver_twice_gives_the_same_plan(seed, worker):
    economy = random_economy(np.random.default_rng(seed), workers=(worker,))
    solver = pe.Solver(economy, pe.Settings(tol=SOLVE_TOL))
    first = solver.solve()
    assert_same_plan(economy, solver.solve(), first)


# Large enough for every kernel to split its rows into several blocks.
LARGE = {
    "smooth": {"consumers": SMOOTH, "workers": ("effort", "ces_falling", "nested_falling")},
    "constant": {"consumers": ("ces",), "workers": ("nested_constant", "activities")},
    "linear": {"consumers": ("linear", "leontief"), "workers": ("ces_constant",)},
}


@pytest.mark.usefixtures("every_thread")
@pytest.mark.parametrize("kind", LARGE)
def test_any_number_of_threads_adds_to_the_same_bits(kind):
    size = {"n_households": 400, "n_products": 40, "n_resources": 10, "second_makers": True}
    economy = random_economy(np.random.default_rng(20), **LARGE[kind], **size)
    plans = [pe.solve(economy, tol=1e-7, n_threads=threads) for threads in (1, 2, 7)]
    assert plans[0].status is pe.Status.SOLVED, plans[0].message
    for plan in plans[1:]:
        assert np.array_equal(plan.price, plans[0].price)
        assert np.array_equal(plan.supply, plans[0].supply)
        assert np.array_equal(plan.demand, plans[0].demand)
        assert [i.dual for i in plan.history] == [i.dual for i in plans[0].history]
