"""``parecon show PLAN --explain NAME``: of which economy a stored plan is, and what it explains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from parecon.errors import PlanError

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.plan import Plan

_CLOSE = 1e-9  # relative difference of sums that rounding may make
_SOURCE = "source"


def note_economy(plan: str, economy: str) -> None:
    """Write into a plan's manifest of which economy it is, for `explain`."""
    from parecon.storage.directory import PLAN, is_parecon, read_manifest, write_manifest

    path = Path(plan)
    manifest = read_manifest(path, PLAN)
    manifest[_SOURCE] = str(Path(economy).resolve()) if is_parecon(economy) else economy
    write_manifest(path, manifest)


def explain(path: str, names: tuple[str, ...], economy: str | None, *, as_json: bool) -> None:
    """Explain goods or councils of the plan in a directory."""
    from parecon.cli import documents

    of, plan = _loaded(path, economy)
    found = [plan.explain(name) for name in names]
    if as_json:
        document = {"format": "explanation", "path": path, "economy": of, "explanations": found}
        documents.write("show", document)
    else:
        click.echo("\n\n".join(map(str, found)))


def _loaded(path: str, economy: str | None) -> tuple[str, Plan]:
    """(name of the economy, plan); the economy as told, or as the plan's directory tells."""
    from parecon.plan import load_plan
    from parecon.storage import load

    of = economy_of(path, economy)
    loaded = load(of)
    plan = load_plan(path, loaded)
    _check_same(path, of, loaded, plan)
    return of, plan


def economy_of(path: str, economy: str | None) -> str:
    """Name of the economy of a plan: as told, or as the plan's directory tells."""
    return economy or _economy_beside(path)


def _economy_beside(path: str) -> str:
    """The economy that a sweep wrote beside the plan, or that `parecon plan` noted in it."""
    from parecon.storage.directory import MANIFEST, is_parecon

    place = Path(path).resolve()
    beside = place.with_suffix(".economy")
    if place.suffix == ".plan" and is_parecon(beside):
        return str(beside)
    noted = json.loads((place / MANIFEST).read_text(encoding="utf-8-sig")).get(_SOURCE)
    if not isinstance(noted, str):
        raise PlanError(f"{path}: does not say of which economy it is: give --economy ECONOMY")
    return noted


def _check_same(path: str, of: str, economy: Economy, plan: Plan) -> None:
    """Raise PlanError unless the proposals add up to the plan's own supply and demand."""
    import numpy as np

    from parecon.proposals import supply_and_demand
    from parecon.status import Status

    if plan.status is Status.INFEASIBLE:
        return
    supply, demand = np.array(economy.endowment), np.zeros(economy.n_goods)
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        given, taken = supply_and_demand(family, proposal, economy.n_goods)
        supply += given
        demand += taken
    for mine, theirs in ((supply, plan.supply), (demand, plan.demand)):
        off = np.abs(mine - theirs) > _CLOSE * np.maximum(np.abs(mine), np.abs(theirs))
        # what nearly cancels or hardly exists may differ by rounding
        off &= np.abs(mine - theirs) > _CLOSE * np.maximum(supply, demand)
        if off.any():
            good = economy.goods.name(int(np.flatnonzero(off)[0]))
            raise PlanError(
                f"{path}: not a plan of {of} as it is now: supply or demand of {good!r} differs; "
                "give --economy ECONOMY, or plan again"
            )
