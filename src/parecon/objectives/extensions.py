"""Extensions: what councils use or emit per unit of what they do, as a good that can be counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import NON_NEGATIVE, FloatArray, float_vector
from parecon.economy import Economy
from parecon.errors import EconomyError, list_some
from parecon.families import Activities, Family, NestedCES, NestedCESWorkers
from parecon.goods import Goods

KIND = "extension"


@dataclass(frozen=True, eq=False)
class Extension:
    """Something that councils use or emit in proportion to their level, and that is no good yet.

    Emissions, land, working time, imports: whatever an account lists per unit of output. As a good
    it can be minimised (`parecon.minimise`), or given an endowment, a limit, and a price.

    Attributes
    ----------
    name : str
    intensity : mapping from label of a family to float or (m,) array_like
        Units of the extension per unit of level, >= 0, of `Activities` and `NestedCESWorkers`.
    unit : str
        Physical unit, per plan year.
    """

    name: str
    intensity: Mapping[str, ArrayLike]
    unit: str = ""

    def added_to(self, economy: Economy, endowment: float) -> Economy:
        """Return the economy with the extension as its last good, of kind "extension".

        endowment : how much of it may be used, physical units per plan year, > 0.

        Raises
        ------
        EconomyError
            If there is such a good already, a label is unknown, an intensity is below 0 or not
            finite, or a technology has no fixed proportions to a level.
        """
        goods = economy.goods
        if self.name in goods:
            raise EconomyError(f"extension: expected a new name, there is a good {self.name!r}")
        used = {economy.family(label).title: value for label, value in self.intensity.items()}
        families = []
        for family in economy.families:
            given = used.get(family.title)
            per_level = None if given is None else self._checked(family, given)
            families.append(_widened(family, len(goods) + 1, per_level))
        kind = None if goods.kind is None else (*goods.kind, KIND)
        unit = None
        if goods.unit is not None or self.unit:
            unit = (*(goods.unit or ("",) * len(goods)), self.unit)
        return Economy(
            Goods((*goods.names, self.name), kind, unit),
            np.append(economy.endowment, endowment),
            families,
        )

    def _checked(self, family: Family, value: ArrayLike) -> FloatArray:
        where = f"extension {self.name!r}, {family.title}"
        if not isinstance(family, Activities | NestedCESWorkers):
            raise EconomyError(
                f"{where}: expected Activities or NestedCESWorkers, which use inputs in fixed "
                f"proportion to a level, got {type(family).__name__}"
            )
        found = float_vector(value, where, length=family.n_councils, broadcast=True)
        if not NON_NEGATIVE.holds(found):
            bad = NON_NEGATIVE.outside(found)
            culprits = (f"{family.council_name(int(j))} ({found[j]:g})" for j in bad)
            some = list_some(culprits, bad.size)
            raise EconomyError(f"{where}: expected {NON_NEGATIVE.text}, got {some}")
        return found


def _widened(family: Family, n_goods: int, per_level: FloatArray | None) -> Family:
    """The family in an economy of one more good, used as told."""
    columns: dict[str, Any] = {
        column.name: getattr(family, column.name) for column in family.columns
    }
    last = np.zeros(family.n_councils) if per_level is None else per_level
    for column in family.columns:
        value = columns[column.name]
        if column.kind == "matrix" and value is not None:
            if column.name == "net_output":
                columns[column.name] = _with_column(value, -last)
            else:
                columns[column.name] = _with_column(value, np.zeros(family.n_councils))
        elif column.kind == "nests":
            columns[column.name] = _wider_nests(value)
    if isinstance(family, NestedCESWorkers) and per_level is not None:
        fixed = family.fixed
        if fixed is None:
            fixed = sp.csr_array((family.n_councils, n_goods - 1))
        columns["fixed"] = _with_column(fixed, per_level)
    make: Callable[..., Family] = type(family)
    return make(**columns, names=family.names, label=family.label)


def _with_column(matrix: sp.csr_array, last: FloatArray) -> sp.csr_array:
    """(m, n + 1): the matrix beside one more column, whose zeros are no entries."""
    return sp.hstack([matrix, sp.csr_array(last[:, None])], format="csr")


def _wider_nests(nests: NestedCES) -> NestedCES:
    columns = {name: getattr(nests, name) for name in nests.columns}
    columns["reference_price"] = np.append(nests.reference_price, 1.0)
    return NestedCES(**columns)
