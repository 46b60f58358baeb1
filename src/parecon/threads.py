"""How many threads: all that the process may use, one where waking others takes longer."""

from __future__ import annotations

import os

_WORTH_WAKING = 200_000.0


def available_threads() -> int:
    """Cores the process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system tells
        return os.cpu_count() or 1


def threads_for(work: float, n_threads: int) -> int:
    """Threads that a kernel is called with: `n_threads`, or one where there is little to share.

    A sleeping thread (decision 0007) takes from some microseconds on an idle machine of one's own
    to hundreds on a virtual one. Sums are cut by the data, so that no bit depends on the answer.

    work : what there is to do, in nanoseconds of one thread, to an order of magnitude.
    """
    return n_threads if work > _WORTH_WAKING else 1
