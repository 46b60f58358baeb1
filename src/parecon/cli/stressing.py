"""``parecon experiment stress``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options
from parecon.cli.progress import Progress

if TYPE_CHECKING:
    from parecon.experiments.stress_tables import Table

_PARTS = ("rounds", "reports", "garbage")


@click.command(short_help="Proposals lost, late or false.")
@click.option(
    "--part",
    "parts",
    type=click.Choice(_PARTS),
    multiple=True,
    help="Only this one; may be repeated.  [default: all]",
)
@click.option(
    "--rule", "rule_names", multiple=True, help="Only this one; may be repeated.  [default: all]"
)
@click.option(
    "--councils",
    type=int,
    default=3_000,
    show_default=True,
    help="Worker councils, and as many consumer councils; a board hears a tenth of them.",
)
@click.option(
    "--draws", type=int, default=5, show_default=True, help="Economies, each with its own dice."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first draw.")
@click.option(
    "--max-rounds", type=int, default=200, show_default=True, help="Of a run; then it is given up."
)
@click.option("--threads", type=int, help="Threads of the kernels.  [default: every core]")
@options.as_json
@options.quiet
def stress(
    parts: tuple[str, ...], councils: int, seed: int, as_json: bool, quiet: bool, **rest: Any
) -> int:
    """How the procedure bears trouble: proposals lost or one to three rounds stale, needs that
    are overstated, capacities that are understated, a council that sends garbage
    (docs/experiments/stress.md).
    """
    todo: dict[str, Callable[[], tuple[Any, dict[str, Table]]]] = {
        "rounds": lambda: _rounds(councils, seed, progress, rest),
        "reports": lambda: _reports(councils, seed),
        "garbage": lambda: _garbage(councils, seed),
    }
    chosen = [part for part in _PARTS if part in (parts or _PARTS)]
    found, tables = {}, {}
    with Progress(tol=1.0, quiet=quiet) as progress:
        for done, part in enumerate(chosen):
            progress.phase(part)
            found[part], some = todo[part]()
            tables.update(some)
            progress.part(done + 1, len(chosen))
    if as_json:
        from parecon.cli import documents

        documents.write("experiment", {"experiment": "stress", **found})
    else:
        _show(tables)
    return exits.SOLVED


def _categories(councils: int) -> int:
    """Goods of each kind: one for 300 councils, as in the book."""
    return max(1, councils // 300)


def _rounds(
    councils: int, seed: int, progress: Progress, rest: dict[str, Any]
) -> tuple[Any, dict[str, Table]]:
    from parecon import rules
    from parecon.experiments import stress, stress_tables
    from parecon.threads import available_threads

    names = rest["rule_names"] or rules.NAMES
    drawn = stress.cases(
        range(seed, seed + rest["draws"]),
        n_workers=councils,
        n_consumers=councils,
        categories=_categories(councils),
        n_threads=rest["threads"] or available_threads(),
    )
    trials = stress.trials(
        drawn,
        rule_names=names,
        max_rounds=rest["max_rounds"],
        callback=lambda trial: progress.phase(f"{trial.rule}, {trial.condition}"),
    )
    title = f"Rounds, mean (most) of {rest['draws']:,} draws; proposals missing in every round"
    return trials, {title: stress_tables.rounds(trials)}


def _reports(councils: int, seed: int) -> tuple[Any, dict[str, Table]]:
    from parecon.experiments import misreports, stress_tables
    from parecon.solve import solve

    economy = misreports.economy_with_needs(councils, councils, _categories(councils), seed=seed)
    outcomes = misreports.sweep(solve(economy, tol=misreports.PLAN_TOL, certify=True), seed=seed)
    return [_without_certificate(found) for found in outcomes], {
        "Consumer councils overstate": stress_tables.consumers_lie(outcomes),
        "Worker councils understate": stress_tables.workers_lie(outcomes),
    }


def _garbage(councils: int, seed: int) -> tuple[Any, dict[str, Table]]:
    from parecon import synthetic
    from parecon.experiments import garbage, stress_tables
    from parecon.solve import solve

    few = max(30, councils // 10)
    economy = synthetic.book(few, few, max(1, few // 100), seed=seed)
    outcomes = garbage.sweep(solve(economy, tol=1e-9, certify=True))
    return [_without_certificate(found) for found in outcomes], {
        "Garbage, and the board": stress_tables.refusals(outcomes),
        "What came of it": stress_tables.settled(outcomes),
    }


def _without_certificate(found: Any) -> dict[str, Any]:
    """All but the certificate, and from that what the tables say."""
    from dataclasses import fields

    document = {f.name: getattr(found, f.name) for f in fields(found) if f.name != "certificate"}
    certificate = found.certificate
    return document | {
        "feasible": certificate.feasible,
        "gap": certificate.gap,
        "budget_violation": certificate.budget_violation,
    }


def _show(tables: dict[str, Table]) -> None:
    """Plain columns, as wide as they must be: some tables are wider than a terminal."""
    lines: list[str] = []
    for title, table in tables.items():
        rows: Sequence[tuple[str, ...]] = (table.titles, *table.rows)
        width = [max(len(row[k]) for row in rows) for k in range(len(table.titles))]
        lines += ["", title] if lines else [title]
        for row in rows:
            cells = (
                cell.ljust(width[k]) if k < table.names else cell.rjust(width[k])
                for k, cell in enumerate(row)
            )
            lines.append("  ".join(cells).rstrip())
    click.echo("\n".join(lines))
