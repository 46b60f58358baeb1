"""Proposals as the solvers draft them.

Quantities per family, scaled by what can be delivered, then made final.

A draft holds for each family the physical quantities its councils proposed at the last prices.
Every technology is convex and may be left idle, so that a council can deliver any fraction of its
proposal: `scaled` takes one fraction per worker council and one per consumed good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.answers import Answer, InnerAnswer, Market, compile_family
from parecon.curvature import Scratch
from parecon.economy import Economy
from parecon.families import (
    Activities,
    CobbDouglasWorkers,
    Consumers,
    Family,
    JointWorkers,
    NestedCESWorkers,
    Suppliers,
)
from parecon.problem import Problem
from parecon.proposals import (
    ActivityProposals,
    ConsumerProposals,
    JointProposals,
    SupplierProposals,
    WorkerProposals,
)
from parecon.utility import suppliers_cost, utilities

Array = NDArray[np.float64]

_PER_ENTRY = ("quantity", "input")


@dataclass(frozen=True)
class Draft:
    """Quantities of one family, named as in `parecon.proposals`.

    For consumers what is bought beyond needs.
    """

    family: Family
    source: dict[str, Any] | Callable[[], dict[str, Any]]

    @cached_property
    def values(self) -> dict[str, Any]:
        """The quantities.

        Worked out when first asked for, because many callers only want prices.
        """
        return self.source() if callable(self.source) else self.source

    def sums(self, n_goods: int) -> tuple[Array, Array]:
        """(used, made) per good (n,), physical units >= 0; needs not counted."""
        family, values = self.family, self.values
        if isinstance(family, Suppliers):
            return np.zeros(n_goods), _by_good(family.good, values["quantity"], n_goods)
        if isinstance(family, Consumers):
            return _by_good(family.pattern()[1], values["quantity"], n_goods), np.zeros(n_goods)
        used, made = self.used(n_goods), self.made(n_goods)
        return (
            _by_good(used.indices, used.data, n_goods),
            _by_good(made.indices, made.data, n_goods),
        )

    def used(self, n_goods: int) -> sp.csr_array:
        """Councils by goods, what worker councils use, physical units > 0."""
        family, values = self.family, self.values
        indptr, good = family.pattern()
        shape = (family.n_councils, n_goods)
        if isinstance(family, Activities):
            flows = -np.repeat(values["level"], np.diff(indptr)) * family.net_output.data
            return sp.csr_array((np.maximum(flows, 0.0), good, indptr), shape=shape)
        used = sp.csr_array((values["input"], good, indptr), shape=shape)
        fixed = _fixed(family, values)
        if fixed is not None:
            used = used + sp.csr_array(
                (values["fixed_input"], fixed.indices, fixed.indptr), shape=shape
            )
        return used

    def made(self, n_goods: int) -> sp.csr_array:
        """Councils by goods, what worker councils make, physical units >= 0."""
        family, values = self.family, self.values
        shape = (family.n_councils, n_goods)
        if isinstance(family, Activities):
            indptr, good = family.pattern()
            flows = np.repeat(values["level"], np.diff(indptr)) * family.net_output.data
            return sp.csr_array((np.maximum(flows, 0.0), good, indptr), shape=shape)
        if isinstance(family, JointWorkers):
            indptr, good = family.made_pattern()
            return sp.csr_array((values["outputs"], good, indptr), shape=shape)
        council = np.arange(family.n_councils + 1)
        return sp.csr_array((values["output"], family.made_goods(), council), shape=shape)

    def scaled(self, council_fraction: Array | None, good_fraction: Array) -> Draft:
        """Deliver a fraction: of each council's proposal, of each good consumed.

        Suppliers deliver in full.
        """
        if isinstance(self.family, Suppliers):
            return self
        return Draft(self.family, partial(self._scaled_values, council_fraction, good_fraction))

    def _scaled_values(
        self, council_fraction: Array | None, good_fraction: Array
    ) -> dict[str, Any]:
        family, values = self.family, dict(self.values)
        indptr, good = family.pattern()
        if isinstance(family, Consumers):
            values["quantity"] = values["quantity"] * good_fraction[good]
            if council_fraction is not None:
                values["quantity"] *= np.repeat(council_fraction, np.diff(indptr))
            return values
        if council_fraction is None:
            return values
        for name in ("level", "output", "effort"):
            if values.get(name) is not None:
                values[name] = values[name] * council_fraction
        if values.get("input") is not None:
            values["input"] = values["input"] * np.repeat(council_fraction, np.diff(indptr))
        if isinstance(family, JointWorkers):
            length = np.diff(family.made_pattern()[0])
            values["outputs"] = values["outputs"] * np.repeat(council_fraction, length)
        fixed = _fixed(family, values)
        if fixed is not None:
            length = np.diff(fixed.indptr)
            values["fixed_input"] = values["fixed_input"] * np.repeat(council_fraction, length)
        return values

    def final(self, price: Array) -> Any:
        """The proposals with their values at `price` (n,)."""
        family, v = self.family, self.values
        if isinstance(family, Consumers):
            indptr, good = family.pattern()
            spending = _row_sums(v["quantity"] * price[good], indptr)
            return ConsumerProposals(
                quantity=v["quantity"], spending=spending, utility=utilities(family, v["quantity"])
            )
        if isinstance(family, Suppliers):
            quantity = v["quantity"]
            return SupplierProposals(
                quantity=quantity,
                revenue=price[family.good] * quantity,
                cost=suppliers_cost(family, quantity),
            )
        if isinstance(family, Activities):
            net = family.net_output
            value = net.data * price[net.indices]
            made = _row_sums(np.maximum(value, 0.0), net.indptr)
            used = _row_sums(np.maximum(-value, 0.0), net.indptr)
            level = v["level"]
            return ActivityProposals(
                level=level, social_benefit=level * made, social_cost=level * used
            )
        return self._final_workers(price)

    def _final_workers(self, price: Array) -> WorkerProposals | JointProposals:
        family, v = self.family, self.values
        indptr, good = family.pattern()
        cost = _row_sums(v["input"] * price[good], indptr)
        fixed = _fixed(family, v)
        if fixed is not None:
            cost = cost + _row_sums(v["fixed_input"] * price[fixed.indices], fixed.indptr)
        if isinstance(family, CobbDouglasWorkers) and family.effort is not None:
            cost = cost + family.effort.scale * v["effort"] ** family.effort.power
        if isinstance(family, JointWorkers):
            made, product = family.made_pattern()
            return JointProposals(
                input=v["input"],
                outputs=v["outputs"],
                level=v["level"],
                fixed_input=v.get("fixed_input"),
                social_benefit=_row_sums(v["outputs"] * price[product], made),
                social_cost=cost,
            )
        return WorkerProposals(
            input=v["input"],
            output=v["output"],
            level=v.get("level"),
            effort=v.get("effort"),
            fixed_input=v.get("fixed_input"),
            social_benefit=price[family.made_goods()] * v["output"],
            social_cost=cost,
        )


def drafts(problem: Problem) -> list[Draft]:
    """The proposals at the market's last prices, one draft per family."""
    return [draft_of(problem, k) for k in range(len(problem.groups))]


