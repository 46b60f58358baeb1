"""``parecon certify``."""

from __future__ import annotations

import click

from parecon.cli import exits, options


@click.command(epilog=exits.HELP, short_help="Judge a plan from the original data.")
@options.economy_argument
@click.argument("plan", metavar="PLAN")
@click.option(
    "--tol",
    type=float,
    help="What the measures are held against.  [default: as the plan was solved for]",
)
@options.as_json
def certify(economy: str, plan: str, tol: float | None, as_json: bool) -> int:
    """Judge the plan in directory PLAN from the original data of ECONOMY.

    Feasible or not, by how much and where; technology, budgets, social benefit and cost; welfare,
    bound and gap. Shares no code with the solver.
    """
    from parecon.certificate import certify as judge
    from parecon.plan import load_plan
    from parecon.settings import Settings

    loaded = options.load_economy(economy)
    judged = load_plan(plan, loaded)
    settings = Settings(tol=float(judged.settings.get("tol", 1e-6)) if tol is None else tol)
    certificate = judge(loaded, judged, tol=settings.tol)
    holds = bool(certificate.holds(settings.tol))
    if as_json:
        from parecon.cli import documents

        documents.write(
            "certify",
            {
                "economy": documents.size_of(loaded, economy),
                "plan": plan,
                "claimed": judged.status.value,
                "tol": settings.tol,
                "holds": holds,
                "certificate": certificate,
            },
        )
    else:
        click.echo(str(certificate))
    if holds:
        return exits.SOLVED
    return exits.STOPPED_EARLY if certificate.feasible else exits.INFEASIBLE
