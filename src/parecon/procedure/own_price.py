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

from parecon._columns import IndexArray, row_index
from parecon.answers import Answer, Market
from parecon.answers.best import BestLevels
from parecon.answers.consumers import CESDemand, CESRows, CobbDouglasSpending
from parecon.answers.nests import NestedDemand, NestedRows
from parecon.answers.suppliers import IsoelasticSupply, SupplyLevels
from parecon.answers.techniques import CESTechniques, NestedTechniques
from parecon.answers.workers import CESOutput, CobbDouglasOutput
from parecon.curvature import Rows
from parecon.families import Family, NestedCESWorkers, Suppliers

Array = NDArray[np.float64]

QUANTITIES = ("quantity", "input", "fixed_input", "output")
"""Names of what councils make and use, as in `parecon.proposals`."""


def per_number(family: Family, name: str, of_council: NDArray[Any]) -> NDArray[Any]:
    """(numbers,) of the quantity of this name, from (councils,)."""
    if name == "fixed_input" and isinstance(family, NestedCESWorkers) and family.fixed is not None:
        return np.repeat(of_council, np.diff(family.fixed.indptr))
    if name == "input" or (name == "quantity" and not isinstance(family, Suppliers)):
        return np.repeat(of_council, np.diff(family.pattern()[0]))
    return of_council


def goods_of(family: Family, name: str) -> IndexArray:
    """(numbers,) good of each number of the quantity of this name."""
    if name == "fixed_input" and isinstance(family, NestedCESWorkers) and family.fixed is not None:
        return np.asarray(family.fixed.indices)
    return family.made_goods() if name == "output" else family.pattern()[1]


def own_prices(
    family: Family, group: list[Answer], quantities: dict[str, Any], market: Market
) -> dict[str, Array]:
    """Sensitivities of all councils of a family, under the names of the quantities.

    quantities : of all of them, what its answers in `group` gave at the prices last answered.
    """
    if len(group) == 1 and (
        group[0].councils is None or len(group[0].councils) == family.n_councils
    ):
        return own_price(group[0], quantities, market)
    whole: dict[str, Array] = {}
    for answer in group:
        mine = np.zeros(family.n_councils, dtype=bool)
        mine[answer.councils] = True
        for name, part in own_price(answer, answer.proposal(market), market).items():
            total = whole.setdefault(name, np.zeros(len(quantities[name])))
            total[per_number(family, name, mine)] = part
    return whole


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
    """The nests' curvature over price, with elasticity 1 above the root."""
    value = _leaves(answer.nest, answer.bought, 1.0)
    return {"quantity": value / market.price[answer.nest.leaf_good]}


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


@own_price.register
def _(answer: BestLevels, quantities: dict[str, Any], market: Market) -> dict[str, Array]:
    """theta w w' of the best level with w = R e_o - c g, and the bending of unit cost."""
    levels, theta = answer.levels, answer.theta
    if isinstance(levels, SupplyLevels):
        return {"quantity": theta * levels.val}  # w is the price
    if not isinstance(levels, CESTechniques | NestedTechniques):
        raise TypeError(f"{type(levels).__name__} does not answer prices smoothly")
    rows = levels.rows
    length = rows.stop - rows.start
    value = np.repeat(theta, length) * levels.val**2
    output = theta * levels.revenue * (levels.revenue - 2.0 * _own_share(rows, levels.val))
    made = {"output": output / market.price[levels.out]}
    if isinstance(levels, NestedTechniques):
        return made | _tree(levels.nest, levels.level, value, market)
    s = _per_entry(levels.ces, levels.ces.classes.elasticity)
    used = quantities["input"] * s * (1.0 - levels.ces.share)
    return made | {"input": used + value / market.price[rows.idx]}


def _tree(nest: NestedRows, level: Array, value: Array, market: Market) -> dict[str, Array]:
    """Of the inputs of a tree, and of fixed inputs beside it, with `value` (entries,) added.

    A good in both places has one entry: what is added stands with the leaf.
    """
    leaves = _leaves(nest, level, 0.0) + value[nest.leaf_entry]
    sensitivity = {"input": leaves / market.price[nest.leaf_good]}
    if nest.fixed is not None:
        of_leaf = np.zeros(len(value), dtype=bool)
        of_leaf[nest.leaf_entry] = True
        at = nest.fixed_entry
        beside = np.where(of_leaf[at], 0.0, value[at])
        sensitivity["fixed_input"] = beside / market.price[nest.fixed.indices]
    return sensitivity


def _leaves(nest: NestedRows, level: Array, above_root: float) -> Array:
    """(leaves,) diagonal of `level` times the curvature of the nests' unit cost, money.

    s of the leaf's nest, and the square of its value per rank-one term of the nests above it.
    """
    value = level[nest.council_of_leaf] * nest.leaf_val * nest.elasticity[nest.leaf_node]
    value += _above(nest, level, above_root)[nest.leaf_node] * nest.leaf_val**2
    return value


def _per_entry(ces: CESRows, per_council: Array) -> Array:
    return np.repeat(per_council, ces.rows.stop - ces.rows.start)


def _own_share(rows: Rows, value: Array) -> Array:
    """(m,) the entry of each council's own product, 0 where it does not use it."""
    own = np.zeros(len(rows))
    council = row_index(np.append(rows.start, rows.stop[-1:]))
    mine = np.flatnonzero(rows.idx == rows.out[council])
    own[council[mine]] = value[mine]
    return own


def _above(nest: NestedRows, level: Array, above_root: float) -> Array:
    """(nodes,) weights of the rank-one terms of a node and all nests above it."""
    parent = nest.parent
    outside = np.where(parent >= 0, nest.elasticity[parent], above_root)
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
