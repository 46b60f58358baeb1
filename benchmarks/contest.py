"""One contestant on one economy, in a process of its own: time, memory, and then the judge.

    python -m benchmarks.contest CASE CONTESTANT LIMIT TOLERANCE...

prints one JSON object a line: when the economy is ready, and for each tolerance when the contestant
has answered and when the judge has. Whoever reads can so end a process whose contestant does not
keep to its time, and never ends the judge's.
"""

from __future__ import annotations

import gc
import json
import math
import os
import queue
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import IO, Any

from benchmarks import memory
from benchmarks.contestants import BY_NAME, Answer, Contestant
from benchmarks.economies import Case, by_id, smallest
from benchmarks.machine import ROOT
from benchmarks.neighbours import Neighbours
from benchmarks.standings import Row

ROUNDS, BUDGET_S = 5, 1.0
"""Runs of a contestant at most, and the time for them: what takes longer runs once."""
_GRACE, _GRACE_S = 1.25, 2.0
"""Times the time limit, and seconds more: a process beyond is ended."""
_START_S, _JUDGE_S = 600.0, 900.0
"""Drawing the largest economy, and judging its plan."""
_SPARE = 0.6
"""Of the memory that is free when a contestant begins: what it may take."""


def rows(case: Case, contestant: Contestant, tols: Sequence[float], limit_s: float) -> list[Row]:
    """Run a contestant on a case at each tolerance, the loosest first; stop at the first limit.

    Returns
    -------
    list of Row
        One where the contestant cannot take the economy or does not get through.
    """
    # families are the same at every size
    reason = contestant.missing() or contestant.lacks(smallest(case.kind).economy())
    if reason:
        return [Row(case.kind, case.label, contestant.name, outcome="left out", reason=reason)]
    command = [sys.executable, "-m", "benchmarks.contest", case.id, contestant.name, str(limit_s)]
    command += [repr(tol) for tol in sorted(tols, reverse=True)]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=complaints, text=True
        ) as process,
    ):  # fmt: skip
        try:
            return list(_told(process, case, contestant, limit_s, complaints))
        finally:
            process.kill()


def _told(
    process: subprocess.Popen[str],
    case: Case,
    contestant: Contestant,
    limit_s: float,
    complaints: IO[str],
) -> Iterator[Row]:
    """The rows that a process tells of, with one more where it is ended or dies."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=_copy, args=(process.stdout, lines), daemon=True).start()
    base: dict[str, Any] = {
        "kind": case.kind, "size": case.label, "contestant": contestant.name, "limit_s": limit_s,
    }  # fmt: skip
    wait, stage = _START_S, "drawing the economy"
    while True:
        try:
            line = lines.get(timeout=wait)
        except queue.Empty:
            hung = stage.startswith("at ")
            yield Row(
                **base,
                outcome="limit" if hung else "failed",
                reason="ended at the time limit" if hung else f"ended {stage}",
            )
            return
        if not line:
            died = process.wait()
            if died:
                yield Row(**base, outcome="failed", reason=_death(died, stage, complaints))
            return
        said = json.loads(line)
        event = said.pop("event")
        if event == "asked":
            base |= said
            wait, stage = _GRACE * limit_s + _GRACE_S, f"at tolerance {said['tol']:.0e}"
        elif event == "answered":
            wait, stage = _JUDGE_S, "judging"
        else:
            yield Row(**(base | said))
            wait = _START_S


def _copy(source: Any, lines: queue.Queue[str]) -> None:
    for line in source:
        lines.put(line)
    lines.put("")


def _death(code: int, stage: str, complaints: IO[str]) -> str:
    complaints.seek(0)
    last = complaints.read().strip().rpartition("\n")[2]
    how = f"signal {-code}" if code < 0 else f"code {code}"
    return f"its process ended {stage}, {how}" + (f": {last[:200]}" if last else "")


# -- in the process --------------------------------------------------------------------------------


_reports: Any = sys.stdout


def _say(event: str, **facts: Any) -> None:
    clean = {
        name: None if isinstance(fact, float) and not math.isfinite(fact) else fact
        for name, fact in facts.items()
    }
    print(json.dumps({"event": event, **clean}), file=_reports, flush=True)


def _perform(case: Case, contestant: Contestant, limit_s: float, tols: Sequence[float]) -> None:
    """Draw, warm up, and answer each tolerance until a limit is reached."""
    economy = case.economy()
    size = {"entries": economy.n_entries, "goods": economy.n_goods}
    _warm_up(case, contestant)
    given = contestant.ready(economy)
    _bound_memory()
    for tol in tols:
        _say("asked", **size, tol=tol)
        try:
            times, added, others, answer = timed(contestant, given, tol, limit_s)
        except MemoryError:
            _say("done", outcome="memory", reason="asked for more memory than there is")
            return
        except Exception as error:  # noqa: BLE001 - whatever a contestant raises is its result
            _say("done", outcome="failed", reason=f"{type(error).__name__}: {error}"[:200])
            return
        _say("answered")
        _unbound_memory()
        from benchmarks import judge

        found = judge.verdict(economy, answer, tol)
        seconds = median(times) - answer.judging_s
        _say(
            "done",
            outcome="limit" if answer.stopped else "answered",
            seconds=seconds, runs=len(times), added=added, others=others,
            steps=answer.steps, word=answer.word, **found,
        )  # fmt: skip
        if answer.stopped:
            return
        del answer
        _bound_memory()


def timed(
    contestant: Contestant, given: Any, tol: float, limit_s: float
) -> tuple[list[float], int, float, Answer]:
    """(seconds of each run, bytes added at the peak of the first, cores of others, last answer)."""
    times: list[float] = []
    memory.give_back()
    before = memory.resident()
    memory.reset_peak()
    neighbours = Neighbours()
    while not times or (len(times) < ROUNDS and sum(times) + max(times) < BUDGET_S):
        gc.collect()
        begin = time.perf_counter()
        answer = contestant.answer(given, tol, limit_s)
        times.append(time.perf_counter() - begin)
        if len(times) == 1:
            added = memory.peak() - before
    return times, added, neighbours.cores(), answer


def _warm_up(case: Case, contestant: Contestant) -> None:
    """Load libraries and start threads: the smallest case that the contestant can take."""
    small = smallest(case.kind).make()
    contestant.answer(contestant.ready(small), 1e-2, 1.0)


def _bound_memory() -> None:
    """Let a contestant fail rather than the machine: private memory up to what is free."""
    free = memory.available()
    if free is not None:
        most = memory.resident() + int(_SPARE * free)
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.RLIM_INFINITY))


def _unbound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    # what libraries print is not for whoever reads the reports
    _reports = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    which, who, limit, *asked = sys.argv[1:]
    _perform(by_id(which), BY_NAME[who], float(limit), [float(tol) for tol in asked])
