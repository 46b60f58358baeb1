"""A plan of dated goods, read by years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._columns import FloatArray, weighted_count
from parecon.dated.across import build_cost
from parecon.dated.charges import output_of
from parecon.dated.posterity import BEQUEST
from parecon.errors import PlanError, nearest
from parecon.plan import Plan
from parecon.proposals import net_flows
from parecon.status import Status

if TYPE_CHECKING:
    import pandas as pd

    from parecon.dated.economy import DatedEconomy

__all__ = ["DatedPlan"]

_SHOWN = 8


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DatedPlan:
    """An ordinary `Plan` of a dated economy, by years. A view: nothing is copied or lost.

    Tables have a row per date (the T years, then "end", ...) and a column per good of one year, or
    per stock of capital; nan where there is no such good. Present-value prices are those of the
    plan. Current prices are in the money of each date, in which its budgets are what was given:
    present value / discount.

    Attributes
    ----------
    dated : DatedEconomy
    plan : Plan
    """

    dated: DatedEconomy
    plan: Plan

    def __post_init__(self) -> None:
        if self.plan.economy.goods != self.dated.economy.goods:
            raise PlanError("dated: expected a plan of this dated economy, got one of other goods")
        if len(self.plan.economy.families) != len(self.dated.economy.families):
            raise PlanError("dated: expected a plan of this dated economy, got other families")

    # -- the plan ---------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """Of the plan."""
        return self.plan.status

    @property
    def years(self) -> tuple[str, ...]:
        """Names of the years."""
        return self.dated.years

    def raise_if_not_solved(self) -> None:
        """Raise PlanError with the plan's message unless it is solved."""
        self.plan.raise_if_not_solved()

    def explain(self, name: str, year: Any = None, **options: Any) -> Any:
        """Explain a good or council of a year: `Plan.explain` of "name @year"."""
        if year is None:
            return self.plan.explain(name, **options)
        date = str(year) if str(year) in self.dated.calendar.dates else None
        if date is None:
            date = self.years[self.dated.calendar.year(year)]
        return self.plan.explain(f"{name} @{date}", **options)

    # -- goods by year ----------------------------------------------------------------------------

    def table(self, values: FloatArray) -> FloatArray:
        """Return numbers of dated goods, (N,), by date and good of one year, (dates, n)."""
        place = self.dated.calendar.place
        padded = np.append(np.asarray(values, dtype=np.float64), np.nan)
        found: FloatArray = padded[place]  # -1, where there is no good, is the last
        return found

    @cached_property
    def money(self) -> FloatArray:
        """What money of each date is worth in the first year, (dates,)."""
        dates = np.arange(self.dated.calendar.n_slots)
        return np.asarray(self.dated.discount[np.minimum(dates, self.dated.calendar.n_years)])

    @property
    def present_price(self) -> FloatArray:
        """(dates, n) money of the first year per physical unit."""
        return self.table(self.plan.price)

    @property
    def current_price(self) -> FloatArray:
        """(dates, n) money of the date per physical unit."""
        return self.present_price / self.money[:, None]

    @property
    def supply(self) -> FloatArray:
        """(dates, n) physical units per year; of goods without a date that of all years."""
        return self.table(self.plan.supply)

    @property
    def demand(self) -> FloatArray:
        """(dates, n) physical units per year; of goods without a date that of all years."""
        return self.table(self.plan.demand)

    @property
    def own_rate(self) -> FloatArray:
        """(dates, n) own rate of interest of each good from a date to the next; nan at the last.

        ``p[t] / p[t+1] - 1`` in present-value prices: how many units more than one a unit given up
        now buys a year later (Sraffa).
        """
        price = self.present_price
        rate = np.full_like(price, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate[:-1] = price[:-1] / price[1:] - 1.0
        return rate

    def series(self, good: str, what: str = "current_price") -> FloatArray:
        """Return one good by date, (dates,).

        what: "current_price", "present_price", "supply", "demand" or "own_rate".
        """
        known = ("current_price", "present_price", "supply", "demand", "own_rate")
        if what not in known:
            raise PlanError(f"series: expected one of {known}, got {what!r}{nearest(what, known)}")
        column: FloatArray = getattr(self, what)[:, self.dated.calendar.index(good)]
        return column

    # -- councils by year -------------------------------------------------------------------------

    def output(self, label: str) -> FloatArray:
        """Return what a family of one year makes, (T, m) physical units per year.

        Of activities with several outputs, and joint workers, levels; nan in years without it.
        """
        origins = {
            k: origin
            for k, origin in enumerate(self.dated.origins)
            if origin.role == "councils" and origin.label == label
        }
        if not origins:
            labels = sorted({o.label for o in self.dated.origins if o.role == "councils"})
            raise PlanError(f"output: no family {label!r}{nearest(label, labels)}")
        size = 1 + max(int(origin.item.max(initial=-1)) for origin in origins.values())
        table = np.full((len(self.years), size), np.nan)
        for k, origin in origins.items():
            family = self.plan.economy.families[k]
            if family.role == "consumers":
                raise PlanError(f"output: {label!r} are consumers, who make nothing")
            made = output_of(family, self.plan.proposals[k])
            table[origin.year, origin.item] = made
        return table

    def _levels(self, role: str, n_items: int) -> FloatArray:
        """Levels of activities across years, (T, items), 0 where there is no activity."""
        table = np.zeros((len(self.years), n_items))
        for origin, proposal in zip(self.dated.origins, self.plan.proposals, strict=True):
            if origin.role == role:
                table[origin.year, origin.item] = proposal.level
        return table

    @cached_property
    def investment(self) -> FloatArray:
        """(T, S) units of capital begun in each year."""
        return self._levels("investment", len(self.dated.cells))

    @property
    def installed(self) -> FloatArray:
        """(T+1, S) units of capital in service in each year, and after the last."""
        calendar, cells = self.dated.calendar, self.dated.cells
        n = calendar.n_years
        installed = np.array(self.dated.carried.installed[:, : n + 1].T)
        for begun in range(n):
            for slot in range(begun + 1, n + 1):
                age = slot - begun - cells.gestation
                installed[slot] += self.investment[begun] * cells.surviving(age)
        return installed

    @property
    def rental(self) -> FloatArray:
        """(T+1, S) price of a year's service of a unit, present value; at the end its worth."""
        return self.present_price[: len(self.years) + 1, self.dated.service]

    @property
    def unit_value(self) -> FloatArray:
        """(T+1, S) worth of a new unit in service from each date on, present value.

        What its services are worth to the end, and what is left of it then.
        """
        rental, cells = self.rental, self.dated.cells
        value = np.zeros_like(rental)
        for date in range(len(rental)):
            for later in range(date, len(rental)):
                age = np.full(len(cells), later - date)
                value[date] += rental[later] * cells.surviving(age)
        return value

    @property
    def unit_cost(self) -> FloatArray:
        """(T, S) what it takes to build a unit, present value."""
        return build_cost(self.dated.cells, self.dated.calendar, self.plan.price)

    @cached_property
    def kept(self) -> FloatArray:
        """(T, storable goods) kept from each year to the next, before losses."""
        return self._levels("storage", len(self.dated.outline.storage))

    @cached_property
    def exhausted(self) -> FloatArray:
        """(T, E) used in each year of each exhaustible good."""
        calendar, totals = self.dated.calendar, self.dated.totals
        used = np.zeros((len(self.years), len(totals)))
        if not totals:
            return used
        column = np.full(calendar.n_dated, -1)
        column[calendar.place[0, list(totals)]] = np.arange(len(totals))
        for origin, family, proposal in zip(
            self.dated.origins, self.plan.economy.families, self.plan.proposals, strict=True
        ):
            council, good, quantity = net_flows(family, proposal)
            own = np.flatnonzero(column[good] >= 0)
            cell = origin.year[council[own]] * len(totals) + column[good[own]]
            used -= weighted_count(cell, quantity[own], used.size).reshape(used.shape)
        return used

    # -- to other programs ------------------------------------------------------------------------

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Return tidy frames: "goods", "capital", "storage", "exhaustible", and one per family.

        A row per date and good, stock or council. Raises MissingDependencyError without pandas.
        """
        from parecon.dated.frames import dated_frames

        return dated_frames(self)

    def save(self, path: str | Path) -> None:
        """Write the plan as `Plan.save` does; `DatedEconomy.load_plan` reads it back."""
        self.plan.save(path)

    def next_year(
        self,
        *,
        actual: Mapping[str, float] | None = None,
        horizon: str = "rolling",
        **changes: Any,
    ) -> DatedEconomy:
        """Live the first year, and return the economy that is left: its `solve` plans anew.

        What the first year's councils did for later ones is there: capital built, goods kept or
        under way, what is left of exhaustible goods. Planning begins at this plan, moved by a year.

        Parameters
        ----------
        actual : mapping from name to quantity
            What is really there at the beginning of the next year, of stocks of capital (in
            service), goods kept or made earlier, exhaustible goods; the rest is as planned.
        horizon : {"rolling", "fixed"}
            A year more at the end, like the last; or the same last year.
        year : optional
            Name of the year that is added; unless given, the next number.
        endowment, budget, productivity, changes, posterity : optional
            As of `parecon.dated`, by the new years: what has changed.

        Raises
        ------
        PlanError
            If the plan is infeasible or invalid.
        EconomyError
            If something does not fit; with the good, council and year by name.
        """
        from parecon.dated.rolling import next_year

        return next_year(self, actual=actual or {}, horizon=horizon, **changes)

    # -- people -----------------------------------------------------------------------------------

    def __repr__(self) -> str:
        first, *rest = repr(self.plan).split("\n")
        end = next((i for i, line in enumerate(rest) if line.split()[:1] == ["good"]), len(rest))
        span = f"{self.years[0]} to {self.years[-1]}"
        lines = [f"Dated{first}, {span}", *rest[:end]]
        if self.plan.infeasible is not None:
            return "\n".join([f"Dated{first}, {span}", *rest])
        return "\n".join([*lines, *self._price_lines(), *self._stock_lines()])

    def _shown_years(self) -> list[int]:
        n_years = len(self.years)
        return sorted({0, n_years // 3, (2 * n_years) // 3, n_years - 1})

    def _stock_lines(self) -> list[str]:
        """Capital in service and what is left of exhaustible goods."""
        at, dated = self._shown_years(), self.dated
        rows = [(name, self.installed[at, c]) for c, name in enumerate(dated.cells.names[:_SHOWN])]
        left = dated.carried.left - np.cumsum(self.exhausted, axis=0) + self.exhausted
        rows += [(r.good, left[at, k]) for k, r in enumerate(dated.outline.exhaustible)]
        lines = ["  capital in service, and what is left" if rows else ""]
        for name, values in rows:
            lines.append(f"  {name[:29]:<30}" + "".join(f"{value:>12.6g}" for value in values))
        if len(dated.cells) > _SHOWN:
            lines.append(f"  ... {len(dated.cells) - _SHOWN:,} more stocks")
        return lines if rows else []

    def _price_lines(self) -> list[str]:
        """Current prices of the goods of which most value is used."""
        calendar, n_years = self.dated.calendar, len(self.years)
        price = self.current_price[:n_years]
        worth = np.nansum(price * self.demand[:n_years], axis=0)
        worth[[name == BEQUEST for name in calendar.goods]] = 0.0  # it counts money
        order = np.argsort(-worth, kind="stable")[:_SHOWN]
        at = self._shown_years()
        head = "".join(f"{self.years[t]:>12}" for t in at)
        lines = [f"  {'price, money of the year':<30}{head}"]
        for i in order:
            row = "".join(f"{price[t, i]:>12.6g}" for t in at)
            lines.append(f"  {calendar.goods[i][:29]:<30}{row}")
        if len(calendar.goods) > len(order):
            lines.append(f"  ... {len(calendar.goods) - len(order):,} more goods")
        return lines
