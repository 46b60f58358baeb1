"""Economies with targets against CVXPY, in its own concave form of every objective."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import TARGETS, WORKERS, random_economy
from parecon.utility import utilities
from reference.compare import (
    EXACT,
    SOLVE_TOL,
    assert_prices,
    assert_quantities,
    assert_solved,
    assert_welfare,
    bracket,
    quantity_distance,
)
from reference.cvxpy_twin import solve_twin

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=max(2, settings().max_examples // 3))
UNIQUE = ("harmony", "log")  # forms whose quantities and prices are unique


def agree(economy, *, unique: bool) -> pe.Plan:
    """Solve both ways and compare welfare, and where they are unique prices and quantities."""
    twin = solve_twin(economy)
    assert twin.status.startswith("optimal"), twin.status
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    width = bracket(economy, twin, plan.price)
    assert_welfare(economy, plan, twin.welfare, width)
    event(f"the twin is exact: {width <= EXACT}")
    if width <= EXACT:
        for family, proposal, other in zip(
            economy.families, plan.proposals, twin.proposals, strict=True
        ):
            if isinstance(family, pe.Targets):
                reached = utilities(family, np.maximum(other["quantity"], 0.0))
                assert quantity_distance(proposal.utility, reached) <= 1e-6
        if unique:
            assert_quantities(plan, twin)
        if unique and all_wanted(economy, twin):
            assert_prices(economy, plan, twin.price)
    return plan


def all_wanted(economy, twin) -> bool:
    """Whether something of every target is delivered: what is too dear may be dearer still."""
    given_up = [
        np.any(other["quantity"] < 1e-3 * family.target)
        for family, other in zip(economy.families, twin.proposals, strict=True)
        if isinstance(family, pe.Targets)
    ]
    return not any(given_up)


@pytest.mark.parametrize("form", TARGETS)
@given(seed=SEEDS, n_resources=st.integers(1, 6))
def test_what_exists(form, seed, n_resources):
    """Nothing to choose but what is left over: ray and basket have goods of no price."""
    economy = random_economy(
        np.random.default_rng(seed), consumers=(form,), n_resources=n_resources
    )
    agree(economy, unique=form in UNIQUE)


@pytest.mark.parametrize("worker", WORKERS)
@pytest.mark.parametrize("form", TARGETS)
@FEW
@given(seed=SEEDS, capacity=st.booleans())
def test_with_every_kind_of_workers(form, worker, seed, capacity):
    economy = random_economy(
        np.random.default_rng(seed), consumers=(form,), workers=(worker,), capacity=capacity
    )
    agree(economy, unique=form in UNIQUE)


@FEW
@given(
    seed=SEEDS,
    forms=st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2, unique=True),
    workers=st.lists(st.sampled_from(WORKERS), min_size=1, max_size=3, unique=True),
)
def test_beside_consumers_suppliers_and_needs(seed, forms, workers):
    economy = random_economy(
        np.random.default_rng(seed),
        consumers=("ces", *forms),
        workers=tuple(workers),
        supplies=("linear",),
        needs=True,
        capacity=True,
    )
    agree(economy, unique=False)
