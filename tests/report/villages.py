"""An economy of three goods with names that nobody should give anything."""

from __future__ import annotations

import numpy as np

import parecon as pe

NASTY = "<script>alert('x')</script> & \"y\""


def village(*, hours: float = 10.0, capacity: float = np.inf, **changes) -> pe.Economy:
    """Three goods: an hour and a half make a kilogram of wheat, a loaf takes a kilogram and an
    hour. Names are what nobody should call anything.
    """
    goods = pe.Goods(
        [NASTY, "wheat", "$bread_^{x}\x00\u202e"], kind=["labour", "food", "food"],
        unit=["hour", "<i>kg</i>", "loaf"],
    )  # fmt: skip
    people = {"budget": [4.0, 6.0], "shares": [[0.5, 0.0, 0.5], [0.2, 0.2, 0.6]], **changes}
    return pe.Economy(
        goods,
        [hours, 0.0, 0.0],
        [
            pe.CobbDouglasConsumers(**people, names=["<b>poor", "rich&"], label="households"),
            pe.Activities([[-0.5, 1, 0], [-1, -1, 1]], [np.inf, capacity], names=["farm", "oven"]),
        ],
    )
