"""Records of several runs in one: what is new replaces what it measures anew, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import merging
from benchmarks.merging import Record


def record(machine: str, **parts: list[dict[str, Any]]) -> Record:
    empty: dict[str, Any] = {"figures": [], "rows": [], "parts": [], "times": []}
    found = empty | parts
    numbered = {name: [{**entry, "run": 0} for entry in found[name]] for name in empty}
    targets = [{"name": "fast"}]
    made = {"format": merging.FORMAT, "runs": [{"processor": machine}], "targets": targets}
    return merging.fitted(made | numbered)


def figure(value: float, size: str = "small", target: str = "fast") -> dict[str, Any]:
    return {"target": target, "size": size, "value": value}


def row(contestant: str, tol: float, seconds: float, size: str = "small") -> dict[str, Any]:
    return {
        "kind": "book", "size": size, "contestant": contestant, "tol": tol, "seconds": seconds,
    }  # fmt: skip


def time(entries: int, seconds: float) -> dict[str, Any]:
    return {"series": "book", "entries": entries, "seconds": seconds}


def test_pieces_add_up() -> None:
    first = record("a", figures=[figure(1.0)], times=[time(10, 1.0)])
    second = record("b", figures=[figure(2.0, "large")], times=[time(100, 10.0)])
    third = record("c", times=[time(1000, 100.0)])
    both = merging.merged(merging.merged(first, second), third)
    assert [f["value"] for f in both["figures"]] == [1.0, 2.0]
    assert [both["runs"][f["run"]]["processor"] for f in both["figures"]] == ["a", "b"]
    assert [t["run"] for t in both["times"]] == [0, 1, 2]
    assert abs(both["exponents"]["book"] - 1.0) < 1e-12
    assert not merging.merged(first, second)["exponents"]  # two sizes fit any exponent


def test_measured_anew_stands_in_the_old_place() -> None:
    old = record("a", figures=[figure(1.0), figure(2.0, "large")])
    both = merging.merged(old, record("b", figures=[figure(3.0)]))
    assert [f["value"] for f in both["figures"]] == [3.0, 2.0]
    assert [both["runs"][f["run"]]["processor"] for f in both["figures"]] == ["b", "a"]


def test_a_contestant_run_anew_loses_all_its_old_rows_of_that_economy() -> None:
    old = record("a", rows=[row("x", 1e-2, 1.0), row("x", 1e-8, 2.0), row("y", 1e-8, 3.0)])
    both = merging.merged(old, record("b", rows=[row("x", 1e-4, 4.0)]))
    assert [(r["contestant"], r["seconds"]) for r in both["rows"]] == [("x", 4.0), ("y", 3.0)]


def test_runs_of_which_nothing_is_left_are_forgotten() -> None:
    old = record("a", figures=[figure(1.0)])
    both = merging.merged(old, record("b", figures=[figure(2.0)]))
    assert [run["processor"] for run in both["runs"]] == ["b"]
    assert both["figures"][0]["run"] == 0


def test_figures_of_targets_that_are_gone_go_too() -> None:
    old = record("a", figures=[figure(1.0, target="beautiful")])
    both = merging.merged(old, record("b", figures=[figure(2.0)]))
    assert [f["target"] for f in both["figures"]] == ["fast"]


def test_records_of_another_format_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert merging.read(path) is None
    path.write_text(json.dumps({"format": 1, "machine": {}}))
    assert merging.read(path) is None
    kept = record("a", figures=[figure(1.0)])
    path.write_text(json.dumps(kept))
    assert merging.read(path) == kept
    assert merging.merged(None, kept) == kept
