"""What one unit of level brings and costs at given prices, for councils of constant returns.

Formulas of the families' docstrings, for people's questions; solvers and certificate have their
own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray, row_index, row_sums, weighted_count
from parecon.families import (
    Activities,
    CESWorkers,
    Family,
    JointWorkers,
    NestedCES,
    NestedCESWorkers,
)

Array = NDArray[np.float64]

# A loss, over the benefit, of which solvers leave no more to a council that really works.
LOSS = 1e-4


def unit_values(family: Family, price: Array) -> tuple[Array, Array] | None:
    """(benefit, cost) of one unit of level at `price` (n,), (m,) money each.

    None for families whose councils never are idle: with decreasing returns the first unit costs
    next to nothing.
    """
    with np.errstate(all="ignore"):
        if isinstance(family, Activities):
            net = family.net_output
            value = net.data * price[net.indices]
            return (
                row_sums(net.indptr, np.maximum(value, 0.0)),
                row_sums(net.indptr, np.maximum(-value, 0.0)),
            )
        if isinstance(family, CESWorkers):
            shares = family.shares
            log_price = np.log(price[shares.indices])
            council = row_index(shares.indptr)
            cost = np.exp(
                _log_mean(log_price, shares.data, council, family.elasticity, family.n_councils)
            )
        elif isinstance(family, NestedCESWorkers | JointWorkers):
            cost = _nested_value(family.nests, price)
            if family.fixed is not None:
                fixed = family.fixed
                cost = cost + row_sums(fixed.indptr, fixed.data * price[fixed.indices])
        else:
            return None
        if isinstance(family, JointWorkers):
            return _nested_value(family.outputs, price, sign=-1.0), cost
    benefit = family.productivity * price[family.output_good]
    # Marginal cost of the first unit is 0 where returns decrease: nobody is idle there.
    return benefit, np.where(family.returns < 1.0, 0.0, cost)


def _nested_value(nests: NestedCES, price: Array, *, sign: float = 1.0) -> Array:
    """scale * I_root from the leaves up, (m,) money per unit of level.

    sign : -1 for outputs, whose elasticities are of transformation.
    """
    log_leaf = np.log(price[nests.leaf_good] / nests.reference_price[nests.leaf_good])
    log_node = np.zeros(nests.n_nodes)
    inner = np.flatnonzero(nests.node_parent >= 0)
    for level in reversed(nests.levels):
        at = np.full(nests.n_nodes, -1)
        at[level] = np.arange(level.size)
        leaves = np.flatnonzero(at[nests.leaf_node] >= 0)
        nodes = inner[at[nests.node_parent[inner]] >= 0]
        log_node[level] = _log_mean(
            np.concatenate([log_leaf[leaves], log_node[nodes]]),
            np.concatenate([nests.leaf_share[leaves], nests.node_share[nodes]]),
            np.concatenate([at[nests.leaf_node[leaves]], at[nests.node_parent[nodes]]]),
            sign * nests.node_elasticity[level],
            level.size,
        )
    cost: Array = nests.scale * np.exp(log_node[nests.node_start[:-1]])
    return cost


def _log_mean(
    log_price: Array, share: Array, group: NDArray[np.integer], elasticity: FloatArray, size: int
) -> Array:
    """log [sum share p^(1-s)]^(1/(1-s)) by group, (size,); s = 1: the mean of the logarithms.

    Around the mean of the logarithms, so that no digit is lost near s = 1.
    """
    mean = weighted_count(group, share * log_price, size)
    power = 1.0 - elasticity
    bent = np.where(power == 0.0, 1.0, power)
    spread = np.expm1(power[group] * (log_price - mean[group]))
    bend = np.log1p(weighted_count(group, share * spread, size)) / bent
    return mean + np.where(power == 0.0, 0.0, bend)
