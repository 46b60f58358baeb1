"""What a board says, and why it refuses, as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from parecon.errors import PareconError, ProposalError
from parecon.facilitator.records import Announcement
from parecon.facilitator.requests import NAMES, Request
from parecon.goods import Goods

Answer = dict[str, Any]

SIDES = ("supply", "demand", "sensitivity")


def announced(announcement: Announcement, given: Mapping[str, Any]) -> Answer:
    """Return an announcement; `form` in what was given says how prices are written."""
    return {
        "round": announcement.round,
        "price": per_good(announcement.goods, announcement.price, given),
        "settled": announcement.settled,
        "worst_good": announcement.worst_good,
        "worst_imbalance": announcement.worst_imbalance,
        "missing": list(announcement.missing),
    }


def per_good(goods: Goods, values: Any, given: Mapping[str, Any]) -> Any:
    """Return numbers (n,) in the form that a request asks for; None stays."""
    if values is None or given.get("form", NAMES) != NAMES:
        return values
    return dict(zip(goods.names, values.tolist(), strict=True))


def refusal(
    error: PareconError, request: Request | None = None, goods: Goods | None = None
) -> Answer:
    """Return the answer that reports an error, with the council and the good it is about."""
    record = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, ProposalError) and request is not None and goods is not None:
        record |= _culprit(request.given, goods)
    return {"ok": False, "error": record}


def _culprit(given: Mapping[str, Any], goods: Goods) -> dict[str, str]:
    """Return the first council whose quantities are wrong, and the good, as far as known."""
    many = "councils" in given
    councils = given["councils"] if many else [given.get("council")]
    for side in SIDES:
        rows = given.get(side, []) if many else [given[side]] if side in given else []
        for council, row in zip(councils, rows, strict=False):
            good = _wrong_good(row, goods)
            if good is not None:
                found = {"council": council, "good": good}
                return {key: name for key, name in found.items() if name}
    return {"council": given["council"]} if "council" in given else {}


def _wrong_good(row: Any, goods: Goods) -> str | None:
    """Return the first good that is unknown or has a negative number; "" for a wrong length."""
    if isinstance(row, dict):
        return next((name for name, q in row.items() if name not in goods or q < 0.0), None)
    if len(row) != len(goods):
        return ""
    wrong = np.flatnonzero(row < 0.0)
    return goods.name(int(wrong[0])) if wrong.size else None
