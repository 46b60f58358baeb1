"""Limits, a callback that asks to stop, and Ctrl-C: the best feasible plan so far comes back, with
its certificate."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import WORKERS, random_economy


def economy_with(worker: str, **options):
    return random_economy(
        np.random.default_rng(11), consumers=("ces",), workers=(worker,), **options
    )


def assert_exists(economy, plan):
    """The plan can be carried out and its bound holds up; only its quality is open."""
    certificate = pe.certify(economy, plan)
    assert certificate.feasible, str(certificate)
    assert np.isfinite(plan.welfare)
    assert plan.bound >= plan.welfare
    assert np.all(plan.demand <= plan.supply * (1 + 1e-12))


@pytest.mark.parametrize("worker", WORKERS)
def test_one_iteration(worker):
    economy = economy_with(worker)
    plan = pe.solve(economy, tol=1e-9, max_iterations=1)
    assert plan.status is pe.Status.ITERATION_LIMIT, plan.message
    assert plan.n_iterations <= 1
    assert_exists(economy, plan)


@pytest.mark.parametrize("worker", WORKERS)
def test_more_iterations_do_no_harm(worker):
    economy = economy_with(worker)
    gaps = [pe.solve(economy, tol=1e-9, max_iterations=k, certify=True).gap for k in (1, 5, 100)]
    assert gaps[2] <= 1e-9
    assert gaps[2] <= gaps[1] <= gaps[0] * (1 + 1e-9) or gaps[1] <= 1e-9


@pytest.mark.parametrize("worker", WORKERS)
def test_callback_sees_every_iteration_and_stops(worker):
    economy = economy_with(worker)
    seen = []

    def stop_at_two(info):
        seen.append(info)
        return info.iteration >= 2

    plan = pe.solve(economy, tol=1e-9, callback=stop_at_two)
    assert plan.status is pe.Status.INTERRUPTED, plan.message
    assert [info.iteration for info in seen] == [0, 1, 2]
    assert tuple(seen) == plan.history
    assert_exists(economy, plan)


def test_a_callback_that_returns_nothing_changes_nothing():
    economy = economy_with("activities")
    plan = pe.solve(economy, tol=1e-9, callback=lambda info: None)
    assert plan.status is pe.Status.SOLVED
    assert np.array_equal(plan.price, pe.solve(economy, tol=1e-9).price)


def test_an_error_in_the_callback_is_the_callers():
    def broken(info):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        pe.solve(economy_with("effort"), callback=broken)


@pytest.mark.parametrize("worker", WORKERS)
def test_time_limit_at_once(worker):
    economy = economy_with(worker)
    plan = pe.solve(economy, tol=1e-9, time_limit_s=1e-9)
    assert plan.status is pe.Status.TIME_LIMIT, plan.message
    assert_exists(economy, plan)


LARGE = """
    import sys

    import parecon as pe

    economy = pe.synthetic.{generator}
    plan = pe.solve(economy, tol=1e-9, {options})
    exists = (plan.demand <= plan.supply * (1 + 1e-12)).all()
    print(plan.status.value, exists, flush=True)
    sys.stdin.read()  # wait to be measured
"""
# Each takes several seconds to solve on the machines this is tested on, and its iterations a good
# part of one.
LARGE_ECONOMIES = {
    "interior": "activities(1500, 60_000, seed=1)",
    "newton": "ces(200_000, 200_000, 10_000, seed=1)",
}


def start(generator: str, options: str) -> subprocess.Popen:
    program = textwrap.dedent(LARGE).format(generator=generator, options=options)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def seconds_to_stop(method: str, iteration: int) -> float:
    """Start a solve, send Ctrl-C in the midst of an iteration, check the plan, return the seconds
    it took.

    On a machine with more to do than processors, those are seconds of work and not of waiting for a
    processor.
    """
    # The child tells when an iteration has been done; a moment later, in the next, comes Ctrl-C.
    options = "callback=lambda info: print('iteration', info.iteration, flush=True)"
    with start(LARGE_ECONOMIES[method], options) as child:
        for line in child.stdout:
            if line.split() == ["iteration", str(iteration)]:
                break
        time.sleep(0.1)
        sent, worked = time.perf_counter(), seconds_worked(child.pid)
        child.send_signal(signal.SIGINT)
        rest = child.stdout.readline()  # an iteration may have ended just before the signal
        while rest.startswith("iteration"):
            rest = child.stdout.readline()
        seconds, worked = time.perf_counter() - sent, seconds_worked(child.pid) - worked
        child.stdin.close()
        errors = child.stderr.read()
    assert child.returncode == 0, errors
    assert "Traceback" not in errors
    status, exists = rest.rsplit(" ", 1)
    assert status == "interrupted", "the solve ended before the signal: the economy is too small"
    assert exists.strip() == "True"
    busy = os.getloadavg()[0] > os.cpu_count()
    return min(seconds, worked) if busy else seconds


def seconds_worked(pid: int) -> float:
    """Processor time of a process so far, user and system, of all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processor time is read from /proc"
)
@pytest.mark.parametrize("method", LARGE_ECONOMIES)
@pytest.mark.parametrize("iteration", [0, 3])
def test_ctrl_c_returns_a_plan_within_a_second(method, iteration):
    # Other work on the machine can only delay the answer: the shortest of three tries is the
    # program's own.
    tries = []
    for _ in range(3):
        tries.append(seconds_to_stop(method, iteration))
        if tries[-1] <= 1.0:
            break
    assert min(tries) <= 1.0


def test_time_limit_is_kept():
    with start(
        LARGE_ECONOMIES["interior"], "time_limit_s=1.0, log=lambda line: print('log', line)"
    ) as child:
        out, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    status, exists = out.splitlines()[-1].rsplit(" ", 1)
    assert (status, exists) == ("time limit", "True")


def test_ctrl_c_outside_a_solve_is_left_to_python():
    before = signal.getsignal(signal.SIGINT)
    pe.solve(economy_with("effort"))
    assert signal.getsignal(signal.SIGINT) is before
