"""`to_highs` and `to_mps`: names, files that other readers take, and the way back to a plan."""

from __future__ import annotations

import highspy
import numpy as np
import pytest

import parecon as pe
from backends.engines import LINEAR_CONSUMERS, LINEAR_WORKERS, economy_of, linear_of
from economies_for_tests import SUPPLIES

PIECE = 0.01  # relative, the width of the pieces around a plan
SHARE = 2e-5  # of the budgets: what they may miss


def bakery(form="ray"):
    """Names with blanks and letters that not every reader takes."""
    return pe.Economy(
        ["rye bread", "Käse", "labour", "land"],
        [0, 0, 10, 6],
        [
            pe.Targets([0, 1], [2.0, 1.0], [3.0, 3.0], form, label="wanted"),
            pe.Activities(
                [[4.0, 0, -1, 0], [6.0, 0, -1, -1], [0, 2.0, -1, -0.5]],
                capacity=[np.inf, 3.0, np.inf],
                names=["old mill", "new mill", "dairy"],
                label="makers",
            ),
        ],
    )


def run(highs, solver="simplex"):
    highs.setOptionValue("solver", solver)
    assert highs.run() == highspy.HighsStatus.kOk
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs


def test_names_are_those_of_goods_and_councils():
    model = pe.to_highs(bakery())
    assert model.rows[:4] == ("clear:rye_bread", "clear:K_se", "clear:labour", "clear:land")
    assert model.rows[4:] == ("utility:wanted",)
    levels = [name for name in model.columns if name.startswith("level:")]
    assert levels == ["level:makers:old_mill", "level:makers:new_mill", "level:makers:dairy"]
    assert model.exact
    highs = model.highs()
    assert highs.getRowByName("clear:labour") == (highspy.HighsStatus.kOk, 2)
    assert highs.getColByName("level:makers:dairy")[0] == highspy.HighsStatus.kOk
    assert len(set(model.rows)) == len(model.rows)
    assert len(set(model.columns)) == len(model.columns)


def test_names_that_would_be_the_same_are_told_apart():
    economy = pe.Economy(
        ["a b", "a  b", "a_b"], [1.0, 1.0, 1.0], [pe.LeontiefConsumers([1.0], [[1.0, 1.0, 1.0]])]
    )
    assert pe.to_highs(economy).rows[:3] == ("clear:a_b", "clear:a_b~1", "clear:a_b~2")


def test_an_exact_model_is_the_plan():
    economy = bakery()
    model = pe.to_highs(economy)
    plan = model.plan(run(model.highs()), tol=1e-7)
    assert plan.status is pe.Status.SOLVED, plan.message
    own = pe.solve(economy, tol=1e-9)
    assert plan.price == pytest.approx(own.price, rel=1e-6, abs=1e-9)
    assert plan.proposal("makers").level == pytest.approx(own.proposal("makers").level, rel=1e-6)


@pytest.mark.parametrize("worker", LINEAR_WORKERS)
@pytest.mark.parametrize("consumer", LINEAR_CONSUMERS)
def test_a_file_comes_back_as_the_same_model(consumer, worker, tmp_path):
    economy = linear_of(
        economy_of(
            12,
            consumers=(consumer,),
            workers=(worker,),
            supplies=SUPPLIES,
            needs=True,
            capacity=True,
        )
    )
    own = pe.solve(economy, tol=1e-8, certify=True)
    path = tmp_path / "economy.mps"
    model = pe.to_mps(economy, path, around=own)
    there = model.highs()
    back = highspy.Highs()
    back.setOptionValue("output_flag", False)
    assert back.readModel(str(path)) == highspy.HighsStatus.kOk
    one, two = there.getLp(), back.getLp()
    assert list(two.row_names_) == list(model.rows)
    assert list(two.col_names_) == list(model.columns)
    for name in ("col_cost_", "col_lower_", "col_upper_", "row_lower_", "row_upper_"):
        assert np.allclose(getattr(one, name), getattr(two, name), rtol=1e-12, atol=0.0), name
    assert one.offset_ == pytest.approx(two.offset_, rel=1e-12)
    # solved from the file, it is a plan again; where there are pieces, budgets are met to within
    # their width, and welfare is as good as its square
    plan = model.plan(run(back), tol=1e-7 if model.exact else PIECE)
    assert plan.status is pe.Status.SOLVED, plan.message
    assert plan.welfare <= own.bound + 1e-9 * economy.total_budget
    assert plan.welfare >= own.welfare - SHARE * economy.total_budget
    # minus the objective bounds welfare from above: pieces are tangents
    assert -back.getObjectiveValue() >= own.welfare - 1e-6 * economy.total_budget or model.exact


def test_minus_the_objective_is_a_bound_on_welfare():
    economy = bakery("log")
    own = pe.solve(economy, tol=1e-9)
    rough = run(pe.to_highs(economy).highs()).getObjectiveValue()
    close = run(pe.to_highs(economy, around=own).highs()).getObjectiveValue()
    assert -rough >= -close >= own.welfare - 1e-9
    assert -close == pytest.approx(own.welfare, abs=1e-5 * economy.total_budget)


def test_rows_of_the_users_own_do_not_matter():
    model = pe.to_highs(bakery())
    highs = model.highs()
    dairy = model.columns.index("level:makers:dairy")
    highs.addRow(0.0, 2.0, 1, np.array([dairy], np.int32), np.array([1.0]))
    plan = model.plan(run(highs))
    assert plan.certificate.feasible
    assert plan.proposal("makers").level[2] == pytest.approx(2.0, rel=1e-6)
    # it exists, but there are better ones without that row
    assert plan.status is pe.Status.INACCURATE
    assert plan.gap > 1e-3


def test_what_is_no_solution_is_no_plan():
    model = pe.to_highs(bakery())
    with pytest.raises(pe.PlanError, match="no solution with multipliers; HiGHS says 'Not Set'"):
        model.plan(model.highs())
    other = run(pe.to_highs(linear_of(economy_of(1, workers=("activities",)))).highs())
    with pytest.raises(pe.PlanError, match=r"expected values of \d+ columns, got"):
        model.plan(other)


def test_multipliers_below_zero_are_no_prices():
    """All of the land must be used, wanted or not: one more acre to use up does harm."""
    model = pe.to_highs(bakery())
    highs = model.highs()
    land = np.array([3], np.int32)
    highs.changeRowsBounds(1, land, np.array([-5.95]), np.array([-5.95]))
    with pytest.raises(pe.PlanError, match=r"multiplier of 'land' is -.*below zero"):
        model.plan(run(highs))


def test_a_model_says_what_it_is():
    assert repr(pe.to_highs(bakery())) == "LinearModel(5 rows, 5 columns, exact)"
    assert "logarithms and costs in pieces" in repr(pe.to_highs(bakery("log")))
