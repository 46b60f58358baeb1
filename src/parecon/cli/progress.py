"""What stderr shows meanwhile: the log of iterations or rounds and, on a terminal, a bar."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

if TYPE_CHECKING:
    from parecon.plan import Info
    from parecon.procedure import Round


class Progress:
    """Context manager that offers `log` and `callback` to a solver, `round` to a procedure.

    tol : what the bar runs towards. quiet : say nothing at all.
    """

    def __init__(self, *, tol: float, quiet: bool) -> None:
        self._tol = tol
        self._quiet = quiet
        self._bar: Any = None
        self._first: float | None = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task("", total=1.0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def log(self) -> Callable[[str], None] | None:
        """Takes the lines of the iteration log; None where nothing shall be said."""
        return None if self._quiet else self._line

    @property
    def callback(self) -> Callable[[Info], None] | None:
        """Moves the bar; None where there is none."""
        return None if self._bar is None else self._moved

    def phase(self, name: str) -> None:
        """Tell, where there is a bar, what is going on."""
        if self._bar is not None:
            self._bar.update(self._task, description=name)

    def round(self, entry: Round) -> None:
        """Log one round of a procedure, and move the bar."""
        from parecon.iteration_log import HEADER_EVERY
        from parecon.procedure import rounds_text

        if not self._quiet:
            if entry.round % HEADER_EVERY == 1:
                self._line(rounds_text.header())
            self._line(rounds_text.row(entry))
        if self._bar is not None:
            self._advance(entry.worst_imbalance, f"round {entry.round}")

    def part(self, done: int, of: int) -> None:
        """Log that so many parts of the work are done, and move the bar."""
        if self._bar is None and not self._quiet:
            self._line(f"{done:,} of {of:,} done")
        elif self._bar is not None:
            self._bar.update(self._task, completed=done / of, description=f"{done:,} of {of:,}")

    def _line(self, line: str) -> None:
        if self._bar is not None:
            # Above the bar, which redraws itself below.
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(line, err=True)

    def _moved(self, info: Info) -> None:
        self._advance(worst_measure(info), f"iteration {info.iteration}")

    def _advance(self, worst: float, description: str) -> None:
        if self._first is None:
            self._first = worst
        done = fraction_done(self._first, worst, self._tol)
        self._bar.update(self._task, completed=done, description=description)


def worst_measure(info: Info) -> float:
    """Return the largest of the measures that the tolerance bounds."""
    measures = (abs(info.gap), info.shortage, info.surplus, info.zero_profit)
    return max(value for value in (*measures, 0.0) if not math.isnan(value))


def fraction_done(first: float, worst: float, tol: float) -> float:
    """Return how far on the way from ``first`` to ``tol`` the worst measure is, in logarithms.

    Orders of magnitude take about equal time, which makes this a fair bar.
    """
    start = min(max(first, tol), 1.0)
    if worst <= tol or start <= tol:
        return 1.0
    return min(max(math.log(start / worst) / math.log(start / tol), 0.0), 1.0)


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        # Our own process writes through the bar's console; others keep their streams.
        redirect_stdout=False,
        redirect_stderr=False,
    )
