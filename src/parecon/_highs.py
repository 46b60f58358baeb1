"""HiGHS, silent from the beginning.

Since 1.12 or so its Python class writes a greeting to stdout while it is being made, before anyone
can say that it should not.
"""

from __future__ import annotations

from typing import Any


def silent_highs() -> Any:
    """A new `highspy.Highs` that never writes to stdout; all other options at their defaults."""
    import highspy

    class Silent(highspy.Highs):
        """Says so before the callbacks are set, which is when HiGHS greets."""

        def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS' own name
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    highs = Silent()
    highs.setOptionValue("output_flag", False)
    return highs
