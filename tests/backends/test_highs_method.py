"""Linear economies by linear programmes: the same plan as by parecon's own method, whatever the
algorithm, with logarithms and costs followed from outside."""

from __future__ import annotations

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parecon as pe
from backends.engines import (
    LINEAR_CONSUMERS,
    LINEAR_WORKERS,
    TOL,
    assert_agree,
    economy_of,
    linear_of,
)
from economies_for_tests import SUPPLIES
from parecon._highs import silent_highs

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=max(1, settings().max_examples // 3))


def both_ways(economy, *, prices=False, **options):
    plan = pe.solve(economy, tol=TOL, method="highs", **options)
    assert plan.method.startswith("highs, ")
    assert_agree(plan, pe.solve(economy, tol=TOL, certify=True), prices=prices)
    return plan


@pytest.mark.parametrize("kind", LINEAR_CONSUMERS)
@FEW
@given(seed=SEEDS, needs=st.booleans())
def test_exchange(kind, seed, needs):
    economy = economy_of(seed, consumers=(kind,), n_resources=4, needs=needs)
    both_ways(economy, prices=kind == "cobb_douglas")


@pytest.mark.parametrize("worker", LINEAR_WORKERS)
@pytest.mark.parametrize("consumer", LINEAR_CONSUMERS)
@FEW
@given(seed=SEEDS, capacity=st.booleans())
def test_pairs(consumer, worker, seed, capacity):
    economy = economy_of(seed, consumers=(consumer,), workers=(worker,), capacity=capacity)
    both_ways(linear_of(economy), prices=consumer == "cobb_douglas")


@pytest.mark.parametrize("form", SUPPLIES)
@FEW
@given(seed=SEEDS, worker=st.sampled_from(LINEAR_WORKERS))
def test_supplies(form, seed, worker):
    economy = economy_of(seed, workers=(worker,), supplies=(form,))
    both_ways(linear_of(economy), prices=True)


@settings(max_examples=2 * settings().max_examples)
@given(
    seed=SEEDS,
    consumers=st.lists(st.sampled_from(LINEAR_CONSUMERS), min_size=1, max_size=3, unique=True),
    workers=st.lists(st.sampled_from(LINEAR_WORKERS), min_size=1, max_size=3, unique=True),
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
    both_ways(linear_of(economy))


def test_nested_utility_of_products_above_fixed_bundles():
    """log u is a sum of logarithms of bundles: the tree of elasticities 1 above 0."""
    tree = pe.Nest(1.0, [pe.Nest(0.0, [0, 1]), pe.Nest(1.0, [2, pe.Nest(0.0, [3, 4])])])
    values = np.array([[1.0, 2.0, 3.0, 1.0, 1.0], [2.0, 1.0, 1.0, 0.5, 3.0]])
    nests = pe.NestedCES.from_values(values, tree, reference_price=np.ones(5))
    families = [
        pe.NestedCESConsumers([3.0, 5.0], nests),
        pe.Activities([[-1.0, 0.5, 0.0, 0.0, 0.0], [0.0, -1.0, 1.0, -0.5, 0.5]]),
    ]
    both_ways(pe.Economy(5, [3.0, 4.0, 5.0, 2.0, 1.0], families))


ALGORITHMS = ("simplex", "ipx", "pdlp")


def planning(form):
    """Two sectors with several ways each, scarce land and labour, a capacity."""
    return pe.Economy(
        ["bread", "cloth", "steel", "labour", "land"],
        [0, 0, 0, 100, 30],
        [
            pe.Targets([0, 1], target=[50, 40], weight=[60, 40], form=form, label="targets"),
            pe.Activities(
                [
                    [1, 0, -0.1, -1.0, -0.4],
                    [1, 0, -0.3, -0.7, -0.3],
                    [0, 1, -0.2, -1.5, 0],
                    [0, 1, -0.4, -1.1, 0],
                    [0, 0, 1, -0.5, -0.1],
                ],
                capacity=[np.inf, 12, np.inf, np.inf, np.inf],
                label="sectors",
            ),
        ],
    )


@pytest.mark.parametrize("form", ["harmony", "ray", "log", "linear"])
@pytest.mark.parametrize("solver", ALGORITHMS)
def test_every_algorithm_finds_the_plan(solver, form):
    tol = 1e-4 if solver == "pdlp" else TOL  # of first order: not made for more
    economy = planning(form)
    plan = pe.solve(economy, tol=tol, method="highs", solver=solver)
    assert plan.method == f"highs, {solver}"
    assert_agree(plan, pe.solve(economy, tol=tol, certify=True), prices=False, tol=tol)


def test_hipo_is_there_or_refused_by_name():
    economy = planning("ray")
    # a highspy_extras of another version than highspy counts as none
    if silent_highs().setOptionValue("solver", "hipo") != highspy.HighsStatus.kOk:
        with pytest.raises(pe.SettingsError, match=r"'hipo'; it comes with .*highspy-extras"):
            pe.solve(economy, method="highs", solver="hipo")
    else:
        plan = pe.solve(economy, tol=TOL, method="highs", solver="hipo")
        assert plan.method == "highs, hipo"
        assert_agree(plan, pe.solve(economy, tol=TOL, certify=True), prices=False)


def test_prices_are_the_duals_that_a_textbook_gives():
    """One unit of labour makes 4 of bread or, with land, 6: HiGHS' multipliers as prices."""
    economy = pe.Economy(
        ["bread", "labour", "land"],
        [0, 10, 6],
        [
            pe.LeontiefConsumers([30.0], [[1.0, 0, 0]]),
            pe.Activities([[4.0, -1, 0], [6.0, -1, -1]]),
        ],
    )
    # 6 hours on land, 4 without: 52 loaves for 30. An hour makes 4 more, land 2 more
    plan = pe.solve(economy, tol=1e-9, method="highs", solver="simplex")
    bread = 30 / 52
    assert plan.price == pytest.approx([bread, 4 * bread, 2 * bread], rel=1e-9)
    assert plan.proposals[1].level == pytest.approx([4.0, 6.0], rel=1e-9)


def test_bounds_close_in_from_both_sides():
    """Successive linearisation: every round's bound is above every welfare, and they meet."""
    economy = linear_of(
        economy_of(4, consumers=("cobb_douglas", "linear"), workers=("activities",))
    )
    best = pe.solve(economy, tol=1e-9, certify=True)
    plan = pe.solve(economy, tol=TOL, method="highs")
    gaps = [info.gap for info in plan.history]
    assert len(gaps) > 2  # it was not linear
    assert gaps[-1] <= TOL < gaps[0]
    for info in plan.history:
        # the bound from above never lies below what can be had, nor the welfare above it
        assert info.dual >= best.welfare - 1e-12 * economy.total_budget
        welfare = info.dual - info.gap * economy.total_budget
        assert welfare <= best.bound + 1e-9 * economy.total_budget


def test_one_logarithm_is_one_programme():
    plan = pe.solve(planning("ray"), tol=TOL, method="highs", solver="simplex")
    assert plan.n_iterations == 1  # and once more for the margin


def test_a_basis_is_a_warm_start():
    rng = np.random.default_rng(7)
    economy = pe.synthetic.activities(60, 300, seed=3)
    solver = pe.Solver(economy, pe.Settings(method="highs", solver="simplex", tol=1e-6))
    cold = solver.solve()
    again = solver.solve()
    assert cold.status is again.status is pe.Status.SOLVED
    first = [info.linear_iterations for info in cold.history]
    assert again.history[0].linear_iterations < 0.2 * first[0]
    assert again.n_iterations < cold.n_iterations
    solver.update(endowment=economy.endowment * rng.uniform(0.999, 1.001, economy.n_goods))
    shocked = solver.solve()
    assert shocked.history[0].linear_iterations < 0.5 * first[0]
    assert_agree(shocked, pe.solve(solver.economy, tol=1e-6, certify=True), prices=False, tol=1e-6)
