"""The examples of docs/accounts.md print what the page says they print."""

from __future__ import annotations

from pages import examples, run

PAGE = "accounts.md"


def test_examples_without_published_tables():
    chosen = [entry for entry in examples(PAGE) if "data /" not in entry[0]]
    assert len(chosen) >= 3
    run(PAGE, chosen, {})


def test_examples_with_published_tables(shared_data):
    run(PAGE, examples(PAGE), {"data": shared_data})
