"""A good that councils must have for each unit of what they make or use: permits, capacities.

Each of the families has its own exact way. Inputs in fixed proportion to the level where there is
such a thing and returns are constant; one more entry of net output for activities; and for all
others a step behind the council: what it makes, or what is used, is another good, which an added
activity turns into the old one together with the toll. Both ways are the same economics: the toll
is paid per unit, whatever else the council does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.errors import ScenarioError
from parecon.families import (
    Activities,
    CESWorkers,
    Family,
    FirstOrderWorkers,
    JointWorkers,
    NestedCES,
    NestedCESWorkers,
    Suppliers,
)
from parecon.families.workers import Workers
from parecon.scenarios.draft import Draft, column, rewired, uses

Array = NDArray[np.float64]


def toll_on_output(draft: Draft, place: int, toll: int, rate: Array, *, key: str) -> None:
    """Let the councils of a family need `rate` (m,) >= 0 of the good `toll` per unit of output.

    Of activities and joint workers: per unit of what they make, where that is one good; per unit of
    level otherwise.
    """
    family = draft.families[place]
    if isinstance(family, FirstOrderWorkers) or not isinstance(family, Workers | Suppliers):
        raise ScenarioError(
            f"{family.title} ({type(family).__name__}) makes nothing that could be counted; "
            "give rates per unit of input instead",
            key=key,
        )
    if not (rate > 0.0).any():
        return
    if isinstance(family, Activities | JointWorkers):
        toll_on_level(draft, place, toll, rate * made_per_level(family))
        return
    if isinstance(family, CESWorkers):
        family = as_nested(family)
    direct = np.zeros(family.n_councils, dtype=bool)
    if isinstance(family, NestedCESWorkers):
        direct = family.returns == 1.0
        if (rate[direct] > 0.0).any():
            per_level = np.where(direct, rate * family.productivity, 0.0)
            draft.set_family(place, _more_fixed(family, toll, per_level, draft.n_goods))
    rest = np.flatnonzero((rate > 0.0) & ~direct)
    if rest.size:
        _behind(draft, place, toll, rate, rest)


def toll_on_level(draft: Draft, place: int, toll: int, rate: Array) -> None:
    """Let activities or joint workers need `rate` (m,) of the good `toll` per unit of level."""
    family = draft.families[place]
    if isinstance(family, JointWorkers):
        draft.set_family(place, _more_fixed(family, toll, rate, draft.n_goods))
    elif isinstance(family, Activities):
        draft.set_family(place, _more_used(family, toll, rate))
    else:
        raise ScenarioError(f"{family.title}: expected councils with a level", key="family")


def toll_on_input(
    draft: Draft, good: int, toll: int, rate: float, users: Iterable[int] | None, *, key: str
) -> None:
    """Let the families at `users` need `rate` of the good `toll` for each unit of `good` they use.

    They use another good from now on: the old one with the toll paid. users: None for everybody,
    which includes the steps of other tolls on the same good; families named one by one may have the
    good through such a step already.
    """
    forms = [good] if users is None else draft.forms_of(good)
    among = list(range(len(draft.families)) if users is None else users)
    found = False
    for used in forms:
        at = [place for place in among if uses(draft.families[place], used)]
        if at:
            _behind_users(draft, used, toll, rate, at)
            found = True
    if not found:
        raise ScenarioError(f"none of the users uses {draft.names[good]!r}", key=key)


def _behind_users(draft: Draft, good: int, toll: int, rate: float, at: list[int]) -> None:
    name = draft.free_name(f"{draft.names[good]} with {draft.names[toll]}")
    (paid,) = draft.add_goods([name], kind=draft.kinds[good], unit=draft.units[good])
    draft.note_form(good, paid)
    for place in at:
        draft.set_family(place, rewired(draft.families[place], {good: paid}))
    row = np.zeros((1, draft.n_goods))
    row[0, [paid, good, toll]] = 1.0, -1.0, -rate
    draft.add_family(Activities(sp.csr_array(row), names=[name], label=_label(draft, name)))


def as_nested(family: CESWorkers) -> NestedCESWorkers:
    """Return the same technologies as nested ones of one nest, which may have fixed inputs.

    Weights are cost shares at prices 1, where a unit of the aggregate costs 1: the calibrated share
    form at reference prices 1 and scale 1.
    """
    shares, m = family.shares, family.n_councils
    node = np.arange(m)
    nests = NestedCES(
        node_start=np.arange(m + 1),
        node_parent=np.full(m, -1),
        node_elasticity=family.elasticity,
        node_share=np.ones(m),
        leaf_start=shares.indptr,
        leaf_good=shares.indices,
        leaf_node=np.repeat(node, np.diff(shares.indptr)),
        leaf_share=shares.data,
        n_goods=shares.shape[1],
    )
    return NestedCESWorkers(
        family.output_good,
        nests,
        productivity=family.productivity,
        returns=family.returns,
        capacity=family.capacity,
        names=family.names,
        label=family.label,
    )


def made_by(family: Family, proposal: Any) -> Array:
    """(m,) what a toll counts per unit of: output, quantity supplied, or level."""
    if isinstance(family, Activities | JointWorkers):
        made: Array = proposal.level * made_per_level(family)
        return made
    return np.asarray(proposal.quantity if isinstance(family, Suppliers) else proposal.output)


def made_per_level(family: Activities | JointWorkers) -> Array:
    """(m,) output of one unit of level where there is one output, otherwise 1."""
    if isinstance(family, JointWorkers):
        start = family.outputs.leaf_start
        of_first = family.outputs.reference_quantity()[start[:-1]]
        return np.where(np.diff(start) == 1, of_first, 1.0)
    net = family.net_output
    made = net.copy()
    made.data = np.maximum(net.data, 0.0)
    one = np.asarray((net > 0.0).sum(axis=1)).ravel() == 1
    return np.where(one, np.asarray(made.sum(axis=1)).ravel(), 1.0)


def _more_used(family: Activities, toll: int, rate: Array) -> Activities:
    added = column(toll, rate, family.net_output.shape)
    net = sp.csr_array(family.net_output - added)
    net.eliminate_zeros()
    return family.replace(net_output=net)


def _more_fixed(
    family: NestedCESWorkers | JointWorkers, toll: int, per_level: Array, n_goods: int
) -> Family:
    added = column(toll, per_level, (family.n_councils, n_goods))
    fixed = added if family.fixed is None else sp.csr_array(family.fixed + added)
    return family.replace(fixed=fixed)


def _behind(draft: Draft, place: int, toll: int, rate: Array, councils: Any) -> None:
    """Let councils make another good, and an activity that of before, with the toll.

    Councils that make the same good at the same rate share the step.
    """
    column = "good" if isinstance(draft.families[place], Suppliers) else "output_good"
    made = np.array(getattr(draft.families[place], column))
    steps, of_council = np.unique(
        np.column_stack([made[councils].astype(float), rate[councils]]), axis=0, return_inverse=True
    )
    of_council = of_council.ravel()
    title, paid = draft.families[place].title, draft.names[toll]
    names = []
    for k, (good, _) in enumerate(steps):
        members = councils[of_council == k]
        who = draft.families[place].council_name(int(members[0])) if members.size == 1 else title
        names.append(draft.free_name(f"{draft.names[int(good)]} of {who} before {paid}"))
        names[-1] += "" if names[-1] not in names[:-1] else f" {k + 1}"
    raw = draft.add_goods(names)
    for i, (good, _) in zip(raw, steps, strict=True):
        draft.kinds[i], draft.units[i] = draft.kinds[int(good)], draft.units[int(good)]
    made[councils] = np.array(raw)[of_council]
    draft.set_columns(place, **{column: made})
    net = np.zeros((len(raw), draft.n_goods))
    row = np.arange(len(raw))
    net[row, raw] = -1.0
    net[row, steps[:, 0].astype(int)] = 1.0
    net[row, toll] -= steps[:, 1]
    label = _label(draft, f"{paid} for {title}")
    draft.add_family(Activities(sp.csr_array(net), names=names, label=label))


def _label(draft: Draft, wanted: str) -> str:
    """A label that is free and can name a file."""
    word = "".join("_" if c in '\x00/\\:*?"<>|' or ord(c) < 32 else c for c in wanted).strip(". ")
    taken = {family.title for family in draft.families}
    number, label = 1, word
    while label in taken:
        number += 1
        label = f"{word} {number}"
    return label
