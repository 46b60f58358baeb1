"""The two-sector economy of Shoven and Whalley with fixed money incomes: published prices and
quantities.

Source: J. B. Shoven and J. Whalley, "Applied General-Equilibrium Models of Taxation and
International Trade", Journal of Economic Literature 22 (1984); incomes of 25 and 60 held in money
as in the model `two3mcp` of the GAMS model library, whose solution is given to three digits.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import parecon as pe
from reference.compare import SOLVE_TOL, assert_prices, assert_solved, assert_welfare
from reference.cvxpy_twin import solve_twin

# Goods: labour, capital, manufactures, other goods.
ENDOWMENT = [60.0, 25.0, 0.0, 0.0]
BUDGET = [25.0, 60.0]  # rich, poor
CONSUMER_SHARE = [[0.5, 0.5], [0.3, 0.7]]
CONSUMER_ELASTICITY = [1.5, 0.75]
EFFICIENCY = np.array([1.5, 2.0])
LABOUR_WEIGHT = np.array([0.6, 0.7])
ELASTICITY = np.array([2.0, 0.5])

# The published digits, and the same equilibrium computed to machine precision with the data.
PUBLISHED = {"w": 0.898, "r": 1.245, "p": [1.259, 0.986], "y": [24.235, 55.283]}
COMPUTED = {
    "w": 0.8979284684840899,
    "r": 1.2449716756381848,
    "p": [1.2591926143003327, 0.98553909174942],
    "y": [24.234901643849778, 55.28303372021107],
}


def shoven_whalley():
    """q = phi [d L^r + (1-d) K^r]^(1/r), r = (s-1)/s, in share form: d = D^(1/s) a^(1/s), D = sum
    d^s.

    Then q = phi D^(1/(s-1)) z with z = [sum a^(1/s) x^r]^(1/r).
    """
    weight = np.stack([LABOUR_WEIGHT, 1 - LABOUR_WEIGHT], axis=1) ** ELASTICITY[:, None]
    total = weight.sum(axis=1)
    shares = np.zeros((2, 4))
    shares[:, :2] = weight / total[:, None]
    productivity = EFFICIENCY * total ** (1 / (ELASTICITY - 1))
    wanted = np.zeros((2, 4))
    wanted[:, 2:] = CONSUMER_SHARE
    return pe.Economy(
        ["labour", "capital", "manufactures", "other goods"],
        ENDOWMENT,
        [
            pe.CESConsumers(BUDGET, wanted, CONSUMER_ELASTICITY, names=("rich", "poor")),
            pe.CESWorkers([2, 3], shares, ELASTICITY, np.ones(2), productivity),
        ],
    )


@pytest.fixture(scope="module")
def plan():
    return pe.solve(shoven_whalley(), tol=SOLVE_TOL, certify=True)


def test_published_prices_and_quantities(plan):
    assert_solved(plan.economy, plan)
    # Half a unit of the last published digit.
    assert plan.price == pytest.approx([PUBLISHED["w"], PUBLISHED["r"], *PUBLISHED["p"]], abs=5e-4)
    assert plan.proposals[1].output == pytest.approx(PUBLISHED["y"], abs=5e-4)


def test_computed_digits(plan):
    price = np.array([COMPUTED["w"], COMPUTED["r"], *COMPUTED["p"]])
    # tol 1e-9, conditioning of order ten.
    assert plan.price == pytest.approx(price, rel=1e-7)
    assert plan.proposals[1].output == pytest.approx(COMPUTED["y"], rel=1e-7)


def test_published_digits_are_those_of_the_data_set(shared_data):
    data = json.loads((shared_data / "equilibria" / "shoven_whalley_1984.json").read_text())
    variant = data["fixed_money_income_25_60"]
    assert variant["published"] == PUBLISHED
    assert variant["computed"] == COMPUTED
    assert [variant["budgets"], data["sigma"]] == [BUDGET, ELASTICITY.tolist()]


def test_the_twin_agrees(plan):
    twin = solve_twin(plan.economy)
    assert_welfare(plan.economy, plan, twin.welfare)
    assert_prices(plan.economy, plan, twin.price)
