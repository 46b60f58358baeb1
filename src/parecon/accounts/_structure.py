"""Repairs that change which rows and columns there are, or what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.accounts._change import changed
from parecon.accounts.base import Accounts
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import Labels
from parecon.accounts.log import step
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError

AccountsT = TypeVar("AccountsT", bound=Accounts)


def remove_empty(accounts: AccountsT) -> AccountsT:
    """Remove goods and industries that neither make, use nor sell anything.

    A sector of a symmetric table goes only if its row and its column are empty.
    """
    goods_kept = _busy_goods(accounts)
    industries_kept = _busy_industries(accounts)
    if isinstance(accounts, InputOutput):
        goods_kept = industries_kept = goods_kept | industries_kept
    out_goods, out_industries = np.flatnonzero(~goods_kept), np.flatnonzero(~industries_kept)
    names = [accounts.goods[i] for i in out_goods]
    if not isinstance(accounts, InputOutput):
        names += [accounts.industries[j] for j in out_industries]
    what = f"removed {', '.join(names)}" if names else "nothing was empty"
    blocks = _taken(accounts, np.flatnonzero(goods_kept), np.flatnonzero(industries_kept))
    return accounts.replace(**blocks, step=step("remove_empty", what, {}))


def merge_factors(
    accounts: AccountsT, names: Sequence[str], into: str, *, kind: str = ""
) -> AccountsT:
    """Add several primary inputs up into one, e.g. taxes on production and the surplus.

    Parameters
    ----------
    accounts : Accounts
    names : sequence of str
        Of the factors that go.
    into : str
        Of the one that stands in place of the first of them; may be one of the names.
    kind : str, optional
        Of the new factor; that of the one it is named after, or of the first, unless given.

    Raises
    ------
    AccountsError
        If a factor is unknown or the new name is taken by another.
    """
    labels, at = _merged_labels(accounts.factors, names, into, kind)
    W, W_Y = (
        _merged_rows(block, at, names, accounts.factors) for block in _factor_blocks(accounts)
    )
    what = f"{', '.join(map(repr, names))} into {into!r}"
    return accounts.replace(factors=labels, W=W, W_Y=W_Y, step=step("merge_factors", what, {}))


def merge_final_demand(
    accounts: AccountsT, names: Sequence[str], into: str, *, kind: str = ""
) -> AccountsT:
    """Add several categories of final demand up into one; as :func:`merge_factors`.

    Raises
    ------
    AccountsError
        If a category is unknown or the new name is taken by another.
    """
    labels, at = _merged_labels(accounts.final_demand, names, into, kind)
    blocks = {
        name: _merged_rows(getattr(accounts, name).T, at, names, accounts.final_demand).T
        for name in ("Y", "W_Y", "F_Y")
    }
    what = f"{', '.join(map(repr, names))} into {into!r}"
    done = step("merge_final_demand", what, {})
    return accounts.replace(final_demand=labels, **blocks, step=done)


def unmade_to_factor(accounts: SupplyUse, *, kind: str = "imports") -> SupplyUse:
    """Make primary inputs of the commodities that no industry makes, one each, of the same name.

    Non-comparable imports or used goods have a row in the use table, but nobody makes them, so a
    table of industries by industries has no row for them. Their final demand, imports included,
    goes to W_Y; purchases of imports then stand there, not the negative supply of imports, which is
    dropped (it is what all users together bought).

    Parameters
    ----------
    accounts : SupplyUse
    kind : str
        Of the new factors.
    """
    gone = np.flatnonzero(arrays.column_sums(abs(accounts.V)) == 0.0)
    kept = np.setdiff1d(np.arange(len(accounts.commodities)), gone)
    moved = accounts.commodities.take(gone)
    factors = Labels(
        [*accounts.factors, *moved],
        kind=[*accounts.factors.kind, *[kind] * len(gone)],
        unit=[*accounts.factors.unit, *moved.unit],
        text=[*accounts.factors.text, *moved.text],
    )
    bought = accounts.Y[gone].copy()
    bought[:, accounts.final_demand.of_kind("imports")] = 0.0
    blocks = _taken(accounts, kept, np.arange(len(accounts.industries)))
    blocks |= {
        "factors": factors,
        "W": np.vstack([accounts.W, arrays.dense(accounts.U)[gone]]),
        "W_Y": np.vstack([accounts.W_Y, bought]),
    }
    what = f"{', '.join(moved) or 'none'} from commodities to factors"
    return accounts.replace(**blocks, step=step("unmade_to_factor", what, {}))


def subsidies_as_purchases(accounts: AccountsT, factor: str, category: str) -> AccountsT:
    """Value industries that run at a loss at what they cost, and let final demand pay the rest.

    Where a factor's payment is negative, e.g. the surplus of public transport, revenue does not
    cover cost. Prices of a plan do. The loss becomes output of the industry's main product, bought
    by the category that in fact pays for it; the payment becomes zero.

    Parameters
    ----------
    accounts : Accounts
    factor : str
        Whose negative payments are meant.
    category : str
        Of final demand, usually government.

    Raises
    ------
    AccountsError
        If the factor or the category is unknown.
    """
    at, into = accounts.factors.index(factor), accounts.final_demand.index(category)
    loss = np.maximum(-accounts.W[at], 0.0)
    losers = np.flatnonzero(loss)
    W, Y = accounts.W.copy(), accounts.Y.copy()
    W[at] += loss
    blocks: dict[str, Any] = {"W": W, "Y": Y, "x": accounts.industry_output + loss}
    if isinstance(accounts, SupplyUse):
        V = arrays.dense(accounts.V).copy()
        main = V[losers].argmax(axis=1)
        V[losers, main] += loss[losers]
        q = accounts.q.copy()
        np.add.at(q, main, loss[losers])
        np.add.at(Y, (main, into), loss[losers])
        blocks |= {"V": V, "q": q}
    else:
        Y[losers, into] += loss[losers]
    what = f"negative {factor!r} paid by {category!r}"
    return changed(accounts, "subsidies_as_purchases", what, **blocks)


def _busy_goods(accounts: Accounts) -> Any:
    used = arrays.row_sums(abs(accounts.intermediate)) + np.abs(accounts.Y).sum(axis=1)
    busy = (used > 0.0) | (accounts.goods_output != 0.0)
    if isinstance(accounts, SupplyUse):
        busy |= arrays.column_sums(abs(accounts.V)) > 0.0
    return busy


def _busy_industries(accounts: Accounts) -> Any:
    inputs = arrays.column_sums(abs(accounts.intermediate)) + np.abs(accounts.W).sum(axis=0)
    busy = (inputs > 0.0) | (accounts.industry_output != 0.0)
    if isinstance(accounts, SupplyUse):
        busy |= arrays.row_sums(abs(accounts.V)) > 0.0
    return busy


def _taken(accounts: Accounts, goods: Any, industries: Any) -> dict[str, Any]:
    """Blocks with these goods and industries only."""
    blocks: dict[str, Any] = {
        "Y": accounts.Y[goods],
        "W": accounts.W[:, industries],
        "F": accounts.F[:, industries],
        "x": accounts.industry_output[industries],
    }
    use: Matrix = accounts.intermediate[goods][:, industries]
    if isinstance(accounts, SupplyUse):
        made: Matrix = accounts.V[industries][:, goods]
        return blocks | {
            "commodities": accounts.commodities.take(goods),
            "industries": accounts.industries.take(industries),
            "U": use,
            "V": made,
            "q": accounts.q[goods],
        }
    return blocks | {"sectors": accounts.goods.take(goods), "Z": use}


def _merged_labels(
    labels: Labels, names: Sequence[str], into: str, kind: str
) -> tuple[Labels, int]:
    """Labels with ``into`` in the place of the first of the names; the position of that first."""
    positions = labels.positions(names)
    if positions.size == 0:
        raise AccountsError(f"merge: expected names of {labels.what}, got none")
    if into in labels and into not in names:
        raise AccountsError(f"merge: {labels.what} {into!r} is there already and not among those")
    first = int(positions[0])
    model = labels.index(into) if into in labels else first
    gone = set(positions.tolist()) - {first}
    kept = [i for i in range(len(labels)) if i not in gone]
    source = [model if i == first else i for i in kept]
    merged = Labels(
        [into if i == first else labels[i] for i in kept],
        kind=[
            (kind or labels.kind[s]) if i == first else labels.kind[s]
            for i, s in zip(kept, source, strict=True)
        ],
        unit=[labels.unit[s] for s in source],
        text=[labels.text[s] for s in source],
        what=labels.what,
    )
    return merged, first


def _merged_rows(block: Any, first: int, names: Sequence[str], labels: Labels) -> Any:
    positions = labels.positions(names)
    rows = np.array(block)
    rows[first] = block[positions].sum(axis=0)
    return np.delete(rows, positions[positions != first], axis=0)


def _factor_blocks(accounts: Accounts) -> tuple[Any, Any]:
    return accounts.W, accounts.W_Y
