"""Caps: what councils emit, per unit of what they make or use, needs permits of which there are so
many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon._columns import weighted_count
from parecon.errors import ScenarioError, nearest
from parecon.families import Family
from parecon.proposals import net_flows
from parecon.scenarios.amounts import Names, changed, number, numbers, one_way, text, texts, words
from parecon.scenarios.base import Change, Effect
from parecon.scenarios.draft import Draft
from parecon.scenarios.tolls import made_by, toll_on_input, toll_on_output

__all__ = ["Cap"]

Array = NDArray[np.float64]

PLAN = "plan"
ALL = "*"
_WAYS = ("to", "times", "percent")


@dataclass(frozen=True, kw_only=True)
class Cap(Change):
    """Cap what is emitted of something: permits are a good, and there are only so many.

    Attributes
    ----------
    permits : str
        Name of the good; added if the economy does not have it.
    to : float
        Permits, physical units per plan year. Or
    times, percent : float
        of ``base``: -30 leaves 70 %.
    base : float or "plan" or None
        Emissions to which ``times`` and ``percent`` refer; ``"plan"``: those of a reference plan
        (of `parecon.sweep`: the plan of the economy without any scenario). Unless given, the
        endowment there is.
    per_output : mapping from label to mapping from council to number
        Emissions per unit of what the council makes (where it makes several goods: per unit of its
        level), in units of the permits; ``"*"`` stands for all councils not named.
    per_input : mapping from good to number
        Emissions per unit of a good used, for example of coal burnt.
    users : tuple of str
        Families whose use of these goods counts; all of them unless given. Name them where some
        use goods without burning them, such as those who export them.
    unit : str
        Unit of permits that are added.
    """

    do: ClassVar[str] = "cap"

    permits: str
    to: float | None = None
    times: float | None = None
    percent: float | None = None
    base: float | str | None = None
    per_output: dict[str, dict[str, float]] = field(default_factory=dict)
    per_input: dict[str, float] = field(default_factory=dict)
    users: Names = ()
    unit: str = ""

    def __post_init__(self) -> None:
        way, amount = one_way(self, _WAYS)
        self._put(permits=text("permits", self.permits), **{way: number(way, amount)})
        if self.base is not None and self.base != PLAN:
            self._put(base=number("base", self.base))
        if self.base is not None and way == "to":
            raise ScenarioError("goes with times or percent", key="base")
        if self.per_output:
            if not isinstance(self.per_output, Mapping):
                raise ScenarioError(
                    f"expected families and rates, got {self.per_output!r}", key="per_output"
                )
            tables = {
                text("per_output", label): _rates(f"per_output.{label}", table)
                for label, table in self.per_output.items()
            }
            self._put(per_output=tables)
        if self.per_input:
            self._put(per_input=_rates("per_input", self.per_input))
        if self.users:
            self._put(users=texts("users", self.users))
        if self.users and not self.per_input:
            raise ScenarioError("goes with per_input", key="users")

    @property
    def needs_reference(self) -> bool:
        """Whether percentages are of the emissions of a reference plan."""
        return self.base == PLAN

    def apply(self, draft: Draft) -> None:
        """Let councils need permits, and set how many there are."""
        allowed = self._allowed(draft)
        if not 0.0 <= allowed < np.inf:
            raise ScenarioError(f"expected at least 0 permits, got {allowed:g}", key="permits")
        if draft.has_good(self.permits):
            permits = draft.good(self.permits)
        elif self.per_output or self.per_input:
            kind = "pollution permit" if any(draft.kinds) else ""
            (permits,) = draft.add_goods([self.permits], kind=kind, unit=self.unit)
        else:
            hint = nearest(self.permits, draft.names)
            raise ScenarioError(
                f"no good {self.permits!r}{hint}; to add it, give per_output or per_input",
                key="permits",
            )
        users = self._users(draft)
        for label, table in self.per_output.items():
            key = f"per_output.{label}"
            place = draft.place(label, key=key)
            rate = _per_council(draft.families[place], table, key)
            toll_on_output(draft, place, permits, rate, key=key)
        for name, per_unit in self.per_input.items():
            key = f"per_input.{name}"
            if per_unit > 0.0:
                toll_on_input(draft, draft.good(name, key=key), permits, per_unit, users, key=key)
        draft.endowment[permits] = allowed

    def _users(self, draft: Draft) -> list[int] | None:
        if not self.users:
            return None
        return [draft.place(label, key="users") for label in self.users]

    def _allowed(self, draft: Draft) -> float:
        """How many permits there will be."""
        way, amount = one_way(self, _WAYS)
        if way == "to":
            return float(amount)
        if self.base == PLAN:
            base = self._emitted(draft)
        elif self.base is not None:
            base = float(self.base)
        elif draft.has_good(self.permits):
            base = float(draft.endowment[draft.good(self.permits)])
        else:
            raise ScenarioError(
                f"{way} of what? There are no permits {self.permits!r} yet: give a base", key="base"
            )
        return float(changed(way, amount, np.array([base]))[0])

    def _emitted(self, draft: Draft) -> float:
        """Emissions in the reference plan, units of the permits per plan year."""
        plan = draft.reference
        if plan is None:
            raise ScenarioError(
                "refers to a reference plan and there is none: "
                "apply(economy, reference=parecon.solve(economy))",
                key="base",
            )
        total = 0.0
        goods = plan.economy.goods
        if self.permits in goods:
            total += float(plan.demand[goods.index(self.permits)])
        for label, table in self.per_output.items():
            family = plan.economy.family(label)
            rate = _per_council(family, table, f"per_output.{label}")
            total += float(rate @ made_by(family, plan.proposal(label)))
        for name, per_unit in self.per_input.items():
            good = draft.good(name, key=f"per_input.{name}")
            total += per_unit * float(_used(plan, self.users)[good])
        return total

    def effects(self) -> tuple[Effect, ...]:
        """The endowment of permits, and whose emissions count."""
        tables = [("emissions", self.permits, label) for label in self.per_output]
        tables += [("emissions of", self.permits, good) for good in self.per_input]
        sets: Any = self.to
        if self.base is not None:
            sets = (self.times, self.percent, self.base)
        return (
            Effect(("endowment", self.permits), sets),
            *(Effect(what, adds=True) for what in tables),
        )

    def __str__(self) -> str:
        way, amount = one_way(self, _WAYS)
        of = {None: "", PLAN: " of the reference plan"}.get(self.base, f" of {self.base}")  # type: ignore[arg-type]
        sources = [*self.per_output, *self.per_input]
        what = f" (emitted by {', '.join(sources)})" if sources else ""
        return f"cap {self.permits} {words(way, amount)}{of}{what}"


def _rates(key: str, value: Any) -> dict[str, float]:
    rates = numbers(key, value)
    for name, rate in rates.items():
        if not 0.0 <= rate < np.inf:
            raise ScenarioError(f"expected a rate of at least 0, got {rate:g}", key=f"{key}.{name}")
    return rates


def _per_council(family: Family, table: Mapping[str, float], key: str) -> Array:
    """(m,) rates of the councils of a family."""
    rate = np.full(family.n_councils, table.get(ALL, 0.0))
    if set(table) == {ALL}:
        return rate
    known = {family.council_name(j): j for j in range(family.n_councils)}
    for name, value in table.items():
        if name == ALL:
            continue
        if name not in known:
            raise ScenarioError(
                f"{family.title}: no council {name!r}{nearest(name, list(known))}",
                key=f"{key}.{name}",
            )
        rate[known[name]] = value
    return rate


def _used(plan: Any, labels: Sequence[str]) -> Array:
    """(n,) use of every good by these families (all of them unless given), physical units."""
    total = np.zeros(plan.economy.n_goods)
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        if labels and family.title not in labels:
            continue
        _, good, quantity = net_flows(family, proposal)
        total += weighted_count(good, np.maximum(-quantity, 0.0), total.size)
    return total
