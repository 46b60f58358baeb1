"""``parecon simulate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options
from parecon.cli.progress import Progress

if TYPE_CHECKING:
    from parecon.procedure import Rounds


@click.command(epilog=exits.HELP, short_help="Run the procedure round by round.")
@options.economy_argument
@click.option(
    "--rule",
    default="anderson",
    show_default=True,
    help="How prices are adjusted: book, proportional, elasticity, anderson or newton.",
)
@click.option(
    "--threshold",
    type=options.SHARE,
    default="5%",
    show_default=True,
    help="Stop when the imbalance of every good is below it; .05 is the same.",
)
@click.option(
    "--start-price",
    type=float,
    metavar="PRICE",
    help="Of every good in the first round.  [default: at which budgets buy what exists]",
)
@click.option(
    "--after",
    metavar="DIR",
    help="Begin with the prices, and the rule's memory, that rounds saved there ended with.",
)
@click.option(
    "--max-rounds", type=int, default=200, show_default=True, help="Stop after that many."
)
@click.option("--time-limit", type=float, metavar="SECONDS", help="Stop then.")
@click.option(
    "--gaps",
    type=click.Choice(["auto", "every", "last", "none"]),
    default="auto",
    show_default=True,
    help="After which rounds to see what plan could be delivered.",
)
@click.option(
    "--compare/--no-compare",
    default=True,
    help="Find the plan too, and say how far prices are from its own.  [default: compare]",
)
@click.option(
    "--first-order",
    is_flag=True,
    help="Accept councils with increasing returns, whose proposals are not their best.",
)
@click.option("--threads", type=int, help="Threads of the kernels.  [default: every core]")
@click.option("--plot", metavar="FILE", help="Draw the rounds: .png, .svg or .pdf.")
@click.option("-o", "--output", metavar="DIR", help="Write the rounds there.")
@options.as_json
@options.quiet
def simulate(
    economy: str,
    rule: str,
    after: str | None,
    plot: str | None,
    output: str | None,
    as_json: bool,
    quiet: bool,
    **rest: Any,
) -> int:
    """Run the participatory procedure in ECONOMY: prices are announced, councils answer them with
    proposals, prices are adjusted, until every good's supply and demand nearly agree.

    Ctrl-C stops after the round under way; a second Ctrl-C stops at once.
    """
    _check(output, plot)
    with Progress(tol=rest["threshold"], quiet=quiet) as progress:
        rounds = _simulate(economy, rule, after, progress, rest)
        if output is not None:
            progress.phase("writing")
            rounds.save(output)
        if plot is not None:
            progress.phase("drawing")
            rounds.plot(plot)
    if as_json:
        from parecon.cli import documents, rounds_documents

        document = rounds_documents.of_rounds(rounds, name=economy)
        documents.write("simulate", {**document, "saved": output, "plot": plot})
    else:
        from parecon.cli import rounds_report

        written = {"rounds": output, "plot": plot}
        rounds_report.show_rounds(rounds, name=economy, written=written)
    return exits.of_procedure(rounds.status)


def _check(output: str | None, plot: str | None) -> None:
    """Refuse before the work, not after it."""
    if output is not None:
        from parecon.storage.directory import ROUNDS, check_replaceable

        check_replaceable(output, ROUNDS)
    if plot is not None:
        from parecon import plots

        plots.check(plot)


def _simulate(
    economy: str, rule: str, after: str | None, progress: Progress, rest: dict[str, Any]
) -> Rounds:
    from parecon import rules
    from parecon.procedure import load_rounds, simulate

    progress.phase("reading")
    adjust = rules.make(rule)
    year_before = None if after is None else load_rounds(after)
    loaded = options.load_economy(economy)
    progress.phase("simulating")
    return simulate(
        loaded,
        rule=adjust,
        after=year_before,
        start_price=rest["start_price"],
        threshold=rest["threshold"],
        max_rounds=rest["max_rounds"],
        gaps=rest["gaps"],
        plan=rest["compare"],
        first_order=rest["first_order"],
        time_limit_s=rest["time_limit"],
        n_threads=rest["threads"],
        callback=progress.round,
    )
