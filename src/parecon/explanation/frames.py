"""Records as pandas data frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parecon.errors import MissingDependencyError
from parecon.explanation import records as kinds

if TYPE_CHECKING:
    import pandas as pd

_ROWS = {
    "parts": kinds.Part,
    "suppliers": kinds.Trade,
    "users": kinds.Trade,
    "binding": kinds.Binding,
    "idle": kinds.Idle,
    "outputs": kinds.Item,
    "inputs": kinds.Item,
    "given": kinds.Item,
}


def frames(explanation: Any, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return one frame per list of records; one without records has its columns all the same."""
    pandas = pandas_module("to_pandas")
    return {
        name: pandas.DataFrame(
            [dataclasses.asdict(record) for record in getattr(explanation, name)],
            columns=[field.name for field in dataclasses.fields(_ROWS[name])],
        )
        for name in names
    }


def pandas_module(purpose: str) -> Any:
    """Return pandas; MissingDependencyError says what needs it and how to install it."""
    try:
        import pandas
    except ImportError as error:
        raise MissingDependencyError(
            f"{purpose} needs pandas: pip install 'parecon[pandas]'"
        ) from error
    return pandas
