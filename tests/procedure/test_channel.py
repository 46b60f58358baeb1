"""What a board holds when proposals are lost or late, against a record kept council by council."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import random_economy
from parecon import synthetic
from parecon.delivery import deliver, fits
from parecon.draft import drafts
from parecon.procedure import simulate
from parecon.procedure.channel import LOST, Channel
from parecon.procedure.councils import Councils

SEES = frozenset({"sensitivity"})
RNG = np.random.default_rng


@pytest.fixture(scope="module")
def book():
    return Councils(synthetic.book(90, 60, 3, seed=1), 1)


def mixed_economy(*, needs):
    """Consumers of three kinds, five kinds of producers, some with capacities."""
    return random_economy(
        RNG(3),
        consumers=("cobb_douglas", "ces", "nested"),
        workers=("effort", "cobb_douglas", "ces_falling", "nested_falling"),
        supplies=("linear",),
        n_products=8,
        n_households=7,
        needs=needs,
        capacity=True,
    )


@pytest.fixture(scope="module")
def mixed():
    return Councils(mixed_economy(needs=True), 1)


@pytest.fixture(params=["book", "mixed"])
def councils(request):
    return request.getfixturevalue(request.param)


def announcements(councils, count, seed=0):
    """Prices that move a good deal."""
    dice, n = RNG(seed), councils.economy.n_goods
    level = 500.0 if n == 15 else 1.0  # the book's goods, or others
    return [level * np.exp(dice.uniform(-0.5, 0.5, n)) for _ in range(count)]


def same(one, two, **tolerance):
    for name in ("supply", "demand", "sensitivity"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), **tolerance)


def numbers(values):
    """A draft's quantities as one vector."""
    return np.concatenate([v for v in values.values() if v is not None])


def test_a_perfect_channel_changes_no_bit(councils) -> None:
    heard = Channel(seed=4).connect(councils)
    for price in announcements(councils, 3):
        plain, sums = councils.answer(price, SEES), heard.answer(price, SEES)
        assert heard.arrived == councils.economy.n_councils
        for name in ("price", "supply", "demand", "sensitivity"):
            np.testing.assert_array_equal(getattr(plain, name), getattr(sums, name))
        assert heard.dual == councils.dual
        assert heard.numbers_sent == councils.numbers_sent
        for held, said in zip(heard.drafts(), drafts(councils.problem), strict=True):
            np.testing.assert_allclose(numbers(held.values), numbers(said.values), rtol=1e-15)


@given(lost=st.floats(0.0, 0.6), stale=st.floats(0.0, 0.4), seed=st.integers(0, 2**32 - 1))
def test_held_sums_come_to_the_plain_ones_where_prices_stay(book, lost, stale, seed) -> None:
    heard = Channel(lost=lost, stale=stale, seed=seed).connect(book)
    for price in announcements(book, 3, seed=1):
        heard.answer(price, SEES)
    plain = book.answer(price, SEES)
    for _ in range(60):  # 150 messages, each missing in all rounds with .6^57
        sums = heard.answer(price, SEES)
    same(sums, plain, rtol=1e-13, atol=0.0)


class Record:
    """The same, kept council by council with loops: an independent path."""

    def __init__(self, councils):
        self.economy = councils.economy
        self.said = []  # per announcement, per family: (used by council and good, made)
        self.word = [np.full(f.n_councils, LOST) for f in self.economy.families]

    def take(self, councils, fates):
        n = self.economy.n_goods
        said = []
        for draft in drafts(councils.problem):
            if draft.family.role != "workers":
                start, good = draft.family.pattern()
                some = np.zeros((draft.family.n_councils, n))
                for h in range(len(some)):
                    for entry in range(start[h], start[h + 1]):
                        some[h, good[entry]] += draft.values["quantity"][entry]
                sides = (some, np.zeros_like(some))
                said.append(sides if draft.family.role == "consumers" else sides[::-1])
            else:
                said.append((draft.used(n).toarray(), draft.made(n).toarray()))
        self.said.append(said)
        latest, at = len(self.said) - 1, 0
        for word in self.word:
            for j in range(len(word)):
                if fates[at + j] != LOST:
                    word[j] = latest - fates[at + j]
            at += len(word)

    def sums(self, needs):
        used, made = needs.copy(), np.array(self.economy.endowment)
        for k, word in enumerate(self.word):
            for j, announcement in enumerate(word):
                if announcement != LOST:
                    used += self.said[announcement][k][0][j]
                    made += self.said[announcement][k][1][j]
        return used, made


