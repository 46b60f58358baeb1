"""How much of the machine other programs took while something was timed.

A load average cannot tell ours from theirs, and remembers a quarter of an hour. The system's count
of processor time less our own tells, for just the seconds in question.
"""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

DISTURBING = 0.2
"""Cores used by others from which a figure is marked."""
_STAT = Path("/proc/stat")
_WAITING = (3, 4)  # columns of idle time and of waiting for disks
_GUEST = 8  # columns from here on are counted twice
_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Neighbours:
    """Starts counting when it is made."""

    def __init__(self) -> None:
        self._began = _now()

    def cores(self) -> float:
        """Cores that others kept busy on average since then; nan where the system does not tell."""
        (begin, busy, own), (end, busy_now, own_now) = self._began, _now()
        if end <= begin:
            return math.nan
        return max(0.0, (busy_now - busy) - (own_now - own)) / (end - begin)


def _now() -> tuple[float, float, float]:
    """Seconds: on the clock, of all processors at work, of our own processes."""
    own = os.times()
    mine = own.user + own.system + own.children_user + own.children_system
    try:
        with _STAT.open(encoding="ascii") as lines:
            columns = [int(ticks) for ticks in lines.readline().split()[1:]][:_GUEST]
    except OSError:
        return time.perf_counter(), math.nan, mine
    busy = sum(ticks for k, ticks in enumerate(columns) if k not in _WAITING)
    return time.perf_counter(), busy / _PER_S, mine
