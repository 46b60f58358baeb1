"""How procedures bear lost and late proposals: what is counted, and the page that tells of it."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import pages
import parecon as pe
from parecon.cli.app import cli
from parecon.experiments import stress, stress_tables
from parecon.experiments.stress import Trial
from parecon.procedure import simulate
from parecon.procedure.channel import Channel

SCRIPT = Path(__file__).parents[2] / "docs" / "experiments" / "stress.py"


@pytest.fixture(scope="module")
def few():
    """Two draws of 300 + 300 councils, 15 goods."""
    return stress.cases((1, 2), n_workers=300, n_consumers=300, categories=3)


def test_a_trial_is_the_procedure_through_a_channel_with_the_draws_seed(few) -> None:
    (trial,) = stress.trials(
        few, rule_names=("anderson",), conditions=(Channel(lost=0.1, seed=77),), max_rounds=60
    )
    assert (trial.rule, trial.lost, trial.stale) == ("anderson", 0.1, 0.0)
    for draw, seed in enumerate((1, 2)):
        rounds = simulate(
            pe.synthetic.book(300, 300, 3, seed=seed),
            start_price=700.0,
            threshold=1e-3,
            max_rounds=60,
            channel=Channel(lost=0.1, seed=seed),
        )
        for threshold, counts in trial.rounds.items():
            assert counts[draw] == rounds.rounds_to(threshold)
        assert trial.distance[draw] == pytest.approx(rounds.distance[-1], rel=1e-6)


def test_what_is_unseen_is_what_everybody_would_have_answered(few) -> None:
    """Asked again, without a channel, at the prices announced last."""
    condition = Channel(lost=0.3)
    (trial,) = stress.trials(few, rule_names=("elasticity",), conditions=(condition,), max_rounds=6)
    for one, unseen in zip(few, trial.unseen, strict=True):
        rounds = simulate(
            one.councils,
            rule="elasticity",
            start_price=700.0,
            threshold=1e-3,
            max_rounds=6,
            channel=Channel(lost=0.3, seed=one.seed),
            plan=False,
        )
        asked = one.councils.answer(rounds.price[-1])
        assert unseen == pytest.approx(float(asked.imbalance.max()), rel=1e-12)
        assert unseen != pytest.approx(float(rounds.imbalance[-1].max()), rel=1e-3)


@pytest.mark.parametrize("condition", [Channel(lost=0.3), Channel(stale=0.3)])
def test_the_default_rule_gets_there_with_30_per_cent_missing(few, condition) -> None:
    (trial,) = stress.trials(few, rule_names=(pe.rules.DEFAULT,), conditions=(condition,))
    assert trial.reached(0.001) == 2
    assert max(trial.distance) < 0.01


def test_counts() -> None:
    trial = Trial(
        rule="book",
        lost=0.0,
        stale=0.3,
        rounds={0.05: (4, 9), 0.01: (12, None), 0.001: (None, None)},
        unseen=(0.01, 0.02),
        distance=(0.001, 0.5),
    )
    assert trial.condition == "30% stale"
    assert [trial.mean(t) for t in trial.rounds] == [6.5, math.inf, math.inf]
    assert [trial.worst(t) for t in trial.rounds] == [9, None, None]
    assert [trial.reached(t) for t in trial.rounds] == [2, 1, 0]
    table = stress_tables.rounds([trial])
    assert table.titles == (
        "rule", "proposals", "to 5 %", "to 1 %", "to 0.1 %", "unseen", "distance"
    )  # fmt: skip
    assert table.rows == (
        ("book", "30% stale", "6.5 (9)", "-- (1 of 2)", "-- (0 of 2)", "2 %", "50 %"),
    )


def test_no_draws_are_refused() -> None:
    with pytest.raises(pe.SettingsError, match="at least one draw"):
        stress.trials([])


# -- the page --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("stress_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(script):
    return script.PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small(script):
    return script.Results(
        councils=90,
        categories=3,
        draws=1,
        other_draws=1,
        board=30,
        economies=(("another", {"exponent_sum": (0.85, 0.90)}),),
        rule_names=("anderson", "newton"),
        kinds=("negative", "nothing"),
    ).run()


def on_page(script, page, name):
    """Rows of cells of a table."""
    found = script.block(name).search(page)
    assert found is not None, name
    lines = found.group().splitlines()[1:-1]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_small_run_makes_every_table_of_the_page(script, page, small) -> None:
    assert set(re.findall(r"<!-- (?!end)(\w+) -->", page)) == set(script.TABLES)
    for name, make in script.TABLES.items():
        there = on_page(script, page, name)
        table = make(small)
        assert list(table.titles) == there[0], name
        assert script.markdown(table).count("\n") == len(table.rows) + 1
        assert len(there) >= len(table.rows) + 2


def test_the_page_has_every_rule_and_condition(script, page) -> None:
    rows = on_page(script, page, "rounds")[2:]
    conditions = [Trial.condition.fget(c) for c in stress.CONDITIONS]
    expected = [[rule, condition] for rule in pe.rules.NAMES for condition in conditions]
    assert [row[:2] for row in rows] == expected


def test_the_tables_of_false_reports_are_those_of_a_fresh_run(script, page) -> None:
    results = script.Results()
    results.reports = results.false_reports()
    for name in ("consumers", "workers"):
        text = script.markdown(script.TABLES[name](results))
        fresh = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()]
        assert on_page(script, page, name) == fresh


def test_pictures(script, page, small, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    for name, draw in script.PICTURES.items():
        assert f"]({name})" in page
        assert script.PAGE.with_name(name).stat().st_size < 150_000
        pe.plots.write(draw(small), tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5_000


def test_the_example_of_the_page() -> None:
    pages.run("experiments/stress.md", pages.examples("experiments/stress.md"), {})


# -- the command -----------------------------------------------------------------------------------


def command(*arguments):
    """What `parecon experiment stress` writes."""
    done = CliRunner().invoke(cli, ["experiment", "stress", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_writes_tables_and_json() -> None:
    small = ("--councils", "60", "--draws", "1", "-q", "--threads", "1")
    text = command(*small, "--rule", "anderson", "--max-rounds", "40")
    for title in ("Rounds, mean (most) of 1 draws", "Consumer councils overstate", "What came of"):
        assert title in text
    assert "30% stale" in text
    found = json.loads(command(*small, "--part", "reports", "--json"))
    assert found["experiment"] == "stress"
    assert len(found["reports"]) == 36
    assert "rounds" not in found
    lost = [one["welfare_lost"] for one in found["reports"]]
    assert np.all(np.array(lost) > 0.0)
