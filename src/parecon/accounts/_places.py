"""Which goods a calibrated economy has, and where each flow of the accounts finds its good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.accounts._benchmark import Flows
from parecon.goods import Goods

FOREIGN_EXCHANGE = "foreign_exchange"
CONSIDERABLE = 0.1


@dataclass(frozen=True, kw_only=True)
class Places:
    """Indices of goods.

    product : (n,) the domestic product of each good of the accounts, made or drawn from stocks, -1
    where there is none.
    home : (n,) what users at home get: the domestic product, the import, or the mix of both.
    abroad : (n,) the variety for export of goods that are sold apart on the two markets, else -1.
    sold : (n,) what is exported: that variety, the domestic product, or what users get where more
    is exported than there is. imported, foreign : (i,) goods of the accounts with imports, and the
    imported variety of each. mixed : (c,) positions in `imported` where home users get a mix.
    shared_good, maker, variety : (v,) goods of the accounts of which industries make varieties of
    their own, the industry and the variety.
    factor : (f,). exchange : foreign exchange, -1 without trade. earned : (e,) what each category
    of exports earns: foreign exchange, or, where there are several, a good of its own. permit :
    (c,).
    """

    goods: Goods
    product: IndexArray
    home: IndexArray
    abroad: IndexArray
    sold: IndexArray
    imported: IndexArray
    foreign: IndexArray
    mixed: IndexArray
    shared_good: IndexArray
    maker: IndexArray
    variety: IndexArray
    factor: IndexArray
    exchange: int
    earned: IndexArray
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

    def add(
        self, names: Sequence[str], kind: str | Sequence[str], unit: str, tail: str = ""
    ) -> IndexArray:
        """Add goods, of one kind or each of its own; a name that is taken gets the kind behind."""
        first = len(self.names)
        kinds = [kind] * len(names) if isinstance(kind, str) else kind
        for name, own in zip(names, kinds, strict=True):
            full = name + tail
            while full in self._taken:
                full = f"{full}_{own.replace(' ', '_')}"
            self._taken.add(full)
            self.names.append(full)
            self.kinds.append(own)
            self.units.append(unit)
        return np.arange(first, len(self.names), dtype=np.int32)


def places(
    flows: Flows,
    money: str,
    permits: Mapping[str, str],
    *,
    apart: Sequence[str] = (),
    shared: Sequence[str] = (),
) -> Places:
    """Lay the goods out.

    money : unit of money, e.g. "million USD". permits : unit by name of extension. apart : goods
    of which another variety is exported than is sold at home, where there is both. shared : goods
    of which every considerable maker makes a variety of its own, where there are several.
    """
    unit = f"what cost 1 {money} in the benchmark" if money else "benchmark money"
    given, made, there, n = _Names(), flows.made, flows.there, len(flows.goods)
    working = np.flatnonzero((there > 0.0) | (flows.imports == 0.0))
    product = np.full(n, -1, dtype=np.int32)
    kind = np.where((made > 0.0) | (there == 0.0), "domestic product", "stocks drawn")[working]
    product[working] = given.add([flows.goods[i] for i in working], kind.tolist(), unit)
    imported = np.flatnonzero(flows.imports > 0.0).astype(np.int32)
    names = [flows.goods[i] for i in imported]
    foreign = given.add(names, "import", unit, "_import")
    exported = flows.exports.sum(axis=0)
    stays = np.where(exported > there, there, there - exported)  # in the mix at home
    mixed = np.flatnonzero(stays[imported] > 0.0).astype(np.int32)
    home = product.copy()
    home[imported] = foreign
    home[imported[mixed]] = given.add([names[c] for c in mixed], "home supply", unit, "_supply")
    parted = flows.goods.positions(apart)
    parted = np.sort(parted[(exported[parted] > 0.0) & (exported[parted] < made[parted])])
    abroad = np.full(n, -1, dtype=np.int32)
    abroad[parted] = given.add([flows.goods[i] for i in parted], "export", unit, "_export")
    maker, shared_good = _makers(flows, flows.goods.positions(shared))
    pairs = zip(shared_good, maker, strict=True)
    by_maker = [f"{flows.goods[i]}_by_{flows.industries[j]}" for i, j in pairs]
    variety = given.add(by_maker, "variety", unit)
    factor = np.concatenate(
        [np.empty(0, np.int32)]
        + [given.add([name], kind or "factor", unit) for name, kind in _factors(flows)]
    ).astype(np.int32)
    trade = bool(imported.size or exported.any() or flows.factors.of_kind("imports").size)
    exchange = given.add([FOREIGN_EXCHANGE], "foreign exchange", unit) if trade else [-1]
    categories = flows.export_categories.names
    earned = np.full(len(categories), exchange[0], dtype=np.int32)
    if len(categories) > 1:
        earned = given.add(categories, "exports", unit)
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
        sold=np.where(exported > there, home, np.where(abroad >= 0, abroad, product)).astype(
            np.int32
        ),
        imported=imported,
        foreign=foreign,
        mixed=mixed,
        shared_good=shared_good,
        maker=maker,
        variety=variety,
        factor=factor,
        exchange=int(exchange[0]),
        earned=earned,
        permit=permit,
    )


def sent_abroad(flows: Flows, at: Places) -> FloatArray:
    """Of what is made of each good, the part that is sold apart abroad, (n,)."""
    exported = flows.exports.sum(axis=0)
    return np.divide(exported, flows.made, out=np.zeros(exported.size), where=at.abroad >= 0)


def _makers(flows: Flows, shared: NDArray[np.intp]) -> tuple[IndexArray, IndexArray]:
    """Industry and good of every variety of the shared goods that have several makers.

    Considerable is a maker of a good that makes at least this part of it, or lives on it by at
    least this part: others make the good itself, a by-product too small to be told apart.
    """
    make = sp.coo_array(flows.make)
    part = np.maximum(make.data / flows.made[make.col], make.data / flows.output[make.row])
    kept = (part >= CONSIDERABLE) & np.isin(make.col, shared)
    makers = np.bincount(make.col[kept], minlength=len(flows.goods))
    kept &= makers[make.col] > 1
    order = np.lexsort((make.row[kept], make.col[kept]))
    return make.row[kept][order].astype(np.int32), make.col[kept][order].astype(np.int32)


def _factors(flows: Flows) -> list[tuple[str, str]]:
    return list(zip(flows.factors.names, flows.factors.kind, strict=True))
