"""The page on scenarios states what the code finds, and its series is the file beside it."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[+-]?\d+)?")
_SMALL = 1e-4  # what is as small as this is left over by the solver, and nobody's business


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("scenarios_page", DOCS / "examples/scenarios.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_block_is_that_of_a_fresh_run(script):
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    names = re.findall(r"<!-- (?!end)([a-z ]+) -->", page)
    fresh = dict(script.blocks())
    assert sorted(fresh) == sorted(names)
    for name in names:
        stated = page.split(f"<!-- {name} -->\n")[1].split("<!-- end -->")[0]
        assert words(stated) == words(fresh[name]), name
        assert numbers(stated) == pytest.approx(numbers(fresh[name]), rel=1e-3, abs=_SMALL), name


def words(text):
    return " ".join(_NUMBER.sub("#", text).split())


def numbers(text):
    return [float(number.replace(",", "")) for number in _NUMBER.findall(text)]


def test_the_series_on_the_page_is_the_file():
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    shown = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1])
    whole = tomllib.loads((DOCS / "examples" / "cuts.toml").read_text(encoding="utf-8"))
    assert shown == {key: whole[key] for key in shown}
    assert set(whole) - set(shown) == {"format", "version", "description"}
