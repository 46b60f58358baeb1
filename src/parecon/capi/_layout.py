"""Families of councils as rows of numbers, for the kernel that answers in C.

What the columns mean is told in `src/_kernels/rounds.pyx`: a council's weight w is

    log w = k0 + k1 log c + k2 log p_out ,   made = w m ,   dual = d0 + d1 log c + w d2 ,

with the cost c of its row. Formulas by family: DESIGN section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon._kernels import rounds as kernel
from parecon.errors import EconomyError
from parecon.families import (
    CESConsumers,
    CESWorkers,
    CobbDouglasConsumers,
    CobbDouglasWorkers,
    Family,
    LeontiefConsumers,
    Suppliers,
    Targets,
)

Array = NDArray[np.float64]

_NUMBERS = (
    "k0", "k1", "k2", "made", "dual0", "dual1", "dual2", "capacity", "level", "money", "elasticity",
)  # fmt: skip
_PLACE = {name: place for place, name in enumerate(_NUMBERS)}


@dataclass(frozen=True, eq=False)
class Rows:
    """Councils of one family, one row each.

    indptr : (m + 1,) int64; good : (nnz,) int32, what each buys or uses; coef : (nnz,).
    out : (m,) int32, what it makes, -1 for nothing.
    number : (m, columns) as the kernel wants them.
    kind : which of the kernel's kinds all of them are.
    """

    indptr: NDArray[np.int64]
    good: NDArray[np.int32]
    coef: Array
    out: NDArray[np.int32]
    number: Array
    kind: int

    def __len__(self) -> int:
        return len(self.out)

    @property
    def still(self) -> NDArray[np.bool_]:
        """(m,) whose spending on each good does not depend on prices: Cobb-Douglas consumers."""
        column = self.number.T
        fixed = (column[_PLACE["k1"]] == 0.0) & (column[_PLACE["k2"]] == 0.0) & (self.out < 0)
        return fixed & (column[_PLACE["elasticity"]] == 1.0) & (self.kind == kernel.KINDS["row"])


def rows_of(family: Family) -> Rows:
    """The rows of a family. Raises EconomyError where it has no single best answer to prices."""
    found = _LAYOUTS.get(type(family))
    reason = _refusal(family) if found else "a round in C does not know these councils"
    if found is None or reason:
        raise EconomyError(
            f"a round in C needs flat councils with one best proposal at any prices; "
            f"not so {family.title!r} ({type(family).__name__}): {reason}. "
            "Use parecon.simulate or parecon.solve."
        )
    return found(family)


def _refusal(family: Any) -> str:
    """Why a family that is known in principle has no single answer with these data, or nothing."""
    if isinstance(family, CESWorkers):
        constant = np.flatnonzero(family.returns >= 1.0)
        if len(constant):
            return f"constant returns of {family.council_name(int(constant[0]))}"
    if isinstance(family, Targets) and family.form == "linear":
        return "the form 'linear' leaves open which good is delivered"
    return ""


def _number(councils: int, **columns: Any) -> Array:
    """(m, columns); what is not given is zero, a capacity infinite."""
    number = np.zeros((councils, kernel.N_COLUMNS))
    number[:, _PLACE["capacity"]] = np.inf
    for name, value in columns.items():
        number[:, _PLACE[name]] = value
    return number


def _nothing(councils: int) -> NDArray[np.int32]:
    return np.full(councils, -1, dtype=np.int32)


def _matrix_rows(matrix: Any, out: Any, number: Array) -> Rows:
    return Rows(
        indptr=np.asarray(matrix.indptr, dtype=np.int64),
        good=np.asarray(matrix.indices, dtype=np.int32),
        coef=np.asarray(matrix.data, dtype=np.float64),
        out=np.asarray(out, dtype=np.int32),
        number=number,
        kind=kernel.KINDS["row"],
    )


def _buyers(budget: Array, elasticity: Any) -> Array:
    """Spend b whatever the prices; b (log b - 1) - b log c of the dual."""
    return _number(
        len(budget),
        k0=np.log(budget),
        dual0=budget * (np.log(budget) - 1.0),
        dual1=-budget,
        elasticity=elasticity,
    )


def _consumers(family: Any) -> Rows:
    matrix = family.bundle if isinstance(family, LeontiefConsumers) else family.shares
    elasticity = {CobbDouglasConsumers: 1.0, LeontiefConsumers: 0.0}.get(type(family))
    number = _buyers(family.budget, family.elasticity if elasticity is None else elasticity)
    return _matrix_rows(matrix, _nothing(family.n_councils), number)


def _cobb_douglas_workers(family: CobbDouglasWorkers) -> Rows:
    """w is the value of output V: with D = 1 - sum b - c/k inputs cost b V, and D V is left."""
    b, council = family.exponents.data, _council(family.exponents)
    constant = np.log(family.productivity)
    constant = constant + np.bincount(council, weights=b * np.log(b), minlength=len(constant))
    share = 1.0 - family.returns()
    if family.effort is not None:
        ratio = family.effort.exponent / family.effort.power
        safe = np.where(ratio > 0.0, ratio, 1.0)
        constant = constant + np.where(ratio > 0.0, ratio * np.log(safe / family.effort.scale), 0.0)
    number = _number(
        family.n_councils,
        k0=constant / share, k1=-1.0 / share, k2=1.0 / share, made=1.0, dual2=share, elasticity=1.0,
    )  # fmt: skip
    return _matrix_rows(family.exponents, family.output_good, number)


def _council(matrix: Any) -> NDArray[np.int64]:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _ces_workers(family: CESWorkers) -> Rows:
    """w is the cost C = r R of revenue R = (p A)^(1/(1-r)) (r/c)^(r/(1-r)); (1-r) R is left."""
    r, log_a = family.returns, np.log(family.productivity)
    capacity = np.full(len(r), np.inf) if family.capacity is None else family.capacity
    with np.errstate(over="ignore"):
        level = np.where(np.isfinite(capacity), (capacity / family.productivity) ** (1.0 / r), 0.0)
    number = _number(
        family.n_councils,
        k0=np.log(r) + (log_a + r * np.log(r)) / (1.0 - r), k1=-r / (1.0 - r), k2=1.0 / (1.0 - r),
        made=1.0 / r, dual2=(1.0 - r) / r, capacity=capacity, level=level,
        elasticity=family.elasticity,
    )  # fmt: skip
    return _matrix_rows(family.shares, family.output_good, number)


def _suppliers(family: Suppliers) -> Rows:
    m, eta, q0, p0 = family.n_councils, family.elasticity, family.quantity, family.price
    capacity = np.full(m, np.inf) if family.maximum is None else family.maximum
    if family.form == "linear":
        number, kind = _number(m, k0=q0, k1=p0, k2=eta, capacity=capacity), "linear supply"
    else:
        # w is the value supplied; at the maximum C(s) = p0 q0 eta/(1+eta) (s/q0)^((1+eta)/eta)
        limited = np.where(np.isfinite(capacity), capacity, 0.0)
        money = p0 * q0 * eta / (1.0 + eta) * (limited / q0) ** ((1.0 + eta) / eta)
        number, kind = _number(
            m, k0=np.log(q0) - eta * np.log(p0), k2=1.0 + eta, made=1.0, dual2=1.0 / (1.0 + eta),
            capacity=capacity, money=money,
        ), "row"  # fmt: skip
    return Rows(
        indptr=np.zeros(m + 1, dtype=np.int64),
        good=np.empty(0, dtype=np.int32),
        coef=np.empty(0),
        out=np.asarray(family.good, dtype=np.int32),
        number=number,
        kind=kernel.KINDS[kind],
    )


def _targets(family: Targets) -> Rows:
    """Harmony has a kind of its own; log targets are consumers of one good."""
    m, weight, target = family.n_councils, family.weight, family.target
    if family.form == "ray":
        return _ray(family)
    if family.form == "harmony":
        number, kind = _number(m, k0=target, k1=weight / target), "harmony"
    else:
        # -w (log z + 1) with z = p T/w
        dual0 = weight * (np.log(weight / target) - 1.0)
        number = _number(m, k0=np.log(weight), dual0=dual0, dual1=-weight, elasticity=1.0)
        kind = "row"
    return Rows(
        indptr=np.arange(m + 1, dtype=np.int64),
        good=np.asarray(family.good, dtype=np.int32),
        coef=np.ones(m),
        out=_nothing(m),
        number=number,
        kind=kernel.KINDS[kind],
    )


def _ray(family: Targets) -> Rows:
    """One council for all targets, which wants them in fixed proportion."""
    good = np.asarray(family.good, dtype=np.int32)
    return Rows(
        indptr=np.array([0, len(good)], dtype=np.int64),
        good=good,
        coef=np.asarray(family.target, dtype=np.float64),
        out=_nothing(1),
        number=_buyers(np.array([np.sum(family.weight)]), 0.0),
        kind=kernel.KINDS["row"],
    )


_LAYOUTS: dict[type, Callable[[Any], Rows]] = {
    CESConsumers: _consumers,
    CESWorkers: _ces_workers,
    CobbDouglasConsumers: _consumers,
    CobbDouglasWorkers: _cobb_douglas_workers,
    LeontiefConsumers: _consumers,
    Suppliers: _suppliers,
    Targets: _targets,
}
