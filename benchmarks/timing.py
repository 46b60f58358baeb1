"""Ours and its peers, timed in turns, so that all of them meet the same machine.

Another program, a warm cache or a clock that slows down then changes both sides of a ratio alike.
What is reported is the median of the ratios of neighbouring runs.
"""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.targets import THREADS_WANTED

MOST_ROUNDS = 15
BUDGET_S = 4.0
"""Time for the rounds of one benchmark, as far as three rounds fit into it."""

Run = Callable[[], Any]
_NOBODY: Mapping[str, Run] = MappingProxyType({})


def available_threads() -> int:
    """Processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system tells
        return os.cpu_count() or 1


THREADS = min(THREADS_WANTED, available_threads())


@dataclass
class Timed:
    """Rounds of ours and of its peers.

    Attributes
    ----------
    answer : object
        What the last run of ours returned.
    seconds : list of float
        Wall time of each round, in order; empty where nothing was timed.
    cpu_s : list of float
        Processor time of all threads in each.
    peer_answer : dict
        What the last run of each peer returned.
    peer_seconds : dict of list of float
        Wall time of each of their rounds: as many as ours, or one.
    """

    answer: Any = None
    seconds: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peer_answer: dict[str, Any] = field(default_factory=dict)
    peer_seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Median wall time of ours, seconds; nan where nothing was timed."""
        return median(self.seconds) if self.seconds else math.nan

    @property
    def fastest(self) -> float:
        """Shortest wall time of ours, seconds: what a quiet machine might give."""
        return min(self.seconds, default=math.nan)

    def ratio(self, peer: str) -> float:
        """Median of ours over the peer's neighbouring run; over its only run where there is one."""
        theirs = self.peer_seconds.get(peer, [])
        if not self.seconds or not theirs:
            return math.nan
        if len(theirs) == 1:
            return self.median / theirs[0]
        pairs = zip(self.seconds, theirs, strict=True)
        return median(mine / other for mine, other in pairs)


def timed(
    benchmark: BenchmarkFixture,
    ours: Run,
    against: Mapping[str, Run] = _NOBODY,
    *,
    once: bool = False,
) -> Timed:
    """Run peers, ours, peers, ours, ... and time each.

    Parameters
    ----------
    benchmark : fixture of pytest-benchmark
        Takes the rounds of `ours`; --benchmark-disable runs everybody once, untimed.
    ours : callable
        Without arguments; what it returns is kept.
    against : mapping of callables
        The peers, by name.
    once : bool
        The peers take long: run them once, half way through the rounds of ours.
    """
    result = Timed()
    if benchmark.disabled:
        result.peer_answer = {name: run() for name, run in against.items()}
        result.answer = benchmark.pedantic(ours)
        return result
    rounds = _rounds(ours, _NOBODY if once else against)

    def before() -> None:
        if not once or len(result.cpu_s) == rounds // 2:
            for name, run in against.items():
                gc.collect()
                begin = time.perf_counter()
                result.peer_answer[name] = run()
                taken = time.perf_counter() - begin
                result.peer_seconds.setdefault(name, []).append(taken)
        gc.collect()

    def run() -> Any:
        begin = time.process_time()
        answer = ours()
        result.cpu_s.append(time.process_time() - begin)
        return answer

    result.answer = benchmark.pedantic(run, setup=before, rounds=rounds)
    assert benchmark.stats is not None
    result.seconds = list(benchmark.stats.stats.data)
    describe(
        benchmark,
        threads=THREADS,
        cpu_s=median(result.cpu_s),
        load=os.getloadavg()[0],
        peer_s={name: median(seconds) for name, seconds in result.peer_seconds.items()},
        ratio={name: result.ratio(name) for name in result.peer_seconds},
    )
    return result


def _rounds(ours: Run, against: Mapping[str, Run]) -> int:
    """How many rounds fit into the budget; the run that tells also warms up."""
    begin = time.perf_counter()
    ours()
    for run in against.values():
        run()
    once = time.perf_counter() - begin
    return min(MOST_ROUNDS, max(3, int(BUDGET_S / once)))


def describe(benchmark: BenchmarkFixture, **facts: Any) -> None:
    """Put facts beside the times in pytest-benchmark's record."""
    benchmark.extra_info.update(facts)
