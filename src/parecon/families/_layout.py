"""Layout of trees in flat arrays: pointers, parents, and the depth-first order of leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parecon._columns import IndexArray, row_index
from parecon.errors import EconomyError, list_some


def checked_structure(
    node_start: IndexArray,
    node_parent: IndexArray,
    leaf_start: IndexArray,
    leaf_good: IndexArray,
    leaf_node: IndexArray,
    n_goods: int,
) -> tuple[IndexArray, IndexArray, IndexArray, IndexArray, IndexArray]:
    """Return the arrays of a structure after verifying everything that indexing relies on.

    Parameters
    ----------
    node_start, leaf_start : (m+1,) int32
        Pointers of the councils into nodes and leaves.
    node_parent : (N,) int32
        Parent of each node, -1 for a root.
    leaf_good, leaf_node : (L,) int32
        Good and node of each leaf.
    n_goods : int
        Number of goods.

    Raises
    ------
    EconomyError
        If a pointer falls, a council has no node, a parent does not come first or is another
        council's, a node has no child, or leaves are not in depth-first order.
    """
    _check_pointers(node_start, "nests.node_start", node_parent.size)
    _check_pointers(leaf_start, "nests.leaf_start", leaf_good.size)
    if leaf_start.size != node_start.size:
        raise EconomyError(
            f"nests.leaf_start: expected {node_start.size:,} pointers as in node_start, "
            f"got {leaf_start.size:,}"
        )
    if leaf_node.size != leaf_good.size:
        raise EconomyError(
            f"nests.leaf_node: expected {leaf_good.size:,} leaves as in leaf_good, "
            f"got {leaf_node.size:,}"
        )
    _require(
        np.diff(node_start) > 0, "nests.node_start: expected a root for each council", "council"
    )
    _check_parents(node_start, node_parent)
    _check_leaves(node_start, leaf_start, leaf_good, leaf_node, n_goods)
    _check_depth_first(node_parent, leaf_node)
    return node_start, node_parent, leaf_start, leaf_good, leaf_node


def levels_of(node_parent: IndexArray) -> tuple[NDArray[np.intp], ...]:
    """Return the positions of the nodes at each depth, roots first."""
    depth = np.zeros(node_parent.size, dtype=np.int32)
    above = node_parent
    while (above >= 0).any():  # one round per level
        depth += above >= 0
        above = np.where(above >= 0, node_parent[above], -1)
    order = np.argsort(depth, kind="stable")
    counts = np.bincount(depth, minlength=1)
    return tuple(np.split(order, np.cumsum(counts)[:-1]))


def _check_pointers(start: IndexArray, where: str, total: int) -> None:
    if start.size == 0 or start[0] != 0 or start[-1] != total or (np.diff(start) < 0).any():
        raise EconomyError(
            f"{where}: expected pointers that start at 0, never fall, end at {total}"
        )


def _check_parents(node_start: IndexArray, node_parent: IndexArray) -> None:
    root = node_start[np.repeat(np.arange(node_start.size - 1), np.diff(node_start))]
    position = np.arange(node_parent.size)
    is_root = position == root
    inside = (node_parent >= root) & (node_parent < position)
    _require(
        np.where(is_root, node_parent == -1, inside),
        "nests.node_parent: expected -1 for the first node of each council and for every other "
        "node an earlier node of the same council",
        "node",
    )


def _check_leaves(
    node_start: IndexArray,
    leaf_start: IndexArray,
    leaf_good: IndexArray,
    leaf_node: IndexArray,
    n_goods: int,
) -> None:
    council = row_index(leaf_start)
    own = (leaf_node >= node_start[council]) & (leaf_node < node_start[council + 1])
    _require(own, "nests.leaf_node: expected a node of the leaf's own council", "leaf")
    known = (leaf_good >= 0) & (leaf_good < n_goods)
    _require(known, f"nests.leaf_good: expected good indices from 0 to {n_goods - 1}", "leaf")


def _check_depth_first(node_parent: IndexArray, leaf_node: IndexArray) -> None:
    """Verify that the leaves of each node, and of its subtree, are neighbours."""
    n_nodes, n_leaves = node_parent.size, leaf_node.size
    count = np.bincount(leaf_node, minlength=n_nodes)
    run = np.flatnonzero(np.diff(leaf_node, prepend=-1))  # where the node changes
    runs = np.bincount(leaf_node[run], minlength=n_nodes)
    _require(runs <= 1, "nests.leaf_node: expected the leaves of a node to be neighbours", "node")
    first = np.full(n_nodes, n_leaves)
    last = np.full(n_nodes, -1)
    first[leaf_node[run]] = run
    last[leaf_node[run]] = run + np.diff(run, append=n_leaves) - 1
    for nodes in reversed(levels_of(node_parent)[1:]):
        above = node_parent[nodes]
        np.minimum.at(first, above, first[nodes])
        np.maximum.at(last, above, last[nodes])
        np.add.at(count, above, count[nodes])
    _require(count > 0, "nests: expected at least one leaf below each node", "node")
    _require(
        last - first + 1 == count,
        "nests: expected depth-first leaves, those of a node's subtree being neighbours",
        "node",
    )


def _require(holds: NDArray[np.bool_], message: str, what: str) -> None:
    if holds.all():
        return
    bad = np.flatnonzero(~holds)
    raise EconomyError(f"{message}; not so: {what} {list_some(map(str, bad), bad.size)}")
