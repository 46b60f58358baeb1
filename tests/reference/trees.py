"""Every technology and taste of the contract as one list of CES trees, for the reference
implementations.

Flat families are trees of one node, so that the twin (`cvxpy_twin`) and the dual function (`dual`)
need one formula each. Nothing here is shared with the package: only the public attributes of the
data classes are read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp


@dataclass(frozen=True)
class Trees:
    """Nested CES trees in calibrated form, m trees, N nodes, L leaves.

    Z_k = [sum share Z^((s-1)/s)]^(s/(s-1)) over the children of node k; a leaf's Z is its quantity
    / `leaf_unit`. `leaf_good` >= `n_goods` marks the effort of tree `leaf_good - n_goods`: an input
    that is not bought.
    """

    n_goods: int
    root: np.ndarray  # (m,) node
    node_tree: np.ndarray  # (N,)
    node_parent: np.ndarray  # (N,) node, -1 for a root
    node_elasticity: np.ndarray  # (N,)
    node_share: np.ndarray  # (N,) within the parent
    leaf_tree: np.ndarray  # (L,)
    leaf_node: np.ndarray  # (L,)
    leaf_good: np.ndarray  # (L,)
    leaf_share: np.ndarray  # (L,) within the node
    leaf_unit: np.ndarray  # (L,) quantity of the good at which Z_leaf = 1


def rows_of(matrix) -> np.ndarray:
    """Row of every stored entry of a CSR matrix, (nnz,)."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def flat(weights, elasticity, *, unit=None, n_goods: int | None = None) -> Trees:
    """One node per row of `weights` (m, n) CSR; shares are the row's weights over their sum."""
    m, width = weights.shape
    row = rows_of(weights)
    total = np.bincount(row, weights=weights.data, minlength=m)
    return Trees(
        n_goods=width if n_goods is None else n_goods,
        root=np.arange(m),
        node_tree=np.arange(m),
        node_parent=np.full(m, -1),
        node_elasticity=np.broadcast_to(np.asarray(elasticity, float), (m,)),
        node_share=np.ones(m),
        leaf_tree=row,
        leaf_node=row,
        leaf_good=weights.indices.astype(int),
        leaf_share=weights.data / total[row],
        leaf_unit=weights.data if unit is None else np.broadcast_to(unit, row.shape),
    )


def nested(nests, n_goods: int) -> Trees:
    """The trees of a `NestedCES`: x0 = scale * (product of shares from the root) / reference
    price."""
    m = len(nests.node_start) - 1
    path_share = np.array(nests.node_share, dtype=float)
    for k, parent in enumerate(nests.node_parent):  # parents come before children
        if parent >= 0:
            path_share[k] *= path_share[parent]
    leaf_tree = np.repeat(np.arange(m), np.diff(nests.leaf_start))
    scale = np.broadcast_to(nests.scale, (m,))
    reference = np.broadcast_to(nests.reference_price, (n_goods,))
    unit = (
        scale[leaf_tree]
        * path_share[nests.leaf_node]
        * nests.leaf_share
        / reference[nests.leaf_good]
    )
    return Trees(
        n_goods=n_goods,
        root=np.asarray(nests.node_start[:-1], int),
        node_tree=np.repeat(np.arange(m), np.diff(nests.node_start)),
        node_parent=np.asarray(nests.node_parent, int),
        node_elasticity=np.asarray(nests.node_elasticity, float),
        node_share=np.asarray(nests.node_share, float),
        leaf_tree=leaf_tree,
        leaf_node=np.asarray(nests.leaf_node, int),
        leaf_good=np.asarray(nests.leaf_good, int),
        leaf_share=np.asarray(nests.leaf_share, float),
        leaf_unit=unit,
    )


def of_consumers(family) -> Trees:
    """The utilities of any consumer family but the linear one."""
    match type(family).__name__:
        case "CobbDouglasConsumers":
            return flat(family.shares, 1.0)
        case "CESConsumers":
            return flat(family.shares, family.elasticity)
        case "LeontiefConsumers":
            return flat(family.bundle, 0.0)
        case "NestedCESConsumers":
            return nested(family.nests, family.n_goods)
        case name:
            raise TypeError(f"no tree for {name}")


def of_workers(family) -> Trees:
    """The input aggregates of the smooth worker families; Cobb-Douglas with effort paid f as one
    more input.

    With f = e^k the effort enters as f^(c/k), so the aggregate prod x^b f^(c/k) is a Cobb-Douglas
    one of degree sum b + c/k and its disutility scale * f is linear. Leaves are counted in physical
    units (leaf_unit 1).
    """
    match type(family).__name__:
        case "CobbDouglasWorkers":
            return flat(cobb_douglas_weights(family), 1.0, unit=1.0, n_goods=family.n_goods)
        case "CESWorkers":
            return flat(family.shares, family.elasticity)
        case "NestedCESWorkers" | "JointWorkers":
            return nested(family.nests, family.n_goods)
        case name:
            raise TypeError(f"no tree for {name}")


def of_outputs(family) -> Trees:
    """The outputs of joint workers as trees whose elasticities of substitution are below zero."""
    trees = nested(family.outputs, family.n_goods)
    return replace(trees, node_elasticity=-trees.node_elasticity)


def cobb_douglas_weights(family):
    """(m, n + m) exponents of the inputs and, in column n + j, c/k of council j's effort."""
    b = sp.csr_array(family.exponents)
    m = b.shape[0]
    strength = np.zeros(m)
    if family.effort is not None:
        strength = strength + np.asarray(family.effort.exponent) / np.asarray(family.effort.power)
    weights = sp.csr_array(sp.hstack([b, sp.diags_array(strength)], format="csr"))
    weights.eliminate_zeros()
    weights.sort_indices()
    return weights
