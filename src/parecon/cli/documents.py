"""Results as JSON documents: one per command, on stdout, with keys that stay (docs/cli.md).

A number that does not exist or is not finite is null.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

from parecon._version import __version__
from parecon.storage.numbers import to_json

if TYPE_CHECKING:
    from parecon.economies.us_2012 import Summary
    from parecon.economy import Economy
    from parecon.plan import Plan
    from parecon.scenarios import Sweep

MEASURES = ("welfare", "bound", "gap", "shortage", "surplus", "zero_profit")


def write(command: str | None, document: dict[str, Any]) -> None:
    """Write a document to stdout."""
    whole = to_json(
        {"command": command, "parecon": __version__, **document}, not_finite=lambda _: None
    )
    click.echo(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False))


def of_plan(plan: Plan, *, name: str, saved: str | None, summary: Summary | None) -> dict[str, Any]:
    """Return the document of ``parecon plan``."""
    return {
        "economy": size_of(plan.economy, name),
        "status": plan.status.value,
        "sentence": plan.status.sentence,
        "message": plan.message,
        "method": plan.method,
        "iterations": plan.n_iterations,
        "time_s": sum(plan.phase_s.values()),
        "phase_s": dict(plan.phase_s),
        **{measure: getattr(plan, measure) for measure in MEASURES},
        "certificate": plan.certificate,
        "infeasible": plan.infeasible,
        "history": plan.history,
        "goods": goods_of(plan),
        "benchmark": None if summary is None else of_summary(summary),
        "saved": saved,
    }


def of_sweep(found: Sweep) -> dict[str, Any]:
    """Return what ``parecon scenario`` says of every scenario."""
    return {
        "stopped": found.stopped,
        "scenarios": [
            {
                "name": outcome.name,
                "parameters": outcome.scenario.parameters,
                "changes": [str(change) for change in outcome.scenario.changes],
                "status": outcome.status.value,
                "message": outcome.message,
                "iterations": outcome.iterations,
                "time_s": outcome.time_s,
                "warm": outcome.warm,
                "missing": None if outcome.missing is None else outcome.missing.to_record(),
                "results": [
                    {"measure": measure, "item": item, "unit": unit, "value": value}
                    for measure, item, unit, value in outcome.rows
                ],
            }
            for outcome in found
        ],
    }


def of_summary(summary: Summary) -> dict[str, Any]:
    """Return a plan against its benchmark; changes carry ``relative`` (-0.1: ten per cent less)."""
    record = fields_of(summary)
    for name in ("output", "imports", "welfare"):
        record[name] = [_change(change) for change in record[name]]
    record["exports"] = _change(record["exports"])
    return record


def _change(change: Any) -> dict[str, Any]:
    return {**fields_of(change), "relative": change.relative}


def fields_of(record: Any) -> dict[str, Any]:
    """Return the fields of a dataclass instance, themselves as they are."""
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def size_of(economy: Economy, name: str) -> dict[str, Any]:
    """Return the size of an economy."""
    return {
        "name": name,
        "goods": economy.n_goods,
        "councils": economy.n_councils,
        "entries": economy.n_entries,
    }


def goods_of(plan: Plan) -> list[dict[str, Any]]:
    """Return name, unit, price, supply and demand of each good."""
    goods = plan.economy.goods
    units = goods.unit or (None,) * len(goods)
    numbers = zip(plan.price.tolist(), plan.supply.tolist(), plan.demand.tolist(), strict=True)
    return [
        {"name": name, "unit": unit, "price": price, "supply": supply, "demand": demand}
        for name, unit, (price, supply, demand) in zip(goods.names, units, numbers, strict=True)
    ]
