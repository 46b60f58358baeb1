"""Options of the benchmarks, the table at the end, and the record of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import parecon
from benchmarks import contest_tables, merging
from benchmarks.figures import Figures
from benchmarks.machine import machine
from benchmarks.neighbours import DISTURBING
from benchmarks.standings import Row
from parecon import synthetic
from parecon._blas import single_threaded_blas

_FIGURES = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--full for the largest sizes and the slowest peers, --figures for where the record goes."""
    group = parser.getgroup("benchmarks of parecon")
    group.addoption("--full", action="store_true", help="also the largest sizes and slowest peers")
    group.addoption(
        "--limit",
        metavar="SECONDS",
        type=float,
        help="time limit for an answer in the contest (default: 3; with --full 60)",
    )
    group.addoption(
        "--figures",
        metavar="PATH",
        help="write figures and targets into this JSON file, beside what earlier runs measured "
        "(default: .benchmarks/figures.json; with --full .benchmarks/full.json)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known and start an empty record."""
    config.addinivalue_line("markers", "full: takes long, runs with --full only")
    earlier = merging.read(_record_path(config))
    rows = [] if earlier is None else map(Row.from_dict, earlier["rows"])
    config.stash[_FIGURES] = Figures(earlier=list(rows))


def _record_path(config: pytest.Config) -> Path:
    default = "full.json" if config.getoption("--full") else "figures.json"
    return Path(config.getoption("--figures") or Path(".benchmarks") / default)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked full unless it was asked for."""
    if config.getoption("--full"):
        return
    left = [item for item in items if item.get_closest_marker("full")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """The record of this run."""
    return request.config.stash[_FIGURES]


@pytest.fixture
def blas_as_in_a_solve() -> Iterator[None]:
    """BLAS without threads of its own, as a solve runs it: for what is timed outside of one."""
    with single_threaded_blas():
        yield


@pytest.fixture(scope="session", autouse=True)
def warmed() -> None:
    """Load libraries and start threads before anything is timed: one solve by each method."""
    book = synthetic.book(60, 60, 4, seed=1)
    parecon.solve(book, warm_start=np.full(book.n_goods, 700.0))
    parecon.solve(synthetic.fisher(40, 5, seed=1))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Write what was measured so far: a long run may be ended before its end."""
    found = item.config.stash[_FIGURES]
    if not (item.config.getoption("benchmark_disable") or found.empty):
        found.write(_record_path(item.config))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print targets and figures, write the record."""
    found = config.stash[_FIGURES]
    if found.empty:
        return
    if found.rows:
        terminalreporter.section("contest")
        for line in contest_tables.text(found.all_rows()):
            terminalreporter.write_line(line)
    terminalreporter.section("targets")
    for line in found.lines():
        terminalreporter.write_line(line)
    facts = machine()
    terminalreporter.write_line("")
    terminalreporter.write_line(
        f"{facts['processor']}, {facts['cores']} cores, {facts['threads']} threads measured"
    )
    if found.others > DISTURBING:
        terminalreporter.write_line(
            f"Other programs used {found.others:.1f} cores on average: times are upper bounds."
        )
    if config.getoption("benchmark_disable"):
        return  # nothing was timed: keep the record of a run that did
    terminalreporter.write_line(f"figures written to {_record_path(config)}")
