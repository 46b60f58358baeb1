"""Settings and starts that make no sense are refused before anything is computed, and the error
says what was meant."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import random_economy


@pytest.fixture(scope="module")
def economy():
    return random_economy(np.random.default_rng(1), consumers=("linear",), workers=("activities",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tol", 0.0),
        ("tol", -1e-6),
        ("tol", float("nan")),
        ("tol", 2.0),
        ("tol", "1e-6"),
        ("method", "simplex"),
        ("time_limit_s", -1.0),
        ("time_limit_s", float("nan")),
        ("max_iterations", 0),
        ("max_iterations", 1.5),
        ("n_threads", 0),
        ("n_threads", -2),
        ("n_threads", True),
        ("callback", 3),
        ("log", "stdout"),
        ("certify", "yes"),
    ],
)
def test_values_out_of_range_are_named(economy, name, value):
    with pytest.raises(pe.SettingsError, match=name):
        pe.solve(economy, **{name: value})


def test_unknown_settings_name_the_nearest():
    with pytest.raises(pe.SettingsError, match="max_iterations"):
        pe.Settings(max_iteration=10)


@pytest.mark.parametrize("start", [[1.0], np.ones((2, 2)), [np.nan] * 5, [-1.0] * 5, [0.0] * 5])
def test_starts_that_are_no_prices(economy, start):
    assert economy.n_goods == 5
    with pytest.raises(pe.SettingsError, match="warm_start"):
        pe.solve(economy, warm_start=start)


def test_a_plan_of_another_economy_is_no_start(economy):
    other = random_economy(np.random.default_rng(2), n_resources=3)
    plan = pe.solve(other)
    with pytest.raises(pe.SettingsError, match="warm_start"):
        pe.solve(economy, warm_start=plan)


def test_newton_alone_refuses_families_that_are_not_smooth(economy):
    with pytest.raises(pe.SettingsError, match="consumers_0"):
        pe.solve(economy, method="newton")


def test_updates_name_what_is_unknown(economy):
    solver = pe.Solver(economy)
    with pytest.raises(pe.EconomyError, match="nobody"):
        solver.update(families={"nobody": {"budget": [1.0]}})
    with pytest.raises(pe.UnknownGoodError, match="gold"):
        solver.update(endowment={"gold": 1.0})
    # A refused update leaves the solver as it was.
    assert solver.solve().status is pe.Status.SOLVED


def test_settings_are_frozen():
    settings = pe.Settings(tol=1e-8)
    with pytest.raises(AttributeError):
        settings.tol = 1.0
