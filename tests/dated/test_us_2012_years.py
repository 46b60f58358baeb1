"""The page on fifteen years of the United States states what the code finds; and its theorems."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "us_2012_years.py"
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[+-]?\d+)?")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("us_2012_years_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runs(script):
    return script.Runs()


def test_the_tables_are_those_of_a_fresh_run(script, runs):
    page = script.PAGE.read_text(encoding="utf-8")
    for name, make in script.TABLES.items():
        stated = "\n".join(script.block(name).search(page).group().splitlines()[1:-1])
        fresh = make(runs)
        assert _NUMBER.sub("#", stated) == _NUMBER.sub("#", fresh), name
        if name == "growth path":  # powers of ten of what is next to nothing
            continue
        if name == "rolling":  # the last columns count iterations, which are the solver's affair
            stated, fresh = (
                [row.rsplit("|", 3)[0] for row in text.splitlines()] for text in (stated, fresh)
            )
        assert stated == fresh, name


def test_the_growth_path_is_the_plan_without_a_budget(script, runs):
    plan = runs.growth_path
    assert script.installed(plan) == pytest.approx(np.ones(16), rel=1e-6)
    assert script.emissions(plan) == pytest.approx(np.ones(15), rel=1e-6)
    priced = [i for i, good in enumerate(plan.dated.calendar.goods) if good != "ghg_permit"]
    assert np.nanmax(np.abs(plan.current_price[:15, priced[:70]] - 1.0)) < 1e-6


def test_hotelling(runs):
    """One price in present value: that of a year's money rises by the rate of interest."""
    for plan in runs.budget.values():
        price = plan.series("ghg_permit")[:15]
        assert price[1:] / price[:-1] == pytest.approx(np.full(14, 1.05), rel=1e-12)
        left = plan.dated.carried.left[0] - plan.exhausted.sum()
        assert 0.0 <= left <= 1e-6 * plan.dated.carried.left[0]  # all is used


def test_a_new_plan_begins_at_the_last(script, runs):
    plan = runs.budget[0.3]
    later = plan.next_year(horizon="fixed")
    warm, cold = (later.solve(tol=script.TOLERANCE, cold=cold) for cold in (False, True))
    assert warm.plan.n_iterations <= cold.plan.n_iterations // 2
    assert warm.investment == pytest.approx(plan.investment[1:], rel=1e-4)
    assert warm.series("ghg_permit")[0] == pytest.approx(plan.series("ghg_permit")[1], rel=1e-6)


def test_to_choose_the_years_of_a_cut_is_worth_something(runs):
    assert runs.welfare(runs.yearly) < runs.welfare(runs.budget[0.3]) < 0.0
