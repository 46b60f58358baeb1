"""What a unit of each good contains of some good, labour say, through the plan's own inputs.

With M_i what is made of good i and a_ij the part of council j's inputs that belongs to it (all of
them; of joint outputs by value), Z_ik = sum_j a_ij x_jk / M_i is the input k per unit of i, and

    v = Z v + f ,

f being the weight of the goods contained, 0 of other goods that are not made: v = l (I - A)^-1 at
the plan's own A and l. It needs prices only to share joint costs. The same system with other f says
what a price is made of:

    p = wages + other + rents + what zero profit leaves ,

each of them through the whole chain: f = p of the goods contained, f = p of other goods that are
not made, and rents of capacities, surplus of decreasing returns and effort per unit made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray, weighted_count
from parecon.explanation.chain import Chain, Makers
from parecon.objectives.wanted import Weighed
from parecon.plan import Plan

# Tolerances, of the average good's value: techniques that idle are left with levels of that size.
_NEGLIGIBLE = 10.0


@dataclass(frozen=True, eq=False)
class Content:
    """Of one unit of each good, (n,); nan where the good could be made and is not.

    labour : weights times physical units of the goods contained, 0 in other goods that nobody
        makes.
    wages : money, what the goods contained cost. other : money, of all else that is scarce.
    passed : money, the value of everything made or used along the chain, the good itself included:
        what an error of one relative size in every maker's cost adds up to.
    """

    labour: FloatArray
    wages: FloatArray
    other: FloatArray
    passed: FloatArray


def content(plan: Plan, contained: Weighed) -> Content:
    """Follow every good's inputs to where they come from; nan everywhere if that has no end."""
    chain, n = Chain(plan), plan.economy.n_goods
    price = chain.price
    weight = contained.vector(n)
    inputs, kept, made, could = _unit_inputs(chain)
    last = ~made | (weight > 0.0)
    inputs = sp.diags_array(np.where(last, 0.0, 1.0)) @ inputs
    kept = np.where(last, 0.0, kept)
    sources = np.column_stack(
        [
            weight,
            np.where(weight > 0.0, price, 0.0),
            np.where(last & (weight == 0.0), price, kept),
            price,
        ]
    )
    found = _solved(inputs, sources)
    found[could & ~made & (weight == 0.0)] = np.nan
    return Content(*np.ascontiguousarray(found.T))


def _unit_inputs(chain: Chain) -> tuple[sp.csr_array, FloatArray, np.ndarray, np.ndarray]:
    """(Z (n, n), money kept per unit made, whether made, whether somebody could make it), (n,)."""
    n = len(chain.price)
    total = np.zeros(n)
    for maker in chain.makers:
        total += weighted_count(maker.made.indices, maker.made.data, n)
    average = chain.plan.economy.total_budget / n
    tol = float(chain.plan.settings.get("tol", 1e-6))
    made = (total > 0.0) & (chain.price * total > _NEGLIGIBLE * tol * average)
    per_unit = np.divide(1.0, total, out=np.zeros(n), where=made)
    inputs, kept = sp.csr_array((n, n)), np.zeros(n)
    for maker in chain.makers:
        shares = sp.diags_array(per_unit) @ _shares(maker, chain.price).T
        inputs = inputs + shares @ maker.used
        kept += shares @ (maker.rent + maker.surplus + maker.effort)
    return sp.csr_array(inputs), kept, made, chain.made


def _shares(maker: Makers, price: FloatArray) -> sp.csr_array:
    """(m, n) part of each council's inputs that belongs to each good it makes; rows sum to 1."""
    made = maker.made.copy()
    length = np.diff(made.indptr)
    value = made.data * price[made.indices]
    revenue = np.repeat(maker.revenue, length)
    # outputs worth nothing share alike
    made.data = np.where(revenue > 0.0, value / np.where(revenue > 0.0, revenue, 1.0), 0.0)
    made.data[revenue <= 0.0] = (1.0 / np.repeat(length, length))[revenue <= 0.0]
    return made


def _solved(inputs: sp.csr_array, sources: FloatArray) -> FloatArray:
    """(n, k) v = Z v + f of each column f; nan where goods go into themselves for ever."""
    from scipy.sparse.linalg import splu

    n = len(sources)
    matrix = sp.csc_array(sp.eye_array(n, format="csc") - inputs)
    try:
        found = splu(matrix).solve(sources)
    except RuntimeError:  # exactly singular
        return np.full(sources.shape, np.nan)
    good = np.isfinite(found).all() and np.all(found >= -1e-9 * np.abs(found).max())
    return np.asarray(found) if good else np.full(sources.shape, np.nan)
