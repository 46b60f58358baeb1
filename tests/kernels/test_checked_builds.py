"""The checked builds really check: a deliberate read past the end of an array is caught.

Skipped in a release build, where nothing guards such a read; `make sanitize` runs them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import parecon._kernels

BUILD = os.environ.get("PARECON_CHECKED_BUILD", "")

# Entry 1000 of an array of 1000, one row of one entry. (Sums over memoryviews are checked by both
# builds, the dot products in C by the address sanitizer alone.)
READ_PAST_THE_END = """
import numpy as np
from parecon._kernels import rows

start, stop = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
block = np.array([0, 1])
good = np.full(1, 1000, dtype=np.int32)
rows.scatter(block, start, stop, good, np.ones(1), np.ones(1), np.zeros((1, 1000)), 1)
"""


@pytest.mark.skipif(not BUILD, reason="not a checked build")
def test_the_checked_build_is_the_one_under_test() -> None:
    site = Path(os.environ["PARECON_CHECKED_SITE"])
    assert site in Path(str(parecon._kernels.__file__)).parents


@pytest.mark.skipif(not BUILD, reason="not a checked build")
def test_a_read_past_the_end_is_caught() -> None:
    run = subprocess.run(
        [sys.executable, "-c", READ_PAST_THE_END], capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    expected = {"bounds": "IndexError: Out of bounds", "address": "heap-buffer-overflow"}[BUILD]
    assert expected in run.stderr
