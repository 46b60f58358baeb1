"""A good explained: its price through the supply chain, who supplies and uses it, what binds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon.explanation.chain import Chain, Embodied, Makers
from parecon.explanation.costs import LOSS, unit_values
from parecon.explanation.factors import IMPORTS, factor_kind
from parecon.explanation.records import Binding, GoodExplanation, Idle, Part, Trade
from parecon.families import Family, JointWorkers
from parecon.proposals import net_flows
from parecon.status import Status

if TYPE_CHECKING:
    from parecon.plan import Plan

Array = NDArray[np.float64]

_VISIBLE = 1e-6  # share of a price, or of what is supplied or used, that is worth a line
_USED_UP = 0.999  # share of what there is from which on a resource binds
_IDLE = 1e-3  # share of a supply below which who loses by it is no supplier


def explain_good(plan: Plan, good: int, *, most: int) -> GoodExplanation:
    """Explain one good of a plan; lists of councils end after the `most` greatest."""
    goods = plan.economy.goods
    what: dict[str, Any] = {
        "good": goods.name(good),
        "kind": "" if goods.kind is None else goods.kind[good],
        "unit": "" if goods.unit is None else goods.unit[good],
    }
    if plan.status is Status.INFEASIBLE:
        return GoodExplanation(
            **what, price=math.nan, supply=math.nan, demand=math.nan, **_shortage(plan, good)
        )
    chain = Chain(plan, through=good)
    embodied = chain.embodied(good)
    suppliers, users = _trades(plan, chain, good)
    return GoodExplanation(
        **what,
        price=float(chain.price[good]),
        supply=float(plan.supply[good]),
        demand=float(plan.demand[good]),
        parts=_parts(chain, embodied, good, most),
        suppliers=_greatest(suppliers, most),
        users=_greatest(users, most),
        binding=tuple(_binding(chain, embodied)[:most]),
        idle=tuple(_idle(chain, good)[:most]),
    )


def _shortage(plan: Plan, good: int) -> dict[str, Any]:
    """What an infeasible plan says of the good: prices would explain nothing."""
    found = plan.infeasible
    if found is None:
        return {}
    name = plan.economy.goods.name(good)
    short = [(needed, has) for other, needed, has in found.goods if other == name]
    return {"short": short[0] if short else None, "obstacles": found.resources}


# -- the price ------------------------------------------------------------------------------------


def _parts(chain: Chain, embodied: Embodied, good: int, most: int) -> tuple[Part, ...]:
    """Where the money ends, by kind; the amounts add up to the price."""
    price = float(chain.price[good])
    if price == 0.0:
        return ()
    found: dict[str, list[tuple[str, float]]] = {}
    for i, share in _ending(chain, embodied):
        name = chain.plan.economy.goods.name(i)
        found.setdefault(_kind(chain, i), []).append((name, share))
    for maker, value in zip(chain.makers, embodied.maker, strict=True):
        for kind, money in (
            ("capacities", maker.rent),
            ("surplus", maker.surplus),
            ("effort", maker.effort),
            ("residual", maker.residual),
        ):
            kept = _kept(value, money, maker)
            names = maker.family.council_name
            ends = np.flatnonzero(kept)
            found.setdefault(kind, []).extend((names(int(j)), float(kept[j])) for j in ends)
    lost = embodied.good * (chain.supply <= 0.0)
    missing = float(lost.sum()) + embodied.left
    if missing:
        found.setdefault("not supplied", []).append((chain.plan.economy.goods.name(good), missing))
    return _sorted_parts(found, price, most)


def _sorted_parts(
    found: dict[str, list[tuple[str, float]]], price: float, most: int
) -> tuple[Part, ...]:
    """Kinds by their share, in each the greatest first and what is left in one line."""
    parts = []
    order = sorted(found, key=lambda kind: -abs(math.fsum(share for _, share in found[kind])))
    for kind in order:
        lines = sorted(found[kind], key=lambda line: -abs(line[1]))
        shown = [line for line in lines[:most] if abs(line[1]) > _VISIBLE]
        rest = lines[len(shown) :]
        if len(rest) == 1:
            shown, rest = [*shown, *rest], []
        if rest:
            shown.append((f"{len(rest):,} others", math.fsum(share for _, share in rest)))
        parts += [
            Part(kind=kind, name=name, amount=price * share, share=share) for name, share in shown
        ]
    return tuple(parts)


def _ending(chain: Chain, embodied: Embodied) -> list[tuple[int, float]]:
    """(good, share of the price) of every good at which money ends: endowed, supplied, foreign."""
    there = chain.endowment + chain.supplied
    ending = np.divide(there, chain.supply, out=np.zeros(there.size), where=chain.supply > 0.0)
    ending = np.where(chain.ends & (chain.supply > 0.0), 1.0, ending) * embodied.good
    return [(int(i), float(ending[i])) for i in np.flatnonzero(ending)]


def _kind(chain: Chain, good: int) -> str:
    if chain.ends[good]:
        return IMPORTS
    return factor_kind(chain.plan.economy.goods, good, chain.made)


def _kept(value: Array, money: Array, maker: Makers) -> Array:
    """(m,) what councils that make `value` (m,) keep of it as `money` (m,) of their revenue."""
    part = np.zeros(value.size)
    return np.divide(value * money, maker.revenue, out=part, where=maker.revenue > 0.0)


# -- who supplies and who uses --------------------------------------------------------------------


def _trades(plan: Plan, chain: Chain, good: int) -> tuple[list[Trade], list[Trade]]:
    """Every council that supplies the good, and every one that uses it."""
    price = float(chain.price[good])
    given = [("endowment", "", "", float(chain.endowment[good]))]
    taken: list[tuple[str, str, str, float]] = []
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        council, goods, quantity = net_flows(family, proposal)
        at = np.flatnonzero((goods == good) & (quantity != 0.0))
        n_bought = family.n_entries
        for entry in at:
            flow = float(quantity[entry])
            role = _role(family, is_need=bool(entry >= n_bought), gives=flow > 0.0)
            name = family.council_name(int(council[entry]))
            line = (role, family.title, name, abs(flow))
            (given if flow > 0.0 else taken).append(line)
    return _with_shares(given, price), _with_shares(taken, price)


def _role(family: Family, *, is_need: bool, gives: bool) -> str:
    if family.role == "consumers":
        return "needs" if is_need else "consumes"
    if family.role == "suppliers":
        return "supplies"
    return "makes" if gives else "uses"


def _with_shares(lines: list[tuple[str, str, str, float]], price: float) -> list[Trade]:
    total = math.fsum(quantity for *_, quantity in lines)
    return [
        Trade(
            role=role,
            family=family,
            council=council,
            quantity=quantity,
            value=price * quantity,
            share=quantity / total,
        )
        for role, family, council, quantity in sorted(lines, key=lambda line: -line[-1])
        if quantity > 0.0
    ]


def _greatest(trades: list[Trade], most: int) -> tuple[Trade, ...]:
    """The greatest few, and one line for all others."""
    shown = [trade for trade in trades[:most] if trade.share > _VISIBLE]
    rest = trades[len(shown) :]
    if len(rest) == 1:
        return (*shown, *rest)
    if not rest:
        return tuple(shown)
    return (
        *shown,
        Trade(
            role=rest[0].role if len({trade.role for trade in rest}) == 1 else "",
            family="",
            council=f"{len(rest):,} others",
            quantity=math.fsum(trade.quantity for trade in rest),
            value=math.fsum(trade.value for trade in rest),
            share=math.fsum(trade.share for trade in rest),
        ),
    )


# -- what stands behind it ------------------------------------------------------------------------


def _binding(chain: Chain, embodied: Embodied) -> list[Binding]:
    """Resources that are used up and capacities that are full, by their share of the price."""
    found = [_resource(chain, i, share) for i, share in _ending(chain, embodied)]
    for maker, value in zip(chain.makers, embodied.maker, strict=True):
        share = _kept(value, maker.rent, maker)
        found += [_capacity(chain, maker, int(j), float(share[j])) for j in np.flatnonzero(share)]
    kept = [line for line in found if line is not None and line.share > _VISIBLE]
    return sorted(kept, key=lambda line: -line.share)


def _resource(chain: Chain, good: int, share: float) -> Binding | None:
    plan, goods = chain.plan, chain.plan.economy.goods
    if plan.demand[good] < _USED_UP * plan.supply[good] or chain.price[good] <= 0.0:
        return None
    there = chain.supply if chain.ends[good] else chain.endowment + chain.supplied
    return Binding(
        kind="supply" if chain.supplied[good] > 0.0 else "resource",
        name=goods.name(good),
        available=float(there[good]),
        unit="" if goods.unit is None else goods.unit[good],
        worth=float(chain.price[good]),
        share=share,
    )


def _capacity(chain: Chain, maker: Makers, council: int, share: float) -> Binding:
    """A full capacity: its rent per unit is what one more unit would bring."""
    capacity = float(maker.family.capacity[council])  # type: ignore[attr-defined]
    made = maker.made[[council]]
    goods = chain.plan.economy.goods
    unit = ""
    if hasattr(maker.family, "output_good") and goods.unit is not None and made.nnz:
        unit = goods.unit[int(made.indices[0])]
    return Binding(
        kind="capacity",
        name=maker.family.council_name(council),
        available=capacity,
        unit=unit,
        worth=float(maker.rent[council]) / capacity,
        share=share,
    )


def _idle(chain: Chain, good: int) -> list[Idle]:
    """Councils that could make the good, do not, and would make a loss; the least loss first."""
    found = []
    for maker in chain.makers:
        could = _could_make(maker.family, good)
        idle = could[maker.share[could][:, [good]].toarray().ravel() < _IDLE]
        values = unit_values(maker.family, chain.price) if idle.size else None
        if values is None:
            continue
        benefit, cost = values
        found += [
            Idle(
                family=maker.family.title,
                council=maker.family.council_name(int(j)),
                benefit=float(benefit[j]),
                cost=float(cost[j]),
            )
            for j in idle
            if cost[j] > benefit[j] * (1.0 + LOSS)
        ]
    return sorted(found, key=lambda line: line.cost / max(line.benefit, 1e-300))


def _could_make(family: Family, good: int) -> NDArray[np.intp]:
    """Councils of a family whose technology makes the good."""
    if hasattr(family, "output_good"):
        return np.flatnonzero(family.output_good == good)
    if isinstance(family, JointWorkers):
        start, made = family.made_pattern()
        return np.searchsorted(start, np.flatnonzero(made == good), side="right") - 1
    net = family.net_output  # type: ignore[attr-defined]
    entries = np.flatnonzero((net.indices == good) & (net.data > 0.0))
    rows: NDArray[np.intp] = np.searchsorted(net.indptr, entries, side="right") - 1
    return rows
