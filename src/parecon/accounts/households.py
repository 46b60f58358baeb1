"""Households split into groups by a survey of what each group spends.

A survey knows groups, but not what the accounts call spending: it leaves out what owners of
dwellings pay themselves, counts a purchase once where the accounts have a product and the trade in
it, and was made in another year. So the accounts keep their totals by good, the survey says how
each is spread over groups and what share of all spending a group has, and RAS brings the two
together with the least change of proportions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts.base import Accounts
from parecon.accounts.biproportional import gras
from parecon.accounts.concordance import concordance as bundled
from parecon.accounts.concordance import spending_items
from parecon.accounts.labels import Labels
from parecon.accounts.log import changes_of, step
from parecon.accounts.readers.households import HouseholdExpenditure
from parecon.errors import AccountsError, nearest

__all__ = ["split_households"]

AccountsT = TypeVar("AccountsT", bound=Accounts)

ALL = "*"
ROUNDING = 1e-12  # of all spending: left by closing rows, spread like totals


def split_households(
    accounts: AccountsT,
    survey: HouseholdExpenditure,
    *,
    concordance: Mapping[str, Sequence[str]] | None = None,
    category: str | None = None,
    households: ArrayLike | None = None,
    totals: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> AccountsT:
    """Return the accounts with one category of final demand per group of households.

    What all groups together spend on a good, or pay to a factor (imports in a table of domestic
    flows), stays as published. A good is spread like the items that stand for it; then RAS gives
    each group its total. Extensions of the households are spread like the goods of the same name,
    or like totals. The log says how much RAS moved against the survey's spread, cell by cell.

    Parameters
    ----------
    accounts : Accounts
        Best repaired before (:func:`parecon.accounts.repair.for_plan`).
    survey : HouseholdExpenditure
        Spending by item and group.
    concordance : mapping from good (or factor) to codes of items, optional
        ``~`` before a code: the item shows how the good is spread, but is no spending on it.
        ``"*"`` stands for goods not named. Factors not named are spread like all items that count.
        Unless given, the bundled one from COICOP to the products of `uk_ons_2010`.
    category : str, optional
        That is split; the only one of kind households unless given.
    households : (g,) array_like, optional
        How many there are of each group, any unit; equally many unless given.
    totals : (g,) array_like, optional
        What each group spends, any unit; what it spends on items that count unless given.
    names : sequence of str, optional
        Of the new categories, in whose place the old one stood; those of the survey's groups
        unless given.

    Raises
    ------
    AccountsError
        If a good, item or category is unknown or missing (by name), nobody in the survey buys what
        the accounts say is bought, or no spread has these totals.
    """
    at = _category(accounts, category)
    survey_items = _Items(survey, _counted("households", households, len(survey.groups)))
    mapping = dict(bundled() if concordance is None else concordance)
    _check_goods(accounts, mapping)
    spread = _spread(accounts, at, mapping, survey_items)
    given = totals if totals is not None else survey_items.total(spending_items(mapping))
    wanted = _counted("totals", given, len(survey.groups))
    published = np.concatenate([accounts.Y[:, at], accounts.W_Y[:, at]])
    wanted = wanted / wanted.sum() * published.sum()
    seed = spread * published[:, None]
    # Columns are met to rounding: these are the goods, which others trade in too.
    scaled = gras(
        seed.T,
        wanted,
        published,
        row_names=survey.groups,
        column_names=(*accounts.goods, *accounts.factors),
        what="split_households",
    )
    return _placed(
        accounts,
        at,
        Labels(names or survey.groups),
        before=seed,
        after=arrays.dense(scaled.matrix).T,
        title=f"{survey.title}; RAS in {scaled.n_rounds} rounds",
        own=_own_extensions(accounts, at, mapping, survey_items, wanted / wanted.sum()),
    )


@dataclass(frozen=True)
class _Items:
    """Spending of groups on items, all households of the group together."""

    survey: HouseholdExpenditure
    households: FloatArray

    def total(self, items: Sequence[str]) -> FloatArray:
        """Spending on these items together, (groups,)."""
        known = {code: i for i, code in enumerate(self.survey.code)}
        for item in items:
            if item not in known:
                raise AccountsError(
                    f"split_households: no item {item!r} in the survey{nearest(item, list(known))}"
                )
        spent: FloatArray = self.survey.spending[[known[item] for item in items]].sum(axis=0)
        return spent * self.households

    def shares(self, items: Sequence[str], what: str) -> FloatArray:
        """Each group's share of the spending on these items, (groups,)."""
        spent = self.total([item.removeprefix("~") for item in items])
        if not spent.sum() > 0.0:
            raise AccountsError(
                f"split_households: expected spending on the items {', '.join(items)} of {what}, "
                "got none in any group"
            )
        found: FloatArray = spent / spent.sum()
        return found


