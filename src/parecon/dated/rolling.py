"""A year later: what has been lived is what is there, and the last plan is where planning begins.

Whatever councils did in the first year for later ones (built, kept, made for a later year, left of
what has no date) is what the new plan finds. The old plan, moved by a year, is the start of the new
one; where a year is added at the end it repeats the last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._columns import FloatArray
from parecon.dated.assembly import Assembly
from parecon.dated.cells import Cells, survival
from parecon.dated.outline import Carried, Outline, by_year, yearly_economies
from parecon.dated.posterity import POSTERITY
from parecon.dated.shifting import shifted_plan
from parecon.errors import EconomyError, PlanError, nearest
from parecon.proposals import net_flows
from parecon.status import Status

if TYPE_CHECKING:
    from parecon.dated.economy import DatedEconomy
    from parecon.dated.plan import DatedPlan

__all__ = ["next_year"]

ROLLING, FIXED = HORIZONS = ("rolling", "fixed")


def next_year(
    plan: DatedPlan,
    *,
    actual: Mapping[str, float],
    horizon: str = ROLLING,
    year: Any = None,
    endowment: Any = None,
    budget: Mapping[str, Any] | None = None,
    productivity: Mapping[str, Any] | None = None,
    changes: Mapping[Any, Any] | None = None,
    posterity: float | None = None,
) -> DatedEconomy:
    """Return the dated economy a year later; see `DatedPlan.next_year`."""
    if plan.status in (Status.INFEASIBLE, Status.INVALID):
        raise PlanError(f"next_year: expected a plan that can be lived, got one {plan.status}")
    if horizon not in HORIZONS:
        raise EconomyError(
            f"horizon: expected 'rolling' (as many years as before) or 'fixed' (the same last "
            f"year), got {horizon!r}{nearest(str(horizon), HORIZONS)}"
        )
    rolls = horizon == ROLLING
    old = plan.dated.outline
    years = _later_years(old.years, rolls, year)
    economies = yearly_economies(
        _moved(old.economies, rolls),
        years,
        changes=changes or {},
        budget=budget or {},
        productivity=productivity or {},
    )
    there = {
        name: np.array(_moved(tuple(amounts), rolls)) for name, amounts in old.endowment.items()
    }
    outline = dataclasses.replace(
        old,
        years=years,
        economies=economies,
        endowment=there | by_year(endowment, economies[0].goods.names, years),
        discount=_discount(old, rolls),
        capital=tuple(_moved_capital(record, years) for record in old.capital),
        exhaustible=tuple(_moved_limit(record, rolls) for record in old.exhaustible),
        posterity=old.posterity if posterity is None else posterity,
    )
    assembly = Assembly(outline)
    carried = _carried(plan, assembly)
    _correct(carried, assembly, actual)
    dated = type(plan.dated)(**assembly.parts(carried))
    if any(origin.role == "handing on" for origin in dated.origins) and outline.posterity is None:
        dated = _with_budget(plan, dated)
    return dataclasses.replace(dated, start=shifted_plan(plan, dated))


def _with_budget(plan: DatedPlan, dated: DatedEconomy) -> DatedEconomy:
    """Let posterity begin with the budget that was found for it, which is found anew."""
    families = [family.title for family in plan.plan.economy.families]
    if POSTERITY not in families:
        return dated
    budget = plan.plan.economy.family(POSTERITY).budget / plan.dated.discount[-1]  # type: ignore[attr-defined]
    changed = {POSTERITY: {"budget": budget * dated.discount[-1]}}
    return dataclasses.replace(dated, economy=dated.economy.replace(families=changed))


def _later_years(old: tuple[str, ...], rolls: bool, year: Any) -> tuple[str, ...]:
    if not rolls:
        if len(old) == 1:
            raise EconomyError("next_year: the plan has no year after this one (horizon='fixed')")
        return old[1:]
    if year is None:
        if not old[-1].isdigit():
            raise EconomyError(f"year: expected the name of the year after {old[-1]!r}")
        year = int(old[-1]) + 1
    if str(year) in old:
        raise EconomyError(f"year: expected a new one, {str(year)!r} is in the plan already")
    return (*old[1:], str(year))


def _moved(values: Any, rolls: bool) -> list[Any]:
    """Without the first year; the added one is as the last."""
    return [*values[1:], *([values[-1]] if rolls else [])]


def _discount(old: Outline, rolls: bool) -> FloatArray:
    given = old.discount
    later = given[1:]
    if rolls:
        later = np.append(later, given[-1] * given[-1] / given[-2])
    return later / given[1]


def _moved_capital(record: Any, years: tuple[str, ...]) -> Any:
    if record.years is None:
        return record
    return dataclasses.replace(record, years=tuple(y for y in record.years if y in years))


def _moved_limit(record: Any, rolls: bool) -> Any:
    limits = np.asarray(record.yearly, dtype=np.float64) if record.yearly is not None else None
    if limits is None or limits.ndim == 0:
        return record
    return dataclasses.replace(record, yearly=_moved(limits, rolls))


def _carried(plan: DatedPlan, assembly: Assembly) -> Carried:
    """What the first year's councils, and years before, have left for the new plan's dates."""
    dated, new = plan.dated, assembly.calendar
    later = np.array(dated.carried.goods)
    service = np.zeros(len(dated.calendar.goods), dtype=bool)
    service[dated.service] = True
    for origin, family, proposal in zip(
        dated.origins, plan.plan.economy.families, plan.plan.proposals, strict=True
    ):
        council, dated_good, quantity = net_flows(family, proposal)
        slot, good = dated.calendar.slot[dated_good], dated.calendar.good[dated_good]
        own = (origin.year[council] == 0) & (slot >= 1)
        if origin.role == "investment":
            own &= ~service[good]  # see _installed
        np.add.at(later, (slot[own], good[own]), quantity[own])
    goods = np.zeros((new.n_slots, len(new.goods)))
    at = [new.goods.index(name) for name in dated.calendar.goods if name in new.goods]
    here = [i for i, name in enumerate(dated.calendar.goods) if name in new.goods]
    moved = later[1:][: new.n_slots]
    goods[: len(moved), at] = np.maximum(moved[:, here], 0.0)
    used = plan.exhausted[0] if dated.totals else np.zeros(0)
    return Carried(
        goods=goods,
        installed=_installed(plan, assembly),
        left=np.maximum(dated.carried.left - used, 0.0),
    )


def _installed(plan: DatedPlan, assembly: Assembly) -> FloatArray:
    """(S, dates) what is left of all that was built so far; stocks by name."""
    old, cells = plan.dated.cells, assembly.cells
    path = np.array(plan.dated.carried.installed)
    begun = plan.investment[0][:, None]
    dates = np.arange(path.shape[1])[None, :]
    age = dates - old.gestation[:, None]
    path += begun * survival(age, old.depreciation[:, None], old.life[:, None])
    needed = assembly.n_dates + 1
    if path.shape[1] < needed:  # what has no limited life goes on as it did
        more = np.arange(1, needed - path.shape[1] + 1)
        goes_on = path[:, -1:] * (1.0 - old.depreciation[:, None]) ** more
        path = np.concatenate([path, np.where(old.life[:, None] > 0, 0.0, goes_on)], axis=1)
    places = {name: c for c, name in enumerate(old.names)}
    installed = np.zeros((len(cells), assembly.n_dates))
    for c, name in enumerate(cells.names):
        if name in places:
            installed[c] = path[places[name], 1:needed]
    return installed


def _correct(carried: Carried, assembly: Assembly, actual: Mapping[str, float]) -> None:
    """Put what there really is in the place of what was planned to be."""
    cells, outline = assembly.cells, assembly.outline
    limited = [record.good for record in outline.exhaustible]
    kept = [*(r.good for r in outline.storage), *(r.of for r in outline.later)]
    for name, amount in actual.items():
        if not (np.isfinite(amount) and amount >= 0.0):
            raise EconomyError(f"actual: expected at least 0 of {name!r}, got {amount!r}")
        if name in cells.names:
            _correct_stock(carried.installed, cells, cells.names.index(name), float(amount))
        elif name in limited:
            carried.left[limited.index(name)] = amount
        elif name in kept:
            carried.goods[0, assembly.calendar.index(name)] = amount
        else:
            known = [*cells.names, *limited, *kept]
            raise EconomyError(
                f"actual: expected a stock of capital, a good that is kept or made earlier, or an "
                f"exhaustible one, got {name!r}{nearest(str(name), known)}"
            )


def _correct_stock(installed: FloatArray, cells: Cells, cell: int, amount: float) -> None:
    """As much as there really is now; of later years the same share is left."""
    planned = installed[cell, 0]
    if planned > 0.0:
        installed[cell] *= amount / planned
        return
    age = np.arange(installed.shape[1])
    one = slice(cell, cell + 1)
    installed[cell] += amount * survival(age, cells.depreciation[one], cells.life[one])
