"""Plans over years on the command line."""

from __future__ import annotations

import json

from click.testing import CliRunner

from dated.dated_for_tests import everything
from parecon.cli.app import cli


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(cli, list(arguments))
    return found.exit_code, found.output


def test_an_economy_over_years_is_planned_and_shown_by_year(tmp_path) -> None:
    economy, plan = str(tmp_path / "economy"), str(tmp_path / "plan")
    everything(years=range(2027, 2031)).save(economy)
    assert run("plan", economy, "-o", plan, "--quiet")[0] == 0
    code, text = run("show", plan, "--by-year")
    assert code == 0
    assert "DatedPlan: solved, 2027 to 2030" in text
    assert "furnaces of coke" in text
    code, text = run("show", plan, "--explain", "bread @2029")
    assert code == 0
    assert "What the price is made of" in text
    code, text = run("show", plan, "--by-year", "--json")
    document = json.loads(text)
    assert (code, document["years"]) == (0, ["2027", "2028", "2029", "2030"])
    used = sum(row["used"] for row in document["frames"]["exhaustible"])
    assert 0.0 < used <= 3.0


def test_only_plans_over_years_are_shown_by_year(tmp_path) -> None:
    economy, plan = str(tmp_path / "economy"), str(tmp_path / "plan")
    everything().save(economy)
    assert run("show", economy, "--by-year")[0] == 2
    assert run("plan", "us-2012", "-o", plan, "--quiet")[0] == 0
    code, text = run("show", plan, "--by-year")
    assert code not in (0, 1)
    assert "no such directory" in text
