"""Repairs: named steps that return new accounts, with what they changed in the log.

Published accounts rarely are what a plan needs: they balance to rounding only, and some of their
cells are negative. Nothing here happens by itself; each step says what it moved, cell by cell
(``accounts.log[-1]``, ``.to_pandas()``). See :mod:`parecon.accounts.balance` for what needs one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.accounts._change import changed
from parecon.accounts._structure import (
    merge_factors,
    merge_final_demand,
    remove_empty,
    subsidies_as_purchases,
    unmade_to_factor,
)
from parecon.accounts._visitors import visitors_as_exports
from parecon.accounts.balance import SUPPLY_KINDS
from parecon.accounts.base import Accounts
from parecon.accounts.biproportional import gras
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError

__all__ = [
    "close_columns",
    "close_make",
    "close_rows",
    "draw_stocks",
    "for_plan",
    "merge_factors",
    "merge_final_demand",
    "negative_use_to_make",
    "ras",
    "remove_empty",
    "subsidies_as_purchases",
    "unmade_to_factor",
    "visitors_as_exports",
    "zero_negative_use",
]

OWNED_KINDS = ("capital", "production tax", "product tax", "value added")

AccountsT = TypeVar("AccountsT", bound=Accounts)


def close_columns(accounts: AccountsT, factor: str) -> AccountsT:
    """Move what each industry's column lacks of its output (or has too much) to one factor.

    Parameters
    ----------
    accounts : Accounts
    factor : str
        Usually the operating surplus: what is left over.

    Raises
    ------
    AccountsError
        If there is no such factor.
    """
    at = accounts.factors.index(factor)
    residual = (
        accounts.industry_output
        - arrays.column_sums(accounts.intermediate)
        - accounts.W.sum(axis=0)
    )
    W = accounts.W.copy()
    W[at] += residual
    return changed(accounts, "close_columns", f"residuals of columns to {factor!r}", W=W)


def close_rows(accounts: AccountsT, category: str | None = None) -> AccountsT:
    """Move what each good's row lacks of its output to one category of final demand.

    Parameters
    ----------
    accounts : Accounts
    category : str, optional
        To the largest final use of each row (imports and stocks are none) unless given.

    Raises
    ------
    AccountsError
        If there is no such category, or no category of final demand at all.
    """
    demand = np.setdiff1d(
        np.arange(len(accounts.final_demand)), accounts.final_demand.of_kind(*SUPPLY_KINDS)
    )
    if demand.size == 0:
        raise AccountsError("close_rows: expected a category of final demand, got none")
    residual = (
        accounts.goods_output - arrays.row_sums(accounts.intermediate) - accounts.Y.sum(axis=1)
    )
    Y = accounts.Y.copy()
    if category is None:
        into = demand[accounts.Y[:, demand].argmax(axis=1)]
        where = "the largest final use"
    else:
        into = np.full(len(Y), accounts.final_demand.index(category))
        where = repr(category)
    Y[np.arange(len(Y)), into] += residual
    return changed(accounts, "close_rows", f"residuals of rows to {where}", Y=Y)


def close_make(accounts: SupplyUse) -> SupplyUse:
    """Take the sums of the make table for the outputs of commodities and industries."""
    q, x = arrays.column_sums(accounts.V), arrays.row_sums(accounts.V)
    return changed(accounts, "close_make", "outputs are the sums of the make table", q=q, x=x)


def draw_stocks(
    accounts: AccountsT, categories: Sequence[str] | None = None, *, name: str = "stocks drawn"
) -> AccountsT:
    """Turn negative final demand into supply from stocks, an endowment of the plan.

    Inventories drawn down, used goods and scrap sold by those who invest, sales of government:
    whoever has a negative demand gives something up. The negative cells go, with their sign, to a
    category of kind ``stocks``; rows keep their sums.

    Parameters
    ----------
    accounts : Accounts
    categories : sequence of str, optional
        All but imports and stocks unless given.
    name : str
        Of the new category; one of kind stocks that is there already is added to.

    Raises
    ------
    AccountsError
        If a category is unknown or the name is taken by another kind.
    """
    labels = accounts.final_demand
    if categories is None:
        at = np.setdiff1d(np.arange(len(labels)), labels.of_kind(*SUPPLY_KINDS))
    else:
        at = labels.positions(categories)
    drawn = np.minimum(accounts.Y[:, at], 0.0)
    Y = accounts.Y.copy()
    Y[:, at] -= drawn
    blocks: dict[str, Any] = {}
    if name in labels:
        into = labels.index(name)
        if labels.kind[into] != "stocks":
            raise AccountsError(f"draw_stocks: category {name!r} is of kind {labels.kind[into]!r}")
        Y[:, into] += drawn.sum(axis=1)
    else:
        Y = np.column_stack([Y, drawn.sum(axis=1)])
        blocks = {"final_demand": labels.plus(name, kind="stocks")}
        for block in ("W_Y", "F_Y"):
            before = getattr(accounts, block)
            blocks[block] = np.column_stack([before, np.zeros(len(before))])
    what = f"negative final demand to {name!r}"
    return changed(accounts, "draw_stocks", what, Y=Y, **blocks)


def zero_negative_use(
    accounts: AccountsT, *, factor: str, category: str | None = None
) -> AccountsT:
    """Set negative intermediate use to zero; rows and columns keep their sums.

    A negative input is a by-product or the use of something sold on. The row's difference is taken
    from a category of final demand (the row's largest unless given), the column's from a factor.
    Where the make table is known, :func:`negative_use_to_make` keeps what happened.

    Parameters
    ----------
    accounts : Accounts
    factor : str
        Whose payment falls by what the industry earned that way.
    category : str, optional
        Of final demand.

    Raises
    ------
    AccountsError
        If a factor or category is unknown.
    """
    below = _negative(accounts.intermediate)
    name = "U" if isinstance(accounts, SupplyUse) else "Z"
    W, Y = accounts.W.copy(), accounts.Y.copy()
    W[accounts.factors.index(factor)] += arrays.column_sums(below)
    if category is None:
        demand = np.setdiff1d(
            np.arange(len(accounts.final_demand)), accounts.final_demand.of_kind(*SUPPLY_KINDS)
        )
        into = demand[accounts.Y[:, demand].argmax(axis=1)]
    else:
        into = np.full(len(Y), accounts.final_demand.index(category))
    Y[np.arange(len(Y)), into] += arrays.row_sums(below)
    what = f"negative cells of {name} to 0, against {factor!r} and final demand"
    blocks = {name: accounts.intermediate - below, "W": W, "Y": Y}
    return changed(accounts, "zero_negative_use", what, **blocks)


def negative_use_to_make(accounts: SupplyUse) -> SupplyUse:
    """Move negative use to the make table: what an industry uses less than nothing of, it makes.

    Outputs rise by as much; rows and columns keep their balance.
    """
    below = _negative(accounts.U)
    return changed(
        accounts,
        "negative_use_to_make",
        "negative cells of U are outputs",
        U=accounts.U - below,
        V=accounts.V - below.T,
        q=accounts.q - arrays.row_sums(below),
        x=accounts.x - arrays.column_sums(below),
    )


def ras(
    accounts: AccountsT, *, hold: Literal["value added", "final demand"] = "value added"
) -> AccountsT:
    """Balance rows and columns by scaling intermediate use and final demand (GRAS).

    Rows get the published outputs, columns of industries their output less primary inputs, columns
    of final demand their published totals. Cells keep their sign. Totals can only be met if
    primary inputs and final demand have one sum; where they have not, one of the two gives way.

    Parameters
    ----------
    accounts : Accounts
    hold : {"value added", "final demand"}
        What keeps its totals; the other is scaled by one factor (of final demand: all categories
        but imports and stocks).

    Raises
    ------
    AccountsError
        If a row or column cannot have its total; it is named.
    """
    if hold not in ("value added", "final demand"):
        raise AccountsError(f"ras: expected to hold value added or final demand, got {hold!r}")
    W, totals, factor = _one_sum(accounts, hold)
    n_use = len(accounts.industries)
    use, Y = accounts.intermediate, accounts.Y
    sparse = sp.issparse(use)
    both = sp.hstack([use, sp.csr_array(Y)], format="csr") if sparse else np.hstack([use, Y])
    scaled = gras(
        both,
        accounts.goods_output,
        np.concatenate([accounts.industry_output - W.sum(axis=0), totals]),
        row_names=accounts.goods.names,
        column_names=(*accounts.industries, *accounts.final_demand),
        what="ras",
    )
    made = scaled.matrix.tocsc() if sparse else scaled.matrix
    name = "U" if isinstance(accounts, SupplyUse) else "Z"
    given_way = "final demand" if hold == "value added" else "value added"
    what = f"GRAS in {scaled.n_rounds} rounds, {given_way} scaled by {factor:.9g}"
    blocks = {name: made[:, :n_use], "Y": arrays.dense(made[:, n_use:]), "W": W}
    return changed(accounts, "ras", what, **blocks)


def _one_sum(accounts: Accounts, hold: str) -> tuple[FloatArray, FloatArray, float]:
    """W and totals of final demand that agree, and the factor by which one was scaled."""
    output = float(accounts.goods_output.sum() - accounts.industry_output.sum())
    totals = accounts.Y.sum(axis=0)
    supply = np.zeros(len(totals), dtype=bool)
    supply[accounts.final_demand.of_kind(*SUPPLY_KINDS)] = True
    if hold == "final demand":
        factor = float((totals.sum() - output) / accounts.W.sum())
        return accounts.W * factor, totals, factor
    factor = float((accounts.W.sum() + output - totals[supply].sum()) / totals[~supply].sum())
    return accounts.W, np.where(supply, totals, factor * totals), factor


def _negative(block: Matrix) -> Matrix:
    if not sp.issparse(block):
        return np.minimum(block, 0.0)
    below = sp.csr_array(block, copy=True)
    below.data = np.minimum(block.data, 0.0)
    below.eliminate_zeros()
    return below


def for_plan(accounts: AccountsT) -> AccountsT:
    """Return accounts that can be calibrated, by the usual steps, each in the log.

    1. Outputs are the sums of the make table (:func:`close_make`).
    2. Negative intermediate use becomes output, or 0 where there is no make table
       (:func:`negative_use_to_make`, :func:`zero_negative_use`).
    3. Capital, taxes on production and taxes on products are one primary input, the return on what
       is owned: a plan has no taxes (:func:`merge_factors`).
    4. Residuals of columns go to it (:func:`close_columns`).
    5. Where it is below zero, government buys what the industry loses
       (:func:`subsidies_as_purchases`).
    6. Residuals of rows go to the largest final use (:func:`close_rows`).
    7. Negative final demand is drawn from stocks (:func:`draw_stocks`).
    8. Empty rows and columns go (:func:`remove_empty`).

    Steps with nothing to do leave no entry. For other choices take the steps one by one. Not among
    them, because no table says which line it is: :func:`visitors_as_exports`.

    Raises
    ------
    AccountsError
        If no factor is of a kind that can take residuals, or no category could pay a loss.
    """
    ready: Any = accounts
    if isinstance(ready, SupplyUse):
        ready = _if_changed(ready, close_make(ready))
        ready = _if_changed(ready, negative_use_to_make(ready))
    owned = [ready.factors[i] for i in ready.factors.of_kind(*OWNED_KINDS)]
    if not owned:
        raise AccountsError(
            f"for_plan: expected a factor of kind {', '.join(OWNED_KINDS[:-1])} or "
            f"{OWNED_KINDS[-1]} to take residuals, got none"
        )
    capital = next(
        (f for f in owned if ready.factors.kind[ready.factors.index(f)] == "capital"), owned[0]
    )
    if len(owned) > 1:
        ready = merge_factors(ready, owned, capital)
    if not isinstance(ready, SupplyUse):
        ready = _if_changed(ready, zero_negative_use(ready, factor=capital))
    ready = _if_changed(ready, close_columns(ready, capital))
    if (ready.W[ready.factors.index(capital)] < 0.0).any():
        ready = subsidies_as_purchases(ready, capital, _who_pays(ready))
    ready = _if_changed(ready, close_rows(ready))
    ready = _if_changed(ready, draw_stocks(ready))
    emptied = remove_empty(ready)
    return (
        emptied
        if len(emptied.goods) + len(emptied.industries) < len(ready.goods) + len(ready.industries)
        else ready
    )


def _if_changed(before: Any, after: Any) -> Any:
    """The repaired accounts, or those before where the step found nothing to do."""
    return after if after.log[-1].n_cells else before


def _who_pays(accounts: Accounts) -> str:
    """The largest category of kind government."""
    labels = accounts.final_demand
    at = labels.of_kind("government")
    if at.size == 0:
        raise AccountsError(
            "for_plan: expected a category of kind government to pay for losses, got none"
        )
    return labels[int(at[accounts.Y[:, at].sum(axis=0).argmax()])]
