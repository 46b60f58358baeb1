"""False reports against formulas by hand, first-order effects, and the certificate."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from parecon.experiments import misreports
from parecon.experiments.misreports import ALLOWANCE, CAPACITY, NEEDS, Misreport

TOL = 1e-11


def solved(economy, tol=TOL):
    plan = pe.solve(economy, tol=tol, certify=True)
    plan.raise_if_not_solved()
    return plan


def only(council, of):
    return np.arange(of) == council


# -- by hand ---------------------------------------------------------------------------------------

SHARES = np.array([[0.75, 0.25], [0.25, 0.75]])


def exchange(needs=None):
    """Two consumer councils, budgets 1, one unit each of two goods."""
    return pe.Economy(
        ["bread", "wine"],
        np.ones(2),
        [pe.CobbDouglasConsumers(np.ones(2), SHARES, needs=needs, label="people")],
    )


@pytest.mark.parametrize("amount", [0.1, 0.5])
def test_an_overstated_allowance_in_exchange(amount) -> None:
    """u = prod (x/a)^a, x = b a / p, and p = sum b a with one unit of each good."""
    lie = Misreport(what=ALLOWANCE, family="people", liars=only(0, 2), amount=amount, share=1.0)
    found = misreports.compare(solved(exchange()), lie)
    log_p = np.log(np.array([1 + 0.75 * amount, 1 + 0.25 * amount]))
    own = np.log(1 + amount) - SHARES[0] @ log_p
    other = -SHARES[1] @ log_p
    assert np.log1p(found.liars_gain) == pytest.approx(own, abs=1e-9)
    assert np.log1p(found.others_gain) == pytest.approx(other, abs=1e-9)
    assert found.others_worst == found.others_gain
    assert found.welfare_lost == pytest.approx(-(own + other) / 2, abs=1e-9)
    assert found.certificate.budget_violation == pytest.approx(amount, rel=1e-9)
    assert found.certificate.budget_council == "people[0]"


def test_welfare_falls_with_the_square_and_gains_do_not() -> None:
    """The limits stated on the page: 3/8 t, -3/8 t, and 3/16 t^2 of two budgets."""
    plan, t = solved(exchange()), 1e-3
    lie = Misreport(what=ALLOWANCE, family="people", liars=only(0, 2), amount=t, share=1.0)
    found = misreports.compare(plan, lie)
    assert found.liars_gain == pytest.approx(3 / 8 * t, rel=2e-3)
    assert found.others_gain == pytest.approx(-3 / 8 * t, rel=2e-3)
    assert 2 * found.welfare_lost == pytest.approx(3 / 16 * t**2, rel=5e-3)


def test_overstated_needs_in_exchange() -> None:
    """What is left after needs is shared by budgets; the excess of needs is consumed on top."""
    needs, amount = 0.2, 0.5
    plan = solved(exchange(needs=sp.csr_array(np.array([[needs, 0.0], [0.0, 0.0]]))))
    lie = Misreport(what=NEEDS, family="people", liars=only(0, 2), amount=amount)
    found = misreports.compare(plan, lie)

    def log_u(bread, excess):  # of both, when so much bread is left after needs
        bought = np.array([[0.75 * bread, 0.25], [0.25 * bread, 0.75]])
        bought[0, 0] += excess
        return (SHARES * np.log(bought)).sum(axis=1)

    change = log_u(1 - needs * (1 + amount), needs * amount) - log_u(1 - needs, 0.0)
    assert np.log1p(found.liars_gain) == pytest.approx(change[0], abs=1e-9)
    assert np.log1p(found.others_gain) == pytest.approx(change[1], abs=1e-9)
    assert found.welfare_lost == pytest.approx(-change.sum() / 2, abs=1e-9)
    # its bread at the plan of reports costs 1/.7 a unit, and .1 of it was not paid for
    assert found.certificate.budget_violation == pytest.approx(needs * amount / 0.7, rel=1e-8)


@pytest.mark.parametrize("amount", [0.01, 0.1, 0.5])
def test_understated_capacity_of_one_council(amount) -> None:
    """p q = B and k k_s e^k = c B whatever A is; carried out, e falls by (1 - t)^(1/c)."""
    budget, b, c, k, scale = 3.0, 0.6, 0.25, 2.0, 0.7
    economy = pe.Economy(
        ["bread", "labour"],
        [0.0, 1.0],
        [
            pe.CobbDouglasConsumers([budget], [[1.0, 0.0]], label="people"),
            pe.CobbDouglasWorkers([0], [[0.0, b]], [2.0], pe.Effort(c, k, scale), label="bakers"),
        ],
    )
    plan = solved(economy)
    assert plan.proposal("bakers").effort[0] == pytest.approx((c * budget / (k * scale)) ** (1 / k))
    lie = Misreport(what=CAPACITY, family="bakers", liars=only(0, 1), amount=amount)
    found = misreports.compare(plan, lie)
    assert found.liars_output == pytest.approx(-amount, abs=1e-9)
    assert found.others_gain == pytest.approx(-amount, abs=1e-9)
    assert found.liars_gain == pytest.approx(1 - (1 - amount) ** (k / c), abs=1e-8)
    lost = -np.log(1 - amount) - c / k * (1 - (1 - amount) ** (k / c))
    assert found.welfare_lost == pytest.approx(lost, abs=1e-9)
    if amount == 0.01:  # and to second order t^2 k / (2 c)
        assert lost == pytest.approx(amount**2 * k / (2 * c), rel=0.05)
    assert found.certificate.feasible


# -- where nothing is to be had by hand --------------------------------------------------------


@pytest.fixture(scope="module")
def village():
    return solved(misreports.economy_with_needs(60, 50, 4, seed=3))


def test_a_fifth_or_so_of_income_is_delivered_in_kind(village) -> None:
    people = village.economy.family("consumers")
    in_kind = people.needs @ village.price / (people.budget + people.needs @ village.price)
    assert np.diff(people.needs.indptr).max() == 4  # all private goods there are, of five
    assert 0.1 < in_kind.mean() < 0.3


ALL = (
    (NEEDS, "consumers", 50),
    (ALLOWANCE, "consumers", 50),
    (CAPACITY, "workers", 60),
)


@pytest.mark.parametrize(("what", "family", "count"), ALL)
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_what_is_carried_out_is_a_plan_of_the_true_economy(village, what, family, count, part):
    """Feasible, no better than the honest plan, and the accounts of welfare add up."""
    honest = village.economy
    lie = Misreport(what=what, family=family, liars=misreports.choose(count, part, 1), amount=0.2)
    told = solved(lie.reported(honest))
    carried = misreports.carried_out(honest, told)
    certificate = pe.certify(honest, carried)
    assert certificate.feasible
    assert certificate.welfare < village.certificate.bound
    before = misreports.lives(honest, village.proposals)
    after = misreports.lives(honest, carried.proposals)
    people = honest.family("consumers")
    change = people.budget @ np.log(after.utility["consumers"] / before.utility["consumers"])
    change -= np.sum(after.disutility["workers"] - before.disutility["workers"])
    found = misreports.compare(village, lie)
    lost = found.welfare_lost * honest.total_budget
    assert lost == pytest.approx(-change, abs=2e-9 * honest.total_budget)
    assert found.liars == lie.liars.sum()


@pytest.mark.parametrize(("what", "family", "count"), ALL)
def test_small_lies_cost_in_proportion_to_their_square(village, what, family, count) -> None:
    liars = misreports.choose(count, 0.3, 2)
    small = 0.01 if what != CAPACITY else 0.0005  # k/c is some 50 there
    losses, gains = [], []
    for amount in (small, 2 * small):
        lie = Misreport(what=what, family=family, liars=liars, amount=amount)
        found = misreports.compare(village, lie, tol=TOL)
        losses.append(found.welfare_lost)
        gains.append(found.liars_gain)
    assert losses[1] / losses[0] == pytest.approx(4.0, rel=0.06)
    assert gains[1] / gains[0] == pytest.approx(2.0, rel=0.06)


def test_the_plan_of_reports_believes_to_lose_what_the_envelope_says(village) -> None:
    """d welfare / d log A = p q: what the board believes is lost by t of A, to first order."""
    small, honest = 1e-4, village.economy
    liars = misreports.choose(60, 0.3, 2)
    lie = Misreport(what=CAPACITY, family="workers", liars=liars, amount=small)
    told = solved(lie.reported(honest))
    believed = village.welfare - told.welfare
    revenue = village.proposal("workers").social_benefit[liars].sum()
    assert believed == pytest.approx(small * revenue, rel=5e-3)


def test_a_council_that_exaggerates_its_needs_gains_their_value_less_what_prices_do(village):
    """b d log u = p dn - x dp for the liar and -x dp for the others, to first order."""
    small, honest = 1e-4, village.economy
    people, liars = honest.family("consumers"), only(7, 50)
    told = solved(
        Misreport(what=NEEDS, family="consumers", liars=liars, amount=small).reported(honest)
    )
    carried = misreports.carried_out(honest, told)
    before, after = (
        misreports.lives(honest, proposals).utility["consumers"]
        for proposals in (village.proposals, carried.proposals)
    )
    gain = people.budget * np.log(after / before)
    bought = sp.csr_array(
        (village.proposal("consumers").quantity, people.shares.indices, people.shares.indptr),
        shape=people.shares.shape,
    )
    expected = -bought @ (told.price - village.price)
    expected[7] += small * (people.needs @ village.price)[7]
    np.testing.assert_allclose(gain, expected, rtol=0, atol=2e-3 * np.abs(expected).max())
    others = ~liars
    np.testing.assert_allclose(gain[others], expected[others], rtol=0.02)


def test_councils_without_effort_hoard() -> None:
    """They get the inputs of the plan and make what it asks for, which is less than they could."""
    economy = pe.Economy(
        ["bread", "labour"],
        [0.0, 4.0],
        [
            pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]], label="people"),
            pe.CobbDouglasWorkers([0], [[0.0, 0.5]], [2.0], label="bakers"),
        ],
    )
    plan = solved(economy)
    found = misreports.compare(
        plan, Misreport(what=CAPACITY, family="bakers", liars=only(0, 1), amount=0.2)
    )
    # revenue is half of the budget, whatever A is, and so is labour bought; bread falls with A
    assert found.others_gain == pytest.approx(0.8**0.5 - 1, abs=1e-9)
    assert found.liars_output == pytest.approx(-0.2, abs=1e-9)
    assert found.liars_gain == 0.0
    assert np.isnan(found.others_effort)
    assert found.certificate.feasible


def test_needs_that_utility_does_not_know_are_wasted() -> None:
    needs = sp.csr_array(np.array([[0.0, 0.3]]))
    economy = pe.Economy(
        ["bread", "medicine"],
        [1.0, 1.0],
        [
            pe.CobbDouglasConsumers([1.0], [[1.0, 0.0]], needs=needs, label="ill"),
            pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]], label="well"),
        ],
    )
    plan = solved(economy)
    found = misreports.compare(
        plan, Misreport(what=NEEDS, family="ill", liars=only(0, 1), amount=1.0)
    )
    assert found.liars_gain == pytest.approx(0.0, abs=1e-9)
    assert found.others_gain == pytest.approx((0.4 / 0.7) ** 0.5 - 1, abs=1e-9)
    assert found.certificate.budget_violation == pytest.approx(0.0, abs=1e-9)
    assert found.certificate.surplus > 0.1  # medicine that nobody takes


def test_nested_consumers_and_others_may_lie_too() -> None:
    """Entries of nests stand in the order of leaves, not of goods."""
    nests = pe.NestedCES.from_values(
        np.array([[0.2, 0.5, 0.3], [0.3, 0.3, 0.4]]),
        pe.Nest(0.5, [2, pe.Nest(1.5, [1, 0])]),
        reference_price=np.ones(3),
    )
    needs = sp.csr_array(np.array([[0.0, 0.1, 0.2], [0.05, 0.0, 0.0]]))
    economy = pe.Economy(
        3, np.ones(3), [pe.NestedCESConsumers([1.0, 2.0], nests, needs=needs, label="people")]
    )
    plan = solved(economy, 1e-9)
    lie = Misreport(what=NEEDS, family="people", liars=np.array([True, True]), amount=0.5)
    told = solved(lie.reported(economy), 1e-9)
    carried = misreports.carried_out(economy, told).proposals[0]
    council = np.repeat([0, 1], np.diff(nests.leaf_start))
    extra = 0.5 * needs.toarray()[council, nests.leaf_good]
    np.testing.assert_allclose(carried.quantity, told.proposals[0].quantity + extra, rtol=1e-15)
    assert extra.any()
    assert misreports.compare(plan, lie).certificate.feasible


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"what": "need"}, "misreport of 'need'; did you mean 'needs'"),
        ({"what": CAPACITY}, "people has no capacity to report"),
        ({"family": "bakers"}, "no family 'bakers'"),
        ({"what": NEEDS}, "people has no needs to report"),
        ({"liars": np.ones(3, bool)}, r"expected 2 truth values, .* got shape \(3,\)"),
        ({"liars": np.ones(2)}, "of float64"),
        ({"amount": 0.0}, "an amount above 0, got 0.0"),
    ],
)
def test_what_cannot_be_said_is_refused(change, message) -> None:
    said = {"what": ALLOWANCE, "family": "people", "liars": np.ones(2, bool), "amount": 0.1}
    with pytest.raises(pe.PareconError, match=message):
        Misreport(**said | change).reported(exchange())


def test_capacities_cannot_be_understated_by_all(village) -> None:
    lie = Misreport(what=CAPACITY, family="workers", liars=np.ones(60, bool), amount=1.0)
    with pytest.raises(pe.SettingsError, match="above 0 and below 1"):
        lie.reported(village.economy)


def test_who_lies_is_drawn_from_a_seed() -> None:
    few, again, other = (misreports.choose(1_000, 0.1, seed) for seed in (1, 1, 2))
    assert few.sum() == 100
    np.testing.assert_array_equal(few, again)
    assert np.any(few != other)
    assert misreports.choose(10, 0.0, 1).sum() == 1
    assert misreports.choose(10, 1.0, 1).all()
