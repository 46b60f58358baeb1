"""Plans that many tests read, each solved once."""

from __future__ import annotations

import pytest

import parecon as pe
from report.villages import village


@pytest.fixture(scope="session")
def us() -> pe.Plan:
    return pe.solve(pe.economies.load("us-2012"), tol=1e-9)


@pytest.fixture(scope="session")
def year() -> pe.economies.Benchmark:
    return pe.economies.benchmark("us-2012")


@pytest.fixture(scope="session")
def us_report(us, year) -> pe.Report:
    return pe.report(us, year, title="us-2012", money="million USD")


@pytest.fixture(scope="session")
def hungry() -> pe.Plan:
    """No plan: more bread is owed than can be."""
    return pe.solve(village(needs=[[0, 0, 5.0], [0, 0, 5.0]]))


@pytest.fixture(scope="session")
def stopped() -> pe.Plan:
    """A plan that a limit ended long before it was good."""
    return pe.solve(pe.economies.load("us-2012"), max_iterations=2, certify=True)
