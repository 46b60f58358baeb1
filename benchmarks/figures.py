"""What a run found: figures beside their targets, exponents of growth, and the machine.

The record is plain data, so that another program (or `benchmarks.page`) can read the JSON of a run
without this package.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import merging
from benchmarks.machine import machine
from benchmarks.neighbours import DISTURBING, Neighbours
from benchmarks.standings import Row, exponent
from benchmarks.targets import BY_NAME, TARGETS, Target
from benchmarks.timing import Timed
from benchmarks.words import number


@dataclass(frozen=True)
class Figure:
    """One number measured for a target.

    Attributes
    ----------
    target : str
        Name of the target.
    size : str
        Label of the case.
    value : float
        In the target's unit; nan where nothing was timed.
    note : str
        What else should be known, in a few words.
    others : float
        Cores that other programs kept busy meanwhile; nan where that does not matter.
    """

    target: str
    size: str
    value: float
    note: str = ""
    others: float = math.nan


@dataclass(frozen=True)
class Part:
    """One part of a step: no target, but it says what bounds the whole.

    Attributes
    ----------
    name, size : str
        What was done, on which case.
    seconds : float
        Median wall time of a call.
    ns_each : float
        The same over the entries touched (or whatever the part is counted in), nanoseconds.
    speedup : float
        One thread's time over this.
    """

    name: str
    size: str
    seconds: float
    ns_each: float
    speedup: float

    def line(self) -> str:
        """The part in fixed columns."""
        return (
            f"  {self.name:<12}{self.size:<40}{number(self.seconds, 's'):>10}"
            f"{self.ns_each:>8.2f}{self.speedup:>8.2f}"
        )


@dataclass
class Figures:
    """Everything a run measured.

    Attributes
    ----------
    reached : list of Figure
        In the order of the run.
    parts : list of Part
        Likewise.
    neighbours : Neighbours
        Counts what others take, from the beginning of the run.
    times : dict
        Per series (a kind of economy and who answered) the pairs (entries, seconds).
    rows : list of Row
        Contestants on economies, judged.
    earlier : list of Row
        Likewise, of the runs that this one adds to.
    """

    reached: list[Figure] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    neighbours: Neighbours = field(default_factory=Neighbours)
    times: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    earlier: list[Row] = field(default_factory=list)

    @property
    def others(self) -> float:
        """Cores that other programs kept busy on average during the run."""
        return self.neighbours.cores()

    @property
    def empty(self) -> bool:
        """Whether nothing was measured."""
        return not (self.reached or self.times or self.parts or self.rows)

    def part(self, name: str, size: str, result: Timed, count: float, one: str) -> None:
        """Record a part of a step; `one` names the peer that is the same on one thread."""
        each = 1e9 * result.median / max(count, 1.0)
        if math.isfinite(each):
            self.parts.append(Part(name, size, result.median, each, 1.0 / result.ratio(one)))

    def reach(
        self,
        target: str,
        size: str,
        value: float,
        note: str = "",
        *,
        result: Timed | None = None,
        others: float = math.nan,
    ) -> None:
        """Record a figure (KeyError for a target that does not exist).

        result, others : what it was timed in, or how much of the machine others used meanwhile.
        """
        others = others if result is None else result.others
        self.reached.append(Figure(BY_NAME[target].name, size, float(value), note, others))

    def grow(self, series: str, entries: int, seconds: float) -> None:
        """Record a time for the fit of time against entries."""
        if math.isfinite(seconds):
            self.times.setdefault(series, []).append((entries, seconds))

    def meet(self, rows: Iterable[Row]) -> None:
        """Record how a contestant did on an economy."""
        self.rows += rows

    def all_rows(self) -> list[Row]:
        """Rows of this run, and of earlier ones what it did not do anew."""
        anew = {row.key[:3] for row in self.rows}
        return [*self.rows, *(row for row in self.earlier if row.key[:3] not in anew)]

    def exponents(self) -> dict[str, float]:
        """Per series of three sizes or more, k of seconds ~ entries^k (least squares in logs)."""
        found = {series: exponent(pairs) for series, pairs in self.times.items()}
        return {series: k for series, k in found.items() if math.isfinite(k)}

    # -- for people -----------------------------------------------------------------------------

    def of_targets(self) -> list[tuple[str, str, str, str, str, str]]:
        """(target, size, limit, measured, reached, note) of every figure, by target."""
        return [
            _row(target, figure)
            for target in TARGETS
            for figure in self.reached
            if figure.target == target.name
        ]

    def lines(self) -> list[str]:
        """The table of targets and the exponents, as text of fixed columns."""
        head = ("target", "size", "limit", "measured", "reached", "")
        table = [head, *self.of_targets()]
        widths = [max(len(row[k]) for row in table) for k in range(5)]
        lines = []
        for row in table:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            lines.append("  ".join([*cells, row[5]]).rstrip())
        measured = {figure.target for figure in self.reached}
        others = [target.name for target in TARGETS if target.name not in measured]
        if others:
            lines += ["", f"not in this run: {', '.join(others)}"]
        exponents = self.exponents()
        if exponents:
            lines += ["", "time ~ entries^k"]
            lines += [f"  {series:<28}{k:6.2f}" for series, k in exponents.items()]
        if self.parts:
            columns = f"  {'part':<12}{'of':<40}{'a call':>10}{'ns each':>8}{'speedup':>8}"
            lines += ["", columns, *(part.line() for part in self.parts)]
        return lines

    # -- for programs ---------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The whole record, JSON's types only; numbers that are not finite become None.

        Everything has the number of the run it was measured in, 0: see `benchmarks.merging`.
        """
        record = {
            "format": merging.FORMAT,
            "runs": [machine() | {"others": finite(self.others)}],
            "targets": [dict(vars(target)) for target in TARGETS],
            "figures": [
                {
                    **vars(figure),
                    "value": finite(figure.value),
                    "others": finite(figure.others),
                    "stated_size": figure.size == BY_NAME[figure.target].size,
                    "reached": BY_NAME[figure.target].reached(figure.value),
                    "run": 0,
                }
                for figure in self.reached
            ],
            "rows": [row.to_dict() for row in self.rows],
            "parts": [{**vars(part), "run": 0} for part in self.parts],
            "times": [
                {"series": series, "entries": entries, "seconds": seconds, "run": 0}
                for series, pairs in self.times.items()
                for entries, seconds in pairs
            ],
        }
        return merging.fitted(record)

    def write(self, path: Path) -> None:
        """Write the record as JSON, into one of earlier runs where there is one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        record = merging.merged(merging.read(path), self.to_dict())
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _row(target: Target, figure: Figure) -> tuple[str, str, str, str, str, str]:
    sense = ">=" if target.at_least else "<="
    stated = figure.size == target.size
    if math.isfinite(figure.value):
        reached = "yes" if target.reached(figure.value) else "NO"
        reached = reached if stated else f"({reached.lower()})"
    else:
        reached = "-"
    notes = [figure.note, "" if stated else "another size"]
    if figure.others > DISTURBING:
        notes.append(f"others used {figure.others:.1f} cores")
    return (
        target.name,
        figure.size,
        f"{sense} {number(target.limit, target.unit)}",
        number(figure.value, target.unit),
        reached,
        "; ".join(note for note in notes if note),
    )


def finite(value: float) -> float | None:
    """JSON has no nan."""
    return value if math.isfinite(value) else None
