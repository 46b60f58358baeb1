"""Economies that come with their plan: prices first, then the data that make them the plan's.

A price vector p is drawn. Consumers demand at p; each worker council gets a technology that makes
its proposal at p the one intended (zero profit for the techniques in use, loss for the idle ones,
rent where a capacity binds); gross output is what clears every good that is made; endowments are
what clears the rest. Prices, proposals and welfare of the plan are then known to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from parecon.economy import Economy
from parecon.synthetic._draw import Floats

_MAX_PASSES = 10_000


@dataclass(frozen=True)
class Planted:
    """An economy with its plan.

    Attributes
    ----------
    economy : Economy
        The data.
    price : (n,) float64
        Prices of the plan, money per physical unit. Unique, except as a generator says.
    optimum : dict of dict of array
        For each family's label the quantities of its proposals, by the names they have in
        `parecon.proposals`: ``optimum["consumers"]["quantity"]``.
    welfare : float
        Value of the programme (P) at the plan, money: sum_h b_h log u_h(x_h).
    """

    economy: Economy
    price: Floats
    optimum: Mapping[str, Mapping[str, Floats]]
    welfare: float


def gross_output(final: Floats, uses: Callable[[Floats], Floats], *, tol: float = 1e-15) -> Floats:
    """Solve ``x = final + uses(x)`` by the series x = final + uses(final) + uses(uses(final)) ...

    It converges because every good is made from less than its own worth of made goods: in prices
    of the plan, a column of `uses` sums to less than one (Leontief's condition).

    Parameters
    ----------
    final : (n,) float64
        Final demand, >= 0; value or quantity.
    uses : callable
        Linear, non-negative: what making x uses up, in the same units.
    tol : float
        Stop where no good gains more than this part of its output.
    """
    total = final.copy()
    added = final
    for _ in range(_MAX_PASSES):
        added = uses(added)
        total += added
        if np.all(added <= tol * total):
            break
    return total
