"""The dual function Phi(p) of any economy, council by council in plain Python: slow, and readable
as the formulas.

Phi(p) = p.(endowment - needs) + sum C*(p) + sum pi(p) - sum b log c(p) + sum b (log b - 1). It is
an upper bound on the welfare of every feasible plan, so a plan and prices at which the two agree
prove each other optimal.
"""

from __future__ import annotations

import math

import numpy as np

from reference.trees import Trees, cobb_douglas_weights, of_consumers, of_outputs, of_workers


def unit_costs(trees: Trees, price) -> np.ndarray:
    """(m,) cost of one unit of each tree's root at prices `price` (n,), effort leaves excluded by
    the caller.

    In calibrated form with quantities in leaf units: the price index of a child is its unit's cost
    relative to its share, I_k = [sum share I^(1-s)]^(1/(1-s)), and one unit of the root costs
    I_root.
    """
    index = np.full(len(trees.node_parent), np.nan)
    # I of a leaf = unit * price / share of the path, so that shares along the path add to the cost
    # of one unit.
    path = np.array(trees.node_share, float)
    for k, parent in enumerate(trees.node_parent):
        if parent >= 0:
            path[k] *= path[parent]
    for k in reversed(range(len(index))):
        children = [(trees.node_share[c], index[c]) for c in np.flatnonzero(trees.node_parent == k)]
        for leaf in np.flatnonzero(trees.leaf_node == k):
            whole = path[k] * trees.leaf_share[leaf]
            leaf_index = trees.leaf_unit[leaf] * price[trees.leaf_good[leaf]] / whole
            children.append((trees.leaf_share[leaf], leaf_index))
        index[k] = _index(children, float(trees.node_elasticity[k]))
    return index[trees.root]


def _index(children: list[tuple[float, float]], s: float) -> float:
    if abs(s - 1) < 1e-12:
        return math.exp(math.fsum(a * math.log(i) for a, i in children))
    if s > 1 and any(i == 0 for _, i in children):
        return 0.0
    # The largest term is taken out, so that elasticities of 100 and prices near 0 neither overflow
    # nor vanish.
    logs = [(a, (1 - s) * math.log(i)) for a, i in children if i > 0]
    top = max(v for _, v in logs)
    return math.exp((top + math.log(math.fsum(a * math.exp(v - top) for a, v in logs))) / (1 - s))


def dual_value(economy, price, *, profit_tol: float = 0.0) -> float:
    """Phi at `price` (n,), money. inf where an uncapped constant-returns council profits.

    Prices from a solver miss zero profit by its tolerance: profits up to `profit_tol` times the
    greatest price per unit count as none. (The economies of these tests count goods in units of
    order one.)
    """
    price = np.asarray(price, float)
    total = float(price @ np.asarray(economy.endowment, float))
    for family in economy.families:
        total += _PARTS[family.role](family, price, profit_tol * price.max())
    return total


def _consumer_value(family, price, _tol) -> float:
    budget = np.asarray(family.budget, float)
    if type(family).__name__ == "Targets":
        return _target_value(family, price)
    if type(family).__name__ == "LinearConsumers":
        cost = np.array(
            [_cheapest(family.value[[h], :].tocoo(), price) for h in range(len(budget))]
        )
    else:
        cost = unit_costs(of_consumers(family), price)
    value = math.fsum(
        b * (math.log(b) - 1 - math.log(c)) for b, c in zip(budget, cost, strict=True)
    )
    if getattr(family, "needs", None) is not None:
        value -= float(price @ np.asarray(family.needs.sum(axis=0)).ravel())
    return value


def _target_value(family, price) -> float:
    """max over x of the targets' value less p.x, target by target or of all together."""
    total, rows = float(np.sum(family.weight)), []
    for good, target, weight in zip(family.good, family.target, family.weight, strict=True):
        rows.append((price[good] * target, weight))
    if family.form == "ray":
        return total * (math.log(total) - 1 - math.log(math.fsum(cost for cost, _ in rows)))
    if family.form == "linear":
        best = min(cost * total / weight for cost, weight in rows)
        return total * (math.log(total) - 1 - math.log(best))
    return math.fsum(_best_of(cost, weight, family.form) for cost, weight in rows)


def _best_of(cost: float, weight: float, form: str) -> float:
    """max over r >= 0 of w H(r - 1) - cost r, where H' = cost / w or at r = 0."""
    if form == "log" or cost <= weight:
        return weight * math.log(weight / cost) - weight
    r = max(2 - cost / weight, 0.0)
    return weight * ((r - 1) - (r - 1) ** 2 / 2) - cost * r


