"""Trees of outputs as cones: the least level at which given quantities can be made.

A node T_p = [sum a T_c^((1+t)/t)]^(t/(1+t)), t its elasticity of transformation, with one u per
child:

    t > 0        (u/a)^(t/(1+t)) T_p^(1/(1+t)) >= T_c,  sum u <= T_p
    t = 0        T_p >= T_c

It is a convex function of the quantities: T_p may be larger, never smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.backends.cones import FARTHEST, STIFFEST, sums
from parecon.backends.trees import Trees, nested
from parecon.families import JointWorkers

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Transformation:
    """A forest of trees of outputs as cones.

    leaf : (L,) variable, quantity of the outputs over `leaf_scale` (L,), physical units.
    root : (m,) expression, T of the roots over the level's scale.
    fill : sets all variables for quantities of the outputs (L,), as if nothing were wasted.
    """

    leaf: Any
    leaf_scale: Array
    root: Any
    constraints: list[Any]
    fill: Callable[[Array], None]


def needed(family: JointWorkers, quantity: Array) -> Array:
    """(m,) level that outputs need, for their quantities (K,) in physical units."""
    trees = nested(family.outputs)
    levels: Array = _levels(trees, quantity)[trees.root]
    return levels


def transformation(family: JointWorkers, price: Array, scale: Array) -> Transformation:
    """Cones of all nodes.

    price : (n,) of the goods, for the scales; scale : (m,) of the level.
    """
    import cvxpy as cp

    trees = nested(family.outputs)
    # supply is the demand of a tree with the elasticity below zero
    mirrored = replace(trees, node_elasticity=-np.minimum(trees.node_elasticity, STIFFEST))
    node, leaf_level, _ = mirrored.demand(price[trees.leaf_good])
    node_scale = np.clip(node, 1 / FARTHEST, FARTHEST) * scale[trees.node_tree]
    leaf_level = np.clip(leaf_level, 1 / FARTHEST, FARTHEST) * scale[trees.leaf_tree]
    leaf = cp.Variable(len(trees.leaf_good), nonneg=True)
    level = cp.Variable(len(trees.node_parent), nonneg=True)
    children = cp.hstack([level, leaf])
    parent, share, child = trees.edges()
    ratio = np.concatenate([node_scale, leaf_level])[child] / node_scale[parent]
    t = trees.node_elasticity[parent]
    fixed, bent = np.flatnonzero(t == 0.0), np.flatnonzero(t > 0.0)
    constraints: list[Any] = []
    if len(fixed):
        below = cp.multiply(ratio[fixed], children[child[fixed]])
        constraints.append(level[parent[fixed]] >= below)
    u, power = cp.Variable(max(len(bent), 1), nonneg=True), (t / (1.0 + t))[bent]
    factor = share[bent] ** power * ratio[bent]
    if len(bent):
        nodes, position = np.unique(parent[bent], return_inverse=True)
        most = cp.multiply(factor, children[child[bent]])
        constraints += [
            cp.PowCone3D(u, level[parent[bent]], most, power),
            sums(position, len(nodes)) @ u <= level[nodes],
        ]

    def fill(quantity: Array) -> None:
        leaf.value = quantity / (leaf_level * trees.leaf_unit)
        z = _levels(trees, quantity) / node_scale
        level.value = z
        above, below = z[parent[bent]], np.concatenate([z, leaf.value])[child[bent]]
        with np.errstate(divide="ignore", invalid="ignore"):
            least = (factor * below / above ** (1.0 - power)) ** (1.0 / power)
        u.value = np.where(above > 0.0, least, 0.0) if len(bent) else np.zeros(1)

    root = level[trees.root]
    return Transformation(leaf, leaf_level * trees.leaf_unit, root, constraints, fill)


def _levels(trees: Trees, quantity: Array) -> Array:
    """(N,) T of every node, from the leaves up."""
    parent, share, child = trees.edges()
    n = len(trees.node_parent)
    with np.errstate(divide="ignore"):
        log_value = np.concatenate([np.full(n, -np.inf), np.log(quantity / trees.leaf_unit)])
    depth = np.empty(n, dtype=np.intp)
    for k, nodes in enumerate(trees.depths):
        depth[nodes] = k
    for k in reversed(range(len(trees.depths))):
        mine = np.flatnonzero(depth[parent] == k)
        if len(mine):
            nodes, position = np.unique(parent[mine], return_inverse=True)
            log_value[nodes] = _log_means(
                log_value[child[mine]], share[mine], position, trees.node_elasticity[nodes]
            )
    return np.exp(log_value[:n])


def _log_means(log_value: Array, share: Array, group: Index, t: Array) -> Array:
    """log [ sum a v^((1+t)/t) ]^(t/(1+t)) by group, the greatest v for t = 0."""
    top = np.full(len(t), -np.inf)
    np.maximum.at(top, group, log_value)
    base = np.where(np.isfinite(top), top, 0.0)
    bent = np.where(t > 0.0, t, 1.0)
    terms = share * np.exp((1.0 + 1.0 / bent)[group] * (log_value - base[group]))
    with np.errstate(divide="ignore"):
        total = np.log(np.bincount(group, weights=terms, minlength=len(t)))
    return np.where(t > 0.0, base + total * bent / (1.0 + bent), top)
