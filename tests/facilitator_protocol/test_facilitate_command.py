"""`parecon facilitate`: streams, signals, exit codes, and a journal that outlives every death."""

from __future__ import annotations

import json
import signal

import pytest
from click.testing import CliRunner

from facilitator_protocol.talk import OPEN, Process, proposal, strict
from parecon.cli import exits
from parecon.cli.app import cli
from parecon.facilitator import lines
from parecon.facilitator.board import Facilitator

OPEN_LINE = json.dumps(OPEN).encode() + b"\n"


def run(journal, text: bytes, *options: str):
    """The command in this process, with all of its input at once."""
    result = CliRunner().invoke(
        cli, ["facilitate", "--journal", str(journal), "--stdio", *options], input=text
    )
    return result.exit_code, [strict(line) for line in result.stdout.splitlines()], result.stderr


# -- lines in, lines out ---------------------------------------------------------------


def test_one_answer_per_line_in_order(tmp_path) -> None:
    asked = [b'{"do": "ask", "id": 1}', b"", b"}", OPEN_LINE[:-1], b'{"do": "ask", "id": "2"}']
    code, answers, log = run(tmp_path / "j", b"\n".join(asked) + b"\n")
    assert code == exits.SOLVED
    assert [answer["ok"] for answer in answers] == [False, False, False, True, True]
    assert [answer.get("id") for answer in answers] == [1, None, None, None, "2"]
    assert [answer["error"]["type"] for answer in answers[:3]] == [
        "BoardError",
        "ProtocolError",
        "ProtocolError",
    ]
    assert log.splitlines()[0].endswith("no board yet")
    assert log.count("refused: ") == 3
    assert "round 1" in log


def test_the_last_line_needs_no_end_but_must_be_whole(tmp_path) -> None:
    code, answers, _ = run(tmp_path / "j", OPEN_LINE + b'{"do": "ask"}')
    assert code == exits.SOLVED
    assert [answer["ok"] for answer in answers] == [True, True]
    code, answers, _ = run(tmp_path / "j", b'{"do": "ask"}\n{"do": "tell", "counc')
    assert code == exits.WRONG_INPUT
    assert [answer["ok"] for answer in answers] == [True, False]
    assert "ended in the middle" in answers[1]["error"]["message"]
    code, answers, _ = run(tmp_path / "j", b'{"do": "adjus"}')
    assert code == exits.SOLVED  # a whole line, though no request
    assert answers[0]["ok"] is False


def test_a_huge_line_is_skipped(tmp_path) -> None:
    huge = b'{"do": "ask", "id": "' + b"x" * lines.MAX_LINE_BYTES + b'"}\n'
    code, answers, _ = run(tmp_path / "j", OPEN_LINE + huge + b'{"do": "ask"}\n')
    assert code == exits.SOLVED
    assert [answer["ok"] for answer in answers] == [True, False, True]
    assert "67,108,864 bytes" in answers[1]["error"]["message"]


def test_after_close_nothing_is_read(tmp_path) -> None:
    code, answers, log = run(tmp_path / "j", OPEN_LINE + b'{"do": "close"}\n{"do": "ask"}\n', "-q")
    assert code == exits.SOLVED
    assert answers[1:] == [{"ok": True, "closed": True}]
    assert log == ""


def test_options_are_defaults_of_the_board(tmp_path) -> None:
    asked = json.dumps({"do": "open", "goods": ["corn"], "start_price": 1}).encode() + b"\n"
    options = ("--rule", "book", "--policy", "leave out", "--threshold", "0.7%")
    _, (answer,), _ = run(tmp_path / "j", asked, *options)
    assert (answer["rule"], answer["policy"], answer["threshold"]) == ("book", "leave out", 0.007)
    code, answers, log = run(tmp_path / "j", asked, "--threshold", "5%")
    assert (code, answers) == (exits.WRONG_INPUT, [])
    assert "threshold: the board of the journal has 0.007, asked for 0.05" in log


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stdio"], "--journal"),
        (["--journal", "{folder}/j"], "--stdio is missing"),
        (["--journal", "{folder}/none/j", "--stdio"], "there is no folder"),
        (["--journal", "{folder}", "--stdio"], "there is no journal"),
        (["--journal", "{folder}/letter", "--stdio"], "not the journal of a facilitation board"),
        (["--journal", "{folder}/j", "--stdio", "--rule", "bok"], "did you mean 'book'?"),
        (["--journal", "{folder}/j", "--stdio", "--rule", "newton"], "inquiries"),
        (["--journal", "{folder}/j", "--stdio", "--policy", "cary"], "did you mean 'carry'?"),
        (["--journal", "{folder}/j", "--stdio", "--threshold", "-1"], "above 0"),
        (["--journal", "{folder}/j", "--stdio", "--threshold", "five"], "such as 5%"),
    ],
)
def test_wrong_options_are_found_before_the_first_line(tmp_path, arguments, message) -> None:
    (tmp_path / "letter").write_text("Dear board,\n")
    command = [argument.format(folder=tmp_path) for argument in arguments]
    result = CliRunner().invoke(cli, ["facilitate", *command], input=b'{"do": "hello"}\n')
    assert result.exit_code == exits.WRONG_INPUT
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_flag_that_is_told_late_reaches_people_and_programs(tmp_path) -> None:
    told = {"do": "tell", "council": "Ada", "demand": {"bread": 50}}
    _, answers, _ = run(tmp_path / "j", OPEN_LINE + json.dumps(told).encode() + b"\n")
    assert answers[1]["flags"] == ["consumers 'Ada': spending 250 exceeds the budget 200"]


