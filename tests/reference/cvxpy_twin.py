"""The convex programme (P) of any economy, written down for CVXPY: the package's answers from an
independent path.

    maximise   sum_h b_h log u_h(x_h)  -  sum disutility of effort  -  sum_k C_k(s_k) subject to
    sum_h x_h + needs + inputs  <=  endowment + outputs + supplies                     (clearance)

Every technology becomes second-order, power or exponential cones, exactly: no rational
approximation of exponents. One variable per family and kind of quantity. The duals of clearance are
the prices of the plan.

A node Z_p = [sum a Z_c^((s-1)/s)]^(s/(s-1)) of a CES tree in cones, one t per child:

    s > 1        a Z_c^r Z_p^(1-r) >= t,  sum t >= Z_p,  r = (s-1)/s      (multiply Z_p^r <= sum a
    Z_c^r by Z_p^(1-r)) 0 < s < 1    (t/a)^s Z_c^(1-s) >= Z_p,  sum t <= Z_p                 (the
    same with r < 0, then to the power s) s = 1        sum a Z_p log(Z_p / Z_c) <= 0
    (relative entropy) s = 0        Z_p <= Z_c
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from reference.trees import (
    Trees,
    cobb_douglas_weights,
    of_consumers,
    of_outputs,
    of_workers,
    rows_of,
)

# Between these the exponent (s-1)/s is so close to 0 that power cones lose the digits the tests ask
# for.
NEAR_ONE = 1e-3

# Clarabel is asked for more than there is and goes on until it makes no progress, which on these
# sizes is at a gap of about 1e-14; what it then returns must be within REDUCED, or CVXPY raises.
# Errors of prices go like the root of the gap, so every digit counts. How far it gets is a matter
# of luck with the path: other step lengths are other tries.
TIGHT, REDUCED = 1e-15, 1e-8
STEP_FRACTIONS = (0.99, 0.9, 0.95, 0.8, 0.7)
GOOD_ENOUGH = 3e-14
OPTIONS = {
    "tol_gap_abs": TIGHT,
    "tol_gap_rel": TIGHT,
    "tol_feas": TIGHT,
    "reduced_tol_gap_abs": REDUCED,
    "reduced_tol_gap_rel": REDUCED,
    "reduced_tol_feas": REDUCED,
    "max_iter": 200,
}
USABLE = ("Solved", "AlmostSolved", "PrimalInfeasible", "AlmostPrimalInfeasible")


@dataclass(frozen=True)
class Twin:
    """What CVXPY found; `proposals[f]` holds the quantities of family f under the names of the
    proposal classes."""

    status: str
    welfare: float
    price: np.ndarray  # (n,)
    accuracy: (
        float  # the solver's gap or infeasibility, whichever is worse, relative to the total budget
    )
    proposals: tuple[dict[str, np.ndarray], ...] = field(repr=False)


@dataclass
class _Part:
    """One family's contribution to the programme."""

    value: object  # concave expression added to the welfare, money
    flow: object  # (n,) affine: net supply to others
    constraints: list
    quantities: dict[str, object]


def _incidence(good, n_goods: int, weight=None):
    """(n, len(good)) matrix adding entries into their goods."""
    weight = np.ones(len(good)) if weight is None else weight
    return sp.csr_array((weight, (good, np.arange(len(good)))), shape=(n_goods, len(good)))


def _column(value, m: int, default: float) -> np.ndarray:
    return np.broadcast_to(np.asarray(default if value is None else value, float), (m,))


def _aggregate(trees: Trees, leaf):
    """Nodes' levels Z (N,) and the constraints that tie them to the leaves' quantities `leaf`
    (L,)."""
    level = cp.Variable(len(trees.node_parent), nonneg=True)
    inner = np.flatnonzero(trees.node_parent >= 0)
    parent = np.concatenate([trees.node_parent[inner], trees.leaf_node])
    share = np.concatenate([trees.node_share[inner], trees.leaf_share])
    child = cp.multiply(1.0 / trees.leaf_unit, leaf)
    if len(inner):
        child = cp.hstack([level[inner], child])
    elasticity = trees.node_elasticity[parent]
    if np.any((elasticity != 1) & (np.abs(elasticity - 1) < NEAR_ONE)):
        raise ValueError(
            "elasticities this near 1 are beyond power cones: compare with a closed form"
        )
    constraints = []
    for pick in (
        elasticity == 0,
        elasticity == 1,
        (elasticity > 0) & (elasticity < 1),
        elasticity > 1,
    ):
        if pick.any():
            edges = np.flatnonzero(pick)
            constraints += _node_cones(
                level, child[edges], parent[edges], share[edges], elasticity[edges]
            )
    return level, constraints


