"""Pages of the documentation whose examples are run, and print what the page says they print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
_EXAMPLE = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)


def examples(page: str) -> list[tuple[str, str]]:
    """(code, what it prints) of every Python example of docs/`page`, in order."""
    found = _EXAMPLE.findall((DOCS / page).read_text(encoding="utf-8"))
    assert found, page
    return found


def run(page: str, chosen: list[tuple[str, str]], names: dict[str, Any]) -> None:
    """Execute examples in one namespace, one after the other; compare what each prints."""
    for code, expected in chosen:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, page, "exec"), names)
        assert printed.getvalue() == expected, code
