"""What councils answer to prices, from the formulas alone: does an economy stand still there?

Only the public attributes of the data classes are read; no solver and no kernel is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reference.dual import unit_costs
from reference.trees import Trees, of_consumers, of_outputs, of_workers


def unit_quantities(trees: Trees, price) -> np.ndarray:
    """(L,) cheapest use of each leaf's good for one unit of its tree's root, by Shephard's lemma.

    Z_child = Z_parent (I_parent / I_child)^s, top-down, with I the price index of a node or leaf.
    """
    n_nodes = len(trees.node_parent)
    path = np.array(trees.node_share, float)
    for k, parent in enumerate(trees.node_parent):
        if parent >= 0:
            path[k] *= path[parent]
    leaf_index = (
        trees.leaf_unit * price[trees.leaf_good] / (path[trees.leaf_node] * trees.leaf_share)
    )
    every = Trees(**{**vars(trees), "root": np.arange(n_nodes)})
    node_index = unit_costs(every, price)
    level = np.ones(n_nodes)
    for k, parent in enumerate(trees.node_parent):
        if parent >= 0:
            level[k] = (
                level[parent]
                * (node_index[parent] / node_index[k]) ** trees.node_elasticity[parent]
            )
    node = trees.leaf_node
    return (
        trees.leaf_unit
        * level[node]
        * (node_index[node] / leaf_index) ** trees.node_elasticity[node]
    )


@dataclass
class Market:
    """Flows at prices: `supply`, `demand` (n,); per worker family `cost`, `sale` of a unit (m,)."""

    supply: np.ndarray
    demand: np.ndarray
    cost: dict
    sale: dict


def market(economy, price, output) -> Market:
    """Flows when workers make `output[label]` (m,) as cheaply as can be and budgets are spent."""
    price = np.asarray(price, float)
    state = Market(np.array(economy.endowment, float), np.zeros(len(price)), {}, {})
    for family in economy.families:
        if family.role == "consumers":
            trees = of_consumers(family)
            units = np.asarray(family.budget) / unit_costs(trees, price)
            _use(state.demand, trees, unit_quantities(trees, price) * units[trees.leaf_tree])
        elif type(family).__name__ == "Activities":
            flows = family.net_output.toarray()
            state.sale[family.label] = np.maximum(flows, 0.0) @ price
            state.cost[family.label] = np.maximum(-flows, 0.0) @ price
            state.supply += output[family.label] @ np.maximum(flows, 0.0)
            state.demand += output[family.label] @ np.maximum(-flows, 0.0)
        else:
            _work(state, family, price, np.asarray(output[family.label], float))
    return state


def _work(state: Market, family, price, output) -> None:
    """Constant returns only: output is productivity times level; of joint workers the level."""
    trees, joint = of_workers(family), type(family).__name__ == "JointWorkers"
    assert joint or np.all(np.asarray(family.returns) == 1.0)
    level = output if joint else output / np.broadcast_to(family.productivity, output.shape)
    cost = unit_costs(trees, price)
    _use(state.demand, trees, unit_quantities(trees, price) * level[trees.leaf_tree])
    if getattr(family, "fixed", None) is not None:
        cost = cost + family.fixed @ price
        state.demand += family.fixed.T @ level
    state.cost[family.label] = cost * level / output
    if joint:
        outputs = of_outputs(family)
        state.sale[family.label] = unit_costs(outputs, price)
        _use(state.supply, outputs, unit_quantities(outputs, price) * level[outputs.leaf_tree])
    else:
        state.sale[family.label] = price[family.output_good]
        np.add.at(state.supply, family.output_good, output)


def _use(demand, trees: Trees, quantity) -> None:
    np.add.at(demand, trees.leaf_good, quantity)
