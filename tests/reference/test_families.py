"""Every family, and every mix of them, against the same economy written for CVXPY.

Welfare is unique and compared always. Prices are unique where every good is bought by councils
whose answer changes strictly with its price, or where utilities are linear (the Eisenberg-Gale
programme); quantities where no council is indifferent between goods and no two constant-returns
councils make the same good.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SMOOTH, SUPPLIES, WORKERS, random_economy
from reference.compare import (
    EXACT,
    SOLVE_TOL,
    assert_prices,
    assert_quantities,
    assert_solved,
    assert_welfare,
    bracket,
)
from reference.cvxpy_twin import solve_twin

SEEDS = st.integers(0, 2**32 - 1)
# Pairs and the like are many: fewer examples of each.
FEW = settings(max_examples=max(2, settings().max_examples // 3))


def agree(economy, *, prices: bool, quantities: bool, labels=None, method: str = "auto"):
    """Solve both ways and compare what is unique."""
    twin = solve_twin(economy)
    assert twin.status.startswith("optimal"), twin.status
    plan = pe.solve(economy, tol=SOLVE_TOL, method=method, certify=True)
    assert_solved(economy, plan)
    width = bracket(economy, twin, plan.price)
    assert_welfare(economy, plan, twin.welfare, width)
    exact = width <= EXACT
    event(f"the twin is exact: {exact}")
    if exact and prices:
        assert_prices(economy, plan, twin.price)
    if exact and quantities:
        assert_quantities(plan, twin, labels)


@pytest.mark.parametrize("kind", CONSUMERS)
@given(
    seed=SEEDS,
    needs=st.booleans(),
    n_households=st.integers(1, 5),
    n_resources=st.integers(1, 6),
)
def test_exchange(kind, seed, needs, n_households, n_resources):
    economy = random_economy(
        np.random.default_rng(seed),
        consumers=(kind,),
        n_households=n_households,
        n_resources=n_resources,
        needs=needs,
    )
    # Leontief consumers may leave prices open.
    agree(economy, prices=kind != "leontief", quantities=True)


@pytest.mark.parametrize("kind", WORKERS)
@given(
    seed=SEEDS,
    capacity=st.booleans(),
    needs=st.booleans(),
    n_products=st.integers(1, 5),
    n_resources=st.integers(1, 4),
)
def test_production(kind, seed, capacity, needs, n_products, n_resources):
    economy = random_economy(
        np.random.default_rng(seed),
        workers=(kind,),
        capacity=capacity,
        needs=needs,
        n_products=n_products,
        n_resources=n_resources,
    )
    agree(economy, prices=True, quantities=True)


@pytest.mark.parametrize("kind", WORKERS)
@FEW
@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH))
def test_competing_makers_and_resources_nobody_consumes(kind, seed, consumer):
    economy = random_economy(
        np.random.default_rng(seed),
        consumers=(consumer,),
        workers=(kind,),
        second_makers=True,
        consume_resources=False,
    )
    agree(economy, prices=False, quantities=False)


@pytest.mark.parametrize("form", SUPPLIES)
@given(seed=SEEDS, worker=st.sampled_from(WORKERS))
def test_supplies(form, seed, worker):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, workers=(worker,), supplies=(form,), consumers=("ces",))
    agree(economy, prices=True, quantities=True)


@pytest.mark.parametrize("worker", WORKERS)
@pytest.mark.parametrize("consumer", CONSUMERS)
@FEW
@given(seed=SEEDS, capacity=st.booleans())
def test_pairs(consumer, worker, seed, capacity):
    economy = random_economy(
        np.random.default_rng(seed), consumers=(consumer,), workers=(worker,), capacity=capacity
    )
    agree(economy, prices=consumer in SMOOTH, quantities=consumer in SMOOTH)


@st.composite
def mixes(draw):
    """Up to three families of consumers, four of workers, two of suppliers."""
    consumers = draw(st.lists(st.sampled_from(CONSUMERS), min_size=1, max_size=3, unique=True))
    workers = draw(st.lists(st.sampled_from(WORKERS), min_size=1, max_size=4, unique=True))
    supplies = draw(st.lists(st.sampled_from(SUPPLIES), max_size=2))
    return tuple(consumers), tuple(workers), tuple(supplies)


@settings(max_examples=4 * settings().max_examples)
@given(
    seed=SEEDS,
    mix=mixes(),
    n_households=st.integers(1, 4),
    second_makers=st.booleans(),
    needs=st.booleans(),
    capacity=st.booleans(),
)
def test_mixes(seed, mix, n_households, second_makers, needs, capacity):
    consumers, workers, supplies = mix
    economy = random_economy(
        np.random.default_rng(seed),
        consumers=consumers,
        workers=workers,
        supplies=supplies,
        n_households=n_households,
        second_makers=second_makers,
        needs=needs,
        capacity=capacity,
    )
    unique = any(kind in SMOOTH for kind in consumers)
    # A linear consumer's indifference leaves open who makes what she gets, not what anyone enjoys.
    labels = None
    if "linear" in consumers:
        labels = [family.label for family in economy.families if family.role == "consumers"]
    agree(economy, prices=unique, quantities=unique and not second_makers, labels=labels)


@pytest.mark.parametrize("worker", ["cobb_douglas", "effort", "ces_falling"])
@FEW
@given(seed=SEEDS, consumer=st.sampled_from(SMOOTH))
def test_smooth_economies_by_either_method(worker, seed, consumer):
    economy = random_economy(np.random.default_rng(seed), consumers=(consumer,), workers=(worker,))
    for method in ("newton", "interior"):
        agree(economy, prices=True, quantities=True, method=method)


@FEW
@given(seed=SEEDS)
def test_returns_of_999_per_mille(seed):
    # A producer's curvature carries 1/(1-r) = 1000 here: the worst that decreasing returns can do.
    economy = random_economy(np.random.default_rng(seed), workers=("ces_falling", "nested_falling"))
    families = {
        f.label: {"returns": np.full(f.n_councils, 0.999)}
        for f in economy.families
        if f.role == "workers"
    }
    agree(economy.replace(families=families), prices=True, quantities=True)
