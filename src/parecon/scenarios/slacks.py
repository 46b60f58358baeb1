"""What could give way: quantities that a scenario has tightened, each with room to move.

Found by comparing two economies, whatever changes led from one to the other. Every slack is a
supply of last resort of one good: permits that were taken away, a need that need not be met, a unit
of capacity that is not there (which becomes a good of its own for it, see `tolls`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.errors import ScenarioError, UnknownGoodError
from parecon.families import Activities, Consumers, Family, JointWorkers, Suppliers
from parecon.scenarios.base import Change
from parecon.scenarios.draft import Draft
from parecon.scenarios.needs import Needs
from parecon.scenarios.quantities import Capacity, Endowment, Supply
from parecon.scenarios.tolls import toll_on_level, toll_on_output

Array = NDArray[np.float64]

ENDOWMENT, NEED, CAPACITY, MAXIMUM = "endowment", "need", "capacity", "maximum"
_MOST = 500  # councils whose capacities may give way, one good each


@dataclass(frozen=True, kw_only=True)
class Slack:
    """One quantity that may give way.

    Attributes
    ----------
    kind : {"endowment", "need", "capacity", "maximum"}
    name : str
        The good, or ``"label/council"``.
    before : float
        Before the scenario; nan where there was none.
    now : float
        In the scenario.
    scale : float
        Giving way by this much counts as one.
    good : str
        Whose balance it relaxes.
    unit : str
    limit : float
        Most that it can give; a need no more than all of it.
    family, council : str
        Whose capacity or maximum it is. families : labels whose needs were raised.
    """

    kind: str
    name: str
    before: float
    now: float
    scale: float
    good: str
    unit: str = ""
    limit: float = np.inf
    family: str = ""
    council: str = ""
    families: tuple[str, ...] = ()

    def changes(self, amount: float) -> list[Change]:
        """Return what makes the quantity give way by `amount`."""
        if self.kind == ENDOWMENT:
            return [Endowment(goods=(self.name,), plus=amount)]
        if self.kind == CAPACITY:
            return [Capacity(family=self.family, councils=(self.council,), plus=amount)]
        if self.kind == MAXIMUM:
            return [
                Supply(family=self.family, councils=(self.council,), what="maximum", plus=amount)
            ]
        left = max(1.0 - amount / self.now, 0.0)
        return [Needs(family=label, times={self.name: left}) for label in self.families]


def tightened(before: Economy, after: Economy) -> list[Slack]:
    """Return what is tighter in the second economy, which may have more goods and councils."""
    found = _endowments(before, after)
    found += _needs(before, after)
    for family in after.families:
        found += _of_councils(_same(before, family), family, after)
    return found


def chosen(before: Economy, economy: Economy, over: str | Sequence[str]) -> list[Slack]:
    """Return slacks on "resources" (all that is endowed), "needs", or goods by name.

    before : for what there was of them.
    """
    goods = economy.goods
    if over == "needs":
        return _needs(None, economy)
    if over == "resources":
        at = np.flatnonzero(economy.endowment > 0.0).tolist()
    else:
        try:
            at = [int(goods.index(name)) for name in ([over] if isinstance(over, str) else over)]
        except UnknownGoodError as error:
            raise ScenarioError(f"over: {error}", key="over") from error
    old = dict(zip(before.goods.names, before.endowment.tolist(), strict=True))
    return [_endowment(economy, i, old.get(goods.name(i), np.nan)) for i in at]


def _endowment(economy: Economy, good: int, before: float) -> Slack:
    goods, now = economy.goods, float(economy.endowment[good])
    scale = before if before > 0.0 else (now if now > 0.0 else 1.0)
    return Slack(
        kind=ENDOWMENT,
        name=goods.name(good),
        before=before,
        now=now,
        scale=scale,
        good=goods.name(good),
        unit="" if goods.unit is None else goods.unit[good],
    )


def _endowments(before: Economy, after: Economy) -> list[Slack]:
    """Endowments that are less than before, and those of goods that are new: caps."""
    found = []
    known = {name: i for i, name in enumerate(before.goods.names)}
    for i, name in enumerate(after.goods.names):
        now = float(after.endowment[i])
        if name not in known:
            if now > 0.0:
                found.append(_endowment(after, i, np.nan))
        elif now < before.endowment[known[name]]:
            found.append(_endowment(after, i, float(before.endowment[known[name]])))
    return found


def _needs(before: Economy | None, after: Economy) -> list[Slack]:
    """Needs that are more than before, by good: those of all families that need more of it."""
    more: dict[int, list[str]] = {}
    total, old = np.zeros((2, after.n_goods))
    for family in after.families:
        mine = _needed(family, after.n_goods)
        theirs = _needed_before(before, family, after)
        for good in np.flatnonzero(mine > theirs):
            more.setdefault(int(good), []).append(family.title)
            total[good] += mine[good]
            old[good] += theirs[good]
    goods = after.goods
    return [
        Slack(
            kind=NEED,
            name=goods.name(good),
            before=float(old[good]),
            now=float(total[good]),
            scale=float(total[good]),
            good=goods.name(good),
            unit="" if goods.unit is None else goods.unit[good],
            limit=float(total[good]),
            families=tuple(labels),
        )
        for good, labels in sorted(more.items())
    ]


def _needed(family: Family, n_goods: int) -> Array:
    if not isinstance(family, Consumers) or family.needs is None:
        return np.zeros(n_goods)
    return np.bincount(family.needs.indices, family.needs.data, n_goods).astype(np.float64)


def _needed_before(before: Economy | None, family: Family, after: Economy) -> Array:
    """What the family of that label needed before, by the goods of now."""
    result = np.zeros(after.n_goods)
    other = None if before is None else _same(before, family)
    if before is None or other is None:
        return result
    needed = _needed(other, before.n_goods)
    for good in np.flatnonzero(needed):
        name = before.goods.name(int(good))
        if name in after.goods:
            result[after.goods.index(name)] = needed[good]
    return result


def _of_councils(before: Family | None, family: Family, after: Economy) -> list[Slack]:
    """Capacities and suppliers' maxima that are less than before, council by council."""
    kind = MAXIMUM if isinstance(family, Suppliers) else CAPACITY
    now = getattr(family, kind, None)
    if before is None or now is None or before.n_councils != family.n_councils:
        return []
    was = getattr(before, kind, None)
    old = np.full(family.n_councils, np.inf) if was is None else np.asarray(was)
    goods, found = after.goods, []
    for j in np.flatnonzero(now < old)[:_MOST]:
        name = family.council_name(int(j))
        made = np.asarray(family.made_goods())
        good = goods.name(int(made[j])) if kind == MAXIMUM else f"capacity of {family.title}/{name}"
        found.append(
            Slack(
                kind=kind,
                name=f"{family.title}/{name}",
                before=float(old[j]),
                now=float(now[j]),
                scale=float(old[j] if np.isfinite(old[j]) else now[j]),
                good=good,
                family=family.title,
                council=name,
            )
        )
    return found


