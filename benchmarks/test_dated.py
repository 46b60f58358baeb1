"""Plans over years: putting them together, and planning anew a year later."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from pytest_benchmark.fixture import BenchmarkFixture

import parecon as pe
from benchmarks import judge
from benchmarks.economies import SEED
from benchmarks.timing import describe, timed
from parecon.dated import Capital, DatedEconomy, DatedPlan, Growth

BLOCKS = "block_diag of the technology alone"
COLD = "from nothing"
TOL = 1e-6
SHARE = 0.1
"""Of all goods that an industry uses."""


def one_year(industries: int) -> tuple[pe.Economy, Capital]:
    """CES industries that use a tenth of all goods and labour, each with plant of its own."""
    rng = np.random.default_rng(SEED)
    n = industries
    used = np.where(rng.random((n, n)) < SHARE, rng.random((n, n)), 0.0)
    shares = np.hstack(
        [0.5 * used / np.maximum(used.sum(axis=1, keepdims=True), 1e-12), used[:, :1]]
    )
    shares[:, -1] = 1.0 - shares[:, :-1].sum(axis=1)
    makers = pe.CESWorkers(
        np.arange(n),
        shares,
        0.5,
        1.0,
        1.0,
        names=[f"industry {j}" for j in range(n)],
        label="industries",
    )
    wanted = np.hstack([rng.random((20, n)), np.zeros((20, 1))])
    people = pe.CobbDouglasConsumers(np.full(20, 10.0), wanted, label="people", normalise=True)
    goods = [*(f"good {i}" for i in range(n)), "labour"]
    build = np.zeros((n, n + 1))
    for row in build:
        row[rng.choice(n, 5, replace=False)] = 0.2
    plant = Capital(
        name="plant",
        use={"industries": rng.uniform(0.5, 2.0, n)},
        build=build,
        initial=1.5,
        depreciation=0.08,
        value=1.0,
    )
    return pe.Economy(goods, np.append(np.zeros(n), 2.5 * n), [people, makers]), plant


def over_years(industries: int, years: int) -> DatedEconomy:
    """With plant in every industry, whose investment may rise by a fifth a year."""
    year, plant = one_year(industries)
    limit = Growth(of="plant", rise=0.2, before=0.2, allowance=0.01)
    return pe.dated(
        year, years, capital=plant, growth=limit, discount=0.95, posterity=1.25 * industries
    )


@pytest.mark.parametrize("industries", [100, 200, 400])
def test_building(benchmark: BenchmarkFixture, industries: int) -> None:
    """Ten years of all councils, goods, investment and checks."""
    year, plant = one_year(industries)
    technology = year.family("industries").shares
    result = timed(
        benchmark,
        lambda: pe.dated(year, 10, capital=plant, discount=0.95, posterity=1.0),
        {BLOCKS: lambda: sp.block_diag([technology] * 10, format="csr")},
    )
    economy = result.answer.economy
    size = f"{industries} industries, 10 years"
    describe(benchmark, size=size, entries=economy.n_entries, goods=economy.n_goods)


@pytest.mark.parametrize("industries", [20, 40, 80])
def test_a_year_later(benchmark: BenchmarkFixture, industries: int) -> None:
    """Five years, of which the first is lived and a fiftieth of all plant lost."""
    first = over_years(industries, 5).solve(tol=TOL)
    first.raise_if_not_solved()
    there = dict(zip(first.dated.cells.names, 0.98 * first.installed[1], strict=True))
    later = first.next_year(actual=there, horizon="fixed")

    def cold() -> DatedPlan:
        return later.solve(tol=TOL, cold=True, certify=False)

    result = timed(benchmark, lambda: later.solve(tol=TOL, certify=False), {COLD: cold})
    plan, other = result.answer.plan, result.peer_answer[COLD].plan
    describe(
        benchmark,
        size=f"{industries} industries, 4 years",
        entries=later.economy.n_entries,
        iterations=plan.n_iterations,
        peer_iterations=other.n_iterations,
        **judge.check(later.economy, plan, TOL),
    )
    judge.check(later.economy, other, TOL)
