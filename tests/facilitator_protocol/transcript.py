"""The conversations on docs/protocol.md: read, replayed, and written anew.

    python tests/facilitator_protocol/transcript.py

puts the answers of this version under the requests on the page.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from parecon.facilitator import lines
from parecon.facilitator.protocol import Session

PAGE = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
_BLOCK = re.compile(r"(?<=```jsonl\n).*?(?=```)", re.DOTALL)


def conversations(page: str) -> list[list[tuple[str, str | None]]]:
    """The page's conversations, each as pairs of request and answer as they are written."""
    return [list(_pairs(block)) for block in _BLOCK.findall(page)]


def _pairs(block: str) -> Iterator[tuple[str, str | None]]:
    said = block.splitlines()
    for line, after in zip(said, [*said[1:], ""], strict=True):
        if line.startswith("> "):
            yield line[2:], after[2:] if after.startswith("< ") else None


def replay(requests: list[str], journal: Path) -> list[str]:
    """The answers of a session that ends without notice."""
    session = Session(journal)
    answers = [
        lines.encode(session.answer(lines.decode(f"{line}\n".encode()))).decode().rstrip("\n")
        for line in requests
    ]
    session.close()
    return answers


def _write_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for block in _BLOCK.findall(page):
            requests = [request for request, _ in _pairs(block)]
            answers = replay(requests, Path(folder) / "journal")
            said = [
                f"> {request}\n< {json.dumps(json.loads(answer))}\n"
                for request, answer in zip(requests, answers, strict=True)
            ]
            page = page.replace(block, "".join(said))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    _write_anew()
