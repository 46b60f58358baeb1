"""Rounds of a procedure for programs in C, C++ and Cython: prices in, sums of proposals out.

A `Round` compiles an economy into plain arrays. What C and Cython do with it stands in
`parecon_round.h` and `__init__.pxd` beside this file; `docs/embedding.md` has examples. Functions
run without the interpreter and its lock.

Attributes
----------
C_API : capsule "parecon.capi.C_API", the table of functions of parecon_round.h.
ADDRESSES : mapping, the address of each function by its name, for ctypes, cffi and Numba.
VERSION : int, of the table; grows when functions join. What is there stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon._kernels import rounds as _kernel

# Where a module that cimports functions from here finds them.
from parecon._kernels.rounds import __pyx_capi__  # noqa: F401
from parecon.capi._layout import rows_of
from parecon.curvature import Rows as _Blocks
from parecon.curvature import Scratch
from parecon.economy import Economy
from parecon.errors import EconomyError, PlanError, SettingsError
from parecon.problem import total_needs

__all__ = ["ADDRESSES", "C_API", "VERSION", "Answer", "Round", "get_include"]

VERSION: int = _kernel.VERSION
C_API: object = _kernel.C_API
ADDRESSES: Mapping[str, int] = MappingProxyType(_kernel.ADDRESSES)

Array = NDArray[np.float64]


def get_include() -> str:
    """Folder of `parecon_round.h`, for a C compiler's include path."""
    return str(Path(__file__).resolve().parent)


@dataclass(frozen=True, eq=False)
class Answer:
    """What all councils together answered.

    supply : (n,) physical units, endowment included; demand : (n,) physical units, needs included.
    dual : float, Phi at the prices, money: no feasible plan is worth more.
    """

    supply: Array
    demand: Array
    dual: float

    @property
    def excess_demand(self) -> Array:
        """(n,) demand - supply, physical units: > 0 a shortage."""
        return self.demand - self.supply


