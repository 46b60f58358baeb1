"""The economy of all years, and what each of its goods and councils is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._columns import FloatArray, IndexArray
from parecon.dated.assembly import Origin
from parecon.dated.calendar import Calendar
from parecon.dated.cells import Cells
from parecon.dated.outline import Carried, Outline
from parecon.dated.plan import DatedPlan
from parecon.dated.posterity import POSTERITY
from parecon.economy import Economy
from parecon.guess import guessed_price
from parecon.plan import Plan, load_plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.solve import Solver, solve
from parecon.status import Status

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DatedEconomy"]

VALUED = 1e-6  # how near the prices of what is left come to their values, relatively
MOST_BUDGETS = 20


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DatedEconomy:
    """An economy of dated goods, and how to read it. Made by `parecon.dated`.

    Attributes
    ----------
    economy : Economy
        An ordinary economy: solve it, change it, save it like any other.
    calendar : Calendar
        Which good of which year is which of its goods.
    outline : Outline
        What it was made from.
    cells : Cells
        Stocks of capital.
    service : (S,) int32
        The good of one year that the services of each stock are.
    totals : tuple of int
        Of each exhaustible good, the one without a date.
    origins : tuple of Origin
        Aligned with ``economy.families``.
    carried : Carried
        What earlier years have left.
    start : Plan or None
        Where `solve` begins unless told otherwise: the plan of a year before, moved by a year.
    """

    economy: Economy
    calendar: Calendar
    outline: Outline
    cells: Cells
    service: IndexArray
    totals: tuple[int, ...]
    origins: tuple[Origin, ...]
    carried: Carried
    start: Plan | None = None

    @property
    def years(self) -> tuple[str, ...]:
        """Names of the years."""
        return self.calendar.years

    @property
    def discount(self) -> FloatArray:
        """What money of each date is worth in the first year, (T+1,)."""
        return self.outline.discount

    def solve(self, *, warm_start: Any = None, cold: bool = False, **options: Any) -> DatedPlan:
        """Plan all years together.

        Parameters
        ----------
        warm_start : Plan, DatedPlan or (N,) prices, optional
            Where to begin; unless given, at ``start`` (but from nothing where a `Growth` has no
            allowance, which is faster).
        cold : bool
            Do not begin at ``start``.
        **options
            As of `parecon.solve`.

        Where what is left has values and no budget (``posterity``) was given, the budget is found
        at which its prices are its values, by solving again, each time from the last plan; the
        plan's own ``dated`` is the economy with that budget.
        """
        # where what is 0 must stay 0, goods of which there is nothing keep a start from converging
        stuck = any(record.allowance == 0.0 for record in self.outline.growth)
        begin = self.start if warm_start is None and not cold and not stuck else warm_start
        begin = getattr(begin, "plan", begin)
        if begin is None:
            begin = self._first_prices()
        if not self._valued_by_price():
            return self.view(solve(self.economy, warm_start=begin, **options))
        solver = Solver(self.economy, Settings(**options))
        if begin is not None:
            solver.warm_start(begin)
        plan = self._priced(solver)
        return dataclasses.replace(self, economy=plan.economy).view(plan)

    def load_plan(self, path: str | Path) -> DatedPlan:
        """Read a plan of this economy from a directory; errors as of `parecon.load_plan`."""
        return self.view(load_plan(path, self.economy))

    def view(self, plan: Plan) -> DatedPlan:
        """Return a plan of the economy by years.

        Raises PlanError for a plan of another economy.
        """
        return DatedPlan(dated=self, plan=plan)

    def save(self, path: str | Path, *, file_format: str = "parquet") -> None:
        """Write the economy as an ordinary one, and beside it, in "PATH.dated", what it is made of.

        `parecon.load_dated` reads both. Raises FormatError where that would destroy something.
        """
        from parecon.dated.saving import write_dated

        write_dated(path, self, file_format=file_format)

    def _first_prices(self) -> FloatArray | None:
        """Prices to begin with where what is left has a value: what it is worth is known.

        Everywhere else a solve's own guess is as good; None then.
        """
        handed = [k for k, origin in enumerate(self.origins) if origin.role == "handing on"]
        if not handed:
            return None
        price = guessed_price(Problem(self.economy, 1))
        net = self.economy.families[handed[0]].net_output  # type: ignore[attr-defined]
        made, left = net.data > 0.0, net.data < 0.0
        bequest, worth = int(net.indices[made][0]), float(self.discount[-1])
        there = float(net.data[made] @ self.economy.endowment[net.indices[left]])
        if self.outline.posterity is not None and there > 0.0:
            worth *= self.outline.posterity / there
        price[bequest] = worth
        price[net.indices[left]] = worth * net.data[made]
        return price

    def _valued_by_price(self) -> bool:
        handed = any(origin.role == "handing on" for origin in self.origins)
        return handed and self.outline.posterity is None

    def _priced(self, solver: Solver) -> Plan:
        """Solve until posterity's budget is the value of what is left.

        A unit of bequest then costs one unit of money of the date behind the last year, and what is
        handed on costs its value. The value of what is left rises more slowly than the budget;
        secants in logarithms find where they meet.
        """
        end = float(self.discount[-1])
        asked: list[tuple[float, float]] = []
        plan = solver.solve()
        for _ in range(MOST_BUDGETS):
            if plan.status is not Status.SOLVED:
                return plan
            budget = float(solver.economy.family(POSTERITY).budget[0])  # type: ignore[attr-defined]
            worth = float(plan.proposal(POSTERITY).utility[0]) * end
            if abs(worth - budget) <= VALUED * budget or worth <= 0.0:
                return plan
            asked.append((np.log(budget), np.log(worth / budget)))
            solver.update(families={POSTERITY: {"budget": [np.exp(_next(asked))]}})
            plan = solver.solve()
        return plan

    def __repr__(self) -> str:
        span = f"{self.years[0]} to {self.years[-1]}" if len(self.years) > 1 else self.years[0]
        goods = f"{len(self.calendar.goods):,} goods of one year, {self.economy.n_goods:,} dated"
        lines = [f"DatedEconomy: {len(self.years)} years, {span}; {goods}"]
        if len(self.cells):
            lines.append(f"  capital: {len(self.cells):,} stocks, such as {self.cells.names[0]!r}")
        for name in ("storage", "exhaustible", "later", "growth"):
            records = getattr(self.outline, name)
            if records:
                named = ", ".join(getattr(r, "good", getattr(r, "of", "")) for r in records[:6])
                lines.append(f"  {name}: {named}{', ...' if len(records) > 6 else ''}")
        return "\n".join([*lines, *repr(self.economy).split("\n")])


def _next(asked: list[tuple[float, float]]) -> float:
    """Next log budget: by the last two, or, without them, what the first solve asked for."""
    at, off = asked[-1]
    if len(asked) > 1:
        before, off_before = asked[-2]
        slope = (off - off_before) / (at - before) if at != before else 0.0
        if slope < -1e-3:
            return float(at - np.clip(off / slope, -3.0, 3.0))
    return float(at + off)
