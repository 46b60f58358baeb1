"""A record put together from several runs, so that a long one can be done in pieces.

What a run measured replaces what an earlier one had measured of the same thing; everything keeps
the number of the run that it comes from, whose machine stands in `runs`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.standings import exponent

FORMAT = 2

Record = dict[str, Any]
Entry = dict[str, Any]


def read(path: Path) -> Record | None:
    """The record in a file; None where there is none, or one of another format."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return record if record.get("format") == FORMAT else None


def merged(old: Record | None, new: Record) -> Record:
    """Both records in one, `new` where both have something.

    old : None, or a record of earlier runs. new : a record of one run.
    """
    if old is None:
        return fitted(new)
    later = len(old["runs"])
    fresh = _renumbered(new, lambda run: run + later)
    known = {target["name"] for target in new["targets"]}
    figures = [figure for figure in old["figures"] if figure["target"] in known]
    both = {
        "format": FORMAT,
        "runs": [*old["runs"], *new["runs"]],
        "targets": new["targets"],
        "figures": _replaced(figures, fresh["figures"], ("target", "size")),
        "rows": _replaced(old["rows"], fresh["rows"], ("kind", "size", "contestant")),
        "parts": _replaced(old["parts"], fresh["parts"], ("name", "size")),
        "times": _replaced(old["times"], fresh["times"], ("series", "entries")),
    }
    return fitted(_without_idle_runs(both))


def fitted(record: Record) -> Record:
    """The record with the exponents of its times: k of seconds ~ entries^k, by series."""
    series: dict[str, list[tuple[float, float]]] = {}
    for time in record["times"]:
        series.setdefault(time["series"], []).append((time["entries"], time["seconds"]))
    found = {name: exponent(pairs) for name, pairs in series.items()}
    return {**record, "exponents": {name: k for name, k in found.items() if k == k}}


def _replaced(old: Iterable[Entry], new: list[Entry], names: tuple[str, ...]) -> list[Entry]:
    """New entries in the place of the first old one with the same key, others at the end."""
    by_key: dict[tuple[Any, ...], list[Entry]] = {}
    for entry in new:
        by_key.setdefault(tuple(entry[name] for name in names), []).append(entry)
    result: list[Entry] = []
    done = set()
    for entry in old:
        key = tuple(entry[name] for name in names)
        if key not in by_key:
            result.append(entry)
        elif key not in done:
            done.add(key)
            result += by_key[key]
    for key, entries in by_key.items():
        if key not in done:
            result += entries
    return result


_PARTS = ("figures", "rows", "parts", "times")


def _renumbered(record: Record, number: Callable[[int], int]) -> Record:
    return {
        **record,
        **{
            part: [{**entry, "run": number(entry["run"])} for entry in record[part]]
            for part in _PARTS
        },
    }


def _without_idle_runs(record: Record) -> Record:
    """Runs of which nothing is left do not count."""
    used = sorted({entry["run"] for part in _PARTS for entry in record[part]})
    place = {run: k for k, run in enumerate(used)}
    kept = {**record, "runs": [record["runs"][run] for run in used]}
    return _renumbered(kept, place.__getitem__)
