"""Economies drawn at random: reproducible by a seed, of any size, some with their plan known.

=====================  ============================================================================
`book`                 the book economy (Hahnel 2021, ch. 9); `book_from_npz` a published one,
                       `book_years` two years of one, `book_second_year` the year after any,
                       `book_increasing_returns` with councils that the book has in some
`ces`                  CES households and councils in clustered sectors, linear activities mixed in
`fisher`               linear Fisher markets
`activities`           linear techniques with capacities and scarce resources
`planted_ces`, ...     the last three with their prices, proposals and welfare (`Planted`)
`planted_targets`      techniques and targets of a central plan, with their plan
`five_year`            industries with capital of their own, and targets for several years;
                       `planted_five_year` with its plan
=====================  ============================================================================

A seed is an int or a `numpy.random.Generator`; nothing else of the machine enters. Councils are
drawn in blocks, without a Python loop over councils.
"""

from __future__ import annotations

from parecon.synthetic._activities import activities, planted_activities
from parecon.synthetic._book import COUNCILS_PER_CATEGORY, book, book_from_npz, book_years
from parecon.synthetic._book_changes import book_increasing_returns, book_second_year
from parecon.synthetic._ces import ces, planted_ces
from parecon.synthetic._fisher import fisher, planted_fisher
from parecon.synthetic._five_year import five_year, planted_five_year
from parecon.synthetic._planted import Planted
from parecon.synthetic._targets import planted_targets

__all__ = [
    "COUNCILS_PER_CATEGORY",
    "Planted",
    "activities",
    "book",
    "book_from_npz",
    "book_increasing_returns",
    "book_second_year",
    "book_years",
    "ces",
    "fisher",
    "five_year",
    "planted_activities",
    "planted_ces",
    "planted_fisher",
    "planted_five_year",
    "planted_targets",
]
