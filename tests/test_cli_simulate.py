"""`parecon simulate`, and `parecon show` of its rounds: streams, documents, files, exit codes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import parecon as pe
from parecon.cli import exits
from parecon.cli.app import cli
from parecon.cli.simulating import simulate as command

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "cli.md").read_text()
COMMAND = [sys.executable, "-c", "from parecon.cli import main; main()"]


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("simulate") / "market"
    pe.save(place, pe.synthetic.book(60, 60, 2, seed=4))
    return place


BOOK = ("--rule", "book", "--start-price", "700")


# -- what is shown --------------------------------------------------------------------------------


def test_rounds_are_shown_and_logged(market) -> None:
    result = run("simulate", market, *BOOK, "--threshold", "10%")
    assert result.exit_code == exits.SOLVED, result.output
    expected = pe.simulate(pe.load(market), rule="book", start_price=700.0, threshold=0.1)
    lines = result.stdout.splitlines()
    assert lines[0] == f"settled: {expected.message}"
    assert "below the threshold" in lines[1] + lines[2]
    assert "10 goods, 120 councils" in result.stdout
    assert f"10 %: {expected.rounds_to(0.1)}   5 %: --" in result.stdout
    assert max(map(len, lines)) <= 100

    shown = [line.split() for line in lines if re.match(r" *\d+ +[\d.e-]+ %", line)]
    assert [int(row[0]) for row in shown] == list(range(1, expected.n_rounds + 1))
    for row, entry in zip(shown, expected, strict=True):
        assert float(row[1]) / 100.0 == pytest.approx(entry.worst_imbalance, rel=5e-3)
        assert row[3] == entry.worst_good
        assert float(row[4]) == pytest.approx(entry.dual, rel=1e-5)
        assert int(row[8].replace(",", "")) == entry.sent

    logged = result.stderr.splitlines()
    assert logged[0].split()[:3] == ["round", "imbalance", "Phi"]
    assert [int(line.split()[0]) for line in logged[1:]] == list(range(1, expected.n_rounds + 1))


def test_goods_that_agree_least_come_first(market) -> None:
    result = run("simulate", market, *BOOK, "--max-rounds", 3, "-q")
    assert result.stderr == ""
    part = result.stdout.split("Goods of greatest imbalance")[1]
    shares = [float(share) for share in re.findall(r"([\d.]+) %$", part, flags=re.MULTILINE)]
    assert len(shares) == 10
    assert shares == sorted(shares, reverse=True)


def test_long_names_are_cut_and_numbers_are_not(market, tmp_path) -> None:
    economy = pe.load(market)
    names = [f"{'a very long name ' * 6}{i}" for i in range(len(economy.goods))]
    goods = pe.Goods(names, unit="kilogram of dry matter")
    pe.save(tmp_path / "long", pe.Economy(goods, economy.endowment, economy.families))
    long, short = (run("simulate", place, *BOOK, "-q") for place in (tmp_path / "long", market))
    lines = long.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    tables = [result.stdout.split("Rounds\n")[1] for result in (short, long)]
    same, again = (re.findall(r"[\d.]+ %", table) for table in tables)
    assert same == again


def test_long_procedures_are_cut_in_the_middle(market) -> None:
    result = run(
        "simulate", market, *BOOK, "--threshold", "1e-9", "--max-rounds", 60, "--gaps", "none"
    )
    assert result.exit_code == exits.STOPPED_EARLY
    numbers = [int(n) for n in re.findall(r"^ *(\d+) +[\d.]+ % ", result.stdout, re.MULTILINE)]
    assert numbers == [*range(1, 9), *range(45, 61)]
    assert re.search(r"\.\.\. +36 more\n", result.stdout)
    assert result.stderr.count("imbalance") == 2  # the header comes again after 40 rounds


# -- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["20%", "20 %", ".2", "0.2"])
def test_a_threshold_is_a_share_or_in_per_cent(market, text) -> None:
    result = run("simulate", market, *BOOK, "--threshold", text, "--json", "-q")
    document = json.loads(result.stdout)
    assert document["threshold"] == 0.2
    worst = [entry["worst_imbalance"] for entry in document["rounds"]]
    assert worst[-1] < 0.2
    assert min(worst[:-1]) >= 0.2


@pytest.mark.parametrize("rule", pe.rules.NAMES)
def test_every_rule_goes_by_its_name(market, rule) -> None:
    result = run("simulate", market, "--rule", rule, "--json", "-q", "--threshold", "20%")
    assert result.exit_code == exits.SOLVED, result.output
    assert json.loads(result.stdout)["rule"] == rule
    (option,) = (option for option in command.params if option.name == "rule")
    assert rule in option.help


def test_defaults_are_those_of_the_library(market) -> None:
    document = json.loads(run("simulate", market, "--json", "-q").stdout)
    rounds = pe.simulate(pe.load(market))
    assert document["rule"] == rounds.rule
    assert document["threshold"] == rounds.threshold
    assert [entry["dual"] for entry in document["rounds"]] == rounds.dual.tolist()
    assert [entry["gap"] for entry in document["rounds"]] == pytest.approx(rounds.gap.tolist())


def test_gaps_and_distances_only_where_they_are_wanted(market) -> None:
    few = json.loads(
        run("simulate", market, "--gaps", "last", "--no-compare", "--json", "-q").stdout
    )
    *before, last = few["rounds"]
    assert {entry["gap"] for entry in before} == {None}
    assert last["gap"] > 0.0
    assert few["distance"] is None
    assert {good["plan_price"] for good in few["goods"]} == {None}
    shown = run("simulate", market, "--gaps", "none", "--no-compare", "-q").stdout
    assert "deliver" not in shown
    assert "unknown" in shown  # the plan's price


def test_a_second_year_begins_where_the_first_ended(market, tmp_path) -> None:
    run("simulate", market, *BOOK, "--threshold", "10%", "-q", "-o", tmp_path / "first")
    second = run(
        "simulate", market, "--rule", "book", "--after", tmp_path / "first", "-q", "--threshold",
        "5%", "-o", tmp_path / "second",
    )  # fmt: skip
    assert second.exit_code == exits.SOLVED, second.output
    first, then = (pe.load_rounds(tmp_path / year) for year in ("first", "second"))
    np.testing.assert_array_equal(then.price[0], first.next_price)
    assert then.round(1).worst_imbalance < 0.2 * first.round(1).worst_imbalance


# -- documents and files --------------------------------------------------------------------------


def test_document_has_the_keys_of_the_page(market, tmp_path) -> None:
    saved, picture = tmp_path / "rounds", tmp_path / "rounds.svg"
    result = run("simulate", market, *BOOK, "--json", "-o", saved, "--plot", picture)
    document = json.loads(result.stdout)
    section = PAGE.split("## parecon simulate")[1].split("\n## ")[0]
    keys = {*document, *document["economy"], *document["rounds"][0], *document["goods"][0]}
    for key in keys | set(document["rounds_to"][0]):
        assert f"`{key}`" in section
    rounds = pe.load_rounds(saved)
    assert document["saved"] == str(saved)
    assert document["plot"] == str(picture)
    assert picture.read_text().startswith("<?xml")
    assert document["status"] == rounds.status == "settled"
    assert document["announcements"] == len(document["rounds"]) == rounds.n_rounds
    assert document["sent"] == rounds.sent.sum()
    assert document["rounds_to"][1] == {"threshold": 0.05, "rounds": rounds.n_rounds}
    assert document["rounds_to"][4] == {"threshold": 0.001, "rounds": None}
    for name in ("price", "supply", "demand", "imbalance"):
        np.testing.assert_array_equal(
            [good[name] for good in document["goods"]], getattr(rounds, name)[-1]
        )
    assert [good["plan_price"] for good in document["goods"]] == rounds.plan_price.tolist()
    assert document["distance"] == rounds.distance[-1]


def test_every_option_is_on_the_page() -> None:
    section = PAGE.split("## parecon simulate")[1].split("\n## ")[0]
    for option in command.params:
        for name in (*option.opts, *option.secondary_opts):
            assert not name.startswith("--") or name in section


def test_saved_rounds_are_shown(market, tmp_path) -> None:
    simulated = run("simulate", market, *BOOK, "-q", "-o", tmp_path / "rounds")
    shown = run("show", tmp_path / "rounds")
    assert shown.exit_code == exits.SOLVED
    whole, again = simulated.stdout, shown.stdout
    assert f"economy    {market}: 10 goods" in whole
    without = whole.replace(f"{market}: ", "").removesuffix(
        f"\nrounds written to {tmp_path / 'rounds'}\n"
    )
    assert again == without

    document = json.loads(run("show", tmp_path / "rounds", "--json").stdout)
    assert (document["command"], document["format"]) == ("show", "rounds")
    assert document["path"] == str(tmp_path / "rounds")
    assert document["economy"] == {"name": None, "goods": 10, "councils": 120}
    assert document["rounds"][-1]["worst_imbalance"] < 0.05


# -- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "status"),
    [(["--max-rounds", "1"], "round limit"), (["--time-limit", "1e-9"], "time limit")],
)
def test_limits_show_what_there_is(market, tmp_path, limit, status) -> None:
    result = run("simulate", market, "--threshold", "1e-9", *limit, "-o", tmp_path / "rounds", "-q")
    assert result.exit_code == exits.STOPPED_EARLY
    assert result.stdout.startswith(f"{status}: 1 round, worst imbalance")
    assert pe.load_rounds(tmp_path / "rounds").status == status


@pytest.mark.parametrize("status", pe.ProcedureStatus)
def test_every_end_has_a_code(status) -> None:
    settled = status is pe.ProcedureStatus.SETTLED
    assert exits.of_procedure(status) == (exits.SOLVED if settled else exits.STOPPED_EARLY)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rule", "newtn"], "unknown rule 'newtn'; did you mean 'newton'"),
        (["--threshold", "much"], "a percentage such as 5%, got 'much'"),
        (["--threshold", "-5%"], "threshold: expected a number above 0, got -0.05"),
        (["--start-price", "0"], "start_price: expected numbers above 0"),
        (["--max-rounds", "0"], "max_rounds: expected an integer of at least 1, got 0"),
        (["--after", "nowhere"], "nowhere: no such directory"),
        (["--plot", "rounds.xls"], "rounds.xls: expected the name of a picture"),
        (["--plot", "nowhere/rounds.png"], "there is no folder nowhere"),
        (["--gaps", "some"], "'some' is not one of"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_written(
    market, tmp_path, monkeypatch, arguments, message
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("simulate", market, "-q", "-o", "rounds", *arguments)
    assert result.exit_code == exits.WRONG_INPUT
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused_before_the_work(market, monkeypatch) -> None:
    def never(*arguments, **keywords):
        raise AssertionError("simulated in vain")

    monkeypatch.setattr("parecon.procedure.simulate", never)
    result = run("simulate", market, "-o", market)
    assert result.exit_code == exits.WRONG_INPUT
    assert "not to be replaced by parecon rounds" in result.stderr
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run("simulate", market, "--plot", "rounds.png")
    assert result.exit_code == exits.WRONG_INPUT
    assert "pip install 'parecon[plot]'" in result.stderr


def test_families_without_one_answer_are_named(tmp_path) -> None:
    pe.save(tmp_path / "fisher", pe.synthetic.fisher(10, 5, seed=1))
    result = run("simulate", tmp_path / "fisher", "-q")
    assert result.exit_code == exits.WRONG_INPUT
    assert "'consumers'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_interrupt_hands_over_the_rounds_so_far(market, tmp_path) -> None:
    running = subprocess.Popen(
        [*COMMAND, "simulate", str(market), *BOOK, "--threshold", "1e-12", "--max-rounds",
         "100000000", "--gaps", "none", "-o", str(tmp_path / "rounds")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for _ in range(3):
            assert running.stderr.readline()  # rounds are under way
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == exits.STOPPED_EARLY
    assert out.startswith("interrupted: ")
    rounds = pe.load_rounds(tmp_path / "rounds")
    assert rounds.status is pe.ProcedureStatus.INTERRUPTED
    assert f"interrupted: {rounds.n_rounds:,} rounds" in out


def test_help_answers_without_loading_what_is_heavy() -> None:
    code = (
        "import sys\n"
        "from parecon.cli.app import cli\n"
        "heavy = ('numpy', 'scipy', 'pyarrow', 'matplotlib', 'parecon.procedure')\n"
        "print(*(name for name in heavy if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
