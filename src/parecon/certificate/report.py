"""The certificate: what was found, in numbers and in words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.errors import list_some

# Sums here are exact to the last bits (`clearance`); a solver's own sums are not. Shortages up to
# this are rounding.
SHORTAGE_ROUNDING = 1e-12
# What a council may claim beyond its technology: room for sums of logarithms.
TECHNOLOGY_ROUNDING = 1e-9
# A feasible plan cannot beat the bound but by rounding, of sums of some tens of budgets.
GAP_ROUNDING = 1e-10


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What is proved about a plan, from the original data alone (`parecon.certify`).

    Every measure is relative, >= 0, and at its worst good or council, whose name is beside it (None
    where the measure is 0). With S supply, D demand, B total budget, n goods, m worker councils:

    feasible : bool, shortages and technology are right to rounding: the plan can be carried out.
    shortage : max over goods of max(0, D - S) / max(S, D).
    surplus : max over goods of p max(0, S - D) / max(p D, B/n).
    technology_violation : how far an output is beyond what inputs and effort make, a level beyond
        capacity, a supply beyond its maximum; inf for quantities below 0 or not finite.
        `technology_reason` says which.
    budget_violation : overspending, p.x_h / b_h - 1. Of targets: value delivered beyond what the
        plan's prices call for, over the weight.
    budget_unspent : 1 - p.x_h / b_h. Of targets: what is short of that.
    benefit_cost_violation : max(0, SC - SB) / max(SC, B/m), social cost beyond social benefit.
    zero_profit : revenue / cost - 1 of councils with constant returns and no capacity, which can
        only profit while prices are not right.
    welfare : sum b log u(x) - effort - suppliers' cost, money, of the plan's quantities.
    bound : money, no feasible plan has a greater welfare: Phi at repaired prices. inf where nothing
        is proved; `bound_reason` says why.
    gap : (bound - welfare) / B, signed.
    bound_price : (n,) prices at which the bound was taken, money per physical unit.
    repair : largest relative cut of a price on the way from the plan's prices to these.
    total_budget : B, money. n_goods, n_councils : size. tol : the tolerance asked for.
    """

    feasible: bool
    shortage: float
    shortage_good: str | None
    surplus: float
    surplus_good: str | None
    technology_violation: float
    technology_council: str | None
    technology_reason: str
    budget_violation: float
    budget_council: str | None
    budget_unspent: float
    unspent_council: str | None
    benefit_cost_violation: float
    benefit_cost_council: str | None
    zero_profit: float
    zero_profit_council: str | None
    welfare: float
    bound: float
    bound_reason: str
    gap: float
    repair: float
    total_budget: float
    n_goods: int
    n_councils: int
    tol: float
    bound_price: NDArray[np.float64] = field(repr=False, compare=False)

    def holds(self, tol: float | None = None) -> bool:
        """Whether the plan is feasible and each measure, the gap among them, is at most `tol`.

        tol : the tolerance the certificate was asked for, unless given. The gap alone proves
        nothing while a shortage stands, and a gap below zero (beyond rounding) contradicts itself:
        neither holds.
        """
        limit = self.tol if tol is None else tol
        return self.feasible and not self.failures(limit)

    def failures(self, tol: float | None = None) -> tuple[str, ...]:
        """What does not hold at `tol`, a phrase each; empty where everything does."""
        limit = self.tol if tol is None else tol
        found = []
        if not self.shortage <= SHORTAGE_ROUNDING:
            found.append(f"shortage of {self.shortage_good} {self.shortage:.1e}")
        if not self.technology_violation <= TECHNOLOGY_ROUNDING:
            found.append(f"{self.technology_council}: {self.technology_reason}")
        for value, what in (
            (self.surplus, f"surplus of {self.surplus_good}"),
            (self.budget_violation, f"{self.budget_council} overspends"),
            (self.budget_unspent, f"{self.unspent_council} leaves unspent"),
            (
                self.benefit_cost_violation,
                f"{self.benefit_cost_council} costs more than its benefit",
            ),
            (self.zero_profit, f"{self.zero_profit_council} would profit"),
            (self.gap, "gap"),
        ):
            if not value <= limit:
                found.append(f"{what} {value:.1e}")
        if not self.gap >= -GAP_ROUNDING:
            found.append(f"gap {self.gap:.1e} is below zero")
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold: numbers that are not finite become None."""
        record = asdict(self)
        del record["bound_price"]
        for name, value in record.items():
            if isinstance(value, float) and not math.isfinite(value):
                record[name] = None
        record["holds"] = self.holds()
        return record

    def __str__(self) -> str:
        """A block of at most 12 lines."""
        failures = self.failures()
        verdict = "holds" if self.holds() else "does not hold"
        size = f"{self.n_goods:,} goods, {self.n_councils:,} councils"
        state = "feasible" if self.feasible else "NOT FEASIBLE"
        lines = [f"certificate {verdict} at {self.tol:.0e} ({size}; the plan is {state})"]
        if failures:
            lines.append("  fails        " + list_some(failures, len(failures)))
        where, reason = self.technology_council, self.technology_reason
        doing = f"{where}: {reason}" if reason else where
        lines += [
            _row("shortage", self.shortage, self.shortage_good, "of supply or demand"),
            _row("surplus", self.surplus, self.surplus_good, "of the value used"),
            _row("technology", self.technology_violation, doing, "beyond what is possible"),
            _row("overspent", self.budget_violation, self.budget_council, "of its budget"),
            _row("unspent", self.budget_unspent, self.unspent_council, "of its budget"),
            _row("cost>benefit", self.benefit_cost_violation, self.benefit_cost_council, "of cost"),
            _row("would profit", self.zero_profit, self.zero_profit_council, "of cost"),
            f"  welfare      {self.welfare:.12g}   bound {self.bound:.12g} money"
            + (f" ({self.bound_reason})" if self.bound_reason else ""),
            f"  gap          {self.gap:+.1e} of the total budget, {self.total_budget:.6g} money",
        ]
        return "\n".join(lines)


def _row(title: str, value: float, where: str | None, unit: str) -> str:
    if where is None:
        return f"  {title:<12} none"
    return f"  {title:<12} {value:.1e} {unit} ({where})"
