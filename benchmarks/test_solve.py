"""From an economy to a plan: seconds, against peers, and how time grows with entries."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import parecon
from benchmarks import judge, peers
from benchmarks.economies import Case, cases
from benchmarks.figures import Figures
from benchmarks.machine import THREADS
from benchmarks.timing import Run, Timed, describe, timed
from benchmarks.words import number
from parecon.economy import Economy
from parecon.plan import Plan

RULE, ROUNDS = "book rule, 12 rounds", "12 rounds alone"
RESPONSE, CLARABEL = "one response in SciPy", "CVXPY with Clarabel"
BOOK_ROUNDS = 12
"""Rounds of the book rule to compare with: a worst imbalance of about 5 %."""
FISHER_PEER = ("2,500 x 200", "10,000 x 400")
ACTIVITIES_PEER = ("300 goods x 10,000", "1,000 goods x 50,000")
PEERS_WORST = 1e-3
"""Gap and shortage beyond which a peer did not answer the question."""


def from_700(economy: Economy, tol: float) -> Plan:
    """Solve from the book's starting price."""
    start = np.full(economy.n_goods, peers.START_PRICE)
    return parecon.solve(economy, tol=tol, warm_start=start, n_threads=THREADS, certify=False)


def from_scratch(economy: Economy, tol: float) -> Plan:
    """Solve from the solver's own start."""
    return parecon.solve(economy, tol=tol, n_threads=THREADS, certify=False)


def record(
    benchmark: BenchmarkFixture, figures: Figures, case: Case, economy: Economy, result: Timed
) -> None:
    """Judge the plan, and put size, work and phases beside the times."""
    plan = result.answer
    describe(
        benchmark,
        size=case.label,
        entries=economy.n_entries,
        councils=economy.n_councils,
        goods=economy.n_goods,
        tol=case.tol,
        method=plan.method,
        iterations=plan.n_iterations,
        products=sum(info.linear_iterations for info in plan.history),
        phase_s={name: round(seconds, 6) for name, seconds in plan.phase_s.items()},
        **judge.check(economy, plan, case.tol),
    )
    figures.grow(case.kind, economy.n_entries, result.median)


def fastest(result: Timed) -> str:
    """Shortest round, iterations and phases."""
    return f"fastest {number(result.fastest, 's')}; {phases(result.answer)}"


def phases(plan: Plan) -> str:
    """Iterations and the two phases that took most."""
    total = sum(plan.phase_s.values()) or 1.0
    most = sorted(plan.phase_s.items(), key=lambda item: -item[1])[:2]
    shares = ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in most)
    return f"{plan.n_iterations} iterations; {shares}"


@pytest.mark.parametrize("case", cases("book"))
def test_book(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """The book economy from price 700, in turns with 12 rounds of the book's rule."""
    economy = case.economy()
    ready = peers.BookRule(economy)
    against: dict[str, Run] = {
        RULE: lambda: peers.BookRule(economy).run(BOOK_ROUNDS),
        ROUNDS: partial(ready.run, BOOK_ROUNDS),
    }
    result = timed(benchmark, partial(from_700, economy, case.tol), against)
    record(benchmark, figures, case, economy, result)
    _, imbalance = result.peer_answer[RULE]
    describe(benchmark, peer_imbalance=imbalance)
    figures.reach("book: seconds", case.label, result.median, fastest(result), result=result)
    note = f"the rule is then {imbalance:.1%} out of balance; over its rounds alone "
    note += number(result.ratio(ROUNDS), "ratio")
    figures.reach("book: against 12 rounds", case.label, result.ratio(RULE), note, result=result)


@pytest.mark.parametrize("case", cases("workers"))
def test_workers(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """Decreasing returns, from price 700, in turns with one response in SciPy."""
    economy = case.economy()
    market = peers.CobbDouglasMarket(economy)
    price = np.full(economy.n_goods, peers.START_PRICE)
    ours = partial(from_700, economy, case.tol)
    result = timed(benchmark, ours, {RESPONSE: partial(market.respond, price)})
    record(benchmark, figures, case, economy, result)
    # the peer's response to the plan's prices clears the markets too
    supply, demand = market.respond(result.answer.price)
    assert np.max(np.abs(supply - demand) / np.maximum(supply, demand)) <= 10.0 * case.tol
    ratio = result.ratio(RESPONSE)
    figures.reach(
        "workers: against one response", case.label, ratio, phases(result.answer), result=result
    )


@pytest.mark.parametrize("case", cases("mixed"))
def test_mixed(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """CES households and linear activities."""
    economy = case.economy()
    result = timed(benchmark, partial(from_scratch, economy, case.tol))
    record(benchmark, figures, case, economy, result)
    figures.reach("mixed: seconds", case.label, result.median, fastest(result), result=result)


@pytest.mark.parametrize("case", cases("ces"))
def test_ces(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """CES households and CES worker councils: no target, growth only."""
    economy = case.economy()
    result = timed(benchmark, partial(from_scratch, economy, case.tol))
    record(benchmark, figures, case, economy, result)


@pytest.mark.parametrize("case", cases("ces consumers"))
def test_ces_consumers(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """Households by the hundred for every good: few of them stand for many."""
    economy = case.economy()
    result = timed(benchmark, partial(from_scratch, economy, case.tol))
    record(benchmark, figures, case, economy, result)
    figures.reach(
        "ces consumers: seconds", case.label, result.median, fastest(result), result=result
    )


@pytest.mark.parametrize("case", cases("fisher", "activities"))
def test_linear(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """Linear utilities and linear techniques, alone: growth with size."""
    economy = case.economy()
    result = timed(benchmark, partial(from_scratch, economy, case.tol))
    record(benchmark, figures, case, economy, result)


@pytest.mark.parametrize("case", cases("fisher", labels=FISHER_PEER, full=FISHER_PEER[1:]))
def test_fisher_against_clarabel(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """Linear Fisher market; the peer runs once, half way through."""
    _against_clarabel(benchmark, figures, case, peers.clarabel_fisher)


@pytest.mark.parametrize(
    "case", cases("activities", labels=ACTIVITIES_PEER, full=ACTIVITIES_PEER[1:])
)
def test_activities_against_clarabel(
    benchmark: BenchmarkFixture, figures: Figures, case: Case
) -> None:
    """Linear activities with log utility; the peer runs once, half way through."""
    _against_clarabel(benchmark, figures, case, peers.clarabel_activities)


def _against_clarabel(
    benchmark: BenchmarkFixture, figures: Figures, case: Case, solve: Any
) -> None:
    economy = case.economy()
    peer = {CLARABEL: partial(solve, economy, case.tol)}
    result = timed(benchmark, partial(from_scratch, economy, case.tol), peer, once=True)
    plan, other = result.answer, result.peer_answer[CLARABEL]
    ours = judge.check(economy, plan, case.tol)
    theirs = judge.check_peer(parecon.certify(economy, other), PEERS_WORST)
    describe(
        benchmark,
        size=case.label,
        entries=economy.n_entries,
        peer_solver_s=other.solver_s,
        peer_status=other.status,
        iterations=plan.n_iterations,
        **ours,
        **theirs,
    )
    note = f"gaps {ours['gap']:.0e} and {theirs['peer_gap']:.0e}; {phases(plan)}"
    figures.reach(
        f"{case.kind}: against Clarabel", case.label, result.ratio(CLARABEL), note, result=result
    )
