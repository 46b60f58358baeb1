"""Nested CES trees as rows: one per council, and one per nest for the curvature.

A council's row holds leaves first, then fixed inputs.

Nests of one tree hold contiguous leaves, so that every nest is a range of its council's entries.
With shares g of cost and theta_k the share of nest k, the curvature of level times unit cost is
(DESIGN section 3, summed over nests)

    y c { sum over leaves of s_parent g_i e_i e_i'
          +  sum over nests of (s_above(k) - s_k)/theta_k  g_k g_k' }

with s_above the elasticity of the nest above; at the root 0 for producers and 1 for consumers'
b log c.

Trees of outputs are the same with elasticity -t, t that of transformation: unit revenue for unit
cost, and, since what is made counts with the other sign, the same curvature with t for s.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from parecon._kernels import nested as kernel
from parecon.answers._base import Answer, Array, Market
from parecon.answers.consumers import budget_constant
from parecon.curvature import NO_GOOD, Curvature, Rows, Scratch, Term
from parecon.families import NestedCES, NestedCESConsumers

_EACH = 20.0  # nanoseconds for an entry
_SMALLEST_SHARE = 1e-150  # a nest without cost has no curvature; below this its square is zero


class NestedRows:
    """The trees of a family, compiled.

    rows : one row per council over [leaves | fixed inputs], with outputs where given.
    unit_cost : (m,) money per unit; val : (entries,) value of each entry per unit.
    transformation : whether these are trees of outputs, `unit_cost` the unit revenue.
    """

    def __init__(
        self,
        nests: NestedCES,
        fixed: csr_array | None,
        scratch: Scratch,
        out: np.ndarray = NO_GOOD,
        *,
        transformation: bool = False,
    ) -> None:
        self.nests = nests
        self.leaf_start = np.ascontiguousarray(nests.leaf_start, dtype=np.int64)
        self.node_start = np.ascontiguousarray(nests.node_start, dtype=np.int64)
        self.parent = np.ascontiguousarray(nests.node_parent, dtype=np.int64)
        self.leaf_node = np.ascontiguousarray(nests.leaf_node, dtype=np.int64)
        self.leaf_good = np.ascontiguousarray(nests.leaf_good, dtype=np.int32)
        self.elasticity = np.ascontiguousarray(nests.node_elasticity, dtype=np.float64)
        self.power = 1.0 + self.elasticity if transformation else 1.0 - self.elasticity
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
        """Entries of a council: leaves, then fixed goods the tree has not.

        A good stands once in a row.
        """
        m = len(self.leaf_start) - 1
        n_leaf = np.diff(self.leaf_start)
        self.council_of_leaf = np.repeat(np.arange(m), n_leaf)
        n_extra, extra, at_leaf = self._fixed_places(m, scratch.n_goods)
        start = np.concatenate([[0], np.cumsum(n_leaf + n_extra)]).astype(np.int64)
        shift = start[:-1] - self.leaf_start[:-1]
        self.leaf_entry = np.arange(len(self.leaf_good)) + shift[self.council_of_leaf]
        idx = np.empty(int(start[-1]), dtype=np.int32)
        idx[self.leaf_entry] = self.leaf_good
        if self.fixed is not None:
            council = np.repeat(np.arange(m), np.diff(self.fixed.indptr))
            before = np.cumsum(extra) - extra
            first = np.concatenate([[0], np.cumsum(n_extra)])[:-1]
            own = start[council] + n_leaf[council] + before - first[council]
            self.fixed_entry = np.where(
                extra, own, self.leaf_entry[at_leaf] if len(at_leaf) else own
            )
            idx[self.fixed_entry] = self.fixed.indices
        self.rows = Rows(start[:-1], start[1:], idx, scratch, out)
        self.node_first, self.node_last = self._leaf_ranges()
        self.node_council = np.repeat(np.arange(m), np.diff(self.node_start))
        # only nests whose elasticity differs from the one above bend anything; which these are
        # depends on the root's
        self._node_rows: dict[float, tuple[np.ndarray, np.ndarray, Rows]] = {}

    def _fixed_places(self, m: int, n_goods: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where fixed goods stand.

        Per council the number of fixed goods outside its tree; per fixed entry whether it is one,
        and else its leaf.
        """
        if self.fixed is None:
            none = np.empty(0, dtype=np.int64)
            return np.zeros(m, dtype=np.int64), none.astype(bool), none
        council = np.repeat(np.arange(m, dtype=np.int64), np.diff(self.fixed.indptr))
        wanted = council * n_goods + self.fixed.indices
        keys = self.council_of_leaf * np.int64(n_goods) + self.leaf_good
        order = np.argsort(keys, kind="stable")
        place = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
        at_leaf = order[place]
        extra = keys[at_leaf] != wanted
        return np.bincount(council[extra], minlength=m), extra, at_leaf

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
            self.node_start, self.parent, self.power,
            np.asarray(nests.node_share, dtype=np.float64), self.leaf_start, self.leaf_node,
            np.asarray(nests.leaf_share, dtype=np.float64), index, self.node_index, self.node_share,
            self.leaf_share, market.scratch.threads_for(_EACH * len(self.leaf_good)),
        )  # fmt: skip
        self.nest_cost = self.scale * np.exp(self.node_index[self.root])
        self.unit_cost = self.nest_cost.copy()
        self.leaf_val = self.nest_cost[self.council_of_leaf] * self.leaf_share
        self.val.fill(0.0)
        self.val[self.leaf_entry] = self.leaf_val
        if self.fixed is not None:
            self.val[self.fixed_entry] += self.fixed.data * market.price[self.fixed.indices]
            self.unit_cost += self.fixed @ market.price

    def curvature(self, level: Array, above_root: float, total: Curvature) -> None:
        """Add `level` (m,) times the curvature of the nests' cost."""
        value = level[self.council_of_leaf] * self.leaf_val
        value *= self.elasticity[self.leaf_node]
        total.diagonal += np.bincount(self.leaf_good, weights=value, minlength=len(total.diagonal))
        nodes, difference, rows = self._bending(above_root)
        share, council = self.node_share[nodes], self.node_council[nodes]
        cost = self.nest_cost[council]
        alpha = np.zeros(len(nodes))
        np.divide(
            difference * level[council], share * cost, out=alpha, where=share > _SMALLEST_SHARE
        )
        total.terms.append(Term(rows, self.leaf_val, alpha_in=alpha))

    def _bending(self, above_root: float) -> tuple[np.ndarray, np.ndarray, Rows]:
        """Nests whose elasticity differs from that above them, the difference, and their rows."""
        if above_root not in self._node_rows:
            above = np.where(self.parent >= 0, self.elasticity[self.parent], above_root)
            difference = above - self.elasticity
            nodes = np.flatnonzero(difference != 0.0)
            rows = Rows(
                self.node_first[nodes], self.node_last[nodes], self.leaf_good, self.rows.scratch
            )
            self._node_rows[above_root] = nodes, difference[nodes], rows
        return self._node_rows[above_root]

    def quantities(self, level: Array, market: Market) -> tuple[Array, Array | None]:
        """Physical inputs at the levels, in the family's order: leaves, and fixed inputs."""
        leaves = level[self.council_of_leaf] * self.leaf_val / market.price[self.leaf_good]
        if self.fixed is None:
            return leaves, None
        return leaves, np.repeat(level, np.diff(self.fixed.indptr)) * self.fixed.data


class NestedDemand(Answer):
    """Nested CES consumers: spend b in the tree's shares.

    P H P = b [ nests' curvature with 1 above the root ].
    """

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
        return {"quantity": self.nest.quantities(self.bought, market)[0]}
