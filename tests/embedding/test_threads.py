"""Solvers in several threads give the plans they give alone, and let other threads run."""

from __future__ import annotations

import importlib
import itertools
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import parecon as pe
from economies_for_tests import random_economy

ROOT = Path(__file__).resolve().parents[2]
MIXES = (
    ("newton", {"consumers": ("ces", "cobb_douglas"), "workers": ("cobb_douglas", "effort")}),
    ("newton", {"consumers": ("nested",), "workers": ("ces_falling",)}),
    ("interior", {"consumers": ("linear", "leontief"), "workers": ("activities",)}),
    ("interior", {"consumers": ("ces",), "workers": ("nested_constant", "joint")}),
    ("highs", {"consumers": ("leontief",), "workers": ("activities",)}),
)
REPETITIONS = 4


def solvers(seed):
    """(settings, economy) of every mix."""
    rng = np.random.default_rng(seed)
    return [
        (pe.Settings(method=method, tol=1e-8, n_threads=2), random_economy(rng, **mix))
        for method, mix in MIXES
    ]


def assert_same(one, other):
    assert one.status is other.status is pe.Status.SOLVED
    assert np.array_equal(one.price, other.price)
    assert np.array_equal(one.supply, other.supply)
    assert one.welfare == other.welfare
    assert one.n_iterations == other.n_iterations


@pytest.mark.usefixtures("every_thread")
def test_plans_in_threads_are_plans_alone():
    asked = [each for seed in range(2) for each in solvers(seed)]
    alone = [pe.Solver(economy, settings).solve() for settings, economy in asked]
    before = [library["num_threads"] for library in blas()]
    together = threading.Barrier(len(asked))

    def work(settings, economy):
        together.wait()
        return [pe.Solver(economy, settings).solve() for _ in range(REPETITIONS)]

    with ThreadPoolExecutor(len(asked)) as pool:
        found = [future.result() for future in [pool.submit(work, *each) for each in asked]]
    for plan, others in zip(alone, found, strict=True):
        for other in others:
            assert_same(plan, other)
    # overlapping solves lift the limit on BLAS that the first of them set
    assert [library["num_threads"] for library in blas()] == before


@pytest.mark.usefixtures("every_thread")
def test_one_solver_updated_in_a_thread_of_its_own():
    """A solver may move from thread to thread, as long as it works in one at a time."""
    settings, economy = solvers(7)[2]
    moving, staying = pe.Solver(economy, settings), pe.Solver(economy, settings)
    for factor in (1.0, 1.1, 1.2):
        endowment = factor * economy.endowment
        for solver in (moving, staying):
            solver.update(endowment=endowment)
        with ThreadPoolExecutor(1) as pool:
            assert_same(pool.submit(moving.solve).result(), staying.solve())


def test_a_solver_at_work_refuses_more_work():
    settings, economy = solvers(7)[2]
    refused = []

    def meddles(info):
        for meddle in (solver.solve, lambda: solver.update(endowment=economy.endowment)):
            with pytest.raises(pe.PareconError, match="in the middle of a solve"):
                meddle()
            refused.append(info)

    solver = pe.Solver(economy, settings.replace(callback=meddles))
    plan = solver.solve()
    assert len(refused) == 2 * len(plan.history)
    assert_same(plan, pe.Solver(economy, settings).solve())
    solver.update(endowment=economy.endowment)


def test_plans_stay_as_they_were_when_their_solver_goes_on():
    """Their proposals too, which are worked out when they are first read."""
    for settings, economy in solvers(5):
        solver, plans, economies = pe.Solver(economy, settings), [], []
        for factor in (1.0, 1.3, 0.9):
            solver.update(endowment=factor * economy.endowment)
            plans.append(solver.solve())
            economies.append(solver.economy)
        for plan, own in zip(plans, economies, strict=True):
            assert plan.economy is own
            assert pe.certify(own, plan).holds(settings.tol), settings.method


def blas():
    return ThreadpoolController().select(user_api="blas").info()


# -- the interpreter's lock --------------------------------------------------------------------

# Large enough for what a solve spends its time in to be noticed.
CALLS = {
    ("ces", "response"): lambda: pe.synthetic.ces(20_000, 20_000, 300, seed=1),
    ("loglinear", "response"): lambda: pe.synthetic.book(20_000, 20_000, 20, seed=1),
    ("rows", "curvature_dense"): lambda: pe.synthetic.activities(300, 3_000, seed=1),
}


class Counter:
    """A thread that counts whenever it can. It never asks for the lock to be handed over."""

    def __enter__(self):
        self.count, self._ended = 0, threading.Event()
        self._interval = sys.getswitchinterval()
        # the lock is then handed over only by who lets it go of its own accord
        sys.setswitchinterval(1000.0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self):
        while not self._ended.wait(1e-5):
            self.count += 1

    def __exit__(self, *_):
        sys.setswitchinterval(self._interval)
        self._ended.set()
        self._thread.join()


@pytest.mark.parametrize("kernel", CALLS, ids=".".join)
def test_kernels_let_other_threads_run(kernel, monkeypatch):
    name, function = kernel
    module = importlib.import_module(f"parecon._kernels.{name}")
    call, progress = getattr(module, function), []

    def watched(*arguments):
        before = counter.count
        result = call(*arguments)
        progress.append(counter.count - before)
        return result

    monkeypatch.setattr(module, function, watched)
    economy = CALLS[kernel]()
    with Counter() as counter:
        pe.solve(economy, max_iterations=8, certify=False)
    assert progress, "the kernel was not called"
    assert sum(progress) > 0


@pytest.mark.usefixtures("every_thread")
def test_every_phase_of_a_solve_lets_other_threads_run():
    economy = pe.synthetic.activities(300, 6_000, seed=1)
    seen = []
    with Counter() as counter:
        plan = pe.solve(economy, certify=True, callback=lambda _: seen.append(counter.count))
    assert plan.status is pe.Status.SOLVED
    assert len(seen) > 5
    advanced = np.diff(seen)
    assert np.all(advanced > 0), advanced


# These are done sooner than the lock could be handed over; `factorise` leaves it to `eliminate`.
AT_ONCE = {
    ("cholesky", "factorise"),
    ("cholesky", "tile_count"),
    ("runtime", "release_threads"),
}


def test_every_kernel_lets_the_lock_go():
    """In the source: a loop without the lock in each function that Python calls."""
    keeps = set()
    for path in sorted((ROOT / "src" / "_kernels").glob("*.pyx")):
        text = path.read_text(encoding="utf-8")
        starts = [
            match.start() for match in re.finditer(r"^(cdef|def|cpdef|class) ", text, re.MULTILINE)
        ]
        for first, last in itertools.pairwise([*starts, len(text)]):
            body = text[first:last]
            if body.startswith("def ") and "nogil" not in body:
                keeps.add((path.stem, re.match(r"def (\w+)", body)[1]))
    assert keeps == AT_ONCE
