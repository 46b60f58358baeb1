"""Supply and demand of every good, summed without rounding that matters, and what is short.

Three million equal inputs added one by one lose nine digits or so; a shortage of that size would be
the judge's own. So every term is split at a power of two per good: the upper parts add without any
rounding, in any order, and the lower parts are so small that theirs does not count (the
error-free extraction of Rump, Ogita & Oishi, "Accurate floating-point summation", SIAM J. Sci.
Comput. 31, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from parecon.certificate.findings import Finding, peak
from parecon.certificate.groups import BLOCK_ENTRIES, Array, Index
from parecon.certificate.judges import Flow, Judge
from parecon.economy import Economy


def exact_sums(flows: Callable[[], Iterator[Flow]], n_goods: int) -> Array:
    """Sum of the quantities of each good, (n,), right to about the last bit.

    flows : called twice; yields (good, quantity) with quantities >= 0 (a plan's negative ones are
        summed as they are).
    """
    size = np.zeros(n_goods)
    for good, quantity in _pieces(flows()):
        size += np.bincount(good, np.abs(quantity), n_goods)
    with np.errstate(invalid="ignore", over="ignore"):
        # With |terms| summing to less than cut/2, every upper part is a multiple of the last bit of
        # `cut`, and every partial sum of them is below it: a float, exactly.
        cut = np.ldexp(1.0, np.frexp(size)[1] + 1)
        cut[size == 0.0] = 0.0
        upper, lower = np.zeros(n_goods), np.zeros(n_goods)
        for good, quantity in _pieces(flows()):
            at = cut[good]
            high = (quantity + at) - at
            upper += np.bincount(good, high, n_goods)
            lower += np.bincount(good, quantity - high, n_goods)
        return upper + lower


def _pieces(flows: Iterator[Flow]) -> Iterator[Flow]:
    for good, quantity in flows:
        for low in range(0, quantity.size, BLOCK_ENTRIES):
            piece = slice(low, low + BLOCK_ENTRIES)
            yield good[piece], quantity[piece]


def supply_and_demand(
    economy: Economy, judges: tuple[Judge, ...], proposals: tuple[Any, ...]
) -> tuple[Array, Array]:
    """Endowment + outputs + suppliers, and consumption + needs + inputs; (n,) physical units."""
    n, pairs = economy.n_goods, tuple(zip(judges, proposals, strict=True))
    own = np.arange(n)

    def supplied() -> Iterator[Flow]:
        yield own, economy.endowment
        for judge, proposal in pairs:
            yield from judge.supplies(proposal)

    def used() -> Iterator[Flow]:
        for judge, proposal in pairs:
            yield from judge.uses(proposal)

    return exact_sums(supplied, n), exact_sums(used, n)


def total_needs(economy: Economy) -> Array:
    """What all councils together are guaranteed in kind, (n,) physical units."""

    def needed() -> Iterator[Flow]:
        for family in economy.families:
            needs = getattr(family, "needs", None)
            if needs is not None:
                yield needs.indices, needs.data

    return exact_sums(needed, economy.n_goods)


def shortage(economy: Economy, supply: Array, demand: Array) -> Finding:
    """The worst max(0, D - S) / max(S, D)."""
    with np.errstate(invalid="ignore"):
        scale = np.maximum(supply, demand)
        relative = np.maximum(0.0, demand - supply) / np.where(scale == 0.0, 1.0, scale)
    return _at_good(economy, relative)


def surplus(economy: Economy, price: Array, supply: Array, demand: Array) -> Finding:
    """The worst p max(0, S - D) / max(p D, B/n)."""
    with np.errstate(invalid="ignore"):
        left = price * np.maximum(0.0, supply - demand)
        scale = np.maximum(price * demand, economy.total_budget / economy.n_goods)
        relative = left / scale
    return _at_good(economy, relative)


def _at_good(economy: Economy, relative: Index) -> Finding:
    at, value = peak(relative)
    return Finding(value, economy.goods.name(at)) if value > 0.0 else Finding()
