"""The contest in tables: the same cells for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks import standings
from benchmarks.contestants import BY_NAME, CONTESTANTS
from benchmarks.neighbours import DISTURBING
from benchmarks.standings import OURS, Row
from benchmarks.words import number, size_of

HEAD = (
    "size", "contestant", "asked", "certified gap", "time", "over ours", "memory", "steps",
    "short by", "",
)  # fmt: skip
NOT_RIVALS = tuple(contestant.name for contestant in CONTESTANTS if contestant.ours)
_NO_ROW = {"left out", "failed", "memory"}


def title(contestant: str) -> str:
    """A contestant's name for people."""
    return BY_NAME[contestant].title if contestant in BY_NAME else contestant


def kinds(rows: Iterable[Row]) -> list[str]:
    """Kinds of economies, in the order they first appear."""
    return list(dict.fromkeys(row.kind for row in rows))


def of_kind(rows: Sequence[Row], kind: str) -> list[tuple[str, ...]]:
    """Cells of each answer on a kind of economy, size by size, contestants in their order."""
    order = [contestant.name for contestant in CONTESTANTS]
    cells = []
    for size in dict.fromkeys(row.size for row in rows if row.kind == kind):
        here = [row for row in rows if (row.kind, row.size) == (kind, size)]
        least = standings.finest(here)
        for name in sorted({row.contestant for row in here}, key=order.index):
            for row in here:
                if row.contestant == name and row.outcome not in _NO_ROW:
                    cells.append(_cells(row, here, least))
    return cells


def _cells(row: Row, here: Sequence[Row], least: float) -> tuple[str, ...]:
    notes = ["" if row.outcome == "answered" else row.reason or row.word]
    if (row.others or 0.0) > DISTURBING:
        notes.append(f"others used {row.others:.1f} cores")
    gap = "no plan" if row.gap is not None and not row.feasible else number(row.gap, "")
    seconds = number(row.seconds, "s") if row.seconds is not None else f"> {row.limit_s:.0f} s"
    return (
        row.size,
        title(row.contestant),
        "" if row.tol is None else f"{row.tol:.0e}",
        gap,
        seconds,
        _over_ours(row, here, least),
        "" if row.added is None else size_of(row.added),
        f"{row.steps:,}" if row.steps else "",
        "" if not row.shortage else f"{row.shortage:.0e}",
        "; ".join(note for note in notes if note),
    )


def _over_ours(row: Row, here: Sequence[Row], least: float) -> str:
    """Time over that of ours at the same certified gap."""
    if row.contestant == OURS or not row.counts:
        return ""
    stands = standings.standing([*_of(here, OURS), row], row.contestant, least)
    if stands is None:
        return ""
    if stands.ours is None:
        return "ours less exact"
    mark = ", ahead" if stands.ahead and row.contestant not in NOT_RIVALS else ""
    return f"{stands.ratio:.3g}{mark}"


def _of(rows: Iterable[Row], contestant: str) -> list[Row]:
    return [row for row in rows if row.contestant == contestant]


def absent(rows: Sequence[Row], kind: str) -> list[str]:
    """Who gave no answer on a kind of economy, and why: a phrase for each reason."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.kind != kind or row.outcome not in _NO_ROW:
            continue
        reason = row.reason if row.outcome == "left out" else f"{row.outcome}: {row.reason}"
        by_reason.setdefault((row.contestant, reason), []).append(row.size)
    everywhere = list(dict.fromkeys(row.size for row in rows if row.kind == kind))
    phrases: dict[str, list[str]] = {}
    for (name, reason), sizes in by_reason.items():
        where = "" if sizes == everywhere else f" at {', '.join(sizes)}"
        phrases.setdefault(reason, []).append(title(name) + where)
    return [f"{'; '.join(names)} ({reason})" for reason, names in phrases.items()]


def verdict(rows: Sequence[Row]) -> list[str]:
    """Whether anybody is ahead of ours at the same certified gap, and where."""
    met = len({(row.kind, row.size) for row in rows if row.contestant == OURS and row.counts})
    ahead = standings.ahead(rows, NOT_RIVALS)
    if not ahead:
        return [f"On {met} economies no contestant is ahead of ours at the same certified gap."]
    where = len({(stands.rival.kind, stands.rival.size) for stands in ahead})
    lines = [f"Ahead of ours at the same certified gap, on {where} of {met} economies:"]
    for stands in ahead:
        rival, ours = stands.rival, stands.ours
        line = f"{rival.kind} {rival.size}: {title(rival.contestant)}, gap {rival.gap:.0e} in "
        line += number(rival.seconds, "s")
        if ours is None:
            line += "; none of ours is as exact"
        else:
            line += f"; ours {ours.gap:.0e} in {number(ours.seconds, 's')}"
        lines.append(line)
    return lines


def text(rows: Sequence[Row]) -> list[str]:
    """Everything in fixed columns."""
    lines: list[str] = []
    for kind in kinds(rows):
        table = [HEAD, *of_kind(rows, kind)]
        widths = [max(len(cells[k]) for cells in table) for k in range(len(HEAD))]
        lines += ["", kind]
        for cells in table:
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            lines.append(("  " + "  ".join(padded)).rstrip())
        lines += [f"  without {phrase}" for phrase in absent(rows, kind)]
    lines += ["", *verdict(rows)]
    return lines
