"""Judge of Cobb-Douglas workers, with and without effort (the book model of DESIGN, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parecon.certificate.findings import (
    Finding,
    column,
    impossible,
    per_council,
    worse,
    worst,
)
from parecon.certificate.groups import Array, Entries, Index, by_rows, group_sum, safe_log
from parecon.certificate.judges import Flow, ProducerJudge
from parecon.families import CobbDouglasWorkers


class CobbDouglasJudge(ProducerJudge):
    """q <= A prod x^b e^c; effort costs k_s e^k money of disutility."""

    def __init__(self, family: CobbDouglasWorkers) -> None:
        self.family: CobbDouglasWorkers = family
        self.start, self.good = family.exponents.indptr, family.exponents.indices
        self.exponent = family.exponents.data
        m, effort = family.n_councils, family.effort
        self.unlimited = np.zeros(m, bool)  # returns are decreasing
        self.effort_exponent = np.zeros(m) if effort is None else effort.exponent

    def _input(self, proposal: Any) -> Array:
        return column(self.family, proposal, "input", self.good.size)

    def _output(self, proposal: Any) -> Array:
        return column(self.family, proposal, "output", self.family.n_councils)

    def _effort(self, proposal: Any) -> Array:
        """Effort, (m,); none where none is stated."""
        if self.family.effort is None or getattr(proposal, "effort", None) is None:
            return np.zeros(self.family.n_councils)
        return column(self.family, proposal, "effort", self.family.n_councils)

    def uses(self, proposal: Any) -> Iterator[Flow]:
        """The inputs."""
        yield self.good, self._input(proposal)

    def supplies(self, proposal: Any) -> Iterator[Flow]:
        """The output."""
        yield self.family.output_good, self._output(proposal)

    def technology(self, proposal: Any) -> Finding:
        """Output is no more than inputs and effort make."""
        family, each = self.family, per_council(self.family)
        inputs, output, effort = (
            self._input(proposal),
            self._output(proposal),
            self._effort(proposal),
        )
        log_q = self._log_output(lambda entries: safe_log(inputs[entries]), safe_log(effort))
        return worse(
            impossible(family, self.start, inputs, "an input"),
            impossible(family, each, output, "the output"),
            impossible(family, each, effort, "the effort"),
            worst(beyond(output, log_q), family, "output is beyond what inputs and effort make"),
        )

    def _log_output(self, log_input: Entries, log_effort: Array) -> Array:
        """log A + sum b log x + c log e, (m,)."""
        log_q = by_rows(
            self.start,
            lambda _rows, e, start: group_sum(self.exponent[e] * log_input(e), start),
        )
        log_q += np.log(self.family.productivity)
        exponent = self.effort_exponent
        # e^0 = 1 even at no effort.
        return log_q + np.multiply(
            exponent, log_effort, out=np.zeros(exponent.size), where=exponent > 0.0
        )

    def _disutility(self, proposal: Any) -> Array:
        """k_s e^k, (m,) money."""
        effort = self.family.effort
        if effort is None:
            return np.zeros(self.family.n_councils)
        with np.errstate(over="ignore", invalid="ignore"):
            return effort.scale * self._effort(proposal) ** effort.power

    def welfare(self, proposal: Any) -> float:
        """Minus the disutility of effort."""
        return -float(np.sum(self._disutility(proposal)))

    def money(self, proposal: Any, price: Array) -> tuple[Array, Array]:
        """Value of the output; value of the inputs and the disutility of effort."""
        inputs = self._input(proposal)
        cost = by_rows(
            self.start, lambda _rows, e, start: group_sum(inputs[e] * price[self.good[e]], start)
        )
        benefit = price[self.family.output_good] * self._output(proposal)
        return benefit, cost + self._disutility(proposal)

    def dual(self, price: Array) -> Array:
        """pi = D p_o q at the best answer, D = 1 - sum b - c/k (formulas of DESIGN, section 3)."""
        log_price = safe_log(price)

        def sums(_rows: slice, e: slice, start: Index) -> Array:
            b = self.exponent[e]
            return group_sum(b * (np.log(b) - log_price[self.good[e]]), start)

        returns = by_rows(self.start, lambda _rows, e, start: group_sum(self.exponent[e], start))
        log_q = np.log(self.family.productivity) + by_rows(self.start, sums)
        effort = self.family.effort
        if effort is not None:
            c = effort.exponent
            log_ratio = safe_log(c / (effort.scale * effort.power))
            log_q += np.multiply(c / effort.power, log_ratio, out=np.zeros(c.size), where=c > 0.0)
            returns += c / effort.power
        log_p = log_price[self.family.output_good]
        slack = 1.0 - returns
        with np.errstate(over="ignore", invalid="ignore"):
            profit = slack * np.exp((log_q + returns * log_p) / slack + log_p)
        return np.where(log_p > -np.inf, profit, 0.0)

    def support(self, price: Array) -> Array:
        """As the profit, but effort is no scarce good: whoever can use it could make any amount."""
        unbounded = (self.effort_exponent > 0.0) & (price[self.family.output_good] > 0.0)
        return np.where(unbounded, np.inf, self.dual(price))

    def most_made(self, available: Array) -> Iterator[Flow]:
        """Output from all that is available; effort is unlimited."""
        log_available = safe_log(available)
        no_limit = np.full(self.family.n_councils, np.inf)
        with np.errstate(over="ignore", invalid="ignore"):
            log_q = self._log_output(lambda e: log_available[self.good[e]], no_limit)
            most = np.exp(log_q)
        # Something unlimited times nothing is nothing.
        yield self.family.output_good, np.where(np.isnan(most), 0.0, most)


def beyond(output: Array, log_possible: Array) -> Array:
    """output / possible - 1, (m,); 0 where nothing is claimed, inf where nothing is possible."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        excess = np.expm1(np.log(output) - log_possible)
    return np.where(output == 0.0, 0.0, excess)
