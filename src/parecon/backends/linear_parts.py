"""Each linear-representable family's part of a linear programme.

Goods come in fixed proportions to the columns of a part; what a council values or a supplier pays
is a term, a concave function of one quantity that a row limits: the clearance of a good it takes or
gives, or a row of its own.

To teach the linear backend a new family, write a function from family and number of goods to a
`LinearPart` and name it in `_BUILDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import row_index
from parecon.backends.concave import Concave, Harmony, Logarithm, SupplyCost
from parecon.backends.trees import Trees, trees_of
from parecon.families import (
    Activities,
    CESConsumers,
    CESWorkers,
    CobbDouglasConsumers,
    Consumers,
    Family,
    LeontiefConsumers,
    LinearConsumers,
    NestedCESConsumers,
    NestedCESWorkers,
    Suppliers,
    Targets,
)

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Terms:
    """Concave terms f(t), T of them.

    row : (T,) the row that t enters: good i, or n + k for row k of the part's own.
    sign : -1 where t takes from the row, +1 where it gives.
    most : (T,) greatest t. constant : money that f leaves out, all together.
    council : (T,) whose it is.
    """

    function: Concave
    row: Index
    sign: float
    most: Array
    council: Index
    constant: float = 0.0


@dataclass(frozen=True, eq=False)
class LinearPart:
    """One family's columns, rows and terms.

    flow : (n, k) net supply of each column per unit. upper : (k,) bounds; the lower ones are 0.
    own : (rows, k) coefficients in rows of the part's own, own x - taken >= 0.
    names, own_names : what each column counts, what each own row says; good : (k,) the good of each
    column, where it is of one. values : takes x (k,) and t (T,), returns quantities
    named as in `parecon.proposals`, physical units.
    """

    flow: sp.csc_array
    upper: Array
    own: sp.csr_array
    names: Sequence[str]
    own_names: Sequence[str]
    values: Callable[[Array, Array], dict[str, Array]]
    terms: Terms | None = field(default=None)
    good: NDArray[np.int32] | None = field(default=None)


def part_of(family: Family, n_goods: int) -> LinearPart:
    """The part of one family; all of its councils together."""
    if not family.n_councils:
        return _part(n_goods, 0, lambda _x, _t: {})
    return _BUILDERS[type(family)](family, n_goods)


def _part(
    n_goods: int,
    k: int,
    values: Callable[[Array, Array], dict[str, Array]],
    *,
    flow: Any = None,
    upper: Array | None = None,
    own: Any = None,
    names: Sequence[str] = (),
    own_names: Sequence[str] = (),
    terms: Terms | None = None,
    good: NDArray[np.int32] | None = None,
) -> LinearPart:
    return LinearPart(
        flow=sp.csc_array((n_goods, k)) if flow is None else sp.csc_array(flow),
        upper=np.full(k, np.inf) if upper is None else upper,
        own=sp.csr_array((0, k)) if own is None else sp.csr_array(own),
        names=names,
        own_names=own_names,
        values=values,
        terms=terms,
        good=good,
    )


def _councils(family: Family, councils: Any, what: str) -> list[str]:
    """`what:name` of each council in turn."""
    return [f"{what}:{family.title}:{family.council_name(int(j))}" for j in councils]


def _activities(family: Activities, n: int) -> LinearPart:
    """A column per activity."""
    m = family.n_councils
    return _part(
        n,
        m,
        lambda x, _t: {"level": x},
        flow=family.net_output.T,
        upper=np.full(m, np.inf) if family.capacity is None else family.capacity,
        names=_councils(family, range(m), "level"),
    )


def _workers(family: CESWorkers | NestedCESWorkers, n: int) -> LinearPart:
    """A column per council, its level: inputs `leaf_unit` each, output A."""
    m = family.n_councils
    trees = trees_of(family)
    council = trees.leaf_tree
    flow = sp.csr_array((-trees.leaf_unit, (trees.leaf_good, council)), shape=(n, m))
    each = np.arange(m)
    made = (family.productivity, (family.output_good, each))
    flow = flow + sp.csr_array(made, shape=(n, m))
    fixed = family.fixed if isinstance(family, NestedCESWorkers) else None
    if fixed is not None:
        flow = flow - sp.csr_array(fixed.T)
    upper = np.full(m, np.inf)
    if family.capacity is not None:
        upper = family.capacity / family.productivity

    def values(x: Array, _t: Array) -> dict[str, Array]:
        found = {"input": trees.leaf_unit * x[council]}
        if fixed is not None:
            found["fixed_input"] = fixed.data * x[row_index(fixed.indptr)]
        return found

    return _part(n, m, values, flow=flow, upper=upper, names=_councils(family, each, "level"))


def _suppliers(family: Suppliers, n: int) -> LinearPart:
    """No columns but the pieces of their cost."""
    m = family.n_councils
    most = np.full(m, np.inf) if family.maximum is None else family.maximum
    row = family.good.astype(np.intp)
    terms = Terms(SupplyCost(family), row, 1.0, most, np.arange(m))
    return _part(n, 0, lambda _x, t: {"quantity": t}, terms=terms)


def _linear_consumers(family: LinearConsumers, n: int) -> LinearPart:
    """A column per entry; a row per council, worth of what it gets >= its utility t."""
    worth, m = family.value, family.n_councils
    entry = np.arange(worth.nnz)
    row = row_index(worth.indptr)
    terms = Terms(
        Logarithm(family.budget), n + np.arange(m), -1.0, np.full(m, np.inf), np.arange(m)
    )
    return _part(
        n,
        worth.nnz,
        lambda x, _t: {"quantity": x},
        flow=sp.csr_array((-np.ones(worth.nnz), (worth.indices, entry)), shape=(n, worth.nnz)),
        own=sp.csr_array((worth.data, (row, entry)), shape=(m, worth.nnz)),
        names=_councils(family, row, "quantity"),
        good=worth.indices,
        own_names=_councils(family, range(m), "utility"),
        terms=terms,
    )


def _consumers(family: Consumers, n: int) -> LinearPart:
    """Logarithms of bundles: a term per good that stands alone, a column per bundle of several.

    log u = sum over bundles of share log Z, where the share of a bundle is the product of shares
    down to it and Z the number of bundles. Below a node of elasticity 0, or of a single child, all
    is one bundle.
    """
    trees = trees_of(family)
    bundle, weight, of_tree, count = _bundles(trees)
    size = np.bincount(bundle, minlength=count)
    alone = size[bundle] == 1  # leaves
    several = np.flatnonzero(size > 1)
    column = np.full(count, -1)
    column[several] = np.arange(len(several))
    k = len(several)
    inside = np.flatnonzero(~alone)
    entries = (-trees.leaf_unit[inside], (trees.leaf_good[inside], column[bundle[inside]]))
    single = np.flatnonzero(alone)
    row = np.empty(count, dtype=np.intp)
    row[bundle[single]] = trees.leaf_good[single]
    row[several] = n + np.arange(k)
    budget = np.asarray(family.budget)[of_tree] * weight
    # of a good alone t counts the good itself, of which `leaf_unit` make one of Z
    unit = np.ones(count)
    unit[bundle[single]] = trees.leaf_unit[single]
    terms = Terms(
        Logarithm(budget),
        row,
        -1.0,
        np.full(count, np.inf),
        of_tree,
        constant=-float(budget @ np.log(unit)),
    )

    def values(x: Array, t: Array) -> dict[str, Array]:
        quantity = np.empty(len(trees.leaf_good))
        quantity[single] = t[bundle[single]]
        quantity[inside] = trees.leaf_unit[inside] * x[column[bundle[inside]]]
        return {"quantity": quantity}

    return _part(
        n,
        k,
        values,
        flow=sp.csr_array(entries, shape=(n, k)),
        own=sp.eye_array(k),
        names=_councils(family, of_tree[several], "bundles"),
        own_names=_councils(family, of_tree[several], "utility"),
        terms=terms,
    )


def _targets(family: Targets, n: int) -> LinearPart:
    """A term per target; a ray has one for its bundles, a basket one for its worth."""
    m, total = family.n_councils, float(np.sum(family.weight))
    good = family.good.astype(np.intp)
    if family.form in ("harmony", "log"):
        harmony = family.form == "harmony"
        terms = Terms(
            Harmony(family.weight, family.target) if harmony else Logarithm(family.weight),
            good,
            -1.0,
            np.full(m, np.inf),
            np.arange(m),
            constant=0.0 if harmony else -float(family.weight @ np.log(family.target)),
        )
        return _part(n, 0, lambda _x, t: {"quantity": t}, terms=terms)
    ray = family.form == "ray"
    column = np.zeros(m, dtype=np.intp) if ray else np.arange(m)
    each = family.target if ray else np.ones(m)
    k = 1 if ray else m
    return _part(
        n,
        k,
        lambda x, _t: {"quantity": each * x[column]},
        flow=sp.csr_array((-each, (good, column)), shape=(n, k)),
        own=np.ones((1, 1)) if ray else (family.weight / family.target / total)[None, :],
        names=_councils(family, range(k), "bundles" if ray else "quantity"),
        own_names=[f"utility:{family.title}"],
        terms=Terms(
            Logarithm(np.array([total])), np.array([n]), -1.0, np.full(1, np.inf), np.zeros(1, int)
        ),
    )


def _bundles(trees: Trees) -> tuple[Index, Array, Index, int]:
    """(bundle of each leaf (L,), share of each bundle, tree of each bundle, number of bundles)."""
    n = len(trees.node_parent)
    children = np.bincount(trees.node_parent[trees.node_parent >= 0], minlength=n)
    children = children + np.bincount(trees.leaf_node, minlength=n)
    # a product splits its share among its children; a single child is the node itself
    splits = (trees.node_elasticity == 1.0) | (children == 1)
    head = np.full(n, -1)  # the node at the top of the bundle that a node belongs to
    for nodes in trees.depths:
        above = trees.node_parent[nodes]
        inherited = np.where(above >= 0, head[above], -1)
        head[nodes] = np.where(inherited >= 0, inherited, np.where(splits[nodes], -1, nodes))
    share = trees.path_share()
    of_leaf = head[trees.leaf_node]
    lonely = of_leaf < 0  # leaves right below a product are bundles of one good
    key = np.where(lonely, n + np.arange(len(of_leaf)), of_leaf)
    _, first, bundle = np.unique(key, return_index=True, return_inverse=True)
    weight = np.where(
        lonely[first],
        share[trees.leaf_node[first]] * trees.leaf_share[first],
        share[np.maximum(of_leaf[first], 0)],
    )
    return bundle, weight, trees.leaf_tree[first], len(first)


_BUILDERS: dict[type, Callable[[Any, int], LinearPart]] = {
    CobbDouglasConsumers: _consumers,
    CESConsumers: _consumers,
    LeontiefConsumers: _consumers,
    NestedCESConsumers: _consumers,
    LinearConsumers: _linear_consumers,
    Targets: _targets,
    CESWorkers: _workers,
    NestedCESWorkers: _workers,
    Activities: _activities,
    Suppliers: _suppliers,
}
