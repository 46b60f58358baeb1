"""What figures depend on besides the code they are of."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import parecon
from benchmarks.targets import THREADS_WANTED

ROOT = Path(__file__).resolve().parent.parent
_LIBRARIES = ("numpy", "scipy", "cvxpy", "clarabel", "scs", "highspy", "highspy-extras", "demplan")


def available_threads() -> int:
    """Processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system tells
        return os.cpu_count() or 1


THREADS = min(THREADS_WANTED, available_threads())


def machine() -> dict[str, Any]:
    """Processor, threads and versions, JSON's types only."""
    return {
        "processor": _processor(),
        "cores": available_threads(),
        "threads": THREADS,
        "system": platform.system(),
        "python": platform.python_version(),
        "revision": _revision(),
        "libraries": {"parecon": parecon.__version__} | _versions(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for library in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):  # whoever needs it is left out, saying so
            found[library] = version(library)
    return found


def _revision() -> str:
    """Of the code that was measured, with a mark where files had changed; "" outside of git."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=7"]
    try:
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass  # other systems keep it elsewhere
    return platform.processor() or platform.machine()
