"""Small economies over years, of all that ties years together."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np

import parecon as pe
from parecon.dated import Capital, DatedEconomy, Exhaustible, Growth, Storage

GOODS = ("bread", "steel", "wood", "work", "permits")


def base(*, curved: bool = True, n_households: int = 2) -> pe.Economy:
    """Two makers, wood that regrows, work, permits; CES bakers where curved."""
    households = pe.CobbDouglasConsumers(
        np.linspace(4.0, 6.0, n_households),
        np.tile([0.6, 0.0, 0.1, 0.3, 0.0], (n_households, 1)),
        names=[f"household {k}" for k in range(n_households)],
        label="households",
    )
    if curved:
        bakers: Any = pe.CESWorkers(
            [0], [[0.0, 0.2, 0.3, 0.5, 0.0]], 0.6, 1.0, 1.2, names=["bakery"], label="bakers"
        )
    else:
        bakers = pe.Activities([[1.0, -0.2, -0.3, -0.5, 0.0]], names=["bakery"], label="bakers")
    smelters = pe.Activities(
        [[0.0, 1.0, -0.5, -0.4, -1.0], [0.0, 1.0, -0.5, -0.9, -0.2]],
        names=["coke", "electric"],
        label="smelters",
    )
    return pe.Economy(
        pe.Goods(GOODS, kind=["product", "product", "nature", "labour", "permit"]),
        [0.0, 0.0, 6.0, 12.0, 1.0],
        [households, bakers, smelters],
    )


def everything(
    *, curved: bool = True, years: Any = 4, economy: pe.Economy | None = None, **more: Any
) -> DatedEconomy:
    """Capital by council and shared, storage, a budget of permits, limits to growth, an end."""
    given = {
        "capital": [
            Capital(
                name="furnaces",
                use={"smelters": {"coke": 0.8, "electric": 1.1}},
                build={"steel": 0.3, "work": 0.5},
                initial={"coke": 1.5, "electric": 0.5},
                depreciation=0.1,
                value=0.5,
            ),
            Capital(
                name="tools",
                use={"bakers": 0.2, "smelters": 0.1},
                shared=True,
                build={"wood": 0.4, "work": 0.3},
                initial=1.5,
                life=3,
                minimum=0.4,
            ),
        ],
        "storage": Storage(good="wood", loss=0.05, initial=1.0),
        "exhaustible": Exhaustible(good="permits", quantity=3.0, yearly=1.5),
        "growth": Growth(of="furnaces", rise=0.5, before=0.6, allowance=0.05),
        "discount": 0.95,
        "posterity": 2.0,
        "productivity": {"bakers": 1.02 ** np.arange(4)},
    }
    return pe.dated(economy or base(curved=curved), years, **(given | more))


def printed(code: str, names: dict[str, Any]) -> str:
    """What a piece of code prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "page", "exec"), names)
    return out.getvalue()