class Round(_kernel.Compiled):  # type: ignore[misc]
    """An economy compiled for callers in C; in Python it answers prices as C would.

    Councils are numbered through the families in the order of the economy. Families must be flat
    and have one best proposal at any prices: Cobb-Douglas, CES and Leontief consumers; Cobb-Douglas
    and CES workers with returns below one, with or without capacities; suppliers; targets, except
    the form `linear` (the form `ray` is one council).

    Parameters
    ----------
    economy : Economy
    n_threads : int, threads of one answer; the bits of the answer do not depend on it.

    Attributes
    ----------
    handle : capsule "parecon.capi.Round" with the address of the round.
    address : int, the same as a number; good for as long as this object lives.

    Raises EconomyError naming the first family that cannot take part, and why.
    """

    def __init__(self, economy: Economy, *, n_threads: int = 1) -> None:
        if n_threads < 1:
            raise SettingsError(f"n_threads: expected an integer of at least 1, got {n_threads!r}")
        self.n_threads = n_threads
        self.economy = economy
        self._rows = [rows_of(family) for family in economy.families]
        self._compile()

    def update(
        self,
        *,
        endowment: ArrayLike | Mapping[str, float] | None = None,
        families: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Change endowments or columns of families, as `Economy.replace` does.

        The address stays as it is; no answer may be under way. What C has written into the
        endowment is kept unless `endowment` says otherwise.
        """
        written = self.endowment.copy()
        economy = self.economy.replace(endowment=endowment, families=families)
        old = zip(economy.families, self.economy.families, self._rows, strict=True)
        rows = [kept if new is before else rows_of(new) for new, before, kept in old]
        self.economy, self._rows = economy, rows
        self._compile()
        if endowment is None:
            self.endowment[:] = written

    def answer(self, price: ArrayLike) -> Answer:
        """Announce prices (n,) > 0, money per physical unit; return the sums of all answers.

        Raises PlanError naming the first good whose price is no positive finite number.
        """
        announced = self._announced(price)
        supply, demand = np.empty(self.n_goods), np.empty(self.n_goods)
        status, dual = self.answer_into(announced, supply, demand)
        self._check(status, announced)
        return Answer(supply=supply, demand=demand, dual=dual)

    def propose(self, council: int, price: ArrayLike) -> tuple[NDArray[np.int32], Array, float]:
        """One council's own best proposal: (goods used (k,), quantities (k,), quantity made).

        Quantities are in physical units, consumers' beyond their needs. Raises PlanError as
        `answer` does, and for a council that does not exist.
        """
        if not 0 <= council < self.n_councils:
            raise PlanError(
                f"council: expected 0 to {self.n_councils - 1}, got {council!r}: "
                "councils are numbered through all families"
            )
        announced = self._announced(price)
        entries = slice(self._indptr[council], self._indptr[council + 1])
        used = np.empty(entries.stop - entries.start + 1)
        status, made = self.propose_into(council, announced, used)
        self._check(status, announced)
        return self._good[entries], used[:-1], made

    def council(self, family: str, council: int | str = 0) -> int:
        """The number of a council: of its family's label, and its place there or its name.

        Raises EconomyError where there is none.
        """
        labels = [each.title for each in self.economy.families]
        if family not in labels:
            raise EconomyError(f"no family {family!r}, there are {', '.join(map(repr, labels))}")
        which = labels.index(family)
        place = council
        if isinstance(council, str):
            names = list(self.economy.families[which].names or ())
            place = names.index(council) if council in names else -1
        if not isinstance(place, int) or not 0 <= place < len(self._rows[which]):
            raise EconomyError(
                f"{family}: no council {council!r}, there are {len(self._rows[which]):,}"
            )
        return sum(len(rows) for rows in self._rows[:which]) + place

    @property
    def n_goods(self) -> int:
        """Number of goods n."""
        return self.economy.n_goods

    @property
    def n_councils(self) -> int:
        """Number of councils."""
        return len(self._indptr) - 1

    # -- arrays -----------------------------------------------------------------------------------

    def _compile(self) -> None:
        """Lay all families out one after the other, and hand the arrays to the kernel."""
        n, all_rows = self.n_goods, self._rows
        sizes = np.cumsum([0, *(len(rows.good) for rows in all_rows)])
        parts = [rows.indptr[1:] + at for rows, at in zip(all_rows, sizes, strict=False)]
        self._indptr = np.concatenate([[0], *parts]).astype(np.int64)
        self._good = _joined([rows.good for rows in all_rows], np.int32)
        still = _joined([rows.still for rows in all_rows], np.bool_)[:-1]
        coef = _joined([rows.coef for rows in all_rows], np.float64)
        number = np.concatenate(
            [*(rows.number for rows in all_rows), np.zeros((1, _kernel.N_COLUMNS))]
        )
        kinds = [np.full(len(rows), rows.kind, dtype=np.uint8) for rows in all_rows]
        moving = np.flatnonzero(~still)
        block = _blocks(self._indptr, moving, n)
        spending, constant = self._of_the_still(still, coef, number)
        self.endowment = np.array(self.economy.endowment, dtype=np.float64)
        widest = int(np.max(np.diff(self._indptr), initial=0))
        self.hold(
            block, moving, self._indptr, self._good, coef, _joined(kinds, np.uint8),
            _joined([rows.out for rows in all_rows], np.int32), number, total_needs(self.economy),
            spending, constant, self.endowment, np.empty(n), np.empty((len(block) - 1, 2 * n + 1)),
            np.empty((len(block) - 1, max(widest, 1))), self.n_threads,
        )  # fmt: skip

    def _of_the_still(
        self, still: NDArray[np.bool_], coef: Array, number: Array
    ) -> tuple[Array, float]:
        """What councils whose spending never changes spend on each good; their dual's constant."""
        places = _kernel.PLACES
        weight = np.where(still, np.exp(number[:-1, places["K0"]]), 0.0)
        council = np.repeat(np.arange(self.n_councils), np.diff(self._indptr))
        spending = np.bincount(
            self._good[:-1], weights=weight[council] * coef[:-1], minlength=self.n_goods
        )
        return spending.astype(np.float64), float(np.sum(number[:-1, places["DUAL0"]][still]))

    def _announced(self, price: ArrayLike) -> Array:
        announced = np.ascontiguousarray(price, dtype=np.float64)
        if announced.shape != (self.n_goods,):
            raise PlanError(
                f"price: expected one for each of {self.n_goods} goods, got {announced.shape}"
            )
        return announced

    def _check(self, status: int, price: Array) -> None:
        if status > 0:
            name = self.economy.goods.name(status - 1)
            raise PlanError(
                f"price of {name!r}: expected a positive finite number, got {price[status - 1]!r}"
            )


def _joined(parts: list[Any], kind: Any) -> NDArray[Any]:
    """The parts one after the other and one entry more, so that there is something to point at."""
    return np.concatenate([*parts, np.zeros(1, dtype=kind)]).astype(kind, copy=False)


def _blocks(
    indptr: NDArray[np.int64], moving: NDArray[np.int64], n_goods: int
) -> NDArray[np.int64]:
    """Bounds, in `moving`, of blocks with about equal numbers of entries: fixed by the data."""
    # a council without entries, a supplier, is work too
    bounds = np.concatenate([[0], np.cumsum(np.diff(indptr)[moving] + 1)]).astype(np.int64)
    pattern = np.zeros(int(bounds[-1]), dtype=np.int32)
    return _Blocks.from_indptr(bounds, pattern, Scratch(n_goods, 1)).block
