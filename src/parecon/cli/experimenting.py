"""``parecon experiment``: what the documentation states about the procedure, run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options, stressing
from parecon.cli.progress import Progress

if TYPE_CHECKING:
    from parecon.experiments.book2021 import Book2021


@click.group(epilog=exits.HELP, no_args_is_help=False)
def experiment() -> None:
    """Run an experiment that the documentation tells about, again or in another size."""


experiment.add_command(stressing.stress)


@experiment.command()
@click.option(
    "--councils",
    type=int,
    default=30_000,
    show_default=True,
    help="Worker councils, and as many consumer councils.",
)
@click.option(
    "--experiments", type=int, default=40, show_default=True, help="Draws, each with its own seed."
)
@click.option(
    "--categories",
    type=int,
    help="Goods of each of the five kinds.  [default: one for 300 councils]",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first draw.")
@click.option(
    "--max-rounds", type=int, default=200, show_default=True, help="Of a run; then it is given up."
)
@click.option("--threads", type=int, help="Threads of the kernels.  [default: every core]")
@click.option("-o", "--output", metavar="DIR", help="Write all observations there, as CSV.")
@options.as_json
@options.quiet
def book2021(
    councils: int,
    experiments: int,
    output: str | None,
    as_json: bool,
    quiet: bool,
    **rest: Any,
) -> int:
    """The experiments of Hahnel, Democratic Economic Planning (2021), chapter 9: a year from 700
    and a second year, with decreasing and with increasing returns, under every rule, beside the
    published results (docs/experiments/book2021.md).
    """
    from parecon.experiments import book2021_summary as summary
    from parecon.experiments.book2021 import book2021 as run

    if output is not None:
        summary.check_directory(output)
    with Progress(tol=1.0, quiet=quiet) as progress:
        progress.phase("drawing")
        result = run(
            councils=councils,
            experiments=experiments,
            categories=rest["categories"],
            first_seed=rest["seed"],
            max_rounds=rest["max_rounds"],
            n_threads=rest["threads"],
            progress=progress.part,
        )
        if output is not None:
            summary.save(result, output)
    if as_json:
        from parecon.cli import documents

        document = summary.document(result)
        documents.write("experiment", {"experiment": "book2021", **document, "saved": output})
    else:
        _show(result, output)
    return exits.SOLVED


def _show(result: Book2021, saved: str | None) -> None:
    """Write the tables, the published figures first."""
    from parecon.cli import looks
    from parecon.experiments import book2021_summary as summary
    from parecon.experiments.book2021 import PUBLISHED_MINUTES

    out = looks.console()
    size = f"{result.councils:,} + {result.councils:,} councils, {5 * result.categories:,} goods"
    low, high = PUBLISHED_MINUTES
    spent = ", ".join(f"{name} {seconds:.1f}" for name, seconds in result.time_s.items())
    facts = [
        ("experiments", f"{len(result.experiments):,}, each of {size}"),
        ("seconds", spent),
        ("figures", "rounds until every imbalance is below: mean [least, most]"),
        ("published", "rule book, 40 experiments of 30,000 + 30,000 councils, 500 goods;"),
        ("", f"{low}-{high} minutes for one experiment"),
    ]
    looks.print_facts(out, facts)
    lines = summary.lines(result)
    for heading in dict.fromkeys(map(summary.title, lines)):
        table = looks.table(heading, "published", *result.rule_names)
        for line in lines:
            if summary.title(line) == heading:
                found = (summary.rounds_text(line.rounds[rule]) for rule in result.rule_names)
                below = f"{100 * line.threshold:g} %"
                table.add_row(below, summary.published_text(line.published), *found)
        looks.print_table(out, table, 0)
    for note in summary.footnotes(result):
        out.print(note)
    table = looks.table(
        "Real product, second year over first, as proposed below 3 % and in the plans",
        "published", *result.rule_names, "plan",
    )  # fmt: skip
    for row in summary.growth_rows(result):
        table.add_row(*row)
    looks.print_table(out, table, 0)
    if saved is not None:
        out.print()
        out.print(f"observations written to {saved}")
