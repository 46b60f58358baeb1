"""A family from the tables of a directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.errors import FormatError, nearest
from parecon.families import FAMILIES, Column, Effort, Family, NestedCES
from parecon.storage.directory import check_keys
from parecon.storage.family_tables import (
    COUNCIL,
    EFFORT,
    GOOD,
    LEAVES,
    NODES,
    REFERENCE,
    SCALE,
    nests_prefix,
)
from parecon.storage.nests_reader import read_nests
from parecon.storage.rows import csr, ordered, row_order
from parecon.storage.tables import INDEX, Names, Table, read_table, table_exists


class FamilyReader:
    """Reads one family of a directory.

    entry : its object in the manifest. goods : what its tables may refer to.
    rows : announced numbers of rows by stem of table.
    """

    def __init__(
        self, directory: Path, entry: Mapping[str, Any], goods: Names, rows: Mapping[str, int]
    ) -> None:
        self._directory = directory
        self._entry = entry
        self._goods = goods
        self._rows = rows
        self._kind = _family_class(directory, entry)
        self._label = str(entry["label"])
        self._check_entry()

    def read(self) -> Family:
        """Return the family.

        Raises FormatError for what is wrong with the files, EconomyError for a family that its
        class refuses.
        """
        table = self._table("councils")
        table.check_columns(self._known_columns())
        order = row_order(table, COUNCIL)
        names = table.texts(COUNCIL) if table.has(COUNCIL) else None
        if names is not None and order is not None:
            names = tuple(names[k] for k in order)
        councils = Names("council", names, table.n_rows)
        values = {
            column.name: self._value(column, table, order, councils)
            for column in self._kind.columns
        }
        make: Callable[..., Family] = self._kind
        return make(**values, names=names, label=self._label)

    # -- one column ---------------------------------------------------------------------------

    def _value(
        self, column: Column, table: Table, order: NDArray[Any] | None, councils: Names
    ) -> Any:
        if column.kind == "matrix":
            return self._matrix(column, councils)
        if column.kind == "nests":
            return self._nests(column, table, order, councils)
        if column.kind == "choice":
            # The class knows its words and its default; a wrong word is its error.
            return self._entry.get(column.name, column.choices[0])
        if column.name in self._entry:
            return self._one_for_all(column, table)
        if column.kind == "effort":
            return self._effort(table, order)
        if column.kind == "index":
            return ordered(table.references(column.name, self._goods), order)
        if column.optional and not table.has(column.name):
            return None
        return ordered(table.floats(column.name), order)

    def _one_for_all(self, column: Column, table: Table) -> float:
        """Return a number that the manifest gives for all councils."""
        value = self._entry[column.name]
        if table.has(column.name):
            raise table.error("also given in the manifest, remove one", column=column.name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise FormatError(
                f"{self._directory}: family {self._label!r}: {column.name}: expected a number in "
                f"the manifest, got {value!r}"
            )
        return float(value)

    def _effort(self, table: Table, order: NDArray[Any] | None) -> Effort | None:
        present = [f"effort_{name}" for name in EFFORT if table.has(f"effort_{name}")]
        if not present:
            return None
        return Effort(*(ordered(table.floats(f"effort_{name}"), order) for name in EFFORT))

    def _matrix(self, column: Column, councils: Names) -> sp.csr_array | None:
        if column.optional and not table_exists(self._directory, f"{self._label}.{column.name}"):
            return None
        table = self._table(column.name)
        table.check_columns([COUNCIL, COUNCIL + INDEX, GOOD, GOOD + INDEX, "value"])
        council = table.references(COUNCIL, councils)
        good = table.references(GOOD, self._goods)
        return csr(table, council, good, table.floats("value"), (councils.size, self._goods.size))

    def _nests(
        self, column: Column, table: Table, order: NDArray[Any] | None, councils: Names
    ) -> NestedCES:
        prefix = nests_prefix(column)
        reference, scale = None, prefix + SCALE
        if table_exists(self._directory, f"{self._label}.{prefix}{REFERENCE}"):
            reference = self._table(prefix + REFERENCE)
        return read_nests(
            self._table(prefix + NODES),
            self._table(prefix + LEAVES),
            reference,
            councils=councils,
            goods=self._goods,
            scale=ordered(table.floats(scale), order) if table.has(scale) else None,
        )

    # -- what belongs to the family ---------------------------------------------------------------

    def _table(self, part: str) -> Table:
        stem = f"{self._label}.{part}"
        return read_table(self._directory, stem, n_rows=self._rows.get(stem))

    def _known_columns(self) -> list[str]:
        known = [COUNCIL, COUNCIL + INDEX]
        for column in self._kind.columns:
            if column.kind == "vector":
                known.append(column.name)
            elif column.kind == "index":
                known += [column.name, column.name + INDEX]
            elif column.kind == "effort":
                known += [f"effort_{name}" for name in EFFORT]
            elif column.kind == "nests":
                known.append(nests_prefix(column) + SCALE)
        return known

    def _check_entry(self) -> None:
        allowed = [
            column.name for column in self._kind.columns if column.broadcast or column.choices
        ]
        check_keys(
            self._directory,
            f"family {self._label!r}",
            self._entry,
            ("label", "class", *allowed),
        )


def _family_class(directory: Path, entry: Mapping[str, Any]) -> type[Family]:
    label, name = entry.get("label"), entry.get("class")
    if not isinstance(label, str) or not label or Path(label).name != label:
        raise FormatError(f"{directory}: manifest: expected a family's label, got {label!r}")
    if name not in FAMILIES:
        hint = nearest(str(name), list(FAMILIES))
        raise FormatError(f"{directory}: family {label!r}: unknown class {name!r}{hint}")
    return FAMILIES[name]
