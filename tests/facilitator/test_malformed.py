"""What is no proposal is refused, naming council and good, and nothing has changed."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from facilitator import village
from facilitator.boards import drive, everything, village_board
from parecon.facilitator.journal import Journal

N = len(village.GOODS)


def told(**quantities):
    return {"council": "bakery", **quantities}


@pytest.mark.parametrize(
    ("proposal", "message"),
    [
        (told(supply={"bred": 1.0}), r"^council 'bakery': supply: unknown good 'bred'.*'bread'"),
        (told(supply={7: 1.0}), r"^council 'bakery': supply: unknown good 7$"),
        (told(supply={"bread": -1.0}), r"^council 'bakery': supply: .* -1.0 of 'bread'$"),
        (told(demand={"flour": math.nan}), r"^council 'bakery': demand: .* nan of 'flour'$"),
        (told(demand={"flour": math.inf}), r"^council 'bakery': demand: .* inf of 'flour'$"),
        (told(demand={"flour": 10**400}), r"^council 'bakery': demand: .* inf of 'flour'$"),
        (told(supply={"flour": 1e200}), r"^council 'bakery': supply: .* below 1e100.* 1e\+200 of"),
        (told(demand={"flour": "12"}), r"^council 'bakery': demand of 'flour': .* got '12'$"),
        (told(demand={"flour": True}), r"^council 'bakery': demand of 'flour': .* got True$"),
        (told(demand={"flour": None}), r"^council 'bakery': demand of 'flour': .* got None$"),
        (told(sensitivity={"flour": -2.0}), r"^council 'bakery': sensitivity: .* -2.0 of 'flour'"),
        (told(supply=[1.0, 2.0]), r"^council 'bakery': supply: expected shape \(6,\)"),
        (told(supply=np.ones((1, N))), r"^council 'bakery': supply: expected shape \(6,\)"),
        (told(supply=3.0), r"^council 'bakery': supply: expected shape \(6,\)"),
        (told(supply="much"), r"^council 'bakery': supply: expected real numbers"),
        (told(supply=[0, 0, math.nan, -1.0, 0, 0]), r"nan of 'bread', -1.0 of 'tools'$"),
        (
            told(round=3),
            r"^council 'bakery': expected an answer to round 1 to 2, got .* 3$",
        ),
        (told(round=0), r"^council 'bakery': expected an answer to round 1 to 2"),
        (told(round=1.0), r"^council 'bakery': round: expected a whole number, got 1.0"),
        (told(round=True), r"^council 'bakery': round: expected a whole number, got True"),
        (told(kind="worker"), r"^council 'bakery': expected kind .*did you mean 'workers'"),
        (told(budget=-1.0), r"^council 'bakery': budget: expected at least 0"),
        (told(budget=math.nan), r"^council 'bakery': budget: expected at least 0"),
        (told(budget="much"), r"^council 'bakery': budget: expected money, got 'much'"),
        ({"council": ""}, r"^council: expected a name, got ''$"),
        ({"council": "  "}, r"^council: expected a name, got '  '$"),
        ({"council": "\ud800"}, r"^council: expected a name in Unicode"),
        (told(supply={"\ud800": 1.0}), r"^council 'bakery': supply: unknown good"),
        ({"council": None}, r"^council: expected a name, got None$"),
        ({"council": ["bakery"]}, r"^council: expected a name"),
    ],
)
def test_a_malformed_proposal_changes_nothing(proposal, message):
    board = village_board()
    drive(board, 1)
    board.tell("old mill", supply={"flour": 1.0})
    before = everything(board)
    with pytest.raises(pe.ProposalError, match=message):
        board.tell(**proposal)
    assert everything(board) == before


def rows(**changed):
    supply = np.zeros((2, N))
    supply[0, 1], supply[1, 2] = 1.0, 2.0
    return {
        "councils": ["old mill", "bakery"],
        "supply": supply,
        "demand": sp.csr_array(supply[:, ::-1]),
        **changed,
    }


def with_entry(value):
    matrix = sp.lil_array((2, N))
    matrix[1, 3] = value
    return matrix


@pytest.mark.parametrize(
    ("proposals", "message"),
    [
        (rows(supply=with_entry(-1.0)), r"^supply: .* -1.0 of 'tools' by council 'bakery'$"),
        (rows(demand=with_entry(math.nan)), r"^demand: .* nan of 'tools' by council 'bakery'$"),
        (rows(sensitivity=with_entry(-3)), r"^sensitivity: .* -3.0 of 'tools' by council 'bakery'"),
        (rows(supply=np.ones((2, 3))), r"^supply: expected shape \(2, 6\), got \(2, 3\)$"),
        (rows(supply=np.ones((3, N))), r"^supply: expected shape \(2, 6\), got \(3, 6\)$"),
        (rows(supply=np.ones(N)), r"^supply: expected a matrix"),
        (rows(supply=[{"flour": 1.0}]), r"^supply: expected 2 rows, got 1$"),
        (rows(supply=[{}, {"bred": 1.0}]), r"^council 'bakery': supply: unknown good 'bred'"),
        (rows(councils=["bakery", "bakery"]), r"expected each once, got 'bakery' twice$"),
        (rows(councils=["bakery", ""]), r"^council: expected a name, got ''$"),
        (rows(round=5), r"^2 councils: expected an answer to round 1 to 2, got one to round 5$"),
    ],
)
def test_of_many_proposals_none_is_taken_where_one_is_malformed(proposals, message):
    board = village_board()
    drive(board, 1)
    before = everything(board)
    with pytest.raises(pe.ProposalError, match=message):
        board.tell_many(**proposals)
    assert everything(board) == before


def test_malformed_sums_change_nothing():
    board = village_board()
    before = everything(board)
    with pytest.raises(pe.ProposalError, match=r"the sums of all councils: supply: .*'land'"):
        board.tell_sums({"land": -1.0}, None)
    assert everything(board) == before


def test_refusals_do_not_move_prices_and_stand_in_the_journal(tmp_path):
    calm, troubled = village_board(), village_board(journal=tmp_path / "journal")
    for _ in range(3):
        for name, proposal in village.answers(calm.ask().prices).items():
            calm.tell(name, **proposal)
            with pytest.raises(pe.ProposalError):
                troubled.tell(name, supply={"cake": 1.0})
            troubled.tell(name, **proposal)
        troubled.ask()
    assert calm.ask().price.tobytes() == troubled.ask().price.tobytes()
    for name in (["no name"], "\ud800"):
        with pytest.raises(pe.ProposalError):
            troubled.tell(name, round=10**30)
    troubled.close()
    told = Journal.open(tmp_path / "journal")
    refused = [row for row in told.rows("proposal", "council, outcome, reason") if row[2]]
    told.close()
    assert len(refused) == 32
    assert refused[0] == (
        "hill farm",
        "refused",
        "council 'hill farm': supply: unknown good 'cake'",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_price": 0.0}, "start_price: expected prices above 0.*0.0 of 'x'"),
        ({"start_price": [1.0, math.inf]}, "inf of 'y'"),
        ({"start_price": {"x": 1.0}}, "a price for every good, got none for 'y'"),
        ({"start_price": {"x": 1.0, "y": 1.0, "z": 1.0}}, "unknown good 'z'"),
        ({"start_price": {"x": "1", "y": 1.0}}, "start_price of 'x': expected a number"),
        ({"start_price": [1.0]}, r"start_price: expected shape \(2,\)"),
        ({"endowment": {"y": -1.0}}, "endowment: .*-1.0 of 'y'"),
        ({"policy": "cary"}, "policy: .*did you mean 'carry'"),
        ({"threshold": 0.0}, "threshold: expected a number above 0"),
        ({"threshold": "5%"}, "threshold: expected a number above 0"),
        ({"councils": ["a"]}, "expected a Council, got 'a'"),
        ({"councils": [pe.Council("a"), pe.Council("a")]}, "'a' twice"),
    ],
)
def test_a_board_that_cannot_be_set_up_says_why(options, message):
    with pytest.raises(pe.BoardError, match=message):
        pe.Facilitator(["x", "y"], **{"start_price": 1.0, **options})


def test_a_council_needs_a_name():
    with pytest.raises(pe.BoardError, match="council: expected a name"):
        pe.Council(" ")
