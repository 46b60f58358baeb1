"""Elasticities at and near 0 and 1 and at 100, against closed forms.

With fixed amounts of two inputs the price of input i is b r g_i / e_i, where g_i is its share in
the sum a_i^(1/s) e_i^((s-1)/s): no solver is needed to know the plan, at any elasticity.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import random_economy
from reference.compare import SOLVE_TOL, assert_solved

NEAR_ONE = (1.0, 1 + 1e-9, 1 - 1e-9, 1 + 1e-6, 1 - 1e-6, 1 + 1e-3, 1 - 1e-3)
ELASTICITIES = (0.01, 0.1, 0.5, *NEAR_ONE, 2.0, 10.0, 100.0)

ENDOWMENT = np.array([3.0, 1.0, 0.7])
SHARE = np.array([0.2, 0.5, 0.3])
BUDGET = 7.0


def closed_form(s: float):
    """Prices of the endowment, and the aggregate [sum a^(1/s) e^r]^(1/r) of it, r = (s-1)/s."""
    weight = SHARE ** (1 / s) * ENDOWMENT ** ((s - 1) / s)
    aggregate = _log_mean(s)
    return BUDGET * weight / weight.sum() / ENDOWMENT, aggregate


def _log_mean(s: float) -> float:
    # log Z = log(sum a exp(r l)) / r with l = log(e/a), the largest term taken out. Near r = 0 by
    # expm1 and log1p, which keep the digits.
    ratio, r = np.log(ENDOWMENT / SHARE), (s - 1) / s
    if r == 0:
        return float(np.exp(SHARE @ ratio))
    top = ratio.max() if r > 0 else ratio.min()
    return float(np.exp(top + np.log1p(SHARE @ np.expm1(r * (ratio - top))) / r))


def solved(economy, **options):
    plan = pe.solve(economy, tol=SOLVE_TOL, certify=True, **options)
    assert_solved(economy, plan)
    return plan


def assert_price(price, expected, s: float):
    """Quantities within tol fix prices within tol / s of themselves: 1e-7 at s = .01, and 1e-8 is
    enough.

    But what is left over of a good may be worth tol times the budget, so no price is sharper than
    that.
    """
    relative = max(1e-8, 10 * SOLVE_TOL / s)
    allowed = relative * expected + SOLVE_TOL * BUDGET / np.append(ENDOWMENT, 1.0)[: len(expected)]
    assert np.all(np.abs(price - expected) <= allowed), (price, expected)


def nests_of(s: float, shares, scale=1.0):
    return pe.NestedCES.from_values(shares, pe.Nest(s, [0, 1, 2]), scale=np.array([scale]))


@pytest.mark.parametrize("s", ELASTICITIES)
@pytest.mark.parametrize("kind", ["ces", "nested"])
def test_one_consumer(kind, s):
    if kind == "ces":
        consumers = pe.CESConsumers([BUDGET], SHARE[None, :], s)
    else:
        consumers = pe.NestedCESConsumers([BUDGET], nests_of(s, SHARE[None, :]))
    plan = solved(pe.Economy(3, ENDOWMENT, [consumers]))
    price, aggregate = closed_form(s)
    assert_price(plan.price, price, s)
    assert plan.proposals[0].utility == pytest.approx([aggregate], rel=1e-8)


@pytest.mark.parametrize("s", ELASTICITIES)
@pytest.mark.parametrize("returns", [0.6, 0.999, 1.0])
@pytest.mark.parametrize("kind", ["ces", "nested"])
def test_one_worker_council(kind, returns, s):
    share = np.append(SHARE, 0.0)[None, :]
    if kind == "ces":
        workers = pe.CESWorkers([3], share, s, returns, [2.0])
    else:
        workers = pe.NestedCESWorkers([3], nests_of(s, share), productivity=2.0, returns=returns)
    consumers = pe.CobbDouglasConsumers([BUDGET], [[0.0, 0.0, 0.0, 1.0]])
    plan = solved(pe.Economy(4, np.append(ENDOWMENT, 0.0), [consumers, workers]))
    price, aggregate = closed_form(s)
    made = 2.0 * aggregate**returns
    assert plan.proposals[1].output == pytest.approx([made], rel=1e-8)
    assert_price(plan.price, np.array([*(returns * price), BUDGET / made]), s)


@pytest.mark.parametrize("kind", ["ces", "nested", "leontief"])
def test_elasticity_zero_consumer(kind):
    # The scarcest good, by e/a, takes the whole budget: goods 0 and 1 are left over.
    match kind:
        case "ces":
            consumers = pe.CESConsumers([BUDGET], SHARE[None, :], 0.0)
        case "nested":
            consumers = pe.NestedCESConsumers([BUDGET], nests_of(0.0, SHARE[None, :]))
        case _:
            consumers = pe.LeontiefConsumers([BUDGET], SHARE[None, :])
    plan = solved(pe.Economy(3, ENDOWMENT, [consumers]))
    scarce = int(np.argmin(ENDOWMENT / SHARE))
    assert plan.price[scarce] == pytest.approx(BUDGET / ENDOWMENT[scarce], rel=1e-8)
    assert plan.proposals[0].utility == pytest.approx([np.min(ENDOWMENT / SHARE)], rel=1e-8)
    left = np.delete(plan.price * (plan.supply - plan.demand), scarce)
    assert np.all(left <= SOLVE_TOL * BUDGET)


@pytest.mark.parametrize("s", NEAR_ONE[1:])
@given(seed=st.integers(0, 2**32 - 1))
def test_plans_are_continuous_at_one(s, seed):
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=("ces",), workers=("ces_falling", "ces_constant"))
    plans = []
    for elasticity in (1.0, s):
        families = {
            f.label: {"elasticity": np.full(f.n_councils, elasticity)} for f in economy.families
        }
        plans.append(solved(economy.replace(families=families)))
    # d log p / d s is of the order of the logs of the ratios in play, at most some tens; and two
    # tolerances.
    allowed = 50 * abs(s - 1) + 1e-7
    assert plans[1].price == pytest.approx(plans[0].price, rel=allowed)
    assert plans[1].supply == pytest.approx(plans[0].supply, rel=allowed)


def test_all_elasticities_side_by_side():
    # One council per elasticity, from complements to near-perfect substitutes, each answering as if
    # alone.
    elasticity = np.array([0.0, *ELASTICITIES])
    shares = np.tile(SHARE, (len(elasticity), 1))
    economy = pe.Economy(
        3, ENDOWMENT, [pe.CESConsumers(np.full(len(elasticity), 1.0), shares, elasticity)]
    )
    plan = solved(economy)
    quantity = plan.proposals[0].quantity.reshape(shares.shape)
    for s, x in zip(elasticity, quantity, strict=True):
        # Budget share g = a p^(1-s) / sum, taken relative to the dearest so that s = 100 does not
        # overflow.
        g = SHARE * (plan.price / plan.price.max()) ** (1 - s)
        # The margin of delivery (a fraction of tol) scales quantities.
        assert x == pytest.approx(g / g.sum() / plan.price, rel=10 * SOLVE_TOL)
