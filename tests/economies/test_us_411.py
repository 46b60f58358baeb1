"""The 411-sector table: the calibration is exact, and it is known where the table was bent."""

from __future__ import annotations

import numpy as np
import pytest

from economies import us_411
from economies.market import market


@pytest.fixture(scope="module")
def table(shared_data):
    return us_411.table(shared_data)


def test_outputs_are_as_published_and_little_is_bent(table, shared_data):
    with np.load(shared_data / us_411.FILE, allow_pickle=False) as data:
        published = data["q"][:, 0] / 1e6
        final = data["y_2012_US_Production_Domestic"] / 1e6
    assert np.array_equal(table.output, published[published > 0.0])
    unmade = sorted(str(code) for code in np.delete(table.codes, table.made))
    assert unmade == ["S00300", "S00402"]
    # Of 29 million million USD of output.
    assert table.clipped < 1_800.0
    assert table.unpaid < 20_000.0
    assert table.stocks.sum() < 25_000.0
    # What sectors leave is the published final demand, 17.65 million million, to a thousandth.
    assert np.abs(table.use - table.stocks - final).sum() < 1e-3 * final.sum()


def test_the_year_2012_stands_still(table):
    economy = us_411.economy(table)
    price, output = us_411.benchmark(table)
    assert price @ economy.endowment == pytest.approx(economy.total_budget, rel=1e-12)
    state = market(economy, price, output)
    for label, cost in state.cost.items():
        np.testing.assert_allclose(cost, state.sale[label], rtol=1e-10, err_msg=label)
    made = np.r_[table.made, [411, 412, 413]]
    np.testing.assert_allclose(state.demand[made], state.supply[made], rtol=1e-10)
    assert state.demand[-1] == pytest.approx(table.emissions.sum(), rel=1e-12)
    assert state.demand[-1] == pytest.approx(4919.0, rel=1e-3)
