"""What the tests of other engines share: economies that each can plan, and what agreement means."""

from __future__ import annotations

import numpy as np

import parecon as pe
from economies_for_tests import CONSUMERS, TARGETS, WORKERS, random_economy
from reference.compare import price_distance

TOL = 1e-7
# A plan within TOL of the best has prices within about the root of it: curvature turns a gap into
# the square of a distance. Only prices that are unique are compared.
PRICES = 3e-3

WANTED = (*CONSUMERS, *TARGETS)
# Kinds whose goods come in fixed proportions, workers once `linear_of` has seen to it.
LINEAR_CONSUMERS = ("cobb_douglas", "leontief", "linear", *TARGETS)
LINEAR_WORKERS = ("activities", "ces_constant", "nested_constant")


def linear_of(economy: pe.Economy) -> pe.Economy:
    """The economy with every elasticity of constant-returns workers 0: fixed recipes."""
    families = []
    for family in economy.families:
        if isinstance(family, pe.CESWorkers):
            family = family.replace(elasticity=np.zeros(family.n_councils))
        elif isinstance(family, pe.NestedCESWorkers):
            family = family.replace(nests=fixed_proportions(family.nests))
        families.append(family)
    return pe.Economy(economy.goods, economy.endowment, families)


def fixed_proportions(nests: pe.NestedCES) -> pe.NestedCES:
    """The same trees without any substitution."""
    return nests.replace(node_elasticity=np.zeros(nests.n_nodes))


def economy_of(seed: int, **options: object) -> pe.Economy:
    """See `random_economy`."""
    return random_economy(np.random.default_rng(seed), **options)


def assert_agree(plan: pe.Plan, own: pe.Plan, *, prices: bool, tol: float = TOL) -> None:
    """Both are certified, their intervals of welfare overlap, and prices agree where unique."""
    for found in (plan, own):
        assert found.status is pe.Status.SOLVED, found.message
        assert found.certificate.holds(tol), str(found.certificate)
    economy = plan.economy
    rounding = 1e-12 * economy.total_budget
    assert plan.welfare <= own.bound + rounding
    assert own.welfare <= plan.bound + rounding
    assert np.all(plan.price >= 0.0)
    if prices:
        assert price_distance(economy, plan.price, own.price) <= PRICES


__all__ = [
    "LINEAR_CONSUMERS",
    "LINEAR_WORKERS",
    "TARGETS",
    "TOL",
    "WANTED",
    "WORKERS",
    "assert_agree",
    "economy_of",
    "fixed_proportions",
    "linear_of",
]
