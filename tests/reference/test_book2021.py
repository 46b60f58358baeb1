"""The published instances of the book model (Hahnel 2021, chapter 9), certified to ten digits."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe

INSTANCES = ("01", "02", "03", "04", "22", "24")
TOL = 1e-10


@pytest.mark.parametrize("instance", INSTANCES)
def test_equilibrium_is_certified_to_ten_digits(instance, shared_data):
    path = shared_data / "book2021" / f"economy_{instance}.npz"
    with np.load(path, allow_pickle=False) as data:
        degree = np.add.reduceat(data["input_exponent"], data["input_offset"][:-1])
        degree = degree + data["effort_exponent"] / data["effort_disutility_power"]
    increasing = np.flatnonzero(degree >= 1)
    if increasing.size:  # no plan exists: such data are refused, and the councils named
        with pytest.raises(pe.EconomyError, match=rf"\b{increasing[0]}\b"):
            pe.synthetic.book_from_npz(path)
        return
    economy = pe.synthetic.book_from_npz(path)
    plan = pe.solve(economy, tol=TOL)
    certificate = pe.certify(economy, plan, tol=TOL)
    assert plan.status is pe.Status.SOLVED, plan.message
    assert certificate.holds(TOL), str(certificate)
    # The certificate's own figures, so that a lenient `holds` does not go unnoticed.
    assert certificate.feasible
    assert certificate.surplus <= TOL
    assert abs(certificate.gap) <= TOL
