"""Who wants what is left after the last year: a council that stands for those who come later."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.dated.across import Across
from parecon.dated.calendar import Calendar
from parecon.dated.cells import Cells
from parecon.dated.outline import Outline
from parecon.families import Activities, CobbDouglasConsumers
from parecon.scenarios.needs import SMALL_BUDGET

__all__ = ["BEQUEST", "POSTERITY", "Left", "handing_on", "posterity"]

BEQUEST = "bequest"
POSTERITY = "posterity"


class Left:
    """What is said of what is left after the last year.

    good : (k,) dated goods; minimum, value : (k,) float64, nan where nothing is said.
    """

    def __init__(
        self, outline: Outline, cells: Cells, service: IndexArray, calendar: Calendar
    ) -> None:
        kept = [calendar.goods.index(record.good) for record in outline.storage]
        end = calendar.place[calendar.n_years]
        self.good = np.concatenate([end[service], end[kept]]).astype(np.intp)
        self.minimum, self.value = (
            np.array([*getattr(cells, what), *(_number(r, what) for r in outline.storage)])
            for what in ("minimum", "value")
        )


def _number(record: Any, what: str) -> float:
    value = getattr(record, what)
    return np.nan if value is None else float(value)


def handing_on(left: Left, bequest: int, calendar: Calendar) -> Across | None:
    """Return activities that turn what has a value into what posterity buys; None without any.

    bequest : the dated good that counts values, in money of the date behind the last year.
    """
    valued = np.flatnonzero(left.value > 0.0)
    if not valued.size:
        return None
    rows, good = np.arange(valued.size), left.good[valued]
    entries = (
        np.concatenate([-np.ones(valued.size), left.value[valued]]),
        (np.tile(rows, 2), np.concatenate([good, np.full(valued.size, bequest)])),
    )
    end = calendar.date(calendar.n_years)
    names = [f"handing on {calendar.goods[calendar.good[i]]} @{end}" for i in good]
    shape = (valued.size, calendar.n_dated)
    return Across(
        family=Activities(
            sp.csr_array(sp.coo_array(entries, shape=shape)), names=names, label="handing on"
        ),
        year=np.full(valued.size, calendar.n_years, dtype=np.int32),
        item=valued.astype(np.int32),
    )


def posterity(
    left: Left,
    bequest: int | None,
    outline: Outline,
    calendar: Calendar,
    endowment: FloatArray,
    budgets: float,
) -> CobbDouglasConsumers | None:
    """Return the council that requires what is left and buys what is handed on; None if neither.

    Without a value anywhere its budget is too small to be seen.
    """
    required = np.flatnonzero(left.minimum > 0.0)
    needs = _row(left.good[required], left.minimum[required], calendar) if required.size else None
    if bequest is None:
        if needs is None:
            return None
        budget, bought = SMALL_BUDGET * budgets, left.good[required]
    else:
        bought = np.array([bequest])
        budget = float(outline.discount[-1]) * (
            _first_budget(left, endowment) or budgets / calendar.n_years
            if outline.posterity is None
            else outline.posterity
        )
    shares = _row(bought, np.full(bought.size, 1.0 / bought.size), calendar)
    return CobbDouglasConsumers(
        [budget], shares, needs, names=[POSTERITY], label=POSTERITY, normalise=True
    )


def _first_budget(left: Left, endowment: FloatArray) -> float:
    """Value of what would be left of what there is: a guess of what is left."""
    valued = left.value > 0.0
    return float(left.value[valued] @ endowment[left.good[valued]])


def _row(at: NDArray[Any], values: FloatArray, calendar: Calendar) -> sp.csr_array:
    where = (np.zeros(at.size, dtype=int), at)
    return sp.csr_array((values, where), shape=(1, calendar.n_dated))
