"""``parecon show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options

if TYPE_CHECKING:
    from parecon.economy import Economy


@click.command(epilog=exits.HELP)
@click.argument("what", metavar="ECONOMY|PLAN|ROUNDS|SWEEP")
@click.option(
    "--explain",
    "names",
    metavar="NAME",
    multiple=True,
    help="Of a plan: why a good costs what it costs, or what a council gains and gives.",
)
@click.option("--economy", metavar="ECONOMY", help="Of the plan to explain, if it does not say.")
@click.option(
    "--by-year", is_flag=True, help="Of a plan over years: prices, capital, resources by year."
)
@options.as_json
def show(
    what: str, names: tuple[str, ...], economy: str | None, by_year: bool, as_json: bool
) -> int:
    """Show what an economy, a plan, the rounds of a procedure, or a sweep consist of."""
    from parecon.storage.directory import PLAN, ROUNDS, SWEEP, is_parecon, kind_of

    kind = kind_of(what) if is_parecon(what) else None
    if names:
        if kind != PLAN:
            raise click.UsageError(f"--explain is for plans, {what} is none.")
        from parecon.cli import explaining

        explaining.explain(what, names, economy, as_json=as_json)
    elif by_year:
        if kind != PLAN:
            raise click.UsageError(f"--by-year is for plans, {what} is none.")
        _show_by_year(what, economy, as_json=as_json)
    elif kind == SWEEP:
        _show_sweep(what, as_json=as_json)
    elif kind == PLAN:
        _show_plan(what, as_json=as_json)
    elif kind == ROUNDS:
        _show_rounds(what, as_json=as_json)
    else:
        _show_economy(what, as_json=as_json)
    return exits.SOLVED


def _show_plan(path: str, *, as_json: bool) -> None:
    from parecon.storage.plans import overview

    record = overview(Path(path))
    if as_json:
        from parecon.cli import documents

        documents.write("show", {"format": "plan", "path": path, **record})
    else:
        from parecon.cli import report

        report.show_saved_plan(path, record)


def _show_by_year(path: str, economy: str | None, *, as_json: bool) -> None:
    from parecon.cli import documents, explaining
    from parecon.dated import load_dated

    of = explaining.economy_of(path, economy)
    found = load_dated(of).load_plan(path)
    if not as_json:
        click.echo(repr(found))
        return
    frames = {name: frame.to_dict("records") for name, frame in found.to_pandas().items()}
    document = {"format": "plan by years", "path": path, "economy": of, "years": found.years}
    documents.write("show", document | {"frames": frames})


def _show_rounds(path: str, *, as_json: bool) -> None:
    from parecon.procedure import load_rounds

    rounds = load_rounds(path)
    if as_json:
        from parecon.cli import documents, rounds_documents

        document = rounds_documents.of_rounds(rounds)
        documents.write("show", {"format": "rounds", "path": path, **document})
    else:
        from parecon.cli import rounds_report

        rounds_report.show_rounds(rounds, name=None, written={})


def _show_sweep(path: str, *, as_json: bool) -> None:
    from parecon.scenarios import load_sweep

    found = load_sweep(path)
    if as_json:
        from parecon.cli import documents

        document = {"format": "sweep", "path": path, **documents.of_sweep(found)}
        documents.write("show", document)
    else:
        click.echo(str(found))


def _show_economy(name: str, *, as_json: bool) -> None:
    economy = options.load_economy(name)
    if as_json:
        from parecon.cli import documents

        documents.write("show", {"format": "economy", **_economy_document(economy, name)})
    else:
        from parecon.cli import report

        report.show_economy(economy, name=name)


def _economy_document(economy: Economy, name: str) -> dict[str, Any]:
    from parecon.cli import documents

    goods = economy.goods
    return {
        "economy": documents.size_of(economy, name),
        "total_budget": economy.total_budget,
        "bytes": economy.nbytes,
        "families": [
            {
                "label": family.title,
                "class": type(family).__name__,
                "role": family.role,
                "councils": family.n_councils,
                "entries": family.n_entries,
            }
            for family in economy.families
        ],
        "goods": [
            {
                "name": goods.name(i),
                "kind": None if goods.kind is None else goods.kind[i],
                "unit": None if goods.unit is None else goods.unit[i],
                "endowment": float(economy.endowment[i]),
            }
            for i in range(len(goods))
        ],
    }
