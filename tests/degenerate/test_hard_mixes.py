"""Random mixes of families with everything at its worst: the certificate, which proves itself, is
the reference."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from reference.compare import assert_solved

ELASTICITIES = np.array([0.01, 0.1, 1 - 1e-9, 1 + 1e-6, 1.0, 5.0, 30.0, 100.0])
RETURNS = np.array([0.1, 0.5, 0.97, 0.99, 0.999, 0.9999])


def hardened(economy, rng):
    """Budgets over ten orders of magnitude and endowments over eight, the worst elasticities and
    returns."""
    families = {}
    for family in economy.families:
        m, kind = family.n_councils, type(family)
        changed = {}
        if family.role == "consumers":
            changed["budget"] = family.budget * np.exp(rng.normal(0, 4, m))
        if kind is pe.CESConsumers:
            changed["elasticity"] = rng.choice([0.0, *ELASTICITIES], m)
        if kind in (pe.CESWorkers, pe.NestedCESWorkers) and np.all(family.returns < 1):
            changed["returns"] = rng.choice(RETURNS, m)
            if kind is pe.CESWorkers:
                changed["elasticity"] = rng.choice(ELASTICITIES, m)
        if changed:
            families[family.label] = changed
    endowment = np.asarray(economy.endowment) * np.exp(rng.normal(0, 3, economy.n_goods))
    return economy.replace(endowment=endowment, families=families)


@settings(max_examples=10 * settings().max_examples)
@given(
    seed=st.integers(0, 2**32 - 1),
    consumers=st.lists(st.sampled_from(CONSUMERS), min_size=1, max_size=3, unique=True),
    workers=st.lists(st.sampled_from(WORKERS), max_size=4, unique=True),
    supplies=st.lists(st.sampled_from(SUPPLIES), max_size=2),
    n_resources=st.integers(1, 4),
    n_households=st.integers(1, 5),
    second_makers=st.booleans(),
    capacity=st.booleans(),
)
def test_solved_at_the_default_tolerance(seed, consumers, workers, supplies, **flags):
    rng = np.random.default_rng(seed)
    economy = random_economy(
        rng,
        consumers=tuple(consumers),
        workers=tuple(workers),
        supplies=tuple(supplies),
        **flags,
    )
    economy = hardened(economy, rng)
    plan = pe.solve(economy, certify=True)
    assert_solved(economy, plan, tol=1e-6)
