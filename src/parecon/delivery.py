"""From proposals that do not fit to a plan that exists (DESIGN section 6).

Approximate prices leave shortages; a plan must not contain steel that nobody made. Every council can deliver a fraction of its
proposal, so that delivery is a small linear programme: one fraction per sector (the councils of a family that make the same good)
and one per consumed good, maximising the value delivered, no good overdrawn. Where the programme is too large or time is up,
shortages are rationed round by round: consumers first, then every sector that uses the short good, until everything fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.draft import Draft
from parecon.families import Activities, Consumers, Suppliers
from parecon.problem import Problem

Array = NDArray[np.float64]

PROGRAMME_GOODS = 2_000
PROGRAMME_SECONDS = 20.0
_ROUNDS = 500
_CUT = 1e-12  # what is cut beyond the shortage, so that rounding cannot leave one


@dataclass(frozen=True)
class Sectors:
    """Sums of proposals by sector.

    sector : per worker family the sector of each council; used, made : (sectors, n) CSR, physical units;
    consumed : (n,) bought beyond needs; free : (n,) endowment and suppliers' supply less needs.
    """

    sector: list[NDArray[np.int64] | None]
    used: sp.csr_array
    made: sp.csr_array
    consumed: Array
    free: Array


def fits(supply: Array, demand: Array) -> bool:
    """Whether no good is overdrawn, to the last bit."""
    return bool(np.all(demand <= supply))


def totals(problem: Problem, drafted: list[Draft]) -> tuple[Array, Array]:
    """(supply, demand) of the drafts, physical units, endowment and needs included."""
    n = problem.n_goods
    supply = np.array(problem.economy.endowment, dtype=float)
    demand = problem.needs.copy()
    for draft in drafted:
        flows = draft.entries()
        supply += np.bincount(flows.good, weights=np.maximum(flows.quantity, 0.0), minlength=n)
        demand += np.bincount(flows.good, weights=np.maximum(-flows.quantity, 0.0), minlength=n)
    return supply, demand


def deliver(
    problem: Problem, drafted: list[Draft], *, price: Array, hurry: bool
) -> list[Draft] | None:
    """Drafts that fit, as fractions of those given; None where the needs alone cannot be met.

    price : (n,) values the deliveries; hurry : skip the linear programme when it is large.
    """
    sectors = _sectors(problem, drafted, price)
    sector_count = sectors.used.shape[0]
    t, c = np.ones(sector_count), np.ones(problem.n_goods)
    small = problem.n_goods <= (200 if hurry else PROGRAMME_GOODS)
    if small:
        solution = _programme(
            sectors, price * sectors.consumed, 0.5 if hurry else PROGRAMME_SECONDS
        )
        if solution is not None:
            t, c = solution
    rationed = _ration(sectors, t, c)
    if rationed is None:
        return None
    t, c = rationed
    result = []
    for draft, sector in zip(drafted, sectors.sector, strict=True):
        result.append(draft.scaled(None if sector is None else t[sector], c))
    return result


def _sectors(problem: Problem, drafted: list[Draft], price: Array) -> Sectors:
    n = problem.n_goods
    free = np.array(problem.economy.endowment, dtype=float) - problem.needs
    consumed = np.zeros(n)
    members: list[NDArray[np.int64] | None] = []
    blocks: list[tuple[sp.csr_array, sp.csr_array]] = []
    count = 0
    for draft in drafted:
        flows = draft.entries()
        if isinstance(draft.family, Consumers):
            consumed -= np.bincount(flows.good, weights=flows.quantity, minlength=n)
            members.append(None)
        elif isinstance(draft.family, Suppliers):
            free += np.bincount(flows.good, weights=flows.quantity, minlength=n)
            members.append(None)
        else:
            good = _main_output(draft, price)
            made_goods, sector = np.unique(good, return_inverse=True)
            members.append(sector + count)
            shape = (len(made_goods), n)
            row = sector[flows.council]
            blocks.append((_summed(row, flows, shape, 1.0), _summed(row, flows, shape, -1.0)))
            count += len(made_goods)
    if not blocks:
        empty = sp.csr_array((0, n))
        return Sectors(members, empty, empty, consumed, free)
    made = sp.csr_array(sp.vstack([block[0] for block in blocks]))
    used = sp.csr_array(sp.vstack([block[1] for block in blocks]))
    return Sectors(members, used, made, consumed, free)


def _main_output(draft: Draft, price: Array) -> NDArray[np.int64]:
    """The good a council makes; of joint outputs the one worth most (a council that makes nothing gets -1)."""
    family: Any = draft.family
    if not isinstance(family, Activities):
        return np.asarray(family.output_good, dtype=np.int64)
    net = family.net_output
    value = np.maximum(net.data * price[net.indices], 0.0)
    council = np.repeat(np.arange(family.n_councils), np.diff(net.indptr))
    order = np.lexsort((value, council))
    main = np.full(family.n_councils, -1, dtype=np.int64)
    main[council[order]] = np.where(net.data[order] > 0.0, net.indices[order], -1)
    return main


def _summed(
    row: NDArray[np.int64], flows: Any, shape: tuple[int, int], sign: float
) -> sp.csr_array:
    """Flows of one sign, summed by sector and good, as positive numbers."""
    at = np.flatnonzero(sign * flows.quantity > 0.0)
    data = sign * flows.quantity[at]
    return sp.csr_array((data, (row[at], flows.good[at])), shape=shape)


def _programme(sectors: Sectors, value: Array, seconds: float) -> tuple[Array, Array] | None:
    """max value.c  s.t.  consumed c + used' t - made' t <= free, 0 <= t, c <= 1; None if HiGHS has no answer.

    Goods are scaled to what is at hand, so that a tolerance means the same for each.
    """
    from scipy.optimize import LinearConstraint, OptimizeWarning, linprog  # noqa: F401

    n, count = len(value), sectors.used.shape[0]
    net = (sectors.used - sectors.made).T
    at_hand = np.maximum(np.abs(sectors.free), np.asarray(sectors.made.sum(axis=0)).ravel())
    at_hand = np.maximum(at_hand, sectors.consumed)
    scale = sp.dia_array((1.0 / np.where(at_hand > 0.0, at_hand, 1.0)[None, :], [0]), shape=(n, n))
    matrix = sp.csc_array(
        scale @ sp.hstack([net, sp.dia_array((sectors.consumed[None, :], [0]), shape=(n, n))])
    )
    total = max(float(value.sum()), 1e-300)
    # among equal deliveries prefer whole proposals: a small weight on sectors keeps councils from idling without cause
    objective = -np.concatenate([np.full(count, 1e-9), value / total])
    answer = linprog(
        objective,
        A_ub=matrix,
        b_ub=scale @ sectors.free,
        bounds=(0.0, 1.0),
        method="highs",
        options={"time_limit": seconds},
    )
    if answer.x is None:
        return None
    x = np.clip(answer.x, 0.0, 1.0)
    return x[:count], x[count:]


def _ration(sectors: Sectors, t: Array, c: Array) -> tuple[Array, Array] | None:
    """Cut until nothing is overdrawn: consumers of a short good first, then every sector that uses it."""
    used_t, made_t = sectors.used.T.tocsr(), sectors.made.T.tocsr()
    users = sectors.used.tocsr()
    for attempt in range(_ROUNDS):
        use, available = used_t @ t, sectors.free + made_t @ t
        left = available - use
        short = c * sectors.consumed > left
        fitting = np.maximum(left[short], 0.0) / np.maximum(sectors.consumed[short], 1e-300)
        c[short] = np.minimum(c[short], fitting * (1.0 - _CUT))
        over = use > available
        if not over.any():
            return t, c
        ratio = np.ones(len(use))
        # where needs alone overdraw a good nothing is left for its users
        ratio[over] = np.maximum(available[over], 0.0) / np.maximum(use[over], 1e-300) * (1.0 - _CUT)
        if attempt == _ROUNDS - 1:
            break
        t = t * _least_per_row(users, ratio)
    # production cannot be made to fit this way: hand out what exists
    t = np.zeros_like(t)
    if np.any(sectors.free < 0.0):
        return None
    c = np.minimum(1.0, sectors.free / np.maximum(sectors.consumed, 1e-300)) * (1.0 - _CUT)
    return t, c


def _least_per_row(matrix: sp.csr_array, value: Array) -> Array:
    """Least value over the goods a row holds, 1 for empty rows."""
    least = np.ones(matrix.shape[0])
    full = np.flatnonzero(np.diff(matrix.indptr))
    if len(full):
        least[full] = np.minimum.reduceat(value[matrix.indices], matrix.indptr[full])
    return np.minimum(least, 1.0)
