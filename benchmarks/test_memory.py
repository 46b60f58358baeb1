"""Peak memory of a solve over the size of what it was given."""

from __future__ import annotations

import pytest

from benchmarks import memory
from benchmarks.economies import Case, cases
from benchmarks.figures import Figures
from benchmarks.targets import BY_NAME
from parecon.systems import DENSE_GOODS

KINDS = ("book", "workers", "mixed", "fisher", "activities")
SIZES = tuple(BY_NAME[f"memory: {kind}"].size for kind in KINDS)


@pytest.mark.parametrize("case", cases(*KINDS, labels=SIZES))
def test_memory(figures: Figures, case: Case) -> None:
    """The economy and what a solve adds at its peak, in a process of its own."""
    found = memory.measured(case.kind, case.label)
    assert found["solved"]
    smooth = case.kind in ("book", "workers")
    square = 8 * found["goods"] ** 2 if not smooth and found["goods"] <= DENSE_GOODS else 0
    limit = 2 * found["economy"] + square
    note = f"economy {found['economy'] / 1e6:.0f} MB, solve adds {found['added'] / 1e6:.0f} MB"
    if not found["exact"]:
        note += ", high-water mark of the whole process"
    ratio = (found["economy"] + found["added"]) / limit
    figures.reach(f"memory: {case.kind}", case.label, ratio, note)
