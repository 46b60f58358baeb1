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


def trimmed(economy: Economy, drafts: list[Draft], tol: float) -> list[Draft]:
    """The drafts, cut so that they fit; as they were where they do, or where shortages are large.

    tol : relative, the plan's.
    """
    n = economy.n_goods
    needs = total_needs(economy)
    free = np.asarray(economy.endowment, dtype=np.float64) - needs
    consumed = np.zeros(n)
    makers = []
    for k, draft in enumerate(drafts):
        if isinstance(draft.family, Consumers):
            consumed += draft.sums(n)[0]
        elif isinstance(draft.family, Suppliers):
            free = free + draft.sums(n)[1]
        else:
            makers.append((k, draft.used(n), draft.made(n)))
    fractions = [np.ones(used.shape[0]) for _, used, _ in makers]
    for round_ in range(_ROUNDS):
        supply, use = free.copy(), np.zeros(n)
        for fraction, (_, used, made) in zip(fractions, makers, strict=True):
            supply += made.T @ fraction
            use += used.T @ fraction
        supply -= _CUT * (np.abs(free) + supply)
        if round_ == 0 and not _slight(use + consumed, supply, needs, tol):
            return drafts
        over = use > supply
        if not over.any():
            left = np.maximum(supply - use, 0.0)
            share = np.minimum(1.0, left / np.maximum(consumed, 1e-300))
            return _cut(drafts, [k for k, _, _ in makers], fractions, share)
        if np.any(over & ((use <= 0.0) | (supply <= 0.0))):
            break  # a need that is not met, or something from nothing
        ratio = np.where(over, supply / np.where(over, use, 1.0), 1.0)
        fractions = [
            fraction * _least(used, ratio)
            for fraction, (_, used, _) in zip(fractions, makers, strict=True)
        ]
    return drafts


def _slight(use: Array, supply: Array, needs: Array, tol: float) -> bool:
    """Whether there is a shortage, and none is too large to be cut in proportion."""
    short = use - supply
    larger = np.maximum(np.maximum(use, supply) + needs, 1e-300)
    return bool(np.any(short > 0.0) and np.all(short <= max(_SHARE * tol, _SLIGHT) * larger))


def _least(used: sp.csr_array, ratio: Array) -> Array:
    """(councils,) least ratio over the goods that a council uses, 1 for none."""
    least = np.ones(used.shape[0])
    full = np.flatnonzero(np.diff(used.indptr))
    if len(full):
        each = np.where(used.data > 0.0, ratio[used.indices], 1.0)
        least[full] = np.minimum.reduceat(each, used.indptr[full])
    return least


def _cut(
    drafts: list[Draft], makers: list[int], fractions: list[Array], share: Array
) -> list[Draft]:
    by_place = dict(zip(makers, fractions, strict=True))
    return [draft.scaled(by_place.get(k), share) for k, draft in enumerate(drafts)]
