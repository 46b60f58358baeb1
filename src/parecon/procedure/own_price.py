"""Own-price sensitivities, council by council: what each adds to the sum that some rules see.

The sensitivity of a quantity is its derivative by the logarithm of its own good's price, all other
prices fixed, counted as supply less demand: + for what is made, the fall of what is used. Summed by
good it is the diagonal of the curvature over the price, diag(P H P) / p, and never below zero.

A council that uses its own product reports one derivative of the difference; which part of it
stands with the input and which with the output does not matter to the sum.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import row_index
from parecon.answers import Answer, Market
from parecon.answers.consumers import CESDemand, CESRows, CobbDouglasSpending
from parecon.answers.nests import NestedDemand, NestedRows
from parecon.answers.suppliers import IsoelasticSupply
from parecon.answers.workers import CESOutput, CobbDouglasOutput
from parecon.curvature import Rows

Array = NDArray[np.float64]


@singledispatch
def own_price(answer: Answer, _quantities: dict[str, Any], _market: Market) -> dict[str, Array]:
    """Sensitivities of the quantities of `answer.proposal`, under the same names.

    quantities : what `answer.proposal(market)` gave at the prices last answered, physical units.
    Raises TypeError for councils whose proposal is not a smooth function of prices.
    """
    raise TypeError(f"{type(answer).__name__} does not answer prices smoothly")


@own_price.register
def _(_: CobbDouglasSpending, quantities: dict[str, Any], _market: Market) -> dict[str, Array]:
    # constant spending: b a / p falls by as much per cent as the price rises
    return {"quantity": quantities["quantity"]}


@own_price.register
def _(answer: CESDemand, quantities: dict[str, Any], _: Market) -> dict[str, Array]:
    """-d x / d log p = x [ s + (1 - s) g ]."""
    s = _per_entry(answer.ces, answer.ces.classes.elasticity)
    return {"quantity": quantities["quantity"] * (s + (1.0 - s) * answer.ces.share)}


@own_price.register
def _(answer: NestedDemand, _quantities: dict[str, Any], market: Market) -> dict[str, Array]:
    """The nests' curvature over price: s of the leaf's nest, and its value's square per nest."""
    nest = answer.nest
    spent = answer.bought[nest.council_of_leaf] * nest.leaf_val
    value = spent * nest.elasticity[nest.leaf_node]
    value += _above(nest, answer.bought)[nest.leaf_node] * nest.leaf_val**2
    return {"quantity": value / market.price[nest.leaf_good]}


@own_price.register
def _(answer: CobbDouglasOutput, quantities: dict[str, Any], market: Market) -> dict[str, Array]:
    """Inputs x (1 + b/D), output V [ (1 - 2 b_o)/D - 1 ] / p with b_o of the own product."""
    used = np.repeat(answer.power, answer.rows.stop - answer.rows.start)
    own = _own_share(answer.rows, answer.exponent)
    value = answer.value * ((1.0 - 2.0 * own) * answer.power - 1.0)
    return {
        "input": quantities["input"] * (1.0 + answer.exponent * used),
        "output": value / market.price[answer.rows.out],
    }


@own_price.register
def _(answer: CESOutput, quantities: dict[str, Any], market: Market) -> dict[str, Array]:
    """Inputs x [ g/(1-r) + s (1-g) ], output C (1 - 2 g_o) / ((1-r) p)."""
    share = answer.ces.share
    s = _per_entry(answer.ces, answer.ces.classes.elasticity)
    power = _per_entry(answer.ces, 1.0 / answer.slack)
    own = _own_share(answer.ces.rows, share)
    value = answer.cost * (1.0 - 2.0 * own) / answer.slack
    return {
        "input": quantities["input"] * (share * power + s * (1.0 - share)),
        "output": value / market.price[answer.ces.rows.out],
    }


@own_price.register
def _(answer: IsoelasticSupply, quantities: dict[str, Any], _: Market) -> dict[str, Array]:
    """eta s."""
    return {"quantity": answer.elasticity * quantities["quantity"]}


def _per_entry(ces: CESRows, per_council: Array) -> Array:
    return np.repeat(per_council, ces.rows.stop - ces.rows.start)


def _own_share(rows: Rows, value: Array) -> Array:
    """(m,) the entry of each council's own product, 0 where it does not use it."""
    own = np.zeros(len(rows))
    council = row_index(np.append(rows.start, rows.stop[-1:]))
    mine = np.flatnonzero(rows.idx == rows.out[council])
    own[council[mine]] = value[mine]
    return own


def _above(nest: NestedRows, level: Array) -> Array:
    """(nodes,) weights of the rank-one terms of a node and all nests above it."""
    parent = nest.parent
    outside = np.where(parent >= 0, nest.elasticity[parent], 1.0)
    cost = nest.node_share * nest.nest_cost[nest.node_council]
    weight = np.divide(
        (outside - nest.elasticity) * level[nest.node_council],
        cost,
        out=np.zeros(len(parent)),
        where=nest.node_share > 0.0,
    )
    for nodes in nest.nests.levels[1:]:
        weight[nodes] += weight[parent[nodes]]
    return weight
