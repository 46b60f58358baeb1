"""The main supply chains: from resources through those who use them to those who consume.

Deliveries F to consumers stand for the work of whole chains: with A_ki = Z_ki / V_i (`money`),
x = (I - A)^-1 F is the value made for them everywhere, and E_i / V_i of x_i is what resources get
there. So the money that consumers pay is followed without circles, in four columns that add up to
the same:

    resource  ->  where it is used  ->  what is delivered in the end  ->  who gets it

(Leontief's decomposition of final demand into primary inputs by origin, at the plan's own inputs
per unit.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray
from parecon.explanation.chain import Chain
from parecon.explanation.factors import IMPORTS, STOCKS, factor_kind
from parecon.outcome.money import Money, money_flows

if TYPE_CHECKING:
    from parecon.goods import Goods
    from parecon.plan import Plan

__all__ = ["COLUMNS", "Flows", "Link", "Node", "flows"]

COLUMNS = ("resources", "used in making", "delivered as", "to")

# What is there of goods that are made, by the kind of factor that it is.
_THERE = {STOCKS: "stocks", IMPORTS: "imports not paid by exports"}
_DIRECT = "used as it is"
_ROUNDS = 400
_SETTLED = 1e-13  # of all value: what may be still on its way
_COVER = 0.5  # share of value that single goods must cover, where kinds of goods could be shown


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box; value is what goes in and what comes out, money per plan year."""

    column: int
    name: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Link:
    """Money per plan year between two nodes, by their position in `Flows.nodes`."""

    source: int
    target: int
    value: float


