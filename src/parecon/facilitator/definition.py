"""Whether a board is the one that a definition describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from parecon.errors import BoardError
from parecon.facilitator.board import Facilitator
from parecon.facilitator.checks import endowment_from, prices_from
from parecon.facilitator.records import Array, Council
from parecon.goods import Goods


def check_same(board: Facilitator, given: Mapping[str, Any]) -> None:
    """Raise BoardError where what is given of a definition differs from the board.

    given : any of `goods` (names), `start_price`, `endowment`, `rule` (name), `policy`, `threshold`
        as for `Facilitator`; `councils` as objects with a name, of which kind and budget may be
        left out.
    """
    goods = board.goods
    if "goods" in given and list(goods.names) != given["goods"]:
        raise _differs("goods", f"{len(goods):,} others, or in another order")
    vectors: tuple[tuple[str, Callable[[Goods, Any], Array], Array], ...] = (
        ("start_price", prices_from, board.prices[0]),
        ("endowment", endowment_from, board.endowment),
    )
    for name, made, there in vectors:
        if name not in given:
            continue
        asked = made(goods, given[name])
        for i in np.flatnonzero(asked != there)[:1].tolist():
            raise _differs(name, f"{there[i]} for {goods.name(i)!r}", float(asked[i]))
    for name in ("rule", "policy", "threshold"):
        found = getattr(board, name)
        if given.get(name, found) != found:
            raise _differs(name, repr(found), given[name])
    _check_councils(board.councils, given.get("councils", ()))


def _check_councils(known: Iterable[Council], given: Iterable[Mapping[str, Any]]) -> None:
    by_name = {council.name: council for council in known}
    for asked in given:
        council = by_name.get(asked["name"])
        if council is None:
            raise _differs("councils", f"no {asked['name']!r} (`register` adds one)")
        for name, value in asked.items():
            found = getattr(council, name)
            if found != value:
                raise _differs(f"council {council.name!r}: {name}", repr(found), value)


def _differs(what: str, found: str, asked: Any = None) -> BoardError:
    got = "" if asked is None else f", asked for {asked!r}"
    return BoardError(f"open: {what}: the board of the journal has {found}{got}")
