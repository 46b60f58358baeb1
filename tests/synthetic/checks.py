"""What planted plans are proved with: sums over councils and the dual, written out anew.

Nothing here calls the generators; matrices are made dense.
"""

from __future__ import annotations

import numpy as np

from parecon import Economy


def arrays_of(economy: Economy) -> dict[str, np.ndarray]:
    """Every array of an economy, by label and column; for comparing economies bit by bit."""
    found = {"endowment": economy.endowment}
    for family in economy.families:
        for column in family.columns:
            value = getattr(family, column.name)
            name = f"{family.label}.{column.name}"
            if column.kind == "matrix" and value is not None:
                found |= {f"{name}.{part}": getattr(value, part) for part in ("data", "indices")}
                found[f"{name}.indptr"] = value.indptr
            elif column.kind == "effort" and value is not None:
                parts = ("exponent", "power", "scale")
                found |= {f"{name}.{part}": np.asarray(getattr(value, part)) for part in parts}
            elif value is not None:
                found[name] = np.asarray(value)
    return found


def same(left: Economy, right: Economy) -> bool:
    """Whether two economies agree in every bit."""
    a, b = arrays_of(left), arrays_of(right)
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def on_pattern(family, entries: np.ndarray) -> np.ndarray:
    """Dense (councils, goods) matrix of numbers on a family's own sparsity."""
    indptr, goods = family.pattern()
    dense = np.zeros((family.n_councils, family.n_goods))
    dense[np.repeat(np.arange(family.n_councils), np.diff(indptr)), goods] = entries
    return dense


def sums_to_one(matrix) -> bool:
    """Whether every row sums to one."""
    return np.allclose(matrix.sum(axis=1), 1.0, rtol=0, atol=1e-12)


def ces_unit_cost(shares: np.ndarray, elasticity: np.ndarray, price: np.ndarray) -> np.ndarray:
    """(sum_i a_i p_i^(1-s))^(1/(1-s)), or prod p_i^a_i at s = 1; by rows of a dense matrix."""
    cost = np.empty(elasticity.size)
    for j, (share, s) in enumerate(zip(shares, elasticity, strict=True)):
        if s == 1.0:
            cost[j] = np.prod(price**share)
        else:
            cost[j] = (share @ price ** (1.0 - s)) ** (1.0 / (1.0 - s))
    return cost
