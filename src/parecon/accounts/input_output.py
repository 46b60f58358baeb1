"""The symmetric input-output table: sectors by sectors, and the questions it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.accounts.analysis import (
    Footprint,
    Multipliers,
    Response,
    footprint,
    multipliers,
    respond,
)
from parecon.accounts.base import Accounts
from parecon.accounts.labels import Labels, NamesLike, as_labels
from parecon.accounts.leontief import Leontief, leontief
from parecon.accounts.log import Step
from parecon.errors import AccountsError

__all__ = ["InputOutput"]


@dataclass(frozen=True, init=False, repr=False, eq=False)
class InputOutput(Accounts):
    """A symmetric input-output table: sectors by sectors. Frozen.

    Parameters
    ----------
    sectors : sequence of str or Labels
        Names of the n sectors (industries or products).
    Z : (n, n) array_like or sparse
        Intermediate use, supplying sector by using sector, money per year.
    Y : (n, k) array_like, optional
        Final demand by category.
    W : (f, n) array_like, optional
        Primary inputs by factor.
    x : (n,) array_like, optional
        Output as published; the row sums of Z and Y unless given.
    W_Y, F, F_Y : optional
        As in :class:`Accounts`; zeros unless given.
    final_demand, factors, extensions : sequence of str, mapping from name to kind, or Labels
        Names of the k categories, f factors and e extensions. The kinds decide what is value
        added, income and employment (see :mod:`parecon.accounts.labels`).
    unit, title : str, optional
        Unit of money; what the table is.
    log : sequence of Step, optional
        Repairs so far.

    Raises
    ------
    AccountsError
        If names, shapes or numbers are wrong.
    """

    sectors: Labels
    Z: Matrix
    x: FloatArray

    def __init__(
        self,
        sectors: NamesLike,
        Z: Any,
        *,
        Y: ArrayLike | None = None,
        W: ArrayLike | None = None,
        x: ArrayLike | None = None,
        W_Y: ArrayLike | None = None,
        F: ArrayLike | None = None,
        F_Y: ArrayLike | None = None,
        final_demand: NamesLike | None = None,
        factors: NamesLike | None = None,
        extensions: NamesLike | None = None,
        unit: str = "",
        title: str = "",
        log: Sequence[Step] = (),
    ) -> None:
        given = dict(locals())
        n = len(sectors)
        self._set(
            sectors=as_labels(sectors, n, "sector"),
            Z=arrays.matrix(Z, "Z", (n, n), sparse=True),
        )
        self._set_common(n, n, given)
        made = arrays.row_sums(self.Z) + self.Y.sum(axis=1) if x is None else x
        self._set(x=arrays.vector(made, "x", n))

    @property
    def goods(self) -> Labels:
        """The sectors."""
        return self.sectors

    @property
    def industries(self) -> Labels:
        """The sectors."""
        return self.sectors

    @property
    def intermediate(self) -> Matrix:
        """Z."""
        return self.Z

    @property
    def goods_output(self) -> FloatArray:
        """Output x."""
        return self.x

    @property
    def industry_output(self) -> FloatArray:
        """Output x."""
        return self.x

    def _blocks(self) -> dict[str, Any]:
        return {"sectors": self.sectors, "Z": self.Z, "x": self.x, **self._common()}

    @cached_property
    def A(self) -> Matrix:  # noqa: N802 - the name of the formula
        """Input coefficients ``Z / x``, (n, n), money of input per money of output.

        Raises
        ------
        AccountsError
            If a sector has inputs and no output.
        """
        return arrays.per_column(self.Z, self.x, "Z", self.sectors)

    @cached_property
    def technology(self) -> Matrix:
        """A."""
        return self.A

    @cached_property
    def leontief(self) -> Leontief:
        """The systems ``x = A x + y`` and ``p = p A + v``, factored once.

        Raises
        ------
        AccountsError
            If A does not allow a surplus: its spectral radius is 1 or more.
        """
        return leontief(self.A, self.sectors)

    @property
    def L(self) -> FloatArray:  # noqa: N802 - the name of the formula
        """The Leontief inverse ``(I - A)^-1``, (n, n): n solves, only where it is asked for.

        Nothing in this package needs it.
        """
        return self.leontief.inverse()

    def quantities(self, y: ArrayLike | Mapping[str, float] | None = None) -> FloatArray:
        """Return the output that a final demand needs, ``x = A x + y``.

        Parameters
        ----------
        y : (n,) or (n, h) array_like or mapping from sector to demand, optional
            Money per year; the table's own final demand, all categories together, unless given.
        """
        return self.leontief.quantities(self.final(y))

    def prices(
        self, v: ArrayLike | None = None, *, change: Mapping[str, float] | None = None
    ) -> FloatArray:
        """Return the prices that cover costs, ``p = p A + v``, relative to those of the table.

        Parameters
        ----------
        v : (n,) array_like, optional
            Primary cost per unit of output; that of the table, all factors, unless given: the
            prices then are 1 as far as the columns balance.
        change : mapping from factor to float, optional
            Relative change of what a factor costs, e.g. ``{"compensation": 0.1}``: cost-push.

        Raises
        ------
        AccountsError
            If a factor is unknown or both are given.
        """
        if v is not None and change:
            raise AccountsError("prices: expected either v or changes of factors, got both")
        cost = self.v.sum(axis=0) if v is None else arrays.vector(v, "v", len(self.sectors))
        for name, relative in dict(change or {}).items():
            cost = cost + float(relative) * self.v[self.factors.index(name)]
        return self.leontief.prices(cost)

    def multipliers(self, of: str | Sequence[str] | ArrayLike = "output") -> Multipliers:
        """Return type I multipliers: see :func:`analysis.multipliers`."""
        return multipliers(self, of)

    def footprint(
        self, of: str | Sequence[str], y: ArrayLike | Mapping[str, float] | None = None
    ) -> Footprint:
        """Return what final demand uses or emits: see :func:`analysis.footprint`."""
        return footprint(self, of, y)

    def labour_values(self, of: str | Sequence[str] | ArrayLike = "employment") -> FloatArray:
        """Return the labour embodied in a unit of each sector's output, ``l = l A + direct``, (n,).

        Parameters
        ----------
        of : str, sequence of str or (n,) array_like
            Which labour: extensions of kind employment unless said otherwise; ``"income"`` counts
            wages; a name, several names, or direct labour per unit of output.
        """
        return multipliers(self, of).effect

    def respond(self, demand: Mapping[str, float] | ArrayLike) -> Response:
        """Return what changes with a change of final demand: see :func:`analysis.respond`."""
        return respond(self, demand)

    def final(self, y: ArrayLike | Mapping[str, float] | None = None) -> FloatArray:
        """Return a final demand as an array: of sectors by name, as given, or the table's own."""
        if y is None:
            total: FloatArray = self.Y.sum(axis=1)
            return total
        if isinstance(y, Mapping):
            demand = np.zeros(len(self.sectors))
            for name, amount in y.items():
                demand[self.sectors.index(name)] = float(amount)
            return arrays.vector(demand, "y", len(self.sectors))
        array = np.asarray(y, dtype=np.float64)
        if array.ndim == 2:
            made: FloatArray = arrays.matrix(array, "y", (len(self.sectors), array.shape[1]))
            return made
        return arrays.vector(array, "y", len(self.sectors))
