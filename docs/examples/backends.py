"""Makes the table of `backends.md` from what families declare; prints it, writes with `--write`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import parecon as pe
from parecon.families import capabilities

PAGE = Path(__file__).resolve().parent.parent / "backends.md"
HEAD = ("family", "`newton`: smooth", "`cvxpy`: cones", "`highs`: fixed proportions")
ASKED = ("smooth", "cone", "linear")
_PLACE = re.compile(r"(<!-- table: [^>]*-->\n).*?(<!-- end -->)", re.DOTALL)


def says(check: Callable[[Any], str]) -> str:
    """`yes`, `no: why`, or on what it depends."""
    if check is capabilities.able:
        return "yes"
    told = (check.__doc__ or "").split("\n")[0]
    if told:
        return told.split(": ", 1)[-1].rstrip(".")
    return f"no: {check(None)}"


def table() -> str:
    """The families that can be planned for, one per line."""
    lines = [HEAD, ("---",) * len(HEAD)]
    for name, family in pe.FAMILIES.items():
        if family is not pe.FirstOrderWorkers:  # which no plan takes
            lines.append((f"`{name}`", *(says(family.capabilities[asked]) for asked in ASKED)))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """The whole of it."""
    print(table(), end="")
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(_PLACE.sub(rf"\g<1>{table()}\g<2>", page), encoding="utf-8")


if __name__ == "__main__":
    main()
