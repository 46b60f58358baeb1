"""Checks of a family's content: each raises an error that names councils and goods."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import (
    SUM_TOLERANCE,
    FloatArray,
    IndexArray,
    Range,
    row_of,
    row_sums,
)
from parecon.errors import EconomyError, list_some
from parecon.goods import Goods

if TYPE_CHECKING:
    from parecon.families._base import Family


def check_vector(family: Family, column: str, values: FloatArray, allowed: Range | None) -> None:
    """Check that one number per council is in its range."""
    if allowed is None or allowed.holds(values):
        return
    bad = allowed.outside(values)
    culprits = (f"{family.council_name(int(j))} ({values[j]:g})" for j in bad)
    raise EconomyError(
        f"{family.title}.{column}: expected {allowed.text}, got {list_some(culprits, bad.size)}"
    )


def check_goods(family: Family, column: str, values: IndexArray, goods: Goods) -> None:
    """Check that one good per council is a good of the economy."""
    if values.size == 0 or (int(values.min()) >= 0 and int(values.max()) < len(goods)):
        return
    bad = np.flatnonzero((values < 0) | (values >= len(goods)))
    culprits = (f"{family.council_name(int(j))} ({values[j]})" for j in bad)
    raise EconomyError(
        f"{family.title}.{column}: expected good indices from 0 to {len(goods) - 1}, "
        f"got {list_some(culprits, bad.size)}"
    )


def check_matrix(
    family: Family, column: str, matrix: sp.csr_array, allowed: Range | None, goods: Goods
) -> None:
    """Check that one number per entry is in its range."""
    if allowed is None or allowed.holds(matrix.data):
        return
    bad = allowed.outside(matrix.data)
    culprits = (
        f"{family.council_name(int(row_of(matrix.indptr, k)))}, "
        f"good {goods.name(int(matrix.indices[k]))!r} ({matrix.data[k]:g})"
        for k in bad
    )
    raise EconomyError(
        f"{family.title}.{column}: expected {allowed.text}, got {list_some(culprits, bad.size)}"
    )


def check_sums_to_one(family: Family, column: str) -> None:
    """Check that the shares of each council sum to one, within 1e-9."""
    matrix: sp.csr_array = getattr(family, column)
    sums = row_sums(matrix.indptr, matrix.data)
    require(
        family,
        np.abs(sums - 1.0) <= SUM_TOLERANCE,
        lambda j: f"{family.council_name(j)} ({sums[j]:.12g})",
        f"{column}: expected each council's {column} to sum to 1 (or normalise=True), got",
    )


def check_no_empty_row(family: Family, column: str) -> None:
    """Check that each council has at least one good."""
    matrix: sp.csr_array = getattr(family, column)
    require(
        family,
        np.diff(matrix.indptr) > 0,
        family.council_name,
        f"{column}: expected at least one good for each council, got none for",
    )


def require(
    family: Family, holds: NDArray[np.bool_], describe: Callable[[int], str], message: str
) -> None:
    """Raise ``message`` and the councils for which ``holds`` (m,) is false, if there are any."""
    if holds.all():
        return
    bad = np.flatnonzero(~holds)
    culprits = list_some((describe(int(j)) for j in bad), bad.size)
    raise EconomyError(f"{family.title}.{message} {culprits}")
