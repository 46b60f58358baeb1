"""``parecon plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, explaining, options
from parecon.cli.progress import Progress
from parecon.settings import METHODS, Settings

if TYPE_CHECKING:
    from parecon.economies.us_2012 import Summary
    from parecon.economy import Economy
    from parecon.plan import Plan

_DEFAULTS = Settings()


@click.command(epilog=exits.HELP)
@options.economy_argument
@click.option("-o", "--output", metavar="DIR", help="Write the plan there.")
@click.option("--csv", is_flag=True, help="Its tables as CSV.")
@click.option(
    "--tol",
    type=float,
    default=_DEFAULTS.tol,
    show_default=True,
    help="Bound on the worst relative shortage, surplus value, zero-profit residual and gap.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=_DEFAULTS.method,
    show_default=True,
    help="Newton in log prices for smooth families, interior point for all.",
)
@click.option("--threads", type=int, help="Threads of the kernels.  [default: every core]")
@click.option("--time-limit", type=float, metavar="SECONDS", help="Stop then with what there is.")
@click.option(
    "--max-iterations",
    type=int,
    default=_DEFAULTS.max_iterations,
    show_default=True,
    help="Stop then with what there is.",
)
@click.option(
    "--certify/--no-certify",
    default=None,
    help="Judge the plan from the original data.  [default: unless the economy is large]",
)
@options.as_json
@options.quiet
def plan(
    economy: str,
    output: str | None,
    csv: bool,
    tol: float,
    method: str,
    threads: int | None,
    time_limit: float | None,
    max_iterations: int,
    certify: bool | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Plan ECONOMY and show the plan.

    Ctrl-C stops with the best feasible plan so far; a second Ctrl-C stops at once.
    """
    settings = Settings(
        tol=tol,
        method=method,
        n_threads=threads,
        time_limit_s=time_limit,
        max_iterations=max_iterations,
        certify=certify,
    )
    if output is not None:
        _check_output(output)
    with Progress(tol=settings.tol, quiet=quiet) as progress:
        progress.phase("reading")
        loaded = options.load_economy(economy)
        progress.phase("planning")
        found = _solve(loaded, settings, progress)
        if output is not None:
            progress.phase("writing")
            found.save(output, file_format="csv" if csv else "parquet")
            explaining.note_economy(output, economy)
    summary = _summary(found) if options.is_bundled(economy) else None
    if as_json:
        from parecon.cli import documents

        documents.write(
            "plan", documents.of_plan(found, name=economy, saved=output, summary=summary)
        )
    else:
        from parecon.cli import report

        report.show_plan(found, name=economy, saved=output, summary=summary)
    return exits.of_status(found.status)


def _check_output(output: str) -> None:
    """Refuse before the work, not after it."""
    from parecon.storage.directory import PLAN, check_replaceable

    check_replaceable(output, PLAN)


def _solve(economy: Economy, settings: Settings, progress: Progress) -> Plan:
    from parecon.solve import Solver

    watched: Any = {"log": progress.log, "callback": progress.callback}
    return Solver(economy, settings.replace(**watched)).solve()


def _summary(plan: Plan) -> Summary | None:
    """Compare with the benchmark that bundled economies carry; nothing where no plan exists."""
    from parecon.economies import us_2012
    from parecon.status import Status

    if plan.status in (Status.INFEASIBLE, Status.INVALID):
        return None
    return us_2012.summary(plan)
