"""What tests of the board share: driving it, and looking at everything it knows."""

from __future__ import annotations

import parecon as pe
from facilitator import village


def village_board(rule="anderson", **options):
    """A board for the village of ten councils, every one of them known."""
    options.setdefault("councils", village.known(pe))
    return pe.Facilitator(village.GOODS, 10.0, rule, endowment=village.ENDOWMENT, **options)


def tell_all(board, *, sensitivity=True, order=None):
    """Everybody answers the open announcement, in this order of names."""
    told = village.answers(board.ask().prices, sensitivity=sensitivity)
    for name in order or told:
        board.tell(name, **told[name])


def drive(board, rounds, **options):
    """Announcements and answers; the last is announced and not answered."""
    for _ in range(rounds):
        tell_all(board, **options)
    return board.ask()


def everything(board):
    """All that a board knows, bit for bit."""
    state = board._state
    ledger, word = state.ledger, state.open_standing().word
    rows = [matrix.take(range(len(ledger.councils))) for matrix in ledger._rows.values()]
    arrays = [*state.prices, ledger.answered, ledger._sensed[: len(ledger.councils)]]
    arrays += [part for m in [*rows, word.supply] for part in (m.indptr, m.indices, m.data)]
    arrays += [part for _, part in sorted(state.rule.state().items())]
    closed = () if state.closed is None else state.closed.sums.supply.tobytes()
    return [array.tobytes() for array in arrays], list(ledger.councils), closed, board.status()
