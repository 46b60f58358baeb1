"""The stress experiments as tables of text: titles and rows, for documents and terminals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parecon.experiments import garbage, misreports
from parecon.experiments.stress import Trial

_NONE = "--"


@dataclass(frozen=True)
class Table:
    """Titles of columns, the first ones for names; rows of as many cells."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1

    def __post_init__(self) -> None:
        if any(len(row) != len(self.titles) for row in self.rows):
            raise ValueError("a row has not as many cells as there are titles")


def rounds(trials: Iterable[Trial]) -> Table:
    """Mean and most rounds of each rule under each condition."""
    found = list(trials)
    thresholds = list(found[0].rounds) if found else []
    return Table(
        (
            "rule",
            "proposals",
            *(f"to {100 * threshold:g} %" for threshold in thresholds),
            "unseen",
            "distance",
        ),
        tuple(
            (
                trial.rule,
                trial.condition,
                *(_counts(trial, threshold) for threshold in thresholds),
                _percent(max(trial.unseen)),
                _percent(max(trial.distance)),
            )
            for trial in found
        ),
        names=2,
    )


def _counts(trial: Trial, threshold: float) -> str:
    """Mean and worst over draws; how many got there where not all did."""
    counts, reached = trial.rounds[threshold], trial.reached(threshold)
    if reached == len(counts):
        return f"{trial.mean(threshold):.1f} ({trial.worst(threshold)})"
    return f"{_NONE} ({reached} of {len(counts)})"


def consumers_lie(outcomes: Iterable[misreports.Outcome]) -> Table:
    """Needs and allowances overstated."""
    return Table(
        (
            "overstated", "by whom", "by", "liars' utility", "others' utility", "worst of them",
            "effort of workers", "welfare lost", "overspent",
        ),
        tuple(
            (
                found.what,
                _who(found),
                f"{found.amount:.0%}",
                _change(found.liars_gain),
                _change(found.others_gain),
                _change(found.others_worst),
                _change(found.others_effort),
                _percent(found.welfare_lost),
                _percent(found.certificate.budget_violation),
            )
            for found in outcomes
            if found.what != misreports.CAPACITY
        ),
        names=2,
    )  # fmt: skip


def workers_lie(outcomes: Iterable[misreports.Outcome]) -> Table:
    """Capacity understated."""
    return Table(
        (
            "understated by", "by", "effort they save", "what they deliver", "consumers' utility",
            "worst of them", "effort of other workers", "welfare lost",
        ),
        tuple(
            (
                _who(found),
                f"{found.amount:.0%}",
                _percent(found.liars_gain),
                _change(found.liars_output),
                _change(found.others_gain),
                _change(found.others_worst),
                _change(found.others_effort),
                _percent(found.welfare_lost),
            )
            for found in outcomes
            if found.what == misreports.CAPACITY
        ),
    )  # fmt: skip


def refusals(outcomes: Sequence[garbage.Outcome]) -> Table:
    """What a board says to garbage, from either kind of council."""
    said: dict[str, str] = {}
    for found in outcomes:
        if found.kind and found.kind != garbage.SILENCE:
            said.setdefault(f"{found.kind}, {_side(found)}", found.answer)
    return Table(("garbage", "what the board says"), tuple(said.items()), names=2)


def settled(outcomes: Sequence[garbage.Outcome]) -> Table:
    """What comes of it; kinds of garbage with the same consequences share a row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for found in outcomes:
        rows.setdefault(_consequences(found), []).append(found.kind or "no garbage")
    return Table(
        (
            "garbage", "from", "after", "rounds", "its utility or output", "others' utility",
            "worst of them", "welfare lost", "the plan",
        ),
        tuple((", ".join(kinds), *cells) for cells, kinds in rows.items()),
        names=2,
    )  # fmt: skip


def _consequences(found: garbage.Outcome) -> tuple[str, ...]:
    feasible = "can be carried out" if found.certificate.feasible else "cannot be carried out"
    return (
        _side(found) if found.kind else _NONE,
        f"{found.after} rounds" if found.kind else _NONE,
        str(found.rounds) if found.settled else f"{_NONE} ({found.rounds})",
        _change(found.sender_change),
        _change(found.others_change),
        _change(found.others_worst),
        _percent(found.welfare_lost) if found.certificate.feasible else _NONE,
        feasible,
    )


def _side(found: garbage.Outcome) -> str:
    return "a consumer council" if found.sender.startswith("consumers") else "a worker council"


def _who(found: misreports.Outcome) -> str:
    if found.liars == 1:
        return "one"
    return "all" if found.liars == found.councils else f"{found.liars / found.councils:.0%}"


def _change(relative: float) -> str:
    """A relative change in per cent, with its sign and three digits."""
    if math.isnan(relative):
        return _NONE
    percent = 100.0 * relative
    if abs(percent) >= 1e4:
        return f"{percent:+.0e} %"
    return f"{percent:+.3g} %" if abs(percent) >= 5e-5 else "0 %"


def _percent(share: float) -> str:
    """A share in per cent, three digits; -- where it is not finite."""
    if not math.isfinite(share):
        return _NONE
    percent = 100.0 * share
    return f"{percent:.3g} %" if abs(percent) >= 5e-7 else "0 %"
