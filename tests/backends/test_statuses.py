"""What an engine says becomes one status, the same for every engine, and never says more than is
so."""

from __future__ import annotations

import dataclasses
import re

import highspy
import numpy as np
import pytest

import parecon as pe
from backends.engines import economy_of, linear_of
from parecon.backends import cvxpy_method
from parecon.backends.highs_run import STATUSES

ENGINES = [("highs", "simplex"), ("highs", "ipx"), ("cvxpy", "CLARABEL")]


def bakery(bread_needed=0.0, labour=10.0):
    """Labour into bread, one for one; leisure and bread beyond the need are bought."""
    consumers = pe.CobbDouglasConsumers([5.0], [[0.5, 0.5]], needs=[[0.0, bread_needed]])
    makers = pe.Activities([[-1.0, 1.0]], names=["bakery"])
    return pe.Economy(["labour", "bread"], [labour, 0.0], [consumers, makers])


def from_nothing():
    """Iron and coal make each other, more each time."""
    return pe.Economy(
        ["iron", "coal", "labour"],
        [1, 1, 5],
        [
            pe.CobbDouglasConsumers([2.0], [[0.5, 0.25, 0.25]], names=["all"]),
            pe.Activities([[-1, 1.2, 0], [1.2, -1, 0], [1, 0, -1]], names=["a", "b", "c"]),
        ],
    )


def assert_exists(economy, plan):
    certificate = pe.certify(economy, plan)
    assert certificate.feasible, str(certificate)


def test_every_word_of_highs_is_known():
    words = set(highspy.HighsModelStatus.__members__)
    words = {w for w in words if getattr(highspy.HighsModelStatus, w).name == w}
    assert words <= set(STATUSES), words - set(STATUSES)
    ours = {
        "kOptimal": "solved",
        "kInfeasible": "infeasible",
        "kTimeLimit": "time limit",
        "kIterationLimit": "iteration limit",
        "kInterrupt": "interrupted",
        "kUnbounded": "inaccurate",
        "kSolveError": "inaccurate",
    }
    assert {word: str(STATUSES[word]) for word in ours} == ours
    # a limit is never called solved, and only what is optimal is
    assert [w for w, s in STATUSES.items() if s is pe.Status.SOLVED] == ["kOptimal", "kModelEmpty"]


def test_every_word_of_cvxpy_is_known():
    from cvxpy import settings as words

    known = {
        words.OPTIMAL,
        words.OPTIMAL_INACCURATE,
        words.INFEASIBLE,
        words.INFEASIBLE_INACCURATE,
        words.UNBOUNDED,
        words.UNBOUNDED_INACCURATE,
        words.INFEASIBLE_OR_UNBOUNDED,
        words.USER_LIMIT,
        words.SOLVER_ERROR,
    }
    assert known == set(cvxpy_method._STATUS)


@pytest.mark.parametrize(("method", "solver"), ENGINES)
def test_infeasible_says_what_is_short_and_what_binds(method, solver):
    plan = pe.solve(bakery(bread_needed=12.0), method=method, solver=solver)
    assert plan.status is pe.Status.INFEASIBLE
    ((name, needed, available),) = plan.infeasible.goods
    assert (name, needed) == ("bread", 12.0)
    assert available == pytest.approx(10.0, rel=1e-3)
    assert plan.infeasible.resources[0][0] == "labour"
    assert "bread" in plan.message
    assert plan.infeasible == pe.solve(bakery(bread_needed=12.0)).infeasible


@pytest.mark.parametrize(("method", "solver"), ENGINES)
def test_needs_just_met_are_feasible(method, solver):
    plan = pe.solve(bakery(bread_needed=9.9), tol=1e-6, method=method, solver=solver)
    assert plan.status is pe.Status.SOLVED, plan.message
    assert_exists(plan.economy, plan)


@pytest.mark.parametrize(("method", "solver"), ENGINES)
def test_something_from_nothing_is_never_solved(method, solver):
    plan = pe.solve(from_nothing(), method=method, solver=solver, time_limit_s=10.0)
    assert plan.status is pe.Status.INACCURATE, plan.message
    assert re.search("[ab] profits without limit", plan.message)
    assert plan.bound == np.inf
    assert_exists(plan.economy, plan)


