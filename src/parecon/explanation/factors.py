"""What kind of primary factor a good is: labour, nature, permits, imports, capital."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from parecon.goods import Goods

RESOURCES, STOCKS, IMPORTS = "resources", "stocks", "imports"

# Looked for in the kind of a good, or in its name where it has no kind; the first that fits.
_WORDS = (
    (STOCKS, ("stock",)),
    ("permits", ("permit", "emission", "pollution", "allowance", "pollutant")),
    (IMPORTS, ("import", "foreign")),
    ("taxes", ("tax", "taxe", "subsidy", "subsidie", "duty", "dutie")),
    ("labour", ("labour", "labor", "worker", "employment", "work", "employee", "wage")),
    ("capital", ("capital", "operating")),
    ("nature", ("nature", "natural", "land", "water", "mineral", "ore", "forest", "fish")),
)
_FOREIGN = re.compile(r"foreign[ _-]?(exchange|currency)|^forex$", re.IGNORECASE)


def factor_kind(goods: Goods, good: int, made: NDArray[np.bool_]) -> str:
    """Return the kind of a good that is endowed or supplied.

    made : (n,) whether worker councils make it.
    """
    text = _kind(goods, good) or goods.name(good)
    words = set(re.split(r"[^a-z]+", text.lower()))
    words |= {word.removesuffix("s") for word in words}
    for kind, known in _WORDS:
        if words.intersection(known):
            return kind
    return STOCKS if made[good] else RESOURCES


def foreign_exchange(goods: Goods) -> NDArray[np.bool_]:
    """(n,) which goods pay for imports: there the domestic supply chain ends."""
    mask = np.zeros(len(goods), dtype=bool)
    if goods.kind is not None:
        mask[:] = [bool(_FOREIGN.search(kind)) for kind in goods.kind]
    elif not goods.counted:
        mask[:] = [bool(_FOREIGN.search(name)) for name in goods.names]
    return mask


def _kind(goods: Goods, good: int) -> str:
    return "" if goods.kind is None else goods.kind[good]
