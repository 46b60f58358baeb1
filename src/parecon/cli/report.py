"""Results for people, on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from parecon.cli import looks
from parecon.cli.documents import MEASURES
from parecon.iteration_log import phase_shares

if TYPE_CHECKING:
    from parecon.economies.report import OutputChange, WelfareChange
    from parecon.economies.us_2012 import Summary
    from parecon.economy import Economy
    from parecon.plan import Plan

_CHANGES = 6  # councils that make most more, and most less

# A good counts as scarce from this share of what exists: below, its price is that of a surplus.
_USED_UP = 0.999


def show_plan(plan: Plan, *, name: str, saved: str | None, summary: Summary | None) -> None:
    """Write what was planned, how well, and what it means."""
    out = looks.console()
    out.print(f"{plan.status.value}: {plan.message}")
    out.print(f"That is: {plan.status.sentence}.")
    out.print()
    looks.print_facts(out, _plan_facts(plan, name))
    _certificate(out, plan, saved)
    if plan.infeasible is not None:
        _infeasible(out, plan)
        return
    _resources(out, plan)
    if summary is not None:
        _against_benchmark(out, summary)
    if saved is not None:
        out.print()
        out.print(f"plan written to {saved}")


def show_saved_plan(path: str, record: Mapping[str, Any]) -> None:
    """Write what a plan on disk says of itself."""
    out = looks.console()
    out.print(f"{record['status']}: {record['message']}")
    out.print()
    facts = [
        ("plan", path),
        ("method", record["method"]),
        ("seconds", looks.seconds(record["phase_s"])),
    ]
    facts += [(name.replace("_", " "), looks.measure(name, record[name])) for name in MEASURES]
    facts.append(("families", ", ".join(record["families"])))
    looks.print_facts(out, facts)
    goods = sorted(record["goods"], key=lambda good: -good["price"] * good["demand"])
    table = looks.table("Goods of greatest value in use", "price", "supply", "demand")
    for good in goods[: looks.SHOWN]:
        table.add_row(
            good["name"], *map(looks.number, (good["price"], good["supply"], good["demand"]))
        )
    looks.print_table(out, table, len(goods))
    out.print()
    out.print(f"To judge it from the original data: parecon certify ECONOMY {path}")


def show_economy(economy: Economy, *, name: str) -> None:
    """Write what an economy consists of."""
    out = looks.console()
    facts = [*_size_facts(economy, name), ("total budget", looks.number(economy.total_budget))]
    facts.append(("memory", f"{economy.nbytes / 1e6:,.1f} MB"))
    if economy.goods.kind is not None:
        kinds, counts = np.unique(np.array(economy.goods.kind), return_counts=True)
        listed = (f"{kind} {n:,}" for kind, n in zip(kinds, counts, strict=True))
        facts.append(("kinds of goods", ", ".join(listed)))
    looks.print_facts(out, facts)
    table = looks.table("Families", "class", "councils", "entries")
    for family in economy.families:
        size = (f"{family.n_councils:,}", f"{family.n_entries:,}")
        table.add_row(family.title, type(family).__name__, *size)
    looks.print_table(out, table, len(economy.families))
    resources = np.flatnonzero(economy.endowment > 0.0)
    table = looks.table("Endowments", "unit", "quantity")
    for i in resources[: looks.SHOWN]:
        table.add_row(
            economy.goods.name(i), looks.unit(economy, i), looks.number(economy.endowment[i])
        )
    looks.print_table(out, table, resources.size)


# -- parts ----------------------------------------------------------------------------------------


def _size_facts(economy: Economy, name: str) -> list[tuple[str, str]]:
    size = f"{economy.n_goods:,} goods, {economy.n_councils:,} councils"
    return [("economy", f"{name}: {size}, {economy.n_entries:,} entries")]


def _plan_facts(plan: Plan, name: str) -> list[tuple[str, str]]:
    seconds = f"{looks.seconds(plan.phase_s)} ({phase_shares(plan.phase_s)})"
    return [
        *_size_facts(plan.economy, name),
        ("method", f"{plan.method}, {plan.n_iterations} iterations, {seconds}"),
        ("welfare", looks.number(plan.welfare)),
        ("bound", f"{looks.number(plan.bound)} (no feasible plan is worth more)"),
        ("gap", f"{looks.measure('gap', plan.gap)}, of the total budget"),
    ]


def _certificate(out: Console, plan: Plan, saved: str | None) -> None:
    out.print()
    if plan.certificate is not None:
        out.print("Certificate, from the original data")
        out.print(str(plan.certificate), soft_wrap=True)
    elif saved is not None:
        out.print(f"Not certified yet: parecon certify ECONOMY {saved}")
    else:
        out.print("Not certified: --certify does it at once, parecon certify for a plan on disk.")


def _infeasible(out: Console, plan: Plan) -> None:
    table = looks.table("What is owed in kind and cannot be had", "needed", "available")
    for name, needed, available in plan.infeasible.goods[: looks.SHOWN] if plan.infeasible else ():
        table.add_row(name, looks.number(needed), looks.number(available))
    looks.print_table(out, table, len(plan.infeasible.goods) if plan.infeasible else 0)
    table = looks.table("What stands in the way", "shadow price")
    for name, price in plan.infeasible.resources[: looks.SHOWN] if plan.infeasible else ():
        table.add_row(name, looks.number(price))
    looks.print_table(out, table, len(plan.infeasible.resources) if plan.infeasible else 0)


def _resources(out: Console, plan: Plan) -> None:
    """Prices of what is there rather than made: endowments and supplies, greatest value first."""
    economy = plan.economy
    there = np.array(economy.endowment)
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        if family.role == "suppliers":
            there += np.bincount(family.made_goods(), proposal.quantity, economy.n_goods)
    # A product may have a small endowment too, such as stocks from last year: that is no resource.
    resource = np.flatnonzero((there > 0.0) & (there >= 0.5 * plan.supply))
    used_up = plan.demand[resource] >= _USED_UP * plan.supply[resource]
    scarce, left = resource[used_up], resource[~used_up]
    order = scarce[np.argsort(-(plan.price * plan.demand)[scarce], kind="stable")]
    table = looks.table("Scarce resources", "unit", "price", "available")
    for i in order[: looks.SHOWN]:
        table.add_row(
            economy.goods.name(i),
            looks.unit(economy, i),
            looks.number(plan.price[i]),
            looks.number(plan.supply[i]),
        )
    looks.print_table(out, table, order.size)
    if left.size:
        names = ", ".join(economy.goods.name(i) for i in left[: looks.SHOWN])
        out.print(f"not used up: {names}{looks.more(left.size)}")


def _against_benchmark(out: Console, summary: Summary) -> None:
    out.print()
    cut = looks.percent(summary.emissions / summary.emissions_benchmark - 1.0)
    out.print(
        f"Permit price {summary.permit_price:,.2f} USD per tonne CO2e; emissions "
        f"{summary.emissions:,.0f} million tonnes, {summary.emissions_benchmark:,.0f} in the "
        f"benchmark ({cut})."
    )
    _changes(out, "Output against the benchmark", summary.output)
    _changes(out, "Imports against the benchmark", summary.imports)
    exports = summary.exports
    out.print(f"exports {looks.number(exports.planned)} ({looks.percent(exports.relative)})")
    _welfare(out, summary.welfare, summary.welfare_together)


def _changes(out: Console, title: str, changes: Sequence[OutputChange]) -> None:
    """The councils that make most more, and those that make most less."""
    more = [change for change in changes if change.relative > 0.0][:_CHANGES]
    less = [change for change in reversed(changes) if change.relative < 0.0][:_CHANGES]
    table = looks.table(title, "benchmark", "plan", "change")
    for change in (*more, *reversed(less)):
        numbers = (looks.number(change.benchmark), looks.number(change.planned))
        table.add_row(change.council, *numbers, looks.percent(change.relative))
    looks.print_table(out, table, 0)
    hidden = len(changes) - len(more) - len(less)
    if hidden:
        out.print(f"... and {hidden} in between")


def _welfare(out: Console, changes: Iterable[WelfareChange], together: float) -> None:
    table = looks.table("Welfare against the benchmark", "budget", "change", "worth")
    for change in changes:
        worth = looks.number(change.equivalent_variation)
        table.add_row(
            change.council, looks.number(change.budget), looks.percent(change.relative), worth
        )
    looks.print_table(out, table, 0)
    out.print(f"all together {looks.percent(together)}")
