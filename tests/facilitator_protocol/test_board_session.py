"""A board driven by messages is the board that Python drives, and nothing said to it breaks it."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parecon as pe
from facilitator_protocol.talk import COUNCILS, OPEN, proposal, rounds, strict, told
from parecon import rules as price_rules
from parecon.errors import BoardError, JournalError, PareconError, RuleError
from parecon.facilitator import lines
from parecon.facilitator.board import Facilitator
from parecon.facilitator.protocol import Session
from parecon.facilitator.records import Council
from parecon.facilitator.requests import REQUESTS, rows


@pytest.fixture
def session(tmp_path):
    session = Session(tmp_path / "journal")
    yield session
    session.close()


@pytest.fixture
def opened(session):
    assert told(session, **OPEN)["ok"]
    return session


def drive(session):
    """Run to the end; the announcements."""
    announced = []
    for each, _ in rounds(lambda **request: told(session, **request)):
        if not announced or each["round"] > announced[-1]["round"]:
            announced.append(each)
    return announced


# -- the same board ---------------------------------------------------------------


def test_prices_are_those_of_a_board_in_python_to_the_last_bit(opened) -> None:
    announced = drive(opened)
    direct = Facilitator(
        OPEN["goods"],
        OPEN["start_price"],
        endowment=OPEN["endowment"],
        threshold=OPEN["threshold"],
        councils=[
            Council("farm"),
            Council("bakery"),
            Council("Ada", "consumers", 200.0),
            Council("Ben"),
        ],
    )
    for each in announced:
        asked = direct.ask()
        assert (asked.round, asked.prices) == (each["round"], each["price"])
        for council in COUNCILS:
            direct.tell(council, **proposal(council, asked.prices))
    last = told(opened, do="ask")
    asked = direct.ask()
    assert asked.settled
    assert last["settled"] is True
    assert (asked.round, asked.prices) == (last["round"], last["price"])
    assert asked.worst_imbalance == last["worst_imbalance"] < OPEN["threshold"]
    assert len(announced) > 3

    delivered, plan = told(opened, do="deliver"), direct.deliver()
    assert delivered["fractions"] == dict(plan.fractions)
    assert list(delivered["supply"].values()) == plan.supply.tolist()
    status = told(opened, do="status")
    assert status["shortage_value"] == direct.status().shortage_value
    assert told(opened, do="advice")["advice"] == list(direct.advice())
    assert told(opened, do="flags")["flags"] == list(direct.flags())


def test_settled_prices_are_those_of_the_plan(opened) -> None:
    told(opened, do="ask")
    drive(opened)
    price = told(opened, do="ask")["price"]
    names = OPEN["goods"]
    goods = pe.Goods(names)
    workers = pe.CobbDouglasWorkers(
        goods.index(["corn", "bread"]),
        [[0.4, 0.35, 0.0, 0.0], [0.0, 0.3, 0.5, 0.0]],
        [3.0, 2.0],
    )
    consumers = pe.CobbDouglasConsumers(
        [200.0, 100.0], [[0.2, 0.0, 0.0, 0.8], [0.0, 0.0, 0.0, 1.0]]
    )
    plan = pe.solve(pe.Economy(goods, [30.0, 80.0, 0.0, 0.0], [workers, consumers]), tol=1e-9)
    # an imbalance of 1e-4 moves a price by no more than that over its own elasticity
    assert [price[name] for name in names] == pytest.approx(plan.price, rel=3e-4)


def test_many_are_told_by_name_or_in_order(opened) -> None:
    price = told(opened, do="ask")["price"]
    proposals = [proposal(council, price) for council in COUNCILS]
    by_name = {
        side: [each.get(side, {}) for each in proposals]
        for side in ("supply", "demand", "sensitivity")
    }
    first = told(opened, do="tell_many", councils=COUNCILS, **by_name)
    assert first == {"ok": True, "councils": 4, "round": 1, "outcomes": {"new": 4}, "flags": []}
    in_order = {
        side: [[row.get(good, 0) for good in OPEN["goods"]] for row in rows]
        for side, rows in by_name.items()
    }
    again = told(opened, do="tell_many", councils=COUNCILS, **in_order)
    assert again["outcomes"] == {"repeated": 4}
    backwards = {
        side: [dict(reversed(row.items())) for row in rows] for side, rows in by_name.items()
    }
    again = told(opened, do="tell_many", councils=COUNCILS, **backwards)
    assert again["outcomes"] == {"repeated": 4}
    (first,) = proposals[:1]
    first.pop("kind")
    assert told(opened, do="tell", council="farm", **first)["outcome"] == "repeated"


def test_sums_can_be_told_instead(opened) -> None:
    answer = told(
        opened, do="tell_sums", supply={"corn": 9, "bread": 9}, demand=[20, 60, 8, 10], round=1
    )
    assert answer == {"ok": True, "round": 1, "outcome": "new"}
    sums = told(opened, do="sums", form="list")
    assert sums["supply"] == [30.0, 80.0, 9.0, 9.0]
    assert sums["demand"] == [20.0, 60.0, 8.0, 10.0]
    assert sums["imbalance"][0] == 0.4
    assert sums["sensitivity"] is None
    by_name = told(opened, do="sums")
    assert by_name["price"] == dict.fromkeys(OPEN["goods"], 5.0)
    assert told(opened, do="ask")["round"] == 2
    refused = told(opened, do="deliver")
    assert refused["error"]["type"] == "BoardError"


def test_late_answers_and_closing_early(opened) -> None:
    price = told(opened, do="ask")["price"]
    told(opened, do="tell", council="farm", **proposal("farm", price))
    assert told(opened, do="adjust", form="list")["round"] == 2
    late = told(opened, do="tell", council="Ben", round=1, **proposal("Ben", price))
    assert late["outcome"] == "late"
    future = told(opened, do="tell", council="Ben", round=3, demand={})
    assert future["error"]["type"] == "ProposalError"
    assert future["error"]["council"] == "Ben"
    assert told(opened, do="register", councils=["Cleo"]) == {"ok": True, "councils": 5}
    assert told(opened, do="change_rule", rule="book") == {"ok": True, "rule": "book", "round": 2}
    assert set(told(opened, do="status")["missing"]) == {"farm", "bakery", "Ada", "Ben", "Cleo"}


# -- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "council", "good"),
    [
        ({"do": "tell", "council": "farm", "supply": {"corm": 1}}, "farm", "corm"),
        ({"do": "tell", "council": "farm", "demand": {"corn": -1}}, "farm", "corn"),
        ({"do": "tell", "council": "farm", "sensitivity": [0, 0, 0, -2]}, "farm", "bread"),
        ({"do": "tell", "council": "farm", "supply": [1, 2]}, "farm", None),
        ({"do": "tell", "council": "farm", "kind": "worker"}, "farm", None),
        ({"do": "tell", "council": "farm", "budget": -3}, "farm", None),
        (
            {"do": "tell_many", "councils": ["a", "b"], "supply": [{}, {"corm": 1}]},
            "b",
            "corm",
        ),
        (
            {"do": "tell_many", "councils": ["a", "b"], "demand": [[0] * 4, [0, 0, -1, 0]]},
            "b",
            "corn",
        ),
        ({"do": "tell_many", "councils": ["a", "b"], "supply": [[0] * 4, [0] * 3]}, "b", None),
        ({"do": "tell_many", "councils": ["a", "b"], "supply": [{}]}, None, None),
        ({"do": "tell_many", "councils": ["a", "a"], "supply": [{}, {}]}, None, None),
        ({"do": "tell_sums", "supply": {"corn": -1}, "demand": {}}, None, "corn"),
    ],
)
def test_a_refused_proposal_names_council_and_good(opened, request_, council, good) -> None:
    before = told(opened, do="status")
    refused = told(opened, **request_, id="x")
    assert refused["id"] == "x"
    assert refused["ok"] is False
    error = refused["error"]
    assert error["type"] == "ProposalError"
    assert (error.get("council"), error.get("good")) == (council, good)
    for name in filter(None, (council, good)):
        assert repr(name) in error["message"]
    assert told(opened, do="status") == before


def test_nothing_can_be_asked_of_no_board(session) -> None:
    required = {
        "tell": {"council": "farm"},
        "tell_many": {"councils": []},
        "tell_sums": {"supply": {}, "demand": {}},
        "register": {"councils": []},
        "change_rule": {"rule": "book"},
    }
    for do in set(REQUESTS) - {"hello", "open", "close"}:
        refused = told(session, do=do, **required.get(do, {}))
        assert refused["error"]["type"] == "BoardError"
        assert "`open` makes one" in refused["error"]["message"]
    for missing in ("goods", "start_price"):
        refused = told(session, **{name: OPEN[name] for name in OPEN if name != missing})
        assert f"open: {missing} is missing" in refused["error"]["message"]
    assert told(session, do="hello")["open"] is False


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"goods": ["corn", "corn"]}, "EconomyError"),
        ({"goods": []}, "EconomyError"),
        ({"start_price": 0}, "BoardError"),
        ({"start_price": {"corn": 1}}, "BoardError"),
        ({"start_price": [1, 2]}, "BoardError"),
        ({"endowment": {"lnd": 1}}, "BoardError"),
        ({"rule": "newton"}, "BoardError"),
        ({"rule": "boook"}, "RuleError"),
        ({"policy": "waiting"}, "BoardError"),
        ({"threshold": 0}, "BoardError"),
        ({"councils": ["a", "a"]}, "BoardError"),
        ({"councils": [{"name": "a", "kind": "b"}]}, "BoardError"),
    ],
)
def test_a_board_that_cannot_be_is_not_made(session, change, kind) -> None:
    refused = told(session, **{**OPEN, **change})
    assert refused["error"]["type"] in (kind, "RuleError")
    assert session.board is None
    assert told(session, **OPEN)["ok"]


def test_after_close_nothing_is_answered(opened) -> None:
    assert told(opened, do="close") == {"ok": True, "closed": True}
    assert opened.closed
    assert "closed" in told(opened, do="hello")["error"]["message"]


def test_versions_are_held_against_each_other(session) -> None:
    assert told(session, do="hello", protocol=1)["ok"]
    assert "version 1" in told(session, do="hello", protocol=2)["error"]["message"]


# -- opened again ---------------------------------------------------------------


def test_a_board_goes_on_where_it_was(tmp_path, opened) -> None:
    price = told(opened, do="ask")["price"]
    told(opened, do="tell", council="farm", **proposal("farm", price))
    before = {do: told(opened, do=do) for do in ("ask", "status", "sums")}
    opened.close()
    again = Session(tmp_path / "journal")
    assert {do: told(again, do=do) for do in before} == before
    answer = told(again, **OPEN)
    assert answer["reopened"] is True
    assert told(again, do="open")["goods"] == OPEN["goods"]
    as_list = {**OPEN, "start_price": [5, 5.0, 5, 5], "endowment": [30, 80, 0, 0]}
    assert told(again, **as_list)["ok"]
    again.close()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"goods": ["land", "labour"]}, "goods: the board of the journal has 4 others"),
        ({"goods": ["labour", "land", "corn", "bread"]}, "in another order"),
        ({"start_price": [5, 5, 6, 5]}, "has 5.0 for 'corn', asked for 6.0"),
        ({"endowment": {"land": 30}}, "has 80.0 for 'labour', asked for 0.0"),
        ({"endowment": {"lard": 30}}, "did you mean 'land'"),
        ({"rule": "book"}, "rule: the board of the journal has 'anderson', asked for 'book'"),
        ({"policy": "wait"}, "has 'carry', asked for 'wait'"),
        ({"threshold": 0.5}, "has 0.0001, asked for 0.5"),
        ({"councils": ["Cleo"]}, "has no 'Cleo' (`register` adds one)"),
        ({"councils": [{"name": "Ada", "kind": "other"}]}, "has 'consumers', asked for 'other'"),
        ({"councils": [{"name": "Ada", "budget": 1}]}, "'Ada': budget: the board of the journal"),
    ],
)
def test_another_definition_is_refused(opened, given, message) -> None:
    refused = told(opened, do="open", **given)
    assert refused["error"]["type"] == "BoardError"
    assert message in refused["error"]["message"]


def test_defaults_hold_unless_the_client_says_otherwise(tmp_path) -> None:
    defaults = {"rule": "book", "policy": "wait", "threshold": 0.01}
    asked = {name: OPEN[name] for name in ("do", "goods", "start_price")}
    session = Session(tmp_path / "one", defaults=defaults)
    answer = told(session, **asked, policy="carry")
    assert (answer["rule"], answer["policy"], answer["threshold"]) == ("book", "carry", 0.01)
    session.close()
    Session(tmp_path / "one", defaults={"rule": "book"}).close()
    with pytest.raises(BoardError, match="policy: the board of the journal has 'carry'"):
        Session(tmp_path / "one", defaults=defaults)
    with pytest.raises(RuleError, match="did you mean 'book'"):
        Session(tmp_path / "two", defaults={"rule": "bok"})
    with pytest.raises(BoardError, match="threshold"):
        Session(None, defaults={"threshold": -1.0})
    # a session that was refused lets go of the journal
    Session(tmp_path / "one").close()


def test_a_journal_whose_making_was_cut_short_is_begun_anew(tmp_path) -> None:
    (tmp_path / "empty").touch()
    with sqlite3.connect(tmp_path / "header") as file:
        file.execute("PRAGMA journal_mode = WAL")
    file.close()
    assert (tmp_path / "header").stat().st_size > 0
    for name in ("empty", "header"):
        session = Session(tmp_path / name)
        assert told(session, **OPEN)["ok"]
        session.close()
        session = Session(tmp_path / name)
        assert told(session, do="open")["reopened"]
        session.close()


def test_what_is_no_journal_is_left_alone(tmp_path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("Dear board,\n" * 1_000)
    with sqlite3.connect(tmp_path / "other") as file:
        file.execute("CREATE TABLE recipes (bread TEXT)")
    file.close()
    for path in (letter, tmp_path / "other", tmp_path):
        with pytest.raises(JournalError):
            Session(path)
    assert letter.read_text().startswith("Dear board,\nDear board")


def test_one_journal_has_one_board(tmp_path, opened) -> None:
    with pytest.raises(JournalError, match="another board has this journal open"):
        Session(tmp_path / "journal")
    assert told(opened, do="ask")["ok"]


# -- garbage ---------------------------------------------------------------

EXAMPLES = settings.default.max_examples
_WORDS = st.sampled_from(["corn", "land", "farm", "Ada", "", " ", "\x00", "wait", "book", "names"])
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    _WORDS,
    st.sampled_from([1e308, -0.0, 5e-324, 2**63, 10**40]),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(_WORDS, st.text(max_size=4)), inner, max_size=3),
    ),
    max_leaves=8,
)
_GOODS = st.sampled_from([*OPEN["goods"], "corm"])
_COUNCILS = st.sampled_from([*COUNCILS, "Cleo", "\x00\N{GREEK SMALL LETTER PI}"])
_NUMBERS = st.sampled_from([0, 1, 2.5, 1e-300, 1e308, -1, 5e-324])
_QUANTITIES = st.one_of(
    st.dictionaries(_GOODS, _NUMBERS, max_size=3), st.lists(_NUMBERS, min_size=4, max_size=4)
)
_PLAUSIBLE = {
    **dict.fromkeys(("supply", "demand", "sensitivity", "endowment"), _QUANTITIES),
    "start_price": st.one_of(_NUMBERS, _QUANTITIES),
    "goods": st.lists(_GOODS, max_size=4),
    "council": _COUNCILS,
    "councils": st.lists(_COUNCILS, min_size=2, max_size=2),
    "kind": st.sampled_from(["workers", "consumers", "other", "others"]),
    "round": st.integers(0, 4),
    "rule": st.sampled_from([*price_rules.NAMES, "bok"]),
    "policy": st.sampled_from(["carry", "wait"]),
    "form": st.sampled_from(["names", "list"]),
    "protocol": st.integers(1, 2),
}
_ROWS = st.lists(_QUANTITIES, min_size=2, max_size=2)


def _plausible(do: str):
    """Requests of a kind whose fields are of the right form, mostly."""
    fields = {
        field.name: st.one_of(*[_plausible_value(field)] * 12, _VALUES) for field in REQUESTS[do]
    }
    return st.fixed_dictionaries({"do": st.just(do)}, optional=fields)


def _plausible_value(field):
    return _ROWS if field.check is rows else _PLAUSIBLE.get(field.name, _NUMBERS)


# close would end the session; whatever else is said must not
_MESSAGES = st.sampled_from(sorted(set(REQUESTS) - {"close"})).flatmap(_plausible)
_LINES = st.one_of(
    st.binary(max_size=30),
    _VALUES.map(lambda value: json.dumps(value).encode()),
    *[_MESSAGES.map(lambda message: json.dumps(message).encode())] * 6,
    _MESSAGES.map(lambda message: json.dumps(message).encode()[:-3]),
)


def answer_to(session, line: bytes):
    try:
        answer = session.answer(lines.decode(line))
    except PareconError as error:
        answer = {"ok": False, "error": str(error)}
    raw = lines.encode(answer)
    assert raw.endswith(b"\n")
    assert raw.count(b"\n") == 1
    found = strict(raw.decode("ascii"))
    assert isinstance(found["ok"], bool)
    return found


@settings(max_examples=20 * EXAMPLES // 6)
@given(st.lists(_LINES, min_size=1, max_size=12))
def test_no_line_kills_a_session_or_gets_lost(garbage) -> None:
    asked = ("ask", "status", "sums", "flags")
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder) / "journal")
        assert told(session, **OPEN)["ok"]
        for line in garbage:
            answer_to(session, line + b"\n")
        before = [told(session, do=do) for do in asked]
        session.close()
        session = Session(Path(folder) / "journal")
        assert [told(session, do=do) for do in asked] == before
        session.close()


@settings(max_examples=10 * EXAMPLES // 6)
@given(st.lists(_LINES, min_size=1, max_size=12))
def test_what_is_refused_changes_nothing(garbage) -> None:
    session = Session(None)
    told(session, **OPEN)
    price = told(session, do="ask")["price"]
    told(session, do="tell", council="farm", **proposal("farm", price))
    before = told(session, do="status"), told(session, do="sums")
    for line in garbage:
        if answer_to(session, line + b"\n")["ok"]:
            return  # an accident: it said something
        assert (told(session, do="status"), told(session, do="sums")) == before
    session.close()
