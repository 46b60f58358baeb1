"""``parecon report``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import parecon as pe
from parecon.cli import exits
from parecon.cli.app import cli
from report.documents import parsed
from report.villages import village
from test_cli import PAGE


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def saved(tmp_path_factory, us):
    """Plans and economies on disk."""
    folder = tmp_path_factory.mktemp("saved")
    us.save(folder / "us.plan")
    for hours in (10, 8):
        economy = village(hours=float(hours))
        pe.save(folder / f"{hours}.economy", economy)
        pe.solve(economy).save(folder / f"{hours}.plan")
    return folder


def test_plan_of_a_bundled_economy_is_enough(saved, tmp_path) -> None:
    result = run("report", saved / "us.plan", "-o", tmp_path / "a.html", "--money", "million USD")
    assert result.exit_code == exits.SOLVED, result.output
    assert "what is scarce" in result.stdout
    tree = parsed((tmp_path / "a.html").read_text())
    assert tree.one("h1").text == "us-2012, us.plan"
    assert "compared with the benchmark year" in tree.text
    assert "287,213" in tree.text


def test_plan_of_a_sweep_has_its_economy_beside_it(saved, tmp_path) -> None:
    arguments = ("--against", saved / "10.plan", "-o", tmp_path / "a.html", "--json")
    result = run("report", saved / "8.plan", *arguments)
    assert result.exit_code == exits.SOLVED, result.output
    document = json.loads(result.stdout)
    for key in document:
        assert f"`{key}`" in PAGE
    assert document["against"] == "the plan 10.plan"
    assert document["bytes"] == (tmp_path / "a.html").stat().st_size
    assert document["sections"][1] == {"id": "gains", "heading": "Who gains and who loses"}
    tree = parsed((tmp_path / "a.html").read_text())
    assert "costs 25.0" in tree.text.replace("\N{NO-BREAK SPACE}", " ")


def test_economy_and_plan_may_be_named_and_economies_planned(saved, tmp_path) -> None:
    economy, plan, page = saved / "8.economy", saved / "8.plan", tmp_path / "a.html"
    other = ("--against", saved / "10.economy", "--title", "less work")
    result = run("report", economy, plan, *other, "-o", page, "-q")
    assert result.exit_code == exits.SOLVED, result.output
    assert result.stderr == ""
    tree = parsed(page.read_text())
    assert tree.one("h1").text == "less work"
    assert "against the plan of 10.economy" in tree.text
    alone = run("report", economy, "-o", page)
    assert alone.exit_code == exits.SOLVED, alone.output
    assert "iter" in alone.stderr
    assert parsed(page.read_text()).one("h1").text == "8.economy"


def test_wrong_input_is_said_before_the_work(saved, tmp_path) -> None:
    page = tmp_path / "a.html"
    for arguments, message in (
        (["us-2012", "-o", tmp_path / "a.pdf"], "expected the name of a page to end in .html"),
        (["us-2012", "-o", tmp_path / "no" / "a.html"], "there is no folder"),
        (["us-2012", "plan", "more", "-o", page], "expected [ECONOMY] PLAN, got 3"),
        (["us-2012", saved / "8.plan", "-o", page], "8.plan"),
        (["us-2012", "--against-economy", "x", "-o", page], "goes with --against"),
        (["nowhere", "-o", page], "nowhere"),
    ):
        result = run("report", *arguments)
        assert result.exit_code == exits.WRONG_INPUT, (arguments, result.output)
        assert message in result.stderr
    assert not page.exists()


def test_plan_of_no_bundled_economy_asks_for_its_own(saved, tmp_path) -> None:
    pe.load_plan(saved / "8.plan", village(hours=8.0)).save(tmp_path / "plan")
    result = run("report", tmp_path / "plan", "-o", tmp_path / "a.html")
    assert result.exit_code == exits.WRONG_INPUT
    assert "of which economy is this plan? Name it: parecon report ECONOMY" in result.stderr


def test_older_reports_are_replaced_and_nothing_else_is(saved, tmp_path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>mine</p>")
    refused = run("report", saved / "8.plan", "-o", page)
    assert refused.exit_code == exits.WRONG_INPUT
    assert "there is something else, which is not replaced" in refused.stderr
    assert page.read_text() == "<p>mine</p>"
    page.unlink()
    for _ in range(2):
        assert run("report", saved / "8.plan", "-o", page).exit_code == exits.SOLVED


def test_infeasible_plan_is_reported_too(tmp_path) -> None:
    economy = village(needs=[[0, 0, 5.0], [0, 0, 5.0]])
    pe.save(tmp_path / "economy", economy)
    result = run("report", tmp_path / "economy", "-o", tmp_path / "a.html", "-q")
    assert result.exit_code == exits.SOLVED
    assert "what is missing" in result.stdout
