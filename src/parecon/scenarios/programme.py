"""As little relaxation as fractions of what councils can do need: a linear programme.

Each council is known by one or more proposals, of which it may carry out fractions or multiples:

    minimise c.r  subject to  endowment + sum_jk t_jk y_jk + r >= needs ,  t >= 0 ,  0 <= r <= L ,
                              sum_k t_jk / most_jk <= 1 ,

most_jk being how often the council can make its proposal k: once with decreasing returns (doing a
part of several proposals is then possible too, since what it can do is convex), up to its capacity
with constant returns, any number of times without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.certificate.clearance import total_needs
from parecon.draft import Draft
from parecon.economy import Economy
from parecon.families import CobbDouglasWorkers, Consumers, Family, Suppliers

Array = NDArray[np.float64]

_MOST_COUNCILS = 20_000


@dataclass(frozen=True, eq=False)
class Wanted:
    """What may give way: per slack its good, cost per unit and limit, (k,) each."""

    goods: NDArray[Any]
    unit_cost: Array
    limits: Array


@dataclass(frozen=True, eq=False)
class Columns:
    """One proposal of each worker council and supplier.

    net : (councils, n) CSR, net outputs, physical units. most : (councils,) how often each can be
    made.
    """

    net: sp.csr_array
    most: Array


def columns_of(economy: Economy, proposed: Sequence[Draft]) -> Columns:
    """Copy what councils propose."""
    n = economy.n_goods
    parts, most = [sp.csr_array((0, n))], [np.zeros(0)]
    for family, draft in zip(economy.families, proposed, strict=True):
        if isinstance(family, Consumers):
            continue
        if isinstance(family, Suppliers):
            quantity = np.array(draft.values["quantity"])
            council = np.arange(quantity.size)
            parts.append(sp.csr_array((quantity, (council, family.good)), (quantity.size, n)))
            maximum = np.inf if family.maximum is None else family.maximum
            most.append(_ratio(np.broadcast_to(maximum, quantity.shape), quantity))
            continue
        parts.append(sp.csr_array(draft.made(n) - draft.used(n)))
        most.append(_most(family, draft))
    return Columns(sp.csr_array(sp.vstack(parts)), np.concatenate(most))


def least(
    economy: Economy, wanted: Wanted, columns: Sequence[Columns]
) -> tuple[Array, Array] | None:
    """(amounts (k,), prices (n,)) of the programme.

    None where it is too large or HiGHS gives up.
    """
    councils = columns[0].net.shape[0]
    if councils > _MOST_COUNCILS:
        return None
    from scipy.optimize import linprog

    n, k = economy.n_goods, wanted.goods.size
    needs, endowment = total_needs(economy), np.asarray(economy.endowment)
    net = sp.vstack([column.net for column in columns]).tocsr()
    most = np.concatenate([column.most for column in columns])
    # Goods are counted in what there is of them, relaxations in what they cost.
    size = np.asarray(abs(columns[0].net).sum(axis=0)).ravel() + endowment + needs
    size[size <= 0.0] = 1.0
    step = 1.0 / wanted.unit_cost
    of_slack = sp.csr_array((step, (wanted.goods, np.arange(k))), (n, k))
    balance = sp.diags_array(1.0 / size) @ sp.hstack([net.T, of_slack]).tocsr()
    bounded = _shared(most, councils, k) if len(columns) > 1 else sp.csr_array((0, most.size + k))
    upper = np.concatenate([most, wanted.limits / step])
    solution = linprog(
        np.concatenate([np.zeros(most.size), np.ones(k)]),
        A_ub=sp.vstack([-balance, bounded]).tocsr(),
        b_ub=np.concatenate([(endowment - needs) / size, np.ones(bounded.shape[0])]),
        bounds=np.column_stack([np.zeros(upper.size), upper]),
        method="highs",
    )
    if solution.x is None or solution.status != 0:
        return None
    price = np.maximum(-solution.ineqlin.marginals[:n], 0.0) / size
    return step * solution.x[most.size :], price


def _shared(most: Array, councils: int, k: int) -> sp.csr_array:
    """Rows that let the proposals of a council share its capacity, (limited councils, columns)."""
    limited = np.isfinite(most) & (most > 0.0)
    councils_limited = limited.reshape(-1, councils).any(axis=0)
    row = np.cumsum(councils_limited) - 1
    at = np.flatnonzero(limited)
    entries = (1.0 / most[at], (row[at % councils], at))
    shape = (int(councils_limited.sum()), most.size + k)
    return sp.csr_array(sp.coo_array(entries, shape=shape))


def _most(family: Family, draft: Draft) -> Array:
    """(m,) how many times its proposal a council can make: once unless returns are constant."""
    values, m = draft.values, family.n_councils
    if isinstance(family, CobbDouglasWorkers):
        return np.ones(m)
    done = np.asarray(values["output"] if values.get("output") is not None else values["level"])
    capacity = getattr(family, "capacity", None)
    most = np.full(m, np.inf) if capacity is None else _ratio(np.asarray(capacity), done)
    returns = getattr(family, "returns", None)
    return most if returns is None else np.where(returns < 1.0, np.minimum(most, 1.0), most)


def _ratio(most: Array, done: Array) -> Array:
    """most / done, 0 for who does nothing."""
    return np.divide(most, done, out=np.zeros(done.shape), where=done > 0.0)
