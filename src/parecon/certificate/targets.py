"""Judge of targets: the value of deliveries, its conjugate, and what prices call for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parecon.certificate.findings import Finding, column, impossible, per_council
from parecon.certificate.groups import Array, safe_log
from parecon.certificate.judges import Flow, Judge
from parecon.families import Targets


class TargetsJudge(Judge):
    """Targets of any form (formulas: `parecon.families.targets`)."""

    def __init__(self, family: Targets) -> None:
        self.family: Targets = family
        self.share = family.weight / np.sum(family.weight)

    def _quantity(self, proposal: Any) -> Array:
        return column(self.family, proposal, "quantity", self.family.n_councils)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """What is delivered."""
        yield self.family.good, self._quantity(proposal)

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """Nothing."""
        yield from ()

    def technology(self, proposal: Any) -> Finding:
        """Deliveries only have to be numbers and not negative."""
        what = "a delivery"
        return impossible(self.family, per_council(self.family), self._quantity(proposal), what)

    def welfare(self, proposal: Any) -> float:
        """The value of what is delivered, money."""
        family, weight = self.family, self.family.weight
        if not weight.size:
            return 0.0
        with np.errstate(invalid="ignore"):  # of what `technology` rejects
            reached = self._quantity(proposal) / family.target
            if family.form == "ray":
                return float(np.sum(weight) * safe_log(np.array([np.min(reached)]))[0])
            if family.form == "linear":
                mean = np.array([np.sum(self.share * reached)])
                return float(np.sum(weight) * safe_log(mean)[0])
            beyond = safe_log(reached)
            if family.form == "harmony":
                t = reached - 1.0
                beyond = np.where(t < 0.0, t - t * t / 2.0, beyond)
            return float(np.sum(weight * beyond))

    def dual(self, price: Array) -> Array:
        """The most that a target could be worth beyond its cost at these prices, (k,) money.

        harmony: at x where H'(x/T - 1) = p T / w; H' = 1 - t below 0, 1/(1+t) above.
        """
        family, weight = self.family, self.family.weight
        cost = price[family.good] * family.target  # of the whole target
        if family.form == "ray" or not weight.size:
            best = np.array([np.sum(cost)])  # of one bundle
        elif family.form == "linear":
            best = np.array([np.min(cost / self.share)])  # of one unit of the basket
        else:
            return self._apart(cost)
        total = np.sum(weight)
        return np.asarray(weight * (np.log(total) - 1.0 - safe_log(best)))

    def _apart(self, cost: Array) -> Array:
        """Of targets that nothing ties to one another."""
        weight = self.family.weight
        met = weight * (np.log(weight) - safe_log(cost) - 1.0)
        if self.family.form == "log":
            return np.asarray(met)
        t = np.maximum(1.0 - cost / weight, -1.0)
        short = weight * (t - t * t / 2.0) - cost * (1.0 + t)
        return np.where(cost > weight, short, met)

    def overspending(self, proposal: Any, price: Array) -> Array:
        """Value delivered less what these prices call for, over the weight.

        A ray and a basket are called for as a whole.
        """
        family, weight = self.family, self.family.weight
        value = price[family.good] * self._quantity(proposal)
        if family.form in ("ray", "linear"):
            return np.full(weight.size, np.sum(value) / np.sum(weight) - 1.0)
        called = np.ones(weight.size)
        if family.form == "harmony":
            z = price[family.good] * family.target / weight
            called = np.where(z > 1.0, z * np.maximum(2.0 - z, 0.0), 1.0)
        return value / weight - called
