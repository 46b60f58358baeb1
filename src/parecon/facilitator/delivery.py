"""What can be delivered of a round's proposals, from quantities alone (DESIGN section 6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.errors import BoardError
from parecon.facilitator.ledger import Word
from parecon.facilitator.records import CONSUMERS, WORKERS, Array, Council, Delivered
from parecon.facilitator.rows import summed
from parecon.facilitator.standing import Standing
from parecon.fractions import Sectors, fractions
from parecon.goods import Goods

MOST_SECTORS = 1_000  # more suppliers than this share a fraction with those who make the same good
_ROUNDING = 1e-9


def delivered(
    standing: Standing, goods: Goods, councils: Sequence[Council], endowment: Array
) -> Delivered:
    """The feasible plan of a round. Raises BoardError where sums were told, or nothing.

    A council that supplies something delivers one fraction of its whole proposal, because what it
    makes depends on what it uses; the others get a fraction of each good, the same for all.
    """
    word = standing.word
    if word.summed:
        raise BoardError(
            f"round {standing.round}: only sums were told, and sums do not say whom a shortage "
            "would hit; tell proposals council by council"
        )
    if word.empty:
        raise BoardError(f"round {standing.round}: nobody has proposed anything to deliver")
    supplies = _suppliers(word, councils)
    rows, eaters = np.flatnonzero(supplies), np.flatnonzero(~supplies)
    gather, sector = _sectors(word.supply[rows], standing.price)
    sectors = Sectors(
        used=gather @ word.demand[rows],
        made=gather @ word.supply[rows],
        consumed=summed(word.demand[eaters]),
        free=endowment + summed(word.supply[eaters]),
    )
    found = fractions(sectors, standing.price)
    if found is None:
        raise BoardError(f"round {standing.round}: no part of it can be delivered")
    t, c = found
    supply = sectors.free + sectors.made.T @ t
    demand = sectors.consumed * c + sectors.used.T @ t
    names = [councils[index].name for index in word.councils[rows].tolist()]
    eaten = np.flatnonzero(sectors.consumed > 0.0)
    return Delivered(
        round=standing.round,
        fractions=dict(zip(names, t[sector].tolist(), strict=True)),
        consumed={goods.name(i): float(c[i]) for i in eaten.tolist()},
        supply=_frozen(supply),
        demand=_frozen(demand),
        price=standing.price,
        undelivered=_undelivered(standing, goods, demand),
    )


def _suppliers(word: Word, councils: Sequence[Council]) -> NDArray[np.bool_]:
    """(k,) who delivers its proposal as a whole: workers, and others that supply something."""
    kind = np.array([councils[index].kind for index in word.councils.tolist()])
    supplies = np.diff(word.supply.indptr) > 0
    return np.asarray((kind == WORKERS) | (supplies & (kind != CONSUMERS)))


def _sectors(supply: sp.csr_array, price: Array) -> tuple[sp.csr_array, NDArray[np.int64]]:
    """(sectors, k) CSR of ones that adds up councils by sector, and the sector (k,) of each."""
    count = supply.shape[0]
    if count <= MOST_SECTORS:
        sector, n_sectors = np.arange(count), count
    else:
        made, sector = np.unique(_main_output(supply, price), return_inverse=True)
        n_sectors = len(made)
    shape = (n_sectors, count)
    gather = sp.csc_array((np.ones(count), sector, np.arange(count + 1)), shape=shape)
    return gather.tocsr(), sector


def _main_output(supply: sp.csr_array, price: Array) -> NDArray[np.int64]:
    """(k,) the good of which a council supplies most value, -1 where it supplies nothing."""
    council = np.repeat(np.arange(supply.shape[0]), np.diff(supply.indptr))
    order = np.lexsort((supply.data * price[supply.indices], council))
    main = np.full(supply.shape[0], -1, dtype=np.int64)
    main[council[order]] = supply.indices[order]  # the last one written is the one worth most
    return main


def _undelivered(standing: Standing, goods: Goods, demand: Array) -> dict[str, float]:
    """What was asked for and is not delivered, most valuable first; rounding aside."""
    asked = standing.sums.demand
    short = np.where(asked - demand > _ROUNDING * asked, asked - demand, 0.0)
    first = np.argsort(-short * standing.price, kind="stable")
    return {goods.name(i): float(short[i]) for i in first[: np.count_nonzero(short)].tolist()}


def _frozen(values: Array) -> Array:
    values.flags.writeable = False
    return values
