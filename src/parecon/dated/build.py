"""From a one-year economy and what ties years together to one economy of dated goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from parecon.dated.assembly import Assembly
from parecon.dated.calendar import year_names
from parecon.dated.economy import DatedEconomy
from parecon.dated.outline import Outline, by_year, discount_factors, yearly_economies
from parecon.dated.records import KINDS, Capital, Exhaustible, Growth, Later, Storage, records_of
from parecon.economy import Economy
from parecon.scenarios.base import Change
from parecon.scenarios.scenario import Scenario

__all__ = ["dated"]


def dated(
    economy: Economy | Sequence[Economy],
    years: int | Sequence[Any],
    *,
    capital: Capital | Sequence[Capital] = (),
    storage: Storage | Sequence[Storage] = (),
    exhaustible: Exhaustible | Sequence[Exhaustible] = (),
    later: Later | Sequence[Later] = (),
    growth: Growth | Sequence[Growth] = (),
    discount: ArrayLike = 1.0,
    endowment: Mapping[str, ArrayLike] | ArrayLike | None = None,
    budget: Mapping[str, ArrayLike] | None = None,
    productivity: Mapping[str, ArrayLike] | None = None,
    changes: Mapping[Any, Scenario | Change | Sequence[Change]] | None = None,
    posterity: float | None = None,
) -> DatedEconomy:
    """Make one economy of dated goods of a one-year economy: a plan over years.

    Every good is repeated for every year, "steel @2027", and so are councils. The result's
    ``economy`` is an ordinary `Economy`. A budget of year t is ``b discount^t`` of the money of the
    first year, so that prices of a plan are present values; a `DatedPlan` gives current ones too.

    Parameters
    ----------
    economy : Economy of one year, or one per year (labels say which families belong together)
    years : sequence of the names of T years, or their number
    capital, storage, exhaustible, later, growth : records, one or several
        What ties the years together: `Capital`, `Storage`, `Exhaustible`, `Later`, `Growth`.
    discount : float or (T,) or (T+1,) array_like
        What money (a budget, a cost in money) of a year is worth a year earlier; or what money of
        each year is worth in the first one (the last number: after the last year).
    endowment : mapping from good to (T,) or (T, n) array_like, optional
        Endowments by year where they are not those of the economy, physical units per year.
    budget : mapping from label to (T,) or (T, m) array_like, optional
        Budgets by year (and council), money of that year.
    productivity : mapping from label to (T,) or (T, m) array_like, optional
        Output from the same inputs, as a factor of that of the economy.
    changes : mapping from year to Scenario in force from that year on, optional
    posterity : float, optional
        Budget, money of the date after the last year, of a council to which units left are worth
        their ``value``; unless given, `DatedEconomy.solve` finds the one at which they cost that.

    Raises
    ------
    EconomyError
        If something does not fit; with the good, council and year by name.
    """
    names = year_names(years)
    economies = yearly_economies(
        economy, names, changes=changes or {}, budget=budget or {}, productivity=productivity or {}
    )
    given = (capital, storage, exhaustible, later, growth)
    outline = Outline(
        years=names,
        economies=economies,
        endowment=by_year(endowment, economies[0].goods.names, names),
        discount=discount_factors(discount, len(names)),
        posterity=posterity,
        **{kind: records_of(kind, records) for kind, records in zip(KINDS, given, strict=True)},
    )
    return DatedEconomy(**Assembly(outline).parts())
