"""A linear-representable economy as a model that other programs read: `to_highs`, `to_mps`.

Rows and columns have names, quantities are in the economy's units, and the objective, to be
minimised, is minus welfare: the multipliers of the rows `clear:good` are prices. Where one
logarithm is all there is to maximise, the objective is minus its argument instead, which is exact.
Logarithms of several councils and costs of supply are approximated in pieces; around a plan they
are right to a millionth of the budgets or so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon._highs import silent_highs
from parecon.backends._base import check_able
from parecon.backends.concave import Pieces
from parecon.backends.highs_lp import highs_lp, physical
from parecon.backends.linear_programme import Programme, programme_of
from parecon.backends.outside import judged
from parecon.economy import Economy
from parecon.errors import FormatError, PlanError, SettingsError
from parecon.plan import Plan
from parecon.problem import Problem
from parecon.start import starting_point

Array = NDArray[np.float64]

_SPREAD, _SPREAD_AROUND = 1.0, 0.004
_UNFIT_FOR_NAMES = re.compile(r"[^!-~]+")  # blanks, and what not every reader of MPS takes
_SIGN_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class LinearModel:
    """What `to_highs` hands out.

    lp : `highspy.HighsLp`, minimise, with names.
    rows, columns : names in order; the first rows are `clear:good`, good by good.
    exact : whether the programme is the economy itself; False where logarithms or costs are in
        pieces.
    """

    economy: Economy
    lp: Any
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    exact: bool
    programme: Programme = field(repr=False)
    pieces: Pieces = field(repr=False)

    def highs(self) -> Any:
        """A `highspy.Highs` that holds the model, silent, all options at their defaults."""
        highs = silent_highs()
        highs.passModel(self.lp)
        return highs

    def plan(self, highs: Any, *, tol: float = 1e-6) -> Plan:
        """The plan that a solved `highspy.Highs` of this model amounts to.

        Its quantities are made to exist and are certified like those of any plan. Rows that were
        added behind those of the model do not matter, columns must be the model's.

        Raises PlanError where there is no solution with multipliers, or prices are below zero.
        """
        solution, n = highs.getSolution(), self.economy.n_goods
        if not (solution.value_valid and solution.dual_valid):
            raise PlanError(
                "model: no solution with multipliers; HiGHS says "
                f"{highs.modelStatusToString(highs.getModelStatus())!r}"
            )
        values = np.asarray(solution.col_value, dtype=np.float64)
        if len(values) != len(self.columns):
            raise PlanError(
                f"model: expected values of {len(self.columns):,} columns, got {len(values):,}"
            )
        k = self.programme.matrix.shape[1]
        t = values[k:].reshape(self.programme.n_terms, -1).sum(axis=1)
        price = self._price(np.asarray(solution.row_dual, dtype=np.float64)[:n], t)
        quantities = self.programme.values(np.maximum(values[:k], 0.0), np.maximum(t, 0.0))
        return judged(self.economy, price, quantities, tol, "highs")

    def _price(self, dual: Array, t: Array) -> Array:
        if self.programme.single:
            dual = dual * self.programme.slope(np.maximum(t, 1e-300))[0]
        least = int(np.argmin(dual))
        if dual[least] < -_SIGN_ROUNDING * float(np.max(np.abs(dual))):
            raise PlanError(
                f"model: the multiplier of {self.economy.goods.name(least)!r} is {dual[least]:g}, "
                "below zero: not the price of a plan"
            )
        return np.maximum(dual, 0.0)

    def __repr__(self) -> str:
        exact = "exact" if self.exact else "logarithms and costs in pieces"
        return f"LinearModel({len(self.rows):,} rows, {len(self.columns):,} columns, {exact})"


def to_highs(economy: Economy, *, around: Plan | ArrayLike | None = None) -> LinearModel:
    """An economy as a linear programme for HiGHS, with names and the way back to a plan.

    Parameters
    ----------
    around : Plan, or (n,) prices > 0; the pieces of logarithms and costs lie densely around what
        councils answer there, and around a guess unless given.

    Raises
    ------
    SettingsError
        If a family is not linear-representable; it is named with the reason.
    """
    check_able(economy, "linear", "to_highs", "parecon.to_cvxpy or parecon.solve")
    programme = programme_of(economy)
    warm = around if around is None or isinstance(around, Plan) else np.asarray(around, float)
    given = warm.price if isinstance(warm, Plan) else warm
    if given is not None and given.shape != (economy.n_goods,):
        raise SettingsError(
            f"around: expected one price for each of {economy.n_goods} goods, "
            f"got shape {given.shape}"
        )
    price = starting_point(Problem(economy, 1), warm).price
    guess = programme.row_guess(price)
    centre = programme.at_slope(-programme.sign * guess[programme.row])
    # a supply that is not worth its cost: tangents need a slope
    least = 1e-12 * programme.economy.total_budget / np.maximum(guess[programme.row], 1e-300)
    spread = np.full(programme.n_terms, _SPREAD if around is None else _SPREAD_AROUND)
    pieces = programme.pieces(np.maximum(centre, least), spread)
    lp = highs_lp(programme, pieces, physical(programme))
    rows = _names(programme.row_names())
    columns = _names([*programme.column_names(), *programme.piece_names()])
    lp.row_names_, lp.col_names_ = rows, columns
    return LinearModel(
        economy=economy,
        lp=lp,
        rows=tuple(rows),
        columns=tuple(columns),
        exact=programme.single or programme.n_terms == 0,
        programme=programme,
        pieces=pieces,
    )


def to_mps(
    economy: Economy, path: str | Path, *, around: Plan | ArrayLike | None = None
) -> LinearModel:
    """Write `to_highs(economy, around=around)` as an MPS file, and return the model.

    Raises
    ------
    SettingsError
        If a family is not linear-representable.
    FormatError
        If `path` does not end in .mps, or cannot be written.
    """
    import highspy

    target = Path(path)
    if target.suffix != ".mps":
        raise FormatError(f"{target}: expected a name that ends in .mps")
    model = to_highs(economy, around=around)
    if model.highs().writeModel(str(target)) == highspy.HighsStatus.kError:
        raise FormatError(f"{target}: HiGHS cannot write there")
    return model


def _names(wanted: Iterable[str]) -> list[str]:
    """Names without blanks, each once."""
    seen: dict[str, int] = {}
    found = []
    for name in wanted:
        plain = _UNFIT_FOR_NAMES.sub("_", name)
        count = seen.get(plain, 0)
        seen[plain] = count + 1
        found.append(f"{plain}~{count}" if count else plain)
    return found
