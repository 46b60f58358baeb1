"""The economy: goods, what exists of them, and the families of councils. Frozen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon._columns import NON_NEGATIVE, FloatArray, IndexArray, float_vector, frozen
from parecon.errors import EconomyError, UnknownGoodError, list_some, nearest
from parecon.families import Consumers, Family, default_label
from parecon.families._base import check_unique_names, first_user, used_mask

__all__ = ["Economy", "Goods"]

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


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Economy:
    """Goods, endowment and families of councils: all the data of a plan. Frozen.

    Parameters
    ----------
    goods : sequence of str, int or Goods
        Unique names, or a count, or names with kinds and units.
    endowment : (n,) array_like
        What exists of each good without being made, physical units per plan year, >= 0.
    families : sequence of Family
        At least one of consumers. Unlabelled families are labelled by class.

    Attributes
    ----------
    goods : Goods
    endowment : (n,) float64, read-only
    families : tuple of Family

    Raises
    ------
    EconomyError
        If any number is out of range, shapes disagree, labels collide, there are no consumers, or
        a good that is used exists neither in the endowment nor from a maker or supplier.
    """

    goods: Goods
    endowment: FloatArray
    families: tuple[Family, ...]

    def __init__(
        self,
        goods: Sequence[str] | int | Goods,
        endowment: ArrayLike,
        families: Sequence[Family],
    ) -> None:
        object.__setattr__(self, "goods", goods if isinstance(goods, Goods) else Goods(goods))
        self._set_endowment(endowment)
        object.__setattr__(self, "families", _labelled(families))
        for family in self.families:
            family.validate(self.goods)
        if not any(isinstance(family, Consumers) and family.n_councils for family in self.families):
            raise EconomyError("families: expected at least one consumer council, got none")
        self._check_sources()

    # -- what it is --------------------------------------------------------------------------------

    @property
    def n_goods(self) -> int:
        """Number of goods."""
        return len(self.goods)

    @property
    def n_councils(self) -> int:
        """Number of councils and suppliers of all families."""
        return sum(family.n_councils for family in self.families)

    @property
    def n_entries(self) -> int:
        """Number of entries (council, good) of all families."""
        return sum(family.n_entries for family in self.families)

    @cached_property
    def total_budget(self) -> float:
        """Sum of the consumers' budgets, money per plan year."""
        consumers = (family for family in self.families if isinstance(family, Consumers))
        return float(sum(np.sum(family.budget) for family in consumers))

    @property
    def nbytes(self) -> int:
        """Memory of all arrays in bytes."""
        return int(self.endowment.nbytes) + sum(family.nbytes for family in self.families)

    def family(self, label: str) -> Family:
        """Return the family with this label.

        Raises
        ------
        EconomyError
            If there is none; the nearest labels are given.
        """
        return self.families[self._family_position(label)]

    def __repr__(self) -> str:
        sizes = f"{self.n_goods:,} goods, {self.n_councils:,} councils, {self.n_entries:,} entries"
        lines = [f"Economy: {sizes}, {self.nbytes / 1e6:,.1f} MB"]
        shown = self.families[:16]
        width = min(max(len(family.title) for family in shown), 28)
        for family in shown:
            lines.append(
                f"  {family.title[:width]:<{width}}  {type(family).__name__:<20} "
                f"{family.n_councils:>11,} councils"
            )
        if len(self.families) > len(shown):
            lines.append(f"  and {len(self.families) - len(shown)} more families")
        return "\n".join(lines)

    # -- change ------------------------------------------------------------------------------------

    def replace(
        self,
        *,
        endowment: ArrayLike | Mapping[str, float] | None = None,
        families: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Economy:
        """Return the economy with some data changed; untouched arrays are shared, not checked.

        Parameters
        ----------
        endowment : (n,) array_like or mapping from good to quantity, optional
            New endowment, all of it or of some goods by name.
        families : mapping from label to mapping from column to value, optional
            For example ``{"households": {"budget": budget}}``. The number of councils stays.

        Raises
        ------
        EconomyError
            If a label, a column or a good is unknown, or the new data are wrong.
        """
        other = object.__new__(type(self))
        object.__setattr__(other, "goods", self.goods)
        object.__setattr__(other, "endowment", self.endowment)
        if endowment is not None:
            other._set_endowment(self._merged_endowment(endowment))
        new = list(self.families)
        changed: dict[int, set[str]] = {}
        for label, columns in (families or {}).items():
            at = self._family_position(label)
            new[at] = self.families[at].replace(**columns)
            changed[at] = set(columns) - {"names", "label", "normalise"}
            if columns.get("normalise"):
                changed[at].add(new[at].entries)
        object.__setattr__(other, "families", _labelled(new))
        for at, names in changed.items():
            other.families[at].validate(self.goods, columns=names)
        other._check_sources_again(self, changed)
        return other

    def _merged_endowment(self, endowment: ArrayLike | Mapping[str, float]) -> ArrayLike:
        if not isinstance(endowment, Mapping):
            return endowment
        merged = np.array(self.endowment)
        for good, quantity in endowment.items():
            merged[self.goods.index(good)] = quantity
        return merged

    # -- checks ------------------------------------------------------------------------------------

    def _set_endowment(self, endowment: ArrayLike) -> None:
        vector = float_vector(endowment, "endowment", length=self.n_goods)
        if not NON_NEGATIVE.holds(vector):
            bad = NON_NEGATIVE.outside(vector)
            culprits = (f"{self.goods.name(int(i))!r} ({vector[i]:g})" for i in bad)
            raise EconomyError(
                f"endowment: expected {NON_NEGATIVE.text}, got {list_some(culprits, bad.size)}"
            )
        object.__setattr__(self, "endowment", vector)

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Whether some council uses, consumes or needs the good, (n,) bool."""
        used = np.zeros(self.n_goods, dtype=bool)
        for family in self.families:
            used |= used_mask(family, self.n_goods)
        return frozen(used)

    @cached_property
    def made(self) -> NDArray[np.bool_]:
        """Whether some council makes or supplies the good, (n,) bool."""
        made = np.zeros(self.n_goods, dtype=bool)
        for family in self.families:
            made[family.made_goods()] = True
        return frozen(made)

    def _check_sources(self) -> None:
        """Check that every good that someone uses exists or is made."""
        missing = np.flatnonzero(self.used & ~self.made & (self.endowment == 0.0))
        if missing.size == 0:
            return
        culprits = (
            f"{self.goods.name(int(i))!r} (used by {self._user_of(int(i))})" for i in missing
        )
        raise EconomyError(
            "goods: expected an endowment, a maker or a supplier of every good that is used, "
            f"got none of {list_some(culprits, missing.size)}"
        )

    def _check_sources_again(self, before: Economy, changed: dict[int, set[str]]) -> None:
        """Check sources after a replacement, looking at patterns only where one changed."""
        kinds = {
            column.kind
            for at, names in changed.items()
            for column in self.families[at].columns
            if column.name in names
        }
        if not kinds & {"matrix", "index", "nests"}:
            for name in ("used", "made"):
                self.__dict__[name] = getattr(before, name)
            if self.endowment is before.endowment:
                return
        self._check_sources()

    def _user_of(self, good: int) -> str:
        for family in self.families:
            council = first_user(family, good)
            if council is not None:
                return family.council_name(council)
        return "nobody"

    def _family_position(self, label: str) -> int:
        labels = [family.title for family in self.families]
        if label not in labels:
            raise EconomyError(
                f"no family {label!r}{nearest(str(label), labels)} (there are: {', '.join(labels)})"
            )
        return labels.index(label)


def _labelled(families: Sequence[Family]) -> tuple[Family, ...]:
    """Return the families with distinct labels; those that have none get their class's."""
    if isinstance(families, Family):
        raise EconomyError("families: expected a sequence of families, got one family")
    given = tuple(families)
    for position, family in enumerate(given):
        if not isinstance(family, Family):
            raise EconomyError(f"families[{position}]: expected a family, got {family!r:.80}")
    taken = [family.label for family in given if family.label is not None]
    twice = sorted({label for label in taken if taken.count(label) > 1})
    if twice:
        raise EconomyError(f"families: duplicate labels {list_some(map(repr, twice), len(twice))}")
    known = set(taken)
    labelled = []
    for family in given:
        if family.label is None:
            base = default_label(type(family))
            label, number = base, 1
            while label in known:
                number += 1
                label = f"{base}_{number}"
            known.add(label)
            labelled.append(family.replace(label=label))
        else:
            labelled.append(family)
    return tuple(labelled)
