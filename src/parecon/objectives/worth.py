"""What a plan maximises, in units of its own, and what it gains where welfare gains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from parecon.economy import Economy
from parecon.families import CobbDouglasWorkers, Consumers, Targets
from parecon.objectives.optimum import Optimum
from parecon.plan import Plan

_NAMES = {
    "ray": "complete bundles of targets",
    "linear": "weighted basket of targets",
    "harmony": "harmony",
    "log": "weighted logarithms of targets reached",
}


@dataclass(frozen=True)
class Worth:
    """An objective F.

    name, unit : for people. value : F of the plan.
    utility, budget : where F is the utility of the only council that wants anything, welfare is
        budget log utility; elsewhere F is welfare and both are nan.
    """

    name: str
    unit: str
    value: float
    utility: float = math.nan
    budget: float = math.nan

    @property
    def per_money(self) -> float:
        """dF / dW."""
        return 1.0 if math.isnan(self.budget) else self.utility / self.budget

    def gain(self, welfare: float) -> float:
        """What F gains where welfare gains so much money."""
        if math.isnan(self.budget):
            return welfare
        return self.utility * math.expm1(welfare / self.budget)


def worth_of(source: Plan | Optimum) -> Worth:
    """What is maximised: of an optimum what it says, of a plan what its families say.

    Where one council alone wants something and nothing costs money, whatever is greatest is its
    utility, in whose units goods are then valued.
    """
    plan = source.plan if isinstance(source, Optimum) else source
    alone = _alone(plan.economy)
    if isinstance(source, Optimum):
        utility = float(plan.proposals[-1].utility[0])
        name = f"{source.sense} {source.what}"
        return Worth(name, source.unit, source.value, utility, plan.economy.total_budget)
    wanting = [(f, p) for f, p in _consumers(plan) if f.n_councils]
    if alone is None:
        return Worth(_mixed_name(plan.economy), "money", plan.welfare)
    utility = float(next(p for f, p in wanting if f is alone).utility[0])
    budget = plan.economy.total_budget
    if not isinstance(alone, Targets):
        return Worth(f"utility of {alone.council_name(0)}", "", utility, utility, budget)
    if alone.form == "linear":  # sum w x/T, of which the utility is the mean
        return Worth(_NAMES["linear"], "", budget * utility, budget * utility, budget)
    return Worth(_NAMES[alone.form], "", utility, utility, budget)


def _consumers(plan: Plan) -> list[tuple[Consumers, Any]]:
    pairs = zip(plan.economy.families, plan.proposals, strict=True)
    return [(family, made) for family, made in pairs if isinstance(family, Consumers)]


def _alone(economy: Economy) -> Consumers | None:
    """The family that is one council with a utility of its own, where there is no other aim."""
    found: list[Consumers] = []
    for family in economy.families:
        if not family.n_councils:
            continue
        if family.role == "suppliers":
            return None
        if isinstance(family, CobbDouglasWorkers) and family.effort is not None:
            return None
        if isinstance(family, Consumers):
            found.append(family)
    if len(found) != 1:
        return None
    (family,) = found
    if isinstance(family, Targets):
        return family if family.form in ("ray", "linear") else None
    return family if family.n_councils == 1 else None


def _mixed_name(economy: Economy) -> str:
    consumers = [f for f in economy.families if isinstance(f, Consumers) and f.n_councils]
    if len(consumers) == 1 and isinstance(consumers[0], Targets):
        return _NAMES[consumers[0].form]
    return "welfare"
