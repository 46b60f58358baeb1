"""The page on the board runs, and prints what it says it prints.

    python tests/facilitator/test_page.py

writes what it prints into the page.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "facilitator.md"
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def printed(page: str) -> list[str]:
    """What the blocks of code of the page print, run one after the other as one program."""
    names: dict[str, object] = {}
    texts = []
    for code in CODE.findall(page):
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            exec(compile(code, PAGE.name, "exec"), names)
        texts.append(text.getvalue())
    return texts


def test_the_page_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    blocks = BLOCK.findall(page)
    assert len(blocks) >= 10
    assert len(blocks) == len(CODE.findall(page)), "every block of code prints something"
    for (code, said), found in zip(blocks, printed(page), strict=True):
        assert found == said, code


def main() -> None:
    page, home = PAGE.read_text(encoding="utf-8"), Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        texts = iter(printed(page))
        os.chdir(home)
    filled = BLOCK.sub(lambda b: f"```python\n{b[1]}```\n\n```text\n{next(texts)}```", page)
    PAGE.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    main()
