"""Worker councils: each makes one good from goods, with returns that never increase.

Technologies are concave and can be left idle (DESIGN, sections 2 and 3): a council's proposal is
the answer that gives the greatest surplus of the value of outputs over the cost of inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import (
    POSITIVE,
    POSITIVE_OR_INF,
    RETURNS,
    SUM_TOLERANCE,
    FloatArray,
    IndexArray,
    MatrixLike,
    Range,
    row_sums,
)
from parecon.errors import EconomyError
from parecon.families import capabilities as can
from parecon.families._base import Family
from parecon.families._checks import check_sums_to_one, require
from parecon.families._column import Column
from parecon.families.effort import Effort
from parecon.families.nests import NestedCES, checked_nests
from parecon.goods import Goods

OUTPUT_GOOD = Column(
    name="output_good",
    kind="index",
    meaning="the good the council makes",
    unit="good index",
)
PRODUCTIVITY = Column(
    name="productivity",
    kind="vector",
    meaning="output at a unit of the inputs' aggregate",
    unit="physical units of output",
    range=POSITIVE,
    broadcast=True,
)
CAPACITY = Column(
    name="capacity",
    kind="vector",
    meaning="most the council can make; inf or None: no limit",
    unit="physical units of output per plan year",
    range=POSITIVE_OR_INF,
    broadcast=True,
    optional=True,
)
RETURNS_COLUMN = Column(
    name="returns",
    kind="vector",
    meaning="returns to scale: 1 constant, below 1 decreasing",
    range=RETURNS,
    broadcast=True,
)
ELASTICITY = Range(text="at least 0 and finite (for perfect substitutes use Activities)", low=0.0)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Workers(Family):
    """Base of the worker families."""

    role: ClassVar[str] = "workers"


@dataclass(frozen=True, init=False, repr=False, eq=False)
class CobbDouglasWorkers(Workers):
    """Workers with a Cobb-Douglas technology of decreasing returns, with or without effort.

    ``q = A prod x_i^b_i e^c``. Effort costs ``k_s e^k`` money of disutility. The book model
    (DESIGN, section 3). Returns, ``sum b + c/k``, must be below 1: above, the first-order
    condition is not a maximum.

    Parameters
    ----------
    output_good : (m,) array_like of int
        Index of the good each council makes.
    exponents : (m, n) array_like or sparse
        Exponents b, > 0.
    productivity : float or (m,) array_like
        A > 0, physical units of output at unit inputs and effort.
    effort : Effort, optional
        Exponent c, power k and scale k_s; without it effort plays no role.
    names : sequence of str, optional
        Names of the councils.
    label : str, optional
        Name of the family, unique in an economy.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong (returns among it, naming the
        councils), when an Economy validates it.
    """

    output_good: IndexArray
    exponents: sp.csr_array
    productivity: FloatArray
    effort: Effort | None

    columns: ClassVar[tuple[Column, ...]] = (
        OUTPUT_GOOD,
        Column(
            name="exponents",
            kind="matrix",
            meaning="exponent of each input",
            range=POSITIVE,
        ),
        PRODUCTIVITY,
        Column(
            name="effort",
            kind="effort",
            meaning="exponent, power and scale of effort",
            optional=True,
        ),
    )
    entries: ClassVar[str] = "exponents"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.able,
        "linear": can.unable("a Cobb-Douglas technology, which is curved"),
        "cone": can.able,
    }

    def __init__(
        self,
        output_good: ArrayLike,
        exponents: MatrixLike,
        productivity: ArrayLike,
        effort: Effort | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {
            "output_good": output_good,
            "exponents": exponents,
            "productivity": productivity,
            "effort": effort,
        }
        self._build(values, names=names, label=label)

    def returns(self) -> FloatArray:
        """Return the returns to scale of each council, ``sum b + c/k``, (m,)."""
        total = row_sums(self.exponents.indptr, self.exponents.data)
        if self.effort is not None:
            total += self.effort.exponent / self.effort.power
        return total

    def made_goods(self) -> IndexArray:
        """Return the good each council makes, (m,)."""
        return self.output_good

    def _converted_part(
        self, column: Column, value: Any, shape: tuple[int | None, int | None]
    ) -> Effort:
        where = f"{self.title}.{column.name}"
        if not isinstance(value, Effort):
            raise EconomyError(f"{where}: expected an Effort, got {type(value).__name__}")
        return value.sized(where, self.n_councils)

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        if not {"exponents", "effort"} & set(changed):
            return
        returns = self.returns()
        require(
            self,
            returns <= 1.0 - SUM_TOLERANCE,  # ten tenths add up to a little less than 1
            lambda j: f"{self.council_name(j)} ({returns[j]:.12g})",
            "exponents: expected decreasing returns, sum of exponents + effort exponent / power "
            "below 1 (by 1e-9), got constant or increasing returns of",
        )


@dataclass(frozen=True, init=False, repr=False, eq=False)
class CESWorkers(Workers):
    """Workers with a CES technology, of decreasing or constant returns.

    ``q = A z^returns`` with ``z = [sum a_i^(1/s) x_i^((s-1)/s)]^(s/(s-1))``; s = 1:
    ``z = prod (x_i/a_i)^a_i``; s = 0: ``z = min x_i/a_i``. Unit cost of z:
    ``c(p) = (sum a_i p_i^(1-s))^(1/(1-s))``.

    Parameters
    ----------
    output_good : (m,) array_like of int
        Index of the good each council makes.
    shares : (m, n) array_like or sparse
        Weights a, > 0: cost shares at prices 1; each row sums to 1 within 1e-9.
    elasticity : float or (m,) array_like
        Elasticity of substitution s >= 0, finite.
    returns : float or (m,) array_like
        Above 0 and at most 1; at 1 no council makes a profit unless a capacity binds.
    productivity : float or (m,) array_like
        A > 0, physical units of output at z = 1.
    capacity : float or (m,) array_like, optional
        Most the council can make, physical units of output per plan year, > 0; inf: no limit.
    names : sequence of str, optional
        Names of the councils.
    label : str, optional
        Name of the family, unique in an economy.
    normalise : bool
        Scale each row of ``shares`` to sum to 1.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    output_good: IndexArray
    shares: sp.csr_array
    elasticity: FloatArray
    returns: FloatArray
    productivity: FloatArray
    capacity: FloatArray | None

    columns: ClassVar[tuple[Column, ...]] = (
        OUTPUT_GOOD,
        Column(
            name="shares",
            kind="matrix",
            meaning="share of each input; the shares of a council sum to 1",
            unit="share",
            range=POSITIVE,
        ),
        Column(
            name="elasticity",
            kind="vector",
            meaning="elasticity of substitution between inputs",
            range=ELASTICITY,
            broadcast=True,
        ),
        RETURNS_COLUMN,
        PRODUCTIVITY,
        CAPACITY,
    )
    entries: ClassVar[str] = "shares"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.rough_workers,
        "linear": can.curved_recipe,
        "cone": can.shares_near_one,
    }

    def __init__(
        self,
        output_good: ArrayLike,
        shares: MatrixLike,
        elasticity: ArrayLike,
        returns: ArrayLike,
        productivity: ArrayLike,
        capacity: ArrayLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
        normalise: bool = False,
    ) -> None:
        values = {
            "output_good": output_good,
            "shares": shares,
            "elasticity": elasticity,
            "returns": returns,
            "productivity": productivity,
            "capacity": capacity,
        }
        self._build(values, names=names, label=label, normalise=normalise)

    def made_goods(self) -> IndexArray:
        """Return the good each council makes, (m,)."""
        return self.output_good

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        if "shares" in changed:
            check_sums_to_one(self, "shares")


