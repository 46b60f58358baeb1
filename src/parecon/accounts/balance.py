"""Do the accounts balance, and what else stands in the way: a report, nothing is changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts.labels import Labels
from parecon.accounts.leontief import spectral_radius
from parecon.errors import list_some

if TYPE_CHECKING:
    from parecon.accounts.base import Accounts

__all__ = ["BalanceReport", "Negatives", "check"]

SUPPLY_KINDS = ("imports", "stocks")


@dataclass(frozen=True, kw_only=True)
class Negatives:
    """Negative cells of a block.

    block : its name. count : how many. total : their sum, money per year, < 0. worst : the most
    negative one, ``"row -> column (value)"``.
    """

    block: str
    count: int
    total: float
    worst: str

    def __str__(self) -> str:
        cells = "cell" if self.count == 1 else "cells"
        return f"{self.block}: {self.count:,} {cells}, {self.total:,.6g} in all; {self.worst}"


@dataclass(frozen=True, kw_only=True)
class BalanceReport:
    """How well accounts balance. ``print`` it.

    Attributes
    ----------
    rows : (n,) ndarray
        Residual by good, money per year: output less intermediate and final use. > 0: output that
        nobody uses.
    columns : (m,) ndarray
        Residual by industry: output less inputs and primary inputs. > 0: revenue that pays for
        nothing.
    make : (n,) ndarray or None
        Supply-use tables: output by good less the column sums of the make table V.
    made : (m,) ndarray or None
        Supply-use tables: output by industry less the row sums of V.
    income : float
        Primary inputs less final demand, money per year: GDP from both sides, W and W_Y against Y
        and W_Y.
    negatives : tuple of Negatives
        By block; final demand of kind imports and stocks is negative by definition and not counted.
    wrong_supply : tuple of Negatives
        Positive cells in final demand of kind imports or stocks, with their sign.
    empty : tuple of str
        Goods and industries with neither output nor use nor inputs.
    idle : tuple of str
        Goods without output that are used all the same (imported, or drawn from stocks).
    spectral_radius : float
        Of the input coefficients; nan where an industry without output has inputs.
    scale : float
        Output of all industries, money per year. tol : the tolerance asked for. unit : of money.
    """

    rows: FloatArray
    columns: FloatArray
    make: FloatArray | None
    made: FloatArray | None
    income: float
    negatives: tuple[Negatives, ...]
    wrong_supply: tuple[Negatives, ...]
    empty: tuple[str, ...]
    idle: tuple[str, ...]
    spectral_radius: float
    scale: float
    tol: float
    unit: str
    goods: Labels
    industries: Labels

    @property
    def worst(self) -> float:
        """The largest residual of a row, a column or the make table, relative to scale."""
        residuals = [r for r in (self.rows, self.columns, self.make, self.made) if r is not None]
        largest = max((float(np.abs(r).max(initial=0.0)) for r in residuals), default=0.0)
        return largest / self.scale if self.scale > 0.0 else largest

    @property
    def balanced(self) -> bool:
        """Whether every row and column balances within the tolerance."""
        return self.worst <= self.tol

    @property
    def productive(self) -> bool:
        """Whether the spectral radius is below 1: production leaves a surplus."""
        return self.spectral_radius < 1.0

    def __str__(self) -> str:
        verdict = "balances" if self.balanced else "does not balance"
        unit = f" {self.unit}" if self.unit else ""
        worst = f"worst {self.worst:.1e}"
        lines = [
            f"{verdict} at {self.tol:.0e} of output ({worst}); output {self.scale:,.6g}{unit}",
            _residual("rows", self.rows, self.goods),
            _residual("columns", self.columns, self.industries),
        ]
        if self.make is not None and self.made is not None:
            lines.append(_residual("make, by good", self.make, self.goods))
            lines.append(_residual("make, by industry", self.made, self.industries))
        lines.append(f"  income       {self.income:+,.6g} more in factors than in final demand")
        lines += [f"  negative     {entry}" for entry in self.negatives]
        lines += [f"  positive     {entry} (expected < 0)" for entry in self.wrong_supply]
        for title, names in (("empty", self.empty), ("not made", self.idle)):
            if names:
                lines.append(f"  {title:<12} {list_some(names, len(names))}")
        radius = self.spectral_radius
        lines.append(
            "  radius       unknown" if math.isnan(radius) else f"  radius       {radius:.4f}"
        )
        return "\n".join(lines)


def check(accounts: Accounts, *, tol: float) -> BalanceReport:
    """Return the report on accounts; ``tol`` is relative to the output of all industries."""
    use, q, x = accounts.intermediate, accounts.goods_output, accounts.industry_output
    final, primary = accounts.Y, accounts.W
    used = arrays.row_sums(abs(use)) + np.abs(final).sum(axis=1)
    inputs = arrays.column_sums(abs(use)) + np.abs(primary).sum(axis=0)
    make, made = _make_residuals(accounts)
    supply = accounts.final_demand.of_kind(*SUPPLY_KINDS)
    demand = np.setdiff1d(np.arange(len(accounts.final_demand)), supply)
    goods, industries = accounts.goods, accounts.industries
    empty = [goods[i] for i in np.flatnonzero((q == 0.0) & (used == 0.0))]
    if industries is not goods:
        empty += [industries[j] for j in np.flatnonzero((x == 0.0) & (inputs == 0.0))]
    return BalanceReport(
        rows=q - arrays.row_sums(use) - final.sum(axis=1),
        columns=x - arrays.column_sums(use) - primary.sum(axis=0),
        make=make,
        made=made,
        income=float(primary.sum() - final.sum()),
        negatives=_negative_blocks(accounts, demand),
        wrong_supply=_signed("Y", -final[:, supply], goods, accounts.final_demand.take(supply), -1),
        empty=tuple(empty),
        idle=tuple(goods[i] for i in np.flatnonzero((q <= 0.0) & (used > 0.0))),
        spectral_radius=_radius(accounts),
        scale=float(x.sum()),
        tol=tol,
        unit=accounts.unit,
        goods=goods,
        industries=industries,
    )


def _make_residuals(accounts: Accounts) -> tuple[FloatArray | None, FloatArray | None]:
    table = getattr(accounts, "V", None)
    if table is None:
        return None, None
    return (
        accounts.goods_output - arrays.column_sums(table),
        accounts.industry_output - arrays.row_sums(table),
    )


def _negative_blocks(accounts: Accounts, demand: np.ndarray) -> tuple[Negatives, ...]:
    goods, industries, categories = accounts.goods, accounts.industries, accounts.final_demand
    factors = accounts.factors
    found = _signed("use", accounts.intermediate, goods, industries, 1)
    if getattr(accounts, "V", None) is not None:
        found += _signed("V", accounts.V, industries, goods, 1)  # type: ignore[attr-defined]
    found += _signed("Y", accounts.Y[:, demand], goods, categories.take(demand), 1)
    found += _signed("W", accounts.W, factors, industries, 1)
    return found + _signed("W_Y", accounts.W_Y, factors, categories, 1)


def _signed(
    block: str, values: arrays.Matrix, rows: Labels, columns: Labels, sign: int
) -> tuple[Negatives, ...]:
    """The negative cells of ``values``, reported with their sign times ``sign``; none: nothing."""
    row, column, value = arrays.triplets(values)
    below = np.flatnonzero(value < 0.0)
    if below.size == 0:
        return ()
    worst = below[int(np.argmin(value[below]))]
    where = f"{rows[int(row[worst])]} -> {columns[int(column[worst])]}"
    return (
        Negatives(
            block=block,
            count=int(below.size),
            total=float(sign * value[below].sum()),
            worst=f"worst {where} ({sign * value[worst]:,.6g})",
        ),
    )


def _radius(accounts: Accounts) -> float:
    idle = accounts.industry_output == 0.0
    if idle.any() and arrays.column_sums(abs(accounts.intermediate))[idle].any():
        return math.nan
    return spectral_radius(accounts.technology)


def _residual(title: str, residual: FloatArray, names: Labels) -> str:
    if residual.size == 0 or not residual.any():
        return f"  {title:<12} exact"
    at = int(np.abs(residual).argmax())
    total = float(np.abs(residual).sum())
    return f"  {title:<12} worst {residual[at]:+,.6g} ({names[at]}), {total:,.6g} in all"
