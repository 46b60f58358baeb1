"""Targets as a family: data, disk, solver, judge, board, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

import parecon as pe
from reference.compare import assert_solved

FORMS = ("harmony", "ray", "log", "linear")


def village(form: str = "harmony", scale: float = 1.0) -> pe.Economy:
    """Corn and cloth from labour and land, cloth from corn too; targets in no order of goods."""
    net = [[1.0, 0.0, -0.5, -1.0], [-0.2, 1.0, -1.5, 0.0], [1.0, 0.0, -1.5, -0.4]]
    sectors = pe.Activities(net, names=["field", "loom", "garden"], label="sectors")
    targets = pe.Targets([1, 0], scale * np.array([2.0, 6.0]), [3.0, 5.0], form, label="targets")
    goods = pe.Goods(["corn", "cloth", "labour", "land"])
    return pe.Economy(goods, [0.0, 0.0, 10.0, 4.0], [targets, sectors])


def test_targets_are_data_with_defaults():
    targets = pe.Targets([0, 2], [1.0, 3.0])
    assert (targets.form, targets.role, targets.needs) == ("harmony", "consumers", None)
    np.testing.assert_array_equal(targets.weight, [1.0, 1.0])
    assert targets.budget is targets.weight
    assert village().total_budget == 8.0
    assert targets.replace(weight=2.0).budget.tolist() == [2.0, 2.0]


WRONG = [
    (([0, 0], 1.0), {}, "targets.good: expected one target a good, got more of 'corn'"),
    (([0], 0.0), {}, r"targets.target: expected above 0 and finite, got targets\[0\] \(0\)"),
    (([0], [np.inf]), {}, "targets.target: expected above 0 and finite"),
    (([0], 1.0, -1.0), {}, "targets.weight: expected above 0 and finite"),
    (([4], 1.0), {}, "targets.good: expected good indices from 0 to 3"),
    (([0], 1.0, 1.0, "harmonic"), {}, "targets.form: expected 'harmony' or 'ray' or 'log'"),
    (([0, 1], [1.0]), {}, r"targets.target: expected shape \(2,\)"),
]


@pytest.mark.parametrize(("values", "columns", "message"), WRONG)
def test_what_is_wrong_is_named(values, columns, message):
    with pytest.raises(pe.EconomyError, match=message):
        pe.Economy(["corn", "cloth", "labour", "land"], np.ones(4), [pe.Targets(*values)])


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
@pytest.mark.parametrize("form", FORMS)
def test_economy_and_plan_come_back_from_disk(form, file_format, tmp_path):
    economy = village(form)
    pe.save(tmp_path / "economy", economy, file_format=file_format)
    loaded = pe.load(tmp_path / "economy")
    before, after = economy.family("targets"), loaded.family("targets")
    assert after.form == form
    for name in ("good", "target", "weight"):
        assert getattr(after, name).tobytes() == getattr(before, name).tobytes()
    plan = pe.solve(economy)
    plan.save(tmp_path / "plan")
    again = pe.load_plan(tmp_path / "plan", loaded)
    assert again.proposals[0].quantity.tobytes() == plan.proposals[0].quantity.tobytes()
    assert pe.certify(loaded, again).holds()


@pytest.mark.parametrize("form", FORMS)
def test_changed_targets_are_planned_again(form):
    solver = pe.Solver(village(form), pe.Settings(tol=1e-9))
    solver.solve()
    solver.update(families={"targets": {"target": [5.0, 3.0], "weight": [1.0, 4.0]}})
    again, anew = solver.solve(), pe.solve(solver.economy, tol=1e-9)
    assert_solved(solver.economy, again)
    assert again.welfare == pytest.approx(anew.welfare, abs=2e-9 * solver.economy.total_budget)


@pytest.mark.parametrize("method", ["interior", "highs", "cvxpy"])
@pytest.mark.parametrize("form", FORMS)
def test_all_engines_agree(form, method):
    economy = village(form)
    best = pe.solve(economy, tol=1e-9)
    plan = pe.solve(economy, tol=1e-7, method=method)
    assert plan.status is pe.Status.SOLVED, plan.message
    assert plan.welfare == pytest.approx(best.welfare, abs=2e-7 * economy.total_budget)
    np.testing.assert_allclose(plan.price, best.price, rtol=1e-4)


def test_ray_is_the_linear_programme_of_complete_bundles():
    """max k, k T <= net output: HiGHS written down anew; multipliers times W / k are prices."""
    economy = village("ray")
    targets, sectors = economy.families
    bundle = np.zeros(4)
    bundle[targets.good] = targets.target
    net = sectors.net_output.toarray()
    lp = linprog(
        np.append(np.zeros(3), -1.0),
        A_ub=np.hstack([-net.T, bundle[:, None]]),
        b_ub=economy.endowment,
        method="highs",
    )
    plan = pe.solve(economy, tol=1e-9)
    bundles = np.exp(plan.welfare / economy.total_budget)
    assert bundles == pytest.approx(-lp.fun, rel=1e-8)
    np.testing.assert_allclose(plan.proposals[0].utility, bundles, rtol=1e-8)
    np.testing.assert_allclose(plan.price, -lp.ineqlin.marginals * 8.0 / bundles, rtol=1e-6)


@pytest.mark.parametrize("reach", [1e-2, 0.3, 1.0, 30.0, 1e4])
def test_targets_far_out_of_reach_and_long_passed(reach):
    """At ten thousand times what can be made, harmony is as good as linear: it is solved all the
    same, and its prices are then twice the worth at the target."""
    planted = pe.synthetic.planted_targets(40, 120, seed=3)
    target = reach * planted.economy.family("targets").target
    economy = planted.economy.replace(families={"targets": {"target": target}})
    plan = pe.solve(economy)
    assert plan.status is pe.Status.SOLVED, plan.message
    family, delivered = economy.family("targets"), plan.proposal("targets").quantity
    worth = plan.price[family.good] * target / family.weight
    assert np.all(worth[delivered > 1e-4 * target] <= 2.0)
    if reach == 1e4:
        np.testing.assert_allclose(worth[delivered > 1e-4 * target], 2.0, rtol=1e-2)
    if reach == 1e-2:
        np.testing.assert_allclose(plan.proposal("targets").spending, family.weight, rtol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_planted_plan_is_found(form):
    planted = pe.synthetic.planted_targets(60, 200, seed=5, form=form, free_resources=2)
    tol = 1e-8
    plan = pe.solve(planted.economy, tol=tol)
    assert_solved(planted.economy, plan, tol)
    budget = planted.economy.total_budget
    assert plan.welfare == pytest.approx(planted.welfare, abs=2 * tol * budget)
    if form in ("harmony", "log"):
        quantity = planted.optimum["targets"]["quantity"]
        np.testing.assert_allclose(plan.proposal("targets").quantity, quantity, rtol=1e-6)
        paid = planted.price > 0.0
        np.testing.assert_allclose(plan.price[paid], planted.price[paid], rtol=1e-5)


def test_planting_refuses_what_is_out_of_range():
    with pytest.raises(pe.EconomyError, match=r"form: expected one of.*did you mean 'harmony'"):
        pe.synthetic.planted_targets(10, 20, seed=1, form="harmonny")
    with pytest.raises(pe.EconomyError, match="reached: expected"):
        pe.synthetic.planted_targets(10, 20, seed=1, reached=(0.0, 1.0))


class Claimed:
    """A plan with other quantities."""

    def __init__(self, plan, quantity) -> None:
        self.price = plan.price
        first = type("Delivered", (), {"quantity": quantity})()
        self.proposals = (first, *plan.proposals[1:])


@pytest.mark.parametrize("form", FORMS)
def test_judge_rejects_what_is_not_the_best_and_what_is_not_there(form):
    economy = village(form)
    plan = pe.solve(economy, tol=1e-9)
    quantity = np.array(plan.proposals[0].quantity)
    assert pe.certify(economy, Claimed(plan, quantity), tol=1e-8).holds()
    less = pe.certify(economy, Claimed(plan, 0.99 * quantity), tol=1e-8)
    assert less.feasible
    assert not less.holds()
    assert less.budget_unspent > 1e-3
    more = pe.certify(economy, Claimed(plan, 1.01 * quantity), tol=1e-8)
    assert not more.feasible
    assert more.shortage_good in ("corn", "cloth")
    assert more.budget_violation > 1e-3
    negative = pe.certify(economy, Claimed(plan, -quantity), tol=1e-8)
    assert negative.technology_violation == np.inf
    assert "a delivery" in negative.technology_reason


def test_judge_values_harmony_by_its_formula():
    """Half of one target, double the other: w (-5/8) + w log 2."""
    economy = village()
    plan = pe.solve(economy)
    judged = pe.certify(economy, Claimed(plan, np.array([1.0, 12.0])))
    assert judged.welfare == pytest.approx(3.0 * -0.625 + 5.0 * np.log(2.0), rel=1e-14)


@pytest.mark.parametrize("form", FORMS)
def test_needs_that_cannot_be_met_beside_targets_are_named(form):
    base = village(form)
    eater = pe.LeontiefConsumers([1.0], [[1.0, 0, 0, 0]], needs=[[100.0, 0, 0, 0]])
    plan = pe.solve(pe.Economy(base.goods, base.endowment, [*base.families, eater]))
    assert plan.status is pe.Status.INFEASIBLE
    assert plan.infeasible.goods[0][0] == "corn"


@pytest.mark.parametrize("form", ["harmony", "log", "ray"])
def test_a_board_that_announces_prices_finds_the_plan(form):
    net = pe.CESWorkers([0, 1], [[0, 0, 0.5, 0.5], [0, 0, 0.7, 0.3]], 0.8, 0.7, 2.0, label="shops")
    targets = village(form).family("targets").replace(label="targets")
    economy = pe.Economy(village().goods, [0.0, 0.0, 10.0, 4.0], [targets, net])
    rounds = pe.simulate(economy, threshold=1e-3)
    assert rounds.status is pe.ProcedureStatus.SETTLED
    assert rounds.distance[-1] < 1e-2


def test_a_target_is_explained():
    text = str(pe.solve(village()).explain("corn"))
    assert "corn" in text
    found = pe.solve(village(scale=3.0)).explain("targets[0]")
    assert "target" in found.sentence


def test_stopped_plans_are_delivered():
    plan = pe.solve(village(), max_iterations=1, tol=1e-12)
    assert plan.status is pe.Status.ITERATION_LIMIT
    assert pe.certify(village(), plan).feasible
    assert np.isfinite(plan.welfare)
    assert plan.bound >= plan.welfare
