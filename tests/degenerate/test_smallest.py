"""One good, one council, and other economies whose plan is known by heart."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from reference.compare import SOLVE_TOL, assert_solved

# tol 1e-9 and conditioning of order one: seven digits are certain.
DIGITS = 1e-7


def solved(economy, **options):
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True, **options)
    assert_solved(economy, plan)
    return plan


def one_nest(n: int = 1):
    return pe.NestedCES.from_values(np.ones((1, n)), pe.Nest(0.5, list(range(n))))


@pytest.mark.parametrize(
    "consumer",
    [
        pe.CobbDouglasConsumers([3.0], [[1.0]]),
        pe.CESConsumers([3.0], [[1.0]], 0.0),
        pe.CESConsumers([3.0], [[1.0]], 2.0),
        pe.LeontiefConsumers([3.0], [[0.5]]),
        pe.LinearConsumers([3.0], [[7.0]]),
        pe.NestedCESConsumers([3.0], one_nest()),
    ],
    ids=lambda c: type(c).__name__,
)
def test_one_good_one_council(consumer):
    plan = solved(pe.Economy(1, [4.0], [consumer]))
    assert plan.price == pytest.approx([3.0 / 4.0], rel=DIGITS)
    assert plan.proposals[0].quantity == pytest.approx([4.0], rel=DIGITS)
    assert plan.proposals[0].spending == pytest.approx([3.0], rel=DIGITS)


def test_needs_come_off_the_endowment_first():
    plan = solved(pe.Economy(1, [4.0], [pe.CobbDouglasConsumers([3.0], [[1.0]], needs=[[1.5]])]))
    assert plan.price == pytest.approx([3.0 / 2.5], rel=DIGITS)
    assert plan.proposals[0].quantity == pytest.approx([2.5], rel=DIGITS)
    assert plan.demand == pytest.approx([4.0], rel=DIGITS)


def maker(kind: str, returns: float):
    """10 units of labour make bread, A = 3: q = 3 * 10^returns."""
    match kind:
        case "cobb_douglas":
            return pe.CobbDouglasWorkers([1], [[returns, 0.0]], [3.0])
        case "ces":
            return pe.CESWorkers([1], [[1.0, 0.0]], 0.7, returns, [3.0])
        case "nested":
            nests = pe.NestedCES.from_values([[1.0, 0.0]], pe.Nest(0.7, [0]))
            return pe.NestedCESWorkers([1], nests, productivity=3.0, returns=returns)
    return pe.Activities([[-1.0, 3.0]])


@pytest.mark.parametrize(
    ("kind", "returns"),
    [
        ("cobb_douglas", 0.5),
        ("cobb_douglas", 0.999),
        ("ces", 0.5),
        ("ces", 0.999),
        ("ces", 1.0),
        ("nested", 0.5),
        ("nested", 0.999),
        ("nested", 1.0),
        ("activity", 1.0),
    ],
)
def test_labour_into_bread(kind, returns):
    # Wages are the share `returns` of what bread sells for, the rest is the council's surplus.
    economy = pe.Economy(
        2, [10.0, 0.0], [pe.CobbDouglasConsumers([6.0], [[0.0, 1.0]]), maker(kind, returns)]
    )
    plan = solved(economy)
    bread = 3.0 * 10.0**returns
    assert plan.price == pytest.approx([returns * 6.0 / 10.0, 6.0 / bread], rel=DIGITS)
    assert plan.supply == pytest.approx([10.0, bread], rel=DIGITS)
    assert plan.welfare == pytest.approx(6.0 * np.log(bread), rel=DIGITS)


def test_a_good_in_surplus_is_free():
    # Bread is 1 of flour and 2 of labour; of 10 and 10, half the flour is left over.
    economy = pe.Economy(
        ["flour", "labour", "bread"],
        [10.0, 10.0, 0.0],
        [pe.CobbDouglasConsumers([6.0], [[0.0, 0.0, 1.0]]), pe.Activities([[-1.0, -2.0, 1.0]])],
    )
    plan = solved(economy)
    # What is left over may be worth tol times a good's part of the budget, not more.
    assert plan.price[0] * 5.0 <= SOLVE_TOL * 6.0 / 3
    assert plan.price[1:] == pytest.approx([0.6, 1.2], rel=DIGITS)
    assert plan.demand == pytest.approx([5.0, 10.0, 5.0], rel=DIGITS)


def test_a_good_nobody_wants_is_free():
    economy = pe.Economy(2, [4.0, 5.0], [pe.CobbDouglasConsumers([3.0], [[1.0, 0.0]])])
    plan = solved(economy)
    assert plan.price[0] == pytest.approx(0.75, rel=DIGITS)
    assert plan.price[1] * 5.0 <= SOLVE_TOL * 3.0 / 2


def test_a_joint_output_nobody_wants_is_free():
    economy = pe.Economy(
        ["sheep", "wool", "mutton"],
        [10.0, 0.0, 0.0],
        [pe.CobbDouglasConsumers([6.0], [[0.0, 1.0, 0.0]]), pe.Activities([[-1.0, 2.0, 3.0]])],
    )
    plan = solved(economy)
    assert plan.price[:2] == pytest.approx([0.6, 0.3], rel=DIGITS)
    assert plan.price[2] * 30.0 <= SOLVE_TOL * 6.0 / 3


def capped(kind: str, capacity: float):
    """Labour into bread, A = 2, no more than `capacity` of bread."""
    match kind:
        case "ces":
            return pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 1.0, [2.0], [capacity])
        case "ces_falling":
            return pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 0.5, [2.0], [capacity])
        case "nested":
            nests = pe.NestedCES.from_values([[1.0, 0.0]], pe.Nest(0.5, [0]))
            return pe.NestedCESWorkers([1], nests, productivity=2.0, capacity=capacity)
    return pe.Activities([[-0.5, 1.0]], [capacity])


@pytest.mark.parametrize("kind", ["ces", "nested", "activity"])
def test_a_council_at_capacity_earns_a_rent(kind):
    # 10 of labour, half the budget of 8 goes to leisure: uncapped, 5 of labour would make 10 of
    # bread. At 4 of bread 2 of labour work: leisure 8, wage 4/8; bread 4/4 against a cost of 1/4.
    consumers = pe.CobbDouglasConsumers([8.0], [[0.5, 0.5]])
    plan = solved(pe.Economy(2, [10.0, 0.0], [consumers, capped(kind, 4.0)]))
    assert plan.price == pytest.approx([0.5, 1.0], rel=DIGITS)
    assert plan.supply == pytest.approx([10.0, 4.0], rel=DIGITS)
    rent = plan.proposals[1].social_benefit - plan.proposals[1].social_cost
    assert rent == pytest.approx([4.0 - 1.0], rel=DIGITS)


def test_decreasing_returns_at_capacity():
    # q = 2 z^.5 <= 3 takes z = 2.25 of labour: leisure 7.75, wage 4/7.75, bread 4/3 against a
    # marginal cost of .77.
    consumers = pe.CobbDouglasConsumers([8.0], [[0.5, 0.5]])
    plan = solved(pe.Economy(2, [10.0, 0.0], [consumers, capped("ces_falling", 3.0)]))
    assert plan.price == pytest.approx([4 / 7.75, 4 / 3], rel=DIGITS)
    assert plan.demand == pytest.approx([10.0, 3.0], rel=DIGITS)


@pytest.mark.parametrize("kind", ["ces", "nested", "activity"])
def test_a_capacity_that_just_does_not_bind(kind):
    # Exactly what is made without it: level at capacity and rent 0 at once, the strict
    # complementarity gone.
    consumers = pe.CobbDouglasConsumers([8.0], [[0.5, 0.5]])
    plan = solved(pe.Economy(2, [10.0, 0.0], [consumers, capped(kind, 10.0)]))
    # Without strict complementarity errors are of the order of the root of the tolerance.
    assert plan.price == pytest.approx([0.8, 0.4], rel=10 * np.sqrt(SOLVE_TOL))
    assert plan.welfare == pytest.approx(4 * np.log(5 / 0.5) + 4 * np.log(10 / 0.5), rel=DIGITS)


@pytest.mark.parametrize("kind", ["ces", "nested", "activity"])
def test_equal_technologies_share_what_one_would_do(kind):
    single = maker("ces" if kind == "ces" else kind, 1.0)
    consumers = pe.CobbDouglasConsumers([6.0], [[0.25, 0.75]])
    match kind:
        case "ces":
            many = pe.CESWorkers([1] * 4, [[1.0, 0.0]] * 4, 0.7, 1.0, [3.0] * 4)
        case "nested":
            nests = pe.NestedCES.from_values([[1.0, 0.0]] * 4, pe.Nest(0.7, [0]))
            many = pe.NestedCESWorkers([1] * 4, nests, productivity=3.0)
        case _:
            many = pe.Activities([[-1.0, 3.0]] * 4)
    plan = solved(pe.Economy(2, [10.0, 0.0], [consumers, many]))
    alone = solved(pe.Economy(2, [10.0, 0.0], [consumers, single]))
    assert plan.price == pytest.approx(alone.price, rel=DIGITS)
    assert plan.supply == pytest.approx(alone.supply, rel=DIGITS)


def test_equal_councils_with_decreasing_returns_do_the_same():
    workers = pe.CESWorkers([1] * 4, [[1.0, 0.0]] * 4, 0.7, 0.8, [3.0] * 4)
    plan = solved(
        pe.Economy(2, [10.0, 0.0], [pe.CobbDouglasConsumers([6.0], [[0.25, 0.75]]), workers])
    )
    output = plan.proposals[1].output
    # The same arithmetic on the same numbers.
    assert np.all(output == output[0])


def test_a_dearer_technique_stays_idle():
    techniques = pe.Activities([[-1.0, 3.0], [-1.0, 2.9]])
    plan = solved(
        pe.Economy(2, [10.0, 0.0], [pe.CobbDouglasConsumers([6.0], [[0.25, 0.75]]), techniques])
    )
    level = plan.proposals[1].level
    assert level[0] == pytest.approx(7.5, rel=DIGITS)
    # Its loss is a thirtieth of its cost; level times loss is within tol of the budget.
    assert level[1] <= 30 * SOLVE_TOL * 6.0 / plan.price[0]
