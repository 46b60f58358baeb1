"""Who may stop a solve, and who hears of it.

Time limit, Ctrl-C and callback; log, history and phase times.

The arithmetic polls; it never reads a clock or a signal itself. A first Ctrl-C asks the solve to
stop and hand over the plan it has; a second one interrupts as usual.
"""

from __future__ import annotations

import logging
import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Any

from parecon import iteration_log
from parecon.plan import Choice, Info
from parecon.settings import Settings
from parecon.status import Status
from parecon.threads import available_threads

# Silent unless the host configures logging: how it ends at INFO, iterations at DEBUG.
_LOGGER = logging.getLogger("parecon")
_LOGGER.addHandler(logging.NullHandler())


class StoppedError(Exception):
    """Raised by `Control.poll` inside an algorithm; carries the status to report."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.value)
        self.status = status


class Control:
    """Context manager around one solve.

    history : list of Info, one per iteration.
    phase_s : dict, seconds per phase.
    before : int, iterations of the stages before the method that runs.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.n_threads = settings.n_threads or available_threads()
        self.history: list[Info] = []
        self.phase_s: dict[str, float] = {}
        self.choice: Choice | None = None
        self.before = 0
        self._rehearsing = False
        self._started = time.perf_counter()
        self._interrupted = threading.Event()
        self._asked = False
        self._previous: Any = None

    def __enter__(self) -> Control:
        self._started = time.perf_counter()
        # Only the main thread receives signals; elsewhere the host decides. A process that ignores
        # Ctrl-C goes on to, and a handler that is not Python's (None) could not be put back.
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if previous not in (None, signal.SIG_IGN):
                signal.signal(signal.SIGINT, self._on_signal)
                self._previous = previous
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._interrupted.is_set():
            raise KeyboardInterrupt
        self._interrupted.set()

    def interrupt(self) -> None:
        """As a first Ctrl-C: for engines that catch the signal themselves."""
        self._interrupted.set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the solve began."""
        return time.perf_counter() - self._started

    @property
    def remaining_s(self) -> float | None:
        """Seconds left until the time limit, at least a little; None without one."""
        limit = self.settings.time_limit_s
        return None if limit is None else max(limit - self.elapsed_s, 0.05)

    def poll(self) -> None:
        """Raise StoppedError when somebody wants the solve to end."""
        if self._interrupted.is_set() or self._asked:
            raise StoppedError(Status.INTERRUPTED)
        limit = self.settings.time_limit_s
        if limit is not None and self.elapsed_s > limit:
            raise StoppedError(Status.TIME_LIMIT)

    def hurried(self) -> bool:
        """Whether the plan is wanted at once: stopped by a person or the clock."""
        limit = self.settings.time_limit_s
        return self._interrupted.is_set() or (limit is not None and self.elapsed_s > limit)

    def record(self, info: Info) -> None:
        """Keep the row, log it, ask the callback."""
        if self._rehearsing and self.before and not info.iteration:
            return  # the same prices as the last row
        info = replace(info, iteration=self.before + info.iteration)
        if self._rehearsing:
            info = replace(info, dual=math.nan, gap=math.nan)
        self.history.append(info)
        if self.settings.log is not None or _LOGGER.isEnabledFor(logging.DEBUG):
            if len(self.history) % iteration_log.HEADER_EVERY == 1:
                self.say(iteration_log.header(), level=logging.DEBUG)
            self.say(iteration_log.row(info), level=logging.DEBUG)
        if self.settings.callback is not None and self.settings.callback(info):
            self._asked = True

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Rows recorded meanwhile are of a likeness of the economy: they bound no welfare."""
        self._rehearsing = True
        try:
            yield
        finally:
            self._rehearsing = False
            self.before += 1 if self.history else 0

    def stage_ends(self) -> None:
        """The iterations of the next stage are counted on from the last one."""
        self.before = self.history[-1].iteration

    @property
    def heard(self) -> bool:
        """Whether anybody listens: the sink of the settings, or a handler of the logger."""
        return self.settings.log is not None or _LOGGER.isEnabledFor(logging.INFO)

    def say(self, line: str, *, level: int = logging.INFO) -> None:
        """One line to the sink of the settings, and to the logger `parecon`."""
        if self.settings.log is not None:
            self.settings.log(line)
        if line:  # empty ones only part what is read from top to bottom
            _LOGGER.log(level, "%s", line)

    def choose(self, choice: Choice) -> None:
        """Remember how the plan is looked for, and say so."""
        self.choice = choice
        self.say(f"method    {choice}")

    def aside(self) -> Control:
        """For a run within this one: stopped by the same people and clock, heard by nobody."""
        other = copy(self)
        other.settings = self.settings.replace(log=None, callback=None)
        other.history, other.phase_s = [], {}
        return other

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the seconds spent inside under `name`."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.phase_s[name] = self.phase_s.get(name, 0.0) + time.perf_counter() - begin
