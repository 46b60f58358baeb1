"""Explanations for people, in 80 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parecon.explanation.records import (
        CouncilExplanation,
        GoodExplanation,
        Idle,
        Item,
        Trade,
    )

_WIDTH = 79
_NAME = 32
_SEEN = 5e-5  # share of a price that two digits behind the point can show
_SHOWN = 6  # lines of a list; the record, to_pandas and JSON have more

_ROLES = {
    "endowment": "there without being made",
    "needs": "need in kind",
    "consumes": "consumption",
    "uses": "input",
    "makes": "",
    "supplies": "",
    "": "",
}


def good_text(good: GoodExplanation) -> str:
    """The text of a good."""
    if math.isnan(good.price):
        return "\n".join(_short_lines(good))
    unit = good.unit or "units"
    kind = f" ({good.kind})" if good.kind else ""
    lines = [
        f"{good.good}{kind}: {number(good.price)} money per unit",
        f"  supply {number(good.supply)}, use {number(good.demand)}, unit: {unit}",
    ]
    lines += _part_lines(good)
    lines += _trade_lines("Who supplies it", good.suppliers)
    lines += _trade_lines("Who uses it", good.users)
    lines += _binding_lines(good)
    lines += _idle_lines(good.idle)
    return "\n".join(line[:_WIDTH].rstrip() for line in lines)


def council_text(council: CouncilExplanation) -> str:
    """The text of a council."""
    lines = [f"{council.council}, one of {council.family} ({council.role})"]
    words = {"consumers": ("budget", "spent"), "suppliers": ("revenue", "cost")}
    gains, gives = words.get(council.role, ("social benefit", "social cost"))
    lines.append(f"  {gains} {number(council.benefit)}, {gives} {number(council.cost)}")
    lines += _item_lines("What it makes", council.outputs)
    lines += _item_lines(
        "What it buys" if council.role == "consumers" else "What it uses", council.inputs
    )
    lines += _item_lines("What it is given in kind", council.given)
    for name in ("effort", "rent", "surplus"):
        value = getattr(council, name)
        if value:
            lines.append(f"  {name:<{_NAME}}{'':>24}{number(value):>12}")
    lines += textwrap.wrap(
        f"What holds it back: {council.sentence}.", _WIDTH, subsequent_indent="  "
    )
    return "\n".join(line[:_WIDTH].rstrip() for line in lines)


def _short_lines(good: GoodExplanation) -> Iterable[str]:
    yield f"{good.good}: no plan meets the needs"
    if good.short is None:
        yield f"  of {good.good} itself there would be enough"
    else:
        needed, has = good.short
        yield f"  {number(needed)} needed, {number(has)} can be had, unit: {good.unit or 'units'}"
    if good.obstacles:
        yield "What stands in the way, and how much of the shortage one more unit would save"
    for name, worth in good.obstacles[:_SHOWN]:
        yield f"  {_cut(name):<{_NAME}}{number(worth):>12}"


def _part_lines(good: GoodExplanation) -> Iterable[str]:
    if not good.parts:
        yield "It costs nothing: there is more of it than anybody wants"
        return
    yield "What the price is made of"
    kinds = list(dict.fromkeys(part.kind for part in good.parts))
    for kind in kinds:
        parts = [part for part in good.parts if part.kind == kind]
        amount = math.fsum(part.amount for part in parts)
        share = math.fsum(part.share for part in parts)
        if abs(share) < _SEEN:
            continue
        yield f"  {kind:<{_NAME}}{number(amount):>12}{_percent(share):>11}"
        if len(parts) == 1 and parts[0].name == kind:
            continue
        seen = [part for part in parts if abs(part.share) >= _SEEN]
        for part in seen[:_SHOWN]:
            numbers = f"{number(part.amount):>12}{_percent(part.share):>11}"
            yield f"    {_cut(part.name):<{_NAME}}{numbers}"
        if len(seen) > _SHOWN:
            yield f"    and {len(seen) - _SHOWN} more"
    yield f"  {'together':<{_NAME}}{number(good.total):>12}{_percent(1.0):>11}"


def _trade_lines(title: str, trades: Sequence[Trade]) -> Iterable[str]:
    if not trades:
        yield f"{title}: nobody"
        return
    yield f"{title:<{_NAME + 2}}{'quantity':>12}{'value':>12}{'share':>9}"
    for trade in trades[:_SHOWN]:
        who = trade.council or _ROLES["endowment"]
        if trade.family and trade.family not in who:
            who = f"{trade.family}/{who}"
        numbers = f"{number(trade.quantity):>12}{number(trade.value):>12}"
        yield f"  {_cut(who):<{_NAME}}{numbers}{_percent(trade.share):>9}  {_role(trade)}"
    if len(trades) > _SHOWN:
        yield f"  and {len(trades) - _SHOWN} more lines"


def _role(trade: Trade) -> str:
    return {"needs": "in kind", "consumes": "bought"}.get(trade.role, "")


def _binding_lines(good: GoodExplanation) -> Iterable[str]:
    if not good.binding:
        return
    yield "What binds behind it, and what one more unit of it would bring"
    yield f"  {'':<{_NAME}}{'there is':>12}{'worth':>12}{'of price':>10}"
    for line in good.binding[:_SHOWN]:
        numbers = f"{number(line.available):>12}{number(line.worth):>12}"
        what = "capacity" if line.kind == "capacity" else ""
        yield f"  {_cut(line.name):<{_NAME}}{numbers}{_percent(line.share):>10}  {what}"
    if len(good.binding) > _SHOWN:
        yield f"  and {len(good.binding) - _SHOWN} more"


def _idle_lines(idle: Sequence[Idle]) -> Iterable[str]:
    if not idle:
        return
    yield f"Who could make it, at a loss{'':<{_NAME - 26}}{'worth':>12}{'cost':>12}"
    for line in idle[:_SHOWN]:
        who = f"{line.family}/{line.council}" if line.family not in line.council else line.council
        yield f"  {_cut(who):<{_NAME}}{number(line.benefit):>12}{number(line.cost):>12}"
    if len(idle) > _SHOWN:
        yield f"  and {len(idle) - _SHOWN} more"


def _item_lines(title: str, items: Sequence[Item]) -> Iterable[str]:
    if not items:
        return
    yield f"{title:<{_NAME + 2}}{'quantity':>12}{'price':>12}{'value':>12}"
    for item in items[:_SHOWN]:
        numbers = f"{number(item.quantity):>12}{number(item.price):>12}{number(item.value):>12}"
        yield f"  {_cut(item.good):<{_NAME}}{numbers}{_percent(item.share):>9}"
    if len(items) > _SHOWN:
        rest = math.fsum(item.value for item in items[_SHOWN:])
        yield f"  {f'and {len(items) - _SHOWN} more':<{_NAME}}{'':>24}{number(rest):>12}"


def _cut(name: str) -> str:
    return name if len(name) < _NAME else f"{name[: _NAME - 3]}.."


def number(value: float) -> str:
    """A number in five digits, or whole where it is large."""
    if 1e5 <= abs(value) < 1e10:
        return f"{value:,.0f}"
    return f"{value:,.5g}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.2f} %" if abs(share) < 0.9995 else f"{100.0 * share:.1f} %"
