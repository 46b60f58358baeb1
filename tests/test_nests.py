"""Nested CES trees: calibration against a plain recursion, the order of leaves, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from parecon import Nest, NestedCES

GOODS = pe.Goods(["corn", "labour", "iron", "coal"])
# Council 0: root(0.5) of corn and a nest(1.2) of labour and iron; council 1: a flat tree.
TREES: dict[str, Any] = {
    "node_start": [0, 2, 3],
    "node_parent": [-1, 0, -1],
    "node_elasticity": [0.5, 1.2, 0.0],
    "node_share": [1.0, 0.75, 1.0],
    "leaf_start": [0, 3, 5],
    "leaf_good": [0, 1, 2, 3, 0],
    "leaf_node": [0, 1, 1, 2, 2],
    "leaf_share": [0.25, 0.4, 0.6, 0.9, 0.1],
    "n_goods": 4,
}


def trees(**changes: Any) -> NestedCES:
    return NestedCES(**{**TREES, **changes})


def test_shapes_levels_and_paths() -> None:
    nests = trees(scale=[2.0, 1.0], reference_price=[1.0, 2, 1, 1])
    assert (nests.shape, nests.n_nodes, nests.n_leaves, nests.depth) == ((2, 4), 3, 5, 2)
    assert [level.tolist() for level in nests.levels] == [[0, 2], [1]]
    np.testing.assert_allclose(nests.path_share(), [0.25, 0.3, 0.45, 0.9, 0.1])
    np.testing.assert_allclose(nests.reference_quantity(), [0.5, 0.3, 0.9, 0.9, 0.1])
    assert nests.nbytes == sum(getattr(nests, name).nbytes for name in nests.columns)
    assert "2 councils, 4 goods, 3 nodes, 5 leaves" in repr(nests)
    assert not any(getattr(nests, name).flags.writeable for name in nests.columns)
    pe.NestedCESConsumers([1.0, 1.0], nests).validate(GOODS)


def test_no_council_at_all() -> None:
    nests = NestedCES([0], [], [], [], [0], [], [], [], n_goods=3)
    assert (nests.shape, nests.path_share().size) == ((0, 3), 0)
    values = sp.csr_array((0, 3))
    assert NestedCES.from_values(values, Nest(1.0, [0, Nest(1.0, [1])])).shape == (0, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_goods": None}, "expected reference_price or n_goods"),
        ({"reference_price": np.ones(3)}, r"reference_price: expected shape \(4,\)"),
        ({"node_start": [0, 2, 4]}, "node_start: expected pointers .* end at 3"),
        ({"node_start": [0, 3, 3]}, "a root for each council; not so: council 1"),
        ({"leaf_start": [0, 4, 3]}, "leaf_start: expected pointers"),
        ({"leaf_start": [0, 5]}, "leaf_start: expected 3 pointers"),
        ({"leaf_node": [0, 1, 1, 2]}, "leaf_node: expected 5 leaves"),
        ({"leaf_good": [0, 1, 2, 4, 0]}, "leaf_good: expected .* from 0 to 3; not so: leaf 3"),
        ({"leaf_node": [0, 1, 1, 2, 1]}, "node of the leaf's own council; not so: leaf 4"),
        ({"node_parent": [-1, -1, -1]}, "node_parent: .*not so: node 1"),
        ({"node_parent": [-1, 1, -1]}, "node_parent: .*not so: node 1"),
        ({"node_parent": [-1, 0, 0]}, "node_parent: .*not so: node 2"),
        ({"leaf_node": [1, 0, 1, 2, 2]}, "leaves of a node to be neighbours; not so: node 1"),
        ({"leaf_node": [0, 0, 0, 2, 2]}, "at least one leaf below each node; not so: node 1"),
        ({"node_share": [1.0, 0.75]}, r"node_share: expected shape \(3,\)"),
        ({"leaf_share": np.ones(4)}, r"leaf_share: expected shape \(5,\)"),
        ({"scale": [1.0]}, r"scale: expected shape \(2,\)"),
    ],
)
def test_wrong_structure_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(pe.EconomyError, match=message):
        trees(**changes)


def test_leaves_of_a_subtree_must_be_neighbours() -> None:
    tree: dict[str, Any] = {
        "node_start": [0, 3],
        "node_parent": [-1, 0, 1],
        "node_elasticity": np.ones(3),
        "node_share": [1.0, 0.5, 0.5],
        "leaf_start": [0, 3],
        "leaf_good": [0, 1, 2],
        "leaf_share": [0.5, 0.5, 1.0],
        "n_goods": 3,
    }
    NestedCES(leaf_node=[0, 2, 1], **tree)
    with pytest.raises(pe.EconomyError, match=r"depth-first leaves.*not so: node 1"):
        NestedCES(leaf_node=[1, 0, 2], **tree)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"node_elasticity": [0.5, -1, 0]}, r"nests.node_elasticity: .*us\[0\] node 1 \(-1\)"),
        ({"node_elasticity": [0.5, 1, np.inf]}, r"us\[1\] node 0 \(inf\)"),
        ({"node_share": [1, 0.0, 1]}, r"node_share: expected above 0.*us\[0\] node 1 \(0\)"),
        ({"node_share": [1, 0.75, 0.5]}, r"us\[1\] node 0 \(1, own share 0.5\)"),
        ({"leaf_share": [0.25, 0.4, 0.6, 0.9, 0.2]}, r"us\[1\] node 0 \(1.1, own share 1\)"),
        ({"leaf_share": [0.25, 0.4, np.nan, 0.9, 0.1]}, r"us\[0\], good 'iron' \(nan\)"),
        ({"leaf_good": [0, 1, 0, 3, 0]}, r"at most once.*us\[0\], good 'corn'"),
        ({"reference_price": [1, 1, 1, 0]}, r"reference_price: .*'coal' \(0\)"),
        ({"scale": [1.0, -1.0]}, r"scale: .*us\[1\] \(-1\)"),
    ],
)
def test_wrong_content_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    family = pe.NestedCESConsumers([1.0, 1.0], trees(**changes), label="us")
    with pytest.raises(pe.EconomyError, match=message):
        family.validate(GOODS)


def test_shares_are_normalised_on_request() -> None:
    nests = trees(node_share=[3.0, 3, 7], leaf_share=[1.0, 4, 6, 9, 1], normalise=True)
    np.testing.assert_allclose(nests.node_share, TREES["node_share"])
    np.testing.assert_allclose(nests.leaf_share, TREES["leaf_share"])
    with pytest.raises(pe.EconomyError, match=r"to normalise.*node 2 \(0\)"):
        trees(leaf_share=[1.0, 4, 6, 0, 0], normalise=True)


def test_replace_shares_the_structure() -> None:
    nests = trees()
    other = nests.replace(node_elasticity=[2.0, 2, 2], scale=3.0)
    assert other.leaf_share is nests.leaf_share
    assert other.leaf_good is nests.leaf_good
    np.testing.assert_array_equal(other.scale, [3, 3])
    np.testing.assert_array_equal(nests.scale, [1, 1])
    with pytest.raises(pe.EconomyError, match=r"no column 'leaf_good' to replace"):
        nests.replace(leaf_good=[0])


# -- calibration ----------------------------------------------------------------------------------


def shares_by_recursion(values: np.ndarray, nest: Nest, council: int) -> tuple[float, list[Any]]:
    """Value of a nest and its leaves as (good, [elasticities and shares from the root down])."""
    parts: list[tuple[float, list[Any]]] = []
    goods = [child for child in nest.children if not isinstance(child, Nest)]
    for good in goods:
        parts.append((float(values[council, good]), [(good, [])]))
    for child in nest.children:
        if isinstance(child, Nest):
            parts.append(shares_by_recursion(values, child, council))
    total = sum(value for value, _ in parts)
    elasticity = float(np.broadcast_to(nest.elasticity, values.shape[:1])[council])
    leaves = [
        (good, [(elasticity, value / total), *path])
        for value, below in parts
        if value > 0.0
        for good, path in below
    ]
    return total, leaves


def paths(nests: NestedCES, council: int) -> list[Any]:
    """The same of a stored tree."""
    leaves = []
    for leaf in range(nests.leaf_start[council], nests.leaf_start[council + 1]):
        node, share, path = int(nests.leaf_node[leaf]), float(nests.leaf_share[leaf]), []
        while node >= 0:
            path.insert(0, (float(nests.node_elasticity[node]), share))
            share, node = float(nests.node_share[node]), int(nests.node_parent[node])
        leaves.append((int(nests.leaf_good[leaf]), path))
    return leaves


@given(seed=st.integers(0, 100_000))
def test_calibration_is_the_plain_recursion(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_goods, n_councils = int(rng.integers(1, 10)), int(rng.integers(1, 7))

    def grow(goods: list[int]) -> Nest:
        elasticity = rng.random(n_councils) if rng.random() < 0.5 else float(rng.random())
        if len(goods) < 2 or rng.random() < 0.2:
            return Nest(elasticity, goods)
        cut = sorted(rng.choice(len(goods) + 1, size=2))
        middle = goods[cut[0] : cut[1]] or goods[:1]
        rest = [good for good in goods if good not in middle]
        return Nest(elasticity, [*rest[:1], grow(middle), *([grow(rest[1:])] if rest[1:] else [])])

    structure = grow([int(good) for good in rng.permutation(n_goods)])
    values = rng.random((n_councils, n_goods)) * (rng.random((n_councils, n_goods)) < 0.6)
    values[:, int(rng.integers(n_goods))] += 0.1  # every council values something
    nests = NestedCES.from_values(sp.csr_array(values), structure)
    pe.NestedCESConsumers(np.ones(n_councils), nests).validate(pe.Goods(n_goods))
    for council in range(n_councils):
        expected = shares_by_recursion(values, structure, council)[1]
        for (good, path), (known, known_path) in zip(paths(nests, council), expected, strict=True):
            assert good == known
            np.testing.assert_allclose(path, known_path, rtol=1e-13)
    council = np.repeat(np.arange(n_councils), np.diff(nests.leaf_start))
    share = values[council, nests.leaf_good] / values.sum(axis=1)[council]
    np.testing.assert_allclose(nests.path_share(), share, rtol=1e-13)


@pytest.mark.parametrize(
    ("values", "structure", "message"),
    [
        ([[1.0, -1.0]], Nest(1, [0, 1]), r"values: .*\(council 0, good 1: -1\)"),
        ([[1.0, np.nan]], Nest(1, [0, 1]), r"values: .*good 1: nan"),
        ([[1.0, 1.0]], Nest(1, [0]), "values of goods 1"),
        ([[1.0, 1.0], [0.0, 0.0]], Nest(1, [0, 1]), "none for council 1"),
        ([[1.0, 1.0]], Nest(1, [0, Nest(1, [1, 0])]), "each good once, got twice 0"),
        ([[1.0, 1.0]], Nest(1, [0, 2]), "good indices from 0 to 1, got 2"),
        ([[1.0, 1.0]], Nest(1, [0, "iron"]), "expected a Nest or a good index, got 'iron'"),
        ([[1.0, 1.0]], [0, 1], "structure: expected a Nest, got list"),
        ([[1.0, 1.0]], Nest([1.0, 1.0], [0, 1]), r"nest 0.elasticity: expected shape \(1,\)"),
    ],
)
def test_wrong_values_are_refused(values: Any, structure: Any, message: str) -> None:
    with pytest.raises(pe.EconomyError, match=message):
        NestedCES.from_values(values, structure)
