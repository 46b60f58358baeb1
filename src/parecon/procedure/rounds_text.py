"""Rounds as text: pure functions from what is known to lines of at most 79 letters."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parecon.procedure.rounds import Round, Rounds

_WIDTH = 79
_FIRST, _LAST = 3, 8  # rounds in a summary
MARKS = (0.10, 0.05, 0.03, 0.01, 0.001)  # thresholds that are always told
_ABSENT = "--"
_NAME = 40  # letters of a good's name in a sentence

_HEADER = " round imbalance         Phi      gap distance      sent inq  time_s  good"
_GOOD_STARTS = _HEADER.index("good")
_WIDE = 100


def header() -> str:
    """The column headings of `row`."""
    return _HEADER


def row(entry: Round, *, width: int = _WIDE) -> str:
    """One round in the columns of `header()`; a name too long for the width is cut."""
    cells = (
        (f"{entry.round:d}", 6),
        (percent(entry.worst_imbalance), 10),
        (_number(entry.dual, "+.4e"), 12),
        (_number(entry.gap, "+.1e"), 9),
        (percent(entry.distance), 9),
        (f"{entry.sent:,}" if entry.sent < 10_000_000 else f"{entry.sent:.2e}", 10),
        (f"{entry.inquiries:d}", 4),
        (_number(entry.time_s, ".2f"), 8),
    )
    line = "".join(text.rjust(size) for text, size in cells)
    return f"{line}  {cut(entry.worst_good, width - _GOOD_STARTS)}"


def message(rounds: Rounds) -> str:
    """How it ended, in numbers."""
    last = rounds.round(-1)
    plural = "" if rounds.n_rounds == 1 else "s"
    worst = percent(last.worst_imbalance, below=rounds.threshold if rounds.settled else None)
    return (
        f"{rounds.n_rounds:,} round{plural}, worst imbalance {worst} "
        f"({cut(last.worst_good, _NAME)}), threshold {percent(rounds.threshold)}"
    )


def summary(rounds: Rounds) -> str:
    """What `repr` shows: 24 lines of 79 letters at most."""
    last = rounds.round(-1)
    councils = f"   councils {rounds.n_councils:,}" if rounds.n_councils else ""
    per_council = rounds.sent.sum() / (rounds.n_councils or math.nan) / rounds.n_rounds
    time = f"time {_number(last.time_s, '.2f')} s"
    asked = f"announcements {rounds.n_announcements:,}   inquiries {int(rounds.inquiries.sum()):,}"
    value = f"Phi {_number(last.dual, '.9g')}   gap {_number(last.gap, '+.1e')}"
    lines = [
        f"Rounds: {rounds.status.value}",
        *_wrapped(message(rounds)),
        f"  rule {rounds.rule}   goods {rounds.n_goods:,}{councils}   {time}",
        f"  {marks(rounds)}",
        f"  {asked}   numbers per council and round {_number(per_council, '.4g')}",
        f"  at the end: {value}   distance from plan {percent(last.distance)}",
        _HEADER,
        *_rows(rounds),
    ]
    return "\n".join(cut(line, _WIDTH) for line in lines)


def marks(rounds: Rounds) -> str:
    """`rounds to 10 %: 7   5 %: 11   ...`, with -- where it was never reached."""
    reached = [(mark, rounds.rounds_to(mark)) for mark in MARKS]
    text = "   ".join(
        f"{percent(mark)}: {_ABSENT if count is None else count}" for mark, count in reached
    )
    return f"rounds to {text}"


def percent(value: float, *, below: float | None = None) -> str:
    """Three digits of a relative number as per cent, `--` where there is none.

    below : a bound that the value is below; as many digits are shown as it takes to see it.
    """
    if math.isnan(value):
        return _ABSENT
    share = 100.0 * value
    spec = "g" if share == 0.0 or 1e-4 <= share < 1e6 else "e"
    digits = 3 if spec == "g" else 0
    while below is not None and digits < 17 and float(f"{share:.{digits}{spec}}") >= 100.0 * below:
        digits += 1
    return f"{share:.{digits}{spec}} %"


def cut(text: str, width: int) -> str:
    """The text, cut with an ellipsis where it is longer than the width."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def _rows(rounds: Rounds) -> list[str]:
    """The first rounds and the last."""
    count = rounds.n_rounds
    shown = list(range(1, count + 1))
    hidden = count - _FIRST - _LAST
    if hidden > 1:
        shown = [*shown[:_FIRST], *shown[-_LAST:]]
    lines = [row(rounds.round(number), width=_WIDTH) for number in shown]
    if hidden > 1:
        lines.insert(_FIRST, f"  ... {hidden:,} more rounds")
    return lines


def _wrapped(text: str) -> list[str]:
    indent = "  "
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, max_lines=2)


def _number(value: float, spec: str) -> str:
    return _ABSENT if math.isnan(value) else format(value, spec)
