"""A family as tables, and back. Everything follows from the records of its columns.

==============  =================================================================================
kind of column  where it is stored
==============  =================================================================================
vector          column of ``<label>.councils``
index           column ``<name>_index`` (or ``<name>``, by name) of ``<label>.councils``
matrix          table ``<label>.<name>``: council, good, value
nests           tables ``<label>.nodes``, ``<label>.leaves``, ``<label>.reference_prices`` (only
                where a price is not 1), and column ``scale`` of ``<label>.councils``; of trees
                other than those of the column ``nests`` with the column's name before it:
                ``<label>.outputs_nodes``, ``outputs_scale``
effort          columns ``effort_exponent``, ``effort_power``, ``effort_scale``
choice          key of the family's entry in the manifest
==============  =================================================================================

An optional column that is None is absent, and so is an optional table. A new family therefore needs
no code here, unless it brings a new kind of column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from parecon._columns import IndexArray, row_index
from parecon.families import Column, Family, NestedCES
from parecon.storage.tables import INDEX, Values

Tables = dict[str, dict[str, Values]]

COUNCIL, GOOD = "council", "good"
EFFORT = ("exponent", "power", "scale")
NODES, LEAVES, REFERENCE, SCALE = "nodes", "leaves", "reference_prices", "scale"


def family_entry(family: Family) -> dict[str, Any]:
    """Return the family's entry in the manifest."""
    entry: dict[str, Any] = {"label": family.title, "class": type(family).__name__}
    for column in family.columns:
        if column.kind == "choice":
            entry[column.name] = getattr(family, column.name)
    return entry


def family_tables(family: Family) -> Tables:
    """Return the family's tables by stem, each a mapping from column to array."""
    councils: dict[str, Values] = {COUNCIL + INDEX: np.arange(family.n_councils, dtype=np.int32)}
    if family.names is not None:
        councils[COUNCIL] = family.names
    tables: Tables = {f"{family.title}.councils": councils}
    for column in family.columns:
        value = getattr(family, column.name)
        if value is None:
            continue
        if column.kind == "vector":
            councils[column.name] = value
        elif column.kind == "index":
            councils[column.name + INDEX] = value
        elif column.kind == "effort":
            councils |= {f"effort_{name}": getattr(value, name) for name in EFFORT}
        elif column.kind == "matrix":
            tables[f"{family.title}.{column.name}"] = entry_columns(
                value.indptr, value.indices, {"value": value.data}
            )
        elif column.kind == "nests":
            prefix = nests_prefix(column)
            councils[prefix + SCALE] = value.scale
            tables |= _nest_tables(f"{family.title}.{prefix}", value)
    return tables


def entry_columns(
    indptr: IndexArray, good: IndexArray, values: Mapping[str, Values]
) -> dict[str, Values]:
    """Return the long form of entries: council, good, values."""
    return {COUNCIL + INDEX: row_index(indptr), GOOD + INDEX: good, **values}


def nests_prefix(column: Column) -> str:
    """Return what stands before the names of the tables of a column of nests."""
    return "" if column.name == "nests" else f"{column.name}_"


def _nest_tables(stem: str, nests: NestedCES) -> Tables:
    nodes: dict[str, Values] = {
        COUNCIL + INDEX: row_index(nests.node_start),
        "node" + INDEX: np.arange(nests.n_nodes, dtype=np.int32),
        "parent" + INDEX: nests.node_parent,
        "elasticity": nests.node_elasticity,
        "share": nests.node_share,
    }
    leaves: dict[str, Values] = {
        COUNCIL + INDEX: row_index(nests.leaf_start),
        "node" + INDEX: nests.leaf_node,
        GOOD + INDEX: nests.leaf_good,
        "share": nests.leaf_share,
    }
    tables: Tables = {stem + NODES: nodes, stem + LEAVES: leaves}
    if (nests.reference_price != 1.0).any():
        tables[stem + REFERENCE] = {
            GOOD + INDEX: np.arange(nests.n_goods, dtype=np.int32),
            "price": nests.reference_price,
        }
    return tables
