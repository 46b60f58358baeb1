"""Records as pandas data frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parecon.errors import MissingDependencyError

if TYPE_CHECKING:
    import pandas as pd


def frames(explanation: Any, kinds: Mapping[str, type]) -> dict[str, pd.DataFrame]:
    """Return one frame per list of records; one without records has its columns all the same."""
    pandas = pandas_module("to_pandas")
    return {
        name: pandas.DataFrame(
            [dataclasses.asdict(record) for record in getattr(explanation, name)],
            columns=[field.name for field in dataclasses.fields(kind)],
        )
        for name, kind in kinds.items()
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
