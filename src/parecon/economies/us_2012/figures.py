"""The published table of 2012, read and balanced; the elasticities."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from parecon._columns import FloatArray
from parecon.economies.calibration import balance_columns, balance_rows, split_stocks
from parecon.errors import EconomyError, FormatError, nearest

__all__ = ["FINAL_USERS", "Elasticities", "Table", "table"]

FINAL_USERS = ("households", "fixed_investment", "inventories", "government")
N_GOODS_SECTORS = 14  # the first 14 sectors make goods, the others services; duties are on goods
KG_PER_MEGATONNE = 1e9


@dataclass(frozen=True, kw_only=True)
class Table:
    """The balanced table: million USD per year, one entry per sector n, every entry >= 0.

    Attributes
    ----------
    sectors, descriptions : tuple of str
        Names.
    output, labour, capital : (n,) ndarray
        Output as published; compensation; all other value added (see ``balance_columns``).
    intermediate : (n, n) ndarray
        Supplying sector by using sector.
    final_use : (n, 4) ndarray
        By ``FINAL_USERS``.
    stocks : (n,) ndarray
        What final users give up (negative cells of the published table).
    exports, imports, duties : (n,) ndarray
        Imports at the value home users pay; duties are the part of it that stays at home.
    emissions : (n,) ndarray
        Million tonnes CO2e per year, of the sector itself.
    moved : (n,) ndarray
        What balancing added to the largest final use of each row.
    """

    sectors: tuple[str, ...]
    descriptions: tuple[str, ...]
    output: FloatArray
    labour: FloatArray
    capital: FloatArray
    intermediate: FloatArray
    final_use: FloatArray
    stocks: FloatArray
    exports: FloatArray
    imports: FloatArray
    duties: FloatArray
    emissions: FloatArray
    moved: FloatArray

    @property
    def deficit(self) -> float:
        """Payments to abroad beyond export earnings, million USD per year."""
        return float((self.imports - self.duties).sum() - self.exports.sum())


def _read(name: str) -> list[dict[str, str]]:
    path = files("parecon.economies").joinpath("data", "us_2012", f"{name}.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _numbers(rows: list[dict[str, str]], columns: tuple[str, ...]) -> FloatArray:
    return np.array([[float(row[column]) for column in columns] for row in rows])


def table() -> Table:
    """Read the published table and balance it.

    Raises
    ------
    FormatError
        If the sectors of the three files differ.
    """
    rows, uses, demands = _read("sectors"), _read("intermediate_use"), _read("final_demand")
    sectors = tuple(row["sector"] for row in rows)
    for name, other in (("intermediate_use", uses), ("final_demand", demands)):
        if tuple(row["supplying_sector"] for row in other) != sectors:
            raise FormatError(f"us-2012: the rows of {name}.csv are not the sectors of sectors.csv")
    output, labour, kilograms = _numbers(rows, ("output", "compensation", "ghg_kg_co2e")).T
    intermediate = _numbers(uses, sectors)
    exports, published_imports = _numbers(demands, ("exports", "imports")).T
    # Home users get output - exports + imports, duties included; the published column has imports
    # with a minus sign and, once, the duties with a plus: the delivery of the row DUTIES to them.
    imports, collected = np.maximum(-published_imports, 0.0), np.maximum(published_imports, 0.0)
    final_use, moved = balance_rows(
        output - exports - published_imports,
        intermediate,
        _numbers(demands, FINAL_USERS),
    )
    use, stocks = split_stocks(final_use)
    taxed = np.where(np.arange(len(sectors)) < N_GOODS_SECTORS, imports, 0.0)
    return Table(
        sectors=sectors,
        descriptions=tuple(row["description"] for row in rows),
        output=output,
        labour=labour,
        capital=balance_columns(output, intermediate, labour, names=sectors),
        intermediate=intermediate,
        final_use=use,
        stocks=stocks,
        exports=exports,
        imports=imports,
        duties=taxed * (collected.sum() / taxed.sum()),
        emissions=kilograms / KG_PER_MEGATONNE,
        moved=moved,
    )


class Elasticities:
    """Elasticities of ``elasticities.csv`` by nest and sector, some of them overridden by nest."""

    def __init__(self, overrides: Mapping[str, float]) -> None:
        self._value = {
            (row["nest"], row["sector"]): float(row["elasticity"]) for row in _read("elasticities")
        }
        nests = tuple({nest: None for nest, _ in self._value})
        for nest, value in overrides.items():
            if nest not in nests:
                raise EconomyError(f"us-2012: no elasticity {nest!r}{nearest(nest, nests)}")
            self._value.update({key: float(value) for key in self._value if key[0] == nest})

    def __getitem__(self, nest: str) -> float:
        return self._value[nest, "all"]

    def by_sector(self, nest: str, sectors: tuple[str, ...]) -> FloatArray:
        return np.array([self._value[nest, sector] for sector in sectors])

    def common(self) -> dict[str, float]:
        """Elasticities that are the same in all sectors, by nest."""
        return {nest: value for (nest, sector), value in self._value.items() if sector == "all"}