@dataclass(frozen=True, init=False, repr=False, eq=False)
class NestedCESWorkers(Workers):
    """Workers with a nested CES technology and inputs in fixed proportion at the top.

    Level ``y = min(Z_root, min_i xf_i / fixed_i)`` with ``Z_root`` of :class:`NestedCES`, output
    ``q = A y^returns``. Emission permits are a typical fixed input.

    Parameters
    ----------
    output_good : (m,) array_like of int
        Index of the good each council makes.
    nests : NestedCES
        One tree per council.
    productivity : float or (m,) array_like
        A > 0, physical units of output at level 1.
    returns : float or (m,) array_like
        Above 0 and at most 1.
    fixed : (m, n) array_like or sparse, optional
        Physical units of each fixed input per unit of level, > 0.
    capacity : float or (m,) array_like, optional
        Most the council can make, physical units of output per plan year, > 0; inf: no limit.
    names : sequence of str, optional
        Names of the councils.
    label : str, optional
        Name of the family, unique in an economy.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    output_good: IndexArray
    nests: NestedCES
    productivity: FloatArray
    returns: FloatArray
    fixed: sp.csr_array | None
    capacity: FloatArray | None

    columns: ClassVar[tuple[Column, ...]] = (
        OUTPUT_GOOD,
        Column(name="nests", kind="nests", meaning="trees of shares and elasticities"),
        PRODUCTIVITY,
        RETURNS_COLUMN,
        Column(
            name="fixed",
            kind="matrix",
            meaning="inputs in fixed proportion to the level",
            unit="physical units per unit of level",
            range=POSITIVE,
            optional=True,
        ),
        CAPACITY,
    )
    entries: ClassVar[str] = "nests"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.unable("levels of nested technologies"),
        "linear": can.curved_tree,
        "cone": can.nests_near_one,
    }

    def __init__(
        self,
        output_good: ArrayLike,
        nests: NestedCES,
        *,
        productivity: ArrayLike = 1.0,
        returns: ArrayLike = 1.0,
        fixed: MatrixLike | None = None,
        capacity: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {
            "output_good": output_good,
            "nests": nests,
            "productivity": productivity,
            "returns": returns,
            "fixed": fixed,
            "capacity": capacity,
        }
        self._build(values, names=names, label=label)

    def pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return ``(leaf_start (m+1,), leaf_good (L,))`` of the nests."""
        return self.nests.leaf_start, self.nests.leaf_good

    def used_goods(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield the patterns of the nests and of the fixed inputs."""
        yield self.pattern()
        if self.fixed is not None:
            yield self.fixed.indptr, self.fixed.indices

    def made_goods(self) -> IndexArray:
        """Return the good each council makes, (m,)."""
        return self.output_good

    def _converted_part(
        self, column: Column, value: Any, shape: tuple[int | None, int | None]
    ) -> NestedCES:
        return checked_nests(value, f"{self.title}.{column.name}", shape)
