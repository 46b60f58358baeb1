"""Accounts from pandas data frames; pandas is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray
from parecon.accounts.assemble import assemble
from parecon.accounts.blocks import VECTORS, Block, from_triplets
from parecon.accounts.frames import need_pandas
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import NamesLike
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["block_of_frame", "from_pandas"]

LONG_COLUMNS = ("row", "column", "value")


def from_pandas(
    tables: Mapping[str, Any] | pd.DataFrame,
    *,
    sectors: NamesLike | None = None,
    commodities: NamesLike | None = None,
    industries: NamesLike | None = None,
    final_demand: NamesLike | None = None,
    factors: NamesLike | None = None,
    extensions: NamesLike | None = None,
    unit: str = "",
    title: str = "",
    sparse: bool = False,
) -> InputOutput | SupplyUse:
    """Return accounts from data frames.

    Parameters
    ----------
    tables : mapping from name to DataFrame or Series, or a DataFrame
        By name: Z, or V and U; any of Y, W, W_Y, F, F_Y; x and q as Series. Each is either *wide*
        (rows and columns named as in the formulas; the levels of a MultiIndex are joined by "/")
        or *long* (columns ``row``, ``column``, ``value``; cells that are not there are 0). One
        frame with the columns ``table``, ``row``, ``column``, ``value`` holds all. Rows and columns
        may come in any order; they are put together by name.
    sectors, commodities, industries, final_demand, factors, extensions : optional
        Names in the order wanted (or :class:`Labels`), or a mapping from name to kind.
    unit, title : str, optional
        Unit of money; what the table is.
    sparse : bool
        Whether to store Z, U and V sparse.

    Raises
    ------
    AccountsError
        If tables are missing or their names do not fit together: the table, the row or column by
        name.
    MissingDependencyError
        If pandas is not installed.
    """
    pandas = need_pandas()
    if isinstance(tables, pandas.DataFrame):
        tables = _split(tables)
    blocks = {name: block_of_frame(name, frame) for name, frame in tables.items()}
    sides = {
        "sectors": sectors,
        "commodities": commodities,
        "industries": industries,
        "final_demand": final_demand,
        "factors": factors,
        "extensions": extensions,
    }
    return assemble(blocks, sides, unit=unit, title=title, sparse=sparse)


def block_of_frame(name: str, frame: Any) -> Block:
    """Return the block of one wide or long DataFrame, or of a Series.

    Raises
    ------
    AccountsError
        If it is neither, or holds what is no number.
    """
    pandas = need_pandas()
    if isinstance(frame, pandas.Series) or (
        name in VECTORS and isinstance(frame, pandas.DataFrame) and frame.shape[1] == 1
    ):
        values = _floats(name, frame).reshape(-1, 1)
        return Block(_joined(frame.index), ("value",), values)
    if not isinstance(frame, pandas.DataFrame):
        raise AccountsError(f"{name}: expected a DataFrame, got {type(frame).__name__}")
    if set(frame.columns) == set(LONG_COLUMNS):
        row, column = (list(map(str, frame[side])) for side in LONG_COLUMNS[:2])
        return from_triplets(name, row, column, _floats(name, frame["value"]))
    rows, columns = _joined(frame.index), _joined(frame.columns)
    if len(frame.dtypes) and all(isinstance(d, pandas.SparseDtype) for d in frame.dtypes):
        return Block(rows, columns, sp.csr_array(frame.sparse.to_coo()))
    return Block(rows, columns, _floats(name, frame))


def _split(frame: Any) -> dict[str, Any]:
    expected = {"table", *LONG_COLUMNS}
    if set(frame.columns) != expected:
        raise AccountsError(
            f"tables: expected the columns table, row, column, value, got "
            f"{', '.join(map(str, frame.columns))}"
        )
    parts = {str(name): part.drop(columns="table") for name, part in frame.groupby("table")}
    pandas = need_pandas()
    for name in VECTORS:
        if name in parts:
            values = parts[name]
            parts[name] = pandas.Series(values["value"].to_numpy(), index=values["row"])
    return parts


def _joined(index: Any) -> tuple[str, ...]:
    """Names of rows or columns; the levels of a MultiIndex are joined by "/"."""
    if index.nlevels > 1:
        return tuple("/".join(map(str, entry)) for entry in index)
    return tuple(map(str, index))


def _floats(name: str, frame: Any) -> FloatArray:
    try:
        return np.asarray(frame.to_numpy(dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise AccountsError(f"{name}: expected numbers, got {error}") from error
