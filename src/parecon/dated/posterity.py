"""Who wants what is left after the last year: a council that stands for those who come later."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.dated.calendar import Calendar
from parecon.dated.cells import Cells
from parecon.dated.outline import Outline
from parecon.families import CobbDouglasConsumers, Consumers, LinearConsumers
from parecon.scenarios.needs import SMALL_BUDGET

__all__ = ["POSTERITY", "posterity_family"]

POSTERITY = "posterity"


def posterity_family(
    outline: Outline,
    cells: Cells,
    service: IndexArray,
    calendar: Calendar,
    endowment: FloatArray,
    budgets: float,
) -> Consumers | None:
    """Return the council that requires and values what is left, or None where nothing is.

    Its needs are what is required. Where something has a value it spends its budget on what is left
    beyond, u = value.x; otherwise its budget is too small to be seen.
    """
    n_goods, end = calendar.n_dated, calendar.n_years
    minimum, value = np.full((2, n_goods), np.nan)
    at = calendar.place[end, service]
    minimum[at], value[at] = cells.minimum, cells.value
    for record in outline.storage:
        place = calendar.place[end, calendar.goods.index(record.good)]
        minimum[place] = np.nan if record.minimum is None else record.minimum
        value[place] = np.nan if record.value is None else record.value
    required, valued = np.flatnonzero(minimum > 0.0), np.flatnonzero(value > 0.0)
    if not required.size and not valued.size:
        return None
    needs = _row(minimum, required, n_goods) if required.size else None
    if not valued.size:
        shares = np.full(n_goods, 1.0 / required.size)
        return CobbDouglasConsumers(
            [SMALL_BUDGET * budgets],
            _row(shares, required, n_goods),
            needs,
            names=[POSTERITY],
            label=POSTERITY,
            normalise=True,
        )
    budget = outline.posterity
    if budget is None:  # a first guess: as if as much were handed over as there was
        there = float(value[valued] @ endowment[valued]) + float(
            np.nansum(cells.value * cells.initial)
        )
        budget = there or budgets / calendar.n_years
    return LinearConsumers(
        [budget * float(outline.discount[end])],
        _row(value, valued, n_goods),
        needs,
        names=[POSTERITY],
        label=POSTERITY,
    )


def _row(values: FloatArray, at: NDArray[Any], n_goods: int) -> sp.csr_array:
    return sp.csr_array((values[at], (np.zeros(at.size, dtype=int), at)), shape=(1, n_goods))
