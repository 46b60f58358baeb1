"""Own-price sensitivities per council against the curvature, and against finite differences."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from economies_for_tests import random_economy
from parecon import synthetic
from parecon.draft import draft_of
from parecon.problem import Problem
from parecon.procedure.own_price import goods_of, own_prices, per_number

MIXES = {
    "cobb_douglas": {},
    "ces": {"consumers": ("ces",)},
    "nested": {"consumers": ("nested",)},
    "leontief": {"consumers": ("leontief",)},
    "effort": {"workers": ("effort", "cobb_douglas")},
    "ces workers, some with capacities": {"workers": ("ces_falling",), "capacity": True},
    "nested workers, some with capacities": {"workers": ("nested_falling",), "capacity": True},
    "supplies with maxima": {"consumers": ("ces", "nested"), "supplies": ("isoelastic", "linear")},
}
ECONOMIES = [
    *(
        pytest.param(random_economy(np.random.default_rng(7), **mix), id=name)
        for name, mix in MIXES.items()
    ),
    pytest.param(synthetic.book(90, 30, 3, seed=2), id="book, with own products as inputs"),
    pytest.param(synthetic.ces(20, 40, 20, seed=3, returns=(0.5, 0.99)), id="CES workers"),
]


def problem_of(economy):
    return Problem(economy, 1, outright=True)


def answers_at(problem, price):
    """Quantities and sensitivities of every family."""
    problem.respond(price)
    said = [dict(draft_of(problem, k).values) for k in range(len(problem.groups))]
    return said, [
        own_prices(family, group, quantities, problem.market)
        for family, group, quantities in zip(
            problem.economy.families, problem.groups, said, strict=True
        )
    ]


def test_every_kind_of_answer_is_among_them() -> None:
    """Also a family that answers in two ways."""
    groups = [group for case in ECONOMIES for group in problem_of(case.values[0]).groups]
    kinds = {type(getattr(a, "levels", a)).__name__ for group in groups for a in group}
    assert kinds == {
        "CESDemand",
        "CESOutput",
        "CESTechniques",
        "CobbDouglasOutput",
        "CobbDouglasSpending",
        "IsoelasticSupply",
        "NestedDemand",
        "NestedTechniques",
        "SupplyLevels",
    }
    assert any(len(group) > 1 for group in groups)


@pytest.mark.parametrize("economy", ECONOMIES)
def test_they_sum_to_the_diagonal_of_the_curvature(economy) -> None:
    problem, n = problem_of(economy), economy.n_goods
    price = np.exp(np.random.default_rng(1).uniform(-0.3, 0.3, n))
    said, sensed = answers_at(problem, price)
    total = np.zeros(n)
    for family, quantities, own in zip(economy.families, said, sensed, strict=True):
        for name, value in own.items():
            assert value.shape == quantities[name].shape
            total += np.bincount(goods_of(family, name), value, n)
    diagonal = problem.curvature().full_diagonal() / price
    assert np.any(total > 0.0)
    np.testing.assert_allclose(total, diagonal, rtol=1e-12, atol=1e-12 * diagonal.max())


@pytest.mark.parametrize("economy", ECONOMIES)
def test_each_is_the_derivative_of_its_quantity(economy) -> None:
    """By central differences in the price of one good; of own products only the difference is."""
    problem, step, n = problem_of(economy), 1e-6, economy.n_goods
    price = np.exp(np.random.default_rng(4).uniform(-0.3, 0.3, n))
    _, given = answers_at(problem, price)
    for good in range(0, n, 2):
        change = np.where(np.arange(n) == good, step, 0.0)
        up, _ = answers_at(problem, price * np.exp(change))
        down, _ = answers_at(problem, price * np.exp(-change))
        for k, family in enumerate(economy.families):
            for name, value in given[k].items():
                at = (goods_of(family, name) == good) & ~used_twice(family, name)
                found = (up[k][name] - down[k][name])[at] / (2.0 * step)
                sign = 1.0 if name == "output" or family.role == "suppliers" else -1.0
                scale = 1.0 + np.max(np.abs(value), initial=0.0)
                np.testing.assert_allclose(sign * found, value[at], rtol=1e-5, atol=1e-7 * scale)


def used_twice(family, name):
    """Numbers of councils that use what they make, or a good in a nest and beside it."""
    if family.role != "workers":
        return np.zeros(len(goods_of(family, name)), dtype=bool)
    flows = ["input", "output"]
    if getattr(family, "fixed", None) is not None:
        flows.append("fixed_input")
    seen = Counter(pair for flow in flows for pair in council_and_good(family, flow))
    return np.array([seen[pair] > 1 for pair in council_and_good(family, name)])


def council_and_good(family, name):
    council = per_number(family, name, np.arange(family.n_councils))
    return list(zip(council.tolist(), goods_of(family, name).tolist(), strict=True))
