"""What fraction of each proposal can be delivered: from quantities alone (DESIGN section 6).

Approximate prices leave shortages; a plan must not contain steel that nobody made. Every council
can deliver a fraction of its proposal, so that delivery is a small linear programme: one fraction
per sector and one per consumed good, maximising the value delivered, no good overdrawn. Where the
programme is too large or time is up, shortages are rationed round by round: consumers first, then
every sector that uses the short good, until everything fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._highs import silent_highs

Array = NDArray[np.float64]

PROGRAMME_GOODS = 2_000
PROGRAMME_GOODS_IN_A_HURRY = 200
PROGRAMME_SECONDS = 20.0
PROGRAMME_SECONDS_IN_A_HURRY = 0.5
_ROUNDS = 300
_ROUNDS_IN_A_HURRY = 12
# pieces of the logarithm; below the first end a slope stands in
_ENDS = np.array([0.0, 0.01, 0.1, 0.5, 0.9, 1.0])
_WIDTHS = np.diff(_ENDS)
_SLOPES = np.concatenate([[200.0], np.diff(np.log(_ENDS[1:])) / _WIDTHS[1:]])
_PROGRAMME_SLACK = 1.2e-10  # a little more than what HiGHS may leave
_CUT = 1e-12


@dataclass(frozen=True)
class Sectors:
    """Sums of proposals by sector: councils that deliver the same fraction of what they proposed.

    used, made : (sectors, n) CSR, physical units >= 0.
    consumed : (n,) used by those whose fraction is per good; free : (n,) what exists without any
        sector, less what is owed in kind; physical units.
    """

    used: sp.csr_array
    made: sp.csr_array
    consumed: Array
    free: Array


def fractions(sectors: Sectors, price: Array, *, hurry: bool = False) -> tuple[Array, Array] | None:
    """Fractions in [0, 1] that fit: (sectors,) of proposals and (n,) of each good consumed.

    price : (n,) values what is consumed, money per unit; hurry : skip the linear programme where it
    is large. None where what is owed in kind cannot be met even if no sector works.
    """
    t, c = np.ones(sectors.used.shape[0]), np.ones(len(sectors.free))
    if len(c) <= (PROGRAMME_GOODS_IN_A_HURRY if hurry else PROGRAMME_GOODS):
        seconds = PROGRAMME_SECONDS_IN_A_HURRY if hurry else PROGRAMME_SECONDS
        solution = _programme(sectors, price * sectors.consumed, seconds)
        if solution is not None:
            t, c = solution
    return _ration(sectors, t, c, _ROUNDS_IN_A_HURRY if hurry else _ROUNDS)


def _programme(sectors: Sectors, value: Array, seconds: float) -> tuple[Array, Array] | None:
    """Fractions that deliver most; None if HiGHS has no answer.

        max sum value_i log c_i  s.t.  consumed c + used' t - made' t <= free,  0 <= t, c <= 1

    Spending shares of log utility are values, so that this is the welfare lost to first order; the
    logarithm is taken in pieces (its slope is what keeps a cheap good from being dropped
    altogether). Goods are scaled to what is at hand, so that a tolerance means the same for each.
    """
    n, count = len(value), sectors.used.shape[0]
    net = (sectors.used - sectors.made).T
    at_hand = np.maximum(np.abs(sectors.free), np.asarray(sectors.made.sum(axis=0)).ravel())
    at_hand = np.maximum(at_hand, sectors.consumed)
    per_hand = 1.0 / np.where(at_hand > 0.0, at_hand, 1.0)
    scale = _diagonal(per_hand)
    consumed = _diagonal(per_hand * sectors.consumed)
    weight = value / max(float(value.sum()), 1e-300)
    # among equal deliveries prefer whole proposals: a small weight keeps councils from idling
    # without cause
    objective = -np.concatenate([np.full(count, 1e-9), *(slope * weight for slope in _SLOPES)])
    matrix = sp.csc_array(sp.hstack([scale @ net, *([consumed] * len(_SLOPES))]))
    width = np.concatenate([np.ones(count), np.repeat(_WIDTHS, n)])
    x = _minimise(objective, matrix, scale @ sectors.free - _PROGRAMME_SLACK, width, seconds)
    if x is None:
        return None
    t, pieces = x[:count], x[count:].reshape(len(_SLOPES), n)
    return np.clip(t, 0.0, 1.0), np.clip(pieces.sum(axis=0), 0.0, 1.0)


def _minimise(
    objective: Array, matrix: sp.csc_array, bound: Array, width: Array, seconds: float
) -> Array | None:
    """HiGHS: min objective.x  s.t.  matrix x <= bound,  0 <= x <= width; None without a point."""
    import highspy

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_ = objective
    program.col_lower_, program.col_upper_ = np.zeros(len(width)), width
    program.row_lower_, program.row_upper_ = np.full(len(bound), -highspy.kHighsInf), bound
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    solver = silent_highs()
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(solver.getSolution().col_value)


def _diagonal(values: Array) -> sp.csr_array:
    n = len(values)
    return sp.csr_array((values, (np.arange(n), np.arange(n))), shape=(n, n))


def _ration(sectors: Sectors, t: Array, c: Array, rounds: int) -> tuple[Array, Array] | None:
    """Cut until nothing is overdrawn.

    Consumers of a short good first, then every sector that uses it.
    """
    used_t, made_t, users = sectors.used.T, sectors.made.T, sectors.used
    for _ in range(rounds):
        use, made = used_t @ t, made_t @ t
        # a little is left over, in proportion to what is summed, so that rounding cannot overdraw
        available = sectors.free + made - _CUT * (np.abs(sectors.free) + made)
        over = use > available
        if not over.any():
            return t, _consumed(sectors, c, available - use)
        if np.any(over & (use <= 0.0)):
            break  # a need is not met, and nobody could be cut to meet it
        ratio = np.ones(len(use))
        ratio[over] = np.maximum(available[over], 0.0) / use[over] * (1.0 - _CUT)
        t = t * _least_per_row(users, ratio)
    # production cannot be made to fit this way: hand out what exists
    if np.any(sectors.free < 0.0):
        return None
    return np.zeros_like(t), _consumed(sectors, c, sectors.free * (1.0 - _CUT))


def _consumed(sectors: Sectors, c: Array, left: Array) -> Array:
    """Fractions of consumption that fit into what is left."""
    with np.errstate(over="ignore"):  # more than enough is enough
        most = np.maximum(left, 0.0) / np.maximum(sectors.consumed, 1e-300)
    return np.minimum(c, most)


def _least_per_row(matrix: sp.csr_array, value: Array) -> Array:
    """Least value over the goods a row holds, 1 for empty rows."""
    least = np.ones(matrix.shape[0])
    full = np.flatnonzero(np.diff(matrix.indptr))
    if len(full):
        least[full] = np.minimum.reduceat(value[matrix.indices], matrix.indptr[full])
    return np.minimum(least, 1.0)
