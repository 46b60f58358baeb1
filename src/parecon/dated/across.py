"""Activities that tie years together: investment, keeping, limits per year of what has no date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.dated.calendar import Calendar
from parecon.dated.cells import Cells
from parecon.families import Activities

__all__ = ["Across", "Keeping", "build_cost", "investment", "issuing", "keeping", "room_flows"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Across:
    """Activities, and what each is: its year and its item (a stock or good), (M,) int32."""

    family: Activities
    year: IndexArray
    item: IndexArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Keeping:
    """A good that is kept: its position, share that is left, greatest quantity, what it takes.

    uses : goods of one year and quantities for keeping one unit.
    """

    good: int
    left: float
    room: float
    uses: tuple[tuple[int, float], ...]


class _Entries:
    """Entries of net output, collected piece by piece."""

    def __init__(self) -> None:
        self.rows: list[NDArray[Any]] = []
        self.columns: list[NDArray[Any]] = []
        self.data: list[NDArray[Any]] = []

    def add(self, rows: NDArray[Any], columns: NDArray[Any], data: Any) -> None:
        """Add an entry per row; those that are zero are left out."""
        values = np.broadcast_to(np.asarray(data, dtype=np.float64), rows.shape)
        keep = np.flatnonzero(values)
        self.rows.append(rows[keep])
        self.columns.append(np.broadcast_to(columns, rows.shape)[keep])
        self.data.append(values[keep])

    def matrix(self, shape: tuple[int, int]) -> sp.csr_array:
        """Return the sum of all entries, without zeros."""
        where = (np.concatenate(self.rows), np.concatenate(self.columns))
        matrix = sp.csr_array(sp.coo_array((np.concatenate(self.data), where), shape=shape))
        matrix.eliminate_zeros()
        return matrix


def investment(
    cells: Cells,
    service: IndexArray,
    calendar: Calendar,
    rooms: Sequence[tuple[NDArray[Any], IndexArray, float]],
) -> Across | None:
    """Return an activity per stock and year in which building can begin and be ready by the end.

    A unit takes the goods of its year and gives services in every year of its life, less each year
    by depreciation, and what is left at the end.

    Parameters
    ----------
    service : (S,) the good of one year that each stock's services are.
    rooms : limits to growth: stocks, the good that stands for room to grow of each, rate of growth.
    """
    n_years = calendar.n_years
    ready = np.arange(n_years)[None, :] + cells.gestation[:, None] <= n_years
    year, cell = np.nonzero((cells.allowed & ready).T)
    if not year.size:
        return None
    entries, rows = _Entries(), np.arange(year.size)
    bundle = cells.build[cell]
    row = np.repeat(rows, np.diff(bundle.indptr))
    entries.add(row, calendar.place[year[row], bundle.indices], -bundle.data)
    begins = year + cells.gestation[cell]
    for slot in range(1, n_years + 1):
        serving = np.flatnonzero(begins <= slot)
        members = cell[serving]
        age = slot - begins[serving]
        share = (1.0 - cells.depreciation[members]) ** age
        share[(cells.life[members] > 0) & (age >= cells.life[members])] = 0.0
        entries.add(rows[serving], calendar.place[slot, service[members]], share)
    for stocks, room, rise in rooms:
        good = np.full(len(cells), -1)
        good[stocks] = room
        limited = np.flatnonzero(good[cell] >= 0)
        grow(entries, calendar, rows[limited], year[limited], good[cell[limited]], rise)
    names = _named(["investment in " + name for name in cells.names], calendar, cell, year)
    family = Activities(
        entries.matrix((year.size, calendar.n_dated)),
        None if np.isinf(cells.most[cell]).all() else cells.most[cell],
        names=names,
        label="investment",
    )
    return Across(family=family, year=year.astype(np.int32), item=cell.astype(np.int32))


def grow(
    entries: _Entries,
    calendar: Calendar,
    rows: NDArray[Any],
    year: NDArray[Any],
    room: NDArray[Any],
    rise: float,
) -> None:
    """A unit takes room to grow of its year, and makes room for the next."""
    entries.add(rows, calendar.place[year, room], -1.0)
    goes_on = np.flatnonzero(year + 1 < calendar.n_years)
    entries.add(rows[goes_on], calendar.place[year[goes_on] + 1, room[goes_on]], 1.0 + rise)


def room_flows(
    calendar: Calendar, year: IndexArray, room: NDArray[Any], rise: float
) -> sp.csr_array:
    """Return what a unit of each council's output takes and makes of room to grow, (M, N)."""
    entries = _Entries()
    grow(entries, calendar, np.arange(year.size), year, room, rise)
    return entries.matrix((year.size, calendar.n_dated))


