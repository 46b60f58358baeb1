"""What the certificate asks of every family, whoever it is: the interface of the judges.

A judge reads the data of its family and the physical quantities of a proposal, nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from parecon.certificate.findings import Finding
from parecon.certificate.groups import Array, Index
from parecon.families import Family

# (good, quantity) of some flows, aligned; physical units.
Flow: TypeAlias = tuple[Index, Array]


class Judge(ABC):
    """Judge of one family."""

    family: Family

    @abstractmethod
    def uses(self, proposal: Any) -> Iterator[Flow]:
        """Everything taken: consumption, needs, inputs. Raises PlanError on a wrong shape."""

    @abstractmethod
    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """Everything made or supplied. Raises PlanError on a wrong shape."""

    @abstractmethod
    def technology(self, proposal: Any) -> Finding:
        """How far the worst proposal is beyond what the council can do, relative."""

    @abstractmethod
    def welfare(self, proposal: Any) -> float:
        """Contribution to welfare (P), money, from the primal functions."""

    @abstractmethod
    def dual(self, price: Array) -> Array:
        """Contribution of each council to Phi (D), money, without `p.(endowment - needs)`.

        Councils of constant returns without a capacity contribute 0 here: at the bound's prices
        they make no profit, which `dual_bound` sees to.
        """

    def support(self, price: Array) -> Array:
        """Greatest value at `price` of what each council can add to what exists, (m,) money.

        As `dual`, but for physical quantities only: no disutility, no supplier's cost is deducted.
        """
        return np.zeros(self.family.n_councils)

    def overspending(self, proposal: Any, price: Array) -> Array:
        """p.x_h / b_h - 1 of each council that has a budget, (H,); of others nothing, (0,)."""
        return np.empty(0)

    def most_made(self, available: Array) -> Iterator[Flow]:
        """Most each council can make or supply where no more than `available` (n,) can be used."""
        yield from ()


class ProducerJudge(Judge):
    """Judge of a family of workers.

    unlimited : (m,) bool, constant returns and no capacity.
    """

    unlimited: Index

    @abstractmethod
    def money(self, proposal: Any, price: Array) -> tuple[Array, Array]:
        """Social benefit and social cost of each proposal, recomputed, (m,) money."""

    def unit_revenue(self, price: Array) -> Array:
        """Value of what one unit of level makes, (m,) money; read for unlimited councils only."""
        return np.zeros(self.family.n_councils)

    def unit_cost(self, price: Array) -> Array:
        """Least cost of one unit of level, (m,) money; read for unlimited councils only."""
        return np.zeros(self.family.n_councils)

    def lower(self, factor: Array, councils: Index, ratio: Array) -> None:
        """Lower `factor` (n,) to the `ratio` of each of these councils at the goods it makes."""
        raise NotImplementedError

    def level_bound(self, available: Array) -> Array:
        """Greatest level of each council where no more than `available` (n,) can be used."""
        return np.full(self.family.n_councils, np.inf)


def column_or(value: Array | None, size: int, default: float) -> Array:
    """An optional column of a family, (size,)."""
    return np.broadcast_to(np.asarray(default if value is None else value, float), (size,))