def draft_of(problem: Problem, k: int) -> Draft:
    """The proposals of one family, number `k` of the economy, at the market's last prices."""
    family = problem.economy.families[k]
    return Draft(family, _gathered(family, problem.groups[k], problem.market))


def later_drafts(problem: Problem) -> list[Draft]:
    """The same, but families that answer by prices alone are asked again, when need be.

    That is when somebody wants to know. The problem may meanwhile be solved at other prices, so
    that they are asked apart from it.
    """
    price = problem.market.price.copy()
    result = []
    for k, (family, group) in enumerate(zip(problem.economy.families, problem.groups, strict=True)):
        if any(isinstance(answer, InnerAnswer) for answer in group):
            result.append(Draft(family, _gathered(family, group, problem.market)))
        else:
            result.append(
                Draft(family, partial(_asked_again, problem.economy, k, price, problem.n_threads))
            )
    return result


def _asked_again(economy: Economy, k: int, price: Array, n_threads: int) -> dict[str, Any]:
    scratch = Scratch(economy.n_goods, n_threads)
    market = Market(np.zeros(economy.n_goods), np.zeros(economy.n_goods), scratch)
    market.announce(price)
    family = economy.families[k]
    group = compile_family(family, scratch)
    for answer in group:
        answer.respond(market)
    return _gathered(family, group, market)


def _gathered(family: Family, group: list[Answer], market: Market) -> dict[str, Any]:
    """One set of arrays for the family from the answers of its parts."""
    parts = [(answer.councils, answer.proposal(market)) for answer in group]
    if len(parts) == 1 and (parts[0][0] is None or len(parts[0][0]) == family.n_councils):
        return parts[0][1]
    if not parts:
        return _nothing(family)
    whole: dict[str, Any] = {}
    per_entry = not isinstance(family, Suppliers)
    for name, first in parts[0][1].items():
        if first is None:
            whole[name] = None
            continue
        by_entry = per_entry and name in _PER_ENTRY
        size = len(family.pattern()[1]) if by_entry else family.n_councils
        whole[name] = np.empty(size)
        for councils, values in parts:
            at = _entries_of(family, councils) if by_entry else councils
            whole[name][at] = values[name]
    return whole


def _nothing(family: Family) -> dict[str, Any]:
    none = np.empty(0)
    if isinstance(family, Consumers | Suppliers):
        return {"quantity": none}
    made = "outputs" if isinstance(family, JointWorkers) else "output"
    return {"input": none, made: none, "level": none}


def _fixed(family: Family, values: dict[str, Any]) -> sp.csr_array | None:
    """What the family uses in fixed proportion; None where it, or its draft, has nothing of it."""
    if values.get("fixed_input") is None:
        return None
    return family.fixed if isinstance(family, NestedCESWorkers | JointWorkers) else None


def _by_good(good: NDArray[np.int32], quantity: Array, n_goods: int) -> Array:
    """(n,) sums of the entries' quantities by good."""
    return np.asarray(np.bincount(good, weights=quantity, minlength=n_goods), dtype=np.float64)


def _entries_of(family: Family, councils: NDArray[np.int64] | None) -> NDArray[np.bool_]:
    """(entries,) which entries are of these councils; None for all."""
    indptr, _ = family.pattern()
    chosen = np.zeros(family.n_councils, dtype=bool)
    chosen[councils] = True
    return np.repeat(chosen, np.diff(indptr))


def _row_sums(values: Array, indptr: NDArray[Any]) -> Array:
    """Sum over each row, zero for empty rows."""
    sums = np.concatenate([[0.0], np.cumsum(values)]) if len(values) < 2 else None
    if sums is not None:
        return np.asarray(sums[indptr[1:]] - sums[indptr[:-1]])
    # reduceat gives the next entry for an empty row: leave those out
    full = np.flatnonzero(np.diff(indptr))
    total = np.zeros(len(indptr) - 1)
    total[full] = np.add.reduceat(values, indptr[full])
    return total
