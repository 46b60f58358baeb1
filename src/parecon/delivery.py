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
_ROUNDS = 300
_ROUNDS_IN_A_HURRY = 12
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
        used, made = draft.sums(n)
        demand += used
        supply += made
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
    rationed = _ration(sectors, t, c, _ROUNDS_IN_A_HURRY if hurry else _ROUNDS)
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
    used: list[sp.csr_array] = [sp.csr_array((0, n))]
    made: list[sp.csr_array] = [sp.csr_array((0, n))]
    count = 0
    for draft in drafted:
        if isinstance(draft.family, Consumers):
            consumed += np.bincount(draft.family.pattern()[1], weights=draft.values["quantity"], minlength=n)
        elif isinstance(draft.family, Suppliers):
            free += np.bincount(draft.family.good, weights=draft.values["quantity"], minlength=n)
        else:
            made_goods, sector = np.unique(_main_output(draft, price), return_inverse=True)
            council = np.arange(len(sector) + 1)
            shape = (len(made_goods), len(sector))
            # sectors by councils: its product with councils by goods sums proposals without sorting entries
            gather = sp.csc_array((np.ones(len(sector)), sector, council), shape=shape).tocsr()
            used.append(gather @ draft.used(n))
            made.append(gather @ draft.made(n))
            members.append(sector + count)
            count += len(made_goods)
            continue
        members.append(None)
    return Sectors(members, sp.vstack(used, format="csr"), sp.vstack(made, format="csr"), consumed, free)


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


def _programme(sectors: Sectors, value: Array, seconds: float) -> tuple[Array, Array] | None:
    """max value.c + total value * floor  s.t.  consumed c + used' t - made' t <= free,  floor <= c,  0 <= t, c, floor <= 1.

    The floor is the fraction of which every consumed good is delivered at least: without it the programme drops cheap goods
    altogether, and households with them. Goods are scaled to what is at hand, so that a tolerance means the same for each.
    Returns None if HiGHS has no answer.
    """
    from scipy.optimize import linprog

    n, count = len(value), sectors.used.shape[0]
    net = (sectors.used - sectors.made).T
    at_hand = np.maximum(np.abs(sectors.free), np.asarray(sectors.made.sum(axis=0)).ravel())
    at_hand = np.maximum(at_hand, sectors.consumed)
    scale = _diagonal(1.0 / np.where(at_hand > 0.0, at_hand, 1.0))
    clearance = sp.hstack([scale @ net, scale @ _diagonal(sectors.consumed), sp.csc_array((n, 1))])
    goods = np.flatnonzero(sectors.consumed > 0.0)
    pick = sp.csr_array((np.ones(len(goods)), (np.arange(len(goods)), goods)), shape=(len(goods), n))
    one = sp.csc_array(np.ones((len(goods), 1)))
    floors = sp.hstack([sp.csc_array((len(goods), count)), -pick, one])
    total = max(float(value.sum()), 1e-300)
    # among equal deliveries prefer whole proposals: a small weight keeps councils from idling without cause
    objective = -np.concatenate([np.full(count, 1e-9), value / total, [1.0]])
    answer = linprog(
        objective,
        A_ub=sp.csc_array(sp.vstack([clearance, floors])),
        b_ub=np.concatenate([scale @ sectors.free, np.zeros(len(goods))]),
        bounds=(0.0, 1.0),
        method="highs",
        options={"time_limit": seconds},
    )
    if answer.x is None:
        return None
    x = np.clip(answer.x, 0.0, 1.0)
    return x[:count], x[count:-1]


def _diagonal(values: Array) -> sp.csr_array:
    n = len(values)
    return sp.csr_array((values, (np.arange(n), np.arange(n))), shape=(n, n))


def _ration(
    sectors: Sectors, t: Array, c: Array, rounds: int
) -> tuple[Array, Array] | None:
    """Cut until nothing is overdrawn: consumers of a short good first, then every sector that uses it."""
    used_t, made_t, users = sectors.used.T, sectors.made.T, sectors.used
    for attempt in range(rounds):
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
        if attempt == rounds - 1:
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
