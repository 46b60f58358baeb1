"""Linear Fisher markets: fixed supplies, budgets, and utility linear in quantities.

    u_h(x) = sum_i w_hi x_i ;  the Eisenberg-Gale programme (Eisenberg and Gale, 1959,
    "Consensus of subjective probabilities").

Prices are unique; quantities need not be (a council may be indifferent).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.errors import EconomyError
from parecon.families import LinearConsumers
from parecon.synthetic._draw import (
    Floats,
    Seed,
    assemble,
    check_count,
    check_number,
    covering_subsets,
    generator,
    n_covering,
    normalise_rows,
    row_blocks,
    spread,
)
from parecon.synthetic._planted import Planted

SUPPLY_PER_COUNCIL = 0.25
"""Physical units of each good per consumer council."""
BUDGET_SPREAD = 0.5
"""Standard deviation of log budgets where they are lognormal (median 1)."""
MOST_WANTED = 3
"""A council of a planted market is indifferent between at most about so many goods."""

_Fill = Callable[[slice, NDArray[np.int32]], Floats]


def fisher(
    n_consumers: int,
    n_goods: int,
    *,
    seed: Seed,
    density: float = 0.2,
    budgets: str = "equal",
) -> Economy:
    """Draw a linear Fisher market: w_hi ~ U(0, 1], supply .25 * n_consumers of each good.

    Parameters
    ----------
    n_consumers, n_goods : int
        Sizes. Each council values round(density * n_goods) goods (at least one), drawn at random;
        every good is valued by some council.
    density : float
        Part of the goods that a council values, in (0, 1].
    budgets : {"equal", "lognormal"}
        All 1, or lognormal with median 1 and standard deviation .5 of the logarithm.

    Raises
    ------
    EconomyError
        A parameter is out of range, or so few councils cannot value all goods.
    """
    rng, count, budget = _market(n_consumers, n_goods, density, budgets, seed)

    def fill(_rows: slice, goods: NDArray[np.int32]) -> Floats:
        goods.sort(axis=1)
        return 1.0 - rng.random(goods.shape)

    value = _values(rng, n_consumers, n_goods, count, fill)
    supply = np.full(n_goods, SUPPLY_PER_COUNCIL * n_consumers)
    consumers = LinearConsumers(budget, value, label="consumers")
    return Economy(n_goods, supply, (consumers,))


def planted_fisher(
    n_consumers: int,
    n_goods: int,
    *,
    seed: Seed,
    density: float = 0.2,
    budgets: str = "equal",
) -> Planted:
    """Draw a linear Fisher market together with its prices (parameters as `fisher`).

    Prices are lognormal. Of the goods that council h values, one to three (more where goods
    outnumber councils) give it the same best value for money: w_hi = lambda_h p_i; the others give
    U(.3, .95) of that. It splits its budget at random over the best ones, and what all councils
    buy is the supply. The prices are the only ones; the quantities are one optimum of several.
    """
    rng, count, budget = _market(n_consumers, n_goods, density, budgets, seed)
    price = spread(rng, 0.5, n_goods)
    worth = spread(rng, 1.0, n_consumers)
    each = n_covering("consumer councils", n_consumers, n_goods, count)
    spending = np.empty((n_consumers, count))

    def fill(rows: slice, goods: NDArray[np.int32]) -> Floats:
        n_best = rng.integers(each, max(each, MOST_WANTED) + 1, (goods.shape[0], 1))
        order = np.argsort(goods, axis=1)
        best = np.take_along_axis(np.arange(count) < n_best, order, axis=1)
        goods.sort(axis=1)
        split = normalise_rows(np.where(best, rng.uniform(0.2, 1.0, goods.shape), 0.0))
        spending[rows] = split * budget[rows, None]
        quality = np.where(best, 1.0, rng.uniform(0.3, 0.95, goods.shape))
        return worth[rows, None] * price[goods] * quality

    value = _values(rng, n_consumers, n_goods, count, fill)
    spent = spending.reshape(-1)
    quantity = spent / price[value.indices]
    supply = np.bincount(value.indices, weights=quantity, minlength=n_goods)
    consumers = LinearConsumers(budget, value, label="consumers")
    utility = budget * worth
    return Planted(
        Economy(n_goods, supply, (consumers,)),
        price,
        {"consumers": {"quantity": quantity, "spending": budget, "utility": utility}},
        float(budget @ np.log(utility)),
    )


def _market(
    n_consumers: int, n_goods: int, density: float, budgets: str, seed: Seed
) -> tuple[np.random.Generator, int, Floats]:
    """Check the parameters; return generator, goods per council and budgets (H,)."""
    check_count("n_consumers", n_consumers)
    check_count("n_goods", n_goods)
    check_number("density", density, 0.0, 1.0, open_below=True)
    if budgets not in ("equal", "lognormal"):
        raise EconomyError(f"budgets: expected 'equal' or 'lognormal', got {budgets!r}")
    rng = generator(seed)
    count = max(1, round(density * n_goods))
    equal = budgets == "equal"
    budget = np.ones(n_consumers) if equal else spread(rng, BUDGET_SPREAD, n_consumers)
    return rng, count, budget


def _values(
    rng: np.random.Generator, n_consumers: int, n_goods: int, count: int, fill: _Fill
) -> sp.csr_array:
    """Value matrix (H, n). `fill` sorts the goods of a block in place and returns their values."""
    each = n_covering("consumer councils", n_consumers, n_goods, count)
    goods = np.empty((n_consumers, count), dtype=np.int32)
    values = np.empty((n_consumers, count))
    for rows in row_blocks(n_consumers, count):
        block = covering_subsets(rng, rows, each, n_goods, count)
        values[rows] = fill(rows, block)
        goods[rows] = block
    start = np.arange(n_consumers + 1, dtype=np.int64) * count
    return assemble(values.reshape(-1), goods.reshape(-1), start, n_goods)
