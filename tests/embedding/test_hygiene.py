"""What a host may count on: silence, signals, forks, logging, and a solver that survives errors.

What would hang or print runs in a process of its own.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import random_economy

# method: an economy that it plans
ECONOMIES = {
    "newton": {"consumers": ("ces",), "workers": ("cobb_douglas",)},
    "interior": {"consumers": ("linear",), "workers": ("activities",)},
    "highs": {"consumers": ("leontief",), "workers": ("activities",)},
    "cvxpy": {"consumers": ("cobb_douglas",), "workers": ("activities",)},
}


def economy_for(method):
    return random_economy(np.random.default_rng(3), **ECONOMIES[method])


def in_a_process(program, *, seconds=100, **environment):
    """(stdout, stderr) of a program that must end well, and by itself."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


# -- nothing is written ------------------------------------------------------------------------


def test_nothing_is_written_to_the_streams_of_the_process():
    # File descriptors of a process that ends: what libraries in C have buffered is in it.
    program = """
        import parecon as pe

        flat = pe.synthetic.activities(20, 60, seed=1)
        smooth = pe.synthetic.ces(60, 60, 12, seed=1)
        for economy, method in (
            (smooth, "newton"), (flat, "interior"), (flat, "highs"), (flat, "cvxpy"),
        ):
            plan = pe.solve(economy, method=method)
            assert plan.status is pe.Status.SOLVED, plan.message
            pe.certify(economy, plan)
            early = pe.solve(economy, method=method, max_iterations=1)
            assert early.certificate.feasible
        for solver in ("simplex", "ipx", "pdlp"):
            pe.solve(flat, method="highs", solver=solver)
        pe.to_highs(flat)
        pe.simulate(smooth, max_rounds=3)
        hungry = pe.Economy(
            2,
            [1, 0],
            [
                pe.Activities([[-1, 1]]),
                pe.CobbDouglasConsumers([1], [[0.5, 0.5]], needs=[[0, 5]]),
            ],
        )
        assert pe.solve(hungry).status is pe.Status.INFEASIBLE
    """
    assert in_a_process(program) == ("", "")


# -- logging -----------------------------------------------------------------------------------


def test_the_logger_hears_what_the_sink_hears(caplog):
    lines = []
    with caplog.at_level(logging.DEBUG, logger="parecon"):
        plan = pe.solve(economy_for("interior"), log=lines.append)
    assert [record.getMessage() for record in caplog.records] == [line for line in lines if line]
    rows = [record for record in caplog.records if record.levelno == logging.DEBUG]
    assert len(rows) == len(plan.history) + 1  # and the heading
    assert all(record.name == "parecon" for record in caplog.records)


def test_at_info_only_the_beginning_and_the_end(caplog):
    with caplog.at_level(logging.INFO, logger="parecon"):
        pe.solve(economy_for("newton"))
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "goods" in text
    assert "solved" in text
    assert "iter" not in text.replace("iterations", "")


def test_logging_is_left_as_the_host_has_it():
    program = """
        import logging
        import parecon as pe

        pe.solve(pe.synthetic.ces(30, 30, 8, seed=1))
        own = logging.getLogger("parecon")
        assert [type(handler) for handler in own.handlers] == [logging.NullHandler]
        assert own.level == logging.NOTSET and own.propagate and not own.disabled
        assert not logging.getLogger().handlers
        assert logging.getLogger().level == logging.WARNING
    """
    assert in_a_process(program) == ("", "")


# -- callbacks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ECONOMIES)
def test_an_error_in_a_callback_leaves_a_usable_solver(method):
    economy = economy_for(method)
    handler = signal.getsignal(signal.SIGINT)
    calls = []

    def breaks(info):
        assert isinstance(info, pe.Info)
        calls.append(info)
        if len(calls) == 2 or method in ("highs", "cvxpy"):
            raise RuntimeError("mine")

    solver = pe.Solver(economy, pe.Settings(method=method, callback=breaks))
    with pytest.raises(RuntimeError, match="mine") as raised:
        solver.solve()
    assert raised.value.__context__ is None
    assert signal.getsignal(signal.SIGINT) is handler
    solver.settings = pe.Settings(method=method)
    again, fresh = solver.solve(), pe.solve(economy, method=method)
    assert again.status is fresh.status is pe.Status.SOLVED
    assert np.array_equal(again.price, fresh.price)


