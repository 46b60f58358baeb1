"""Sweeps on disk: a manifest, one table, and for each plan a directory beside its economy's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from parecon.errors import FormatError
from parecon.plan import Plan
from parecon.storage.directory import (
    SWEEP,
    VERSION,
    announced_rows,
    new_directory,
    read_manifest,
    write_manifest,
)
from parecon.storage.economies import check_file_format, write_economy
from parecon.storage.numbers import from_json, to_json
from parecon.storage.plans import write_plan
from parecon.storage.tables import read_table, write_table

_TABLE = "results"
_KEYS = ("name", "status", "message", "iterations", "time_s", "warm", "scenario", "missing")

Row = tuple[str, str, str, float]


def write_sweep(
    path: str | Path,
    records: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Any],
    plans: Sequence[Plan | None],
    *,
    stopped: bool,
    file_format: str,
) -> None:
    """Write a sweep; see `Sweep.save`."""
    check_file_format(file_format)
    manifest = {
        "format": SWEEP,
        "version": VERSION,
        "stopped": stopped,
        "scenarios": [
            {**to_json(record), "plan": None if plan is None else f"{number:02d}.plan"}
            for number, (record, plan) in enumerate(zip(records, plans, strict=True), 1)
        ],
        "rows": {_TABLE: len(columns["value"])},
    }
    with new_directory(path, SWEEP) as directory:
        write_table(directory, _TABLE, columns, file_format)
        for number, plan in enumerate(plans, 1):
            if plan is None:
                continue
            write_economy(directory / f"{number:02d}.economy", plan.economy)
            write_plan(directory / f"{number:02d}.plan", plan)
        write_manifest(directory, manifest)


def read_sweep(path: str | Path) -> tuple[list[dict[str, Any]], list[list[Row]], bool]:
    """(what the manifest says of each scenario, its rows of the table, whether stopped early)."""
    directory = Path(path)
    manifest = read_manifest(directory, SWEEP)
    entries = manifest.get("scenarios")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FormatError(f'{directory}: manifest: expected "scenarios", a list of objects')
    for number, entry in enumerate(entries, 1):
        absent = [key for key in _KEYS if key not in entry]
        if absent:
            raise FormatError(f"{directory}: manifest: scenario {number}: missing {absent[0]!r}")
    table = read_table(directory, _TABLE, n_rows=announced_rows(directory, manifest).get(_TABLE))
    rows: dict[str, list[Row]] = {str(entry["name"]): [] for entry in entries}
    texts = [table.texts(name) for name in ("scenario", "measure", "item", "unit")]
    for scenario, measure, item, unit, value in zip(
        *texts, table.floats("value").tolist(), strict=True
    ):
        if scenario not in rows:
            raise table.error(f"unknown scenario {scenario!r}", column="scenario")
        if measure != "none":
            rows[scenario].append((measure, item, unit, value))
    records = [_plain(entry) for entry in entries]
    return records, [rows[str(entry["name"])] for entry in entries], bool(manifest.get("stopped"))


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with words for infinity read as numbers, wherever they stand."""

    def read(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: read(item) for key, item in value.items()}
        if isinstance(value, list):
            return [read(item) for item in value]
        return from_json(value)

    return {key: read(value) for key, value in entry.items()}
