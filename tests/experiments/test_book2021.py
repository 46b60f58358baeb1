"""The published experiments in small: records, summary, files, command, pictures, page."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import parecon as pe
from parecon.cli.app import cli
from parecon.experiments import book2021_figures as figures
from parecon.experiments import book2021_summary as summary
from parecon.experiments import book_variants
from parecon.experiments.book2021 import (
    DECREASING,
    INCREASING,
    PLAN,
    RETURNS,
    THRESHOLDS,
    YEAR_END,
    Book2021,
    book2021,
)
from parecon.procedure import Rounds, simulate

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "experiments" / "book2021.py"
COUNCILS, CATEGORIES = 600, 3
PICTURES = ("book2021-rules.png", "book2021-rounds.png", "book2021-returns.png")


def small(**changes) -> Book2021:
    arguments = {"councils": COUNCILS, "categories": CATEGORIES, "experiments": 2, **changes}
    return book2021(**arguments)


@pytest.fixture(scope="module")
def result() -> Book2021:
    return small()


def stop(result: Book2021, **which):
    (found,) = [s for s in result.stops if all(getattr(s, k) == v for k, v in which.items())]
    return found


# -- the experiments ------------------------------------------------------------------------------


def test_every_observation_is_recorded_once(result) -> None:
    keys = {(s.experiment, s.returns, s.year, s.rule, s.threshold) for s in result.stops}
    assert len(keys) == len(result.stops) == 2 * 2 * 2 * len(pe.rules.NAMES) * len(THRESHOLDS)
    assert {s.experiment for s in result.stops} == set(result.experiments) == {1, 2}
    grown = {(g.experiment, g.returns, g.rule) for g in result.growth}
    assert len(grown) == len(result.growth)
    assert {g.rule for g in result.growth if g.returns == DECREASING} == {*pe.rules.NAMES, PLAN}
    assert PLAN not in {g.rule for g in result.growth if g.returns == INCREASING}


def test_smaller_thresholds_take_no_fewer_rounds(result) -> None:
    assert any(s.rounds is not None for s in result.stops)
    for s in result.stops:
        for other in result.stops:
            same = (s.experiment, s.returns, s.year, s.rule) == (
                other.experiment,
                other.returns,
                other.year,
                other.rule,
            )
            if same and s.threshold > other.threshold and other.rounds is not None:
                assert s.rounds is not None
                assert s.rounds <= other.rounds
        assert math.isnan(s.distance) == (s.returns == INCREASING or s.rounds is None)
        if s.rounds is not None:
            asks = s.rule == "newton" and s.rounds > 1
            assert (s.exchanges > s.rounds) if asks else (s.exchanges == s.rounds)


def years(seed: int, part: float, rule: str) -> tuple[Rounds, Rounds, pe.Economy]:
    """Both years by the public functions alone."""
    first, second = pe.synthetic.book_years(COUNCILS, COUNCILS, CATEGORIES, seed=seed)
    if part:
        first, second = (
            pe.synthetic.book_increasing_returns(year, part, seed=seed) for year in (first, second)
        )
    common = {"rule": rule, "threshold": YEAR_END, "gaps": "none", "first_order": True}
    one = simulate(first, start_price=700.0, **common)
    return one, simulate(second, after=one, **common), first


@pytest.mark.parametrize(("returns", "part"), [(DECREASING, 0.0), (INCREASING, 0.2)])
def test_records_are_those_of_the_procedures(result, returns, part) -> None:
    one, two, economy = years(2, part, "book")
    for year, rounds in ((1, one), (2, two)):
        for threshold in (0.10, 0.05, 0.03):
            found = stop(
                result, experiment=2, returns=returns, year=year, rule="book", threshold=threshold
            )
            assert found.rounds == rounds.rounds_to(threshold)
            if returns == DECREASING:
                assert found.distance == pytest.approx(rounds.distance[found.rounds - 1], rel=1e-6)
    (grown,) = [
        g for g in result.growth if (g.experiment, g.returns, g.rule) == (2, returns, "book")
    ]
    final = [economy.goods.kind[i] in ("private", "public") for i in range(economy.n_goods)]
    worth = {
        (prices, quantities): sum(
            p * q
            for p, q, counts in zip(rounds_p.next_price, rounds_q.supply[-1], final, strict=True)
            if counts
        )
        for prices, rounds_p in (("first", one), ("second", two))
        for quantities, rounds_q in (("first", one), ("second", two))
    }
    at_first = worth["first", "second"] / worth["first", "first"] - 1.0
    at_second = worth["second", "second"] / worth["second", "first"] - 1.0
    assert grown.at_first_prices == pytest.approx(at_first, abs=1e-12)
    assert grown.at_second_prices == pytest.approx(at_second, abs=1e-12)
    assert grown.growth == pytest.approx((at_first + at_second) / 2, abs=1e-12)


@pytest.mark.usefixtures("every_thread")
def test_seeds_threads_and_company_do_not_matter(result) -> None:
    told = []
    alone = small(
        experiments=1,
        first_seed=2,
        n_threads=1,
        rule_names=["anderson", "book"],
        progress=lambda *done: told.append(done),
    )
    assert told == [(1, 1)]
    for s in alone.stops:
        among = stop(
            result,
            **{k: getattr(s, k) for k in ("experiment", "returns", "year", "rule", "threshold")},
        )
        assert among.rounds == s.rounds
    assert alone.rule_names == ("anderson", "book")


def test_a_run_that_never_settles_is_recorded_as_that() -> None:
    few = small(experiments=1, rule_names=["book"], max_rounds=3)
    assert {s.rounds for s in few.stops if s.year == 1} == {None}
    assert {g.rule for g in few.growth} == {PLAN}
    assert summary.footnotes(few)
    line = summary.lines(few)[0]
    assert summary.rounds_text(line.rounds["book"]) == "never"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"experiments": 0}, "experiments: expected at least 1, got 0"),
        ({"rule_names": ["andersson"]}, "got 'andersson', .*did you mean 'anderson'"),
        ({"councils": 5}, "n_workers: expected a whole number >= 9, got 5"),
        ({"first_seed": -1}, "seed: expected a whole number >= 0"),
    ],
)
def test_senseless_arguments_are_refused(changes, message) -> None:
    with pytest.raises(pe.PareconError, match=message):
        small(**changes)


# -- the summary ----------------------------------------------------------------------------------


def test_means_are_over_what_is_there() -> None:
    mean = summary.mean_of([3, None, 8, math.nan])
    assert (mean.reached, mean.of, mean.mean, mean.least, mean.most) == (2, 4, 5.5, 3, 8)
    assert summary.rounds_text(mean) == "5.50* [3, 8]"
    assert summary.rounds_text(summary.mean_of([3, 8])) == "5.50 [3, 8]"


def test_lines_stand_beside_what_was_published(result) -> None:
    lines = summary.lines(result)
    assert len(lines) == len(RETURNS) * 2 * len(THRESHOLDS)
    published = [
        (line.returns, line.year, line.threshold, summary.published_text(line.published))
        for line in lines
        if line.published
    ]
    assert published == [
        (DECREASING, 1, 0.05, "11.85 [11, 13]"),
        (DECREASING, 1, 0.03, "19.2 [18, 22]"),
        (DECREASING, 2, 0.05, "6.575 [5, 8]"),
        (INCREASING, 2, 0.05, "6.275"),
    ]
    line = lines[1]
    counts = [
        s.rounds
        for s in result.stops
        if (s.returns, s.year, s.threshold, s.rule) == (DECREASING, 1, 0.05, "book")
    ]
    assert line.rounds["book"].mean == np.mean(counts)


def test_observations_are_written_and_read_back(result, tmp_path) -> None:
    folder = tmp_path / "new" / "folder"
    summary.save(result, folder)
    summary.save(replace(result, experiments=(7,)), folder)  # its own files are replaced
    with (folder / "stops.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(result.stops)
    for row, s in zip(rows, result.stops, strict=True):
        assert row["rounds"] == ("" if s.rounds is None else str(s.rounds))
        assert row["distance"] == ("" if math.isnan(s.distance) else repr(s.distance))
    document = json.loads((folder / "summary.json").read_text())
    assert document["experiments"] == [7]
    (folder / "mine.txt").touch()
    with pytest.raises(pe.FormatError, match=r"holds 'mine\.txt', which an experiment did not"):
        summary.save(result, folder)
    with pytest.raises(pe.FormatError, match="not a directory"):
        summary.save(result, folder / "mine.txt")


# -- the command ----------------------------------------------------------------------------------


def command(*arguments):
    sizes = ("--councils", str(COUNCILS), "--categories", str(CATEGORIES), "--experiments", "1")
    return CliRunner().invoke(cli, ["experiment", "book2021", *sizes, *map(str, arguments)])


def test_command_prints_the_table_beside_the_published_one(tmp_path) -> None:
    found = command("-o", tmp_path / "out")
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert found.stderr.splitlines() == ["1 of 1 done"]
    assert any(line.startswith("5 %") and "11.85 [11, 13]" in line for line in lines)
    assert any(line.startswith("decreasing returns") and "+2.4 %" in line for line in lines)
    assert max(map(len, lines)) <= 100
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(summary.FILES)


def test_command_writes_one_document(result) -> None:
    found = command("--json", "--quiet")
    assert (found.exit_code, found.stderr) == (0, "")
    document = json.loads(found.stdout)
    assert (document["command"], document["experiment"]) == ("experiment", "book2021")
    line = next(
        line
        for line in document["rounds"]
        if (line["returns"], line["year"], line["threshold"]) == (DECREASING, 1, 0.05)
    )
    which = {"experiment": 1, "returns": DECREASING, "year": 1, "threshold": 0.05}
    for rule, mean in line["rounds"].items():
        assert mean["mean"] == stop(result, rule=rule, **which).rounds


def test_command_refuses_before_it_works(tmp_path) -> None:
    (tmp_path / "mine.txt").touch()
    found = command("-o", tmp_path)
    assert found.exit_code == 2
    assert "which an experiment did not write" in found.stderr
    assert command("--seed", "-3").exit_code == 2


# -- variants and pictures --------------------------------------------------------------------


def test_variants_change_one_thing_each() -> None:
    kept = []
    some = [book_variants.variant(name) for name in ("start at 70", "endowments times 10")]
    found = book_variants.runs(
        some,
        councils=300,
        categories=2,
        experiments=1,
        rule_names=["newton"],
        keep=lambda variant, seed, rounds: kept.append((variant.name, seed, rounds)),
    )
    assert [run.variant for run in found] == [name for name, _, _ in kept] == [v.name for v in some]
    (_, _, cold), (_, _, rich) = kept
    assert set(cold.price[0]) == {70.0}
    assert set(rich.price[0]) == {700.0}
    np.testing.assert_allclose(rich.supply[0, -2:], 10.0 * cold.supply[0, -2:])  # labour
    assert found[0].rounds == {t: cold.rounds_to(t) for t in book_variants.THRESHOLDS}
    assert found[0].last_distance == cold.distance[-1]
    with pytest.raises(pe.SettingsError, match="no 'start at 7'; did you mean 'start at 70'"):
        book_variants.variant("start at 7")


def test_a_rule_that_does_not_get_there_is_recorded_as_that() -> None:
    hard = book_variants.variant("exponents sum to .90-.95")
    (run,) = book_variants.runs(
        [hard], councils=300, categories=2, experiments=1, rule_names=["book"], max_rounds=20
    )
    assert set(run.rounds.values()) == {None}
    assert all(math.isnan(value) for value in run.distance.values())
    assert run.last_imbalance > 0.5


def test_pictures_are_drawn(result) -> None:
    pytest.importorskip("matplotlib")
    figure = figures.by_rule(result)
    first, second = figure.axes
    assert [label.get_text() for label in first.get_yticklabels()] == list(result.rule_names)
    drawn = {
        line.get_label(): line.get_xdata()
        for line in second.lines
        if line.get_label().startswith("to")
    }
    line = next(line for line in summary.lines(result) if (line.year, line.threshold) == (2, 0.05))
    np.testing.assert_allclose(drawn["to 5 %"], [line.rounds[r].mean for r in result.rule_names])


# -- the page -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("book2021_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def stated(script, name: str) -> list[str]:
    """Lines of a table of the page."""
    found = script.block(name).search(script.PAGE.read_text(encoding="utf-8"))
    assert found is not None, name
    return found.group().splitlines()[1:-1]


def test_script_makes_every_table_and_picture_of_the_page(script, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    results = script.Results(councils=300, experiments=1, variant_experiments=1).run()
    for name, make in script.TABLES.items():
        ours, theirs = make(results).splitlines(), stated(script, name)
        assert len(ours) == len(theirs), name
        if name != "time":
            assert ours[:2] == theirs[:2], name
        first = [[line.split("|")[1] for line in lines] for lines in (ours[2:], theirs[2:])]
        assert first[0] == first[1], name
    page = script.PAGE.read_text(encoding="utf-8")
    drawn = script.draw(results, tmp_path)
    assert tuple(path.name for path in drawn) == PICTURES
    for path in drawn:
        assert path.stat().st_size > 1000
        assert f"({path.name})" in page
        assert (SCRIPT.parent / path.name).is_file()


def test_page_states_the_published_instances_as_they_come_out(script, shared_data) -> None:
    assert script.instances(shared_data / "book2021").splitlines() == stated(script, "instances")
