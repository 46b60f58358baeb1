"""Pictures of procedures: how far proposals are from fitting, where prices go, rule beside rule."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon.errors import SettingsError, nearest
from parecon.plots._style import (
    COLOURS,
    DASHES,
    GREY,
    SIZE,
    line_style,
    log_axis,
    new_figure,
    percent,
    plain,
    short,
)

if TYPE_CHECKING:
    from parecon.procedure import Rounds

__all__ = ["compare", "convergence", "prices", "rounds"]

_GOODS = 6  # shown where none are chosen
_WIDE = 5.0  # from this ratio of highest to lowest on, prices are shown in logarithms
_LONG = 40  # from this many rounds on, where another rule needs a fifth of them, so are rounds

_LEAST = 1e-100  # further out, scales of floating-point numbers overflow

_COUNTS = {
    "rounds": "round",
    "exchanges": "exchanges with every council (announcements and inquiries)",
}

Floats = NDArray[np.float64]


# -- figures --------------------------------------------------------------------------------------


def rounds(record: Rounds) -> Any:
    """Return a figure of one procedure, `record`: `convergence` above, `prices` below."""
    figure = new_figure(height=2 * SIZE[1])
    above, below = figure.subplots(2, 1, sharex=True)
    _convergence(above, record)
    _prices(below, record, _dearest(record))
    above.set_xlabel("")
    figure.align_ylabels()
    figure.suptitle(_title(record), fontsize="medium")
    return figure


def convergence(record: Rounds) -> Any:
    """Return a figure of the worst imbalance and the distance from the plan's prices by round.

    record : of the procedure. Logarithmic; what is exactly zero or unknown has no point.
    """
    figure = new_figure()
    _convergence(figure.subplots(), record)
    figure.suptitle(_title(record), fontsize="medium")
    return figure


def prices(record: Rounds, goods: Sequence[str] | None = None) -> Any:
    """Return a figure of announced prices by round; dots on the right are the plan's prices.

    record : of the procedure. goods : names; None: those of which most value is used in the last
    round.

    Raises UnknownGoodError for a name that no good has.
    """
    figure = new_figure()
    chosen = _dearest(record) if goods is None else record.goods.index(list(goods)).tolist()
    _prices(figure.subplots(), record, chosen)
    figure.suptitle(_title(record), fontsize="medium")
    return figure


def compare(
    records: Mapping[str, Rounds] | Iterable[Rounds],
    *,
    by: str = "rounds",
    distance: bool | None = None,
) -> Any:
    """Return a figure of several procedures: worst imbalance and distance from the plan's prices.

    Parameters
    ----------
    records : {label: Rounds}, or Rounds, which then go by the name of their rule.
    by : "rounds" or "exchanges" with every council, which counts inquiries too.
    distance : whether to show the distance; None: if any of them knows it.

    Raises
    ------
    SettingsError
        If there is nothing to compare, or ``by`` is unknown.
    """
    if by not in _COUNTS:
        raise SettingsError(
            f"by: expected one of {', '.join(_COUNTS)}, got {by!r}{nearest(by, list(_COUNTS))}"
        )
    labelled = dict(records) if isinstance(records, Mapping) else _by_rule(records)
    if not labelled:
        raise SettingsError("compare: expected at least one Rounds, got none")
    if distance is None:
        distance = any(np.isfinite(record.distance).any() for record in labelled.values())
    figure = new_figure(height=SIZE[1] * (1.75 if distance else 1.0))
    panels = np.atleast_1d(figure.subplots(2 if distance else 1, 1, sharex=True))
    counted = {label: _counts(record, by) for label, record in labelled.items()}
    _compared(panels[0], labelled, counted, "worst_imbalance")
    panels[0].set_ylabel("worst imbalance of a good")
    _thresholds(panels[0], labelled.values())
    if distance:
        _compared(panels[1], labelled, counted, "distance")
        panels[1].set_ylabel("distance from the plan's prices")
        plain(panels[1])
    _count_axis(panels[-1], list(counted.values()), _COUNTS[by])
    if any(record.settled for record in labelled.values()):
        panels[0].plot([], [], "o", color=GREY, markersize=7, label="settled")
    _legend(panels[0])
    figure.align_ylabels()
    return figure


# -- panels ---------------------------------------------------------------------------------------


def _convergence(panel: Any, record: Rounds) -> None:
    number = np.arange(1, record.n_rounds + 1)
    worst, distance = _visible(record.worst_imbalance), _visible(record.distance)
    panel.plot(number, worst, color=COLOURS[0], label="worst imbalance", **_points(number))
    if np.isfinite(distance).any():
        panel.plot(
            number,
            distance,
            color=COLOURS[1],
            linestyle=DASHES[1],
            label="distance from the plan's prices",
            **_points(number, marker="s"),
        )
    _relative_axis(panel, np.concatenate([worst, distance, [record.threshold]]))
    _thresholds(panel, [record])
    _count_axis(panel, [number], "round")
    panel.set_ylabel("imbalance, distance")
    _legend(panel)


def _prices(panel: Any, record: Rounds, chosen: Sequence[int]) -> None:
    number = np.arange(1, record.n_rounds + 1)
    announced = _visible(record.price)
    # the plan's prices stand a little to the right of the last round, where no line passes
    beside = 1.03 * (record.n_rounds - 1) + 1.25
    for k, i in enumerate(chosen):
        style = line_style(k)
        panel.plot(number, announced[:, i], label=_good(record, i), **style, **_points(number))
        if record.plan_price is not None and record.plan_price[i] > 0.0:
            panel.plot(beside, record.plan_price[i], "o", color=style["color"], markersize=6)
    if record.plan_price is not None:
        panel.plot([], [], "o", color=GREY, markersize=6, label="in the plan")
    shown = announced[:, list(chosen)]
    shown = shown[np.isfinite(shown)]
    if shown.size and shown.max() > _WIDE * shown.min():
        log_axis(panel.yaxis, panel.set_yscale, shown.min(), shown.max())
    _count_axis(panel, [number], "round")
    if record.plan_price is not None:
        panel.set_xlim(right=beside + 0.03 * record.n_rounds)
    units = {_unit(record, i) for i in chosen}
    panel.set_ylabel(f"price, money per {units.pop()}" if len(units) == 1 else "price, money")
    _legend(panel, beside=True)


def _compared(
    panel: Any, labelled: Mapping[str, Rounds], counted: Mapping[str, Any], measure: str
) -> None:
    shown = [np.zeros(0)]
    longest = max(counted.values(), key=len)
    for k, (label, record) in enumerate(labelled.items()):
        values, number = _visible(getattr(record, measure)), counted[label]
        panel.plot(number, values, label=short(label), **line_style(k), **_points(longest))
        if record.settled and measure == "worst_imbalance":
            panel.plot(number[-1], values[-1], "o", color=line_style(k)["color"], markersize=7)
        shown.append(values)
    if measure == "worst_imbalance":
        shown.append(np.array([record.threshold for record in labelled.values()]))
    _relative_axis(panel, np.concatenate(shown))


def _thresholds(panel: Any, records: Iterable[Rounds]) -> None:
    for threshold in sorted({record.threshold for record in records}):
        panel.axhline(threshold, color=GREY, linewidth=0.8, zorder=0)
        panel.annotate(
            f"threshold {percent(threshold)}",
            (0.0, threshold),
            xycoords=("axes fraction", "data"),
            xytext=(4, 3),
            textcoords="offset points",
            color=GREY,
            fontsize="small",
        )


# -- axes -----------------------------------------------------------------------------------------


def _relative_axis(panel: Any, values: Floats) -> None:
    """A logarithmic axis in per cent that holds all values."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    panel.set_yscale("log")
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.01, 1.0)
    panel.set_ylim(low / 1.6, high * 1.6)
    decades = math.log10(high / low) if high > low else 0.0
    digits = (1.0,) if decades > 3.0 else (1.0, 2.0, 5.0)
    panel.yaxis.set_major_locator(LogLocator(subs=digits, numticks=12))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    panel.yaxis.set_minor_formatter(NullFormatter())


