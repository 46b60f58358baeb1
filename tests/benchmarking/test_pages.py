"""The page and its pictures, written from a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks import contest_tables, page, pictures
from benchmarks.machine import machine
from benchmarks.merging import FORMAT
from benchmarks.standings import OURS, Row


def rows(rival_s: float) -> list[Row]:
    """Three sizes, ours and a rival at two tolerances; one contestant is left out."""
    found = []
    for k, size in enumerate(("small", "middle", "large")):
        base: dict[str, Any] = {
            "kind": "book", "size": size, "entries": 10 ** (k + 3), "feasible": True, "runs": 1,
            "shortage": 0.0, "limit_s": 5.0, "added": 2_000_000, "steps": 7, "others": 0.0,
        }  # fmt: skip
        for tol in (1e-2, 1e-8):
            found.append(Row(contestant=OURS, tol=tol, gap=tol / 2, seconds=0.1 * 10.0**k, **base))
            found.append(
                Row(contestant="demplan", tol=tol, gap=tol / 2, seconds=rival_s * 10.0**k, **base)
            )
    slow = Row(
        "book",
        "small",
        "scs",
        tol=1e-8,
        outcome="limit",
        reason="ended at the time limit",
        limit_s=5.0,
    )
    gone = Row("book", "small", "highs-ipx", outcome="left out", reason="not linear")
    return [*found, slow, gone]


def record(rival_s: float = 1.0) -> dict[str, Any]:
    target = {
        "name": "fast", "what": "a book", "limit": 0.03, "unit": "s", "size": "small",
        "how": "by the clock", "at_least": False,
    }  # fmt: skip
    figure = {
        "target": "fast", "size": "small", "value": 0.02, "note": "7 iterations", "others": 0.7,
        "stated_size": True, "reached": True, "run": 1,
    }  # fmt: skip
    return {
        "format": FORMAT,
        "runs": [machine() | {"others": 0.0}, machine() | {"others": 0.7}],
        "targets": [target],
        "figures": [figure],
        "rows": [row.to_dict() for row in rows(rival_s)],
        "parts": [],
        "times": [],
        "exponents": {},
    }


def test_page_says_what_was_measured_and_who_is_behind() -> None:
    text = page.page(record())
    assert "| a book | small | ≤ 30 ms | 20 ms | yes, while others used 0.7 cores |" in text
    assert "**On 3 economies no contestant is ahead of ours at the same certified gap.**" in text
    assert "| small | book rule, demplan | 1e-08 | 5e-09 | 1 s | 10 |" in text
    assert "| small | CVXPY, SCS | 1e-08 | - | > 5 s |" in text
    assert "Without HiGHS IPX at small (not linear)." in text
    assert "| book | parecon | 1.00 | 1,000, 10,000, 100,000 |" in text
    assert text.count(machine()["processor"]) == 1  # both runs had one setting


def test_page_names_who_is_ahead_and_where() -> None:
    text = page.page(record(rival_s=0.05))
    assert "**Ahead of ours at the same certified gap, on 3 of 3 economies:**" in text
    assert "- book small: book rule, demplan, gap 5e-03 in 50 ms; ours 5e-03 in 100 ms" in text
    assert "| 0.5, ahead |" in text


def test_our_other_method_is_no_rival() -> None:
    both = [row for row in rows(1.0) if row.contestant == OURS]
    fields = both[1].to_dict() | {"contestant": "parecon-interior", "seconds": 0.001}
    both.append(Row.from_dict(fields))
    assert contest_tables.verdict(both)[0].startswith("On 3 economies no contestant is ahead")


def test_everything_is_written_and_only_between_the_marks(tmp_path: Path) -> None:
    source, target = tmp_path / "full.json", tmp_path / "benchmarks.md"
    source.write_text(json.dumps(record()))
    target.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    page.write(source, target)
    text = target.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert json.loads((tmp_path / "benchmarks.json").read_text()) == record()
    pictured = [tmp_path / f"benchmarks-{name}.svg" for name in ("growth", "exactness")]
    first = [path.read_bytes() for path in pictured]
    page.write(source, target)
    assert [path.read_bytes() for path in pictured] == first  # the same bytes from the same record
    assert all(path.name in text for path in pictured)


def test_marks_must_be_there() -> None:
    with pytest.raises(ValueError, match="expected the marks"):
        page.update("no marks", record())


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    pictures.write([row for row in rows(1.0) if not row.counts], tmp_path / "page.md")
    assert not list(tmp_path.iterdir())
