"""From the balanced table to goods and councils."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray, IndexArray
from parecon.economies.calibration import Inputs, nested_workers
from parecon.economies.report import Benchmark, budgets
from parecon.economies.us_2012.figures import FINAL_USERS, Elasticities, Table, table
from parecon.economy import Economy, Goods
from parecon.errors import EconomyError
from parecon.families import (
    Activities,
    CESWorkers,
    CobbDouglasConsumers,
    Family,
    LeontiefConsumers,
    Nest,
    NestedCES,
    NestedCESConsumers,
)

__all__ = ["EMISSION_CUT", "NO_BUDGET", "benchmark", "economy"]

EMISSION_CUT = 0.30
"""Share of benchmark emissions that the budget of ``us-2012`` takes away."""

NO_BUDGET = 2.0
"""Permits without a budget, as a multiple of benchmark emissions: never scarce, hence price 0."""

ENERGY_INDUSTRIES = ("oil_gas", "petroleum", "utilities")
FUELS = ("oil_gas", "petroleum")
POWER = "utilities"
DUTIES = "trade"  # its row of the table counts back the duties collected on imported goods
MONEY_UNIT = "what cost 1 million USD in 2012"
PERMIT_UNIT = "million tonnes CO2e"


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Index of every good, by sector where it has one."""

    goods: Goods
    imported: IndexArray  # sectors that have imports, in order
    home: IndexArray  # (n,) the good that home users of each sector's product get
    variety: IndexArray  # (imported,) the imported variety

    def __getitem__(self, name: str) -> int:
        return int(self.goods.index(name))


def _places(data: Table) -> _Places:
    n = len(data.sectors)
    imported = np.flatnonzero(data.imports > 0.0).astype(np.int32)
    bought = [data.sectors[i] for i in imported]
    names = [
        *data.sectors,
        *(f"{sector}_import" for sector in bought),
        *(f"{sector}_supply" for sector in bought),
        "labour",
        "capital",
        "foreign_exchange",
        "ghg_permit",
    ]
    kinds = ["domestic product"] * n + ["import"] * len(bought) + ["home supply"] * len(bought)
    home = np.arange(n, dtype=np.int32)
    home[imported] = n + len(bought) + np.arange(len(bought))
    return _Places(
        goods=Goods(
            names,
            kind=[*kinds, "labour", "capital service", "foreign exchange", "pollution permit"],
            unit=[MONEY_UNIT] * (len(names) - 1) + [PERMIT_UNIT],
        ),
        imported=imported,
        home=home,
        variety=(n + np.arange(len(bought))).astype(np.int32),
    )


def _spread(values: FloatArray, places: IndexArray, n_goods: int) -> sp.csr_array:
    """Put one row (or matrix) of sector values where the goods of the sectors stand."""
    rows = np.atleast_2d(values)
    wide = np.zeros((len(rows), n_goods))
    wide[:, places] = rows
    return sp.csr_array(wide)


def _producers(data: Table, at: _Places, elasticity: Elasticities) -> list[Family]:
    """Two families, because primary energy stands in another place where it is transformed."""
    home = {sector: int(good) for sector, good in zip(data.sectors, at.home, strict=True)}
    n_goods = len(at.goods)
    values = np.zeros((len(data.sectors), n_goods))
    values[:, at.home] = data.intermediate.T
    values[:, at["labour"]] = data.labour
    values[:, at["capital"]] = data.capital
    transforming = np.isin(data.sectors, ENERGY_INDUSTRIES)
    families: list[Family] = []
    for label, member, fuels in (
        ("industries", ~transforming, FUELS),
        # Crude becomes petroleum and coal becomes current in proportions that prices do not change.
        ("energy_industries", transforming, ()),
    ):
        sectors = np.flatnonzero(member).astype(np.int32)
        energy = {POWER, *fuels}
        inputs = Inputs(
            materials=tuple(good for sector, good in home.items() if sector not in energy),
            power=(home[POWER],),
            fuels=tuple(home[sector] for sector in fuels),
            value_added=(at["labour"], at["capital"]),
            elasticity=elasticity.common(),
        )
        families.append(
            nested_workers(
                values[sectors],
                inputs,
                output_good=sectors,
                output=data.output[sectors],
                emissions=data.emissions[sectors],
                permit_good=at["ghg_permit"],
                names=tuple(data.sectors[j] for j in sectors),
                label=label,
            )
        )
    return families