def test_an_error_in_the_log_is_the_callers():
    def full(line):
        raise OSError("disk full")

    solver = pe.Solver(economy_for("newton"), pe.Settings(log=full))
    with pytest.raises(OSError, match="disk full"):
        solver.solve()
    solver.settings = pe.Settings()
    assert solver.solve().status is pe.Status.SOLVED


# -- signals -----------------------------------------------------------------------------------


def test_ctrl_c_is_the_main_threads():
    """A solve elsewhere leaves the handler alone, and is stopped by its callback."""
    handler = signal.getsignal(signal.SIGINT)
    seen, plans = [], []

    def look(info):
        seen.append(signal.getsignal(signal.SIGINT))
        return info.iteration >= 1

    def work():
        plans.append(pe.solve(economy_for("interior"), tol=1e-9, callback=look))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert plans[0].status is pe.Status.INTERRUPTED
    assert set(seen) == {handler}


def test_the_handler_is_put_back_and_used_meanwhile():
    def hosts(number, frame):
        raise AssertionError("not during a solve")

    before = signal.signal(signal.SIGINT, hosts)
    try:
        plan = pe.solve(
            economy_for("interior"), tol=1e-9, callback=lambda _: signal.raise_signal(signal.SIGINT)
        )
        assert signal.getsignal(signal.SIGINT) is hosts
    finally:
        signal.signal(signal.SIGINT, before)
    # the second signal, if one came, would have interrupted as usual
    assert plan.status is pe.Status.INTERRUPTED
    assert plan.n_iterations == 0


def test_a_process_that_ignores_ctrl_c_goes_on_to():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        plan = pe.solve(
            economy_for("interior"), callback=lambda _: signal.raise_signal(signal.SIGINT)
        )
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert plan.status is pe.Status.SOLVED


# -- between processes --------------------------------------------------------------------------


def test_plans_economies_and_settings_travel():
    economy = economy_for("interior")
    plan = pe.solve(economy)
    settings = pe.Settings(tol=1e-8, time_limit_s=3.0)
    other, own, same = pickle.loads(pickle.dumps((plan, economy, settings)))
    assert same == settings
    assert np.array_equal(other.price, plan.price)
    assert [info.gap for info in other.history] == [info.gap for info in plan.history]
    assert pe.certify(own, other).holds(1e-6)


# -- forks -------------------------------------------------------------------------------------

FORKED = """
    import faulthandler, multiprocessing, sys

    import numpy as np

    import parecon as pe

    faulthandler.dump_traceback_later(80, exit=True)  # what hangs says where

    ECONOMIES = {
        "interior": pe.synthetic.activities(60, 200, seed=1),
        "newton": pe.synthetic.ces(3_000, 3_000, 100, seed=1),
        "highs": pe.synthetic.activities(20, 60, seed=1),
    }

    def prices(method, n_iterations):
        plan = pe.solve(
            ECONOMIES[method], method=method, n_threads=2, max_iterations=n_iterations
        )
        return plan.price

    if __name__ == "__main__":
        asked = [(method, count) for method in ECONOMIES for count in (2, 200)]
        own = [prices(*each) for each in asked]
        with multiprocessing.get_context(%r).Pool(2) as pool:
            theirs = pool.starmap(prices, asked)
        assert all(map(np.array_equal, own, theirs))
        assert all(map(np.array_equal, own, [prices(*each) for each in asked]))
        print("alive")
"""


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_processes_plan_after_their_parent_has(how, tmp_path):
    """With two threads and HiGHS in the parent's past: neither is there in the child of a fork."""
    if not hasattr(os, "fork") and how != "spawn":
        pytest.skip("this system does not fork")
    script = tmp_path / "forked.py"
    script.write_text(textwrap.dedent(FORKED % how), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
