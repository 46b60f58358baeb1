"""How much of each good there can be at most, whatever the plan: bounds on levels follow."""

from __future__ import annotations

import numpy as np

from parecon.certificate.groups import Array
from parecon.certificate.judges import Judge

ROUNDS = 50


def available_goods(judges: tuple[Judge, ...], net: Array) -> Array:
    """An upper bound on what any council can use of each good, (n,) physical units, inf allowed.

    net : (n,) endowment - needs.

    No council uses more than net + everything made and supplied. Whoever makes something makes no
    more than it could if all that is available were its own. Starting from inf, each round puts the
    second bound into the first; bounds only fall, and every round's are valid, so it may stop at
    any. (Interval propagation.)
    """
    available = np.full(net.size, np.inf)
    for _ in range(ROUNDS):
        made = np.zeros(net.size)
        for judge in judges:
            for good, most in judge.most_made(available):
                made += np.bincount(good, most, net.size)
        before, available = available, np.maximum(net + made, 0.0)
        # Worth another round while a good becomes finite or falls by more than a hundredth.
        with np.errstate(invalid="ignore"):
            if not (available < 0.99 * before).any():
                break
    return available
