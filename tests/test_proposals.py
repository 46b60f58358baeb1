"""Proposals as flows: signs, sums, and proposals that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon.proposals import Proposals, supply_and_demand

ONE = np.ones(1)


def dense(family: pe.Family, proposal: Proposals, n_goods: int) -> np.ndarray:
    """Net flows as a matrix of councils by goods."""
    council, good, quantity = pe.net_flows(family, proposal)
    out = np.zeros((family.n_councils, n_goods))
    np.add.at(out, (council, good), quantity)
    return out


def test_consumers_take_what_they_buy_and_what_they_need() -> None:
    family = pe.CobbDouglasConsumers(
        [1.0, 1.0], [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], needs=[[2.0, 0, 0], [0, 1.0, 0]]
    )
    proposal = pe.ConsumerProposals(np.array([3.0, 4.0, 5.0]), np.ones(2), np.ones(2))
    np.testing.assert_array_equal(dense(family, proposal, 3), [[-5, -4, 0], [0, -1, -5]])


def test_workers_give_output_and_take_inputs() -> None:
    family = pe.CobbDouglasWorkers([2, 0], [[0.1, 0.2, 0.0], [0.3, 0.0, 0.4]], 1.0)
    proposal = pe.WorkerProposals(
        np.array([1.0, 2.0, 3.0, 4.0]), np.array([7.0, 8.0]), None, None, None, ONE, ONE
    )
    np.testing.assert_array_equal(dense(family, proposal, 3), [[-1, -2, 7], [5, 0, -4]])
    supply, demand = supply_and_demand(family, proposal, 3)
    np.testing.assert_array_equal(supply, [8, 0, 7])  # a council's use of its own output
    np.testing.assert_array_equal(demand, [4, 2, 4])  # counts on both sides


def test_nested_workers_take_fixed_inputs_in_leaf_order() -> None:
    nests = pe.NestedCES.from_values([[1.0, 2.0, 3.0]], pe.Nest(0.5, [pe.Nest(1.0, [0]), 2, 1]))
    family = pe.NestedCESWorkers([0], nests, fixed=[[0.0, 0.0, 2.0]])
    np.testing.assert_array_equal(family.pattern()[1], [2, 1, 0])
    proposal = pe.WorkerProposals(
        np.array([1.0, 2.0, 3.0]), np.array([9.0]), ONE, None, np.array([4.0]), ONE, ONE
    )
    np.testing.assert_array_equal(dense(family, proposal, 3), [[6, -2, -5]])


def test_activities_scale_their_net_output() -> None:
    family = pe.Activities([[1.0, -2.0, 0.0], [0.5, 1.0, -1.0]])
    proposal = pe.ActivityProposals(np.array([2.0, 3.0]), ONE, ONE)
    np.testing.assert_array_equal(dense(family, proposal, 3), [[2, -4, 0], [1.5, 3, -3]])
    supply, demand = supply_and_demand(family, proposal, 3)
    np.testing.assert_array_equal(supply, [3.5, 3, 0])
    np.testing.assert_array_equal(demand, [0, 4, 3])


def test_suppliers_give() -> None:
    family = pe.Suppliers([2, 0], 1.0, 1.0, 1.0)
    proposal = pe.SupplierProposals(np.array([2.0, 3.0]), ONE, ONE)
    np.testing.assert_array_equal(dense(family, proposal, 3), [[0, 0, 2], [3, 0, 0]])


def test_proposals_are_read_only_and_shared() -> None:
    quantity = np.array([1.0])
    proposal = pe.ConsumerProposals(quantity, ONE, ONE)
    assert np.shares_memory(proposal.quantity, quantity)
    assert not proposal.quantity.flags.writeable
    assert quantity.flags.writeable


LINEAR = pe.LinearConsumers([1.0], [[1.0, 2.0]])
NESTS = pe.NestedCES.from_values([[1.0, 1.0]], pe.Nest(0.5, [0, 1]))
FIXED = pe.NestedCESWorkers([0], NESTS, fixed=[[0.0, 1.0]])
WORK = pe.CobbDouglasWorkers([0], [[0.5, 0.0]], 1.0)


@pytest.mark.parametrize(
    ("family", "proposal", "message"),
    [
        (LINEAR, pe.SupplierProposals(ONE, ONE, ONE), "expected ConsumerProposals, got Supplier"),
        (LINEAR, pe.ConsumerProposals(ONE, ONE, ONE), r"quantity: expected shape \(2,\), got"),
        (
            FIXED,
            pe.WorkerProposals(np.ones(2), ONE, ONE, None, None, ONE, ONE),
            r"fixed_input: expected shape \(1,\), got None",
        ),
        (
            WORK,
            pe.WorkerProposals(ONE, np.ones(2), None, None, None, ONE, ONE),
            r"output: expected shape \(1,\)",
        ),
        (
            pe.Activities([[1.0, -1.0]]),
            pe.ActivityProposals(np.ones(2), ONE, ONE),
            r"activities.level: expected shape \(1,\)",
        ),
    ],
)
def test_proposals_of_another_family_are_refused(
    family: pe.Family, proposal: Proposals, message: str
) -> None:
    with pytest.raises(pe.PlanError, match=message):
        pe.net_flows(family, proposal)
