"""Sections on the plan itself: what is missing, the certificate, how it was found, notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from parecon._html import Child, Markup, join, tag
from parecon.certificate.report import GAP_ROUNDING, SHORTAGE_ROUNDING, TECHNOLOGY_ROUNDING
from parecon.plots import _draw as draw
from parecon.reporting import tables, words
from parecon.reporting.pictures import figure
from parecon.reporting.reading import Reading

if TYPE_CHECKING:
    from parecon.certificate import Certificate

__all__ = ["certificate", "history", "missing", "notes"]

_ROWS = 400  # of the history


def missing(reading: Reading) -> Child:
    """What is short and what stands in the way, where no plan exists."""
    found = reading.plan.infeasible
    if found is None:
        return None
    parts: list[Child] = []
    if found.goods:
        goods, needed, has = zip(*found.goods, strict=True)
        lacking = [n - h for n, h in zip(needed, has, strict=True)]
        share = [h / n - 1.0 if n > 0.0 else math.nan for n, h in zip(needed, has, strict=True)]
        columns = [
            ("good", tables.names(goods)),
            ("needed", tables.numbers(needed)),
            ("can be had", tables.numbers(has)),
            ("missing", tables.numbers(lacking)),
            ("against what is needed", tables.changes(share)),
        ]
        caption = "What is owed in kind and cannot be had, physical units per year"
        parts.append(tables.table("short", caption, columns))
    if found.resources:
        resources, prices = zip(*found.resources, strict=True)
        columns = [
            ("resource", tables.names(resources)),
            ("shadow price", tables.numbers(prices)),
        ]
        parts.append(tables.table("in-the-way", "What stands in the way", columns))
        text = "The shadow price is what one unit more would take off the shortage."
        parts.append(tag("p", text, class_="note"))
    return parts or tag("p", "Which goods are short is not known.")


def certificate(reading: Reading) -> Child:
    """The certificate as a table that can be read."""
    found = reading.certificate
    if found is None:
        return None
    rows = list(zip(*_checks(found), strict=True))
    columns = [
        ("what is checked", rows[0]),
        ("worst case", rows[1]),
        ("where", rows[2]),
        ("as a share of", rows[3]),
        ("allowed", rows[4]),
        ("holds", rows[5]),
    ]
    verdict = "It holds" if found.holds() else "It does not hold"
    parts: list[Child] = [
        tag(
            "p",
            "Computed from the original data, by code that shares nothing with the solver. "
            f"{verdict} at {words.tolerance(found.tol)}.",
        ),
        tables.table("checks", "Checks, each at its worst", columns),
    ]
    if found.bound_reason:
        parts.append(tag("p", f"On the bound: {found.bound_reason}.", class_="note"))
    return parts


# What is checked: fields of the certificate with the worst and where that is, and what it is a
# share of.
_CHECKS = (
    ("use beyond what exists", "shortage", "shortage_good", "supply or demand"),
    ("proposals beyond what is possible", "technology_violation", "technology_council", "the most"),
    ("something of value left over", "surplus", "surplus_good", "the value used"),
    ("budgets overspent", "budget_violation", "budget_council", "the budget"),
    ("budgets not spent", "budget_unspent", "unspent_council", "the budget"),
    (
        "social cost above social benefit",
        "benefit_cost_violation",
        "benefit_cost_council",
        "the cost",
    ),
    ("profit that would have no limit", "zero_profit", "zero_profit_council", "the cost"),
    ("what is left to gain (gap)", "gap", "", "all budgets"),
)
_EXACT = {"shortage": SHORTAGE_ROUNDING, "technology_violation": TECHNOLOGY_ROUNDING}


def _checks(found: Certificate) -> list[list[tables.Cell]]:
    """Rows: what is checked, how much, where, of what, what is allowed, whether it holds."""
    rows: list[list[tables.Cell]] = []
    for what, key, where, of in _CHECKS:
        value, allowed = getattr(found, key), _EXACT.get(key, found.tol)
        holds = value <= allowed and (key != "gap" or value >= -GAP_ROUNDING)
        place = getattr(found, where, None) or ""
        if place and not holds and key == "technology_violation":
            place = f"{place}: {found.technology_reason}"
        rows.append(
            [
                what,
                tables.Number(value, words.measure(value)),
                tables.name(place),
                of,
                tables.Number(allowed, words.tolerance(allowed)),
                tag("span", "yes" if holds else "no", class_="good" if holds else "bad"),
            ]
        )
    return rows


def history(reading: Reading) -> Child:
    """Measures by iteration."""
    rows = reading.plan.history
    if not rows:
        return None
    tol = reading.plan.settings.get("tol")
    shown = rows[-_ROWS:]
    columns = [("iteration", tables.counts(row.iteration for row in shown))]
    for title, key in (
        ("gap", "gap"), ("shortage", "shortage"), ("surplus", "surplus"),
        ("zero profit", "zero_profit"),
    ):  # fmt: skip
        values = [getattr(row, key) for row in shown]
        columns.append((title, [tables.Number(value, words.measure(value)) for value in values]))
    columns.append(("time, s", tables.numbers(row.time_s for row in shown)))
    caption = (
        "How far prices were from a plan after each announcement: the gap between bound and "
        "welfare as a share of all budgets, the worst shortage, surplus and zero-profit residual. "
        "What is zero or negative has no point."
    )
    return [
        figure(draw.history(rows, tol=tol), "f-history", "Measures by iteration", caption),
        tag(
            "details",
            tag("summary", "The figures"),
            tables.table("iterations", "Iterations", columns, there=len(rows)),
        ),
    ]


def notes(reading: Reading) -> Child:
    """Units, and what words mean."""
    money = reading.money
    found = [
        (
            f"Prices are indicative prices, in {money} per unit of the good; quantities are "
            "physical units per plan year. Budgets set what money is worth: read prices against "
            "each other."
        ),
        "Quantity used is all that is consumed, needed in kind and used as an input.",
        (
            "Welfare is the sum of budget times the logarithm of utility, less the disutility of "
            f"effort and suppliers' costs, in {money}. No feasible plan exceeds the bound."
        ),
        "Figures are shown with four digits or more; sorting uses ten.",
    ]
    if reading.before is not None:
        found.append(
            f"Changes are relative to {reading.against}. “Worth” is the equivalent variation: by "
            "how much budgets of before would have had to change, at prices of before, to be worth "
            "as much as the plan. All together: the same relative change for everybody that "
            "welfare would find as good."
        )
    if reading.figures is None:
        found.append(
            "There is no plan with figures to tell: prices, quantities, gains, emissions and "
            "supply chains are left out."
        )
    elif reading.before is None:
        found.append("The plan is not compared with another: changes and gains are left out.")
    if not reading.plan.history:
        found.append("The plan does not tell how it was found.")
    return tag("ul", [tag("li", text) for text in found], class_="plain")


def listed(parts: list[Markup]) -> Markup:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return join(parts)
    head = [item for part in parts[:-1] for item in (part, ", ")][:-1]
    return join([head, " and ", parts[-1]])
