"""What councils need, or make beside, for each unit of output: capital in service, room to grow.

Each family has its own exact way, as for permits (`parecon.scenarios.tolls`): entries of net output
for activities, inputs in fixed proportion for technologies of constant returns, and for all others
a step behind the council, an activity that turns what it makes into the good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray, IndexArray
from parecon.dated.stacking import Stack
from parecon.errors import EconomyError
from parecon.families import (
    Activities,
    CESWorkers,
    Family,
    FirstOrderWorkers,
    JointWorkers,
    NestedCESWorkers,
    Suppliers,
    Workers,
)
from parecon.scenarios.draft import rebuilt
from parecon.scenarios.tolls import as_nested, made_per_level

__all__ = ["charge", "made_good", "needs_step", "output_of"]


def needs_step(family: Family, *, grows: bool) -> bool:
    """Whether charges on a family take a step behind its councils.

    grows : whether some of the charge is made beside the output, which only activities can.
    Raises EconomyError for families that make nothing.
    """
    if isinstance(family, FirstOrderWorkers) or not isinstance(family, Workers | Suppliers):
        raise EconomyError(
            f"{family.title} ({type(family).__name__}) makes nothing that capital or room to grow "
            "could be counted by"
        )
    if isinstance(family, Activities):
        return False
    if isinstance(family, JointWorkers):
        if grows:
            raise EconomyError(
                f"{family.title} (JointWorkers): growth can be limited of councils that make one "
                "good, and of activities"
            )
        return False
    constant = isinstance(family, CESWorkers | NestedCESWorkers) and bool(
        (family.returns == 1.0).all()
    )
    return grows or not constant


def made_good(family: Family) -> IndexArray:
    """Return the good that each council makes, (m,), of families with one good per council."""
    made: IndexArray = family.good if isinstance(family, Suppliers) else family.made_goods()
    return made


def output_of(family: Family, proposal: object) -> FloatArray:
    """Return what charges are counted by: output, quantity supplied, or level, (m,)."""
    if isinstance(family, Activities | JointWorkers):
        level: FloatArray = proposal.level * made_per_level(family)  # type: ignore[attr-defined]
        return level
    name = "quantity" if isinstance(family, Suppliers) else "output"
    return np.asarray(getattr(proposal, name))


def charge(
    stack: Stack, flows: sp.csr_array, before: IndexArray | None, n_goods: int
) -> tuple[Family, Activities | None]:
    """Return the family with the charges, and the step behind it where there is one.

    Parameters
    ----------
    flows : (M, N) csr_array
        Dated goods per unit of output: < 0 needed, > 0 made beside.
    before : (M,) int32 or None
        The dated good that each council makes before the step; None for no step.
    """
    family = stack.family
    if before is not None:
        return _stepped(family, flows, before, n_goods)
    if isinstance(family, Activities):
        net = sp.csr_array(family.net_output + _scaled(flows, made_per_level(family)))
        net.eliminate_zeros()
        return family.replace(net_output=net), None
    if isinstance(family, CESWorkers):
        family = as_nested(family)
    nested: Any = family  # of constant returns, see needs_step
    joint = isinstance(nested, JointWorkers)
    per_level = made_per_level(nested) if joint else nested.productivity
    fixed = _scaled(flows, -per_level)
    if nested.fixed is not None:
        fixed = sp.csr_array(fixed + nested.fixed)
    return rebuilt(nested, fixed=fixed), None


def _scaled(flows: sp.csr_array, factor: FloatArray) -> sp.csr_array:
    return sp.csr_array(sp.diags_array(factor) @ flows)


def _stepped(
    family: Family, flows: sp.csr_array, before: IndexArray, n_goods: int
) -> tuple[Family, Activities]:
    made, rows = made_good(family), np.arange(family.n_councils)
    ones = np.ones(rows.size)
    entries = (np.concatenate([ones, -ones]), (np.tile(rows, 2), np.concatenate([made, before])))
    net = sp.csr_array(sp.coo_array(entries, shape=(rows.size, n_goods))) + flows
    column = "good" if isinstance(family, Suppliers) else "output_good"
    columns: Mapping[str, IndexArray] = {column: before}
    step = Activities(
        sp.csr_array(net), names=family.names, label=f"{family.title} after their limits"
    )
    return rebuilt(family, **columns), step
