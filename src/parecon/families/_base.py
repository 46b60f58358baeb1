"""What every family of councils is: columns of data, one row per council.

A family declares its columns as records (:class:`Column`). Construction, replacement, validation,
storage and documentation all follow from them; a subclass adds only what ties columns together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import (
    IndexArray,
    csr_matrix,
    float_vector,
    index_vector,
    row_index,
    row_of,
    row_sums,
    with_data,
)
from parecon.errors import EconomyError, nearest
from parecon.families._checks import check_goods, check_matrix, check_vector, require
from parecon.families._column import Column
from parecon.goods import Goods, check_unique_names

FORBIDDEN_IN_LABEL = re.compile(r'[\x00-\x1f/\\:*?"<>|]')


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Family:
    """Councils of one kind, stored column by column in read-only arrays.

    Attributes
    ----------
    label : str or None
        Name of the family, unique in an economy. None until an Economy has taken the family in:
        it then is the class name in snake case, with a suffix ``_2``, ``_3`` where needed.
    names : tuple of str or None
        Names of the councils.
    role : {"consumers", "workers", "suppliers"}
        Class attribute.
    columns : tuple of Column
        Class attribute: the data columns in constructor order.
    entries : str
        Class attribute: the name of the column that holds the entries (one per council and good).
    capabilities : mapping
        Class attribute: for each capability that the family may have (`parecon.families
        .capabilities`) a check that says what keeps this one from it; see `lacks`.
    """

    label: str | None
    names: tuple[str, ...] | None

    role: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    entries: ClassVar[str]
    capabilities: ClassVar[Mapping[str, Callable[[Any], str]]] = {}

    def _build(
        self,
        values: dict[str, Any],
        *,
        names: Sequence[str] | None,
        label: str | None,
        normalise: bool = False,
    ) -> None:
        """Convert the columns and store them; the entries first, because they count councils."""
        object.__setattr__(self, "label", _checked_label(label))
        object.__setattr__(self, "names", None)
        ordered = sorted(self.columns, key=lambda column: column.name != self.entries)
        for column in ordered:
            object.__setattr__(self, column.name, self._converted(column, values[column.name]))
        object.__setattr__(self, "names", self._checked_names(names))
        if normalise:
            self._normalise()

    def _converted(self, column: Column, value: Any) -> Any:
        """Return one column in its stored form; its shape is checked, its content is not."""
        where = f"{self.title}.{column.name}"
        if value is None:
            if column.optional:
                return None
            raise EconomyError(f"{where}: expected {column.meaning}, got None")
        counts = column.name == self.entries and column.name not in self.__dict__
        length = None if counts else self.n_councils
        if column.kind == "vector":
            return float_vector(value, where, length=length, broadcast=column.broadcast)
        if column.kind == "index":
            return index_vector(value, where, length=length)
        shape = (length, None if counts else self.n_goods)
        if column.kind == "matrix":
            return csr_matrix(value, where, shape=shape, row_name=self._row_name)
        if column.kind == "choice":
            if value not in column.choices:
                known = " or ".join(repr(choice) for choice in column.choices)
                raise EconomyError(f"{where}: expected {known}, got {value!r}")
            return value
        return self._converted_part(column, value, shape)

    def _converted_part(
        self, column: Column, value: Any, shape: tuple[int | None, int | None]
    ) -> Any:
        """Return a column of a kind that only some families have."""
        raise NotImplementedError(column.kind)

    def _normalise(self) -> None:
        """Scale the shares of each council to sum to one."""
        if self.entries != "shares":
            raise EconomyError(f"{self.title}: nothing to normalise, there are no shares")
        matrix: sp.csr_array = getattr(self, self.entries)
        sums = row_sums(matrix.indptr, matrix.data)
        require(
            self,
            (sums > 0.0) & np.isfinite(sums),
            lambda j: f"{self.council_name(j)} ({sums[j]:g})",
            f"{self.entries}: to normalise, expected a sum above 0 and finite, got",
        )
        scaled = matrix.data / np.repeat(sums, np.diff(matrix.indptr))
        object.__setattr__(self, self.entries, with_data(matrix, scaled))

    # -- what it is ---------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The label, or what it will be by default: the class name in snake case."""
        return self.label or default_label(type(self))

    @property
    def n_councils(self) -> int:
        """Number of councils."""
        return int(getattr(self, self.entries).shape[0])

    @property
    def n_goods(self) -> int | None:
        """Number of goods its columns are for; None where any number will do (suppliers)."""
        return int(getattr(self, self.entries).shape[1])

    @property
    def n_entries(self) -> int:
        """Number of entries (council, good) of ``pattern()``, without needs and fixed inputs."""
        return int(self.pattern()[1].size)

    @property
    def nbytes(self) -> int:
        """Memory of all arrays in bytes (of names: none counted)."""
        return sum(_nbytes(getattr(self, column.name)) for column in self.columns)

    def pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return the councils' entries as ``(indptr (m+1,), good (entries,))``, both int32.

        The entries of council j are ``indptr[j]:indptr[j+1]``; proposals are in this order.
        """
        matrix: sp.csr_array = getattr(self, self.entries)
        return matrix.indptr, matrix.indices

    def council_name(self, council: int) -> str:
        """Return the name of a council, or e.g. ``"households[17]"`` where it has none."""
        if self.names is not None:
            return self.names[council]
        return f"{self.title}[{council}]"

    def entry_name(self, entry: int, goods: Goods) -> str:
        """Return e.g. ``"households[17], good 'bread'"`` for one entry of ``pattern()``."""
        indptr, good = self.pattern()
        council = int(row_of(indptr, entry))
        return f"{self.council_name(council)}, good {goods.name(int(good[entry]))!r}"

    def lacks(self, capability: str) -> str:
        """Return what keeps the family from a capability, or "" where nothing does.

        Parameters
        ----------
        capability : {"smooth", "linear", "cone"}
            See `parecon.families.capabilities`.
        """
        check = self.capabilities.get(capability)
        return "not declared" if check is None else check(self)

    def used_goods(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield ``(indptr, good)`` of each pattern of goods that councils use or consume."""
        yield self.pattern()

    def made_goods(self) -> IndexArray:
        """Return the goods that councils make or supply, possibly repeated."""
        return np.empty(0, dtype=np.int32)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.title!r}, {self.n_councils:,} councils, "
            f"{self.n_entries:,} entries)"
        )

    # -- change ---------------------------------------------------------------------------------

    def replace(self, *, normalise: bool = False, **columns: Any) -> Self:
        """Return the family with some columns changed; every other array is shared.

        Parameters
        ----------
        normalise : bool
            Scale new shares to sum to one.
        **columns
            New values by column name; also ``names`` and ``label``. The number of councils and
            goods stays.

        Raises
        ------
        EconomyError
            If there is no such column or the shape differs.
        """
        known = {column.name: column for column in self.columns}
        other = object.__new__(type(self))
        for name in ("label", "names", *known):
            object.__setattr__(other, name, getattr(self, name))
        if "label" in columns:
            object.__setattr__(other, "label", _checked_label(columns["label"]))
        for name, value in columns.items():
            if name in known:
                object.__setattr__(other, name, other._converted(known[name], value))
            elif name not in ("label", "names"):
                hint = nearest(name, list(known))
                raise EconomyError(f"{self.title}: no column {name!r}{hint} ({', '.join(known)})")
        if "names" in columns:
            object.__setattr__(other, "names", other._checked_names(columns["names"]))
        if normalise:
            other._normalise()
        return other

    # -- checks -----------------------------------------------------------------------------------

    def validate(self, goods: Goods, *, columns: Collection[str] | None = None) -> None:
        """Check the content: numbers in their range, sums, returns.

        Parameters
        ----------
        goods : Goods
            The goods of the economy; errors name them.
        columns : collection of str, optional
            Columns that changed since the last validation; all unless given.

        Raises
        ------
        EconomyError
            Naming the family, the column and the first culprits.
        """
        if self.n_goods is not None and self.n_goods != len(goods):
            raise EconomyError(
                f"{self.title}.{self.entries}: expected {len(goods):,} goods, got {self.n_goods:,}"
            )
        chosen = [c for c in self.columns if columns is None or c.name in columns]
        for column in chosen:
            value = getattr(self, column.name)
            if value is not None:
                self._validate_column(column, value, goods)
        names = {column.name for column in chosen}
        if names:
            self._validate_together(names, goods)

    def _validate_column(self, column: Column, value: Any, goods: Goods) -> None:
        if column.kind == "vector":
            check_vector(self, column.name, value, column.range)
        elif column.kind == "index":
            check_goods(self, column.name, value, goods)
        elif column.kind == "matrix":
            check_matrix(self, column.name, value, column.range, goods)
        elif column.kind in ("nests", "effort"):
            value.validate(self, column.name, goods)

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        """Check what ties columns together; ``changed`` are those that changed."""

    def _row_name(self, council: int) -> str:
        return f"council {self.council_name(council)}"

    def _checked_names(self, names: Sequence[str] | None) -> tuple[str, ...] | None:
        if names is None:
            return None
        if isinstance(names, str):
            raise EconomyError(f"{self.title}.names: expected a sequence of names, got one str")
        checked = tuple(names)
        if len(checked) != self.n_councils:
            raise EconomyError(
                f"{self.title}.names: expected {self.n_councils:,} names, got {len(checked):,}"
            )
        check_unique_names(checked, f"{self.title}.names")
        return checked


