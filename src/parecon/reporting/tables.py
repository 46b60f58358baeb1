"""Tables: a caption, headings that say of what and in which unit, rows that can be sorted.

A cell is a text, or a `Number` with what it shows; the page's script sorts by the value, which
stands in the attribute ``data-v`` with ten digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from parecon._html import Markup, escape, join, tag
from parecon.reporting import words

__all__ = [
    "Cell",
    "Column",
    "Number",
    "change",
    "changes",
    "counts",
    "facts",
    "name",
    "names",
    "number",
    "numbers",
    "table",
]

_FILTER_FROM = 12  # rows; fewer are seen at a glance
_ON_PAPER = 60  # rows; the style sheet has the same number


@dataclass(frozen=True)
class Number:
    """A number and how it is shown; `sign` colours gains and losses, which its sign says too."""

    value: float
    text: str
    sign: bool = False


Cell: TypeAlias = Number | Markup | str
Column: TypeAlias = tuple[str, Sequence[Cell]]


def number(value: float) -> Number:
    """A quantity, a price, an amount."""
    return Number(value, words.number(value))


def change(relative: float) -> Number:
    """A relative change."""
    return Number(relative, words.change(relative), sign=True)


def numbers(values: Iterable[float]) -> list[Cell]:
    """A column of `number`."""
    return [number(float(value)) for value in values]


def changes(relative: Iterable[float]) -> list[Cell]:
    """A column of `change`."""
    return [change(float(value)) for value in relative]


def counts(values: Iterable[int]) -> list[Cell]:
    """A column of whole numbers."""
    return [Number(value, f"{value:,}") for value in values]


def names(texts: Iterable[str]) -> list[Cell]:
    """A column of `name`."""
    return [name(text) for text in texts]


def name(text: str) -> Markup:
    """A name from the data: letters of any direction stay within it."""
    return tag("bdi", text)


def table(ident: str, caption: str, columns: Sequence[Column], *, there: int = 0) -> Markup:
    """Return a table that the page's script makes sortable, and filterable if it is long.

    ident : id of the table, unique in the page. columns : heading and cells of each, the first of
    names; what follows a comma in a heading is its unit. there : how many rows there would be, if
    not all are shown, which the caption then says.
    """
    headings = [heading for heading, _ in columns]
    rows = list(zip(*(cells for _, cells in columns), strict=True))
    numeric = [any(isinstance(cell, Number) for cell in cells) for _, cells in columns]
    heads = [_heading(text, is_number=n) for text, n in zip(headings, numeric, strict=True)]
    if there > len(rows):
        caption = f"{caption}: {len(rows):,} of {there:,}"
    filled = tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", heads)),
        tag("tbody", Markup("\n".join(_row(row) for row in rows))),
        id=ident,
        class_="sortable" if len(rows) > 1 else None,
        data_filter=True if len(rows) >= _FILTER_FROM else None,
    )
    paper = None
    if len(rows) > _ON_PAPER:
        paper = tag("p", f"On paper: {_ON_PAPER} of {len(rows):,} rows.", class_="note paper")
    # Wide tables scroll by themselves; with the keyboard, too.
    wide = tag("div", filled, class_="wide", tabindex="0", role="region", aria_label=caption)
    return join([wide, paper])


def facts(pairs: Sequence[tuple[str, Cell]]) -> Markup:
    """Return names and what they are."""
    return tag("dl", [tag("div", tag("dt", what), tag("dd", _shown(cell))) for what, cell in pairs])


def _heading(text: str, *, is_number: bool) -> Markup:
    what, _, unit = text.partition(", ")
    inner = [what, tag("small", unit) if unit else None]
    return tag("th", inner, scope="col", class_="n" if is_number else None)


def _row(cells: Sequence[Cell]) -> Markup:
    first, *rest = cells
    return tag("tr", tag("th", _shown(first), scope="row"), [_cell(cell) for cell in rest])


def _cell(cell: Cell) -> Markup:
    if not isinstance(cell, Number):
        return tag("td", _shown(cell))
    value = None if math.isnan(cell.value) else f"{cell.value:.10g}".replace("inf", "Infinity")
    kind = "n"
    # What is shown as zero has neither colour.
    if cell.sign and any(digit in cell.text for digit in "123456789"):
        kind += " up" if cell.value > 0.0 else " down"
    return tag("td", cell.text, class_=kind, data_v=value)


def _shown(cell: Cell) -> Markup:
    return escape(cell.text) if isinstance(cell, Number) else join(cell)
