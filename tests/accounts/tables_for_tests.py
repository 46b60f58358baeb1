"""Small tables: one to check by hand, and random ones that balance."""

from __future__ import annotations

import numpy as np

from parecon import accounts


def two_sectors() -> accounts.InputOutput:
    """Corn and iron, by hand: A = [[.1, .4], [.3, .2]], L = [[.8, .4], [.3, .9]] / .6."""
    return accounts.InputOutput(
        ["corn", "iron"],
        [[10, 20], [30, 10]],
        Y=[[60, 10], [-10, 20]],
        W=[[40, 5], [20, 15]],
        x=[100, 50],
        F=[[200, 50], [10, 40]],
        F_Y=[[0, 0], [7, 0]],
        final_demand={"households": "households", "exports": "exports"},
        factors={"wages": "labour", "rent": "capital"},
        extensions=accounts.Labels(
            ["hours", "smoke"], kind=["employment", "emission"], unit=["hours", "t"]
        ),
        unit="money",
        title="corn and iron",
    )


def random_table(
    rng: np.random.Generator, n: int = 6, *, negative: bool = False
) -> accounts.InputOutput:
    """A balanced table of n sectors; with negative final demand and Z cells if asked for."""
    x = rng.uniform(50.0, 150.0, n)
    A = rng.uniform(0.0, 1.0, (n, n)) * (rng.uniform(size=(n, n)) < 0.7)
    A *= 0.6 / np.maximum(A.sum(axis=0), 0.6)
    Z = A * x
    if negative:
        Z[0, 1] = -0.5
    final = x - Z.sum(axis=1)
    share = rng.dirichlet(np.ones(3), n)
    Y = share * final[:, None]
    if negative:
        Y[1, 2] -= 2.0
        Y[1, 0] += 2.0
    paid = x - Z.sum(axis=0)
    W = np.vstack([0.6 * paid, 0.4 * paid])
    return accounts.InputOutput(
        [f"s{i}" for i in range(n)],
        Z,
        Y=Y,
        W=W,
        x=x,
        F=rng.uniform(0.0, 5.0, (1, n)),
        final_demand={"people": "households", "state": "government", "heaps": "inventories"},
        factors={"wages": "labour", "surplus": "capital"},
        extensions={"jobs": "employment"},
    )


def random_supply_use(rng: np.random.Generator, n: int = 5, m: int = 4) -> accounts.SupplyUse:
    """A balanced pair of tables: each industry mainly makes one commodity, and some others."""
    V = rng.uniform(0.0, 8.0, (m, n)) * (rng.uniform(size=(m, n)) < 0.5)
    V[np.arange(m), np.arange(m)] += 100.0
    V[0, m:] += 50.0
    q, x = V.sum(axis=0), V.sum(axis=1)
    share = rng.uniform(0.0, 1.0, (n, m + 1))
    use = share / share.sum(axis=1, keepdims=True) * q[:, None] * 0.5
    U = use[:, :m]
    Y = np.column_stack([q - U.sum(axis=1)])
    paid = x - U.sum(axis=0)
    return accounts.SupplyUse(
        [f"c{i}" for i in range(n)],
        [f"i{j}" for j in range(m)],
        V,
        U,
        Y=Y,
        W=[paid],
        F=[rng.uniform(0.0, 5.0, m)],
        final_demand={"people": "households"},
        factors={"value added": "value added"},
        extensions={"CO2": "emission"},
    )
