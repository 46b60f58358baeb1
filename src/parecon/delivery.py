"""From proposals that do not fit to a plan that exists (DESIGN section 6).

Every council can deliver a fraction of its proposal; `parecon.fractions` finds fractions that fit,
one per sector (the councils of a family that make the same good) and one per consumed good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.draft import Draft
from parecon.families import Activities, Consumers, JointWorkers, Suppliers
from parecon.fractions import Sectors, fractions
from parecon.problem import Problem

Array = NDArray[np.float64]


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


@dataclass(frozen=True)
class Delivery:
    """Drafts that fit, and their sums.

    supply, demand : (n,) physical units, endowment and needs included.
    """

    drafts: list[Draft]
    supply: Array
    demand: Array


def deliver(
    problem: Problem, drafted: list[Draft], *, price: Array, hurry: bool
) -> Delivery | None:
    """Fractions of the drafts that fit; None where the needs alone cannot be met.

    price : (n,) values the deliveries; hurry : skip the linear programme when it is large.
    """
    sectors, members = _sectors(problem, drafted, price)
    fitting = fractions(sectors, price, hurry=hurry)
    if fitting is None:
        return None
    t, c = fitting
    return Delivery(
        drafts=[
            draft.scaled(None if sector is None else t[sector], c)
            for draft, sector in zip(drafted, members, strict=True)
        ],
        supply=sectors.free + problem.needs + sectors.made.T @ t,
        demand=problem.needs + sectors.consumed * c + sectors.used.T @ t,
    )


def _sectors(
    problem: Problem, drafted: list[Draft], price: Array
) -> tuple[Sectors, list[NDArray[np.int64] | None]]:
    """Sums by sector, and per family the sector of each council (None: not of a sector)."""
    n = problem.n_goods
    free = np.array(problem.economy.endowment, dtype=float) - problem.needs
    consumed = np.zeros(n)
    members: list[NDArray[np.int64] | None] = []
    used: list[sp.csr_array] = [sp.csr_array((0, n))]
    made: list[sp.csr_array] = [sp.csr_array((0, n))]
    count = 0
    for draft in drafted:
        if isinstance(draft.family, Consumers):
            consumed += np.bincount(
                draft.family.pattern()[1], weights=draft.values["quantity"], minlength=n
            )
        elif isinstance(draft.family, Suppliers):
            free += np.bincount(draft.family.good, weights=draft.values["quantity"], minlength=n)
        else:
            made_goods, sector = np.unique(_main_output(draft, price), return_inverse=True)
            council = np.arange(len(sector) + 1)
            shape = (len(made_goods), len(sector))
            # sectors by councils: its product with councils by goods sums proposals without sorting
            # entries
            gather = sp.csc_array((np.ones(len(sector)), sector, council), shape=shape).tocsr()
            used.append(gather @ draft.used(n))
            made.append(gather @ draft.made(n))
            members.append(sector + count)
            count += len(made_goods)
            continue
        members.append(None)
    sums = Sectors(
        used=sp.vstack(used, format="csr"),
        made=sp.vstack(made, format="csr"),
        consumed=consumed,
        free=free,
    )
    return sums, members


def _main_output(draft: Draft, price: Array) -> NDArray[np.int64]:
    """The good a council makes; of joint outputs the one worth most.

    A council that makes nothing gets -1.
    """
    family: Any = draft.family
    if isinstance(family, JointWorkers):
        indptr, good = family.made_pattern()
        per_level = family.outputs.reference_quantity()
    elif isinstance(family, Activities):
        indptr, good, per_level = (
            family.net_output.indptr,
            family.net_output.indices,
            family.net_output.data,
        )
    else:
        return np.asarray(family.output_good, dtype=np.int64)
    value = np.maximum(per_level * price[good], 0.0)
    council = np.repeat(np.arange(family.n_councils), np.diff(indptr))
    order = np.lexsort((value, council))
    main = np.full(family.n_councils, -1, dtype=np.int64)
    main[council[order]] = np.where(per_level[order] > 0.0, good[order], -1)
    return main
