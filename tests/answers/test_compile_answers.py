"""Which councils are answered as functions of prices, and which own a level."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from answers.answers_for_tests import N_GOODS, OWNERS, owners_economy, problem_of
from economies_for_tests import CONSUMERS, WORKERS, random_economy
from parecon.answers import InnerAnswer

HALF = np.array([[0.5, 0.5, 0.0]])


def economy_with(*families):
    """Three goods, the last made by whoever makes something."""
    consumers = pe.CobbDouglasConsumers([10.0], [[0.3, 0.3, 0.4]])
    return pe.Economy(3, [1.0, 1.0, 1.0], [*families, consumers])


def ces_workers(returns, capacity=None):
    m = len(returns)
    return pe.CESWorkers([2] * m, np.tile(HALF, (m, 1)), 0.5, returns, np.ones(m), capacity)


def parts(economy):
    """[(is an inner answer, its councils)] of the first family."""
    family, group = economy.families[0], problem_of(economy).groups[0]
    return [
        (
            isinstance(answer, InnerAnswer),
            list(range(family.n_councils) if answer.councils is None else answer.councils),
        )
        for answer in group
    ]


def test_returns_and_capacities_decide() -> None:
    """A capacity, or returns near one, make a level of it; each council is answered once."""
    mixed = ces_workers([0.5, 0.99, 1.0, 0.8], [np.inf, np.inf, np.inf, 3.0])
    assert parts(economy_with(mixed)) == [(False, [0]), (True, [1, 2, 3])]
    assert parts(economy_with(ces_workers([0.5, 0.9]))) == [(False, [0, 1])]
    assert parts(economy_with(ces_workers([0.5, 0.9], [1.0, 2.0]))) == [(True, [0, 1])]


def test_a_family_in_two_parts_answers_as_one() -> None:
    """Proposals come back in the family's order, whichever part made them."""
    returns = [0.5, 0.99, 0.5, 0.99]
    problem = problem_of(economy_with(ces_workers(returns)))
    problem.market.announce(np.array([1.0, 2.0, 3.0]))
    for answer in problem.inner:
        answer.start(problem.market, 0.1)
    problem.respond(np.array([1.0, 2.0, 3.0]))
    from parecon.draft import drafts

    values = drafts(problem)[0].values
    assert values["output"][0] == values["output"][2]
    assert values["output"][1] == values["output"][3]
    assert values["output"][0] != values["output"][1]
    np.testing.assert_array_equal(values["input"][:4], values["input"][4:])
    assert values["level"].shape == (4,)


@pytest.mark.parametrize(
    ("form", "maximum", "expected"),
    [
        ("isoelastic", None, [(False, [0, 1])]),
        ("isoelastic", [np.inf, 2.0], [(False, [0]), (True, [1])]),
        ("linear", None, [(True, [0, 1])]),
    ],
)
def test_suppliers(form, maximum, expected) -> None:
    """Linear supply has a kink at zero, a maximum one above."""
    family = pe.Suppliers([0, 1], 1.0, 1.0, [0.5, 2.0], form=form, maximum=maximum)
    assert parts(economy_with(family)) == expected


def test_consumers_of_elasticity_one_are_cobb_douglas() -> None:
    """Which makes every council's spending a constant."""
    shares = [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]
    economy = pe.Economy(3, np.ones(3), [pe.CESConsumers([1.0, 2.0], shares, 1.0)])
    problem = problem_of(economy)
    problem.respond(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(problem.market.demand, [0.9, 1.1, 1.0], rtol=1e-15)
    assert not problem.curvature().terms


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_only_linear_utility_owns_something(consumer) -> None:
    rng = np.random.default_rng(1)
    problem = problem_of(random_economy(rng, consumers=(consumer,)))
    assert problem.smooth == (consumer != "linear")


@pytest.mark.parametrize("worker", WORKERS)
def test_only_falling_returns_own_nothing(worker) -> None:
    rng = np.random.default_rng(1)
    problem = problem_of(random_economy(rng, workers=(worker,)))
    assert problem.smooth == (worker in ("cobb_douglas", "effort", "ces_falling"))


def test_a_family_without_councils_has_no_answer() -> None:
    empty = pe.Activities(np.empty((0, 3)))
    problem = problem_of(economy_with(empty))
    assert problem.groups[0] == []
    assert problem.smooth


def test_pairs_are_counted() -> None:
    """As many products as there are levels, capacities and linear entries."""
    expected = {"activities": 5 + 2, "nested constant": 4 + 4, "joint": 4 + 4}
    expected["suppliers linear"] = 5 + 2
    for kind, count in expected.items():
        economy, _ = owners_economy(np.random.default_rng(5), kind)
        assert problem_of(economy).inner[0].n_products == count, kind
    economy, _ = owners_economy(np.random.default_rng(5), "linear consumers")
    assert problem_of(economy).inner[0].n_products == economy.families[0].value.nnz


@pytest.mark.usefixtures("every_thread")
@pytest.mark.parametrize("threads", [2, 7])
def test_inner_answers_give_the_same_bits_on_any_number_of_threads(threads) -> None:
    """Sums, curvature, right-hand sides and steps."""

    def run(n_threads):
        economy, price = owners_economy(np.random.default_rng(5), *OWNERS)
        problem = problem_of(economy, n_threads)
        problem.market.announce(price)
        for answer in problem.inner:
            answer.start(problem.market, 0.1)
        market = problem.respond(price)
        filled = np.empty((N_GOODS, N_GOODS))
        problem.curvature().fill(filled)
        rhs, steps = np.zeros(N_GOODS), []
        for answer in problem.inner:
            answer.target(market, 0.1, False, rhs)
            steps.append(answer.recover(market, np.linspace(-0.1, 0.2, N_GOODS)))
        return b"".join(
            np.asarray(a).tobytes()
            for a in (market.supply, market.demand, market.dual, filled, rhs, steps)
        )

    assert run(threads) == run(1)
