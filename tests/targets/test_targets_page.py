"""docs/targets.md prints what it says it prints."""

from __future__ import annotations

from typing import Any

from pages import examples, run


def test_page() -> None:
    names: dict[str, Any] = {}
    run("targets.md", examples("targets.md"), names)
    assert names["least"].bound <= names["least"].value
