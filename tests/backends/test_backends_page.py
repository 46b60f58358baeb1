"""docs/backends.md prints what it says it prints, and its table is what families declare."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from pages import DOCS, examples, run

BY_LINOPY = 2  # examples at the end


def test_examples() -> None:
    run("backends.md", examples("backends.md")[:-BY_LINOPY], {})


def test_examples_with_linopy() -> None:
    pytest.importorskip("linopy", reason="needs linopy: pip install linopy")
    names: dict[str, Any] = {}
    chosen = examples("backends.md")
    run("backends.md", [chosen[0], *chosen[-BY_LINOPY:]], names)
    assert names["plan"].gap > 0.0


def test_table() -> None:
    place = DOCS / "examples" / "backends.py"
    spec = importlib.util.spec_from_file_location("backends_table", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (DOCS / "backends.md").read_text(encoding="utf-8")
    assert f"-->\n{module.table()}<!-- end -->" in page
