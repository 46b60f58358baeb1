"""Linear programmes in the form HiGHS takes them, in physical or in even units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.backends.concave import Pieces
from parecon.backends.linear_programme import Programme

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaling:
    """Sizes that make a programme's numbers of order one.

    row : (rows,) factor of each row. column : (columns,) physical units per unit of a column.
    term : (T,) physical units per unit of t. money : money per unit of the objective.
    """

    row: Array
    column: Array
    term: Array
    money: float


def physical(programme: Programme) -> Scaling:
    """No scaling at all: the numbers of the data."""
    rows, columns = programme.matrix.shape
    return Scaling(np.ones(rows), np.ones(columns), np.ones(programme.n_terms), 1.0)


def even(programme: Programme, price: Array, money: float) -> Scaling:
    """By worth at `price` (n,) > 0: one unit of anything is worth an even share of the budgets.

    money : total budget.
    """
    share = money / len(price)
    row_price = programme.row_guess(price)
    flows = programme.matrix[: len(price)]
    worth = np.asarray(np.abs(flows).T @ price).ravel()
    return Scaling(
        row=row_price / share,
        column=share / np.maximum(0.5 * worth, 1e-300),
        term=share / row_price[programme.row],
        money=share,
    )


def costs(found: Pieces, scaling: Scaling) -> Array:
    """(T S,) of the pieces, to be minimised, in the scaling's units."""
    scaled = -found.slope * scaling.term / scaling.money
    return np.ascontiguousarray(scaled.T).ravel()


def widths(found: Pieces, scaling: Scaling) -> Array:
    """(T S,) of the pieces, in the scaling's units."""
    return np.ascontiguousarray((found.width / scaling.term).T).ravel()


def highs_lp(programme: Programme, found: Pieces, scaling: Scaling) -> Any:
    """A `highspy.HighsLp`: columns first, then the pieces term by term."""
    import highspy

    count = found.slope.shape[0]
    rows, columns = programme.matrix.shape
    base = sp.diags_array(scaling.row) @ programme.matrix @ sp.diags_array(scaling.column)
    entry = programme.sign * scaling.term * scaling.row[programme.row]
    total = programme.n_terms * count
    piece = sp.csc_array(
        (np.repeat(entry, count), np.repeat(programme.row, count), np.arange(total + 1)),
        shape=(rows, total),
    )
    matrix = sp.csc_array(sp.hstack([sp.csc_array(base), piece], format="csc"))
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = rows, columns + total
    lp.col_cost_ = np.concatenate([np.zeros(columns), costs(found, scaling)])
    lp.col_lower_ = np.zeros(columns + total)
    upper = np.concatenate([programme.upper / scaling.column, widths(found, scaling)])
    lp.col_upper_ = upper
    lp.row_lower_ = programme.lower * scaling.row
    lp.row_upper_ = np.full(rows, highspy.kHighsInf)
    lp.offset_ = -(float(found.start.sum()) + programme.constant) / scaling.money
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    return lp