def _node_cones(level, child, parent, share, elasticity) -> list:
    """Cones of the nodes of one kind of elasticity; one entry per edge from a child to its
    parent."""
    nodes, position = np.unique(parent, return_inverse=True)
    total = _incidence(position, len(nodes))
    up, s = level[parent], elasticity
    if s[0] == 0:
        return [up <= child]
    if s[0] == 1:
        return [total @ cp.multiply(share, cp.rel_entr(up, child)) <= 0]
    t = cp.Variable(len(parent), nonneg=True)
    if s[0] < 1:
        return [cp.PowCone3D(cp.multiply(1 / share, t), child, up, s), total @ t <= level[nodes]]
    return [
        cp.PowCone3D(child, up, cp.multiply(1 / share, t), (s - 1) / s),
        total @ t >= level[nodes],
    ]


def _consumers(family, n: int) -> _Part:
    """Consumer councils: budget times log utility, of what is bought beyond needs."""
    budget = np.asarray(family.budget, float)
    kind = type(family).__name__
    if kind == "LinearConsumers":
        good, row = family.value.indices, rows_of(family.value)
        quantity = cp.Variable(len(good), nonneg=True)
        utility = _incidence(row, family.n_councils, family.value.data) @ quantity
        value, constraints = budget @ cp.log(utility), []
    elif kind == "CobbDouglasConsumers":
        # One exponential cone per entry, without passing through the tree: log u = sum a log(x/a).
        shares, row = family.shares, rows_of(family.shares)
        good, weight = shares.indices, budget[row] * shares.data
        quantity = cp.Variable(len(good), nonneg=True)
        value, constraints = weight @ cp.log(quantity) - weight @ np.log(shares.data), []
        total = _incidence(row, family.n_councils, shares.data)
        utility = cp.exp(total @ cp.log(quantity) - total @ np.log(shares.data))
    else:
        trees = of_consumers(family)
        good = trees.leaf_good
        quantity = cp.Variable(len(good), nonneg=True)
        level, constraints = _aggregate(trees, quantity)
        utility = level[trees.root]
        value = budget @ cp.log(utility)
    use = _incidence(good, n) @ quantity
    if getattr(family, "needs", None) is not None:
        use = use + np.asarray(family.needs.sum(axis=0)).ravel()
    return _Part(value, -use, constraints, {"quantity": quantity, "utility": utility})


def _targets(family, n: int) -> _Part:
    """Targets: H as a hypograph, short of the target and beyond it one variable each.

    t = b - a, a and b >= 0, and H(t) = max over such a, b of log(1 + b) - a - a^2/2: raising both
    never pays.
    """
    quantity = cp.Variable(family.n_councils, nonneg=True)
    reached = cp.multiply(1 / family.target, quantity)
    total, constraints = float(np.sum(family.weight)), []
    if family.form == "harmony":
        below, above = (cp.Variable(family.n_councils, nonneg=True) for _ in "ab")
        constraints = [reached - 1 == above - below]
        level = cp.log(1 + above) - below - cp.square(below) / 2
        value, utility = family.weight @ level, cp.exp(level)
    elif family.form == "log":
        value, utility = family.weight @ cp.log(reached), reached
    else:
        one = cp.min(reached) if family.form == "ray" else family.weight @ reached / total
        value, utility = total * cp.log(one), one * np.ones(family.n_councils)
    use = _incidence(np.asarray(family.good), n) @ quantity
    return _Part(value, -use, constraints, {"quantity": quantity, "utility": utility})


def _workers(family, n: int) -> _Part:
    """Smooth worker councils: q = A z^returns of a tree's level z, with capacity, effort and fixed
    inputs."""
    m, kind = family.n_councils, type(family).__name__
    trees, productivity = of_workers(family), _column(family.productivity, family.n_councils, 1.0)
    bought = trees.leaf_good < n
    leaf = cp.Variable(len(trees.leaf_good), nonneg=True)
    output = cp.Variable(m, nonneg=True)
    level, constraints = _aggregate(trees, leaf)
    z = level[trees.root]
    value, quantities = cp.Constant(0.0), {"output": output, "input": leaf[np.flatnonzero(bought)]}
    if kind == "CobbDouglasWorkers":
        degree = np.bincount(
            trees.leaf_tree, weights=cobb_douglas_weights(family).data, minlength=m
        )
        if not bought.all():
            spent = np.flatnonzero(~bought)
            council = trees.leaf_good[spent] - n
            value = -(_column(family.effort.scale, m, 1.0)[council] @ leaf[spent])
            quantities["effort_power"] = leaf[spent]
    else:
        degree = _column(family.returns, m, 1.0)
        quantities["level"] = z
        constraints += _bounded(output, family.capacity, m)
    constraints += _returns(output, z, productivity, degree)
    use = _incidence(trees.leaf_good[bought], n) @ leaf[np.flatnonzero(bought)]
    if getattr(family, "fixed", None) is not None:
        use = use + sp.csr_array(family.fixed.T) @ z
        quantities["fixed_input"] = cp.multiply(family.fixed.data, z[rows_of(family.fixed)])
    flow = _incidence(np.asarray(family.output_good), n) @ output - use
    return _Part(value, flow, constraints, quantities)


