"""Means, sums and trees of the certificate against exact or high-precision arithmetic."""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from certificate.drafted import Drafted, random_plan, tree_levels
from economies_for_tests import CONSUMERS, WORKERS, random_economy
from parecon.certificate import groups
from parecon.certificate.clearance import exact_sums
from parecon.certificate.forms import aggregate_of
from parecon.certificate.groups import blocks, group_min, group_sum, log_power_mean
from parecon.certificate.joint import JointJudge
from reference.trees import of_consumers, of_outputs, of_workers
from transforms import permute_councils, permute_goods, scale_money

EXPONENTS = [0.0, 1e-15, -1e-12, 1e-9, -1e-6, 0.01, -0.01, 0.5, 1.0, -1.0, 0.99, -99.0, 99.0, -1e6]


def decimal_log_mean(value, weight, r):
    """log of the weighted power mean to 60 digits."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 60, MAX_EMAX, MIN_EMIN
        w = [Decimal(float(a)) for a in weight]
        total = sum(w)
        logs = [Decimal(float(v)) for v in value]
        if r == 0.0:
            return float(sum(a * v for a, v in zip(w, logs, strict=True)) / total)
        q = Decimal(float(r))
        mean = sum(a * (q * v).exp() for a, v in zip(w, logs, strict=True)) / total
        return float(mean.ln() / q)


@pytest.mark.parametrize("r", EXPONENTS)
@pytest.mark.parametrize("spread", [1e-9, 1.0, 30.0])
def test_power_means_are_right_to_the_last_digits(r, spread):
    rng = np.random.default_rng(7)
    for n in (1, 2, 5, 20):
        log_value = rng.normal(0.0, spread, n) + rng.normal()
        weight = rng.dirichlet(np.full(n, 0.3)) + 1e-12
        got = log_power_mean(log_value, weight, np.array([r]), np.array([0, n]))[0]
        exact = decimal_log_mean(log_value, weight, r)
        assert got == pytest.approx(exact, rel=1e-13, abs=1e-14 * (1 + np.abs(log_value).max()))


def test_power_means_of_nothing_and_of_unlimited_amounts():
    inf = np.inf

    def mean(log_value, r):
        weight = np.full(len(log_value), 1.0 / len(log_value))
        start = np.array([0, len(log_value)])
        return log_power_mean(np.array(log_value), weight, np.array([r]), start)[0]

    # A substitute that is missing hurts, a complement that is missing ends it.
    assert mean([-inf, 0.0], 0.5) == pytest.approx(math.log(0.5) / 0.5)
    assert mean([-inf, 0.0], -0.5) == -inf
    assert mean([-inf, 0.0], 0.0) == -inf
    assert mean([-inf, 0.0], -inf) == -inf
    assert mean([-inf, -inf], 0.5) == -inf
    # Unlimited: what complements are limited by remains.
    assert mean([inf, 0.0], -1.0) == pytest.approx(math.log(2.0))
    assert mean([inf, 0.0], -inf) == 0.0
    assert mean([inf, 0.0], 0.5) == inf
    assert mean([inf, 0.0], 0.0) == inf
    assert mean([inf, -inf], 0.0) == -inf
    assert mean([inf, inf], -2.0) == inf


def test_groups_of_one_call_do_not_disturb_each_other():
    rng = np.random.default_rng(3)
    start = np.concatenate([[0], np.cumsum(rng.integers(1, 6, len(EXPONENTS) + 1))])
    exponent = np.array([*EXPONENTS, -np.inf])
    value, weight = rng.normal(size=start[-1]), rng.uniform(0.1, 1, start[-1])
    together = log_power_mean(value, weight, exponent, start)
    for k, r in enumerate(exponent):
        e = slice(start[k], start[k + 1])
        alone = log_power_mean(value[e], weight[e], np.array([r]), np.array([0, e.stop - e.start]))
        assert together[k] == pytest.approx(alone[0], rel=1e-15)


def test_empty_groups_and_blocks(monkeypatch):
    start = np.array([0, 0, 2, 2, 5, 5], dtype=np.int32)
    value = np.arange(1.0, 6.0)
    np.testing.assert_array_equal(group_sum(value, start), [0, 3, 0, 12, 0])
    np.testing.assert_array_equal(group_min(value, start), [np.inf, 1, np.inf, 3, np.inf])
    np.testing.assert_array_equal(group_sum(np.empty(0), np.zeros(3, int)), [0, 0])
    monkeypatch.setattr(groups, "BLOCK_ENTRIES", 2)
    seen = [(rows.start, rows.stop, e.start, e.stop) for rows, e, _ in blocks(start)]
    assert seen == [(0, 2, 0, 2), (2, 3, 2, 2), (3, 4, 2, 5), (4, 5, 5, 5)]


def test_sums_are_exact_in_any_order():
    rng = np.random.default_rng(0)
    good = rng.integers(0, 4, 200_000)
    quantity = np.where(rng.random(200_000) < 0.5, 0.1, 10.0 ** rng.uniform(-12, 6, 200_000))
    order = rng.permutation(200_000)
    sums = exact_sums(lambda: iter([(good, quantity)]), 5)
    again = exact_sums(lambda: iter([(good[order], quantity[order])]), 5)
    np.testing.assert_array_equal(sums, again)
    for i in range(5):
        assert sums[i] == pytest.approx(math.fsum(quantity[good == i]), rel=2e-16)


@given(seed=st.integers(0, 2**32 - 1))
def test_aggregates_agree_with_plain_python(seed):
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng,
        consumers=("cobb_douglas", "ces", "leontief", "nested"),
        workers=WORKERS,
        n_products=7,
    )
    for family in economy.families:
        kind = type(family).__name__
        if kind in ("Activities", "CobbDouglasWorkers"):
            continue
        if kind == "JointWorkers":
            _check_joint(rng, family)
            continue
        quantity = rng.lognormal(0, 1, family.n_entries)
        trees = of_consumers(family) if family.role == "consumers" else of_workers(family)
        level = np.exp(aggregate_of(family).log_level(lambda e, x=quantity: np.log(x[e])))
        np.testing.assert_allclose(level, tree_levels(trees, quantity), rtol=1e-11)


def _check_joint(rng, family):
    """Of inputs and of outputs, some of which are not made at all."""
    judge = JointJudge(family)
    quantity = rng.lognormal(0, 1, family.n_entries)
    level = np.exp(judge.inputs.log_level(lambda e: np.log(quantity[e])))
    np.testing.assert_allclose(level, tree_levels(of_workers(family), quantity), rtol=1e-11)
    made = rng.lognormal(0, 1, len(family.made_pattern()[1]))
    made[rng.random(made.size) < 0.2] = 0.0
    with np.errstate(divide="ignore"):
        needed = np.exp(judge.outputs.log_level(lambda e: np.log(made[e])))
    np.testing.assert_allclose(needed, tree_levels(of_outputs(family), made), rtol=1e-11)


def test_many_trees_in_small_blocks(monkeypatch):
    rng = np.random.default_rng(5)
    economy = random_economy(rng, consumers=("nested",), n_resources=6, n_households=30)
    family = economy.families[0]
    price, quantity = rng.lognormal(0, 1, 6), rng.lognormal(0, 1, family.n_entries)

    def values():
        aggregate = aggregate_of(family)
        level = aggregate.log_level(lambda e: np.log(quantity[e]))
        return level, aggregate.log_unit_cost(np.log(price))

    whole = values()
    monkeypatch.setattr(groups, "BLOCK_ENTRIES", 7)
    np.testing.assert_allclose(values(), whole, rtol=1e-14)


@pytest.mark.parametrize("elasticity", [0.0, 1e-9, 0.3, 1 - 1e-12, 1.0, 1 + 1e-12, 2.0, 100.0])
def test_cost_and_level_are_exact_duals(elasticity):
    # At cost-minimising inputs, spending = unit cost * level, also where shares sum to 1 + 1e-9.
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.ones(5), 4) * (1 + 9e-10)
    family = pe.CESConsumers(np.ones(4), shares, elasticity)
    price = rng.lognormal(0, 0.3, 5)
    aggregate = aggregate_of(family)
    cost = np.exp(aggregate.log_unit_cost(np.log(price)))
    weight = shares / shares.sum(axis=1, keepdims=True)
    mean = (cost / shares.sum(axis=1))[:, None]
    quantity = shares * (price / mean) ** -elasticity
    level = np.exp(aggregate.log_level(lambda e: np.log(quantity.ravel()[e])))
    np.testing.assert_allclose(quantity @ price, cost * level, rtol=3e-12)
    np.testing.assert_allclose(level, 1.0, rtol=3e-12)
    assert (weight > 0).all()


# -- what should not matter -----------------------------------------------------------------------

MEASURES = ("shortage", "surplus", "technology_violation", "budget_violation", "zero_profit", "gap")


def measures(certificate):
    return [getattr(certificate, name) for name in MEASURES]


def anything(seed):
    rng = np.random.default_rng(seed)
    drawn = random_economy(
        rng, consumers=CONSUMERS, workers=WORKERS, n_products=8, needs=True, capacity=True
    )
    economy, plan = random_plan(rng, drawn)
    return rng, economy, plan


@pytest.mark.parametrize("seed", range(4))
def test_order_of_goods_does_not_matter(seed):
    rng, economy, plan = anything(seed)
    position = rng.permutation(economy.n_goods)
    other = permute_goods(economy, position)
    price = np.empty(economy.n_goods)
    price[position] = plan.price
    proposals = []
    for old, new, proposal in zip(economy.families, other.families, plan.proposals, strict=True):
        order = _goods_order(old.pattern(), new.pattern(), position)
        changed = dict(vars(proposal))
        for name in ("quantity", "input"):
            if name in changed:
                changed[name] = changed[name][order]
        if "outputs" in changed:
            order = _goods_order(old.made_pattern(), new.made_pattern(), position)
            changed["outputs"] = changed["outputs"][order]
        proposals.append(type(proposal)(**changed))
    fixed = [f for f in economy.families if getattr(f, "fixed", None) is not None]
    assert all((np.diff(f.fixed.indptr) == 1).all() for f in fixed)  # one each: order stays
    permuted = pe.certify(other, Drafted(price, tuple(proposals)))
    original = pe.certify(economy, plan)
    np.testing.assert_allclose(measures(permuted), measures(original), rtol=1e-9, atol=1e-12)
    assert permuted.surplus_good is not None
    if original.surplus_good is not None:
        index = economy.goods.index(original.surplus_good)
        assert other.goods.index(permuted.surplus_good) == position[index]


def _goods_order(old, new, position):
    """Where the entries of a permuted family stood before; trees keep the order of their leaves."""
    (indptr, good), (_, new_good) = old, new
    if (position[good] == new_good).all():
        return np.arange(good.size)
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    return np.lexsort((position[good], row))


def test_unit_of_money_does_not_matter():
    _, economy, plan = anything(11)
    rich = scale_money(economy, 1000.0)
    scaled = pe.certify(rich, plan.at_prices(plan.price * 1000.0))
    original = pe.certify(economy, plan)
    np.testing.assert_allclose(measures(scaled), measures(original), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_order_of_councils_does_not_matter(seed):
    rng, economy, plan = anything(seed)
    other, orders = permute_councils(economy, rng)
    proposals = [
        _in_order(family, proposal, order)
        for family, proposal, order in zip(economy.families, plan.proposals, orders, strict=True)
    ]
    permuted = pe.certify(other, Drafted(plan.price, tuple(proposals)))
    original = pe.certify(economy, plan)
    np.testing.assert_allclose(measures(permuted), measures(original), rtol=1e-9, atol=1e-12)
    # Sums of flows are exact: shortage and surplus do not change by a bit.
    assert permuted.shortage == original.shortage
    assert permuted.surplus == original.surplus


def _in_order(family, proposal, order):
    """The proposals of the councils `order`."""
    starts = {"quantity": family.pattern()[0], "input": family.pattern()[0]}
    if hasattr(family, "made_pattern"):
        starts["outputs"] = family.made_pattern()[0]
    if getattr(family, "fixed", None) is not None:
        starts["fixed_input"] = family.fixed.indptr
    changed = dict(vars(proposal))
    for name, value in changed.items():
        if value is not None and name in starts:
            start = starts[name]
            entries = [np.arange(start[j], start[j + 1]) for j in order]
            changed[name] = value[np.concatenate(entries)]
        elif value is not None:
            changed[name] = value[order]
    return type(proposal)(**changed)
