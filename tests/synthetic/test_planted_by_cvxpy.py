"""Planted prices are the only ones: the duals of clearance that CVXPY finds."""

from __future__ import annotations

import numpy as np
import pytest

from parecon import synthetic
from reference.cvxpy_twin import solve_twin

PLANTED = {
    "activities": lambda: synthetic.planted_activities(40, 130, seed=1),
    "free resources": lambda: synthetic.planted_activities(40, 130, seed=1, free_resources=2),
    "fisher": lambda: synthetic.planted_fisher(50, 20, seed=1, budgets="lognormal"),
    "ces": lambda: synthetic.planted_ces(20, 30, 15, seed=1, goods_per_council=6),
    "mixed": lambda: synthetic.planted_ces(
        20, 30, 15, seed=1, goods_per_council=6, linear_activities=30
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_cvxpy_finds_the_planted_prices(name):
    planted = PLANTED[name]()
    found = solve_twin(planted.economy)
    np.testing.assert_allclose(found.price, planted.price, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.welfare, planted.welfare, rtol=1e-9, atol=1e-9)
