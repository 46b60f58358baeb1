"""The goods of an economy: everything that has a price, by name, kind and unit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from parecon._columns import IndexArray
from parecon.errors import EconomyError, UnknownGoodError, list_some, nearest

__all__ = ["Goods", "check_unique_names"]

_COUNTED_NAME = re.compile(r"good_(0|[1-9][0-9]*)")


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Goods:
    """The goods of an economy: unique names, optionally a kind and a unit each. Frozen.

    Parameters
    ----------
    names : sequence of str, or int
        Names; a count n stands for ``"good_0"`` to ``"good_{n-1}"``, which are not built until
        asked for.
    kind : str or sequence of str, optional
        Kind of each good, e.g. ``"labour"``; one word may stand for all.
    unit : str or sequence of str, optional
        Physical unit of each good, e.g. ``"tonne"``; one may stand for all.

    Raises
    ------
    EconomyError
        If there is no good, a name is empty or occurs twice, or the lengths disagree.
    """

    _count: int
    _named: tuple[str, ...] | None
    _kind: str | tuple[str, ...] | None
    _unit: str | tuple[str, ...] | None

    def __init__(
        self,
        names: Sequence[str] | int,
        kind: str | Sequence[str] | None = None,
        unit: str | Sequence[str] | None = None,
    ) -> None:
        given = None
        if isinstance(names, int | np.integer) and not isinstance(names, bool):
            count = int(names)
        elif isinstance(names, str | bool) or not hasattr(names, "__len__"):
            raise EconomyError(f"goods: expected a sequence of names or a count, got {names!r}")
        else:
            given = tuple(names)
            check_unique_names(given, "goods")
            count = len(given)
        if count < 1:
            raise EconomyError(f"goods: expected at least one good, got {count}")
        object.__setattr__(self, "_count", count)
        object.__setattr__(self, "_named", given)
        object.__setattr__(self, "_kind", self._words(kind, "kind"))
        object.__setattr__(self, "_unit", self._words(unit, "unit"))

    def _words(self, words: str | Sequence[str] | None, what: str) -> str | tuple[str, ...] | None:
        if words is None or isinstance(words, str):
            return words
        given = tuple(words)
        if len(given) != self._count:
            raise EconomyError(f"goods.{what}: expected {self._count:,} words, got {len(given):,}")
        for position, word in enumerate(given):
            if not isinstance(word, str):
                raise EconomyError(f"goods.{what}[{position}]: expected a str, got {word!r}")
        return given

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the goods, (n,); built on first use where only a count was given."""
        if self._named is not None:
            return self._named
        return tuple(f"good_{i}" for i in range(self._count))

    @property
    def counted(self) -> bool:
        """Whether the goods were given as a count, so that names carry no information."""
        return self._named is None

    @cached_property
    def kind(self) -> tuple[str, ...] | None:
        """Kind of each good, (n,), or None."""
        return (self._kind,) * self._count if isinstance(self._kind, str) else self._kind

    @cached_property
    def unit(self) -> tuple[str, ...] | None:
        """Physical unit of each good, (n,), or None."""
        return (self._unit,) * self._count if isinstance(self._unit, str) else self._unit

    def name(self, index: int) -> str:
        """Return the name of one good, without building the others."""
        if self._named is not None:
            return self._named[index]
        return f"good_{range(self._count)[index]}"

    def index(self, names: Any) -> Any:
        """Return the index of a name, or the int32 indices of a sequence of names.

        Raises
        ------
        UnknownGoodError
            If a name is not that of a good; the nearest names are given.
        """
        if isinstance(names, str):
            return self._position(names)
        return np.array([self._position(name) for name in names], dtype=np.int32)

    def of_kind(self, kind: str) -> IndexArray:
        """Return the indices of the goods of a kind, int32.

        Raises
        ------
        EconomyError
            If no good is of that kind.
        """
        found = np.flatnonzero(np.array([word == kind for word in self.kind or ()], dtype=bool))
        if found.size == 0:
            known = sorted(set(self.kind or ()))
            raise EconomyError(f"goods: no good of kind {kind!r}{nearest(kind, known)}")
        return found.astype(np.int32)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._lookup(name) is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Goods):
            return NotImplemented
        same_names = (self.counted and other.counted) or self.names == other.names
        return (
            len(self) == len(other)
            and same_names
            and self.kind == other.kind
            and self.unit == other.unit
        )

    def __hash__(self) -> int:
        return hash((self._count, self.name(0), self.name(self._count - 1)))

    def __repr__(self) -> str:
        shown = ", ".join(repr(self.name(i)) for i in range(min(3, self._count)))
        return f"Goods({self._count:,}: {shown}{', ...' if self._count > 3 else ''})"

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def _lookup(self, name: str) -> int | None:
        if not self.counted:
            return self._positions.get(name)
        match = _COUNTED_NAME.fullmatch(name)
        return int(match[1]) if match and int(match[1]) < self._count else None

    def _position(self, name: str) -> int:
        found = self._lookup(name) if isinstance(name, str) else None
        if found is None:
            hint = nearest(name, self.names) if isinstance(name, str) else ""
            raise UnknownGoodError(f"unknown good {name!r}{hint}")
        return found


def check_unique_names(names: tuple[str, ...], where: str) -> None:
    """Raise EconomyError unless the names are distinct, non-empty strings."""
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise EconomyError(f"{where}[{position}]: expected a non-empty str, got {name!r}")
    if len(set(names)) == len(names):
        return
    twice = [repr(name) for name, count in Counter(names).items() if count > 1]
    raise EconomyError(f"{where}: duplicate names {list_some(twice, len(twice))}")
