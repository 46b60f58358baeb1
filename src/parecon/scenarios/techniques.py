"""New techniques beside the old: worker councils that an economy does not have yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from parecon.errors import ScenarioError
from parecon.families import Activities, Family, Nest, NestedCES, NestedCESWorkers
from parecon.scenarios.amounts import number, numbers, text
from parecon.scenarios.base import Change, Effect
from parecon.scenarios.draft import Draft

__all__ = ["Technique"]


@dataclass(frozen=True, kw_only=True)
class Technique(Change):
    """Add a worker council with a technology of its own.

    Without an elasticity its inputs and outputs stand in fixed proportion (an activity; several
    outputs are joint). With one, it makes one good and replaces inputs by others as their prices
    ask, around the proportions given: CES in calibrated share form,

        output = makes * level^returns ,   unit cost of the level
        c(p) = c0 [ sum theta_i (p_i/p0_i)^(1-s) ]^(1/(1-s)) ,   theta_i = p0_i uses_i / c0 .

    Attributes
    ----------
    name : str
        Of the council and its family.
    makes, uses : mapping from good to number
        Physical units per unit of level, > 0.
    capacity : float or None
        Greatest level (activities), greatest output (CES); units per plan year.
    elasticity : float or None
        Elasticity of substitution s, >= 0.
    prices : mapping from good to number
        Reference prices p0 of the inputs at which the proportions hold; 1 unless given. With an
        elasticity only.
    returns : float
        Above 0 and at most 1. With an elasticity only.
    """

    do: ClassVar[str] = "technique"

    name: str
    makes: dict[str, float] = field(default_factory=dict)
    uses: dict[str, float] = field(default_factory=dict)
    capacity: float | None = None
    elasticity: float | None = None
    prices: dict[str, float] = field(default_factory=dict)
    returns: float | None = None

    def __post_init__(self) -> None:
        self._put(name=text("name", self.name))
        for key in ("makes", "uses", "prices"):
            given = getattr(self, key)
            if key == "prices" and not given:
                continue
            values = numbers(key, given)
            for good, value in values.items():
                if not 0.0 < value < np.inf:
                    raise ScenarioError(f"expected more than 0, got {value:g}", key=f"{key}.{good}")
            self._put(**{key: values})
        both = sorted(set(self.makes) & set(self.uses))
        if both:
            raise ScenarioError(f"{both[0]!r} is made and used: give what is left", key="uses")
        for key in ("capacity", "elasticity", "returns"):
            if getattr(self, key) is not None:
                self._put(**{key: number(key, getattr(self, key))})
        if self.elasticity is None:
            for key in ("prices", "returns"):
                if getattr(self, key):
                    raise ScenarioError("goes with an elasticity only", key=key)
        elif len(self.makes) != 1:
            raise ScenarioError("with an elasticity, expected one good", key="makes")

    def apply(self, draft: Draft) -> None:
        """Add the council."""
        made = {draft.good(name, key=f"makes.{name}"): q for name, q in self.makes.items()}
        used = {draft.good(name, key=f"uses.{name}"): q for name, q in self.uses.items()}
        if self.elasticity is None:
            row = np.zeros((1, draft.n_goods))
            for good, quantity in made.items():
                row[0, good] = quantity
            for good, quantity in used.items():
                row[0, good] = -quantity
            capacity = None if self.capacity is None else [self.capacity]
            added: Family = Activities(
                sp.csr_array(row), capacity, names=[self.name], label=self.name
            )
        else:
            added = self._ces(draft, made, used)
        draft.add_family(added)

    def _ces(self, draft: Draft, made: dict[int, float], used: dict[int, float]) -> Family:
        price = np.ones(draft.n_goods)
        for name, value in self.prices.items():
            price[draft.good(name, key=f"prices.{name}")] = value
        values = np.zeros((1, draft.n_goods))
        for good, quantity in used.items():
            values[0, good] = price[good] * quantity
        nests = NestedCES.from_values(
            sp.csr_array(values),
            Nest(float(self.elasticity or 0.0), list(used)),
            reference_price=price,
            scale=[float(values.sum())],
        )
        ((good, output),) = made.items()
        return NestedCESWorkers(
            [good],
            nests,
            productivity=[output],
            returns=[1.0 if self.returns is None else self.returns],
            capacity=None if self.capacity is None else [self.capacity],
            names=[self.name],
            label=self.name,
        )

    def effects(self) -> tuple[Effect, ...]:
        """A family of that name."""
        return (Effect(("family", self.name), adds=True),)

    def __str__(self) -> str:
        def some(goods: dict[str, float]) -> str:
            return ", ".join(f"{amount:,.6g} {good}" for good, amount in goods.items())

        limit = "" if self.capacity is None else f", at most {self.capacity:,.6g}"
        bend = "" if self.elasticity is None else f", elasticity {self.elasticity:g}"
        return f"new technique {self.name}: {some(self.makes)} from {some(self.uses)}{bend}{limit}"
