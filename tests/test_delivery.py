"""From proposals that do not fit to a plan that exists: feasible to the last bit, little lost."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from economies_for_tests import random_economy
from kernels import twins
from parecon import fractions
from parecon.delivery import deliver, fits, totals
from parecon.draft import Draft, drafts
from parecon.problem import Problem
from parecon.proposals import supply_and_demand
from parecon.utility import suppliers_cost, utilities

MIXES = {
    "exchange": {"consumers": ("cobb_douglas", "linear")},
    "smooth": {"consumers": ("ces", "nested"), "workers": ("effort", "ces_falling")},
    "constant returns": {
        "consumers": ("leontief", "linear"),
        "workers": ("ces_constant", "nested_constant", "activities"),
    },
    "everything": {
        "consumers": ("cobb_douglas", "ces", "linear"),
        "workers": ("cobb_douglas", "ces_falling", "nested_falling", "activities"),
        "supplies": ("isoelastic", "linear"),
        "second_makers": True,
        "capacity": True,
    },
}


def proposals_at(economy, price):
    """(problem, drafts): what councils propose at prices that need not suit anybody."""
    problem = Problem(economy, 1)
    problem.market.announce(price)
    for answer in problem.inner:
        answer.start(problem.market, 0.05 * problem.total_budget / problem.n_goods)
    problem.respond(price)
    return problem, drafts(problem)


def rough_case(name, seed):
    """(problem, drafts, prices): a mix with needs at prices drawn without regard to it.

    Needs of resources that exist, so that some delivery does; low prices, so that much is asked.
    """
    rng = np.random.default_rng([seed, len(name)])
    economy = random_economy(rng, **MIXES[name], n_products=5, n_resources=3)
    consumers = economy.families[-1]
    needs = np.zeros((consumers.n_councils, economy.n_goods))
    owed = np.flatnonzero(economy.endowment > 0.0)[:2]
    needs[:, owed] = rng.uniform(0.1, 0.3, (consumers.n_councils, len(owed)))
    economy = economy.replace(families={consumers.label: {"needs": sp.csr_array(needs)}})
    price = 0.3 * np.exp(rng.normal(0.0, 1.0, economy.n_goods))
    return *proposals_at(economy, price), price


def welfare(economy, drafted):
    """Sum of b log u less suppliers' costs and the disutility of effort, money."""
    total = 0.0
    for draft in drafted:
        family, values = draft.family, draft.values
        if family.role == "consumers":
            with np.errstate(divide="ignore"):
                total += family.budget @ np.log(utilities(family, values["quantity"]))
        elif family.role == "suppliers":
            total -= suppliers_cost(family, values["quantity"]).sum()
        elif values.get("effort") is not None:
            total -= family.effort.scale @ values["effort"] ** family.effort.power
    return total


def assert_delivered(problem, before, after, price):
    """What a delivery promises: it fits, needs included, and is a fraction of what was proposed."""
    supply, demand = totals(problem, after)
    assert fits(supply, demand), f"overdrawn by {np.max(demand - supply):.1e}"
    # again from the public accounts, which add up in another order
    supply, demand = np.array(problem.economy.endowment), np.zeros(problem.n_goods)
    for draft in after:
        given, taken = supply_and_demand(draft.family, draft.final(price), problem.n_goods)
        supply, demand = supply + given, demand + taken
    assert np.all(demand <= supply * (1.0 + 1e-13))
    assert np.all(demand >= problem.needs)
    for proposed, delivered in zip(before, after, strict=True):
        for name, value in delivered.values.items():
            if value is not None:
                assert np.all(value >= 0.0), name
                assert np.all(value <= proposed.values[name] * (1.0 + 1e-15)), name


