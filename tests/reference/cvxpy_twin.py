"""The convex programme of any economy, by Clarabel to the last digit it gives: the reference.

The programme is that of `parecon.to_cvxpy` and method="cvxpy". It shares the data classes with the
solvers of the package and none of their formulas; the dual function written out (`dual`), which
shares nothing with either, is what it is itself compared with (`test_cvxpy_twin`).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import cvxpy as cp
import numpy as np

import parecon as pe
from parecon.backends import ConeModel
from parecon.backends.cone_parts import part_of
from parecon.backends.cvxpy_model import model_of
from parecon.backends.units import units_of
from parecon.problem import Problem

# Clarabel is asked for more than there is and goes on until it makes no progress, which on these
# sizes is at a gap of about 1e-14; what it then returns must be within REDUCED, or CVXPY raises.
# Errors of prices go like the root of the gap, so every digit counts: its regularisation is small
# and much refined. How far it gets is a matter of luck with the path: other step lengths are other
# tries, and so are other units.
TIGHT, REDUCED = 1e-15, 1e-8
STEP_FRACTIONS = (0.99, 0.9, 0.95, 0.8, 0.7)
GOOD_ENOUGH = 3e-14
LEAST_PRICE = 1e-6  # of the guess, as a unit
OPTIONS = {
    "tol_gap_abs": TIGHT,
    "tol_gap_rel": TIGHT,
    "tol_feas": TIGHT,
    "reduced_tol_gap_abs": REDUCED,
    "reduced_tol_gap_rel": REDUCED,
    "reduced_tol_feas": REDUCED,
    "static_regularization_constant": 1e-10,
    "iterative_refinement_max_iter": 30,
    "iterative_refinement_reltol": 1e-14,
    "iterative_refinement_abstol": 1e-14,
    "max_iter": 200,
}
USABLE = ("Solved", "AlmostSolved", "PrimalInfeasible", "AlmostPrimalInfeasible")


@dataclass(frozen=True)
class Twin:
    """What CVXPY found.

    price : (n,). accuracy : the solver's gap or infeasibility, whichever is worse, relative to the
    total budget. proposals : of each family its quantities under the names of the proposal classes.
    """

    status: str
    welfare: float
    price: np.ndarray
    accuracy: float
    proposals: tuple[dict[str, np.ndarray], ...] = field(repr=False)


def solve_twin(economy: pe.Economy) -> Twin:
    """The best plan of `economy`; SettingsError where the conic form would not carry the digits."""
    model = pe.to_cvxpy(economy)
    best = _best_of(model, None)
    if best is None or (best.accuracy > GOOD_ENOUGH and np.all(np.isfinite(best.price))):
        guess = model.units.price
        price = np.ones(economy.n_goods) if best is None else best.price
        price = np.maximum(price, LEAST_PRICE * guess)
        best = _best_of(model_of(Problem(economy, 1), price), best)
    if best is None:
        raise cp.SolverError("Clarabel found nothing usable in any attempt")
    return best


def _best_of(model: ConeModel, best: Twin | None) -> Twin | None:
    """The best of all tries in the units of one model, or the one before."""
    model.margin.value = (
        0.0 * model.margin.value
    )  # nothing is delivered here: the needs are what they are
    problem = model.problem
    # compiled once for all attempts
    data, chain, inverse = problem.get_problem_data(cp.CLARABEL, solver_opts=OPTIONS)
    for step_fraction in STEP_FRACTIONS:
        raw = chain.solve_via_data(
            problem, data, solver_opts=OPTIONS | {"max_step_fraction": step_fraction}
        )
        if str(raw.status) not in USABLE:
            continue
        # the worse of gap and infeasibility, as Clarabel reports them
        gap = abs(raw.obj_val - raw.obj_val_dual) * model.unit_of_value
        accuracy = max(gap / model.economy.total_budget, raw.r_prim, raw.r_dual)
        if best is None or not accuracy >= best.accuracy:
            best = _unpacked(model, raw, chain, inverse, accuracy)
        if best.accuracy <= GOOD_ENOUGH or best.status.startswith("infeasible"):
            break
    return best


def makers(economy: pe.Economy) -> tuple[Any, list[Any]]:
    """((n,) net supply of all that are not consumers, physical units; their constraints)."""
    units = units_of(Problem(economy, 1))
    parts = [part_of(f, units) for f in economy.families if f.role != "consumers"]
    flow = sum((part.flow for part in parts), cp.Constant(np.zeros(economy.n_goods)))
    return flow, [constraint for part in parts for constraint in part.constraints]


def greatest_needs(economy: pe.Economy) -> float:
    """The factor by which all needs could be multiplied and still just be met, by CVXPY: infeasible
    beyond it."""
    factor = cp.Variable(nonneg=True)
    flow, constraints = makers(economy)
    available = np.asarray(economy.endowment, float) + flow
    for family in economy.families:
        if family.role == "consumers" and family.needs is not None:
            available = available - factor * np.asarray(family.needs.sum(axis=0)).ravel()
    problem = cp.Problem(cp.Maximize(factor), [available >= 0, *constraints])
    problem.solve(solver=cp.CLARABEL)
    return float(factor.value)


def _unpacked(model: Any, raw: Any, chain: Any, inverse: Any, accuracy: float) -> Twin:
    problem = model.problem
    with warnings.catch_warnings():
        # "Solution may be inaccurate": the status says so too, and REDUCED how much
        warnings.simplefilter("ignore", UserWarning)
        problem.unpack_results(raw, chain, inverse)
    if problem.status not in ("optimal", "optimal_inaccurate"):
        nothing = np.full(model.economy.n_goods, np.nan)
        return Twin(problem.status, np.nan, nothing, np.nan, ())
    welfare = float(problem.value) * model.unit_of_value
    proposals = tuple(
        {name: _array(expression) for name, expression in part.quantities.items()}
        for part in model.parts
    )
    return Twin(problem.status, welfare, model.raw_price, accuracy, proposals)


def _array(expression: Any) -> np.ndarray:
    return np.atleast_1d(np.asarray(expression.value, float))
