"""Every family of councils over years: apart, and with capital that all makers need."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, TARGETS, WORKERS, random_economy
from parecon.dated import Capital

TOL = 1e-8


def check_years_apart(one: pe.Economy) -> None:
    """Nothing ties the years: each is the plan of its own year, in the money of the first."""
    alone = pe.solve(one, tol=TOL)
    assert alone.status is pe.Status.SOLVED, alone.message
    discount = np.array([1.0, 0.7, 0.5])
    found = pe.dated(one, 3, discount=discount).solve(tol=TOL)
    assert found.status is pe.Status.SOLVED, found.plan.message
    assert found.plan.certificate is not None
    budgets = one.total_budget
    assert found.plan.welfare == pytest.approx(alone.welfare * discount.sum(), abs=1e-6 * budgets)
    priced = alone.price > 1e-4 * budgets / one.n_goods
    for t in range(3):
        current = found.current_price[t]
        assert current[priced] == pytest.approx(alone.price[priced], rel=1e-4)
        value = alone.price * (found.supply[t] - alone.supply)
        assert np.abs(value).max() <= 1e-3 * budgets


@pytest.mark.parametrize("kind", WORKERS)
def test_workers(kind) -> None:
    rng = np.random.default_rng(sum(map(ord, kind)))
    check_years_apart(random_economy(rng, consumers=("cobb_douglas",), workers=(kind,)))


@pytest.mark.parametrize("kind", CONSUMERS)
def test_consumers(kind) -> None:
    rng = np.random.default_rng(sum(map(ord, kind)))
    one = random_economy(
        rng, consumers=(kind, "ces"), workers=("ces_falling",), supplies=SUPPLIES, needs=True
    )
    check_years_apart(one)


@pytest.mark.parametrize("form", TARGETS)
def test_targets(form) -> None:
    rng = np.random.default_rng(5)
    one = random_economy(rng, consumers=("cobb_douglas", form), workers=("ces_constant",))
    check_years_apart(one)


@pytest.mark.parametrize("kind", WORKERS)
def test_capital_of_every_kind_of_workers(kind) -> None:
    """Scarce at first: output is what capital allows, and what it earns goes to who builds it."""
    rng = np.random.default_rng(11 + sum(map(ord, kind)))
    one = random_economy(rng, consumers=("cobb_douglas",), workers=(kind,))
    label = next(f.title for f in one.families if f.role == "workers")
    rest = pe.solve(one, tol=TOL)
    made = pe.dated(one, 1).solve(tol=TOL).output(label)[0]
    cap = Capital(
        name="machines",
        use={label: np.where(made > 1e-6, 1.0, 0.0)},
        build={one.goods.name(0): 0.05},
        initial=0.6 * made[made > 1e-6],
        depreciation=0.1,
    )
    found = pe.dated(one, 3, capital=cap).solve(tol=1e-7)
    assert found.status is pe.Status.SOLVED, found.plan.message
    assert found.plan.certificate is not None
    assert found.plan.welfare < 3 * rest.welfare + 1e-7 * one.total_budget
    used = found.output(label)[:, made > 1e-6]
    assert np.all(used[0] <= 0.6 * made[made > 1e-6] * (1 + 1e-6))
    assert found.rental[0].max() > 0.0
