"""Do prices, quantities and contents fit together? Each check is a theorem about the best plan."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parecon._columns import FloatArray
from parecon.certificate import Certificate
from parecon.explanation.chain import Chain
from parecon.families import Consumers, Targets
from parecon.objectives.content import Content
from parecon.objectives.directional import Directional
from parecon.objectives.records import Check, TargetReached
from parecon.objectives.wanted import Weighed
from parecon.plan import Plan

# Prices that rest on labour but for so many tolerances of other things are labour's alone.
_LABOUR_ONLY = 100.0
_SLACK = 10.0  # tolerances that sums of many goods and councils may be off


def of_certificate(certificate: Certificate, tol: float) -> list[Check]:
    """Complementary slackness, as the independent judge sees it."""
    return [
        Check(
            "what is left over has no price",
            "price times surplus, of the value of what is used",
            certificate.surplus,
            certificate.surplus_good or "",
            tol,
        ),
        Check(
            "no technique would profit",
            "revenue over cost less 1 of councils of constant returns without a capacity",
            certificate.zero_profit,
            certificate.zero_profit_council or "",
            tol,
        ),
        Check(
            "no technique in use loses",
            "social cost beyond social benefit, of the cost",
            certificate.benefit_cost_violation,
            certificate.benefit_cost_council or "",
            tol,
        ),
    ]


def incomes(plan: Plan, tol: float) -> Check:
    """What resources, capacities and falling returns earn is what deliveries are worth."""
    price, economy = np.asarray(plan.price), plan.economy
    delivered, earned = 0.0, float(np.dot(price, economy.endowment))
    for family, made in zip(economy.families, plan.proposals, strict=True):
        proposal: Any = made
        if isinstance(family, Consumers):
            delivered += float(np.sum(proposal.spending))
            if family.needs is not None:
                delivered += float(np.sum(family.needs @ price))
        elif family.role == "suppliers":
            earned += float(np.sum(proposal.revenue))
    for maker in Chain(plan).makers:
        earned += float(np.sum(maker.effort + maker.rent + maker.surplus))
    worst = abs(delivered - earned) / max(delivered, 1e-300)
    return Check(
        "rents add up to the value of deliveries",
        "value of endowments, supplies, capacities, surplus and effort against what consumers and "
        "targets get, at the plan's prices",
        worst,
        "",
        _SLACK * tol,
    )


def composed(plan: Plan, found: Content, tol: float) -> Check:
    """Every price is what the chain pays for labour and for other scarce things."""
    price = np.asarray(plan.price)
    off = np.abs(price - found.wages - found.other)
    # an error of tol in each maker's cost adds up to tol times all that passes through the chain
    relative = _ratio(off, found.passed)
    # all there is of a free good is worth less than the tolerance leaves open
    worth = price * np.maximum(plan.supply, plan.demand)
    relative[worth <= tol * plan.economy.total_budget / len(price)] = np.nan
    return _worst(
        plan,
        relative,
        "prices are what scarce things cost along the chain",
        "price less wages, other resources and rents, of all value that passes through the chain",
        _SLACK * tol,
    )


def labour_theory(plan: Plan, found: Content, contained: Weighed, tol: float) -> Check:
    """Where labour is all that is scarce, prices are in proportion to labour values."""
    price = np.asarray(plan.price)
    wage = price[contained.good] / contained.weight
    relative = np.full(len(price), np.nan)
    same = wage.size and np.ptp(wage) <= _LABOUR_ONLY * tol * np.max(wage)
    if same and np.max(wage) > 0.0:
        made = plan.economy.made & (found.labour > 0.0)
        only = made & (np.abs(found.other) <= _LABOUR_ONLY * tol * price)
        relative[only] = np.abs(price[only] / np.mean(wage) / found.labour[only] - 1.0)
    return _worst(
        plan,
        relative,
        f"where only {contained.text} is scarce, prices are its content",
        "price in units of the wage against the content, of goods in whose chain nothing else has "
        "a price",
        2.0 * _LABOUR_ONLY * tol,
    )


def targets_reached(plan: Plan) -> tuple[TargetReached, ...]:
    """Every target of the plan, with what one more unit would be worth to it."""
    found = []
    names, price = plan.economy.goods, np.asarray(plan.price)
    for family, made in zip(plan.economy.families, plan.proposals, strict=True):
        if not isinstance(family, Targets):
            continue
        proposal: Any = made
        worth = _target_worth(family, proposal.quantity)
        for k, i in enumerate(family.good.tolist()):
            found.append(
                TargetReached(
                    good=names.name(i),
                    family=family.title,
                    target=float(family.target[k]),
                    delivered=float(proposal.quantity[k]),
                    reached=float(proposal.quantity[k] / family.target[k]),
                    price=float(price[i]),
                    worth=float(worth[k]),
                )
            )
    return tuple(found)


def _target_worth(family: Targets, quantity: FloatArray) -> FloatArray:
    """w/T H'(x/T - 1), or w/x, money per unit; nan where only all targets together are worth."""
    if family.form in ("ray", "linear"):
        return np.full(len(quantity), math.nan)
    with np.errstate(divide="ignore"):
        if family.form == "log":
            return np.asarray(family.weight / quantity)
        reached = quantity / family.target
        slope = np.where(reached < 1.0, 2.0 - reached, 1.0 / np.maximum(reached, 1.0))
    return np.asarray(family.weight / family.target * slope)


def priced_by_targets(targets: tuple[TargetReached, ...], tol: float) -> Check:
    """A target takes its good until one more unit is worth its price."""
    worst, where = math.nan, ""
    for target in targets:
        if math.isnan(target.worth):
            continue
        off = target.worth / target.price - 1.0 if target.price > 0.0 else math.inf
        # too dear to begin with: nothing is delivered
        off = max(off, 0.0) if target.reached <= tol else abs(off)
        if not off <= worst:
            worst, where = off, target.good
    return Check(
        "prices are what one more unit is worth to its target",
        "marginal value of the target against the price of its good",
        worst,
        where,
        _SLACK * tol,
    )


def bracketed(plan: Plan, marginal: FloatArray, found: Directional, tol: float) -> Check:
    """One more is worth no more, and one less no less, than the price."""
    price = marginal[found.good]
    over = np.fmax(found.up - price, price - found.down) - found.uncertain
    relative = np.full(len(marginal), np.nan)
    relative[found.good] = _ratio(np.maximum(over, 0.0), price)
    return _worst(
        plan,
        relative,
        "one more is worth at most the price, one less at least",
        "directional values against the marginal value, beyond what the solves leave open",
        _SLACK * tol,
    )


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    none = np.full(len(part), np.nan)
    return np.divide(part, whole, out=none, where=np.isfinite(whole) & (whole > 0.0))


def _worst(plan: Plan, relative: FloatArray, name: str, sentence: str, limit: float) -> Check:
    if np.isnan(relative).all():
        return Check(name, sentence, math.nan, "", limit)
    at = int(np.nanargmax(relative))
    return Check(name, sentence, float(relative[at]), plan.economy.goods.name(at), limit)
