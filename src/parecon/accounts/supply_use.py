"""Supply-use tables: industries that make several commodities, and symmetric tables made of them.

::

              commodities   industries   final demand
    industries     V                                    = x     (make)
    commodities                 U             Y         = q     (use)
    factors                     W             W_Y
                   = q          = x

In coefficients ``B = U / x`` (inputs of an industry), ``D = V / q`` (market shares, column by
column) and ``C = (V / x)'`` (the product mix of an industry).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.accounts.base import Accounts
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import Labels, NamesLike, as_labels
from parecon.accounts.log import Step, step
from parecon.errors import AccountsError, nearest

__all__ = ["MODELS", "SupplyUse"]

MODELS = {
    "commodity technology": "commodity by commodity, model A: a commodity is made in one way, "
    "whoever makes it",
    "industry technology": "commodity by commodity, model B: an industry makes all its "
    "commodities in one way",
    "fixed industry sales": "industry by industry, model C: an industry sells all its "
    "commodities to the same buyers in the same proportions",
    "market shares": "industry by industry, model D: every buyer of a commodity buys from its "
    "makers in proportion to their shares",
}
"""Assumptions that make one table of two; letters of the Eurostat manual (2008, chapter 11)."""


@dataclass(frozen=True, init=False, repr=False, eq=False)
class SupplyUse(Accounts):
    """Rectangular supply (make) and use tables. Frozen.

    Parameters
    ----------
    commodities, industries : sequence of str or Labels
        Names of n commodities and m industries.
    V : (m, n) array_like or sparse
        Make table: what each industry makes of each commodity, money per year.
    U : (n, m) array_like or sparse
        Use table: commodities used by industries, money per year.
    q : (n,) array_like, optional
        Output by commodity as published; the column sums of V unless given.
    x : (m,) array_like, optional
        Output by industry as published; the row sums of V unless given.
    Y, W, W_Y, F, F_Y, final_demand, factors, extensions, unit, title, log : optional
        As in :class:`InputOutput`.

    Raises
    ------
    AccountsError
        If names, shapes or numbers are wrong.
    """

    commodities: Labels
    makers: Labels
    V: Matrix
    U: Matrix
    q: FloatArray
    x: FloatArray

    def __init__(
        self,
        commodities: NamesLike,
        industries: NamesLike,
        V: Any,
        U: Any,
        *,
        Y: ArrayLike | None = None,
        W: ArrayLike | None = None,
        q: ArrayLike | None = None,
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
        n, m = len(commodities), len(industries)
        self._set(
            commodities=as_labels(commodities, n, "commodity"),
            makers=as_labels(industries, m, "industry"),
            V=arrays.matrix(V, "V", (m, n), sparse=True),
            U=arrays.matrix(U, "U", (n, m), sparse=True),
        )
        self._set_common(n, m, given)
        by_good = arrays.column_sums(self.V) if q is None else q
        by_industry = arrays.row_sums(self.V) if x is None else x
        self._set(q=arrays.vector(by_good, "q", n), x=arrays.vector(by_industry, "x", m))

    @property
    def goods(self) -> Labels:
        """The commodities."""
        return self.commodities

    @property
    def industries(self) -> Labels:
        """The industries."""
        return self.makers

    @property
    def intermediate(self) -> Matrix:
        """U."""
        return self.U

    @property
    def goods_output(self) -> FloatArray:
        """Output by commodity q."""
        return self.q

    @property
    def industry_output(self) -> FloatArray:
        """Output by industry x."""
        return self.x

    def _blocks(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("commodities", "industries", "V", "U", "q")}
        return {**own, "x": self.x, **self._common()}

    @cached_property
    def B(self) -> Matrix:  # noqa: N802 - the name of the formula
        """Inputs per unit of an industry's output, ``U / x``, (n, m)."""
        return arrays.per_column(self.U, self.x, "U", self.industries)

    @cached_property
    def D(self) -> Matrix:  # noqa: N802 - the name of the formula
        """Market shares, ``V / q``, (m, n): who makes a commodity."""
        return arrays.per_column(self.V, self.q, "V", self.commodities)

    @cached_property
    def technology(self) -> Matrix:
        """``B D``, (n, n): the coefficients of the industry-technology model."""
        return self.B @ self.D

    def symmetric(self, model: str = "industry technology") -> InputOutput:
        """Return a symmetric table; balanced tables stay balanced.

        Parameters
        ----------
        model : str
            A key of :data:`MODELS`. With g = x and transformation T (Eurostat manual 2008,
            figure 11.1):

            - ``"commodity technology"``: ``T = (V')^-1 diag(q)``, ``Z = U T``, ``W T``, ``F T``;
              needs as many commodities as industries; may make cells negative
            - ``"industry technology"``: ``T = diag(g)^-1 V``, likewise
            - ``"fixed industry sales"``: ``T = diag(g) (V')^-1``, ``Z = T U``, ``T Y``; needs and
              may do what the first does
            - ``"market shares"``: ``T = V diag(q)^-1``, likewise

        Raises
        ------
        AccountsError
            If there is no such model, V is not square or singular where it must not be, or, where
            rows are handed from commodities to industries, a commodity is used that nobody makes.
        """
        if model not in MODELS:
            raise AccountsError(
                f"symmetric: expected one of {', '.join(map(repr, MODELS))}, got {model!r}"
                f"{nearest(model, list(MODELS))}"
            )
        by_commodity = model in ("commodity technology", "industry technology")
        return self._by_commodity(model) if by_commodity else self._by_industry(model)

    def _by_commodity(self, model: str) -> InputOutput:
        if model == "industry technology":
            # diag(x)^-1 V, row by row: an industry without output makes nothing.
            T = arrays.per_column(self.V.T, self.x, "V'", self.industries).T
        else:
            T = self._inverse_make() * self.q
        F, W = self.F @ T, self.W @ T
        return InputOutput(
            self.commodities,
            self.U @ T,
            x=self.q,
            **self._kept(model, Y=self.Y, W=W, F=F),
        )

    def _by_industry(self, model: str) -> InputOutput:
        if model == "market shares":
            used = arrays.row_sums(abs(self.U)) + np.abs(self.Y).sum(axis=1)
            bad = np.flatnonzero((arrays.column_sums(self.V) == 0.0) & (used > 0.0))
            if bad.size:
                raise AccountsError(
                    f"symmetric: expected a maker of every commodity that is used, got none of "
                    f"{self.commodities.some(bad)}; see repair.unmade_to_factor"
                )
            T = self.D
        else:
            T = self.x[:, None] * self._inverse_make()
        return InputOutput(
            self.industries,
            T @ self.U,
            x=self.x,
            **self._kept(model, Y=arrays.dense(T @ self.Y), W=self.W, F=self.F),
        )

    def _inverse_make(self) -> FloatArray:
        """``(V')^-1``, (m, n)."""
        n, m = len(self.commodities), len(self.industries)
        if n != m:
            raise AccountsError(
                f"symmetric: expected as many commodities as industries, got {n:,} and {m:,}"
            )
        table = arrays.dense(self.V)
        for labels, sums in (
            (self.commodities, np.abs(table).sum(axis=0)),
            (self.industries, np.abs(table).sum(axis=1)),
        ):
            empty = np.flatnonzero(sums == 0.0)
            if empty.size:
                raise AccountsError(
                    f"symmetric: expected output of every {labels.what}, got none of "
                    f"{labels.some(empty)}; see repair.remove_empty and repair.unmade_to_factor"
                )
        try:
            return np.asarray(np.linalg.inv(table.T), dtype=np.float64)
        except np.linalg.LinAlgError:
            raise AccountsError("symmetric: V is singular: industries make the same mix") from None

    def _kept(self, model: str, **blocks: Any) -> dict[str, Any]:
        """What a transformation changes (as given) and what it leaves."""
        words = MODELS[model].split(":")[0]
        done = step("symmetric", f"{model} ({words}) from a supply-use table", {})
        return {**self._common(), **blocks, "log": (*self.log, done)}
