"""Councils with a level of their own, answering prices outright.

The solvers let levels be unknowns; a board that announces prices hears from each council the one
level that is best for it. There is one wherever marginal cost rises: returns below one, suppliers,
also with a capacity. Councils with constant returns have none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parecon.answers._base import Answer, Array, Market
from parecon.answers.levels import Levels
from parecon.curvature import Curvature


class BestLevels(Answer):
    """The level at which marginal cost meets marginal revenue, or the capacity.

    levels : whose answer it is; `levels.has_best` must hold.
    at_bound : (m,) bool, whether a capacity, or zero, is the answer to the last prices.
    """

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        self.councils = levels.councils

    def respond(self, market: Market) -> None:
        """Value used and made at the best levels; the dual's part is the surplus they leave."""
        levels = self.levels
        best = levels.best_level(market)
        levels.level = np.clip(best, 0.0, levels.capacity)
        self.at_bound = (best >= levels.capacity) | (best <= 0.0)
        levels.margins(market)
        before = float(np.sum(market.supply) - np.sum(market.demand))
        levels.flows(market)
        surplus = float(np.sum(market.supply) - np.sum(market.demand)) - before
        market.dual += surplus - levels.money_cost()

    @property
    def theta(self) -> Array:
        """(m,) change of level per money of marginal surplus, 0 where the level is at a bound."""
        theta = np.zeros(len(self.at_bound))
        np.divide(1.0, self.levels.kappa_slope, out=theta, where=~self.at_bound)
        return theta

    def curvature(self, market: Market, total: Curvature) -> None:
        """theta w w' and the unit cost's own curvature."""
        total.terms.append(self.levels.own_term(self.theta))
        self.levels.cost_curvature(market, total)

    def proposal(self, market: Market) -> dict[str, Any]:
        """As of levels that solvers found."""
        return self.levels.proposal(market)
