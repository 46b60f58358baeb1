"""Pictures of procedures and of plans.

Of `Rounds`: `convergence`, `prices`, both of them as `rounds`, rule beside rule as `compare`. Of a
`Plan`: `history`, `price_changes`, `quantity_changes`, `scarcity`, `gains`, `emissions`, `flows`.

Every function returns a Matplotlib `Figure` of its own, made without pyplot, so that no window, no
display and no global state is involved; `write` makes a file of it, as does the figure's own
``savefig``. Matplotlib is imported when first needed (`pip install 'parecon[plot]'`).

Colours are those of Okabe and Ito (2008), which people of any colour vision tell apart; lines
differ in dashes too, for print in grey.
"""

from __future__ import annotations

from parecon.plots._style import SUFFIXES, check, png, write
from parecon.plots.of_plan import (
    emissions,
    flows,
    gains,
    history,
    price_changes,
    quantity_changes,
    scarcity,
)
from parecon.plots.of_rounds import compare, convergence, prices, rounds

__all__ = [
    "SUFFIXES",
    "check",
    "compare",
    "convergence",
    "emissions",
    "flows",
    "gains",
    "history",
    "png",
    "price_changes",
    "prices",
    "quantity_changes",
    "rounds",
    "scarcity",
    "write",
]
