"""What is asked of a board: verbs, fields, and their forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from parecon.errors import ProtocolError
from parecon.facilitator.requests import read, read_id

TELL = {"do": "tell", "council": "farm"}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ([], "expected a JSON object, got a list"),
        ("ask", "expected a JSON object, got text 'ask'"),
        ({}, "do: expected one of hello, open"),
        ({"do": None}, "it is missing"),
        ({"do": 3}, "do: expected text, got a number 3"),
        ({"do": "delivr"}, "unknown request 'delivr'; did you mean 'deliver'?"),
        ({"do": "__class__"}, "unknown request"),
        ({"do": "ask", "from": "x"}, "ask: unknown field 'from'; did you mean 'form'?"),
        ({"do": "close", "id": 1, "now": True}, "close: unknown field 'now' (known: id)"),
        ({"do": "ask", "form": "dict"}, "ask: form: expected names or list, got text 'dict'"),
        ({"do": "ask", "form": ["list"]}, "got a list"),
        ({"do": "tell"}, "tell: council is missing"),
        ({"do": "tell", "council": None}, "tell: council is missing"),
        ({"do": "tell", "council": "  "}, "tell: council: expected text"),
        ({**TELL, "supply": 3}, "tell: supply: expected an object {good: number} or a list"),
        ({**TELL, "supply": {"corn": "3"}}, "supply of 'corn': expected a number, got text '3'"),
        ({**TELL, "supply": {"corn": True}}, "got true or false True"),
        ({**TELL, "demand": [1, None]}, "tell: demand[1]: expected a number, got null"),
        ({**TELL, "demand": [1, False]}, "tell: demand[1]: expected a number"),
        ({**TELL, "demand": [1, 10**400]}, "demand[1]: expected a number that a double can hold"),
        ({**TELL, "demand": [math.inf]}, "demand[0]: expected a number that a double can hold"),
        ({**TELL, "budget": "10"}, "tell: budget: expected a number"),
        ({**TELL, "round": 1.5}, "tell: round: expected a whole number from 0, got a number 1.5"),
        ({**TELL, "round": -1}, "expected a whole number"),
        ({**TELL, "round": True}, "expected a whole number"),
        ({**TELL, "round": 10**30}, "expected a whole number"),
        ({"do": "tell_many", "councils": "farm"}, "councils: expected a list, got text 'farm'"),
        ({"do": "tell_many", "councils": ["a"], "supply": [[1], {}]}, "got both"),
        ({"do": "tell_many", "councils": ["a"], "supply": [3]}, "supply[0]: expected an object"),
        ({"do": "tell_sums", "supply": {}}, "tell_sums: demand is missing"),
        ({"do": "open", "goods": "corn"}, "open: goods: expected a list"),
        ({"do": "open", "goods": ["corn", 3]}, "goods[1]: expected text, got a number 3"),
        ({"do": "open", "start_price": "7"}, "open: start_price: expected an object"),
        ({"do": "open", "councils": [{"nam": "x"}]}, "expected a name, or an object with a name"),
        ({"do": "open", "councils": [{"name": "x", "knd": "y"}]}, "did you mean 'kind'?"),
        ({"do": "open", "councils": [{"name": "x", "budget": "y"}]}, "councils[0].budget"),
        ({"do": "change_rule"}, "change_rule: rule is missing"),
    ],
)
def test_what_is_no_request_is_refused(message, expected) -> None:
    with pytest.raises(ProtocolError) as refused:
        read(message)
    assert expected in str(refused.value)


def test_a_request_is_read_with_what_was_given() -> None:
    request = read({**TELL, "id": 7, "supply": {"corn": 1}, "demand": None, "round": 3.0})
    assert request.do == "tell"
    assert request.given == {"council": "farm", "supply": {"corn": 1.0}, "round": 3}
    assert type(request.given["round"]) is int
    listed = read({**TELL, "demand": [1, 2.5]}).given["demand"]
    assert isinstance(listed, np.ndarray)
    assert listed.tolist() == [1.0, 2.5]
    councils = read({"do": "register", "councils": ["a", {"name": "b", "kind": None}]})
    assert councils.given["councils"] == [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize("given", ["x", "", 0, 1.5, 2**70])
def test_an_id_comes_back(given) -> None:
    assert read_id({"id": given}) == {"id": given}


@pytest.mark.parametrize("given", [True, [1], {}, math.inf])
def test_an_id_is_text_or_a_number(given) -> None:
    with pytest.raises(ProtocolError, match="id: expected text or a number"):
        read_id({"id": given})


def test_without_an_id_nothing_comes_back() -> None:
    assert read_id({"id": None}) == read_id({}) == read_id([]) == {}
