"""Changes of quantities that an economy has already: endowments and columns of councils."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parecon.errors import ScenarioError
from parecon.explanation.factors import foreign_exchange
from parecon.families import Activities, Family, JointWorkers, Suppliers
from parecon.goods import Goods
from parecon.scenarios.amounts import (
    RELATIVE,
    WAYS,
    Names,
    changed,
    number,
    one_way,
    text,
    texts,
    words,
)
from parecon.scenarios.base import Change, Effect, council_effects, whom
from parecon.scenarios.draft import Draft

__all__ = ["Budget", "Capacity", "Endowment", "ImportPrice", "Productivity", "Supply"]

Array = NDArray[np.float64]


def _amounts(change: Any, ways: tuple[str, ...] = WAYS) -> dict[str, float | None]:
    """Return the amounts that are given, checked; exactly one of the ways must be."""
    one_way(change, ways)
    return {
        way: None if getattr(change, way) is None else number(way, getattr(change, way))
        for way in ways
    }


@dataclass(frozen=True, kw_only=True)
class Endowment(Change):
    """Change what exists of goods without being made: hours of labour, water, land, stocks.

    goods : names of goods. kind : all goods of a kind, instead of names.
    to : physical units per plan year; times, percent, plus : of what there was.
    """

    do: ClassVar[str] = "endowment"

    goods: Names = ()
    kind: str | None = None
    to: float | None = None
    times: float | None = None
    percent: float | None = None
    plus: float | None = None

    def __post_init__(self) -> None:
        if (not self.goods) == (self.kind is None):
            raise ScenarioError("expected either goods or a kind of goods", key="goods")
        if self.kind is not None:
            text("kind", self.kind)
        self._put(goods=texts("goods", self.goods) if self.goods else (), **_amounts(self))

    def apply(self, draft: Draft) -> None:
        """Set the endowments; none may fall below zero."""
        way, amount = one_way(self)
        if self.kind is None:
            at = np.array([draft.good(name, key="goods") for name in self.goods])
        else:
            at = np.array(draft.goods_of_kind(self.kind))
        new = changed(way, amount, draft.endowment[at])
        for i, value in zip(at, new, strict=True):
            if not (0.0 <= value < np.inf):
                raise ScenarioError(
                    f"{draft.names[i]!r}: expected an endowment of at least 0, got {value:g}",
                    key=way,
                )
        draft.endowment[at] = new

    def effects(self) -> tuple[Effect, ...]:
        """The endowment of each good."""
        names = self.goods or (f"kind {self.kind}",)
        return tuple(Effect(("endowment", name), self.to) for name in names)

    def __str__(self) -> str:
        what = ", ".join(self.goods) or f"goods of kind {self.kind}"
        return f"endowment of {what} {words(*one_way(self))}"


@dataclass(frozen=True, kw_only=True)
class _OfCouncils(Change):
    """A column of councils of one family, all of them or by name."""

    column: ClassVar[str]

    family: str
    councils: Names = ()
    to: float | None = None
    times: float | None = None
    percent: float | None = None
    plus: float | None = None

    def __post_init__(self) -> None:
        named = texts("councils", self.councils) if self.councils else ()
        self._put(family=text("family", self.family), councils=named, **_amounts(self))

    def apply(self, draft: Draft) -> None:
        """Replace the numbers of the chosen councils."""
        place = draft.place(self.family)
        at = draft.councils(place, self.councils)
        self._set(draft, place, at, self.column)

    def _set(self, draft: Draft, place: int, at: Any, column: str) -> None:
        family = draft.families[place]
        if column not in {known.name for known in family.columns}:
            raise ScenarioError(
                f"{family.title} ({type(family).__name__}) has no {column}", key="family"
            )
        old = getattr(family, column)
        values = np.full(family.n_councils, np.inf) if old is None else np.array(old)
        way, amount = one_way(self)
        values[at] = changed(way, amount, values[at])
        for j in at:
            if not values[j] > 0.0:
                name = family.council_name(int(j))
                raise ScenarioError(
                    f"{name}: expected a {column} above 0, got {values[j]:g}", key=way
                )
        draft.set_columns(place, **{column: values})

    def effects(self) -> tuple[Effect, ...]:
        """The column of each council."""
        return council_effects(self.column, self.family, self.councils, self.to)

    def __str__(self) -> str:
        return f"{self.column} of {whom(self.family, self.councils)} {words(*one_way(self))}"


@dataclass(frozen=True, kw_only=True)
class Budget(_OfCouncils):
    """Change what consumer councils have to spend; prices follow, money is only a measure.

    family : label. councils : names, all unless given. to : money per plan year; times, percent,
    plus.
    """

    do: ClassVar[str] = "budget"
    column: ClassVar[str] = "budget"


@dataclass(frozen=True, kw_only=True)
class Capacity(_OfCouncils):
    """Change the most that councils can make (of activities: their greatest level).

    family : label. councils : names, all unless given. to : units of output (of level) per plan
    year, inf for no limit; times, percent, plus.
    """

    do: ClassVar[str] = "capacity"
    column: ClassVar[str] = "capacity"


@dataclass(frozen=True, kw_only=True)
class Supply(_OfCouncils):
    """Change a supply that rises with its price: elastic labour, extraction, offered permits.

    what : "quantity" (at the reference price), "price" (the reference price), "maximum" or
    "elasticity". family : label. councils : names, all unless given. to, times, percent, plus.
    """

    do: ClassVar[str] = "supply"
    column: ClassVar[str] = ""
    what: str = "quantity"

    def __post_init__(self) -> None:
        super().__post_init__()
        known = ("quantity", "price", "maximum", "elasticity")
        if self.what not in known:
            raise ScenarioError(
                f"expected one of {', '.join(known)}, got {self.what!r}", key="what"
            )

    def apply(self, draft: Draft) -> None:
        """Replace the numbers of the chosen suppliers."""
        place = draft.place(self.family)
        self._set(draft, place, draft.councils(place, self.councils), self.what)

    def effects(self) -> tuple[Effect, ...]:
        """The column of each supplier."""
        return council_effects(f"supply {self.what}", self.family, self.councils, self.to)

    def __str__(self) -> str:
        who = whom(self.family, self.councils)
        return f"{self.what} of the supply of {who} {words(*one_way(self))}"


@dataclass(frozen=True, kw_only=True)
class Productivity(Change):
    """Change how much councils make from the same inputs; fixed inputs stay as they are per level.

    family : label. councils : names, all unless given. times : a factor; percent : 5 makes 5 %
    more.
    """

    do: ClassVar[str] = "productivity"

    family: str
    councils: Names = ()
    times: float | None = None
    percent: float | None = None

    def __post_init__(self) -> None:
        named = texts("councils", self.councils) if self.councils else ()
        amounts = _amounts(self, RELATIVE)
        self._put(family=text("family", self.family), councils=named, **amounts)
        way, amount = one_way(self, RELATIVE)
        if not 0.0 < float(changed(way, amount, np.ones(1))[0]) < np.inf:
            raise ScenarioError("expected a productivity above 0 and finite", key=way)

    def apply(self, draft: Draft) -> None:
        """Scale outputs: the column productivity, or the outputs of activities."""
        place = draft.place(self.family)
        at = draft.councils(place, self.councils)
        factor = np.ones(draft.families[place].n_councils)
        factor[at] = changed(*one_way(self, RELATIVE), factor[at])
        draft.set_columns(place, **more_productive(draft.families[place], factor))

    def effects(self) -> tuple[Effect, ...]:
        """The productivity of each council."""
        return council_effects("productivity", self.family, self.councils, None)

    def __str__(self) -> str:
        amount = words(*one_way(self, RELATIVE))
        return f"productivity of {whom(self.family, self.councils)} {amount}"


def more_productive(family: Family, factor: Array) -> dict[str, Any]:
    """Return the columns of a family whose councils make `factor` (m,) times as much.

    Raises ScenarioError for families without a productivity.
    """
    if isinstance(family, Activities):
        net = family.net_output.copy()
        per_entry = np.repeat(factor, np.diff(net.indptr))
        net.data = np.where(net.data > 0.0, net.data * per_entry, net.data)
        return {"net_output": net}
    if isinstance(family, JointWorkers):
        outputs = family.outputs
        return {"outputs": outputs.replace(scale=outputs.scale * factor)}
    if "productivity" not in {column.name for column in family.columns}:
        raise ScenarioError(
            f"{family.title} ({type(family).__name__}) has no productivity", key="family"
        )
    return {"productivity": np.asarray(family.productivity) * factor}  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class ImportPrice(Change):
    """Change what imports cost: reference prices of suppliers, foreign exchange paid by activities.

    goods : imported goods, whoever supplies them; or family (label) and councils (names).
    times : a factor; percent : 20 makes them dearer by 20 %.
    """

    do: ClassVar[str] = "import_price"

    goods: Names = ()
    family: str | None = None
    councils: Names = ()
    times: float | None = None
    percent: float | None = None

    def __post_init__(self) -> None:
        if (not self.goods) == (self.family is None):
            raise ScenarioError("expected either goods or a family", key="goods")
        self._put(
            goods=texts("goods", self.goods) if self.goods else (),
            councils=texts("councils", self.councils) if self.councils else (),
            **_amounts(self, RELATIVE),
        )

    def apply(self, draft: Draft) -> None:
        """Scale prices of suppliers and the foreign exchange that activities pay."""
        if self.family is not None:
            place = draft.place(self.family)
            found = self._scale(draft, place, draft.councils(place, self.councils))
            if not found:
                raise ScenarioError(f"{self.family} imports nothing", key="family")
            return
        for name in self.goods:
            good = draft.good(name, key="goods")
            found = 0
            for place, family in enumerate(draft.families):
                if isinstance(family, Suppliers):
                    found += self._scale(draft, place, np.flatnonzero(family.good == good))
                elif isinstance(family, Activities):
                    found += self._scale(draft, place, _makers(family, good))
            if not found:
                raise ScenarioError(f"nobody imports {name!r}", key="goods")

    def _scale(self, draft: Draft, place: int, at: Any) -> int:
        """Scale for councils of one family; returns for how many numbers."""
        way, amount = one_way(self, RELATIVE)
        family = draft.families[place]
        chosen = np.zeros(family.n_councils, dtype=bool)
        chosen[at] = True
        if isinstance(family, Suppliers):
            price = np.array(family.price)
            price[chosen] = changed(way, amount, price[chosen])
            if chosen.any():
                draft.set_columns(place, price=price)
            return int(chosen.sum())
        if not isinstance(family, Activities):
            return 0
        foreign = foreign_exchange(
            Goods(draft.names, kind=draft.kinds if any(draft.kinds) else None)
        )
        net = family.net_output.copy()
        paid = np.repeat(chosen, np.diff(net.indptr)) & foreign[net.indices] & (net.data < 0.0)
        net.data = np.where(paid, changed(way, amount, net.data), net.data)
        if paid.any():
            draft.set_columns(place, net_output=net)
        return int(paid.sum())

    def effects(self) -> tuple[Effect, ...]:
        """The price of each good, or of each council."""
        if self.family is not None:
            return council_effects("import price", self.family, self.councils, None)
        return tuple(Effect(("import price", name)) for name in self.goods)

    def __str__(self) -> str:
        what = ", ".join(self.goods) or whom(str(self.family), self.councils)
        return f"import prices of {what} {words(*one_way(self, RELATIVE))}"


def _makers(family: Activities, good: int) -> Any:
    net = family.net_output
    entries = np.flatnonzero((net.indices == good) & (net.data > 0.0))
    return np.searchsorted(net.indptr, entries, side="right") - 1
