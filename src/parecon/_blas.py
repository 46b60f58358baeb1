"""BLAS without threads of its own, for the time of a call.

The kernels share work among threads that sleep when idle; those of a BLAS library spin. See
`_kernels/cholesky.pyx`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types


@cache
def _controller() -> ThreadpoolController:
    # looking the libraries up takes milliseconds: once per process, after SciPy's has been loaded
    import scipy.linalg  # noqa: F401

    return ThreadpoolController().select(user_api="blas")


class _Limit:
    """One limit for all threads that solve: the first to come sets it, the last to go lifts it.

    With a limit for each, the one that came second would take the first one's limit for what was
    there before, and leave it behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._before: Any = None

    def take(self) -> None:
        with self._lock:
            if self._holders == 0:
                self._before = _controller().limit(limits=1)
            self._holders += 1

    def give_back(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._lift()

    def forget(self) -> None:
        """In the child of a fork, where the threads that solved are no more."""
        self._lock = threading.Lock()
        self._holders = 0
        self._lift()

    def _lift(self) -> None:
        if self._before is None:
            return
        _free_control()
        self._before.restore_original_limits()
        self._before = None
        _free_control()


def _free_control() -> None:
    """From 3.8 on threadpoolctl heeds only the thread that set a limit first, until it is told."""
    for library in _controller().lib_controllers:
        clear = getattr(library, "clear_controlling_thread", None)
        if clear is not None:
            clear(force=True)


_limit = _Limit()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_limit.forget)


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Context in which BLAS calls use one thread, process-wide."""
    _limit.take()
    try:
        yield
    finally:
        _limit.give_back()
