"""The upper bound on welfare: Phi at prices where no unlimited council profits (weak duality).

For every p >= 0 and every feasible plan, Phi(p) >= welfare (DESIGN, section 2): each family's term
of Phi is the greatest value of what it would choose at p, and p.(supply - demand) >= 0. A council
of constant returns without a capacity would choose infinitely much wherever it profits, so that a
plan's prices, right to six digits, prove nothing as they stand. Two repairs, each rigorous:

1. Lower the prices of what such councils make to its cost, all together, until none profits. Costs
   fall with prices, so that this takes rounds, each of which only lowers prices. Joint outputs of a
   council are lowered by one factor.
2. Bound the level of those that profit by what there is (`resources`); their profit counts once per
   unit of that level.

The bound is the first, or the second where it is less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from parecon.certificate.findings import Finding, peak
from parecon.certificate.groups import Array
from parecon.certificate.judges import Judge, ProducerJudge
from parecon.certificate.resources import available_goods
from parecon.economy import Economy

# A unit cost is the exponential of a logarithm of some tens: it is right to about this, relatively.
# A profit below it is rounding and counts as none.
PROFIT_ROUNDING = 1e-13
REPAIR_ROUNDS = 100
CUTS = (4.0, 16.0, 64.0, 256.0, 1024.0)


@dataclass(frozen=True)
class Bound:
    """An upper bound on welfare.

    value : money, inf where nothing is proved; `reason` says why.
    price : (n,) at which Phi was taken. profit : the unlimited council that would profit most at
    the plan's own prices, relative to cost.
    """

    value: float
    price: Array
    profit: Finding
    reason: str = ""


def dual_bound(
    economy: Economy, judges: tuple[Judge, ...], price: Array, needs: Array, *, enough: float
) -> Bound:
    """The least bound that the repairs give at `price` (n,).

    enough : money; a bound at or below it is not improved further.
    """
    if not (np.isfinite(price).all() and price.min(initial=0.0) >= 0.0):
        at = int(np.argmin(np.isfinite(price) & (price >= 0.0)))
        reason = f"the price of {economy.goods.name(at)} is {price[at]:g}"
        return Bound(math.inf, price, Finding(), reason)
    net = economy.endowment - needs
    repaired, left, profit = repair(judges, price)
    if left.value <= PROFIT_ROUNDING:
        value, reason = phi(judges, repaired, net)
    else:
        value, reason = math.inf, f"{left.where} profits without limit"
    if value <= enough or profit.value <= PROFIT_ROUNDING:
        return Bound(value, repaired, profit, reason)
    other, _ = phi(judges, price, net)
    other += _bounded_profits(judges, price, net)
    if other < value:
        return Bound(other, price, profit)
    return Bound(value, repaired, profit, reason)


def phi(judges: tuple[Judge, ...], price: Array, net: Array) -> tuple[float, str]:
    """Phi(p) of DESIGN (D) without unlimited councils, and where it is infinite why.

    net : (n,) endowment - needs, physical units.
    """
    terms = [math.fsum(price * net)]
    for judge in judges:
        values = judge.dual(price)
        total = float(np.sum(values))
        if not math.isfinite(total):
            at, _ = peak(np.where(np.isnan(values), np.inf, values))
            return math.inf, f"{judge.family.council_name(at)} would take or make without limit"
        terms.append(total)
    return math.fsum(terms), ""


def repair(judges: tuple[Judge, ...], price: Array) -> tuple[Array, Finding, Finding]:
    """Lower prices to cost. Returns (prices, profit left, profit at the prices given).

    Rounds converge like powers of the share of made goods in cost. What they leave where that share
    is near one, one longer cut takes away: along the last round, or, where that does not do, of all
    that is made by one factor.
    """
    makers = [j for j in judges if isinstance(j, ProducerJudge) and j.unlimited.any()]
    lowered, factor = price.copy(), np.ones(price.size)
    first = left = _most_profitable(makers, lowered, factor)
    for _ in range(REPAIR_ROUNDS):
        if left.value <= PROFIT_ROUNDING:
            return lowered, left, first
        lowered *= factor
        factor[:] = 1.0
        left = _most_profitable(makers, lowered, factor)
    return *_cut(makers, lowered, factor, left), first


def _cut(
    makers: list[ProducerJudge], price: Array, last: Array, left: Finding
) -> tuple[Array, Finding]:
    """Lower prices once more, by so much that nobody profits any more.

    last : (n,) what one more round would lower them by. Rounds end in a fixed direction, each a
    part r < 1 of the one before: 1/(1-r) times the last is all that is left to come. And if goods
    that are not made are a share a or more of every cost, a cut of everything made by d lowers
    costs by (1-a) d or less: d = profit / a is enough. Neither is computed, both are tried.
    """
    if not math.isfinite(left.value):
        return price, left
    made = np.zeros(price.size, dtype=bool)
    for judge in makers:
        councils = np.flatnonzero(judge.unlimited)
        one = np.ones(price.size)
        judge.lower(one, councils, np.full(councils.size, 0.5))
        made |= one < 1.0
    for times in CUTS:
        for factor in (last**times, np.where(made, 1.0 / (1.0 + times * left.value), 1.0)):
            lowered = price * factor
            remaining = _most_profitable(makers, lowered, np.ones(price.size))
            if remaining.value <= PROFIT_ROUNDING:
                return lowered, remaining
    return price, left


def _most_profitable(makers: list[ProducerJudge], price: Array, factor: Array) -> Finding:
    """The council of greatest revenue / cost - 1; `factor` (n,) is lowered to undo all profits."""
    found = Finding()
    for judge in makers:
        revenue, cost = judge.unit_revenue(price), judge.unit_cost(price)
        councils = np.flatnonzero(judge.unlimited & (revenue > cost))
        if councils.size == 0:
            continue
        ratio = cost[councils] / revenue[councils]
        judge.lower(factor, councils, ratio)
        at = int(np.argmin(ratio))
        # What costs nothing profits infinitely, and its price becomes 0.
        value = math.inf if ratio[at] == 0.0 else float(1.0 / ratio[at] - 1.0)
        if value > found.value:
            found = Finding(value, judge.family.council_name(int(councils[at])))
    return found


def _bounded_profits(judges: tuple[Judge, ...], price: Array, net: Array) -> float:
    """Sum of profit per unit times the greatest possible level, money; inf if one is unbounded."""
    available = available_goods(judges, net)
    total = 0.0
    for judge in judges:
        if not isinstance(judge, ProducerJudge) or not judge.unlimited.any():
            continue
        profit = judge.unit_revenue(price) - judge.unit_cost(price)
        gains = np.flatnonzero(judge.unlimited & (profit > 0.0))
        if gains.size:
            total += float(np.sum(profit[gains] * judge.level_bound(available)[gains]))
    return math.inf if math.isnan(total) else total
