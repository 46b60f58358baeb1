"""A sweep for people, in 80 columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from parecon.explanation.text import number

if TYPE_CHECKING:
    from parecon.scenarios.results import Outcome, Sweep

_SCENARIO = 28
_PERMITS = 2  # columns of permit prices
_SHOWN = 30


def sweep_text(sweep: Sweep) -> str:
    """The text of a sweep: one line per scenario."""
    permits = _permits(sweep)
    heads = "".join(f"{_cut(name, 15):>16}" for name in permits)
    lines = [
        f"Sweep: {len(sweep)} scenarios" + (", stopped early" if sweep.stopped else ""),
        f"  {'scenario':<{_SCENARIO}}{'status':<12}{'welfare':>14}{heads}",
    ]
    lines += [_line(outcome, permits) for outcome in sweep.outcomes[:_SHOWN]]
    if len(sweep) > _SHOWN:
        lines.append(f"  ... {len(sweep) - _SHOWN} more")
    return "\n".join(line.rstrip() for line in lines)


def _permits(sweep: Sweep) -> list[str]:
    found: dict[str, None] = {}
    for outcome in sweep.outcomes:
        for measure, item, _, _ in outcome.rows:
            if measure == "permit price":
                found.setdefault(item)
    return list(found)[:_PERMITS]


def _line(outcome: Outcome, permits: list[str]) -> str:
    welfare = _word(outcome.value("welfare"))
    prices = "".join(f"{_word(outcome.value('permit price', name)):>16}" for name in permits)
    name = _cut(outcome.name, _SCENARIO - 1)
    return f"  {name:<{_SCENARIO}}{outcome.status.value[:11]:<12}{welfare:>14}{prices}"


def _word(value: float) -> str:
    return "-" if math.isnan(value) else number(value)


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: width - 2]}.."
