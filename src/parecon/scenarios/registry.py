"""Every kind of change by its word in files, and a change from a file's record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parecon.errors import ScenarioError, nearest
from parecon.scenarios.base import Change
from parecon.scenarios.caps import Cap
from parecon.scenarios.needs import Deliver, Needs
from parecon.scenarios.quantities import (
    Budget,
    Capacity,
    Endowment,
    ImportPrice,
    Productivity,
    Supply,
)
from parecon.scenarios.techniques import Technique

CHANGES: dict[str, type[Change]] = {
    change.do: change
    for change in (
        Cap,
        Endowment,
        Budget,
        Needs,
        Deliver,
        Productivity,
        Capacity,
        Technique,
        ImportPrice,
        Supply,
    )
}


class InChangeError(ScenarioError):
    """An error in the change number `position` (from 0) of a record."""

    def __init__(self, position: int, error: ScenarioError) -> None:
        super().__init__(str(error), key=error.key)
        self.position = position


def change_from_record(position: int, entry: Any) -> Change:
    """Return change number `position` of a record; InChangeError if it is wrong."""
    try:
        if not isinstance(entry, Mapping):
            raise ScenarioError(f"expected keys and values, got {entry!r:.60}")
        values = dict(entry)
        do = values.pop("do", None)
        if not isinstance(do, str) or do not in CHANGES:
            what = "missing" if do is None else f"unknown change {do!r}"
            hint = nearest(str(do), list(CHANGES))
            raise ScenarioError(f"{what}{hint} (known: {', '.join(CHANGES)})", key="do")
        return CHANGES[do].from_record(values)
    except ScenarioError as error:
        raise InChangeError(position, error) from error
