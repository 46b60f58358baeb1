"""Linear consumers by way of softened demand, with most of their goods left out on the way.

The approach is made worthwhile for the smallest markets; each plan is compared with one found
without it, and judged by the certificate.
"""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon import approach, synthetic
from parecon.answers import linear
from reference.compare import SOLVE_TOL, assert_prices, assert_solved, assert_welfare
from reference.cvxpy_twin import solve_twin


def draw(rng, m, n, density=1.0):
    """(m, n) values, every council and every good with at least one."""
    value = rng.uniform(0.01, 1.0, (m, n)) * (rng.random((m, n)) < density)
    value[np.arange(m), rng.integers(n, size=m)] = 0.5
    value[rng.integers(m, size=n), np.arange(n)] = 0.7
    return value


def market(rng, value, endowment=None):
    """Councils with these values, budgets and what exists drawn."""
    budget, there = rng.uniform(0.5, 2.0, len(value)), rng.random(value.shape[1]) + 0.1
    return pe.Economy(
        value.shape[1],
        there if endowment is None else endowment,
        [pe.LinearConsumers(budget, value)],
    )


def unwanted(rng):
    return market(rng, np.hstack([draw(rng, 40, 5), np.zeros((40, 1))]))


def wanted_by_one(rng):
    return market(rng, np.hstack([draw(rng, 40, 5), 1e-3 * np.eye(40)[:, :1]]))


def tiny_budgets(rng):
    consumers = pe.LinearConsumers(10.0 ** np.linspace(-6, 6, 40), draw(rng, 40, 6))
    return pe.Economy(6, rng.random(6) + 0.1, [consumers])


def with_smooth_consumers(rng):
    families = [
        pe.LinearConsumers(np.ones(50), draw(rng, 50, 9), np.full((50, 9), 0.01), label="many"),
        pe.LinearConsumers(np.ones(5), draw(rng, 5, 9), label="few"),
        pe.CobbDouglasConsumers(np.ones(3), np.full((3, 9), 1 / 9)),
    ]
    return pe.Economy(9, rng.random(9) + 1.0, families)


def with_workers(rng):
    exponents = np.hstack([rng.uniform(0.1, 0.25, (18, 3)), np.zeros((18, 6))])
    families = [
        pe.LinearConsumers(np.ones(50), draw(rng, 50, 9)),
        pe.CobbDouglasWorkers(
            output_good=np.arange(3, 9).repeat(3),
            productivity=rng.uniform(1, 2, 18),
            exponents=exponents,
        ),
        pe.Suppliers(good=[0, 1], price=[1.0, 2.0], quantity=[5.0, 5.0], elasticity=[0.5, 2.0]),
    ]
    return pe.Economy(9, np.r_[np.full(3, 5.0), np.zeros(6)], families)


def with_activities(rng):
    net = np.hstack([-rng.uniform(0.1, 1.0, (12, 3)), np.eye(6)[np.arange(12) % 6]])
    families = [pe.LinearConsumers(np.ones(50), draw(rng, 50, 9)), pe.Activities(net_output=net)]
    return pe.Economy(9, np.r_[np.full(3, 5.0), np.zeros(6)], families)


MARKETS = {
    "planted": lambda rng: synthetic.planted_fisher(300, 20, seed=1, budgets="lognormal").economy,
    "indifferent among all": lambda rng: market(
        rng, np.outer(rng.random(40), rng.lognormal(size=8))
    ),
    "one good": lambda rng: market(rng, rng.random((40, 1)) + 0.1),
    "one council": lambda rng: market(rng, draw(rng, 1, 9)),
    "equal rows": lambda rng: market(rng, np.tile(rng.random(6) + 0.1, (40, 1))),
    "budgets over twelve orders": tiny_budgets,
    "a good nobody wants": unwanted,
    "a good wanted by one": wanted_by_one,
    "each its own good": lambda rng: market(rng, np.eye(5)[np.arange(40) % 5]),
    "values over twelve orders": lambda rng: market(rng, 10.0 ** rng.uniform(-6, 6, (60, 8))),
    "scarce and plenty": lambda rng: market(rng, draw(rng, 60, 8), 10.0 ** rng.uniform(-4, 4, 8)),
    "sparse": lambda rng: market(rng, draw(rng, 40, 60, 0.1)),
    "as many goods as councils": lambda rng: market(rng, draw(rng, 60, 60)),
    "more goods": lambda rng: market(rng, draw(rng, 20, 200)),
    "with smooth consumers": with_smooth_consumers,
    "with workers": with_workers,
    "with activities": with_activities,
}


