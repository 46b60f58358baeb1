"""The iteration log: columns that line up, signs that are shown, nothing but what is known."""

from __future__ import annotations

import numpy as np

import parecon as pe
from parecon import iteration_log

HISTORY = tuple(
    pe.Info(
        iteration=i,
        time_s=0.1 * i,
        dual=-(10.0**i),
        gap=-1e-3,
        shortage=1.0,
        surplus=0.5,
        step=1.0 if i else np.nan,
        recovered=i == 2,
    )
    for i in range(3)
)


def small_economy() -> pe.Economy:
    return pe.Economy(2, [1.0, 1.0], [pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]])])


def test_rows_have_the_width_of_the_header() -> None:
    extreme = pe.Info(
        iteration=9999,
        time_s=99999.99,
        dual=-1e-300,
        gap=-1e-300,
        shortage=np.nan,
        surplus=np.inf,
        step=1e-300,
        linear_iterations=999,
    )
    for info in (*HISTORY, extreme):
        assert len(iteration_log.row(info)) == len(iteration_log.header())


def test_gap_is_signed_and_marks_are_shown() -> None:
    first, _, reset = (iteration_log.row(info) for info in HISTORY)
    assert "-1.0e-03" in first
    assert first.split()[-3:-1] == ["--", "--"]
    assert "1.0e+00*" in reset


def test_opening_says_what_is_solved_and_what_is_set() -> None:
    economy = small_economy()
    settings = pe.Settings(tol=1e-8, log=print)
    text = "\n".join(iteration_log.opening(economy, settings=settings, n_threads=1))
    assert f"goods {economy.n_goods}" in text
    assert "1 thread\n" in text
    assert "tol 1e-08" in text
    assert "log" not in text
    assert "defaults" in "\n".join(iteration_log.opening(economy, settings=pe.Settings()))


def test_footer_splits_the_time() -> None:
    economy = small_economy()
    zero = np.zeros(economy.n_goods)
    plan = pe.Plan(
        status=pe.Status.ITERATION_LIMIT,
        message="Stopped.",
        economy=economy,
        price=zero,
        supply=zero,
        demand=zero,
        proposals=(),
        history=HISTORY,
        phase_s={"responses": 0.3, "other": 0.7, "setup": 0.001},
    )
    lines = iteration_log.footer(plan)
    assert "iteration limit   2 iterations, 1.00 s   (other 70 %, responses 30 %)" in lines
    assert "Stopped." in lines
