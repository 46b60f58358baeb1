"""Plans and rounds as pandas data frames."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon.errors import MissingDependencyError
from parecon.proposals import net_flows

if TYPE_CHECKING:
    import pandas as pd

    from parecon.families import Family
    from parecon.plan import Plan
    from parecon.procedure import Rounds


def plan_frames(plan: Plan, *, flows: bool = True) -> dict[str, pd.DataFrame]:
    """Return the frames of `Plan.to_pandas`."""
    pandas = _pandas()
    goods = plan.economy.goods
    columns: dict[str, Any] = {"good": goods.names}
    if goods.kind is not None:
        columns["kind"] = goods.kind
    if goods.unit is not None:
        columns["unit"] = goods.unit
    columns |= {name: getattr(plan, name) for name in ("price", "supply", "demand")}
    columns["excess_demand"] = plan.excess_demand
    frames = {"goods": pandas.DataFrame(columns)}
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        frames[family.title] = pandas.DataFrame(_council_columns(family, proposal))
        if flows:
            council, good, quantity = net_flows(family, proposal)
            frames[f"{family.title}.flows"] = pandas.DataFrame(
                {
                    "council": council,
                    "good": pandas.Categorical.from_codes(good, categories=list(goods.names)),
                    "quantity": quantity,
                }
            )
    return frames


def rounds_frames(rounds: Rounds) -> dict[str, pd.DataFrame]:
    """Return the frames of `Rounds.to_pandas`."""
    pandas = _pandas()
    n_rounds, n_goods = rounds.price.shape
    names = list(rounds.goods.names)
    frames = {"rounds": pandas.DataFrame([dataclasses.asdict(entry) for entry in rounds])}
    where = {
        "round": np.repeat(np.arange(1, n_rounds + 1), n_goods),
        "good": pandas.Categorical.from_codes(
            np.tile(np.arange(n_goods), n_rounds), categories=names
        ),
    }
    measures = ("price", "supply", "demand", "imbalance", "excess_demand")
    columns = {name: getattr(rounds, name).ravel() for name in measures}
    if rounds.plan_price is not None:
        columns["plan_price"] = np.tile(rounds.plan_price, n_rounds)
    frames["goods"] = pandas.DataFrame(where | columns)
    if rounds.state:
        state = {name: column.ravel() for name, column in rounds.state.items()}
        frames["state"] = pandas.DataFrame(where | state)
    return frames


def _council_columns(family: Family, proposal: Any) -> dict[str, Any]:
    """Return the name of each council and every field of the record with one number per council."""
    columns: dict[str, Any] = {"council": family.names or range(family.n_councils)}
    for field in dataclasses.fields(proposal):
        values = getattr(proposal, field.name)
        per_council = field.name not in ("input", "fixed_input")
        per_council &= field.name != "quantity" or family.role == "suppliers"
        if values is not None and per_council:
            columns[field.name] = values
    return columns


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise MissingDependencyError(
            "to_pandas needs pandas: pip install 'parecon[pandas]'"
        ) from error
    return pandas