def _same(economy: Economy, family: Family) -> Family | None:
    return next((other for other in economy.families if other.title == family.title), None)


def with_capacities_as_goods(economy: Economy, slacks: Sequence[Slack]) -> Economy:
    """Return the same economy in which capacities that may give way are goods with an endowment."""
    full = [slack for slack in slacks if slack.kind == CAPACITY]
    if not full:
        return economy
    draft = Draft(economy)
    goods = draft.add_goods([slack.good for slack in full])
    for slack, good in zip(full, goods, strict=True):
        place = draft.place(slack.family)
        (council,) = draft.councils(place, (slack.council,))
        family = draft.families[place]
        capacity = np.array(family.capacity)  # type: ignore[attr-defined]
        capacity[council] = np.inf
        draft.set_columns(place, capacity=capacity)
        rate = np.zeros(family.n_councils)
        rate[council] = 1.0
        if isinstance(family, Activities | JointWorkers):
            toll_on_level(draft, place, good, rate)
        else:
            toll_on_output(draft, place, good, rate, key="capacity")
        draft.endowment[good] = slack.now
    return draft.economy()


def check_weights(weights: dict[str, float], slacks: Sequence[Slack]) -> None:
    """Raise ScenarioError unless every weight is above 0 and for something that may give way."""
    known = [slack.name for slack in slacks]
    for name, weight in weights.items():
        if name not in known:
            raise ScenarioError(f"weights: {name!r} is not among {', '.join(known)}", key=name)
        if not 0.0 < weight < np.inf:
            raise ScenarioError(f"weights: expected more than 0, got {weight:g}", key=name)
