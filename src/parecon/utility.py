"""What a council gets out of given quantities: utilities of consumers, money costs of suppliers.

Primal formulas, for reporting a plan. The certificate has its own and does not use these.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.families import (
    CESConsumers,
    CobbDouglasConsumers,
    CobbDouglasWorkers,
    Consumers,
    Family,
    LeontiefConsumers,
    LinearConsumers,
    NestedCES,
    NestedCESConsumers,
    Suppliers,
    Targets,
)

Array = NDArray[np.float64]

_NEAR_ONE = 0.05  # |1 - 1/s| below which the mean is taken around the geometric one


def utilities(family: Family, quantity: Array) -> Array:
    """(H,) utility of `quantity` (nnz,) bought beyond needs, in the family's order of entries."""
    if isinstance(family, CobbDouglasConsumers):
        return _ces(quantity, family.shares, np.ones(family.n_councils))
    if isinstance(family, CESConsumers):
        return _ces(quantity, family.shares, family.elasticity)
    if isinstance(family, LeontiefConsumers):
        return _reduce(np.minimum, quantity / family.bundle.data, family.bundle.indptr)
    if isinstance(family, LinearConsumers):
        return _reduce(np.add, quantity * family.value.data, family.value.indptr)
    if isinstance(family, NestedCESConsumers):
        return _nested(quantity, family.nests)
    if isinstance(family, Targets):
        return _fulfilment(family, quantity)
    raise TypeError(f"{type(family).__name__} has no utility")


def suppliers_cost(family: Suppliers, quantity: Array) -> Array:
    """(k,) money, the integral of marginal cost from zero to the quantity supplied.

    Formulas in DESIGN, section 3.
    """
    relative, scale = quantity / family.quantity, family.price * family.quantity
    if family.form == "linear":
        return np.asarray(scale * (relative + (0.5 * relative**2 - relative) / family.elasticity))
    power = 1.0 + 1.0 / family.elasticity
    return np.asarray(scale * relative**power / power)


def welfare_of(economy: Economy, proposals: tuple[Any, ...]) -> float:
    """Welfare of a plan, money (DESIGN, P); -inf where somebody gets nothing.

    sum b log u, less efforts' disutility, less suppliers' cost.
    """
    total = 0.0
    for family, proposal in zip(economy.families, proposals, strict=True):
        if isinstance(family, Consumers):
            with np.errstate(divide="ignore"):
                total += float(np.dot(family.budget, np.log(proposal.utility)))
        elif isinstance(family, Suppliers):
            total -= float(np.sum(proposal.cost))
        elif isinstance(family, CobbDouglasWorkers) and family.effort is not None:
            total -= float(np.sum(family.effort.scale * proposal.effort**family.effort.power))
    return total


def _fulfilment(family: Targets, quantity: Array) -> Array:
    """(k,) u such that sum w log u is what the targets are worth; 1 where they are just met.

    log: x/T. harmony: x/T, short of the target exp(t - t^2/2) with t = x/T - 1. ray: the least x/T,
    linear: their weighted mean, the same number for each target.
    """
    reached = quantity / family.target
    if family.form == "harmony":
        short = np.minimum(reached - 1.0, 0.0)
        return np.where(short < 0.0, np.exp(short - 0.5 * short * short), reached)
    if family.form == "log" or not len(reached):
        return reached
    if family.form == "ray":
        return np.full(len(reached), np.min(reached))
    mean = float(np.dot(family.weight, reached) / np.sum(family.weight))
    return np.full(len(reached), mean)


def _reduce(operation: Any, values: Array, indptr: NDArray[Any]) -> Array:
    return np.asarray(operation.reduceat(values, indptr[:-1])) if len(indptr) > 1 else np.empty(0)


def _ces(quantity: Array, shares: Any, elasticity: Array) -> Array:
    """u = [ sum a^(1/s) x^((s-1)/s) ]^(s/(s-1)), as a power mean of x/a with weights a."""
    length = np.diff(shares.indptr)
    return _mean(quantity / shares.data, shares.data, shares.indptr, elasticity, length)


