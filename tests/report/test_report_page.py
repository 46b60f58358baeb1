"""docs/report.md: its examples run, and its script makes what it says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import pages

SCRIPT = pages.DOCS / "examples" / "report_page.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_examples_of_the_page() -> None:
    pages.run("report.md", pages.examples("report.md"), {})


def test_sizes_of_the_page(script, us_report) -> None:
    """Within ten kilobytes: how long the solver took is a word in the page."""
    shown = dict(re.findall(r"^\| (.*?) \| ([\d,]+) kB \|$", script.PAGE.read_text(), re.MULTILINE))
    assert len(shown) == 2
    name = "us-2012: 72 goods, 73 councils"
    assert float(shown[name]) == pytest.approx(us_report.size / 1e3, abs=10.0)
    assert script.row(name, us_report).startswith(f"| {name} | ")
    assert max(float(size.replace(",", "")) for size in shown.values()) < 2_000


def test_picture_of_the_page_is_there_and_small() -> None:
    picture = Path(pages.DOCS / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 250_000
