"""The United States of 2012 as a planning economy: 24 sectors, trade, a greenhouse-gas budget.

Every step from the published table to the economy is explained, with its size, in
``docs/examples/us-2012.md``. In short: money flows are counted in units that cost one million USD
in 2012, so that every benchmark price is 1; permits are counted in million tonnes of CO2
equivalent, so that their price reads as USD per tonne.

Goods, for the sectors s = ``agriculture`` ... ``government``:

- ``s``, the domestic product; ``s_import``, the imported variety; ``s_supply``, the mix of both
  that home users get (the domestic product itself where nothing is imported);
- ``labour``, ``capital``, ``foreign_exchange``, ``ghg_permit``.

Councils: ``industries`` and ``energy_industries`` make domestic products, ``imports`` buy abroad,
``home_supply`` mixes domestic and imported, ``exports`` earns foreign exchange; ``households``,
``government`` and ``capital_formation`` (fixed investment, inventories) consume.
"""

from __future__ import annotations

from parecon.economies.us_2012.councils import EMISSION_CUT, NO_BUDGET, benchmark, economy
from parecon.economies.us_2012.figures import Table, table
from parecon.economies.us_2012.outcome import Summary, summary

__all__ = [
    "EMISSION_CUT",
    "NO_BUDGET",
    "Summary",
    "Table",
    "benchmark",
    "economy",
    "summary",
    "table",
]
