"""Judge of suppliers: their cost C(s) and its conjugate C*(p) = max over s of p s - C(s)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parecon.certificate.findings import Finding, column, impossible, per_council, worse, worst
from parecon.certificate.groups import Array
from parecon.certificate.judges import Flow, Judge, column_or
from parecon.families import Suppliers


class SupplierJudge(Judge):
    """Iso-elastic and linear suppliers, with and without a maximum (DESIGN, section 3)."""

    def __init__(self, family: Suppliers) -> None:
        self.family: Suppliers = family
        self.maximum = column_or(family.maximum, family.n_councils, np.inf)

    def _quantity(self, proposal: Any) -> Array:
        return column(self.family, proposal, "quantity", self.family.n_councils)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """Nothing."""
        yield from ()

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """One good each."""
        yield self.family.good, self._quantity(proposal)

    def technology(self, proposal: Any) -> Finding:
        """At least nothing, at most the maximum."""
        quantity = self._quantity(proposal)
        return worse(
            impossible(self.family, per_council(self.family), quantity, "a supply"),
            worst(quantity / self.maximum - 1.0, self.family, "supply is beyond its maximum"),
        )

    def welfare(self, proposal: Any) -> float:
        """- sum C(s)."""
        return -float(np.sum(self._cost(self._quantity(proposal))))

    def _cost(self, s: Array) -> Array:
        """C(s), the integral of marginal cost from 0, (k,) money."""
        f = self.family
        q0, p0, eta = f.quantity, f.price, f.elasticity
        with np.errstate(over="ignore", invalid="ignore"):
            if f.form == "isoelastic":
                # marginal cost p0 (s/q0)^(1/eta)
                return p0 * q0 * eta / (1.0 + eta) * (s / q0) ** ((1.0 + eta) / eta)
            # marginal cost p0 (1 + (s/q0 - 1)/eta): below 0 for small s where eta < 1
            return p0 * s * (1.0 - 1.0 / eta) + p0 * s * (s / q0) / (2.0 * eta)

    def dual(self, price: Array) -> Array:
        """C*(p), (k,) money: at the best quantity, or at the maximum where that is less."""
        f = self.family
        p, q0, p0, eta = price[f.good], f.quantity, f.price, f.elasticity
        with np.errstate(over="ignore", invalid="ignore"):
            if f.form == "isoelastic":
                best = q0 * (p / p0) ** eta
                free = p0 * q0 / (1.0 + eta) * (p / p0) ** (1.0 + eta)
            else:
                best = np.maximum(0.0, q0 * (1.0 + eta * (p / p0 - 1.0)))
                free = p * best - self._cost(best)
            held = p * self.maximum - self._cost(self.maximum)
        return np.where(best > self.maximum, held, free)

    def support(self, price: Array) -> Array:
        """p times the maximum: cost does not limit what is possible."""
        p = price[self.family.good]
        with np.errstate(invalid="ignore"):
            return np.where(p > 0.0, p * self.maximum, 0.0)

    def most_made(self, available: Array) -> Iterator[Flow]:
        """The maxima."""
        yield self.family.good, self.maximum
