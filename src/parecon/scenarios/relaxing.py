"""What is missing where a scenario is impossible, and the least that would make it possible."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parecon.economy import Economy
from parecon.plan import Plan
from parecon.scenarios.elastic import least_relaxation
from parecon.scenarios.scenario import Scenario
from parecon.scenarios.slacks import (
    NEED,
    Slack,
    check_weights,
    chosen,
    tightened,
    with_capacities_as_goods,
)
from parecon.settings import Settings
from parecon.solve import Solver
from parecon.status import Status

__all__ = ["Missing", "Relaxation", "relax"]

HAIRS = (1e-3, 1e-2)
"""Shares by which a relaxation is exceeded to see whether it solves: consumers need something."""

_VISIBLE = 1e-7  # of its scale: relaxations below are none
_WIDTH = 79


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """By how much one quantity would have to give way.

    Attributes
    ----------
    kind : {"endowment", "need", "capacity", "maximum"}
    name : str
        The good, or ``"label/council"``.
    before, now, needed : float
        Before the scenario (nan where there was none), in the scenario, and what it would have to
        be: at least, or of a need at most. Physical units per plan year.
    unit : str
    cost : float
        Of giving way, in shares of what there was before, times the weight.
    """

    kind: str
    name: str
    before: float
    now: float
    needed: float
    unit: str
    cost: float

    def __str__(self) -> str:
        what = {
            "endowment": self.name,
            "need": f"the need for {self.name}",
            "capacity": f"the capacity of {self.name}",
            "maximum": f"the maximum of {self.name}",
        }[self.kind]
        unit = f" {self.unit}" if self.unit else ""
        return f"{what} would have to be {self.needed:.6g}{unit} instead of {self.now:.6g}"


@dataclass(frozen=True, kw_only=True, repr=False)
class Missing:
    """Why a scenario is impossible and what would make it possible.

    Attributes
    ----------
    goods : tuple of (str, float, float)
        Goods that are short, with what is needed and what can be had.
    resources : tuple of (str, float)
        What stands in the way, with shadow prices: how much of the shortage one more unit would
        save, counting a whole need as one. Dearest first.
    relaxations : tuple of Relaxation
        Together the cheapest relaxation, greatest cost first; empty where none was found or none is
        needed.
    cost, bound : float
        Cost of the relaxations, and a proof from below: no relaxation of these quantities is
        cheaper than `bound`.
    scenario : Scenario or None
        Changes that make the relaxation, a hair more: ``impossible.then(missing.scenario)``.
    hair : float
        Share by which these changes exceed the relaxation.
    plan : Plan or None
        The plan of the relaxed economy, which proves that the relaxation is enough; None where
        that was not found or not asked for.
    message : str
    """

    goods: tuple[tuple[str, float, float], ...] = ()
    resources: tuple[tuple[str, float], ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    cost: float = np.nan
    bound: float = np.nan
    scenario: Scenario | None = None
    hair: float = np.nan
    plan: Plan | None = dataclasses.field(default=None, compare=False)
    message: str = ""

    @property
    def verified(self) -> bool:
        """Whether the relaxed economy was planned."""
        return self.plan is not None and self.plan.status is Status.SOLVED

    def to_record(self) -> dict[str, Any]:
        """Return it as plain values for a file, without the plan."""
        record = {
            name: getattr(self, name)
            for name in ("goods", "resources", "cost", "bound", "hair", "message", "verified")
        }
        record["relaxations"] = [dataclasses.asdict(line) for line in self.relaxations]
        record["scenario"] = None if self.scenario is None else self.scenario.to_record()
        return record

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> Missing:
        """Return it from plain values; it then has no plan and is not verified."""
        return Missing(
            goods=tuple((str(name), float(n), float(has)) for name, n, has in record["goods"]),
            resources=tuple((str(name), float(worth)) for name, worth in record["resources"]),
            relaxations=tuple(Relaxation(**line) for line in record["relaxations"]),
            scenario=None
            if record["scenario"] is None
            else Scenario.from_record(record["scenario"]),
            **{name: record[name] for name in ("cost", "bound", "hair", "message")},
        )

    def __str__(self) -> str:
        lines = textwrap.wrap(self.message, _WIDTH)
        lines += [
            f"  short of {name}: {needed:.6g} needed, {has:.6g} can be had"
            for name, needed, has in self.goods
        ]
        lines += [
            f"  in the way: {name}, {worth:.4g} of the shortage per unit"
            for name, worth in self.resources
        ]
        for relaxation in self.relaxations:
            lines += textwrap.wrap(
                str(relaxation), _WIDTH, initial_indent="  ", subsequent_indent="    "
            )
        return "\n".join(lines)

    __repr__ = __str__


def relax(
    economy: Economy,
    scenario: Scenario | None = None,
    *,
    over: str | Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    reference: Plan | None = None,
    plan: Plan | None = None,
    verify: bool = True,
    tol: float = 1e-6,
    max_iterations: int = 200,
    time_limit_s: float | None = None,
    n_threads: int | None = None,
) -> Missing:
    """Say what is missing where needs cannot be met, and by how little things would have to change.

    Parameters
    ----------
    economy : Economy
        Before the scenario.
    scenario : Scenario, optional
        What makes it impossible.
    over : str or sequence of str, optional
        What may give way: unless given, all quantities that the scenario tightened (endowments and
        caps, needs, capacities, suppliers' maxima), or where there are none of these, all
        endowments. Otherwise "resources" (all endowments), "needs", or goods by name.
    weights : mapping from str to float, optional
        Cost of relaxing each by all that there was before the scenario, by the name of its
        `Relaxation`; 1 unless given.
    reference : Plan, optional
        For caps relative to a plan, see `Scenario.apply`.
    plan : Plan, optional
        The infeasible plan of the scenario's economy, if it is at hand.
    verify : bool
        Plan the relaxed economy, to see that it can be planned.
    tol, max_iterations, time_limit_s, n_threads
        As for `parecon.solve`, for each of the solves.

    Raises
    ------
    ScenarioError
        If the scenario does not fit, or weights are wrong.
    """
    after = economy if scenario is None else scenario.apply(economy, reference=reference)
    settings = Settings(
        tol=tol, max_iterations=max_iterations, time_limit_s=time_limit_s, n_threads=n_threads
    )
    slacks = _slacks(economy, after, scenario, over)
    weighing = dict(weights or {})
    check_weights(weighing, slacks)
    found = plan if plan is not None else Solver(after, settings).solve()
    if found.status is not Status.INFEASIBLE:
        return Missing(message=f"Nothing is missing: the plan is {found.status.value}.", plan=found)
    elastic = None
    if slacks:
        elastic = least_relaxation(
            with_capacities_as_goods(after, slacks),
            slacks,
            np.array([weighing.get(slack.name, 1.0) for slack in slacks]),
            max_iterations=max_iterations,
            time_limit_s=time_limit_s,
            n_threads=n_threads,
        )
    known: dict[str, Any] = {}
    if found.infeasible is not None:
        known = {"goods": found.infeasible.goods, "resources": found.infeasible.resources}
    if elastic is None:
        what = ", ".join(slack.name for slack in slacks[:5]) or "nothing"
        return Missing(message=f"{found.message} No relaxation was found among {what}.", **known)
    used = [
        (slack, float(amount))
        for slack, amount in zip(slacks, elastic.amount, strict=True)
        if amount > _VISIBLE * slack.scale
    ]
    hair, changes, relaxed = _verified(after, used, settings, verify=verify)
    lines = [_relaxation(slack, amount, weighing) for slack, amount in used]
    lines.sort(key=lambda line: -line.cost)
    return Missing(
        relaxations=tuple(lines),
        cost=elastic.cost,
        bound=min(elastic.bound, elastic.cost),
        scenario=changes,
        hair=hair,
        plan=relaxed,
        message=_message(found, lines, verify=verify, solved=relaxed is not None),
        **known,
    )


def _slacks(
    economy: Economy, after: Economy, scenario: Scenario | None, over: str | Sequence[str] | None
) -> list[Slack]:
    if over is not None:
        return chosen(economy, after, over)
    changed = [] if scenario is None else tightened(economy, after)
    return changed or chosen(economy, after, "resources")


def _verified(
    after: Economy, used: list[tuple[Slack, float]], settings: Settings, *, verify: bool
) -> tuple[float, Scenario, Plan | None]:
    """(hair, changes, plan): a hair more than the relaxation, and the plan where it solves."""
    hair, changes = HAIRS[0], _changes(used, HAIRS[0])
    for hair in HAIRS if verify else ():
        changes = _changes(used, hair)
        plan = Solver(changes.apply(after), settings).solve()
        if plan.status is Status.SOLVED:
            return hair, changes, plan
    return hair, changes, None


def _changes(used: list[tuple[Slack, float]], hair: float) -> Scenario:
    changes = [
        change
        for slack, amount in used
        for change in slack.changes(min(amount * (1.0 + hair), slack.limit))
    ]
    return Scenario("relaxed", changes)


def _relaxation(slack: Slack, amount: float, weights: Mapping[str, float]) -> Relaxation:
    needed = max(slack.now - amount, 0.0) if slack.kind == NEED else slack.now + amount
    return Relaxation(
        kind=slack.kind,
        name=slack.name,
        before=slack.before,
        now=slack.now,
        needed=needed,
        unit=slack.unit,
        cost=weights.get(slack.name, 1.0) * amount / slack.scale,
    )


def _message(found: Plan, lines: list[Relaxation], *, verify: bool, solved: bool) -> str:
    if not lines:
        return f"{found.message} Next to nothing is missing: a hair more of anything may do."
    words = "; ".join(str(line) for line in lines[:3])
    more = f"; and {len(lines) - 3} more" if len(lines) > 3 else ""
    proof = ""
    if verify:
        proof = (
            " With that, and a hair more, there is a plan."
            if solved
            else " Whether a plan then exists was not proved."
        )
    return f"{found.message} For a plan, {words}{more}.{proof}"
