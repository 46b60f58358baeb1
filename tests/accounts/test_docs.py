"""The examples of docs/accounts.md print what the page says they print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "accounts.md"
EXAMPLE = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)


def run(examples, names):
    """Execute in one namespace, one after the other; compare what each prints."""
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), names)
        assert printed.getvalue() == expected


def examples():
    found = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(found) >= 6
    return found


def test_examples_without_published_tables():
    run([entry for entry in examples() if "data /" not in entry[0]], {})


def test_examples_with_published_tables(shared_data):
    run(examples(), {"data": shared_data})
