"""Every kernel again in NumPy: one row at a time, formulas as in the kernels' docstrings.

Where a kernel has a trick against overflow or cancellation, the twin has none and computes in long
double instead, with prices and shares in logarithms. Where a kernel eliminates unknowns by hand,
the twin solves the whole linear system.
"""

from __future__ import annotations

import numpy as np

LONG = np.longdouble


def ranges(start, stop):
    """(row, slice of its entries) of every row."""
    return [(j, slice(int(a), int(b))) for j, (a, b) in enumerate(zip(start, stop, strict=True))]


def dense_row(idx, val, entries, n):
    """(n,) a row with its zeros; entries of the same good add up."""
    # of nothing bincount makes integers
    return np.bincount(idx[entries], weights=val[entries], minlength=n).astype(float)


# rows ---------------------------------------------------------------------------------------------


def dot(start, stop, idx, val, z):
    """(m,) sum over each row of val * z[good]."""
    return np.array([val[e] @ z[idx[e]] for _, e in ranges(start, stop)])


def scatter(start, stop, idx, val, weight, n):
    """(n,) sum over rows of weight * val."""
    total = np.zeros(n)
    for j, e in ranges(start, stop):
        total += weight[j] * dense_row(idx, val, e, n)
    return total


def scatter_signed(start, stop, idx, val, weight, n):
    """(2n,) used as positive numbers, then made."""
    used = scatter(start, stop, idx, np.maximum(-val, 0.0), weight, n)
    return np.concatenate([used, scatter(start, stop, idx, np.maximum(val, 0.0), weight, n)])


def curvature(start, stop, idx, val, alpha_in, out, out_weight, alpha_out, n):
    """(n, n) sum of alpha_out f f' + alpha_in g g', f = w e_out - g; arrays of length 0 as in the
    kernels."""
    total = np.zeros((n, n))
    for j, e in ranges(start, stop):
        g = dense_row(idx, val, e, n)
        if len(alpha_in):
            total += alpha_in[j] * np.outer(g, g)
        if len(out) and out[j] >= 0:
            f = -g
            f[out[j]] += out_weight[j] if len(out_weight) else 1.0
            total += alpha_out[j] * np.outer(f, f)
    return total


# CES ----------------------------------------------------------------------------------------------


def ces_row(coef, log_price, elasticity):
    """(shares, log unit cost) of one CES aggregate, sum of coef one where elasticity is near one.

    log c = log(sum a p^(1-s))/(1-s). Near s = 1 that is a quotient of rounding errors, so it is
    taken about the mean log price there: log c = mean + log1p(sum a expm1((1-s) r))/(1-s).
    """
    coef, logs = coef.astype(LONG), log_price.astype(LONG)
    power = LONG(1) - LONG(elasticity)
    if power == 0:
        return coef / coef.sum(), coef @ logs
    terms = np.log(coef) + power * logs
    weights = np.exp(terms - terms.max())
    share = weights / weights.sum()
    if abs(power) < 0.01:
        mean = coef @ logs
        return share, mean + np.log1p(coef @ np.expm1(power * (logs - mean))) / power
    return share, (terms.max() + np.log(weights.sum())) / power


def ces_response(indptr, idx, coef, elasticity, log_price, spending, worker, out):
    """(spending, log cost, shares, value bought of each good); workers' spending from the costs."""
    m, n = len(indptr) - 1, len(log_price)
    spending = np.array(spending)
    log_cost, share, bought = np.zeros(m), np.zeros(len(coef)), np.zeros(n)
    for j, e in ranges(indptr[:-1], indptr[1:]):
        if e.start == e.stop:
            continue
        g, cost = ces_row(coef[e], log_price[idx[e]], elasticity[j])
        share[e], log_cost[j] = g, cost
        if len(worker):
            power = worker[0, j] + worker[1, j] * cost + worker[2, j] * log_price[out[j]]
            spending[j] = np.exp(power)
        bought += np.bincount(idx[e], weights=spending[j] * share[e], minlength=n)
    return spending, log_cost, share, bought


