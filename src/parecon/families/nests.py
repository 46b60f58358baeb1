"""Nested CES trees, one per council, stored column by column for all councils together.

Order of nodes and leaves. Nodes and leaves are council-major. A node comes after its parent; the
first node of a council is its root. Leaves are depth-first: the leaves of one node are neighbours,
and so are all the leaves of its subtree. The constructor verifies it, because kernels walk the
arrays once, forward and back, without a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon._columns import (
    POSITIVE,
    SUM_TOLERANCE,
    FloatArray,
    IndexArray,
    MatrixLike,
    Range,
    float_vector,
    frozen,
    index_vector,
    row_index,
    row_of,
    weighted_count,
)
from parecon.errors import EconomyError, list_some, nearest
from parecon.families._checks import check_vector
from parecon.families._layout import checked_structure, levels_of
from parecon.families.nest_values import Nest, columns_from_values
from parecon.goods import Goods

if TYPE_CHECKING:
    from parecon.families._base import Family

__all__ = ["Nest", "NestedCES", "checked_nests"]

ELASTICITY = Range(text="at least 0 and finite", low=0.0)
STRUCTURE = ("node_start", "node_parent", "leaf_start", "leaf_good", "leaf_node")


@dataclass(frozen=True, init=False, repr=False, eq=False)
class NestedCES:
    """Nested CES functions in calibrated share form, one tree per council.

    With ``p0`` the reference prices, the index of a leaf is ``I = p_i / p0_i`` and that of a node
    ``I_k = [sum share I^(1-s_k)]^(1/(1-s_k))`` over its children (s = 1: ``prod I^share``; s = 0:
    ``sum share I``). Unit cost is ``c(p) = scale * I_root``. On the quantity side a leaf's
    benchmark quantity per unit is ``x0_i = scale * path_share / p0_i``, ``Z_leaf = x_i / x0_i`` and
    ``Z_k = [sum share Z^((s-1)/s)]^(s/(s-1))`` (s = 1: ``prod Z^share``; s = 0: ``min Z``).
    (The calibrated share form of DESIGN, section 3.)

    Parameters
    ----------
    node_start : (m+1,) array_like of int
        Nodes of council j are ``node_start[j]:node_start[j+1]``; its root is the first.
    node_parent : (N,) array_like of int
        Node above, by position among all nodes, before its children; -1 for a root.
    node_elasticity : (N,) array_like
        Elasticity of substitution between the children, >= 0, finite.
    node_share : (N,) array_like
        Benchmark value share within the node above, > 0; 1 for a root.
    leaf_start : (m+1,) array_like of int
        Leaves of council j are ``leaf_start[j]:leaf_start[j+1]``.
    leaf_good : (L,) array_like of int
        Good of each leaf; at most once per council.
    leaf_node : (L,) array_like of int
        Node of each leaf. The leaves of a node, and of its subtree, must be neighbours.
    leaf_share : (L,) array_like
        Benchmark value share within the node, > 0; the children of each node sum to 1 (1e-9).
    reference_price : (n,) array_like, optional
        Prices p0 at which the shares hold, money per physical unit, > 0; ones unless given.
    scale : float or (m,) array_like, optional
        Unit cost at reference prices, money per unit of Z_root, > 0; ones unless given.
    n_goods : int, optional
        Number of goods n; needed where ``reference_price`` is not given.
    normalise : bool
        Scale the shares of the children of each node to sum to 1.

    Raises
    ------
    EconomyError
        If a shape, pointer, parent or the order of leaves is wrong; if the content is wrong, when
        an Economy validates it.
    """

    node_start: IndexArray
    node_parent: IndexArray
    node_elasticity: FloatArray
    node_share: FloatArray
    leaf_start: IndexArray
    leaf_good: IndexArray
    leaf_node: IndexArray
    leaf_share: FloatArray
    reference_price: FloatArray
    scale: FloatArray

    columns: ClassVar[tuple[str, ...]] = (
        "node_start",
        "node_parent",
        "node_elasticity",
        "node_share",
        "leaf_start",
        "leaf_good",
        "leaf_node",
        "leaf_share",
        "reference_price",
        "scale",
    )

    def __init__(
        self,
        node_start: ArrayLike,
        node_parent: ArrayLike,
        node_elasticity: ArrayLike,
        node_share: ArrayLike,
        leaf_start: ArrayLike,
        leaf_good: ArrayLike,
        leaf_node: ArrayLike,
        leaf_share: ArrayLike,
        reference_price: ArrayLike | None = None,
        scale: ArrayLike | None = None,
        *,
        n_goods: int | None = None,
        normalise: bool = False,
    ) -> None:
        if reference_price is None:
            if n_goods is None:
                raise EconomyError("nests: expected reference_price or n_goods, got neither")
            reference_price = np.ones(n_goods)
        price = float_vector(reference_price, "nests.reference_price", length=n_goods)
        structure = checked_structure(
            index_vector(node_start, "nests.node_start"),
            index_vector(node_parent, "nests.node_parent"),
            index_vector(leaf_start, "nests.leaf_start"),
            index_vector(leaf_good, "nests.leaf_good"),
            index_vector(leaf_node, "nests.leaf_node"),
            price.size,
        )
        for name, array in zip(STRUCTURE, structure, strict=True):
            object.__setattr__(self, name, array)
        object.__setattr__(self, "reference_price", price)
        self._set("node_elasticity", node_elasticity)
        self._set("node_share", node_share)
        self._set("leaf_share", leaf_share)
        self._set("scale", 1.0 if scale is None else scale)
        if normalise:
            self._normalise()

    @classmethod
    def from_values(
        cls,
        values: MatrixLike,
        structure: Nest,
        *,
        reference_price: ArrayLike | None = None,
        scale: ArrayLike | None = None,
    ) -> Self:
        """Calibrate to benchmark money values, with one structure for all councils.

        Parameters
        ----------
        values : (m, n) array_like or sparse
            Money spent on each good in the benchmark, >= 0. Goods of value 0, and nests of which
            nothing is left, are left out per council.
        structure : Nest
            The nests and the goods in them. Leaves are stored in its order, goods before sub-nests.
        reference_price : (n,) array_like, optional
            Benchmark prices; ones unless given.
        scale : float or (m,) array_like, optional
            Unit cost in the benchmark; ones unless given.

        Raises
        ------
        EconomyError
            If a value is negative or not finite, a good of ``values`` is not in the structure or
            is in it twice, or a council has no value at all.
        """
        columns, n_goods = columns_from_values(values, structure)
        return cls(**columns, reference_price=reference_price, scale=scale, n_goods=n_goods)

    # -- what it is -----------------------------------------------------------------------------

    @property
    def n_councils(self) -> int:
        """Number of councils m."""
        return int(self.node_start.size - 1)

    @property
    def n_goods(self) -> int:
        """Number of goods n."""
        return int(self.reference_price.size)

    @property
    def n_nodes(self) -> int:
        """Number of nodes N of all trees."""
        return int(self.node_parent.size)

    @property
    def n_leaves(self) -> int:
        """Number of leaves L of all trees."""
        return int(self.leaf_good.size)

    @property
    def shape(self) -> tuple[int, int]:
        """``(n_councils, n_goods)``."""
        return self.n_councils, self.n_goods

    @property
    def nbytes(self) -> int:
        """Memory of the arrays in bytes."""
        return sum(int(getattr(self, name).nbytes) for name in self.columns)

    @cached_property
    def levels(self) -> tuple[NDArray[np.intp], ...]:
        """Positions of the nodes at each depth, roots first."""
        return levels_of(self.node_parent)

    @property
    def depth(self) -> int:
        """Greatest number of nodes between root and leaf; 1 where every tree is flat."""
        return len(self.levels)

    def path_share(self) -> FloatArray:
        """Return each leaf's share in the council's benchmark value, (L,): the product of shares.

        The shares of a council sum to 1.
        """
        along = np.array(self.node_share)
        for nodes in self.levels[1:]:  # a level needs the level above
            along[nodes] *= along[self.node_parent[nodes]]
        path: FloatArray = along[self.leaf_node] * self.leaf_share
        return path

    def reference_quantity(self) -> FloatArray:
        """Return each leaf's benchmark quantity per unit, ``scale * path_share / p0``, (L,).

        Physical units per unit of Z_root.
        """
        scale = np.repeat(self.scale, np.diff(self.leaf_start))
        quantity: FloatArray = scale * self.path_share() / self.reference_price[self.leaf_good]
        return quantity

    def replace(self, *, normalise: bool = False, **columns: Any) -> Self:
        """Return the nests with other shares, elasticities, reference prices or scale.

        The structure stays; arrays that are not given are shared.

        Raises
        ------
        EconomyError
            If there is no such column, it is part of the structure, or its shape differs.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)  # includes levels, which depend on structure only
        for name, value in columns.items():
            if name in STRUCTURE or name not in self.columns:
                allowed = [column for column in self.columns if column not in STRUCTURE]
                raise EconomyError(
                    f"nests: no column {name!r} to replace{nearest(name, allowed)} "
                    f"({', '.join(allowed)}; for another structure build a NestedCES)"
                )
            other._set(name, value)
        if normalise:
            other._normalise()
        return other

    def _set(self, name: str, value: ArrayLike) -> None:
        """Store one column that is not structure."""
        length = {
            "node_elasticity": self.n_nodes,
            "node_share": self.n_nodes,
            "leaf_share": self.n_leaves,
            "reference_price": self.n_goods,
            "scale": self.n_councils,
        }[name]
        vector = float_vector(value, f"nests.{name}", length=length, broadcast=name == "scale")
        object.__setattr__(self, name, vector)

    def _children_sums(self) -> FloatArray:
        """Return the sum of the shares of each node's children, (N,)."""
        inner = np.flatnonzero(self.node_parent >= 0)
        below = weighted_count(self.node_parent[inner], self.node_share[inner], self.n_nodes)
        return below + weighted_count(self.leaf_node, self.leaf_share, self.n_nodes)

    def _normalise(self) -> None:
        sums = self._children_sums()
        if not POSITIVE.holds(sums):
            bad = POSITIVE.outside(sums)
            culprits = list_some((f"node {k} ({sums[k]:g})" for k in bad), bad.size)
            raise EconomyError(f"nests: to normalise, expected sums {POSITIVE.text}: {culprits}")
        roots = self.node_start[:-1]
        node_share = self.node_share / sums[self.node_parent]
        node_share[roots] = 1.0
        object.__setattr__(self, "node_share", frozen(node_share))
        object.__setattr__(self, "leaf_share", frozen(self.leaf_share / sums[self.leaf_node]))

    # -- checks ------------------------------------------------------------------------------------

    def validate(self, family: Family, column: str, goods: Goods) -> None:
        """Check the content: ranges, sums of shares, each good at most once per council.

        Raises
        ------
        EconomyError
            In the words of ``family``, naming councils and goods.
        """
        where = f"{family.title}.{column}"
        self._check_nodes(family, where)
        self._check_leaves(family, where, goods)
        self._check_sums(family, where)
        check_vector(family, f"{column}.scale", self.scale, POSITIVE)
        if not POSITIVE.holds(self.reference_price):
            bad = POSITIVE.outside(self.reference_price)
            culprits = (f"{goods.name(int(i))!r} ({self.reference_price[i]:g})" for i in bad)
            raise EconomyError(
                f"{where}.reference_price: expected {POSITIVE.text}, "
                f"got {list_some(culprits, bad.size)}"
            )
        self._check_goods_once(family, where, goods)

    def _check_nodes(self, family: Family, where: str) -> None:
        for name, range_ in (("node_elasticity", ELASTICITY), ("node_share", POSITIVE)):
            values = getattr(self, name)
            if range_.holds(values):
                continue
            bad = range_.outside(values)
            culprits = (f"{self._node_name(family, int(k))} ({values[k]:g})" for k in bad)
            raise EconomyError(
                f"{where}.{name}: expected {range_.text}, got {list_some(culprits, bad.size)}"
            )

    def _check_leaves(self, family: Family, where: str, goods: Goods) -> None:
        if POSITIVE.holds(self.leaf_share):
            return
        bad = POSITIVE.outside(self.leaf_share)
        name = partial(self._leaf_name, family, goods)
        culprits = (f"{name(int(k))} ({self.leaf_share[k]:g})" for k in bad)
        raise EconomyError(
            f"{where}.leaf_share: expected {POSITIVE.text}, got {list_some(culprits, bad.size)}"
        )

    def _check_sums(self, family: Family, where: str) -> None:
        sums = self._children_sums()
        off = np.abs(sums - 1.0) > SUM_TOLERANCE
        roots = self.node_start[:-1]
        off[roots] |= self.node_share[roots] != 1.0
        if not off.any():
            return
        bad = np.flatnonzero(off)
        culprits = (
            f"{self._node_name(family, int(k))} ({sums[k]:.12g}, own share {self.node_share[k]:g})"
            for k in bad
        )
        raise EconomyError(
            f"{where}: expected the shares below each node to sum to 1 (or normalise=True) and a "
            f"root's own share to be 1, got {list_some(culprits, bad.size)}"
        )

    def _check_goods_once(self, family: Family, where: str, goods: Goods) -> None:
        council = row_index(self.leaf_start)
        key = council.astype(np.int64) * self.n_goods + self.leaf_good
        order = np.argsort(key)
        twice = order[1:][key[order[1:]] == key[order[:-1]]]
        if twice.size == 0:
            return
        culprits = (self._leaf_name(family, goods, int(k)) for k in twice)
        raise EconomyError(
            f"{where}: expected each good at most once per council, "
            f"got duplicates {list_some(culprits, twice.size)}"
        )

    def _node_name(self, family: Family, node: int) -> str:
        council = int(row_of(self.node_start, node))
        return f"{family.council_name(council)} node {node - int(self.node_start[council])}"

    def _leaf_name(self, family: Family, goods: Goods, leaf: int) -> str:
        council = family.council_name(int(row_of(self.leaf_start, leaf)))
        return f"{council}, good {goods.name(int(self.leaf_good[leaf]))!r}"

    def __repr__(self) -> str:
        return (
            f"NestedCES({self.n_councils:,} councils, {self.n_goods:,} goods, "
            f"{self.n_nodes:,} nodes, {self.n_leaves:,} leaves)"
        )


def checked_nests(value: Any, where: str, shape: tuple[int | None, int | None]) -> NestedCES:
    """Return ``value`` if it is a NestedCES of the demanded shape (None: any)."""
    if not isinstance(value, NestedCES):
        raise EconomyError(f"{where}: expected a NestedCES, got {type(value).__name__}")
    for expected, got, what in zip(shape, value.shape, ("councils", "goods"), strict=True):
        if expected is not None and expected != got:
            raise EconomyError(f"{where}: expected {expected:,} {what}, got {got:,}")
    return value
