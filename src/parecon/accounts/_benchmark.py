"""Balanced accounts as the flows of a benchmark year: every array >= 0, supply equal to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts.balance import SUPPLY_KINDS
from parecon.accounts.base import Accounts
from parecon.accounts.labels import Labels
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError

READY = 1e-9  # largest residual of a row or column, relative to its own flows


@dataclass(frozen=True, kw_only=True)
class Flows:
    """A year in money: n goods, m industries at work, d users, e categories of exports.

    use : (m, n) inputs of goods by industry. primary : (m, f) inputs of factors.
    make : (m, n) csr_array of outputs. output : (m,) its row sums.
    demand : (d, n) and demand_primary (d, f) of final users. exports : (e, n) and
    exports_primary (e, f). imports, margins, stocks : (n,), margins being home goods that importing
    takes (duties, freight by home carriers). emitted : (m, c) by the extensions asked for.
    """

    goods: Labels
    industries: Labels
    factors: Labels
    users: Labels
    export_categories: Labels
    use: FloatArray
    primary: FloatArray
    make: sp.csr_array
    output: FloatArray
    demand: FloatArray
    demand_primary: FloatArray
    exports: FloatArray
    exports_primary: FloatArray
    imports: FloatArray
    margins: FloatArray
    stocks: FloatArray
    emitted: FloatArray

    @property
    def made(self) -> FloatArray:
        """Output by good, (n,)."""
        return np.asarray(self.make.sum(axis=0)).ravel()

    @property
    def there(self) -> FloatArray:
        """Output and what is drawn from stocks by good, (n,)."""
        return self.made + self.stocks


def flows(accounts: Accounts, extensions: Mapping[str, float | None]) -> Flows:
    """Return the flows of accounts that are ready for it.

    Raises
    ------
    AccountsError
        If they do not balance or have negative cells, naming the worst and the repair.
    """
    _check_ready(accounts)
    labels = accounts.final_demand
    supply, exports = labels.of_kind(*SUPPLY_KINDS), labels.of_kind("exports")
    users = np.setdiff1d(np.arange(len(labels)), np.concatenate([supply, exports]))
    users = users[(accounts.Y[:, users].sum(axis=0) + accounts.W_Y[:, users].sum(axis=0)) > 0.0]
    exports = exports[accounts.Y[:, exports].sum(axis=0) > 0.0]
    at_work = np.flatnonzero(accounts.industry_output > 0.0)
    crossing = accounts.Y[:, labels.of_kind("imports")].sum(axis=1)
    drawn = accounts.Y[:, labels.of_kind("stocks")].sum(axis=1)
    _check_drawn(accounts, drawn)
    make = (
        sp.csr_array(accounts.V)
        if isinstance(accounts, SupplyUse)
        else sp.csr_array(sp.diags_array(accounts.goods_output))
    )[at_work]
    make.eliminate_zeros()
    return Flows(
        goods=accounts.goods,
        industries=accounts.industries.take(at_work),
        factors=accounts.factors,
        users=labels.take(users),
        export_categories=labels.take(exports),
        use=arrays.dense(accounts.intermediate)[:, at_work].T,
        primary=accounts.W[:, at_work].T,
        make=make,
        output=accounts.industry_output[at_work],
        demand=accounts.Y[:, users].T,
        demand_primary=accounts.W_Y[:, users].T,
        exports=accounts.Y[:, exports].T,
        exports_primary=accounts.W_Y[:, exports].T,
        imports=np.maximum(-crossing, 0.0),
        margins=np.maximum(crossing, 0.0),
        stocks=np.maximum(-drawn, 0.0),
        emitted=accounts.F[accounts.extensions.positions(extensions)][:, at_work].T,
    )


def _check_ready(accounts: Accounts) -> None:
    hint = "; see repair.for_plan"
    report = accounts.check()
    for title, residual, labels, size in (
        ("row", report.rows, accounts.goods, _row_size(accounts)),
        ("column", report.columns, accounts.industries, accounts.industry_output),
    ):
        off = np.abs(residual) > READY * np.maximum(np.abs(size), 1e-9 * report.scale)
        if off.any():
            worst = int(np.abs(np.where(off, residual, 0.0)).argmax())
            raise AccountsError(
                f"calibrate: expected {title}s that balance, got {residual[worst]:+,.6g} in "
                f"{title} {labels[worst]!r}{hint}"
            )
    if report.negatives:
        raise AccountsError(
            f"calibrate: expected no negative cells, got {report.negatives[0]}{hint}"
        )
    for missed in (report.make, report.made):
        if missed is not None and np.abs(missed).max(initial=0.0) > READY * report.scale:
            raise AccountsError(
                f"calibrate: expected outputs that are the sums of the make table{hint}"
            )


def _row_size(accounts: Accounts) -> FloatArray:
    """The flows of each row, (n,): a good that nobody makes has none but those."""
    size: FloatArray = np.abs(accounts.goods_output) + np.abs(accounts.Y).sum(axis=1)
    return size


def _check_drawn(accounts: Accounts, drawn: FloatArray) -> None:
    bad = np.flatnonzero(drawn > 0.0)
    if bad.size:
        raise AccountsError(
            f"calibrate: expected stocks drawn with a minus sign, got {drawn[bad[0]]:+,.6g} of "
            f"{accounts.goods[int(bad[0])]!r}"
        )