def _cheapest(row, price) -> float:
    return min(price[i] / v for i, v in zip(row.coords[1], row.data, strict=True))


def _worker_value(family, price, tol) -> float:
    m, kind = family.n_councils, type(family).__name__
    if kind == "Activities":
        profit = family.net_output @ price
        capacity = (
            np.full(m, np.inf) if family.capacity is None else np.asarray(family.capacity, float)
        )
        return math.fsum(_rent(r, cap, tol) for r, cap in zip(profit, capacity, strict=True))
    if kind == "JointWorkers":
        return _joint_value(family, price, tol)
    sale = price[np.asarray(family.output_good)]
    productivity = np.broadcast_to(np.asarray(family.productivity, float), (m,))
    if kind == "CobbDouglasWorkers":
        return _cobb_douglas_profit(family, price, sale, productivity)
    cost = unit_costs(of_workers(family), price)
    if getattr(family, "fixed", None) is not None:
        cost = cost + family.fixed @ price
    returns = np.broadcast_to(np.asarray(family.returns, float), (m,))
    capacity = np.inf if family.capacity is None else np.asarray(family.capacity, float)
    capacity = np.broadcast_to(capacity, (m,))
    return math.fsum(
        _profit(p, c, a, r, cap, tol)
        for p, c, a, r, cap in zip(sale, cost, productivity, returns, capacity, strict=True)
    )


def _joint_value(family, price, tol) -> float:
    """cap max(0, r - c), with the unit revenue r that of a tree of elasticities below zero."""
    m = family.n_councils
    profit = unit_costs(of_outputs(family), price) - unit_costs(of_workers(family), price)
    if family.fixed is not None:
        profit = profit - family.fixed @ price
    capacity = np.full(m, np.inf) if family.capacity is None else family.capacity
    return math.fsum(_rent(r, cap, tol) for r, cap in zip(profit, capacity, strict=True))


def _rent(profit: float, capacity: float, tol: float) -> float:
    if math.isfinite(capacity):
        return capacity * max(0.0, profit)
    return math.inf if profit > tol else 0.0


def _profit(p: float, c: float, a: float, r: float, capacity: float, tol: float) -> float:
    """max p q - c (q/A)^(1/r) over 0 <= q <= capacity."""
    if r == 1:
        return _rent(p - c / a, capacity, tol)
    log_q = (math.log(a) + r * math.log(r * p / c)) / (1 - r)
    # Compared as logarithms: at prices near 0 the uncapped answer may be beyond the range of
    # numbers.
    q = math.exp(min(log_q, math.log(capacity) if math.isfinite(capacity) else math.inf))
    return p * q - c * (q / a) ** (1 / r)


def _cobb_douglas_profit(family, price, sale, productivity) -> float:
    """pi = D p q with log q = [log A + sum b log(b/p) + (c/k) log(c/(k ks)) + (sum b + c/k) log
    p_o] / D."""
    weights, total = cobb_douglas_weights(family).tocsr(), 0.0
    for j in range(family.n_councils):
        log_q, degree = math.log(productivity[j]), 0.0
        for at in range(weights.indptr[j], weights.indptr[j + 1]):
            good, b = weights.indices[at], weights.data[at]
            if good < family.n_goods:
                unit_price = price[good]
            else:  # f = e^k bought at the disutility scale
                unit_price = float(np.broadcast_to(family.effort.scale, (family.n_councils,))[j])
            log_q += b * math.log(b * sale[j] / unit_price)
            degree += b
        total += (1 - degree) * sale[j] * math.exp(log_q / (1 - degree))
    return total


def _supplier_value(family, price, _tol) -> float:
    k = len(np.asarray(family.good))
    columns = (
        family.quantity,
        family.price,
        family.elasticity,
        np.inf if family.maximum is None else family.maximum,
    )
    q0, p0, eta, top = (np.broadcast_to(np.asarray(v, float), (k,)) for v in columns)
    p = price[np.asarray(family.good)]
    if family.form == "isoelastic":
        s = np.minimum(q0 * (p / p0) ** eta, top)
        cost = p0 * q0 * eta / (1 + eta) * (s / q0) ** ((1 + eta) / eta)
    else:
        s = np.minimum(np.maximum(0.0, q0 * (1 + eta * (p / p0 - 1))), top)
        cost = p0 * s * (1 - 1 / eta) + p0 * s**2 / (2 * q0 * eta)
    return math.fsum(p * s - cost)


_PARTS = {"consumers": _consumer_value, "workers": _worker_value, "suppliers": _supplier_value}
