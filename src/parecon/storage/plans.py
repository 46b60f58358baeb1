"""Plans on disk: prices, proposals and history as tables, what is claimed in the manifest.

A plan is read together with its economy, of which it holds no copy. The certificate is written for
people; it is not read back, because figures in a file prove nothing: certify the plan again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._columns import IndexArray, row_index
from parecon.errors import FormatError, PlanError
from parecon.families import Activities, Consumers, Family, JointWorkers
from parecon.proposals import (
    ActivityProposals,
    ConsumerProposals,
    JointProposals,
    Proposals,
    SupplierProposals,
    WorkerProposals,
)
from parecon.storage.directory import (
    PLAN,
    VERSION,
    announced_rows,
    new_directory,
    read_manifest,
    write_manifest,
)
from parecon.storage.economies import check_file_format, n_rows
from parecon.storage.family_tables import COUNCIL, GOOD, Tables, entry_columns
from parecon.storage.numbers import from_json, to_json
from parecon.storage.tables import INDEX, Table, Values, read_table, table_exists, write_table

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.plan import Plan

MEASURES = ("welfare", "bound", "gap", "shortage", "surplus", "zero_profit")
_GOODS = ("price", "supply", "demand")
_RECORDS: dict[str, type[Proposals]] = {
    record.__name__: record
    for record in (
        ConsumerProposals,
        WorkerProposals,
        JointProposals,
        ActivityProposals,
        SupplierProposals,
    )
}
# Fields of the records with one number per entry; all others have one per council.
_ON_ENTRIES = {
    ("ConsumerProposals", "quantity"),
    ("WorkerProposals", "input"),
    ("JointProposals", "input"),
}
_ON_FIXED, _ON_OUTPUTS = "fixed_input", "outputs"
_COUNCILS = "proposals"


def write_plan(path: str | Path, plan: Plan, *, file_format: str = "parquet") -> None:
    """Write a plan; see `Plan.save`."""
    check_file_format(file_format)
    economy, proposals = plan.economy, plan.proposals
    tables: Tables = {"goods": _goods_columns(plan)}
    if plan.history:
        tables["history"] = _history_columns(plan.history)
    for family, proposal in zip(economy.families, proposals, strict=True):
        tables |= _proposal_tables(family, proposal)
    manifest = {
        "format": PLAN,
        "version": VERSION,
        "status": plan.status.value,
        "message": plan.message,
        "method": plan.method,
        "choice": to_json(plan.choice),
        "measures": {name: to_json(getattr(plan, name)) for name in MEASURES},
        "certificate": to_json(plan.certificate),
        "infeasible": to_json(plan.infeasible),
        "settings": to_json(plan.settings),
        "phase_s": to_json(plan.phase_s),
        "families": [
            {"label": family.title, "class": type(family).__name__, "record": type(record).__name__}
            for family, record in zip(economy.families, proposals, strict=True)
        ],
        "rows": {stem: n_rows(columns) for stem, columns in tables.items()},
    }
    with new_directory(path, PLAN) as directory:
        for stem, columns in tables.items():
            write_table(directory, stem, columns, file_format)
        write_manifest(directory, manifest)


def read_plan(path: str | Path, economy: Economy) -> dict[str, Any]:
    """Return the fields of a plan, those of records (history, infeasible) as mappings."""
    directory = Path(path)
    manifest = read_manifest(directory, PLAN)
    rows = announced_rows(directory, manifest)
    measures = _object(directory, manifest, "measures")
    return {
        "status": manifest.get("status"),
        "message": str(manifest.get("message", "")),
        "method": str(manifest.get("method", "")),
        "choice": manifest.get("choice"),
        "infeasible": manifest.get("infeasible"),
        "settings": _numbers(_object(directory, manifest, "settings")),
        "phase_s": _numbers(_object(directory, manifest, "phase_s")),
        **_numbers({name: measures.get(name, "nan") for name in MEASURES}),
        **_read_goods(directory, economy, rows),
        "history": _read_history(directory, rows),
        "proposals": tuple(_read_proposals(directory, manifest, economy, rows)),
    }


def overview(path: str | Path) -> dict[str, Any]:
    """Return what a plan says of itself, without its economy: claims, measures, goods.

    Numbers are floats (nan where absent); "goods" is a list of mappings, one per good.
    """
    directory = Path(path)
    manifest = read_manifest(directory, PLAN)
    table = read_table(directory, "goods", n_rows=announced_rows(directory, manifest).get("goods"))
    columns = [table.texts(GOOD), *(table.floats(name).tolist() for name in _GOODS)]
    measures = _object(directory, manifest, "measures")
    return {
        **{key: manifest.get(key) for key in ("status", "message", "method")},
        **_numbers({name: measures.get(name, "nan") for name in MEASURES}),
        "certificate": manifest.get("certificate"),
        "infeasible": manifest.get("infeasible"),
        "settings": _numbers(_object(directory, manifest, "settings")),
        "phase_s": _numbers(_object(directory, manifest, "phase_s")),
        "families": [entry.get("label") for entry in manifest["families"]],
        "goods": [
            dict(zip(("name", *_GOODS), values, strict=True))
            for values in zip(*columns, strict=True)
        ],
    }


# -- writing ------------------------------------------------------------------------------------


def _goods_columns(plan: Plan) -> dict[str, Values]:
    goods = plan.economy.goods
    return {
        GOOD + INDEX: np.arange(len(goods), dtype=np.int32),
        GOOD: goods.names,
        **{name: getattr(plan, name) for name in _GOODS},
    }


def _history_columns(history: tuple[Any, ...]) -> dict[str, Values]:
    return {
        field.name: np.array([getattr(info, field.name) for info in history])
        for field in dataclasses.fields(history[0])
    }


def _proposal_tables(family: Family, proposal: Proposals) -> Tables:
    councils: dict[str, Values] = {COUNCIL + INDEX: np.arange(family.n_councils, dtype=np.int32)}
    if family.names is not None:
        councils[COUNCIL] = family.names
    tables: Tables = {f"{family.title}.{_COUNCILS}": councils}
    for name, pattern in _fields(family, type(proposal)).items():
        values = getattr(proposal, name)
        if values is None:
            continue
        if pattern is None:
            councils[name] = values
        else:
            tables[f"{family.title}.{name}"] = entry_columns(*pattern, {"quantity": values})
    return tables


def _fields(
    family: Family, record: type[Proposals]
) -> dict[str, tuple[IndexArray, IndexArray] | None]:
    """Return the fields of a record, each with the entries it stands on; None: the councils."""
    stands_on: dict[str, tuple[IndexArray, IndexArray] | None] = {}
    for field in dataclasses.fields(record):
        stands_on[field.name] = None
        if (record.__name__, field.name) in _ON_ENTRIES:
            stands_on[field.name] = family.pattern()
        elif field.name == _ON_OUTPUTS and isinstance(family, JointWorkers):
            stands_on[field.name] = family.made_pattern()
        elif field.name == _ON_FIXED:
            fixed = getattr(family, "fixed", None)
            empty = np.zeros(family.n_councils + 1, np.int32), np.zeros(0, np.int32)
            stands_on[field.name] = empty if fixed is None else (fixed.indptr, fixed.indices)
    return stands_on


# -- reading ------------------------------------------------------------------------------------


def _read_goods(directory: Path, economy: Economy, rows: Mapping[str, int]) -> dict[str, Any]:
    table = read_table(directory, "goods", n_rows=rows.get("goods"))
    if table.n_rows != economy.n_goods:
        raise _other_economy(table, f"{economy.n_goods:,} goods, got {table.n_rows:,}")
    for i, (theirs, ours) in enumerate(zip(table.texts(GOOD), economy.goods.names, strict=True)):
        if theirs != ours:
            raise _other_economy(table, f"good {ours!r} at {i}, got {theirs!r}")
    return {name: table.floats(name) for name in _GOODS}


def _read_history(directory: Path, rows: Mapping[str, int]) -> tuple[dict[str, Any], ...]:
    if not table_exists(directory, "history"):
        return ()
    table = read_table(directory, "history", n_rows=rows.get("history"))
    columns = {name: table.plain(name) for name in table.columns}
    return tuple(
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    )


def _read_proposals(
    directory: Path, manifest: Mapping[str, Any], economy: Economy, rows: Mapping[str, int]
) -> list[Proposals]:
    labels = [entry.get("label") for entry in manifest["families"]]
    expected = [family.title for family in economy.families]
    if labels != expected:
        raise PlanError(
            f"{directory}: not a plan of this economy: families {labels}, not {expected}"
        )
    found = []
    for entry, family in zip(manifest["families"], economy.families, strict=True):
        record = _RECORDS.get(entry.get("record"))
        if record is not _record_of(family):
            raise FormatError(
                f"{directory}: family {family.title!r}: expected {_record_of(family).__name__}, "
                f"got {entry.get('record')!r}"
            )
        found.append(_read_record(directory, family, record, rows))
    return found


def _read_record(
    directory: Path, family: Family, record: type[Proposals], rows: Mapping[str, int]
) -> Proposals:
    def table_of(part: str) -> Table:
        stem = f"{family.title}.{part}"
        return read_table(directory, stem, n_rows=rows.get(stem))

    councils = table_of(_COUNCILS)
    if councils.n_rows != family.n_councils:
        raise _other_economy(councils, f"{family.n_councils:,} councils, got {councils.n_rows:,}")
    values: dict[str, Any] = {}
    for name, pattern in _fields(family, record).items():
        values[name] = None
        if pattern is None and councils.has(name):
            values[name] = councils.floats(name)
        elif pattern is not None and table_exists(directory, f"{family.title}.{name}"):
            values[name] = _on_pattern(table_of(name), pattern)
    optional = {"effort", _ON_FIXED} | ({"level"} if record is WorkerProposals else set())
    for name, value in values.items():
        if value is None and name not in optional:
            raise councils.error(f"missing {name}")
    return record(**values)


def _on_pattern(table: Table, pattern: tuple[IndexArray, IndexArray]) -> Any:
    indptr, good = pattern
    if table.n_rows != good.size:
        raise _other_economy(table, f"{good.size:,} entries, got {table.n_rows:,}")
    same = table.integers(COUNCIL + INDEX) == row_index(indptr)
    same &= table.integers(GOOD + INDEX) == good
    if not same.all():
        row = int(np.flatnonzero(~same)[0])
        raise table.error("not the entry that the economy has here", row=row)
    return table.floats("quantity")


def _record_of(family: Family) -> type[Proposals]:
    if isinstance(family, Consumers):
        return ConsumerProposals
    if isinstance(family, Activities):
        return ActivityProposals
    if isinstance(family, JointWorkers):
        return JointProposals
    return SupplierProposals if family.role == "suppliers" else WorkerProposals


def _object(directory: Path, manifest: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = manifest.get(key, {})
    if not isinstance(value, dict):
        raise FormatError(f"{directory}: manifest: expected {key!r} to be an object, got {value!r}")
    return value


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: from_json(value) for name, value in values.items()}


def _other_economy(table: Table, expected: str) -> PlanError:
    return PlanError(f"{table.path}: not a plan of this economy: expected {expected}")
