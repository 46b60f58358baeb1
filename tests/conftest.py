"""What every test can ask for: the shared data sets, and a hypothesis that repeats itself."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent

# Derandomised: the same examples on every run, so that a failure is a change of the code and not of
# the dice. PARECON_TEST_EXAMPLES=500 sets the number of examples for a long hunt.
hypothesis.settings.register_profile(
    "parecon",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=False,
    max_examples=int(os.environ.get("PARECON_TEST_EXAMPLES", "6")),
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.differing_executors,
    ],
)
hypothesis.settings.load_profile("parecon")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published economies and national tables, which is not part of the repository.

    It is `data` in the folder that the variable PARECON_SHARED of the environment names, else in
    `shared` beside the checkout. Without it the tests that need it are skipped; a variable that
    names nothing is an error, lest a misspelling skip them silently.
    """
    named = os.environ.get("PARECON_SHARED")
    data = (Path(named) if named else ROOT.parent / "shared") / "data"
    if data.is_dir():
        return data
    if named:
        raise pytest.UsageError(f"PARECON_SHARED={named!r}: there is no folder {data}")
    pytest.skip("no shared data: neither ../shared/data beside the checkout nor $PARECON_SHARED")


@pytest.fixture
def every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads for every kernel, however little it has to do: small economies would get one."""
    monkeypatch.setattr("parecon.threads._WORTH_WAKING", -1.0)
