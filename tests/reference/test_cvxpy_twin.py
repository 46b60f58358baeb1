"""The reference itself: the CVXPY twin against answers by hand and against the dual function
written out.

Strong duality is the whole test: at the twin's prices, the dual function (other formulas, no
solver) must meet the twin's welfare. A technology too generous in the twin would put welfare above
the bound, one too mean below it.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from reference.compare import EXACT, bracket
from reference.cvxpy_twin import solve_twin
from reference.dual import dual_value

# The twin and the dual function meet to about 1e-12; a wrong formula misses by far more than 1e-9.
GAP = 1e-9

SEEDS = st.integers(0, 2**32 - 1)


def relative_gap(economy, twin) -> float:
    # Prices miss zero profit by the solver's feasibility tolerance, far below 1e-6.
    return (dual_value(economy, twin.price, profit_tol=1e-6) - twin.welfare) / economy.total_budget


def test_exchange_of_cobb_douglas_consumers_has_the_price_of_spending_over_endowment():
    shares = np.array([[0.25, 0.75], [0.5, 0.5]])
    economy = pe.Economy(2, [2.0, 4.0], [pe.CobbDouglasConsumers([1.0, 3.0], shares)])
    twin = solve_twin(economy)
    # p = sum b a / e; the twin's duals carry about 8 digits.
    assert twin.price == pytest.approx([1.75 / 2, 2.25 / 4], rel=1e-7)
    quantity = np.array(
        [0.25 / twin.price[0], 0.75 / twin.price[1], 1.5 / twin.price[0], 1.5 / twin.price[1]]
    )
    assert twin.proposals[0]["quantity"] == pytest.approx(quantity, rel=1e-7)


def test_one_consumer_prices_are_marginal_utilities_of_the_endowment():
    # p_i = b d log u / dx_i at x = e, with u = (sum a^(1/s) x^r)^(1/r), r = (s-1)/s.
    share, endowment, s, budget = np.array([0.2, 0.8]), np.array([3.0, 1.0]), 2.5, 7.0
    weight = share ** (1 / s) * endowment ** ((s - 1) / s)
    economy = pe.Economy(2, endowment, [pe.CESConsumers([budget], share[None, :], s)])
    assert solve_twin(economy).price == pytest.approx(
        budget * weight / weight.sum() / endowment, rel=1e-7
    )


def test_cobb_douglas_workers_with_effort_pay_inputs_and_effort_their_exponents():
    # One resource (10 units), one product bought with a budget of 5: the wage bill is b p q, the
    # effort's money cost ks e^k is (c/k) p q.
    effort = pe.Effort([0.1], [3.0], [2.0])
    workers = pe.CobbDouglasWorkers([1], [[0.6, 0.0]], [4.0], effort)
    economy = pe.Economy(2, [10.0, 0.0], [pe.CobbDouglasConsumers([5.0], [[0.0, 1.0]]), workers])
    cost = 0.1 / 3 * 5.0
    output = 4.0 * 10.0**0.6 * (cost / 2.0) ** (0.1 / 3)
    twin = solve_twin(economy)
    assert twin.proposals[1]["output"] == pytest.approx([output], rel=1e-7)
    assert twin.price == pytest.approx([0.6 * 5.0 / 10.0, 5.0 / output], rel=1e-7)
    assert twin.welfare == pytest.approx(5.0 * np.log(output) - cost, rel=1e-8)


def test_a_supplier_sells_where_marginal_cost_is_the_price():
    # Demand 6 / p meets s = 2 (p / 1.5)^.5: p^1.5 = 6 * 1.5^.5 / 2.
    economy = pe.Economy(
        1, [0.0], [pe.CobbDouglasConsumers([6.0], [[1.0]]), pe.Suppliers([0], [2.0], [1.5], [0.5])]
    )
    twin = solve_twin(economy)
    assert twin.price == pytest.approx([(3.0 * 1.5**0.5) ** (2 / 3)], rel=1e-7)


def test_needs_that_cannot_be_met_are_infeasible():
    consumers = pe.CobbDouglasConsumers([1.0], [[1.0]], needs=[[3.0]])
    assert solve_twin(pe.Economy(1, [2.0], [consumers])).status.startswith("infeasible")


@pytest.mark.parametrize("kind", CONSUMERS)
@given(seed=SEEDS)
def test_consumers_close_the_gap(kind, seed):
    economy = random_economy(
        np.random.default_rng(seed), consumers=(kind,), n_resources=4, needs=True
    )
    twin = solve_twin(economy)
    assert abs(relative_gap(economy, twin)) <= GAP


@pytest.mark.parametrize("kind", WORKERS)
@given(seed=SEEDS, capacity=st.booleans(), second_makers=st.booleans())
def test_workers_close_the_gap(kind, seed, capacity, second_makers):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, workers=(kind,), capacity=capacity, second_makers=second_makers)
    twin = solve_twin(economy)
    assert abs(relative_gap(economy, twin)) <= GAP


def test_the_twin_is_exact_nearly_always():
    # The comparisons of prices and quantities rest on it (compare.EXACT); this is what keeps them
    # from being empty.
    widths = []
    for seed in range(3):
        for consumer, worker in itertools.product(CONSUMERS, WORKERS):
            rng = np.random.default_rng(seed)
            economy = random_economy(
                rng, consumers=(consumer,), workers=(worker,), capacity=seed == 0
            )
            widths.append(bracket(economy, solve_twin(economy)))
    assert np.mean(np.array(widths) <= EXACT) >= 0.9


@pytest.mark.parametrize("form", SUPPLIES)
@given(seed=SEEDS)
def test_suppliers_close_the_gap(form, seed):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=("ces",), workers=("ces_constant",), supplies=(form,))
    twin = solve_twin(economy)
    assert abs(relative_gap(economy, twin)) <= GAP
