"""Settings shared by all tests."""

from __future__ import annotations

import os

import hypothesis

# Derandomised: the same examples on every run, so that a failure is a change of the code and not of
# the dice. PARECON_TEST_EXAMPLES multiplies the number of examples for a long hunt.
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
