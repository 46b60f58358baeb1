"""Small random economies of any mix of families, feasible and bounded by construction.

Goods are resources (endowed or supplied) followed by products (made, endowment 0). Reference prices
are drawn first and every constant-returns technology is scaled to cost at least what it makes at
them, so the dual function is finite there: nothing can be made from nothing. Every product has one
maker that just breaks even and uses some resource, so a positive amount of everything can be made.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

import parecon as pe

CONSUMERS = ("cobb_douglas", "ces", "leontief", "linear", "nested")
WORKERS = (
    "cobb_douglas",
    "effort",
    "ces_falling",
    "ces_constant",
    "nested_falling",
    "nested_constant",
    "joint",
    "activities",
)
SUPPLIES = ("isoelastic", "linear")
TARGETS = ("harmony", "ray", "log", "basket")  # asked for like consumers, in no default mix
# Consumers whose answer to prices is a point, and strictly monotone in the prices of the goods they
# buy.
SMOOTH = ("cobb_douglas", "ces", "nested")
ELASTICITIES = (0.0, 0.2, 0.5, 1.0, 1.0, 1.5, 3.0, 8.0)
TRANSFORMATION = (0.0, 0.3, 1.0, 4.0)
# Above 0: zero elasticity leaves the quantity an answer but not always the prices unique.
SUBSTITUTION = ELASTICITIES[1:]


def random_economy(
    rng,
    *,
    consumers=("cobb_douglas",),
    workers=(),
    supplies=(),
    n_resources: int = 2,
    n_products: int = 3,
    n_households: int = 3,
    second_makers: bool = False,
    needs: bool = False,
    capacity: bool = False,
    consume_resources: bool = True,
):
    """An Economy; products go to the worker families in turn, every consumer family gets
    `n_households` councils.

    With no workers every good is a resource. Goods nobody makes are endowed, or supplied if
    `supplies` says so.
    """
    n_products = max(n_products, len(workers)) if workers else 0
    n = n_resources + n_products
    price = np.exp(rng.uniform(-0.7, 0.7, n))
    endowment = np.concatenate([rng.uniform(2, 10, n_resources), np.zeros(n_products)])
    families, products = [], np.arange(n_resources, n)
    for k, kind in enumerate(workers):
        output_good = products[k :: len(workers)]
        slack = np.zeros(len(output_good))
        if second_makers:
            output_good = np.concatenate([output_good, output_good])
            slack = np.concatenate([slack, rng.uniform(0, 0.2, len(slack))])
        families.append(
            _workers(rng, kind, output_good, price, n_resources, slack, capacity=capacity)
        )
    for k, form in enumerate(supplies):
        families.append(_suppliers(rng, form, k % n_resources, price, label=f"supply_{k}"))
        # The first supplier of a resource is its only source, later ones add to the endowment.
        endowment[k % n_resources] *= k >= n_resources
    first = 0 if consume_resources or not workers else n_resources
    for k, kind in enumerate(consumers):
        wanted = np.zeros((n_households, n))
        wanted[:, first:] = rng.uniform(0.2, 1.0, (n_households, n - first))
        if n_households > 1:  # all but the first household leave some goods out, never all
            drop = rng.random((n_households - 1, n)) < 0.3
            drop[np.arange(n_households - 1), rng.integers(first, n, n_households - 1)] = False
            wanted[1:][drop] = 0.0
            for row in np.flatnonzero(wanted.sum(axis=1) == 0):
                wanted[row, first] = 1.0
        families.append(
            _consumers(
                rng, kind, wanted, price, needs=_needs(rng, wanted) if needs else None, order=k
            )
        )
    return pe.Economy(n, endowment, families)


def _needs(rng, wanted):
    """A little of some goods: no more than 1 % of the smallest endowment, per household."""
    pick = (rng.random(wanted.shape) < 0.4) & (wanted > 0)
    return sp.csr_array(np.where(pick, rng.uniform(0.001, 0.005, wanted.shape), 0.0))


def sparse(dense):
    """CSR without explicit zeros."""
    matrix = sp.csr_array(dense)
    matrix.eliminate_zeros()
    return matrix


def normalised(weights):
    """Rows over their sums."""
    return weights / weights.sum(axis=1, keepdims=True)


def _nests(rng, values, price, scale=None):
    """Two nests of goods under a root; sometimes one deeper."""
    n, m = values.shape[1], values.shape[0]
    goods = rng.permutation(n)
    cut = max(1, n // 2)

    def draw():
        return rng.choice(ELASTICITIES[1:], m)

    left, right = [int(i) for i in goods[:cut]], [int(i) for i in goods[cut:]]
    children = [pe.Nest(draw(), left)]
    if len(right) > 2:
        children.append(pe.Nest(draw(), [right[0], pe.Nest(draw(), right[1:])]))
    else:
        children += right
    return pe.NestedCES.from_values(
        sparse(values), pe.Nest(draw(), children), reference_price=price, scale=scale
    )


def _consumers(rng, kind, wanted, price, *, needs, order):
    if kind in TARGETS:
        return _targets(rng, kind, wanted, order)
    budget = np.exp(rng.uniform(-1, 1.5, len(wanted)))
    keywords = {"needs": needs, "label": f"consumers_{order}"}
    match kind:
        case "cobb_douglas":
            return pe.CobbDouglasConsumers(budget, sparse(normalised(wanted)), **keywords)
        case "ces":
            elasticity = rng.choice(SUBSTITUTION, len(wanted))
            return pe.CESConsumers(budget, sparse(normalised(wanted)), elasticity, **keywords)
        case "leontief":
            return pe.LeontiefConsumers(budget, sparse(wanted), **keywords)
        case "linear":
            return pe.LinearConsumers(budget, sparse(wanted), **keywords)
        case "nested":
            return pe.NestedCESConsumers(budget, _nests(rng, wanted, price), **keywords)
    raise ValueError(kind)


def _targets(rng, form, wanted, order):
    """Some met, some out of reach, in no order of goods."""
    good = rng.permutation(np.flatnonzero(wanted.any(axis=0)))
    return pe.Targets(
        good,
        np.exp(rng.uniform(-2, 2, len(good))),
        np.exp(rng.uniform(-1, 1.5, len(good))),
        "linear" if form == "basket" else form,
        label=f"consumers_{order}",
    )


def _inputs(rng, output_good, price, n_resources):
    """Value shares of inputs: some resource always, at least 40 % of it; never the council's own
    product."""
    n, m = len(price), len(output_good)
    weight = rng.uniform(0.2, 1.0, (m, n)) * (rng.random((m, n)) < 0.7)
    weight[np.arange(m), rng.integers(0, n_resources, m)] = 1.0
    weight[np.arange(m), output_good] = 0.0
    share = normalised(weight)
    resources = share[:, :n_resources].sum(axis=1, keepdims=True)
    # Mixed with resources only: a product's price can then not feed on itself.
    only = share.copy()
    only[:, n_resources:] = 0.0
    return np.where(resources < 0.4, 0.6 * share + 0.4 * normalised(only), share)


def ces_unit_cost(shares, elasticity, price):
    """(sum a p^(1-s))^(1/(1-s)) per row, for dense shares."""
    cost = np.empty(len(shares))
    for j, (a, s) in enumerate(zip(shares, np.broadcast_to(elasticity, len(shares)), strict=True)):
        if s == 1:
            cost[j] = np.exp(a @ np.log(price))
        else:
            cost[j] = (a @ price ** (1 - s)) ** (1 / (1 - s))
    return cost


def _workers(rng, kind, output_good, price, n_resources, slack, *, capacity):
    """`slack` (m,): how much dearer than its product a constant-returns technology is at reference
    prices."""
    m, label = len(output_good), f"workers_{kind}"
    share = _inputs(rng, output_good, price, n_resources)
    sale = price[output_good]
    limit = None
    if capacity:  # some councils bound, never all of them
        limit = np.where(rng.random(m) < 0.5, rng.uniform(0.05, 0.5, m), np.inf)
    falling = rng.choice([0.5, 0.8, 0.9, 0.95], m)
    match kind:
        case "cobb_douglas" | "effort":
            exponents = share * rng.uniform(0.5, 0.85, (m, 1))
            effort = None
            if kind == "effort":  # c/k <= .1/2: degree stays below .9
                effort = pe.Effort(
                    rng.uniform(0.02, 0.1, m), rng.uniform(2, 4, m), rng.uniform(0.1, 2, m)
                )
            return pe.CobbDouglasWorkers(
                output_good, sparse(exponents), rng.uniform(1, 3, m), effort, label=label
            )
        case "ces_falling":
            elasticity, productivity = rng.choice(SUBSTITUTION, m), rng.uniform(1, 3, m)
            return pe.CESWorkers(
                output_good, sparse(share), elasticity, falling, productivity, limit, label=label
            )
        case "ces_constant":
            elasticity = rng.choice(ELASTICITIES, m)
            productivity = ces_unit_cost(share, elasticity, price) / sale / (1 + slack)
            return pe.CESWorkers(
                output_good, sparse(share), elasticity, np.ones(m), productivity, limit, label=label
            )
        case "nested_falling" | "nested_constant":
            return _nested_workers(
                rng, kind, output_good, share, price, slack, falling, limit, n_resources
            )
        case "joint":
            return _joint_workers(rng, output_good, share, price, slack, limit)
        case "activities":
            quantity = -share * (sale * (1 + slack))[:, None] / price
            quantity[np.arange(m), output_good] += 1.0
            return pe.Activities(sparse(quantity), limit, label=label)
    raise ValueError(kind)


def _nested_workers(rng, kind, output_good, share, price, slack, falling, limit, n_resources):
    """A tenth of the cost is an input in fixed proportion, a resource that the tree may use as
    well."""
    m = len(output_good)
    cost = price[output_good] * (1 + slack)
    fixed = np.zeros((m, len(price)))
    fixed[:, 0] = 0.1 * cost / price[0]
    return pe.NestedCESWorkers(
        output_good,
        _nests(rng, share * cost[:, None], price, scale=0.9 * cost),
        returns=falling if kind == "nested_falling" else np.ones(m),
        fixed=sparse(fixed),
        capacity=limit,
        label=f"workers_{kind}",
    )


def _joint_workers(rng, output_good, share, price, slack, limit):
    """Mainly the own product; a little of another council's and of the resource that is used too.

    The one of the first council is a fixed mix, that of others a tree of transformation.
    """
    m = len(output_good)
    made = np.zeros((m, len(price)))
    made[np.arange(m), np.roll(output_good, 1)] = 0.2
    made[np.arange(m), output_good] = 1.0
    made[1::2, 0] = 0.1
    fixed = np.zeros((m, len(price)))
    fixed[:, 0] = 0.1 / price[0]
    elasticity = rng.choice(TRANSFORMATION, m)
    inner = pe.Nest(rng.choice(TRANSFORMATION, m), range(1, len(price)))
    outputs = pe.NestedCES.from_values(
        sparse(made),
        pe.Nest(np.where(np.arange(m) == 0, 0.0, elasticity), [0, inner]),
        reference_price=price,
        scale=1.0 / (1 + slack),
    )
    nests = _nests(rng, share, price, scale=np.full(m, 0.9))
    return pe.JointWorkers(
        nests, outputs, fixed=sparse(fixed), capacity=limit, label="workers_joint"
    )


def _suppliers(rng, form, good, price, *, label):
    """Two suppliers of a good, one of them bounded."""
    quantity, elasticity = rng.uniform(2, 6, 2), rng.uniform(0.3, 2.5, 2)
    maximum = np.array([np.inf, quantity[1] * rng.uniform(0.5, 1.5)])
    reference = price[good] * rng.uniform(0.7, 1.4, 2)
    return pe.Suppliers(
        np.array([good, good]),
        quantity,
        reference,
        elasticity,
        form=form,
        maximum=maximum,
        label=label,
    )
