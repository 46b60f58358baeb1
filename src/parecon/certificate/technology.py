"""Judge of CES and nested CES workers: a level made from inputs, q = A level^returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon.certificate.cobb_douglas import beyond
from parecon.certificate.findings import (
    Finding,
    column,
    impossible,
    per_council,
    worse,
    worst,
)
from parecon.certificate.forms import aggregate_of
from parecon.certificate.groups import (
    Array,
    Entries,
    Index,
    by_rows,
    group_min,
    group_sum,
    safe_log,
)
from parecon.certificate.judges import Flow, ProducerJudge, column_or
from parecon.families import CESWorkers, NestedCESWorkers


class LevelJudge(ProducerJudge):
    """q <= A level^r, q <= capacity, level = min(aggregate of inputs, fixed inputs / need)."""

    def __init__(self, family: CESWorkers | NestedCESWorkers) -> None:
        self.family: CESWorkers | NestedCESWorkers = family
        self.aggregate = aggregate_of(family)
        self.fixed: Any = family.fixed if isinstance(family, NestedCESWorkers) else None
        self.capacity = column_or(family.capacity, family.n_councils, np.inf)
        self.unlimited = (family.returns == 1.0) & np.isinf(self.capacity)

    # -- the plan's quantities --------------------------------------------------------------------

    def _input(self, proposal: Any) -> Array:
        return column(self.family, proposal, "input", self.aggregate.good.size)

    def _output(self, proposal: Any) -> Array:
        return column(self.family, proposal, "output", self.family.n_councils)

    def _fixed_input(self, proposal: Any) -> Array:
        return column(self.family, proposal, "fixed_input", self.fixed.data.size)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """Inputs, those in fixed proportion among them."""
        yield self.aggregate.good, self._input(proposal)
        if self.fixed is not None:
            yield self.fixed.indices, self._fixed_input(proposal)

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """The output."""
        yield self.family.output_good, self._output(proposal)

    def technology(self, proposal: Any) -> Finding:
        """Output is no more than the inputs make, nor than the capacity."""
        family = self.family
        inputs, output = self._input(proposal), self._output(proposal)
        findings = [
            impossible(family, self.aggregate.start, inputs, "an input"),
            impossible(family, per_council(family), output, "the output"),
            worst(output / self.capacity - 1.0, family, "output is beyond capacity"),
        ]
        with np.errstate(invalid="ignore"):  # of what is impossible anyway
            log_level = self.aggregate.log_level(lambda entries: safe_log(inputs[entries]))
            if self.fixed is not None:
                held = self._fixed_input(proposal)
                findings.append(impossible(family, self.fixed.indptr, held, "a fixed input"))
                log_level = np.minimum(
                    log_level, fixed_level(self.fixed, lambda e: safe_log(held[e]))
                )
            log_q = np.log(family.productivity) + family.returns * log_level
            findings.append(
                worst(beyond(output, log_q), family, "output is beyond what its inputs make")
            )
        return worse(*findings)

    def welfare(self, proposal: Any) -> float:
        """These councils cost nothing but goods."""
        return 0.0

    def money(self, proposal: Any, price: Array) -> tuple[Array, Array]:
        """Value of the output, value of all inputs."""
        cost = np.zeros(self.family.n_councils)
        starts = [self.aggregate.start]
        if self.fixed is not None:
            starts.append(self.fixed.indptr)
        for start, (good, quantity) in zip(starts, self.uses(proposal), strict=True):
            cost += values(start, good, quantity, price)
        return price[self.family.output_good] * self._output(proposal), cost

    # -- the dual side ----------------------------------------------------------------------

    def _log_unit_cost(self, price: Array) -> Array:
        log_cost = self.aggregate.log_unit_cost(safe_log(price))
        if self.fixed is not None:
            log_cost = np.logaddexp(log_cost, safe_log(self.fixed @ price))
        return log_cost

    def unit_cost(self, price: Array) -> Array:
        """c(p), of one unit of level."""
        return np.exp(self._log_unit_cost(price))

    def unit_revenue(self, price: Array) -> Array:
        """A p_o: what one unit of level makes where returns are constant."""
        return self.family.productivity * price[self.family.output_good]

    def dual(self, price: Array) -> Array:
        """Greatest p_o q - c (q/A)^(1/r) over q <= capacity; unlimited councils: see `Judge.dual`.

        r = 1: capacity max(0, p_o - c/A). r < 1 (DESIGN, section 3): at the best output the revenue
        is R = (p_o A)^(1/(1-r)) (r/c)^(r/(1-r)) and the profit (1-r) R; beyond the capacity the
        profit at capacity, since it rises up to the best output.
        """
        family = self.family
        a, r, cap = family.productivity, family.returns, self.capacity
        log_c, p = self._log_unit_cost(price), price[family.output_good]
        profit = np.zeros(family.n_councils)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            log_r = (np.log(p * a) + r * (np.log(r) - log_c)) / (1.0 - r)
            revenue = np.exp(log_r)
            # (cap/A)^(1/r) = inf without a capacity: `held` is then not read
            held = p * cap - np.exp(log_c + (np.log(cap) - np.log(a)) / r)
            falling = np.where(revenue > p * cap, held, (1.0 - r) * revenue)
            constant = cap * np.maximum(0.0, p - np.exp(log_c) / a)
        profit = np.where(r < 1.0, falling, constant)
        return np.where(self.unlimited | (p == 0.0), 0.0, profit)

    def support(self, price: Array) -> Array:
        """As the dual term: all quantities are physical."""
        return self.dual(price)

    def lower(self, factor: Array, councils: Index, ratio: Array) -> None:
        """The one output."""
        np.minimum.at(factor, self.family.output_good[councils], ratio)

    def level_bound(self, available: Array) -> Array:
        """The level that everything available would make: the aggregate rises in every input."""
        log_available = safe_log(available)
        with np.errstate(over="ignore"):
            log_level = self.aggregate.log_level(lambda e: log_available[self.aggregate.good[e]])
            if self.fixed is not None:
                fixed = fixed_level(self.fixed, lambda e: log_available[self.fixed.indices[e]])
                log_level = np.minimum(log_level, fixed)
            return np.exp(log_level)

    def most_made(self, available: Array) -> Iterator[Flow]:
        """Output at the greatest level, no more than the capacity."""
        family = self.family
        with np.errstate(over="ignore"):
            most = family.productivity * self.level_bound(available) ** family.returns
        yield family.output_good, np.minimum(most, self.capacity)


def fixed_level(fixed: sp.csr_array, log_held: Entries) -> Array:
    """log of the level that inputs in fixed proportion allow, (m,); inf where there are none."""
    return by_rows(
        fixed.indptr,
        lambda _rows, e, start: group_min(log_held(e) - np.log(fixed.data[e]), start),
    )


def values(start: Index, good: Index, quantity: Array, price: Array) -> Array:
    """Value of each council's quantities, (m,) money."""
    return by_rows(start, lambda _rows, e, local: group_sum(quantity[e] * price[good[e]], local))
