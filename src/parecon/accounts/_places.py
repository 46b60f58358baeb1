"""Which goods a calibrated economy has, and where each flow of the accounts finds its good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parecon._columns import FloatArray, IndexArray
from parecon.accounts._benchmark import Flows
from parecon.goods import Goods

FOREIGN_EXCHANGE = "foreign_exchange"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Indices of goods.

    product : (n,) the domestic product of each good of the accounts, -1 where nobody makes it.
    home : (n,) what users at home get: the domestic product, the import, or the mix of both.
    abroad : (n,) the variety for export of goods that are sold apart on the two markets, else -1.
    sold : (n,) what is exported: that variety, the domestic product, or what users get where more
    is exported than made. imported, variety : (i,) goods of the accounts with imports, and the
    imported variety of each. mixed : (c,) positions in `imported` where home users get a mix.
    factor : (f,). exchange : foreign exchange, -1 without trade. permit : (c,).
    """

    goods: Goods
    product: IndexArray
    home: IndexArray
    abroad: IndexArray
    sold: IndexArray
    imported: IndexArray
    variety: IndexArray
    mixed: IndexArray
    factor: IndexArray
    exchange: int
    permit: IndexArray

    def spread(self, values: FloatArray, at: IndexArray) -> FloatArray:
        """Rows of values put where the goods stand, (rows, goods); several on one good add up."""
        wide = np.zeros((len(values), len(self.goods)))
        for column, good in enumerate(at):
            if good >= 0:
                wide[:, good] += values[:, column]
        return wide


class _Names:
    """Good names given out one after the other, each once."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.kinds: list[str] = []
        self.units: list[str] = []
        self._taken: set[str] = set()

    def add(self, names: Sequence[str], kind: str, unit: str, tail: str = "") -> IndexArray:
        """Add goods; a name that is taken gets the kind behind it."""
        first = len(self.names)
        for name in names:
            full = name + tail
            while full in self._taken:
                full = f"{full}_{kind.replace(' ', '_')}"
            self._taken.add(full)
            self.names.append(full)
            self.kinds.append(kind)
            self.units.append(unit)
        return np.arange(first, len(self.names), dtype=np.int32)


def places(
    flows: Flows, money: str, permits: Mapping[str, str], apart: Sequence[str] = ()
) -> Places:
    """Lay the goods out.

    money : unit of money, e.g. "million USD". permits : unit by name of extension. apart : goods
    of which another variety is exported than is sold at home, where there is both.
    """
    unit = f"what cost 1 {money} in the benchmark" if money else "benchmark money"
    given, made, n = _Names(), flows.made, len(flows.goods)
    working = np.flatnonzero((made > 0.0) | (flows.imports == 0.0))
    product = np.full(n, -1, dtype=np.int32)
    product[working] = given.add([flows.goods[i] for i in working], "domestic product", unit)
    imported = np.flatnonzero(flows.imports > 0.0).astype(np.int32)
    foreign = [flows.goods[i] for i in imported]
    variety = given.add(foreign, "import", unit, "_import")
    exported = flows.exports.sum(axis=0)
    stays = np.where(exported > made, made, made - exported)  # of the product, in the mix at home
    mixed = np.flatnonzero(stays[imported] > 0.0).astype(np.int32)
    home = product.copy()
    home[imported] = variety
    home[imported[mixed]] = given.add([foreign[c] for c in mixed], "home supply", unit, "_supply")
    parted = flows.goods.positions(apart)
    parted = np.sort(parted[(exported[parted] > 0.0) & (exported[parted] < made[parted])])
    abroad = np.full(n, -1, dtype=np.int32)
    abroad[parted] = given.add([flows.goods[i] for i in parted], "export", unit, "_export")
    factor = np.concatenate(
        [np.empty(0, np.int32)]
        + [given.add([name], kind or "factor", unit) for name, kind in _factors(flows)]
    ).astype(np.int32)
    trade = bool(imported.size or exported.any() or flows.factors.of_kind("imports").size)
    exchange = given.add([FOREIGN_EXCHANGE], "foreign exchange", unit) if trade else [-1]
    permit = np.concatenate(
        [np.empty(0, np.int32)]
        + [
            given.add([name], "pollution permit", unit or "units", "_permit")
            for name, unit in permits.items()
        ]
    ).astype(np.int32)
    return Places(
        goods=Goods(given.names, kind=given.kinds, unit=given.units),
        product=product,
        home=home,
        abroad=abroad,
        sold=np.where(exported > made, home, np.where(abroad >= 0, abroad, product)).astype(
            np.int32
        ),
        imported=imported,
        variety=variety,
        mixed=mixed,
        factor=factor,
        exchange=int(exchange[0]),
        permit=permit,
    )


def _factors(flows: Flows) -> list[tuple[str, str]]:
    return list(zip(flows.factors.names, flows.factors.kind, strict=True))
