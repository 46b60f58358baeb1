"""Household expenditure by income group: for splitting households, not for balancing."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from parecon._columns import FloatArray, frozen
from parecon.errors import AccountsError, FormatError

__all__ = ["HouseholdExpenditure", "uk_household_expenditure"]

GROUPS = tuple(f"decile_{k}" for k in range(1, 11))


@dataclass(frozen=True, kw_only=True)
class HouseholdExpenditure:
    """What households of income groups spend, item by item.

    Attributes
    ----------
    code, item : tuple of str
        COICOP code, e.g. ``"1.1.1"``, and its name.
    level : tuple of int
        1 divisions, 2 groups, 3 items; a division is the sum of its groups.
    groups : tuple of str
        Income groups, poorest first.
    spending : (items, groups) ndarray
        Money per household and week; suppressed cells are 0.
    all_households : (items,) ndarray
        Of the average household.
    unit, title : str
    """

    code: tuple[str, ...]
    item: tuple[str, ...]
    level: tuple[int, ...]
    groups: tuple[str, ...]
    spending: FloatArray
    all_households: FloatArray
    unit: str
    title: str

    def shares(self, level: int = 1) -> tuple[tuple[str, ...], FloatArray]:
        """Return the codes of a level and each group's shares of spending among them, (c, groups).

        Raises
        ------
        AccountsError
            If there is nothing at that level.
        """
        at = [i for i, depth in enumerate(self.level) if depth == level]
        if not at:
            known = ", ".join(map(str, sorted(set(self.level))))
            raise AccountsError(f"shares: expected one of the levels {known}, got {level!r}")
        spent = self.spending[at]
        return tuple(self.code[i] for i in at), spent / spent.sum(axis=0)


def uk_household_expenditure(folder: str | Path) -> HouseholdExpenditure:
    """Return UK household expenditure by decile of equivalised income, year to March 2018.

    ONS, Family Spending, table 3.1E: 189 COICOP items by 10 deciles, GBP per household and week.

    Parameters
    ----------
    folder : path
        ``uk_household_expenditure``.

    Raises
    ------
    FormatError
        If the file is missing or lacks a column.
    """
    path = Path(folder) / "ons_table_3_1E_fye2018_gbp_per_week.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        spending = np.array([[float(row[group]) for group in GROUPS] for row in rows])
        average = np.array([float(row["all_households"]) for row in rows])
        level = tuple(int(row["level"]) for row in rows)
        code, item = (tuple(row[name] for row in rows) for name in ("coicop", "item"))
    except (OSError, KeyError, ValueError) as error:
        raise FormatError(f"{path}: expected the columns of table 3.1E ({error})") from error
    return HouseholdExpenditure(
        code=code,
        item=item,
        level=level,
        groups=GROUPS,
        spending=frozen(spending),
        all_households=frozen(average),
        unit="GBP per household and week",
        title="UK household expenditure by income decile, FYE 2018 (ONS, table 3.1E)",
    )
