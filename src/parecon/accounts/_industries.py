"""Industries of the accounts as worker councils.

Constant returns, a unit of level for each unit of money of output in the benchmark year.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray, row_index
from parecon.accounts._benchmark import Flows
from parecon.accounts._places import Places, sent_abroad
from parecon.accounts.elasticities import Elasticities, Energy
from parecon.economies.calibration import Inputs, nested_technology
from parecon.families import Family, JointWorkers, Nest, NestedCES, NestedCESWorkers

_INPUT_NESTS = {
    "materials_and_value_added": "materials_value_added",
    "materials": "materials",
    "value_added_energy": "value_added_energy",
    "labour_capital": "value_added",
    "utilities_fuels": "power_fuels",
    "fuels": "fuels",
}


def industries(
    year: Flows, at: Places, elasticities: Elasticities, energy: Energy
) -> tuple[list[Family], dict[str, FloatArray]]:
    """Return the industries in one or two families (those that transform fuels), and their output.

    Joint workers where any industry makes several goods, or one for two markets.
    """
    power, fuels = (at.home[year.goods.positions(names)] for names in (energy.power, energy.fuels))
    transforming = np.zeros(len(year.industries), dtype=bool)
    transforming[year.industries.positions(energy.transforming)] = True
    used = at.spread(year.use, at.home) + at.spread(year.primary, at.factor)
    made = _made(year, at)
    joint = bool((np.diff(made.indptr) > 1).any())
    families: list[Family] = []
    output = {}
    for label, member, burnt in (
        ("industries", ~transforming, fuels),
        ("energy_industries", transforming, fuels[:0]),
    ):
        council = np.flatnonzero(member)
        if council.size == 0:
            continue
        names = tuple(year.industries[j] for j in council)
        nests, permits = nested_technology(
            used[council],
            _inputs(at, power, burnt, _of(elasticities, _INPUT_NESTS, names, year)),
            output=year.output[council],
            emissions=year.emitted[council],
            permit_good=at.permit.tolist(),
        )
        mine = made[council]
        if joint:
            mix = NestedCES.from_values(mine, _outputs(year, at, elasticities, names))
            families.append(JointWorkers(nests, mix, fixed=permits, names=names, label=label))
        else:
            families.append(
                NestedCESWorkers(mine.indices, nests, fixed=permits, names=names, label=label)
            )
        output[label] = year.output[council]
    return families, output


def _made(year: Flows, at: Places) -> sp.csr_array:
    """What each industry makes, (m, goods), money of the year.

    Whoever makes a good that is sold apart abroad exports the same part of it.
    """
    good, industry = year.make.indices, row_index(year.make.indptr)
    sent = year.make.data * sent_abroad(year, at)[good]
    value = np.concatenate([year.make.data - sent, sent])
    place = np.concatenate([_own(year, at)[industry, good], at.abroad[good]])
    kept = np.flatnonzero(value > 0.0)
    entries = (value[kept], (np.concatenate([industry, industry])[kept], place[kept]))
    return sp.csr_array(sp.coo_array(entries, shape=(len(year.industries), len(at.goods))))


def _own(year: Flows, at: Places) -> IndexArray:
    """The product or the variety of it that an industry makes of each good, (m, n)."""
    own = np.tile(at.product, (len(year.industries), 1))
    own[at.maker, at.shared_good] = at.variety
    return own


def _outputs(year: Flows, at: Places, elasticities: Elasticities, names: tuple[str, ...]) -> Nest:
    """All products in one nest; a product for two markets is a nest of its own."""
    apart = np.flatnonzero(at.abroad >= 0)
    goods = [year.goods[i] for i in apart]
    transformation = elasticities.of("transformation", goods, year.goods.names)
    markets = [
        Nest(float(t), [*_varieties(at, int(i)), int(at.abroad[i])])
        for i, t in zip(apart, transformation, strict=True)
    ]
    one_market = [
        place
        for i in np.flatnonzero((at.abroad < 0) & (at.product >= 0))
        for place in _varieties(at, int(i))
    ]
    together = elasticities.of("products", names, year.industries.names)
    return Nest(together, [*one_market, *markets])


def _varieties(at: Places, good: int) -> list[int]:
    """The product and all varieties of it; an industry makes at most one of them."""
    return [int(at.product[good]), *at.variety[at.shared_good == good].tolist()]


def _inputs(
    at: Places, power: IndexArray, fuels: IndexArray, elasticity: dict[str, FloatArray]
) -> Inputs:
    energy = np.concatenate([power, fuels])
    materials: NDArray[np.int32] = np.setdiff1d(np.unique(at.home), energy)
    if np.array_equal(elasticity["materials"], elasticity["materials_and_value_added"]):
        del elasticity["materials"]  # a nest of its own would be the same technology
    return Inputs(
        materials=tuple(materials.tolist()),
        power=tuple(power.tolist()),
        fuels=tuple(fuels.tolist()),
        value_added=tuple(at.factor.tolist()),
        elasticity=elasticity,
    )


def _of(
    elasticities: Elasticities, nests: Mapping[str, str], names: tuple[str, ...], year: Flows
) -> dict[str, FloatArray]:
    known = year.industries.names
    return {nest: elasticities.of(name, names, known) for nest, name in nests.items()}
