"""What a dated economy is made from: an economy per year, and what ties the years together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray
from parecon.dated.records import Capital, Exhaustible, Growth, Later, Storage
from parecon.economy import Economy
from parecon.errors import EconomyError, UnknownGoodError, nearest
from parecon.families import Consumers, Family
from parecon.scenarios.quantities import more_productive
from parecon.scenarios.scenario import Scenario

__all__ = ["Carried", "Outline", "by_year", "discount_factors", "yearly_economies"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Carried:
    """What years before the first one have left.

    Attributes
    ----------
    goods : (dates, n) float64
        Of each good of one year, by date.
    installed : (S, dates or more) float64
        Of each stock of capital, by date, if nothing is built.
    left : (E,) float64
        Of each exhaustible good, for all years.
    """

    goods: FloatArray
    installed: FloatArray
    left: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """All that `parecon.dated` was given, year by year.

    Attributes
    ----------
    years : tuple of str, (T,)
    economies : tuple of Economy, (T,)
        With the changes, budgets and productivities of their years.
    endowment : mapping from good to (T,) float64
        Where it differs from that of the economies.
    discount : (T+1,) float64
        What money of each date is worth in present value.
    capital, storage, exhaustible, later, growth : tuples of records
    posterity : float or None
    """

    years: tuple[str, ...]
    economies: tuple[Economy, ...]
    endowment: Mapping[str, FloatArray]
    discount: FloatArray
    capital: tuple[Capital, ...] = ()
    storage: tuple[Storage, ...] = ()
    exhaustible: tuple[Exhaustible, ...] = ()
    later: tuple[Later, ...] = ()
    growth: tuple[Growth, ...] = ()
    posterity: float | None = None

    def __post_init__(self) -> None:
        if self.posterity is not None and not 0.0 < self.posterity < np.inf:
            raise EconomyError(f"posterity: expected money above 0, got {self.posterity!r}")

    @property
    def distinct(self) -> list[Economy]:
        """The economies, each object once."""
        return list({id(economy): economy for economy in self.economies}.values())

    def goods(self) -> tuple[list[str], list[str], list[str]]:
        """Return names, kinds and units of all goods that some year has, in order."""
        found: dict[str, tuple[str, str]] = {}
        for economy in self.distinct:
            goods = economy.goods
            kinds, units = goods.kind or ("",) * len(goods), goods.unit or ("",) * len(goods)
            for name, kind, unit in zip(goods.names, kinds, units, strict=True):
                found.setdefault(name, (kind, unit))
        words = found.values()
        return list(found), [kind for kind, _ in words], [unit for _, unit in words]

    def families(self) -> dict[str, Family]:
        """Return the families by label, each of the first year that has it."""
        found: dict[str, Family] = {}
        for economy in self.distinct:
            for family in economy.families:
                found.setdefault(family.title, family)
        return found


def discount_factors(given: Any, n_years: int) -> FloatArray:
    """Return the present value of money at each date, (T+1,), 1 in the first year.

    given : a factor per year, above 0; or (T,) or (T+1,) factors from the first year on.
    """
    array: FloatArray = np.asarray(given, dtype=np.float64)
    if array.ndim == 0:
        array = np.power(float(array), np.arange(n_years + 1), dtype=np.float64)
    elif array.shape == (n_years,):
        ratio = array[-1] / array[-2] if n_years > 1 else 1.0
        array = np.append(array, array[-1] * ratio)
    if array.shape != (n_years + 1,) or not (np.isfinite(array) & (array > 0.0)).all():
        raise EconomyError(
            f"discount: expected a factor above 0 per year, or {n_years} factors, got {given!r:.80}"
        )
    return array


def yearly_economies(
    economy: Economy | Sequence[Economy],
    years: tuple[str, ...],
    *,
    changes: Mapping[Any, Any],
    budget: Mapping[str, Any],
    productivity: Mapping[str, Any],
) -> tuple[Economy, ...]:
    """Return the economy of each year; years that do not differ share one."""
    if isinstance(economy, Economy):
        base = [economy] * len(years)
    else:
        base = list(economy)
        if len(base) != len(years) or not all(isinstance(e, Economy) for e in base):
            raise EconomyError(
                f"economy: expected an Economy, or one for each of {len(years)} years, "
                f"got {economy!r:.60}"
            )
    base = _changed(base, years, changes)
    edits: list[dict[str, dict[str, Any]]] = [{} for _ in years]
    for label, values in budget.items():
        money, table = _table(base, label, values, years, "budget", Consumers)
        for edit, row in zip(edits, table, strict=True):
            edit.setdefault(label, {})[money] = row
    for label, values in productivity.items():
        _, table = _table(base, label, values, years, "productivity", Family)
        for year, (edit, row) in enumerate(zip(edits, table, strict=True)):
            if not (row == 1.0).all():
                columns = more_productive(base[year].family(label), row)
                edit.setdefault(label, {}).update(columns)
    return tuple(
        economy.replace(families=edit) if edit else economy
        for economy, edit in zip(base, edits, strict=True)
    )


def _changed(
    base: list[Economy], years: tuple[str, ...], changes: Mapping[Any, Any]
) -> list[Economy]:
    """Apply scenarios, each from its year on."""
    by_name = {str(year): change for year, change in changes.items()}
    unknown = [name for name in by_name if name not in years]
    if unknown:
        raise EconomyError(f"changes: no year {unknown[0]!r}{nearest(unknown[0], years)}")
    found: list[Economy] = []
    known: dict[tuple[int, int], Economy] = {}
    scenario: Scenario | None = None
    for year, economy in zip(years, base, strict=True):
        if year in by_name:
            new = by_name[year]
            if not isinstance(new, Scenario):
                new = Scenario(f"changes of {year}", new)
            scenario = new if scenario is None else scenario.then(new)
        key = (id(economy), id(scenario))
        if key not in known:
            known[key] = economy if scenario is None else scenario.apply(economy)
        found.append(known[key])
    return found


def _table(
    base: list[Economy], label: str, values: Any, years: tuple[str, ...], what: str, role: type
) -> tuple[str, NDArray[np.float64]]:
    """Return the numbers of a family by year, (T, m), and the column that holds its money."""
    family = base[0].family(label)
    if not isinstance(family, role):
        raise EconomyError(f"{what}: {label!r} ({type(family).__name__}) has none")
    size, table = family.n_councils, np.asarray(values, dtype=np.float64)
    if table.shape == (len(years),):
        table = np.repeat(table[:, None], size, axis=1)
    if table.shape != (len(years), size):
        raise EconomyError(
            f"{what}[{label!r}]: expected ({len(years)},) or ({len(years)}, {size}) numbers, "
            f"by year (and council), got shape {table.shape}"
        )
    wrong = np.argwhere(~(np.isfinite(table) & (table > 0.0)))
    if wrong.size:
        t, j = wrong[0]
        raise EconomyError(
            f"{what}[{label!r}]: expected numbers above 0, got {table[t, j]:g} of "
            f"{family.council_name(int(j))} in {years[t]}"
        )
    return getattr(family, "money", ""), table


def by_year(
    endowment: Any, goods: Sequence[str], years: tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """Return endowments by good and year.

    endowment : mapping from good to a number or (T,) numbers; or a table (T, n) of all goods.
    """
    if endowment is None:
        return {}
    if not isinstance(endowment, Mapping):
        table = np.asarray(endowment, dtype=np.float64)
        if table.shape != (len(years), len(goods)):
            raise EconomyError(
                f"endowment: expected shape ({len(years)}, {len(goods)}), years by goods, "
                f"got {table.shape}"
            )
        endowment = dict(zip(goods, table.T, strict=True))
    found = {}
    for name, values in endowment.items():
        if name not in goods:
            raise UnknownGoodError(f"endowment: unknown good {name!r}{nearest(str(name), goods)}")
        amounts = np.asarray(values, dtype=np.float64)
        if amounts.ndim == 0:
            amounts = np.full(len(years), float(amounts))
        if amounts.shape != (len(years),):
            raise EconomyError(
                f"endowment[{name!r}]: expected a number or one for each of {len(years)} years, "
                f"got shape {amounts.shape}"
            )
        wrong = np.flatnonzero(~(np.isfinite(amounts) & (amounts >= 0.0)))
        if wrong.size:
            raise EconomyError(
                f"endowment: expected at least 0 of {name!r}, got {amounts[wrong[0]]:g} "
                f"in {years[wrong[0]]}"
            )
        found[name] = amounts
    return found
