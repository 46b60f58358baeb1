"""Plans over years: an economy of dated goods, made of a one-year economy.

`parecon.dated` makes it; `Capital`, `Storage`, `Exhaustible`, `Later` and `Growth` say what ties
the years together. See docs/dated.md.
"""

from __future__ import annotations

from parecon.dated.build import dated
from parecon.dated.calendar import Calendar
from parecon.dated.economy import DatedEconomy
from parecon.dated.loading import load_dated
from parecon.dated.plan import DatedPlan
from parecon.dated.records import Capital, Exhaustible, Growth, Later, Storage

__all__ = [
    "Calendar",
    "Capital",
    "DatedEconomy",
    "DatedPlan",
    "Exhaustible",
    "Growth",
    "Later",
    "Storage",
    "dated",
    "load_dated",
]
