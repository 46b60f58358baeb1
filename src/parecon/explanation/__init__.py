"""Why a good costs what it costs, and what holds a council back: `Plan.explain`.

Everything is read off the plan itself, its prices and proposals; nothing is solved anew but the
supply chain of the good, which is linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parecon.errors import PlanError, list_some, nearest
from parecon.explanation.of_council import council_place, explain_council
from parecon.explanation.of_good import explain_good
from parecon.explanation.records import (
    Binding,
    CouncilExplanation,
    GoodExplanation,
    Idle,
    Item,
    Part,
    Trade,
)
from parecon.families import Family
from parecon.status import Status

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = [
    "Binding",
    "CouncilExplanation",
    "GoodExplanation",
    "Idle",
    "Item",
    "Part",
    "Trade",
    "explain",
]


def explain(
    plan: Plan, name: str, *, family: str | None = None, most: int = 10
) -> GoodExplanation | CouncilExplanation:
    """Explain a good or a council; see `Plan.explain`."""
    if most < 1:
        raise PlanError(f"explain: expected most of at least 1, got {most}")
    if plan.status is Status.INVALID:
        raise PlanError(f"explain: the figures of this plan must not be used: {plan.message}")
    goods = plan.economy.goods
    if family is None and isinstance(name, str) and name in goods:
        return explain_good(plan, goods.index(name), most=most)
    found, council = _council(plan, name, family)
    if plan.status is Status.INFEASIBLE:
        raise PlanError(
            f"explain: no plan meets the needs, so that no proposal of {name!r} explains anything; "
            "ask for a good, or see plan.infeasible"
        )
    return explain_council(plan, found, council)


def _council(plan: Plan, name: str, label: str | None) -> tuple[Family, int]:
    """The family and the position of a council given by name, "label/name" or number."""
    families = plan.economy.families
    if label is None and isinstance(name, str) and "/" in name:
        label, name = name.split("/", 1)
    if label is not None:
        families = (plan.economy.family(label),)
    found = [(f, at) for f in families if (at := council_place(f, str(name))) is not None]
    if len(found) == 1:
        return found[0]
    if found:
        places = [f"{family.title}/{name}" for family, _ in found]
        raise PlanError(f"explain: several councils {name!r}: {list_some(places, len(places))}")
    known = [known for family in families for known in family.names or ()]
    if label is None:
        known += plan.economy.goods.names
    what = "good or council" if label is None else f"council of {label!r}"
    raise PlanError(f"explain: no {what} {name!r}{nearest(str(name), known)}")
