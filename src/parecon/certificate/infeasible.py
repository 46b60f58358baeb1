"""A proof, by prices, that needs cannot be met."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from parecon.certificate.clearance import total_needs
from parecon.certificate.dual_bound import PROFIT_ROUNDING, repair
from parecon.certificate.panel import judges_of, price_column
from parecon.economy import Economy

ROUNDING = 1e-12  # of sums of money of either sign, relative to their size


def proves_infeasible(economy: Economy, price: ArrayLike) -> float:
    """How much of the value of needs cannot be met at these prices; 0.0 if they prove nothing.

    Parameters
    ----------
    economy : Economy
    price : (n,) array_like
        Any prices >= 0; only their proportions matter. Where an economy is infeasible, prices that
        value what the needs lack will do, such as the multipliers of a programme that minimises
        shortages.

    Returns
    -------
    float
        A number above 0 is a proof: that fraction of the value of all needs is more than all
        councils together can provide. Its truth value says whether there is a proof.

    Notes
    -----
    Suppose a plan exists. Clearance says, for every good,

        sum x + needs <= endowment + sum_j y_j + sum_k s_k ,   x >= 0 .

    Multiplied by p >= 0 and summed,

        0 <= p.(endowment - needs) + sum_j p.y_j + sum_k p.s_k
          <= p.(endowment - needs) + sum_j sigma_j(p) + sum_k p max_k ,

    sigma_j(p) being the greatest p.y over what council j can do. If the right-hand side is
    negative there is no plan (the easy half of Farkas' lemma; the hard half says that such prices
    exist whenever an economy with closed cones is infeasible by some margin). sigma_j is

    - the profit of a council with decreasing returns or a capacity;
    - of one with constant returns and no capacity 0 if it does not profit, else inf. So the prices
      of what such councils make are first lowered to cost, and the sum is taken at those prices:
      the argument holds for any p >= 0;
    - inf for whoever makes a good of price above 0 with the help of effort, no scarce good;
    - for suppliers p times the maximum, inf without one.
    """
    column = price_column(economy, price)
    if not (np.isfinite(column).all() and column.min(initial=0.0) >= 0.0):
        return 0.0
    judges, needs = judges_of(economy), total_needs(economy)
    p, left, _ = repair(judges, column)
    if left.value > PROFIT_ROUNDING:
        return 0.0
    terms = [float(np.sum(judge.support(p))) for judge in judges]
    worth = math.fsum(p * needs)
    total = math.fsum([math.fsum(p * economy.endowment), -worth, *terms])
    # nan and inf compare false: they prove nothing.
    return -total / worth if total < -ROUNDING * worth else 0.0
