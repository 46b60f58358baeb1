"""A benchmark year as the plan it is: what every council did, for the certificate to judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from parecon._columns import FloatArray, row_index
from parecon.economies.report import Benchmark
from parecon.errors import AccountsError
from parecon.families import (
    Activities,
    CESWorkers,
    Consumers,
    Family,
    JointWorkers,
    NestedCES,
    NestedCESWorkers,
)
from parecon.proposals import (
    ActivityProposals,
    ConsumerProposals,
    JointProposals,
    WorkerProposals,
)

__all__ = ["Year", "benchmark_year"]


@dataclass(frozen=True, eq=False)
class Year:
    """Prices (n,) and proposals of all families in a benchmark year; ``certify`` judges it.

    price : (n,) money per unit. proposals : in the order of ``economy.families``.
    """

    price: FloatArray
    proposals: tuple[Any, ...]


def benchmark_year(benchmark: Benchmark) -> Year:
    """Return the year that a calibrated economy reproduces, as published, without solving.

    ``parecon.certify(benchmark.economy, benchmark_year(benchmark))`` then says whether the accounts
    are a plan of the economy: feasible, and no plan better.

    Parameters
    ----------
    benchmark : Benchmark
        Of :func:`parecon.accounts.benchmark`.

    Raises
    ------
    AccountsError
        If the economy has families that calibration does not make.
    """
    made = [_proposal(family, benchmark) for family in benchmark.economy.families]
    return Year(price=benchmark.price, proposals=tuple(made))


def _proposal(family: Family, benchmark: Benchmark) -> Any:
    """At reference prices of 1 shares of value are shares of quantities."""
    label, price = str(family.label), benchmark.price
    if isinstance(family, Consumers):
        budget = family.budget
        quantity = _entry_shares(family) * np.repeat(budget, np.diff(family.pattern()[0]))
        return ConsumerProposals(quantity=quantity, spending=budget, utility=budget)
    output = benchmark.output[label]
    if isinstance(family, Activities):
        value = output * (family.net_output @ price)
        return ActivityProposals(
            level=output,
            social_benefit=output * (family.net_output.maximum(0.0) @ price),
            social_cost=output * (family.net_output.maximum(0.0) @ price) - value,
        )
    used = _entry_shares(family) * np.repeat(output, np.diff(family.pattern()[0]))
    fixed = family.fixed if isinstance(family, NestedCESWorkers | JointWorkers) else None
    held = None if fixed is None else fixed.data * output[row_index(fixed.indptr)]
    if isinstance(family, JointWorkers):
        made = np.repeat(output, np.diff(family.made_pattern()[0]))
        return JointProposals(
            input=used,
            outputs=family.outputs.path_share() * made,
            level=output,
            fixed_input=held,
            social_benefit=output,
            social_cost=output,
        )
    return WorkerProposals(
        input=used,
        output=output,
        level=output,
        effort=None,
        fixed_input=held,
        social_benefit=output,
        social_cost=output,
    )


def _entry_shares(family: Family) -> FloatArray:
    """Share of each entry in the council's spending or cost, (entries,)."""
    entries = getattr(family, family.entries)
    if isinstance(entries, NestedCES):
        return entries.path_share()
    if isinstance(family, CESWorkers | Consumers):
        shares: FloatArray = entries.data
        return shares
    raise AccountsError(f"benchmark_year: no benchmark of {type(family).__name__} {family.title!r}")
