"""The summary: what the plan is, how good it is, and what it changes, in plain words."""

from __future__ import annotations

import math

import numpy as np

from parecon._html import Markup, join, tag
from parecon.outcome import Emissions, Gains
from parecon.plots._draw import largest
from parecon.reporting import tables, words
from parecon.reporting.on_plan import listed
from parecon.reporting.reading import Figures, Reading
from parecon.status import Status

__all__ = ["summary"]

_TONES = {Status.SOLVED: "good", Status.INFEASIBLE: "bad", Status.INVALID: "bad"}
_HEADLINES = {
    Status.SOLVED: "Solved: the plan can be carried out, and next to nothing is left to gain",
    Status.INACCURATE: "Stopped early: the plan can be carried out, but a better one may exist",
    Status.ITERATION_LIMIT: "Stopped early, at the limit of iterations",
    Status.TIME_LIMIT: "Stopped early, at the time limit",
    Status.INTERRUPTED: "Stopped early, when asked to",
    Status.INFEASIBLE: "No plan exists: what is owed in kind cannot be had",
    Status.INVALID: "Not usable: answers of councils were no numbers",
}
_NAMED = 3  # goods in a sentence
_SAME = 5e-6  # relative: less is shown as zero


def summary(reading: Reading) -> Markup:
    """Return verdict, sentences and the most important figures."""
    plan = reading.plan
    tone = _TONES.get(plan.status, "warn")
    verdict = tag(
        "div",
        tag("p", _HEADLINES[plan.status], class_="status"),
        tag("p", plan.message) if plan.message else None,
        class_=f"verdict {tone}",
    )
    sentences = [*_outcomes(reading), *_quality(reading)]
    return join(
        [
            verdict,
            tag("ul", [tag("li", sentence) for sentence in sentences], class_="plain"),
            tables.facts(_facts(reading)),
        ]
    )


def _quality(reading: Reading) -> list[Markup]:
    """Whether it can be done, and how far from the best it can be."""
    plan, certificate = reading.plan, reading.certificate
    found = []
    if certificate is not None:
        if certificate.feasible:
            found.append("No good is used beyond what exists, and every council can do its part.")
        else:
            found.append("As it stands the plan cannot be carried out; the certificate says why.")
        verdict = "holds" if certificate.holds() else "does not hold"
        found.append(
            f"The certificate, computed anew from the original data, {verdict} at "
            f"{words.tolerance(certificate.tol)}."
        )
        gap, budget = certificate.gap, certificate.total_budget
    else:
        gap, budget = plan.gap, plan.economy.total_budget
    if math.isfinite(gap):
        left = words.money(max(gap, 0.0) * budget, reading.money)
        found.append(
            f"No feasible plan is worth more than this one by over {left}: "
            f"{words.measure(gap)} of all budgets."
        )
    if plan.status is Status.INFEASIBLE:
        found.append(
            "What follows says which goods are short and what stands in the way. There are no "
            "prices, quantities or gains to tell, because there is no plan."
        )
    return [join(sentence) for sentence in found]


def _outcomes(reading: Reading) -> list[Markup]:
    figures = reading.figures
    if figures is None:
        return []
    found: list[Markup | None] = []
    if reading.before is not None and figures.gains.groups:
        found.append(_together(reading, figures.gains))
    found += [_emitted(reading, one) for one in figures.emissions]
    if reading.before is not None:
        found += [
            _price_level(reading, figures),
            _extremes(figures, "price", ("dearer:", "cheaper:")),
            _extremes(figures, "quantity", ("more is used of", "less is used of")),
        ]
    found.append(_scarcest(figures))
    return [sentence for sentence in found if sentence is not None]


def _scarcest(figures: Figures) -> Markup | None:
    binding = figures.scarcity.binding
    if not binding:
        return join("Nothing binds: of every resource something is left over.")
    names = [tables.name(one.name) for one in binding[:_NAMED]]
    count = words.count(figures.scarcity.n_binding, "limit binds", "limits bind")
    return join([f"{count}; of greatest value: ", listed(names), "."])


