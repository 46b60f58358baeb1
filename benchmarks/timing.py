"""Ours and its peers, timed in turns, so that all of them meet the same machine.

Another program, a warm cache or a clock that slows down then changes both sides of a ratio alike.
What is reported is the median of the ratios of neighbouring runs.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from benchmarks.machine import THREADS
from benchmarks.neighbours import Neighbours

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

MOST_ROUNDS = 15
BUDGET_S = 4.0
"""Time for the rounds of one benchmark, as far as three rounds fit into it."""
SHORT_S = 0.01
"""What takes less is called several times in a row: a round should not measure cold caches."""
ROUND_S = 0.03
"""Length of such a round."""

Run = Callable[[], Any]
_NOBODY: Mapping[str, Run] = MappingProxyType({})


@dataclass
class Timed:
    """Rounds of ours and of its peers.

    Attributes
    ----------
    answer : object
        What the last call of ours returned.
    seconds : list of float
        Wall time of a call in each round, in order; empty where nothing was timed.
    peer_answer : dict
        What the last call of each peer returned.
    peer_seconds : dict of list of float
        Wall time of a call in each of their rounds: as many as ours, or one.
    others : float
        Cores that other programs kept busy meanwhile.
    """

    answer: Any = None
    seconds: list[float] = field(default_factory=list)
    peer_answer: dict[str, Any] = field(default_factory=dict)
    peer_seconds: dict[str, list[float]] = field(default_factory=dict)
    others: float = math.nan

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
    """Run ours, peers, ours, peers, ... and time each.

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
    once_s, _ = _seconds(ours, 1)
    calls = 1 if once_s > SHORT_S else math.ceil(ROUND_S / once_s)
    peers_s = 0.0 if once else sum(_seconds(run, 1)[0] for run in against.values())
    rounds = min(MOST_ROUNDS, max(3, int(BUDGET_S / (calls * (once_s + peers_s)))))
    turn = 0

    def after() -> None:
        nonlocal turn
        turn += 1
        if (turn == (rounds + 1) // 2) if once else (turn <= rounds):
            for name, run in against.items():
                taken, result.peer_answer[name] = _seconds(run, 1 if once else calls)
                result.peer_seconds.setdefault(name, []).append(taken)
        gc.collect()

    neighbours = Neighbours()
    # peers between the rounds: pytest-benchmark has no set-up for rounds of several calls
    result.answer = benchmark.pedantic(ours, teardown=after, rounds=rounds, iterations=calls)
    assert benchmark.stats is not None
    result.others = neighbours.cores()
    result.seconds = list(benchmark.stats.stats.data)
    describe(
        benchmark,
        threads=THREADS,
        calls_per_round=calls,
        others_cores=result.others,
        peer_s={name: median(seconds) for name, seconds in result.peer_seconds.items()},
        ratio={name: result.ratio(name) for name in result.peer_seconds},
    )
    return result


def _seconds(run: Run, calls: int) -> tuple[float, Any]:
    """(wall time of one call, what the last one returned)."""
    gc.collect()
    begin = time.perf_counter()
    for _ in range(calls):
        answer = run()
    return (time.perf_counter() - begin) / calls, answer


def describe(benchmark: BenchmarkFixture, **facts: Any) -> None:
    """Put facts beside the times in pytest-benchmark's record."""
    benchmark.extra_info.update(facts)
