"""What is proved about a plan is true, wherever the solver stopped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SMOOTH, WORKERS, random_economy
from reference.compare import SOLVE_TOL
from reference.cvxpy_twin import solve_twin
from reference.dual import dual_value

SEEDS = st.integers(0, 2**32 - 1)
SMOOTH_WORKERS = ("cobb_douglas", "effort", "ces_falling", "nested_falling")


@given(seed=SEEDS, consumer=st.sampled_from(CONSUMERS), worker=st.sampled_from(SMOOTH_WORKERS))
def test_no_prices_bound_welfare_below_a_plan(seed, consumer, worker):
    # Weak duality, with the dual function written out: the plan may not claim welfare that any
    # prices forbid.
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=(consumer,), workers=(worker,), capacity=True)
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    rounding = 1e-12 * economy.total_budget
    for spread in (0.0, 1e-6, 1e-3, 0.1, 1.0):
        price = plan.price * np.exp(spread * rng.standard_normal(economy.n_goods))
        assert dual_value(economy, price) >= plan.welfare - rounding


@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH), worker=st.sampled_from(SMOOTH_WORKERS))
def test_the_bound_is_the_dual_function(seed, consumer, worker):
    economy = random_economy(np.random.default_rng(seed), consumers=(consumer,), workers=(worker,))
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    # Two ways of adding the same formulas: rounding only.
    assert plan.bound == pytest.approx(
        dual_value(economy, plan.price), abs=1e-11 * economy.total_budget
    )


@given(
    seed=SEEDS,
    consumer=st.sampled_from(CONSUMERS),
    workers=st.lists(st.sampled_from(WORKERS), min_size=1, max_size=3, unique=True),
    stop=st.integers(1, 6),
)
def test_a_plan_cut_short_exists_and_its_bound_holds(seed, consumer, workers, stop):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=(consumer,), workers=tuple(workers), needs=True)
    plan = pe.solve(economy, tol=SOLVE_TOL, max_iterations=stop, certify=True)
    certificate = pe.certify(economy, plan)
    assert plan.status in (pe.Status.ITERATION_LIMIT, pe.Status.SOLVED)
    assert certificate.feasible, str(certificate)
    best = solve_twin(economy).welfare
    # The twin's own error is below 1e-10 of the budget.
    rounding = 1e-9 * economy.total_budget
    assert plan.welfare <= best + rounding
    assert plan.bound >= best - rounding


@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH), worker=st.sampled_from(WORKERS))
def test_measures_are_those_of_the_plan(seed, consumer, worker):
    economy = random_economy(np.random.default_rng(seed), consumers=(consumer,), workers=(worker,))
    plan = pe.solve(economy, tol=1e-7, certify=True)
    supply, demand = np.array(economy.endowment), np.zeros(economy.n_goods)
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        _, good, quantity = pe.net_flows(family, proposal)
        supply += np.bincount(good, np.maximum(quantity, 0), economy.n_goods)
        demand += np.bincount(good, np.maximum(-quantity, 0), economy.n_goods)
    assert plan.supply == pytest.approx(supply, rel=1e-12)
    assert plan.demand == pytest.approx(demand, rel=1e-12)
    assert plan.excess_demand == pytest.approx(demand - supply, abs=1e-12 * supply.max())
    # A delivered plan has no shortage at all: no good is used beyond what exists.
    assert np.all(plan.demand <= plan.supply * (1 + 1e-12))
    assert plan.gap == pytest.approx((plan.bound - plan.welfare) / economy.total_budget, abs=1e-15)
    assert 0 <= plan.gap <= 1e-7
    worth = economy.total_budget / economy.n_goods
    surplus = plan.price * np.maximum(supply - demand, 0) / np.maximum(plan.price * demand, worth)
    assert surplus.max() <= 1e-7


@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH), worker=st.sampled_from(SMOOTH_WORKERS))
def test_budgets_are_spent_and_benefits_cover_costs(seed, consumer, worker):
    economy = random_economy(np.random.default_rng(seed), consumers=(consumer,), workers=(worker,))
    plan = pe.solve(economy, tol=SOLVE_TOL)
    consumers = next(
        p for f, p in zip(economy.families, plan.proposals, strict=True) if f.role == "consumers"
    )
    budget = next(f for f in economy.families if f.role == "consumers").budget
    # The margin by which proposals are made feasible is a fraction of tol.
    assert consumers.spending == pytest.approx(budget, rel=1e-8)
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        if family.role == "workers":
            assert np.all(proposal.social_benefit >= proposal.social_cost * (1 - 1e-8))
