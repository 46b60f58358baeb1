"""Rounds on disk: the round trip is exact, nothing else is replaced, errors say where."""

from __future__ import annotations

import json

import numpy as np
import pytest

import parecon as pe
from parecon.storage.directory import MANIFEST
from procedure.rounds_for_tests import assert_same, assert_same_bits, made

# -- on disk --------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"goods": pe.Goods(3), "state": {}, "plan_price": None, "next_price": None, "carried": {}},
        {"gap": None, "dual": [np.nan, -np.inf, 5e-324, 1 / 3], "status": "diverged"},
        {"threshold": 0.1 + 0.2, "carried": {"large": np.array([-(2**53), 2**53])}},
    ],
)
def test_round_trip_is_exact(tmp_path, changes, file_format) -> None:
    rounds = made(**changes)
    rounds.save(tmp_path / "rounds", file_format=file_format)
    assert_same(rounds, pe.load_rounds(tmp_path / "rounds"))
    assert pe.load_rounds(str(tmp_path / "rounds")).goods.counted == rounds.goods.counted


def test_older_rounds_are_replaced_and_nothing_else_is(tmp_path) -> None:
    place = tmp_path / "rounds"
    made().save(place)
    made(rule="other").save(place)
    assert pe.load_rounds(place).rule == "other"
    assert [path.name for path in tmp_path.iterdir()] == ["rounds"]

    (place / "notes.txt").write_text("mine")
    with pytest.raises(pe.FormatError, match=r"'notes.txt', which parecon did not write"):
        made().save(place)
    economy = pe.synthetic.book(6, 4, 2, seed=1)
    with pytest.raises(
        pe.FormatError, match="parecon rounds, not to be replaced by a parecon economy"
    ):
        pe.save(place, economy)
    pe.save(tmp_path / "economy", economy)
    with pytest.raises(
        pe.FormatError, match="a parecon economy, not to be replaced by parecon rounds"
    ):
        made().save(tmp_path / "economy")
    with pytest.raises(pe.FormatError, match="expected parecon rounds, got a parecon economy"):
        pe.load_rounds(tmp_path / "economy")
    with pytest.raises(pe.FormatError, match="expected a parecon economy, got parecon rounds"):
        pe.load(place)


def test_a_write_that_fails_leaves_the_older_rounds(tmp_path) -> None:
    place = tmp_path / "rounds"
    made().save(place)
    too_large = {"counter": np.array([2**53 + 1])}
    with pytest.raises(pe.FormatError, match=r"'counter': expected integers up to 2\^53"):
        made(carried=too_large).save(place)
    with pytest.raises(pe.FormatError, match="expected 'parquet' or 'csv', got 'xls'"):
        made().save(place, file_format="xls")
    assert_same(made(), pe.load_rounds(place))


def edit_manifest(place, **changes) -> None:
    file = place / MANIFEST
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps(manifest | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "newer than this parecon"),
        ({"thresold": 0.1}, "unknown key 'thresold'; did you mean 'threshold'"),
        ({"threshold": "high"}, "expected \"threshold\", a number, got 'high'"),
        ({"n_councils": True}, 'expected "n_councils", a number, got True'),
        ({"rule": None}, 'expected "rule", text, got None'),
        ({"status": "fine"}, "unknown status 'fine'"),
        ({"carried": {}}, 'expected "carried", a list'),
        ({"carried": [{"name": "moves"}]}, r'carried: expected "name", "shape" \(a list of sizes'),
        ({"carried": []}, r"carried.csv: expected 0 rows \(manifest\), got 27"),
    ],
)
def test_errors_in_the_manifest_say_where(tmp_path, changes, message) -> None:
    place = tmp_path / "rounds"
    made().save(place, file_format="csv")
    edit_manifest(place, **changes)
    with pytest.raises(pe.FormatError, match=message) as caught:
        pe.load_rounds(place)
    assert str(place) in str(caught.value)


@pytest.mark.parametrize(
    ("stem", "line", "cells", "message"),
    [
        ("answers", 3, "1,2,1,1,1,1", "line 3, column 'good_index': expected 1, got 2"),
        ("answers", 5, "9,0,1,1,1,1", "line 5, column 'round': expected 2, got 9"),
        ("answers", 2, "1,0,much,1,1,1", "line 2, column 'price': expected a number, got 'much'"),
        ("rounds", 3, "7,1,1,1,1,0,0", "line 3, column 'round': expected 2, got 7"),
        ("rounds", 3, "2,1,1,1,1,1.5,0", "line 3, column 'inquiries': expected an integer"),
        ("carried", 4, "0,7,1", "line 4, column 'position': expected 2, got 7"),
    ],
)
def test_errors_in_a_table_say_where(tmp_path, stem, line, cells, message) -> None:
    place = tmp_path / "rounds"
    made().save(place, file_format="csv")
    table = place / f"{stem}.csv"
    lines = table.read_text().splitlines()
    lines[line - 1] = cells
    table.write_text("\n".join(lines))
    with pytest.raises(pe.FormatError, match=message) as caught:
        pe.load_rounds(place)
    assert f"{stem}.csv" in str(caught.value)


def test_truncated_files_are_refused(tmp_path) -> None:
    place = tmp_path / "rounds"
    made().save(place, file_format="csv")
    table = place / "answers.csv"
    table.write_text("\n".join(table.read_text().splitlines()[:-1]))
    with pytest.raises(pe.FormatError, match=r"answers.csv: truncated\? expected 12 rows"):
        pe.load_rounds(place)
    made().save(place)
    table = place / "answers.parquet"
    table.write_bytes(table.read_bytes()[:-40])
    with pytest.raises(pe.FormatError, match=r"answers.parquet: truncated, damaged"):
        pe.load_rounds(place)
    table.unlink()
    with pytest.raises(pe.FormatError, match=r"missing table answers.parquet"):
        pe.load_rounds(place)


# -- what a procedure writes into it --------------------------------------------------------------


@pytest.mark.parametrize("rule", pe.rules.NAMES)
def test_rounds_of_every_rule_survive_the_disk_and_go_on(tmp_path, rule) -> None:
    economy = pe.synthetic.book(60, 40, 2, seed=3)
    first = pe.simulate(economy, rule=rule, start_price=700.0, max_rounds=5, threshold=1e-12)
    first.save(tmp_path / "rounds")
    loaded = pe.load_rounds(tmp_path / "rounds")
    assert_same(first, loaded)
    then, other = (
        pe.simulate(economy, rule=rule, after=rounds, max_rounds=3, threshold=1e-12, plan=False)
        for rounds in (first, loaded)
    )
    assert_same_bits(then.price, other.price)
