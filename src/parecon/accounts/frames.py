"""Accounts as pandas data frames; pandas is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import scipy.sparse as sp

from parecon._columns import FloatArray
from parecon.accounts.blocks import BLOCKS
from parecon.accounts.labels import Labels
from parecon.errors import MissingDependencyError

if TYPE_CHECKING:
    import pandas as pd

    from parecon.accounts.base import Accounts
    from parecon.accounts.log import Step

__all__ = ["changed_cells", "columns_frame", "named_blocks", "need_pandas", "to_frames"]


def to_frames(accounts: Accounts) -> dict[str, pd.DataFrame]:
    """Return the blocks of accounts as frames, by name; sparse blocks as sparse frames."""
    pandas = need_pandas()
    frames: dict[str, Any] = {}
    for name, (values, rows, columns) in named_blocks(accounts).items():
        index = pandas.Index(rows.names, name=rows.what)
        if columns is None:
            frames[name] = pandas.Series(values, index=index, name=name)
            continue
        head = pandas.Index(columns.names, name=columns.what)
        if sp.issparse(values):
            frames[name] = pandas.DataFrame.sparse.from_spmatrix(values, index=index, columns=head)
        else:
            frames[name] = pandas.DataFrame(values, index=index, columns=head)
    return frames


def named_blocks(accounts: Accounts) -> dict[str, tuple[Any, Labels, Labels | None]]:
    """Every block that is not empty, with the labels of its sides (None: a vector)."""
    goods, industries = accounts.goods, accounts.industries
    sides = {
        "Z": (goods, industries),
        "V": (industries, goods),
        "U": (goods, industries),
        "Y": (goods, accounts.final_demand),
        "W": (accounts.factors, industries),
        "W_Y": (accounts.factors, accounts.final_demand),
        "F": (accounts.extensions, industries),
        "F_Y": (accounts.extensions, accounts.final_demand),
    }
    found: dict[str, tuple[Any, Labels, Labels | None]] = {}
    for name in BLOCKS:
        values = getattr(accounts, name, None)
        if values is not None and all(values.shape):
            found[name] = (values, *sides[name])
    found["x"] = (accounts.industry_output, industries, None)
    if hasattr(accounts, "q"):
        found["q"] = (accounts.goods_output, goods, None)
    return found


def changed_cells(step: Step) -> pd.DataFrame:
    """Return the cells that a repair changed."""
    pandas = need_pandas()
    columns: dict[str, list[Any]] = {
        name: [] for name in ("block", "row", "column", "before", "after")
    }
    for changes in step.changes:
        columns["block"] += [changes.block] * len(changes)
        for name in ("row", "column", "before", "after"):
            columns[name] += getattr(changes, name).tolist()
    return pandas.DataFrame(columns)


def columns_frame(columns: Mapping[str, FloatArray], rows: Labels) -> pd.DataFrame:
    """Return a frame with one row per label, its text first where there are texts."""
    pandas = need_pandas()
    data: dict[str, Any] = dict(columns)
    if any(rows.text):
        data = {"text": rows.text, **data}
    return pandas.DataFrame(data, index=pandas.Index(rows.names, name=rows.what))


def need_pandas() -> Any:
    """Return the module pandas.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise MissingDependencyError(
            'data frames need pandas: pip install "parecon[pandas]"'
        ) from error
    return pandas
