"""Small rounds made by hand, and what it means that two are the same."""

from __future__ import annotations

import numpy as np

import parecon as pe
from parecon.procedure import Rounds

N_ROUNDS, N_GOODS = 4, 3
NAMES = ("bread", "tea,\ngreen", "labour")


def made(**changes) -> Rounds:
    """Four rounds of three goods; the worst imbalance halves, bread and labour in turn."""
    rng = np.random.default_rng(5)
    fields = {
        "rule": "book",
        "threshold": 0.05,
        "status": "settled",
        "goods": pe.Goods(NAMES, kind=["made", "made", "work"], unit=["loaf", "kg", "hour"]),
        "price": rng.uniform(1.0, 2.0, (N_ROUNDS, N_GOODS)),
        "supply": [[10.0, 4.0, 0.0], [10.0, 4.0, 9.0], [10.0, 4.0, 8.0], [10.0, 4.0, 8.0]],
        "demand": [[30.0, 4.0, 0.0], [10.0, 4.0, 11.0], [10.5, 4.0, 8.0], [10.0, 4.1, 8.0]],
        "state": {"momentum": rng.uniform(size=(N_ROUNDS, N_GOODS))},
        "dual": [4.0, 3.0, 2.0, 1.0],
        "gap": [np.inf, np.nan, np.nan, 1 / 3],
        "time_s": [0.1, 0.2, 0.3, 0.4],
        "inquiries": [0, 2, 1, 0],
        "sent": [100, 300, 200, 5_000_000_000],
        "n_councils": 50,
        "plan_price": [1.0, 2.0, 1.5],
        "next_price": [1.1, 2.2, 1 / 3],
        "carried": {
            "moves": rng.normal(size=(8, N_GOODS)),
            "retreats": np.array(3),
            "seen": np.array([True, False]),
            "nothing": np.zeros((0, 3)),
        },
    }
    return Rounds(**(fields | changes))


def assert_same(left: Rounds, right: Rounds) -> None:
    assert (left.rule, left.threshold, left.status) == (right.rule, right.threshold, right.status)
    assert left.goods == right.goods
    assert left.n_councils == right.n_councils
    names = ("price", "supply", "demand", "dual", "gap", "distance", "time_s", "inquiries", "sent")
    for name in names:
        assert_same_bits(getattr(left, name), getattr(right, name))
    for name in ("plan_price", "next_price"):
        if getattr(left, name) is None:
            assert getattr(right, name) is None
        else:
            assert_same_bits(getattr(left, name), getattr(right, name))
    for mine, theirs in ((left.state, right.state), (left.carried, right.carried)):
        assert list(mine) == list(theirs)
        for name in mine:
            assert_same_bits(mine[name], theirs[name])


def assert_same_bits(left: np.ndarray, right: np.ndarray) -> None:
    assert left.dtype == right.dtype
    assert left.shape == right.shape
    assert left.tobytes() == right.tobytes()
