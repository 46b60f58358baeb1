"""The command line: ``parecon plan | certify | simulate | show | generate`` (docs/cli.md).

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once. Results go
to stdout, the iteration log, progress and errors to stderr.
"""

from __future__ import annotations

from parecon.cli.app import main

__all__ = ["main"]
