"""A solver that knows nothing of the year finds it again, at the tolerance that it takes."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from accounts.test_calibrate import PUBLISHED, open_economy
from parecon import accounts
from parecon.accounts import repair
from parecon.errors import AccountsError

QUICK = ["germany", "belgium", "uk", "us, 73 x 71, 2012", "us, 73 x 71, 2017"]


@pytest.mark.parametrize("name", QUICK)
def test_published_years_are_found_again_at_the_usual_tolerance(shared_data, name):
    benchmark = accounts.benchmark(repair.for_plan(PUBLISHED[name](shared_data)))
    found = accounts.reproduce(benchmark)
    assert found.holds, found
    assert found.tol == 1e-8
    assert found.plan.certificate.holds(1e-8)
    # Not by the function's own word alone.
    scarce = benchmark.price > 0.0
    assert np.abs(found.plan.price[scarce] - 1.0).max() == pytest.approx(found.price)
    for label, output in benchmark.output.items():
        proposal = found.plan.proposal(label)
        done = proposal.output if hasattr(proposal, "output") else proposal.level
        np.testing.assert_allclose(done, output, rtol=1e-8, err_msg=label)


def test_the_largest_table_is_found_again_too(shared_data):
    """402 x 402, with visitors' purchases exported: some imports are worth 1 of 34 million."""
    table = repair.visitors_as_exports(PUBLISHED["us, 402 x 402"](shared_data), "S00900")
    found = accounts.reproduce(accounts.benchmark(repair.for_plan(table)))
    assert found.holds, found
    assert found.tol > 1e-10


def test_a_finer_tolerance_is_taken_where_it_takes_one():
    """Two makers of one good at one cost: what each makes hangs by a thread."""
    table = accounts.SupplyUse(
        ["bread"],
        ["old", "new"],
        [[60], [40]],
        [[5, 3]],
        Y=[[92]],
        W=[[55, 37]],
        final_demand={"people": "households"},
        factors={"labour": "labour"},
    )
    near = accounts.benchmark(table, elasticities=accounts.Elasticities(makers=1e4))
    found = accounts.reproduce(near)
    assert found.holds, found
    assert found.tol < 1e-9


def test_it_says_what_it_saw():
    found = accounts.reproduce(accounts.benchmark(open_economy(), caps=["smoke"]))
    assert found.holds
    words = str(found)
    assert words.startswith(f"prices within {found.price:.1e} ({found.worst_price}), quantities")
    assert words.endswith("the year is a plan at 1e-12")


def test_a_cap_that_binds_is_not_the_year():
    found = accounts.reproduce(accounts.benchmark(open_economy(), caps={"smoke": 0.8}))
    assert not found.holds
    assert not found.year.holds()
    assert "the year is not a plan" in str(found)
    assert (found.tol, found.plan.status) == (1e-8, pe.Status.SOLVED)


@pytest.mark.parametrize("within", [0.0, 1.0, -1.0, float("nan")])
def test_a_senseless_bound_is_refused(within):
    with pytest.raises(AccountsError, match="expected within above 0 and below 1"):
        accounts.reproduce(accounts.benchmark(open_economy()), within=within)
