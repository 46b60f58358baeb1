"""Calls into other engines that one can leave: they run beside, and the caller watches the clock.

A signal reaches Python only between two of its own instructions, never in the midst of a call into
compiled code. So the call runs in a thread of its own, which these engines' calls let go of the
interpreter in, and the thread that asked waits in small steps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from parecon.control import Control, StoppedError
from parecon.status import Status

_STEP_S = 0.02
# An engine that was told to end and does not (there are phases in which it does not look) is left
# alone after so many seconds.
_GRACE_S = 1.0


class LeftError(Exception):
    """The engine did not end in time; it goes on beside, and nobody waits for what it finds."""


class Stop:
    """Whether the engine should end, and what the status is then.

    `asked` may be read from any thread.
    """

    def __init__(self) -> None:
        self.status: Status | None = None

    @property
    def asked(self) -> bool:
        """Whether somebody wants the engine to end."""
        return self.status is not None


def run_beside(call: Callable[[], Any], control: Control, stop: Stop) -> Any:
    """Return what `call` returns, or raise what it raises.

    Once the clock, a signal or the callback asks for it, `stop` says so, and `call` is expected to
    return soon with what it has; LeftError where it does not. A second Ctrl-C leaves at once.
    """
    outcome: dict[str, Any] = {}
    done = threading.Event()

    def work() -> None:
        try:
            outcome["value"] = call()
        except Exception as error:  # noqa: BLE001 - raised again by the thread that asked
            outcome["error"] = error
        finally:
            done.set()

    thread = threading.Thread(target=work, name="parecon-backend", daemon=True)
    thread.start()
    told_s = 0.0
    try:
        while not done.wait(_STEP_S):
            if stop.asked:
                if time.perf_counter() - told_s > _GRACE_S:
                    raise LeftError
                continue
            try:
                control.poll()
            except StoppedError as stopped:
                stop.status, told_s = stopped.status, time.perf_counter()
    except BaseException:
        stop.status = stop.status or Status.INTERRUPTED
        raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