def default_label(family: type[Family]) -> str:
    """Return the class name of a family in snake case, e.g. ``"cobb_douglas_consumers"``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=CES)(?=[A-Z])", "_", family.__name__).lower()


def used_mask(family: Family, n_goods: int) -> NDArray[np.bool_]:
    """Return which goods the family uses, (n_goods,) bool."""
    mask = np.zeros(n_goods, dtype=bool)
    for _, good in family.used_goods():
        mask[good] = True
    return mask


def first_user(family: Family, good: int) -> int | None:
    """Return the first council of the family that uses the good."""
    for indptr, used in family.used_goods():
        where = np.flatnonzero(used == good)
        if where.size:
            return int(row_of(indptr, where[0]))
    return None


def select_entries(
    matrix: sp.csr_array, chosen: NDArray[np.bool_]
) -> tuple[IndexArray, IndexArray]:
    """Return ``(indptr, good)`` of the chosen entries of a matrix."""
    rows = row_index(matrix.indptr)[chosen]
    counts = np.bincount(rows, minlength=matrix.shape[0])
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return indptr, matrix.indices[chosen]


def _checked_label(label: str | None) -> str | None:
    if label is None:
        return None
    if not isinstance(label, str) or not label or label != label.strip():
        raise EconomyError(f"label: expected a non-empty str without outer blanks, got {label!r}")
    if label.startswith(".") or FORBIDDEN_IN_LABEL.search(label):
        raise EconomyError(f"label: expected a word that can name a file, got {label!r}")
    return label


def _nbytes(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    if sp.issparse(value):
        return int(value.data.nbytes + value.indices.nbytes + value.indptr.nbytes)
    if value is None or isinstance(value, str):
        return 0
    return int(value.nbytes)
