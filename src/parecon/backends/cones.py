"""Nested CES aggregates and returns to scale as cones: exactly, without rational exponents.

A node Z_p = [sum a Z_c^((s-1)/s)]^(s/(s-1)) with one t per child:

    s > 1        a Z_c^r Z_p^(1-r) >= t,  sum t >= Z_p,  r = (s-1)/s
                 (Z_p^r <= sum a Z_c^r, times Z_p^(1-r))
    0 < s < 1    (t/a)^s Z_c^(1-s) >= Z_p,  sum t <= Z_p   (the same with r < 0, to the power s)
    s = 1        sum a Z_p log(Z_p / Z_c) <= 0             (relative entropy)
    s = 0        Z_p <= Z_c

Every Z is a variable of order one times a scale of its own, which moves into the coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.backends.trees import Index, Trees

Array = NDArray[np.float64]

# A guess that is far off must not scale the problem off the range of numbers: quantities are
# reckoned as if substitution were no easier than this.
STIFFEST = 1.0
FARTHEST = 1e8


def sums(group: Index, size: int, weight: Array | None = None) -> sp.csr_array:
    """(size, len(group)) matrix that adds entries, times `weight`, into their groups."""
    data = np.ones(len(group)) if weight is None else weight
    return sp.csr_array((data, (group, np.arange(len(group)))), shape=(size, len(group)))


@dataclass(frozen=True, eq=False)
class Aggregate:
    """A forest of CES trees as cones.

    level : (N,) expression, Z of the nodes over `node_scale` (N,).
    leaf : (L,) variable, quantity of the leaves over `leaf_scale` (L,), physical units.
    root : (m,) expression, Z of the roots over `root_scale` (m,).
    fill : sets all variables for quantities of the leaves (L,), as if nothing were wasted.
    """

    leaf: Any
    leaf_scale: Array
    level: Any
    root: Any
    root_scale: Array
    constraints: list[Any]
    fill: Callable[[Array], None]


def aggregate(trees: Trees, price: Array, amount: Array) -> Aggregate:
    """Cones of all nodes.

    price : (L,) of the leaves, for the scales; amount : (m,) money spent on each tree.
    """
    import cvxpy as cp

    usual = replace(trees, node_elasticity=np.minimum(trees.node_elasticity, STIFFEST))
    node, below, cost = usual.demand(price)
    # a tree without leaves (output from nothing, of a limited amount) costs nothing
    root_scale = amount / np.where(cost > 0.0, cost, 1.0)
    node_scale = np.clip(node, 1 / FARTHEST, FARTHEST) * root_scale[trees.node_tree]
    leaf_level = np.clip(below, 1 / FARTHEST, FARTHEST) * root_scale[trees.leaf_tree]
    leaf = cp.Variable(len(trees.leaf_good), nonneg=True)
    level = cp.Variable(len(trees.node_parent), nonneg=True)
    parent, share, child = trees.edges()
    scale = np.concatenate([node_scale, leaf_level])
    children = cp.hstack([level, leaf])
    constraints: list[Any] = []
    fills = []
    s = trees.node_elasticity[parent]
    for pick in (s == 0, s == 1, (s > 0) & (s < 1), s > 1):
        edges = np.flatnonzero(pick)
        if len(edges):
            ratio = scale[child[edges]] / node_scale[parent[edges]]
            cones, fill = _cones(
                level, children[child[edges]], parent[edges], share[edges], s[edges], ratio
            )
            constraints += cones
            fills.append((fill, child[edges], parent[edges], ratio))
    leaf_scale = leaf_level * trees.leaf_unit

    def assign(quantity: Array) -> None:
        leaf.value = quantity / leaf_scale
        z = trees.levels(quantity)
        level.value = z / node_scale
        every = np.concatenate([z / node_scale, quantity / leaf_scale])
        for fill, below, above, ratio in fills:
            fill(every[below] * ratio, every[above])

    root = level[trees.root]
    return Aggregate(leaf, leaf_scale, level, root, node_scale[trees.root], constraints, assign)


def _cones(
    level: Any, child: Any, parent: Index, share: Array, s: Array, ratio: Array
) -> tuple[list[Any], Callable[[Array, Array], None]]:
    """Cones of the edges of one kind of elasticity, and what sets their variables.

    ratio : scale of the child over that of the parent; the fill takes Z of child (in the scale of
    its parent) and of the parent.
    """
    import cvxpy as cp

    nodes, position = np.unique(parent, return_inverse=True)
    total = sums(position, len(nodes))
    up = level[parent]
    if s[0] == 0:
        return [up <= cp.multiply(ratio, child)], _nothing
    if s[0] == 1:
        drift = total @ (share * np.log(ratio))
        entropy = total @ cp.multiply(share, cp.rel_entr(up, child))
        return [entropy - cp.multiply(drift, level[nodes]) <= 0], _nothing
    t = cp.Variable(len(parent), nonneg=True)
    if s[0] < 1:
        least = cp.multiply(share**s * ratio ** (s - 1), up)

        def fill_low(below: Array, above: Array) -> None:
            t.value = share * (above / below ** (1 - s)) ** (1 / s)

        return [cp.PowCone3D(t, child, least, s), total @ t <= level[nodes]], fill_low
    r = (s - 1) / s

    def fill_high(below: Array, above: Array) -> None:
        t.value = share * below**r * above ** (1 - r)

    most = cp.multiply(1 / (share * ratio**r), t)
    return [cp.PowCone3D(child, up, most, r), total @ t >= level[nodes]], fill_high


def _nothing(_below: Array, _above: Array) -> None:
    """Edges without variables of their own."""


def returns(output: Any, z: Any, degree: Array) -> list[Any]:
    """output <= z^degree, in units in which both are of order one."""
    import cvxpy as cp

    constraints = []
    constant, falling = np.flatnonzero(degree == 1), np.flatnonzero((degree < 1) & (degree > 0))
    fixed = np.flatnonzero(degree == 0)
    if len(constant):
        constraints.append(output[constant] <= z[constant])
    if len(falling):
        one = np.ones(len(falling))
        constraints.append(cp.PowCone3D(z[falling], one, output[falling], degree[falling]))
    if len(fixed):
        constraints.append(output[fixed] <= 1.0)
    return constraints


def bounded(scaled: Any, scale: Array, bound: Array | None) -> list[Any]:
    """scaled * scale <= bound where that is finite."""
    if bound is None:
        return []
    pick = np.flatnonzero(np.isfinite(bound))
    return [scaled[pick] <= (bound / scale)[pick]] if len(pick) else []
