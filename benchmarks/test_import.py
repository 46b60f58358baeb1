"""What a host waits for before anything happens: imports, in processes of their own."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

from benchmarks.figures import Figures

RUNS = 7
PROGRAMS = {
    "import parecon": "import parecon",
    "parecon.solve": "import parecon; parecon.solve",
    "parecon --help": "import sys; sys.argv[1:] = ['--help']; import parecon.cli as c; c.main()",
}


def seconds(program: str) -> float:
    """Wall time of a process that runs a program."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


@pytest.mark.parametrize("what", PROGRAMS)
def test_import(figures: Figures, what: str) -> None:
    """In turns with an interpreter that imports nothing; the difference is ours."""
    subprocess.run([sys.executable, "-c", PROGRAMS[what]], check=True, stdout=subprocess.DEVNULL)
    pairs = [(seconds(PROGRAMS[what]), seconds("")) for _ in range(RUNS)]
    own = statistics.median(with_it - without for with_it, without in pairs)
    bare = statistics.median(without for _, without in pairs)
    figures.reach("import", what, own, f"the interpreter alone takes {1e3 * bare:.0f} ms")
