"""What it means for a plan to agree with the reference: tolerances, each with its reason."""

from __future__ import annotations

import numpy as np

import parecon as pe
from reference.dual import dual_value

# What the package is asked for. Small economies in double precision allow much more than the
# default 1e-6, and the comparisons below need the answer to be far inside them.
SOLVE_TOL = 1e-9

# The plan is within its own tolerance of the optimum, and the optimum within the twin's bracket;
# the rest is room for rounding in the sums of logarithms.
WELFARE_TOL = 2 * SOLVE_TOL

# Prices and quantities: the plan's error is its residuals (1e-9) times a conditioning of up to some
# hundreds, the twin's at most the root of twice its gap. 1e-6 is what the project promises.
PLAN_TOL = 1e-6

# A bracket this narrow (relative to the total budget) makes the twin's prices and quantities good
# for PLAN_TOL: the root of 4e-13 is 6e-7. In some degenerate economies (resources of no value,
# councils at capacity) Clarabel stops earlier and only welfare is compared. Wider than USABLE,
# which is what the project promises, it would prove nothing.
EXACT, USABLE = 2e-13, 1e-6


def bracket(economy, twin, *prices) -> float:
    """Width of the interval from the twin's welfare to the dual function, relative to the total
    budget.

    The optimum lies in it, up to the twin's rounding: the dual function bounds it from above,
    whatever the prices; the least of its values at the twin's and at any other `prices` is taken.
    """
    # Prices from a solver miss zero profit by its feasibility, up to 1e-8 where it stops early. The
    # profits forgiven, times levels, may add up to several times the gap that is seen: where the
    # twin is not EXACT, ten times is allowed.
    values = [dual_value(economy, price, profit_tol=1e-6) for price in (twin.price, *prices)]
    gap = max(abs(min(values) - twin.welfare) / economy.total_budget, twin.accuracy)
    width = gap if gap <= EXACT else 10 * gap
    assert width <= USABLE, f"the reference is no use here: {width}"
    return width


def price_distance(economy, price, reference) -> float:
    """Worst error of a price, relative to it or to the price of a good worth little.

    The prices of goods (nearly) in surplus tend to 0 and have no relative accuracy: theirs is
    measured against the price at which all there is of the good would be worth a thousandth of the
    total budget.
    """
    there = np.maximum(np.asarray(economy.endowment, float), 1e-3)
    floor = 1e-3 * economy.total_budget / there
    return float(np.max(np.abs(price - reference) / np.maximum(reference, floor)))


def quantity_distance(quantity, reference) -> float:
    """Worst difference relative to the quantity, or to the greatest of the family for the small
    ones."""
    reference = np.asarray(reference, float)
    if not reference.size:
        return 0.0
    scale = np.maximum(np.abs(reference), 1e-2 * np.abs(reference).max())
    return float(np.max(np.abs(np.asarray(quantity) - reference) / np.maximum(scale, 1e-12)))


def assert_solved(economy, plan, tol: float = SOLVE_TOL) -> None:
    """The plan is called solved and the independent judge agrees, at the tolerance that was asked
    for."""
    assert plan.status is pe.Status.SOLVED, plan.message
    certificate = pe.certify(economy, plan, tol=tol)
    assert certificate.feasible, str(certificate)
    assert certificate.holds(tol), str(certificate)


def assert_welfare(economy, plan, welfare: float, width: float = 0.0) -> None:
    """The plan's welfare and its bound enclose an optimum that lies within `width` of `welfare`
    (relative)."""
    budget = economy.total_budget
    assert abs(plan.welfare - welfare) <= (WELFARE_TOL + width) * budget, (
        plan.welfare - welfare
    ) / budget
    assert plan.bound >= welfare - (WELFARE_TOL + width) * budget, (plan.bound - welfare) / budget


def assert_prices(economy, plan, price, tol: float = PLAN_TOL) -> None:
    """Prices as the reference."""
    assert price_distance(economy, plan.price, price) <= tol, (plan.price, price)


COMPARED = ("quantity", "input", "output", "outputs", "level", "fixed_input")
# Their utility is unique, their quantities are not: linear consumers may be indifferent, Leontief
# consumers may be given any amount of a free good.
BY_UTILITY = (pe.LinearConsumers, pe.LeontiefConsumers)


def assert_quantities(plan, twin, labels=None, tol: float = PLAN_TOL) -> None:
    """Quantities of the families (all, or those of `labels`) as the twin's, utilities of those
    `BY_UTILITY`."""
    for family, proposal, reference in zip(
        plan.economy.families, plan.proposals, twin.proposals, strict=True
    ):
        if labels is not None and family.label not in labels:
            continue
        for name in ("utility",) if isinstance(family, BY_UTILITY) else COMPARED:
            if name in reference and getattr(proposal, name, None) is not None:
                distance = quantity_distance(getattr(proposal, name), reference[name])
                assert distance <= tol, (
                    family.label,
                    name,
                    getattr(proposal, name),
                    reference[name],
                )
