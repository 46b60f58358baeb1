"""What is told of a contestant's process: answers, limits, deaths."""

from __future__ import annotations

import subprocess
import sys
import tempfile

import pytest
from benchmarks import contest
from benchmarks.contestants import BY_NAME
from benchmarks.economies import smallest
from benchmarks.standings import Row

ASKED = "say('asked', tol=1e-2, entries=9, goods=3)\n"
ANSWERED = "say('answered')\n"
JUDGED = "say('done', outcome='answered', seconds=0.5, gap=1e-3, shortage=0.0, feasible=True)\n"


def told(script: str) -> list[Row]:
    """The rows of a process that runs a script."""
    say = "import json, os, sys, time\n"
    say += "def say(event, **facts): print(json.dumps({'event': event, **facts}), flush=True)\n"
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            [sys.executable, "-c", say + script],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as process,
    ):
        try:
            case, contestant = smallest("book"), BY_NAME["demplan"]
            return list(contest._told(process, case, contestant, 0.1, complaints))
        finally:
            process.kill()


def test_an_answer_is_a_row() -> None:
    (row,) = told(ASKED + ANSWERED + JUDGED)
    assert (row.kind, row.contestant, row.tol, row.entries) == ("book", "demplan", 1e-2, 9)
    assert (row.seconds, row.exactness, row.limit_s) == (0.5, 1e-3, 0.1)


def test_whoever_does_not_keep_to_the_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "_GRACE_S", 0.2)
    first, second = told(ASKED + ANSWERED + JUDGED + ASKED + "time.sleep(60)\n")
    assert first.outcome == "answered"
    assert (second.outcome, second.tol) == ("limit", 1e-2)
    assert not second.counts


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sys.exit('no such economy')\n", "drawing the economy, code 1: no such economy"),
        (ASKED + "os.kill(os.getpid(), 9)\n", "at tolerance 1e-02, signal 9"),
        (ASKED + ANSWERED + "raise ValueError('odd')\n", "judging, code 1: ValueError: odd"),
    ],
)
def test_a_death_is_a_row_that_says_where_and_why(script: str, reason: str) -> None:
    (row,) = told(script)
    assert row.outcome == "failed"
    assert row.reason == f"its process ended {reason}"


def test_who_cannot_take_an_economy_is_left_out_without_a_process() -> None:
    case = smallest("fisher")
    (row,) = contest.rows(case, BY_NAME["lbfgs"], [1e-2], 1.0)
    assert row.outcome == "left out"
    assert row.reason.startswith("consumers not smooth")
