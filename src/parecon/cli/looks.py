"""How results for people look: facts, tables and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from parecon.economy import Economy

SHOWN = 12  # goods and families in a table; --json has them all
_WIDTH = 100
_NAME, _WORD = 40, 20  # letters of a name and of a word, lest numbers have no room
_WORDS = ("unit", "class", "good")  # headings of columns that hold no numbers


def console() -> Console:
    """Return where to print: names come out as they are, without a terminal at a fixed width."""
    out = Console(markup=False, highlight=False, emoji=False)
    if not out.is_terminal:
        out.width = _WIDTH
    return out


class _Table(Table):
    """Where the line is too short, names and words are cut, and numbers are not."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row; what a column of words holds is cut rather than wrapped."""
        kept = [
            cell if column.no_wrap else Text(cell, no_wrap=True, overflow="ellipsis")
            for cell, column in zip(cells, self.columns, strict=False)
        ]
        super().add_row(*kept, **options)


def table(title: str, *headings: str) -> Table:
    """Return a table whose first column holds names."""
    empty = _Table(title=title, title_justify="left", box=None, pad_edge=False)
    empty.padding, empty.title_style = (0, 2, 0, 0), ""
    empty.add_column("", max_width=_NAME)
    for heading in headings:
        if heading in _WORDS:
            empty.add_column(heading, max_width=_WORD)
        else:
            empty.add_column(heading, justify="right", no_wrap=True)
    return empty


def print_table(out: Console, filled: Table, n_all: int) -> None:
    """Print a table that has rows; say how many of ``n_all`` are not shown."""
    if filled.row_count == 0:
        return
    out.print()
    print_trimmed(out, filled)
    if n_all > filled.row_count:
        out.print(f"... and {n_all - filled.row_count:,} more (--json lists all)")


def print_facts(out: Console, facts: Iterable[tuple[str, str]]) -> None:
    """Print names and what they are."""
    grid = Table.grid(padding=(0, 2))
    for name, value in facts:
        grid.add_row(name, value)
    print_trimmed(out, grid)


def print_trimmed(out: Console, filled: Table) -> None:
    """Print without the blanks that fill up the last column."""
    with out.capture() as capture:
        out.print(filled)
    for line in capture.get().splitlines():
        out.out(line.rstrip(), highlight=False)


def more(size: int) -> str:
    """How many of a list are not shown."""
    return f" and {size - SHOWN:,} more" if size > SHOWN else ""


def unit(economy: Economy, good: int) -> str:
    """The unit of a good, nothing where it has none."""
    return "" if economy.goods.unit is None else economy.goods.unit[good]


def seconds(phase_s: Mapping[str, float]) -> str:
    """All phases together."""
    return f"{sum(phase_s.values()):.2f} s"


def number(value: float) -> str:
    """Six digits are for people; --json has them all."""
    if math.isnan(value):
        return "unknown"
    large = 1e3 <= abs(value) < 1e12
    return f"{value:,.0f}" if large and abs(value) >= 1e6 else f"{value:,.6g}"


def measure(name: str, value: float) -> str:
    """A measure of a plan by its name."""
    if math.isnan(value):
        return "unknown"
    if name in ("welfare", "bound"):
        return f"{value:.9g}"
    return f"{value:+.1e}" if name == "gap" else f"{value:.1e}"


def percent(relative: float) -> str:
    """A relative change."""
    return f"{100.0 * relative:+.2f} %"