def _category(accounts: Accounts, name: str | None) -> int:
    if name is not None:
        return accounts.final_demand.index(name)
    found = accounts.final_demand.of_kind("households")
    if len(found) != 1:
        what = accounts.final_demand.some(found) if len(found) else "none"
        raise AccountsError(
            f"split_households: expected one category of kind households, got {what}; name it"
        )
    return int(found[0])


def _counted(what: str, values: ArrayLike | None, size: int) -> FloatArray:
    if values is None:
        return np.ones(size)
    given = arrays.vector(values, f"split_households.{what}", size)
    if not (given > 0.0).all():
        raise AccountsError(f"split_households: expected {what} above 0, got {given.min():g}")
    return given


def _check_goods(accounts: Accounts, mapping: Mapping[str, Sequence[str]]) -> None:
    known = [*accounts.goods, *accounts.factors, *accounts.extensions, ALL]
    for name in mapping:
        if name not in known:
            raise AccountsError(
                f"split_households: no good {name!r} in the accounts{nearest(name, known)}"
            )


def _spread(
    accounts: Accounts, at: int, mapping: Mapping[str, Sequence[str]], items: _Items
) -> FloatArray:
    """Each group's share of what is spent on goods and factors, (n + f, groups)."""
    found = np.zeros((len(accounts.goods) + len(accounts.factors), len(items.survey.groups)))
    spent, all_items = np.abs(accounts.Y[:, at]), spending_items(mapping)
    named = {
        i: mapping.get(accounts.goods[i], mapping.get(ALL)) for i in np.flatnonzero(spent).tolist()
    }
    missing = [i for i in named if named[i] is None and spent[i] > ROUNDING * spent.sum()]
    if missing:
        raise AccountsError(
            "split_households: expected items for every good that is bought, got none for "
            f"{accounts.goods.some(missing)}"
        )
    for i, chosen in named.items():
        found[i] = items.shares(chosen or all_items, repr(accounts.goods[i]))
    for j in np.flatnonzero(accounts.W_Y[:, at]):
        name = accounts.factors[j]
        chosen = mapping.get(name, all_items)
        found[len(accounts.goods) + j] = items.shares(chosen, repr(name))
    return found


def _own_extensions(
    accounts: Accounts,
    at: int,
    mapping: Mapping[str, Sequence[str]],
    items: _Items,
    share: FloatArray,
) -> FloatArray:
    """Extensions of the households by group, (e, groups)."""
    rows = [
        items.shares(mapping[name], repr(name)) if name in mapping else share
        for name in accounts.extensions
    ]
    return accounts.F_Y[:, [at]] * np.array(rows).reshape(len(rows), len(share))


def _placed(
    accounts: AccountsT,
    at: int,
    groups: Labels,
    *,
    before: FloatArray,
    after: FloatArray,
    title: str,
    own: FloatArray,
) -> AccountsT:
    """Accounts with the groups in the place of the category."""
    labels, n = accounts.final_demand, len(accounts.goods)
    if len(groups) != after.shape[1]:
        raise AccountsError(
            f"split_households: expected {after.shape[1]} names of groups, got {len(groups)}"
        )
    others = [name for i, name in enumerate(labels) if i != at]
    for name in groups:
        if name in others:
            raise AccountsError(f"split_households: category {name!r} is there already")

    def put(old: Sequence[str], new: Sequence[str]) -> list[str]:
        return [*old[:at], *new, *old[at + 1 :]]

    def columns(block: FloatArray, new: FloatArray) -> FloatArray:
        return np.hstack([block[:, :at], new, block[:, at + 1 :]])

    k = len(groups)
    changes = {
        "Y": changes_of("Y", before[:n], after[:n], accounts.goods.names, groups.names),
        "W_Y": changes_of("W_Y", before[n:], after[n:], accounts.factors.names, groups.names),
    }
    what = f"{labels[at]!r} into {k} groups by {title}"
    return accounts.replace(
        final_demand=Labels(
            put(labels.names, groups.names),
            kind=put(labels.kind, [labels.kind[at]] * k),
            unit=put(labels.unit, [labels.unit[at]] * k),
            text=put(labels.text, [labels.text[at]] * k),
        ),
        Y=columns(accounts.Y, after[:n]),
        W_Y=columns(accounts.W_Y, after[n:]),
        F_Y=columns(accounts.F_Y, own),
        step=step("split_households", what, changes),
    )