# Linear on both sides: prices that differ by a hundredth bound welfare to 1e-10 of the budgets.
SEVERAL_PRICES = ("with activities",)


def economy_of(name):
    return MARKETS[name](np.random.default_rng(4))


@pytest.fixture(params=["whole", "sampled and narrowed"])
def approached(request, monkeypatch):
    """Approach however small the market is; with samples, and leaving out while it is solved."""
    monkeypatch.setattr(approach, "WORTH_IT", 0)
    if request.param != "whole":
        monkeypatch.setattr(approach, "PER_GOOD", 1)
        monkeypatch.setattr(linear, "_FEW", 0)


@pytest.mark.parametrize("name", MARKETS)
def test_same_plan_as_without(name, approached, monkeypatch):
    economy = economy_of(name)
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    monkeypatch.setattr(approach, "WORTH_IT", np.inf)
    monkeypatch.setattr(linear, "_FEW", np.inf)
    other = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, other)
    assert_welfare(economy, plan, other.welfare)
    if name in SEVERAL_PRICES:
        return
    # each plan is within its tolerance of the optimum, where the dual is flat to first order
    wanted = np.bincount(economy.families[0].value.indices, minlength=economy.n_goods) > 0
    assert plan.price[wanted] == pytest.approx(other.price[wanted], rel=3e-5)


@pytest.mark.parametrize("name", ["sparse", "as many goods as councils", "with workers"])
def test_agrees_with_cvxpy(name, approached):
    economy = economy_of(name)
    twin = solve_twin(economy)
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True)
    assert_solved(economy, plan)
    assert_welfare(economy, plan, twin.welfare, width=1e-8)


def test_planted_prices(approached):
    planted = synthetic.planted_fisher(2_000, 40, seed=3)
    plan = pe.solve(planted.economy, tol=SOLVE_TOL, certify=True)
    assert_solved(planted.economy, plan)
    assert_prices(planted.economy, plan, planted.price)


@pytest.mark.usefixtures("every_thread")
def test_same_bits_for_any_number_of_threads(approached):
    economy = synthetic.fisher(400, 30, seed=5)
    plans = [pe.solve(economy, n_threads=threads) for threads in (1, 2, 5)]
    for plan in plans[1:]:
        assert plan.price.tobytes() == plans[0].price.tobytes()
        assert plan.proposals[0].quantity.tobytes() == plans[0].proposals[0].quantity.tobytes()


def test_rows_of_the_approach_bound_nothing(approached):
    rows = []
    economy = synthetic.fisher(400, 30, seed=5)
    plan = pe.solve(economy, callback=lambda info: rows.append(info) is not None)
    assert [info.iteration for info in rows] == list(range(len(rows)))
    softened = [info for info in rows if np.isnan(info.dual)]
    assert softened == rows[: len(softened)]
    assert 0 < len(softened) < len(rows)
    assert all(np.isnan(info.gap) for info in softened)
    assert all(info.dual >= plan.welfare - 1e-9 for info in rows[len(softened) :])


@pytest.mark.parametrize("most", [1, 2, 5, 9, 12])
def test_iterations_are_counted_together(most, approached):
    economy = synthetic.fisher(400, 30, seed=5)
    plan = pe.solve(economy, max_iterations=most, certify=True)
    assert plan.status is pe.Status.ITERATION_LIMIT
    assert plan.n_iterations <= most
    assert plan.certificate.feasible


@pytest.mark.parametrize("at", [0, 3, 8, 11])
def test_stopped_on_the_way_there_is_a_feasible_plan(at, approached):
    economy = synthetic.fisher(400, 30, seed=5)
    plan = pe.solve(economy, callback=lambda info: info.iteration >= at, certify=True)
    assert plan.status is pe.Status.INTERRUPTED
    assert plan.certificate.feasible
    assert plan.bound >= plan.welfare


def test_a_plan_leads_to_the_next(approached):
    economy = synthetic.fisher(2_000, 60, seed=5)
    moved = economy.endowment * np.exp(0.01 * np.random.default_rng(1).standard_normal(60))
    first = pe.solve(economy)
    changed = economy.replace(endowment=moved)
    plan, cold = pe.solve(changed, warm_start=first, certify=True), pe.solve(changed)
    assert_solved(changed, plan, tol=1e-6)
    assert plan.n_iterations < cold.n_iterations


def test_from_prices_far_off(approached):
    economy = synthetic.fisher(400, 30, seed=5)
    price = 700.0 * np.exp(np.random.default_rng(1).uniform(-6, 6, 30))
    plan = pe.solve(economy, warm_start=price, certify=True)
    assert_solved(economy, plan, tol=1e-6)
