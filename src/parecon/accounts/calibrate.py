"""From balanced accounts to an economy whose plan is the year they describe.

Money flows become quantities: a unit of every good is what cost a unit of money in the benchmark
year, so that every price of that year is 1 (of permits that are not scarce: 0). What the accounts
do not say, how councils answer to other prices, comes in as elasticities.

Goods and councils, with the labels of the families:

- ``industries``: one council per industry, constant returns, nested CES of materials, primary
  inputs and, if asked for, energy; permits in fixed proportion to output. An industry that makes
  several goods makes them in its benchmark mix, or transforms one into another if asked to; so
  with what it sells at home and abroad.
- ``product_mix``: what several industries make of one good, a CES of their varieties.
- ``imports``: foreign exchange (and the margins that home industries earn on importing) buys
  imports at the world prices of the year. ``home_supply`` mixes them with the domestic product
  (Armington). Imports that the accounts do not give by good are bought as one good.
- ``exports``: per category the basket sold, a CES of products; it earns foreign exchange. Several
  categories are mixed by ``export_mix``, CES too: each earning foreign exchange at a fixed rate,
  one would replace the others without limit. What is exported beyond what there is comes from home
  supply. ``abroad`` keeps a surplus of the balance of trade; a deficit is an endowment of foreign
  exchange.
- ``households``, ``government``, ``capital_formation``: one consumer council per category of final
  demand, with the budget it spent: CES, Cobb-Douglas, fixed proportions.

What is drawn from stocks (of the domestic product) and what primary inputs are used is the
endowment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray
from parecon.accounts._benchmark import Flows, flows
from parecon.accounts._industries import industries
from parecon.accounts._mixes import ces, export_mix, product_mix
from parecon.accounts._places import Places, places
from parecon.accounts.base import Accounts
from parecon.accounts.elasticities import Elasticities, Energy
from parecon.economies.report import Benchmark, budgets
from parecon.economy import Economy
from parecon.errors import AccountsError
from parecon.families import (
    Activities,
    CobbDouglasConsumers,
    Family,
    LeontiefConsumers,
    Nest,
    NestedCES,
    NestedCESConsumers,
)

__all__ = ["AMPLE", "benchmark", "calibrate"]

AMPLE = 2.0
"""Permits without a cap, as a multiple of what was emitted: never scarce, hence price 0."""

HOUSEHOLD_KINDS = ("households", "nonprofit")
FORMING_KINDS = ("investment", "inventories")


def calibrate(
    accounts: Accounts,
    *,
    elasticities: Elasticities | None = None,
    energy: Energy | None = None,
    caps: Mapping[str, float | None] | Sequence[str] = (),
) -> Economy:
    """Return the economy whose plan, without caps that bind, is the year of the accounts.

    Parameters
    ----------
    accounts : Accounts
        Balanced, without negative cells: see :func:`parecon.accounts.repair.for_plan`.
    elasticities : Elasticities, optional
        Defaults with their sources unless given.
    energy : Energy, optional
        Goods that form a nest of energy, with value added in industries, against all else in
        households; no such nest unless given.
    caps : mapping from extension to float or None, or sequence of str
        Extensions that need permits; the permits as a multiple of what was emitted in the year, or
        ample (``None``, or a name alone).

    Raises
    ------
    AccountsError
        If the accounts are not ready, or a name or a number is wrong.
    """
    return benchmark(accounts, elasticities=elasticities, energy=energy, caps=caps).economy


def benchmark(
    accounts: Accounts,
    *,
    elasticities: Elasticities | None = None,
    energy: Energy | None = None,
    caps: Mapping[str, float | None] | Sequence[str] = (),
) -> Benchmark:
    """Return the calibrated economy and the year it reproduces: prices, outputs, utilities.

    Parameters and errors are those of :func:`calibrate`. With a cap below 1 the economy is no
    longer at its benchmark; prices and outputs are still those of the year.
    """
    permits = _caps(accounts, caps)
    year = flows(accounts, permits)
    units = {name: accounts.extensions.unit[accounts.extensions.index(name)] for name in permits}
    elasticities, energy = elasticities or Elasticities(), energy or Energy()
    at = places(
        year,
        accounts.unit,
        units,
        apart=elasticities.named("transformation", year.goods.names),
        shared=elasticities.named("makers", year.goods.names),
    )
    make = _Councils(year, at, elasticities, energy)
    producing, output = industries(year, at, elasticities, energy)
    trading, traded = make.trade()
    consuming = make.consumers()
    price = np.ones(len(at.goods))
    price[at.permit] = 0.0
    economy = Economy(
        goods=at.goods,
        endowment=_endowment(year, at, list(permits.values())),
        families=[*producing, *trading, *consuming],
    )
    return Benchmark(
        economy=economy,
        price=price,
        output={**output, **traded},
        utility={str(family.label): budgets(economy, str(family.label)) for family in consuming},
    )


def _caps(accounts: Accounts, caps: Mapping[str, float | None] | Sequence[str]) -> dict[str, float]:
    if isinstance(caps, str):
        raise AccountsError(f"caps: expected names or a mapping, got the text {caps!r}")
    asked = dict(caps) if isinstance(caps, Mapping) else dict.fromkeys(caps)
    found = {}
    for name, share in asked.items():
        accounts.extensions.index(name)
        found[name] = AMPLE if share is None else float(share)
        if not 0.0 < found[name] < np.inf:
            raise AccountsError(f"caps: expected a number above 0 for {name!r}, got {share!r}")
    return found


def _endowment(year: Flows, at: Places, permits: Sequence[float]) -> FloatArray:
    """Stocks, primary inputs, a deficit of the balance of trade, permits."""
    endowment = np.zeros(len(at.goods))
    np.add.at(endowment, np.where(at.product >= 0, at.product, at.home), year.stocks)
    bought = year.factors.of_kind("imports")
    endowment[at.factor] = _factor_use(year)
    endowment[at.factor[bought]] = 0.0
    if at.exchange >= 0:
        endowment[at.exchange] = max(_deficit(year), 0.0)
    endowment[at.permit] = np.asarray(permits) * year.emitted.sum(axis=0)
    return endowment


def _deficit(year: Flows) -> float:
    """Payments abroad less what exports earn, money per year."""
    paid = year.imports.sum() + _factor_use(year)[year.factors.of_kind("imports")].sum()
    earned = year.exports.sum() + year.exports_primary.sum()
    return float(paid - year.margins.sum() - earned)


def _factor_use(year: Flows) -> FloatArray:
    """Primary inputs used by industries, final users and exports, (f,)."""
    blocks = (year.primary, year.demand_primary, year.exports_primary)
    return np.asarray(sum(block.sum(axis=0) for block in blocks), dtype=np.float64)


class _Councils:
    """Trade and consumers of a calibrated economy, and benchmark outputs by label."""

    def __init__(self, year: Flows, at: Places, elasticities: Elasticities, energy: Energy) -> None:
        self.year, self.at, self.elasticities = year, at, elasticities
        goods = year.goods
        self.power, self.fuels = (
            at.home[goods.positions(names)] for names in (energy.power, energy.fuels)
        )

    # -- trade ------------------------------------------------------------------------------------

    def trade(self) -> tuple[list[Family], dict[str, FloatArray]]:
        """Imports, home supply, exports and the mixes, each where there is any."""
        families: list[Family] = []
        output: dict[str, FloatArray] = {}
        mixed = (mix(self.year, self.at, self.elasticities) for mix in (product_mix, export_mix))
        for family, level in (self._imports(), self._home_supply(), self._exports(), *mixed):
            if family is not None:
                families.append(family)
                output[str(family.label)] = level
        return families, output

    def _imports(self) -> tuple[Family | None, FloatArray]:
        """One unit of foreign exchange, less margins at one rate, buys one unit."""
        year, at = self.year, self.at
        bought = year.factors.of_kind("imports")
        level = np.concatenate([year.imports[at.imported], _factor_use(year)[bought]])
        made = np.concatenate([at.foreign, at.factor[bought]])
        kept = np.flatnonzero(level > 0.0)
        if kept.size == 0:
            return None, level
        rate = year.margins / level.sum()
        net = at.spread(np.tile(-rate, (kept.size, 1)), at.home)
        net[:, at.exchange] -= 1.0 - rate.sum()
        net[np.arange(kept.size), made[kept]] += 1.0
        names = [at.goods.name(int(good)) for good in made[kept]]
        return Activities(sp.csr_array(net), names=names, label="imports"), level[kept]

    def _home_supply(self) -> tuple[Family | None, FloatArray]:
        year, at = self.year, self.at
        good = at.imported[at.mixed]
        if good.size == 0:
            return None, np.empty(0)
        there, exported = year.there[good], year.exports.sum(axis=0)[good]
        domestic = np.where(exported > there, there, there - exported)
        total = domestic + year.imports[good]
        mix = np.zeros((good.size, len(at.goods)))
        row = np.arange(good.size)
        mix[row, at.product[good]] = domestic / total
        mix[row, at.foreign[at.mixed]] = year.imports[good] / total
        names = tuple(year.goods[i] for i in good)
        elasticity = self.elasticities.of("home_import", names, year.goods.names)
        return ces(at.home[good], mix, elasticity, names, "home_supply"), total

    def _exports(self) -> tuple[Family | None, FloatArray]:
        year, at = self.year, self.at
        names = year.export_categories.names
        if not names:
            return None, np.empty(0)
        basket = at.spread(year.exports, at.sold) + at.spread(year.exports_primary, at.factor)
        earned = basket.sum(axis=1)
        elasticity = self.elasticities.of("exports", names, names)
        return ces(at.earned, basket / earned[:, None], elasticity, names, "exports"), earned

    # -- consumers --------------------------------------------------------------------------------

    def consumers(self) -> list[Family]:
        """One council per category of final demand; utility is spending at benchmark prices."""
        kinds = np.array(self.year.users.kind, dtype=str)
        spent = self.at.spread(self.year.demand, self.at.home)
        spent += self.at.spread(self.year.demand_primary, self.at.factor)
        households = np.flatnonzero(np.isin(kinds, HOUSEHOLD_KINDS))
        forming = np.flatnonzero(np.isin(kinds, FORMING_KINDS))
        other = np.setdiff1d(np.arange(kinds.size), np.concatenate([households, forming]))
        families: list[Family] = []
        if households.size:
            families.append(self._households(households, spent[households]))
        if other.size:
            families.append(self._fixed(CobbDouglasConsumers, other, spent[other], "government"))
        if forming.size:
            label = "capital_formation"
            families.append(self._fixed(LeontiefConsumers, forming, spent[forming], label))
        surplus = -_deficit(self.year)
        if self.at.exchange >= 0 and surplus > 0.0:
            share = np.zeros((1, len(self.at.goods)))
            share[0, self.at.exchange] = 1.0
            families.append(
                CobbDouglasConsumers(
                    [surplus], sp.csr_array(share), names=("abroad",), label="abroad"
                )
            )
        return families

    def _fixed(
        self,
        kind: type[CobbDouglasConsumers] | type[LeontiefConsumers],
        who: NDArray[np.intp],
        spent: FloatArray,
        label: str,
    ) -> Family:
        budget = spent.sum(axis=1)
        names = tuple(self.year.users[h] for h in who)
        shares = sp.csr_array(spent / budget[:, None])
        if kind is CobbDouglasConsumers:
            return CobbDouglasConsumers(budget, shares, names=names, label=label, normalise=True)
        return LeontiefConsumers(budget, shares, names=names, label=label)

    def _households(self, who: NDArray[np.intp], spent: FloatArray) -> Family:
        names = tuple(self.year.users[h] for h in who)
        of = {
            what: self.elasticities.of(what, names, self.year.users.names)
            for what in ("households", "household_energy", "household_energy_other")
        }
        energy = np.concatenate([self.power, self.fuels])
        bought = np.flatnonzero(spent.sum(axis=0) > 0.0)
        rest = Nest(of["households"], np.setdiff1d(bought, energy).tolist())
        tastes = rest
        if np.isin(energy, bought).any():
            inner = Nest(of["household_energy"], energy.tolist())
            tastes = Nest(of["household_energy_other"], [inner, rest])
        return NestedCESConsumers(
            spent.sum(axis=1),
            NestedCES.from_values(sp.csr_array(spent), tastes),
            names=names,
            label="households",
        )
