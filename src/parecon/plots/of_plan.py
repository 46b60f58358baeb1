"""Pictures of a plan: how it was found, what changed, what is scarce, who gains, who emits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parecon import outcome
from parecon.errors import PlanError
from parecon.plots import _draw as draw

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = [
    "emissions",
    "flows",
    "gains",
    "history",
    "price_changes",
    "quantity_changes",
    "scarcity",
]


def history(plan: Plan) -> Any:
    """Return a figure of gap, shortage, surplus and zero profit by iteration.

    Logarithmic; what is zero, negative or unknown has no point.

    Raises PlanError if the plan has no history.
    """
    if not plan.history:
        raise PlanError("plots: the plan does not tell how it was found (its history is empty)")
    return draw.history(plan.history, tol=plan.settings.get("tol"))


def price_changes(plan: Plan, against: outcome.Source, *, most: int = 10) -> Any:
    """Return a figure of the largest relative changes of prices, up to `most` in each direction.

    against : the plan, or the benchmark year, to compare with. Goods of next to no value in both
    are left out.

    Raises PlanError if either has no figures.
    """
    changes = outcome.good_changes(_with_figures(plan), outcome.side_of(against))
    return draw.changes(changes, "price", most=most)


def quantity_changes(plan: Plan, against: outcome.Source, *, most: int = 10) -> Any:
    """Return a figure of the largest relative changes of quantities used; as `price_changes`."""
    changes = outcome.good_changes(_with_figures(plan), outcome.side_of(against))
    return draw.changes(changes, "quantity", most=most)


def scarcity(plan: Plan, *, most: int = 12) -> Any:
    """Return a figure of the limits that bind in a plan, by the value of all there is of them.

    most : limits that are shown.

    Raises PlanError if the plan has no figures.
    """
    return draw.scarcity(outcome.scarcity(_with_figures(plan), most=most))


def gains(plan: Plan, against: outcome.Source) -> Any:
    """Return a figure of the change of utility by consumer council, or by group of many.

    against : the plan, or the benchmark year, to compare with. A thin line spans the
    changes of eight in ten councils of a group.

    Raises PlanError if either plan has no figures, or utilities cannot be compared.
    """
    found = outcome.gains(_with_figures(plan), outcome.side_of(against))
    if not found.compared:
        raise PlanError("plots: the plans have no consumers whose utility can be compared")
    return draw.gains(found)


def emissions(plan: Plan, against: outcome.Source | None = None, *, most: int = 12) -> Any:
    """Return a figure of permits used by source, beside another plan's if there is one.

    against : the plan, or the benchmark year, to compare with. most : sources that are shown by
    themselves. With several permit goods: a panel each.

    Raises PlanError if the plan has no figures, or the economy no permits.
    """
    before = None if against is None else outcome.side_of(against)
    found = outcome.emissions(_with_figures(plan), before, most=most)
    if not found:
        raise PlanError("plots: no good of the economy is a permit")
    return draw.emissions(found)


def flows(plan: Plan, *, most: int = 8) -> Any:
    """Return a flow diagram of the main supply chains, in money.

    From resources through where they are used and what is delivered to consumers; up to `most`
    boxes in a column, and one for all others, so that every column adds up to all that is consumed
    (`parecon.outcome.flows`).

    Raises PlanError if the plan has no figures, or nothing of value is consumed.
    """
    found = outcome.flows(_with_figures(plan), most=most)
    if found is None:
        raise PlanError("plots: there are no flows of value that could be drawn")
    return draw.flows(found)


def _with_figures(plan: Plan) -> Plan:
    if not outcome.has_figures(plan):
        raise PlanError(f"plots: a plan that is {plan.status.value} has no figures to draw")
    return plan
