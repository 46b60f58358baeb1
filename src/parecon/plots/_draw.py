"""How the records of `parecon.outcome` are drawn. Rows of bars; the first row is on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon.outcome import Emissions, Gains, GoodChanges, Scarcity
from parecon.plots._flows import flows
from parecon.plots._style import (
    COLOURS,
    DASHES,
    GREY,
    SIZE,
    new_figure,
    plain,
    short,
)

if TYPE_CHECKING:
    from parecon.plan import Info

__all__ = ["changes", "emissions", "flows", "gains", "history", "scarcity"]

_ROW, _MARGIN = 0.22, 0.75  # inches: of a row of bars, and of title and axis
_LETTERS = 30
_SLIGHT = 1e-5  # of the value of all goods: changes of less are not worth a bar
_SCALES = ((1e9, "billion "), (1e6, "million "))  # of amounts ten times as large
_MEASURES = ("gap", "shortage", "surplus", "zero_profit")
_NAMES = {"zero_profit": "zero profit"}
_LABELS = {"price": "change of price", "quantity": "change of quantity used"}

Floats = NDArray[np.float64]


def history(rows: Sequence[Info], *, tol: float | None) -> Any:
    """Measures of a plan by iteration."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    figure = new_figure(height=0.8 * SIZE[1])
    panel = figure.subplots()
    number = [row.iteration for row in rows]
    for k, measure in enumerate(_MEASURES):
        values = np.array([getattr(row, measure) for row in rows], dtype=float)
        shown = np.where((values > 1e-100) & (values < 1e100), values, np.nan)
        if not np.isfinite(shown).any():
            continue
        panel.plot(
            number,
            shown,
            color=COLOURS[k],
            linestyle=DASHES[k],
            marker="o" if len(number) <= 30 else "",
            markersize=3.0,
            linewidth=1.5,
            label=_NAMES.get(measure, measure),
        )
    panel.set_yscale("log")
    if tol is not None and tol > 0.0:
        panel.axhline(tol, color=GREY, linewidth=0.8, zorder=0)
        panel.annotate(
            "tolerance", (1.0, tol), xycoords=("axes fraction", "data"), color=GREY,
            xytext=(-4, 3), textcoords="offset points", fontsize="small", ha="right",
        )  # fmt: skip
    panel.yaxis.set_major_locator(LogLocator(numticks=10))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0e}"))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.set_xlabel("iteration", fontsize="small")
    panel.set_ylabel("relative", fontsize="small")
    panel.tick_params(labelsize="small")
    plain(panel)
    if panel.lines:
        panel.legend(frameon=False, fontsize="small")
    return figure


def changes(found: GoodChanges, what: str, *, most: int) -> Any:
    """The largest rises and falls of "price" or "quantity", in per cent."""
    relative = getattr(found, f"{what}_change")
    chosen = largest(found, what, most=most)
    values = 100.0 * relative[chosen]
    figure, panel = _rows(len(chosen))
    at = np.arange(len(chosen))
    colours = [COLOURS[0] if value > 0.0 else COLOURS[1] for value in values]
    panel.barh(at, values, height=0.7, color=colours)
    _names(panel, [found.goods.name(int(i)) for i in chosen])
    _ends(panel, values, values, [_signed(value) for value in values])
    panel.axvline(0.0, color=GREY, linewidth=0.8)
    panel.set_xlabel(f"{_LABELS[what]}, %")
    return figure


def largest(found: GoodChanges, what: str, *, most: int) -> NDArray[np.intp]:
    """Goods with the largest rises and falls, up to `most` of each, from rise to fall."""
    relative = getattr(found, f"{what}_change")
    before = found.price_before * found.quantity_before
    value = np.fmax(np.nan_to_num(found.value), np.nan_to_num(before))
    known = np.isfinite(relative) & (value >= _SLIGHT * value.sum()) & (np.abs(relative) >= 5e-4)
    order = np.flatnonzero(known)[np.argsort(-relative[known], kind="stable")]
    up = order[relative[order] > 0.0][:most]
    down = order[relative[order] < 0.0][-most:]
    return np.concatenate([up, down])


def scarcity(found: Scarcity, money: str = "money") -> Any:
    """Limits by the value of all there is of them."""
    figure, panel = _rows(len(found.binding))
    values = np.array([one.value for one in found.binding])
    panel.barh(np.arange(values.size), values, height=0.7, color=COLOURS[0])
    _names(panel, [one.name for one in found.binding])
    prices = [f"{one.price:,.4g}" for one in found.binding]
    _ends(panel, values, values, prices)
    word = _amounts(panel, values.max(initial=0.0)) + short(money, _LETTERS)
    panel.set_xlabel(f"value of all there is, {word}; beside the bars: of one unit more")
    return figure


