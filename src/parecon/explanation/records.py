"""Explanations as frozen records: what a price is made of, what a council gains and gives.

Every amount is money of the plan (per plan year, or per unit where it says so), every quantity is
in the physical unit of its good per plan year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Binding", "CouncilExplanation", "GoodExplanation", "Idle", "Item", "Part", "Trade"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a price.

    Attributes
    ----------
    kind : str
        "labour", "nature", "permits", "imports", "capital", "taxes": told by the kinds of goods
        (or, without, by their names); "resources" (endowed or supplied, of no such kind), "stocks"
        (endowed although it is also made), "capacities" (the rent of a council that works at its
        capacity), "surplus" (of decreasing returns), "effort" (its disutility), "residual" (what
        constant returns miss of zero profit), "not supplied".
    name : str
        The good, or the council, at whose hands the money ends; ``"12 others"`` for what is left.
    amount : float
        Money per unit of the good explained.
    share : float
        Of the price.
    """

    kind: str
    name: str
    amount: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Who supplies a good, or who uses it, and how much.

    Attributes
    ----------
    role : {"endowment", "makes", "supplies", "consumes", "needs", "uses"}
    family, council : str
        Label and name; empty for the endowment, the council ``"12 others"`` for what is left.
    quantity : float
        Physical units per plan year.
    value : float
        At the plan's price, money per plan year.
    share : float
        Of all that is supplied, or of all that is used.
    """

    role: str
    family: str
    council: str
    quantity: float
    value: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A limit that makes the good dearer, and what lifting it by one unit would bring.

    Attributes
    ----------
    kind : {"resource", "supply", "maximum", "capacity"}
        An endowment that is used up, a supply that rises with its price, a supplier at its
        maximum, a council at its capacity.
    name : str
        The good or the council.
    available : float
        How much there is, physical units per plan year.
    unit : str
        Of it, empty where unknown.
    worth : float
        Welfare that one more unit brings, money: the shadow price.
    share : float
        Of the price explained that is paid for it.
    """

    kind: str
    name: str
    available: float
    unit: str
    worth: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Idle:
    """A council that could make the good and does not.

    Attributes
    ----------
    family, council : str
    benefit, cost : float
        Value at the plan's prices of what one unit of its level makes and uses, money.
    """

    family: str
    council: str
    benefit: float
    cost: float


@dataclass(frozen=True, kw_only=True)
class Item:
    """One good that a council makes, uses, buys or is given.

    Attributes
    ----------
    good, unit : str
    quantity : float
        Physical units per plan year, >= 0.
    price, value : float
        Money per unit, money per plan year.
    share : float
        Of the social benefit, the social cost or the budget.
    """

    good: str
    unit: str
    quantity: float
    price: float
    value: float
    share: float


@dataclass(frozen=True, kw_only=True)
class GoodExplanation:
    """Why a good costs what it costs, and why there is no more of it.

    Attributes
    ----------
    good, kind, unit : str
    price : float
        Money per unit.
    supply, demand : float
        Physical units per plan year.
    parts : tuple of Part
        What the price is made of through the whole supply chain, by kind; they add up to it.
    suppliers, users : tuple of Trade
        Greatest value first.
    binding : tuple of Binding
        Limits behind the good, those that make up most of its price first.
    idle : tuple of Idle
        Councils that could make it at a loss, least loss first.
    short : (float, float) or None
        Needed and available where no plan meets the needs for this good.
    obstacles : tuple of (str, float)
        Resources that stand in the way there, with their shadow prices.
    """

    good: str
    kind: str
    unit: str
    price: float
    supply: float
    demand: float
    parts: tuple[Part, ...] = ()
    suppliers: tuple[Trade, ...] = ()
    users: tuple[Trade, ...] = ()
    binding: tuple[Binding, ...] = ()
    idle: tuple[Idle, ...] = ()
    short: tuple[float, float] | None = None
    obstacles: tuple[tuple[str, float], ...] = ()

    @property
    def total(self) -> float:
        """Sum of the parts, money per unit: the price."""
        return math.fsum(part.amount for part in self.parts)

    def of_kind(self, kind: str) -> float:
        """Sum of the parts of one kind, money per unit."""
        return math.fsum(part.amount for part in self.parts if part.kind == kind)

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Frames "parts", "suppliers", "users", "binding", "idle"."""
        from parecon.explanation.frames import frames

        kinds = {"parts": Part, "suppliers": Trade, "users": Trade, "binding": Binding}
        return frames(self, kinds | {"idle": Idle})

    def __str__(self) -> str:
        from parecon.explanation.text import good_text

        return good_text(self)


@dataclass(frozen=True, kw_only=True)
class CouncilExplanation:
    """What a council gains and gives at the plan's prices, and what holds it back.

    Attributes
    ----------
    council, family : str
    role : {"consumers", "workers", "suppliers"}
    benefit, cost : float
        Money per plan year. Of worker councils social benefit and social cost; of suppliers
        revenue and cost; of consumer councils the budget and what they spend.
    outputs, inputs : tuple of Item
        What it makes or supplies, and what it uses or buys, greatest value first.
    given : tuple of Item
        What a consumer council is given in kind.
    effort : float
        Disutility of effort, part of the cost, money per plan year.
    rent, surplus : float
        What is left of the benefit: for a capacity that binds, and of decreasing returns.
    utility : float
        Of a consumer council; nan for others.
    limit : str
        What holds it back: "price below cost", "capacity", "maximum", "decreasing returns",
        "rising cost", "demand", "budget", "target".
    sentence : str
        The same in words and numbers.
    """

    council: str
    family: str
    role: str
    benefit: float
    cost: float
    outputs: tuple[Item, ...] = ()
    inputs: tuple[Item, ...] = ()
    given: tuple[Item, ...] = ()
    effort: float = 0.0
    rent: float = 0.0
    surplus: float = 0.0
    utility: float = math.nan
    limit: str
    sentence: str

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Frames "outputs", "inputs", "given"."""
        from parecon.explanation.frames import frames

        return frames(self, {"outputs": Item, "inputs": Item, "given": Item})

    def __str__(self) -> str:
        from parecon.explanation.text import council_text

        return council_text(self)
