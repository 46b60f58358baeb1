"""Proposals are possible and the best: quantities against the primal formulas, values against the
dual's.

The dual side (unit costs, DESIGN section 3) comes from the reference in plain Python, the primal
side is written out here: q = A prod x^b e^c, q = A Z(x)^r, y bounded by fixed inputs.
"""

from __future__ import annotations

import numpy as np
import pytest

from answers.answers_for_tests import OWNERS, SMOOTH, owners_economy, problem_of, smooth_case
from parecon.draft import drafts
from parecon.proposals import supply_and_demand
from parecon.utility import utilities
from reference.dual import unit_costs
from reference.trees import of_consumers, of_outputs, of_workers

CONSUMERS = [name for name in SMOOTH if "consumers" in name]
BARRIER = 0.05


def aggregate(trees, quantity):
    """(m,) value of each tree's root at leaf quantities: children weighed by share^(1/s)."""
    z = quantity / trees.leaf_unit
    node = np.full(len(trees.node_parent), np.nan)
    for k in reversed(range(len(node))):
        leaves, nodes = np.flatnonzero(trees.leaf_node == k), np.flatnonzero(trees.node_parent == k)
        share = np.concatenate([trees.leaf_share[leaves], trees.node_share[nodes]])
        values = np.concatenate([z[leaves], node[nodes]])
        s = trees.node_elasticity[k]
        if s == 0.0:
            node[k] = values.min()
        else:  # about the geometric mean, so that nothing cancels near s = 1
            logs, power = np.log(values), (s - 1.0) / s
            mean = share @ logs
            bend = np.log1p(share @ np.expm1(power * (logs - mean))) / power if power else 0.0
            node[k] = np.exp(mean + bend)
    return node[trees.root]


def row_sums(family, per_entry):
    """(m,) sums over the council's entries."""
    pointer, _ = family.pattern()
    council = np.repeat(np.arange(family.n_councils), np.diff(pointer))
    return np.bincount(council, weights=per_entry, minlength=family.n_councils)


def drafted(problem, role):
    """(family, its values) of the first family of the role, at the market's prices."""
    return next((d.family, d.values) for d in drafts(problem) if d.family.role == role)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CONSUMERS)
def test_consumers_get_what_their_budget_buys(name, seed) -> None:
    """u(x) = b/c(p) and p.x = b: no quantities with that budget are better."""
    problem, _, _, price = smooth_case(name, seed)
    problem.respond(price)
    family, values = drafted(problem, "consumers")
    _, good = family.pattern()
    quantity = values["quantity"]
    np.testing.assert_allclose(row_sums(family, quantity * price[good]), family.budget, rtol=1e-12)
    trees = of_consumers(family)
    best = family.budget / unit_costs(trees, price)
    if name == "leontief consumers":  # the tree's shares are the bundle over its sum
        best = family.budget / (family.bundle @ price)
    np.testing.assert_allclose(utilities(family, quantity), best, rtol=1e-11)
    if name != "leontief consumers":
        np.testing.assert_allclose(aggregate(trees, quantity), best, rtol=1e-11)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["cobb-douglas workers", "workers with effort"])
