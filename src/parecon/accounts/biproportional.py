"""RAS and GRAS: a matrix brought to given margins with the least change of proportions.

RAS multiplies rows by r and columns by s in turn (Stone 1961; the minimum of ``sum x log(x / a)``
under the margins, Bacharach 1970). GRAS does the same for matrices with negative cells: these are
divided where positive ones are multiplied,

    x_ij = r_i a_ij s_j  for a_ij >= 0,     x_ij = a_ij / (r_i s_j)  for a_ij < 0,

so that both keep their sign (Junius and Oosterhaven 2003, Economic Systems Research 15; with the
objective as corrected by Lenzen, Wood and Gallego 2007, ESR 19). With p_i and n_i the sums of the
positive and of the absolute negative cells of a row, columns scaled, its r solves
``p r - n / r = u``: ``r = (u + sqrt(u^2 + 4 p n)) / 2p``, or ``-n / u`` where p = 0 (Temursho,
Miller and Bouwmeester 2013, ESR 25).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.errors import AccountsError, list_some

__all__ = ["Scaled", "gras", "ras"]

TOLERANCE = 1e-12
MAX_ROUNDS = 5_000
RUNAWAY_FACTOR = 1e100  # factors that grow without end belong to totals that cannot be met


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """A matrix with given margins.

    Attributes
    ----------
    matrix : (n, m) ndarray or csr_array
        With the zeros and signs of the one given.
    row_factor, column_factor : (n,) and (m,) ndarray
        r and s.
    n_rounds : int
        Rounds of rows and columns.
    error : float
        Largest miss of a row total, relative to the largest total; columns are met to rounding.
    """

    matrix: Matrix
    row_factor: FloatArray
    column_factor: FloatArray
    n_rounds: int
    error: float


def ras(
    matrix: Any,
    rows: ArrayLike,
    columns: ArrayLike,
    *,
    tol: float = TOLERANCE,
    row_names: Sequence[str] | None = None,
    column_names: Sequence[str] | None = None,
) -> Scaled:
    """Return the matrix scaled to row and column totals; as :func:`gras`, but refuses negatives.

    Raises
    ------
    AccountsError
        If a cell or a total is negative, or as :func:`gras`.
    """
    _, _, value = arrays.triplets(_as_matrix(matrix))
    if value.size and value.min() < 0.0:
        raise AccountsError(
            f"ras: expected a matrix without negative cells, got {int((value < 0).sum()):,} of "
            "them; use gras"
        )
    return gras(
        matrix, rows, columns, tol=tol, row_names=row_names, column_names=column_names, what="ras"
    )


def gras(
    matrix: Any,
    rows: ArrayLike,
    columns: ArrayLike,
    *,
    tol: float = TOLERANCE,
    row_names: Sequence[str] | None = None,
    column_names: Sequence[str] | None = None,
    what: str = "gras",
) -> Scaled:
    """Return the matrix scaled to row and column totals, cells keeping their sign.

    Parameters
    ----------
    matrix : (n, m) array_like or sparse
    rows, columns : (n,) and (m,) array_like
        Totals; their sums agree within ``sqrt(tol)``, relative.
    tol : float
        Largest miss of a total, relative to the largest.
    row_names, column_names : sequence of str, optional
        For messages; numbers unless given.
    what : str
        Name in messages.

    Raises
    ------
    AccountsError
        If totals do not fit each other, a row or column cannot have its total (it is empty, or
        all of its cells have the other sign), or zeros make all of them together impossible.
    """
    source = _as_matrix(matrix)
    n, m = source.shape
    u, v = arrays.vector(rows, f"{what}.rows", n), arrays.vector(columns, f"{what}.columns", m)
    if abs(u.sum() - v.sum()) > np.sqrt(tol) * max(np.abs(u).sum(), np.abs(v).sum()):
        raise AccountsError(
            f"{what}: expected totals of rows and columns with one sum, got {u.sum():,.12g} and "
            f"{v.sum():,.12g}"
        )
    row, column, value = arrays.triplets(source)
    side = _Side(np.maximum(value, 0.0), np.maximum(-value, 0.0))
    _check_possible(side, row, u, row_names, f"{what}: row")
    _check_possible(side, column, v, column_names, f"{what}: column")
    return _scale(source, u, v, tol, what, row_names)


def _scale(
    source: Matrix,
    u: FloatArray,
    v: FloatArray,
    tol: float,
    what: str,
    row_names: Sequence[str] | None,
) -> Scaled:
    """Rows and columns in turn, until rows are met after columns were."""
    row, column, value = arrays.triplets(source)
    side = _Side(np.maximum(value, 0.0), np.maximum(-value, 0.0))
    size = max(float(np.abs(u).max(initial=0.0)), float(np.abs(v).max(initial=0.0)), 1e-300)
    n, m = source.shape
    r, s = np.ones(n), np.ones(m)
    for n_rounds in range(1, MAX_ROUNDS + 1):
        r = side.factors(row, s[column], u)
        s = side.factors(column, r[row], v)
        scaled = side.cells(r[row] * s[column])
        miss = np.abs(np.bincount(row, scaled, n) - u)
        error = float(miss.max(initial=0.0)) / size
        if error <= tol:
            return Scaled(
                matrix=_placed(source, row, column, scaled),
                row_factor=r,
                column_factor=s,
                n_rounds=n_rounds,
                error=error,
            )
        if max(r.max(initial=0.0), s.max(initial=0.0)) > RUNAWAY_FACTOR:
            break
    at = int(miss.argmax())
    raise AccountsError(
        f"{what}: expected totals that the cells allow, got none in {n_rounds:,} rounds; row "
        f"{_name(row_names, at)} misses {u[at]:,.6g} by {miss[at]:,.6g}"
    )


@dataclass(frozen=True)
class _Side:
    """Positive and absolute negative part of the cells, (c,) each."""

    positive: FloatArray
    negative: FloatArray

    def factors(self, line: Any, other: FloatArray, total: FloatArray) -> FloatArray:
        """The factor of each line (row or column) that gives it its total; 1 for empty lines."""
        size = len(total)
        p = np.bincount(line, self.positive * other, size)
        with np.errstate(divide="ignore", invalid="ignore"):
            n = np.bincount(line, np.where(self.negative > 0.0, self.negative / other, 0.0), size)
            mixed = (total + np.sqrt(total * total + 4.0 * p * n)) / (2.0 * p)
            # The same root without cancellation where the total is far below zero.
            stable = 2.0 * n / (np.sqrt(total * total + 4.0 * p * n) - total)
            found = np.where(p > 0.0, np.where(total < 0.0, stable, mixed), -n / total)
        return np.where((p > 0.0) | (n > 0.0), found, 1.0)

    def cells(self, factor: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.where(self.negative > 0.0, self.negative / factor, 0.0)
        made: FloatArray = self.positive * factor - below
        return made


def _check_possible(
    side: _Side, line: Any, total: FloatArray, names: Sequence[str] | None, where: str
) -> None:
    p = np.bincount(line, side.positive, len(total))
    n = np.bincount(line, side.negative, len(total))
    bad = ((total > 0.0) & (p == 0.0)) | ((total < 0.0) & (n == 0.0))
    bad |= (total == 0.0) & (p == 0.0) & (n > 0.0)
    at = np.flatnonzero(bad)
    if at.size:
        culprits = (f"{_name(names, int(i))} (total {total[i]:,.6g})" for i in at)
        raise AccountsError(
            f"{where}s: expected cells of the sign of the total, got none in "
            f"{list_some(culprits, at.size)}"
        )


def _as_matrix(matrix: Any) -> Matrix:
    shape = matrix.shape if hasattr(matrix, "shape") else np.shape(matrix)
    if len(shape) != 2:
        raise AccountsError(f"matrix: expected 2 dimensions, got shape {shape}")
    return arrays.matrix(matrix, "matrix", shape, sparse=True)


def _placed(source: Matrix, row: Any, column: Any, value: FloatArray) -> Matrix:
    if sp.issparse(source):
        return sp.csr_array((value, (row, column)), shape=source.shape)
    placed = np.zeros(source.shape)
    placed[row, column] = value
    return placed


def _name(names: Sequence[str] | None, at: int) -> str:
    return str(at) if names is None else repr(names[at])
