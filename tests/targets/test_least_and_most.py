"""The least of what deliveries take and the most of a basket, by hand, by Leontief, and by HiGHS.

The linear programmes are written down anew for SciPy's HiGHS: nothing of the package but the data.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

import parecon as pe
from economies_for_tests import sparse
from parecon.accounts.labels import Labels
from parecon.accounts.leontief import leontief

TOL = 1e-8
N = 5
NAMES = [f"good {i}" for i in range(N)]


def leontief_economy(seed: int, *, labour: float = 100.0, land: float = 1e3):
    """(economy, A, labour and land per unit): one technique a good."""
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(0.0, 0.15, (N, N))
    direct, ground = rng.uniform(0.3, 2.0, N), rng.uniform(0.0, 0.4, N)
    net = np.hstack([np.eye(N) - inputs.T, -direct[:, None], -ground[:, None]])
    goods = pe.Goods(
        [*NAMES, "labour", "land"],
        kind=["product"] * N + ["labour", "nature"],
        unit=["tonne"] * N + ["hour", "hectare"],
    )
    wanted = pe.Targets(range(N), 1.0)
    sectors = pe.Activities(sparse(net), label="sectors")
    return pe.Economy(goods, [*[0.0] * N, labour, land], [wanted, sectors]), inputs, direct, ground


def several_techniques(seed: int):
    """An economy with choices: three techniques a good, joint outputs, capacities, scarce land."""
    rng = np.random.default_rng(seed)
    m = 3 * N
    net = -rng.uniform(0.0, 0.12, (m, N)) * (rng.random((m, N)) < 0.6)
    net[np.arange(m), np.arange(m) % N] = 1.0
    net[np.arange(m), rng.integers(0, N, m)] += 0.05
    use = np.column_stack([-rng.uniform(0.3, 2.0, m), -rng.uniform(0.0, 1.0, m)])
    capacity = np.where(rng.random(m) < 0.3, rng.uniform(0.5, 2.0, m), np.inf)
    matrix = np.hstack([net, use])
    families = [pe.Targets(range(N), 1.0), pe.Activities(sparse(matrix), capacity, label="sectors")]
    economy = pe.Economy([*NAMES, "labour", "land"], [0.0] * N + [20.0, 12.0], families)
    return economy, matrix, capacity, rng.uniform(0.2, 1.5, N)


def as_lp(matrix, capacity, endowment, needs, cost):
    """min cost.used over levels, what is used beyond the endowment of goods without a cost being
    none; (value, multipliers of the goods)."""
    free = cost > 0.0  # there is any amount of what is minimised
    bounds = [(0.0, None if np.isinf(c) else c) for c in capacity]
    used = -np.minimum(matrix, 0.0)
    found = linprog(
        used[:, free] @ cost[free],
        A_ub=-matrix[:, ~free].T,
        b_ub=(endowment - needs)[~free],
        bounds=bounds,
        method="highs",
    )
    assert found.status == 0, found.message
    price = np.zeros(len(cost))
    price[~free] = -found.ineqlin.marginals
    price[free] = cost[free]
    return float(found.fun), price


@pytest.mark.parametrize("method", ["auto", "highs"])
@pytest.mark.parametrize("labour", [0.1, 100.0, 1e6])
def test_least_labour_is_labour_values_times_deliveries(labour, method):
    """v = l (I - A)^-1, whatever labour there is: that is no limit here."""
    economy, inputs, direct, _ = leontief_economy(1, labour=labour)
    value = leontief(inputs, Labels(NAMES)).prices(direct)
    owed = np.linspace(1.0, 3.0, N)
    found = pe.minimise(
        economy, "labour", deliveries=dict(zip(NAMES, owed, strict=True)), tol=TOL, method=method
    )
    assert found.plan.status is pe.Status.SOLVED
    assert found.value == pytest.approx(value @ owed, rel=2 * TOL)
    assert found.bound <= found.value * (1 + 1e-12)
    assert found.gap <= 2 * TOL
    np.testing.assert_allclose(found.price[:N], value, rtol=1e-6)
    np.testing.assert_allclose(found.price[N:], [1.0, 0.0], atol=1e-6)
    levels = np.linalg.solve(np.eye(N) - inputs, owed)
    np.testing.assert_allclose(
        found.used[:N], (inputs - np.diag(np.diag(inputs))) @ levels + owed, rtol=1e-6
    )
    assert found.used[N] == pytest.approx(value @ owed, rel=1e-6)
    assert (found.unit, found.what) == ("hour", "labour")


@pytest.mark.parametrize("seed", range(4))
def test_least_use_is_that_of_the_linear_programme(seed):
    """With choices: the value from both sides, and duals where they are unique."""
    economy, matrix, capacity, owed = several_techniques(seed)
    needs = np.append(owed, [0.0, 0.0])
    cost = np.zeros(N + 2)
    cost[N] = 1.0
    expected, price = as_lp(matrix, capacity, economy.endowment, needs, cost)
    found = pe.minimise(economy, "labour", deliveries=needs, tol=TOL)
    assert found.plan.status is pe.Status.SOLVED, found.plan.message
    assert found.bound <= expected * (1 + 1e-12)
    assert found.value == pytest.approx(expected, rel=5 * TOL)
    np.testing.assert_allclose(found.price, price, rtol=1e-5, atol=1e-5)


def test_least_of_several_goods_weighs_them():
    economy, matrix, capacity, owed = several_techniques(11)
    needs = np.append(owed, [0.0, 0.0])
    cost = np.append(np.zeros(N), [2.0, 0.5])
    expected, price = as_lp(matrix, capacity, economy.endowment, needs, cost)
    found = pe.minimise(economy, {"land": 0.5, "labour": 2.0}, deliveries=needs, tol=TOL)
    assert found.value == pytest.approx(expected, rel=5 * TOL)
    assert found.bound <= expected * (1 + 1e-12)
    np.testing.assert_allclose(found.price, price, rtol=1e-5, atol=1e-5)
    assert found.what == "2 labour + 0.5 land"


def test_least_of_a_kind_adds_its_goods():
    economy, inputs, direct, ground = leontief_economy(2)
    families = [f.replace() for f in economy.families]
    kinds = ["product"] * N + ["factor", "factor"]
    goods = pe.Goods(economy.goods.names, kind=kinds)
    both = pe.Economy(goods, economy.endowment, families)
    owed = dict.fromkeys(NAMES, 1.0)
    found = pe.minimise(both, "factor", deliveries=owed, tol=TOL)
    value = np.linalg.solve((np.eye(N) - inputs).T, direct + ground)
    assert found.value == pytest.approx(value.sum(), rel=5 * TOL)


def test_extension_is_counted_and_minimised():
    """Emissions per unit of level: the footprint of the deliveries, and the cleaner technique."""
    economy, inputs, *_ = leontief_economy(3)
    emitted = np.linspace(0.5, 0.1, N)
    extension = pe.Extension("CO2", {"sectors": emitted}, unit="tonne")
    owed = dict.fromkeys(NAMES, 2.0)
    found = pe.minimise(economy, extension, deliveries=owed, tol=TOL)
    footprint = np.linalg.solve((np.eye(N) - inputs).T, emitted)
    assert found.value == pytest.approx(2.0 * footprint.sum(), rel=5 * TOL)
    assert found.unit == "tonne"
    capped = extension.added_to(economy, 0.5 * found.value)
    assert pe.solve(capped).price[-1] > 0.0
    assert capped.goods.kind[-1] == "extension"


def test_extension_of_nested_workers_joins_their_fixed_inputs():
    """One unit of level emits one: what a plan at half the emissions may make is half."""
    nests = pe.NestedCES.from_values([[0.0, 1.0, 0.0]], pe.Nest(0.5, [1]))
    mills = pe.NestedCESWorkers([0], nests, fixed=[[0.0, 0.0, 0.5]], label="mills")
    wanted = pe.CobbDouglasConsumers([1.0], [[1.0, 0.0, 0.0]], needs=[[3.0, 0.0, 0.0]])
    economy = pe.Economy(["bread", "labour", "fuel"], [0.0, 10.0, 10.0], [wanted, mills])
    smoke = pe.Extension("smoke", {"mills": 1.0})
    found = pe.minimise(economy, smoke, tol=TOL)  # the needs in kind are the deliveries
    assert found.value == pytest.approx(3.0, rel=5 * TOL)
    assert found.used[2] == pytest.approx(1.5, rel=1e-6)
    made = smoke.added_to(economy, 4.0).family("mills")
    np.testing.assert_array_equal(made.fixed.toarray(), [[0.0, 0.0, 0.5, 1.0]])


@pytest.mark.parametrize("method", ["auto", "highs"])
@pytest.mark.parametrize("seed", range(3))
def test_most_of_a_basket_is_that_of_the_linear_programme(seed, method):
    economy, matrix, capacity, owed = several_techniques(seed)
    basket = {NAMES[0]: 1.0, NAMES[3]: 2.5}
    weight = np.array([basket.get(name, 0.0) for name in economy.goods.names])
    needs = np.append(0.3 * owed, [0.0, 0.0])
    m = len(matrix)
    flow = np.hstack([-matrix.T, np.eye(N + 2)])
    lp = linprog(
        np.append(np.zeros(m), -weight),
        A_ub=flow,
        b_ub=economy.endowment - needs,
        bounds=[(0.0, None if np.isinf(c) else c) for c in capacity] + [(0.0, None)] * (N + 2),
        method="highs",
    )
    expected = -lp.fun + weight @ needs
    found = pe.maximise(economy, basket, deliveries=needs, tol=TOL, method=method)
    assert found.plan.status is pe.Status.SOLVED, found.plan.message
    assert found.value == pytest.approx(expected, rel=5 * TOL)
    assert found.bound >= expected * (1 - 1e-12)
    # the value of what exists, less what is owed, at the multipliers, is that of the basket
    gain = found.price @ (economy.endowment - needs) + rents(found, economy)
    assert gain + weight @ needs == pytest.approx(expected, rel=1e-5)


def rents(found, economy) -> float:
    """Of the capacities, at the optimum's prices."""
    sectors = economy.family("sectors")
    profit = np.maximum(sectors.net_output @ found.price, 0.0)
    limited = np.isfinite(sectors.capacity)
    return float(profit[limited] @ sectors.capacity[limited])


