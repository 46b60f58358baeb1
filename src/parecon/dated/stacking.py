"""Families of councils over years: one family of all years for each family of one year.

Councils come year by year. No step loops over councils; what loops are over years and columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.dated.calendar import Calendar
from parecon.errors import EconomyError
from parecon.families import Column, Effort, Family, NestedCES

__all__ = ["Member", "Stack", "stacked"]

UNLIMITED = ("capacity", "maximum")


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """A family of one year.

    year : its slot; family : the data; at : (n,) int32, the dated good that each good of that
    year's economy is; money : what money of that year is worth in present value.
    """

    year: int
    family: Family
    at: IndexArray
    money: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """A family of all years, and where its councils come from.

    Attributes
    ----------
    family : Family
    label : str
        Of the family of one year.
    year, council : (M,) int32
        Slot of each council, and its position in the family of that year.
    """

    family: Family
    label: str
    year: IndexArray
    council: IndexArray


def stacked(label: str, members: Sequence[Member], calendar: Calendar) -> list[Stack]:
    """Return the members as one family, or as several where its class changes from year to year."""
    runs: dict[type[Family], list[Member]] = {}
    for member in members:
        runs.setdefault(type(member.family), []).append(member)
    found = []
    for position, run in enumerate(runs.values()):
        title = label if position == 0 else f"{label} from {calendar.years[run[0].year]}"
        sizes = [member.family.n_councils for member in run]
        found.append(
            Stack(
                family=_joined(title, run, calendar),
                label=label,
                year=np.repeat([member.year for member in run], sizes).astype(np.int32),
                council=np.concatenate([np.arange(size) for size in sizes]).astype(np.int32),
            )
        )
    return found


def _joined(title: str, run: Sequence[Member], calendar: Calendar) -> Family:
    columns = {
        column.name: _joined_column(title, column, run, calendar)
        for column in run[0].family.columns
    }
    names = None
    if all(member.family.names is not None for member in run):
        names = [
            f"{name} @{calendar.years[member.year]}"
            for member in run
            for name in member.family.names or ()
        ]
    make: Any = type(run[0].family)
    family: Family = make(**columns, names=names, label=title)
    return family


def _joined_column(title: str, column: Column, run: Sequence[Member], calendar: Calendar) -> Any:
    values = [getattr(member.family, column.name) for member in run]
    if all(value is None for value in values):
        return None
    if column.kind == "choice":
        if len(set(values)) > 1:
            raise EconomyError(f"{title}.{column.name}: expected one for all years, got {values}")
        return values[0]
    if column.kind == "vector":
        money = column.unit.startswith("money")
        pieces = [
            _numbers(title, column, value, member) * (member.money if money else 1.0)
            for value, member in zip(values, run, strict=True)
        ]
        return np.concatenate(pieces)
    if column.kind == "index":
        return np.concatenate([member.at[value] for value, member in zip(values, run, strict=True)])
    if column.kind == "matrix":
        return _matrix(values, run, calendar)
    where = f"{title}.{column.name}"
    if column.kind == "nests":
        return _nests(where, values, run, calendar)
    return _effort(where, values, run)


def _numbers(title: str, column: Column, value: Any, member: Member) -> FloatArray:
    """One number per council; no limit where a year has none."""
    if value is None and column.name in UNLIMITED:
        return np.full(member.family.n_councils, np.inf)
    if value is None:
        raise EconomyError(f"{title}.{column.name}: expected it in every year or in none")
    return np.asarray(value, dtype=np.float64)


def _matrix(values: Sequence[Any], run: Sequence[Member], calendar: Calendar) -> Any:
    """The rows of all years, their goods dated; rows without entries where a year has none."""
    data, indices, starts, rows = [], [], [np.zeros(1, dtype=np.int64)], 0
    total = 0
    for value, member in zip(values, run, strict=True):
        count = member.family.n_councils
        if value is None:
            starts.append(np.full(count, total))
        else:
            data.append(value.data)
            indices.append(member.at[value.indices])
            starts.append(total + value.indptr[1:].astype(np.int64))
            total += value.data.size
        rows += count
    return sp.csr_array(
        (np.concatenate(data), np.concatenate(indices), np.concatenate(starts)),
        shape=(rows, calendar.n_dated),
    )


def _nests(
    where: str, values: Sequence[NestedCES], run: Sequence[Member], calendar: Calendar
) -> NestedCES:
    """The trees of all years one behind the other, their reference prices in present value."""
    nodes = np.cumsum([0, *(value.n_nodes for value in values)])
    leaves = np.cumsum([0, *(value.n_leaves for value in values)])
    pairs = list(zip(values, run, strict=True))

    def pointers(name: str, offsets: NDArray[Any]) -> NDArray[Any]:
        parts = [
            getattr(value, name)[1:] + offset
            for value, offset in zip(values, offsets, strict=False)
        ]
        return np.concatenate([[0], *parts])

    def together(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(value, name) for value in values])

    money = [member.money for member in run]
    reference = _reference_price(pairs, money, calendar)
    if isinstance(reference, str):  # a good of several years: one price for all of them
        money = [1.0] * len(run)
        reference = _reference_price(pairs, money, calendar)
    if isinstance(reference, str):
        raise EconomyError(
            f"{where}: expected one reference price of {reference!r}, which is the same good in "
            "several years"
        )
    parents = [
        np.where(value.node_parent >= 0, value.node_parent + offset, -1)
        for value, offset in zip(values, nodes, strict=False)
    ]
    return NestedCES(
        node_start=pointers("node_start", nodes),
        node_parent=np.concatenate(parents),
        node_elasticity=together("node_elasticity"),
        node_share=together("node_share"),
        leaf_start=pointers("leaf_start", leaves),
        leaf_good=np.concatenate([member.at[value.leaf_good] for value, member in pairs]),
        leaf_node=np.concatenate(
            [value.leaf_node + offset for value, offset in zip(values, nodes, strict=False)]
        ),
        leaf_share=together("leaf_share"),
        reference_price=reference,
        scale=np.concatenate([value.scale * m for value, m in zip(values, money, strict=True)]),
    )


def _reference_price(
    pairs: Sequence[tuple[NestedCES, Member]], money: Sequence[float], calendar: Calendar
) -> FloatArray | str:
    """Reference prices of the dated goods, or the name of a good for which years disagree.

    In present value: prices and scale in other money describe the same trees, and solvers that
    begin at reference prices begin nearer.
    """
    price = np.ones(calendar.n_dated)
    seen = np.zeros(calendar.n_dated, dtype=bool)
    for (value, member), worth in zip(pairs, money, strict=True):
        good = np.unique(value.leaf_good)
        at, reference = member.at[good], value.reference_price[good] * worth
        differs = seen[at] & (price[at] != reference)
        if differs.any():
            return calendar.goods[int(calendar.good[at[differs][0]])]
        price[at], seen[at] = reference, True
    return price


def _effort(where: str, values: Sequence[Effort | None], run: Sequence[Member]) -> Effort:
    """Effort of all years; its disutility is money of its year."""
    if any(value is None for value in values):
        raise EconomyError(f"{where}: expected it in every year or in none")
    given = [value for value in values if value is not None]
    return Effort(
        np.concatenate([value.exponent for value in given]),
        np.concatenate([value.power for value in given]),
        np.concatenate([v.scale * m.money for v, m in zip(given, run, strict=True)]),
    )
