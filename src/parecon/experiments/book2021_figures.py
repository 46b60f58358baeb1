"""Pictures of the published experiments. Files are written by `parecon.plots.write`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parecon.errors import MissingDependencyError
from parecon.experiments.book2021 import DECREASING, Book2021
from parecon.experiments.book2021_summary import Line, lines

if TYPE_CHECKING:
    from parecon.procedure import Rounds

# Okabe and Ito (2008): told apart by people of any colour vision.
_OF_THRESHOLD = {0.05: ("#009E73", "o"), 0.03: ("#0072B2", "s"), 0.01: ("#D55E00", "^")}
_PUBLISHED = "#6E6E6E"
_SIZE = (7.2, 3.4)  # inches
_TICKS = (2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200)


def by_rule(result: Book2021) -> Any:
    """Return a figure of rounds to 5, 3 and 1 %, rule by rule, first year beside second.

    Marks are means, bars reach from the least to the most of all experiments; hollow marks are
    published. Decreasing returns. Raises MissingDependencyError without Matplotlib.
    """
    figure = _figure()
    panels = figure.subplots(1, 2, sharey=True)
    for year, panel in enumerate(panels, 1):
        some = [line for line in lines(result) if (line.returns, line.year) == (DECREASING, year)]
        _year(panel, some, result.rule_names)
        panel.set_title("first year, from 700" if year == 1 else "second year", fontsize="medium")
    panels[0].set_yticks(range(len(result.rule_names)), result.rule_names)
    panels[0].invert_yaxis()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return figure


def _year(panel: Any, some: Sequence[Line], rule_names: Sequence[str]) -> None:
    shown = [line for line in some if line.threshold in _OF_THRESHOLD]
    reach = []
    for k, line in enumerate(shown):
        colour, mark = _OF_THRESHOLD[line.threshold]
        aside = 0.2 * (k - 1)
        found = [(at + aside, line.rounds[rule]) for at, rule in enumerate(rule_names)]
        there = [(y, mean) for y, mean in found if mean.reached]
        panel.hlines(
            [y for y, _ in there],
            [mean.least for _, mean in there],
            [mean.most for _, mean in there],
            color=colour,
            linewidth=1.2,
        )
        panel.plot(
            [mean.mean for _, mean in there],
            [y for y, _ in there],
            mark,
            color=colour,
            markersize=5,
            label=f"to {100 * line.threshold:g} %",
        )
        reach += [bound for _, mean in there for bound in (mean.least, mean.most)]
        if line.published is not None and "book" in rule_names:
            y = list(rule_names).index("book") + aside
            panel.plot(
                line.published.mean, y, mark, mfc="none", mec=_PUBLISHED, markersize=10, zorder=0
            )
    panel.plot([], [], "o", mfc="none", mec=_PUBLISHED, markersize=10, label="published")
    _rounds_axis(panel, min(reach, default=1.0), max(reach, default=10.0))


def _rounds_axis(panel: Any, low: float, high: float) -> None:
    from matplotlib.ticker import NullLocator

    panel.set_xscale("log")
    panel.set_xlim(low / 1.25, high * 1.25)
    ticks = [tick for tick in _TICKS if low / 1.25 <= tick <= high * 1.25]
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_xlabel("rounds")
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(visible=True, axis="x", color="#E4E4E4", linewidth=0.7)
    panel.set_axisbelow(True)


def returns_near_one(records: dict[str, dict[str, Rounds]]) -> Any:
    """Return a figure of the worst imbalance by round: one panel per rule, one line per economy.

    records : {rule: {economy: Rounds}}.
    """
    figure = _figure()
    panels = figure.subplots(1, len(records), sharey=True, squeeze=False)[0]
    for panel, (rule, by_economy) in zip(panels, records.items(), strict=True):
        for k, (name, rounds) in enumerate(by_economy.items()):
            colour, _ = list(_OF_THRESHOLD.values())[k % len(_OF_THRESHOLD)]
            number = range(1, rounds.n_rounds + 1)
            panel.plot(number, 100.0 * rounds.worst_imbalance, color=colour, label=name)
        panel.set_yscale("log")
        panel.set_yticks([1, 10, 100], ["1 %", "10 %", "100 %"])
        panel.set_xlabel("rounds")
        panel.set_title(f"rule {rule}", fontsize="medium")
        panel.spines[["top", "right"]].set_visible(False)
        panel.grid(visible=True, color="#E4E4E4", linewidth=0.7)
    panels[0].set_ylabel("worst imbalance of a good")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(
            "plots need matplotlib: pip install 'parecon[plot]'"
        ) from error
    return Figure(figsize=_SIZE, layout="constrained")
