"""Units in which the numbers of an economy are of order one, for engines that want them so.

Data come in tonnes and grams, in dollars and millions. Prices guessed from the data say what a
quantity is worth; measured by worth, all goods and councils are of comparable size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.guess import guessed_price
from parecon.problem import Problem

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Units:
    """price : (n,) guessed, money per physical unit, > 0. money : the total budget.

    makers : (n,) councils that make or supply each good, at least 1.
    """

    price: Array
    money: float
    makers: Array

    @property
    def good(self) -> Array:
        """(n,) physical units of each good that an even share of the budgets would buy."""
        return self.money / len(self.price) / self.price

    def made(self, good: NDArray[np.integer]) -> Array:
        """Physical units per council if its makers shared what the budgets buy of each good."""
        amount: Array = (self.good / self.makers)[good]
        return amount


def units_of(problem: Problem, price: Array | None = None) -> Units:
    """Units from prices at hand, or from guessed ones where there are none."""
    economy = problem.economy
    if price is None:
        price = guessed_price(problem)
    return Units(price, problem.total_budget, _makers(economy))


def _makers(economy: Economy) -> Array:
    count = np.zeros(economy.n_goods)
    for family in economy.families:
        count += np.bincount(family.made_goods(), minlength=economy.n_goods)
    return np.maximum(count, 1.0)