def _joint_workers(family, n: int) -> _Part:
    """Joint workers: a tree of inputs, a tree of outputs, and the level between them."""
    m, inputs, outputs = family.n_councils, of_workers(family), of_outputs(family)
    used = cp.Variable(len(inputs.leaf_good), nonneg=True)
    made = cp.Variable(len(outputs.leaf_good), nonneg=True)
    level, constraints = _aggregate(inputs, used)
    z = level[inputs.root]
    needed, transformed = _transformation(outputs, made)
    constraints += [*transformed, needed[outputs.root] <= z, *_bounded(z, family.capacity, m)]
    quantities = {"input": used, "outputs": made}
    use = _incidence(inputs.leaf_good, n) @ used
    if family.fixed is not None:
        use = use + sp.csr_array(family.fixed.T) @ z
        quantities["fixed_input"] = cp.multiply(family.fixed.data, z[rows_of(family.fixed)])
    flow = _incidence(outputs.leaf_good, n) @ made - use
    return _Part(cp.Constant(0.0), flow, constraints, quantities)


def _transformation(trees: Trees, leaf):
    """Levels (N,) that the quantities `leaf` (L,) of outputs need at least, and their constraints.

    T_p = [sum a T_c^((1+t)/t)]^(t/(1+t)):  (u/a)^(t/(1+t)) T_p^(1/(1+t)) >= T_c,  sum u <= T_p;
    t = 0: T_p >= T_c.
    """
    level = cp.Variable(len(trees.node_parent), nonneg=True)
    inner = np.flatnonzero(trees.node_parent >= 0)
    parent = np.concatenate([trees.node_parent[inner], trees.leaf_node])
    share = np.concatenate([trees.node_share[inner], trees.leaf_share])
    child = cp.multiply(1.0 / trees.leaf_unit, leaf)
    if len(inner):
        child = cp.hstack([level[inner], child])
    t = -trees.node_elasticity[parent]
    fixed, bent = np.flatnonzero(t == 0), np.flatnonzero(t > 0)
    constraints = []
    if len(fixed):
        constraints.append(level[parent[fixed]] >= child[fixed])
    if len(bent):
        nodes, position = np.unique(parent[bent], return_inverse=True)
        u, up = cp.Variable(len(bent), nonneg=True), level[parent[bent]]
        power = (t / (1 + t))[bent]
        constraints += [
            cp.PowCone3D(cp.multiply(1 / share[bent], u), up, child[bent], power),
            _incidence(position, len(nodes)) @ u <= level[nodes],
        ]
    return level, constraints


def _returns(output, z, productivity, degree) -> list:
    """output <= A z^degree, as z^degree 1^(1-degree) >= output / A."""
    constraints = []
    constant, falling = np.flatnonzero(degree == 1), np.flatnonzero(degree < 1)
    if len(constant):
        constraints.append(output[constant] <= cp.multiply(productivity[constant], z[constant]))
    if len(falling):
        scaled = cp.multiply(1 / productivity[falling], output[falling])
        constraints.append(cp.PowCone3D(z[falling], np.ones(len(falling)), scaled, degree[falling]))
    return constraints


def _bounded(variable, bound, m: int) -> list:
    bound = _column(bound, m, np.inf)
    pick = np.flatnonzero(np.isfinite(bound))
    return [variable[pick] <= bound[pick]] if len(pick) else []


def _activities(family, _n: int) -> _Part:
    """Linear activities: net output times level."""
    level = cp.Variable(family.n_councils, nonneg=True)
    flow = sp.csr_array(family.net_output.T) @ level
    return _Part(
        cp.Constant(0.0),
        flow,
        _bounded(level, family.capacity, family.n_councils),
        {"level": level},
    )


