"""Boards that are killed: run as a program, a child for each place where a kill can strike.

Each child drives the same board through the same calls, writes a line to a file for every call that
has returned, and is killed by SIGKILL just as SQLite begins its k-th statement.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from functools import partial
from pathlib import Path

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).parents[1]))

from facilitator import village
from facilitator.boards import village_board

BULK = 20


def bulk(board):
    """Many newcomers, by matrices."""
    rng = np.random.default_rng(5)
    quantity = rng.uniform(size=(BULK, len(village.GOODS)))
    names = [f"newcomer {i}" for i in range(BULK)]
    board.tell_many(names, sp.csr_array(quantity * (quantity > 0.7)), quantity[:, ::-1])


def tell(council, board):
    """Its answer to the open announcement."""
    board.tell(council.name, **council.answer(board.ask().prices))


def adjust(round, board):
    """Close this round, if it is not closed already."""
    if board.round == round:
        board.adjust()


def calls():
    """What is done to every board, each a change that can be asked for twice."""
    everybody = [partial(tell, council) for council in village.COUNCILS]
    return [
        *everybody[:5],
        partial(adjust, 1),
        *everybody[3:6],
        partial(adjust, 2),
        bulk,
        partial(adjust, 3),
        lambda board: board.tell("smithy", supply={"tools": 3.0}, round=2),
        lambda board: board.tell("smithy", supply={"tools": 2.0}),
        partial(adjust, 4),
    ]


BULK_CALL = 10


def killed_at(place: int, folder: Path) -> None:
    """Play the part of a board that is killed at its `place`-th statement."""
    statements = 0

    def count(_statement):
        nonlocal statements
        statements += 1
        if statements == place:
            os.kill(os.getpid(), signal.SIGKILL)

    connect = sqlite3.connect

    def traced(*args, **options):
        connection = connect(*args, **options)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = traced
    with (folder / f"{place}.acknowledged").open("w", encoding="utf-8") as acknowledged:
        board = village_board(journal=folder / f"{place}.sqlite")
        print("made", file=acknowledged, flush=True)
        for number, call in enumerate(calls()):
            call(board)
            print(number, file=acknowledged, flush=True)


def main(folder: Path) -> None:
    village_board()  # what is imported now need not be imported by every child
    place, alive = 0, True
    while alive:
        place += 4
        child = os.fork()
        if child == 0:
            killed_at(place, folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        alive = os.WIFSIGNALED(status)
        assert alive or os.WEXITSTATUS(status) == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