def test_cobb_douglas_workers_make_what_they_say(name, seed) -> None:
    """q = A prod x^b e^c; inputs cost b times the revenue, effort the share c/k of it."""
    problem, _, _, price = smooth_case(name, seed)
    problem.respond(price)
    family, values = drafted(problem, "workers")
    b = family.exponents.data
    _, good = family.pattern()
    made = family.productivity * np.exp(row_sums(family, b * np.log(values["input"])))
    revenue = price[family.output_good] * values["output"]
    if family.effort is not None:
        c, k = family.effort.exponent, family.effort.power
        made = made * values["effort"] ** c
        pay = family.effort.scale * values["effort"] ** k
        np.testing.assert_allclose(pay, c / k * revenue, rtol=1e-12)
    np.testing.assert_allclose(values["output"], made, rtol=1e-11)
    spent = values["input"] * price[good]
    council = np.repeat(np.arange(family.n_councils), np.diff(family.exponents.indptr))
    np.testing.assert_allclose(spent, b * revenue[council], rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_ces_workers_make_what_they_say(seed) -> None:
    """q = A z^r with z the aggregate of the inputs; cost is r times the revenue."""
    problem, _, _, price = smooth_case("ces workers", seed)
    problem.respond(price)
    family, values = drafted(problem, "workers")
    _, good = family.pattern()
    z = aggregate(of_workers(family), values["input"])
    np.testing.assert_allclose(values["level"], z, rtol=1e-11)
    np.testing.assert_allclose(
        values["output"], family.productivity * z**family.returns, rtol=1e-11
    )
    cost = row_sums(family, values["input"] * price[good])
    revenue = price[family.output_good] * values["output"]
    np.testing.assert_allclose(cost, family.returns * revenue, rtol=1e-11)


WORKERS = ("ces constant", "ces nearly constant", "ces falling", "nested constant",
           "nested falling")  # fmt: skip


@pytest.mark.parametrize("kind", WORKERS)
def test_levels_are_made_from_their_inputs(kind) -> None:
    """At whatever level: Z(x) = y at least cost, fixed inputs y times their quantity, q = A y^r."""
    economy, price = owners_economy(np.random.default_rng(6), kind)
    problem = problem_of(economy)
    problem.market.announce(price)
    for answer in problem.inner:
        answer.start(problem.market, BARRIER)
        answer.level *= np.random.default_rng(1).uniform(0.5, 2.0, len(answer.level))
    problem.respond(price)
    family, values = drafted(problem, "workers")
    y = values["level"]
    np.testing.assert_allclose(aggregate(of_workers(family), values["input"]), y, rtol=1e-11)
    np.testing.assert_allclose(
        values["output"], family.productivity * y**family.returns, rtol=1e-12
    )
    _, good = family.pattern()
    cost = row_sums(family, values["input"] * price[good])
    np.testing.assert_allclose(cost, y * unit_costs(of_workers(family), price), rtol=1e-11)
    if values.get("fixed_input") is not None:
        length = np.diff(family.fixed.indptr)
        np.testing.assert_allclose(
            values["fixed_input"], np.repeat(y, length) * family.fixed.data, rtol=1e-13
        )


def test_joint_workers_make_the_dearest_mix_from_their_inputs() -> None:
    """Z(x) = y at least cost, T(q) = y at greatest revenue: trees of elasticities below zero."""
    economy, price = owners_economy(np.random.default_rng(6), "joint")
    problem = problem_of(economy)
    problem.market.announce(price)
    problem.inner[0].start(problem.market, BARRIER)
    problem.inner[0].level *= [0.5, 1.0, 1.5, 2.0]
    problem.respond(price)
    family, values = drafted(problem, "workers")
    y, outputs = values["level"], of_outputs(family)
    np.testing.assert_allclose(aggregate(of_workers(family), values["input"]), y, rtol=1e-11)
    cost = row_sums(family, values["input"] * price[family.pattern()[1]])
    np.testing.assert_allclose(cost, y * unit_costs(of_workers(family), price), rtol=1e-11)
    # of transformation 0, in either tree of the first and last council, the greatest is what counts
    smooth = slice(1, 3)
    np.testing.assert_allclose(aggregate(outputs, values["outputs"])[smooth], y[smooth], rtol=1e-11)
    start, good = family.made_pattern()
    earned = np.add.reduceat(values["outputs"] * price[good], start[:-1])
    np.testing.assert_allclose(earned, y * unit_costs(outputs, price), rtol=1e-11)
    np.testing.assert_allclose(
        values["fixed_input"], np.repeat(y, np.diff(family.fixed.indptr)) * family.fixed.data
    )


@pytest.mark.parametrize("kind", OWNERS)
def test_market_sums_are_the_proposals(kind) -> None:
    """Values in the market and quantities in the drafts tell the same story."""
    economy, price = owners_economy(np.random.default_rng(8), kind)
    problem = problem_of(economy)
    problem.market.announce(price)
    for answer in problem.inner:
        answer.start(problem.market, BARRIER)
    market = problem.respond(price)
    supply, demand = np.array(economy.endowment), np.zeros(problem.n_goods)
    for draft in drafts(problem):
        proposals = draft.final(price)
        given, taken = supply_and_demand(draft.family, proposals, problem.n_goods)
        supply, demand = supply + given, demand + taken
    np.testing.assert_allclose(price * supply, market.supply, rtol=1e-12)
    # consumers with linear utility may not overdraw their budget: scaled back, never up
    if kind == "linear consumers":
        assert np.all(price * demand <= market.demand * (1.0 + 1e-12))
    else:
        np.testing.assert_allclose(price * demand, market.demand, rtol=1e-12)


def test_linear_consumers_never_overdraw() -> None:
    """Budgets hold to rounding, whatever the quantities of an unfinished solve are."""
    economy, price = owners_economy(np.random.default_rng(8), "linear consumers")
    problem = problem_of(economy)
    problem.market.announce(price)
    (answer,) = problem.inner
    answer.start(problem.market, BARRIER)
    family = economy.families[0]
    for factor in (0.5, 1.0, 3.0):
        x = answer.x.copy()
        answer.x *= factor
        problem.respond(price)
        quantity = answer.proposal(problem.market)["quantity"]
        spent = row_sums(family, quantity * price[family.pattern()[1]])
        assert np.all(spent <= family.budget * (1.0 + 1e-14))
        if factor < 1.0:
            np.testing.assert_array_equal(quantity, answer.x)
        answer.x = x
