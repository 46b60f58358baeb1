"""Solving again after a small change, from the last plan and from scratch in turns."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import parecon
from benchmarks import judge
from benchmarks.economies import SEED, Case, cases
from benchmarks.figures import Figures
from benchmarks.machine import THREADS
from benchmarks.targets import BY_NAME
from benchmarks.timing import describe, timed
from parecon.plan import Plan
from parecon.settings import Settings

SHOCK = 0.01
"""Standard deviation of the change of log endowments."""
COLD = "from scratch"
KINDS = ("book", "ces", "ces consumers", "mixed", "fisher", "activities")
SIZES = tuple(BY_NAME[f"warm: {kind}"].size for kind in KINDS)


@pytest.mark.parametrize("case", cases(*KINDS, labels=SIZES))
def test_warm(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """Update the endowments and solve, against a solve of the changed economy."""
    economy = case.economy()
    rng = np.random.default_rng(SEED)
    moved = economy.endowment * np.exp(SHOCK * rng.standard_normal(economy.n_goods))
    changed = economy.replace(endowment=moved)
    solver = parecon.Solver(economy, Settings(tol=case.tol, n_threads=THREADS, certify=False))
    first = solver.solve()

    def warm() -> Plan:
        solver.warm_start(first)
        solver.update(endowment=moved)
        return solver.solve()

    def cold() -> Plan:
        return parecon.solve(changed, tol=case.tol, n_threads=THREADS, certify=False)

    result = timed(benchmark, warm, {COLD: cold})
    plan, other = result.answer, result.peer_answer[COLD]
    describe(
        benchmark,
        size=case.label,
        entries=economy.n_entries,
        iterations=plan.n_iterations,
        peer_iterations=other.n_iterations,
        phase_s={name: round(seconds, 6) for name, seconds in plan.phase_s.items()},
        **judge.check(changed, plan, case.tol),
    )
    judge.check(changed, other, case.tol)
    note = f"{plan.n_iterations} and {other.n_iterations} iterations"
    figures.reach(f"warm: {case.kind}", case.label, result.ratio(COLD), note, result=result)
    seconds = f"{case.kind}: warm seconds"
    if seconds in BY_NAME:
        figures.reach(seconds, case.label, result.median, note, result=result)
