"""docs/protocol.md says what is, and its conversations are played as they are written."""

from __future__ import annotations

import re

import pytest

from facilitator_protocol.talk import OPEN, proposal, strict, told
from facilitator_protocol.transcript import PAGE, conversations, replay
from parecon import errors
from parecon.cli import exits
from parecon.cli.app import cli
from parecon.facilitator import lines
from parecon.facilitator.protocol import Session
from parecon.facilitator.records import KINDS, OUTCOMES, POLICIES
from parecon.facilitator.requests import FORMS, REQUESTS, VERSION

TEXT = PAGE.read_text(encoding="utf-8")
CLI_PAGE = (PAGE.parent / "cli.md").read_text(encoding="utf-8")
SECTION = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", TEXT, re.DOTALL | re.MULTILINE))


def same(found, written) -> None:
    """Equal, numbers to twelve digits: powers are rounded differently here and there."""
    if isinstance(written, dict):
        assert found.keys() == written.keys()
        for key in written.keys() - {"parecon"}:  # the version
            same(found[key], written[key])
    elif isinstance(written, list):
        assert len(found) == len(written)
        for one, other in zip(found, written, strict=True):
            same(one, other)
    elif isinstance(written, float):
        assert found == pytest.approx(written, rel=1e-12)
    else:
        assert found == written


def test_conversations_go_as_they_are_written(tmp_path) -> None:
    talks = conversations(TEXT)
    assert len(talks) == 2
    for talk in talks:
        answers = replay([request for request, _ in talk], tmp_path / "journal")
        for answer, (request, written) in zip(answers, talk, strict=True):
            assert written is not None, request
            same(strict(answer), strict(written))


def test_every_request_and_field_is_described_and_no_other() -> None:
    assert list(SECTION) == list(REQUESTS)
    for do, fields in REQUESTS.items():
        rows = re.findall(r"^\| ([`*\w, ]+) \|", SECTION[do], re.MULTILINE)
        described = {
            name: bold != "" for row in rows for bold, name in re.findall(r"(\*\*)?`(\w+)`", row)
        }
        assert described == {field.name: field.required for field in fields}, do


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """An answer to each request."""
    session = Session(tmp_path_factory.mktemp("page") / "journal")
    found = {"hello": told(session, do="hello"), "open": told(session, **OPEN)}
    found["ask"] = told(session, do="ask")
    price = found["ask"]["price"]
    found["tell"] = told(session, do="tell", council="farm", **proposal("farm", price))
    found["tell_many"] = told(session, do="tell_many", councils=["Ada", "Ben"])
    for do in ("adjust", "status", "sums", "flags", "advice", "deliver"):
        found[do] = told(session, do=do)
    found["tell_sums"] = told(session, do="tell_sums", supply={}, demand={})
    found["register"] = told(session, do="register", councils=["Cleo"])
    found["change_rule"] = told(session, do="change_rule", rule="book")
    found["close"] = told(session, do="close")
    return found


@pytest.mark.parametrize("do", list(REQUESTS))
def test_every_field_of_an_answer_is_described(answers, do) -> None:
    assert answers[do]["ok"], answers[do]
    text = SECTION["ask" if do == "adjust" else do].split("Answer:")[1]
    for name in answers[do].keys() - {"ok"}:
        assert f"`{name}`" in text
    for entry in answers[do].get("worst", ()):
        assert all(f"`{name}`" in text for name in entry)


def test_every_word_is_on_the_page() -> None:
    for word in (*OUTCOMES, *POLICIES, *KINDS, *FORMS):
        assert f'"{word}"' in TEXT
    assert f"This is version {VERSION}." in TEXT
    assert f"{lines.MAX_LINE_BYTES // 2**20} MiB" in TEXT
    for name in re.findall(r"^\| `(\w+Error)` \|", TEXT, re.MULTILINE):
        assert issubclass(getattr(errors, name), errors.PareconError)


def test_the_command_is_described() -> None:
    section = CLI_PAGE.split("## parecon facilitate")[1].split("\n## ")[0]
    command = cli.commands["facilitate"]
    for parameter in command.params:
        for option in parameter.opts:
            assert option in section
    for code in re.findall(r"^  (\d+) ", command.epilog, re.MULTILINE):
        assert re.search(rf"^\| (\d+, )?{code}(, \d+)? \|", TEXT, re.MULTILINE), code
    assert exits.INTERRUPTED == 130