@pytest.mark.parametrize("channel", [{"lost": 0.4}, {"stale": 0.5}, {"lost": 0.3, "stale": 0.4}])
def test_the_board_holds_what_arrived_last(councils, channel, monkeypatch) -> None:
    heard, record = Channel(seed=9, **channel).connect(councils), Record(councils)
    fates = []
    monkeypatch.setattr(
        heard, "_fates", lambda draw=heard._fates: fates.append(draw()) or fates[-1]
    )
    for price in announcements(councils, 7):
        sums = heard.answer(price, SEES)
        record.take(councils, fates[-1])
        used, made = record.sums(councils.problem.needs)
        np.testing.assert_allclose(sums.demand, used, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(sums.supply, made, rtol=1e-12, atol=1e-12)
    assert {LOST} <= set(np.concatenate(fates)) <= {LOST, 0, 1, 2, 3}


def test_fates_are_as_likely_as_stated(book) -> None:
    heard = Channel(lost=0.1, stale=0.3, delay=(2, 4), seed=5).connect(book)
    first = [heard.answer(price) and heard._fates() for price in announcements(book, 2)]
    assert set(np.concatenate(first)) <= {LOST, 0, 2}  # nothing older was announced
    heard._round = 10
    drawn = np.concatenate([heard._fates() for _ in range(400)])
    assert len(drawn) == 60_000
    # five standard deviations of a share of 60,000
    for fate, part in ((LOST, 0.1), (0, 0.6), (2, 0.1), (3, 0.1), (4, 0.1)):
        assert abs(np.mean(drawn == fate) - part) < 5 * np.sqrt(part * (1 - part) / drawn.size)


def test_what_is_lost_at_5_per_cent_is_also_lost_at_30(book) -> None:
    few, many = (Channel(lost=part, seed=2).connect(book) for part in (0.05, 0.3))
    for _ in range(4):
        lost = [heard._fates() == LOST for heard in (few, many)]
        assert lost[0].any()
        assert not np.any(lost[0] & ~lost[1])


def test_a_seed_is_a_procedure(book) -> None:
    def rounds(seed):
        channel = Channel(lost=0.2, stale=0.1, seed=seed)
        return simulate(book, start_price=700.0, max_rounds=6, channel=channel, plan=False)

    one, again, other = rounds(1), rounds(1), rounds(2)
    for name in ("price", "supply", "demand"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.supply[-1], other.supply[-1])


def test_threads_do_not_matter() -> None:
    economy = synthetic.book(90, 60, 3, seed=1)
    channel = Channel(lost=0.3, seed=1)
    one, two = (channel.connect(Councils(economy, threads)) for threads in (1, 2))
    for price in announcements(one, 3):
        same(one.answer(price, SEES), two.answer(price, SEES), rtol=0.0, atol=0.0)


def test_before_anything_arrived_there_is_what_exists_and_what_is_owed(mixed) -> None:
    heard = Channel(lost=1.0).connect(mixed)
    for price in announcements(mixed, 2):
        sums = heard.answer(price, SEES)
        np.testing.assert_array_equal(sums.supply, mixed.economy.endowment)
        np.testing.assert_array_equal(sums.demand, mixed.problem.needs)
        assert not sums.sensitivity.any()
        assert heard.fresh.supply.sum() > sums.supply.sum()
        assert not any(numbers(draft.values).any() for draft in heard.drafts())


@pytest.mark.parametrize(
    "economy",
    [synthetic.book(90, 60, 3, seed=1), mixed_economy(needs=False)],
    ids=["book", "mixed"],
)
def test_what_is_held_can_be_delivered(economy) -> None:
    councils = Councils(economy, 1)
    heard = Channel(lost=0.3, stale=0.2, seed=3).connect(councils)
    for price in announcements(councils, 6):
        sums = heard.answer(price)
    used, made = councils.problem.needs.copy(), np.array(councils.economy.endowment)
    for draft in heard.drafts():
        part = draft.sums(councils.problem.n_goods)
        used, made = used + part[0], made + part[1]
    np.testing.assert_allclose(used, sums.demand, rtol=1e-12)
    np.testing.assert_allclose(made, sums.supply, rtol=1e-12)
    delivery = deliver(councils.problem, heard.drafts(), price=price, hurry=False)
    assert fits(delivery.supply, delivery.demand)


def test_inquiries_reach_everybody_and_are_counted(book) -> None:
    heard = Channel(lost=0.5, seed=1).connect(book)
    price = announcements(book, 1)[0]
    sums = heard.answer(price, frozenset({"sensitivity", "curvature"}))
    change = RNG(1).normal(size=len(price))
    answer = sums.inquire(change)
    assert heard.inquiries == 1
    np.testing.assert_allclose(
        answer, book.answer(price, frozenset({"curvature"})).inquire(change), rtol=1e-13
    )


@pytest.mark.parametrize("rule", ["anderson", "proportional", "elasticity"])
def test_the_procedure_settles_with_30_per_cent_missing(rule) -> None:
    """Prices then are near the plan's, although the board never heard everybody at once."""
    economy = synthetic.book(300, 300, 3, seed=1)
    plan = pe.solve(economy, tol=1e-9)
    rounds = simulate(
        economy,
        rule=rule,
        start_price=700.0,
        threshold=1e-3,
        channel=Channel(lost=0.3, seed=1),
        plan=plan,
        gaps="none",
    )
    assert rounds.settled
    assert rounds.distance[-1] < 5e-3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lost": -0.1}, "expected lost from 0 to 1, got -0.1"),
        ({"stale": float("nan")}, "expected stale from 0 to 1, got nan"),
        ({"lost": 0.7, "stale": 0.4}, r"lost \+ stale up to 1"),
        ({"delay": (0, 3)}, "1 <= least <= most"),
        ({"delay": (3, 2)}, "1 <= least <= most"),
    ],
)
def test_wrong_channels_are_refused(wrong, message) -> None:
    with pytest.raises(pe.SettingsError, match=message):
        Channel(**wrong)
