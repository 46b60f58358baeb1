"""The command line: results on stdout, everything else on stderr, exit codes as documented."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import parecon as pe
from parecon._version import __version__
from parecon.cli import exits
from parecon.cli.app import cli
from parecon.cli.progress import fraction_done
from test_storage import write_example

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "cli.md").read_text()
COMMAND = [sys.executable, "-c", "from parecon.cli import main; main()"]


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def process(*arguments, **keywords):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **keywords,
    )


@pytest.fixture
def bread(tmp_path) -> Path:
    return write_example(tmp_path / "bread")


@pytest.fixture
def hungry(bread) -> Path:
    """Needs that the land cannot meet."""
    needs = bread / "households.needs.csv"
    needs.write_text(needs.read_text().replace("5", "5000"))
    return bread


# -- plan ---------------------------------------------------------------


def test_example_by_hand_is_planned_certified_and_shown(bread, tmp_path) -> None:
    planned = run("plan", bread, "-o", tmp_path / "plan")
    assert planned.exit_code == exits.SOLVED, planned.output
    assert planned.stdout.startswith("solved: ")
    assert "Certificate" in planned.stdout
    assert re.search(r"land +hectare +[\d.]+ +10\n", planned.stdout)
    assert "iter" in planned.stderr
    assert "iter  " not in planned.stdout

    certified = run("certify", bread, tmp_path / "plan")
    assert certified.exit_code == exits.SOLVED
    assert "holds" in certified.stdout

    shown = run("show", tmp_path / "plan")
    assert shown.exit_code == exits.SOLVED
    assert "bread" in shown.stdout

    loaded = pe.load_plan(tmp_path / "plan", pe.load(bread))
    assert loaded.status is pe.Status.SOLVED
    assert loaded.settings["tol"] == 1e-6


def test_bundled_economy_is_held_against_its_benchmark() -> None:
    result = run("plan", "us-2012", "--quiet")
    assert result.exit_code == exits.SOLVED
    assert result.stderr == ""
    for text in ("Permit price", "ghg_permit", "Output against the benchmark", "Welfare against"):
        assert text in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 120


def test_json_document_has_the_keys_of_the_page() -> None:
    result = run("plan", "us-2012", "--json")
    document = json.loads(result.stdout)
    for key in document:
        assert f"`{key}`" in PAGE
    assert document["status"] == "solved"
    assert document["certificate"]["feasible"] is True
    assert document["goods"][-1]["name"] == "ghg_permit"
    assert document["benchmark"]["permit_price"] == document["goods"][-1]["price"]
    assert document["benchmark"]["output"][0]["relative"] > 0.0
    assert "iter" in result.stderr


@pytest.mark.parametrize("limit", [["--max-iterations", "1"], ["--time-limit", "1e-9"]])
def test_stopped_early_is_a_feasible_plan(tmp_path, limit) -> None:
    stopped = run("plan", "us-2012", "-o", tmp_path / "plan", "--certify", *limit)
    assert stopped.exit_code == exits.STOPPED_EARLY
    assert "limit" in stopped.stdout
    judged = run("certify", "us-2012", tmp_path / "plan", "--json")
    assert judged.exit_code == exits.STOPPED_EARLY
    document = json.loads(judged.stdout)
    assert document["holds"] is False
    assert document["certificate"]["feasible"] is True


def test_infeasible_names_goods_and_resources(hungry) -> None:
    result = run("plan", hungry)
    assert result.exit_code == exits.INFEASIBLE, result.output
    assert "bread" in result.stdout
    document = json.loads(run("plan", hungry, "--json").stdout)
    assert document["infeasible"]["goods"][0][0] == "bread"


def test_infeasible_plan_shows_what_is_short_and_what_binds(bread, monkeypatch) -> None:
    def solve(self):
        zero = [0.0] * self.economy.n_goods
        return pe.Plan(
            status=pe.Status.INFEASIBLE,
            message="No plan exists.",
            economy=self.economy,
            price=zero,
            supply=zero,
            demand=zero,
            proposals=(),
            infeasible=pe.Infeasibility(
                goods=(("bread", 5000.0, 96.5),), resources=(("land", 7.25),)
            ),
        )

    monkeypatch.setattr("parecon.Solver.solve", solve)
    result = run("plan", bread)
    assert result.exit_code == exits.INFEASIBLE
    assert re.search(r"bread +5,000 +96\.5\n", result.stdout)
    assert re.search(r"land +7\.25\n", result.stdout)


def test_a_plan_that_cannot_be_is_not_certified(bread, tmp_path) -> None:
    run("plan", bread, "-o", tmp_path / "plan")
    goods = bread / "goods.csv"
    goods.write_text(goods.read_text().replace("hectare, 10", "hectare, 5"))
    judged = run("certify", bread, tmp_path / "plan")
    assert judged.exit_code == exits.INFEASIBLE
    assert "land" in judged.stdout


# -- show and generate ---------------------------------------------------------------


def test_show_an_economy(bread) -> None:
    result = run("show", bread)
    assert result.exit_code == exits.SOLVED
    assert "NestedCESWorkers" in result.stdout
    document = json.loads(run("show", bread, "--json").stdout)
    assert document["economy"] == {"name": str(bread), "goods": 6, "councils": 7, "entries": 17}
    assert document["goods"][0] == {
        "name": "bread",
        "kind": "product",
        "unit": "loaf",
        "endowment": 0.0,
    }


@pytest.mark.parametrize(
    "kind",
    [
        ["book", "--workers", 60, "--consumers", 20, "--categories", 2],
        ["ces", "--consumers", 30, "--workers", 30, "--goods", 20, "--returns", 0.5, 0.9],
        ["fisher", "--consumers", 30, "--goods", 10, "--budgets", "lognormal"],
        ["activities", "--goods", 20, "--activities", 50, "--entries", 3, 5],
        ["five-year", "--industries", 6, "--years", 3, "--objective", "ray"],
    ],
)
def test_generated_twice_is_the_same_and_can_be_planned(tmp_path, kind) -> None:
    for name in ("one", "two"):
        made = run("generate", *kind, "--seed", 7, "-o", tmp_path / name)
        assert made.exit_code == exits.SOLVED, made.output
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    planned = run("plan", tmp_path / "one", "--quiet")
    assert planned.exit_code == exits.SOLVED, planned.output


def test_bundled_economy_to_be_edited(tmp_path) -> None:
    result = run("generate", "bundled", "us-2012", "-o", tmp_path / "us", "--csv", "--quiet")
    assert result.exit_code == exits.SOLVED
    assert result.output == ""
    assert (tmp_path / "us" / "goods.csv").is_file()
    assert pe.load(tmp_path / "us").goods == pe.load("us-2012").goods


# -- errors ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "nowhere"], "no such directory"),
        (["plan", "us-2021"], "did you mean 'us-2012'"),
        (["plan"], "Missing argument"),
        (["plan", "us-2012", "--tlo", "1"], "--tlo"),
        (["plan", "us-2012", "--tol", "2"], "tol: expected a number above 0 and below 1"),
        (["plan", "us-2012", "--tol", "x"], "not a valid float"),
        (["plan", "us-2012", "--method", "newton"], "smooth"),
        (["certify", "us-2012", "nowhere"], "no such directory"),
        (["show", "nowhere"], "no such directory"),
        (["generate"], "Missing command"),
        (["generate", "book", "-o", "x", "--workers", "1"], "n_workers"),
        (["generate", "poem"], "poem"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_wrong_input_is_one_line_and_code_2(arguments, message) -> None:
    result = run(*arguments, *(["-q"] if arguments[-1] == "newton" else []))
    assert result.exit_code == exits.WRONG_INPUT
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.startswith("parecon: ")
    assert result.stderr.count("\n") == 1


def test_wrong_output_is_refused_before_the_work(bread, monkeypatch) -> None:
    monkeypatch.setattr("parecon.cli.options.load_economy", lambda _: pytest.fail("too late"))
    result = run("plan", bread, "-o", bread)
    assert result.exit_code == exits.WRONG_INPUT
    assert "not to be replaced by a parecon plan" in result.stderr


def test_file_names_are_in_the_message(bread) -> None:
    (bread / "goods.csv").write_text("good,endowment\nbread,many\n")
    result = run("plan", bread)
    assert result.exit_code == exits.WRONG_INPUT
    assert "goods.csv, line 2, column 'endowment': expected a number, got 'many'" in result.stderr


# -- for programs ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "command", "kind", "code"),
    [
        (["plan", "nowhere", "--json"], "plan", "FormatError", 2),
        (["plan", "--json"], "plan", "UsageError", 2),
        (["plan", "us-2012", "--tol", "2", "--json"], "plan", "SettingsError", 2),
        (["plan", "us-2012", "--tlo", "1", "--json"], "plan", "UsageError", 2),
        (["show", "nowhere", "--json"], "show", "FormatError", 2),
        (
            ["generate", "book", "-o", "x", "--workers", "1", "--json"],
            "generate",
            "EconomyError",
            2,
        ),
        (["frobnicate", "--json"], None, "UsageError", 2),
    ],
)
def test_errors_are_documents_too(arguments, command, kind, code) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    document = json.loads(result.stdout)
    assert document["command"] == command
    assert document["parecon"] == __version__
    assert document["error"].keys() == {"type", "message", "exit_code"}
    assert (document["error"]["type"], document["error"]["exit_code"]) == (kind, code)
    assert f"parecon: {document['error']['message']}\n" == result.stderr
    for key in document["error"]:
        assert f"`{key}`" in PAGE


def test_an_internal_error_is_a_document_too() -> None:
    broken = (
        "import parecon.cli.options as o\n"
        "o.load_economy = lambda name: 1 / 0\n"
        "from parecon.cli import main; main()"
    )
    command = [sys.executable, "-c", broken, "show", "us-2012", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == exits.INTERNAL
    error = json.loads(result.stdout)["error"]
    assert (error["type"], error["exit_code"]) == ("ZeroDivisionError", 1)


def test_generate_says_what_it_made(tmp_path) -> None:
    made = run("generate", "fisher", "--consumers", 5, "--goods", 3, "-o", tmp_path / "e", "--json")
    document = json.loads(made.stdout)
    assert made.stderr == ""
    assert document["kind"] == "fisher"
    assert document["saved"] == document["economy"]["name"] == str(tmp_path / "e")
    assert (document["economy"]["goods"], document["economy"]["councils"]) == (3, 5)


def test_a_plan_in_csv_is_the_same_plan(bread, tmp_path) -> None:
    for option in ([], ["--csv"]):
        assert run("plan", bread, "-q", "-o", tmp_path / "plan", *option).exit_code == exits.SOLVED
        assert (tmp_path / "plan" / "goods.csv").exists() == bool(option)
        plan = pe.load_plan(tmp_path / "plan", pe.load(bread))
        assert plan.price.tolist() == pe.solve(pe.load(bread)).price.tolist()
        assert pe.certify(plan.economy, plan).feasible
    with pytest.raises(pe.FormatError, match="file_format"):
        plan.save(tmp_path / "other", file_format="xls")


def test_the_document_of_a_plan_tells_its_iterations(bread) -> None:
    document = json.loads(run("plan", bread, "-q", "--json").stdout)
    assert len(document["history"]) == document["iterations"] + 1
    assert document["history"][-1].keys() == {
        field.name for field in pe.Info.__dataclass_fields__.values()
    }


# -- the real process ---------------------------------------------------------------


def test_streams_and_codes_of_the_process(bread, tmp_path) -> None:
    done = process("plan", bread, "--json")
    assert done.returncode == exits.SOLVED
    assert json.loads(done.stdout)["status"] == "solved"
    assert "iter" in done.stderr
    wrong = process("plan", "nowhere")
    assert wrong.returncode == exits.WRONG_INPUT
    assert wrong.stderr.count("\n") == 1
    assert process("--version").stdout == f"parecon {__version__}\n"


def test_internal_error_is_one_line_and_code_1() -> None:
    broken = (
        "import parecon.cli.options as o\n"
        "o.load_economy = lambda name: 1 / 0\n"
        "from parecon.cli import main; main()"
    )
    command = [sys.executable, "-c", broken, "show", "us-2012"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == exits.INTERNAL
    assert result.stderr.startswith("parecon: internal error: ZeroDivisionError")
    assert result.stderr.count("\n") == 1
    told = {**os.environ, "PARECON_TRACEBACK": "1"}
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env=told
    )
    assert result.returncode == exits.INTERNAL
    assert "Traceback" in result.stderr


def test_reader_that_leaves_is_no_error(bread) -> None:
    shown = subprocess.Popen(
        [*COMMAND, "show", "us-2012", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    shown.stdout.close()
    assert shown.stderr.read() == ""
    assert shown.wait(timeout=60) in (0, -signal.SIGPIPE)
    shown.stderr.close()


def test_interrupt_hands_over_the_plan_so_far(tmp_path) -> None:
    made = run("generate", "fisher", "--consumers", 20_000, "--goods", 800, "-o", tmp_path / "e")
    assert made.exit_code == exits.SOLVED
    command = [*COMMAND, "plan", tmp_path / "e", "--tol", "1e-9", "-o", tmp_path / "plan"]
    planning = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    for line in planning.stderr:  # until the first row: the solver then listens
        if re.match(r" +0 ", line):
            break
    planning.send_signal(signal.SIGINT)
    begin = time.monotonic()
    out, err = planning.communicate(timeout=120)
    assert planning.returncode == exits.STOPPED_EARLY, err
    assert out.startswith("interrupted")
    assert "Traceback" not in err
    assert time.monotonic() - begin < 30.0
    assert pe.load_plan(tmp_path / "plan", pe.load(tmp_path / "e")).status == "interrupted"


HEAVY = {"cvxpy", "highspy", "matplotlib", "numpy", "pandas", "pyarrow", "rich", "scipy"}


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], set()),
        (["plan", "--help"], set()),
        (["plan", "us-2012", "--json", "-q"], {"numpy", "scipy"}),
        (["plan", "us-2012", "-q"], {"numpy", "scipy", "rich"}),
        (["show", "us-2012", "--json"], {"numpy", "scipy"}),
    ],
    ids=lambda words: " ".join(words if isinstance(words, list) else sorted(words)),
)
def test_a_command_loads_only_what_it_needs(arguments, loaded) -> None:
    program = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print(*sorted({HEAVY} & set(sys.modules)), file=sys.stderr))\n"
        f"from parecon.cli.app import cli; cli.main({arguments})"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100
    )
    assert result.returncode == 0
    assert result.stdout
    assert set(result.stderr.split()) == loaded


# -- the page ---------------------------------------------------------------


def test_page_has_every_option_and_code() -> None:
    for name in ("plan", "certify", "show"):
        for parameter in cli.commands[name].params:
            for option in parameter.opts:
                assert option.strip("-") in PAGE
    for kind in cli.commands["generate"].commands:
        assert f"`{kind}" in PAGE
    for code in re.findall(r"^  (\d+) ", exits.HELP, re.MULTILINE):
        assert f"| {code} |" in PAGE


def test_bar_moves_by_orders_of_magnitude() -> None:
    assert fraction_done(1.0, 1e-3, 1e-6) == pytest.approx(0.5)
    assert fraction_done(1e9, 1.0, 1e-6) == 0.0
    assert fraction_done(1.0, 1e-9, 1e-6) == 1.0
    assert fraction_done(1e-9, 1e-9, 1e-6) == 1.0


def test_terminal_gets_a_bar_and_the_rows_above_it() -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    planning = subprocess.Popen(
        [*COMMAND, "plan", "us-2012"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    out = planning.communicate(timeout=60)[0]
    os.close(ours)
    assert planning.returncode == exits.SOLVED
    assert out.startswith("solved")
    assert b"planning" in shown
    assert re.search(rb"    0  [+-]\d\.\d{5}e", shown)
