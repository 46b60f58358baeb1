"""What stands along the sides of a table: sectors, factors, categories, by name, kind and unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parecon.errors import AccountsError, list_some, nearest

__all__ = [
    "EXTENSION_KINDS",
    "FACTOR_KINDS",
    "FINAL_KINDS",
    "VALUE_ADDED",
    "Labels",
    "NamesLike",
    "as_labels",
]

FINAL_KINDS = (
    "households",
    "nonprofit",
    "government",
    "investment",
    "inventories",
    "exports",
    "imports",
    "stocks",
    "other",
)
"""Kinds of final demand. ``imports`` and ``stocks`` (drawn from) are supply with a minus sign."""

FACTOR_KINDS = (
    "labour",
    "capital",
    "production tax",
    "value added",
    "product tax",
    "imports",
    "other",
)
"""Kinds of primary inputs. ``imports`` are those that a table of domestic flows leaves out."""

VALUE_ADDED = ("labour", "capital", "production tax", "value added")
"""The kinds that make up gross value added at basic prices."""

EXTENSION_KINDS = ("employment", "emission", "resource", "other")
"""Kinds of extensions; ``multipliers("employment")`` counts those of kind ``employment``."""

NamesLike: TypeAlias = "Sequence[str] | Mapping[str, str] | Labels"


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Labels:
    """Unique names in order, each with a kind, a unit and a longer text. Frozen.

    Parameters
    ----------
    names : sequence of str
        Unique, not empty strings: codes or words.
    kind, unit, text : str or sequence of str
        One word may stand for all; "" says nothing.
    what : str
        What one of them is called in messages, e.g. ``"sector"``.
    known_kinds : sequence of str
        The kinds there are; any, unless given.

    Raises
    ------
    AccountsError
        If a name is empty or occurs twice, a kind is not known, or lengths disagree.
    """

    names: tuple[str, ...]
    kind: tuple[str, ...]
    unit: tuple[str, ...]
    text: tuple[str, ...]
    what: str

    def __init__(
        self,
        names: Sequence[str],
        *,
        kind: str | Sequence[str] = "",
        unit: str | Sequence[str] = "",
        text: str | Sequence[str] = "",
        what: str = "name",
        known_kinds: Sequence[str] = (),
    ) -> None:
        if isinstance(names, str):
            raise AccountsError(f"{what}: expected a sequence of names, got the text {names!r}")
        given = tuple(str(name) if isinstance(name, np.str_) else name for name in names)
        _check_names(given, what)
        object.__setattr__(self, "names", given)
        for column, words in (("kind", kind), ("unit", unit), ("text", text)):
            object.__setattr__(self, column, _words(words, len(given), f"{what}.{column}"))
        object.__setattr__(self, "what", what)
        if known_kinds:
            _check_kinds(self, known_kinds)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._positions

    def __getitem__(self, position: int | np.integer[Any]) -> str:
        return self.names[position]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Labels):
            return NotImplemented
        return all(getattr(self, c) == getattr(other, c) for c in ("names", "kind", "unit", "text"))

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.names[:3]))
        return f"Labels({len(self):,}: {shown}{', ...' if len(self) > 3 else ''})"

    @property
    def plural(self) -> str:
        """What several of them are called."""
        return f"{self.what[:-1]}ies" if self.what.endswith("y") else f"{self.what}s"

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Return the position of a name.

        Raises
        ------
        AccountsError
            If there is none of that name; the nearest names are given.
        """
        found = self._positions.get(name) if isinstance(name, str) else None
        if found is None:
            hint = nearest(name, self.names) if isinstance(name, str) else ""
            raise AccountsError(f"no {self.what} {name!r}{hint}")
        return found

    def positions(self, names: str | Iterable[str]) -> NDArray[np.intp]:
        """Return the positions of one or several names, (k,)."""
        listed = [names] if isinstance(names, str) else list(names)
        return np.array([self.index(name) for name in listed], dtype=np.intp)

    def of_kind(self, *kinds: str) -> NDArray[np.intp]:
        """Return the positions of all that are of one of these kinds, (k,), possibly none."""
        return np.flatnonzero(np.isin(np.array(self.kind, dtype=str), kinds)).astype(np.intp)

    def some(self, positions: Iterable[int]) -> str:
        """Return the first few names at these positions, for messages."""
        at = list(positions)
        return list_some((repr(self.names[i]) for i in at), len(at))

    def take(self, positions: Sequence[int] | NDArray[Any]) -> Labels:
        """Return the labels at these positions, in this order."""
        at = [int(i) for i in positions]
        return Labels(
            [self.names[i] for i in at],
            kind=[self.kind[i] for i in at],
            unit=[self.unit[i] for i in at],
            text=[self.text[i] for i in at],
            what=self.what,
        )

    def plus(self, name: str, *, kind: str = "", unit: str = "", text: str = "") -> Labels:
        """Return the labels with one more at the end."""
        return Labels(
            [*self.names, name],
            kind=[*self.kind, kind],
            unit=[*self.unit, unit],
            text=[*self.text, text],
            what=self.what,
        )


def as_labels(names: NamesLike | None, size: int, what: str, kinds: Sequence[str] = ()) -> Labels:
    """Return labels for ``size`` rows or columns of a table.

    Parameters
    ----------
    names : sequence of str, mapping from name to kind, Labels, or None
        None is right only where the size is 0.
    size : int
        How many the table has.
    what : str
        What one of them is called in messages.
    kinds : sequence of str
        The kinds there are.

    Raises
    ------
    AccountsError
        If the number of names is another one, or names or kinds are wrong.
    """
    if names is None:
        names = ()
    if isinstance(names, Labels):
        made = Labels(
            names.names,
            kind=names.kind,
            unit=names.unit,
            text=names.text,
            what=what,
            known_kinds=kinds,
        )
    elif isinstance(names, Mapping):
        made = Labels(list(names), kind=list(names.values()), what=what, known_kinds=kinds)
    else:
        made = Labels(names, what=what)
    if len(made) != size:
        raise AccountsError(f"{what}: expected {size:,} names as in the table, got {len(made):,}")
    return made


def _words(words: str | Sequence[str], size: int, where: str) -> tuple[str, ...]:
    if isinstance(words, str):
        return (words,) * size
    given = tuple(map(str, words))
    if len(given) != size:
        raise AccountsError(f"{where}: expected {size:,} words, got {len(given):,}")
    return given


def _check_names(names: tuple[Any, ...], what: str) -> None:
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise AccountsError(f"{what} {position}: expected a non-empty name, got {name!r}")
    if len(set(names)) < len(names):
        twice = [repr(name) for name, count in Counter(names).items() if count > 1]
        raise AccountsError(f"{what}: duplicate names {list_some(twice, len(twice))}")


def _check_kinds(labels: Labels, known: Sequence[str]) -> None:
    for name, kind in zip(labels.names, labels.kind, strict=True):
        if kind and kind not in known:
            raise AccountsError(
                f"{labels.what} {name!r}: expected one of the kinds {', '.join(known)}, "
                f"got {kind!r}{nearest(kind, known)}"
            )
