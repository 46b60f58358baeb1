"""Rounds of a procedure as a JSON document (docs/cli.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parecon.cli.documents import fields_of
from parecon.procedure.rounds_text import MARKS

if TYPE_CHECKING:
    from parecon.procedure import Rounds


def of_rounds(rounds: Rounds, *, name: str | None = None) -> dict[str, Any]:
    """Return the document of ``parecon simulate``; name: of the economy, None where unknown."""
    last = rounds.round(-1)
    return {
        "economy": {"name": name, "goods": rounds.n_goods, "councils": rounds.n_councils},
        "rule": rounds.rule,
        "threshold": rounds.threshold,
        "status": rounds.status.value,
        "sentence": rounds.status.sentence,
        "message": rounds.message,
        "announcements": rounds.n_announcements,
        "inquiries": int(rounds.inquiries.sum()),
        "sent": int(rounds.sent.sum()),
        "worst_imbalance": last.worst_imbalance,
        "worst_good": last.worst_good,
        "dual": last.dual,
        "gap": last.gap,
        "distance": last.distance,
        "time_s": last.time_s,
        "rounds_to": [{"threshold": mark, "rounds": rounds.rounds_to(mark)} for mark in MARKS],
        "rounds": [fields_of(entry) for entry in rounds],
        "goods": _goods(rounds),
    }


def _goods(rounds: Rounds) -> list[dict[str, Any]]:
    """Every good in the last round."""
    names = rounds.goods.names
    units = rounds.goods.unit or (None,) * len(names)
    columns = {
        name: getattr(rounds, name)[-1].tolist()
        for name in ("price", "supply", "demand", "imbalance")
    }
    plan = rounds.plan_price
    columns["plan_price"] = [None] * len(names) if plan is None else plan.tolist()
    return [
        {"name": name, "unit": unit, **dict(zip(columns, numbers, strict=True))}
        for name, unit, numbers in zip(
            names, units, zip(*columns.values(), strict=True), strict=True
        )
    ]
