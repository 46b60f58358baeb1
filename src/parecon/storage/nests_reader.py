"""Nested CES trees from tables of nodes and leaves.

Nodes are called by number (``node_index``, the row in the table of nodes from 0) or, for files
written by hand, by a name of their own within the council (``node``). Rows come council by council,
a node after its parent, leaves depth-first; the trees are checked by their class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.errors import EconomyError, FormatError, nearest
from parecon.families import NestedCES
from parecon.storage.family_tables import COUNCIL, GOOD
from parecon.storage.rows import check_positions, starts
from parecon.storage.tables import INDEX, Names, Table

_COUNCIL = (COUNCIL, COUNCIL + INDEX)
_GOOD = (GOOD, GOOD + INDEX)
_NODE = ("node", "node" + INDEX)
_PARENT = ("parent", "parent" + INDEX)


def read_nests(
    nodes: Table,
    leaves: Table,
    reference: Table | None,
    *,
    councils: Names,
    goods: Names,
    scale: FloatArray | None,
) -> NestedCES:
    """Return the trees of a family.

    reference: prices at which the shares hold, for goods where they are not 1; None: all ones.
    scale: unit costs of the councils; None: ones.

    Raises FormatError with file, column and row.
    """
    nodes.check_columns([*_COUNCIL, *_NODE, *_PARENT, "elasticity", "share"])
    leaves.check_columns([*_COUNCIL, *_NODE, *_GOOD, "share"])
    node_council = nodes.references(COUNCIL, councils)
    names = _NodeNames(nodes, node_council)
    parent = _parents(nodes, names, node_council)
    leaf_council, leaf_node = _leaf_nodes(leaves, names, node_council, councils)
    try:
        return NestedCES(
            starts(nodes, node_council, councils.size),
            parent,
            nodes.floats("elasticity"),
            nodes.floats("share"),
            starts(leaves, leaf_council, councils.size),
            leaves.references(GOOD, goods),
            leaf_node,
            leaves.floats("share"),
            reference_price=_reference_price(reference, goods),
            scale=scale,
            n_goods=goods.size,
        )
    except EconomyError as error:
        raise FormatError(f"{nodes.path}, {leaves.path.name}: {error}") from error


def _parents(nodes: Table, names: _NodeNames, council: IndexArray) -> IndexArray:
    if nodes.has("parent"):
        return names.find(nodes, "parent", council, roots=True)
    if nodes.has("node" + INDEX):
        check_positions(nodes, "node" + INDEX)
    return nodes.integers("parent" + INDEX)


def _leaf_nodes(
    leaves: Table, names: _NodeNames, node_council: IndexArray, councils: Names
) -> tuple[IndexArray, IndexArray]:
    """Return the council and the node of each leaf; a node's number tells its council too."""
    if leaves.has("node"):
        council = leaves.references(COUNCIL, councils)
        return council, names.find(leaves, "node", council)
    node = leaves.references("node", Names("node", None, node_council.size))
    return node_council[node], node


def _reference_price(table: Table | None, goods: Names) -> NDArray[np.float64] | None:
    if table is None:
        return None
    table.check_columns([*_GOOD, "price"])
    price = np.ones(goods.size)
    price[table.references(GOOD, goods)] = table.floats("price")
    return price


class _NodeNames:
    """Names of nodes, each unique within its council, and where they are."""

    def __init__(self, table: Table, council: IndexArray) -> None:
        self._positions: dict[tuple[int, str], int] = {}
        if not table.has("node"):
            return
        for row, key in enumerate(zip(council.tolist(), table.texts("node"), strict=True)):
            if key in self._positions or not key[1]:
                raise table.error(f"node {key[1]!r} is empty or twice", column="node", row=row)
            self._positions[key] = row

    def find(
        self, table: Table, column: str, council: IndexArray, *, roots: bool = False
    ) -> IndexArray:
        """Return the positions of nodes by name; with ``roots`` an empty name is a root's, -1."""
        found = np.empty(table.n_rows, dtype=np.int32)
        for row, key in enumerate(zip(council.tolist(), table.texts(column), strict=True)):
            position = -1 if roots and not key[1] else self._positions.get(key)
            if position is None:
                known = [name for owner, name in self._positions if owner == key[0]]
                hint = nearest(key[1], known)
                raise table.error(f"unknown node {key[1]!r}{hint}", column=column, row=row)
            found[row] = position
        return found
