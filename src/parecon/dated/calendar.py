"""Which good of which year is which good of the dated economy.

A *slot* is a year of the plan or, behind the last one, a date at which something is still delivered
("end", "end+1", ...). Goods are numbered slot by slot; goods without a date come last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import IndexArray
from parecon.errors import EconomyError, UnknownGoodError, nearest
from parecon.goods import Goods

__all__ = ["Calendar", "year_names"]

END = "end"
UNDATED = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Goods of one year and of all years.

    Attributes
    ----------
    years : tuple of str, (T,)
    goods : tuple of str, (n,)
        Goods of one year, with those that records add.
    place : (slots, n) int32
        The dated good, -1 where there is none at that date.
    slot : (N,) int32
        Of each dated good; -1: without a date.
    good : (N,) int32
        The good of one year that each is.
    """

    years: tuple[str, ...]
    goods: tuple[str, ...]
    place: IndexArray
    slot: IndexArray
    good: IndexArray

    @property
    def n_years(self) -> int:
        """Number of years T."""
        return len(self.years)

    @property
    def n_slots(self) -> int:
        """Number of years and dates behind them."""
        return int(self.place.shape[0])

    @property
    def n_dated(self) -> int:
        """Number N of dated goods."""
        return int(self.slot.size)

    def date(self, slot: int) -> str:
        """Return the name of a date: a year, "end", "end+1", ..."""
        if slot < self.n_years:
            return self.years[slot]
        behind = slot - self.n_years
        return END if behind == 0 else f"{END}+{behind}"

    @property
    def dates(self) -> tuple[str, ...]:
        """Names of all dates, (slots,)."""
        return tuple(self.date(slot) for slot in range(self.n_slots))

    def year(self, year: Any) -> int:
        """Return the position of a year.

        Raises EconomyError for one that the plan does not have.
        """
        name = str(year)
        if name not in self.years:
            raise EconomyError(
                f"no year {name!r}{nearest(name, self.years)} "
                f"(the plan is from {self.years[0]} to {self.years[-1]})"
            )
        return self.years.index(name)

    def index(self, name: str) -> int:
        """Return the position of a good of one year; UnknownGoodError offers the nearest."""
        if name not in self.goods:
            raise UnknownGoodError(f"unknown good {name!r}{nearest(name, self.goods)}")
        return self.goods.index(name)

    def dated_goods(self, kinds: Sequence[str], units: Sequence[str]) -> Goods:
        """Return the goods of all years, named "steel @2027"; kinds and units are of one year's."""
        dates = self.dates
        names = [
            self.goods[i] if s == UNDATED else f"{self.goods[i]} @{dates[s]}"
            for i, s in zip(self.good.tolist(), self.slot.tolist(), strict=True)
        ]
        return Goods(
            names,
            kind=[kinds[i] for i in self.good] if any(kinds) else None,
            unit=[units[i] for i in self.good] if any(units) else None,
        )


def calendar(
    years: tuple[str, ...],
    goods: Sequence[str],
    *,
    undated: Iterable[int] = (),
    behind: dict[int, int],
    later: dict[int, tuple[int, int]],
) -> Calendar:
    """Number the dated goods.

    Parameters
    ----------
    undated : goods that have one place for all years.
    behind : for goods that are delivered behind the last year, at how many dates.
    later : for goods that are other goods at a later date: which, and how many years later.
    """
    n, t_end = len(goods), len(years)
    slots = t_end + max(behind.values(), default=1)
    exists = np.zeros((slots, n), dtype=bool)
    exists[:t_end] = True
    for i, dates in behind.items():
        exists[: t_end + dates, i] = True
    without = np.array(sorted(undated), dtype=np.intp)
    exists[:, without] = False
    exists[:, list(later)] = False
    where = np.nonzero(exists)
    slot, good = where[0].astype(np.int32), where[1].astype(np.int32)
    place = np.full((slots, n), -1, dtype=np.int32)
    place[slot, good] = np.arange(slot.size)
    place[:t_end, without] = slot.size + np.arange(without.size)
    for made, (of, lag) in later.items():
        place[:t_end, made] = place[lag : t_end + lag, of]
    return Calendar(
        years=years,
        goods=tuple(goods),
        place=place,
        slot=np.concatenate([slot, np.full(without.size, UNDATED)]).astype(np.int32),
        good=np.concatenate([good, without]).astype(np.int32),
    )


def year_names(years: Any) -> tuple[str, ...]:
    """Return the names of the years: of a sequence, or 1, 2, ... of a count.

    Raises EconomyError if there is none, or one twice.
    """
    if isinstance(years, int | np.integer) and not isinstance(years, bool):
        names = tuple(str(k) for k in range(1, int(years) + 1))
    elif isinstance(years, str) or not hasattr(years, "__iter__"):
        raise EconomyError(f"years: expected a sequence of years or their number, got {years!r}")
    else:
        names = tuple(str(year) for year in years)
    if not names:
        raise EconomyError("years: expected at least one year, got none")
    twice = {name for name in names if names.count(name) > 1}
    reserved = [name for name in names if name.split("+")[0] == END or not name]
    if twice or reserved:
        raise EconomyError(
            f"years: expected distinct names other than {END!r}, got {sorted(twice) or reserved}"
        )
    return names


def numbers_by_year(value: Any, n_years: int, where: str) -> NDArray[np.float64]:
    """Return one number per year, (T,), of one number or of T numbers."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        return np.full(n_years, float(array))
    if array.shape != (n_years,):
        raise EconomyError(f"{where}: expected one number or {n_years}, got shape {array.shape}")
    return array
