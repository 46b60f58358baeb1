"""Effort: an input without a price, whose disutility counts as a cost in money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from parecon._columns import (
    ABOVE_ONE,
    NON_NEGATIVE,
    POSITIVE,
    FloatArray,
    float_vector,
    frozen,
    plain_numbers,
)
from parecon.errors import EconomyError
from parecon.families._checks import check_vector
from parecon.goods import Goods

if TYPE_CHECKING:
    from parecon.families._base import Family

EFFORT_RANGES = {"exponent": NON_NEGATIVE, "power": ABOVE_ONE, "scale": POSITIVE}


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Effort:
    """Effort e as an input that has no price but a disutility, ``scale * e**power`` in money.

    Parameters
    ----------
    exponent : float or (m,) array_like
        Exponent c of effort in output, >= 0.
    power : float or (m,) array_like
        Power k of the disutility, > 1.
    scale : float or (m,) array_like
        Scale k_s of the disutility, money per unit of effort to the power, > 0.

    Attributes
    ----------
    exponent, power, scale : float64 arrays
        As given; vectors (m,) once a family of workers holds them.
    """

    exponent: FloatArray
    power: FloatArray
    scale: FloatArray

    def __init__(self, exponent: ArrayLike, power: ArrayLike, scale: ArrayLike = 1.0) -> None:
        given = {"exponent": exponent, "power": power, "scale": scale}
        for name, value in given.items():
            array = plain_numbers(value, f"effort.{name}")
            if array.ndim > 1:
                raise EconomyError(
                    f"effort.{name}: expected a number or a vector, got shape {array.shape}"
                )
            stored = frozen(np.asarray(array, dtype=np.float64, order="C"))
            object.__setattr__(self, name, stored)

    def sized(self, where: str, length: int) -> Effort:
        """Return the effort with vectors of ``length``; vectors that fit are shared."""
        sized = object.__new__(Effort)
        for name in EFFORT_RANGES:
            value = float_vector(
                getattr(self, name), f"{where}.{name}", length=length, broadcast=True
            )
            object.__setattr__(sized, name, value)
        return sized

    @property
    def nbytes(self) -> int:
        """Memory of the arrays in bytes."""
        return sum(int(getattr(self, name).nbytes) for name in EFFORT_RANGES)

    def validate(self, family: Family, column: str, goods: Goods) -> None:
        """Check the content; raise EconomyError naming the councils of ``family``."""
        for name, range_ in EFFORT_RANGES.items():
            check_vector(family, f"{column}.{name}", getattr(self, name), range_)

    def __repr__(self) -> str:
        return f"Effort({np.size(self.exponent):,} councils)"
