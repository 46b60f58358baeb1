"""Tastes and technologies as CES trees, one form for all families but the linear ones.

A flat family is a tree of one node per council. In calibrated form

    Z_k = [ sum share Z^((s-1)/s) ]^(s/(s-1))      over the children of node k,

the least of them for s = 0, the product of powers for s = 1, and the Z of a leaf is its quantity
over `leaf_unit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import row_index
from parecon.families import (
    CESConsumers,
    CESWorkers,
    CobbDouglasConsumers,
    CobbDouglasWorkers,
    Family,
    JointWorkers,
    LeontiefConsumers,
    NestedCES,
    NestedCESConsumers,
    NestedCESWorkers,
)
from parecon.families._layout import levels_of

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Trees:
    """m trees of N nodes and L leaves.

    root : (m,) node. node_tree, node_parent : (N,), parents first, -1 above a root.
    node_elasticity, node_share : (N,), the share within the parent.
    leaf_tree, leaf_node, leaf_good : (L,). leaf_share : (L,) within the node.
    leaf_unit : (L,) > 0, physical units at which Z of the leaf is 1.
    """

    root: Index
    node_tree: Index
    node_parent: Index
    node_elasticity: Array
    node_share: Array
    leaf_tree: Index
    leaf_node: Index
    leaf_good: Index
    leaf_share: Array
    leaf_unit: Array

    @property
    def n_trees(self) -> int:
        """m"""
        return len(self.root)

    @cached_property
    def depths(self) -> tuple[Index, ...]:
        """Nodes at each depth, roots first."""
        return levels_of(self.node_parent.astype(np.int32))

    def path_share(self) -> Array:
        """(N,) product of the shares from the root down to each node."""
        path = self.node_share.copy()
        for nodes in self.depths[1:]:
            path[nodes] *= path[self.node_parent[nodes]]
        return path

    def weights(self) -> Array:
        """(L,) share of each leaf in its tree."""
        weight: Array = self.path_share()[self.leaf_node] * self.leaf_share
        return weight

    def levels(self, leaf: Array) -> Array:
        """(N,) Z of every node, for leaves' quantities (L,) in physical units."""
        parent, share, child = self.edges()
        n = len(self.node_parent)
        value = np.concatenate([np.zeros(n), leaf / self.leaf_unit])
        depth = np.empty(n, dtype=np.intp)
        for k, nodes in enumerate(self.depths):
            depth[nodes] = k
        for k, nodes in reversed(list(enumerate(self.depths))):
            mine = depth[parent] == k
            value[nodes] = _means(
                value[child[mine]], share[mine], parent[mine], self.node_elasticity
            )[nodes]
        return value[:n]

    def demand(self, price: Array) -> tuple[Array, Array, Array]:
        """What one unit of each root takes at least cost, and that cost.

        price : (L,) money per physical unit of each leaf, > 0.
        Returns (Z of nodes (N,), Z of leaves (L,), cost per tree (m,) money). By duality the unit
        cost of a node is C_k = [ sum share^s C^(1-s) ]^(1/(1-s)), and Z_c = (share C_k/C_c)^s Z_k.
        """
        parent, share, child = self.edges()
        n = len(self.node_parent)
        s = self.node_elasticity
        cost = np.concatenate([np.zeros(n), price * self.leaf_unit])
        depth = np.empty(n, dtype=np.intp)
        for k, nodes in enumerate(self.depths):
            depth[nodes] = k
        for k, nodes in reversed(list(enumerate(self.depths))):
            mine = depth[parent] == k
            cost[nodes] = _unit_costs(cost[child[mine]], share[mine], parent[mine], s)[nodes]
        level = np.ones(len(cost))
        for k in range(len(self.depths)):
            mine = depth[parent] == k
            up, down = parent[mine], child[mine]
            with np.errstate(over="ignore", under="ignore"):
                level[down] = level[up] * (share[mine] * cost[up] / cost[down]) ** s[up]
        return level[:n], level[n:], cost[self.root]

    def edges(self) -> tuple[Index, Array, Index]:
        """(parent, share, child) of every edge; child < N is a node, N + i is leaf i."""
        inner = np.flatnonzero(self.node_parent >= 0)
        parent = np.concatenate([self.node_parent[inner], self.leaf_node])
        share = np.concatenate([self.node_share[inner], self.leaf_share])
        leaves = np.arange(len(self.leaf_good)) + len(self.node_parent)
        return parent, share, np.concatenate([inner, leaves])


