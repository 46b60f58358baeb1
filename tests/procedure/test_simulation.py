"""The annual procedure: how it ends, what it counts, and that its figures are true."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import random_economy
from parecon import rules, synthetic
from parecon.delivery import deliver
from parecon.draft import drafts
from parecon.problem import Problem
from parecon.procedure.councils import Councils
from parecon.rules import Sums

BOOK = {"n_workers": 300, "n_consumers": 250, "categories": 5}


@pytest.fixture(scope="module")
def economy():
    """A book economy of 25 goods."""
    return synthetic.book(**BOOK, seed=4)


@pytest.fixture(scope="module", params=rules.NAMES)
def rounds(request, economy):
    """A procedure per rule, to one per cent or 60 rounds."""
    return pe.simulate(
        economy, rule=request.param, start_price=700.0, threshold=0.01, max_rounds=60, gaps="every"
    )


def test_rows_are_announcements_and_their_answers(rounds, economy) -> None:
    """Every row asked again, by councils that know nothing of the others."""
    councils = Councils(economy, 1)
    for r in range(rounds.n_rounds):
        seen = councils.answer(rounds.price[r])
        np.testing.assert_allclose(rounds.supply[r], seen.supply, rtol=1e-13)
        np.testing.assert_allclose(rounds.demand[r], seen.demand, rtol=1e-13)
        assert rounds.dual[r] == pytest.approx(councils.dual, rel=1e-13)


def test_gaps_are_those_of_plans_that_exist(rounds, economy) -> None:
    """Each round's proposals delivered and judged by the certificate."""
    problem = Problem(economy, 1)
    for r in {0, rounds.n_rounds // 2, rounds.n_rounds - 1}:
        price = rounds.price[r]
        problem.respond(price)
        delivery = deliver(problem, drafts(problem), price=price, hurry=False)
        plan = pe.Plan(
            economy=economy, status=pe.Status.INACCURATE, message="", price=price,
            supply=delivery.supply, demand=delivery.demand, method="rounds", history=(),
            proposals=tuple(draft.final(price) for draft in delivery.drafts),
        )  # fmt: skip
        certificate = pe.certify(economy, plan)
        assert certificate.feasible
        assert rounds.gap[r] == pytest.approx(certificate.gap, rel=1e-6, abs=1e-9)
        assert rounds.gap[r] > 0


def test_distance_is_from_the_plan(rounds, economy) -> None:
    plan = pe.solve(economy, tol=1e-10)
    expected = np.max(np.abs(rounds.price / plan.price - 1.0), axis=1)
    np.testing.assert_allclose(rounds.distance, expected, rtol=1e-5, atol=1e-8)
    # Phi is least at the plan
    assert np.all(rounds.dual >= plan.bound - 1e-9 * abs(plan.bound))


def test_numbers_are_counted(rounds, economy) -> None:
    """One quantity per council and good it uses or makes; one sensitivity with each."""
    workers, consumers = economy.family("workers"), economy.family("consumers")
    quantities = workers.exponents.nnz + workers.n_councils + consumers.shares.nnz
    times = 2 if "sensitivity" in rules.make(rounds.rule).sees else 1
    sent = quantities * (times + rounds.inquiries)
    np.testing.assert_array_equal(rounds.sent, sent)
    assert np.all((rounds.inquiries > 0)[:-1] == (rounds.rule == "newton"))
    assert rounds.n_announcements == rounds.n_rounds


def test_it_stops_at_the_first_round_below_the_threshold(rounds) -> None:
    worst = rounds.worst_imbalance
    assert rounds.settled == (worst[-1] < 0.01)
    assert np.all(worst[:-1] >= 0.01)
    assert rounds.n_rounds <= 60


def test_the_book_rule_counts_as_the_book_does(economy) -> None:
    """The first announcement is a round; a run that starts at the plan takes one."""
    plan = pe.solve(economy, tol=1e-10)
    assert pe.simulate(economy, start_price=plan.price, plan=plan).n_rounds == 1


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("exponents", "most"), [((0.75, 0.85), 10), ((0.85, 0.9), 15), ((0.9, 0.95), 25)]
)
def test_rounds_of_the_default_rule(seed, exponents, most) -> None:
    """To one per cent from 700, where the book rule takes 50 or does not converge at all."""
    economy = synthetic.book(3_000, 3_000, 10, seed=seed, exponent_sum=exponents)
    councils = Councils(economy, 1)
    found = pe.simulate(councils, start_price=700.0, threshold=0.01, gaps="none", plan=False)
    assert found.settled
    assert found.n_rounds <= most
    book = pe.simulate(
        councils, rule="book", start_price=700.0, threshold=0.01, max_rounds=100, gaps="none",
        plan=False,
    )  # fmt: skip
    assert book.settled == (exponents[0] == 0.75)
    assert book.n_rounds > 3 * most


