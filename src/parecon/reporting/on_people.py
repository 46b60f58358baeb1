"""Sections on councils: who gains and who loses, who emits."""

from __future__ import annotations

import math
from dataclasses import replace

from parecon._html import Child, tag
from parecon.families import Targets
from parecon.outcome import Emissions, Gains, Group
from parecon.outcome.emissions import gathered
from parecon.plots import _draw as draw
from parecon.reporting import tables, words
from parecon.reporting.on_plan import listed
from parecon.reporting.pictures import figure
from parecon.reporting.reading import Reading

__all__ = ["emissions", "gains", "targets"]

_EMITTERS = 12  # bars


def gains(reading: Reading) -> Child:
    """Consumers: what they spend, and what they gain or lose."""
    if reading.figures is None or not reading.figures.gains.groups:
        return None
    found = reading.figures.gains
    parts: list[Child] = []
    if found.compared:
        title = "Change of utility"
        caption = (
            f"{title} against {reading.against}: the share by which budgets of before would have "
            "to change, at prices of before, to be worth as much."
        )
        parts.append(figure(draw.gains(found), "f-gains", title, caption))
    if found.not_compared:
        labels = listed([tables.name(label) for label in found.not_compared])
        text = "Other councils or other preferences than before, so that utility tells nothing: "
        parts.append(tag("p", text, labels, "."))
    return [*parts, _groups(found, reading.money)]


def _groups(found: Gains, money: str) -> Child:
    all_ = [*found.groups, *([found.together] if len(found.groups) > 1 else [])]
    many = any(one.councils > 1 for one in found.groups)
    columns: list[tables.Column] = [("consumers", tables.names(one.name for one in all_))]
    if many:
        columns.append(("councils", tables.counts(one.councils for one in all_)))
    columns += [
        (f"budget, {money}", tables.numbers(one.budget for one in all_)),
        (f"spending, {money}", tables.numbers(one.spending for one in all_)),
    ]
    if any(one.in_kind > 0.0 for one in all_):
        columns.append((f"needs in kind, {money}", tables.numbers(one.in_kind for one in all_)))
    if any(math.isfinite(one.spending_before) for one in all_):
        columns.append(("spending, change", tables.changes(map(_spending, all_))))
    if found.compared:
        columns += [
            ("utility, change", tables.changes(one.change for one in all_)),
            (f"worth, {money}", [_signed(one.worth) for one in all_]),
        ]
        if many:
            gaining: list[tables.Cell] = [
                tables.Number(one.gaining, words.share(one.gaining)) for one in all_
            ]
            columns += [
                ("councils that gain", gaining),
                ("eight in ten from", tables.changes(one.low for one in all_)),
                ("to", tables.changes(one.high for one in all_)),
            ]
    return tables.table("consumers", "Consumer councils", columns)


def _spending(one: Group) -> float:
    """What is spent and given in kind, relative to before."""
    before = one.spending_before + one.in_kind_before
    return (one.spending + one.in_kind) / before - 1.0 if before > 0.0 else math.nan


def _signed(value: float) -> tables.Number:
    return tables.Number(value, words.number(value), sign=True)


def targets(reading: Reading) -> Child:
    """What is reached of the targets of a central plan."""
    if reading.figures is None:
        return None
    parts: list[Child] = []
    for k, family in enumerate(reading.plan.economy.families):
        if isinstance(family, Targets) and family.n_councils:
            reached = reading.plan.proposals[k].quantity
            name = reading.plan.economy.goods.name
            columns: list[tables.Column] = [
                ("target", tables.names(map(family.council_name, range(family.n_councils)))),
                ("good", tables.names(name(int(good)) for good in family.good)),
                ("aimed at", tables.numbers(family.target)),
                ("delivered", tables.numbers(reached)),
                ("beyond the target", tables.changes(reached / family.target - 1.0)),
                (f"weight, {reading.money}", tables.numbers(family.weight)),
            ]
            caption = f"Targets ({family.title}, {family.form}), physical units per year"
            parts.append(tables.table(f"targets-{k}", caption, columns))
    return parts or None


def emissions(reading: Reading) -> Child:
    """Permits by source."""
    if reading.figures is None or not reading.figures.emissions:
        return None
    return [
        _of_permit(one, k, reading)
        for k, one in enumerate(reading.figures.emissions)
        if one.emitters
    ] or tag("p", "There are permits, and nobody uses any.")


def _of_permit(one: Emissions, k: int, reading: Reading) -> Child:
    unit = f", {one.unit}" if one.unit else ""
    shown = replace(one, emitters=gathered(list(one.emitters), _EMITTERS))
    title = f"Use of {one.permit}"
    facts: list[tuple[str, tables.Cell]] = [
        ("used", words.amount(one.used)),
        ("available", words.amount(one.available)),
        (f"price, {reading.money} per unit", words.number(one.price)),
        (f"value, {reading.money}", words.amount(one.price * one.used)),
    ]
    if math.isfinite(one.used_before):
        facts.insert(1, (f"in {reading.against}", words.amount(one.used_before)))
    columns: list[tables.Column] = [
        ("source", tables.names(e.name for e in one.emitters)),
        ("family", tables.names(e.family for e in one.emitters)),
        (f"used{unit}", tables.numbers(e.quantity for e in one.emitters)),
    ]
    known = any(math.isfinite(e.before) for e in one.emitters)
    if known:
        change = [e.quantity / e.before - 1.0 if e.before > 0.0 else math.nan for e in one.emitters]
        columns += [
            (f"before{unit}", tables.numbers(e.before for e in one.emitters)),
            ("change", tables.changes(change)),
        ]
    caption = f"Permits used by source{unit}"
    return [
        tag("h3", tables.name(one.permit)),
        tables.facts(facts),
        None
        if known or reading.before is None
        else tag(
            "p", f"What was emitted in {reading.against} is not known: it has no such permits."
        ),
        figure(draw.emissions([shown]), f"f-emissions-{k}", title, f"{caption}."),
        tables.table(f"sources-{k}", caption, columns),
    ]
