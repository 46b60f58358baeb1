"""Utilities and costs of given quantities, against long double and values by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from economies_for_tests import normalised, sparse
from parecon.utility import suppliers_cost, utilities

LONG = np.longdouble
ELASTICITIES = (
    0.0, 0.01, 0.3, 1 - 1e-3, 1 - 1e-6, 1 - 1e-9, 1.0, 1 + 1e-9, 1 + 1e-6, 1.5, 8.0, 100.0,
)  # fmt: skip


def exact(share, quantity, elasticity):
    """u = [ sum a^(1/s) x^((s-1)/s) ]^(s/(s-1)) in long double, about the mean of log(x/a)."""
    share = share.astype(LONG)
    logs = np.log(quantity.astype(LONG) / share)
    if elasticity == 0.0:
        return np.exp(logs.min())
    mean, power = share @ logs, 1 - 1 / LONG(elasticity)
    if power == 0:
        return np.exp(mean)
    if abs(power) < 0.1:
        return np.exp(mean + np.log1p(share @ np.expm1(power * (logs - mean))) / power)
    top = (power * logs).max()
    return np.exp((top + np.log(share @ np.exp(power * logs - top))) / power)


def consumers(rng, elasticity, households=5, goods=7):
    weights = rng.uniform(0.1, 1.0, (households, goods))
    weights[rng.random(weights.shape) < 0.4] = 0.0
    weights[:, 0] = 1.0
    return pe.CESConsumers(np.ones(households), sparse(normalised(weights)), elasticity)


@pytest.mark.parametrize("decades", [0.0, 0.3, 6.0])
@pytest.mark.parametrize("elasticity", ELASTICITIES)
def test_ces(elasticity, decades) -> None:
    """Any elasticity, quantities up to twelve orders of magnitude apart."""
    rng = np.random.default_rng(1)
    family = consumers(rng, elasticity)
    quantity = 10.0 ** (decades * rng.uniform(-1, 1, family.shares.nnz))
    got = utilities(family, quantity)
    pointer = family.shares.indptr
    expected = [
        float(exact(family.shares.data[a:b], quantity[a:b], elasticity))
        for a, b in pairwise(pointer)
    ]
    # log u is a log of a sum over (s-1)/s: near one its rounding is blown up, but never past 1e-9
    np.testing.assert_allclose(got, expected, rtol=1e-9 if abs(elasticity - 1) < 0.01 else 1e-12)


def test_every_class_by_hand() -> None:
    """x = (4, 9) or (4, 9, 2)."""
    x = np.array([4.0, 9.0])
    half = sp.csr_array(np.array([[0.5, 0.5]]))
    # x/a = (8, 18): geometric mean 12; harmonic 144/13; power mean of order 1/2: ((8^.5+18^.5)/2)^2
    assert utilities(pe.CobbDouglasConsumers([1.0], half), x) == pytest.approx([12.0])
    assert utilities(pe.CESConsumers([1.0], half, 0.5), x) == pytest.approx([144.0 / 13.0])
    assert utilities(pe.CESConsumers([1.0], half, 2.0), x) == pytest.approx([12.5])
    assert utilities(pe.CESConsumers([1.0], half, 0.0), x) == pytest.approx([8.0])
    assert utilities(pe.LeontiefConsumers([1.0], [[2.0, 3.0]]), x) == pytest.approx([2.0])
    assert utilities(pe.LinearConsumers([1.0], [[2.0, 3.0]]), x) == pytest.approx([35.0])


def test_nested_by_hand() -> None:
    """Good 0 beside a nest of goods 1 and 2: Z = min(x0/1, nest), nest = Cobb-Douglas in x/x0."""
    nests = pe.NestedCES.from_values(
        np.array([[2.0, 1.0, 1.0]]), pe.Nest(0.0, [0, pe.Nest(1.0, [1, 2])])
    )
    family = pe.NestedCESConsumers([1.0], nests)
    # benchmark quantities per unit: .5, .25, .25
    assert utilities(family, np.array([3.0, 1.0, 4.0])) == pytest.approx([6.0])
    assert utilities(family, np.array([5.0, 1.0, 4.0])) == pytest.approx([8.0])


def test_benchmark_quantities_give_one() -> None:
    """Whatever the tree: x = x0 is utility one, twice that is two."""
    rng = np.random.default_rng(3)
    values = rng.uniform(0.5, 2.0, (4, 6))
    values[1, 2:4] = 0.0
    tree = pe.Nest(0.7, [0, pe.Nest(0.0, [1, 2]), pe.Nest(1.0, [3, pe.Nest(3.0, [4, 5])])])
    nests = pe.NestedCES.from_values(
        sparse(values), tree, reference_price=rng.uniform(0.5, 2, 6), scale=rng.uniform(0.5, 2, 4)
    )
    family = pe.NestedCESConsumers(np.ones(4), nests)
    benchmark = nests.reference_quantity()
    np.testing.assert_allclose(utilities(family, benchmark), 1.0, rtol=1e-14)
    np.testing.assert_allclose(utilities(family, 2.0 * benchmark), 2.0, rtol=1e-14)


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0, 2.0])
def test_nothing_of_one_good(elasticity) -> None:
    """Ruins those who cannot do without it, and only those."""
    rng = np.random.default_rng(4)
    family = consumers(rng, elasticity, households=2)
    quantity = np.ones(family.shares.nnz)
    quantity[0] = 0.0
    got = utilities(family, quantity)
    assert np.isfinite(got).all()
    assert (got[0] == 0.0) == (elasticity <= 1.0)
    assert got[1] > 0.0
    assert utilities(family, np.zeros_like(quantity)).tolist() == [0.0, 0.0]


def test_homogeneous_of_degree_one() -> None:
    rng = np.random.default_rng(5)
    for elasticity in ELASTICITIES:
        family = consumers(rng, elasticity)
        quantity = rng.uniform(0.1, 2.0, family.shares.nnz)
        for factor in (1e-9, 3.0, 1e9):
            got = utilities(family, factor * quantity)
            np.testing.assert_allclose(got, factor * utilities(family, quantity), rtol=1e-9)


def test_no_households() -> None:
    none = np.empty((0, 3))
    nests = pe.NestedCES.from_values(none, pe.Nest(0.5, [0, 1, 2]))
    for family in (
        pe.CobbDouglasConsumers([], none),
        pe.CESConsumers([], none, []),
        pe.LeontiefConsumers([], none),
        pe.LinearConsumers([], none),
        pe.NestedCESConsumers([], nests),
    ):
        assert utilities(family, np.empty(0)).shape == (0,)


def test_workers_have_no_utility() -> None:
    with pytest.raises(TypeError, match="Activities has no utility"):
        utilities(pe.Activities([[1.0, -1.0]]), np.ones(2))


@pytest.mark.parametrize("form", ["isoelastic", "linear"])
def test_cost_of_supply_is_the_integral_of_marginal_cost(form) -> None:
    """By Gauss' rule, from nothing to above the reference quantity."""
    rng = np.random.default_rng(6)
    q0, p0, eta = rng.uniform(0.5, 3, 4), rng.uniform(0.5, 3, 4), np.array([0.4, 1.0, 2.0, 5.0])
    family = pe.Suppliers([0, 1, 0, 1], q0, p0, eta, form=form)
    supplied = q0 * np.array([0.3, 1.0, 1.7, 2.0])
    nodes, weights = np.polynomial.legendre.leggauss(60)
    # s = S v^k takes the root out of the integrand at zero, where eta above one makes it steep
    v = 0.5 * (nodes + 1.0)
    k = 5.0 * np.ceil(eta)[:, None]
    s = supplied[:, None] * v**k
    if form == "linear":
        marginal = p0[:, None] * (1.0 + (s / q0[:, None] - 1.0) / eta[:, None])
    else:
        marginal = p0[:, None] * (s / q0[:, None]) ** (1.0 / eta[:, None])
    integral = (marginal * supplied[:, None] * k * v ** (k - 1.0)) @ (0.5 * weights)
    np.testing.assert_allclose(suppliers_cost(family, supplied), integral, rtol=1e-11)
    np.testing.assert_array_equal(suppliers_cost(family, np.zeros(4)), 0.0)
