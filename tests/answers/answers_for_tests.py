"""Small economies whose answers are looked at one by one, and finite differences in log prices."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

import parecon as pe
from economies_for_tests import ces_unit_cost, normalised, random_economy, sparse
from parecon.answers import Market
from parecon.curvature import Curvature
from parecon.problem import Problem

# Of log prices, for four-point differences: truncation (20 STEP)^4/30 where returns of .95 make
# supply move by 20 % per percent, rounding 1e-16/STEP; both below 1e-10.
STEP = 3e-4


def problem_of(economy, n_threads=1):
    """The economy compiled."""
    return Problem(economy, n_threads)


def empty_market(problem):
    """A market without endowment and needs: its sums are those of whoever answers."""
    nothing = np.zeros(problem.n_goods)
    return Market(nothing, nothing, problem.scratch)


def excess(answers, market, price):
    """(n,) supply less demand of these answers at prices, money."""
    market.announce(price)
    for answer in answers:
        answer.respond(market)
    return market.supply - market.demand


def dual(answers, market, price):
    """Their part of the dual."""
    excess(answers, market, price)
    return market.dual


def curvature_of(answers, market):
    """Their curvature at the prices last answered."""
    total = Curvature(market.n_goods)
    for answer in answers:
        answer.curvature(market, total)
    return total


def matrix_of(total, n):
    """(n, n) the curvature by products with unit vectors."""
    return np.array([total.product(unit) for unit in np.eye(n)]).T


def dense_of(total, n):
    """(n, n) the curvature as a dense factorisation would see it."""
    filled = np.empty((n, n))
    total.fill(filled)
    upper = np.triu(filled, 1) + np.tril(filled, -1).T
    return upper + upper.T + np.diag(np.diag(filled) + total.diagonal)


def by_log_price(function, price):
    """Derivative of function(price) in each log price: last axis. Four points, error O(STEP^4)."""
    columns = []
    for i in range(len(price)):
        at = []
        for k in (-2, -1, 1, 2):
            moved = price.copy()
            moved[i] *= np.exp(k * STEP)
            at.append(np.array(function(moved)))
        columns.append((at[0] - 8.0 * at[1] + 8.0 * at[2] - at[3]) / (12.0 * STEP))
    return np.stack(columns, axis=-1)


# Families with unknowns of their own --------------------------------------------------------------

N_GOODS = 6  # three resources, three products
RESOURCES, PRODUCTS = np.arange(3), np.arange(3, 6)


def makers(rng, m):
    """(output goods, value shares of inputs): products in turn, all resources and one product."""
    out = PRODUCTS[np.arange(m) % 3]
    share = rng.uniform(0.2, 1.0, (m, N_GOODS))
    share[:, 3:] = 0.0
    share[np.arange(m), PRODUCTS[(np.arange(m) + 1) % 3]] = 0.4
    return out, normalised(share)


def some_capped(rng, m, size=1.0):
    """(m,) every other council has a capacity."""
    return np.where(np.arange(m) % 2 == 0, np.inf, size * rng.uniform(0.5, 2.0, m))


def loss_of(capacity, rng):
    """(m,) cost over revenue: above one where nothing else bounds the level, on either side with
    a capacity."""
    free = rng.uniform(1.05, 1.5, len(capacity))
    return np.where(np.isfinite(capacity), rng.uniform(0.7, 1.3, len(capacity)), free)


def activities(rng, price):
    """Joint outputs, one input; capacities on some."""
    m = 5
    net = np.zeros((m, N_GOODS))
    for j in range(m):
        net[j, rng.permutation(3)[:2]] = -rng.uniform(0.2, 1.0, 2)
        net[j, 3 + j % 3], net[j, 3 + (j + 1) % 3] = rng.uniform(0.5, 1.0, 2)
    capacity = some_capped(rng, m)
    used = np.where(net < 0, -net, 0) @ price
    made = np.where(net > 0, net, 0) @ price
    net = np.where(net > 0, net * (used / made / loss_of(capacity, rng))[:, None], net)
    return pe.Activities(sparse(net), capacity)


def ces_workers(rng, price, returns):
    """CES techniques; `returns` one or nearly one."""
    m = 6
    out, share = makers(rng, m)
    elasticity = np.array([0.0, 0.5, 1.0, 1.0 + 1e-4, 3.0, 8.0])
    capacity = some_capped(rng, m)
    cost = ces_unit_cost(share, elasticity, price)
    productivity = cost / price[out] / loss_of(capacity, rng)
    return pe.CESWorkers(
        out, sparse(share), elasticity, np.full(m, returns), productivity, capacity
    )


def nested_workers(rng, price, returns=1.0):
    """Two nests below fixed inputs, one of which the tree uses as well and one not."""
    m = 4
    out, share = makers(rng, m)
    share[:, 2] = 0.0
    structure = pe.Nest(
        rng.uniform(0.1, 0.8, m), [0, pe.Nest(rng.uniform(1.2, 4.0, m), [1, 3, 4, 5])]
    )
    scale = rng.uniform(0.5, 2.0, m)
    nests = pe.NestedCES.from_values(
        sparse(normalised(share)), structure, reference_price=rng.uniform(0.5, 2.0, N_GOODS),
        scale=scale,
    )  # fmt: skip
    fixed = sp.csr_array(np.tile([0.2, 0.0, 0.1, 0.0, 0.0, 0.0], (m, 1)))
    fixed.eliminate_zeros()
    capacity = some_capped(rng, m)
    return pe.NestedCESWorkers(
        out, nests, productivity=4.0 * scale / price[out], returns=returns, fixed=fixed,
        capacity=np.where(np.isfinite(capacity), capacity, 50.0),
    )  # fmt: skip


def joint_workers(rng, price):
    """The inputs of nested workers; outputs a good that is used as well, and a nest of products."""
    makers_of_one = nested_workers(rng, price)
    m = makers_of_one.n_councils
    transformation = np.array([0.0, 0.5, 1.0, 4.0])
    values = np.zeros((m, N_GOODS))
    values[:, 3:] = rng.uniform(0.5, 1.0, (m, 3))
    values[1:, 0] = 0.2
    outputs = pe.NestedCES.from_values(
        sparse(values), pe.Nest(transformation, [0, pe.Nest(transformation[::-1], [3, 4, 5])]),
        reference_price=price * rng.uniform(0.8, 1.2, N_GOODS), scale=makers_of_one.productivity,
    )  # fmt: skip
    nests, fixed = makers_of_one.nests, makers_of_one.fixed
    return pe.JointWorkers(nests, outputs, fixed=fixed, capacity=makers_of_one.capacity)


def suppliers(rng, price, form):
    """Below and above their reference price, some bounded."""
    k = 5
    good = RESOURCES[np.arange(k) % 3]
    maximum = np.where(np.arange(k) % 2 == 0, np.inf, rng.uniform(0.5, 2.0, k))
    reference = price[good] * rng.uniform(0.6, 1.6, k)
    return pe.Suppliers(
        good, rng.uniform(0.5, 2, k), reference, rng.uniform(0.4, 2.5, k), form=form,
        maximum=maximum,
    )  # fmt: skip


def linear_consumers(rng):
    """Budgets over three orders of magnitude."""
    value = rng.uniform(0.5, 2.0, (4, N_GOODS))
    value[rng.random(value.shape) < 0.3] = 0.0
    value[:, 4] = 1.0
    return pe.LinearConsumers(np.array([0.05, 1.0, 5.0, 50.0]), sparse(value))


def harmony_targets(rng, price):
    """Met, missed, and too dear at these prices."""
    ratio = np.array([0.1, 0.6, 1.2, 1.8, 2.5, 0.9])
    target = rng.uniform(0.5, 3.0, N_GOODS)
    return pe.Targets(rng.permutation(N_GOODS), target, price * target / ratio)


OWNERS = {
    "activities": activities,
    "ces constant": lambda rng, price: ces_workers(rng, price, 1.0),
    "ces nearly constant": lambda rng, price: ces_workers(rng, price, 0.98),
    "ces falling": lambda rng, price: ces_workers(rng, price, 0.7),
    "nested constant": nested_workers,
    "joint": joint_workers,
    "nested falling": lambda rng, price: nested_workers(rng, price, 0.9),
    "suppliers linear": lambda rng, price: suppliers(rng, price, "linear"),
    "suppliers bounded": lambda rng, price: suppliers(rng, price, "isoelastic"),
    "linear consumers": lambda rng, price: linear_consumers(rng),
    "harmony": harmony_targets,
}


def owners_economy(rng, *kinds):
    """(economy, prices) with these families and consumers whose answer is smooth."""
    price = np.exp(rng.uniform(-0.5, 0.5, N_GOODS))
    endowment = np.full(N_GOODS, 5.0)
    families = []
    for number, kind in enumerate(kinds):
        family = OWNERS[kind](rng, price)
        families.append(family.replace(label=f"family_{number}"))
    budget = rng.uniform(1, 4, 3)
    shares = normalised(rng.uniform(0.2, 1, (3, N_GOODS)))
    families.append(pe.CESConsumers(budget, sparse(shares), np.array([0.5, 1.0, 3.0])))
    return pe.Economy(N_GOODS, endowment, families), price


# Families that are functions of prices ------------------------------------------------------------

SMOOTH = {
    "cobb-douglas consumers": {"consumers": ("cobb_douglas",)},
    "ces consumers": {"consumers": ("ces",)},
    "leontief consumers": {"consumers": ("leontief",)},
    "nested consumers": {"consumers": ("nested",)},
    "cobb-douglas workers": {"workers": ("cobb_douglas",)},
    "workers with effort": {"workers": ("effort",)},
    "ces workers": {"workers": ("ces_falling",), "second_makers": True},
    "suppliers": {"supplies": ("isoelastic",)},
}


def smooth_case(name, seed=0):
    """(problem, the answers of the family in question, an empty market, prices)."""
    rng = np.random.default_rng([seed, len(name)])
    economy = random_economy(rng, **SMOOTH[name], n_products=4, n_resources=3)
    if "suppliers" in name:  # without the maximum that gives them a level
        label = next(f.label for f in economy.families if f.role == "suppliers")
        economy = economy.replace(families={label: {"maximum": None}})
    problem = problem_of(economy)
    wanted = "consumers" if "consumers" in name else name.rsplit(" ", maxsplit=1)[-1]
    wanted = "workers" if "workers" in name else wanted
    answers = [
        answer
        for family, group in zip(economy.families, problem.groups, strict=True)
        if family.role == wanted
        for answer in group
    ]
    price = np.exp(rng.uniform(-1, 1, problem.n_goods))
    return problem, answers, empty_market(problem), price
