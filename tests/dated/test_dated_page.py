"""docs/dated.md says what its examples print."""

from __future__ import annotations

import re

import pytest

from dated.dated_for_tests import printed
from pages import examples

_NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?|nan")


def test_every_example_prints_what_the_page_says(tmp_path, monkeypatch) -> None:
    """Words exactly, numbers to what is not left over by the solver."""
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for code, expected in examples("dated.md"):
        found = printed(code, names)
        assert words(found) == words(expected), code
        assert numbers(found) == pytest.approx(numbers(expected), rel=1e-2, abs=0.02, nan_ok=True)


def words(text: str) -> str:
    return " ".join(_NUMBER.sub("#", text).split())


def numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]
