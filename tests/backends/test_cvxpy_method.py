"""Every family and mix by cone solvers: the same plan, by the same certificate, as by parecon's own
method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parecon as pe
from backends.engines import TOL, WANTED, assert_agree, economy_of
from economies_for_tests import SMOOTH, SUPPLIES, WORKERS

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=max(1, settings().max_examples // 6))


def both_ways(economy, *, prices=False, **options):
    plan = pe.solve(economy, tol=TOL, method="cvxpy", **options)
    assert plan.method.startswith("cvxpy, ")
    assert_agree(plan, pe.solve(economy, tol=TOL, certify=True), prices=prices)
    return plan


@pytest.mark.parametrize("kind", WANTED)
@FEW
@given(seed=SEEDS, needs=st.booleans())
def test_exchange(kind, seed, needs):
    economy = economy_of(seed, consumers=(kind,), n_resources=4, needs=needs)
    both_ways(economy, prices=kind in SMOOTH)


@pytest.mark.parametrize("worker", WORKERS)
@pytest.mark.parametrize("consumer", WANTED)
@FEW
@given(seed=SEEDS, capacity=st.booleans())
def test_pairs(consumer, worker, seed, capacity):
    economy = economy_of(seed, consumers=(consumer,), workers=(worker,), capacity=capacity)
    both_ways(economy, prices=consumer in SMOOTH)


@pytest.mark.parametrize("form", SUPPLIES)
@FEW
@given(seed=SEEDS, worker=st.sampled_from(WORKERS))
def test_supplies(form, seed, worker):
    economy = economy_of(seed, consumers=("ces",), workers=(worker,), supplies=(form,))
    both_ways(economy, prices=True)


@settings(max_examples=2 * settings().max_examples)
@given(
    seed=SEEDS,
    consumers=st.lists(st.sampled_from(WANTED), min_size=1, max_size=3, unique=True),
    workers=st.lists(st.sampled_from(WORKERS), min_size=1, max_size=4, unique=True),
    supplies=st.lists(st.sampled_from(SUPPLIES), max_size=2),
    needs=st.booleans(),
    capacity=st.booleans(),
    second_makers=st.booleans(),
)
def test_mixes(seed, consumers, workers, supplies, needs, capacity, second_makers):
    economy = economy_of(
        seed,
        consumers=tuple(consumers),
        workers=tuple(workers),
        supplies=tuple(supplies),
        needs=needs,
        capacity=capacity,
        second_makers=second_makers,
    )
    both_ways(economy)


def test_families_without_councils_are_no_trouble():
    families = [
        pe.CobbDouglasConsumers([2.0], [[0.5, 0.5]]),
        pe.CobbDouglasConsumers(np.empty(0), np.empty((0, 2)), label="nobody"),
        pe.Activities(np.empty((0, 2)), label="nothing"),
    ]
    plan = both_ways(pe.Economy(2, [1.0, 1.0], families), prices=True)
    assert plan.price == pytest.approx([1.0, 1.0], rel=1e-6)


def test_units_of_a_good_and_of_money_do_not_matter():
    """Grams beside megatonnes: the model measures everything by worth."""
    economy = economy_of(3, consumers=("ces", "linear"), workers=("nested_constant", "joint"))
    rescaled = economy.replace(
        families={
            f.label: {"budget": 1e9 * f.budget} for f in economy.families if f.role == "consumers"
        }
    )
    plan, large = (pe.solve(e, tol=TOL, method="cvxpy") for e in (economy, rescaled))
    assert large.status is pe.Status.SOLVED, large.message
    assert large.price == pytest.approx(1e9 * plan.price, rel=1e-3)


def test_the_compiled_model_is_kept_while_only_budgets_and_endowments_change():
    economy = economy_of(5, consumers=("ces",), workers=("ces_constant",))
    solver = pe.Solver(economy, pe.Settings(method="cvxpy", tol=TOL))
    first = solver.solve()
    model = solver._backend._model
    solver.update(endowment=1.1 * economy.endowment)
    solver.update(families={"consumers_0": {"budget": 2.0 * economy.family("consumers_0").budget}})
    second = solver.solve()
    assert solver._backend._model is model
    assert first.status is second.status is pe.Status.SOLVED
    assert_agree(second, pe.solve(solver.economy, tol=TOL, certify=True), prices=True)
    solver.update(families={"workers_ces_constant": {"productivity": 1.0}})
    assert solver.solve().status is pe.Status.SOLVED
    assert solver._backend._model is not model


@pytest.mark.parametrize("solver", ["CLARABEL", "clarabel", "SCS"])
def test_the_solver_is_named(solver):
    economy = economy_of(6, consumers=("cobb_douglas",), workers=("activities",))
    plan = pe.solve(economy, tol=1e-4, method="cvxpy", solver=solver)
    assert plan.method == f"cvxpy, {solver.upper()}"
    assert plan.status is pe.Status.SOLVED, plan.message
