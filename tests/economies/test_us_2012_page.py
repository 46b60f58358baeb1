"""The page on the bundled economy states what the code finds."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "us_2012.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("us_2012_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def plan(script):
    return script.plan_for(0.3)


@pytest.mark.parametrize(
    "name", ["headline", "sectors", "welfare", "consumption", "budgets", "sensitivity"]
)
def test_the_tables_are_those_of_a_fresh_run(script, plan, name):
    page = script.PAGE.read_text(encoding="utf-8")
    assert set(script.TABLES) == {
        "headline",
        "sectors",
        "welfare",
        "consumption",
        "budgets",
        "sensitivity",
    }
    found = script.block(name).search(page)
    assert found is not None
    assert found.group().splitlines()[1:-1] == script.TABLES[name](plan).splitlines()
