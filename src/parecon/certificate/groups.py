"""Arithmetic on groups of neighbouring entries: the rows of a CSR matrix, the children of a node.

Groups are given by pointers `start` (g+1,): the entries of group k are `start[k]:start[k+1]`.
Large families are walked in blocks of whole rows, so that temporaries stay small however many
councils there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[Any]
# Values of the entries in a slice: of an array over entries, or gathered from an array over goods.
Entries: TypeAlias = Callable[[slice], Array]
RowFunction: TypeAlias = Callable[[slice, slice, Index], Array]

BLOCK_ENTRIES = 1 << 19  # 4 MB per temporary


def blocks(start: Index) -> Iterator[tuple[slice, slice, Index]]:
    """Yield (rows, entries, pointers relative to the block) of blocks of whole rows."""
    rows = len(start) - 1
    first = 0
    while first < rows:
        # In the pointers' own type: a wider number would make searchsorted copy all of them.
        end = start.dtype.type(min(int(start[first]) + BLOCK_ENTRIES, int(start[-1])))
        last = int(np.searchsorted(start, end, side="right")) - 1
        # A row longer than a block is a block; empty rows count too, lest a block grow without end.
        last = min(max(last, first + 1), first + BLOCK_ENTRIES, rows)
        low, high = int(start[first]), int(start[last])
        yield slice(first, last), slice(low, high), start[first : last + 1] - low
        first = last


def by_rows(start: Index, function: RowFunction) -> Array:
    """Value of `function` for every row, (rows,), evaluated block by block."""
    out = np.empty(len(start) - 1)
    for rows, entries, local in blocks(start):
        out[rows] = function(rows, entries, local)
    return out


def spread(value: Array, start: Index) -> Array:
    """Each group's value, repeated for each of its entries."""
    return np.repeat(value, np.diff(start))


def group_sum(value: Array, start: Index) -> Array:
    """Sum of each group, 0 for an empty one."""
    return _reduce(np.add, value, start, 0.0)


def group_min(value: Array, start: Index) -> Array:
    """Least of each group, inf for an empty one."""
    return _reduce(np.minimum, value, start, np.inf)


def _reduce(operation: np.ufunc, value: Array, start: Index, empty: float) -> Array:
    out = np.full(len(start) - 1, empty)
    # reduceat returns the next group's first entry for an empty group: those are left out.
    full = np.flatnonzero(start[1:] > start[:-1])
    if full.size:
        out[full] = operation.reduceat(value, start[full])
    return out


def safe_log(value: Array) -> Array:
    """log, -inf at zero and without a warning."""
    with np.errstate(divide="ignore"):
        return np.log(value)


def log_power_mean(log_value: Array, weight: Array, exponent: Array, start: Index) -> Array:
    """log of the weighted power mean [sum w v^r]^(1/r) of each group, w the weights over their sum.

    log_value : (entries,) log v, -inf and inf allowed.
    weight : (entries,) > 0.
    exponent : (groups,) r; 0 the geometric mean, -inf the least value, inf the greatest.
    start : (groups+1,) pointers; no group is empty.

    CES functions of quantities are such means with r = (s-1)/s, their unit costs with r = 1-s
    (DESIGN, section 3). Powers are taken relative to the value that dominates, v0:

        log mean = log v0 + log(sum w exp(r (log v - log v0))) / r

    so that nothing overflows, and with expm1 and log1p where the sum is near one: all terms of
    sum w expm1(.) have one sign, hence no digits are lost however near r is to 0.
    """
    weight = weight / spread(group_sum(weight, start), start)
    geometric = exponent == 0.0
    if geometric.all():
        return _log_geometric_mean(log_value, weight, start)
    sign = np.where(exponent < 0.0, -1.0, 1.0)
    top = -sign * group_min(-spread(sign, start) * log_value, start)
    power = np.where(np.isinf(exponent) | geometric, sign, exponent)
    with np.errstate(invalid="ignore"):
        z = spread(power, start) * (log_value - spread(top, start))
    z[np.isnan(z)] = 0.0  # as infinite as the dominating value: equal to it
    near = group_sum(weight * np.expm1(z), start)
    far = group_sum(weight * np.exp(z), start)
    with np.errstate(divide="ignore"):
        log_sum = np.where(near > -0.5, np.log1p(np.maximum(near, -0.5)), np.log(far))
    mean = np.where(np.isinf(exponent), top, top + log_sum / power)
    if geometric.any():
        mean[geometric] = _log_geometric_mean(log_value, weight, start)[geometric]
    return mean


def _log_geometric_mean(log_value: Array, weight: Array, start: Index) -> Array:
    with np.errstate(invalid="ignore"):
        mean = group_sum(weight * log_value, start)
    # -inf + inf: a product of nothing and of something unlimited is nothing.
    mean[np.isnan(mean)] = -np.inf
    return mean