def _mean(
    ratio: Array, weight: Array, indptr: NDArray[Any], elasticity: Array, length: NDArray[Any]
) -> Array:
    """[ sum w r^((s-1)/s) ]^(s/(s-1)) per row.

    With the limits min (s = 0) and geometric mean (s = 1).
    """
    mean = _reduce(np.minimum, ratio, indptr)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        power = 1.0 - 1.0 / elasticity
        none, near = elasticity == 0.0, np.abs(power) < _NEAR_ONE
        for rows, of_rows in ((near, _near_geometric), (~(none | near), _general)):
            if rows.all():
                return of_rows(ratio, weight, indptr, power, length)
            if rows.any():
                part, entries = length[rows], np.repeat(rows, length)
                starts = np.concatenate([[0], np.cumsum(part)])
                mean[rows] = of_rows(ratio[entries], weight[entries], starts, power[rows], part)
    return mean


def _general(
    ratio: Array, weight: Array, indptr: NDArray[Any], power: Array, length: NDArray[Any]
) -> Array:
    """The greatest term taken out, so that no power overflows."""
    term = np.log(ratio)
    term *= np.repeat(power, length)
    top = _reduce(np.maximum, term, indptr)
    top = np.where(np.isfinite(top), top, 0.0)
    term -= np.repeat(top, length)
    total = _reduce(np.add, weight * np.exp(term, out=term), indptr)
    return np.asarray(np.exp((top + np.log(total)) / power))


def _near_geometric(
    ratio: Array, weight: Array, indptr: NDArray[Any], power: Array, length: NDArray[Any]
) -> Array:
    """Mean of logarithms + log1p(sum w expm1(power (log r - mean)))/power, which keeps digits."""
    log_ratio = np.log(ratio)
    mean = _reduce(np.add, weight * log_ratio, indptr)
    if not power.any():
        return np.asarray(np.exp(mean))
    small = np.where(power != 0.0, power, 1.0)
    spread = np.expm1(np.repeat(small, length) * (log_ratio - np.repeat(mean, length)))
    bend = np.log1p(_reduce(np.add, weight * spread, indptr)) / small
    return np.asarray(np.exp(mean + np.where(power == 0.0, 0.0, bend)))


def _nested(quantity: Array, nests: NestedCES) -> Array:
    """Z at the root from the deepest nests up; nests stand behind their parents."""
    leaf = quantity / nests.reference_quantity()
    z = np.zeros(nests.n_nodes)
    for level in reversed(nests.levels):
        members, values, weights = _children(nests, level, leaf, z)
        order = np.argsort(members, kind="stable")
        members, values, weights = members[order], values[order], weights[order]
        length = np.bincount(members, minlength=len(level))
        indptr = np.concatenate([[0], np.cumsum(length)])
        z[level] = _mean(values, weights, indptr, nests.node_elasticity[level], length)
    return z[nests.node_start[:-1]]


def _children(
    nests: NestedCES, level: NDArray[Any], leaf: Array, z: Array
) -> tuple[Any, Array, Array]:
    """(position in level, quantity index, share) of every child of the nodes of one level."""
    place = np.full(nests.n_nodes, -1)
    place[level] = np.arange(len(level))
    of_leaf = place[nests.leaf_node]
    inner = np.flatnonzero(nests.node_parent >= 0)
    of_node = place[nests.node_parent[inner]]
    leaves, nodes = np.flatnonzero(of_leaf >= 0), np.flatnonzero(of_node >= 0)
    return (
        np.concatenate([of_leaf[leaves], of_node[nodes]]),
        np.concatenate([leaf[leaves], z[inner[nodes]]]),
        np.concatenate([nests.leaf_share[leaves], nests.node_share[inner[nodes]]]),
    )
