"""``parecon scenario``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options
from parecon.cli.progress import Progress
from parecon.settings import METHODS, Settings

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.scenarios import Scenario, Sweep
    from parecon.scenarios.sweeping import Step

_DEFAULTS = Settings()


@click.command(epilog=exits.HELP, short_help="Plan an economy under scenarios.")
@options.economy_argument
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="DIR", help="Write table, plans and economies there.")
@click.option("--together", is_flag=True, help="Make one scenario of all, in their order.")
@click.option(
    "--tol", type=float, default=_DEFAULTS.tol, show_default=True, help="As for plan, for each."
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=_DEFAULTS.method,
    show_default=True,
    help="As for plan.",
)
@click.option("--threads", type=int, help="Threads of the kernels.  [default: every core]")
@click.option("--time-limit", type=float, metavar="SECONDS", help="For each scenario.")
@click.option(
    "--max-iterations", type=int, default=_DEFAULTS.max_iterations, show_default=True, help="Each."
)
@click.option("--cold", is_flag=True, help="Begin each anew, not at the prices of the last one.")
@click.option("--missing/--no-missing", default=True, help="Find what impossible ones lack.")
@click.option("--plans/--no-plans", default=True, help="Write plans and economies too.")
@click.option("--csv", is_flag=True, help="Write the table as CSV.")
@options.as_json
@options.quiet
def scenario(economy: str, scenarios: tuple[str, ...], **rest: Any) -> int:
    """Plan ECONOMY under each SCENARIO and show what becomes of it.

    SCENARIO is a TOML or JSON file (docs/scenarios.md) with one scenario or a series of them. What
    an impossible scenario lacks is named, with the least change that would make it possible.
    """
    if rest["output"] is not None:
        from parecon.storage.directory import SWEEP, check_replaceable

        check_replaceable(rest["output"], SWEEP)
    wanted = _read(scenarios, together=rest["together"])
    with Progress(tol=rest["tol"], quiet=rest["quiet"]) as progress:
        progress.phase("reading")
        loaded = options.load_economy(economy)
        progress.phase("planning")
        found = _swept(loaded, wanted, progress, rest)
        if rest["output"] is not None:
            progress.phase("writing")
            found.save(
                rest["output"],
                file_format="csv" if rest["csv"] else "parquet",
                plans=rest["plans"],
            )
    if rest["as_json"]:
        from parecon.cli import documents

        document = _document(found, economy=economy, loaded=loaded, saved=rest["output"])
        documents.write("scenario", document)
    else:
        _show(found, saved=rest["output"])
    return _code(found)


def _read(paths: tuple[str, ...], *, together: bool) -> list[Scenario]:
    from parecon.scenarios import load_scenarios

    read = [found for path in paths for found in load_scenarios(path)]
    if not together:
        return read
    whole = read[0]
    for other in read[1:]:
        whole = whole + other
    return [whole]


def _swept(
    economy: Economy, wanted: list[Scenario], progress: Progress, rest: dict[str, Any]
) -> Sweep:
    from parecon.scenarios import sweep

    def step(at: Step) -> None:
        if progress.log is not None:
            progress.log(_line(at))
        if progress.callback is not None:  # there is a bar
            progress.part(at.done, at.total)

    return sweep(
        economy,
        wanted,
        tol=rest["tol"],
        method=rest["method"],
        warm=not rest["cold"],
        missing=rest["missing"],
        keep_plans=rest["output"] is not None and rest["plans"],
        time_limit_s=rest["time_limit"],
        max_iterations=rest["max_iterations"],
        n_threads=rest["threads"],
        callback=step,
    )


def _line(at: Step) -> str:
    """One line of the log."""
    found = at.outcome
    start = "warm" if found.warm else "cold"
    return (
        f"{at.done:>4}/{at.total:<4} {found.name[:32]:<32} {found.status.value:<15} "
        f"{found.iterations:>4} iterations ({start}) {found.time_s:8.2f} s"
    )


def _show(found: Sweep, *, saved: str | None) -> None:
    from parecon.cli import looks

    out = looks.console()
    out.print(str(found), soft_wrap=True)
    for outcome in found:
        if outcome.missing is not None:
            out.print()
            out.print(f"{outcome.name}: {outcome.missing}", soft_wrap=True)
    if saved is not None:
        out.print()
        out.print(f"sweep written to {saved}")


def _document(found: Sweep, *, economy: str, loaded: Economy, saved: str | None) -> dict[str, Any]:
    from parecon.cli import documents

    size = documents.size_of(loaded, economy)
    return {"economy": size, **documents.of_sweep(found), "saved": saved}


def _code(found: Sweep) -> int:
    """The worst that befell a scenario."""
    codes = [exits.of_status(outcome.status) for outcome in found]
    for code in (exits.INTERNAL, exits.INFEASIBLE, exits.STOPPED_EARLY):
        if code in codes:
            return code
    return exits.STOPPED_EARLY if found.stopped else exits.SOLVED