def test_deliveries_of_a_plan_are_what_its_consumers_get():
    """A plan for targets uses all the labour there is: for what it delivers no less will do."""
    economy, *_ = leontief_economy(4)
    plan = pe.solve(economy, tol=TOL)
    found = pe.minimise(economy, "labour", deliveries=plan, tol=TOL)
    assert found.value == pytest.approx(100.0, rel=1e-6)
    np.testing.assert_allclose(found.deliveries[:N], plan.proposals[0].quantity, rtol=1e-12)


def test_nothing_of_it_is_needed():
    """One technique does without land."""
    net = [[1.0, -1.0, 0.0], [1.0, -0.5, -1.0]]
    economy = pe.Economy(
        ["corn", "labour", "land"], [0, 9, 9], [pe.Targets([0], 1.0), pe.Activities(net)]
    )
    found = pe.minimise(economy, "land", deliveries={"corn": 4.0}, tol=TOL)
    assert found.value == pytest.approx(0.0, abs=1e-6)
    assert found.bound == 0.0
    assert np.isnan(found.gap) or found.gap >= 0.0


def test_what_cannot_be_delivered_is_said_to_be_so():
    economy, *_ = leontief_economy(5, land=1.0)
    found = pe.minimise(economy, "labour", deliveries={NAMES[0]: 1e3})
    assert found.plan.status is pe.Status.INFEASIBLE
    assert (found.value, np.isnan(found.gap)) == (np.inf, True)
    assert "no plan delivers what is asked for" in repr(found)
    assert "land" in repr(found)
    most = pe.maximise(economy, NAMES[1], deliveries={NAMES[0]: 1e3})
    assert (most.plan.status, most.value) == (pe.Status.INFEASIBLE, 0.0)


