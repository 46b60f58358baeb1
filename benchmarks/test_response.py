"""One announcement of prices and its answers: nanoseconds per entry, against reading the data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.economies import Case, case, cases
from benchmarks.figures import Figures
from benchmarks.machine import THREADS
from benchmarks.timing import describe, timed
from benchmarks.words import number
from parecon.economy import Economy
from parecon.families import CESConsumers
from parecon.problem import Problem

pytestmark = pytest.mark.usefixtures("blas_as_in_a_solve")

ONE, READING = "1 thread", "reading the same bytes"
EVERY_FAMILY = (
    ("book", "30,000 + 30,000, 500 goods"),
    ("workers", "300,000, 5,000 goods"),
    ("ces", "30,000 + 30,000, 2,000 goods"),
    ("mixed", "30,000 + 1,800, 600 goods"),
    ("fisher", "10,000 x 400"),
    ("activities", "300 goods x 10,000"),
)

Words = list[NDArray[np.uint64]]


class Reader:
    """Reads arrays on so many threads and does nothing else with them: the physical limit.

    A bitwise or of 64-bit words runs at the speed of memory and cannot round or trap, whatever the
    bytes mean. NumPy lets go of the interpreter's lock, so that threads read side by side.
    """

    def __init__(self, arrays: list[NDArray[np.generic]], n_threads: int) -> None:
        whole = [array.view(np.uint8)[: array.nbytes // 8 * 8].view(np.uint64) for array in arrays]
        self.nbytes = sum(words.nbytes for words in whole)
        self._parts = [
            [
                words[len(words) * k // n_threads : len(words) * (k + 1) // n_threads]
                for words in whole
            ]
            for k in range(n_threads)
        ]
        self._pool = ThreadPoolExecutor(n_threads)

    def read(self) -> list[int]:
        """Read everything; return something that depends on it."""
        return list(self._pool.map(_read, self._parts))


def _read(whole: Words) -> int:
    return int(np.bitwise_or.reduce([np.bitwise_or.reduce(words) for words in whole]))


def ready(economy: Economy, n_threads: int) -> tuple[Problem, NDArray[np.float64]]:
    """The economy compiled, its inner unknowns started, and prices near those of a plan."""
    problem = Problem(economy, n_threads)
    price = np.full(economy.n_goods, economy.total_budget / np.sum(economy.endowment))
    problem.market.announce(price)
    for answer in problem.inner:
        answer.start(problem.market, 1e-3 * problem.total_budget / economy.n_entries)
    return problem, price


@pytest.mark.parametrize("case", cases("households"))
def test_ces_response(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """CES households in classes of elasticity, on two threads, one thread, and merely reading."""
    economy = case.economy()
    (family,) = economy.families
    assert isinstance(family, CESConsumers)
    shares = family.shares
    reader = Reader(
        [shares.data, shares.indices, shares.indptr, family.budget, family.elasticity], THREADS
    )
    both, price = ready(economy, THREADS)
    alone, _ = ready(economy, 1)
    result = timed(
        benchmark,
        partial(both.respond, price),
        {ONE: partial(alone.respond, price), READING: reader.read},
    )
    # the answer: budgets are spent, and threads change nothing
    demand = result.answer.demand
    assert abs(demand.sum() / economy.total_budget - 1.0) <= 1e-12
    assert np.array_equal(demand, result.peer_answer[ONE].demand)
    entries = economy.n_entries
    each = 1e9 * result.median / entries
    describe(
        benchmark,
        size=case.label,
        entries=entries,
        ns_per_entry=each,
    )
    figures.grow("one response (CES)", entries, result.median)
    note = f"fastest {number(1e9 * result.fastest / entries, 'ns')}"
    figures.reach("response: ns per entry", case.label, each, note, result=result)
    speed = reader.nbytes * result.ratio(READING) / result.median
    note = f"reading at {speed / 1e9:.0f} GB/s"
    figures.reach(
        "response: against reading", case.label, result.ratio(READING), note, result=result
    )
    figures.reach("response: 2 threads over 1", case.label, 1.0 / result.ratio(ONE), result=result)


@pytest.mark.parametrize("size", EVERY_FAMILY, ids=lambda size: size[0])
def test_every_response(
    benchmark: BenchmarkFixture, figures: Figures, size: tuple[str, str]
) -> None:
    """Nanoseconds per entry of other families: no target, for comparison over time."""
    economy = case(*size).economy()
    problem, price = ready(economy, THREADS)
    alone, _ = ready(economy, 1)
    result = timed(benchmark, partial(problem.respond, price), {ONE: partial(alone.respond, price)})
    assert np.array_equal(result.answer.demand, result.peer_answer[ONE].demand)
    entries = sum(len(answer.rows.idx) for answer in problem.answers if hasattr(answer, "rows"))
    entries += sum(len(a.ces.rows.idx) for a in problem.answers if hasattr(a, "ces"))
    figures.part("response", ": ".join(size), result, entries, ONE)