@dataclass(frozen=True, kw_only=True)
class Flows:
    """The diagram.

    nodes : by column, greatest first, all others last. links : greatest first. total : value of
    every column, money per plan year. by_kind : whether goods are taken together by their kind.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    total: float
    by_kind: bool

    def column(self, number: int) -> tuple[Node, ...]:
        """The nodes of one column."""
        return tuple(node for node in self.nodes if node.column == number)


def flows(plan: Plan, *, most: int = 8, chain: Chain | None = None) -> Flows | None:
    """Return the supply chains of a plan, up to `most` nodes in a column and one for the others.

    Where single goods would cover less than half of what is delivered and goods have kinds, kinds
    are shown. None where nothing of value is consumed, or where a product is its own only source.
    """
    money = money_flows(plan, Chain(plan) if chain is None else chain, most=most)
    total = float(money.final.sum())
    if not 0.0 < total < np.inf:
        return None
    delivered = np.where(money.made, money.final.sum(axis=1), 0.0)
    origins = _groups(plan.economy.goods, money, delivered, most)
    ends_in = _largest(origins, delivered, most)
    # Deliveries by group, each with its chain; those of resources themselves have none.
    value = _chains(money, ends_in.members.T.toarray() * delivered[:, None])
    if value is None:
        return None
    final = ends_in.members @ money.final  # (groups, consumers)
    resources, ends = _ends(plan, money, value.sum(axis=1), origins.members)
    embodied = _embodied(money, value, origins.members)
    embodied[-1, -1] = final[-1].sum()
    return _assembled(
        [
            (resources, origins.names, ends),
            (origins.names, ends_in.names, embodied),
            (ends_in.names, list(money.consumers), final),
        ],
        total=total,
        by_kind=origins.by_kind,
        most=most,
    )


@dataclass(frozen=True, eq=False)
class _Groups:
    """Goods together: names, (groups, n) of ones; the last is of goods that nobody makes."""

    names: list[str]
    members: sp.csr_array
    by_kind: bool = False


def _indicator(of_good: NDArray[np.intp], n_groups: int) -> sp.csr_array:
    ones = np.ones(of_good.size)
    return sp.csr_array((ones, (of_good, np.arange(of_good.size))), shape=(n_groups, of_good.size))


def _groups(goods: Goods, money: Money, delivered: FloatArray, most: int) -> _Groups:
    """Every good by itself, or kinds of goods."""
    names, of_good, by_kind = list(goods.names), np.arange(len(goods)), False
    if goods.kind is not None:
        kinds = list(dict.fromkeys(np.array(goods.kind)[money.made].tolist()))
        greatest = np.sort(delivered)[::-1][:most].sum()
        if 2 <= len(kinds) <= most and greatest < _COVER * delivered.sum():
            at = {kind: k for k, kind in enumerate(kinds)}
            of_good = np.array([at.get(kind, 0) for kind in goods.kind], dtype=np.intp)
            names, by_kind = kinds, True
    of_good = np.where(money.made, of_good, len(names))
    return _Groups([*names, _DIRECT], _indicator(of_good, len(names) + 1), by_kind)


def _largest(groups: _Groups, delivered: FloatArray, most: int) -> _Groups:
    """The groups of which most is delivered, greatest first, and all others as one."""
    value = (groups.members @ delivered)[:-1]
    kept = _greatest(value, most)
    rest = np.setdiff1d(np.arange(value.size), kept)
    n_rest = int(np.count_nonzero(value[rest] > 0.0))
    members = sp.vstack(
        [
            groups.members[kept],
            sp.csr_array(groups.members[rest].sum(axis=0).reshape(1, -1)),
            groups.members[[-1]],
        ],
        format="csr",
    )
    names = [*(groups.names[int(k)] for k in kept), _others(n_rest), _DIRECT]
    return _Groups(names, members)


def _chains(money: Money, started: FloatArray) -> FloatArray | None:
    """(n, groups) value made everywhere for the deliveries that each group started, x = F + A x.

    Round by round up the chain; what goes round in circles for too long is factorised.
    """
    inverse = np.divide(1.0, money.value, out=np.zeros(money.value.size), where=money.value > 0.0)
    # Resources end the chain: what is paid for them is part of E.
    shares = sp.csr_array(sp.diags_array(money.made * 1.0) @ money.inner @ sp.diags_array(inverse))
    step, value = started, started.copy()
    for _ in range(_ROUNDS):
        step = shares @ step
        value += step
        if step.sum() <= _SETTLED * started.sum():
            return value
    from scipy.sparse.linalg import splu

    try:
        solved = splu(sp.csc_array(sp.eye_array(inverse.size) - shares)).solve(started)
    except RuntimeError:  # exactly singular
        return None
    return solved if np.isfinite(solved).all() and solved.min() >= -1e-9 * solved.max() else None


def _ends(
    plan: Plan, money: Money, value: FloatArray, members: sp.csr_array
) -> tuple[list[str], FloatArray]:
    """Names of the resources, and (resources, groups) what they get where they are used."""
    part = np.divide(value, money.value, out=np.zeros(value.size), where=money.value > 0.0)
    resource = np.flatnonzero(~money.made & (money.there > 0.0))
    paid = (money.inner[resource] @ sp.diags_array(part) @ members.T).toarray()
    paid[:, -1] = money.final[resource].sum(axis=1)  # consumed as they are
    names = [plan.economy.goods.name(int(i)) for i in resource]
    rows = {**_there(plan, money), **money.kept}
    extra = np.array([members @ (part * amount) for amount in rows.values()])
    extra[:, -1] = 0.0
    return [*names, *rows], np.vstack([paid, extra])


def _there(plan: Plan, money: Money) -> dict[str, FloatArray]:
    """{kind: (n,) value endowed or supplied of goods that are made too}."""
    rows: dict[str, FloatArray] = {}
    for i in np.flatnonzero(money.made & (money.there > 0.0)):
        kind = factor_kind(plan.economy.goods, int(i), money.made)
        row = rows.setdefault(_THERE.get(kind, kind), np.zeros(money.made.size))
        row[i] = money.there[i]
    return rows


def _embodied(money: Money, value: FloatArray, members: sp.csr_array) -> FloatArray:
    """(origins, groups) what resources used in one get from deliveries of another."""
    bought = np.asarray(money.inner[money.made].sum(axis=0)).ravel()
    share = np.divide(
        money.value - bought, money.value, out=np.zeros(bought.size), where=money.value > 0.0
    )
    return np.asarray(members @ (np.maximum(share, 0.0)[:, None] * value))


# -- the diagram ----------------------------------------------------------------------------------


def _assembled(
    stages: Sequence[tuple[list[str], list[str], FloatArray]],
    *,
    total: float,
    by_kind: bool,
    most: int,
) -> Flows:
    """Nodes and links; in each column the greatest, and one node for the others."""
    labels = [*(stage[0] for stage in stages), stages[-1][1]]
    sums = [*(stage[2].sum(axis=1) for stage in stages), stages[-1][2].sum(axis=0)]
    kept = [_greatest(values, most) for values in sums]
    kept[2] = np.arange(sums[2].size)  # chosen already
    nodes: list[Node] = []
    at = []
    for column, (names, values, chosen) in enumerate(zip(labels, sums, kept, strict=True)):
        at.append(len(nodes) + np.arange(chosen.size + 1))
        nodes += _nodes(column, names, values, chosen)
    links = []
    for k, (_, _, matrix) in enumerate(stages):
        block = _merged(_merged(matrix, kept[k]).T, kept[k + 1]).T
        links += [
            Link(source=int(at[k][i]), target=int(at[k + 1][j]), value=float(block[i, j]))
            for i, j in zip(*np.nonzero(block > 0.0), strict=True)
        ]
    return _without_empty(nodes, links, total=total, by_kind=by_kind)


def _without_empty(nodes: list[Node], links: list[Link], *, total: float, by_kind: bool) -> Flows:
    """Nodes of value 0 left out, links greatest first."""
    at = np.cumsum([node.value > 0.0 for node in nodes]) - 1
    moved = [
        Link(source=int(at[link.source]), target=int(at[link.target]), value=link.value)
        for link in sorted(links, key=lambda link: -link.value)
    ]
    shown = tuple(node for node in nodes if node.value > 0.0)
    return Flows(nodes=shown, links=tuple(moved), total=total, by_kind=by_kind)


def _greatest(values: FloatArray, most: int) -> NDArray[np.intp]:
    """Positions of the greatest values above 0; of one more than `most` all are kept."""
    order = np.argsort(-values, kind="stable")
    order = order[values[order] > 0.0]
    return order if order.size <= most + 1 else order[:most]


def _nodes(
    column: int, names: list[str], values: FloatArray, chosen: NDArray[np.intp]
) -> list[Node]:
    """The chosen, and the others together: of value 0 if there are none."""
    rest = np.setdiff1d(np.flatnonzero(values > 0.0), chosen)
    shown = [(names[int(i)], float(values[i])) for i in chosen]
    shown.append((_others(rest.size), float(values[rest].sum())))
    return [Node(column=column, name=name, value=value) for name, value in shown]


def _others(count: int) -> str:
    return f"{count:,} others"


def _merged(matrix: FloatArray, chosen: NDArray[np.intp]) -> FloatArray:
    """Rows chosen, and the sum of all others as the last."""
    rest = np.ones(matrix.shape[0], dtype=bool)
    rest[chosen] = False
    return np.vstack([matrix[chosen], matrix[rest].sum(axis=0)])
