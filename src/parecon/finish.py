"""From the last answers to a plan.

Delivered so that it exists, judged so that its status is true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.certificate import Certificate, certify
from parecon.control import Control
from parecon.delivery import deliver, fits, totals
from parecon.draft import Draft, drafts, later_drafts
from parecon.errors import list_some
from parecon.infeasibility import diagnose
from parecon.plan import Infeasibility, Plan
from parecon.problem import Measures, Problem
from parecon.settings import Settings
from parecon.status import Status
from parecon.utility import welfare_of

Array = NDArray[np.float64]

# Larger economies are certified on request: it may cost as much as the solve, and a plan that was
# asked for at once is to come within a second.
CERTIFY_ENTRIES = 3_000_000

_FREE = 1e-6  # of the greatest value used: what delivery reckons a free good at


@dataclass(frozen=True)
class Found:
    """What another engine found: its plans are always certified, whatever it says of them.

    price : (n,) >= 0, money per physical unit; drafts : one per family;
    note : a sentence for the plan's message, or nothing.
    """

    price: Array
    drafts: list[Draft]
    note: str = ""


def finish(
    problem: Problem,
    settings: Settings,
    control: Control,
    status: Status,
    method: str,
    found: Found | None = None,
) -> Plan:
    """Deliver, certify, and word the result: of the problem's answers, or of what was `found`."""
    price = problem.market.price.copy() if found is None else found.price
    hurry = control.hurried()
    infeasible = None
    if (
        status in (Status.INFEASIBLE, Status.INACCURATE, Status.ITERATION_LIMIT)
        and problem.needs.any()
    ):
        with control.phase("diagnosis"):
            infeasible = diagnose(problem.economy, settings, control)
        # prices without a proof are only a suspicion
        status = Status.INFEASIBLE if infeasible else _unproved(status)
    with control.phase("delivery"):
        if found is None:
            supply, demand, proposals, whole = _delivered(problem, price, hurry)
        else:
            supply, demand, proposals = _fitted(problem, found.drafts, price, _worth(found), hurry)
            whole = False
            problem.market.zero_profit = math.nan  # the certificate will say
    known: dict[str, Any] = {
        "economy": problem.economy,
        "price": price,
        "supply": supply,
        "demand": demand,
        "proposals": proposals,
        "history": tuple(control.history),
        "method": method,
        "choice": control.choice,
        "settings": _settings_record(settings),
        "infeasible": infeasible,
    }
    measures = _measures(problem, price, supply, demand, whole)
    draft = Plan(status=status, message="", **known)
    certificate = None
    wanted = settings.certify
    if wanted is None:
        wanted = problem.economy.n_entries <= CERTIFY_ENTRIES
    if wanted or found is not None:
        with control.phase("certificate"):
            certificate = certify(problem.economy, draft, tol=settings.tol)
    if found is not None and certificate is not None:
        lost = max(certificate.zero_profit, certificate.benefit_cost_violation)
        measures = replace(measures, zero_profit=lost)
    status = _judged(status, certificate, settings)
    welfare, bound = _welfare(problem, certificate, whole, draft, hurry)
    gap = (bound - welfare) / problem.total_budget
    return Plan(
        status=status,
        message=_message(status, measures, gap, settings, control, infeasible)
        + _unfulfilled(status, certificate, settings)
        + (f" {found.note}" if found is not None and found.note else ""),
        welfare=welfare,
        bound=bound,
        gap=gap,
        shortage=measures.shortage,
        surplus=measures.surplus,
        zero_profit=measures.zero_profit,
        certificate=certificate,
        phase_s=control.phase_s,
        **known,
    )


def _unproved(status: Status) -> Status:
    return Status.INACCURATE if status is Status.INFEASIBLE else status


def _delivered(problem: Problem, price: Array, hurry: bool) -> tuple[Array, Array, Any, bool]:
    """(supply, demand, proposals, whether the answers were deliverable as they stood)."""
    market = problem.market
    if fits(market.supply, market.demand):
        with np.errstate(divide="ignore", invalid="ignore"):
            supply = np.where(price > 0.0, market.supply / price, market.endowment)
            demand = np.where(price > 0.0, market.demand / price, problem.needs)
        return supply, demand, partial(_final, later_drafts(problem), price), True
    return *_fitted(problem, drafts(problem), price, price, hurry), False


def _worth(found: Found) -> Array:
    """(n,) prices for delivery: what is in surplus is not to be cut because it is worth nothing.

    A free good counts as worth a little of what is used most.
    """
    price, n = found.price, len(found.price)
    used = sum((draft.sums(n)[0] for draft in found.drafts), np.zeros(n))
    least = _FREE * float(np.max(price * used, initial=0.0))
    return np.maximum(price, least / np.where(used > 0.0, used, np.inf))


