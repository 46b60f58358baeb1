"""The flow diagram: boxes in columns, as high as their value, and bands between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.outcome.flows import COLUMNS, Flows
from parecon.plots._style import COLOURS, GREY, new_figure, short

__all__ = ["flows"]

_HEIGHT = 5.6  # inches
_LEFT, _RIGHT = 0.205, 0.785  # where the first and the last column stand, of the width
_BOX = 0.014  # width of a box
_GAP = 0.034  # between boxes: room for a line of text
_TOP = 0.94
_LETTERS = 17
_FAINT = 0.38  # opacity of bands
# The last is for all others.
_RESOURCES = (*COLOURS[:6], "#999999", "#7A68A6", "#B8A300")

Floats = NDArray[np.float64]


def flows(found: Flows) -> Any:
    """Boxes have the gid ``node-k``, bands ``link-k``, by their position in the record."""
    figure = new_figure(height=_HEIGHT, layout=None)
    panel = figure.add_axes((0.0, 0.01, 1.0, 0.98))
    panel.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
    panel.set_axis_off()
    left = np.linspace(_LEFT, _RIGHT, len(COLUMNS))
    bottom, scale = _places(found)
    colours = _colours(found)
    _bands(panel, found, left, bottom, scale, colours)
    for k, node in enumerate(found.nodes):
        _box(panel, k, found, left[node.column], bottom[k], scale * node.value, colours[k])
    for x, title in zip(left, COLUMNS, strict=True):
        panel.text(
            x + _BOX / 2.0, 1.0, title, ha="center", va="top", fontsize="small", weight="bold"
        )
    return figure


def _places(found: Flows) -> tuple[Floats, float]:
    """(nodes,) lower edge of each box; height of a unit of money. Columns are centred."""
    columns = [
        [k for k, node in enumerate(found.nodes) if node.column == column]
        for column in range(len(COLUMNS))
    ]
    most = max(len(column) for column in columns)
    scale = (_TOP - _GAP * (most - 1)) / found.total
    bottom = np.zeros(len(found.nodes))
    for column in columns:
        height = scale * sum(found.nodes[k].value for k in column) + _GAP * (len(column) - 1)
        y = _TOP - (_TOP - height) / 2.0
        for k in column:
            y -= scale * found.nodes[k].value
            bottom[k] = y
            y -= _GAP
    return bottom, scale


def _colours(found: Flows) -> list[str]:
    """Resources have colours of their own, everything else is grey."""
    return [
        _RESOURCES[min(k, len(_RESOURCES) - 1)] if node.column == 0 else GREY
        for k, node in enumerate(found.nodes)
    ]


def _bands(
    panel: Any, found: Flows, left: Any, bottom: Floats, scale: float, colours: list[str]
) -> None:
    """Bands leave and arrive in the order of the boxes at their other ends."""
    start = {k: bottom[k] + scale * node.value for k, node in enumerate(found.nodes)}
    arrive = dict(start)
    order = sorted(
        range(len(found.links)), key=lambda k: (found.links[k].target, found.links[k].source)
    )
    top_in = {}
    for k in order:
        link = found.links[k]
        top_in[k] = arrive[link.target]
        arrive[link.target] -= scale * link.value
    order.sort(key=lambda k: (found.links[k].source, found.links[k].target))
    for k in order:
        link = found.links[k]
        high = scale * link.value
        x0 = left[found.nodes[link.source].column] + _BOX
        x1 = left[found.nodes[link.target].column]
        path = _band(x0, start[link.source], x1, top_in[k], high)
        start[link.source] -= high
        panel.add_patch(_patch(path, colours[link.source], f"link-{k}", faint=True))


def _band(x0: float, top0: float, x1: float, top1: float, high: float) -> Any:
    from matplotlib.path import Path

    middle = (x0 + x1) / 2.0
    points = [
        (x0, top0), (middle, top0), (middle, top1), (x1, top1),
        (x1, top1 - high), (middle, top1 - high), (middle, top0 - high), (x0, top0 - high),
        (x0, top0),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    return Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])


def _patch(path: Any, colour: str, gid: str, *, faint: bool) -> Any:
    from matplotlib.patches import PathPatch

    alpha = _FAINT if faint else 1.0
    return PathPatch(path, facecolor=colour, edgecolor="none", linewidth=0.0, alpha=alpha, gid=gid)


def _box(panel: Any, k: int, found: Flows, x: float, y: float, high: float, colour: str) -> None:
    from matplotlib.path import Path

    corners = [(x, y), (x + _BOX, y), (x + _BOX, y + high), (x, y + high), (x, y)]
    panel.add_patch(_patch(Path(corners, closed=True), colour, f"node-{k}", faint=False))
    node = found.nodes[k]
    outside = node.column == 0
    panel.text(
        x - 0.006 if outside else x + _BOX + 0.006,
        y + high / 2.0,
        f"{short(node.name, _LETTERS)}  {_percent(node.value / found.total)}",
        ha="right" if outside else "left",
        va="center",
        fontsize="x-small",
    )


def _percent(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.2g} %"
