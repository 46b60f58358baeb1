"""Who counts: answers that are new, revised, repeated, late, missing, and sums."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import parecon as pe
from facilitator import village
from facilitator.boards import drive, everything, village_board


def small(policy="carry", **options):
    """Two goods and two known councils, by a rule that everyone can follow in their head."""

    def by_the_sums(seen):
        return seen.price * (1.0 + seen.demand) / (1.0 + seen.supply)

    options.setdefault("councils", [pe.Council("a"), pe.Council("b")])
    return pe.Facilitator(["x", "y"], [1.0, 2.0], by_the_sums, policy=policy, **options)


def sums(board):
    """(supply, demand) with which the round would be closed now."""
    seen = board._state.open_standing().sums
    return seen.supply.tolist(), seen.demand.tolist()


# -- ask ---------------------------------------------------------------------------------------


def test_asking_again_announces_the_same_until_everybody_has_answered():
    board = small()
    first = board.ask()
    assert (first.round, first.settled, first.missing) == (1, False, ("a", "b"))
    assert first.worst_good is None
    assert math.isnan(first.worst_imbalance)
    assert first.prices == {"x": 1.0, "y": 2.0}
    board.tell("a", supply={"x": 3.0})
    again = board.ask()
    assert (again.round, again.missing) == (1, ("b",))
    assert again.price.tobytes() == first.price.tobytes()
    board.tell("b", demand={"x": 1.0})
    second = board.ask()
    assert (second.round, second.worst_good, second.worst_imbalance) == (2, "x", 1.0)
    assert second.prices == {"x": 1.0 * 2.0 / 4.0, "y": 2.0}
    assert second.missing == ("a", "b")
    assert board.ask().round == 2


def test_a_board_that_nobody_has_spoken_to_announces_and_waits():
    board = small(councils=None)
    assert board.ask().round == board.ask().round == 1
    assert board.ask().missing == ()


def test_councils_become_known_by_their_first_proposal():
    board = small(councils=None)
    board.tell("c", demand=[1.0, 0.0], kind="consumers", budget=3.0)
    assert board.councils == (pe.Council("c", "consumers", 3.0),)
    board.tell("c", demand=[1.0, 0.0], budget=4.0)
    assert board.councils == (pe.Council("c", "consumers", 4.0),)
    board.register([pe.Council("d", "workers")])
    assert board.ask().missing == ("d",)


def test_what_is_announced_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        small().ask().price[0] = 7.0


# -- policies ----------------------------------------------------------------------------------


def test_carry_takes_the_last_word_of_those_who_are_silent():
    board = small("carry")
    board.tell("a", supply=[3.0, 0.0])
    board.adjust()  # b has never spoken and counts as nothing
    board.tell("b", demand=[1.0, 1.0])
    assert sums(board) == ([3.0, 0.0], [1.0, 1.0])
    assert board.adjust().round == 3
    assert sums(board) == ([3.0, 0.0], [1.0, 1.0])


def test_leave_out_counts_the_silent_as_proposing_nothing():
    board = small("leave out", endowment={"y": 5.0})
    board.tell("a", supply=[3.0, 0.0])
    board.adjust()
    board.tell("b", demand=[1.0, 1.0])
    assert sums(board) == ([0.0, 5.0], [1.0, 1.0])
    board.adjust()
    assert sums(board) == ([0.0, 5.0], [0.0, 0.0])


def test_wait_names_those_it_waits_for():
    board = small("wait")
    board.tell("a", supply=[3.0, 0.0])
    before = everything(board)
    with pytest.raises(pe.BoardError, match=r"round 1: the board waits for 'b'$"):
        board.adjust()
    assert everything(board) == before
    board.tell("b")
    assert board.adjust().round == 2
    with pytest.raises(pe.BoardError, match="waits for a first proposal"):
        small("wait", councils=None).adjust()


def test_nobody_speaking_settles_nothing():
    board = small("leave out")
    assert not board.adjust().settled
    assert not board.adjust().settled


@pytest.mark.parametrize("policy", ["carry", "leave out", "wait"])
def test_new_repeated_revised(policy):
    board = small(policy)
    assert board.tell("a", supply={"x": 3.0}).outcome == "new"
    before = everything(board)
    assert board.tell("a", supply=np.array([3.0, 0.0])).outcome == "repeated"
    assert everything(board) == before
    assert board.tell("a", supply={"x": 2.0}).outcome == "revised"
    assert board.tell("a", supply={"x": 2.0}, sensitivity={"x": 1.0}).outcome == "revised"
    assert board.tell("a", supply={"x": 2.0}).outcome == "revised"
    assert sums(board)[0] == [2.0, 0.0]
    board.tell("b")
    board.ask()
    assert board.tell("a", supply={"x": 2.0}).outcome == "new"  # the same, to another price


def test_late_answers_count_under_carry_where_nothing_later_was_said():
    board = small("carry")
    for _ in range(3):
        board.adjust()
    assert board.round == 4
    assert board.tell("a", supply=[2.0, 0.0], round=2) == pe.Receipt("a", 2, "late")
    assert board.tell("a", supply=[1.0, 0.0], round=1).outcome == "outdated"
    assert board.tell("a", supply=[9.0, 0.0], round=2).outcome == "outdated"
    assert sums(board)[0] == [2.0, 0.0]
    assert board.tell("a", supply=[3.0, 0.0], round=3).outcome == "late"
    assert board.ask().missing == ("a", "b")  # the open announcement is not answered yet
    assert board.tell("a", supply=[4.0, 0.0]).outcome == "new"
    assert board.tell("a", supply=[3.0, 0.0], round=3).outcome == "outdated"
    assert sums(board)[0] == [4.0, 0.0]


@pytest.mark.parametrize("policy", ["leave out", "wait"])
def test_late_answers_do_not_count_otherwise(policy):
    board = small(policy)
    board.tell("a", supply=[1.0, 0.0])
    board.tell("b")
    board.ask()
    assert board.tell("a", supply=[2.0, 0.0], round=1).outcome == "outdated"
    assert board.tell("stranger", supply=[2.0, 0.0], round=1).outcome == "outdated"
    assert board.ask().missing == ("a", "b", "stranger")
    assert sums(board)[0] == [0.0, 0.0]


# -- sums --------------------------------------------------------------------------------------


def test_sums_stand_for_everybody_and_close_the_round():
    board = small()
    assert board.tell_sums([4.0, 0.0], {"x": 1.0}) == pe.Receipt(None, 1, "new")
    assert board.tell_sums([4.0, 0.0], {"x": 1.0}).outcome == "repeated"
    assert board.tell_sums([3.0, 0.0], {"x": 1.0}).outcome == "revised"
    assert board.ask().prices == {"x": 1.0 * 2.0 / 4.0, "y": 2.0}
    assert board.ask().missing == ("a", "b")
    assert sums(board) == ([3.0, 0.0], [1.0, 0.0])  # carried
    board.tell("a", supply=[1.0, 1.0])  # and replaced by the first who speaks for himself
    assert sums(board) == ([1.0, 1.0], [0.0, 0.0])
    assert board.tell_sums([9.0, 0.0], {"x": 1.0}, round=1).outcome == "outdated"


def test_sums_and_single_proposals_do_not_mix_in_a_round():
    board = small()
    board.tell("a", supply=[1.0, 0.0])
    before = everything(board)
    with pytest.raises(pe.ProposalError, match=r"round 1: single proposals .* by 'a'; sums"):
        board.tell_sums([1.0, 0.0], [1.0, 0.0])
    assert everything(board) == before
    board.adjust()
    board.tell_sums([1.0, 0.0], [1.0, 0.0])
    before = everything(board)
    with pytest.raises(pe.ProposalError, match="round 2: the sums of all councils were told"):
        board.tell("a", supply=[1.0, 0.0])
    assert everything(board) == before


def test_late_sums():
    board = small()
    board.adjust()
    board.adjust()
    assert board.tell_sums([1.0, 0.0], [1.0, 0.0], round=2).outcome == "late"
    assert board.tell("a", supply=[9.0, 0.0], round=2).outcome == "outdated"
    assert sums(board) == ([1.0, 0.0], [1.0, 0.0])
    board = small("leave out")
    board.adjust()
    assert board.tell_sums([1.0, 0.0], [1.0, 0.0], round=1).outcome == "outdated"


# -- many at once ------------------------------------------------------------------------------


def test_many_have_an_outcome_each():
    board = small()
    board.tell("a", supply=[1.0, 0.0])
    receipts = board.tell_many(["b", "a", "c"], [[0, 2], [1, 0], [3, 0]], [[1, 0], [0, 0], [0, 1]])
    assert receipts.outcomes == {"new": 2, "repeated": 1}
    assert (receipts.n_councils, receipts.round, receipts.flags) == (3, 1, ())
    assert sums(board) == ([4.0, 2.0], [1.0, 1.0])
    assert [council.name for council in board.councils] == ["a", "b", "c"]
    board.ask()
    board.tell("a", supply=[1.0, 1.0])
    late = board.tell_many(["a", "d"], [{"x": 9.0}, {"y": 1.0}], None, round=1)
    assert late.outcomes == {"outdated": 1, "late": 1}
    assert sums(board)[0] == [4.0, 4.0]


# -- rules -------------------------------------------------------------------------------------


def test_proposals_that_fit_together_stand():
    board = village_board(threshold=1e-4)
    announcement = drive(board, 1)
    while not announcement.settled:
        announcement = drive(board, 1)
    assert announcement.worst_imbalance < 1e-4
    assert board.prices[-1].tobytes() == board.prices[-2].tobytes()
    assert board.settled
    state = {name: part.tobytes() for name, part in board._state.rule.state().items()}
    assert drive(board, 1).price.tobytes() == announcement.price.tobytes()
    assert {name: part.tobytes() for name, part in board._state.rule.state().items()} == state


def test_a_rule_that_asks_councils_back_is_refused():
    with pytest.raises(pe.BoardError, match=r"'newton' wants councils that answer inquiries"):
        village_board("newton")
    with pytest.raises(pe.RuleError, match="did you mean 'anderson'"):
        village_board("andersen")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda seen: seen.price[:1], r"expected 2 prices, got shape \(1,\)"),
        (
            lambda seen: seen.price * [1.0, -1.0],
            r"expected prices above 0 and .*, got -2.0 for 'y'",
        ),
        (lambda seen: seen.price * math.nan, "got nan for 'x', nan for 'y'"),
    ],
)
def test_a_rule_that_answers_nonsense_changes_nothing(answer, message):
    board = pe.Facilitator(["x", "y"], [1.0, 2.0], answer)
    board.tell("a", supply=[1.0, 0.0])
    before = everything(board)
    with pytest.raises(pe.BoardError, match=message):
        board.ask()
    assert everything(board) == before
    board.change_rule("book")
    assert board.ask().round == 2


def test_a_rule_that_breaks_down_forgets_that_it_was_asked():
    class Counting(pe.rules.Rule):
        name = "counting"
        calls = np.zeros(1)

        def next_price(self, seen):
            self.calls += 1
            if seen.supply[0] > 5.0:
                raise ZeroDivisionError
            return seen.price + self.calls

        def state(self):
            return {"calls": self.calls}

        def restore(self, state):
            self.calls = np.array(state.get("calls", np.zeros(1)))

    board = pe.Facilitator(["x"], 1.0, Counting)
    board.tell("a", supply=[9.0])
    before = everything(board)
    with pytest.raises(ZeroDivisionError):
        board.ask()
    assert everything(board) == before
    board.tell("a", supply=[1.0])
    assert board.ask().price[0] == 2.0


def test_a_rule_cannot_spoil_what_it_sees():
    def spoil(seen):
        seen.supply[:] = 7.0
        return seen.price * 2.0

    board = pe.Facilitator(["x"], 1.0, spoil)
    board.tell("a", supply=[1.0])
    board.ask()
    assert board.sums().supply == [1.0]


# -- what the board says -----------------------------------------------------------------------


def test_flags_name_councils_and_numbers():
    board = small(councils=[pe.Council("mill", "workers"), pe.Council("home", "consumers", 6.0)])
    receipt = board.tell("mill", supply=[2.0, 0.0], demand=[0.0, 1.5])
    assert receipt.flags == ("workers 'mill': social cost 3 exceeds social benefit 2",)
    assert board.tell("home", demand=[1.0, 3.0]).flags == (
        "consumers 'home': spending 7 exceeds the budget 6",
    )
    assert set(board.flags()) == {
        *receipt.flags,
        "consumers 'home': spending 7 exceeds the budget 6",
    }
    board.tell("mill", supply=[3.0, 0.0], demand=[0.0, 1.5])  # just covers its cost
    board.tell("home", demand=[0.0, 3.0])
    assert board.flags() == ()
    # judged at the prices that were answered, not at those of today
    board.ask()
    assert board.price[1] > 2.0
    assert board.flags() == ()


def test_status_says_how_far_from_feasible():
    board = small(endowment=[0.0, 4.0])
    board.tell("a", supply=[2.0, 0.0], demand=[0.0, 1.0])
    board.tell("b", demand=[3.0, 1.0])
    status = board.status()
    assert (status.round, status.open_round, status.counting, status.known) == (1, 1, 2, 2)
    assert [worst.good for worst in status.worst] == ["y", "x"]
    assert status.worst[0].imbalance == 2 * 2.0 / 6.0
    assert (status.shortage_value, status.use_value) == (1.0, 3.0 + 2.0 * 2.0)
    assert status.shortage_share == 1.0 / 7.0
    assert not status.feasible
    board.ask()
    closed = board.status()
    assert (closed.round, closed.open_round, closed.missing) == (1, 2, ("a", "b"))
    assert (closed.worst, closed.shortage_value) == (status.worst, status.shortage_value)
    assert len(str(closed).splitlines()) <= 24
    assert max(map(len, str(closed).splitlines())) <= 80


def test_advice_suggests_faster_rules_where_all_tell_sensitivities():
    board = village_board("book")
    drive(board, 1)
    (advice,) = board.advice()
    assert re.search(
        r"all proposals carry sensitivities.*'book'.*change_rule\('anderson'\)", advice
    )
    board.change_rule("anderson")
    assert board.advice() == ()
    assert board.rule == "anderson"
    drive(board, 1, sensitivity=False)
    assert re.search(r"'anderson' works with sensitivities, but 10 of 10", board.advice()[0])


@pytest.mark.parametrize("rule", ["elasticity", pe.rules.Anderson(over="elasticity")])
def test_one_council_without_sensitivity_makes_the_board_fall_back(rule):
    board, twin = village_board(rule), village_board("proportional")
    for each in (board, twin):
        told = village.answers(each.ask().prices)
        told["bakery"]["sensitivity"] = None
        for name, proposal in told.items():
            each.tell(name, **proposal)
        each.ask()
    (advice,) = board.advice()
    assert "1 of 10 councils that count ('bakery') told none: it takes proportional" in advice
    assert board.price.tobytes() == twin.price.tobytes()
