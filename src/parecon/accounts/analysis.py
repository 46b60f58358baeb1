"""Multipliers, footprints and responses of a symmetric table: linear, at fixed coefficients.

All of it follows from the two systems of :mod:`parecon.accounts.leontief`; no inverse is formed.
Definitions are those of the UK Office for National Statistics (Input-output analytical tables,
"Multipliers and effects"), which are those of the Eurostat manual (2008, chapter 15): type I, so
households' spending of what they earn is not fed back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import FloatArray
from parecon.accounts import _arrays as arrays
from parecon.accounts.labels import VALUE_ADDED, Labels
from parecon.errors import AccountsError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from parecon.accounts.input_output import InputOutput

__all__ = ["Footprint", "Multipliers", "Response", "footprint", "multipliers", "respond"]

CONCEPTS = ("output", "income", "employment", "value added")


@dataclass(frozen=True, kw_only=True)
class Multipliers:
    """What one more unit of final demand for each sector's product brings, (n,) each.

    Attributes
    ----------
    of : str
        Output, income, employment, value added, or the name of a factor or extension.
    direct : (n,) ndarray
        In the sector itself, per unit of its output.
    effect : (n,) ndarray
        In all sectors, per unit of final demand for its product: ``direct L``.
    multiplier : (n,) ndarray
        ``effect / direct``; 0 where there is nothing direct (as ONS publishes it).
    unit : str
        Of direct and effect.
    sectors : Labels
    """

    of: str
    direct: FloatArray
    effect: FloatArray
    multiplier: FloatArray
    unit: str
    sectors: Labels

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per sector.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        from parecon.accounts.frames import columns_frame

        columns = {name: getattr(self, name) for name in ("direct", "effect", "multiplier")}
        return columns_frame(columns, self.sectors)

    def __str__(self) -> str:
        order = np.argsort(-self.effect, kind="stable")[:5]
        top = ", ".join(f"{self.sectors[i]} {self.effect[i]:.4g}" for i in order)
        return f"{self.of}: effect per unit of final demand ({self.unit}), greatest {top}"


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What final demand uses or emits, wherever it happens.

    Attributes
    ----------
    of : str
        The extension or factor.
    by_product : (n, k) ndarray
        By product bought and category of final demand (or column of the demand given):
        ``(S L)_i Y_ih``.
    by_source : (n, k) ndarray
        By the sector where it happens: ``S_i (L Y)_ih``. The columns sum to the same.
    direct : (k,) ndarray
        Of the final users themselves (F_Y); zeros for a demand that is not the table's own.
    unit : str
    sectors, final_demand : Labels or tuple of str
    """

    of: str
    by_product: FloatArray
    by_source: FloatArray
    direct: FloatArray
    unit: str
    sectors: Labels
    final_demand: tuple[str, ...]

    @property
    def total(self) -> FloatArray:
        """By category, the direct part included, (k,)."""
        made: FloatArray = self.by_product.sum(axis=0) + self.direct
        return made

    def __str__(self) -> str:
        parts = ", ".join(
            f"{name} {value:,.6g}"
            for name, value in zip(self.final_demand, self.total, strict=True)
        )
        return f"footprint {self.of} ({self.unit}): {self.total.sum():,.6g} in all; {parts}"


