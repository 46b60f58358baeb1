"""The two forms of accounts: what they hold, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from accounts.tables_for_tests import random_supply_use, two_sectors
from parecon import accounts
from parecon.accounts import Labels
from parecon.errors import AccountsError


def test_a_table_says_what_it_is():
    table = two_sectors()
    assert "corn and iron" in repr(table)
    assert "2 sectors x 2 sectors, 2 categories of final demand, 2 factors" in repr(table)
    assert "5 commodities x 4 industries" in repr(random_supply_use(np.random.default_rng(0)))


def test_arrays_are_copies_that_nobody_can_change():
    flows = np.array([[10.0, 20.0], [30.0, 10.0]])
    table = accounts.InputOutput(["corn", "iron"], flows, Y=[[70], [10]], final_demand=["people"])
    flows[0, 0] = 99.0
    assert table.Z[0, 0] == 10.0
    for array in (table.Z, table.Y, table.W, table.x, table.A):
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 1.0
    sparse = accounts.InputOutput(["corn", "iron"], sp.csr_array(table.Z), x=[100, 50])
    with pytest.raises(ValueError, match="read-only"):
        sparse.Z.data[0] = 1.0


def test_output_is_the_row_sum_unless_published():
    table = accounts.InputOutput(["a", "b"], np.ones((2, 2)), Y=[[3], [1]], final_demand=["people"])
    assert table.x.tolist() == [5.0, 3.0]


def test_coefficients_by_hand():
    table = two_sectors()
    np.testing.assert_allclose(table.A, [[0.1, 0.4], [0.3, 0.2]], rtol=1e-15)
    np.testing.assert_allclose(table.v, [[0.4, 0.1], [0.2, 0.3]], rtol=1e-15)
    np.testing.assert_allclose(table.S, [[2.0, 1.0], [0.1, 0.8]], rtol=1e-15)
    assert table.value_added.tolist() == [60.0, 20.0]


def test_sparse_and_dense_are_the_same_table():
    dense = two_sectors()
    sparse = dense.replace(Z=sp.csr_array(dense.Z))
    assert sp.issparse(sparse.A)
    np.testing.assert_allclose(sparse.A.toarray(), dense.A, rtol=1e-15)
    np.testing.assert_allclose(sparse.L, dense.L, rtol=1e-14)
    assert str(sparse.check()) == str(dense.check())


def test_the_report_names_what_is_wrong():
    table = two_sectors().replace(x=[100, 55], W=[[40, 5], [20, -1]])
    report = table.check()
    assert not report.balanced
    assert report.rows.tolist() == [0.0, 5.0]
    assert report.columns.tolist() == [0.0, 21.0]
    text = str(report)
    assert "does not balance" in text
    assert "worst +5 (iron)" in text
    assert "W: 1 cell, -1 in all; worst rent -> iron (-1)" in text
    assert "Y: 1 cell, -10 in all; worst iron -> households (-10)" in text


def test_the_report_knows_what_is_not_made_and_what_is_empty():
    table = accounts.InputOutput(
        ["corn", "gold", "dust"],
        [[0, 0, 0], [2, 0, 0], [0, 0, 0]],
        Y=[[10, 0], [1, -3], [0, 0]],
        W=[[8, 0, 0]],
        final_demand={"people": "households", "abroad": "imports"},
        factors={"wages": "labour"},
    )
    report = table.check()
    assert report.idle == ("gold",)
    assert report.empty == ("dust",)
    assert report.balanced
    assert not report.negatives
    wrong = table.replace(Y=[[10, 0], [0, -2], [-4, 4]])
    assert "Y: 1 cell, 4 in all; worst dust -> abroad (4) (expected < 0)" in str(wrong.check())


def test_industries_with_inputs_and_no_output_are_named():
    table = two_sectors().replace(x=[100, 0])
    assert "radius       unknown" in str(table.check())
    with pytest.raises(AccountsError, match="every sector with inputs, got 0 from 'iron'"):
        _ = table.A


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Z": np.ones((2, 3))}, r"Z: expected shape \(2, 2\), got \(2, 3\)"),
        ({"Z": [[1, np.nan], [0, 1]]}, r"Z: expected finite numbers, got \(0, 1\) \(nan\)"),
        ({"Z": [["a", "b"], ["c", "d"]]}, "Z: expected numbers"),
        ({"x": [1, 2, 3]}, r"x: expected shape \(2,\), got \(3,\)"),
        ({"W": [1, 2]}, r"W: expected a matrix \(2-d\)"),
        ({"Y": [[1], [2]]}, "final demand: expected 1 names as in the table, got 2"),
        ({"sectors": ["corn", "corn"]}, "sector: duplicate names 'corn'"),
        ({"sectors": ["corn", ""]}, "sector 1: expected a non-empty name"),
        ({"sectors": "ab"}, "sector: expected a sequence of names"),
        ({"factors": {"wages": "labor", "rent": "capital"}}, "did you mean 'labour'"),
        ({"final_demand": {"a": "household", "b": ""}}, "did you mean 'households'"),
        ({"unit": 3}, "unit: expected a str"),
        ({"z": 3}, "no block 'z'"),
        ({"extensions": None, "F": None, "F_Y": None, "factors": ["wages"]}, "factor: expected 2"),
    ],
)
def test_wrong_input_is_refused_by_name(change, message):
    with pytest.raises(AccountsError, match=message):
        two_sectors().replace(**change)


def test_names_without_a_table_are_refused():
    with pytest.raises(AccountsError, match="factors: expected W or W_Y for the names given"):
        accounts.InputOutput(["a"], [[0.0]], factors=["wages"])


def test_labels():
    labels = Labels(["corn", "iron"], kind=["crop", "metal"], unit="t", text=["maize", ""])
    assert labels.index("iron") == 1
    assert labels.positions(["iron", "corn"]).tolist() == [1, 0]
    assert labels.of_kind("metal", "wood").tolist() == [1]
    assert labels.plus("tin", kind="metal").names == ("corn", "iron", "tin")
    assert labels.take([1]) == Labels(["iron"], kind="metal", unit="t")
    assert labels != Labels(["corn", "iron"])
    assert "corn" in labels
    with pytest.raises(AccountsError, match="no name 'irn'; did you mean 'iron'"):
        labels.index("irn")
    with pytest.raises(AccountsError, match="expected 2 words, got 1"):
        Labels(["corn", "iron"], unit=["t"])
