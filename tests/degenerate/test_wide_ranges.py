"""Magnitudes far apart: budgets over twelve orders, tiny shares, large and small economies in any
unit."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import normalised
from reference.compare import SOLVE_TOL, assert_solved

BUDGETS = 10.0 ** np.arange(-6, 7)  # the poorest has a 1e-12th of the richest

# Answers are exact at the plan's prices; what separates them from these formulas is the delivery
# margin and the prices' own error, both of the order of tol.
DIGITS = 1e-8


def solved(economy, **options):
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True, **options)
    assert_solved(economy, plan)
    return plan


def shares(n: int = 4, seed: int = 3):
    return normalised(np.random.default_rng(seed).uniform(0.1, 1, (len(BUDGETS), n)))


def test_cobb_douglas_budgets_over_twelve_orders():
    share, endowment = shares(), np.array([1.0, 2.0, 3.0, 4.0])
    plan = solved(pe.Economy(4, endowment, [pe.CobbDouglasConsumers(BUDGETS, share)]))
    price = BUDGETS @ share / endowment
    assert plan.price == pytest.approx(price, rel=DIGITS)
    # Every council gets its own, the poorest as exactly as the richest.
    quantity = plan.proposals[0].quantity.reshape(share.shape)
    assert quantity == pytest.approx(BUDGETS[:, None] * share / price, rel=DIGITS)


@pytest.mark.parametrize("s", [0.3, 1.0, 4.0])
def test_ces_budgets_over_twelve_orders(s):
    share = shares()
    plan = solved(pe.Economy(4, [1.0, 2.0, 3.0, 4.0], [pe.CESConsumers(BUDGETS, share, s)]))
    g = normalised(share * plan.price ** (1 - s))
    quantity = plan.proposals[0].quantity.reshape(share.shape)
    assert quantity == pytest.approx(BUDGETS[:, None] * g / plan.price, rel=DIGITS)
    assert plan.proposals[0].spending == pytest.approx(BUDGETS, rel=DIGITS)


@pytest.mark.parametrize("kind", ["leontief", "linear", "nested"])
def test_other_budgets_over_twelve_orders(kind):
    share = shares()
    match kind:
        case "leontief":
            consumers = pe.LeontiefConsumers(BUDGETS, share)
        case "linear":
            consumers = pe.LinearConsumers(BUDGETS, share)
        case _:
            nests = pe.NestedCES.from_values(share, pe.Nest(0.5, [pe.Nest(2.0, [0, 1]), 2, 3]))
            consumers = pe.NestedCESConsumers(BUDGETS, nests)
    plan = solved(pe.Economy(4, [1.0, 2.0, 3.0, 4.0], [consumers]))
    # Nobody, however poor, goes without: each council's utility is what its budget buys at the
    # plan's prices.
    match kind:
        case "leontief":
            cost = share @ plan.price
        case "linear":
            cost = np.min(plan.price / share, axis=1)
        case _:
            # The inner nest has elasticity 2, the root .5: I = 1 / sum(share / p), c = (sum w
            # I^.5)^2.
            inner = normalised(share[:, :2]) @ (1 / plan.price[:2])
            others = np.broadcast_to(plan.price[2:], (len(share), 2))
            index = np.column_stack([1 / inner, others])
            weight = np.column_stack([share[:, :2].sum(axis=1), share[:, 2:]])
            cost = (weight * index**0.5).sum(axis=1) ** 2
    assert plan.proposals[0].utility == pytest.approx(BUDGETS / cost, rel=1e-6)


@pytest.mark.parametrize("kind", ["ces_constant", "activities", "effort"])
def test_budgets_over_twelve_orders_with_production(kind):
    share = np.zeros((len(BUDGETS), 4))
    share[:, 1:] = shares(3)
    consumers = pe.CobbDouglasConsumers(BUDGETS, share)
    inputs = np.array([[0.7, 0, 0.2, 0.1], [0.6, 0.3, 0, 0.1], [0.8, 0.1, 0.1, 0]])
    output = [1, 2, 3]
    match kind:
        case "ces_constant":
            workers = pe.CESWorkers(output, inputs, 0.8, 1.0, [1.0] * 3)
        case "activities":
            workers = pe.Activities(np.eye(4)[1:] - inputs)
        case _:
            workers = pe.CobbDouglasWorkers(
                output, 0.8 * inputs, [1.0] * 3, pe.Effort(0.1, 3.0, 1.0)
            )
    plan = solved(pe.Economy(4, [100.0, 0.0, 0.0, 0.0], [consumers, workers]))
    wanted = np.broadcast_to(plan.price, share.shape)[share > 0].reshape(-1, 3)
    quantity = plan.proposals[0].quantity.reshape(-1, 3)
    assert quantity == pytest.approx(BUDGETS[:, None] * share[:, 1:] / wanted, rel=DIGITS)


@pytest.mark.parametrize("money", [1e-9, 1.0, 1e12])
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e12])
def test_any_unit_of_everything(money, unit):
    # Labour into bread with constant returns, bought with the whole budget: p = B / e all along the
    # chain.
    consumers = pe.CobbDouglasConsumers([money], [[0.0, 1.0]])
    economy = pe.Economy(2, [unit, 0.0], [consumers, pe.Activities([[-1.0, 1.0]])])
    plan = solved(economy)
    assert plan.price == pytest.approx([money / unit] * 2, rel=DIGITS)


@pytest.mark.parametrize("budget", [1e-6, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    ("form", "elasticity"), [("isoelastic", 0.5), ("linear", 0.5), ("linear", 2.0)]
)
def test_demand_far_from_what_suppliers_reckoned_with(form, elasticity, budget):
    # s = 2 p^.5, or s = max(0, 2 (1 + eta (p - 1))): p s = B, a quadratic in p for the linear form.
    supply = pe.Suppliers([0], [2.0], [1.0], [elasticity], form=form)
    plan = solved(pe.Economy(1, [0.0], [pe.CobbDouglasConsumers([budget], [[1.0]]), supply]))
    if form == "isoelastic":
        price = (budget / 2) ** (1 / (1 + elasticity))
    else:
        b = 1 - elasticity
        price = (np.sqrt(b**2 + 2 * elasticity * budget) - b) / (2 * elasticity)
    assert plan.price == pytest.approx([price], rel=DIGITS)


def test_shares_of_a_billionth():
    share = np.array([[1 - 2e-9, 1e-9, 1e-9], [0.3, 0.3, 0.4]])
    economy = pe.Economy(3, [5.0, 6.0, 7.0], [pe.CobbDouglasConsumers([2.0, 1e-9], share)])
    plan = solved(economy)
    endowment = np.array([5.0, 6.0, 7.0])
    price = np.array([2.0, 1e-9]) @ share / endowment
    # What is left over of a good may be worth tol times the budget per good: no price is sharper
    # than that.
    assert np.all(np.abs(plan.price - price) * endowment <= 2 * SOLVE_TOL * economy.total_budget)
    assert plan.price[0] == pytest.approx(price[0], rel=DIGITS)


def test_endowments_over_twelve_orders():
    endowment = 10.0 ** np.linspace(-6, 6, 7)
    share = normalised(np.random.default_rng(5).uniform(0.1, 1, (3, 7)))
    plan = solved(pe.Economy(7, endowment, [pe.CobbDouglasConsumers([1.0, 2.0, 3.0], share)]))
    assert plan.price == pytest.approx(np.array([1.0, 2.0, 3.0]) @ share / endowment, rel=DIGITS)
