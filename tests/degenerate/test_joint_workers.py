"""Joint workers at the ends of their range: transformations of 0, 1 and 100, one output only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import random_economy
from reference.compare import SOLVE_TOL, assert_solved

LABOUR, BUDGET = 8.0, 6.0
SHARE, SPENT = np.array([0.7, 0.3]), np.array([0.4, 0.6])
LABOUR_ALONE = pe.NestedCES.from_values([[1.0, 0.0, 0.0]], pe.Nest(0.5, [0]))


def outputs(transformation, share=SHARE):
    """Goods 1 and 2 from a unit of level, worth 1 at prices 1."""
    return pe.NestedCES.from_values([[0.0, *share]], pe.Nest(transformation, [1, 2]))


def economy_of(workers, spent=SPENT):
    consumers = pe.CobbDouglasConsumers([BUDGET], [[0.0, *spent]], normalise=True)
    return pe.Economy(3, [LABOUR, 0.0, 0.0], [consumers, workers])


@pytest.mark.parametrize("t", [0.0, 1e-4, 0.3, 1.0, 7.0, 100.0])
def test_two_goods_from_one(t):
    """Shares of revenue are those of spending: p_i = w (a_i / theta_i)^(1/(1+t)), w = B / L."""
    economy = economy_of(pe.JointWorkers(LABOUR_ALONE, outputs(t)))
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    wage = BUDGET / LABOUR
    price = wage * (SPENT / SHARE) ** (1.0 / (1.0 + t))
    assert plan.price == pytest.approx([wage, *price], rel=1e-7)
    made = plan.proposals[1]
    assert made.outputs == pytest.approx(SPENT * BUDGET / price, rel=1e-7)
    assert made.level == pytest.approx([LABOUR], rel=1e-8)
    assert made.social_benefit == pytest.approx(made.social_cost, rel=1e-8)


@pytest.mark.parametrize("t", [0.0, 1.0, 100.0])
def test_what_is_made_and_nobody_wants_is_worth_nothing(t):
    """Of a fixed mix it comes along at price 0; transformed, it is hardly made any more."""
    economy = economy_of(pe.JointWorkers(LABOUR_ALONE, outputs(t)), spent=[1.0, 0.0])
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    assert plan.price[2] * plan.supply[2] <= 1e-8 * BUDGET
    # alone, theta^(-t/(1+t)) of its benchmark quantity theta can be made of a unit of level
    most = LABOUR * SHARE[0] ** (1.0 - t / (1.0 + t))
    assert plan.supply[1] == pytest.approx(most, rel=1e-6)


def test_a_matrix_is_a_fixed_mix():
    mix = pe.JointWorkers(LABOUR_ALONE, [[0.0, 2.0, 0.5]])
    plan = pe.solve(economy_of(mix), tol=SOLVE_TOL)
    assert plan.supply[1:] == pytest.approx([2.0 * LABOUR, 0.5 * LABOUR], rel=1e-8)


@pytest.mark.parametrize("t", [0.0, 2.0])
def test_a_capacity_bounds_the_level_and_earns_a_rent(t):
    economy = economy_of(pe.JointWorkers(LABOUR_ALONE, outputs(t), capacity=2.0))
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    assert plan.proposals[1].level == pytest.approx([2.0], rel=1e-8)
    assert plan.proposals[1].social_benefit == pytest.approx([BUDGET], rel=1e-8)
    assert plan.price[0] * LABOUR <= 1e-6 * BUDGET


@given(seed=st.integers(0, 2**32 - 1), capacity=st.booleans())
def test_with_one_output_they_are_nested_workers(seed, capacity):
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng, consumers=("ces",), workers=("nested_constant",), capacity=capacity
    )
    family = economy.family("workers_nested_constant")
    single = np.zeros((family.n_councils, economy.n_goods))
    single[np.arange(family.n_councils), family.output_good] = family.productivity
    limit = None if family.capacity is None else family.capacity / family.productivity
    joint = pe.JointWorkers(
        family.nests, single, fixed=family.fixed, capacity=limit, label=family.label
    )
    families = [joint if other is family else other for other in economy.families]
    same = pe.Economy(economy.goods, economy.endowment, families)
    plan, other = (pe.solve(e, tol=SOLVE_TOL, certify=True) for e in (economy, same))
    assert_solved(same, other)
    assert other.price == pytest.approx(plan.price, rel=1e-9)
    assert other.proposal(family.label).outputs == pytest.approx(
        plan.proposal(family.label).output, rel=1e-9
    )
    assert other.bound == pytest.approx(plan.bound, abs=1e-10 * economy.total_budget)


def test_a_family_without_councils():
    none = pe.NestedCES([0], [], [], [], [0], [], [], [], n_goods=3)
    economy = economy_of(pe.JointWorkers(LABOUR_ALONE, outputs(1.0)))
    more = pe.Economy(3, economy.endowment, [*economy.families, pe.JointWorkers(none, none)])
    plan, other = pe.solve(economy, tol=SOLVE_TOL), pe.solve(more, tol=SOLVE_TOL)
    assert other.price == pytest.approx(plan.price, rel=1e-9)
    assert other.proposals[2].outputs.size == 0
