"""Rounds of a procedure for people, on stdout."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from parecon.cli import looks
from parecon.procedure.rounds_text import marks, percent

if TYPE_CHECKING:
    from rich.console import Console

    from parecon.procedure import Round, Rounds

_FIRST, _LAST = 8, 16  # rounds in the table; --json has them all


def show_rounds(rounds: Rounds, *, name: str | None, written: Mapping[str, str | None]) -> None:
    """Write how a procedure went.

    name : of the economy, None where it is not known. written : what was written where.
    """
    out = looks.console()
    out.print(f"{rounds.status.value}: {rounds.message}")
    out.print(f"That is: {rounds.status.sentence}.")
    out.print()
    looks.print_facts(out, _facts(rounds, name))
    _table(out, rounds)
    _goods(out, rounds)
    places = [(what, place) for what, place in written.items() if place is not None]
    if places:
        out.print()
    for what, place in places:
        out.print(f"{what} written to {place}")


def _facts(rounds: Rounds, name: str | None) -> list[tuple[str, str]]:
    last = rounds.round(-1)
    size = f"{rounds.n_goods:,} goods, {rounds.n_councils:,} councils"
    sent = int(rounds.sent.sum())
    each = sent / rounds.n_rounds / (rounds.n_councils or math.nan)
    inquiries = int(rounds.inquiries.sum())
    facts = [
        ("economy", size if name is None else f"{name}: {size}"),
        ("rule", rounds.rule),
        ("rounds to", marks(rounds).removeprefix("rounds to ")),
        ("asked", f"{rounds.n_announcements:,} announcements, {inquiries:,} inquiries"),
        ("sent", f"{sent:,} numbers, {looks.number(each)} per council and round"),
        ("seconds", looks.number(round(last.time_s, 3))),
        ("dual", f"{looks.measure('bound', last.dual)}, Phi at the announced prices"),
    ]
    if math.isfinite(last.gap):
        gap = looks.measure("gap", last.gap)
        facts.append(("gap", f"{gap}, of the budgets, of the plan these proposals can deliver"))
    if not math.isnan(last.distance):
        facts.append(("distance", f"{percent(last.distance)} from the plan's prices, at worst"))
    return facts


def _table(out: Console, rounds: Rounds) -> None:
    headings = ("imbalance", "good", "dual", "gap", "distance", "sent", "inq", "seconds")
    table = looks.table("Rounds", *headings)
    table.columns[0].justify, table.columns[0].no_wrap = "right", True
    count, hidden = rounds.n_rounds, rounds.n_rounds - _FIRST - _LAST
    for number in range(1, count + 1):
        if hidden > 1 and number == _FIRST + 1:
            table.add_row("...", f"{hidden:,} more")
        if hidden <= 1 or number <= _FIRST or number > count - _LAST:
            table.add_row(*_cells(rounds.round(number)))
    looks.print_table(out, table, 0)
    if hidden > 1:
        out.print("(--json lists all)")


def _cells(entry: Round) -> tuple[str, ...]:
    return (
        f"{entry.round:,}",
        percent(entry.worst_imbalance),
        entry.worst_good,
        _or_dashes(entry.dual, ".6g"),
        _or_dashes(entry.gap, "+.1e"),
        percent(entry.distance),
        f"{entry.sent:,}" if entry.sent < 10**9 else f"{entry.sent:.2e}",
        f"{entry.inquiries:,}",
        _or_dashes(entry.time_s, ".2f"),
    )


def _goods(out: Console, rounds: Rounds) -> None:
    """The goods whose supply and demand agree least in the last round."""
    worst = np.argsort(-rounds.imbalance[-1], kind="stable")
    table = looks.table(
        "Goods of greatest imbalance in the last round",
        "unit", "price", "plan's price", "supply", "demand", "imbalance",
    )  # fmt: skip
    units = rounds.goods.unit
    plan = np.full(rounds.n_goods, np.nan) if rounds.plan_price is None else rounds.plan_price
    for i in worst[: looks.SHOWN].tolist():
        table.add_row(
            rounds.goods.name(i),
            "" if units is None else units[i],
            looks.number(rounds.price[-1, i]),
            looks.number(plan[i]),
            looks.number(rounds.supply[-1, i]),
            looks.number(rounds.demand[-1, i]),
            percent(rounds.imbalance[-1, i]),
        )
    looks.print_table(out, table, rounds.n_goods)


def _or_dashes(value: float, spec: str) -> str:
    return "--" if math.isnan(value) else format(value, spec)
