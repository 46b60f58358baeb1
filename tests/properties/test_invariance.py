"""Writing the same economy differently changes nothing but what it should.

Both sides are solved at a tolerance of 1e-9; prices are then compared to 1e-6 (reference/compare.py
says why) and welfare to the sum of the two gaps.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
import transforms
from economies_for_tests import SUPPLIES, WORKERS, random_economy
from reference.compare import (
    PLAN_TOL,
    SOLVE_TOL,
    WELFARE_TOL,
    assert_solved,
    price_distance,
    quantity_distance,
)

SEEDS = st.integers(0, 2**32 - 1)

# Each with a smooth first family of consumers, which makes prices unique.
MIXES = {
    "smooth": {
        "consumers": ("cobb_douglas", "ces"),
        "workers": ("cobb_douglas", "effort", "ces_falling"),
    },
    "constant": {
        "consumers": ("ces", "nested"),
        "workers": ("ces_constant", "nested_constant", "activities"),
    },
    "kinked": {
        "consumers": ("cobb_douglas", "leontief", "linear"),
        "workers": ("activities", "nested_falling"),
    },
    "all": {"consumers": ("nested", "linear"), "workers": WORKERS, "supplies": SUPPLIES},
}


def economy_of(mix: str, seed: int):
    rng = np.random.default_rng(seed)
    flags = {"needs": bool(seed % 2), "capacity": bool(seed // 2 % 2)}
    return rng, random_economy(rng, **MIXES[mix], **flags)


def solved(economy):
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    return plan


def assert_same(economy, price, welfare: float, reference, reference_welfare: float):
    """Prices and welfare in the terms of `economy`, against those of the plan of the same economy
    written otherwise."""
    assert price_distance(economy, price, reference) <= PLAN_TOL, (price, reference)
    # Each side within its gap of the same optimum.
    assert abs(welfare - reference_welfare) <= 2 * WELFARE_TOL * economy.total_budget


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("factor", [1e3, 1e-3, 1e9])
@given(seed=SEEDS)
def test_another_currency_multiplies_prices_and_welfare(mix, factor, seed):
    _, economy = economy_of(mix, seed)
    plan, other = solved(economy), solved(transforms.scale_money(economy, factor))
    assert_same(economy, other.price / factor, other.welfare / factor, plan.price, plan.welfare)
    assert quantity_distance(other.supply, plan.supply) <= PLAN_TOL


@pytest.mark.parametrize("mix", MIXES)
@given(seed=SEEDS)
def test_smaller_units_divide_prices_and_multiply_quantities(mix, seed):
    rng, economy = economy_of(mix, seed)
    factor = np.where(rng.random(economy.n_goods) < 0.5, 1e6, 1.0)
    changed, added = transforms.change_units(economy, factor)
    plan, other = solved(economy), solved(changed)
    assert_same(economy, other.price * factor, other.welfare - added, plan.price, plan.welfare)
    assert quantity_distance(other.demand / factor, plan.demand) <= PLAN_TOL


@pytest.mark.parametrize("mix", MIXES)
@given(seed=SEEDS)
def test_goods_in_another_order(mix, seed):
    rng, economy = economy_of(mix, seed)
    position = rng.permutation(economy.n_goods)
    plan, other = solved(economy), solved(transforms.permute_goods(economy, position))
    assert_same(economy, other.price[position], other.welfare, plan.price, plan.welfare)


@pytest.mark.parametrize("mix", MIXES)
@given(seed=SEEDS)
def test_councils_and_families_in_another_order(mix, seed):
    rng, economy = economy_of(mix, seed)
    changed, orders = transforms.permute_councils(economy, rng)
    families = changed.families[::-1]
    plan, other = solved(economy), solved(transforms.economy_of(changed, families))
    assert_same(economy, other.price, other.welfare, plan.price, plan.welfare)
    for family, order, proposal in zip(economy.families, orders, plan.proposals, strict=True):
        if isinstance(family, pe.CobbDouglasConsumers | pe.CESConsumers | pe.NestedCESConsumers):
            moved = other.proposal(family.label)
            assert quantity_distance(moved.utility, proposal.utility[order]) <= PLAN_TOL


@pytest.mark.parametrize("mix", MIXES)
@given(seed=SEEDS, which=st.integers(0, 100))
def test_a_council_in_two_halves_does_what_it_did(mix, seed, which):
    _, economy = economy_of(mix, seed)
    family = economy.families[which % len(economy.families)]
    if isinstance(family, pe.Suppliers):
        family = economy.families[0]
    council = which % family.n_councils
    changed, _ = transforms.split(economy, family.label, council)
    plan, other = solved(economy), solved(changed)
    # b log u(x) becomes twice b/2 log u(x/2): b log 2 less.
    added = family.budget[council] * np.log(2) if family.role == "consumers" else 0.0
    assert_same(economy, other.price, other.welfare + added, plan.price, plan.welfare)
    assert quantity_distance(other.demand, plan.demand) <= PLAN_TOL


@given(seed=SEEDS)
def test_a_split_supplier_sells_as_much(seed):
    _, economy = economy_of("all", seed)
    label = next(f.label for f in economy.families if isinstance(f, pe.Suppliers))
    changed, _ = transforms.split(economy, label, 0)
    plan, other = solved(economy), solved(changed)
    assert_same(economy, other.price, other.welfare, plan.price, plan.welfare)
    halves = other.proposal(label).quantity
    assert halves[-2:].sum() == pytest.approx(plan.proposal(label).quantity[0], rel=PLAN_TOL)
