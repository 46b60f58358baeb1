"""National accounts: input-output and supply-use tables, their repair and classical analysis.

- tables: :class:`InputOutput`, :class:`SupplyUse`; from pandas, files, pymrio, or published ones
  (:mod:`readers`)
- ``check()`` says what is wrong with them, :mod:`repair` has named steps that mend it
- quantities, prices, multipliers, footprints, labour values: methods of :class:`InputOutput`
- :func:`calibrate` makes an economy whose plan is the year of the accounts, :func:`reproduce`
  shows that it is
"""

from __future__ import annotations

from parecon.accounts import readers, repair
from parecon.accounts._reproduction import Reproduction, reproduce
from parecon.accounts._year import Year, benchmark_year
from parecon.accounts.analysis import Footprint, Multipliers, Response
from parecon.accounts.balance import BalanceReport, Negatives
from parecon.accounts.base import Accounts
from parecon.accounts.biproportional import Scaled, gras, ras
from parecon.accounts.calibrate import benchmark, calibrate
from parecon.accounts.concordance import CONCORDANCES, concordance
from parecon.accounts.elasticities import Elasticities, Energy
from parecon.accounts.files import read, write
from parecon.accounts.from_frames import from_pandas
from parecon.accounts.households import split_households
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import EXTENSION_KINDS, FACTOR_KINDS, FINAL_KINDS, Labels
from parecon.accounts.leontief import Leontief, leontief, spectral_radius
from parecon.accounts.log import Changes, Step
from parecon.accounts.mrio import from_pymrio
from parecon.accounts.supply_use import MODELS, SupplyUse

__all__ = [
    "CONCORDANCES",
    "EXTENSION_KINDS",
    "FACTOR_KINDS",
    "FINAL_KINDS",
    "MODELS",
    "Accounts",
    "BalanceReport",
    "Changes",
    "Elasticities",
    "Energy",
    "Footprint",
    "InputOutput",
    "Labels",
    "Leontief",
    "Multipliers",
    "Negatives",
    "Reproduction",
    "Response",
    "Scaled",
    "Step",
    "SupplyUse",
    "Year",
    "benchmark",
    "benchmark_year",
    "calibrate",
    "concordance",
    "from_pandas",
    "from_pymrio",
    "gras",
    "leontief",
    "ras",
    "read",
    "readers",
    "repair",
    "reproduce",
    "spectral_radius",
    "split_households",
    "write",
]
