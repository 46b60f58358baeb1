"""Best plans known in closed form: the certificate proves them best, to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

import parecon as pe
from certificate.drafted import Drafted, activity, consumption, supply, work
from economies_for_tests import random_economy
from reference.dual import dual_value

ROUNDING = 1e-12


def assert_best(economy, plan, welfare=None):
    """Feasible, and no plan is better."""
    certificate = pe.certify(economy, plan)
    assert certificate.feasible, str(certificate)
    assert abs(certificate.gap) <= ROUNDING, str(certificate)
    assert certificate.holds(1e-9), str(certificate)
    if welfare is not None:
        assert certificate.welfare == pytest.approx(welfare, rel=1e-12)
    return certificate


def test_one_good_and_one_council():
    economy = pe.Economy(["bread"], [8.0], [pe.CobbDouglasConsumers([2.0], [[1.0]])])
    assert_best(economy, Drafted([0.25], (consumption([8.0], 1),)), 2 * np.log(8))


@pytest.mark.parametrize(
    "family",
    [
        pe.CESConsumers([1.0, 3.0], [[1.0], [1.0]], [0.0, 100.0]),
        pe.LeontiefConsumers([1.0, 3.0], [[1.0], [1.0]]),
        pe.LinearConsumers([1.0, 3.0], [[1.0], [1.0]]),
        pe.NestedCESConsumers(
            [1.0, 3.0], pe.NestedCES.from_values([[1.0], [1.0]], pe.Nest(0.7, [0]))
        ),
    ],
    ids=lambda family: type(family).__name__,
)
def test_one_good_is_shared_by_budget_whatever_the_taste(family):
    economy = pe.Economy(["bread"], [8.0], [family])
    plan = Drafted([0.5], (consumption([2.0, 6.0], 2),))
    assert_best(economy, plan, np.log(2) + 3 * np.log(6))


def test_two_goods_with_cobb_douglas_tastes():
    budget, share = np.array([1.0, 3.0]), np.array([[0.2, 0.8], [0.6, 0.4]])
    endowment = np.array([5.0, 10.0])
    economy = pe.Economy(2, endowment, [pe.CobbDouglasConsumers(budget, share)])
    price = budget @ share / endowment
    plan = Drafted(price, (consumption((budget[:, None] * share / price).ravel(), 2),))
    assert_best(economy, plan)


def test_needs_come_before_the_budget():
    needs = np.array([[0.0, 4.0], [0.0, 0.0]])
    economy = pe.Economy(
        2,
        [5.0, 10.0],
        [pe.CobbDouglasConsumers([1.0, 3.0], [[0.5, 0.5], [0.5, 0.5]], needs)],
    )
    price = np.array([2.0 / 5, 2.0 / 6])
    quantity = np.array([0.5, 0.5, 1.5, 1.5]) / np.tile(price, 2)
    assert_best(economy, Drafted(price, (consumption(quantity, 2),)))


def test_linear_exchange():
    # Each values the other good half as much: each takes its own.
    economy = pe.Economy(2, [1.0, 1.0], [pe.LinearConsumers([1.0, 1.0], [[2.0, 1.0], [1.0, 2.0]])])
    plan = Drafted([1.0, 1.0], (consumption([1, 0, 0, 1], 2),))
    assert_best(economy, plan, 2 * np.log(2))


@pytest.mark.parametrize("kind", ["activity", "ces", "nested", "fixed"])
def test_bread_from_labour_in_fixed_proportion(kind):
    eaters = pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]])
    one = pe.NestedCES.from_values([[1.0, 0.0]], pe.Nest(0.5, [0]))
    bakers, proposal = {
        "activity": (pe.Activities([[-2.0, 1.0]]), activity([5.0])),
        "ces": (pe.CESWorkers([1], [[1.0, 0.0]], 0.0, 1.0, 0.5), work([10.0], [5.0])),
        "nested": (
            pe.NestedCESWorkers([1], one, productivity=0.5),
            work([10.0], [5.0]),
        ),
        "fixed": (  # half of the labour through the tree, half as a fixed input
            pe.NestedCESWorkers([1], one, fixed=[[1.0, 0.0]]),
            work([5.0], [5.0], fixed_input=[5.0]),
        ),
    }[kind]
    economy = pe.Economy(["labour", "bread"], [10.0, 0.0], [eaters, bakers])
    plan = Drafted([0.5, 1.0], (consumption([5.0], 1), proposal))
    certificate = assert_best(economy, plan, 5 * np.log(5))
    assert certificate.benefit_cost_violation == 0.0


@pytest.mark.parametrize("kind", ["cobb_douglas", "ces"])
def test_decreasing_returns_leave_a_surplus_over_cost(kind):
    # q = 3 L^.6, all of L = 10 used: p_o q = B, p_l L = .6 B
    bakers = {
        "cobb_douglas": pe.CobbDouglasWorkers([1], [[0.6, 0.0]], [3.0]),
        "ces": pe.CESWorkers([1], [[1.0, 0.0]], 0.4, 0.6, 3.0),
    }[kind]
    eaters = pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]])
    economy = pe.Economy(["labour", "bread"], [10.0, 0.0], [eaters, bakers])
    q = 3 * 10**0.6
    plan = Drafted([0.6 * 5 / 10, 5 / q], (consumption([q], 1), work([10.0], [q])))
    assert_best(economy, plan, 5 * np.log(q))


def test_effort_costs_what_it_is_worth():
    # max B log q - 2 e^3, q = 3 L^.5 e^.6: k_s k e^k = c B
    effort = pe.Effort(0.6, 3.0, 2.0)
    e = (0.6 * 5 / (3 * 2)) ** (1 / 3)
    q = 3 * 10**0.5 * e**0.6
    eaters = pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]])
    bakers = pe.CobbDouglasWorkers([1], [[0.5, 0.0]], [3.0], effort)
    economy = pe.Economy(["labour", "bread"], [10.0, 0.0], [eaters, bakers])
    plan = Drafted([0.5 * 5 / 10, 5 / q], (consumption([q], 1), work([10.0], [q], effort=[e])))
    assert_best(economy, plan, 5 * np.log(q) - 2 * e**3)


def test_a_capacity_earns_a_rent_and_idle_labour_is_free():
    eaters = pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]])
    economy = pe.Economy(
        ["labour", "bread"], [10.0, 0.0], [eaters, pe.Activities([[-2.0, 1.0]], [3.0])]
    )
    plan = Drafted([0.0, 5 / 3], (consumption([3.0], 1), activity([3.0])))
    certificate = assert_best(economy, plan, 5 * np.log(3))
    assert certificate.surplus == 0.0  # four hours of no value


def test_a_capacity_with_decreasing_returns():
    # q = 3 L^.6 would be 11.9; the capacity is 6, so labour is not scarce.
    eaters = pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]])
    bakers = pe.CESWorkers([1], [[1.0, 0.0]], 0.4, 0.6, 3.0, [6.0])
    economy = pe.Economy(["labour", "bread"], [10.0, 0.0], [eaters, bakers])
    plan = Drafted([0.0, 5 / 6], (consumption([6.0], 1), work([2 ** (1 / 0.6)], [6.0])))
    assert_best(economy, plan, 5 * np.log(6))


@pytest.mark.parametrize("form", ["isoelastic", "linear"])
@pytest.mark.parametrize("maximum", [np.inf, 2.5])
def test_suppliers_supply_until_marginal_cost_is_the_price(form, maximum):
    def quantity(p):
        s = 3 * p**0.5 if form == "isoelastic" else 3 * (1 + 0.5 * (p - 1))
        return min(s, maximum)

    low, high = 1e-3, 1e3
    for _ in range(200):  # p s(p) = 5
        p = (low + high) / 2
        low, high = (p, high) if p * quantity(p) < 5 else (low, p)
    economy = pe.Economy(
        ["labour"],
        [0.0],
        [
            pe.CobbDouglasConsumers([5.0], [[1.0]]),
            pe.Suppliers([0], [3.0], [1.0], [0.5], form=form, maximum=[maximum]),
        ],
    )
    s = quantity(p)
    plan = Drafted([p], (consumption([s * (1 - 1e-15)], 1), supply([s])))
    if form == "isoelastic":  # C = p0 q0 eta/(1+eta) (s/q0)^(1+1/eta)
        cost = 3 * (0.5 / 1.5) * (s / 3) ** 3
    else:
        cost = s * (1 - 1 / 0.5) + s**2 / (2 * 3 * 0.5)
    assert_best(economy, plan, 5 * np.log(s) - cost)


@pytest.mark.parametrize("seed", range(3))
def test_exchange_optimum_found_by_a_general_minimiser(seed):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=("ces", "cobb_douglas"), n_resources=4)
    found = minimize(
        lambda y: dual_value(economy, np.exp(y)) / economy.total_budget,
        np.zeros(4),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    price, families = np.exp(found.x), economy.families
    quantity = []
    for family in families:
        s = getattr(family, "elasticity", np.ones(family.n_councils))
        row = np.repeat(np.arange(family.n_councils), np.diff(family.shares.indptr))
        weight = family.shares.data * price[family.shares.indices] ** (1 - s[row])
        spent = family.budget[row] * weight / np.bincount(row, weight)[row]
        quantity.append(spent / price[family.shares.indices])
    used = sum(np.bincount(f.shares.indices, x, 4) for f, x in zip(families, quantity, strict=True))
    fraction = min(1.0, (economy.endowment / used).min() * (1 - 1e-14))
    plan = Drafted(
        price,
        tuple(
            consumption(x * fraction, f.n_councils) for f, x in zip(families, quantity, strict=True)
        ),
    )
    certificate = pe.certify(economy, plan)
    assert certificate.feasible
    assert 0 <= certificate.gap + 1e-14 <= 1e-6
    assert certificate.bound == pytest.approx(dual_value(economy, price), rel=1e-12)


def test_a_family_of_workers_without_councils_is_judged_like_none():
    families = [
        pe.CobbDouglasConsumers([2.0], [[0.5, 0.5]]),
        pe.Activities(np.empty((0, 2)), label="nobody"),
    ]
    economy = pe.Economy(2, [1.0, 1.0], families)
    certificate = pe.certify(economy, pe.solve(economy))
    assert certificate.holds(), str(certificate)
    assert certificate.benefit_cost_violation == 0.0
