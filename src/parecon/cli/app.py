"""The group of commands, and how errors end: one line on stderr, an exit code, a document."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NoReturn

import click

from parecon._version import __version__
from parecon.cli import (
    certifying,
    exits,
    experimenting,
    facilitating,
    generating,
    planning,
    reporting,
    scenarios,
    showing,
    simulating,
)
from parecon.errors import PareconError

_TRACEBACK = "PARECON_TRACEBACK"


class _Parecon(click.Group):
    """A group whose commands return exit codes and whose errors are one line."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run and exit; see `exits.HELP` for the codes."""
        words = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = super().main(args, *rest, **extra)
        except click.ClickException as error:
            code = _fail(words, "UsageError", error.format_message())
        except click.Abort:
            code = _fail(words, "Interrupted", "interrupted", exits.INTERRUPTED)
        except PareconError as error:
            code = _fail(words, type(error).__name__, str(error))
        except OSError as error:
            where = error.filename or "file system"
            code = _fail(words, "OSError", f"{where}: {error.strerror or error}")
        sys.exit(code or exits.SOLVED)


@click.group(
    cls=_Parecon,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exits.HELP,
)
@click.version_option(__version__, prog_name="parecon", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Plan an economy: prices and one feasible proposal for every council, with proof of how good
    the plan is.

    ECONOMY is a directory (docs/format.md) or the name of an economy that comes with parecon, such
    as us-2012.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


cli.add_command(planning.plan)
cli.add_command(certifying.certify)
cli.add_command(scenarios.scenario)
cli.add_command(simulating.simulate)
cli.add_command(showing.show)
cli.add_command(reporting.report)
cli.add_command(generating.generate)
cli.add_command(facilitating.facilitate)
cli.add_command(experimenting.experiment)


def main() -> NoReturn:
    """Entry point of the ``parecon`` command."""
    sys.excepthook = _report_internal
    if hasattr(signal, "SIGPIPE"):
        # Whoever reads our stdout may leave (`parecon show x | head`): end quietly, as tools do.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    cli.main(prog_name="parecon")


def _fail(words: list[str], kind: str, message: str, code: int = exits.WRONG_INPUT) -> int:
    line = " ".join(message.split())  # one line, whatever the message was made of
    click.echo(f"parecon: {line}", err=True)
    _tell(words, kind, line, code)
    return code


def _tell(words: list[str], kind: str, message: str, code: int) -> None:
    """Where a document was asked for, it tells the error."""
    if "--json" not in words:
        return
    from parecon.cli import documents

    # the first word that names a command: options may stand before it
    command = next((word for word in words if word in cli.commands), None)
    error = {"type": kind, "message": message, "exit_code": code}
    documents.write(command, {"error": error})


def _report_internal(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say in one line what is a fault of parecon itself; the interpreter then exits with 1."""
    if os.environ.get(_TRACEBACK):
        sys.__excepthook__(kind, error, trace)
        return
    text = " ".join(str(error).split())
    click.echo(
        f"parecon: internal error: {kind.__name__}: {text} (set {_TRACEBACK}=1 to see where)",
        err=True,
    )
    _tell(sys.argv[1:], kind.__name__, f"internal error: {text}", exits.INTERNAL)
