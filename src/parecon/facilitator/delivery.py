"""What can be delivered of a round's proposals, from quantities alone (DESIGN section 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    standing: Standing,
    goods: Goods,
    councils: Sequence[Council],
    endowment: Array,
    price_of: Callable[[int], Array],
) -> Delivered:
    """The feasible plan of a round. Raises BoardError where sums were told, or nothing.

    A council that supplies something delivers one fraction of its whole proposal, because what it
    makes depends on what it uses; the others get a fraction of each good, the same for all, of
    what their budgets cover.

    price_of : prices of a round; a proposal is paid for at those it answers.
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
    covered = _covered(word, eaters, councils, price_of)
    sectors = Sectors(
        used=gather @ word.demand[rows],
        made=gather @ word.supply[rows],
        consumed=word.demand[eaters].T @ covered,
        free=endowment + summed(word.supply[eaters]),
    )
    found = fractions(sectors, standing.price)
    if found is None:
        raise BoardError(f"round {standing.round}: no part of it can be delivered")
    t, c = found
    supply = sectors.free + sectors.made.T @ t
    demand = sectors.consumed * c + sectors.used.T @ t
    over = np.flatnonzero(covered < 1.0)
    names = [
        councils[index].name
        for index in word.councils[np.concatenate([rows, eaters[over]])].tolist()
    ]
    parts = np.concatenate([t[sector], covered[over]])
    eaten = np.flatnonzero(sectors.consumed > 0.0)
    return Delivered(
        round=standing.round,
        fractions=dict(zip(names, parts.tolist(), strict=True)),
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


def _covered(
    word: Word,
    eaters: NDArray[np.intp],
    councils: Sequence[Council],
    price_of: Callable[[int], Array],
) -> Array:
    """(eaters,) what part of each proposal its budget covers, 1 where no budget is known."""
    demand, covered = word.demand[eaters], np.ones(len(eaters))
    budgets = [councils[index].budget for index in word.councils[eaters].tolist()]
    budget = np.array([np.inf if b is None else b for b in budgets], dtype=float)
    answered = word.answered[eaters]
    for told_in in np.unique(answered).tolist():
        at = np.flatnonzero(answered == told_in)
        spending = demand[at] @ price_of(told_in)
        over = spending > budget[at] * (1.0 + _ROUNDING)
        covered[at[over]] = budget[at[over]] / spending[over]
    return covered


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
