"""Which items of a household survey stand for which goods of the accounts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from parecon.errors import AccountsError, FormatError, nearest

__all__ = ["CONCORDANCES", "concordance"]

CONCORDANCES = ("uk_ons_2010_coicop",)
"""With the package: products of `uk_ons_2010` by items of `uk_household_expenditure`."""


def concordance(source: str | Path = "uk_ons_2010_coicop") -> dict[str, tuple[str, ...]]:
    """Return the items that stand for each good, for :func:`split_households`.

    A CSV file has the columns ``product`` and ``items``, the latter with blanks between codes;
    lines that begin with # are remarks. ``~`` before a code marks an item that only shows the way:
    it does not count for what a group spends.

    Parameters
    ----------
    source : str or path
        One of `CONCORDANCES`, or a file.

    Raises
    ------
    AccountsError
        If none of that name comes with the package.
    FormatError
        If a file is missing, lacks a column, or names a product twice or without items.
    """
    if isinstance(source, str) and "." not in source and "/" not in source:
        if source not in CONCORDANCES:
            known = ", ".join(CONCORDANCES)
            hint = nearest(source, CONCORDANCES)
            raise AccountsError(f"concordance: expected {known} or a file, got {source!r}{hint}")
        text = files("parecon.accounts").joinpath("data", f"{source}.csv").read_text("utf-8")
    else:
        try:
            text = Path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FormatError(f"{source}: expected a concordance ({error})") from error
    return _parsed(text.splitlines(), str(source))


def _parsed(lines: Iterable[str], where: str) -> dict[str, tuple[str, ...]]:
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    if rows.fieldnames is None or not {"product", "items"} <= set(rows.fieldnames):
        raise FormatError(f"{where}: expected the columns product and items, got {rows.fieldnames}")
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        product, items = row["product"], tuple((row["items"] or "").split())
        if not items:
            raise FormatError(f"{where}: expected items for product {product!r}, got none")
        if product in found:
            raise FormatError(f"{where}: product {product!r} stands there twice")
        found[product] = items
    return found


def spending_items(mapping: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the items that count for what a group spends, each once, none below another.

    "1.1.14" is part of "1.1": where both are named, the wider one counts.
    """
    named = {item for items in mapping.values() for item in items if not item.startswith("~")}
    return sorted(item for item in named if not any(parent in named for parent in _above(item)))


def _above(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:k]) for k in range(1, len(parts))]
