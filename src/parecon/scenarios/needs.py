"""Minimum deliveries: what consumer councils are given in kind before anybody spends a budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from parecon.errors import ScenarioError
from parecon.families import CobbDouglasConsumers, Consumers
from parecon.scenarios.amounts import Names, changed, number, numbers, one_way, text, texts, words
from parecon.scenarios.base import Change, Effect, whom
from parecon.scenarios.draft import Draft, column

__all__ = ["Deliver", "Needs"]

SMALL_BUDGET = 1e-9
"""Budget of an added council, as a share of all budgets: what it buys cannot be seen."""


@dataclass(frozen=True, kw_only=True)
class Needs(Change):
    """Change the needs in kind of a family's consumer councils.

    Attributes
    ----------
    family : str
        Label.
    councils : tuple of str
        Names; all councils unless given.
    to, times, percent, plus : mapping from good to number
        One of them. ``to`` and ``plus`` in physical units per plan year, for each council.
    together : bool
        ``to`` and ``plus`` are for the chosen councils together, in equal parts.
    """

    do: ClassVar[str] = "needs"

    family: str
    councils: Names = ()
    to: dict[str, float] | None = None
    times: dict[str, float] | None = None
    percent: dict[str, float] | None = None
    plus: dict[str, float] | None = None
    together: bool = False

    def __post_init__(self) -> None:
        way, amounts = one_way(self)
        named = texts("councils", self.councils) if self.councils else ()
        self._put(family=text("family", self.family), councils=named)
        self._put(**{way: numbers(way, amounts)})
        if not isinstance(self.together, bool):
            raise ScenarioError(f"expected true or false, got {self.together!r}", key="together")
        if self.together and way not in ("to", "plus"):
            raise ScenarioError("goes with to or plus", key="together")

    def apply(self, draft: Draft) -> None:
        """Replace the needs of the chosen councils; none may fall below zero."""
        place = draft.place(self.family)
        family = draft.families[place]
        if "needs" not in {known.name for known in family.columns}:
            raise ScenarioError(
                f"expected consumers with needs, {family.title} is {type(family).__name__}",
                key="family",
            )
        at = draft.councils(place, self.councils)
        way, amounts = one_way(self)
        shape = (family.n_councils, draft.n_goods)
        given = family.needs  # type: ignore[attr-defined]
        needs = sp.csr_array(shape) if given is None else given
        for name, amount in amounts.items():
            good = draft.good(name, key=f"{way}.{name}")
            each = amount / at.size if self.together else amount
            old = needs[:, [good]].toarray().ravel()
            new = old.copy()
            new[at] = changed(way, each, old[at])
            if not ((new >= 0.0) & np.isfinite(new)).all():
                raise ScenarioError(
                    f"expected needs of at least 0, got {new.min():g}", key=f"{way}.{name}"
                )
            needs = sp.csr_array(needs - column(good, old, shape) + column(good, new, shape))
        needed = needs.copy()
        needed.eliminate_zeros()
        draft.set_columns(place, needs=needed)

    def effects(self) -> tuple[Effect, ...]:
        """The need of each council for each good."""
        way, amounts = one_way(self)
        return tuple(
            Effect(("needs", self.family, good, name), amount if way == "to" else None)
            for good, amount in amounts.items()
            for name in self.councils or ("*",)
        )

    def __str__(self) -> str:
        way, amounts = one_way(self)
        each = ", ".join(f"{good} {words(way, amount)}" for good, amount in amounts.items())
        return f"needs of {whom(self.family, self.councils)}: {each}"


@dataclass(frozen=True, kw_only=True)
class Deliver(Change):
    """Deliver goods in kind to a consumer council that is added for it, such as schools or stocks.

    Attributes
    ----------
    name : str
        Of the council and its family.
    goods : mapping from good to number
        Physical units per plan year, > 0.
    budget : float or None
        What it may spend besides on these goods, money per plan year, > 0. Unless given, a
        thousand-millionth of all budgets, because a consumer council must have one.
    """

    do: ClassVar[str] = "deliver"

    name: str
    goods: dict[str, float] = field(default_factory=dict)
    budget: float | None = None

    def __post_init__(self) -> None:
        goods = numbers("goods", self.goods)
        for name, amount in goods.items():
            if not 0.0 < amount < np.inf:
                raise ScenarioError(f"expected more than 0, got {amount:g}", key=f"goods.{name}")
        if self.budget is not None and not 0.0 < number("budget", self.budget) < np.inf:
            raise ScenarioError(f"expected more than 0, got {self.budget:g}", key="budget")
        self._put(name=text("name", self.name), goods=goods)

    def apply(self, draft: Draft) -> None:
        """Add the council."""
        at = [draft.good(name, key=f"goods.{name}") for name in self.goods]
        needs, shares = np.zeros((2, 1, draft.n_goods))
        needs[0, at] = list(self.goods.values())
        shares[0, at] = 1.0 / len(at)
        budget = self.budget
        if budget is None:
            others = (family for family in draft.families if isinstance(family, Consumers))
            budget = SMALL_BUDGET * sum(float(np.sum(family.budget)) for family in others)
        added = CobbDouglasConsumers(
            [budget],
            sp.csr_array(shares),
            sp.csr_array(needs),
            names=[self.name],
            label=self.name,
            normalise=True,
        )
        draft.add_family(added)

    def effects(self) -> tuple[Effect, ...]:
        """A family of that name."""
        return (Effect(("family", self.name), adds=True),)

    def __str__(self) -> str:
        each = ", ".join(f"{amount:,.6g} of {good}" for good, amount in self.goods.items())
        return f"deliver to {self.name}: {each}"
