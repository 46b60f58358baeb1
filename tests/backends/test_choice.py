"""Which method planned and why: in the plan, in its file, in the log."""

from __future__ import annotations

import pytest

import parecon as pe
from backends.engines import economy_of, linear_of


def test_auto_says_newton_where_prices_are_all():
    plan = pe.solve(economy_of(1, consumers=("ces",), workers=("effort",)))
    assert plan.choice.method == plan.method == "newton"
    assert plan.choice.reasons == ("every family is smooth, prices are all there is to find",)


def test_auto_says_what_is_not_smooth_and_how_large():
    plan = pe.solve(economy_of(1, consumers=("linear",), workers=("activities",)))
    assert plan.choice.method == plan.method == "interior"
    first, second = plan.choice.reasons
    assert first == "'workers_activities' and 1 more family not smooth, levels of activities"
    assert second == "one dense factor for 5 goods"


@pytest.mark.parametrize(
    ("method", "solver", "said"),
    [
        ("interior", None, "interior: asked for; one dense factor for 5 goods"),
        ("highs", "ipx", "highs, ipx: asked for"),
        ("highs", None, "highs, simplex: asked for; "),
        ("cvxpy", "clarabel", "cvxpy, CLARABEL: asked for"),
        ("cvxpy", None, "cvxpy, CLARABEL: asked for; the cone solver that gives most digits"),
    ],
)
def test_what_was_asked_for_and_what_was_not(method, solver, said):
    economy = linear_of(economy_of(1, workers=("activities",)))
    lines = []
    plan = pe.solve(economy, method=method, solver=solver, log=lines.append)
    assert str(plan.choice).startswith(said)
    assert plan.choice.name == plan.method
    heard = [line for line in lines if line.startswith("method    ")]
    assert len(heard) == 1
    assert heard[0].split(";")[0] == f"method    {said}".split(";")[0]


def test_the_choice_is_kept_with_the_plan(tmp_path):
    economy = economy_of(1, workers=("activities",))
    plan = pe.solve(economy)
    plan.save(tmp_path / "plan")
    assert pe.load_plan(tmp_path / "plan", economy).choice == plan.choice