def test_what_is_said_fits_the_screen():
    economy, *_ = leontief_economy(6)
    found = pe.minimise(economy, "labour", deliveries=dict.fromkeys(NAMES, 1.0))
    text = repr(found)
    assert text.startswith("least labour: ")
    assert max(map(len, text.splitlines())) < 80
    assert len(text.splitlines()) < 24


WRONG = [
    ("minimise", "labuor", {"good 0": 1.0}, "unknown good 'labuor'; did you mean 'labour'"),
    ("minimise", "good 0", {"good 1": 1.0}, "expected goods that nobody makes.*'good 0'"),
    ("minimise", {}, {"good 1": 1.0}, "expected a good, a kind, or weights by good"),
    ("minimise", {"labour": 0.0}, {"good 1": 1.0}, r"expected above 0.*'labour' \(0\)"),
    ("minimise", "labour", {"good 9": 1.0}, "unknown good 'good 9'"),
    ("minimise", "labour", {"good 1": -1.0}, r"deliveries: expected at least 0.*'good 1' \(-1\)"),
    ("minimise", "labour", [1.0, 2.0], r"deliveries: expected shape \(7,\)"),
    ("minimise", "labour", None, "deliveries: expected a quantity above 0"),
    ("maximise", "land ", None, "unknown good 'land '; did you mean 'land'"),
]


