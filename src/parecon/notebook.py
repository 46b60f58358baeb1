"""What notebooks show of a plan: a few lines and a small table, at next to no cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon._html import Markup, join, tag

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = ["plan_html"]

_GOODS = 8
_SHORT = 8
_LETTERS = 60


def plan_html(plan: Plan) -> str:
    """Return status, measures, and the goods of greatest value, or those that are short.

    Nothing is computed but an order of the goods; proposals are not asked for.
    """
    economy = plan.economy
    certified = "not certified" if plan.certificate is None else "certified"
    size = f"{economy.n_goods:,} goods, {economy.n_councils:,} councils, {certified}"
    measures = f"welfare {_number(plan.welfare)}, gap {_number(plan.gap)}"
    table = _short(plan) if plan.infeasible is not None else _goods(plan)
    return tag(
        "div",
        tag("p", tag("b", f"Plan: {plan.status.value}"), tag("br"), plan.message),
        tag("p", f"{size}; {measures}"),
        table,
    )


def _goods(plan: Plan) -> Markup:
    value = np.nan_to_num(plan.price * plan.demand)
    order = np.argsort(-value, kind="stable")[:_GOODS]
    rows = [
        (plan.economy.goods.name(int(i)), plan.price[i], plan.supply[i], plan.demand[i])
        for i in order
    ]
    more = plan.economy.n_goods - len(rows)
    table = _table(["good", "price", "supply", "demand"], rows)
    return join([table, tag("p", f"and {more:,} more goods") if more else None])


def _short(plan: Plan) -> Markup:
    found = () if plan.infeasible is None else plan.infeasible.goods
    return _table(["short of", "needed", "can be had"], list(found[:_SHORT]))


def _table(headings: list[str], rows: list[tuple[Any, ...]]) -> Markup:
    return tag(
        "table",
        tag("thead", tag("tr", [tag("th", heading, scope="col") for heading in headings])),
        tag(
            "tbody",
            [
                tag(
                    "tr", tag("th", _name(name), scope="row"), [tag("td", _number(x)) for x in rest]
                )
                for name, *rest in rows
            ],
        ),
    )


def _name(name: str) -> str:
    return name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…"


def _number(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:,.6g}"
