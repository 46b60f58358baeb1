"""From benchmark money values to the columns of nested CES trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from parecon._columns import (
    NON_NEGATIVE,
    FloatArray,
    MatrixLike,
    csr_matrix,
    float_vector,
    row_index,
    row_of,
    weighted_count,
)
from parecon.errors import EconomyError, list_some


@dataclass(frozen=True)
class Nest:
    """One nest of a structure: what its children are and how well they replace each other.

    Parameters
    ----------
    elasticity : float or (m,) array_like
        Elasticity of substitution between the children, >= 0, finite.
    children : sequence of Nest or int
        Sub-nests and good indices.
    """

    elasticity: ArrayLike
    children: Sequence[Nest | int]


@dataclass(frozen=True)
class _Flat:
    """A structure as lists: nests depth-first, goods in the order of the leaves."""

    elasticity: list[ArrayLike]
    parent: list[int]
    good: list[int]
    nest: list[int]  # of each good


def columns_from_values(values: MatrixLike, structure: Nest) -> tuple[dict[str, Any], int]:
    """Return the columns of :class:`NestedCES` and the number of goods.

    See :meth:`NestedCES.from_values`. Every step is over all councils at once; the only loops are
    over the nests of the structure.
    """
    matrix = _positive_values(values)
    n_councils, n_goods = matrix.shape
    flat = _flatten(structure)
    ranked = _in_leaf_order(matrix, flat)
    council = row_index(ranked.indptr)
    good = np.asarray(flat.good, dtype=np.int32)[ranked.indices]
    nest = np.asarray(flat.nest, dtype=np.intp)[ranked.indices]
    n_nests = len(flat.parent)
    cell = council * np.intp(n_nests) + nest
    total = weighted_count(cell, ranked.data, n_councils * n_nests)
    total = total.reshape(n_councils, n_nests)
    for k in range(n_nests - 1, 0, -1):  # a nest follows its parent, so children come in first
        total[:, flat.parent[k]] += total[:, k]
    _require_some_value(total[:, 0])
    present = total > 0.0
    position = (np.cumsum(present.ravel()) - 1).reshape(present.shape)
    columns = _node_columns(flat, total, present, position)
    columns["leaf_start"] = ranked.indptr
    columns["leaf_good"] = good
    columns["leaf_node"] = position[council, nest].astype(np.int32)
    columns["leaf_share"] = ranked.data / total[council, nest]
    return columns, int(n_goods)


def _positive_values(values: MatrixLike) -> sp.csr_array:
    matrix = csr_matrix(values, "values")
    if not NON_NEGATIVE.holds(matrix.data):
        bad = NON_NEGATIVE.outside(matrix.data)
        culprits = (
            f"(council {row_of(matrix.indptr, k)}, good {matrix.indices[k]}: {matrix.data[k]:g})"
            for k in bad
        )
        raise EconomyError(
            f"values: expected {NON_NEGATIVE.text}, got {list_some(culprits, bad.size)}"
        )
    if (matrix.data == 0.0).any():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    return matrix


def _flatten(structure: Nest) -> _Flat:
    """List the nests depth-first, the goods of a nest before its sub-nests."""
    if not isinstance(structure, Nest):
        raise EconomyError(f"structure: expected a Nest, got {type(structure).__name__}")
    flat = _Flat([], [], [], [])
    waiting: list[tuple[Nest, int]] = [(structure, -1)]
    while waiting:
        nest, parent = waiting.pop()
        here = len(flat.parent)
        flat.elasticity.append(nest.elasticity)
        flat.parent.append(parent)
        inner = []
        for child in nest.children:
            if isinstance(child, Nest):
                inner.append((child, here))
            elif isinstance(child, int | np.integer) and not isinstance(child, bool):
                flat.good.append(int(child))
                flat.nest.append(here)
            else:
                raise EconomyError(f"structure: expected a Nest or a good index, got {child!r}")
        waiting.extend(reversed(inner))
    twice = sorted(good for good, count in Counter(flat.good).items() if count > 1)
    if twice:
        culprits = list_some(map(str, twice), len(twice))
        raise EconomyError(f"structure: expected each good once, got twice {culprits}")
    return flat


def _in_leaf_order(matrix: sp.csr_array, flat: _Flat) -> sp.csr_array:
    """Return the values with columns renumbered by leaf, each row in the order of the leaves."""
    n_goods = matrix.shape[1]
    goods = np.asarray(flat.good, dtype=np.intp)
    unknown = goods[(goods < 0) | (goods >= n_goods)]
    if unknown.size:
        raise EconomyError(
            f"structure: expected good indices from 0 to {n_goods - 1}, "
            f"got {list_some(map(str, unknown), unknown.size)}"
        )
    rank = np.full(n_goods, -1, dtype=np.int32)
    rank[goods] = np.arange(goods.size, dtype=np.int32)
    leaf = rank[matrix.indices]
    if leaf.size and int(leaf.min()) < 0:
        missing = np.unique(matrix.indices[leaf < 0])
        raise EconomyError(
            "values: expected only goods of the structure, got values of goods "
            f"{list_some(map(str, missing), missing.size)}"
        )
    ranked = sp.csr_array(
        (np.array(matrix.data), leaf, np.array(matrix.indptr)),
        shape=(matrix.shape[0], max(goods.size, 1)),
    )
    ranked.sort_indices()
    return ranked


def _require_some_value(total: FloatArray) -> None:
    empty = np.flatnonzero(total <= 0.0)
    if empty.size:
        raise EconomyError(
            "values: expected at least one value above 0 for each council, got none for council "
            f"{list_some(map(str, empty), empty.size)}"
        )


def _node_columns(
    flat: _Flat,
    total: FloatArray,
    present: NDArray[np.bool_],
    position: NDArray[np.intp],
) -> dict[str, Any]:
    """Return the node columns; ``position`` is the global node of each present (council, nest)."""
    n_councils, n_nests = present.shape
    n_nodes = int(position[-1, -1]) + 1 if n_councils else 0
    parent = np.full(n_nodes, -1, dtype=np.int32)
    elasticity = np.empty(n_nodes)
    share = np.ones(n_nodes)
    for k in range(n_nests):
        has = present[:, k]
        node = position[has, k]
        elasticity[node] = float_vector(
            flat.elasticity[k], f"structure nest {k}.elasticity", length=n_councils, broadcast=True
        )[has]
        if k > 0:
            above = flat.parent[k]
            parent[node] = position[has, above]
            share[node] = total[has, k] / total[has, above]
    start = np.concatenate(([0], np.cumsum(present.sum(axis=1))))
    return {
        "node_start": start.astype(np.int32),
        "node_parent": parent,
        "node_elasticity": elasticity,
        "node_share": share,
    }
