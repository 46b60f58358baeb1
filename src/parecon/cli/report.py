"""Results for people, on stdout."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from parecon.cli.documents import MEASURES
from parecon.iteration_log import phase_shares

if TYPE_CHECKING:
    from parecon.economies.report import OutputChange, WelfareChange
    from parecon.economies.us_2012 import Summary
    from parecon.economy import Economy
    from parecon.plan import Plan

_SHOWN = 12  # goods and families in a table; --json has them all
_CHANGES = 6  # councils that make most more, and most less
_WIDTH = 100

# A good counts as scarce from this share of what exists: below, its price is that of a surplus.
_USED_UP = 0.999


def show_plan(plan: Plan, *, name: str, saved: str | None, summary: Summary | None) -> None:
    """Write what was planned, how well, and what it means."""
    out = _console()
    out.print(f"{plan.status.value}: {plan.message}")
    out.print(f"That is: {plan.status.sentence}.")
    out.print()
    _facts(out, _plan_facts(plan, name))
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
    out = _console()
    out.print(f"{record['status']}: {record['message']}")
    out.print()
    facts = [("plan", path), ("method", record["method"]), ("seconds", _seconds(record["phase_s"]))]
    facts += [(name.replace("_", " "), _measure(name, record[name])) for name in MEASURES]
    facts.append(("families", ", ".join(record["families"])))
    _facts(out, facts)
    goods = sorted(record["goods"], key=lambda good: -good["price"] * good["demand"])
    table = _table("Goods of greatest value in use", "price", "supply", "demand")
    for good in goods[:_SHOWN]:
        table.add_row(good["name"], *map(_number, (good["price"], good["supply"], good["demand"])))
    _print_table(out, table, len(goods))
    out.print()
    out.print(f"To judge it from the original data: parecon certify ECONOMY {path}")


def show_economy(economy: Economy, *, name: str) -> None:
    """Write what an economy consists of."""
    out = _console()
    facts = [*_size_facts(economy, name), ("total budget", _number(economy.total_budget))]
    facts.append(("memory", f"{economy.nbytes / 1e6:,.1f} MB"))
    if economy.goods.kind is not None:
        kinds, counts = np.unique(np.array(economy.goods.kind), return_counts=True)
        listed = (f"{kind} {n:,}" for kind, n in zip(kinds, counts, strict=True))
        facts.append(("kinds of goods", ", ".join(listed)))
    _facts(out, facts)
    table = _table("Families", "class", "councils", "entries")
    for family in economy.families:
        size = (f"{family.n_councils:,}", f"{family.n_entries:,}")
        table.add_row(family.title, type(family).__name__, *size)
    _print_table(out, table, len(economy.families))
    resources = np.flatnonzero(economy.endowment > 0.0)
    table = _table("Endowments", "unit", "quantity")
    for i in resources[:_SHOWN]:
        table.add_row(economy.goods.name(i), _unit(economy, i), _number(economy.endowment[i]))
    _print_table(out, table, resources.size)


# -- parts ----------------------------------------------------------------------------------------


def _size_facts(economy: Economy, name: str) -> list[tuple[str, str]]:
    size = f"{economy.n_goods:,} goods, {economy.n_councils:,} councils"
    return [("economy", f"{name}: {size}, {economy.n_entries:,} entries")]


def _plan_facts(plan: Plan, name: str) -> list[tuple[str, str]]:
    seconds = f"{_seconds(plan.phase_s)} ({phase_shares(plan.phase_s)})"
    return [
        *_size_facts(plan.economy, name),
        ("method", f"{plan.method}, {plan.n_iterations} iterations, {seconds}"),
        ("welfare", _number(plan.welfare)),
        ("bound", f"{_number(plan.bound)} (no feasible plan is worth more)"),
        ("gap", f"{_measure('gap', plan.gap)}, of the total budget"),
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
    table = _table("What is owed in kind and cannot be had", "needed", "available")
    for name, needed, available in plan.infeasible.goods[:_SHOWN] if plan.infeasible else ():
        table.add_row(name, _number(needed), _number(available))
    _print_table(out, table, len(plan.infeasible.goods) if plan.infeasible else 0)
    table = _table("What stands in the way", "shadow price")
    for name, price in plan.infeasible.resources[:_SHOWN] if plan.infeasible else ():
        table.add_row(name, _number(price))
    _print_table(out, table, len(plan.infeasible.resources) if plan.infeasible else 0)


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
    table = _table("Scarce resources", "unit", "price", "available")
    for i in order[:_SHOWN]:
        table.add_row(
            economy.goods.name(i),
            _unit(economy, i),
            _number(plan.price[i]),
            _number(plan.supply[i]),
        )
    _print_table(out, table, order.size)
    if left.size:
        names = ", ".join(economy.goods.name(i) for i in left[:_SHOWN])
        out.print(f"not used up: {names}{_more(left.size)}")


def _against_benchmark(out: Console, summary: Summary) -> None:
    out.print()
    cut = _percent(summary.emissions / summary.emissions_benchmark - 1.0)
    out.print(
        f"Permit price {summary.permit_price:,.2f} USD per tonne CO2e; emissions "
        f"{summary.emissions:,.0f} million tonnes, {summary.emissions_benchmark:,.0f} in the "
        f"benchmark ({cut})."
    )
    _changes(out, "Output against the benchmark", summary.output)
    _changes(out, "Imports against the benchmark", summary.imports)
    exports = summary.exports
    out.print(f"exports {_number(exports.planned)} ({_percent(exports.relative)})")
    _welfare(out, summary.welfare, summary.welfare_together)


def _changes(out: Console, title: str, changes: Sequence[OutputChange]) -> None:
    """The councils that make most more, and those that make most less."""
    more = [change for change in changes if change.relative > 0.0][:_CHANGES]
    less = [change for change in reversed(changes) if change.relative < 0.0][:_CHANGES]
    table = _table(title, "benchmark", "plan", "change")
    for change in (*more, *reversed(less)):
        numbers = (_number(change.benchmark), _number(change.planned))
        table.add_row(change.council, *numbers, _percent(change.relative))
    _print_table(out, table, 0)
    hidden = len(changes) - len(more) - len(less)
    if hidden:
        out.print(f"... and {hidden} in between")


def _welfare(out: Console, changes: Iterable[WelfareChange], together: float) -> None:
    table = _table("Welfare against the benchmark", "budget", "change", "worth")
    for change in changes:
        worth = _number(change.equivalent_variation)
        table.add_row(change.council, _number(change.budget), _percent(change.relative), worth)
    _print_table(out, table, 0)
    out.print(f"all together {_percent(together)}")


# -- how things look ----------------------------------------------------------------------------


def _console() -> Console:
    """Names are printed as they are; without a terminal lines are of a fixed width."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    return console