@pytest.mark.parametrize(("which", "what", "deliveries", "message"), WRONG)
def test_what_is_wrong_is_named(which, what, deliveries, message):
    economy, *_ = leontief_economy(7)
    with pytest.raises(pe.EconomyError, match=message):
        getattr(pe, which)(economy, what, deliveries=deliveries)


def test_costs_in_money_are_refused_by_name():
    imports = pe.Suppliers([0], 1.0, 1.0, 1.0, label="imports")
    economy = pe.Economy(2, [0.0, 1.0], [pe.Targets([0], 1.0), imports])
    with pytest.raises(pe.EconomyError, match=r"'imports' are in money.*as an endowment"):
        pe.minimise(economy, "good_1", deliveries={"good_0": 1.0})
    diligent = pe.CobbDouglasWorkers([0], [[0.0, 0.5]], 1.0, pe.Effort([0.1], [2.0], [1.0]))
    economy = pe.Economy(2, [0.0, 1.0], [pe.Targets([0], 1.0), diligent])
    with pytest.raises(pe.EconomyError, match="replace effort by hours of labour"):
        pe.maximise(economy, "good_0")


WRONG_EXTENSIONS = [
    (pe.Extension("labour", {"sectors": 1.0}), "there is a good 'labour'"),
    (pe.Extension("CO2", {"sectrs": 1.0}), "no family 'sectrs'; did you mean 'sectors'"),
    (pe.Extension("CO2", {"sectors": [1.0, -1, 0, 0, 0]}), r"sectors: expected at least 0.*\(-1\)"),
    (pe.Extension("CO2", {"targets": 1.0}), "expected Activities or NestedCESWorkers.*got Targets"),
]


@pytest.mark.parametrize(("extension", "message"), WRONG_EXTENSIONS)
def test_wrong_extensions_are_named(extension, message):
    economy, *_ = leontief_economy(8)
    with pytest.raises(pe.EconomyError, match=message):
        extension.added_to(economy, 1.0)
