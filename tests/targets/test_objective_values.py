"""The table of what goods are worth: against closed forms, and do its checks find what is wrong?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import TARGETS, random_economy
from parecon.accounts.labels import Labels
from parecon.accounts.leontief import leontief

TOL = 1e-8
N = 4
NAMES = [f"good {i}" for i in range(N)]


def economy_of(form: str = "harmony", *, land: float = 100.0, seed: int = 1):
    """(economy, A, labour per unit): Leontief techniques, plenty of land unless told."""
    rng = np.random.default_rng(seed)
    inputs, direct = rng.uniform(0.0, 0.2, (N, N)), rng.uniform(0.5, 2.0, N)
    net = np.hstack([np.eye(N) - inputs.T, -direct[:, None], -rng.uniform(0.1, 1.0, (N, 1))])
    goods = pe.Goods([*NAMES, "labour", "land"], kind=["product"] * N + ["labour", "nature"])
    wanted = pe.Targets(range(N), rng.uniform(1.0, 4.0, N), rng.uniform(1.0, 3.0, N), form)
    return (
        pe.Economy(goods, [*[0.0] * N, 10.0, land], [wanted, pe.Activities(net, label="sectors")]),
        inputs,
        direct,
    )


def check(values, beginning: str):
    """The check of that name."""
    (found,) = [check for check in values.checks if check.name.startswith(beginning)]
    return found


@pytest.mark.parametrize("form", ["harmony", "ray", "log", "linear"])
def test_prices_are_labour_values_where_labour_is_all_that_is_scarce(form):
    economy, inputs, direct = economy_of(form)
    plan = pe.solve(economy, tol=TOL)
    found = pe.objective_values(plan)
    made = plan.supply[:N] > 1e-6  # a basket is all of one good, and of what that takes
    expected = leontief(inputs, Labels(NAMES)).prices(direct)
    np.testing.assert_allclose(found.labour_value[:N][made], expected[made], rtol=1e-6)
    np.testing.assert_allclose(found.labour_value[N:], [1.0, 0.0])
    wage = plan.price[N]
    np.testing.assert_allclose(plan.price[:N][made] / wage, expected[made], rtol=1e-6)
    assert not found.failures, found.failures
    assert check(found, "where only labour is scarce").worst < 1e-6
    assert found.labour == "labour"


def test_scarce_land_is_part_of_prices_and_not_of_labour_values():
    economy, inputs, direct = economy_of(land=2.0)
    plan = pe.solve(economy, tol=TOL)
    found = pe.objective_values(plan)
    expected = np.linalg.solve((np.eye(N) - inputs).T, direct)
    np.testing.assert_allclose(found.labour_value[:N], expected, rtol=1e-9)
    assert plan.price[N + 1] > 1e-3
    assert np.isnan(check(found, "where only labour is scarce").worst)
    assert check(found, "prices are what scarce things cost").worst < TOL
    assert not found.failures


@pytest.mark.parametrize("form", ["ray", "linear"])
def test_marginal_values_are_in_units_of_the_objective(form):
    """One percent more labour makes one percent more bundles, one percent more of the basket."""
    economy, *_ = economy_of(form)
    found = pe.objective_values(pe.solve(economy, tol=TOL), directions=["labour"])
    assert found.marginal[N] * 10.0 == pytest.approx(found.value, rel=1e-6)
    assert found.one_more[N] == pytest.approx(found.marginal[N], rel=1e-6)
    assert found.one_less[N] == pytest.approx(found.marginal[N], rel=1e-6)
    (targets,) = (f for f in economy.families if f.role == "consumers")
    assert found.price @ economy.endowment == pytest.approx(targets.weight.sum(), rel=1e-6)


def test_directional_values_enclose_the_price_of_a_smooth_plan():
    economy, *_ = economy_of("harmony", land=2.0)
    found = pe.objective_values(
        pe.solve(economy, tol=TOL), directions=["land", "good 2"], step=1e-3
    )
    assert found.one_more[N + 1] < found.price[N + 1] < found.one_less[N + 1]
    assert found.one_more[N + 1] == pytest.approx(found.price[N + 1], rel=1e-2)
    assert found.one_more[2] == pytest.approx(found.price[2], rel=1e-2)
    assert np.isnan(found.one_less[2])  # there is none that could be taken away
    assert np.isnan(found.one_more[:2]).all()
    assert not found.failures


def test_directional_values_show_a_kink_that_prices_hide():
    """One bundle is one of either good, and of either there is one: one more of one is worth
    nothing, one less of one costs a bundle; any prices that sum to one would do."""
    economy = pe.Economy(2, [1.0, 1.0], [pe.Targets([0, 1], 1.0, form="ray")])
    found = pe.objective_values(pe.solve(economy, tol=TOL), directions=["good_0", "good_1"])
    np.testing.assert_allclose(found.one_more, 0.0, atol=1e-6)
    np.testing.assert_allclose(found.one_less, 1.0, rtol=1e-6)
    assert found.marginal.sum() == pytest.approx(1.0, rel=1e-6)
    assert not found.failures


def test_values_of_an_optimum():
    economy, inputs, direct = economy_of()
    least = pe.minimise(economy, "labour", deliveries=dict.fromkeys(NAMES, 1.0), tol=TOL)
    found = pe.objective_values(least, directions=["good 1"])
    expected = np.linalg.solve((np.eye(N) - inputs).T, direct)
    assert (found.objective, found.labour) == ("least labour", "labour")
    assert found.value == least.value
    for column in (found.marginal, found.labour_value, least.price):
        np.testing.assert_allclose(column[:N], expected, rtol=1e-6)
    assert found.one_more[1] == pytest.approx(expected[1], rel=1e-5)
    assert not found.failures
    emitted = pe.Extension("CO2", {"sectors": [0.4, 0.1, 0.2, 0.3]})
    clean = pe.minimise(economy, emitted, deliveries=dict.fromkeys(NAMES, 1.0), tol=TOL)
    footprint = np.linalg.solve((np.eye(N) - inputs).T, [0.4, 0.1, 0.2, 0.3])
    np.testing.assert_allclose(
        pe.objective_values(clean).labour_value[:N], footprint, rtol=1e-6
    )  # the content of what is minimised


def test_joint_outputs_share_labour_by_value():
    """One hour makes a unit of each of two goods: their labour values are 3/4 and 1/4 of it where
    their prices are."""
    joint = pe.Activities([[1.0, 1.0, -1.0]])
    wanted = pe.Targets([0, 1], 1.0, [3.0, 1.0], "log")
    economy = pe.Economy(["wool", "mutton", "labour"], [0.0, 0.0, 5.0], [wanted, joint])
    found = pe.objective_values(pe.solve(economy, tol=TOL))
    np.testing.assert_allclose(found.labour_value, [0.75, 0.25, 1.0], rtol=1e-6)
    np.testing.assert_allclose(found.price, [0.6, 0.2, 0.8], rtol=1e-6)
    assert not found.failures


@pytest.mark.parametrize("worker", ["activities", "ces_falling", "nested_constant", "effort"])
@pytest.mark.parametrize("form", TARGETS)
def test_checks_hold_of_any_plan(form, worker):
    """Rents of capacities, falling returns and effort included."""
    economy = random_economy(
        np.random.default_rng(len(form) + 7),
        consumers=(form,),
        workers=(worker,),
        capacity=True,
        n_resources=3,
    )
    plan = pe.solve(economy)
    assert plan.status is pe.Status.SOLVED
    found = pe.objective_values(plan, labour="good_0")
    assert not found.failures, found.failures


def test_checks_hold_beside_consumers_and_suppliers():
    economy = random_economy(
        np.random.default_rng(3),
        consumers=("ces", "harmony"),
        workers=("ces_constant", "activities"),
        supplies=("linear", "isoelastic"),
        needs=True,
    )
    found = pe.objective_values(pe.solve(economy), labour="good_1", directions=["good_0"])
    assert (found.objective, found.unit) == ("welfare", "money")
    assert not found.failures, found.failures


def tampered(plan: pe.Plan, **changes) -> pe.Plan:
    """The plan with other figures, and no certificate."""
    kept = {f.name: getattr(plan, f.name) for f in dataclasses.fields(plan)}
    return pe.Plan(**kept | {"certificate": None} | changes)


def test_checks_find_wrong_prices():
    """One price a thousandth off, all prices doubled, a price for what is left over."""
    economy, *_ = economy_of("log")
    plan = pe.solve(economy, tol=TOL)
    dearer = np.array(plan.price)
    dearer[2] *= 1.001
    failed = {c.name for c in pe.objective_values(tampered(plan, price=dearer)).failures}
    assert "prices are what one more unit is worth to its target" in failed
    assert "no technique would profit" in failed
    assert "where only labour is scarce, prices are its content" in failed
    doubled = pe.objective_values(tampered(plan, price=2.0 * plan.price)).failures
    assert any(c.name.startswith("prices are what one more unit") for c in doubled)
    priced = np.array(plan.price)
    priced[N + 1] = 0.1
    failed = {c.name for c in pe.objective_values(tampered(plan, price=priced)).failures}
    assert "what is left over has no price" in failed
    assert "rents add up to the value of deliveries" in failed
    assert "no technique in use loses" in failed


def test_table_fits_the_screen_and_goes_to_pandas():
    economy, *_ = economy_of()
    plan = pe.solve(economy, tol=TOL)
    found = pe.objective_values(plan, directions=["labour", "good 0"])
    text = repr(found)
    assert max(map(len, text.splitlines())) < 80
    assert text.splitlines()[0].startswith("harmony: ")
    assert "good 3" in text
    frames = found.to_pandas()
    assert list(frames) == ["goods", "targets", "checks"]
    assert frames["goods"]["labour_value"].tolist() == found.labour_value.tolist()
    assert frames["targets"]["good"].tolist() == NAMES
    assert frames["checks"]["holds"].all()
    reached = [target.reached for target in found.targets]
    quantity, (family, _) = plan.proposals[0].quantity, economy.families
    np.testing.assert_allclose(reached, quantity / family.target)


def test_what_cannot_be_valued_is_refused():
    economy, *_ = economy_of()
    plan = pe.solve(economy)
    with pytest.raises(pe.UnknownGoodError, match="'labuor'; did you mean 'labour'"):
        pe.objective_values(plan, labour="labuor")
    with pytest.raises(pe.PlanError, match="step between 0 and 1, got 0"):
        pe.objective_values(plan, step=0.0)
    none = pe.minimise(
        economy.replace(endowment={"land": 0.01}), "labour", deliveries={"good 0": 9.0}
    )
    with pytest.raises(pe.PlanError, match="expected a plan with figures, got infeasible"):
        pe.objective_values(none)
