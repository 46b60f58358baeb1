"""Sections on goods: prices and quantities, what is scarce."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._html import Child, tag
from parecon.outcome import GoodChanges
from parecon.plots import _draw as draw
from parecon.reporting import tables
from parecon.reporting.pictures import figure
from parecon.reporting.reading import Reading

__all__ = ["GOODS", "goods", "scarcity"]

GOODS = 1_000  # rows of the table of goods
_BARS = 10  # in each direction
_LIMITS = 12  # bars


def goods(reading: Reading) -> Child:
    """Bars of the largest changes, and a table of all goods."""
    if reading.figures is None:
        return None
    found = reading.figures.changes
    parts: list[Child] = []
    if found.compared:
        parts += [
            _largest(found, "price", "prices", reading.against),
            _largest(found, "quantity", "quantities used", reading.against),
        ]
    return [*parts, _table(found, reading.money)]


def _largest(found: GoodChanges, what: str, word: str, against: str) -> Child:
    title = f"Largest changes of {word}"
    if not draw.largest(found, what, most=_BARS).size:
        return tag("p", f"No {what} changed by .05 % or more.")
    caption = f"{title} against {against}. Goods of next to no value are left out."
    return figure(draw.changes(found, what, most=_BARS), f"f-{what}", title, caption)


def _table(found: GoodChanges, money: str) -> Child:
    """One row per good; the unit that most goods have is said under the table."""
    every = found.goods
    order = np.argsort(-(_moved(found) if found.compared else found.value), kind="stable")[:GOODS]
    columns: list[tables.Column] = [("good", tables.names(every.name(int(i)) for i in order))]
    if every.kind is not None and any(every.kind):
        columns.append(("kind", tables.names(every.kind[i] for i in order)))
    units = [""] * len(order) if every.unit is None else [every.unit[i] for i in order]
    usual = max(set(units), key=units.count)  # said once
    if any(unit != usual for unit in units):
        columns.append(("unit", tables.names("" if unit == usual else unit for unit in units)))

    def add(title: str, values: Any, shape: Callable[[Iterable[float]], list[tables.Cell]]) -> None:
        columns.append((title, shape(values[order])))

    add(f"price, {money} per unit", found.price, tables.numbers)
    if found.compared:
        add("price before", found.price_before, tables.numbers)
        add("price, change", found.price_change, tables.changes)
    add("quantity used", found.quantity, tables.numbers)
    if found.compared:
        add("quantity before", found.quantity_before, tables.numbers)
        add("quantity, change", found.quantity_change, tables.changes)
    add(f"value, {money}", found.value, tables.numbers)
    first = "what changed most in value first" if found.compared else "greatest value first"
    table = tables.table("prices", f"Goods, {first}", columns, there=len(every))
    if not usual:
        return table
    text = "Unit of goods where none is said: "
    return [table, tag("p", text, tables.name(usual), ".", class_="note")]


def _moved(found: GoodChanges) -> NDArray[np.float64]:
    """(n,) money that a good's change of price and of quantity amount to; new goods come first."""
    by_price = np.abs(found.price - found.price_before) * found.quantity_before
    by_quantity = np.abs(found.quantity - found.quantity_before) * found.price
    moved = by_price + by_quantity
    return np.where(np.isfinite(moved), moved, np.inf)


def scarcity(reading: Reading) -> Child:
    """Limits that bind with their shadow prices, and what is left over."""
    if reading.figures is None:
        return None
    found, money = reading.figures.scarcity, reading.money
    parts: list[Child] = [
        tag(
            "p",
            "The shadow price is what one unit more would add to welfare, in "
            f"{money}: of a resource its price, of a full capacity the price of what a unit more "
            "would make, less its cost.",
        )
    ]
    if found.binding:
        title = "Limits of greatest value"
        shown = replace(found, binding=found.binding[:_LIMITS])
        parts.append(figure(draw.scarcity(shown, money), "f-scarcity", title, f"{title}."))
        columns: list[tables.Column] = [
            ("limit", tables.names(one.name for one in found.binding)),
            ("kind", [one.kind for one in found.binding]),
            *_units(one.unit for one in found.binding),
            ("available", tables.numbers(one.available for one in found.binding)),
            (f"shadow price, {money} per unit", tables.numbers(one.price for one in found.binding)),
            (f"value, {money}", tables.numbers(one.value for one in found.binding)),
        ]
        there = found.n_binding
        parts.append(tables.table("limits", "Limits that bind", columns, there=there))
    if found.spare:
        columns = [
            ("resource", tables.names(one.name for one in found.spare)),
            ("kind", [one.kind for one in found.spare]),
            *_units(one.unit for one in found.spare),
            ("available", tables.numbers(one.available for one in found.spare)),
            ("used", tables.numbers(one.used for one in found.spare)),
        ]
        caption = "Not used up: one unit more would bring nothing"
        parts.append(tables.table("spare", caption, columns, there=found.n_spare))
    return parts


def _units(units: Iterable[str]) -> list[tables.Column]:
    """A column of units, none where nothing has one."""
    said = list(units)
    return [("unit", tables.names(said))] if any(said) else []
