"""The journal of a board: an SQLite file to which every announcement and proposal is appended.

One transaction per call of the board, on disk before the call returns (write-ahead log, full
synchronisation). A lock file beside the journal keeps a second board away; anybody may read the
journal meanwhile. docs/facilitator.md describes the tables.
"""

from __future__ import annotations

import fcntl
import io
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon.errors import JournalError
from parecon.facilitator.checks import Told
from parecon.facilitator.records import ACCEPTED, Array

FORMAT = 1
_APPLICATION = 0x70617265  # "pare", in the header of the file
_LOCK = "-lock"

_TABLES = {
    "board": "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    "rule": (
        "seq INTEGER PRIMARY KEY, time TEXT NOT NULL, round INTEGER NOT NULL, "
        "name TEXT NOT NULL, by_name INTEGER NOT NULL, state BLOB NOT NULL"
    ),
    "council": (
        "seq INTEGER PRIMARY KEY, time TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, "
        "budget REAL"
    ),
    "announcement": (
        "round INTEGER PRIMARY KEY, time TEXT NOT NULL, proposals INTEGER NOT NULL, "
        "settled INTEGER NOT NULL, worst_good TEXT, worst_imbalance REAL, price BLOB NOT NULL, "
        "state BLOB NOT NULL"
    ),
    "proposal": (
        "seq INTEGER PRIMARY KEY, time TEXT NOT NULL, council TEXT, round INTEGER, "
        "outcome TEXT NOT NULL, reason TEXT, supply BLOB, demand BLOB, sensitivity BLOB"
    ),
}
_COLUMNS = {
    "board": "key, value",
    "rule": "time, round, name, by_name, state",
    "council": "time, name, kind, budget",
    # the proposals that stood in the journal when the announcement was made
    "announcement": "time, round, settled, worst_good, worst_imbalance, price, state, proposals",
    "proposal": "time, council, round, outcome, reason, supply, demand, sensitivity",
}
_COUNT = "(SELECT coalesce(max(seq), 0) FROM proposal)"