def _count_axis(panel: Any, counted: Sequence[Any], label: str) -> None:
    """Rounds, in logarithms where one run is so long that others would be a wall on the left."""
    from matplotlib.ticker import MaxNLocator

    longest, shortest = (pick(number[-1] for number in counted) for pick in (max, min))
    if longest > _LONG and longest >= 5 * shortest:
        log_axis(panel.xaxis, panel.set_xscale, 1.0, float(longest))
    else:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
        panel.set_xlim(left=0.5)  # there is no round 0
    panel.set_xlabel(label)


def _legend(panel: Any, *, beside: bool = False) -> None:
    plain(panel)
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if beside else {"loc": "best"}
    panel.legend(frameon=False, fontsize="small", **place)


# -- small things ---------------------------------------------------------------------------------


def _visible(values: Floats) -> Floats:
    """What a logarithmic axis can show; nan elsewhere."""
    return np.where((values > _LEAST) & (values < 1.0 / _LEAST), values, np.nan)


def _counts(record: Rounds, by: str) -> NDArray[np.int64]:
    """How often every council was asked until each round was complete, (R,), from 1."""
    number = np.arange(1, record.n_rounds + 1)
    if by == "rounds":
        return number
    # inquiries of a round lead to the next announcement
    return np.asarray(number + np.concatenate([[0], np.cumsum(record.inquiries)[:-1]]))


def _dearest(record: Rounds) -> list[int]:
    """Goods of which most value is used in the last round; those with the highest price first."""
    price = record.price[-1]
    value = np.nan_to_num(price * record.demand[-1])
    chosen = np.argsort(-value, kind="stable")[:_GOODS]
    return chosen[np.argsort(-price[chosen], kind="stable")].tolist()


def _by_rule(records: Iterable[Rounds]) -> dict[str, Rounds]:
    """Procedures by the name of their rule; the second of a name is counted."""
    labelled: dict[str, Rounds] = {}
    for record in records:
        label, count = record.rule, 2
        while label in labelled:
            label, count = f"{record.rule} ({count})", count + 1
        labelled[label] = record
    return labelled


def _points(number: Any, marker: str = "o") -> dict[str, Any]:
    """Marks for single rounds while they can be told apart."""
    few = len(number) <= 30
    return {"marker": marker if few else "", "markersize": 3.0, "linewidth": 1.5}


def _title(record: Rounds) -> str:
    count = f"{record.n_rounds:,} round{'' if record.n_rounds == 1 else 's'}"
    return f"rule {short(record.rule)}: {record.status.value} after {count}"


def _good(record: Rounds, i: int) -> str:
    return short(record.goods.name(i))


def _unit(record: Rounds, i: int) -> str:
    return "unit" if record.goods.unit is None else short(record.goods.unit[i]) or "unit"
