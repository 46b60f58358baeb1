"""Suppliers: supply that rises with the price, for elastic labour, extraction, permits, imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import POSITIVE, POSITIVE_OR_INF, FloatArray, IndexArray
from parecon.families import capabilities as can
from parecon.families._base import Family
from parecon.families._column import Column


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Suppliers(Family):
    """Suppliers of one good each, at a marginal cost that rises with the quantity.

    isoelastic: ``s(p) = q0 (p/p0)^eta``, marginal cost ``p0 (s/q0)^(1/eta)``,
    ``C(s) = p0 q0 eta/(1+eta) (s/q0)^((1+eta)/eta)``,
    ``C*(p) = p0 q0/(1+eta) (p/p0)^(1+eta)`` (without maximum).

    linear: ``s(p) = max(0, q0 (1 + eta (p/p0 - 1)))``, marginal cost
    ``p0 (1 + (s/q0 - 1)/eta)``, ``C(s)`` its integral from 0 to s.

    Parameters
    ----------
    good : (k,) array_like of int
        Index of the good each supplies.
    quantity : float or (k,) array_like
        Benchmark quantity q0, physical units per plan year, > 0.
    price : float or (k,) array_like
        Benchmark price p0, money per physical unit, > 0.
    elasticity : float or (k,) array_like
        Elasticity eta of supply at the benchmark, > 0.
    form : {"isoelastic", "linear"}
        Form of the supply curve, one for the family.
    maximum : float or (k,) array_like, optional
        Most that can be supplied, physical units per plan year, > 0; inf: no limit.
    names : sequence of str, optional
        Names of the suppliers.
    label : str, optional
        Name of the family, unique in an economy.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    good: IndexArray
    quantity: FloatArray
    price: FloatArray
    elasticity: FloatArray
    form: Literal["isoelastic", "linear"]
    maximum: FloatArray | None

    role: ClassVar[str] = "suppliers"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(name="good", kind="index", meaning="the good supplied", unit="good index"),
        Column(
            name="quantity",
            kind="vector",
            meaning="benchmark quantity",
            unit="physical units per plan year",
            range=POSITIVE,
            broadcast=True,
        ),
        Column(
            name="price",
            kind="vector",
            meaning="benchmark price",
            unit="money per physical unit",
            range=POSITIVE,
            broadcast=True,
        ),
        Column(
            name="elasticity",
            kind="vector",
            meaning="elasticity of supply at the benchmark",
            range=POSITIVE,
            broadcast=True,
        ),
        Column(
            name="form",
            kind="choice",
            meaning="form of the supply curve",
            choices=("isoelastic", "linear"),
        ),
        Column(
            name="maximum",
            kind="vector",
            meaning="most that can be supplied; inf or None: no limit",
            unit="physical units per plan year",
            range=POSITIVE_OR_INF,
            broadcast=True,
            optional=True,
        ),
    )
    entries: ClassVar[str] = "good"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.rough_suppliers,
        "linear": can.able,
        "cone": can.able,
    }

    def __init__(
        self,
        good: ArrayLike,
        quantity: ArrayLike,
        price: ArrayLike,
        elasticity: ArrayLike,
        *,
        form: Literal["isoelastic", "linear"] = "isoelastic",
        maximum: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {
            "good": good,
            "quantity": quantity,
            "price": price,
            "elasticity": elasticity,
            "form": form,
            "maximum": maximum,
        }
        self._build(values, names=names, label=label)

    @property
    def n_goods(self) -> int | None:
        """None: suppliers fit any number of goods that includes their own."""
        return None

    def pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return ``(0, 1, ..., k)`` and the good each supplies."""
        return np.arange(self.n_councils + 1, dtype=np.int32), self.good

    def used_goods(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield nothing: suppliers use no good."""
        yield from ()

    def made_goods(self) -> IndexArray:
        """Return the good each supplies, (k,)."""
        return self.good