@dataclass(frozen=True, kw_only=True)
class Response:
    """What changes when final demand changes, everything else in proportion.

    Attributes
    ----------
    demand, output : (n,) ndarray
        Change of final demand and of output, money per year.
    factors : dict of str to float
        Change of each primary input, money per year.
    extensions : dict of str to float
        Change of each extension, in its unit.
    value_added : float
        Change of gross value added, money per year.
    """

    demand: FloatArray
    output: FloatArray
    factors: dict[str, float]
    extensions: dict[str, float]
    value_added: float
    sectors: Labels

    def to_pandas(self) -> pd.DataFrame:
        """Return demand and output, one row per sector.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        from parecon.accounts.frames import columns_frame

        return columns_frame({"demand": self.demand, "output": self.output}, self.sectors)

    def __str__(self) -> str:
        return (
            f"final demand {self.demand.sum():+,.6g}, output {self.output.sum():+,.6g}, "
            f"value added {self.value_added:+,.6g}"
        )


def multipliers(table: InputOutput, of: str | Sequence[str] | ArrayLike = "output") -> Multipliers:
    """Return type I multipliers.

    Parameters
    ----------
    table : InputOutput
    of : str, sequence of str or (n,) array_like
        ``"output"`` (output of all sectors per unit of final demand: column sums of L),
        ``"income"`` (factors of kind labour: ONS calls it employment cost), ``"value added"``
        (gross value added at basic prices), ``"employment"`` (extensions of kind employment), the
        name of a factor or an extension, several of one sort, or direct coefficients.

    Raises
    ------
    AccountsError
        If there is no such factor, extension or concept in the table.
    """
    title, direct, unit = _direct(table, of)
    effect = table.leontief.prices(direct)
    some = direct != 0.0
    multiplier = np.where(some, effect / np.where(some, direct, 1.0), 0.0)
    return Multipliers(
        of=title,
        direct=direct,
        effect=effect,
        multiplier=multiplier,
        unit=unit,
        sectors=table.sectors,
    )


def footprint(
    table: InputOutput,
    of: str | Sequence[str],
    y: ArrayLike | Mapping[str, float] | None = None,
) -> Footprint:
    """Return the consumption-based account of an extension or factor.

    Parameters
    ----------
    table : InputOutput
    of : str or sequence of str
        As in :func:`multipliers`.
    y : (n,) or (n, h) array_like or mapping from sector to demand, optional
        The table's own final demand by category unless given.

    Raises
    ------
    AccountsError
        If there is no such extension or factor, or a sector is unknown.
    """
    found = multipliers(table, of)
    if y is None:
        demand, names = table.Y, table.final_demand.names
        direct = _of_final_users(table, of)
    else:
        demand = table.final(y)
        demand = demand[:, None] if demand.ndim == 1 else demand
        names = tuple(f"demand {h}" for h in range(demand.shape[1]))
        direct = np.zeros(demand.shape[1])
    return Footprint(
        of=found.of,
        by_product=found.effect[:, None] * demand,
        by_source=found.direct[:, None] * table.leontief.quantities(demand),
        direct=direct,
        unit=_total_unit(found.unit),
        sectors=table.sectors,
        final_demand=names,
    )


def respond(table: InputOutput, demand: Mapping[str, float] | ArrayLike) -> Response:
    """Return what a change of final demand changes.

    Parameters
    ----------
    table : InputOutput
    demand : mapping from sector to money, or (n,) array_like
        Change, money per year.

    Raises
    ------
    AccountsError
        If a sector is unknown.
    """
    change = table.final(demand)
    output = table.leontief.quantities(change)
    factors, extensions = table.v @ output, table.S @ output
    share = np.where(table.x == 0.0, 0.0, table.value_added / np.where(table.x == 0, 1.0, table.x))
    return Response(
        demand=change,
        output=output,
        factors=dict(zip(table.factors, factors.tolist(), strict=True)),
        extensions=dict(zip(table.extensions, extensions.tolist(), strict=True)),
        value_added=float(share @ output),
        sectors=table.sectors,
    )


def _direct(table: InputOutput, of: str | Sequence[str] | ArrayLike) -> tuple[str, FloatArray, str]:
    """Title, direct coefficients (n,) and unit of what is asked for."""
    money = table.unit or "money"
    n = len(table.sectors)
    if isinstance(of, str) and of == "output":
        return of, np.ones(n), f"{money} per {money}"
    if not isinstance(of, str) and not _are_names(of):
        return "as given", arrays.vector(of, "of", n), f"per {money}"
    in_factors, at = _places(table, of)
    title = of if isinstance(of, str) else " + ".join(map(str, of))  # type: ignore[arg-type]
    block, labels = (table.v, table.factors) if in_factors else (table.S, table.extensions)
    units = {labels.unit[i] for i in at} - {""}
    if len(units) > 1:
        raise AccountsError(f"{title}: expected one unit, got {', '.join(sorted(units))}")
    unit = units.pop() if units else (money if in_factors else "units")
    return title, block[at].sum(axis=0), f"{unit} per {money}"


def _are_names(of: object) -> bool:
    return isinstance(of, Sequence) and len(of) > 0 and all(isinstance(name, str) for name in of)


def _places(table: InputOutput, of: object) -> tuple[bool, np.ndarray]:
    """Whether a concept or names are of factors (else of extensions), and their positions."""
    concepts = {
        "income": (True, table.factors.of_kind("labour")),
        "value added": (True, table.factors.of_kind(*VALUE_ADDED)),
        "employment": (False, table.extensions.of_kind("employment")),
    }
    if isinstance(of, str) and of in concepts:
        in_factors, at = concepts[of]
        if at.size == 0:
            kind = {"income": "labour", "employment": "employment"}.get(of, "labour, capital, ...")
            raise AccountsError(
                f"{of}: expected {'a factor' if in_factors else 'an extension'} of kind {kind}, "
                "got none"
            )
        return in_factors, at
    names = [of] if isinstance(of, str) else list(of)  # type: ignore[call-overload]
    if all(name in table.extensions for name in names):
        return False, table.extensions.positions(names)
    if all(name in table.factors for name in names):
        return True, table.factors.positions(names)
    known = [*CONCEPTS, *table.factors, *table.extensions]
    unknown = next((name for name in names if name not in known), names[0])
    raise AccountsError(
        f"no factor or extension {unknown!r}{nearest(unknown, known)} (there are: "
        f"{', '.join(known[:12])}{', ...' if len(known) > 12 else ''})"
    )


def _of_final_users(table: InputOutput, of: str | Sequence[str]) -> FloatArray:
    if of == "output":
        return np.zeros(len(table.final_demand))
    in_factors, at = _places(table, of)
    total: FloatArray = (table.W_Y if in_factors else table.F_Y)[at].sum(axis=0)
    return total


def _total_unit(unit: str) -> str:
    return unit.partition(" per ")[0]