def _trade(data: Table, at: _Places, elasticity: Elasticities) -> list[Family]:
    """Imports at fixed world prices, the mix of domestic and imported, and the export basket."""
    n_goods, bought = len(at.goods), at.imported
    imports, at_home = data.imports[bought], data.output[bought] - data.exports[bought]
    names = tuple(data.sectors[i] for i in bought)
    row = np.arange(len(bought))
    purchase = np.zeros((len(bought), n_goods))
    purchase[row, at.variety] = 1.0
    purchase[:, at["foreign_exchange"]] = -1.0 + data.duties[bought] / imports
    purchase[:, at[DUTIES]] = -data.duties[bought] / imports
    mix = np.zeros((len(bought), n_goods))
    mix[row, bought] = at_home / (at_home + imports)
    mix[row, at.variety] = imports / (at_home + imports)
    sold = np.arange(len(data.sectors), dtype=np.int32)  # domestic products come first
    basket = _spread(data.exports, sold, n_goods)
    return [
        Activities(sp.csr_array(purchase), names=names, label="imports"),
        CESWorkers(
            at.home[bought],
            sp.csr_array(mix),
            elasticity.by_sector("home_import", names),
            returns=1.0,
            productivity=1.0,
            names=names,
            label="home_supply",
        ),
        CESWorkers(
            [at["foreign_exchange"]],
            basket / data.exports.sum(),
            elasticity["exports"],
            returns=1.0,
            productivity=1.0,
            names=("export_basket",),
            label="exports",
        ),
    ]


def _consumers(data: Table, at: _Places, elasticity: Elasticities) -> list[Family]:
    """Utility in all of them is spending at benchmark prices: one unit costs 1 there."""
    n_goods = len(at.goods)
    use = dict(zip(FINAL_USERS, data.final_use.T, strict=True))
    budget = {user: float(column.sum()) for user, column in use.items()}
    home = {sector: int(good) for sector, good in zip(data.sectors, at.home, strict=True)}
    energy = [home[sector] for sector in (POWER, *FUELS)]
    tastes = Nest(
        elasticity["household_energy_other"],
        [
            Nest(elasticity["household_energy"], energy),
            Nest(elasticity["household_other"], [good for good in at.home if good not in energy]),
        ],
    )
    households = _spread(use["households"], at.home, n_goods)
    forming = ("fixed_investment", "inventories")
    bundles = np.array([use[user] / budget[user] for user in forming])
    return [
        NestedCESConsumers(
            [budget["households"]],
            NestedCES.from_values(households, tastes),
            names=("households",),
            label="households",
        ),
        CobbDouglasConsumers(
            [budget["government"]],
            _spread(use["government"] / budget["government"], at.home, n_goods),
            names=("government",),
            label="government",
        ),
        LeontiefConsumers(
            [budget[user] for user in forming],
            _spread(bundles, at.home, n_goods),
            names=forming,
            label="capital_formation",
        ),
    ]


def economy(
    *, emission_cut: float | None = EMISSION_CUT, elasticities: Mapping[str, float] | None = None
) -> Economy:
    """Return the calibrated economy.

    Parameters
    ----------
    emission_cut : float or None
        Share of benchmark emissions that the budget takes away, below 1; None: no budget.
    elasticities : mapping of str to float, optional
        Other values than those of ``elasticities.csv``, by nest, for all sectors.

    Raises
    ------
    EconomyError
        If the cut is not below 1 or there is no such nest.
    """
    if emission_cut is not None and not emission_cut < 1.0:
        raise EconomyError(f"us-2012: expected an emission cut below 1, got {emission_cut}")
    data = table()
    at = _places(data)
    elasticity = Elasticities(elasticities or {})
    endowment = np.zeros(len(at.goods))
    endowment[at.home] = data.stocks
    endowment[at["labour"]] = data.labour.sum()
    endowment[at["capital"]] = data.capital.sum()
    endowment[at["foreign_exchange"]] = data.deficit
    permits = NO_BUDGET if emission_cut is None else 1.0 - emission_cut
    endowment[at["ghg_permit"]] = permits * data.emissions.sum()
    families = [
        *_producers(data, at, elasticity),
        *_trade(data, at, elasticity),
        *_consumers(data, at, elasticity),
    ]
    return Economy(goods=at.goods, endowment=endowment, families=families)


def benchmark() -> Benchmark:
    """Return the year 2012: every price 1 but that of permits, which is 0; outputs as published."""
    data = table()
    year = economy(emission_cut=None)
    price = np.ones(len(year.goods))
    price[year.goods.index("ghg_permit")] = 0.0
    bought = data.imports > 0.0
    transforming = np.isin(data.sectors, ENERGY_INDUSTRIES)
    return Benchmark(
        economy=year,
        price=price,
        output={
            "industries": data.output[~transforming],
            "energy_industries": data.output[transforming],
            "imports": data.imports[bought],
            "home_supply": (data.output - data.exports + data.imports)[bought],
            "exports": np.array([math.fsum(data.exports)]),
        },
        utility={
            label: budgets(year, label)
            for label in ("households", "government", "capital_formation")
        },
    )
