"""Readers for published tables, as packed for this project; nothing is repaired.

Each takes the folder with the files of one publication and returns what is published, with the
kinds of factors and of final demand that analysis and calibration ask for. What a reader adds to
the published figures is said in its docstring.
"""

from __future__ import annotations

from parecon.accounts.readers.europe import belgium_2020, germany_1995, uk_ons_2010
from parecon.accounts.readers.households import HouseholdExpenditure, uk_household_expenditure
from parecon.accounts.readers.united_states import (
    us_2012,
    us_bea,
    useeio_v2,
    useeio_v2_supply_use,
)

__all__ = [
    "HouseholdExpenditure",
    "belgium_2020",
    "germany_1995",
    "uk_household_expenditure",
    "uk_ons_2010",
    "us_2012",
    "us_bea",
    "useeio_v2",
    "useeio_v2_supply_use",
]
