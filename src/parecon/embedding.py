"""parecon inside CVXPY: `to_cvxpy`, and `problem.solve(method="parecon")` for what it hands out."""

from __future__ import annotations

import math
from typing import Any

from parecon.backends import ConeModel, cone_model
from parecon.economy import Economy
from parecon.errors import SettingsError
from parecon.plan import Plan
from parecon.solve import solve
from parecon.status import Status

METHOD = "parecon"

# Clearance marks a problem as a model's, with constraints added or without: it knows its model.
_MARK = "_parecon_model"

# What CVXPY calls it.
_WORDS = {
    Status.SOLVED: "optimal",
    Status.INACCURATE: "optimal_inaccurate",
    Status.ITERATION_LIMIT: "user_limit",
    Status.TIME_LIMIT: "user_limit",
    Status.INTERRUPTED: "user_limit",
    Status.INFEASIBLE: "infeasible",
}


def to_cvxpy(economy: Economy) -> ConeModel:
    """An economy as a CVXPY problem, with variables by family and the way back to a plan.

    `model.problem.solve()` solves it with any cone solver, `model.problem.solve(method="parecon")`
    with the solvers of parecon, which set the values of all variables and the multipliers of
    clearance. Settings such as `tol` are passed on.

    Raises
    ------
    SettingsError
        If a family is not cone-representable; it is named with the reason.
    """
    import cvxpy as cp

    model = cone_model(economy)
    setattr(model.clearance, _MARK, model)
    cp.Problem.register_solve(METHOD, _solve)
    return model


def _solve(problem: Any, **settings: Any) -> float:
    """What `problem.solve(method="parecon", ...)` runs; returns the value of the problem."""
    model = _model_of(problem)
    plan = solve(model.current_economy(), **settings)
    word = _WORDS.get(plan.status)
    if word is None:
        raise SettingsError(f"problem.solve: {plan.status.value}: {plan.message}")
    problem.unpack(_solution(model, plan, word))
    return float(problem.value)


def _model_of(problem: Any) -> ConeModel:
    for constraint in problem.constraints:
        model: ConeModel | None = getattr(constraint, _MARK, None)
        if model is not None:
            added = len(problem.constraints) - len(model.problem.constraints)
            same = problem.objective is model.problem.objective
            if added or not same:
                plural = "" if added == 1 else "s"
                what = f"{added} constraint{plural} of its own" if added else "another objective"
                raise SettingsError(
                    f"problem.solve: method {METHOD!r} plans the economy as it stands, and this "
                    f"problem has {what}. Use a cone solver: problem.solve(solver='CLARABEL')"
                )
            return model
    raise SettingsError(
        f"problem.solve: method {METHOD!r} needs a problem of parecon.to_cvxpy; "
        "this one has no clearance of goods that parecon knows"
    )


def _solution(model: ConeModel, plan: Plan, word: str) -> Any:
    """The plan in the variables of the model."""
    from cvxpy.reductions.solution import Solution

    attributes = {"num_iters": plan.n_iterations, "solve_time": sum(plan.phase_s.values())}
    if plan.status is Status.INFEASIBLE:
        return Solution(word, -math.inf, {}, {}, attributes)
    for part, proposal in zip(model.parts, plan.proposals, strict=True):
        part.fill(proposal)
    values = {variable.id: variable.value for variable in model.problem.variables()}
    prices = {model.clearance.id: model.multipliers(plan.price)}
    return Solution(word, plan.welfare / model.unit_of_value, values, prices, attributes)
