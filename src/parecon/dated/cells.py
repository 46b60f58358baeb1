"""Capital as stocks: one per kind, or one per kind and council in which it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray, csr_matrix
from parecon.dated.records import Capital
from parecon.errors import EconomyError, list_some, nearest
from parecon.families import Family

__all__ = ["Cells", "Use", "cells_of", "per_name", "survival"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Use:
    """Which stock the councils of a family need, and how much of it per unit of output.

    label : of the family; cell : (m,) int32, -1 for none; rate : (m,) float64 >= 0.
    """

    label: str
    cell: IndexArray
    rate: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """All stocks of capital, S of them.

    Attributes
    ----------
    names : tuple of str
    kind : (S,) int32, position of the record
    initial, depreciation, most, minimum, value : (S,) float64, nan where there is none
    life : (S,) int32, 0 for no limit; gestation : (S,) int32
    allowed : (S, T) bool, years in which investment may begin
    build : (S, n) csr_array, goods for one unit, columns as in the economies' goods
    """

    names: tuple[str, ...]
    kind: IndexArray
    initial: FloatArray
    depreciation: FloatArray
    life: IndexArray
    gestation: IndexArray
    most: FloatArray
    minimum: FloatArray
    value: FloatArray
    allowed: NDArray[np.bool_]
    build: sp.csr_array

    def __len__(self) -> int:
        return len(self.names)

    def surviving(self, age: Any) -> FloatArray:
        """Share of an investment that is left after ``age`` years of service, (S, ...)."""
        return survival(np.asarray(age), self.depreciation, self.life)

    def initial_path(self, n_dates: int) -> FloatArray:
        """What is left of the initial stocks at each date if nothing is built, (S, n_dates)."""
        age = np.arange(n_dates)
        left = (1.0 - self.depreciation[:, None]) ** age
        limited = self.life > 0
        spread = 1.0 - age / np.where(limited, self.life, 1)[:, None]
        left = np.where(limited[:, None], left * np.maximum(spread, 0.0), left)
        path: FloatArray = self.initial[:, None] * left
        return path


def survival(age: NDArray[Any], depreciation: FloatArray, life: IndexArray) -> FloatArray:
    """Return the share in service at each age: nothing before 0, nothing from ``life`` on."""
    share = (1.0 - depreciation) ** np.maximum(age, 0)
    alive = (age >= 0) & ((life == 0) | (age < life))
    return np.where(alive, share, 0.0)


def cells_of(
    records: Sequence[Capital],
    families: Mapping[str, Family],
    goods: Sequence[str],
    years: tuple[str, ...],
) -> tuple[Cells, list[Use]]:
    """Return the stocks that the records describe, and who needs them."""
    parts = [_Part(record, families, goods, years) for record in records]
    names = tuple(name for part in parts for name in part.names)
    twice = sorted({name for name in names if names.count(name) > 1}) if names else []
    if twice:
        raise EconomyError(f"capital: two stocks called {list_some(map(repr, twice), len(twice))}")
    first = np.cumsum([0, *(len(part.names) for part in parts)])
    uses = [
        Use(
            label=use.label,
            cell=np.where(use.cell >= 0, use.cell + offset, -1).astype(np.int32),
            rate=use.rate,
        )
        for part, offset in zip(parts, first, strict=False)
        for use in part.uses
    ]

    def column(name: str) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in parts] or [np.empty(0)])

    empty = sp.csr_array((0, len(goods)))
    cells = Cells(
        names=names,
        kind=np.repeat(np.arange(len(parts)), np.diff(first)).astype(np.int32),
        initial=column("initial"),
        depreciation=column("depreciation"),
        most=column("most"),
        minimum=column("minimum"),
        value=column("value"),
        life=column("life").astype(np.int32),
        gestation=column("gestation").astype(np.int32),
        allowed=np.concatenate(
            [part.allowed for part in parts] or [np.empty((0, len(years)), dtype=bool)]
        ),
        build=sp.csr_array(sp.vstack([part.build for part in parts])) if parts else empty,
    )
    return cells, uses


class _Part:
    """The stocks of one record."""

    def __init__(
        self,
        record: Capital,
        families: Mapping[str, Family],
        goods: Sequence[str],
        years: tuple[str, ...],
    ) -> None:
        self.record, self.goods = record, goods
        self.where = f"Capital {record.name!r}"
        self.names: list[str] = []
        self.keys: list[str] = []  # what a mapping calls each stock: its council, or its own name
        self.uses = [self._use(families, label, rate) for label, rate in (record.use or {}).items()]
        if record.use is None:
            if record.name not in goods:
                raise EconomyError(
                    f"{self.where}: expected a good of that name, or who needs it (use)"
                    f"{nearest(record.name, goods)}"
                )
        elif record.name in goods:
            raise EconomyError(f"{self.where}.use: there is a good of that name already")
        if record.use is None or record.shared:
            self.names, self.keys = [record.name], [record.name]
        elif not self.names:
            raise EconomyError(f"{self.where}.use: expected a council that needs some of it")
        self.initial = self._each("initial", least=0.0)
        self.depreciation = self._each("depreciation", least=0.0, most=1.0)
        self.minimum, self.value = self._each("minimum", least=0.0), self._each("value", least=0.0)
        self.most = self._each("most", least=0.0, absent=np.inf)
        self.life = np.full(len(self.names), record.life or 0)
        self.gestation = np.full(len(self.names), record.gestation)
        self.build = self._build()
        self.allowed = self._allowed(years)

    def _use(self, families: Mapping[str, Family], label: str, rate: Any) -> Use:
        if label not in families:
            raise EconomyError(
                f"{self.where}.use: no family {label!r}{nearest(str(label), list(families))}"
            )
        family = families[label]
        council = [family.council_name(j) for j in range(family.n_councils)]
        rates = per_name(rate, council, f"{self.where}.use[{label!r}]", absent=0.0, least=0.0)
        cell = np.full(rates.size, -1, dtype=np.int32)
        users = np.flatnonzero(rates > 0.0)
        if self.record.shared:
            cell[users] = 0
        else:
            cell[users] = len(self.names) + np.arange(users.size)
            self.keys += [council[j] for j in users]
            self.names += [f"{self.record.name} of {council[j]}" for j in users]
        return Use(label=label, cell=cell, rate=rates)

    def _each(
        self, key: str, *, absent: float = np.nan, least: float, most: float = np.inf
    ) -> FloatArray:
        value = getattr(self.record, key)
        if value is None:
            return np.full(len(self.names), absent)
        missing = 0.0 if key in ("initial", "depreciation") else absent
        return per_name(
            value, self.keys, f"{self.where}.{key}", absent=missing, least=least, most=most
        )

    def _build(self) -> sp.csr_array:
        given, n = self.record.build, len(self.goods)
        if not isinstance(given, Mapping):
            return csr_matrix(given, f"{self.where}.build", shape=(len(self.names), n))
        if any(isinstance(value, Mapping) for value in given.values()):
            unknown = [name for name in given if name not in self.keys]
            if unknown:
                raise EconomyError(
                    f"{self.where}.build: no stock of {unknown[0]!r}"
                    f"{nearest(str(unknown[0]), self.keys)}"
                )
            rows = [self._bundle(given.get(name, {})) for name in self.keys]
            return sp.csr_array(np.array(rows))
        return sp.csr_array(np.tile(self._bundle(given), (len(self.names), 1)))

    def _bundle(self, given: Mapping[str, float]) -> FloatArray:
        row = np.zeros(len(self.goods))
        for name, amount in given.items():
            if name not in self.goods:
                raise EconomyError(
                    f"{self.where}.build: no good {name!r}{nearest(str(name), self.goods)}"
                )
            if not np.isfinite(amount):
                raise EconomyError(f"{self.where}.build: expected a finite number of {name!r}")
            row[self.goods.index(name)] = amount
        return row

    def _allowed(self, years: tuple[str, ...]) -> NDArray[np.bool_]:
        chosen = years if self.record.years is None else self.record.years
        unknown = [year for year in chosen if year not in years]
        if unknown:
            raise EconomyError(f"{self.where}.years: no year {unknown[0]!r} in the plan")
        takes = np.zeros(len(self.names), dtype=bool)
        takes[self.build.nonzero()[0]] = True
        return takes[:, None] & np.isin(years, chosen)[None, :]


def per_name(
    value: Any,
    names: Sequence[str],
    where: str,
    *,
    absent: float,
    least: float,
    most: float = np.inf,
) -> FloatArray:
    """Return one number per name, of one number, a mapping by name or as many numbers."""
    if isinstance(value, Mapping):
        unknown = [name for name in value if name not in names]
        if unknown:
            raise EconomyError(
                f"{where}: expected names such as {names[0]!r}, got {unknown[0]!r}"
                f"{nearest(str(unknown[0]), names)}"
            )
        numbers = np.array([value.get(name, absent) for name in names], dtype=np.float64)
        given = np.array([name in value for name in names], dtype=bool)
    else:
        numbers = np.asarray(value, dtype=np.float64)
        if numbers.ndim == 0:
            numbers = np.full(len(names), float(numbers))
        if numbers.shape != (len(names),):
            raise EconomyError(
                f"{where}: expected one number or {len(names)}, got shape {numbers.shape}"
            )
        given = np.ones(len(names), dtype=bool)
    wrong = np.flatnonzero(given & ~((numbers >= least) & (numbers <= most)))
    if wrong.size:
        bad = (f"{names[j]} ({numbers[j]:g})" for j in wrong.tolist())
        limit = f"from {least:g} to {most:g}" if most < np.inf else f"at least {least:g}"
        raise EconomyError(f"{where}: expected numbers {limit}, got {list_some(bad, wrong.size)}")
    return numbers
