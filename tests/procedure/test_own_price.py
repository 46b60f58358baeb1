"""Own-price sensitivities per council against the curvature, and against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from economies_for_tests import random_economy
from parecon import synthetic
from parecon.draft import draft_of
from parecon.problem import Problem
from parecon.procedure.own_price import own_price

MIXES = {
    "cobb_douglas": {},
    "ces": {"consumers": ("ces",)},
    "nested": {"consumers": ("nested",)},
    "leontief": {"consumers": ("leontief",)},
    "effort": {"workers": ("effort", "cobb_douglas")},
}


def supplied():
    """Two families of suppliers without a maximum."""
    economy = random_economy(
        np.random.default_rng(7), consumers=("ces", "nested"), supplies=("isoelastic",) * 2
    )
    return economy.replace(families={f"supply_{k}": {"maximum": None} for k in range(2)})


ECONOMIES = [
    *(
        pytest.param(random_economy(np.random.default_rng(7), **mix), id=name)
        for name, mix in MIXES.items()
    ),
    pytest.param(supplied(), id="supplies"),
    pytest.param(synthetic.book(90, 30, 3, seed=2), id="book, with own products as inputs"),
    pytest.param(synthetic.ces(20, 40, 20, seed=3, returns=(0.5, 0.9)), id="CES workers"),
]


def sums_by_good(problem, dice):
    """Sensitivities of all councils summed by good, and the curvature's diagonal over price."""
    n = problem.n_goods
    price = np.exp(dice.uniform(-0.3, 0.3, n))
    problem.respond(price)
    total = np.zeros(n)
    for k, (family, group) in enumerate(zip(problem.economy.families, problem.groups, strict=True)):
        quantities = draft_of(problem, k).values
        for answer in group:
            for name, value in own_price(answer, quantities, problem.market).items():
                goods = family.made_goods() if name == "output" else family.pattern()[1]
                assert value.shape == quantities[name].shape
                total += np.bincount(goods, value, n)
    return total, problem.curvature().full_diagonal() / price


@pytest.mark.parametrize("economy", ECONOMIES)
def test_they_sum_to_the_diagonal_of_the_curvature(economy) -> None:
    total, diagonal = sums_by_good(Problem(economy, 1), np.random.default_rng(1))
    assert np.any(total > 0.0)
    np.testing.assert_allclose(total, diagonal, rtol=1e-12, atol=1e-12 * diagonal.max())


@pytest.mark.parametrize("economy", ECONOMIES)
def test_each_is_the_derivative_of_its_quantity(economy) -> None:
    """By central differences in the price of one good; own products only as a difference."""
    problem, step = Problem(economy, 1), 1e-6
    n = problem.n_goods
    price = np.exp(np.random.default_rng(4).uniform(-0.3, 0.3, n))

    def quantities(at):
        problem.respond(at)
        return [dict(draft_of(problem, k).values) for k in range(len(problem.groups))]

    here = quantities(price)
    given = [own_price(group[0], here[k], problem.market) for k, group in enumerate(problem.groups)]
    for good in range(0, n, 3):
        change = np.where(np.arange(n) == good, step, 0.0)
        up, down = quantities(price * np.exp(change)), quantities(price * np.exp(-change))
        for k, family in enumerate(economy.families):
            for name, value in given[k].items():
                goods = family.made_goods() if name == "output" else family.pattern()[1]
                at = (goods == good) & ~_own_product(family, name)
                found = (up[k][name] - down[k][name])[at] / (2.0 * step)
                sign = 1.0 if name == "output" or family.role == "suppliers" else -1.0
                scale = 1.0 + np.max(np.abs(value), initial=0.0)
                np.testing.assert_allclose(sign * found, value[at], rtol=1e-5, atol=1e-7 * scale)


def _own_product(family, name):
    """Entries and outputs of councils that use what they make."""
    indptr, good = family.pattern()
    if family.role != "workers":
        return np.zeros(len(good), dtype=bool)
    council = np.repeat(np.arange(family.n_councils), np.diff(indptr))
    own = good == family.output_good[council]
    return np.isin(np.arange(family.n_councils), council[own]) if name == "output" else own
