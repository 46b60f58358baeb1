"""Needs and targets that cannot be met are said to be so, with the goods short and the resources
that bind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, WORKERS, random_economy
from reference.compare import SOLVE_TOL, assert_solved
from reference.cvxpy_twin import greatest_needs


def names(entries) -> set[str]:
    return {entry[0] for entry in entries}


def bakery(bread_needed: float, *, workers=None, labour: float = 10.0):
    """Labour into bread one for one; one household also consumes leisure and bread beyond its
    need."""
    consumers = pe.CobbDouglasConsumers([5.0], [[0.5, 0.5]], needs=[[0.0, bread_needed]])
    workers = pe.Activities([[-1.0, 1.0]]) if workers is None else workers
    return pe.Economy(["labour", "bread"], [labour, 0.0], [consumers, workers])


def test_more_needed_than_endowed():
    consumers = pe.CobbDouglasConsumers(
        [1.0, 1.0], [[0.5, 0.5]] * 2, needs=[[2.0, 0.0], [1.5, 0.0]]
    )
    plan = pe.solve(pe.Economy(["water", "wine"], [3.0, 4.0], [consumers]))
    assert plan.status is pe.Status.INFEASIBLE
    assert names(plan.infeasible.goods) == {"water"}
    _, needed, available = plan.infeasible.goods[0]
    assert needed == pytest.approx(3.5)
    assert available == pytest.approx(3.0)
    assert "water" in plan.message


TECHNOLOGIES = {
    "activities": pe.Activities([[-1.0, 1.0]]),
    "ces": pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 1.0, [1.0]),
    "nested": pe.NestedCESWorkers([1], pe.NestedCES.from_values([[1.0, 0.0]], pe.Nest(0.5, [0]))),
    "ces_falling": pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 0.9, [1.0]),  # 10^.9 = 7.9 of bread
    "cobb_douglas": pe.CobbDouglasWorkers([1], [[0.9, 0.0]], [1.0]),
}


@pytest.mark.parametrize("kind", TECHNOLOGIES)
@pytest.mark.parametrize("needed", [10.1, 20.0, 1e4])
def test_more_needed_than_labour_can_make(kind, needed):
    plan = pe.solve(bakery(needed, workers=TECHNOLOGIES[kind]))
    assert plan.status is pe.Status.INFEASIBLE, plan.message
    # Short is the bread, or the labour to bake it with: the least valuable shortage decides.
    assert names(plan.infeasible.goods) <= {"bread", "labour"}
    assert plan.infeasible.goods
    for _, wanted, available in plan.infeasible.goods:
        assert wanted > available
    assert "labour" in names(plan.infeasible.resources)
    assert dict(plan.infeasible.resources)["labour"] > 0


@pytest.mark.parametrize("kind", TECHNOLOGIES)
def test_what_can_just_be_met_is_planned(kind):
    most = 10.0**0.9 if kind in ("ces_falling", "cobb_douglas") else 10.0
    economy = bakery(0.99 * most, workers=TECHNOLOGIES[kind])
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    assert plan.demand[1] >= 0.99 * most


def test_capacity_stands_in_the_way():
    plan = pe.solve(bakery(6.0, workers=pe.Activities([[-1.0, 1.0]], [5.0])))
    assert plan.status is pe.Status.INFEASIBLE
    assert names(plan.infeasible.goods) == {"bread"}


def test_a_supplier_s_maximum_stands_in_the_way():
    consumers = pe.CobbDouglasConsumers([5.0], [[0.5, 0.5]], needs=[[0.0, 6.0]])
    supply = pe.Suppliers([0], [4.0], [1.0], [0.5], maximum=[5.0])
    economy = pe.Economy(
        ["labour", "bread"], [0.0, 0.0], [consumers, pe.Activities([[-1.0, 1.0]]), supply]
    )
    plan = pe.solve(economy)
    assert plan.status is pe.Status.INFEASIBLE
    assert names(plan.infeasible.goods) <= {"bread", "labour"}
    # Without a maximum any need can be met at a price.
    free = pe.Suppliers([0], [4.0], [1.0], [0.5])
    economy = pe.Economy(
        ["labour", "bread"], [0.0, 0.0], [consumers, pe.Activities([[-1.0, 1.0]]), free]
    )
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    assert plan.supply[1] >= 6.0


def test_a_cycle_that_eats_itself():
    # 1 of iron takes .6 of coal, 1 of coal .9 of iron and 1 of labour: 1 of labour leaves
    # 1/.6 - .9 = .77 of iron. Households need 4: 5 of labour are too few, 6 are enough.
    cycle = pe.Activities([[0.0, 1.0, -0.6], [-1.0, -0.9, 1.0]])
    consumers = pe.CobbDouglasConsumers([5.0], [[0.2, 0.4, 0.4]], needs=[[0.0, 4.0, 0.0]])
    economy = pe.Economy(["labour", "iron", "coal"], [5.0, 0.0, 0.0], [consumers, cycle])
    plan = pe.solve(economy)
    assert plan.status is pe.Status.INFEASIBLE
    assert "labour" in names(plan.infeasible.resources)
    plan = pe.solve(economy.replace(endowment={"labour": 6.0}), tol=SOLVE_TOL)
    assert plan.status is pe.Status.SOLVED, plan.message


def test_raise_if_not_solved():
    with pytest.raises(pe.PlanError, match="bread"):
        pe.solve(bakery(20.0)).raise_if_not_solved()


def test_nothing_possible_at_all_is_not_called_solved():
    # A good without a source would be refused as data; one whose only maker lacks an input comes
    # here.
    consumers = pe.CobbDouglasConsumers([1.0], [[1.0, 0.0, 0.0]])
    makers = pe.Activities([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0], [-2.0, 0.0, 1.0]])
    plan = pe.solve(pe.Economy(["egg", "hen", "chick"], [0.0, 0.0, 0.0], [consumers, makers]))
    assert plan.status is not pe.Status.SOLVED
    assert not np.isfinite(plan.welfare) or plan.status is pe.Status.INFEASIBLE


# Effort without end makes anything of a little of everything else: its disutility is a price, not a
# limit.
LIMITED = [worker for worker in WORKERS if worker != "effort"]


@pytest.mark.parametrize("factor", [0.5, 0.99, 1.01, 3.0])
@given(
    seed=st.integers(0, 2**32 - 1),
    consumer=st.sampled_from(CONSUMERS),
    workers=st.lists(st.sampled_from(LIMITED), min_size=1, max_size=3, unique=True),
    capacity=st.booleans(),
)
def test_infeasible_just_beyond_the_greatest_needs(factor, seed, consumer, workers, capacity):
    economy = random_economy(
        np.random.default_rng(seed),
        consumers=(consumer,),
        workers=tuple(workers),
        needs=True,
        capacity=capacity,
    )
    consumers = economy.family("consumers_0")
    assume(consumers.needs.nnz)
    most = greatest_needs(economy)
    economy = economy.replace(families={"consumers_0": {"needs": factor * most * consumers.needs}})
    plan = pe.solve(economy)
    if factor < 1:
        assert_solved(economy, plan, tol=1e-6)
    else:
        assert plan.status is pe.Status.INFEASIBLE, plan.message
        assert plan.infeasible.goods
        assert all(wanted > available for _, wanted, available in plan.infeasible.goods)
