"""Certify a plan: the steps, in order.

1. Is every proposal possible?  2. Is no good used beyond what exists?  3. Do consumers keep to
their budgets, workers' benefits cover their costs?  4. What is the plan worth?  5. What is the
most that any plan can be worth?
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from parecon.certificate import clearance
from parecon.certificate.dual_bound import Bound, dual_bound
from parecon.certificate.findings import Finding, worse, worst
from parecon.certificate.groups import Array
from parecon.certificate.judges import Judge, ProducerJudge
from parecon.certificate.panel import judges_of, price_column
from parecon.certificate.report import SHORTAGE_ROUNDING, TECHNOLOGY_ROUNDING, Certificate
from parecon.economy import Economy
from parecon.errors import PlanError
from parecon.families import refuse_first_order


class Planned(Protocol):
    """What is read of a plan: `parecon.Plan` has it, and so may a plan from anywhere else."""

    @property
    def price(self) -> Any:
        """(n,) prices, money per physical unit."""

    @property
    def proposals(self) -> tuple[Any, ...]:
        """Proposals aligned with `economy.families`; only physical quantities are read."""


def certify(economy: Economy, plan: Planned, *, tol: float = 1e-6) -> Certificate:
    """Judge a plan by the original data alone, with NumPy and none of the solver's code.

    Parameters
    ----------
    economy : Economy
        What the plan is judged by (not `plan.economy`, which may be another).
    plan : Plan
        Read are `price` and the quantities of `proposals`: quantity; input, output, outputs,
        effort, fixed_input; level. Values, utilities and measures that it states are not.
    tol : float
        Relative tolerance that `holds()` uses unless told otherwise.

    Returns
    -------
    Certificate
        See its attributes; `holds(tol)` and `str()` sum them up.

    Raises
    ------
    PlanError
        If the plan's arrays do not fit the economy.
    EconomyError
        If councils have increasing returns (`FirstOrderWorkers`): nothing bounds their surplus.
    """
    refuse_first_order(economy.families, "a certificate")
    price = price_column(economy, plan.price)
    proposals = tuple(plan.proposals)
    if len(proposals) != len(economy.families):
        raise PlanError(
            f"plan: expected proposals of {len(economy.families)} families, got {len(proposals)}"
        )
    judges = judges_of(economy)
    pairs = tuple(zip(judges, proposals, strict=True))
    budget = economy.total_budget
    with np.errstate(invalid="ignore", over="ignore"):  # whatever is no number fails a check
        technology = worse(*(judge.technology(proposal) for judge, proposal in pairs))
        supply, demand = clearance.supply_and_demand(economy, judges, proposals)
        overspent, unspent = _budgets(pairs, price)
        loss = _losses(pairs, price, budget)
        welfare = math.fsum(judge.welfare(proposal) for judge, proposal in pairs)
        needs = clearance.total_needs(economy)
        bound = dual_bound(economy, judges, price, needs, enough=welfare + tol * budget)
        found = _Findings(
            technology=technology,
            shortage=clearance.shortage(economy, supply, demand),
            surplus=clearance.surplus(economy, price, supply, demand),
            overspent=overspent,
            unspent=unspent,
            loss=loss,
        )
    return _certificate(economy, found, welfare, bound, price, tol)


@dataclass(frozen=True, kw_only=True)
class _Findings:
    technology: Finding
    shortage: Finding
    surplus: Finding
    overspent: Finding
    unspent: Finding
    loss: Finding


def _budgets(pairs: tuple[tuple[Judge, Any], ...], price: Array) -> tuple[Finding, Finding]:
    """Worst p.x_h / b_h - 1 and worst 1 - p.x_h / b_h."""
    over, under = [], []
    for judge, proposal in pairs:
        excess = judge.overspending(proposal, price)
        over.append(worst(excess, judge.family, "spends more than its budget"))
        under.append(worst(-excess, judge.family, "leaves part of its budget unspent"))
    return worse(*over), worse(*under)


def _losses(pairs: tuple[tuple[Judge, Any], ...], price: Array, budget: float) -> Finding:
    """Worst max(0, SC - SB) / max(SC, B/m).

    The floor, a worker council's even share of the total budget, keeps technologies that idle at a
    rounding error of a level from counting as loss makers.
    """
    producers = [(judge, made) for judge, made in pairs if isinstance(judge, ProducerJudge)]
    m = max(sum(judge.family.n_councils for judge, _ in producers), 1)
    found = []
    for judge, proposal in producers:
        benefit, cost = judge.money(proposal, price)
        loss = np.maximum(0.0, cost - benefit) / np.maximum(cost, budget / m)
        found.append(worst(loss, judge.family, "social cost is beyond social benefit"))
    return worse(*found)


def _certificate(
    economy: Economy,
    found: _Findings,
    welfare: float,
    bound: Bound,
    price: Array,
    tol: float,
) -> Certificate:
    feasible = (
        found.shortage.value <= SHORTAGE_ROUNDING and found.technology.value <= TECHNOLOGY_ROUNDING
    )
    kept = np.divide(bound.price, price, out=np.ones(price.size), where=price > 0.0)
    bound.price.flags.writeable = False
    return Certificate(
        feasible=feasible,
        shortage=found.shortage.value,
        shortage_good=found.shortage.where,
        surplus=found.surplus.value,
        surplus_good=found.surplus.where,
        technology_violation=found.technology.value,
        technology_council=found.technology.where,
        technology_reason=found.technology.reason,
        budget_violation=found.overspent.value,
        budget_council=found.overspent.where,
        budget_unspent=found.unspent.value,
        unspent_council=found.unspent.where,
        benefit_cost_violation=found.loss.value,
        benefit_cost_council=found.loss.where,
        zero_profit=bound.profit.value,
        zero_profit_council=bound.profit.where,
        welfare=welfare,
        bound=bound.value,
        bound_reason=bound.reason,
        gap=(bound.value - welfare) / economy.total_budget,
        repair=float(np.max(1.0 - kept, initial=0.0)),
        total_budget=economy.total_budget,
        n_goods=economy.n_goods,
        n_councils=economy.n_councils,
        tol=tol,
        bound_price=bound.price,
    )