def test_standard_output_is_the_protocol_and_nothing_else(tmp_path) -> None:
    """Also while a linear programme is solved by another library."""
    with Process(tmp_path / "j", "--quiet") as client:
        client.ask(**OPEN)
        price = client.ask(do="ask")["price"]
        for council in ("farm", "bakery", "Ada", "Ben"):
            client.ask(do="tell", council=council, **proposal(council, price))
        delivered = client.ask(do="deliver", id="plan")
        assert delivered["id"] == "plan"
        assert set(delivered["fractions"]) == {"farm", "bakery"}
        client.process.stdin.close()
        assert client.process.stdout.read() == b""
        assert client.process.wait(timeout=60) == exits.SOLVED
        assert client.process.stderr.read() == b""
        client.process.stdout.close()
        client.process.stderr.close()


# -- deaths ---------------------------------------------------------------


def undisturbed():
    """All announcements, and the number of proposals, of a board in this process."""
    board = Facilitator(
        OPEN["goods"], OPEN["start_price"], endowment=OPEN["endowment"], threshold=OPEN["threshold"]
    )
    count = 0
    while not (announced := board.ask()).settled:
        for council in ("farm", "bakery", "Ada", "Ben"):
            board.tell(council, **proposal(council, announced.prices))
            count += 1
    return board.prices.tolist(), count


def test_a_board_killed_at_any_point_goes_on_as_if_nothing_had_happened(tmp_path) -> None:
    prices, proposals = undisturbed()
    assert proposals >= 12
    deaths = {1, proposals // 2, proposals - 2}  # a first proposal, one in between, one of the last
    journal, said = tmp_path / "j", 0
    client = Process(journal)
    client.ask(**OPEN)
    announced = client.ask(do="ask")
    while not announced["settled"]:
        for council in announced["missing"]:
            said += 1
            told = {
                "do": "tell",
                "council": council,
                "round": announced["round"],
                **proposal(council, announced["price"]),
            }
            client.send(json.dumps(told).encode() + b"\n")
            if said in deaths:  # not even the answer is waited for
                code, _, err = client.end(kill=True)
                assert code == -signal.SIGKILL
                assert "Traceback" not in err
                client = Process(journal)
                again = client.ask(do="ask", form="list")
                assert again["price"] == prices[announced["round"] - 1]
                assert again["round"] == announced["round"]
                # it may have been heard or not; to say it again is safe
                assert client.ask(**told)["outcome"] in ("new", "repeated")
            else:
                assert client.answer()["outcome"] == "new"
        announced = client.ask(do="ask")
    assert list(announced["price"].values()) == prices[-1]
    assert announced["round"] == len(prices)
    assert client.end()[0] == exits.SOLVED
    with Facilitator.open(journal) as board:
        assert board.prices.tolist() == prices


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path, number) -> None:
    with Process(tmp_path / "j") as client:
        client.ask(**OPEN)
        before = client.ask(do="ask", form="list")
        client.process.send_signal(number)
        code, out, err = client.end()
    assert code == 128 + number
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].endswith("ended in round 1")
    assert not (tmp_path / "j-lock").exists()
    with Facilitator.open(tmp_path / "j") as board:
        assert board.ask().price.tolist() == before["price"]


def test_a_signal_lets_a_request_be_finished(tmp_path, monkeypatch) -> None:
    tell = Facilitator.tell

    def interrupted(self, *arguments, **keywords):
        signal.raise_signal(signal.SIGTERM)
        return tell(self, *arguments, **keywords)

    monkeypatch.setattr(Facilitator, "tell", interrupted)
    told = json.dumps({"do": "tell", "council": "Ben", "demand": {"bread": 1}}).encode() + b"\n"
    code, answers, _ = run(tmp_path / "j", OPEN_LINE + told + told)
    assert code == 128 + signal.SIGTERM
    assert [answer.get("outcome") for answer in answers] == [None, "new"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_client_that_leaves_takes_nothing_with_it(tmp_path) -> None:
    with Process(tmp_path / "j") as client:
        client.ask(**OPEN)
        client.process.stdout.close()
        client.send(b'{"do": "tell", "council": "Ben", "demand": {"bread": 1}}\n')
        client.process.stdin.close()
        assert client.process.wait(timeout=60) in (exits.SOLVED, -signal.SIGPIPE)
        assert b"Traceback" not in client.process.stderr.read()
        client.process.stderr.close()
    with Facilitator.open(tmp_path / "j") as board:
        assert "Ben" not in board.ask().missing


def test_a_second_board_is_kept_away(tmp_path) -> None:
    with Process(tmp_path / "j") as client:
        client.ask(**OPEN)
        code, answers, log = run(tmp_path / "j", b'{"do": "ask"}\n')
        assert (code, answers) == (exits.WRONG_INPUT, [])
        assert "another board has this journal open" in log
        assert client.ask(do="ask")["ok"]


def test_a_fault_of_ours_is_one_line_and_code_1(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Facilitator, "ask", lambda self: 1 / 0)
    result = CliRunner().invoke(
        cli,
        ["facilitate", "--journal", str(tmp_path / "j"), "--stdio"],
        input=OPEN_LINE + b'{"do": "ask"}\n',
    )
    assert isinstance(result.exception, ZeroDivisionError)  # `main` makes a line of it
    assert len(result.stdout.splitlines()) == 1
    Facilitator.open(tmp_path / "j").close()