def _table(title: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.title_style = ""
    table.add_column("", overflow="ellipsis", no_wrap=True)
    for heading in numbers:
        words = heading in ("unit", "class")
        table.add_column(heading, justify="left" if words else "right", no_wrap=True)
    return table


def _print_table(out: Console, table: Table, n_all: int) -> None:
    """Print a table that has rows; say how many of ``n_all`` are not shown."""
    if table.row_count == 0:
        return
    out.print()
    _print_trimmed(out, table)
    if n_all > table.row_count:
        out.print(f"... and {n_all - table.row_count:,} more (--json lists all)")


def _facts(out: Console, facts: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    for name, value in facts:
        grid.add_row(name, value)
    _print_trimmed(out, grid)


def _print_trimmed(out: Console, table: Table) -> None:
    """Print without the blanks that fill up the last column."""
    with out.capture() as capture:
        out.print(table)
    for line in capture.get().splitlines():
        out.out(line.rstrip(), highlight=False)


def _more(size: int) -> str:
    return f" and {size - _SHOWN:,} more" if size > _SHOWN else ""


def _unit(economy: Economy, good: int) -> str:
    return "" if economy.goods.unit is None else economy.goods.unit[good]


def _seconds(phase_s: Mapping[str, float]) -> str:
    return f"{sum(phase_s.values()):.2f} s"


def _number(value: float) -> str:
    """Six digits are for people; --json has them all."""
    if math.isnan(value):
        return "unknown"
    large = 1e3 <= abs(value) < 1e12
    return f"{value:,.0f}" if large and abs(value) >= 1e6 else f"{value:,.6g}"


def _measure(name: str, value: float) -> str:
    if math.isnan(value):
        return "unknown"
    if name in ("welfare", "bound"):
        return f"{value:.9g}"
    return f"{value:+.1e}" if name == "gap" else f"{value:.1e}"


def _percent(relative: float) -> str:
    return f"{100.0 * relative:+.2f} %"
