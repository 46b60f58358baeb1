"""Dated plans as tidy data frames: a row per date and good, stock or council."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon.explanation.frames import pandas_module

if TYPE_CHECKING:
    import pandas as pd

    from parecon.dated.plan import DatedPlan

__all__ = ["dated_frames"]

ALL_YEARS = "all"


def dated_frames(plan: DatedPlan) -> dict[str, pd.DataFrame]:
    """Return the frames of `DatedPlan.to_pandas`."""
    pandas = pandas_module("to_pandas")
    frames = {"goods": _goods(plan, pandas)}
    if len(plan.dated.cells):
        frames["capital"] = _capital(plan, pandas)
    outline, years = plan.dated.outline, list(plan.years)
    if outline.storage:
        names = [record.good for record in outline.storage]
        frames["storage"] = pandas.DataFrame(
            _tidy(years, names, "good") | {"kept": plan.kept.ravel()}
        )
    if outline.exhaustible:
        frames["exhaustible"] = _exhaustible(plan, pandas)
    return frames | _councils(plan, pandas)


def _tidy(dates: list[str], items: list[str], what: str) -> dict[str, Any]:
    return {"year": np.repeat(dates, len(items)), what: np.tile(items, len(dates))}


def _goods(plan: DatedPlan, pandas: Any) -> pd.DataFrame:
    calendar = plan.dated.calendar
    columns = _tidy(list(calendar.dates), list(calendar.goods), "good")
    for name in ("present_price", "current_price", "own_rate", "supply", "demand"):
        columns[name] = getattr(plan, name).ravel()
    there = calendar.place >= 0
    undated = np.zeros_like(there)
    undated[there] = calendar.slot[calendar.place[there]] < 0
    there[1:] &= ~undated[1:]
    frame = pandas.DataFrame(columns)
    frame.loc[undated.ravel(), "year"] = ALL_YEARS
    return frame[there.ravel()].reset_index(drop=True)


def _capital(plan: DatedPlan, pandas: Any) -> pd.DataFrame:
    """Money in the money of each date; what is not known after the last year is nan."""
    dates = [*plan.years, plan.dated.calendar.date(len(plan.years))]
    cells, money = plan.dated.cells, plan.money[: len(dates), None]
    columns = _tidy(dates, list(cells.names), "stock")
    kinds = [record.name for record in plan.dated.outline.capital]
    columns["kind"] = np.tile([kinds[k] for k in cells.kind], len(dates))
    columns["installed"] = plan.installed.ravel()
    columns["investment"] = _longer(plan.investment)
    columns["rental"] = (plan.rental / money).ravel()
    columns["unit_value"] = (plan.unit_value / money).ravel()
    columns["unit_cost"] = _longer(plan.unit_cost / money[:-1])
    return pandas.DataFrame(columns)


def _longer(table: Any) -> Any:
    return np.concatenate([table, np.full((1, table.shape[1]), np.nan)]).ravel()


def _exhaustible(plan: DatedPlan, pandas: Any) -> pd.DataFrame:
    dated, used = plan.dated, plan.exhausted
    at = dated.calendar.place[0, list(dated.totals)]
    columns = _tidy(list(plan.years), [r.good for r in dated.outline.exhaustible], "good")
    columns["used"] = used.ravel()
    columns["left"] = (dated.economy.endowment[at] - np.cumsum(used, axis=0)).ravel()
    columns["present_price"] = np.tile(plan.plan.price[at], len(plan.years))
    columns["current_price"] = columns["present_price"] / np.repeat(
        plan.money[: len(plan.years)], at.size
    )
    return pandas.DataFrame(columns)


def _councils(plan: DatedPlan, pandas: Any) -> dict[str, pd.DataFrame]:
    """One frame per family of one year; money in present value, as in the plan."""
    frames: dict[str, list[Any]] = {}
    years = np.array(plan.years)
    for k, origin in enumerate(plan.dated.origins):
        if origin.role != "councils":
            continue
        family, proposal = plan.plan.economy.families[k], plan.plan.proposals[k]
        names = [family.council_name(j) for j in range(family.n_councils)]
        if family.names is not None:
            names = [name.rpartition(" @")[0] for name in names]
        columns: dict[str, Any] = {"year": years[origin.year], "council": names}
        for field in dataclasses.fields(proposal):
            values = getattr(proposal, field.name)
            entries = field.name in ("input", "fixed_input", "outputs") or (
                field.name == "quantity" and family.role != "suppliers"
            )
            if values is not None and not entries:
                columns[field.name] = values
        frames.setdefault(origin.label, []).append(pandas.DataFrame(columns))
    return {label: pandas.concat(parts, ignore_index=True) for label, parts in frames.items()}