def large():
    return pe.synthetic.activities(60, 300, seed=3)


@pytest.mark.parametrize(
    ("solver", "options"),
    [
        ("simplex", {"simplex_iteration_limit": 3}),
        ("ipx", {"ipm_iteration_limit": 2}),
        ("pdlp", {"pdlp_iteration_limit": 50}),
    ],
)
def test_an_iteration_limit_of_highs(solver, options):
    economy = large()
    plan = pe.solve(economy, tol=1e-6, method="highs", solver=solver, solver_options=options)
    assert plan.status is pe.Status.ITERATION_LIMIT, plan.message
    assert_exists(economy, plan)
    assert plan.bound >= plan.welfare


def test_rounds_of_linearisation_are_iterations():
    economy = large()
    plan = pe.solve(economy, tol=1e-8, method="highs", max_iterations=2)
    assert plan.status is pe.Status.ITERATION_LIMIT
    assert plan.n_iterations == 2
    assert plan.message.startswith("Stopped after 2 iterations")
    assert_exists(economy, plan)


def test_an_iteration_limit_of_a_cone_solver():
    economy = economy_of(4, consumers=("ces",), workers=("nested_constant",))
    plan = pe.solve(economy, tol=1e-6, method="cvxpy", max_iterations=3)
    assert plan.status is pe.Status.ITERATION_LIMIT, plan.message
    assert_exists(economy, plan)
    assert np.isfinite(plan.welfare)


@pytest.mark.parametrize(("method", "solver"), [*ENGINES, ("highs", "pdlp")])
def test_time_limit_at_once(method, solver):
    economy = linear_of(economy_of(4, workers=("activities",)))
    plan = pe.solve(economy, method=method, solver=solver, time_limit_s=1e-9)
    assert plan.status is pe.Status.TIME_LIMIT, plan.message
    assert_exists(economy, plan)
    assert np.isfinite(plan.welfare)


def test_time_limit_of_the_solvers_own_options():
    economy = large()
    plan = pe.solve(economy, tol=1e-8, method="highs", solver_options={"time_limit": 1e-3})
    assert plan.status is pe.Status.TIME_LIMIT
    assert_exists(economy, plan)


@pytest.mark.parametrize(("method", "solver"), ENGINES)
def test_a_callback_sees_every_round_and_stops(method, solver):
    economy = linear_of(economy_of(4, consumers=("linear",), workers=("activities",)))
    seen = []

    def stop(info):
        seen.append(info)
        return True

    plan = pe.solve(economy, tol=1e-7, method=method, solver=solver, callback=stop)
    assert tuple(seen) == plan.history
    assert [type(info) for info in seen] == [pe.Info]
    # a cone solver reports when it is through: then there may be nothing more to stop
    allowed = (pe.Status.INTERRUPTED, *((pe.Status.SOLVED,) if method == "cvxpy" else ()))
    assert plan.status in allowed
    assert_exists(economy, plan)


def test_trouble_with_numbers_is_inaccurate_and_says_who_said_so():
    """SCS at a hundredth of the work it needs."""
    economy = economy_of(4, consumers=("ces",), workers=("nested_constant",))
    plan = pe.solve(
        economy, tol=1e-9, method="cvxpy", solver="SCS", solver_options={"max_iters": 20}
    )
    assert plan.status in (pe.Status.INACCURATE, pe.Status.ITERATION_LIMIT)
    assert "SCS" in plan.message
    assert_exists(economy, plan)


@pytest.mark.parametrize(("method", "solver"), ENGINES)
def test_the_plan_is_the_same_record_as_of_any_method(method, solver, tmp_path):
    economy = linear_of(economy_of(4, workers=("activities",), needs=True))
    plan = pe.solve(economy, method=method, solver=solver)
    own = pe.solve(economy, certify=True)
    assert type(plan) is type(own)
    for field in dataclasses.fields(own.certificate):
        assert (
            type(getattr(plan.certificate, field.name))
            is type(getattr(own.certificate, field.name))
            or "council" in field.name
            or "good" in field.name
        )
    plan.save(tmp_path / "plan")
    again = pe.load_plan(tmp_path / "plan", economy)
    assert again.method == plan.method == f"{method}, {solver}"
    assert np.array_equal(again.price, plan.price)
