"""Nested CES trees, evaluated level by level for many councils at once.

Children of a node are sub-nests and goods alike. From the deepest level up, each node's value is
the power mean of its children's (`groups.log_power_mean`): of quantities over benchmark quantities
with r = (s-1)/s, of prices over reference prices with r = 1-s (the calibrated share form of DESIGN,
section 3). A tree of outputs is the same with s = -t, t its elasticity of transformation: the
level that outputs need is a mean with r = (1+t)/t (the greatest for t = 0), the revenue of a unit
one with r = 1+t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parecon.certificate.aggregates import Aggregate, quantity_exponent
from parecon.certificate.groups import (
    Array,
    Entries,
    Index,
    blocks,
    group_sum,
    log_power_mean,
    spread,
)
from parecon.families import NestedCES


@dataclass(frozen=True)
class _Level:
    """Nodes of equal depth: `node` (k,), their children `child` by `start` (k+1,), `share` of each.

    Children count leaves first, then nodes: child c < L is leaf c, else node c - L.
    """

    node: Index
    child: Index
    start: Index
    share: Array


@dataclass(frozen=True)
class _Block:
    """Trees of the councils `rows`; nodes and leaves are numbered from the block's first.

    levels : deepest first. log_unit : (leaves,) log of the benchmark quantity per unit.
    """

    rows: slice
    nodes: slice
    leaves: slice
    root: Index
    levels: tuple[_Level, ...]
    log_unit: Array

    def fold(self, leaf_value: Array, exponent: Array, *, add_share: bool) -> Array:
        """Value at the roots; `add_share` adds log(sum of shares), the dual side's factor."""
        n_leaves = leaf_value.size
        value = np.concatenate([leaf_value, np.empty(exponent.size)])
        for level in self.levels:
            mean = log_power_mean(
                value[level.child], level.share, exponent[level.node], level.start
            )
            if add_share:
                mean += np.log(group_sum(level.share, level.start))
            value[n_leaves + level.node] = mean
        return value[n_leaves + self.root]


class Nested(Aggregate):
    """The trees of a NestedCES. Their structure is sorted once and kept.

    transformation : whether they are trees of outputs: `log_level` then is that of the level they
    need, and `log_unit_cost` that of the most that one unit of it can earn.
    """

    def __init__(self, nests: NestedCES, *, transformation: bool = False) -> None:
        self.nests = nests
        elasticity = nests.node_elasticity
        if transformation:
            with np.errstate(divide="ignore"):
                self._of_quantities = (1.0 + elasticity) / elasticity
            self._of_prices = 1.0 + elasticity
        else:
            self._of_quantities = quantity_exponent(elasticity)
            self._of_prices = 1.0 - elasticity
        self.start, self.good = nests.leaf_start, nests.leaf_good
        self._blocks = [_block(nests, rows, leaves) for rows, leaves, _ in blocks(self.start)]

    def log_level(self, log_input: Entries) -> Array:
        exponent = self._of_quantities
        out = np.empty(self.nests.n_councils)
        for block in self._blocks:
            ratio = log_input(block.leaves) - block.log_unit
            out[block.rows] = block.fold(ratio, exponent[block.nodes], add_share=False)
        return out

    def log_unit_cost(self, log_price: Array) -> Array:
        nests, exponent = self.nests, self._of_prices
        log_ratio = log_price - np.log(nests.reference_price)
        out = np.log(nests.scale)
        for block in self._blocks:
            ratio = log_ratio[nests.leaf_good[block.leaves]]
            out[block.rows] += block.fold(ratio, exponent[block.nodes], add_share=True)
        return out

    def most_alone(self) -> Array:
        """Most that a unit of level can make of each output alone, (leaves,), physical units.

        Where a node has only one child of weight w, M_r = w^(1/r) v: shares count with the power
        1/r = t/(1+t) along the path to the leaf, so that x0 / prod w^(1/r) of it can be made.
        """
        power = 1.0 / self._of_quantities
        out = np.empty(self.good.size)
        for block in self._blocks:
            path = np.zeros(block.leaves.stop - block.leaves.start)
            value = np.concatenate([path, np.zeros(block.nodes.stop - block.nodes.start)])
            for level in reversed(block.levels):  # from the roots down
                above = path.size + level.node
                of_node = group_sum(level.share, level.start)
                own = np.log(level.share) - spread(np.log(of_node), level.start)
                own *= spread(power[block.nodes][level.node], level.start)
                value[level.child] = spread(value[above], level.start) - own
            out[block.leaves] = np.exp(block.log_unit + value[: path.size])
        return out


def _block(nests: NestedCES, rows: slice, leaves: slice) -> _Block:
    """Sort the children of the nodes of some councils by depth and parent."""
    low, high = int(nests.node_start[rows.start]), int(nests.node_start[rows.stop])
    nodes = slice(low, high)
    parent = nests.node_parent[nodes] - low
    parent[nests.node_start[rows] - low] = -1
    depth = _depth(parent)
    leaf_node = nests.leaf_node[leaves] - low
    inner = np.flatnonzero(parent >= 0)
    above = np.concatenate([leaf_node, parent[inner]])
    child = np.concatenate([np.arange(leaf_node.size), leaf_node.size + inner])
    share = np.concatenate([nests.leaf_share[leaves], nests.node_share[nodes][inner]])
    order = np.lexsort((above, -depth[above]))
    above, child, share = above[order], child[order], share[order]
    return _Block(
        rows=rows,
        nodes=nodes,
        leaves=leaves,
        root=nests.node_start[rows] - low,
        levels=_levels(above, child, share, depth),
        log_unit=_log_unit(nests, rows, nodes, leaves, parent, depth),
    )


def _depth(parent: Index) -> Index:
    depth = np.zeros(parent.size, dtype=np.intp)
    ancestor = parent
    while (up := ancestor >= 0).any():  # one round per level
        depth += up
        ancestor = np.where(up, parent[ancestor], -1)
    return depth


def _levels(above: Index, child: Index, share: Array, depth: Index) -> tuple[_Level, ...]:
    """Split children sorted by falling depth of their parent, then by parent."""
    first = np.flatnonzero(np.diff(above, prepend=-1))  # where a parent's children begin
    parents = above[first]
    cuts = np.flatnonzero(np.diff(depth[parents], prepend=-1))
    levels = []
    for low, high in zip(cuts, [*cuts[1:], parents.size], strict=True):
        ends = np.append(first[low:high], first[high] if high < parents.size else above.size)
        piece = slice(int(ends[0]), int(ends[-1]))
        levels.append(_Level(parents[low:high], child[piece], ends - ends[0], share[piece]))
    return tuple(levels)


def _log_unit(
    nests: NestedCES, rows: slice, nodes: slice, leaves: slice, parent: Index, depth: Index
) -> Array:
    """log x0 = log(scale * product of shares from the root / reference price), (leaves,)."""
    along = np.log(nests.node_share[nodes])
    for level in range(1, int(depth.max(initial=0)) + 1):  # a level needs the level above
        at = np.flatnonzero(depth == level)
        along[at] += along[parent[at]]
    length = np.diff(nests.leaf_start[rows.start : rows.stop + 1])
    scale = np.repeat(np.log(nests.scale[rows]), length)
    log_price = np.log(nests.reference_price)[nests.leaf_good[leaves]]
    log_unit: Array = (
        scale
        + along[nests.leaf_node[leaves] - nodes.start]
        + np.log(nests.leaf_share[leaves])
        - log_price
    )
    return log_unit
