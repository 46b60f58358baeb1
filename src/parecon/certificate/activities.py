"""Judge of linear activities: any joint outputs and inputs per unit of level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parecon.certificate.findings import Finding, column, impossible, per_council, worse, worst
from parecon.certificate.groups import Array, Index, blocks, by_rows, group_min, group_sum, spread
from parecon.certificate.judges import Flow, ProducerJudge, column_or
from parecon.families import Activities


class ActivityJudge(ProducerJudge):
    """Activities: net output = level * row of `net_output`, 0 <= level <= capacity."""

    def __init__(self, family: Activities) -> None:
        self.family: Activities = family
        self.net = family.net_output
        self.capacity = column_or(family.capacity, family.n_councils, np.inf)
        self.unlimited = np.isinf(self.capacity)

    def _level(self, proposal: Any) -> Array:
        return column(self.family, proposal, "level", self.family.n_councils)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """Inputs: the negative part of net output."""
        return self._side(self._level(proposal), -1.0)

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """Outputs: the positive part of net output."""
        return self._side(self._level(proposal), 1.0)

    def _side(self, level: Array, sign: float) -> Iterator[Flow]:
        for rows, entries, start in blocks(self.net.indptr):
            part = np.maximum(sign * self.net.data[entries], 0.0)
            held = np.flatnonzero(part)
            flow = part[held] * spread(level[rows], start)[held]
            yield self.net.indices[entries][held], flow

    def technology(self, proposal: Any) -> Finding:
        """Levels are numbers from 0 to the capacity."""
        level = self._level(proposal)
        return worse(
            impossible(self.family, per_council(self.family), level, "the level"),
            worst(level / self.capacity - 1.0, self.family, "the level is beyond capacity"),
        )

    def welfare(self, proposal: Any) -> float:
        """Activities cost nothing but goods."""
        return 0.0

    def money(self, proposal: Any, price: Array) -> tuple[Array, Array]:
        """Values of outputs and of inputs."""
        level = self._level(proposal)
        return level * self.unit_revenue(price), level * self.unit_cost(price)

    def unit_revenue(self, price: Array) -> Array:
        """Value of the outputs of one unit of level."""
        return self._value(price, 1.0)

    def unit_cost(self, price: Array) -> Array:
        """Value of the inputs of one unit of level."""
        return self._value(price, -1.0)

    def _value(self, price: Array, sign: float) -> Array:
        net = self.net

        def value(_rows: slice, e: slice, start: Index) -> Array:
            part = np.maximum(sign * net.data[e], 0.0)
            return group_sum(part * price[net.indices[e]], start)

        return by_rows(net.indptr, value)

    def dual(self, price: Array) -> Array:
        """Rent of the capacity; unlimited councils: see `Judge.dual`."""
        rent = np.zeros(self.family.n_councils)
        if not self.unlimited.all():
            profit = np.maximum(0.0, self.unit_revenue(price) - self.unit_cost(price))
            np.multiply(self.capacity, profit, out=rent, where=~self.unlimited)
        return rent

    def support(self, price: Array) -> Array:
        """As the dual term: all quantities are physical."""
        return self.dual(price)

    def lower(self, factor: Array, councils: Index, ratio: Array) -> None:
        """All outputs of a council together: their relative values are none of our business."""
        some = self.net[councils]
        made = some.data > 0.0
        np.minimum.at(factor, some.indices[made], spread(ratio, some.indptr)[made])

    def level_bound(self, available: Array) -> Array:
        """min over inputs of available / need per unit, and the capacity."""
        net = self.net

        def bound(_rows: slice, e: slice, start: Index) -> Array:
            need = np.maximum(-net.data[e], 0.0)
            limit = np.full(need.size, np.inf)
            np.divide(available[net.indices[e]], need, out=limit, where=need > 0.0)
            return group_min(limit, start)

        return np.minimum(self.capacity, by_rows(net.indptr, bound))

    def most_made(self, available: Array) -> Iterator[Flow]:
        """Outputs at the greatest level."""
        return self._side(self.level_bound(available), 1.0)
