"""One table, as a Parquet file or as CSV of the same stem: written from and read into arrays.

Goods and councils are referred to by index or by name, and the column's name says by which:
``good_index`` holds numbers from 0, ``good`` holds names. Nothing is guessed from the content, so a
good may well be called "17".

Everything that can be wrong with a file raises FormatError with the file, the column and the row
(for CSV the line, as editors count it).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray, IndexArray
from parecon.errors import FormatError, nearest

if TYPE_CHECKING:
    import pyarrow as pa

Values = NDArray[Any] | Sequence[str]

FILE_FORMATS = ("parquet", "csv")
INDEX = "_index"
NOTE = "note"

# Large enough that a row group's overhead does not count, small enough that several threads share
# the reading of ten million rows.
_ROW_GROUP = 1 << 20


class Names:
    """What a column of references may refer to: goods or councils, by name and by number.

    word : str, "good" or "council", for messages.
    names : names in order, or None where only numbers exist.
    """

    def __init__(self, word: str, names: Sequence[str] | None, size: int) -> None:
        self.word = word
        self.names = names
        self.size = size
        self._values: pa.Array | None = None

    def find(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the position of each name, null where there is no such name."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._values is None:
            self._values = pa.array(self.names, pa.string())
        return pc.index_in(column, value_set=self._values)


class Table:
    """A table as read, with columns checked and converted on demand."""

    def __init__(self, path: Path, columns: pa.Table) -> None:
        self.path = path
        self._columns = columns

    @property
    def n_rows(self) -> int:
        """Number of rows, the CSV header not counted."""
        return int(self._columns.num_rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._columns.column_names)

    def has(self, column: str) -> bool:
        """Whether there is a column of that name."""
        return column in self._columns.column_names

    def error(
        self, message: str, *, column: str | None = None, row: int | None = None
    ) -> Exception:
        """Return (to be raised) a FormatError that says where."""
        where = self.path.name
        if row is not None:
            where += f", {self._place(row)}"
        if column is not None:
            where += f", column {column!r}"
        return FormatError(f"{self.path.parent / where}: {message}")

    def check_columns(self, known: Iterable[str]) -> None:
        """Raise FormatError if a column is not known; a typo must not become a default."""
        known = list(known)
        for column in self._columns.column_names:
            if column not in known and not column.startswith(NOTE):
                hint = nearest(column, known)
                raise self.error(f"unknown column{hint} (known: {', '.join(known)})", column=column)

    def floats(self, column: str) -> FloatArray:
        """Return a column of numbers, (rows,) float64."""
        import pyarrow as pa

        return self._converted(column, pa.float64(), "a number")

    def integers(self, column: str) -> IndexArray:
        """Return a column of integers, (rows,) int32."""
        import pyarrow as pa

        return self._converted(column, pa.int32(), "an integer")

    def counts(self, column: str) -> NDArray[np.int64]:
        """Return a column of integers that may be large, (rows,) int64."""
        import pyarrow as pa

        return self._converted(column, pa.int64(), "an integer")

    def texts(self, column: str) -> tuple[str, ...]:
        """Return a column of text."""
        try:
            return tuple(self._text_column(column).to_pylist())
        except UnicodeDecodeError as error:
            raise self.error(f"expected UTF-8 text: {error}", column=column) from error

    def plain(self, column: str) -> list[Any]:
        """Return a column as Python values of its own type."""
        values: list[Any] = self._column(column).to_pylist()
        return values

    def references(self, column: str, known: Names) -> IndexArray:
        """Return the positions of goods or councils given by ``column`` or ``column_index``."""
        by_name, by_index = self.has(column), self.has(column + INDEX)
        if by_name and by_index:
            raise self.error(f"give either {column!r} (names) or {column + INDEX!r}, not both")
        if by_index:
            return self._checked_positions(column + INDEX, known)
        if not by_name:
            raise self.error(f"missing column {column!r} (names) or {column + INDEX!r} (from 0)")
        if known.names is None:
            raise self.error(
                f"the {known.word}s have no names, give {column + INDEX!r}", column=column
            )
        texts = self._text_column(column)
        found = known.find(texts)
        if found.null_count:
            row = _first_null(found)
            name = texts[row].as_py()
            hint = nearest(name, known.names)
            raise self.error(f"unknown {known.word} {name!r}{hint}", column=column, row=row)
        return _numpy(found).astype(np.int32, copy=False)

    # -- inside -------------------------------------------------------------------------------

    def _checked_positions(self, column: str, known: Names) -> IndexArray:
        positions = self.integers(column)
        if positions.size and (positions.min() < 0 or positions.max() >= known.size):
            row = int(np.flatnonzero((positions < 0) | (positions >= known.size))[0])
            raise self.error(
                f"expected a {known.word} from 0 to {known.size - 1}, got {positions[row]}",
                column=column,
                row=row,
            )
        return positions

    def _column(self, column: str) -> pa.ChunkedArray:
        if not self.has(column):
            present = ", ".join(self._columns.column_names)
            raise self.error(f"missing column {column!r} (present: {present})")
        values = self._columns[column]
        if values.null_count:
            raise self.error("empty cell", column=column, row=_first_null(values))
        return values

    def _text_column(self, column: str) -> pa.ChunkedArray:
        import pyarrow as pa

        values = self._column(column)
        kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise self.error(f"expected text, got {values.type}", column=column)
        return values.cast(pa.string())

    def _converted(self, column: str, kind: Any, expected: str) -> NDArray[Any]:
        """Cast without loss; where that fails, find the first row that is to blame."""
        import pyarrow as pa

        values = self._column(column)
        try:
            return _numpy(values.cast(kind))
        except pa.ArrowInvalid:
            row = _first_uncastable(values, kind)
            raise self.error(
                f"expected {expected}, got {values[row].as_py()!r}", column=column, row=row
            ) from None
        except pa.ArrowNotImplementedError:
            raise self.error(f"expected numbers, got {values.type}", column=column) from None

    def _place(self, row: int) -> str:
        if self.path.suffix == ".csv":
            return f"line {_csv_line(self.path, row)}"
        return f"row {row + 1}"


# -- writing ------------------------------------------------------------------------------------


def write_table(
    directory: Path, stem: str, columns: Mapping[str, Values], file_format: str
) -> None:
    """Write columns of equal length as ``stem.parquet`` or ``stem.csv``."""
    import pyarrow as pa

    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    path = directory / f"{stem}.{file_format}"
    if file_format == "csv":
        from pyarrow.csv import write_csv

        write_csv(table, path)
        return
    from pyarrow.parquet import write_table as write_parquet

    # Dictionaries shorten what repeats (indices, words); measured numbers rarely do.
    repeating = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    write_parquet(
        table,
        path,
        compression="snappy",
        use_dictionary=repeating,
        row_group_size=_ROW_GROUP,
        write_page_checksum=True,
    )


# -- reading ------------------------------------------------------------------------------------


def table_exists(directory: Path, stem: str) -> bool:
    """Whether there is a file of that stem."""
    return any((directory / f"{stem}.{suffix}").is_file() for suffix in FILE_FORMATS)


def read_table(directory: Path, stem: str, *, n_rows: int | None = None) -> Table:
    """Read ``stem.parquet`` or ``stem.csv``.

    n_rows: the number of rows that the manifest announces; another number is an error.

    Raises FormatError if there is neither file, or both, or the one there is cannot be read.
    """
    paths = [directory / f"{stem}.{suffix}" for suffix in FILE_FORMATS]
    present = [path for path in paths if path.is_file()]
    if not present:
        raise FormatError(f"{directory}: missing table {stem}.parquet (or {stem}.csv)")
    if len(present) > 1:
        raise FormatError(f"{directory}: both {stem}.parquet and {stem}.csv, remove one")
    path = present[0]
    table = Table(path, _read_csv(path) if path.suffix == ".csv" else _read_parquet(path))
    if n_rows is not None and table.n_rows != n_rows:
        raise table.error(f"truncated? expected {n_rows:,} rows (manifest), got {table.n_rows:,}")
    return table


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        # Checksums are verified where there are any: other programs may not write them.
        with ParquetFile(path, page_checksum_verification=True) as file:
            return file.read()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"{path}: truncated, damaged or not a Parquet file ({_first(error)})"
        ) from error


def _read_csv(path: Path) -> pa.Table:
    """Read every cell as text, without outer blanks: what a column means is for its reader."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv

    header = _csv_header(path)
    convert = pacsv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
    )
    read = pacsv.ReadOptions(column_names=header, skip_rows=1)
    parse = pacsv.ParseOptions(newlines_in_values=True)
    try:
        table = pacsv.read_csv(
            path, read_options=read, parse_options=parse, convert_options=convert
        )
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path}{_ragged_line(path, len(header))}: {_first(error)}") from error
    columns = [pc.utf8_trim_whitespace(column) for column in table.columns]
    return pa.table(columns, names=header)


