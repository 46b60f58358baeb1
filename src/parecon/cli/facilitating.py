"""``parecon facilitate``: a board on standard input and output, one JSON object per line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import click

from parecon.cli import exits, options
from parecon.errors import JournalError, ProtocolError

if TYPE_CHECKING:
    from parecon.facilitator.protocol import Session

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXITS = """\b
Exit codes:
  0    the input ended, or the client asked to close
  1    internal error
  2    wrong input: journal or option; the input was cut off in the middle of a line
  130  Ctrl-C
  143  SIGTERM"""


@click.command(epilog=_EXITS, short_help="Run a board that other programs drive.")
@click.option("--journal", metavar="FILE", required=True, help="Where everything is written down.")
@click.option(
    "--stdio",
    is_flag=True,
    help="Speak on standard input and output (docs/protocol.md).",
)
@click.option(
    "--rule", help="How prices are adjusted, unless the client says.  [default: anderson]"
)
@click.option(
    "--policy",
    help="What counts of a council that has not answered: carry, leave out or wait.  "
    "[default: carry]",
)
@click.option(
    "--threshold",
    type=options.SHARE,
    help="Imbalance below which proposals fit together, such as 0.01 or 1%.  [default: 5%]",
)
@options.quiet
def facilitate(
    journal: str,
    stdio: bool,
    rule: str | None,
    policy: str | None,
    threshold: float | None,
    quiet: bool,
) -> int:
    """Run a facilitation board for councils that another program plays.

    One request per line comes in, one answer per line goes out (docs/protocol.md). FILE is the
    board's journal: started again with it, the board goes on where it was.
    """
    from parecon.facilitator.protocol import Session

    if not stdio:
        raise click.UsageError("--stdio is missing: it is the only way to speak with a board yet.")
    folder = Path(journal).absolute().parent
    if not folder.is_dir():
        raise JournalError(f"{journal}: there is no folder {folder}")
    defaults = {"rule": rule, "policy": policy, "threshold": threshold}
    given = {name: value for name, value in defaults.items() if value is not None}
    session = Session(journal, defaults=given)
    diary = _Diary(session, journal, quiet=quiet)
    diary.begin()
    try:
        with _Stop() as stop:
            return _converse(session, sys.stdin.buffer, sys.stdout.buffer, stop, diary)
    finally:
        session.close()
        diary.end()


def _converse(
    session: Session, requests: BinaryIO, answers: BinaryIO, stop: _Stop, diary: _Diary
) -> int:
    """Answer line by line until the end of input, `close`, or a signal; return the exit code."""
    from parecon.facilitator import lines
    from parecon.facilitator.answers import refusal

    code = exits.SOLVED
    while not session.closed:
        line = b""
        try:
            with stop.while_waiting():
                line = lines.read_line(requests) or b""
            if not line:
                return code
            answer = session.answer(lines.decode(line))
        except ProtocolError as error:
            answer = refusal(error)
            if line and not line.endswith(b"\n"):
                code = exits.WRONG_INPUT  # the input was cut off; nothing follows
        except _Stopped as stopped:
            return exits.SIGNALLED + stopped.number
        answers.write(lines.encode(answer))
        answers.flush()
        diary.note(answer)
    return code


class _Stopped(Exception):  # noqa: N818 - not an error
    """A signal asked to stop."""

    def __init__(self, number: int) -> None:
        self.number = number


class _Stop:
    """Ctrl-C and SIGTERM end a wait for the next request at once, and work once it is done.

    A second signal ends the process, whatever it does.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._waiting = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._asked) for number in _SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def while_waiting(self) -> Iterator[None]:
        """Here a signal raises _Stopped, also one that came before."""
        self._waiting = True
        try:
            if self._number is not None:
                raise _Stopped(self._number)
            yield
        finally:
            self._waiting = False

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self._number = number
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        if self._waiting:
            raise _Stopped(number)


class _Diary:
    """What people may want to read on stderr: new rounds, and what was refused."""

    def __init__(self, session: Session, journal: str, *, quiet: bool) -> None:
        self._session, self._journal, self._quiet = session, journal, quiet
        self._round = 0

    def begin(self) -> None:
        """Say what there is."""
        board = self._session.board
        if board is None:
            self._say(f"{self._journal}: no board yet")
            return
        self._round = board.round
        settled = ", settled" if board.settled else ""
        self._say(f"{self._journal}: reopened in round {board.round}{settled}")

    def note(self, answer: Mapping[str, Any]) -> None:
        """Say what an answer means, if it is news."""
        if not answer["ok"]:
            error = answer["error"]
            self._say(f"refused: {error['type']}: {error['message']}")
        board = self._session.board
        if board is None or board.round == self._round:
            return
        self._round = board.round
        if answer.get("worst_good") is None:
            self._say(f"round {board.round}")
            return
        settled = "; settled" if board.settled else ""
        worst = f"{answer['worst_imbalance']:.3%} ({answer['worst_good']})"
        self._say(f"round {board.round}: worst imbalance before {worst}{settled}")

    def end(self) -> None:
        """Say where things stand."""
        if self._round:
            self._say(f"{self._journal}: ended in round {self._round}")

    def _say(self, line: str) -> None:
        if not self._quiet:
            click.echo(f"parecon: {' '.join(line.split())}", err=True)
