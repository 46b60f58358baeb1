"""Pictures of the stress experiments. Files are written by `parecon.plots.write`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parecon.errors import MissingDependencyError
from parecon.experiments import misreports
from parecon.experiments.stress import Trial

# Okabe and Ito (2008): told apart by people of any colour vision.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_MARKS = ("o", "s", "^", "D", "v")
_SIZE = (7.2, 3.4)  # inches
_TICKS = (2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200)


def rounds(trials: Sequence[Trial]) -> Any:
    """Return a figure of rounds to the smallest threshold by how much is lost, or stale.

    Marks are means over draws, bars reach to the most; rules that did not get there in every draw
    have no mark. Raises MissingDependencyError without Matplotlib.
    """
    figure = _figure()
    panels = figure.subplots(1, 2, sharey=True)
    for panel, kind in zip(panels, ("lost", "stale"), strict=True):
        for k, rule in enumerate(dict.fromkeys(trial.rule for trial in trials)):
            shown = [
                trial
                for trial in trials
                if trial.rule == rule and not (trial.lost if kind == "stale" else trial.stale)
            ]
            _line(panel, k, rule, shown, kind)
        panel.set_xlabel(f"proposals {kind} per round, %")
        _bare(panel)
    panels[0].set_yscale("log")
    panels[0].set_yticks(_TICKS, [str(tick) for tick in _TICKS])
    panels[0].minorticks_off()
    if trials:
        panels[0].set_ylabel(f"rounds to {100 * min(trials[0].rounds):g} %")
    _legend(figure, panels[0])
    return figure


def _line(panel: Any, k: int, rule: str, shown: Sequence[Trial], kind: str) -> None:
    points = [
        (100.0 * float(getattr(trial, kind)), trial.mean(least), trial.worst(least))
        for trial in shown
        for least in (min(trial.rounds),)
    ]
    there = [(share, mean, most) for share, mean, most in points if most is not None]
    shares, means, most = (list(part) for part in zip(*there, strict=True)) if there else ([],) * 3
    colour = _COLOURS[k % len(_COLOURS)]
    panel.vlines(shares, means, most, color=colour, linewidth=1.2)
    panel.plot(shares, means, _MARKS[k % len(_MARKS)] + "-", color=colour, markersize=5, label=rule)


def false_reports(outcomes: Sequence[misreports.Outcome]) -> Any:
    """Return a figure: welfare lost by how much is misreported, and what that is to whom.

    Left, in logarithms, all councils lie, or a tenth of them (dashed). Right a tenth of the
    consumer councils: their own utility, and (dashed) that of the others.
    """
    figure = _figure()
    losses, gains = figure.subplots(1, 2)
    for k, what in enumerate(misreports.LIES):
        for dashes, part in (("-", 1.0), ("--", 0.1)):
            some = [o for o in outcomes if o.what == what and o.liars == round(part * o.councils)]
            amount = [100.0 * found.amount for found in some]
            style = {"color": _COLOURS[k], "marker": _MARKS[k], "markersize": 5}
            label = what if part == 1.0 else None
            lost = [100.0 * found.welfare_lost for found in some]
            losses.plot(amount, lost, dashes, label=label, **style)
            if part != 1.0 and what != misreports.CAPACITY:
                own = [100.0 * found.liars_gain for found in some]
                gains.plot(amount, own, "-", **style)
                others = [100.0 * found.others_gain for found in some]
                gains.plot(amount, others, "--", **style)
    losses.set_xscale("log")
    losses.set_yscale("log")
    ticks = sorted({100.0 * found.amount for found in outcomes})
    losses.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    losses.minorticks_off()
    losses.set_ylabel("welfare lost, % of all budgets")
    gains.set_ylabel("change of utility, %")
    gains.axhline(0.0, color="#6E6E6E", linewidth=0.7)
    for panel in (losses, gains):
        panel.set_xlabel("misreported by, %")
        _bare(panel)
    _legend(figure, losses)
    return figure


def _bare(panel: Any) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(visible=True, color="#E4E4E4", linewidth=0.7)
    panel.set_axisbelow(True)


def _legend(figure: Any, panel: Any) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)


def _figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(
            "plots need matplotlib: pip install 'parecon[plot]'"
        ) from error
    return Figure(figsize=_SIZE, layout="constrained")