def _csv_header(path: Path) -> list[str]:
    """Return the column names; the first line must hold them, each once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {_first(error)}") from error
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise FormatError(f"{path}: expected column names in the first line, got nothing")
    for name in header:
        if not name or header.count(name) > 1:
            raise FormatError(f"{path}: expected distinct column names, got {','.join(header)}")
    return header


def _ragged_line(path: Path, n_cells: int) -> str:
    """Return e.g. ``", line 7: expected 3 cells, got 2"`` for the first row of another length."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        reader = csv.reader(file)
        for cells in reader:
            if cells and len(cells) != n_cells:
                return f", line {reader.line_num}: expected {n_cells} cells, got {len(cells)}"
    return ""


def _csv_line(path: Path, row: int) -> int:
    """Return the line where a data row ends; empty lines are no rows, the header is line 1."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        reader = csv.reader(file)
        seen = -2
        for cells in reader:
            seen += bool(cells)
            if seen == row:
                break
        return reader.line_num


def _numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    return np.ascontiguousarray(column.to_numpy())


def _first_null(column: pa.ChunkedArray) -> int:
    import pyarrow.compute as pc

    return int(pc.index(pc.is_null(column), True).as_py())


def _first_uncastable(column: pa.ChunkedArray, kind: Any) -> int:
    """Return the first row that cannot be cast: halve the range that holds it."""
    import pyarrow as pa

    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            column.slice(low, middle - low).cast(kind)
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _first(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
