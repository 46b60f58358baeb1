"""Write the figures of a record into docs/benchmarks.md, and its pictures beside it.

    python -m benchmarks.page .benchmarks/full.json docs/benchmarks.md

Everything between the two marks is replaced, nothing else is touched. The record itself is kept
beside the page, with one entry a line: docs/benchmarks.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import contest_tables, pictures, standings
from benchmarks.merging import Record
from benchmarks.neighbours import DISTURBING
from benchmarks.standings import Row
from benchmarks.words import number

OVER_OURS = (
    "*Over ours* is a time over that of ours at the same certified gap: of our rows that are as "
    "exact, the fastest."
)
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def page(record: Record, name: str = "benchmarks") -> str:
    """The part between the marks, in Markdown; pictures are looked for under `name`."""
    rows = [Row.from_dict(fields) for fields in record["rows"]]
    lines = _settings(record)
    if record["figures"]:
        lines += ["", "## Targets", "", *_targets(record)]
    if rows:
        lines += ["", "## The contest", "", *_contest(rows, name)]
    if record["exponents"]:
        lines += ["", "## Growth of our own times", "", *_growth(record)]
    if record["parts"]:
        lines += ["", "## Parts of a step", "", *_parts(record)]
    return "\n".join(lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Markdown, a line each."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


# -- where and when --------------------------------------------------------------------------------


def _settings(record: Record) -> list[str]:
    """A line for each setting in which something was measured."""
    by_setting: dict[str, list[int]] = {}
    for k, run in enumerate(record["runs"]):
        by_setting.setdefault(_setting(run), []).append(k)
    busy = [run["others"] for run in record["runs"] if run["others"] is not None]
    lines = [f"Measured in {len(record['runs'])} runs."] if len(record["runs"]) > 1 else []
    lines += list(by_setting)
    if busy:
        worst = max(busy)
        lines.append(
            f"Other programs used up to {worst:.1f} cores on average during a run; figures during "
            "which they used a fifth of a core or more say so."
            if worst > DISTURBING
            else "Nothing else of weight ran meanwhile."
        )
    return lines


def _setting(run: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in run["libraries"].items())
    revision = f" (revision {run['revision']})" if run.get("revision") else ""
    return (
        f"{run['processor']}, {run['cores']} cores, {run['threads']} threads measured; "
        f"Python {run['python']}, {libraries}{revision}."
    )


# -- targets ---------------------------------------------------------------------------------------


def _targets(record: Record) -> list[str]:
    targets = {target["name"]: target for target in record["targets"]}
    head = ("target", "size", "limit", "measured", "reached", "")
    return table(head, [_figure(targets[f["target"]], f) for f in record["figures"]])


def _figure(target: dict[str, Any], figure: dict[str, Any]) -> tuple[str, ...]:
    unit = target["unit"]
    verdict = "yes" if figure["reached"] else "**no**"
    if not figure["stated_size"]:
        verdict = f"({verdict.strip('*')})"
    limit = f"{'≥' if target['at_least'] else '≤'} {number(target['limit'], unit)}"
    if (figure.get("others") or 0.0) > DISTURBING:
        verdict += f", while others used {figure['others']:.1f} cores"
    value = number(figure["value"], unit)
    return target["what"], figure["size"], limit, value, verdict, figure["note"]


# -- the contest -----------------------------------------------------------------------------------


def _contest(rows: list[Row], name: str) -> list[str]:
    first, *where = contest_tables.verdict(rows)
    lines = [f"**{first}**", *([""] if where else []), *(f"- {line}" for line in where)]
    lines += [
        "",
        OVER_OURS,
        "",
        "Answers at the finest tolerance of each kind:",
        "",
        f"![Seconds against entries, by kind of economy]({name}-growth.svg)",
        "",
        "One line a contestant, a point for each tolerance that was asked of it:",
        "",
        f"![Certified gap against seconds, by kind of economy]({name}-exactness.svg)",
    ]
    for kind in contest_tables.kinds(rows):
        cells = contest_tables.of_kind(rows, kind)
        lines += ["", f"### {kind}", "", *table(contest_tables.HEAD, cells)]
        absent = contest_tables.absent(rows, kind)
        if absent:
            lines += ["", "Without " + "; ".join(absent) + "."]
    fits = standings.exponents(rows)
    if fits:
        lines += ["", "### How time grows", "", *_exponents(fits)]
    return lines


def _exponents(fits: dict[tuple[str, str], tuple[float, list[Row]]]) -> list[str]:
    cells = [
        (
            kind,
            contest_tables.title(contestant),
            f"{k:.2f}",
            ", ".join(f"{row.entries:,}" for row in rows),
            ", ".join(number(row.seconds, "s") for row in rows),
        )
        for (kind, contestant), (k, rows) in fits.items()
    ]
    text = "Seconds ~ entries^k, each at the finest tolerance that it reached:"
    return [text, "", *table(("economy", "contestant", "k", "entries", "seconds"), cells)]


# -- growth and parts ------------------------------------------------------------------------------


def _growth(record: Record) -> list[str]:
    cells = []
    for series, exponent in record["exponents"].items():
        times = [time for time in record["times"] if time["series"] == series]
        times.sort(key=lambda time: time["entries"])
        sizes = ", ".join(f"{time['entries']:,}" for time in times)
        seconds = ", ".join(number(time["seconds"], "s") for time in times)
        cells.append((series, f"{exponent:.2f}", sizes, seconds))
    text = "Time grows with the number of entries to the power of:"
    return [text, "", *table(("economy", "exponent", "entries", "seconds"), cells)]


def _parts(record: Record) -> list[str]:
    cells = [
        (
            part["name"],
            part["size"],
            number(part["seconds"], "s"),
            f"{part['ns_each']:.2f}",
            f"{part['speedup']:.2f}",
        )
        for part in record["parts"]
    ]
    return table(("part", "of", "a call", "ns each", "2 threads over 1"), cells)


def update(text: str, record: Record, name: str = "benchmarks") -> str:
    """The page with the part between the marks replaced.

    Raises
    ------
    ValueError
        The page lacks a mark.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{page(record, name)}\n{END}{after}"


def compact(record: Record) -> str:
    """The record as JSON with one entry a line, so that changes can be read."""
    parts = []
    for name, value in record.items():
        if isinstance(value, list):
            entries = ",\n".join(json.dumps(entry) for entry in value)
            parts.append(f"{json.dumps(name)}: [\n{entries}\n]")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(source: Path, target: Path) -> None:
    """Page, pictures and record."""
    record = json.loads(source.read_text(encoding="utf-8"))
    text = target.read_text(encoding="utf-8")
    target.write_text(update(text, record, target.stem), encoding="utf-8")
    target.with_suffix(".json").write_text(compact(record), encoding="utf-8")
    pictures.write([Row.from_dict(fields) for fields in record["rows"]], target)


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:]))
