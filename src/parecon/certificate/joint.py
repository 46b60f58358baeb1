"""Judge of joint workers: a level made from inputs, several outputs made from the level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parecon.certificate.cobb_douglas import beyond
from parecon.certificate.findings import Finding, column, impossible, worse, worst
from parecon.certificate.groups import Array, Index, safe_log, spread
from parecon.certificate.judges import Flow, ProducerJudge, column_or
from parecon.certificate.nests import Nested
from parecon.certificate.technology import fixed_level, values
from parecon.families import JointWorkers


class JointJudge(ProducerJudge):
    """The level that the outputs need <= the level that the inputs allow, and the capacity.

    The level that a plan states is not read: a council may make less than it could.
    """

    def __init__(self, family: JointWorkers) -> None:
        self.family: JointWorkers = family
        self.inputs = Nested(family.nests)
        self.outputs = Nested(family.outputs, transformation=True)
        self.fixed = family.fixed
        self.capacity = column_or(family.capacity, family.n_councils, np.inf)
        self.unlimited = np.isinf(self.capacity)

    # -- the plan's quantities --------------------------------------------------------------------

    def _input(self, proposal: Any) -> Array:
        return column(self.family, proposal, "input", self.inputs.good.size)

    def _outputs(self, proposal: Any) -> Array:
        return column(self.family, proposal, "outputs", self.outputs.good.size)

    def _fixed_input(self, proposal: Any) -> Array:
        return column(self.family, proposal, "fixed_input", self.fixed.data.size)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """Inputs, those in fixed proportion among them."""
        yield self.inputs.good, self._input(proposal)
        if self.fixed is not None:
            yield self.fixed.indices, self._fixed_input(proposal)

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """The outputs."""
        yield self.outputs.good, self._outputs(proposal)

    def technology(self, proposal: Any) -> Finding:
        """Outputs need no higher a level than the inputs allow, nor than the capacity."""
        family = self.family
        inputs, outputs = self._input(proposal), self._outputs(proposal)
        findings = [
            impossible(family, self.inputs.start, inputs, "an input"),
            impossible(family, self.outputs.start, outputs, "an output"),
        ]
        with np.errstate(invalid="ignore", over="ignore"):  # of what is impossible anyway
            log_needed = self.outputs.log_level(lambda entries: safe_log(outputs[entries]))
            log_level = self.inputs.log_level(lambda entries: safe_log(inputs[entries]))
            if self.fixed is not None:
                held = self._fixed_input(proposal)
                findings.append(impossible(family, self.fixed.indptr, held, "a fixed input"))
                log_level = np.minimum(
                    log_level, fixed_level(self.fixed, lambda e: safe_log(held[e]))
                )
            needed = np.exp(log_needed)
            findings += [
                worst(needed / self.capacity - 1.0, family, "outputs are beyond capacity"),
                worst(
                    beyond(needed, log_level), family, "outputs are beyond what their inputs make"
                ),
            ]
        return worse(*findings)

    def welfare(self, proposal: Any) -> float:
        """These councils cost nothing but goods."""
        return 0.0

    def money(self, proposal: Any, price: Array) -> tuple[Array, Array]:
        """Values of all outputs and of all inputs."""
        cost = values(self.inputs.start, self.inputs.good, self._input(proposal), price)
        if self.fixed is not None:
            fixed = self._fixed_input(proposal)
            cost = cost + values(self.fixed.indptr, self.fixed.indices, fixed, price)
        benefit = values(self.outputs.start, self.outputs.good, self._outputs(proposal), price)
        return benefit, cost

    # -- the dual side ----------------------------------------------------------------------

    def unit_cost(self, price: Array) -> Array:
        """c(p), of one unit of level."""
        log_cost = self.inputs.log_unit_cost(safe_log(price))
        if self.fixed is not None:
            log_cost = np.logaddexp(log_cost, safe_log(self.fixed @ price))
        return np.exp(log_cost)

    def unit_revenue(self, price: Array) -> Array:
        """r(p): the most that one unit of level can earn."""
        return np.exp(self.outputs.log_unit_cost(safe_log(price)))

    def dual(self, price: Array) -> Array:
        """Rent of the capacity, cap max(0, r - c); unlimited councils: see `Judge.dual`."""
        rent = np.zeros(self.family.n_councils)
        if not self.unlimited.all():
            profit = np.maximum(0.0, self.unit_revenue(price) - self.unit_cost(price))
            np.multiply(self.capacity, profit, out=rent, where=~self.unlimited)
        return rent

    def support(self, price: Array) -> Array:
        """As the dual term: all quantities are physical."""
        return self.dual(price)

    def lower(self, factor: Array, councils: Index, ratio: Array) -> None:
        """All outputs of a council together: revenue falls in the same ratio."""
        lowered = np.ones(self.family.n_councils)
        lowered[councils] = ratio
        np.minimum.at(factor, self.outputs.good, spread(lowered, self.outputs.start))

    def level_bound(self, available: Array) -> Array:
        """The level that everything available would make, no more than the capacity."""
        log_available = safe_log(available)
        with np.errstate(over="ignore"):
            log_level = self.inputs.log_level(lambda e: log_available[self.inputs.good[e]])
            if self.fixed is not None:
                fixed = fixed_level(self.fixed, lambda e: log_available[self.fixed.indices[e]])
                log_level = np.minimum(log_level, fixed)
            return np.minimum(np.exp(log_level), self.capacity)

    def most_made(self, available: Array) -> Iterator[Flow]:
        """Each output by itself, at the greatest level: as if nothing else were made of it."""
        level = self.level_bound(available)
        with np.errstate(over="ignore"):
            yield self.outputs.good, spread(level, self.outputs.start) * self.outputs.most_alone()