def _suppliers(family, n: int) -> _Part:
    """Suppliers: minus the integral of marginal cost, from 0 to the quantity supplied."""
    good = np.asarray(family.good)
    k = len(good)
    q0, p0, eta = (_column(v, k, 1.0) for v in (family.quantity, family.price, family.elasticity))
    quantity = cp.Variable(k, nonneg=True)
    constraints = _bounded(quantity, family.maximum, k)
    relative = cp.multiply(1 / q0, quantity)
    if family.form == "isoelastic":
        power = cp.Variable(k, nonneg=True)
        constraints.append(cp.PowCone3D(power, np.ones(k), relative, eta / (1 + eta)))
        cost = (p0 * q0 * eta / (1 + eta)) @ power
    else:
        cost = (p0 * q0 * (1 - 1 / eta)) @ relative + (p0 * q0 / (2 * eta)) @ cp.square(relative)
    return _Part(-cost, _incidence(good, n) @ quantity, constraints, {"quantity": quantity})


BUILDERS = {
    "CobbDouglasConsumers": _consumers,
    "CESConsumers": _consumers,
    "LeontiefConsumers": _consumers,
    "LinearConsumers": _consumers,
    "NestedCESConsumers": _consumers,
    "CobbDouglasWorkers": _workers,
    "CESWorkers": _workers,
    "NestedCESWorkers": _workers,
    "JointWorkers": _joint_workers,
    "Activities": _activities,
    "Suppliers": _suppliers,
    "Targets": _targets,
}


def solve_twin(economy) -> Twin:
    """(P) of `economy` by CVXPY and Clarabel; ValueError where the conic form would not carry the
    digits."""
    parts = [
        BUILDERS[type(family).__name__](family, economy.n_goods) for family in economy.families
    ]
    clearance = sum(part.flow for part in parts) + np.asarray(economy.endowment, float) >= 0
    constraints = [clearance] + [c for part in parts for c in part.constraints]
    # In units of the total budget the objective, its gap and the prices are all of order one.
    money = float(economy.total_budget)
    welfare = sum(part.value for part in parts)
    problem = cp.Problem(cp.Maximize(welfare / money), constraints)
    data, chain, inverse = problem.get_problem_data(
        cp.CLARABEL, solver_opts=OPTIONS
    )  # compiled once for all attempts
    best = None
    for step_fraction in STEP_FRACTIONS:
        raw = chain.solve_via_data(
            problem, data, solver_opts=OPTIONS | {"max_step_fraction": step_fraction}
        )
        if str(raw.status) not in USABLE:
            continue
        # The worse of gap and infeasibility, as Clarabel reports them.
        accuracy = max(abs(raw.obj_val - raw.obj_val_dual), raw.r_prim, raw.r_dual)
        if best is None or not accuracy >= best.accuracy:
            best = _unpacked(
                problem, raw, chain, inverse, parts, clearance, welfare, money, accuracy
            )
        if best.accuracy <= GOOD_ENOUGH or best.status.startswith("infeasible"):
            break
    if best is None:
        raise cp.SolverError("Clarabel found nothing usable in any attempt")
    return best


def greatest_needs(economy) -> float:
    """The factor by which all needs could be multiplied and still just be met, by CVXPY: infeasible
    beyond it."""
    factor = cp.Variable(nonneg=True)
    available, constraints = np.asarray(economy.endowment, float), []
    for family in economy.families:
        if family.role == "consumers":
            if family.needs is not None:
                available = available - factor * np.asarray(family.needs.sum(axis=0)).ravel()
        else:
            part = BUILDERS[type(family).__name__](family, economy.n_goods)
            available, constraints = available + part.flow, constraints + part.constraints
    problem = cp.Problem(cp.Maximize(factor), [available >= 0, *constraints])
    problem.solve(solver=cp.CLARABEL)
    return float(factor.value)


def _unpacked(problem, raw, chain, inverse, parts, clearance, welfare, money, accuracy) -> Twin:
    with warnings.catch_warnings():
        # "Solution may be inaccurate": the status says so too, and REDUCED how much.
        warnings.simplefilter("ignore", UserWarning)
        problem.unpack_results(raw, chain, inverse)
    if problem.status not in ("optimal", "optimal_inaccurate"):
        nothing = np.full(clearance.size, np.nan)
        return Twin(problem.status, np.nan, nothing, np.nan, ())
    proposals = tuple({k: _array(e) for k, e in part.quantities.items()} for part in parts)
    price = money * np.asarray(clearance.dual_value)
    return Twin(problem.status, float(welfare.value), price, accuracy, proposals)


def _array(expression) -> np.ndarray:
    return np.atleast_1d(np.asarray(expression.value, float))
