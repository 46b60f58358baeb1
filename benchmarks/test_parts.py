"""Where a step's time goes: curvature as a product, a diagonal and a matrix, and its factor.

No targets: these figures say which part bounds a solve, and how far it is from the machine.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.economies import case
from benchmarks.figures import Figures
from benchmarks.machine import THREADS
from benchmarks.test_response import ready
from benchmarks.timing import timed
from parecon.curvature import Curvature
from parecon.linear_solve import DenseSystem

pytestmark = pytest.mark.usefixtures("blas_as_in_a_solve")

ONE = "1 thread"
SIZES = (
    ("book", "30,000 + 30,000, 500 goods"),
    ("workers", "300,000, 5,000 goods"),
    ("mixed", "30,000 + 1,800, 600 goods"),
    ("fisher", "10,000 x 400"),
    ("activities", "300 goods x 10,000"),
)
DENSE = tuple(size for size in SIZES if size[0] != "workers")
each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: size[0])
each_dense = pytest.mark.parametrize("size", DENSE, ids=lambda size: size[0])


def curvatures(size: tuple[str, str]) -> tuple[Curvature, Curvature]:
    """Curvature of the case's economy at some prices, on all threads and on one."""
    economy = case(*size).economy()
    found = []
    for n_threads in (THREADS, 1):
        problem, price = ready(economy, n_threads)
        problem.respond(price)
        curvature = problem.curvature()
        # what a solver adds, enough for a matrix that factorises
        curvature.diagonal += 1e-3 * curvature.full_diagonal() + problem.market.supply
        found.append(curvature)
    return found[0], found[1]


def entries(curvature: Curvature) -> int:
    """Entries that a product touches."""
    return sum(len(term.rows.idx) for term in curvature.terms)


def name(size: tuple[str, str]) -> str:
    """Kind and size in words."""
    return ": ".join(size)


@each_size
def test_product(benchmark: BenchmarkFixture, figures: Figures, size: tuple[str, str]) -> None:
    """Curvature times a vector; per entry."""
    both, alone = curvatures(size)
    vector = np.linspace(-1.0, 1.0, len(both.diagonal))
    result = timed(benchmark, partial(both.product, vector), {ONE: partial(alone.product, vector)})
    assert np.array_equal(result.answer, result.peer_answer[ONE])
    figures.part("product", name(size), result, entries(both), ONE)


@each_size
def test_diagonal(benchmark: BenchmarkFixture, figures: Figures, size: tuple[str, str]) -> None:
    """Diagonal of the curvature; per entry."""
    both, alone = curvatures(size)
    result = timed(benchmark, both.full_diagonal, {ONE: alone.full_diagonal})
    assert np.array_equal(result.answer, result.peer_answer[ONE])
    figures.part("diagonal", name(size), result, entries(both), ONE)


@each_dense
def test_matrix(benchmark: BenchmarkFixture, figures: Figures, size: tuple[str, str]) -> None:
    """Curvature into a dense matrix; per pair of goods in a row, each unordered pair once."""
    both, alone = curvatures(size)
    here, there = (np.empty((len(both.diagonal),) * 2) for _ in range(2))
    result = timed(benchmark, partial(both.fill, here), {ONE: partial(alone.fill, there)})
    assert np.array_equal(here, there)
    lengths = [term.rows.stop - term.rows.start for term in both.terms]
    pairs = sum(float(np.sum(k * (k + 1) / 2)) for k in lengths)
    figures.part("matrix", name(size), result, pairs, ONE)


@each_dense
def test_factor(benchmark: BenchmarkFixture, figures: Figures, size: tuple[str, str]) -> None:
    """Matrix and Cholesky factor together; per multiply-add of the factor, n^3/6."""
    both, alone = curvatures(size)
    n = len(both.diagonal)
    system, other = DenseSystem(n, THREADS), DenseSystem(n, 1)
    result = timed(
        benchmark, partial(system.factorise, both), {ONE: partial(other.factorise, alone)}
    )
    right = both.diagonal.copy()
    x, _ = system.solve(right, relative=1e-12, poll=lambda: None)
    left = both.product(x) - right
    assert np.max(np.abs(left)) <= 1e-8 * np.max(np.abs(right))
    figures.part("factor", name(size), result, n**3 / 6.0, ONE)
