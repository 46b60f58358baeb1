"""An economy while it is being changed: goods and councils by name, families widened and rewired.

Families that no change touches are shared with the economy that the draft began from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.errors import ScenarioError, nearest
from parecon.families import Family, NestedCES
from parecon.goods import Goods
from parecon.plan import Plan

Array = NDArray[np.float64]

_SHOWN = 6


class Draft:
    """A copy of an economy to which changes are made one after the other.

    Attributes
    ----------
    names, kinds, units : lists, one entry per good; kinds and units may be empty texts.
    endowment : (n,) float64.
    families : list of Family.
    reference : the plan to which percentages of emissions refer, or None.
    """

    def __init__(self, economy: Economy, reference: Plan | None = None) -> None:
        goods = economy.goods
        self.base = economy
        self.reference = reference
        self.names = list(goods.names)
        self.kinds = list(goods.kind or [""] * len(goods))
        self.units = list(goods.unit or [""] * len(goods))
        self.endowment = np.array(economy.endowment)
        self.families = list(economy.families)
        self._columns: dict[int, dict[str, Any]] = {}
        self._forms: dict[int, list[int]] = {}
        self._rebuilt = False

    # -- names ------------------------------------------------------------------------------------

    @property
    def n_goods(self) -> int:
        """Number of goods."""
        return len(self.names)

    def good(self, name: str, *, key: str = "") -> int:
        """Return the index of a good; ScenarioError offers the nearest names."""
        if name not in self._positions:
            raise ScenarioError(f"no good {name!r}{nearest(name, self.names)}", key=key)
        return self._positions[name]

    def has_good(self, name: str) -> bool:
        """Whether there is a good of that name."""
        return name in self._positions

    @property
    def _positions(self) -> dict[str, int]:
        cached: dict[str, int] | None = self.__dict__.get("_index")
        if cached is None or len(cached) != len(self.names):
            cached = {name: i for i, name in enumerate(self.names)}
            self.__dict__["_index"] = cached
        return cached

    def place(self, label: str, *, key: str = "family") -> int:
        """Return the position of the family with this label."""
        labels = [family.title for family in self.families]
        if label not in labels:
            known = ", ".join(labels[:_SHOWN]) + (", ..." if len(labels) > _SHOWN else "")
            raise ScenarioError(
                f"no family {label!r}{nearest(label, labels)} (there are: {known})", key=key
            )
        return labels.index(label)

    def councils(self, place: int, names: Sequence[str], *, key: str = "councils") -> Any:
        """Return the positions of councils of a family by name; all where no name is given."""
        family = self.families[place]
        if not names:
            return np.arange(family.n_councils)
        known = _council_names(family)
        found = []
        for name in names:
            if name not in known:
                hint = nearest(name, list(known))
                raise ScenarioError(f"{family.title}: no council {name!r}{hint}", key=key)
            found.append(known[name])
        return np.array(found, dtype=np.intp)

    def goods_of_kind(self, kind: str, *, key: str = "kind") -> list[int]:
        """Return the goods of a kind."""
        found = [i for i, word in enumerate(self.kinds) if word == kind]
        if not found:
            known = sorted(set(self.kinds) - {""})
            raise ScenarioError(f"no good of kind {kind!r}{nearest(kind, known)}", key=key)
        return found

    # -- changes ----------------------------------------------------------------------------------

    def set_columns(self, place: int, **columns: Any) -> None:
        """Replace columns of a family."""
        self.families[place] = self.families[place].replace(**columns)
        self._columns.setdefault(place, {}).update(columns)

    def set_family(self, place: int, family: Family) -> None:
        """Put another family in the place of one, under its label."""
        self.families[place] = family
        self._rebuilt = True

    def add_family(self, family: Family, *, key: str = "name") -> int:
        """Add a family; its label must be free."""
        labels = [other.title for other in self.families]
        if family.title in labels:
            raise ScenarioError(f"there is a family {family.title!r} already", key=key)
        self.families.append(family)
        self._rebuilt = True
        return len(self.families) - 1

    def add_goods(self, names: Iterable[str], *, kind: str = "", unit: str = "") -> list[int]:
        """Add goods without endowment, and widen every family; returns their indices."""
        new = list(names)
        for name in new:
            if name in self._positions:
                raise ScenarioError(f"there is a good {name!r} already")
        first = self.n_goods
        self.names += new
        self.kinds += [kind] * len(new)
        self.units += [unit] * len(new)
        self.endowment = np.concatenate([self.endowment, np.zeros(len(new))])
        self.families = [widened(family, self.n_goods) for family in self.families]
        self._rebuilt = True
        return list(range(first, self.n_goods))

    def forms_of(self, good: int) -> list[int]:
        """Return the good, and those that are the same with a toll paid (see `tolls`)."""
        return [good, *self._forms.get(good, [])]

    def note_form(self, good: int, form: int) -> None:
        """Remember that one good is another with a toll paid."""
        root = next((root for root, forms in self._forms.items() if good in forms), good)
        self._forms.setdefault(root, []).append(form)

    def free_name(self, name: str) -> str:
        """Return the name, or with a number behind it where it is taken."""
        number, free = 1, name
        while free in self._positions:
            number += 1
            free = f"{name} {number}"
        return free

    def economy(self) -> Economy:
        """Return the economy as it is now; EconomyError if it is none."""
        if self._rebuilt:
            goods = Goods(
                self.names,
                kind=self.kinds if any(self.kinds) else None,
                unit=self.units if any(self.units) else None,
            )
            return Economy(goods, self.endowment, self.families)
        same = np.array_equal(self.endowment, self.base.endowment)
        if same and not self._columns:
            return self.base
        return self.base.replace(
            endowment=None if same else self.endowment,
            families={
                self.base.families[place].title: columns for place, columns in self._columns.items()
            },
        )


def _council_names(family: Family) -> dict[str, int]:
    if family.names is not None:
        return {name: j for j, name in enumerate(family.names)}
    return {f"{family.title}[{j}]": j for j in range(family.n_councils)}


# -- families -------------------------------------------------------------------------------------


def rebuilt(family: Family, **columns: Any) -> Family:
    """Return a family of the same class with other columns, possibly for more goods."""
    values = {column.name: getattr(family, column.name) for column in family.columns}
    make: Any = type(family)
    same: Family = make(**{**values, **columns}, names=family.names, label=family.label)
    return same


def widened(family: Family, n_goods: int) -> Family:
    """Return the family for more goods; its arrays are shared."""
    if family.n_goods is None or family.n_goods == n_goods:
        return family
    columns: dict[str, Any] = {}
    for column in family.columns:
        value = getattr(family, column.name)
        if sp.issparse(value):
            columns[column.name] = wide(value, n_goods)
        elif isinstance(value, NestedCES):
            columns[column.name] = wide_nests(value, n_goods)
    return rebuilt(family, **columns)


def wide(matrix: sp.csr_array, n_goods: int) -> sp.csr_array:
    """Return a matrix with empty columns added."""
    return sp.csr_array(
        (matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], n_goods), copy=False
    )


def wide_nests(nests: NestedCES, n_goods: int, leaf_good: Any = None) -> NestedCES:
    """Return nests for more goods (at reference price 1), possibly with other goods as leaves."""
    price = np.ones(n_goods)
    price[: nests.n_goods] = nests.reference_price
    columns = {name: getattr(nests, name) for name in nests.columns}
    columns["reference_price"] = price
    if leaf_good is not None:
        columns["leaf_good"] = leaf_good
    return NestedCES(**columns)


def rewired(family: Family, swap: dict[int, int]) -> Family:
    """Return the family with some of the goods that it uses swapped for others.

    swap : used good -> the one that takes its place, with the same reference price. What councils
    make stays. The family must be wide enough.
    """
    columns: dict[str, Any] = {}
    for column in family.columns:
        value = getattr(family, column.name)
        if sp.issparse(value):
            used = value.data < 0.0 if column.name == "net_output" else None
            columns[column.name] = _swapped(value, swap, used)
        elif isinstance(value, NestedCES) and column.name != "outputs":
            columns[column.name] = _swapped_nests(value, swap)
        elif column.kind == "index" and family.role == "consumers":
            columns[column.name] = [swap.get(good, good) for good in value.tolist()]
    return rebuilt(family, **columns)


def _swapped(
    matrix: sp.csr_array, swap: dict[int, int], used: NDArray[np.bool_] | None
) -> sp.csr_array:
    indices = np.array(matrix.indices)
    for old, new in swap.items():
        at = matrix.indices == old
        indices[at if used is None else at & used] = new
    swapped = sp.csr_array((np.array(matrix.data), indices, matrix.indptr), shape=matrix.shape)
    swapped.sort_indices()
    return swapped


def _swapped_nests(nests: NestedCES, swap: dict[int, int]) -> NestedCES:
    leaf_good = np.array(nests.leaf_good)
    for old, new in swap.items():
        leaf_good[nests.leaf_good == old] = new
    price = np.array(nests.reference_price)
    for old, new in swap.items():
        price[new] = price[old]
    return wide_nests(nests, nests.n_goods, leaf_good).replace(reference_price=price)


def uses(family: Family, good: int) -> bool:
    """Whether some council of the family uses or consumes the good."""
    return any(bool(np.any(used == good)) for _, used in family.used_goods())


def column(good: int, values: Array, shape: tuple[int, int]) -> sp.csr_array:
    """Return a matrix with `values` (m,) in the column of one good and nothing else."""
    rows = np.flatnonzero(values)
    entries = (values[rows], (rows, np.full(rows.size, good)))
    return sp.csr_array(sp.coo_array(entries, shape=shape))
