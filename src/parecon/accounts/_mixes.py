"""Councils of a calibrated economy that make one good of several by a constant elasticity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import FloatArray, IndexArray
from parecon.accounts._benchmark import Flows
from parecon.accounts._places import FOREIGN_EXCHANGE, Places, sent_abroad
from parecon.accounts.elasticities import Elasticities
from parecon.families import CESWorkers, Family


def ces(
    output_good: IndexArray,
    share: FloatArray,
    elasticity: ArrayLike,
    names: Sequence[str],
    label: str,
) -> CESWorkers:
    """Return councils with constant returns, a unit of output for a unit of money in the year.

    output_good : (m,). share : (m, goods) of cost, rows sum to 1. elasticity : (m,).
    """
    return CESWorkers(
        output_good,
        sp.csr_array(share),
        elasticity,
        returns=1.0,
        productivity=1.0,
        names=tuple(names),
        label=label,
        normalise=True,
    )


def product_mix(
    year: Flows, at: Places, elasticities: Elasticities
) -> tuple[Family | None, FloatArray]:
    """Return who puts together the varieties of each good that several industries make.

    The output aggregation of the IFPRI standard model (Lofgren, Harris and Robinson 2002).
    """
    good, row = np.unique(at.shared_good, return_inverse=True)
    if good.size == 0:
        return None, np.empty(0)
    value = np.asarray(year.make.todense())[at.maker, at.shared_good]
    value *= 1.0 - sent_abroad(year, at)[at.shared_good]
    made = np.bincount(row, weights=value).astype(np.float64)
    share = np.zeros((good.size, len(at.goods)))
    share[row, at.variety] = value / made[row]
    names = [year.goods[i] for i in good]
    elasticity = elasticities.of("makers", names, year.goods.names)
    return ces(at.product[good], share, elasticity, names, "product_mix"), made


def export_mix(
    year: Flows, at: Places, elasticities: Elasticities
) -> tuple[Family | None, FloatArray]:
    """Return who makes foreign exchange of several categories of exports."""
    if len(year.export_categories) < 2:
        return None, np.empty(0)
    earned = year.exports.sum(axis=1) + year.exports_primary.sum(axis=1)
    share = np.zeros((1, len(at.goods)))
    share[0, at.earned] = earned / earned.sum()
    names = [FOREIGN_EXCHANGE]
    elasticity = elasticities.of("export_categories", names, names)
    at_exchange = np.array([at.exchange], dtype=np.int32)
    return ces(at_exchange, share, elasticity, names, "export_mix"), np.array([earned.sum()])
