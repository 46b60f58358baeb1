"""Cutting off what an engine's tolerance overdrew.

Quantities of an engine miss clearance by its tolerance. Where that is far below what is asked of
the plan, cutting the users of each short good in proportion costs no more than a few times as much;
the linear programme of `parecon.fractions`, which finds the cuts that cost least, is for shortages
that matter.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.draft import Draft
from parecon.economy import Economy
from parecon.families import Consumers, Suppliers
from parecon.problem import total_needs

Array = NDArray[np.float64]

# A shortage above this share of the tolerance (or this, where the tolerance is still finer) is not
# cut here.
_SHARE, _SLIGHT = 0.02, 1e-8
_ROUNDS = 200
_CUT = 1e-13  # relative, for the rounding of sums
_IDLE = 1e-3  # of the tolerance, over all councils: who turns over less may as well rest


def trimmed(economy: Economy, drafts: list[Draft], price: Array, tol: float) -> list[Draft]:
    """The drafts, cut so that they fit; as they were where they do, or where shortages are large.

    price : (n,) >= 0, money per physical unit; tol : relative, the plan's.
    """
    work = _Work(economy, drafts, price)
    limit = max(_SHARE * tol, _SLIGHT)
    if not work.slightly_short(limit):
        return drafts
    for least in (0.0, _IDLE * tol):
        found = work.cut(work.busy(least))
        if found is not None and work.lost(found[1]) <= limit * economy.total_budget:
            return work.scaled(*found)
    return drafts


class _Work:
    """Who makes, uses and consumes what.

    free : (n,) what is there without the makers, needs taken off. consumed : (n,). makers : place,
    used and made of each family of makers, (councils, n). All in physical units.
    """

    def __init__(self, economy: Economy, drafts: list[Draft], price: Array) -> None:
        n = economy.n_goods
        self.economy, self.drafts, self.price = economy, drafts, price
        self.needs = total_needs(economy)
        self.free = np.asarray(economy.endowment, dtype=np.float64) - self.needs
        self.consumed = np.zeros(n)
        self.makers: list[tuple[int, sp.csr_array, sp.csr_array]] = []
        for k, draft in enumerate(drafts):
            if isinstance(draft.family, Consumers):
                self.consumed += draft.sums(n)[0]
            elif isinstance(draft.family, Suppliers):
                self.free = self.free + draft.sums(n)[1]
            else:
                self.makers.append((k, draft.used(n), draft.made(n)))

    def flows(self, fractions: list[Array]) -> tuple[Array, Array]:
        """(supply, use by makers), (n,) each, of fractions (councils,) of each family of makers."""
        supply, use = self.free.copy(), np.zeros(len(self.free))
        for fraction, (_, used, made) in zip(fractions, self.makers, strict=True):
            supply += made.T @ fraction
            use += used.T @ fraction
        return supply - _CUT * (np.abs(self.free) + supply), use

    def busy(self, least: float) -> list[Array]:
        """1 for makers who turn over a share `least` of the budgets and more, 0 for others."""
        count = sum(used.shape[0] for _, used, _ in self.makers)
        floor = least * self.economy.total_budget / max(count, 1)
        return [
            np.where(np.maximum(used @ self.price, made @ self.price) >= floor, 1.0, 0.0)
            for _, used, made in self.makers
        ]

    def slightly_short(self, limit: float) -> bool:
        """Whether there is a shortage, and none is too large to be cut in proportion.

        Relative to what is used, or to an even share of the budgets: where hardly anything is made
        of a good, a solver's zero may be short by any part of itself.
        """
        supply, use = self.flows(self.busy(0.0))
        use += self.consumed
        short = use - supply
        larger = np.maximum(np.maximum(use, supply) + self.needs, 1e-300)
        even = self.economy.total_budget / len(short)
        worthless = (self.price > 0.0) & (self.price * short <= limit * even)
        return bool(np.any(short > 0.0) and np.all((short <= limit * larger) | worthless))

    def cut(self, fractions: list[Array]) -> tuple[list[Array], Array] | None:
        """(fractions of makers, share (n,) of each good consumed) that fit, from fractions down.

        None where that does not come to an end, or where a need is short.
        """
        for _ in range(_ROUNDS):
            supply, use = self.flows(fractions)
            over = use > supply
            if not over.any():
                left = np.maximum(supply - use, 0.0)
                return fractions, np.minimum(1.0, left / np.maximum(self.consumed, 1e-300))
            if np.any(over & ((use <= 0.0) | (supply <= 0.0))):
                break  # a need that is not met, or something from nothing
            ratio = np.where(over, supply / np.where(over, use, 1.0), 1.0)
            fractions = [
                fraction * _least(used, ratio)
                for fraction, (_, used, _) in zip(fractions, self.makers, strict=True)
            ]
        return None

    def lost(self, share: Array) -> float:
        """Money, at prices: what is not consumed for it."""
        return float(self.price @ (self.consumed * (1.0 - share)))

    def scaled(self, fractions: list[Array], share: Array) -> list[Draft]:
        """The drafts at these fractions."""
        places = [place for place, _, _ in self.makers]
        by_place = dict(zip(places, fractions, strict=True))
        return [draft.scaled(by_place.get(k), share) for k, draft in enumerate(self.drafts)]


def _least(used: sp.csr_array, ratio: Array) -> Array:
    """(councils,) least ratio over the goods that a council uses, 1 for none."""
    least = np.ones(used.shape[0])
    full = np.flatnonzero(np.diff(used.indptr))
    if len(full):
        each = np.where(used.data > 0.0, ratio[used.indices], 1.0)
        least[full] = np.minimum.reduceat(each, used.indptr[full])
    return least
