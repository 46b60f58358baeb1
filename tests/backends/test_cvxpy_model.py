"""`parecon.to_cvxpy`: a problem to change, prices back, and `problem.solve(method="parecon")`."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

import parecon as pe
from backends.engines import economy_of
from economies_for_tests import CONSUMERS, TARGETS, WORKERS

MIX = {
    "consumers": ("ces", "linear", "nested"),
    "workers": ("ces_falling", "nested_constant", "joint", "activities"),
    "supplies": ("isoelastic",),
}


def village():
    """The economy of the README's first page."""
    return pe.Economy(
        goods=pe.Goods(["labour", "permits", "electricity"], unit=["hours", "tonnes", "MWh"]),
        endowment=[100, 20, 0],
        families=[
            pe.CobbDouglasConsumers(
                [600, 400], [[0.3, 0, 0.7], [0.5, 0, 0.5]], names=["north", "south"], label="people"
            ),
            pe.Activities([[-1, -2, 4], [-2, 0, 4]], names=["coal", "wind"], label="stations"),
        ],
    )


def solved(problem):
    """To more digits than by default: prices lose half of them."""
    tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-11)
    problem.solve(solver="CLARABEL", **tight)
    assert problem.status == "optimal"


def test_prices_and_quantities_come_back():
    model = pe.to_cvxpy(village())
    solved(model.problem)
    own = pe.solve(village(), tol=1e-9)
    assert model.price == pytest.approx(own.price, rel=1e-5)
    assert model.variables["stations"]["level"].value == pytest.approx(
        own.proposal("stations").level, rel=1e-5
    )
    assert model.variables["people"]["quantity"].value == pytest.approx(
        own.proposal("people").quantity, rel=1e-5
    )
    plan = model.plan(tol=1e-5)
    assert plan.status is pe.Status.SOLVED, plan.message
    assert plan.certificate.feasible
    assert plan.welfare == pytest.approx(own.welfare, abs=1e-5 * village().total_budget)


def test_a_constraint_of_the_users_own_costs_what_its_multiplier_says():
    """Not more than 5 units of coal: one more would be worth what it saves, 2 w + ... by hand."""
    model = pe.to_cvxpy(village())
    limit = cp.Parameter(value=5.0)
    at_most = model.variables["stations"]["level"][0] <= limit
    problem = model.with_constraints([at_most])
    solved(problem)
    level = model.variables["stations"]["level"].value
    assert level[0] == pytest.approx(5.0, rel=1e-6)
    price = model.price
    # permits are left over and free; wind breaks even: 4 p = 2 w; coal would earn 4 p - w = w
    assert price[1] == pytest.approx(0.0, abs=1e-4)
    assert 4 * price[2] == pytest.approx(2 * price[0], rel=1e-5)
    rent = float(at_most.dual_value) * model.unit_of_value
    assert rent == pytest.approx(price[0], rel=1e-4)
    plan = model.plan()
    assert plan.certificate.feasible
    # the plan exists, but under the limit it is not the best of the economy
    assert plan.status is pe.Status.INACCURATE
    assert plan.gap > 1e-3
    # the rent is the slope of welfare
    before = problem.value
    limit.value = 5.01
    solved(problem)
    slope = (problem.value - before) * model.unit_of_value / 0.01
    assert slope == pytest.approx(rent, rel=1e-2)


def test_net_supply_takes_constraints_too():
    """Ten tonnes of permits are to be left: as if there were ten fewer."""
    model = pe.to_cvxpy(village())
    solved(model.with_constraints([model.net_supply[1] >= 10.0]))
    fewer = pe.solve(village().replace(endowment={"permits": 10.0}), tol=1e-8)
    assert model.variables["stations"]["level"].value == pytest.approx(
        fewer.proposal("stations").level, rel=1e-4
    )


def test_parameters_solve_again_without_compiling():
    economy = village()
    model = pe.to_cvxpy(economy)
    assert model.problem.is_dcp(dpp=True)
    solved(model.problem)
    compiled = model.problem._cache.param_prog
    model.endowment.value = np.array([120.0, 20.0, 0.0])
    model.budgets["people"].value = np.array([500.0, 500.0])
    solved(model.problem)
    assert model.problem._cache.param_prog is compiled
    changed = economy.replace(
        endowment={"labour": 120.0}, families={"people": {"budget": [500.0, 500.0]}}
    )
    assert model.current_economy().total_budget == 1000.0
    assert model.price == pytest.approx(pe.solve(changed, tol=1e-9).price, rel=1e-5)
    plan = model.plan(tol=1e-5)
    assert np.array_equal(plan.economy.endowment, changed.endowment)
    assert plan.status is pe.Status.SOLVED, plan.message


