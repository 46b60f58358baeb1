"""Judge of consumer councils: utilities from quantities; the dual term b (log b - 1 - log c)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parecon.certificate.findings import Finding, column, impossible
from parecon.certificate.forms import aggregate_of
from parecon.certificate.groups import Array, by_rows, group_sum, safe_log
from parecon.certificate.judges import Flow, Judge
from parecon.families import Consumers


class ConsumerJudge(Judge):
    """Consumers of any family: what differs is their utility, an `Aggregate`."""

    def __init__(self, family: Consumers) -> None:
        self.family: Consumers = family
        self.utility = aggregate_of(family)

    def _quantity(self, proposal: Any) -> Array:
        return column(self.family, proposal, "quantity", self.utility.good.size)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """What is bought, and the needs."""
        yield self.utility.good, self._quantity(proposal)
        if self.family.needs is not None:
            yield self.family.needs.indices, self.family.needs.data

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """Nothing."""
        yield from ()

    def technology(self, proposal: Any) -> Finding:
        """Consumption only has to be a number and not negative."""
        return impossible(self.family, self.utility.start, self._quantity(proposal), "a purchase")

    def spending(self, proposal: Any, price: Array) -> Array:
        """p.x of each council, (H,) money."""
        quantity, good = self._quantity(proposal), self.utility.good
        return by_rows(
            self.utility.start,
            lambda _rows, e, start: group_sum(quantity[e] * price[good[e]], start),
        )

    def overspending(self, proposal: Any, price: Array) -> Array:
        """p.x / b - 1."""
        return self.spending(proposal, price) / self.family.budget - 1.0

    def welfare(self, proposal: Any) -> float:
        """sum b log u(x); -inf where a council gets no utility."""
        quantity = self._quantity(proposal)
        with np.errstate(invalid="ignore"):  # of what `technology` rejects
            log_utility = self.utility.log_level(lambda entries: safe_log(quantity[entries]))
        return float(np.sum(self.family.budget * log_utility))

    def dual(self, price: Array) -> Array:
        """max over x of b log u(x) - p.x = b (log b - 1 - log c(p)), inf where utility is free."""
        budget = self.family.budget
        return budget * (np.log(budget) - 1.0 - self.utility.log_unit_cost(safe_log(price)))