def _fitted(
    problem: Problem, drafted: list[Draft], price: Array, worth: Array, hurry: bool
) -> tuple[Array, Array, Any]:
    """(supply, demand, proposals) of drafts, cut where they do not fit.

    price, worth : (n,) money per unit; proposals are valued by the first, what to cut by the other.
    """
    supply, demand = totals(problem, drafted)
    if fits(supply, demand):
        return supply, demand, partial(_final, drafted, price)
    delivery = deliver(problem, drafted, price=worth, hurry=hurry)
    if delivery is None:
        # not even the needs: a plan in which nobody does anything
        idle = [
            draft.scaled(np.zeros(draft.family.n_councils), np.zeros(problem.n_goods))
            for draft in drafted
        ]
        supply, demand = totals(problem, idle)
        return supply, demand, partial(_final, idle, price)
    return delivery.supply, delivery.demand, partial(_final, delivery.drafts, price)


def _final(drafted: list[Draft], price: Array) -> tuple[Any, ...]:
    return tuple(draft.final(price) for draft in drafted)


def _measures(
    problem: Problem, price: Array, supply: Array, demand: Array, whole: bool
) -> Measures:
    """Of the plan that is returned, not of the answers it was cut from."""
    if whole:
        return problem.measures()
    market = problem.market
    market.supply, market.demand = supply * price, demand * price
    return problem.measures()


def _judged(status: Status, certificate: Certificate | None, settings: Settings) -> Status:
    """A plan the certificate rejects is never called solved."""
    if status is Status.SOLVED and certificate is not None and not certificate.holds(settings.tol):
        return Status.INACCURATE
    return status


def _welfare(
    problem: Problem, certificate: Certificate | None, whole: bool, plan: Plan, hurry: bool
) -> tuple[float, float]:
    """(welfare, bound), money: the certificate's where there is one, otherwise the solver's own.

    For smooth answers that stand as they are, Phi - welfare = p.(supply - demand): budgets are
    spent to the last unit.
    """
    if certificate is not None:
        return certificate.welfare, certificate.bound
    market = problem.market
    if whole and problem.smooth:
        return market.dual - float(np.sum(market.supply - market.demand)), market.dual
    if whole:
        products = sum(answer.complementarity() for answer in problem.inner)
        return market.dual - float(np.sum(market.supply - market.demand)) - products, market.dual
    if hurry and problem.economy.n_entries > CERTIFY_ENTRIES:
        return math.nan, market.dual
    return welfare_of(problem.economy, plan.proposals), market.dual


def _message(
    status: Status,
    measures: Measures,
    gap: float,
    settings: Settings,
    control: Control,
    infeasible: Infeasibility | None,
) -> str:
    """What the status claims, in the numbers of this plan."""
    numbers = (
        f"worst shortage {measures.shortage:.1e}, surplus {measures.surplus:.1e}, "
        f"zero profit {measures.zero_profit:.1e}, gap {gap:+.1e} (tolerance {settings.tol:g})"
    )
    if status is Status.SOLVED:
        return f"Every measure is within the tolerance: {numbers}."
    if infeasible is not None:
        return _shortage_message(infeasible)
    if status is Status.TIME_LIMIT and settings.time_limit_s is None:
        return f"Stopped by a time limit of the solver's own: {numbers}."
    if status is Status.TIME_LIMIT:
        return f"Stopped by the time limit of {settings.time_limit_s:g} s: {numbers}."
    if status is Status.ITERATION_LIMIT:
        return f"Stopped after {settings.max_iterations} iterations: {numbers}."
    if status is Status.INTERRUPTED:
        return f"Stopped on request after {control.elapsed_s:.1f} s: {numbers}."
    return f"No further progress: {numbers}."


def _unfulfilled(status: Status, certificate: Certificate | None, settings: Settings) -> str:
    """What the certificate misses, by name: more than the four measures may fail."""
    if status is not Status.INACCURATE or certificate is None:
        return ""
    failures = certificate.failures(settings.tol)
    if math.isinf(certificate.bound) and certificate.bound_reason:
        failures = (certificate.bound_reason, *failures)
    return f" Not within it: {list_some(failures, len(failures))}." if failures else ""


def _shortage_message(infeasible: Infeasibility) -> str:
    """Which needs are short by how much, and what binds."""
    short = "; ".join(
        f"{name}: {needed:.6g} needed, {available:.6g} can be had"
        for name, needed, available in infeasible.goods[:3]
    )
    more = f" and {len(infeasible.goods) - 3} more" if len(infeasible.goods) > 3 else ""
    binding = ", ".join(name for name, _ in infeasible.resources[:5])
    binding = binding or "capacities of councils"
    return f"No plan meets the needs. Short of {short}{more}. What binds: {binding}."


def _settings_record(settings: Settings) -> dict[str, Any]:
    """The settings that a later reader can make sense of (not the callables)."""
    names = ("tol", "method", "time_limit_s", "max_iterations", "n_threads")
    return {name: getattr(settings, name) for name in names}
