"""Nested CES trees as rows: one row per council (fixed inputs first, then the leaves), one per nest for the curvature.

Nests of one tree hold contiguous leaves, so that every nest is a range of its council's entries. With shares g of cost and
theta_k the share of nest k, the curvature of level times unit cost is (DESIGN section 3, summed over nests)

    y c { sum over leaves of s_parent g_i e_i e_i'  +  sum over nests of (s_above(k) - s_k)/theta_k  g_k g_k' }

with s_above the elasticity of the nest above; at the root 0 for producers and 1 for consumers' b log c.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from parecon._kernels import nested as kernel
from parecon.answers._base import Answer, Array, Market
from parecon.answers.consumers import budget_constant
from parecon.curvature import NO_GOOD, Curvature, Rows, Scratch, Term
from parecon.families import NestedCES, NestedCESConsumers

_SMALLEST_SHARE = 1e-150  # a nest without cost has no curvature; below this its square is zero


class NestedRows:
    """The trees of a family, compiled.

    rows : one row per council over [fixed inputs | leaves], with outputs where given.
    unit_cost : (m,) money per unit; val : (entries,) value of each entry per unit.
    """

    def __init__(
        self, nests: NestedCES, fixed: csr_array | None, scratch: Scratch, out: np.ndarray = NO_GOOD
    ) -> None:
        self.nests = nests
        self.leaf_start = np.ascontiguousarray(nests.leaf_start, dtype=np.int64)
        self.node_start = np.ascontiguousarray(nests.node_start, dtype=np.int64)
        self.parent = np.ascontiguousarray(nests.node_parent, dtype=np.int64)
        self.leaf_node = np.ascontiguousarray(nests.leaf_node, dtype=np.int64)
        self.leaf_good = np.ascontiguousarray(nests.leaf_good, dtype=np.int32)
        self.elasticity = np.ascontiguousarray(nests.node_elasticity, dtype=np.float64)
        self.scale = np.asarray(nests.scale, dtype=np.float64)
        self.log_reference = np.log(np.asarray(nests.reference_price, dtype=np.float64))
        self.root = self.node_start[:-1]
        self.fixed = fixed
        self._lay_out(scratch, out)
        self.node_index = np.empty(len(self.parent))
        self.node_share = np.empty(len(self.parent))
        self.leaf_share = np.empty(len(self.leaf_good))
        self.val = np.empty(len(self.rows.idx))

    def _lay_out(self, scratch: Scratch, out: np.ndarray) -> None:
        """Entries of a council: fixed inputs, then leaves; nests as ranges of them."""
        m = len(self.leaf_start) - 1
        n_fixed = np.zeros(m, dtype=np.int64) if self.fixed is None else np.diff(self.fixed.indptr)
        n_leaf = np.diff(self.leaf_start)
        start = np.concatenate([[0], np.cumsum(n_fixed + n_leaf)]).astype(np.int64)
        council_of_leaf = np.repeat(np.arange(m), n_leaf)
        shift = start[:-1] + n_fixed - self.leaf_start[:-1]
        self.leaf_entry = np.arange(len(self.leaf_good)) + shift[council_of_leaf]
        idx = np.empty(int(start[-1]), dtype=np.int32)
        idx[self.leaf_entry] = self.leaf_good
        self.council_of_leaf = council_of_leaf
        if self.fixed is not None:
            council = np.repeat(np.arange(m), n_fixed)
            self.fixed_entry = (
                np.arange(self.fixed.nnz) + (start[:-1] - self.fixed.indptr[:-1])[council]
            )
            idx[self.fixed_entry] = self.fixed.indices
        self.rows = Rows(start[:-1], start[1:], idx, scratch, out)
        first, last = self._leaf_ranges()
        council = np.repeat(np.arange(m), np.diff(self.node_start))
        # only nests whose elasticity differs from the one above bend anything; which these are depends on the root's
        self.node_council = council
        self.node_first, self.node_last = first + shift[council], last + shift[council]
        self._node_rows: dict[float, tuple[np.ndarray, np.ndarray, Rows]] = {}

    def _leaf_ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """First leaf and one past the last of every node's subtree."""
        count = len(self.parent)
        first = np.full(count, np.iinfo(np.int64).max)
        last = np.full(count, -1)
        leaf = np.arange(len(self.leaf_node))
        np.minimum.at(first, self.leaf_node, leaf)
        np.maximum.at(last, self.leaf_node, leaf + 1)
        # children stand behind their parents: level by level from the deepest up
        depth = np.zeros(count, dtype=np.int64)
        above = self.parent.copy()
        while np.any(above >= 0):
            depth[above >= 0] += 1
            above = np.where(above >= 0, self.parent[above], -1)
        for d in range(int(depth.max(initial=0)), 0, -1):
            at = np.flatnonzero(depth == d)
            np.minimum.at(first, self.parent[at], first[at])
            np.maximum.at(last, self.parent[at], last[at])
        return first, last

    def answer(self, market: Market) -> None:
        """Unit costs and values of every entry at the announced prices."""
        nests = self.nests
        index = market.log_price[self.leaf_good] - self.log_reference[self.leaf_good]
        kernel.response(
            self.node_start, self.parent, 1.0 - self.elasticity, np.asarray(nests.node_share, dtype=np.float64),
            self.leaf_start, self.leaf_node, np.asarray(nests.leaf_share, dtype=np.float64), index,
            self.node_index, self.node_share, self.leaf_share, market.n_threads,
        )  # fmt: skip
        self.nest_cost = self.scale * np.exp(self.node_index[self.root])
        self.unit_cost = self.nest_cost.copy()
        self.val[self.leaf_entry] = self.nest_cost[self.council_of_leaf] * self.leaf_share
        if self.fixed is not None:
            self.val[self.fixed_entry] = self.fixed.data * market.price[self.fixed.indices]
            self.unit_cost += self.fixed @ market.price

    def curvature(self, level: Array, above_root: float, total: Curvature) -> None:
        """Add `level` (m,) times the curvature of the nests' cost."""
        value = level[self.council_of_leaf] * self.val[self.leaf_entry]
        value *= self.elasticity[self.leaf_node]
        total.diagonal += np.bincount(self.leaf_good, weights=value, minlength=len(total.diagonal))
        nodes, difference, rows = self._bending(above_root)
        share, council = self.node_share[nodes], self.node_council[nodes]
        cost = self.nest_cost[council]
        alpha = np.zeros(len(nodes))
        np.divide(
            difference * level[council], share * cost, out=alpha, where=share > _SMALLEST_SHARE
        )
        total.terms.append(Term(rows, self.val, alpha_in=alpha))

    def _bending(self, above_root: float) -> tuple[np.ndarray, np.ndarray, Rows]:
        """Nests whose elasticity differs from the one above them, the difference, and their rows."""
        if above_root not in self._node_rows:
            above = np.where(self.parent >= 0, self.elasticity[self.parent], above_root)
            difference = above - self.elasticity
            nodes = np.flatnonzero(difference != 0.0)
            rows = Rows(
                self.node_first[nodes], self.node_last[nodes], self.rows.idx, self.rows.scratch
            )
            self._node_rows[above_root] = nodes, difference[nodes], rows
        return self._node_rows[above_root]

    def split(self, quantity: Array) -> tuple[Array, Array | None]:
        """Entries in the family's order: leaves, and fixed inputs."""
        return quantity[self.leaf_entry], None if self.fixed is None else quantity[self.fixed_entry]


class NestedDemand(Answer):
    """Nested CES consumers: spend b in the tree's shares; P H P = b [ nests' curvature with 1 above the root ]."""

    def __init__(self, family: NestedCESConsumers, scratch: Scratch) -> None:
        self.budget = family.budget
        self.nest = NestedRows(family.nests, None, scratch)
        self.constant = budget_constant(family.budget)

    def respond(self, market: Market) -> None:
        """Spend the budget."""
        self.nest.answer(market)
        self.bought = self.budget / self.nest.unit_cost
        self.nest.rows.scatter(self.nest.val, self.bought, market.demand)
        market.dual += self.constant - float(np.dot(self.budget, np.log(self.nest.unit_cost)))

    def curvature(self, market: Market, total: Curvature) -> None:
        """b/c times c's tree, plus b g g' at the root (folded into `above_root`)."""
        self.nest.curvature(self.bought, 1.0, total)

    def proposal(self, market: Market) -> dict[str, np.ndarray]:
        """x = b g / p in leaf order."""
        length = self.nest.rows.stop - self.nest.rows.start
        quantity = np.repeat(self.bought, length) * self.nest.val / market.price[self.nest.rows.idx]
        return {"quantity": self.nest.split(quantity)[0]}
