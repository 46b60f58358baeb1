"""Nested CES trees against long double: deep, wide and degenerate trees at any prices."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import twins
from kernels.rows_for_tests import read_only, same_for_all_threads
from parecon._kernels import nested as kernel

EPS = np.finfo(float).eps
ELASTICITIES = (0.0, 0.3, 1 - 1e-4, 1 - 1e-9, 1.0, 1 + 1e-9, 1 + 1e-4, 1.04, 1.06, 2.0, 100.0)


def tree(rng, parent, leaf_node, elasticity):
    """A tree with random shares that sum to one below every node."""
    parent, leaf_node = np.asarray(parent), np.asarray(leaf_node)
    theta, leaf_theta = rng.uniform(0.2, 1, len(parent)), rng.uniform(0.2, 1, len(leaf_node))
    for k in range(len(parent)):
        total = theta[parent == k].sum() + leaf_theta[leaf_node == k].sum()
        theta[parent == k] /= total
        leaf_theta[leaf_node == k] /= total
    theta[0] = 1.0
    elasticity = np.broadcast_to(np.asarray(elasticity, dtype=float), parent.shape)
    return {
        "parent": parent, "theta": theta, "elasticity": elasticity, "leaf_node": leaf_node,
        "leaf_theta": leaf_theta,
    }  # fmt: skip


SHAPES = {
    "one leaf": ([-1], [0]),
    "flat": ([-1], [0] * 7),
    "leaves beside a nest": ([-1, 0], [0, 0, 1, 1, 1]),
    "only nests below the root": ([-1, 0, 0], [1, 1, 2, 2]),
    "a chain of single children": ([-1, 0, 1, 2], [3]),
    "deep": ([-1, 0, 1, 2, 3], [0, 1, 1, 2, 3, 3, 4, 4]),
    "two branches": ([-1, 0, 1, 0, 3], [0, 1, 2, 2, 3, 4, 4]),
}


def respond(trees, log_index, threads):
    """(node index, node share, leaf share) of all trees together."""
    nodes = np.concatenate([[0], np.cumsum([len(t["parent"]) for t in trees])]).astype(np.int64)
    leaves = np.concatenate([[0], np.cumsum([len(t["leaf_node"]) for t in trees])]).astype(np.int64)
    shifted = zip(trees, nodes, strict=False)
    parent = np.concatenate([np.where(t["parent"] < 0, -1, t["parent"] + k) for t, k in shifted])
    leaf_node = np.concatenate([t["leaf_node"] + k for t, k in zip(trees, nodes, strict=False)])

    def column(name):
        return read_only(np.concatenate([t[name] for t in trees]))

    index, share = np.full(nodes[-1], np.nan), np.full(nodes[-1], np.nan)
    leaf_share = np.full(leaves[-1], np.nan)
    kernel.response(
        read_only(nodes), read_only(parent), read_only(1.0 - column("elasticity")),
        column("theta"), read_only(leaves), read_only(leaf_node), column("leaf_theta"),
        read_only(log_index), index, share, leaf_share, threads,
    )  # fmt: skip
    return index, share, leaf_share


def agree(trees, log_index):
    """The kernel's answer is the twins', up to the rounding of exp's argument."""
    got = same_for_all_threads(lambda threads: respond(trees, log_index, threads))
    bounds = np.cumsum([len(t["leaf_node"]) for t in trees])[:-1]
    parts = [
        twins.nested_response(t, logs)
        for t, logs in zip(trees, np.split(log_index, bounds), strict=True)
    ]
    index, share, leaf_share = (np.concatenate(column) for column in zip(*parts, strict=True))
    spread, depth = np.abs(log_index).max(initial=0.0), max(len(t["parent"]) for t in trees)
    power = max(np.abs(1.0 - t["elasticity"]).max() for t in trees)
    # every level adds the rounding of one exp and one log to what comes from below
    relative = EPS * depth * (16.0 + 4.0 * power * (1.0 + spread))
    np.testing.assert_allclose(got[0], index.astype(float), atol=40 * EPS * depth * (1 + spread))
    np.testing.assert_allclose(got[1], share.astype(float), rtol=relative, atol=1e-290)
    np.testing.assert_allclose(got[2], leaf_share.astype(float), rtol=relative, atol=1e-290)
    return got


@pytest.fixture
def rng():
    return np.random.default_rng(31)


@pytest.mark.parametrize("spread", [0.0, 1e-12, 0.1, 3.0, 27.6])
@pytest.mark.parametrize("elasticity", ELASTICITIES)
def test_every_shape(rng, elasticity, spread) -> None:
    """One elasticity in all nests; prices up to 24 orders of magnitude apart."""
    trees = [tree(rng, *shape, elasticity) for shape in SHAPES.values()]
    leaves = sum(len(t["leaf_node"]) for t in trees)
    _, _, leaf_share = agree(trees, rng.uniform(-spread, spread, leaves))
    assert leaf_share.sum() == pytest.approx(len(trees), rel=1e-13)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("order", ["rising", "falling"])
def test_mixed_elasticities_and_ordered_prices(rng, shape, order) -> None:
    """Each next child dwarfs the sum so far, or is dwarfed by it."""
    elasticity = rng.choice(ELASTICITIES, len(shape[0]))
    logs = np.linspace(-20, 20, len(shape[1]))
    agree([tree(rng, *shape, elasticity)], logs if order == "rising" else logs[::-1].copy())


def test_many_trees(rng) -> None:
    """More trees than threads and chunks, each of its own shape."""
    shapes = list(SHAPES.values())
    trees = []
    for j in rng.integers(0, len(shapes), 100):
        elasticity = rng.choice(ELASTICITIES, len(shapes[j][0]))
        trees.append(tree(rng, *shapes[j], elasticity))
    agree(trees, rng.normal(size=sum(len(t["leaf_node"]) for t in trees)))


def test_at_reference_prices_the_shares_are_the_benchmark(rng) -> None:
    """Index one and path shares, at every elasticity."""
    for elasticity in ELASTICITIES:
        t = tree(rng, *SHAPES["two branches"], elasticity)
        index, share, leaf_share = agree([t], np.zeros(7))
        path = t["theta"].copy()
        for k in range(1, len(path)):
            path[k] *= path[t["parent"][k]]
        np.testing.assert_allclose(index, 0.0, atol=4 * EPS)
        np.testing.assert_allclose(share, path, rtol=8 * EPS)
        np.testing.assert_allclose(leaf_share, path[t["leaf_node"]] * t["leaf_theta"], rtol=8 * EPS)


def test_nests_of_equal_elasticity_are_one(rng) -> None:
    """A tree whose nests all have the elasticity of the root is flat."""
    for elasticity in ELASTICITIES:
        deep = tree(rng, *SHAPES["deep"], elasticity)
        path = deep["theta"].copy()
        for k in range(1, len(path)):
            path[k] *= path[deep["parent"][k]]
        flat = tree(rng, [-1], [0] * 8, elasticity)
        flat["leaf_theta"] = path[deep["leaf_node"]] * deep["leaf_theta"]
        logs = rng.uniform(-2, 2, 8)
        one, other = agree([deep], logs), agree([flat], logs)
        np.testing.assert_allclose(one[0][0], other[0][0], atol=1e-13)
        np.testing.assert_allclose(one[2], other[2], rtol=1e-11)


def test_no_trees() -> None:
    none, no_node = np.empty(0), np.empty(0, dtype=np.int64)
    pointer = np.zeros(1, dtype=np.int64)
    kernel.response(
        pointer, no_node, none, none, pointer, no_node, none, none, none, none, none, 2
    )  # fmt: skip