@pytest.mark.parametrize("hurry", [False, True], ids=["calm", "hurried"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", MIXES)
def test_rough_prices_give_a_plan_that_exists(name, seed, hurry) -> None:
    problem, proposed, price = rough_case(name, seed)
    supply, demand = totals(problem, proposed)
    assert not fits(supply, demand), "the prices were meant to be wrong"
    delivered = deliver(problem, proposed, price=price, hurry=hurry).drafts
    assert_delivered(problem, proposed, delivered, price)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", MIXES)
def test_rationing_alone_gives_a_plan_that_exists(name, seed, monkeypatch) -> None:
    """Where the programme is too large, or was stopped by the clock."""
    monkeypatch.setattr(fractions, "PROGRAMME_GOODS", 0)
    problem, proposed, price = rough_case(name, seed)
    delivered = deliver(problem, proposed, price=price, hurry=False).drafts
    assert_delivered(problem, proposed, delivered, price)


def test_what_fits_is_delivered_whole() -> None:
    """Nobody is cut while everything fits."""
    rng = np.random.default_rng(2)
    economy = random_economy(rng, consumers=("ces",), workers=("ces_falling",))
    problem, proposed = proposals_at(economy, np.exp(rng.normal(size=economy.n_goods)))
    _, demand = totals(problem, proposed)
    rich = economy.replace(endowment=1.5 * demand + 1.0)
    problem, proposed = proposals_at(rich, problem.market.price)
    delivered = deliver(problem, proposed, price=problem.market.price, hurry=False).drafts
    for one, other in zip(proposed, delivered, strict=True):
        for name, value in one.values.items():
            if value is not None:
                np.testing.assert_allclose(other.values[name], value, rtol=1e-11)


@pytest.mark.parametrize("seed", range(3))
def test_delivered_proposals_are_possible(seed) -> None:
    """A fraction of a convex technology's proposal: no more output than its inputs make."""
    rng = np.random.default_rng(seed)
    economy = random_economy(rng, consumers=("ces",), workers=("ces_falling",), second_makers=True)
    price = np.exp(rng.normal(size=economy.n_goods))
    problem, proposed = proposals_at(economy, price)
    delivered = deliver(problem, proposed, price=price, hurry=False).drafts
    family, values = next((d.family, d.values) for d in delivered if d.family.role == "workers")
    pointer = family.shares.indptr
    cut = values["output"] < 0.99 * proposed[0].values["output"]
    assert cut.any(), "the case is meant to cut somebody"
    for j, e in twins.ranges(pointer[:-1], pointer[1:]):
        share, s = family.shares.data[e], family.elasticity[j]
        logs = np.log(np.maximum(values["input"][e], 1e-300) / share)
        mean, power = share @ logs, 1.0 - 1.0 / s
        bend = np.log(share @ np.exp(power * (logs - mean))) / power if power else 0.0
        most = family.productivity[j] * np.exp(mean + bend) ** family.returns[j]
        assert values["output"][j] <= most * (1.0 + 1e-12)


@pytest.mark.parametrize("name", MIXES)
def test_sums_of_a_delivery_are_its_drafts(name) -> None:
    """Made by sectors, they are those of the councils, and they fit as well."""
    problem, proposed, price = rough_case(name, 0)
    delivery_ = deliver(problem, proposed, price=price, hurry=False)
    supply, demand = totals(problem, delivery_.drafts)
    np.testing.assert_allclose(delivery_.supply, supply, rtol=1e-13)
    np.testing.assert_allclose(delivery_.demand, demand, rtol=1e-13, atol=1e-15)
    assert fits(delivery_.supply, delivery_.demand)


# Needs --------------------------------------------------------------------------------------------


def with_needs(needs):
    """A resource, bread made of it one to one, at most 6; a household that owes its members bread.

    The resource is 10, half of which the household would rather have for itself.
    """
    household = pe.CobbDouglasConsumers([10.0], [[0.5, 0.5]], needs=sp.csr_array([needs]))
    bakery = pe.Activities([[-1.0, 1.0]], [6.0])
    problem, proposed = proposals_at(pe.Economy(2, [10.0, 0.0], [household, bakery]), np.ones(2))
    return problem, proposed


def with_level(proposed, level):
    """The drafts, the bakery at this level."""
    return [proposed[0], Draft(proposed[1].family, {"level": np.array([level])})]


@pytest.mark.parametrize("hurry", [False, True])
def test_needs_come_before_what_is_bought(hurry) -> None:
    """Six loaves baked, five owed: one is left to buy, of the five that the budget would pay.

    Bread is dearer than what it is made of, so that it is worth baking.
    """
    problem, proposed = with_needs([0.0, 5.0])
    price = np.array([1.0, 3.0])
    delivered = deliver(problem, with_level(proposed, 6.0), price=price, hurry=hurry).drafts
    assert delivered[1].values["level"] == pytest.approx([6.0], rel=1e-9)
    assert delivered[0].values["quantity"] == pytest.approx([4.0, 1.0], rel=1e-9)


def test_a_need_that_the_proposals_cannot_meet() -> None:
    """No fraction of three loaves feeds five: there is no such delivery, and it is said."""
    problem, proposed = with_needs([0.0, 5.0])
    assert deliver(problem, with_level(proposed, 3.0), price=np.ones(2), hurry=False) is None
    assert deliver(problem, with_level(proposed, 0.0), price=np.ones(2), hurry=True) is None


@pytest.mark.parametrize("hurry", [False, True])
def test_a_need_beyond_what_exists(hurry) -> None:
    """Of a good that nobody makes."""
    problem, proposed = with_needs([11.0, 0.0])
    assert deliver(problem, proposed, price=np.ones(2), hurry=hurry) is None


def test_needs_that_take_everything() -> None:
    """All ten of the resource are owed: the bakery stands still and nothing is bought."""
    problem, proposed = with_needs([10.0, 0.0])
    delivered = deliver(problem, with_level(proposed, 6.0), price=np.ones(2), hurry=False).drafts
    assert_delivered(problem, with_level(proposed, 6.0), delivered, np.ones(2))
    assert delivered[1].values["level"] == pytest.approx([0.0], abs=1e-9)


# What it costs ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted():
    """A CES economy of 800 councils with many intermediates, and its plan's prices."""
    return pe.synthetic.planted_ces(200, 600, 60, seed=4, goods_per_council=6)


def shortage_and_loss(planted, size):
    """(worst relative shortage of the proposals, welfare lost per unit of budget) at prices off by
    `size`."""
    economy = planted.economy
    noise = np.random.default_rng(8).normal(size=economy.n_goods)
    price = planted.price * np.exp(size * noise)
    problem, proposed = proposals_at(economy, price)
    supply, demand = totals(problem, proposed)
    delivered = deliver(problem, proposed, price=price, hurry=False).drafts
    best = Problem(economy, 1).respond(np.array(planted.price)).dual
    lost = (best - welfare(economy, delivered)) / problem.total_budget
    return np.max((demand - supply) / demand), lost


@pytest.mark.parametrize("size", [1e-6, 1e-4, 1e-2])
def test_small_shortages_cost_little(planted, size) -> None:
    """DESIGN section 6: .9 % short loses .4 % of welfare, 9 % loses 4 %: less than half of it."""
    shortage, lost = shortage_and_loss(planted, size)
    assert 0.1 * size < shortage < 0.2
    assert 0.0 <= lost <= 0.5 * shortage


@pytest.mark.parametrize("size", [0.1, 0.3])
def test_rough_prices_starve_nobody(planted, size) -> None:
    """Goods that are short by three quarters are shared, not withheld: log u of nothing is -inf."""
    shortage, lost = shortage_and_loss(planted, size)
    assert shortage > 0.7
    assert 0.0 <= lost <= 3.0 * shortage


def test_rationing_good_by_good_costs_more(planted, monkeypatch) -> None:
    """Cutting every user of a short intermediate also cuts those who make it."""
    _, programme = shortage_and_loss(planted, 0.01)
    monkeypatch.setattr(fractions, "PROGRAMME_GOODS", 0)
    _, rationed = shortage_and_loss(planted, 0.01)
    assert programme < 0.7 * rationed


def test_many_councils_are_delivered(planted) -> None:
    """Feasible in sums of thousands of entries, not only of a few."""
    rng = np.random.default_rng(3)
    for size in (1e-9, 1e-6, 1e-3, 0.03):
        price = planted.price * np.exp(size * rng.normal(size=60))
        problem, proposed = proposals_at(planted.economy, price)
        delivered = deliver(problem, proposed, price=price, hurry=False).drafts
        assert_delivered(problem, proposed, delivered, price)
