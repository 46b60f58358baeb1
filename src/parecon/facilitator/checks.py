"""What councils tell, made into rows of quantities, or refused with the council and good named."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon._columns import IndexArray, csr_matrix, float_vector, row_of
from parecon.errors import (
    BoardError,
    EconomyError,
    PareconError,
    ProposalError,
    UnknownGoodError,
    list_some,
)
from parecon.facilitator.records import OTHER, PRICES, QUANTITIES, Array, Council
from parecon.goods import Goods

EVERYBODY = "the sums of all councils"


@dataclass(frozen=True, eq=False)
class Told:
    """Proposals of k councils as rows without zeros, goods in order.

    supply, demand : (k, n) CSR > 0, physical units.
    sensitivity : (k, n) CSR > 0, d(supply - demand)/d log p of the good, physical units; or None
        where none was told.
    """

    supply: sp.csr_array
    demand: sp.csr_array
    sensitivity: sp.csr_array | None = None

    def sides(self) -> Iterator[tuple[str, sp.csr_array]]:
        """What was told, with its name."""
        yield "supply", self.supply
        yield "demand", self.demand
        if self.sensitivity is not None:
            yield "sensitivity", self.sensitivity

    def of(self, rows: list[int]) -> Told:
        """Some of the proposals."""
        return Told(*(matrix[rows] for _, matrix in self.sides()))


def told_by_one(goods: Goods, who: str, supply: Any, demand: Any, sensitivity: Any) -> Told:
    """The proposal of one council, from {good: quantity} or (n,) arrays; None: nothing.

    who : how an error names the council. Raises ProposalError.
    """

    def row(value: Any, side: str) -> sp.csr_array:
        return _row(goods, value, f"{who}: {side}")

    return Told(
        row(supply, "supply"),
        row(demand, "demand"),
        None if sensitivity is None else row(sensitivity, "sensitivity"),
    )


def told_by_many(
    goods: Goods, councils: Sequence[str], supply: Any, demand: Any, sensitivity: Any
) -> Told:
    """Proposals of k councils, from (k, n) dense or SciPy-sparse matrices; None: nothing.

    Raises ProposalError naming councils and goods.
    """

    def rows(value: Any, side: str) -> sp.csr_array:
        return _matrix(goods, councils, value, side)

    return Told(
        rows(supply, "supply"),
        rows(demand, "demand"),
        None if sensitivity is None else rows(sensitivity, "sensitivity"),
    )


def _row(goods: Goods, value: Any, where: str) -> sp.csr_array:
    if value is None:
        return _single(np.zeros(0, dtype=np.int32), np.zeros(0), len(goods))
    if isinstance(value, Mapping):
        return _by_name(goods, value, where)
    try:
        vector = float_vector(value, where, length=len(goods))
    except EconomyError as error:
        raise ProposalError(str(error)) from error
    good = np.arange(len(goods), dtype=np.int32)
    _check_range(vector, where, lambda k: f"of {goods.name(k)!r}")
    return _single(good, vector, len(goods))


def _by_name(goods: Goods, value: Mapping[Any, Any], where: str) -> sp.csr_array:
    try:
        good = goods.index(value.keys())
    except UnknownGoodError as error:
        raise ProposalError(f"{where}: {error}") from error
    names = list(value)
    quantity = np.array([_number(q, f"{where} of {n!r}") for n, q in value.items()], dtype=float)
    _check_range(quantity, where, lambda k: f"of {names[k]!r}")
    order = np.argsort(good, kind="stable")
    return _single(good[order], quantity[order], len(goods))


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise ProposalError(f"{where}: expected a number, got {value!r}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _single(good: IndexArray, quantity: Array, n_goods: int) -> sp.csr_array:
    some = np.flatnonzero(quantity)
    return sp.csr_array((quantity[some], good[some], np.array([0, len(some)])), shape=(1, n_goods))


def _matrix(goods: Goods, councils: Sequence[str], value: Any, side: str) -> sp.csr_array:
    def council(row: int) -> str:
        return f"council {councils[row]!r}"

    shape = (len(councils), len(goods))
    if value is None:
        return sp.csr_array(shape)
    if isinstance(value, list | tuple) and any(isinstance(row, Mapping) for row in value):
        return _rows_by_name(goods, councils, value, side)
    try:
        rows = csr_matrix(value, side, shape=shape, row_name=council)
    except EconomyError as error:
        raise ProposalError(str(error)) from error
    _check_range(
        rows.data,
        side,
        lambda k: f"of {goods.name(rows.indices[k])!r} by {council(int(row_of(rows.indptr, k)))}",
    )
    if not rows.data.all():
        rows = rows.copy()
        rows.eliminate_zeros()
    return rows


def _rows_by_name(
    goods: Goods, councils: Sequence[str], value: Sequence[Any], side: str
) -> sp.csr_array:
    if len(value) != len(councils):
        raise ProposalError(f"{side}: expected {len(councils):,} rows, got {len(value):,}")
    rows = [
        _row(goods, row, f"council {name!r}: {side}")
        for name, row in zip(councils, value, strict=True)
    ]
    return sp.vstack(rows, format="csr")


def _check_range(values: Array, where: str, what: Callable[[int], str]) -> None:
    if QUANTITIES.holds(values):
        return
    wrong = QUANTITIES.outside(values)
    found = list_some((f"{float(values[k])!r} {what(k)}" for k in wrong.tolist()), wrong.size)
    raise ProposalError(f"{where}: expected quantities {QUANTITIES.text}, got {found}")


def council_told(
    name: Any, known: Council | None, kind: str | None = None, budget: float | None = None
) -> Council:
    """What is now known of a council that tells something. Raises ProposalError."""
    try:
        if known is None:
            return Council(name, OTHER if kind is None else kind, budget)
        return Council(
            name,
            known.kind if kind is None else kind,
            known.budget if budget is None else budget,
        )
    except BoardError as error:
        raise ProposalError(str(error)) from error


def round_told(round: int | None, open_round: int, who: str) -> int:
    """The announcement that a proposal answers, None: the open one. Raises ProposalError."""
    if round is None:
        return open_round
    if isinstance(round, bool) or not isinstance(round, int | np.integer):
        raise ProposalError(f"{who}: round: expected a whole number, got {round!r}")
    if not 1 <= round <= open_round:
        raise ProposalError(
            f"{who}: expected an answer to round 1 to {open_round}, got one to round {round}"
        )
    return int(round)


def distinct(councils: Iterable[Council], error: type[PareconError]) -> list[Council]:
    """The councils; raises the error if one is no Council or a name occurs twice."""
    listed = list(councils)
    for council in listed:
        if not isinstance(council, Council):
            raise error(f"councils: expected a Council, got {council!r}")
    count = Counter(council.name for council in listed)
    if len(count) < len(listed):
        twice = [repr(name) for name, times in count.items() if times > 1]
        raise error(f"councils: expected each once, got {list_some(twice, len(twice))} twice")
    return listed


def prices_from(goods: Goods, value: Any) -> Array:
    """Start prices (n,) > 0 from one number, an array or {good: price}. Raises BoardError."""
    if isinstance(value, Mapping):
        without = [name for name in goods.names if name not in value]
        if without:
            some = list_some(map(repr, without), len(without))
            raise BoardError(f"start_price: expected a price for every good, got none for {some}")
    price = _vector(goods, value, "start_price")
    wrong = PRICES.outside(price)
    if wrong.size:
        named = (f"{price[i]} of {goods.name(i)!r}" for i in wrong.tolist())
        found = list_some(named, wrong.size)
        raise BoardError(f"start_price: expected prices {PRICES.text}, got {found}")
    return price


def endowment_from(goods: Goods, value: Any) -> Array:
    """Endowment (n,) >= 0 from None, an array or {good: quantity}. Raises BoardError."""
    endowment = _vector(goods, {} if value is None else value, "endowment")
    wrong = QUANTITIES.outside(endowment)
    if wrong.size:
        named = (f"{endowment[i]} of {goods.name(i)!r}" for i in wrong.tolist())
        found = list_some(named, wrong.size)
        raise BoardError(f"endowment: expected quantities {QUANTITIES.text}, got {found}")
    return endowment


def _vector(goods: Goods, value: Any, where: str) -> Array:
    """(n,) from one number, an array or {good: number}, absent goods 0; read-only."""
    try:
        if isinstance(value, Mapping):
            vector = np.zeros(len(goods))
            vector[goods.index(value.keys())] = [
                _number(number, f"{where} of {name!r}") for name, number in value.items()
            ]
        else:
            vector = np.array(float_vector(value, where, length=len(goods), broadcast=True))
    except UnknownGoodError as error:
        raise BoardError(f"{where}: {error}") from error
    except (EconomyError, ProposalError) as error:
        raise BoardError(str(error)) from error
    vector.flags.writeable = False
    return vector
