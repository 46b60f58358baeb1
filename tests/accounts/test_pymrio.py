"""pymrio's own test system: the same table, multipliers and footprints as pymrio's."""

from __future__ import annotations

import types
import warnings

import numpy as np
import pytest

from accounts.tables_for_tests import two_sectors
from parecon import accounts
from parecon.errors import AccountsError


@pytest.fixture(scope="module")
def system():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pymrio's dependencies
        pymrio = pytest.importorskip("pymrio")
        return pymrio.load_test().calc_all()


@pytest.fixture(scope="module")
def table(system):
    return accounts.from_pymrio(
        system,
        factor_kinds={"Value Added": "value added"},
        extension_kinds=dict.fromkeys(["emission_type1/air", "emission_type2/water"], "emission"),
    )


def test_it_is_the_same_table(system, table):
    assert len(table.sectors) == 48
    assert table.sectors[0] == "reg1/food"
    assert np.array_equal(table.Z, system.Z.to_numpy())
    assert np.array_equal(table.Y, system.Y.to_numpy())
    assert table.factors.names == ("Value Added",)
    assert table.unit == "Mill USD"
    assert table.extensions.unit == ("kg", "kg")
    assert not table.W_Y.any()
    assert np.array_equal(table.F_Y, system.emissions.F_Y.to_numpy())
    np.testing.assert_allclose(table.A, system.A.to_numpy(), rtol=1e-12)
    np.testing.assert_allclose(table.L, system.L.to_numpy(), rtol=1e-10, atol=1e-13)


def test_multipliers_are_pymrio_s(system, table):
    ours = np.vstack([table.multipliers(name).effect for name in table.extensions])
    np.testing.assert_allclose(ours, system.emissions.M.to_numpy(), rtol=1e-10)


def test_footprints_are_pymrio_s(system, table):
    """D_cba: by region and sector of consumption, here summed to regions; direct in F_Y."""
    regions = [name.split("/")[0] for name in table.final_demand]
    for k, name in enumerate(table.extensions):
        footprint = table.footprint(name)
        for region in dict.fromkeys(regions):
            at = [j for j, of in enumerate(regions) if of == region]
            theirs = system.emissions.D_cba_reg[region].to_numpy()[k]
            assert footprint.total[at].sum() == pytest.approx(theirs, rel=1e-9)


def test_without_flows_or_with_unknown_kinds_it_is_refused(system):
    with pytest.raises(AccountsError, match="call calc_all"):
        accounts.from_pymrio(types.SimpleNamespace(Z=None, Y=None, x=None, get_extensions=list))
    with pytest.raises(AccountsError, match="expected an IOSystem"):
        accounts.from_pymrio(two_sectors().Z)
    with pytest.raises(AccountsError, match="did you mean 'Value Added'"):
        accounts.from_pymrio(system, factor_kinds={"Value Add": "value added"})