def keeping(kept: Sequence[Keeping], calendar: Calendar) -> Across | None:
    """Return an activity per storable good and year: of this year's good, next year's.

    None of the last year where the good has no place behind it.
    """
    if not kept:
        return None
    goods = np.array([k.good for k in kept])
    year, item = np.nonzero(calendar.place[1 : calendar.n_years + 1, goods] >= 0)
    if not year.size:
        return None
    rows, good = np.arange(year.size), goods[item]
    entries = _Entries()
    entries.add(rows, calendar.place[year, good], -1.0)
    entries.add(rows, calendar.place[year + 1, good], np.array([k.left for k in kept])[item])
    for position, k in enumerate(kept):
        own = np.flatnonzero(item == position)
        for used, quantity in k.uses:
            entries.add(own, calendar.place[year[own], used], -quantity)
    room = np.array([k.room for k in kept])[item]
    family = Activities(
        entries.matrix((rows.size, calendar.n_dated)),
        None if np.isinf(room).all() else room,
        names=[
            f"keeping {calendar.goods[g]} @{calendar.years[t]}"
            for g, t in zip(good, year, strict=True)
        ],
        label="storage",
    )
    return Across(family=family, year=year.astype(np.int32), item=item.astype(np.int32))


def issuing(
    good: Sequence[int], total: Sequence[int], limit: FloatArray, calendar: Calendar
) -> Across | None:
    """Return an activity per good and year that takes it from what there is for all years.

    good, total : goods of one year: with a date, and without; limit : (goods, T), inf for none.
    """
    if not good:
        return None
    count = len(good)
    rows = np.arange(calendar.n_years * count)
    year, item = rows // count, rows % count
    most = limit[item, year]
    open_ = np.flatnonzero(most > 0.0)
    rows, year, item = np.arange(open_.size), year[open_], item[open_]
    entries = _Entries()
    entries.add(rows, calendar.place[year, np.array(total)[item]], -1.0)
    entries.add(rows, calendar.place[year, np.array(good)[item]], 1.0)
    family = Activities(
        entries.matrix((rows.size, calendar.n_dated)),
        most[open_],
        names=_named(["issuing " + calendar.goods[i] for i in good], calendar, item, year),
        label="yearly limits",
    )
    return Across(family=family, year=year.astype(np.int32), item=item.astype(np.int32))


def _named(
    items: Sequence[str], calendar: Calendar, item: NDArray[Any], year: NDArray[Any]
) -> list[str]:
    """Return "item @year" of each activity."""
    pairs = zip(item.tolist(), year.tolist(), strict=True)
    return [f"{items[k]} @{calendar.years[t]}" for k, t in pairs]


def build_cost(cells: Cells, calendar: Calendar, price: FloatArray) -> FloatArray:
    """Return what building a unit of each stock costs in each year, (T, S), at prices (N,)."""
    n_base = cells.build.shape[1]
    tables = [price[calendar.place[t, :n_base]] for t in range(calendar.n_years)]
    return np.array([cells.build @ row for row in tables]).reshape(calendar.n_years, len(cells))
