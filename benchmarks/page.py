"""Write the figures of a run into docs/benchmarks.md.

    python -m benchmarks.page .benchmarks/figures.json docs/benchmarks.md

Everything between the two marks is replaced, nothing else is touched.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.figures import number
from benchmarks.neighbours import DISTURBING

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def page(record: dict[str, Any]) -> str:
    """The part between the marks, in Markdown."""
    machine = record["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    others = machine.get("others")
    shared = "shared" if others is None else f"of which {others:.1f} used on average"
    setting = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads measured, "
        f"{shared} by other programs; "
        f"Python {machine['python']}, {libraries}."
    )
    lines = [
        setting,
        "",
        "| target | size | limit | measured | reached | |",
        "|---|---|---|---|---|---|",
    ]
    targets = {target["name"]: target for target in record["targets"]}
    for figure in record["figures"]:
        lines.append(_row(targets[figure["target"]], figure))
    if record["exponents"]:
        lines += _growth(record)
    return "\n".join(lines)


def _growth(record: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "Time grows with the number of entries to the power of:",
        "",
        "| economy | exponent | entries | seconds |",
        "|---|---|---|---|",
    ]
    for series, exponent in record["exponents"].items():
        pairs = sorted(record["times"][series])
        sizes = ", ".join(f"{entries:,}" for entries, _ in pairs)
        seconds = ", ".join(number(taken, "s") for _, taken in pairs)
        lines.append(f"| {series} | {exponent:.2f} | {sizes} | {seconds} |")
    return lines


def _row(target: dict[str, Any], figure: dict[str, Any]) -> str:
    unit = target["unit"]
    value = float("nan") if figure["value"] is None else figure["value"]
    verdict = "yes" if figure["reached"] else "**no**"
    if not figure["stated_size"]:
        verdict = f"({verdict.strip('*')})"
    limit = f"{'≥' if target['at_least'] else '≤'} {number(target['limit'], unit)}"
    if (figure.get("others") or 0.0) > DISTURBING:
        verdict += f", while others used {figure['others']:.1f} cores"
    cells = (target["what"], figure["size"], limit, number(value, unit), verdict, figure["note"])
    return f"| {' | '.join(cells)} |"


def update(text: str, record: dict[str, Any]) -> str:
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
    return f"{before}{BEGIN}\n{page(record)}\n{END}{after}"


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    record = json.loads(source.read_text(encoding="utf-8"))
    target.write_text(update(target.read_text(encoding="utf-8"), record), encoding="utf-8")
