"""Economies on disk: the round trip is exact, the page docs/format.md is true, errors say where."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import strategies as st

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from parecon.storage.directory import MANIFEST
from parecon.storage.numbers import from_json, to_json

FORMAT_PAGE = Path(__file__).resolve().parent.parent / "docs" / "format.md"


def every_family(seed: int = 1) -> pe.Economy:
    return random_economy(
        np.random.default_rng(seed),
        consumers=CONSUMERS,
        workers=WORKERS,
        supplies=SUPPLIES,
        needs=True,
        capacity=True,
    )


def assert_same_bits(left: object, right: object) -> None:
    assert type(left) is type(right)
    if isinstance(left, np.ndarray):
        assert left.dtype == right.dtype
        assert left.shape == right.shape
        assert left.tobytes() == right.tobytes()
    elif sp.issparse(left):
        assert left.shape == right.shape
        for name in ("data", "indices", "indptr"):
            assert_same_bits(getattr(left, name), getattr(right, name))
    elif isinstance(left, pe.NestedCES | pe.Effort):
        for name in getattr(left, "columns", ("exponent", "power", "scale")):
            assert_same_bits(getattr(left, name), getattr(right, name))
    else:
        assert left == right


def assert_same_economy(left: pe.Economy, right: pe.Economy) -> None:
    assert left.goods == right.goods
    assert left.goods.counted == right.goods.counted
    assert_same_bits(left.endowment, right.endowment)
    for ours, theirs in zip(left.families, right.families, strict=True):
        assert type(ours) is type(theirs)
        assert (ours.label, ours.names) == (theirs.label, theirs.names)
        for column in ours.columns:
            assert_same_bits(getattr(ours, column.name), getattr(theirs, column.name))


def named_economy() -> pe.Economy:
    goods = pe.Goods(["17", "tea,\ngreen", 'a "b"'], kind="private", unit=["kg", "kg", "ünit"])
    families = [
        pe.CobbDouglasConsumers(
            [1.0, 1e-300], [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], names=["0", "x,y"]
        ),
        pe.CobbDouglasConsumers([1 / 3], [[1.0, 0.0, 0.0]], label="other [people]"),
        pe.Activities([[-1.0, 1e300, 0.0]], [np.inf]),
    ]
    return pe.Economy(goods, [0.1, 5e-324, 1 / 3], families)


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
@pytest.mark.parametrize("make", [every_family, named_economy])
def test_round_trip_is_exact(tmp_path, make, file_format) -> None:
    economy = make()
    pe.save(tmp_path / "economy", economy, file_format=file_format)
    assert_same_economy(economy, pe.load(tmp_path / "economy"))


@hypothesis.given(
    seed=st.integers(0, 2**32 - 1),
    consumers=st.sets(st.sampled_from(CONSUMERS), min_size=1),
    workers=st.sets(st.sampled_from(WORKERS)),
    file_format=st.sampled_from(["parquet", "csv"]),
)
def test_any_mix_of_families_comes_back(tmp_path_factory, seed, consumers, workers, file_format):
    economy = random_economy(
        np.random.default_rng(seed), consumers=sorted(consumers), workers=sorted(workers)
    )
    path = tmp_path_factory.mktemp("any") / "e"
    pe.save(path, economy, file_format=file_format)
    assert_same_economy(economy, pe.load(path))


def test_bundled_economy_by_name_and_back(tmp_path) -> None:
    economy = pe.load("us-2012")
    pe.save(tmp_path / "us", economy)
    assert_same_economy(economy, pe.load(tmp_path / "us"))


def test_absent_optional_columns_stay_absent(tmp_path) -> None:
    shares = [[0.5, 0.5]]
    economy = pe.Economy(
        2,
        [1.0, 0.0],
        [
            pe.CobbDouglasConsumers([1.0], shares),
            pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 1.0, 1.0, label="a"),
            pe.CESWorkers([1], [[1.0, 0.0]], 0.5, 1.0, 1.0, np.inf, label="b"),
        ],
    )
    pe.save(tmp_path / "e", economy)
    loaded = pe.load(tmp_path / "e")
    assert loaded.family("cobb_douglas_consumers").needs is None
    assert loaded.family("a").capacity is None
    assert loaded.family("b").capacity.tolist() == [np.inf]


# -- the page -----------------------------------------------------------------------------------


def write_example(directory: Path) -> Path:
    """The complete economy of docs/format.md, as its reader would type it in."""
    directory.mkdir(exist_ok=True)
    blocks = re.findall(
        r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", FORMAT_PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    for name, text in blocks:
        (directory / name).write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def example(tmp_path) -> Path:
    return write_example(tmp_path / "bread")


def test_example_of_the_page_loads(example) -> None:
    economy = pe.load(example)
    assert economy.goods.names == ("bread", "flour", "grain", "labour", "land", "fuel")
    assert economy.goods.unit[0] == "loaf"
    assert economy.family("households").names == ("north", "south")
    assert economy.family("households").needs.toarray()[1, 0] == 5.0
    assert economy.family("mills").capacity.tolist() == [20.0, np.inf]
    assert economy.family("farms").elasticity.tolist() == [0.7]
    nests = economy.family("bakeries").nests
    assert nests.node_parent.tolist() == [-1, 0]
    assert nests.path_share() == pytest.approx([0.6, 0.3, 0.1])
    assert economy.family("pumps").maximum.tolist() == [40.0]


def test_page_names_every_class_and_column() -> None:
    page = FORMAT_PAGE.read_text()
    for name, family in pe.FAMILIES.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        for column in family.columns:
            if column.kind != "choice":
                assert column.name in row


def test_rows_in_any_order(example) -> None:
    before = pe.load(example)
    for name in ("goods.csv", "households.councils.csv"):
        what = "good" if name == "goods.csv" else "council"
        header, *rows = (example / name).read_text().splitlines()
        numbered = [f"{row},{i}" for i, row in enumerate(rows)]
        (example / name).write_text("\n".join([f"{header},{what}_index", *numbered[::-1]]))
    lines = (example / "mills.net_output.csv").read_text().splitlines()
    (example / "mills.net_output.csv").write_text("\n\n".join([lines[0], *lines[:0:-1]]))
    assert_same_economy(before, pe.load(example))


# -- what can be wrong --------------------------------------------------------------------------


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


WRONG_CSV = [
    ("households.shares.csv", "0.2", "O.2", r"shares\.csv, line 3, column 'value': .*'O\.2'"),
    (
        "households.shares.csv",
        "labour, 0.2",
        "labor, 0.2",
        r"line 3, column 'good': .*'labor'.*'labour'",
    ),
    (
        "households.shares.csv",
        "south,   bread",
        "suoth,   bread",
        r"line 4, column 'council'.*south",
    ),
    ("households.shares.csv", "north,   labour", "north,   bread", r"line 3: .*earlier row"),
    ("households.shares.csv", ", 0.1", "", r"line 5: expected 3 cells, got 2"),
    ("households.shares.csv", "value", "share", r"unknown column"),
    ("households.councils.csv", "budget", "bugdet", r"unknown column.*budget"),
    ("households.councils.csv", "40", "", r"line 3, column 'budget': expected a number, got ''"),
    ("farms.councils.csv", "grain", "grane", r"column 'output_good': unknown good 'grane'.*grain"),
    ("farms.councils.csv", "productivity", "note", r"missing column 'productivity'"),
    (
        "bakeries.nodes.csv",
        "work, loaf",
        "work, laof",
        r"line 3, column 'parent': .*'laof'.*'loaf'",
    ),
    ("bakeries.leaves.csv", "work, fuel", "wrok, fuel", r"line 4, column 'node': .*'wrok'.*'work'"),
    ("bakeries.nodes.csv", "bakery,  work", "bakery,  loaf", r"line 3, column 'node': .*twice"),
    ("goods.csv", "endowment", "endowed", r"goods\.csv, column 'endowed': unknown column"),
    ("goods.csv", "unit,", "good,", r"distinct column names"),
    ("goods.csv", "good,   kind,    unit,    endowment", "", r"goods\.csv"),
    (MANIFEST, '"Activities"', '"Activitys"', r"unknown class 'Activitys'.*'Activities'"),
    (MANIFEST, '"version": 1', '"version": 2', r"version 2 is newer"),
    (MANIFEST, '"version": 1', '"version": "1"', r'expected "version"'),
    (MANIFEST, "parecon economy", "a poem", r"a poem"),
    (MANIFEST, '"elasticity"', '"elastisity"', r"unknown key 'elastisity'.*'elasticity'"),
    (MANIFEST, '"families"', '"famlies"', r"families"),
    (MANIFEST, "0.7", '"0.7"', r"elasticity: expected a number"),
    (MANIFEST, "}\n", "\n", r"manifest\.json, line \d+: truncated or not JSON"),
    (MANIFEST, '"label": "mills"', '"label": "../mills"', r"label"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), WRONG_CSV)
def test_wrong_files_say_where(example, name, old, new, message) -> None:
    edit(example / name, old, new)
    with pytest.raises(pe.FormatError, match=message):
        pe.load(example)


def test_lines_are_counted_as_editors_do(example) -> None:
    shares = example / "households.shares.csv"
    shares.write_text('council,good,value,"note"\n\nnorth,bread,.8,"a\nb"\n\nsouth,bread,x,\n')
    with pytest.raises(pe.FormatError, match="line 6, column 'value'"):
        pe.load(example)


def test_truncated_parquet(tmp_path) -> None:
    pe.save(tmp_path / "e", every_family())
    file = tmp_path / "e" / "consumers_0.shares.parquet"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(pe.FormatError, match=r"consumers_0\.shares\.parquet: truncated"):
        pe.load(tmp_path / "e")


def test_damaged_parquet_is_noticed_by_its_checksum(tmp_path) -> None:
    n = 2000
    endowment = np.random.default_rng(0).random(n)
    consumers = pe.CobbDouglasConsumers([1.0], np.full((1, n), 1 / n))
    pe.save(tmp_path / "e", pe.Economy(n, endowment, [consumers]))
    file = tmp_path / "e" / "goods.parquet"
    damaged = bytearray(file.read_bytes())
    damaged[damaged.index(endowment[n // 2].tobytes())] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(pe.FormatError, match=r"goods\.parquet: truncated, damaged"):
        pe.load(tmp_path / "e")


def test_truncated_csv_is_noticed_by_its_rows(tmp_path) -> None:
    pe.save(tmp_path / "e", every_family(), file_format="csv")
    file = tmp_path / "e" / "consumers_0.shares.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-2]))
    with pytest.raises(pe.FormatError, match="truncated"):
        pe.load(tmp_path / "e")


def test_missing_and_doubled_tables(example) -> None:
    shutil.copy(example / "goods.csv", example / "goods.parquet")
    with pytest.raises(pe.FormatError, match=r"both goods\.parquet and goods\.csv"):
        pe.load(example)
    (example / "goods.parquet").unlink()
    (example / "goods.csv").unlink()
    with pytest.raises(pe.FormatError, match=r"missing table goods\.parquet"):
        pe.load(example)


def test_rows_of_parquet_are_named(tmp_path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pe.save(tmp_path / "e", every_family())
    path = tmp_path / "e" / "consumers_0.shares.parquet"
    table = pq.read_table(path)
    good = table["good_index"].to_pylist()
    good[3] = 99
    pq.write_table(table.set_column(1, "good_index", pa.array(good, pa.int64())), path)
    with pytest.raises(pe.FormatError, match=r"row 4, column 'good_index': .*99"):
        pe.load(tmp_path / "e")
    good[3] = None
    pq.write_table(table.set_column(1, "good_index", pa.array(good, pa.int64())), path)
    with pytest.raises(pe.FormatError, match=r"row 4, column 'good_index': empty"):
        pe.load(tmp_path / "e")


def test_names_in_parquet_dictionary_encoded_or_not(tmp_path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    economy = every_family()
    pe.save(tmp_path / "e", economy)
    path = tmp_path / "e" / "consumers_0.shares.parquet"
    table = pq.read_table(path)
    names = pa.array([economy.goods.name(i) for i in table["good_index"].to_pylist()])
    goods_path = tmp_path / "e" / "goods.parquet"
    goods = pq.read_table(goods_path)
    pq.write_table(goods.append_column("good", pa.array(economy.goods.names)), goods_path)
    for column in (names, names.dictionary_encode()):
        pq.write_table(table.drop_columns("good_index").append_column("good", column), path)
        loaded = pe.load(tmp_path / "e")
        assert_same_bits(economy.family("consumers_0").shares, loaded.family("consumers_0").shares)


def test_content_is_judged_as_in_memory(example) -> None:
    edit(example / "households.shares.csv", "0.8", "0.7")
    with pytest.raises(pe.EconomyError, match="north"):
        pe.load(example)


def test_unknown_name_lists_what_comes_along() -> None:
    with pytest.raises(pe.FormatError, match="did you mean 'us-2012'"):
        pe.load("us-2021")


# -- writing --------------------------------------------------------------------------------------


def test_saving_replaces_an_economy_and_nothing_else(tmp_path) -> None:
    economy = named_economy()
    path = tmp_path / "deep" / "e"
    pe.save(path, every_family())
    pe.save(path, economy, file_format="csv")
    assert_same_economy(economy, pe.load(path))
    assert not list(path.glob("*.parquet"))
    assert [p.name for p in path.parent.iterdir()] == ["e"]

    (path / "notes.txt").write_text("mine")
    with pytest.raises(pe.FormatError, match=r"notes\.txt"):
        pe.save(path, economy)
    for wrong in (tmp_path, path / "notes.txt"):
        with pytest.raises(pe.FormatError, match="exists"):
            pe.save(wrong, economy)


def test_a_failed_save_leaves_the_old_one(tmp_path, monkeypatch) -> None:
    import parecon.storage.economies as module

    economy = named_economy()
    pe.save(tmp_path / "e", economy)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(module, "write_manifest", full)
    with pytest.raises(OSError, match="disk full"):
        pe.save(tmp_path / "e", every_family())
    assert_same_economy(economy, pe.load(tmp_path / "e"))
    assert [p.name for p in tmp_path.iterdir()] == ["e"]


def test_unknown_file_format(tmp_path) -> None:
    with pytest.raises(pe.FormatError, match="xlsx"):
        pe.save(tmp_path / "e", named_economy(), file_format="xlsx")


def test_numbers_without_a_word_in_json() -> None:
    values = {"a": [np.nan, np.inf, -np.inf, 0.1], "b": np.float64(2.0), "c": np.int64(3)}
    text = json.dumps(to_json(values), allow_nan=False)
    back = json.loads(text)
    assert [from_json(v) for v in back["a"]][1:] == [np.inf, -np.inf, 0.1]
    assert np.isnan(from_json(back["a"][0]))
    assert back["b"] == 2.0
    assert back["c"] == 3
