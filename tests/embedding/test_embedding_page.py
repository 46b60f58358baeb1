"""The page on embedding prints what it says it prints, and shows parts of the examples."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

import pages

EXAMPLES = pages.DOCS / "examples" / "embedding"


def test_every_example_prints_what_the_page_says(monkeypatch):
    own = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{own}{os.pathsep}{os.environ['PATH']}")
    if shutil.which("parecon") is None:
        pytest.skip("the command parecon is not installed")
    pages.run("embedding.md", pages.examples("embedding.md"), {"__name__": "page"})


@pytest.mark.parametrize(
    ("language", "example"), [("cython", "rounds_in_cython.pyx"), ("mesa", "mesa_village.py")]
)
def test_what_the_page_shows_of_an_example_is_in_it(language, example):
    page = (pages.DOCS / "embedding.md").read_text(encoding="utf-8")
    shown = page.split(f"```{language}\n")[1].split("```")[0]
    assert shown in (EXAMPLES / example).read_text(encoding="utf-8")


def test_the_page_has_every_function_in_c():
    from parecon import capi

    page = (pages.DOCS / "embedding.md").read_text(encoding="utf-8")
    for name in (*capi.ADDRESSES, "parecon_round_of"):
        assert f"`{name}" in page
