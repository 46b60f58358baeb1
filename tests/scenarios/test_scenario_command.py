"""``parecon scenario`` and ``parecon show --explain``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import parecon as pe
from parecon.cli import exits
from parecon.cli.app import cli
from parecon.scenarios import Deliver, Endowment, Scenario
from scenarios.small import bakery

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text()

SERIES = """
name = "hours"
[vary]
labour = {from = 10, to = 8, steps = 2}
[[change]]
do = "endowment"
goods = "labour"
to = "$labour"
"""


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pe.save("village", bakery())
    Path("hours.toml").write_text(SERIES)
    Scenario("hungry", [Deliver(name="school", goods={"bread": 9.0})]).save("hungry.json")
    return tmp_path


def test_a_series_is_planned_shown_and_written(here):
    result = run("scenario", "village", "hours.toml", "-o", "out")
    assert result.exit_code == exits.SOLVED, result.output
    assert "hours labour=8" in result.stdout
    assert "sweep written to out" in result.stdout
    assert "   2/2    hours labour=8" in result.stderr
    assert "(warm)" in result.stderr
    assert pe.load_sweep("out").values("price", "labour") == pytest.approx([1.0, 1.25], rel=1e-5)
    shown = run("show", "out")
    assert "hours labour=8" in shown.stdout
    explained = run("show", "out/02.plan", "--explain", "bread", "--explain", "oven")
    assert explained.exit_code == exits.SOLVED, explained.output
    assert "bread (food): 1.875 money per unit" in explained.stdout
    assert "What holds it back: demand" in explained.stdout


def test_impossible_ones_are_told_with_what_they_lack(here):
    result = run("scenario", "village", "hours.toml", "hungry.json", "--quiet")
    assert result.exit_code == exits.INFEASIBLE
    assert result.stderr == ""
    assert "the need for bread would have to be 6.66667 loaf instead of 9" in " ".join(
        result.stdout.split()
    )
    without = run("scenario", "village", "hungry.json", "--quiet", "--no-missing")
    assert without.exit_code == exits.INFEASIBLE
    assert "instead of 9" not in without.stdout


def test_the_json_document_has_the_keys_of_the_page(here):
    result = run("scenario", "village", "hours.toml", "hungry.json", "--json", "-q")
    document = json.loads(result.stdout)
    section = PAGE.split("## parecon scenario")[1].split("\n## ")[0]
    for key in (*document, *document["scenarios"][0], *document["scenarios"][2]["missing"]):
        assert f"`{key}`" in section or key in ("command", "parecon"), key
    assert document["scenarios"][2]["status"] == "infeasible"
    assert document["scenarios"][2]["results"] == []
    welfare = [row for row in document["scenarios"][0]["results"] if row["measure"] == "welfare"]
    assert len(welfare) == 1


def test_a_sweep_on_disk_has_the_same_document(here):
    made = run("scenario", "village", "hours.toml", "hungry.json", "--json", "-q", "-o", "sweep")
    shown = run("show", "sweep", "--json")
    assert shown.exit_code == exits.SOLVED, shown.output
    first, again = json.loads(made.stdout), json.loads(shown.stdout)
    assert again["format"] == "sweep"
    # figures in a file prove nothing, so that nothing read from one is called verified
    assert first["scenarios"][2]["missing"].pop("verified") is True
    assert again["scenarios"][2]["missing"].pop("verified") is False
    assert again["scenarios"] == first["scenarios"]


def test_together_makes_one_scenario_and_contradictions_are_refused(here):
    Scenario("less", [Endowment(goods="labour", times=0.5)]).save("less.toml")
    Scenario("school", [Deliver(name="school", goods={"bread": 1.0})]).save("school.toml")
    result = run("scenario", "village", "less.toml", "school.toml", "--together", "--json", "-q")
    (both,) = json.loads(result.stdout)["scenarios"]
    assert both["name"] == "less + school"
    assert len(both["changes"]) == 2
    refused = run("scenario", "village", "hungry.json", "school.toml", "--together")
    assert refused.exit_code == exits.WRONG_INPUT
    assert "contradict each other" in refused.stderr


def test_wrong_input_is_one_line(here):
    (here / "wrong.toml").write_text('[[change]]\ndo = "endowment"\ngood = "labour"\nto = 1\n')
    result = run("scenario", "village", "wrong.toml")
    assert result.exit_code == exits.WRONG_INPUT
    assert "wrong.toml, line 3, change 1, key 'good': unknown key; did you mean 'goods'" in (
        result.stderr
    )
    assert result.stderr.count("\n") == 1
    (here / "village2").mkdir()
    (here / "village2" / "mine.txt").write_text("x")
    result = run("scenario", "village", "hours.toml", "-o", "village2")
    assert result.exit_code == exits.WRONG_INPUT
    assert "not a parecon directory" in result.stderr


def test_a_plan_on_disk_knows_its_economy(here):
    run("plan", "village", "-o", "plan", "-q")
    result = run("show", "plan", "--explain", "bread", "--json")
    assert result.exit_code == exits.SOLVED, result.output
    document = json.loads(result.stdout)
    assert document["explanations"][0]["good"] == "bread"
    assert document["economy"].endswith("village")
    unknown = run("show", "plan", "--explain", "bred")
    assert unknown.exit_code == exits.WRONG_INPUT
    assert "did you mean 'bread'" in unknown.stderr
    # the economy changes after the plan was made
    pe.save("village", bakery(labour=9.0))
    stale = run("show", "plan", "--explain", "bread")
    assert stale.exit_code == exits.WRONG_INPUT
    assert "not a plan of" in stale.stderr
    pe.save("elsewhere", bakery())
    assert run("show", "plan", "--explain", "bread", "--economy", "elsewhere").exit_code == 0


def test_a_plan_saved_from_python_must_be_told_its_economy(here):
    pe.solve(bakery()).save("plan")
    result = run("show", "plan", "--explain", "bread")
    assert "give --economy ECONOMY" in result.stderr
    assert run("show", "plan", "--explain", "bread", "--economy", "village").exit_code == 0


def test_only_plans_are_explained(here):
    result = run("show", "village", "--explain", "bread")
    assert result.exit_code == exits.WRONG_INPUT
    assert "--explain is for plans" in result.stderr


def test_why_there_is_no_bread(here):
    pe.save("hungry", bakery(bread=9.0))
    assert run("plan", "hungry", "-o", "plan", "-q").exit_code == exits.INFEASIBLE
    result = run("show", "plan", "--explain", "bread")
    assert "bread: no plan meets the needs" in result.stdout
    assert "9 needed" in result.stdout
