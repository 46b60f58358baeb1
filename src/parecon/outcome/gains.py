"""Who gains and who loses: utility and spending of consumer councils beside another plan's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import FloatArray, row_index, weighted_count
from parecon.families import Consumers, Family, NestedCES, Targets
from parecon.outcome.side import Side

if TYPE_CHECKING:
    from parecon.plan import Plan

__all__ = ["Gains", "Group", "gains"]

_SHOWN = 40  # consumer councils that are told one by one
_TENTHS = 10
_EVEN = 1.001  # budgets that differ less are the same


@dataclass(frozen=True, kw_only=True)
class Group:
    """Consumer councils that are told together; money per plan year.

    Attributes
    ----------
    name : str
    councils : int
    budget, spending : float
        Granted, and spent on what is bought.
    in_kind : float
        Value, at the plan's prices, of needs that are met before the budget.
    budget_before, spending_before, in_kind_before : float
        Of the same councils in the other plan; nan where they are not there.
    change : float
        Of utility, relative; of several councils together exp(sum b log(u/u0) / sum b) - 1 with
        the budgets b of before: the same change for each that welfare would find as good. nan where
        nothing can be compared.
    low, high : float
        Between them the changes of eight in ten councils; nan for fewer than ten.
    gaining : float
        Share of the councils whose utility rises by more than a ten-thousandth.
    worth : float
        Sum of b (u/u0 - 1), the equivalent variation: the money at the prices of before that would
        have been worth as much.
    """

    name: str
    councils: int
    budget: float
    spending: float
    in_kind: float
    budget_before: float = math.nan
    spending_before: float = math.nan
    in_kind_before: float = math.nan
    change: float = math.nan
    low: float = math.nan
    high: float = math.nan
    gaining: float = math.nan
    worth: float = math.nan


@dataclass(frozen=True, kw_only=True)
class Gains:
    """groups : in the order of the economy. together : all of them whose utility can be compared.

    not_compared : labels of families whose councils or preferences are other than before.
    """

    groups: tuple[Group, ...]
    together: Group
    not_compared: tuple[str, ...]

    @property
    def compared(self) -> bool:
        """Whether anything could be compared."""
        return math.isfinite(self.together.change)


@dataclass(frozen=True, eq=False)
class _Councils:
    """All councils of one family, (m,) each."""

    family: Family
    budget: FloatArray
    spending: FloatArray
    in_kind: FloatArray
    before: tuple[FloatArray, FloatArray, FloatArray] | None
    ratio: FloatArray  # u / u0, nan where unknown


def gains(plan: Plan, before: Side | None) -> Gains:
    """Return what consumer councils spend and, beside another plan, gain or lose.

    Up to 40 councils are told one by one. Families of more are told in tenths by budget, or, where
    budgets are the same, as a whole. Targets are nobody, and left out.
    """
    all_ = [
        _councils(family, proposal, np.asarray(plan.price), before)
        for family, proposal in zip(plan.economy.families, plan.proposals, strict=True)
        if isinstance(family, Consumers) and not isinstance(family, Targets) and family.n_councils
    ]
    one_by_one = sum(one.family.n_councils for one in all_) <= _SHOWN
    groups = [group for one in all_ for group in _groups(one, one_by_one=one_by_one)]
    other = [one.family.title for one in all_ if before is not None and np.isnan(one.ratio).all()]
    return Gains(groups=tuple(groups), together=_together(all_), not_compared=tuple(other))


def _councils(
    family: Consumers, proposal: Any, price: FloatArray, before: Side | None
) -> _Councils:
    now = family.budget, proposal.spending, _in_kind(family, price)
    ratio = np.full(family.n_councils, np.nan)
    found = None if before is None else before.family(family.title)
    if before is None or found is None:
        return _Councils(family, *now, None, ratio)
    old, old_proposal = found
    if not isinstance(old, Consumers) or not _same_councils(family, old):
        return _Councils(family, *now, None, ratio)
    if _same_tastes(family, old):
        had = old_proposal.utility > 0.0
        ratio[had] = proposal.utility[had] / old_proposal.utility[had]
    then = old.budget, old_proposal.spending, _in_kind(old, before.price)
    return _Councils(family, *now, then, ratio)


def _groups(one: _Councils, *, one_by_one: bool) -> list[Group]:
    family, m = one.family, one.family.n_councils
    if m == 1 or one_by_one:
        return [_group(one, np.array([j]), family.council_name(j)) for j in range(m)]
    budget = one.budget if one.before is None else one.before[0]
    if m < _TENTHS or budget.max() <= _EVEN * budget.min():
        return [_group(one, np.arange(m), family.title)]
    parts = np.array_split(np.argsort(budget, kind="stable"), _TENTHS)
    notes = {0: " (lowest budgets)", _TENTHS - 1: " (highest budgets)"}
    return [
        _group(one, part, f"{family.title}, tenth {k + 1}{notes.get(k, '')}")
        for k, part in enumerate(parts)
    ]


def _group(one: _Councils, chosen: NDArray[np.intp], name: str) -> Group:
    sums = {
        "budget": _sum(one.budget[chosen]),
        "spending": _sum(one.spending[chosen]),
        "in_kind": _sum(one.in_kind[chosen]),
    }
    if one.before is not None:
        for key, values in zip(list(sums), one.before, strict=True):
            sums[f"{key}_before"] = _sum(values[chosen])
        sums |= _measures(one.before[0][chosen], one.ratio[chosen])
    return Group(name=name, councils=chosen.size, **sums)


def _together(all_: list[_Councils]) -> Group:
    """Sums over everybody; changes of those whose utility can be compared."""
    known = [one for one in all_ if one.before is not None and np.isfinite(one.ratio).any()]
    measures: dict[str, float] = {}
    if known:
        budget = np.concatenate([one.before[0] for one in known if one.before is not None])
        measures = _measures(budget, np.concatenate([one.ratio for one in known]))
        for k, key in enumerate(("budget_before", "spending_before", "in_kind_before")):
            measures[key] = math.fsum(_sum(one.before[k]) for one in known if one.before)
    return Group(
        name="all together",
        councils=sum(one.family.n_councils for one in all_),
        budget=math.fsum(_sum(one.budget) for one in all_),
        spending=math.fsum(_sum(one.spending) for one in all_),
        in_kind=math.fsum(_sum(one.in_kind) for one in all_),
        **measures,
    )


def _measures(budget: FloatArray, ratio: FloatArray) -> dict[str, float]:
    known = np.isfinite(ratio)
    if not known.any():
        return {}
    budget, ratio = budget[known], ratio[known]
    with np.errstate(divide="ignore"):  # who gets nothing: log 0 = -inf, change -100 %
        logs = np.log(ratio)
    many = ratio.size >= _TENTHS
    low, high = np.quantile(ratio, (0.1, 0.9)) - 1.0 if many else (math.nan, math.nan)
    return {
        "change": float(np.expm1(np.dot(budget, logs) / budget.sum())),
        "low": float(low),
        "high": float(high),
        "gaining": float(np.mean(ratio > 1.0001)),
        "worth": float(np.dot(budget, ratio - 1.0)),
    }


def _in_kind(family: Consumers, price: FloatArray) -> FloatArray:
    """(m,) value of needs at prices (n,), money per plan year."""
    needs = family.needs
    if needs is None:
        return np.zeros(family.n_councils)
    value = needs.data * price[needs.indices]
    return weighted_count(row_index(needs.indptr), value, family.n_councils)


def _same_councils(family: Family, other: Family) -> bool:
    return family.n_councils == other.n_councils and family.names == other.names


def _same_tastes(family: Family, other: Family) -> bool:
    """Whether utility is the same function, so that its values can be compared.

    Numbers are compared, goods are not: what is the same good under another name, as with permits
    that go with it, is wanted as before. Their order may be another.
    """
    if type(family) is not type(other):
        return False
    for column in family.columns:
        if column.name in ("budget", "needs"):
            continue
        ours = _numbers(getattr(family, column.name))
        theirs = _numbers(getattr(other, column.name))
        if len(ours) != len(theirs):
            return False
        for a, b in zip(ours, theirs, strict=True):
            if a is not b and not _same_numbers(a, b):
                return False
    return True


def _same_numbers(a: FloatArray, b: FloatArray) -> bool:
    return np.array_equal(a, b) or np.array_equal(np.sort(a), np.sort(b))


def _numbers(value: Any) -> list[FloatArray]:
    """The arrays of real numbers in a column, those of goods at the entries that use them."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, NestedCES):
        there = value.reference_price[value.leaf_good]
        return [value.node_elasticity, value.node_share, value.leaf_share, value.scale, there]
    return [value.data] if hasattr(value, "indptr") else []


def _sum(values: FloatArray) -> float:
    return float(np.sum(values))
