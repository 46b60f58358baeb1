"""Columns of a family as records: what they hold, in which unit, in which range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from parecon._columns import NON_NEGATIVE, Range

Kind = Literal["vector", "index", "matrix", "nests", "effort", "choice"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a family.

    Attributes
    ----------
    name : str
        Attribute and constructor argument.
    kind : {"vector", "index", "matrix", "nests", "effort", "choice"}
        vector: one float64 per council; index: one int32 good per council; matrix: CSR, councils
        by goods; nests: :class:`NestedCES`; effort: :class:`Effort`; choice: a word.
    meaning, unit : str
        For people.
    range : Range, optional
        What each number must be.
    broadcast : bool
        Whether one number may stand for all councils.
    optional : bool
        Whether None is allowed.
    choices : tuple of str
        The words of a choice.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    range: Range | None = None
    broadcast: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()


NEEDS = Column(
    name="needs",
    kind="matrix",
    meaning="goods delivered in kind before the budget is spent",
    unit="physical units per plan year",
    range=NON_NEGATIVE,
    optional=True,
)
