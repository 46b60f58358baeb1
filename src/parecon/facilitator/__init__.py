"""A facilitation board that others drive: people, agent-based models, programs in any language."""

from __future__ import annotations

from parecon.facilitator.board import Facilitator
from parecon.facilitator.records import (
    Announcement,
    BoardStatus,
    Council,
    Delivered,
    Imbalance,
    Receipt,
    Receipts,
)

__all__ = [
    "Announcement",
    "BoardStatus",
    "Council",
    "Delivered",
    "Facilitator",
    "Imbalance",
    "Receipt",
    "Receipts",
]
