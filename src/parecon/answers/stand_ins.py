"""A few councils that stand for many: whom to choose, and for how much each stands.

Council h is chosen with probability q_h = min(1, b_h / t) and stands for 1 / q_h like it, so that
sums over those chosen are right on average (Horvitz and Thompson 1952). Those above the threshold t
are always in. The others are drawn one from each stretch of the councils in their order that holds
one chosen council on average: neighbours in the data, mostly of one sector, are told apart. Where
in its stretch is set by multiples of the golden ratio, which no period in the data follows. Nothing
is random: the same data, the same choice.

How many: with shares spread over w goods a council adds a rank-one term of 1/w of its part of the
diagonal. Those of m councils over n goods stay within (1 + sqrt(n/m))^2 / w of zero, those of many
more within 1/w (Marchenko and Pastur 1967). For a difference of at most NOISE of the diagonal,
m = n/x^2 with 2x + x^2 = NOISE w.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parecon.answers._base import Array, Index

NOISE = 0.07
MIN_ENTRIES = 300_000  # with fewer a pass takes about as long as what happens around it
PAYS = 4  # councils are left out where that leaves at most a quarter of the entries
_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)
_ROUNDS = 20


def wanted(n_councils: int, n_entries: int, n_goods: int) -> int:
    """How many councils are to stand for all; 0 where that does not pay."""
    if n_entries < MIN_ENTRIES:
        return 0
    count = int(np.ceil(n_goods / (np.sqrt(1.0 + NOISE * n_entries / n_councils) - 1.0) ** 2))
    return count if count * PAYS <= n_councils else 0


def stand_ins(size: Array, count: int) -> tuple[Index, Array]:
    """Choose about `count` councils, larger ones rather.

    size : (m,) > 0, what a council weighs.

    Returns who is chosen (k,), in order, and for how many like it each stands (k,) >= 1.
    """
    chance = _chances(size, count)
    certain = chance >= 1.0
    reach = np.cumsum(np.where(certain, 0.0, chance))
    stretches = round(float(reach[-1]))
    if stretches == 0:
        always = np.flatnonzero(certain)
        return always, np.ones(len(always))
    width = float(reach[-1]) / stretches
    place = np.arange(stretches)
    points = (place + np.modf((place + 1) * _GOLDEN)[0]) * width
    # two points may meet in one council
    drawn, times = np.unique(np.searchsorted(reach, points, side="right"), return_counts=True)
    drawn, times = drawn[drawn < len(size)], times[drawn < len(size)]
    chosen = np.concatenate([np.flatnonzero(certain), drawn])
    factor = np.concatenate([np.ones(len(chosen) - len(drawn)), times * width / chance[drawn]])
    order = np.argsort(chosen)
    return chosen[order], factor[order]


def _chances(size: Array, count: int) -> Array:
    """(m,) min(1, size / t) with t such that they sum to `count`."""
    left, threshold = float(count), float(np.sum(size)) / count
    for _ in range(_ROUNDS):
        small = size < threshold
        left = count - (len(size) - int(np.count_nonzero(small)))
        if left <= 0:
            break
        lower = float(np.sum(size, where=small)) / left
        if lower >= threshold:
            break
        threshold = lower
    return np.minimum(1.0, size / threshold)


def entries_of(indptr: NDArray[np.int64], chosen: Index) -> tuple[NDArray[np.int64], Index]:
    """Pointer (k + 1,) of the chosen rows alone, and where their entries stand."""
    length = indptr[chosen + 1] - indptr[chosen]
    pointer = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    return pointer, np.arange(pointer[-1]) + np.repeat(indptr[chosen] - pointer[:-1], length)