@pytest.mark.parametrize("start", [70.0, 7_000.0])
@pytest.mark.parametrize("rule", ["anderson", "newton", "elasticity"])
def test_far_starts_settle(rule, start, economy) -> None:
    found = pe.simulate(economy, rule=rule, start_price=start, threshold=0.01, gaps="none")
    assert found.settled
    assert found.distance[-1] < 0.05


@pytest.mark.parametrize("consumers", ["ces", "leontief", "nested"])
@pytest.mark.parametrize("workers", ["cobb_douglas", "effort", "ces_falling"])
def test_other_families(consumers, workers) -> None:
    """Prices of the plan, from whatever the board begins with."""
    economy = random_economy(
        np.random.default_rng(8), consumers=(consumers, "cobb_douglas"), workers=(workers,),
        supplies=("isoelastic",), needs=True,
    )  # fmt: skip
    found = pe.simulate(economy, threshold=1e-6, gaps="none")
    assert found.settled, found
    assert found.distance[-1] < 1e-4


def test_the_first_price_buys_what_exists(economy) -> None:
    """Nothing else is known before the first round."""
    first = pe.simulate(economy, max_rounds=1).price[0]
    assert np.all(first == first[0])
    assert first @ economy.endowment == pytest.approx(economy.total_budget)


def test_limits_and_requests_end_it(economy) -> None:
    """Each with a status of its own, and all rounds so far."""
    kept = {"rule": "book", "start_price": 700.0, "threshold": 1e-6, "gaps": "none", "plan": False}
    found = pe.simulate(economy, max_rounds=7, **kept)
    assert (found.status, found.n_rounds) == (pe.ProcedureStatus.ROUND_LIMIT, 7)
    found = pe.simulate(economy, callback=lambda one: one.round == 3, **kept)
    assert (found.status, found.n_rounds) == (pe.ProcedureStatus.INTERRUPTED, 3)
    found = pe.simulate(economy, time_limit_s=1e-9, **kept)
    assert (found.status, found.n_rounds) == (pe.ProcedureStatus.TIME_LIMIT, 1)


def test_ctrl_c_keeps_the_rounds(economy) -> None:
    """A signal in the middle: the procedure ends after the round it is in."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")

    def interrupt(one):
        if one.round == 4:
            os.kill(os.getpid(), signal.SIGINT)

    found = pe.simulate(
        economy, rule="book", start_price=700.0, threshold=1e-6, callback=interrupt, gaps="none"
    )
    assert found.status is pe.ProcedureStatus.INTERRUPTED
    assert found.n_rounds <= 6


def test_prices_that_run_away_are_said_to() -> None:
    """A rule that moves the wrong way."""
    economy = synthetic.book(**BOOK, seed=1)

    def wrong_way(seen: Sums):
        return seen.price * (seen.supply / seen.demand) ** 3

    found = pe.simulate(economy, rule=wrong_way, start_price=700.0, plan=False)
    assert found.status is pe.ProcedureStatus.DIVERGED


@pytest.mark.usefixtures("every_thread")
def test_threads_change_nothing(economy) -> None:
    one = pe.simulate(economy, start_price=700.0, threshold=1e-3, n_threads=1)
    for threads in (2, 7):
        other = pe.simulate(economy, start_price=700.0, threshold=1e-3, n_threads=threads)
        np.testing.assert_array_equal(other.price, one.price)


def test_next_year_begins_where_this_one_ended(economy) -> None:
    """Prices and what the rule remembers."""
    first = pe.simulate(economy, rule="book", start_price=700.0)
    second = pe.simulate(economy, rule="book", after=first, threshold=0.02)
    np.testing.assert_array_equal(second.price[0], first.next_price)
    whole = pe.simulate(economy, rule="book", start_price=700.0, threshold=0.02)
    np.testing.assert_allclose(whole.price[first.n_rounds :], second.price, rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": 0.0}, "threshold: expected a number above 0"),
        ({"max_rounds": 0}, "max_rounds: expected an integer of at least 1"),
        ({"gaps": "some"}, "gaps: expected one of auto, every, last, none"),
        ({"start_price": [1.0, 2.0]}, "start_price: expected one number, or one for each of 25"),
        ({"start_price": -1.0}, "start_price: expected numbers above 0, got .* for 'private_0'"),
        ({"start_price": "dear"}, "start_price: expected one number"),
        ({"time_limit_s": 0.0}, "time_limit_s"),
    ],
)
def test_wrong_settings_are_named(economy, wrong, message) -> None:
    with pytest.raises(pe.SettingsError, match=message):
        pe.simulate(economy, **wrong)


def test_years_must_be_of_the_same_goods(economy) -> None:
    other = pe.simulate(synthetic.book(40, 40, 4, seed=1), max_rounds=1)
    with pytest.raises(pe.SettingsError, match="after: expected rounds of the same goods"):
        pe.simulate(economy, after=other)
    with pytest.raises(pe.SettingsError, match="start_price and after"):
        pe.simulate(economy, after=other, start_price=1.0)
