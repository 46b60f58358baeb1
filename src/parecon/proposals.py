"""What councils propose at given prices: quantities on the family's own sparsity.

One record per family, in the order of ``economy.families``; every array is read-only. Entries are
in the order of ``family.pattern()``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray, frozen, row_index, weighted_count
from parecon.errors import PlanError
from parecon.families import (
    Activities,
    Consumers,
    Family,
    JointWorkers,
    NestedCESWorkers,
)

__all__ = [
    "ActivityProposals",
    "ConsumerProposals",
    "JointProposals",
    "Proposals",
    "SupplierProposals",
    "WorkerProposals",
    "net_flows",
    "supply_and_demand",
]


class _ReadOnly:
    """Stores every array of a dataclass as a read-only view."""

    def __post_init__(self) -> None:
        for name, value in self.__dict__.items():
            if value is not None:
                array = frozen(np.ascontiguousarray(value, dtype=np.float64))
                object.__setattr__(self, name, array)


@dataclass(frozen=True, eq=False)
class ConsumerProposals(_ReadOnly):
    """Proposals of a family of consumers.

    Attributes
    ----------
    quantity : (entries,) float64, >= 0
        Bought beyond needs, physical units per plan year.
    spending : (H,) float64, >= 0
        Value of what is bought, ``p.x``, money per plan year.
    utility : (H,) float64, >= 0
        ``u_h(x_h)``.
    """

    quantity: FloatArray
    spending: FloatArray
    utility: FloatArray


@dataclass(frozen=True, eq=False)
class WorkerProposals(_ReadOnly):
    """Proposals of a family of workers that make one good each.

    Attributes
    ----------
    input : (entries,) float64, >= 0
        Inputs, physical units per plan year.
    output : (m,) float64, >= 0
        Output, physical units per plan year.
    level : (m,) float64 or None
        Aggregate z or level y; None for Cobb-Douglas workers.
    effort : (m,) float64 or None
        Effort, where the family has it.
    fixed_input : (entries of fixed,) float64 or None
        Inputs in fixed proportion, physical units per plan year, >= 0.
    social_benefit : (m,) float64, >= 0
        Value of output at the plan's prices, money per plan year.
    social_cost : (m,) float64, >= 0
        Value of inputs plus disutility of effort, money per plan year.
    """

    input: FloatArray
    output: FloatArray
    level: FloatArray | None
    effort: FloatArray | None
    fixed_input: FloatArray | None
    social_benefit: FloatArray
    social_cost: FloatArray


@dataclass(frozen=True, eq=False)
class JointProposals(_ReadOnly):
    """Proposals of a family of workers that make several goods each.

    Attributes
    ----------
    input : (entries,) float64, >= 0
        Inputs of the trees, physical units per plan year.
    outputs : (entries of ``made_pattern()``,) float64, >= 0
        Outputs, physical units per plan year.
    level : (m,) float64, >= 0
        Levels.
    fixed_input : (entries of fixed,) float64 or None
        Inputs in fixed proportion, physical units per plan year, >= 0.
    social_benefit, social_cost : (m,) float64, >= 0
        Value of outputs and of inputs at the plan's prices, money per plan year.
    """

    input: FloatArray
    outputs: FloatArray
    level: FloatArray
    fixed_input: FloatArray | None
    social_benefit: FloatArray
    social_cost: FloatArray


@dataclass(frozen=True, eq=False)
class ActivityProposals(_ReadOnly):
    """Proposals of a family of activities.

    Attributes
    ----------
    level : (m,) float64, >= 0
        Levels; net output is level times ``net_output``.
    social_benefit, social_cost : (m,) float64, >= 0
        Value of outputs and of inputs at the plan's prices, money per plan year.
    """

    level: FloatArray
    social_benefit: FloatArray
    social_cost: FloatArray


@dataclass(frozen=True, eq=False)
class SupplierProposals(_ReadOnly):
    """Proposals of a family of suppliers.

    Attributes
    ----------
    quantity : (k,) float64, >= 0
        Supplied, physical units per plan year.
    revenue : (k,) float64, >= 0
        Value at the plan's prices, money per plan year.
    cost : (k,) float64, >= 0
        ``C_k(s_k)``, money per plan year.
    """

    quantity: FloatArray
    revenue: FloatArray
    cost: FloatArray


Proposals: TypeAlias = (
    ConsumerProposals | WorkerProposals | JointProposals | ActivityProposals | SupplierProposals
)
Flows: TypeAlias = tuple[IndexArray, IndexArray, FloatArray]


def net_flows(family: Family, proposal: Proposals) -> Flows:
    """Return who gives or takes how much of which good, in long form.

    Parameters
    ----------
    family : Family
        A family of the economy.
    proposal : Proposals
        Its proposals.

    Returns
    -------
    council : (flows,) int32
    good : (flows,) int32
    quantity : (flows,) float64
        Physical units per plan year; + is supply to others, - is use: consumption, needs, inputs.
        A council and good may occur more than once (a need that is also bought, an input that is
        also the output).

    Raises
    ------
    PlanError
        If the proposals are not those of such a family.
    """
    if isinstance(family, Consumers):
        return _consumer_flows(family, _of(ConsumerProposals, proposal, family))
    if isinstance(family, Activities):
        return _activity_flows(family, _of(ActivityProposals, proposal, family))
    if isinstance(family, JointWorkers):
        return _joint_flows(family, _of(JointProposals, proposal, family))
    if family.role == "suppliers":
        supplied = _of(SupplierProposals, proposal, family)
        return _flows([_entries(family.pattern(), supplied.quantity, 1.0, family, "quantity")])
    return _worker_flows(family, _of(WorkerProposals, proposal, family))


def supply_and_demand(
    family: Family, proposal: Proposals, n_goods: int
) -> tuple[FloatArray, FloatArray]:
    """Return a family's gross supply and gross use of each good, each (n_goods,) >= 0.

    Outputs and supplies are summed apart from consumption, needs and inputs: a council that uses
    its own output counts on both sides. Physical units per plan year.

    Raises
    ------
    PlanError
        If the proposals are not those of such a family.
    """
    _, good, quantity = net_flows(family, proposal)
    given = weighted_count(good, np.maximum(quantity, 0.0), n_goods)
    taken = weighted_count(good, np.maximum(-quantity, 0.0), n_goods)
    return given, taken


def _of(kind: Any, proposal: Proposals, family: Family) -> Any:
    if not isinstance(proposal, kind):
        raise PlanError(f"{family.title}: expected {kind.__name__}, got {type(proposal).__name__}")
    return proposal


def _entries(
    pattern: tuple[NDArray[Any], NDArray[Any]],
    quantity: FloatArray | None,
    sign: float,
    family: Family,
    what: str,
) -> Flows:
    """Return entries of a pattern as flows, after checking that they fit it."""
    indptr, good = pattern
    if quantity is None or quantity.shape != good.shape:
        got = "None" if quantity is None else f"shape {quantity.shape}"
        raise PlanError(f"{family.title}.{what}: expected shape {good.shape}, got {got}")
    return row_index(indptr), good, sign * quantity


def _flows(pieces: list[Flows]) -> Flows:
    if len(pieces) == 1:
        return pieces[0]
    council, good, quantity = zip(*pieces, strict=True)
    return np.concatenate(council), np.concatenate(good), np.concatenate(quantity)


def _consumer_flows(family: Consumers, proposal: ConsumerProposals) -> Flows:
    pieces = [_entries(family.pattern(), proposal.quantity, -1.0, family, "quantity")]
    if family.needs is not None:
        needs = family.needs
        pieces.append((row_index(needs.indptr), needs.indices, -needs.data))
    return _flows(pieces)


def _worker_flows(family: Family, proposal: WorkerProposals) -> Flows:
    made = (np.arange(family.n_councils + 1), family.made_goods())
    output = _entries(made, proposal.output, 1.0, family, "output")
    return _flows([*_input_flows(family, proposal), output])


def _joint_flows(family: JointWorkers, proposal: JointProposals) -> Flows:
    outputs = _entries(family.made_pattern(), proposal.outputs, 1.0, family, "outputs")
    return _flows([*_input_flows(family, proposal), outputs])


def _input_flows(family: Family, proposal: WorkerProposals | JointProposals) -> list[Flows]:
    pieces = [_entries(family.pattern(), proposal.input, -1.0, family, "input")]
    if isinstance(family, NestedCESWorkers | JointWorkers) and family.fixed is not None:
        fixed = (family.fixed.indptr, family.fixed.indices)
        pieces.append(_entries(fixed, proposal.fixed_input, -1.0, family, "fixed_input"))
    return pieces


def _activity_flows(family: Activities, proposal: ActivityProposals) -> Flows:
    matrix = family.net_output
    if proposal.level.shape != (family.n_councils,):
        raise PlanError(
            f"{family.title}.level: expected shape ({family.n_councils},), "
            f"got shape {proposal.level.shape}"
        )
    level = np.repeat(proposal.level, np.diff(matrix.indptr))
    return row_index(matrix.indptr), matrix.indices, level * matrix.data
