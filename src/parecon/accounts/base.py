"""Accounts by names: what every table has.

Signs and sides are those of the published tables: money flows from the row to the column, so that a
row sums to what becomes of a good and a column to what its making costs::

              sectors     final demand
    sectors      Z              Y          = x     (rows)
    factors      W             W_Y
               = x                                 (columns)

Supply other than from home production stands in final demand with a minus sign: imports of goods
that are also made at home (kind ``imports``) and what is drawn from stocks (kind ``stocks``).
Imports that a table of domestic flows leaves out of Z and Y stand in W and W_Y.

In coefficients: ``A = Z / x``, ``v = W / x``, ``S = F / x`` (column by column), ``L = (I - A)^-1``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.accounts.balance import BalanceReport, check
from parecon.accounts.labels import (
    EXTENSION_KINDS,
    FACTOR_KINDS,
    FINAL_KINDS,
    VALUE_ADDED,
    Labels,
    as_labels,
)
from parecon.accounts.log import Step
from parecon.errors import AccountsError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Accounts"]


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Accounts(ABC):
    """What symmetric and supply-use tables have in common. Frozen; arrays are read-only copies.

    Attributes
    ----------
    final_demand, factors, extensions : Labels
        Categories of final demand (k), primary inputs (f), extensions (e).
    Y : (n, k) ndarray
        Final demand for n goods, money per year; imports and stocks have a minus sign.
    W : (f, m) ndarray
        Primary inputs of m industries, money per year; a subsidy has a minus sign.
    W_Y : (f, k) ndarray
        Primary inputs that final users buy directly: imports, taxes on products.
    F, F_Y : (e, m) and (e, k) ndarray
        Emissions, jobs, land, ... of industries and of final users, in the unit of the extension.
    unit : str
        Of money, e.g. ``"million EUR"``.
    title : str
        What this is and where it comes from.
    log : tuple of Step
        The repairs that made these accounts from those published.
    """

    final_demand: Labels
    factors: Labels
    extensions: Labels
    Y: FloatArray
    W: FloatArray
    W_Y: FloatArray
    F: FloatArray
    F_Y: FloatArray
    unit: str
    title: str
    log: tuple[Step, ...]

    # -- what the two forms call differently ----------------------------------------------------

    @property
    @abstractmethod
    def goods(self) -> Labels:
        """What rows stand for: sectors or commodities (n)."""

    @property
    @abstractmethod
    def industries(self) -> Labels:
        """What the columns that produce stand for: sectors or industries (m)."""

    @property
    @abstractmethod
    def intermediate(self) -> Matrix:
        """Use of goods by industries, (n, m), money per year: Z or U."""

    @property
    @abstractmethod
    def goods_output(self) -> FloatArray:
        """Output by good, (n,), money per year: x or q."""

    @property
    @abstractmethod
    def industry_output(self) -> FloatArray:
        """Output by industry, (m,), money per year: x."""

    @abstractmethod
    def _blocks(self) -> dict[str, Any]:
        """Every argument of the constructor."""

    @cached_property
    @abstractmethod
    def technology(self) -> Matrix:
        """A square matrix of input coefficients, for the spectral radius."""

    # -- what follows for both ---------------------------------------------------------------

    def check(self, *, tol: float = 1e-6) -> BalanceReport:
        """Return how well the accounts balance, and what else stands in the way of a plan.

        Parameters
        ----------
        tol : float
            Largest residual of a row or column that counts as balanced, relative to the output of
            all industries.
        """
        return check(self, tol=tol)

    @cached_property
    def value_added(self) -> FloatArray:
        """Gross value added at basic prices by industry, (m,), money per year.

        The factors of kind labour, capital, production tax and value added; not imports, not taxes
        on products.
        """
        total: FloatArray = self.W[self.factors.of_kind(*VALUE_ADDED)].sum(axis=0)
        return total

    @cached_property
    def v(self) -> FloatArray:
        """Primary inputs per unit of output, ``W / x``, (f, m)."""
        made: FloatArray = arrays.per_column(self.W, self.industry_output, "W", self.industries)
        return made

    @cached_property
    def S(self) -> FloatArray:  # noqa: N802 - the name of the formula
        """Extensions per unit of output, ``F / x``, (e, m), unit of the extension per money."""
        made: FloatArray = arrays.per_column(self.F, self.industry_output, "F", self.industries)
        return made

    def replace(self, *, step: Step | None = None, **blocks: Any) -> Self:
        """Return accounts with some blocks changed; a step is written into the log.

        Raises
        ------
        AccountsError
            If there is no such block, or what is given is wrong.
        """
        known = self._blocks()
        for name in blocks:
            if name not in known:
                raise AccountsError(f"no block {name!r} to replace{nearest(name, list(known))}")
        log = self.log if step is None else (*self.log, step)
        return type(self)(**{**known, **blocks, "log": log})

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Return every block as a data frame, by the name it has here.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        from parecon.accounts.frames import to_frames

        return to_frames(self)

    def __repr__(self) -> str:
        name, unit = type(self).__name__, self.unit or "money"
        sizes = (
            f"{len(self.goods):,} {self.goods.plural} x {len(self.industries):,} "
            f"{self.industries.plural}, {len(self.final_demand)} categories of final demand, "
            f"{len(self.factors)} factors, {len(self.extensions)} extensions"
        )
        output = float(self.industry_output.sum())
        lines = [
            f"{name}: {self.title or 'untitled'}",
            f"  {sizes}",
            f"  output {output:,.6g} {unit}",
        ]
        lines += [f"  {step}" for step in self.log]
        return "\n".join(lines)

    def _common(self) -> dict[str, Any]:
        names = ("final_demand", "factors", "extensions", "Y", "W", "W_Y", "F", "F_Y")
        return {name: getattr(self, name) for name in (*names, "unit", "title", "log")}

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _set_common(self, n: int, m: int, given: Mapping[str, Any]) -> None:
        """Store what both forms have; ``given`` are the arguments of their constructors."""
        for name, what, kinds in (
            ("final_demand", "final demand", FINAL_KINDS),
            ("factors", "factor", FACTOR_KINDS),
            ("extensions", "extension", EXTENSION_KINDS),
        ):
            size = _size_along(given, name)
            self._set(**{name: as_labels(given[name], size, what, kinds)})
        k, f, e = len(self.final_demand), len(self.factors), len(self.extensions)
        for name, shape in (
            ("Y", (n, k)),
            ("W", (f, m)),
            ("W_Y", (f, k)),
            ("F", (e, m)),
            ("F_Y", (e, k)),
        ):
            self._set(**{name: arrays.matrix(given[name], name, shape)})
        for name in ("unit", "title"):
            if not isinstance(given[name], str):
                raise AccountsError(f"{name}: expected a str, got {given[name]!r}")
            self._set(**{name: given[name]})
        self._set(log=tuple(given["log"]))


def _size_along(given: Mapping[str, Any], name: str) -> int:
    """How many categories, factors or extensions the blocks have that say so."""
    along = {
        "final_demand": (("Y", 1), ("W_Y", 1), ("F_Y", 1)),
        "factors": (("W", 0), ("W_Y", 0)),
        "extensions": (("F", 0), ("F_Y", 0)),
    }[name]
    for block, axis in along:
        value = given[block]
        if value is None:
            continue
        shape = value.shape if hasattr(value, "shape") else np.shape(value)
        if len(shape) != 2:
            raise AccountsError(f"{block}: expected a matrix (2-d), got shape {shape}")
        return int(shape[axis])
    if given[name] is None:
        return 0
    blocks = " or ".join(block for block, _ in along[:2])
    raise AccountsError(f"{name}: expected {blocks} for the names given, got none")
