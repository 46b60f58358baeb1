"""The steps that make a published table exact, on tables small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from parecon.economies.calibration import balance_columns, balance_rows, split_stocks
from parecon.errors import EconomyError

INTERMEDIATE = np.array([[1.0, 2.0], [3.0, 1.0]])


def test_capital_is_what_inputs_and_labour_leave():
    capital = balance_columns(
        np.array([10.0, 8.0]), INTERMEDIATE, np.array([4.0, 2.0]), names=("a", "b")
    )
    assert capital.tolist() == [2.0, 3.0]


def test_a_sector_that_does_not_pay_its_labour_is_named():
    with pytest.raises(EconomyError, match=r"b \(-4\)"):
        balance_columns(np.array([10.0, 8.0]), INTERMEDIATE, np.array([4.0, 9.0]), names=("a", "b"))


def test_rows_close_in_their_largest_cell():
    final_use = np.array([[1.0, 5.0], [-2.0, -1.0]])
    closed, moved = balance_rows(np.array([9.5, 0.5]), INTERMEDIATE, final_use)
    assert moved == pytest.approx([0.5, -0.5])
    assert closed == pytest.approx(np.array([[1.0, 5.5], [-2.0, -1.5]]))
    assert closed.sum(axis=1) == pytest.approx(np.array([9.5, 0.5]) - INTERMEDIATE.sum(axis=1))
    assert final_use[0, 1] == 5.0


def test_stocks_are_the_negative_cells():
    use, stocks = split_stocks(np.array([[1.0, -5.0, -0.5], [0.0, 2.0, 3.0]]))
    assert use.tolist() == [[1.0, 0.0, 0.0], [0.0, 2.0, 3.0]]
    assert stocks.tolist() == [5.5, 0.0]
