"""The value flows of a plan: what every good is made of, in money, and who has it in the end.

For every good i, with price times quantity throughout,

    V_i = sum_k Z_ki + E_i = sum_k Z_ik + F_i ,

V what is supplied, Z_ki the input of good k in the making of good i (inputs of a council that makes
several goods are shared by the value of these), E_i what makers keep and what is endowed or
supplied, F_i what is consumed or left over. Councils that pay more than they get, which in a plan
stopped early some may, are paid the difference by "losses", a consumer of what they make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, row_index, weighted_count
from parecon.explanation.chain import Chain, Makers
from parecon.families import Consumers

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = ["EFFORT", "KEPT", "LEFT", "LOSSES", "RENTS", "Money", "money_flows"]

EFFORT, RENTS, KEPT = "effort", "rents of capacities", "surplus"
LEFT, LOSSES = "left over", "losses"
_VISIBLE = 1e-5  # of all consumption: less that is left over or lost is not told


@dataclass(frozen=True, eq=False)
class Money:
    """Money per plan year.

    inner : (n, n) CSR, Z. there : (n,) value endowed or supplied. made : (n,) bool, whether
    something of value is made. kept : {EFFORT, RENTS, KEPT: (n,)} by the good made. value : (n,) V.
    final : (n, h) F by consumer. consumers : their h names.
    """

    inner: sp.csr_array
    there: FloatArray
    made: NDArray[np.bool_]
    kept: dict[str, FloatArray]
    value: FloatArray
    final: FloatArray
    consumers: tuple[str, ...]


def money_flows(plan: Plan, chain: Chain, *, most: int) -> Money:
    """Return the value flows of a plan; consumers one by one up to `most`, otherwise by family."""
    n = plan.economy.n_goods
    inner, made, losses = sp.csr_array((n, n)), np.zeros(n), np.zeros(n)
    kept = {name: np.zeros(n) for name in (EFFORT, RENTS, KEPT)}
    covered = np.zeros(n)  # what councils with losses pay beyond what they get
    for maker in chain.makers:
        part = _of_makers(chain.price, maker)
        inner = inner + part.inner
        made += part.made
        losses += part.idle + part.covered
        covered += part.covered
        for name, amount in part.kept.items():
            kept[name] += amount
    there = chain.price * (chain.endowment + chain.supplied)
    value = there + made + covered
    bought, consumers = _consumed(plan, most)
    used = np.asarray(inner.sum(axis=1)).ravel() + bought.sum(axis=1) + losses
    rest = np.maximum(value - used, 0.0)
    for name, amounts in ((LEFT, rest), (LOSSES, losses)):
        if amounts.sum() > _VISIBLE * bought.sum():
            bought, consumers = np.column_stack([bought, amounts]), (*consumers, name)
    return Money(sp.csr_array(inner), there, made > 0.0, kept, value, bought, consumers)


@dataclass(frozen=True, eq=False)
class _Part:
    """One family: inner (n, n); made, covered, idle (n,); kept as in `Money`.

    idle : inputs of councils whose products are worth nothing.
    """

    inner: sp.csr_array
    made: FloatArray
    kept: dict[str, FloatArray]
    covered: FloatArray
    idle: FloatArray


def _of_makers(price: FloatArray, maker: Makers) -> _Part:
    made, paid = _valued(maker.made, price), _valued(maker.used, price)
    n = price.size
    revenue, spent = (np.asarray(side.sum(axis=1)).ravel() for side in (made, paid))
    idle = revenue <= 0.0
    lost = weighted_count(paid.indices, paid.data * idle[row_index(paid.indptr)], n)
    paid.data = paid.data * ~idle[row_index(paid.indptr)]
    share = made.copy()
    share.data = made.data / np.where(idle, 1.0, revenue)[row_index(made.indptr)]
    effort = np.where(idle, 0.0, maker.effort)
    over = np.where(idle, 0.0, revenue - spent - maker.effort)
    gained = np.maximum(over, 0.0)
    rent = np.clip(maker.rent, 0.0, gained)
    kept = {EFFORT: effort, RENTS: rent, KEPT: gained - rent}
    return _Part(
        inner=sp.csr_array(paid.T @ share),
        made=weighted_count(made.indices, made.data, n),
        kept={name: share.T @ amount for name, amount in kept.items()},
        covered=share.T @ np.maximum(-over, 0.0),
        idle=lost,
    )


def _valued(quantity: sp.csr_array, price: FloatArray) -> sp.csr_array:
    value = quantity.copy()
    value.data = quantity.data * price[quantity.indices]
    return value


def _consumed(plan: Plan, most: int) -> tuple[FloatArray, tuple[str, ...]]:
    """(n, h) value consumed, needs included, and the names of the consumers."""
    pairs = [
        (family, proposal)
        for family, proposal in zip(plan.economy.families, plan.proposals, strict=True)
        if isinstance(family, Consumers)
    ]
    single = sum(family.n_councils for family, _ in pairs) <= most
    columns, names = [], []
    for family, proposal in pairs:
        if single:
            columns += [_quantity(plan, family, proposal, j) for j in range(family.n_councils)]
            names += [family.council_name(j) for j in range(family.n_councils)]
        else:
            columns.append(_quantity(plan, family, proposal, None))
            names.append(family.title)
    return np.column_stack(columns) * np.asarray(plan.price)[:, None], tuple(names)


def _quantity(plan: Plan, family: Consumers, proposal: Any, council: int | None) -> FloatArray:
    """(n,) what one council consumes, or all of a family, needs included; physical units."""
    total = np.zeros(plan.economy.n_goods)
    entries = [(*family.pattern(), proposal.quantity)]
    if family.needs is not None:
        entries.append((family.needs.indptr, family.needs.indices, family.needs.data))
    for indptr, good, quantity in entries:
        own = slice(None) if council is None else slice(indptr[council], indptr[council + 1])
        total += weighted_count(good[own], quantity[own], total.size)
    return total