def ces_tables(values, log_price):
    """(classes, n) table and (classes, 4) form of the CES kernel's contract, in long double."""
    logs = log_price.astype(LONG)
    centre = LONG(0.5 * (log_price.max() + log_price.min()))
    table, form = np.zeros((len(values), len(logs))), np.zeros((len(values), 4))
    for k, s in enumerate(values):
        power = LONG(1) - LONG(s)
        if power == 0:
            table[k], form[k] = logs - centre, (1.0, 0.0, centre, 0.0)
        elif abs(power) < 0.05:
            table[k] = np.expm1(power * (logs - centre)) / power
            form[k] = (1.0, power, centre, 0.0)
        else:
            table[k] = np.exp(np.clip(power * (logs - centre), -700, 700))
            form[k] = (0.0, 1.0, centre, 1 / power)
    return table, form


# Nested CES ---------------------------------------------------------------------------------------


def nested_response(tree, log_index):
    """(log index and cost share of each node, cost share of each leaf) of one tree.

    `tree` has parent (N,), elasticity (N,), theta (N,), leaf_node (L,), leaf_theta (L,); node 0 is
    the root and parents stand before their children.
    """
    count = len(tree["parent"])
    index, within = np.zeros(count, dtype=LONG), np.ones(count, dtype=LONG)
    leaf_within = np.zeros(len(log_index), dtype=LONG)
    for k in reversed(range(count)):
        nodes = np.flatnonzero(tree["parent"] == k)
        leaves = np.flatnonzero(tree["leaf_node"] == k)
        theta = np.concatenate([tree["theta"][nodes], tree["leaf_theta"][leaves]])
        logs = np.concatenate([index[nodes], log_index[leaves].astype(LONG)])
        share, index[k] = ces_row(theta, logs, tree["elasticity"][k])
        within[nodes], leaf_within[leaves] = share[: len(nodes)], share[len(nodes) :]
    for k in range(1, count):
        within[k] *= within[tree["parent"][k]]
    return index, within, leaf_within * within[tree["leaf_node"]]


# Cobb-Douglas workers -----------------------------------------------------------------------------


def loglinear_response(indptr, idx, exponent, constant, power, out, log_price):
    """(value of output of each row, value used of each good then value made)."""
    n = len(log_price)
    value, sums = np.zeros(len(out)), np.zeros(2 * n)
    for j, e in ranges(indptr[:-1], indptr[1:]):
        b = exponent[e].astype(LONG)
        value[j] = np.exp(constant[j] + power[j] * (log_price[out[j]] - b @ log_price[idx[e]]))
        sums[n + out[j]] += value[j]
        sums[:n] += np.bincount(idx[e], weights=value[j] * exponent[e], minlength=n)
    return value, sums


def loglinear_bend(n, indptr, idx, exponent, power, out, value):
    """(diagonal of sum value power (e_o - b)(e_o - b)', the same of absolute terms), (n,) each."""
    bend, terms = np.zeros(n), np.zeros(n)
    for j, e in ranges(indptr[:-1], indptr[1:]):
        b = np.bincount(idx[e], weights=exponent[e], minlength=n)
        made = np.bincount(out[j : j + 1], minlength=n)
        bend += value[j] * power[j] * (made - b) ** 2
        terms += value[j] * power[j] * (made + b) ** 2
    return bend, terms


def row_sums(indptr, exponent):
    """(sum b, sum b log b) of each row."""
    rows = [exponent[e].astype(LONG) for _, e in ranges(indptr[:-1], indptr[1:])]
    return np.array([b.sum() for b in rows]), np.array([b @ np.log(b) for b in rows])


# Linear utility -----------------------------------------------------------------------------------


def linear_step(value, budget, price, x, s, beta, target, correction, step):
    """(dx, ds, dbeta) of one consumer council for a relative price step: the whole linear system.

    x ds + s dx          = target - x s - correction
    ds + v dbeta         = p d + p - beta v - s
    beta v.dx + u dbeta  = budget - beta u
    """
    k = len(x)
    matrix, rhs = np.zeros((2 * k + 1, 2 * k + 1)), np.zeros(2 * k + 1)
    own, slack = np.arange(k), np.arange(k, 2 * k)
    matrix[own, own], matrix[own, slack] = s, x
    rhs[:k] = target - x * s - correction
    matrix[slack, slack], matrix[slack, -1] = 1.0, value
    rhs[k : 2 * k] = price * step + price - beta * value - s
    matrix[-1, :k], matrix[-1, -1] = beta * value, value @ x
    rhs[-1] = budget - beta * (value @ x)
    solution = np.linalg.solve(matrix, rhs)
    return solution[:k], solution[k : 2 * k], solution[-1]
