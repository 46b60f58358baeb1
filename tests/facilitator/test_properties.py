"""Whatever is told in whatever order: the board does what its policy says, and forgets nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from facilitator import village
from facilitator.boards import village_board

COUNCILS = ("a", "b", "c", "d")
quantities = st.lists(st.sampled_from([0.0, 0.1, 0.2, 1 / 3, 7.0]), min_size=2, max_size=2)
calls = st.one_of(
    st.tuples(
        st.just("tell"),
        st.sampled_from(COUNCILS),
        quantities,
        st.integers(0, 2),
        st.sampled_from([None, [1.0, 2.0]]),
    ),
    st.tuples(st.just("sums"), quantities, st.integers(0, 2)),
    st.sampled_from([("adjust",), ("ask",), ("reopen",), ("refused",)]),
)


class Model:
    """What a board should do, in dictionaries."""

    def __init__(self, policy):
        self.policy, self.round = policy, 1
        self.words, self.sums = {}, (0, None)

    def told(self, held_round, held, round, word):
        """The outcome, given what is held."""
        if round < self.round:
            latest = max(held_round, self.sums[0])
            return "late" if self.policy == "carry" and round > latest else "outdated"
        if held_round < round:
            return "new"
        return "repeated" if held == word else "revised"

    def tell(self, council, word, round):
        if round == self.round and self.sums[0] == round:
            return "refused"
        outcome = self.told(*self.words.get(council, (0, None)), round, word)
        if outcome != "outdated":
            self.words[council] = (round, word)
        else:
            self.words.setdefault(council, (0, None))
        return outcome

    def tell_sums(self, word, round):
        latest = max((answered for answered, _ in self.words.values()), default=0)
        if round == self.round == latest:
            return "refused"
        if round < self.round and latest >= round:
            return "outdated"
        outcome = self.told(*self.sums, round, word)
        if outcome != "outdated":
            self.sums = (round, word)
        return outcome

    def complete(self):
        rounds = [answered for answered, _ in self.words.values()]
        return self.sums[0] == self.round or (
            bool(rounds) and all(answered == self.round for answered in rounds)
        )

    def counts(self):
        """The proposals that count, by name; sums under no name."""
        since = {
            name: word for name, (answered, word) in self.words.items() if answered > self.sums[0]
        }
        if self.policy != "carry":
            since = {name: since[name] for name in since if self.words[name][0] == self.round}
        spoke = any(answered > self.sums[0] for answered, _ in self.words.values())
        if self.sums[0] and not spoke and (self.policy == "carry" or self.sums[0] == self.round):
            return {"": self.sums[1]}
        return since

    def supply(self):
        """(n,) added in the order of names."""
        total = [0.0, 0.0]
        for _, (supply, _) in sorted(self.counts().items()):
            total = [a + b for a, b in zip(total, supply, strict=True)]
        return total


def step(board, model, call):
    """One call on both; returns the board, which may have been reopened."""
    kind, *given_ = call
    if kind == "reopen":
        path = board._state.journal.path
        board.close()
        return pe.Facilitator.open(path)
    if kind in ("adjust", "ask"):
        may = model.complete() or (kind == "adjust" and model.policy != "wait")
        try:
            announcement = getattr(board, kind)()
        except pe.BoardError:
            assert (kind, may) == ("adjust", False)
            return board
        model.round += may
        assert announcement.round == model.round
        return board
    try:
        if kind == "tell":
            council, supply, age, sensitivity = given_
            answered = max(1, model.round - age)
            expected = model.tell(council, (supply, sensitivity), answered)
            told = board.tell(council, supply=supply, sensitivity=sensitivity, round=answered)
            outcome = told.outcome
        elif kind == "sums":
            supply, age = given_
            answered = max(1, model.round - age)
            expected = model.tell_sums((supply, None), answered)
            outcome = board.tell_sums(supply, None, round=answered).outcome
        else:
            expected = "refused"
            board.tell("a", supply={"nothing": 1.0})
    except pe.ProposalError:
        outcome = "refused"
    assert outcome == expected
    return board


@given(st.sampled_from(["carry", "leave out", "wait"]), st.lists(calls, min_size=15, max_size=30))
def test_the_board_does_what_its_policy_says(policy, series):
    with tempfile.TemporaryDirectory() as folder:
        model = Model(policy)
        journal = Path(folder) / "journal"
        board = pe.Facilitator(["x", "y"], [1.0, 2.0], "book", policy=policy, journal=journal)
        twin = pe.Facilitator(["x", "y"], [1.0, 2.0], "book", policy=policy)
        for call in series:
            board = step(board, model, call)
            standing = board._state.open_standing()
            assert standing.sums.supply.tolist() == model.supply()
            assert {c.name for c in board.councils} == set(model.words)
            # a twin that is told the same and never stopped announces the same
            if call[0] != "reopen":
                _follow(twin, call)
            assert twin.prices.tobytes() == board.prices.tobytes()
        board.close()


def _follow(twin, call):
    kind, *given_ = call
    try:
        if kind == "tell":
            council, supply, age, sensitivity = given_
            twin.tell(
                council,
                supply=supply,
                sensitivity=sensitivity,
                round=max(1, twin.round - age),
            )
        elif kind == "sums":
            twin.tell_sums(given_[0], None, round=max(1, twin.round - given_[1]))
        elif kind != "refused":
            getattr(twin, kind)()
    except (pe.ProposalError, pe.BoardError):
        pass


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_telling_does_not_move_a_bit(seed):
    rng = np.random.default_rng(seed)
    names = [f"council {i}" for i in range(40)]
    supply = sp.csr_array(rng.lognormal(size=(40, 6)) * (rng.random((40, 6)) < 0.4))
    demand = rng.lognormal(size=(40, 6)) * (rng.random((40, 6)) < 0.5)
    sensitivity = rng.lognormal(size=(40, 6))
    prices = set()
    for way in range(4):
        board = village_board(councils=None)
        for _ in range(3):
            order = rng.permutation(40)
            if way == 0:
                board.tell_many(
                    [names[i] for i in order], supply[order], demand[order], sensitivity[order]
                )
            elif way == 1:
                half = order[:23]
                board.tell_many([names[i] for i in half], supply[half], None)
                board.tell_many(names, supply.toarray(), sp.coo_array(demand), sensitivity)
            else:
                for i in order.tolist():
                    if rng.random() < 0.3:  # first something else, then a revision
                        board.tell(names[i], supply=rng.random(6), demand=rng.random(6))
                    row = dict(zip(village.GOODS, demand[i].tolist(), strict=True))
                    board.tell(
                        names[i],
                        supply=supply[[i]].toarray()[0],
                        demand=row,
                        sensitivity=sensitivity[i],
                    )
            board.ask()
        prices.add(board.prices.tobytes())
    assert len(prices) == 1
