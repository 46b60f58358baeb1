"""The linear programme of a linear-representable economy, apart from any solver.

    minimise    sum of  slopes x pieces, with a minus sign      (the outer approximation of terms)
    subject to  net supply of each good by columns + terms  >=  needs - endowment     rows 0..n-1
                own rows of the parts                       >=  0                     rows n...
                0 <= columns <= upper,  0 <= pieces <= their widths

Columns come first, part by part, then the pieces, term by term. The multipliers of the first n rows
are prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.backends.concave import N_PIECES, Logarithm, Pieces, pieces
from parecon.backends.linear_parts import LinearPart, part_of
from parecon.economy import Economy
from parecon.problem import total_needs

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Programme:
    """Rows, columns and terms of an economy.

    matrix : (rows, columns) CSC, without the pieces. upper : (columns,). lower : (rows,).
    row, sign, most : (T,) of all terms, see `Terms`, rows counted over the whole programme.
    columns, terms : per part its slice of columns and of terms.
    constant : money, of welfare beside the terms.
    """

    economy: Economy
    parts: tuple[LinearPart, ...]
    matrix: sp.csc_array
    upper: Array
    lower: Array
    row: Index
    sign: Array
    most: Array
    columns: tuple[slice, ...]
    terms: tuple[slice, ...]
    constant: float

    @property
    def n_terms(self) -> int:
        """T"""
        return len(self.row)

    @property
    def single(self) -> bool:
        """Whether one logarithm is all there is to maximise: then its argument will do."""
        functions = [part.terms.function for part in self.parts if part.terms is not None]
        return self.n_terms == 1 and isinstance(functions[0], Logarithm)

    def pieces(self, centre: Array, spread: Array) -> Pieces:
        """Pieces of all terms around `centre` (T,), see `concave.pieces`.

        Where one logarithm is all there is, one piece: its argument itself, at a slope of 1.
        """
        if self.single:
            return Pieces(np.ones((1, 1)), np.full((1, 1), np.inf), np.zeros(1))
        found = [
            pieces(part.terms.function, centre[at], spread[at], self.most[at])
            for part, at in zip(self.parts, self.terms, strict=True)
            if part.terms is not None
        ]
        if not found:
            none = np.empty((1, 0))
            return Pieces(none, none, np.empty(0))
        return Pieces(
            slope=np.concatenate([p.slope for p in found], axis=1),
            width=np.concatenate([p.width for p in found], axis=1),
            start=np.concatenate([p.start for p in found]),
        )

    def value(self, t: Array) -> Array:
        """(T,) f(t)."""
        return self._each("value", t)

    def slope(self, t: Array) -> Array:
        """(T,) f'(t)."""
        return self._each("slope", t)

    def at_slope(self, slope: Array) -> Array:
        """(T,) where f' is `slope`, at most `most`."""
        return np.minimum(self._each("at_slope", slope), self.most)

    def _each(self, what: str, argument: Array) -> Array:
        result = np.empty(self.n_terms)
        for part, at in zip(self.parts, self.terms, strict=True):
            if part.terms is not None:
                result[at] = getattr(part.terms.function, what)(argument[at])
        return result

    def values(self, x: Array, t: Array) -> list[dict[str, Array]]:
        """Per family its quantities, physical units."""
        return [
            part.values(x[columns], t[terms])
            for part, columns, terms in zip(self.parts, self.columns, self.terms, strict=True)
        ]

    def row_guess(self, price: Array) -> Array:
        """(rows,) multipliers at prices (n,) > 0: of own rows the least cost of what fills them."""
        cost = -(self.matrix[: self.n_goods].T @ price)
        own = sp.coo_array(self.matrix[self.n_goods :])
        least = np.full(own.shape[0], np.inf)
        np.minimum.at(least, own.coords[0], cost[own.coords[1]] / own.data)
        return np.concatenate([price, least])

    def row_names(self) -> list[str]:
        """Of goods `clear:good`, then of the parts' own rows."""
        names = [f"clear:{self.economy.goods.name(i)}" for i in range(self.economy.n_goods)]
        return names + [name for part in self.parts for name in part.own_names]

    def column_names(self) -> list[str]:
        """Of the columns without the pieces."""
        names: list[str] = []
        for part in self.parts:
            if part.good is None:
                names += part.names
            else:
                goods = map(self.economy.goods.name, part.good.tolist())
                names += [f"{name}:{good}" for name, good in zip(part.names, goods, strict=True)]
        return names

    def piece_names(self) -> list[str]:
        """Of the pieces, term by term."""
        count = 1 if self.single else N_PIECES
        names = []
        for family, part in zip(self.economy.families, self.parts, strict=True):
            if part.terms is None:
                continue
            for row, council in zip(part.terms.row, part.terms.council, strict=True):
                who = family.council_name(int(council))
                good = f":{self.economy.goods.name(int(row))}" if row < self.n_goods else ""
                names += [f"piece:{family.title}:{who}{good}:{k}" for k in range(count)]
        return names

    @property
    def n_goods(self) -> int:
        """n"""
        return self.economy.n_goods


def programme_of(economy: Economy) -> Programme:
    """Put the parts of all families together; they must be linear-representable."""
    n = economy.n_goods
    parts = tuple(part_of(family, n) for family in economy.families)
    own_rows = [part.own.shape[0] for part in parts]
    flows = sp.hstack([part.flow for part in parts], format="csc")
    own = sp.block_diag([part.own for part in parts], format="csc")
    row, sign, most = [], [], []
    columns, terms = [], []
    first_row, first_column, first_term, constant = n, 0, 0, 0.0
    for part, rows in zip(parts, own_rows, strict=True):
        k, count = part.flow.shape[1], 0
        if part.terms is not None:
            t = part.terms
            count = len(t.row)
            row.append(np.where(t.row >= n, t.row - n + first_row, t.row))
            sign.append(np.full(count, t.sign))
            most.append(t.most)
            constant += t.constant
        columns.append(slice(first_column, first_column + k))
        terms.append(slice(first_term, first_term + count))
        first_row, first_column, first_term = first_row + rows, first_column + k, first_term + count
    endowment = np.asarray(economy.endowment, dtype=np.float64)
    return Programme(
        economy=economy,
        parts=parts,
        matrix=sp.csc_array(sp.vstack([flows, own], format="csc")),
        upper=np.concatenate([part.upper for part in parts]),
        lower=np.concatenate([total_needs(economy) - endowment, np.zeros(sum(own_rows))]),
        row=np.concatenate(row).astype(np.intp),
        sign=np.concatenate(sign),
        most=np.concatenate(most),
        columns=tuple(columns),
        terms=tuple(terms),
        constant=constant,
    )
