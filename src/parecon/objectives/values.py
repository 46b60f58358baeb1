"""Indicative prices, labour values and marginal directional values in one table, and their checks.

All of them are answers to one question, what one more unit of a good is worth: to the plan, by its
prices; in labour, through the plan's own techniques; and found out by planning again with one more
and one less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parecon._columns import FloatArray, IndexArray
from parecon.certificate import certify
from parecon.economy import Economy
from parecon.errors import PlanError
from parecon.explanation.factors import factor_kind
from parecon.objectives import checks
from parecon.objectives.content import Content, content
from parecon.objectives.directional import Directional, directional
from parecon.objectives.optimum import Optimum
from parecon.objectives.records import Check, ObjectiveValues, TargetReached
from parecon.objectives.wanted import Weighed, Weights, weighed
from parecon.objectives.worth import worth_of
from parecon.plan import Plan
from parecon.status import Status

_NO_PLAN = (Status.INFEASIBLE, Status.INVALID)


def objective_values(
    source: Plan | Optimum,
    *,
    labour: Weights | None = None,
    directions: Sequence[str] = (),
    step: float = 1e-2,
    options: Mapping[str, Any] | None = None,
) -> ObjectiveValues:
    """Return what goods are worth in a plan, and whether it fits together.

    Parameters
    ----------
    source : Plan or Optimum
    labour : str or mapping, optional
        Of what goods the content is asked for: a good, a kind, or weights by good. Unless given,
        what an optimum minimises; of other plans the goods that are labour by their kind or name,
        all weighing the same.
    directions : sequence of str
        Goods for which to plan again, with a little more and a little less of each in hand.
    step : float
        That little, relative to the supply of the good, above 0.
    options : mapping, optional
        Settings of those solves, as of `parecon.solve` (for instance `method`).

    Returns
    -------
    ObjectiveValues

    Raises
    ------
    PlanError
        If the plan has no usable figures, or the step is not above 0.
    EconomyError
        If a good is unknown.
    """
    plan = source.plan if isinstance(source, Optimum) else source
    if plan.status in _NO_PLAN:
        raise PlanError(f"objective_values: expected a plan with figures, got {plan.status}")
    if not 0.0 < step < 1.0:
        raise PlanError(f"objective_values: expected a step between 0 and 1, got {step:g}")
    economy, n = plan.economy, plan.economy.n_goods
    worth = worth_of(source)
    contained = _labour(source, labour)
    found = None if contained is None else content(plan, contained)
    good = economy.goods.index(list(directions)) if len(directions) else np.empty(0, np.int32)
    moved = directional(plan, worth, good, step, dict(options or {}))
    one_more, one_less = np.full(n, np.nan), np.full(n, np.nan)
    one_more[good], one_less[good] = moved.up, moved.down
    marginal = np.asarray(plan.price) * worth.per_money
    targets = checks.targets_reached(plan)
    return ObjectiveValues(
        objective=worth.name,
        unit=worth.unit,
        value=worth.value,
        labour="" if contained is None else contained.text,
        goods=economy.goods,
        price=np.asarray(plan.price),
        marginal=marginal,
        labour_value=np.full(n, np.nan) if found is None else found.labour,
        one_more=one_more,
        one_less=one_less,
        targets=targets,
        checks=tuple(_checks(plan, found, contained, targets, marginal, moved)),
    )


def _checks(
    plan: Plan,
    found: Content | None,
    contained: Weighed | None,
    targets: tuple[TargetReached, ...],
    marginal: FloatArray,
    moved: Directional,
) -> list[Check]:
    tol = float(plan.settings.get("tol", 1e-6))
    certificate = plan.certificate
    if certificate is None:
        certificate = certify(plan.economy, plan, tol=tol)
    result = checks.of_certificate(certificate, tol)
    result.append(checks.incomes(plan, tol))
    if targets:
        result.append(checks.priced_by_targets(targets, tol))
    if found is not None and contained is not None:
        result.append(checks.composed(plan, found, tol))
        result.append(checks.labour_theory(plan, found, contained, tol))
    if len(moved.good):
        result.append(checks.bracketed(plan, marginal, moved, tol))
    return result


def _labour(source: Plan | Optimum, labour: Weights | None) -> Weighed | None:
    """What the content is of; None where nothing says so."""
    economy = source.plan.economy if isinstance(source, Optimum) else source.economy
    if labour is not None:
        return weighed(economy.goods, labour, "labour")
    if isinstance(source, Optimum) and source.sense == "least":
        return source.weighed
    good = _labour_goods(economy)
    if not good.size:
        return None
    name = economy.goods.name(int(good[0])) if good.size == 1 else "labour"
    return Weighed(good, np.ones(good.size), name, "")


def _labour_goods(economy: Economy) -> IndexArray:
    """Goods that nobody makes and whose kind, or name, says labour."""
    primary = np.flatnonzero(~economy.made)
    goods = economy.goods
    if goods.counted and goods.kind is None:
        return np.empty(0, dtype=np.int32)
    found = [i for i in primary.tolist() if factor_kind(goods, i, economy.made) == "labour"]
    return np.array(found, dtype=np.int32)
