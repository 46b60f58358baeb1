"""What can be wrong with the input, as exceptions.

Wrong input raises; whatever the mathematics can do (infeasible, out of time, ...) is a
:class:`parecon.Status` of a plan and never an exception. A message says what is wrong, where (the
good and the council by name), what was expected and what was found.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

__all__ = [
    "AccountsError",
    "BoardError",
    "EconomyError",
    "FormatError",
    "JournalError",
    "MissingDependencyError",
    "PareconError",
    "PlanError",
    "ProposalError",
    "ProtocolError",
    "RuleError",
    "ScenarioError",
    "SettingsError",
    "UnknownGoodError",
]

MAX_CULPRITS = 5


class PareconError(Exception):
    """Base of every error that parecon raises on purpose."""


class EconomyError(PareconError):
    """The data of an economy are wrong: a shape, a sign, a sum, a good that nobody has."""


class AccountsError(PareconError):
    """National accounts are wrong: a table, a name, a balance, a repair that cannot be made."""


class UnknownGoodError(EconomyError):
    """A good was named that the economy does not have."""


class FormatError(PareconError):
    """A stored economy or plan cannot be read: truncated, of a newer format, a column missing."""


class ScenarioError(PareconError):
    """A scenario is wrong, does not fit the economy, or contradicts another one.

    key : the entry of the change that is to blame, where it is one.
    """

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class SettingsError(PareconError):
    """A setting is unknown or out of its range."""


class PlanError(PareconError):
    """A plan or proposals do not fit the economy, or a plan that must be solved is not."""


class RuleError(PareconError):
    """A price rule is unknown, answers with what are no prices, or lacks what it wants to see."""


class BoardError(PareconError):
    """A facilitation board cannot be set up so, or cannot do what was asked as things stand."""


class ProposalError(PareconError):
    """A board refuses a proposal, naming council and good; nothing has changed."""


class JournalError(PareconError):
    """A board's journal cannot be read or written: foreign, damaged, newer, or in use."""


class ProtocolError(PareconError):
    """A line is no request to a board: no JSON object, an unknown verb or field, a wrong type."""


class MissingDependencyError(PareconError, ImportError):
    """An optional package is needed for what was asked; the message says how to install it."""


def list_some(items: Iterable[str], total: int) -> str:
    """Join the first few items; say how many more there are.

    Parameters
    ----------
    items : iterable of str
        Descriptions of culprits; no more than ``MAX_CULPRITS`` are taken.
    total : int
        How many culprits there are in all.
    """
    shown = list(islice(items, MAX_CULPRITS))
    rest = total - len(shown)
    joined = ", ".join(shown)
    return f"{joined} and {rest:,} more" if rest > 0 else joined


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint such as ``"; did you mean 'steel'?"``, or nothing where no name is near."""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if not close:
        return ""
    return "; did you mean " + " or ".join(repr(match) for match in close) + "?"
