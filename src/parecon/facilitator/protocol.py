"""A board driven by messages: a request in, an answer out, both as JSON has them.

docs/protocol.md specifies the messages. Nothing here reads or writes a stream; `lines` turns lines
into requests and answers into lines, and whoever owns the streams (the command line, a socket)
carries them.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon import rules
from parecon._version import __version__
from parecon.errors import (
    BoardError,
    PareconError,
    ProposalError,
    ProtocolError,
    UnknownGoodError,
)
from parecon.facilitator.answers import SIDES, Answer, announced, per_good, refusal
from parecon.facilitator.board import Facilitator
from parecon.facilitator.definition import check_same
from parecon.facilitator.lines import MAX_LINE_BYTES
from parecon.facilitator.records import POLICIES, Council
from parecon.facilitator.requests import REQUESTS, VERSION, read, read_id
from parecon.goods import Goods
from parecon.rules import CURVATURE


class Session:
    """One client's conversation with the board of a journal.

    A board that the journal holds already is open from the start; otherwise the request `open`
    makes it.

    journal : path of the journal, or None for a board in memory.
    defaults : values of fields of `open` (rule, policy, threshold) that hold unless a request says
        otherwise. A board that is there already must agree with them.

    Raises JournalError where there is a file that is no journal, or is in use; BoardError or
    RuleError where defaults are wrong, or differ from the board that is there.
    """

    def __init__(
        self, journal: str | Path | None, *, defaults: Mapping[str, Any] | None = None
    ) -> None:
        self._journal = None if journal is None else Path(journal)
        self._defaults = dict(defaults or {})
        Facilitator(Goods(1), 1.0, **self._defaults).close()  # wrong defaults are refused at once
        self._closed = False
        self._board: Facilitator | None = None
        self._reopened = False
        if self._journal is not None and _holds_something(self._journal):
            self._board = Facilitator.open(self._journal)
            self._reopened = True
            try:
                check_same(self._board, self._defaults)
            except PareconError:
                self.close()
                raise

    @property
    def board(self) -> Facilitator | None:
        """The board; None until there is one."""
        return self._board

    @property
    def closed(self) -> bool:
        """Whether `close` was asked for: nothing more will be answered."""
        return self._closed

    def close(self) -> None:
        """Let go of the journal; a second call does nothing."""
        self._closed = True
        if self._board is not None:
            self._board.close()

    def answer(self, message: Any) -> Answer:
        """Answer one request, given as the JSON value of its line.

        What is wrong with it is an answer too, with ``ok`` false; the board is then as before.
        """
        echo: Answer = {}
        request = None
        try:
            echo = read_id(message)
            request = read(message)
            if self._closed:
                raise ProtocolError("the session is closed")
            found = _ANSWERS[request.do](self, request.given)
        except PareconError as error:
            goods = None if self._board is None else self._board.goods
            return {**echo, **refusal(error, request, goods)}
        return {**echo, "ok": True, **found}

    # -- the session --------------------------------------------------------------------------

    def _hello(self, given: Mapping[str, Any]) -> Answer:
        if given.get("protocol", VERSION) != VERSION:
            raise ProtocolError(
                f"hello: this is version {VERSION} of the protocol, asked for {given['protocol']}"
            )
        return {
            "protocol": VERSION,
            "parecon": __version__,
            "requests": list(REQUESTS),
            "rules": [name for name in rules.NAMES if CURVATURE not in rules.make(name).sees],
            "policies": list(POLICIES),
            "max_line_bytes": MAX_LINE_BYTES,
            "open": self._board is not None,
        }

    def _open(self, given: Mapping[str, Any]) -> Answer:
        if self._board is None:
            self._board = self._new_board({**self._defaults, **given})
        else:
            check_same(self._board, given)
        board = self._board
        return {
            "reopened": self._reopened,
            "goods": list(board.goods.names),
            "rule": board.rule,
            "policy": board.policy,
            "threshold": board.threshold,
            "councils": len(board.councils),
            "round": board.round,
            "settled": board.settled,
        }

    def _new_board(self, definition: dict[str, Any]) -> Facilitator:
        for name in ("goods", "start_price"):
            if name not in definition:
                raise ProtocolError(f"open: {name} is missing; the journal holds no board yet")
        councils = [Council(**council) for council in definition.pop("councils", ())]
        return Facilitator(**definition, councils=councils, journal=self._journal)

    def _close(self, given: Mapping[str, Any]) -> Answer:
        self.close()
        return {"closed": True}

    # -- the board ----------------------------------------------------------------------------

    def _working(self) -> Facilitator:
        if self._board is None:
            raise BoardError("there is no board yet: `open` makes one")
        return self._board

    def _ask(self, given: Mapping[str, Any]) -> Answer:
        return announced(self._working().ask(), given)

    def _adjust(self, given: Mapping[str, Any]) -> Answer:
        return announced(self._working().adjust(), given)

    def _tell(self, given: Mapping[str, Any]) -> Answer:
        receipt = self._working().tell(**given)
        return {**dataclasses.asdict(receipt), "flags": list(receipt.flags)}

    def _tell_many(self, given: Mapping[str, Any]) -> Answer:
        board = self._working()
        councils = given["councils"]
        told = {side: _matrix(board.goods, councils, given.get(side), side) for side in SIDES}
        receipts = board.tell_many(councils, **told, round=given.get("round"))
        return {
            "councils": receipts.n_councils,
            "round": receipts.round,
            "outcomes": dict(receipts.outcomes),
            "flags": list(receipts.flags),
        }

    def _tell_sums(self, given: Mapping[str, Any]) -> Answer:
        receipt = self._working().tell_sums(**given)
        return {"round": receipt.round, "outcome": receipt.outcome}

    def _register(self, given: Mapping[str, Any]) -> Answer:
        board = self._working()
        board.register(Council(**council) for council in given["councils"])
        return {"councils": len(board.councils)}

    def _change_rule(self, given: Mapping[str, Any]) -> Answer:
        board = self._working()
        board.change_rule(given["rule"])
        return {"rule": board.rule, "round": board.round}

    def _status(self, given: Mapping[str, Any]) -> Answer:
        status = self._working().status()
        return {
            **dataclasses.asdict(status),
            "feasible": status.feasible,
            "shortage_share": status.shortage_share,
        }

    def _sums(self, given: Mapping[str, Any]) -> Answer:
        board = self._working()
        sums = board.sums()
        vectors = {
            "price": sums.price,
            "supply": sums.supply,
            "demand": sums.demand,
            "sensitivity": sums.sensitivity,
            "imbalance": board.imbalance(),
        }
        values = {name: per_good(board.goods, v, given) for name, v in vectors.items()}
        return {"round": board.status().round, **values}

    def _flags(self, given: Mapping[str, Any]) -> Answer:
        return {"flags": list(self._working().flags())}

    def _advice(self, given: Mapping[str, Any]) -> Answer:
        return {"advice": list(self._working().advice())}

    def _deliver(self, given: Mapping[str, Any]) -> Answer:
        board = self._working()
        plan = board.deliver()
        return {
            "round": plan.round,
            "fractions": dict(plan.fractions),
            "consumed": dict(plan.consumed),
            **{
                name: per_good(board.goods, getattr(plan, name), given)
                for name in ("price", "supply", "demand")
            },
            "undelivered": dict(plan.undelivered),
        }


_ANSWERS: dict[str, Callable[[Session, Mapping[str, Any]], Answer]] = {
    do: getattr(Session, f"_{do}") for do in REQUESTS
}


def _matrix(goods: Goods, councils: list[str], rows: list[Any] | None, side: str) -> Any:
    """Return rows of one side of `tell_many` as a (k, n) matrix. Raises ProposalError."""
    if rows is None:
        return None
    if len(rows) != len(councils):
        raise ProposalError(f"{side}: expected {len(councils):,} rows, got {len(rows):,}")
    if not rows or not isinstance(rows[0], dict):
        for council, row in zip(councils, rows, strict=True):
            if len(row) != len(goods):
                counts = f"expected {len(goods):,} numbers, got {len(row):,}"
                raise ProposalError(f"council {council!r}: {side}: {counts}")
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(goods))
    index = []
    for council, row in zip(councils, rows, strict=True):
        try:
            index.append(goods.index(row.keys()))
        except UnknownGoodError as error:
            raise ProposalError(f"council {council!r}: {side}: {error}") from error
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    data = np.array([number for row in rows for number in row.values()], dtype=np.float64)
    columns = np.concatenate(index).astype(np.int32)
    return sp.csr_array((data, columns, indptr), shape=(len(rows), len(goods)))


def _holds_something(path: Path) -> bool:
    """Whether a file is more than what is left of a journal whose making was cut short."""
    if not path.is_file() or path.stat().st_size == 0:
        return path.exists() and not path.is_file()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as file:
            tables = file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            return bool(tables or file.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.Error:
        return True  # whoever opens it will say what is wrong
