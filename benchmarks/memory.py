"""Peak memory of a solve, in a process of its own.

    python -m benchmarks.memory KIND LABEL

prints one JSON object of bytes. `tracemalloc` would not see what compiled code allocates, and slows
everything down: the operating system's high-water mark of resident memory sees all of it.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.economies import case
from benchmarks.machine import ROOT, THREADS

_STATUS = Path("/proc/self/status")
_MACHINE = Path("/proc/meminfo")
_RESET = Path("/proc/self/clear_refs")
_MMAP_THRESHOLD = 1 << 16


def measured(kind: str, label: str) -> dict[str, int]:
    """Bytes: what a solve of this case added at its peak, the economy's arrays, goods squared.

    Raises
    ------
    subprocess.CalledProcessError
        The solve failed; its message is on stderr.
    """
    # so that what the generator used and freed goes back to the system, and is not used again
    # unseen by the solve
    quiet = {"MALLOC_MMAP_THRESHOLD_": str(_MMAP_THRESHOLD), "MALLOC_TRIM_THRESHOLD_": "0"}
    command = [sys.executable, "-m", "benchmarks.memory", kind, label]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **quiet}, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _measure(kind: str, label: str) -> dict[str, int]:
    import parecon
    from parecon import synthetic

    chosen = case(kind, label)
    # libraries, threads and their buffers belong to the process, not to a solve
    parecon.solve(synthetic.book(60, 60, 4, seed=1), n_threads=THREADS, certify=False)
    parecon.solve(synthetic.fisher(40, 5, seed=1), n_threads=THREADS, certify=False)
    bare = resident()
    economy = chosen.economy()
    before = resident()
    exact = reset_peak()
    plan = parecon.solve(economy, tol=chosen.tol, n_threads=THREADS, certify=False)
    return {
        "added": peak() - before,
        "economy": economy.nbytes,
        "economy_held": before - bare,
        "goods": economy.n_goods,
        "exact": int(exact),
        "solved": int(plan.status is parecon.Status.SOLVED),
    }


def resident() -> int:
    """Bytes of memory now; the peak so far on systems that do not tell."""
    return _status("VmRSS") or _lifetime_peak()


def peak() -> int:
    """Bytes of memory at most since `reset_peak`, or since the process began."""
    return _status("VmHWM") or _lifetime_peak()


def give_back() -> None:
    """Let go of memory that was freed but kept, so that its next use is seen; glibc can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def available() -> int | None:
    """Bytes that could still be taken; None on systems that do not tell."""
    return _kilobytes(_MACHINE, "MemAvailable")


def _lifetime_peak() -> int:
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def reset_peak() -> bool:
    """Start the high-water mark anew; False where the system cannot."""
    try:
        _RESET.write_text("5")
    except OSError:
        return False
    return True


def _status(name: str) -> int | None:
    return _kilobytes(_STATUS, name)


def _kilobytes(source: Path, name: str) -> int | None:
    """Bytes that a line of a table in kilobytes says."""
    try:
        for line in source.read_text(encoding="ascii").splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # only Linux has it
    return None


if __name__ == "__main__":
    print(json.dumps(_measure(*sys.argv[1:])))
