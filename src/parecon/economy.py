"""The economy: goods, what exists of them, and the families of councils. Frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon._columns import NON_NEGATIVE, FloatArray, float_vector, frozen
from parecon.errors import EconomyError, list_some, nearest
from parecon.families import Consumers, Family, default_label
from parecon.families._base import first_user, used_mask
from parecon.goods import Goods

__all__ = ["Economy", "Goods"]


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
        for label, columns in dict[str, Any](families or {}).items():
            at = self._family_position(label)
            if not isinstance(columns, Mapping):
                kind = type(columns).__name__
                raise EconomyError(f"{label}: expected a mapping from column to value, got {kind}")
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
        goods = self.goods.index(list(endowment))
        merged[goods] = float_vector(list(endowment.values()), "endowment")
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
    if isinstance(families, Family) or not isinstance(families, Iterable):
        raise EconomyError(f"families: expected a sequence of families, got {families!r:.80}")
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
