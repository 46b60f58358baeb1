"""Each family's part of the convex programme in cones (DESIGN, sections 2 and 3), one variable per
family and kind of quantity.

To teach the cone backend a new family, write a function from family and units to a `Part` and name
it in `_BUILDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import row_index
from parecon.backends.cones import aggregate, bounded, returns, sums
from parecon.backends.transformation import transformation
from parecon.backends.trees import exponents, flat, trees_of
from parecon.backends.units import Units
from parecon.families import (
    Activities,
    CESConsumers,
    CESWorkers,
    CobbDouglasConsumers,
    CobbDouglasWorkers,
    Consumers,
    Family,
    JointWorkers,
    LeontiefConsumers,
    LinearConsumers,
    NestedCESConsumers,
    NestedCESWorkers,
    Suppliers,
    Targets,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """One family's contribution.

    value : concave expression added to the welfare, money. flow : (n,) affine, net supply to the
    others, physical units, needs not counted. quantities : expressions in physical units, named as
    in `parecon.proposals`. budget : parameter (H,), of consumers. fill : sets all variables from
    proposals of the family.
    """

    value: Any
    flow: Any
    constraints: list[Any]
    quantities: Mapping[str, Any]
    fill: Callable[[Any], None]
    budget: Any = field(default=None)


def part_of(family: Family, units: Units) -> Part:
    """The part of one family; all of its councils together."""
    if not family.n_councils:
        return _nothing(units)
    return _BUILDERS[type(family)](family, units)


def _nothing(units: Units) -> Part:
    """Of a family without councils."""
    import cvxpy as cp

    flow = cp.Constant(np.zeros(len(units.price)))
    return Part(cp.Constant(0.0), flow, [], {}, lambda _: None)


def _budget(family: Consumers) -> Any:
    import cvxpy as cp

    return cp.Parameter(family.n_councils, pos=True, value=family.budget, name=f"{family.title}_b")


def _consumers(family: Consumers, units: Units) -> Part:
    """Budget times log of a CES aggregate."""
    import cvxpy as cp

    trees = trees_of(family)
    price = units.price[trees.leaf_good]
    found = aggregate(trees, price, family.budget)
    budget = _budget(family)
    value = budget @ cp.log(found.root) + budget @ np.log(found.root_scale)
    quantity = cp.multiply(found.leaf_scale, found.leaf)
    flow = -(sums(trees.leaf_good, len(units.price), found.leaf_scale) @ found.leaf)
    named = {"quantity": quantity, "utility": cp.multiply(found.root_scale, found.root)}
    return Part(
        value, flow, found.constraints, named, lambda made: found.fill(made.quantity), budget
    )


def _cobb_douglas_consumers(family: CobbDouglasConsumers, units: Units) -> Part:
    """sum a log(x/a): a cone per entry, without passing through the tree."""
    import cvxpy as cp

    shares = family.shares
    row, good = row_index(shares.indptr), shares.indices
    scale = family.budget[row] * shares.data / units.price[good]
    x = cp.Variable(len(good), nonneg=True)
    budget = _budget(family)
    of_council = sums(row.astype(np.intp), family.n_councils, shares.data)
    constant = of_council @ np.log(scale / shares.data)
    value = (of_council.T @ budget) @ cp.log(x) + budget @ constant
    named = {
        "quantity": cp.multiply(scale, x),
        "utility": cp.exp(of_council @ cp.log(x) + constant),
    }

    def fill(made: Any) -> None:
        x.value = made.quantity / scale

    flow = -(sums(good.astype(np.intp), len(units.price), scale) @ x)
    return Part(value, flow, [], named, fill, budget)


def _linear_consumers(family: LinearConsumers, units: Units) -> Part:
    """Budget times log of a weighted sum."""
    import cvxpy as cp

    worth = family.value
    row, good = row_index(worth.indptr).astype(np.intp), worth.indices
    scale = family.budget[row] / units.price[good]
    gain = worth.data * scale
    most = np.zeros(family.n_councils)
    np.maximum.at(most, row, gain)  # what the whole budget buys where it buys most
    x = cp.Variable(len(good), nonneg=True)
    relative = sums(row, family.n_councils, gain / most[row]) @ x
    budget = _budget(family)
    value = budget @ cp.log(relative) + budget @ np.log(most)
    named = {"quantity": cp.multiply(scale, x), "utility": cp.multiply(most, relative)}

    def fill(made: Any) -> None:
        x.value = made.quantity / scale

    flow = -(sums(good.astype(np.intp), len(units.price), scale) @ x)
    return Part(value, flow, [], named, fill, budget)


def _targets(family: Targets, units: Units) -> Part:
    """What targets are worth; their weights are constants of the model."""
    import cvxpy as cp

    total, price = float(np.sum(family.weight)), units.price[family.good]
    if family.form == "ray":  # bundles, of which the weights would buy so many at guessed prices
        scale = family.target * (total / float(np.dot(price, family.target)))
        bundles = cp.Variable(nonneg=True)
        constraints: list[Any] = []
        x = np.ones(family.n_councils) * bundles
        value = total * (cp.log(bundles) + np.log(scale[0] / family.target[0]))

        def fill(made: Any) -> None:
            bundles.value = np.min(made.quantity / scale)
    else:
        scale = family.weight / price
        x = cp.Variable(family.n_councils, nonneg=True)
        value, constraints, also = _apart(family, x, scale / family.target)

        def fill(made: Any) -> None:
            x.value = made.quantity / scale
            also(made.quantity / family.target - 1.0)

    flow = -(sums(family.good.astype(np.intp), len(units.price), scale) @ x)
    return Part(value, flow, constraints, {"quantity": cp.multiply(scale, x)}, fill)


def _apart(family: Targets, x: Any, each: Array) -> tuple[Any, list[Any], Callable[[Array], None]]:
    """(value, constraints, what sets further variables at t); each : (k,) parts of targets per x.

    harmony: t = b - a with a, b >= 0, and H(t) = max log(1 + b) - a - a^2/2, as raising both never
    pays.
    """
    import cvxpy as cp

    total = float(np.sum(family.weight))
    if family.form == "log":
        value = family.weight @ (cp.log(x) + np.log(each))
        return value, [], lambda _: None
    if family.form == "linear":
        most = float(np.max(each * family.weight))
        value = total * (cp.log((each * family.weight / most) @ x) + np.log(most / total))
        return value, [], lambda _: None
    scale = np.maximum(each, 1.0)
    short, more = (cp.Variable(family.n_councils, nonneg=True) for _ in range(2))
    beyond = cp.multiply(scale, more)
    value = family.weight @ (cp.log(1.0 + beyond) - short - 0.5 * cp.square(short))

    def also(t: Array) -> None:
        short.value, more.value = np.maximum(-t, 0.0), np.maximum(t, 0.0) / scale

    return value, [cp.multiply(each, x) - 1.0 == beyond - short], also


def _workers(family: CESWorkers | NestedCESWorkers, units: Units) -> Part:
    """q = A z^returns with capacity and inputs in fixed proportion to z."""
    import cvxpy as cp

    n, m = len(units.price), family.n_councils
    trees = trees_of(family)
    worth = units.made(family.output_good) * units.price[family.output_good]
    found = aggregate(trees, units.price[trees.leaf_good], family.returns * worth)
    z, z_scale = found.root, found.root_scale
    scale = family.productivity * z_scale**family.returns
    output = cp.Variable(m, nonneg=True)
    constraints = [
        *found.constraints,
        *returns(output, z, family.returns),
        *bounded(output, scale, family.capacity),
    ]
    named = {
        "input": cp.multiply(found.leaf_scale, found.leaf),
        "output": cp.multiply(scale, output),
        "level": cp.multiply(z_scale, z),
    }
    flow = sums(family.output_good.astype(np.intp), n, scale) @ output
    flow = flow - sums(trees.leaf_good, n, found.leaf_scale) @ found.leaf
    if isinstance(family, NestedCESWorkers) and family.fixed is not None:
        used, named["fixed_input"] = _fixed(family.fixed, z, z_scale)
        flow = flow - used

    def fill(made: Any) -> None:
        found.fill(made.input)
        output.value = made.output / scale

    return Part(cp.Constant(0.0), flow, constraints, named, fill)


def _fixed(fixed: sp.csr_array, z: Any, z_scale: Array) -> tuple[Any, Any]:
    """(use of every good (n,), quantities (nnz,)) of inputs in fixed proportion to z * z_scale."""
    import cvxpy as cp

    council = row_index(fixed.indptr)
    per_level = fixed.data * z_scale[council]
    use = sp.csr_array((per_level, (fixed.indices, council)), shape=fixed.shape[::-1]) @ z
    return use, cp.multiply(per_level, z[council])


def _joint_workers(family: JointWorkers, units: Units) -> Part:
    """The level that outputs need <= the level that inputs allow."""
    import cvxpy as cp

    n, trees = len(units.price), trees_of(family)
    indptr, good = family.made_pattern()
    worth = np.add.reduceat(units.made(good) * units.price[good], indptr[:-1])
    found = aggregate(trees, units.price[trees.leaf_good], worth)
    z, z_scale = found.root, found.root_scale
    outputs = transformation(family, units.price, z_scale)
    constraints = [
        *found.constraints,
        *outputs.constraints,
        outputs.root <= z,
        *bounded(z, z_scale, family.capacity),
    ]
    named = {
        "input": cp.multiply(found.leaf_scale, found.leaf),
        "outputs": cp.multiply(outputs.leaf_scale, outputs.leaf),
        "level": cp.multiply(z_scale, z),
    }
    flow = sums(good.astype(np.intp), n, outputs.leaf_scale) @ outputs.leaf
    flow = flow - sums(trees.leaf_good, n, found.leaf_scale) @ found.leaf
    if family.fixed is not None:
        used, named["fixed_input"] = _fixed(family.fixed, z, z_scale)
        flow = flow - used

    def fill(made: Any) -> None:
        found.fill(made.input)
        outputs.fill(made.outputs)

    return Part(cp.Constant(0.0), flow, constraints, named, fill)


def _cobb_douglas_workers(family: CobbDouglasWorkers, units: Units) -> Part:
    """q = A prod x^b f^(c/k), with the effort paid f = e^k at its disutility, which is linear."""
    import cvxpy as cp

    n, m, effort = len(units.price), family.n_councils, family.effort
    weights = exponents(family)
    row = row_index(weights.indptr).astype(np.intp)
    # priced inputs and efforts in money at guessed prices: of one size whatever their units
    price = units.price if effort is None else np.concatenate([units.price, effort.scale])
    unit = 1.0 / price[weights.indices]
    trees = flat(weights, 1.0, unit)
    degree = family.returns()
    worth = units.made(family.output_good) * units.price[family.output_good]
    found = aggregate(trees, price[trees.leaf_good], np.where(degree > 0.0, degree, 1.0) * worth)
    log_unit = np.bincount(row, weights=weights.data * np.log(unit), minlength=m)
    scale = family.productivity * np.exp(log_unit) * found.root_scale**degree
    output = cp.Variable(m, nonneg=True)
    bought = np.flatnonzero(trees.leaf_good < n)
    named = {
        "input": cp.multiply(found.leaf_scale[bought], found.leaf[bought]),
        "output": cp.multiply(scale, output),
    }
    value, spent = cp.Constant(0.0), np.flatnonzero(trees.leaf_good >= n)
    if effort is not None:
        council = trees.leaf_good[spent] - n
        paid = effort.scale[council] * found.leaf_scale[spent]
        value = -(paid @ found.leaf[spent])
        pay = sums(council, m, found.leaf_scale[spent])
        named["effort_power"] = pay @ found.leaf[spent]
    flow = sums(family.output_good.astype(np.intp), n, scale) @ output
    flow = flow - sums(trees.leaf_good[bought], n, found.leaf_scale[bought]) @ found.leaf[bought]

    def fill(made: Any) -> None:
        quantity = np.empty(len(trees.leaf_good))
        quantity[bought] = made.input
        if effort is not None:
            quantity[spent] = (made.effort**effort.power)[trees.leaf_good[spent] - n]
        found.fill(quantity)
        output.value = made.output / scale

    constraints = [*found.constraints, *returns(output, found.root, degree)]
    return Part(value, flow, constraints, named, fill)


def _activities(family: Activities, units: Units) -> Part:
    """Net output times level."""
    import cvxpy as cp

    net = family.net_output
    each = net.data * units.price[net.indices]
    row = row_index(net.indptr)
    made = np.bincount(row, weights=np.maximum(each, 0.0), minlength=family.n_councils)
    used = np.bincount(row, weights=np.maximum(-each, 0.0), minlength=family.n_councils)
    share = units.money / max(len(units.price), family.n_councils)
    scale = share / np.maximum(made, used)
    level = cp.Variable(family.n_councils, nonneg=True)
    flow = sp.csr_array(net.T) @ sp.diags_array(scale) @ level
    named = {"level": cp.multiply(scale, level)}

    def fill(made: Any) -> None:
        level.value = made.level / scale

    return Part(cp.Constant(0.0), flow, bounded(level, scale, family.capacity), named, fill)


def _suppliers(family: Suppliers, units: Units) -> Part:
    """Minus the integral of marginal cost from 0 to the quantity supplied."""
    import cvxpy as cp

    q0, p0, eta = family.quantity, family.price, family.elasticity
    scale = _usual_supply(family, units)
    supplied = cp.Variable(family.n_councils, nonneg=True)
    constraints = bounded(supplied, scale, family.maximum)
    ratio = scale / q0
    if family.form == "isoelastic":
        power = cp.Variable(family.n_councils, nonneg=True)
        one = np.ones(family.n_councils)
        constraints.append(cp.PowCone3D(power, one, supplied, eta / (1 + eta)))
        cost = (p0 * q0 * eta / (1 + eta) * ratio ** (1 + 1 / eta)) @ power
    else:
        power = None
        cost = (p0 * q0 * (1 - 1 / eta) * ratio) @ supplied
        cost = cost + (p0 * q0 / (2 * eta) * ratio**2) @ cp.square(supplied)
    flow = sums(family.good.astype(np.intp), len(units.price), scale) @ supplied

    def fill(made: Any) -> None:
        supplied.value = made.quantity / scale
        if power is not None:
            power.value = supplied.value ** (1 + 1 / eta)

    return Part(-cost, flow, constraints, {"quantity": cp.multiply(scale, supplied)}, fill)


def _usual_supply(family: Suppliers, units: Units) -> Array:
    """(k,) what is supplied at guessed prices, between the benchmark and an even share of sales."""
    q0, sold = family.quantity, units.made(family.good)
    with np.errstate(over="ignore", under="ignore"):
        answer = q0 * (units.price[family.good] / family.price) ** family.elasticity
    return np.clip(answer, np.minimum(q0, sold), np.maximum(q0, sold))


_BUILDERS: dict[type, Callable[[Any, Units], Part]] = {
    CobbDouglasConsumers: _cobb_douglas_consumers,
    CESConsumers: _consumers,
    LeontiefConsumers: _consumers,
    NestedCESConsumers: _consumers,
    LinearConsumers: _linear_consumers,
    Targets: _targets,
    CobbDouglasWorkers: _cobb_douglas_workers,
    CESWorkers: _workers,
    NestedCESWorkers: _workers,
    JointWorkers: _joint_workers,
    Activities: _activities,
    Suppliers: _suppliers,
}
