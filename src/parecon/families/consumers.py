"""Consumer councils: each spends a budget, set in advance, on what it values most.

Every utility u_h is concave and homogeneous of degree one; c_h(p) is the least spending for one
unit of it (DESIGN, sections 2 and 3). ``needs`` are delivered in kind before the budget is spent:
utility counts what is bought beyond them, total use is what is bought plus needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import (
    POSITIVE,
    FloatArray,
    IndexArray,
    MatrixLike,
    Range,
)
from parecon.families import capabilities as can
from parecon.families._base import Family
from parecon.families._checks import check_no_empty_row, check_sums_to_one
from parecon.families._column import NEEDS, Column
from parecon.families.nests import NestedCES, checked_nests
from parecon.goods import Goods

BUDGET = Column(
    name="budget",
    kind="vector",
    meaning="effort ratings plus allowances, never a function of prices",
    unit="money per plan year",
    range=POSITIVE,
)
SHARES = Column(
    name="shares",
    kind="matrix",
    meaning="share of each good; the shares of a council sum to 1",
    unit="share",
    range=POSITIVE,
)
FINITE_ELASTICITY = Range(
    text="at least 0 and finite (for perfect substitutes use LinearConsumers)", low=0.0
)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Consumers(Family):
    """Base of the consumer families: a budget, entries, and needs.

    Attributes
    ----------
    budget : (H,) float64
        Money per plan year.
    needs : (H, n) csr_array or None
        Physical units per plan year.
    money : str
        Class attribute: the column that holds the budget.
    """

    if TYPE_CHECKING:  # columns of most, worked out by some: neither fields nor descriptors

        @property
        def budget(self) -> FloatArray: ...

        @property
        def needs(self) -> sp.csr_array | None: ...

    role: ClassVar[str] = "consumers"
    money: ClassVar[str] = "budget"

    def used_goods(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield the patterns of what is bought and of what is needed."""
        yield self.pattern()
        if self.needs is not None:
            yield self.needs.indptr, self.needs.indices

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        if "shares" in changed:
            check_sums_to_one(self, "shares")
        for column in {"bundle", "value"} & set(changed):
            check_no_empty_row(self, column)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class CobbDouglasConsumers(Consumers):
    """Consumers who spend fixed shares of their budget.

    ``u = prod (x_i / a_i)^a_i``, ``c(p) = prod p_i^a_i``, hence ``x_i = b a_i / p_i``.

    Parameters
    ----------
    budget : (H,) array_like
        Money per plan year, > 0.
    shares : (H, n) array_like or sparse
        Budget shares a, > 0; each row sums to 1 within 1e-9.
    needs : (H, n) array_like or sparse, optional
        Delivered in kind before the budget is spent; physical units per plan year, >= 0.
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

    shares: sp.csr_array

    columns: ClassVar[tuple[Column, ...]] = (BUDGET, SHARES, NEEDS)
    entries: ClassVar[str] = "shares"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.able,
        "linear": can.able,
        "cone": can.able,
    }

    def __init__(
        self,
        budget: ArrayLike,
        shares: MatrixLike,
        needs: MatrixLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
        normalise: bool = False,
    ) -> None:
        values = {"budget": budget, "shares": shares, "needs": needs}
        self._build(values, names=names, label=label, normalise=normalise)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class CESConsumers(Consumers):
    """Consumers with a constant elasticity of substitution.

    ``u = [sum a_i^(1/s) x_i^((s-1)/s)]^(s/(s-1))``, ``c(p) = (sum a_i p_i^(1-s))^(1/(1-s))``;
    s = 1: Cobb-Douglas, ``u = prod (x_i/a_i)^a_i``; s = 0: ``u = min x_i/a_i``, ``c = a.p``.

    Parameters
    ----------
    budget : (H,) array_like
        Money per plan year, > 0.
    shares : (H, n) array_like or sparse
        Weights a, > 0: budget shares at prices 1; each row sums to 1 within 1e-9.
    elasticity : float or (H,) array_like
        Elasticity of substitution s, from 0 up to but not infinity (use LinearConsumers).
    needs : (H, n) array_like or sparse, optional
        Delivered in kind before the budget is spent; physical units per plan year, >= 0.
    names, label, normalise
        As for :class:`CobbDouglasConsumers`.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    shares: sp.csr_array
    elasticity: FloatArray

    columns: ClassVar[tuple[Column, ...]] = (
        BUDGET,
        SHARES,
        Column(
            name="elasticity",
            kind="vector",
            meaning="elasticity of substitution",
            range=FINITE_ELASTICITY,
            broadcast=True,
        ),
        NEEDS,
    )
    entries: ClassVar[str] = "shares"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.able,
        "linear": can.curved_shares,
        "cone": can.shares_near_one,
    }

    def __init__(
        self,
        budget: ArrayLike,
        shares: MatrixLike,
        elasticity: ArrayLike,
        needs: MatrixLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
        normalise: bool = False,
    ) -> None:
        values = {"budget": budget, "shares": shares, "elasticity": elasticity, "needs": needs}
        self._build(values, names=names, label=label, normalise=normalise)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class LeontiefConsumers(Consumers):
    """Consumers who want goods in fixed proportion.

    ``u = min x_i / bundle_i``, ``c(p) = bundle.p``.

    Parameters
    ----------
    budget : (H,) array_like
        Money per plan year, > 0.
    bundle : (H, n) array_like or sparse
        Physical units of each good per unit of utility, > 0; at least one per council.
    needs : (H, n) array_like or sparse, optional
        Delivered in kind before the budget is spent; physical units per plan year, >= 0.
    names, label
        As for :class:`CobbDouglasConsumers`.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    bundle: sp.csr_array

    columns: ClassVar[tuple[Column, ...]] = (
        BUDGET,
        Column(
            name="bundle",
            kind="matrix",
            meaning="goods for one unit of utility",
            unit="physical units per unit of utility",
            range=POSITIVE,
        ),
        NEEDS,
    )
    entries: ClassVar[str] = "bundle"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.able,
        "linear": can.able,
        "cone": can.able,
    }

    def __init__(
        self,
        budget: ArrayLike,
        bundle: MatrixLike,
        needs: MatrixLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {"budget": budget, "bundle": bundle, "needs": needs}
        self._build(values, names=names, label=label)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class LinearConsumers(Consumers):
    """Consumers to whom goods are perfect substitutes.

    ``u = value.x``, ``c(p) = min p_i / value_i``.

    Parameters
    ----------
    budget : (H,) array_like
        Money per plan year, > 0.
    value : (H, n) array_like or sparse
        Utility per physical unit of each good, > 0; at least one good per council.
    needs : (H, n) array_like or sparse, optional
        Delivered in kind before the budget is spent; physical units per plan year, >= 0.
    names, label
        As for :class:`CobbDouglasConsumers`.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    value: sp.csr_array

    columns: ClassVar[tuple[Column, ...]] = (
        BUDGET,
        Column(
            name="value",
            kind="matrix",
            meaning="utility of one unit of each good",
            unit="utility per physical unit",
            range=POSITIVE,
        ),
        NEEDS,
    )
    entries: ClassVar[str] = "value"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.unable("indifference between goods of the same worth"),
        "linear": can.able,
        "cone": can.able,
    }

    def __init__(
        self,
        budget: ArrayLike,
        value: MatrixLike,
        needs: MatrixLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {"budget": budget, "value": value, "needs": needs}
        self._build(values, names=names, label=label)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class NestedCESConsumers(Consumers):
    """Consumers with nested CES utility: ``u = Z_root`` and ``c(p)`` of :class:`NestedCES`.

    Parameters
    ----------
    budget : (H,) array_like
        Money per plan year, > 0.
    nests : NestedCES
        One tree per council.
    needs : (H, n) array_like or sparse, optional
        Delivered in kind before the budget is spent; physical units per plan year, >= 0.
    names, label
        As for :class:`CobbDouglasConsumers`.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    nests: NestedCES

    columns: ClassVar[tuple[Column, ...]] = (
        BUDGET,
        Column(name="nests", kind="nests", meaning="trees of shares and elasticities"),
        NEEDS,
    )
    entries: ClassVar[str] = "nests"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.able,
        "linear": can.curved_nests,
        "cone": can.nests_near_one,
    }

    def __init__(
        self,
        budget: ArrayLike,
        nests: NestedCES,
        needs: MatrixLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {"budget": budget, "nests": nests, "needs": needs}
        self._build(values, names=names, label=label)

    def pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return ``(leaf_start (H+1,), leaf_good (L,))`` of the nests."""
        return self.nests.leaf_start, self.nests.leaf_good

    def _converted_part(
        self, column: Column, value: Any, shape: tuple[int | None, int | None]
    ) -> NestedCES:
        return checked_nests(value, f"{self.title}.{column.name}", shape)
