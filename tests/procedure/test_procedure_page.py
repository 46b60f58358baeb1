"""The examples of docs/procedure.md print what the page says they print."""

from __future__ import annotations

from pages import examples, run

PAGE = "procedure.md"


def test_examples() -> None:
    run(PAGE, examples(PAGE), {})