def _price_level(reading: Reading, figures: Figures) -> Markup | None:
    if not math.isfinite(figures.price_level):
        return None
    word = "more" if figures.price_level > 0.0 else "less"
    size = words.change(abs(figures.price_level)).lstrip("+")
    return join(f"What consumers had in {reading.against} costs {size} {word} in this plan.")


def _extremes(figures: Figures, what: str, lead: tuple[str, str]) -> Markup | None:
    """The largest rises and the largest falls."""
    relative = getattr(figures.changes, f"{what}_change")
    chosen = largest(figures.changes, what, most=_NAMED)
    up = [int(i) for i in chosen if relative[i] > 0.0]
    down = [int(i) for i in reversed(chosen) if relative[i] < 0.0]
    parts: list[Markup] = []
    for word, goods in zip(lead, (up, down), strict=True):
        if goods:
            names = [
                join(
                    [tables.name(figures.changes.goods.name(i)), f" ({words.change(relative[i])})"]
                )
                for i in goods
            ]
            head = word if parts else word[:1].upper() + word[1:]
            parts.append(join([f"{head} ", listed(names)]))
    if not parts:
        return None
    return join([parts[0], ["; ", parts[1]] if len(parts) > 1 else None, "."])


def _together(reading: Reading, gains: Gains) -> Markup | None:
    if not gains.compared:
        return join(f"Utilities cannot be compared with those of {reading.against}.")
    all_ = gains.together
    if abs(all_.change) < _SAME and all(abs(group.change) < _SAME for group in gains.groups):
        return join(f"Consumers gain and lose nothing against {reading.against}.")
    verb = "gain" if all_.change > 0.0 else "lose"
    size = words.change(abs(all_.change)).lstrip("+")
    worth = words.money(all_.worth, reading.money)
    text = f"Against {reading.against} consumers together {verb} {size}; what that is worth to "
    text += f"each of them adds up to {worth} a year, at prices of before."
    groups = [group for group in gains.groups if np.isfinite(group.change)]
    winning = sum(group.change > 1e-4 for group in groups)
    losing = sum(group.change < -1e-4 for group in groups)
    if len(groups) > 1:
        kind = "group" if any(group.councils > 1 for group in groups) else "council"
        gain = (
            words.count(winning, f"{kind} gains", f"{kind}s gain")
            if winning
            else f"No {kind} gains"
        )
        lose = words.count(losing, "loses", "lose") if losing else "none loses"
        text += f" {gain}, {lose}."
    return join(text)


def _emitted(reading: Reading, one: Emissions) -> Markup:
    unit = f" {one.unit}" if one.unit else ""
    text = f": {words.amount(one.used)}{unit} used of {words.amount(one.available)}"
    if math.isfinite(one.used_before) and one.used_before > 0.0:
        text += f", {words.amount(one.used_before)} in {reading.against} "
        text += f"({words.change(one.used / one.used_before - 1.0)})"
    text += f". One unit more is worth {words.money(one.price, reading.money)}."
    return join([tables.name(one.permit), text])


def _facts(reading: Reading) -> list[tuple[str, tables.Cell]]:
    plan = reading.plan
    economy = plan.economy
    goods, councils = (
        words.count(economy.n_goods, "good"),
        words.count(economy.n_councils, "council"),
    )
    method = plan.method or "a method unknown"
    seconds = f"{sum(plan.phase_s.values()):.2f} s" if plan.phase_s else words.UNKNOWN
    found: list[tuple[str, tables.Cell]] = [
        ("economy", f"{goods}, {councils}"),
        ("all budgets", words.money(economy.total_budget, reading.money)),
        ("found by", f"{method}, {words.count(plan.n_iterations, 'iteration')}, {seconds}"),
    ]
    if reading.figures is not None:
        found[2:2] = [
            ("welfare", words.amount(plan.welfare)),
            ("bound on welfare", words.amount(plan.bound)),
            ("gap, of all budgets", words.measure(plan.gap)),
        ]
    return found
