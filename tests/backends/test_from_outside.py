"""`plan_from`: prices and quantities of anybody's, made a plan and judged."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from backends.engines import economy_of
from economies_for_tests import CONSUMERS, TARGETS, WORKERS

NAMES = ("quantity", "level", "input", "outputs", "fixed_input")


def taken(plan):
    """What a plan says, as somebody else would hand it over."""
    found = {}
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        own = {n: getattr(proposal, n) for n in NAMES if getattr(proposal, n, None) is not None}
        if isinstance(family, pe.CobbDouglasWorkers) and family.effort is not None:
            own["effort_power"] = proposal.effort**family.effort.power
        found[family.title] = own
    return found


@pytest.mark.parametrize("worker", WORKERS)
@pytest.mark.parametrize("consumer", [*CONSUMERS, *TARGETS])
def test_a_plan_handed_over_is_the_same_plan(consumer, worker):
    economy = economy_of(
        5, consumers=(consumer,), workers=(worker,), supplies=("linear",), capacity=True
    )
    own = pe.solve(economy, tol=1e-8)
    plan = pe.plan_from(economy, own.price, taken(own), tol=1e-7)
    assert plan.status is pe.Status.SOLVED, plan.message
    assert plan.method == "from outside"
    assert plan.welfare == pytest.approx(own.welfare, abs=1e-8 * economy.total_budget)


def test_what_is_worse_exists_and_says_by_how_much():
    economy = economy_of(5, workers=("activities",))
    own = pe.solve(economy, tol=1e-9, certify=True)
    less = taken(own)
    less["workers_activities"]["level"] = 0.5 * less["workers_activities"]["level"]
    plan = pe.plan_from(economy, dict(zip(economy.goods.names, own.price, strict=True)), less)
    assert plan.status is pe.Status.INACCURATE
    assert plan.certificate.feasible
    assert plan.welfare < own.welfare
    # at these prices the bound is that of the best plan: the gap is what is lost
    lost = (own.welfare - plan.welfare) / economy.total_budget
    assert plan.gap == pytest.approx(lost, rel=1e-6)


def wrong(change):
    economy = economy_of(5, workers=("activities",))
    own = pe.solve(economy)
    price, quantities = own.price.copy(), taken(own)
    price = change(price, quantities)
    return economy, own.price if price is None else price, quantities


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p, q: p[:2], r"price: expected one for each of 5 goods, got shape \(2,\)"),
        (lambda p, q: -p, "price of 'good_0': expected a number of at least 0"),
        (lambda p, q: q.update(mils={}), "no family 'mils'"),
        (lambda p, q: q["workers_activities"].clear(), "'workers_activities': expected 'level'"),
        (
            lambda p, q: q["consumers_0"].update(quantity=np.ones(2)),
            r"'consumers_0': 'quantity' expected in shape \(\d+,\), got \(2,\)",
        ),
        (
            lambda p, q: q["workers_activities"].update(level=np.full(3, np.nan)),
            "'level' is not finite",
        ),
    ],
)
def test_what_is_wrong_is_named(change, said):
    economy, price, quantities = wrong(change)
    with pytest.raises(pe.PlanError, match=said):
        pe.plan_from(economy, price, quantities)
