"""Time limits and Ctrl-C in the midst of another engine's work: it ends within a second or so, with
a plan that exists."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import parecon as pe

LIMIT_S = 1.0
GRACE_S = 6.0  # of which delivery and certificate are most, on a busy machine

PROGRAM = """
    import parecon as pe

    economy = pe.synthetic.activities({goods}, {activities}, seed=1)
    began = []

    def log(line):
        # what is said first is said before the engine works
        if not began:
            began.append(line)
            print("began", flush=True)

    plan = pe.solve(economy, tol=1e-9, log=log, {options})
    exists = bool((plan.demand <= plan.supply * (1 + 1e-12)).all())
    print(plan.status.value, exists, plan.certificate.feasible, flush=True)
"""
# each works for ten seconds and more on the machines this is tested on
SLOW = {
    "simplex": (1500, 6000, "method='highs', solver='simplex'"),
    "ipx": (1500, 6000, "method='highs', solver='ipx'"),
    "pdlp": (1500, 6000, "method='highs', solver='pdlp'"),
    "CLARABEL": (600, 6000, "method='cvxpy', solver='CLARABEL'"),
    "SCS": (600, 6000, "method='cvxpy', solver='SCS', solver_options={'max_iters': 10**7}"),
}


def started(name: str, more: str = "") -> subprocess.Popen:
    goods, activities, options = SLOW[name]
    program = textwrap.dedent(PROGRAM).format(
        goods=goods, activities=activities, options=options + more
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "began\n", process.stderr.read()
    return process


@pytest.mark.parametrize("name", SLOW)
def test_ctrl_c_from_another_process(name):
    process = started(name)
    time.sleep(LIMIT_S)
    assert process.poll() is None, "it was through before anybody could stop it"
    os.kill(process.pid, signal.SIGINT)
    sent = time.perf_counter()
    out, err = process.communicate(timeout=60)
    assert out == "interrupted True True\n", out + err
    assert time.perf_counter() - sent < GRACE_S


@pytest.mark.parametrize("name", SLOW)
def test_time_limit(name):
    goods, activities, options = SLOW[name]
    economy = pe.synthetic.activities(goods, activities, seed=1)
    began = time.perf_counter()
    plan = eval(f"pe.solve(economy, tol=1e-9, time_limit_s=LIMIT_S, {options})")
    assert time.perf_counter() - began < LIMIT_S + GRACE_S
    assert plan.status is pe.Status.TIME_LIMIT, plan.message
    assert pe.certify(economy, plan).feasible
    assert plan.bound >= plan.welfare


def test_a_second_ctrl_c_is_an_interrupt():
    process = started("SCS")
    time.sleep(LIMIT_S)
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.05)
    out, err = process.communicate(timeout=60)
    # either the engine had ended at the first one, or the second went through
    assert "KeyboardInterrupt" in err or out.startswith("interrupted"), out + err


@pytest.mark.parametrize("method", ["highs", "cvxpy"])
def test_nothing_is_printed(method, capfd):
    """Neither by Python nor by the engines' own C and Rust."""
    economy = pe.synthetic.activities(8, 30, seed=1)
    for options in ({}, {"max_iterations": 1}, {"time_limit_s": 1e-9}):
        pe.solve(economy, method=method, **options)
    if method == "highs":
        pe.to_highs(economy).highs().run()
        pe.solve(economy, method="highs", solver="pdlp", tol=1e-4)
    else:
        pe.to_cvxpy(economy).problem.solve(method="parecon")
        pe.solve(economy, method="cvxpy", solver="SCS", tol=1e-3)
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err == ""


def test_the_first_highs_of_a_process_is_silent_too():
    program = (
        "import parecon as pe; e = pe.synthetic.activities(8, 30, seed=1); "
        "pe.solve(e, method='highs'); pe.to_highs(e).highs().run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
