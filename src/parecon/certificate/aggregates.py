"""Aggregates of goods, homogeneous of degree one: utilities of consumers, levels of workers.

Each says how much of itself given quantities make (`log_level`, the primal side) and what one unit
of it costs (`log_unit_cost`, the dual side), both as logarithms. The two are exact duals of each
other for the data as they stand, including shares that sum to one only to rounding:

    CES with shares a, S = sum a, w = a / S:   level = M_r(x / a; w), r = (s-1)/s
                                               unit cost = S M_r(p; w), r = 1 - s

with M_r the weighted power mean (`log_power_mean`). For S = 1 these are the formulas of DESIGN,
section 3; Leontief bundles are the case s = 0, of any S.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon.certificate.groups import (
    Array,
    Entries,
    Index,
    by_rows,
    group_min,
    group_sum,
    log_power_mean,
    safe_log,
    spread,
)


class Aggregate(ABC):
    """A homogeneous function of the goods of each council.

    start : (m+1,) pointers of the councils into the entries.
    good : (entries,) good of each entry.
    """

    start: Index
    good: Index

    @abstractmethod
    def log_level(self, log_input: Entries) -> Array:
        """log of the aggregate, (m,), of quantities given by their logarithms."""

    @abstractmethod
    def log_unit_cost(self, log_price: Array) -> Array:
        """log of the least cost of one unit, (m,), at prices given by their logarithms (n,)."""


class FlatCES(Aggregate):
    """CES functions with shares (or a bundle) in a CSR matrix, one elasticity per council."""

    def __init__(self, shares: sp.csr_array, elasticity: ArrayLike) -> None:
        self.start, self.good, self.share = shares.indptr, shares.indices, shares.data
        self.elasticity = np.broadcast_to(np.asarray(elasticity, float), (shares.shape[0],))

    def log_level(self, log_input: Entries) -> Array:
        exponent = quantity_exponent(self.elasticity)

        def level(rows: slice, entries: slice, start: Index) -> Array:
            share = self.share[entries]
            return log_power_mean(log_input(entries) - np.log(share), share, exponent[rows], start)

        return by_rows(self.start, level)

    def log_unit_cost(self, log_price: Array) -> Array:
        exponent = 1.0 - self.elasticity

        def cost(rows: slice, entries: slice, start: Index) -> Array:
            share, log_p = self.share[entries], log_price[self.good[entries]]
            mean = log_power_mean(log_p, share, exponent[rows], start)
            return np.log(group_sum(share, start)) + mean

        return by_rows(self.start, cost)


class Linear(Aggregate):
    """Perfect substitutes: level = value.x, unit cost = min p_i / value_i."""

    def __init__(self, value: sp.csr_array) -> None:
        self.start, self.good, self.value = value.indptr, value.indices, value.data

    def log_level(self, log_input: Entries) -> Array:
        def level(_rows: slice, entries: slice, start: Index) -> Array:
            log_term = np.log(self.value[entries]) + log_input(entries)
            top = -group_min(-log_term, start)
            base = np.where(np.isfinite(top), top, 0.0)
            return base + safe_log(group_sum(np.exp(log_term - spread(base, start)), start))

        return by_rows(self.start, level)

    def log_unit_cost(self, log_price: Array) -> Array:
        def cost(_rows: slice, entries: slice, start: Index) -> Array:
            return group_min(log_price[self.good[entries]] - np.log(self.value[entries]), start)

        return by_rows(self.start, cost)


def quantity_exponent(elasticity: Array) -> Array:
    """r = (s-1)/s of the mean of quantities, -inf for s = 0 (the least of them)."""
    with np.errstate(divide="ignore"):
        exponent: Array = (elasticity - 1.0) / elasticity
    return exponent
