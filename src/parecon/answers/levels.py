"""Councils whose level is an unknown of its own.

Constant or nearly constant returns, capacities, kinked supply.

Per council: level y > 0 and zero-profit slack t > 0 with y t = mu; where there is a capacity, room
v = cap - y > 0 and rent r > 0 with v r = mu. With kappa = marginal cost - marginal revenue of the
level (money per unit of level):

    t = kappa + r,   v = cap - y .

Linearised, with w = value of net output of one more unit (so that d kappa = -w.d + kappa_y dy for a
relative price step d):

    dy ( t/y + r/v + kappa_y ) = w.d - rho + (mu - y t)/y - (mu - v r - r rho_v)/v ,
    rho = kappa + r - t,   rho_v = cap - y - v .

With theta = 1/(t/y + r/v + kappa_y) the council leaves theta w w' in price space, plus y times the
curvature of its unit cost. Subclasses say what kappa, w and the unit cost's curvature are.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from parecon.answers._base import Array, Index, InnerAnswer, Market, longest_step, off_centre
from parecon.curvature import Curvature, Rows, Term

_BALANCING = 6
_LEAST_LOSS = 0.2  # of the money per level: what an idle council is reckoned to lose at least
_LARGEST = 10.0  # times the barrier: the largest product at the start


class Levels(InnerAnswer):
    """Level, slack, room and rent of every council, and their condensed Newton step.

    capacity : (m,) bound on the level, inf for none.
    """

    rows: Rows
    # set by `margins`
    kappa: Array
    kappa_slope: Array
    scale: Array
    # set by `recover`
    d_level: Array
    d_slack: Array
    d_room: Array
    d_rent: Array
    # set by `foresee` and `centre`
    correction: Array
    correction_room: Array

    def __init__(self, capacity: Array, councils: Index | None = None) -> None:
        self.councils = councils
        self.capacity = capacity
        self.capped = np.flatnonzero(np.isfinite(capacity))
        self.limit = capacity[self.capped]
        self.weight = np.ones(len(capacity))
        self.n_products = len(capacity) + len(self.capped)

    # What a kind of council says about itself ----------------------------------------------------

    @abstractmethod
    def margins(self, market: Market) -> None:
        """Set `kappa`, `kappa_slope` (m,) and `scale` (m,) money per level.

        And what `flows` and `net_value` need.
        """

    @abstractmethod
    def net_value(self, step: Array) -> Array:
        """(m,) w.d for a relative price step."""

    @abstractmethod
    def add_net(self, weight: Array, total: Array) -> None:
        """Add sum_j weight_j w_j to `total` (n,)."""

    @abstractmethod
    def own_term(self, theta: Array) -> Term:
        """The term theta w w' (and what of the unit cost's curvature shares its rows)."""

    @abstractmethod
    def cost_curvature(self, market: Market, total: Curvature) -> None:
        """Add level times the curvature of the unit cost, as far as `own_term` does not."""

    has_best = False  # whether there is one best level at any prices

    def best_level(self, market: Market) -> Array:
        """(m,) level at which marginal cost meets marginal revenue, without regard to capacities.

        Only where `has_best`.
        """
        raise NotImplementedError

    # The contract --------------------------------------------------------------------------------

    def start(self, market: Market, barrier: float) -> None:
        """Levels that spread `barrier` evenly.

        y t = mu with a slack of a fifth of `scale`, or what the loss asks.
        """
        self.weight = np.ones(len(self.capacity))
        self.level = np.ones(len(self.capacity))
        self.slack = np.ones(len(self.capacity))
        self.margins(market)
        self.level = self.first_level(barrier)
        self._settle(market, barrier)
        for _ in range(_BALANCING):
            # a council that loses much at this level starts at a lower one: no product far above
            # the others
            product = self.level * self.slack
            if not np.any(product > _LARGEST * barrier):
                break
            self.level *= np.minimum(1.0, _LARGEST * barrier / product)
            self._settle(market, barrier)

    def _settle(self, market: Market, barrier: float) -> None:
        """Room, rent and slack that go with the levels; products at least `barrier`."""
        room = self.limit - self.level[self.capped]
        self.level[self.capped] = np.where(room > 0.0, self.level[self.capped], 0.5 * self.limit)
        self.margins(market)
        self.room = self.limit - self.level[self.capped]
        self.rent = barrier / self.room
        rent = np.zeros(len(self.level))
        rent[self.capped] = self.rent
        self.slack = np.maximum(self.kappa + rent, barrier / self.level)

    def first_level(self, barrier: float) -> Array:
        """Level at which a slack of a fifth of the money per level makes the product `barrier`."""
        return barrier / (0.2 * self.scale)

    def resume(self, proposal: Any, market: Market, barrier: float) -> None:
        """Start from the levels of a plan; slacks at least what the prices imply."""
        self.start(market, barrier)
        level = self.level_of(proposal)
        # an idle council's product is made by its loss, as far as it makes one
        self.level = np.maximum(level, 1e-12 * self.level)
        self.margins(market)
        loss = np.maximum(self.kappa, _LEAST_LOSS * self.scale)
        self.level = np.maximum(level, barrier / loss)
        self.level[self.capped] = np.minimum(self.level[self.capped], self.limit * (1.0 - 1e-9))
        self.margins(market)
        # a capacity that binds earns a rent, and its room is what goes with that; others have room
        scale = self.scale[self.capped]
        room = np.maximum(self.limit - self.level[self.capped], 1e-12 * self.limit)
        least = np.minimum(barrier / room, _LEAST_LOSS * scale)
        self.rent = np.maximum(least, -self.kappa[self.capped])
        self.room = np.maximum(room, barrier / self.rent)
        rent = np.zeros(len(self.level))
        rent[self.capped] = self.rent
        self.slack = np.maximum(self.kappa + rent, barrier / self.level)

    def level_of(self, proposal: Any) -> Array:
        """(m,) levels in a plan's proposal, of these councils."""
        level = np.asarray(proposal.level, dtype=np.float64)
        return level.copy() if self.councils is None else level[self.councils]

    def _turnover(self, smallest: float) -> Array:
        """(m,) cost at the present level over the average council's, between `smallest` and 1."""
        turnover = self.level * self.scale
        average = max(float(np.sum(turnover)) / len(turnover), 1e-300)
        return np.clip(turnover / average, smallest, 1.0)

    def total_weight(self) -> float:
        """Of levels and of capacities."""
        return float(np.sum(self.weight) + np.sum(self.weight[self.capped]))

    def freeze_scale(self) -> None:
        """Money per unit of level, as it is now."""
        self.frozen_scale = self.scale.copy()

    def residual(self) -> float:
        """Worst |rho| over the frozen scale."""
        return float(np.max(np.abs(self.rho) / self.frozen_scale, initial=0.0))

    def relative_loss(self, smallest: float) -> float:
        """Slack over unit cost of councils that work at all, rents counted as cost."""
        works = (self._turnover(smallest) > smallest) & (self.slack < 1e-3 * self.scale)
        return float(np.max(self.slack[works] / self.scale[works], initial=0.0))

    def weigh(self, smallest: float) -> None:
        """Products in proportion to turnover.

        The same relative loss for small councils as for large ones.
        """
        self.weight = self._turnover(smallest)

    def respond(self, market: Market) -> None:
        """Marginal costs and revenues at the announced prices.

        And what is used and made at the present levels.
        """
        self.margins(market)
        self.rho = self.kappa - self.slack
        self.rho[self.capped] += self.rent
        before = float(np.sum(market.supply) - np.sum(market.demand))
        self.flows(market)
        market.dual += (
            float(np.sum(market.supply) - np.sum(market.demand)) - before - self.money_cost()
        )
        if len(self.rho):
            market.zero_profit = max(
                market.zero_profit, float(np.max(np.abs(self.rho) / self.scale))
            )

    @abstractmethod
    def flows(self, market: Market) -> None:
        """Add values used and made at the present levels to the market."""

    def money_cost(self) -> float:
        """Money spent outside the goods (suppliers' cost)."""
        return 0.0

    def curvature(self, market: Market, total: Curvature) -> None:
        """theta w w' and the unit cost's own curvature."""
        stiffness = self.slack / self.level + self.kappa_slope
        stiffness[self.capped] += self.rent / self.room
        self.theta = 1.0 / stiffness
        total.terms.append(self.own_term(self.theta))
        self.cost_curvature(market, total)

    def complementarity(self) -> float:
        """Sum of y t and v r."""
        return float(np.dot(self.level, self.slack) + np.dot(self.room, self.rent))

    def target(self, market: Market, barrier: float, second_order: bool, rhs: Array) -> None:
        """Change of level at unchanged prices, theta q.

        Its net supply leaves the right-hand side.
        """
        aim = barrier * self.weight
        aim_room = barrier * self.weight[self.capped]
        if second_order:
            aim -= self.correction
            aim_room -= self.correction_room
        self.aim, self.aim_room = aim, aim_room
        self.rho_room = self.limit - self.level[self.capped] - self.room
        q = -self.rho + (aim - self.level * self.slack) / self.level
        q[self.capped] -= (aim_room - self.room * self.rent - self.rent * self.rho_room) / self.room
        self.at_rest = self.theta * q
        change = np.zeros(market.n_goods)
        self.add_net(self.at_rest, change)
        rhs -= change

    def foresee(self, share: float) -> None:
        """dy dt and dv dr."""
        self.correction = share * self.d_level * self.d_slack
        self.correction_room = share * self.d_room * self.d_rent

    def centre(self, length: float, barrier: float) -> None:
        """Of levels and slacks, rooms and rents."""
        level, slack = self.level + length * self.d_level, self.slack + length * self.d_slack
        room, rent = self.room + length * self.d_room, self.rent + length * self.d_rent
        aim = barrier * self.weight
        self.correction = self.correction + off_centre(level * slack, aim)
        self.correction_room = self.correction_room + off_centre(room * rent, aim[self.capped])

    def recover(self, market: Market, step: Array) -> float:
        """dy from the price step; slack, room and rent follow."""
        self.d_level = self.theta * self.net_value(step) + self.at_rest
        self.d_slack = (self.aim - self.slack * self.d_level) / self.level - self.slack
        self.d_room = self.rho_room - self.d_level[self.capped]
        self.d_rent = (self.aim_room - self.rent * self.d_room) / self.room - self.rent
        return min(
            longest_step(self.level, self.d_level),
            longest_step(self.slack, self.d_slack),
            longest_step(self.room, self.d_room),
            longest_step(self.rent, self.d_rent),
        )

    def products_after(self, length: float) -> float:
        """Sum of products after the step."""
        y, t = self.level + length * self.d_level, self.slack + length * self.d_slack
        v, r = self.room + length * self.d_room, self.rent + length * self.d_rent
        return float(np.dot(y, t) + np.dot(v, r))

    def take(self, length: float) -> None:
        """Move."""
        self.level = self.level + length * self.d_level
        self.slack = self.slack + length * self.d_slack
        self.room = self.room + length * self.d_room
        self.rent = self.rent + length * self.d_rent
