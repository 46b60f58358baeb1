"""Small economies by hand that the tests of scenarios share: labour, wheat, bread."""

from __future__ import annotations

import numpy as np

import parecon as pe

GOODS = pe.Goods(
    ["labour", "wheat", "bread"], kind=["labour", "food", "food"], unit=["hour", "kg", "loaf"]
)


def bakery(*, labour=10.0, bread=0.0, capacity=None):
    """Half an hour makes a kilogram of wheat, an hour and a kilogram a loaf; two families eat.

    The whole of labour is worth the budgets of 10. With nothing needed in kind each family spends
    half on rest and half on bread: a price of labour of 1, of bread of 1.5.
    """
    needs = None if bread == 0.0 else [[0.0, 0.0, bread], [0.0, 0.0, 0.0]]
    families = pe.CobbDouglasConsumers(
        [4.0, 6.0], [[0.5, 0.0, 0.5]] * 2, needs, names=["poor", "rich"], label="households"
    )
    farms = pe.Activities([[-0.5, 1.0, 0.0]], names=["farm"], label="farms")
    ovens = pe.Activities([[-1.0, -1.0, 1.0]], capacity, names=["oven"], label="bakeries")
    return pe.Economy(GOODS, [labour, 0.0, 0.0], [families, farms, ovens])


def planned(economy, tol=1e-10):
    plan = pe.solve(economy, tol=tol)
    assert plan.status is pe.Status.SOLVED, plan.message
    return plan


def prices(plan):
    return dict(zip(plan.economy.goods.names, plan.price.tolist(), strict=True))


def amounts(plan, label):
    """What a family makes or supplies, or the level of its activities."""
    proposal = plan.proposal(label)
    for name in ("output", "level", "quantity"):
        values = getattr(proposal, name, None)
        if values is not None:
            return np.asarray(values)
    raise AssertionError(label)
