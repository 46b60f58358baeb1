"""``parecon report``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options
from parecon.cli.progress import Progress
from parecon.errors import PlanError

if TYPE_CHECKING:
    from parecon.economies import Benchmark
    from parecon.economy import Economy
    from parecon.plan import Plan
    from parecon.reporting import Report


@click.command(epilog=exits.HELP, short_help="Write a plan as a page to read.")
@click.argument("what", metavar="[ECONOMY] PLAN", nargs=-1, required=True)
@click.option(
    "--against",
    metavar="PLAN",
    help="Compare with this plan: a directory, or an economy, which is then planned.  "
    "[default: the benchmark year of an economy that comes along]",
)
@click.option(
    "--against-economy", metavar="ECONOMY", help="Whose plan that is, if not the same economy's."
)
@click.option(
    "-o", "--output", metavar="FILE", default="report.html", show_default=True, help="The page."
)
@click.option("--title", help="Of the page.  [default: economy and plan]")
@click.option("--money", default="money", show_default=True, help="The unit of account, in words.")
@options.as_json
@options.quiet
def report(
    what: tuple[str, ...],
    against: str | None,
    against_economy: str | None,
    output: str,
    title: str | None,
    money: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Write the plan in directory PLAN, one of ECONOMY, as a single HTML page that needs no
    network: what it costs and brings, prices, scarcities, emissions, supply chains, certificate.

    ECONOMY alone is planned first. PLAN alone is enough for plans of economies that come along, and
    of sweeps, which have their economies beside them.
    """
    if len(what) > 2:
        raise click.UsageError(f"expected [ECONOMY] PLAN, got {len(what)} arguments")
    from parecon import reporting

    reporting.check(output)
    with Progress(tol=1e-6, quiet=quiet) as progress:
        chosen = _chosen(what, progress)
        other, called = _other(chosen, against, against_economy, progress)
        progress.phase("writing")
        page = reporting.report(
            chosen.plan,
            other,
            path=output,
            title=title or chosen.title,
            against_name=called,
            money=money,
        )
    _show(chosen, output, page, as_json=as_json)
    return exits.SOLVED


@dataclass(frozen=True)
class _Chosen:
    """A plan, the economy it is of, and what they are called."""

    plan: Plan
    economy: Economy
    name: str
    title: str


def _chosen(what: tuple[str, ...], progress: Progress) -> _Chosen:
    """Read the plan of an economy, or make one."""
    from parecon.plan import load_plan

    progress.phase("reading")
    if len(what) == 2:
        economy = options.load_economy(what[0])
        return _Chosen(load_plan(what[1], economy), economy, what[0], _title(*what))
    if _is_plan(what[0]):
        name, economy, plan = _with_economy(what[0])
        return _Chosen(plan, economy, name, _title(name, what[0]))
    economy = options.load_economy(what[0])
    return _Chosen(_solve(economy, progress), economy, what[0], _title(what[0]))


def _title(*parts: str) -> str:
    return ", ".join(Path(part).name for part in parts)


def _is_plan(path: str) -> bool:
    from parecon.storage.directory import PLAN, is_parecon, kind_of

    return is_parecon(path) and kind_of(path) == PLAN


def _with_economy(path: str) -> tuple[str, Economy, Plan]:
    """A plan of a sweep has its economy beside it; another may be of one that comes along."""
    from parecon.plan import load_plan

    beside = _beside(path)
    if beside is None:
        return _of_bundled(path)
    economy = options.load_economy(beside)
    return beside, economy, load_plan(path, economy)


def _beside(path: str) -> str | None:
    """The directory NN.economy beside NN.plan."""
    from parecon.storage.directory import is_parecon

    place = Path(path)
    economy = place.with_suffix(".economy")
    return str(economy) if place.suffix == ".plan" and is_parecon(economy) else None


def _of_bundled(path: str) -> tuple[str, Economy, Plan]:
    """The economy that comes along and of which this is a plan: its supply is that of the plan.

    Raises PlanError if it is of none of them.
    """
    import numpy as np

    from parecon import economies
    from parecon.explanation.chain import Chain
    from parecon.plan import load_plan

    for name in economies.names():
        economy = economies.load(name)
        try:
            plan = load_plan(path, economy)
        except PlanError:
            continue
        if np.allclose(Chain(plan).supply, plan.supply, rtol=1e-9, atol=0.0):
            return name, economy, plan
    raise PlanError(
        f"{path}: of which economy is this plan? Name it: parecon report ECONOMY {path}"
    )


def _solve(economy: Economy, progress: Progress) -> Plan:
    from parecon.settings import Settings
    from parecon.solve import Solver

    progress.phase("planning")
    watched: Any = {"log": progress.log, "callback": progress.callback}
    return Solver(economy, Settings(**watched)).solve()


def _other(
    chosen: _Chosen, against: str | None, against_economy: str | None, progress: Progress
) -> tuple[Plan | Benchmark | None, str]:
    """What to compare with, and what to call it."""
    from parecon import economies
    from parecon.outcome import has_figures
    from parecon.plan import load_plan

    if against is None:
        if against_economy is not None:
            raise click.UsageError("--against-economy goes with --against")
        if options.is_bundled(chosen.name) and has_figures(chosen.plan):
            return economies.benchmark(chosen.name), ""
        return None, ""
    progress.phase("reading")
    if not _is_plan(against):
        return _solve(options.load_economy(against), progress), f"the plan of {Path(against).name}"
    name = against_economy or _beside(against)
    whose = chosen.economy if name is None else options.load_economy(name)
    return load_plan(against, whose), f"the plan {Path(against).name}"


def _show(chosen: _Chosen, output: str, page: Report, *, as_json: bool) -> None:
    if not as_json:
        told = "; ".join(heading.lower() for _, heading in page.sections)
        click.echo(f"{chosen.plan.status.value}: {chosen.plan.message}")
        click.echo(f"{output}: {page.size / 1e3:,.0f} kB: {told}")
        return
    from parecon.cli import documents

    documents.write(
        "report",
        {
            "economy": documents.size_of(chosen.economy, chosen.name),
            "status": chosen.plan.status.value,
            "title": page.title,
            "against": page.against or None,
            "page": output,
            "bytes": page.size,
            "sections": [{"id": ident, "heading": heading} for ident, heading in page.sections],
        },
    )
