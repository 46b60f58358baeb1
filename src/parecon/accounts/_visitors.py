"""A repair of final demand: what visitors buy leaves the households' column."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from parecon.accounts._change import changed
from parecon.accounts.base import Accounts
from parecon.errors import AccountsError

AccountsT = TypeVar("AccountsT", bound=Accounts)


def visitors_as_exports(
    accounts: AccountsT, line: str, *, households: str | None = None, exports: str | None = None
) -> AccountsT:
    """Export what visitors from abroad buy, good by good, instead of a line that nobody makes.

    Tables that count purchases of visitors with those of households correct it in one line: less
    than nothing for households, as much for exports (BEA and USEEIO: ``S00900``, "rest of the world
    adjustment"). Left as it is, the line would be a good drawn from stocks that is exported,
    needs nothing and emits nothing. The visitors' basket is taken to be that of the households.

    Parameters
    ----------
    accounts : Accounts
    line : str
        The good that stands for the correction. What is exported beyond it stays there.
    households : str, optional
        Category whose cell is negative; the only one of kind households unless given.
    exports : str, optional
        Category that has it again; the only one of kind exports unless given.

    Raises
    ------
    AccountsError
        If a name is unknown, a category has to be chosen, or the line is no such correction.
    """
    at = accounts.goods.index(line)
    home = _category(accounts, "households", households)
    abroad = _category(accounts, "exports", exports)
    bought = -float(accounts.Y[at, home])
    if bought <= 0.0 or accounts.Y[at, abroad] < bought:
        raise AccountsError(
            f"visitors_as_exports: expected a correction in {line!r}, less than 0 for "
            f"{accounts.final_demand[home]!r} and at least as much above 0 for "
            f"{accounts.final_demand[abroad]!r}, got {-bought:,.6g} and "
            f"{accounts.Y[at, abroad]:,.6g}"
        )
    Y = accounts.Y.copy()
    Y[at, home] = 0.0
    Y[at, abroad] -= bought
    basket = np.maximum(Y[:, home], 0.0)
    basket *= bought / basket.sum()
    Y[:, home] -= basket
    Y[:, abroad] += basket
    what = (
        f"purchases of visitors, in {line!r}, from {accounts.final_demand[home]!r} to "
        f"{accounts.final_demand[abroad]!r}"
    )
    return changed(accounts, "visitors_as_exports", what, Y=Y)


def _category(accounts: Accounts, kind: str, name: str | None) -> int:
    """Position of a category given by name, or of the only one of its kind."""
    labels = accounts.final_demand
    if name is not None:
        return labels.index(name)
    found = labels.of_kind(kind)
    if len(found) != 1:
        names = ", ".join(repr(labels[int(k)]) for k in found) or "none"
        raise AccountsError(
            f"visitors_as_exports: expected one category of kind {kind}, got {names}; name it"
        )
    return int(found[0])