@pytest.mark.parametrize("kind", ["consumers", "workers"])
def test_size_grows_with_families_not_with_councils(kind):
    """One variable per family and kind of quantity: compile time is that of the data."""

    def counts(n_households, n_products):
        economy = economy_of(
            8, n_households=n_households, n_products=n_products, capacity=False, **MIX
        )
        problem = pe.to_cvxpy(economy).problem
        nodes = sum(1 for c in problem.constraints for _ in walked(c))
        return len(problem.variables()), len(problem.constraints), nodes

    small = counts(2, 8)
    large = counts(200, 8) if kind == "consumers" else counts(2, 100)
    # councils of one more kind of elasticity may be among the many, and that is all
    assert large[0] <= small[0] + 6
    assert large[1] <= small[1] + 8
    assert large[2] <= 1.3 * small[2]


def walked(expression):
    yield expression
    for argument in expression.args:
        yield from walked(argument)


def mixes():
    for consumer in (*CONSUMERS, *TARGETS):
        yield (consumer,), ("activities",), ()
    for worker in WORKERS:
        yield ("ces",), (worker,), ("linear",)
    yield MIX["consumers"], MIX["workers"], MIX["supplies"]


@pytest.mark.parametrize(("consumers", "workers", "supplies"), list(mixes()))
def test_method_parecon_sets_all_variables_to_a_point_that_satisfies_the_problem(
    consumers, workers, supplies
):
    economy = economy_of(
        9, consumers=consumers, workers=workers, supplies=supplies, needs=True, capacity=True
    )
    model = pe.to_cvxpy(economy)
    model.margin.value = np.zeros(economy.n_goods)
    value = model.problem.solve(method="parecon", tol=1e-8)
    assert model.problem.status == "optimal"
    for constraint in model.problem.constraints:
        assert np.max(constraint.violation(), initial=0.0) <= 1e-7, constraint
    own = pe.solve(economy, tol=1e-8)
    # cones would allow what a plan leaves unused: the problem's value is at least the plan's
    budgets = economy.total_budget
    assert value * model.unit_of_value >= own.welfare - 1e-9 * budgets
    assert value * model.unit_of_value <= own.bound + 1e-9 * budgets
    assert model.price == pytest.approx(own.price, rel=1e-6, abs=1e-12)
    assert model.plan(tol=1e-6).status is pe.Status.SOLVED


def test_method_parecon_and_a_cone_solver_agree_and_parameters_are_seen():
    model = pe.to_cvxpy(village())
    model.endowment.value = np.array([90.0, 15.0, 0.0])
    ours = model.problem.solve(method="parecon", tol=1e-9)
    price = model.price
    solved(model.problem)
    assert model.problem.value == pytest.approx(ours, rel=1e-6)
    assert model.price == pytest.approx(price, rel=1e-5)


def test_method_parecon_says_infeasible():
    economy = village()
    needs = [[0.0, 0.0, 500.0], [0.0, 0.0, 0.0]]
    economy = economy.replace(families={"people": {"needs": needs}})
    model = pe.to_cvxpy(economy)
    assert model.problem.solve(method="parecon") == -np.inf
    assert model.problem.status == "infeasible"


def test_method_parecon_reports_limits_as_limits():
    model = pe.to_cvxpy(village())
    model.problem.solve(method="parecon", tol=1e-9, max_iterations=1)
    assert model.problem.status == "user_limit"
    assert np.all(np.isfinite(model.price))


def test_method_parecon_refuses_what_it_does_not_know():
    model = pe.to_cvxpy(village())
    more = model.with_constraints([model.net_supply[1] >= 1.0])
    with pytest.raises(pe.SettingsError, match=r"1 constraint of its own.*cone solver"):
        more.solve(method="parecon")
    with pytest.raises(pe.SettingsError, match="another objective"):
        cp.Problem(cp.Maximize(0), model.problem.constraints).solve(method="parecon")
    x = cp.Variable(nonneg=True)
    with pytest.raises(pe.SettingsError, match=r"needs a problem of parecon\.to_cvxpy"):
        cp.Problem(cp.Minimize(x)).solve(method="parecon")
    with pytest.raises(TypeError, match="tolerance"):
        model.problem.solve(method="parecon", tolerance=1e-3)


def test_an_unsolved_model_has_no_prices_and_no_plan():
    model = pe.to_cvxpy(village())
    for ask in (lambda: model.price, model.plan):
        with pytest.raises(pe.PlanError, match="solve `problem` first"):
            ask()


def test_a_model_says_what_it_holds():
    model = pe.to_cvxpy(village())
    assert repr(model) == "ConeModel(3 goods; people: quantity/utility; stations: level)"
    with pytest.raises(TypeError):
        model.variables["people"] = {}