def _means(z: Array, share: Array, node: Index, elasticity: Array) -> Array:
    """(N,) [ sum share z^((s-1)/s) ]^(s/(s-1)) over the members of each node, 0 for no members."""
    n = len(elasticity)
    least = np.full(n, np.inf)
    np.minimum.at(least, node, z)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        log_z = np.log(z)
        total = np.bincount(node, weights=share, minlength=n)
        power = 1.0 - 1.0 / elasticity
        single = np.bincount(node, minlength=n) <= 1
        geometric = np.exp(np.bincount(node, weights=share * log_z, minlength=n) / total)
        term = power[node] * log_z
        top = np.full(n, -np.inf)
        np.maximum.at(top, node, term)
        terms = np.bincount(node, weights=share * np.exp(term - top[node]), minlength=n)
        general = np.exp((np.log(terms) + top) / power)
    # a good of which there is none: nothing is made where the others cannot stand in for it
    general = np.where((least <= 0.0) & (elasticity < 1.0), 0.0, general)
    mean = np.where(elasticity == 1.0, geometric, general)
    mean = np.where((elasticity == 0.0) | single, least, mean)
    return np.where(np.isfinite(mean), mean, 0.0)


def _unit_costs(cost: Array, share: Array, node: Index, elasticity: Array) -> Array:
    """(N,) least cost of one unit of each node from its members' unit costs; 0 for no members."""
    n = len(elasticity)
    s = elasticity[node]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        log_ratio = np.log(cost / share)
        # sum share^s C^(1-s) = sum share (C/share)^(1-s), a mean of C/share
        term = (1.0 - s) * log_ratio
        top = np.full(n, -np.inf)
        np.maximum.at(top, node, term)
        total = np.bincount(node, weights=share * np.exp(term - top[node]), minlength=n)
        general = np.exp((np.log(total) + top) / (1.0 - elasticity))
        geometric = np.exp(np.bincount(node, weights=share * log_ratio, minlength=n))
    unit = np.where(elasticity == 1.0, geometric, general)
    return np.where(np.bincount(node, minlength=n) > 0, unit, 0.0)


def flat(weights: sp.csr_array, elasticity: Any, unit: Array | None = None) -> Trees:
    """One node per row of `weights` (m, n); shares are the row's weights over their sum."""
    m = weights.shape[0]
    row = row_index(weights.indptr).astype(np.intp)
    total = np.bincount(row, weights=weights.data, minlength=m)
    return Trees(
        root=np.arange(m),
        node_tree=np.arange(m),
        node_parent=np.full(m, -1),
        node_elasticity=np.array(np.broadcast_to(elasticity, (m,)), dtype=float),
        node_share=np.ones(m),
        leaf_tree=row,
        leaf_node=row,
        leaf_good=weights.indices.astype(np.intp),
        leaf_share=weights.data / total[row],
        leaf_unit=weights.data if unit is None else unit,
    )


def nested(nests: NestedCES) -> Trees:
    """The trees of a `NestedCES`."""
    return Trees(
        root=nests.node_start[:-1].astype(np.intp),
        node_tree=row_index(nests.node_start).astype(np.intp),
        node_parent=nests.node_parent.astype(np.intp),
        node_elasticity=nests.node_elasticity,
        node_share=nests.node_share,
        leaf_tree=row_index(nests.leaf_start).astype(np.intp),
        leaf_node=nests.leaf_node.astype(np.intp),
        leaf_good=nests.leaf_good.astype(np.intp),
        leaf_share=nests.leaf_share,
        leaf_unit=nests.reference_quantity(),
    )


def trees_of(family: Family) -> Trees:
    """The utilities of consumers, the input aggregates of workers.

    Of Cobb-Douglas workers the effort paid, f = e^k, is one more input, of good n + j for council
    j: effort enters as f^(c/k), so that the aggregate prod x^b f^(c/k) is Cobb-Douglas of degree
    sum b + c/k, and its disutility scale f is linear.
    """
    if isinstance(family, CobbDouglasConsumers):
        return flat(family.shares, 1.0)
    if isinstance(family, CESConsumers | CESWorkers):
        return flat(family.shares, family.elasticity)
    if isinstance(family, LeontiefConsumers):
        return flat(family.bundle, 0.0)
    if isinstance(family, NestedCESConsumers | NestedCESWorkers | JointWorkers):
        return nested(family.nests)
    if isinstance(family, CobbDouglasWorkers):
        weights = exponents(family)
        return flat(weights, 1.0, np.ones(weights.nnz))
    raise TypeError(f"{type(family).__name__} has no trees")


def exponents(family: CobbDouglasWorkers) -> sp.csr_array:
    """(m, n + m) exponents of the inputs and, in column n + j, c/k of council j's effort."""
    b = sp.csr_array(family.exponents)
    if family.effort is None:
        return b
    strength = family.effort.exponent / family.effort.power
    weights = sp.csr_array(sp.hstack([b, sp.diags_array(strength)], format="csr"))
    weights.eliminate_zeros()
    weights.sort_indices()
    return weights
