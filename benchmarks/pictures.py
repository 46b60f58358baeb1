"""Pictures of the contest: how time grows with size, and what a digit costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import contest_tables, standings
from benchmarks.contestants import CONTESTANTS
from benchmarks.standings import Row
from parecon.plots import _style as style

COLUMNS = 3
PANEL = 2.6
"""Height of a panel, inches."""
MARKERS = "osD^vP<>X*ph8"
LEAST_GAP = 1e-10
"""Gaps below are drawn here: what is left is rounding."""


def write(rows: Sequence[Row], page: Path) -> None:
    """Write both pictures beside the page; none where nobody answered."""
    shown = [row for row in rows if row.counts and row.seconds]
    if not shown:
        return
    style.write(growth(shown), page.with_name(f"{page.stem}-growth.svg"))
    style.write(exactness(shown), page.with_name(f"{page.stem}-exactness.svg"))


def growth(rows: Sequence[Row]) -> Any:
    """Seconds against entries, one panel for each kind with more than one size.

    Of answers at the finest tolerance of the kind only: at another one, or where a limit ended it,
    a contestant would be compared with itself on easier terms.
    """
    kinds = [
        kind
        for kind in contest_tables.kinds(rows)
        if len({row.size for row in rows if row.kind == kind}) > 1
    ]
    figure, panels = _panels(kinds or contest_tables.kinds(rows), "entries", "seconds")
    for kind, panel in panels.items():
        finest = standings.finest(row for row in rows if row.kind == kind)
        answers = [row for row in rows if row.tol == finest and row.outcome == "answered"]
        for name, mine in _by_contestant(answers, kind):
            points = sorted((row.entries, row.seconds) for row in mine)
            panel.plot(*zip(*points, strict=True), **_line(name))
        _whole_decades(panel)
    _legend(figure, panels)
    return figure


def exactness(rows: Sequence[Row]) -> Any:
    """Certified gap against seconds, on the largest size of each kind that most rivals answered."""
    kinds = contest_tables.kinds(rows)
    figure, panels = _panels(kinds, "seconds", "certified gap")
    for kind, panel in panels.items():
        size = _fullest(rows, kind)
        panel.set_title(f"{kind}, {size}", fontsize="small")
        here = [row for row in rows if row.size == size]
        for name, mine in _by_contestant(here, kind):
            asked = sorted(mine, key=lambda row: -(row.tol or 0.0))
            points = [(row.seconds, max(row.exactness, LEAST_GAP)) for row in asked]
            panel.plot(*zip(*points, strict=True), **_line(name))
        _whole_decades(panel)
    _legend(figure, panels)
    return figure


def _fullest(rows: Sequence[Row], kind: str) -> str:
    """The size with most contestants, of those the last."""
    sizes = list(dict.fromkeys(row.size for row in rows if row.kind == kind))
    there = [
        len({row.contestant for row in rows if (row.kind, row.size) == (kind, size)})
        for size in sizes
    ]
    return max(zip(there, range(len(sizes)), sizes, strict=True))[2]


def _by_contestant(rows: Sequence[Row], kind: str) -> list[tuple[str, list[Row]]]:
    names = [contestant.name for contestant in CONTESTANTS]
    groups = [(n, [r for r in rows if r.kind == kind and r.contestant == n]) for n in names]
    return [(name, group) for name, group in groups if group]


def _panels(kinds: Sequence[str], x: str, y: str) -> tuple[Any, dict[str, Any]]:
    lines = math.ceil(len(kinds) / COLUMNS)
    figure = style.matplotlib().Figure(figsize=(10.5, PANEL * lines + 0.9), layout="constrained")
    grid = figure.subplots(lines, COLUMNS, squeeze=False).ravel()
    for panel, kind in zip(grid, kinds, strict=False):
        style.plain(panel)
        panel.set(xscale="log", yscale="log")
        panel.set_title(kind, fontsize="small")
        panel.set_xlabel(x, fontsize="small")
        panel.set_ylabel(y, fontsize="small")
        panel.tick_params(labelsize="small")
    for panel in grid[len(kinds) :]:
        panel.set_axis_off()
    return figure, dict(zip(kinds, grid, strict=False))


def _whole_decades(panel: Any) -> None:
    """Axes from one power of ten to another, which alone are labelled."""
    from matplotlib.ticker import NullFormatter

    for axis in (panel.xaxis, panel.yaxis):
        low, high = (math.log10(bound) for bound in axis.get_data_interval())
        if math.isfinite(low) and math.isfinite(high):
            low, high = math.floor(low), math.ceil(high)
            axis.axes.set(**{f"{axis.axis_name}lim": (10.0**low, 10.0 ** max(high, low + 1))})
        axis.set_minor_formatter(NullFormatter())


def _line(name: str) -> dict[str, Any]:
    """Colour, dashes and marker of a contestant: the same in every picture."""
    k = [contestant.name for contestant in CONTESTANTS].index(name)
    ours = CONTESTANTS[k].ours
    return style.line_style(k) | {
        "marker": MARKERS[k % len(MARKERS)],
        "markersize": 4.0,
        "clip_on": False,
        "linewidth": 2.2 if ours else 1.2,
        "zorder": 3 if ours else 2,
        "label": CONTESTANTS[k].title,
    }


def _legend(figure: Any, panels: dict[str, Any]) -> None:
    handles = {}
    for panel in panels.values():
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=5, fontsize="small",
        frameon=False,
    )  # fmt: skip