def gains(found: Gains) -> Any:
    """Changes of utility by group, and of all together."""
    groups = [group for group in found.groups if np.isfinite(group.change)]
    groups = [*groups, found.together] if len(groups) > 1 else groups
    values = 100.0 * np.array([group.change for group in groups])
    low = 100.0 * np.array([group.low for group in groups])
    high = 100.0 * np.array([group.high for group in groups])
    figure, panel = _rows(len(groups))
    colours = [COLOURS[0] if value > 0.0 else COLOURS[1] for value in values]
    bars = panel.barh(np.arange(values.size), values, height=0.7, color=colours)
    if len(groups) > len(found.groups):
        bars[-1].set(color=GREY)
    spread = np.flatnonzero(np.isfinite(low))
    panel.hlines(spread, low[spread], high[spread], color=COLOURS[-1], linewidth=1.2)
    _names(panel, [group.name for group in groups])
    texts = [_signed(value) for value in values]
    _ends(panel, values, _outer(values, low, high), texts)
    inner = np.where(values >= 0.0, np.fmin(low, 0.0), np.fmax(high, 0.0))
    left, right = panel.get_xlim()
    panel.set_xlim(
        min(left, 1.1 * np.nanmin(inner, initial=0.0)),
        max(right, 1.1 * np.nanmax(inner, initial=0.0)),
    )
    panel.axvline(0.0, color=GREY, linewidth=0.8)
    line = "; line: eight in ten councils" if spread.size else ""
    panel.set_xlabel(f"change of utility, %{line}")
    return figure


def _outer(values: Floats, low: Floats, high: Floats) -> Floats:
    """Where a bar or its line ends."""
    return np.where(values >= 0.0, np.fmax(values, high), np.fmin(values, low))


def emissions(found: Sequence[Emissions]) -> Any:
    """Permits used by source, a panel for each permit."""
    known = [any(np.isfinite(one.before) for one in each.emitters) for each in found]
    counts = [
        max(len(each.emitters), 1) * (2 if k else 1) for each, k in zip(found, known, strict=True)
    ]
    heights = [0.16 * count + _MARGIN for count in counts]
    figure = new_figure(height=sum(heights))
    panels = np.atleast_1d(figure.subplots(len(found), 1, height_ratios=heights))
    for panel, each, both in zip(panels, found, known, strict=True):
        _emitters(panel, each, both=both)
    return figure


def _emitters(panel: Any, each: Emissions, *, both: bool) -> None:
    at = np.arange(len(each.emitters))
    now = np.array([one.quantity for one in each.emitters])
    before = np.nan_to_num(np.array([one.before for one in each.emitters]))
    high = 0.4 if both else 0.7
    panel.barh(at + (0.2 if both else 0.0), now, height=high, color=COLOURS[0], label="this plan")
    if both:
        hollow = {"facecolor": "none", "edgecolor": GREY}
        panel.barh(at - 0.2, before, height=high, **hollow, label="before")
        panel.legend(
            frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2
        )
    _plain_rows(panel)
    _names(panel, [one.name for one in each.emitters])
    scale = _amounts(panel, max(now.max(initial=0.0), before.max(initial=0.0)))
    unit = f", {scale}{short(each.unit, _LETTERS)}".rstrip() if scale or each.unit else ""
    panel.set_xlabel(f"{short(each.permit, _LETTERS)} used{unit}")


# -- rows of bars ---------------------------------------------------------------------------------


def _rows(count: int) -> tuple[Any, Any]:
    figure = new_figure(height=_ROW * max(count, 1) + _MARGIN)
    panel = figure.subplots()
    _plain_rows(panel)
    return figure, panel


def _plain_rows(panel: Any) -> None:
    plain(panel)
    panel.grid(visible=False, axis="y")
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)
    panel.invert_yaxis()


def _names(panel: Any, names: Sequence[str]) -> None:
    panel.set_yticks(np.arange(len(names)), [short(name, _LETTERS) for name in names])
    panel.tick_params(axis="y", labelsize="small")
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.tick_params(axis="x", labelsize="small")
    panel.xaxis.label.set_size("small")


def _ends(panel: Any, values: Floats, ends: Floats, texts: Sequence[str]) -> None:
    """Write beside the end of each bar; make room for it."""
    for k, (value, end, text) in enumerate(zip(values, ends, texts, strict=True)):
        panel.annotate(
            text, (end, k), xytext=(3 if value >= 0.0 else -3, 0), textcoords="offset points",
            ha="left" if value >= 0.0 else "right", va="center", fontsize="x-small",
        )  # fmt: skip
    low, high = min(0.0, ends.min(initial=0.0)), max(0.0, ends.max(initial=0.0))
    room = 0.16 * (high - low) or 1.0
    ends_differ = high > low
    panel.set_xlim(
        low - (room if low < 0.0 or not ends_differ else 0.0),
        high + (room if high > 0.0 or not ends_differ else 0.0),
    )


def _signed(value: float) -> str:
    digits = 1 if abs(value) >= 10.0 else 2
    return f"{value:+.{digits}f} %".replace("-", "\N{MINUS SIGN}")


def _amounts(panel: Any, highest: float) -> str:
    """Plain numbers on the axis; return in what they are, such as "billion "."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    scale, word = next(((s, w) for s, w in _SCALES if highest >= 10.0 * s), (1.0, ""))
    panel.xaxis.set_major_locator(MaxNLocator(6))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / scale:,.12g}"))
    return word