def now() -> str:
    """The time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Journal:
    """An open journal. `create` and `open` make one; `write` appends, the rest reads.

    Every method raises JournalError where the file does not allow it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.path, self._connection, self._lock = path, connection, lock

    @classmethod
    def create(cls, path: str | os.PathLike[str], tables: Mapping[str, Iterable[Any]]) -> Journal:
        """A new journal with these first rows; a file that holds anything is left alone."""
        journal = cls._connect(Path(path), must_exist=False)
        try:
            with journal._speaking():
                journal._begin(tables)
        except JournalError:
            journal.close()
            raise
        return journal

    def _begin(self, tables: Mapping[str, Iterable[Any]]) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        if not self._empty():
            raise JournalError(
                f"{self.path}: there is a file already; Facilitator.open continues a journal"
            )
        self._connection.execute("PRAGMA journal_mode = WAL")
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for table, columns in _TABLES.items():
                self._connection.execute(f"CREATE TABLE {table} ({columns})")
                for change in ("UPDATE", "DELETE"):
                    self._connection.execute(
                        f"CREATE TRIGGER no_{change.lower()}_of_{table} BEFORE {change} ON {table} "
                        "BEGIN SELECT RAISE(ABORT, 'a journal is only appended to'); END"
                    )
            self._connection.execute("CREATE INDEX word ON proposal (council, outcome, seq)")
            self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._connection.execute(f"PRAGMA user_version = {FORMAT}")
            self._insert(tables)

    def _empty(self) -> bool:
        """Whether nothing was ever committed."""
        return not (self._value("SELECT count(*) FROM sqlite_schema") or self._application())

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Journal:
        """A journal that exists, of a format that is known, that no other board has open."""
        path = Path(path)
        if not path.is_file():
            raise JournalError(f"{path}: there is no journal")
        journal = cls._connect(path, must_exist=True)
        try:
            with journal._speaking():
                journal._check()
        except JournalError:
            journal.close()
            raise
        return journal

    def _check(self) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        if self._empty():
            raise JournalError(
                f"{self.path}: holds nothing yet, as where a board was stopped before its first "
                "announcement; Facilitator(..., journal=...) begins it anew"
            )
        if self._application() != _APPLICATION:
            raise JournalError(f"{self.path}: this is not the journal of a facilitation board")
        version = self._value("PRAGMA user_version")
        if version > FORMAT:
            raise JournalError(
                f"{self.path}: written by a newer parecon (format {version}, this one reads "
                f"{FORMAT}); upgrade parecon"
            )

    @classmethod
    def _connect(cls, path: Path, *, must_exist: bool) -> Journal:
        lock = _locked(path)
        try:
            mode = "rw" if must_exist else "rwc"
            # the board has its own lock around every call; transactions are begun by hand
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            os.close(lock)
            raise JournalError(f"{path}: cannot be opened: {error}") from error
        return cls(path, connection, lock)

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        if self._lock < 0:
            return
        self._connection.close()
        _unlock(self.path, self._lock)
        self._lock = -1

    # -- writing ------------------------------------------------------------------------------

    def write(self, tables: Mapping[str, Iterable[Any]]) -> None:
        """Append rows, all of them or none; on disk when this returns.

        tables : per table the rows, in the order of `_COLUMNS`.
        """
        with self._speaking(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._insert(tables)

    def _insert(self, tables: Mapping[str, Iterable[Any]]) -> None:
        for table, rows in tables.items():
            columns = _COLUMNS[table]
            values = ["?"] * (columns.count(",") + 1)
            if table == "announcement":
                values[-1] = _COUNT
            statement = f"INSERT INTO {table} ({columns}) VALUES ({', '.join(values)})"
            self._connection.executemany(statement, rows)

    # -- reading ------------------------------------------------------------------------------

    def rows(self, table: str, columns: str, *, last: bool = False) -> list[tuple[Any, ...]]:
        """These columns of all rows of a table, or of the last, in the order of writing."""
        order = "ORDER BY rowid DESC LIMIT 1" if last else "ORDER BY rowid"
        with self._speaking():
            return self._connection.execute(f"SELECT {columns} FROM {table} {order}").fetchall()

    def words(self, after: int, until: int | None) -> list[tuple[Any, ...]]:
        """(council, round, supply, demand, sensitivity) of the last accepted proposal of each.

        after, until : numbers of proposals; those that follow the first, up to the second.
        The sums of all councils are of the council None.
        """
        most = 2**62 if until is None else until
        accepted = ", ".join(f"'{outcome}'" for outcome in ACCEPTED)
        with self._speaking():
            cursor = self._connection.execute(
                "SELECT council, round, supply, demand, sensitivity FROM proposal WHERE seq IN "
                f"(SELECT max(seq) FROM proposal WHERE outcome IN ({accepted}) AND seq > ? "
                "AND seq <= ? GROUP BY council) ORDER BY seq",
                (after, most),
            )
            return cursor.fetchall()

    # -- inside -------------------------------------------------------------------------------

    def _value(self, statement: str) -> int:
        return int(self._connection.execute(statement).fetchone()[0])

    def _application(self) -> int:
        return self._value("PRAGMA application_id")

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """What SQLite complains of, in the words of the user."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise JournalError(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                message = "this is not the journal of a facilitation board"
            else:
                message = f"the journal is damaged ({error})"
            raise JournalError(f"{self.path}: {message}") from error


def _locked(path: Path) -> int:
    """Hold the lock file of this journal; the kernel lets go of it when the process ends."""
    name = f"{path}{_LOCK}"
    while True:
        try:
            lock = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise JournalError(f"{path}: cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise JournalError(f"{path}: another board has this journal open") from error
        # whoever held it before may have removed the file after we opened it
        if Path(name).exists() and os.path.samestat(os.fstat(lock), Path(name).stat()):
            return lock
        os.close(lock)


def _unlock(path: Path, lock: int) -> None:
    Path(f"{path}{_LOCK}").unlink(missing_ok=True)
    os.close(lock)


# -- numbers as bytes: little-endian, int32 goods and float64 quantities ---------------------------


def quantities_to_bytes(rows: sp.csr_array) -> Iterator[bytes]:
    """Each row of a CSR matrix: the numbers of its goods, then the quantities."""
    goods, quantities = rows.indices.astype("<i4"), rows.data.astype("<f8")
    for start, end in zip(rows.indptr[:-1].tolist(), rows.indptr[1:].tolist(), strict=True):
        yield goods[start:end].tobytes() + quantities[start:end].tobytes()


def quantities_from_bytes(rows: Sequence[bytes], n_goods: int) -> sp.csr_array:
    """The (rows, n) CSR matrix that was written. Raises ValueError if it was none."""
    count = [divmod(len(row), 12) for row in rows]
    if any(rest for _, rest in count):
        raise ValueError("a row of quantities is cut off")
    length = [entries for entries, _ in count]
    good = b"".join(row[: 4 * k] for row, k in zip(rows, length, strict=True))
    quantity = b"".join(row[4 * k :] for row, k in zip(rows, length, strict=True))
    indices = np.frombuffer(good, dtype="<i4").astype(np.int32)
    if indices.size and (indices.min() < 0 or indices.max() >= n_goods):
        raise ValueError("a row of quantities names a good that there is not")
    indptr = np.concatenate([[0], np.cumsum(length, dtype=np.int64)])
    data = np.frombuffer(quantity, dtype="<f8").astype(np.float64)
    return sp.csr_array((data, indices, indptr), shape=(len(rows), n_goods))


def proposal_rows(
    councils: Sequence[str | None], round: int, outcomes: Sequence[str], told: Told
) -> Iterator[tuple[Any, ...]]:
    """Rows of the table of proposals."""
    time = now()
    nothing = [None] * len(councils)
    sides = (told.supply, told.demand, told.sensitivity)
    columns = (nothing if side is None else quantities_to_bytes(side) for side in sides)
    for council, outcome, supply, demand, sensitivity in zip(
        councils, outcomes, *columns, strict=True
    ):
        yield time, council, round, outcome, None, supply, demand, sensitivity


def price_to_bytes(price: Array) -> bytes:
    """float64, one per good."""
    return price.astype("<f8").tobytes()


def price_from_bytes(raw: bytes, n_goods: int) -> Array:
    """(n,) read-only. Raises ValueError if these are not as many numbers."""
    price = np.frombuffer(raw, dtype="<f8").astype(np.float64)
    if len(price) != n_goods:
        raise ValueError(f"{len(price)} prices for {n_goods} goods")
    price.flags.writeable = False
    return price


def state_to_bytes(state: Mapping[str, Any]) -> bytes:
    """A rule's state as a NumPy archive. Raises ValueError for what is no array of numbers."""
    file = io.BytesIO()
    arrays = {name: np.asarray(value) for name, value in state.items()}
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name!r} is not an array of numbers")
    # a prefix, as `savez` has arguments of its own that a state might be named like
    np.savez(file, **{f"state {name}": array for name, array in arrays.items()})  # type: ignore[arg-type]
    return file.getvalue()


def state_from_bytes(raw: bytes) -> dict[str, Any]:
    """The state that was written."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        return {name.removeprefix("state "): archive[name] for name in archive.files}
