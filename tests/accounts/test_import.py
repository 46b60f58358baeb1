"""From data frames and files, in any order and form, and back."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from accounts.tables_for_tests import random_supply_use, two_sectors
from parecon import accounts
from parecon.errors import AccountsError, FormatError

pandas = pytest.importorskip("pandas")


def same(ours, theirs):
    """Every block and every name, bit for bit."""
    assert type(ours) is type(theirs)
    for side in ("goods", "industries", "final_demand", "factors", "extensions"):
        assert getattr(ours, side) == getattr(theirs, side), side
    for block in ("Y", "W", "W_Y", "F", "F_Y", "goods_output", "industry_output", "intermediate"):
        a, b = (
            np.asarray(sp.csr_array(getattr(t, block)).toarray())
            if sp.issparse(getattr(t, block))
            else getattr(t, block)
            for t in (ours, theirs)
        )
        assert np.array_equal(a, b), block
    assert (ours.unit, ours.title) == (theirs.unit, theirs.title)


def labels_of(table):
    return {
        "final_demand": table.final_demand,
        "factors": table.factors,
        "extensions": table.extensions,
        "unit": table.unit,
        "title": table.title,
    }


@pytest.mark.parametrize(
    "table", [two_sectors(), random_supply_use(np.random.default_rng(4))], ids=["IO", "SU"]
)
def test_frames_and_back(table):
    frames = table.to_pandas()
    same(accounts.from_pandas(frames, **labels_of(table)), table)
    # Rows and columns in another order: put together by name.
    mixed = {
        name: frame if frame.ndim == 1 else frame.iloc[::-1, ::-1] for name, frame in frames.items()
    }
    mixed["Y"] = mixed["Y"].iloc[::-1]
    sides = {
        side: getattr(table, side)
        for side in ("sectors", "commodities", "industries")
        if hasattr(table, side) and (side != "industries" or hasattr(table, "V"))
    }
    same(accounts.from_pandas(mixed, **labels_of(table), **sides), table)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@pytest.mark.parametrize("form", ["wide", "long"])
@pytest.mark.parametrize("sparse", [False, True])
def test_files_and_back(tmp_path, form, file_format, sparse):
    for i, table in enumerate((two_sectors(), random_supply_use(np.random.default_rng(4)))):
        folder = tmp_path / str(i)
        accounts.write(folder, table, form=form, file_format=file_format)
        read = accounts.read(folder, sparse=sparse)
        same(read, table)
        assert sp.issparse(read.intermediate) == sparse
        with pytest.raises(AccountsError, match="empty folder"):
            accounts.write(folder, table)


def test_long_frames_leave_out_zeros():
    cells = pandas.DataFrame(
        [
            ("Z", "corn", "iron", 20.0),
            ("Z", "iron", "corn", 30.0),
            ("Y", "corn", "people", 80.0),
            ("W", "wages", "corn", 70.0),
            ("x", "iron", "", 30.0),
            ("x", "corn", "", 100.0),
        ],
        columns=["table", "row", "column", "value"],
    )
    table = accounts.from_pandas(
        cells, sectors=["iron", "corn"], factors={"wages": "labour"}, unit="t"
    )
    assert table.sectors.names == ("iron", "corn")
    assert table.Z.tolist() == [[0, 30], [20, 0]]
    assert table.Y.tolist() == [[0], [80]]
    assert table.x.tolist() == [30, 100]
    assert table.factors.kind == ("labour",)


def test_one_long_file(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("table,row,column,value\nZ,a,b,1\nY,a,people,2\nx,a,,3\nx,b,,4\n")
    table = accounts.read(path)
    assert table.Z.tolist() == [[0, 1], [0, 0]]
    assert table.x.tolist() == [3, 4]


def test_levels_of_an_index_are_joined():
    index = pandas.MultiIndex.from_product([["north", "south"], ["corn"]])
    frame = pandas.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=index, columns=index)
    assert accounts.from_pandas({"Z": frame}).sectors.names == ("north/corn", "south/corn")


def test_sparse_frames_stay_sparse():
    frame = pandas.DataFrame.sparse.from_spmatrix(
        sp.csr_array([[0.0, 2.0], [3.0, 0.0]]), index=["a", "b"], columns=["a", "b"]
    )
    table = accounts.from_pandas(
        {"Z": frame, "x": pandas.Series([5.0, 5.0], ["a", "b"])}, sparse=True
    )
    assert sp.issparse(table.Z)
    assert table.Z.nnz == 2


def frames():
    return two_sectors().to_pandas()


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda f: f.pop("Z"), {}, "expected either Z or V and U"),
        (lambda f: f.update(V=f["Z"]), {}, "expected either Z or V and U, got"),
        (lambda f: f.update(Q=f["Z"]), {}, "no table 'Q'"),
        (
            lambda f: f.update(Y=f["Y"].rename(index={"corn": "korn"})),
            {"sectors": ["corn", "iron"]},
            "Y: row 'korn' is no sector; did you mean 'corn'",
        ),
        (
            lambda f: f.update(W=f["W"].drop(columns="iron")),
            {},
            "W: expected a column for every sector, got none for 'iron'",
        ),
        (
            lambda f: f.update(W=f["W"].rename(columns={"iron": "corn"})),
            {},
            "W: columns given twice: 'corn'",
        ),
        (
            lambda f: f.update(Z=f["Z"].astype(object).replace(10.0, "ten")),
            {},
            "Z: expected numbers",
        ),
        (lambda f: f.update(Z=[1]), {}, "Z: expected a DataFrame, got list"),
        (lambda f: None, {"factors": {"wage": "labour"}}, "no factor 'wage'; did you mean 'wages'"),
        (
            lambda f: f.update(
                F=pandas.DataFrame(
                    {"row": ["h", "h"], "column": ["corn"] * 2, "value": [1.0, 2.0]}
                ),
                F_Y=f["F_Y"].iloc[:0],
            ),
            {},
            "F: cells given twice: 'h' -> 'corn'",
        ),
    ],
)
def test_what_does_not_fit_is_named(change, options, message):
    tables = frames()
    change(tables)
    with pytest.raises(AccountsError, match=message):
        accounts.from_pandas(tables, **options)


def test_a_frame_of_cells_needs_its_columns():
    with pytest.raises(AccountsError, match="columns table, row, column, value, got a"):
        accounts.from_pandas(pandas.DataFrame({"a": [1]}))


def test_files_that_are_not_there_or_wrong(tmp_path):
    with pytest.raises(FormatError, match="got nothing there"):
        accounts.read(tmp_path / "none")
    with pytest.raises(AccountsError, match="expected either Z or V and U, got none"):
        accounts.read(tmp_path)
    (tmp_path / "Z.csv").write_text("row,a,b\na,1,2\nb,x,4\n")
    with pytest.raises(FormatError, match=r"Z.csv, line 3, column 'a': expected a number, got 'x'"):
        accounts.read(tmp_path)
    (tmp_path / "Z.csv").write_text("row,a,b\na,1,2\nb,3,4\n")
    (tmp_path / "sectors.csv").write_text("name,colour\na,red\n")
    with pytest.raises(FormatError, match="unknown column"):
        accounts.read(tmp_path)
    with pytest.raises(AccountsError, match="form long or wide"):
        accounts.write(tmp_path / "new", two_sectors(), form="tall")


def test_accounts_load_nothing_slow():
    slow = ("pandas", "pymrio", "pyarrow", "scipy.linalg", "cvxpy", "highspy")
    code = f"import sys, parecon.accounts; print(*(m for m in {slow!r} if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
