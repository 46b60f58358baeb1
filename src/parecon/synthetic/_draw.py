"""Random draws for whole blocks of councils at once, and the checks of what was asked for.

Councils are drawn in blocks of rows, so that the working memory stays small beside the economy.
The length of a block depends on the width of a row only, never on the machine: a seed gives the
same economy everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeGuard

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.errors import EconomyError

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]
Seed = int | np.random.Generator

_BLOCK_ENTRIES = 1 << 21
_REDRAWS = 40


def generator(seed: Seed) -> np.random.Generator:
    """Turn a seed into a generator; a generator is used, and moved on, as it is."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(check_count("seed", seed, 0))


def check_count(name: str, value: object, least: int = 1, most: float = math.inf) -> int:
    """Return a whole number within its bounds, or say which bound it breaks."""
    if (
        isinstance(value, int | np.integer)
        and not isinstance(value, bool)
        and least <= value <= most
    ):
        return int(value)
    upper = "" if math.isinf(most) else f" and <= {most:,}"
    raise EconomyError(f"{name}: expected a whole number >= {least:,}{upper}, got {value!r}")


def check_number(
    name: str, value: object, least: float, most: float, *, open_below: bool = False
) -> float:
    """Return a number of [least, most] ((least, most] if open below), or say what was expected."""
    if _is_number(value):
        number = float(value)
        if least < number <= most if open_below else least <= number <= most:
            return number
    bracket = "(" if open_below else "["
    raise EconomyError(f"{name}: expected a number in {bracket}{least:g}, {most:g}], got {value!r}")


def check_range(name: str, value: object, least: float, most: float) -> tuple[float, float]:
    """Return a pair (low, high) with least < low <= high < most."""
    if isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_number, value)):
        low, high = float(value[0]), float(value[1])
        if least < low <= high < most:
            return low, high
    raise EconomyError(
        f"{name}: expected a pair (low, high) with {least:g} < low <= high < {most:g}, "
        f"got {value!r}"
    )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def row_blocks(n_rows: int, width: int) -> Iterator[slice]:
    """Cut rows into blocks of about two million entries (`width` entries in a row)."""
    step = max(1, _BLOCK_ENTRIES // max(1, width))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def uniform_subsets(
    rng: np.random.Generator, count: Ints | int, n_pool: int, n_rows: int, width: int
) -> NDArray[np.int32]:
    """Draw for each row a subset of ``range(n_pool)``, every subset of its size equally likely.

    Parameters
    ----------
    count : (n_rows,) int or int
        Size of each subset, at most `width` and at most `n_pool`.

    Returns
    -------
    (n_rows, width) int32
        Ascending in each row; places beyond the count hold `n_pool`.
    """
    if np.isscalar(count) and count == n_pool:
        filled = np.full((n_rows, width), n_pool, dtype=np.int32)
        filled[:, :n_pool] = np.arange(n_pool, dtype=np.int32)
        return filled
    # Floyd's scheme compares each draw with those before it; sorting random keys costs a row of
    # the pool. The factor is where the two took the same time.
    if width * width <= 32 * n_pool:
        return _floyd(rng, np.broadcast_to(count, n_rows), n_pool, width)
    chosen = np.argsort(rng.random((n_rows, n_pool), dtype=np.float32), axis=1)[:, :width]
    goods = np.full((n_rows, width), n_pool, dtype=np.int32)
    goods[:, : chosen.shape[1]] = chosen
    if not np.isscalar(count):
        goods[np.arange(width) >= np.reshape(count, (-1, 1))] = n_pool
    goods.sort(axis=1)
    return goods


def _floyd(rng: np.random.Generator, count: Ints, n_pool: int, width: int) -> NDArray[np.int32]:
    """R. Floyd's sampling without replacement (Bentley and Floyd, 1987, "A sample of brilliance").

    Step j of a subset of size k draws t from ``range(n_pool - k + j + 1)`` and takes it, or the
    last member of that range where t was taken before. One column of all rows is one step.
    """
    columns = np.full((width, count.size), n_pool, dtype=np.int32)
    for j in range(width):
        last = n_pool - count + j
        draw = (rng.random(count.size) * (last + 1)).astype(np.int32)
        taken = np.zeros(count.size, dtype=bool)
        for earlier in columns[:j]:
            taken |= earlier == draw
        columns[j] = np.where(j < count, np.where(taken, last, draw), n_pool)
    goods = np.ascontiguousarray(columns.T)
    goods.sort(axis=1)
    return goods


def n_covering(name: str, n_rows: int, n_goods: int, count: int) -> int:
    """How many goods each row must take for sure so that together the rows take every good."""
    each = -(-n_goods // n_rows)
    if each > count:
        raise EconomyError(
            f"{n_rows:,} {name} with {count:,} goods each cannot want all of {n_goods:,} goods; "
            "raise either number"
        )
    return each


def covering_goods(rows: slice, each: int, n_goods: int) -> NDArray[np.int32]:
    """The goods that rows take for sure, round robin: row h has goods h*each, h*each + 1, ..."""
    first = np.arange(rows.start, rows.stop, dtype=np.int64)[:, None] * each
    return ((first + np.arange(each)) % n_goods).astype(np.int32)


def covering_subsets(
    rng: np.random.Generator, rows: slice, each: int, n_goods: int, count: int
) -> NDArray[np.int32]:
    """Draw `count` goods a row: the covering ones first, then a uniform subset of the others.

    The row's goods are counted from its first one around the circle, which makes the others
    ``range(each, n_goods)`` for every row.
    """
    goods = np.empty((rows.stop - rows.start, count), dtype=np.int32)
    goods[:, :each] = covering_goods(rows, each, n_goods)
    rest = count - each
    if rest:
        goods[:, each:] = uniform_subsets(rng, rest, n_goods - each, goods.shape[0], rest)
        goods[:, each:] += goods[:, :1] + each
        goods[:, each:] %= n_goods
    return goods


def make_distinct(
    rng: np.random.Generator,
    goods: NDArray[np.int32],
    redraw: Callable[[Ints], Ints],
    n_goods: int,
    each: int = 0,
) -> NDArray[np.int32]:
    """Redraw repeated goods of a row until there are none; return the rows sorted.

    Parameters
    ----------
    goods : (R, k) int32
        The draws. The first `each` columns, distinct and consecutive around the circle of goods,
        are kept.
    redraw : callable
        Takes row numbers, one for every repeated good, and returns new goods.
    n_goods : int
        Size of the pool. A row that still repeats itself after many redraws (it wants nearly all
        its favourite goods) has its free columns drawn uniformly.
    """
    width = goods.shape[1]
    pending = np.arange(goods.shape[0])
    for _ in range(_REDRAWS):
        # The column rides along in the key, so that of equal goods the later column is redrawn.
        key = goods[pending].astype(np.int64) * width + np.arange(width)
        key.sort(axis=1)
        row, place = np.nonzero(key[:, 1:] // width == key[:, :-1] // width)
        if not row.size:
            pending = pending[:0]
            break
        goods[pending[row], key[row, place + 1] % width] = redraw(pending[row])
        pending = pending[np.unique(row)]
    if pending.size:
        free = uniform_subsets(rng, width - each, n_goods - each, pending.size, width - each)
        first = goods[pending, :1] + each if each else 0
        goods[pending, each:] = (free + first) % n_goods
    goods.sort(axis=1)
    return goods


def full_rows(goods: NDArray[np.int32], values: Floats, n_goods: int) -> sp.csr_array:
    """CSR matrix whose rows all have the same number of entries, sorted: (R, k) and (R, k)."""
    n_rows, width = goods.shape
    start = np.arange(n_rows + 1, dtype=np.int64) * width
    return assemble(values.reshape(-1), goods.reshape(-1), start, n_goods)


def assemble(values: Floats, goods: NDArray[np.int32], start: Ints, n_goods: int) -> sp.csr_array:
    """CSR matrix from its three arrays, without copying values and goods (sorted, distinct)."""
    index_type = np.int32 if start[-1] < np.iinfo(np.int32).max else np.int64
    matrix = sp.csr_array(
        (values, goods, start.astype(index_type, copy=False)), shape=(start.size - 1, n_goods)
    )
    matrix.has_sorted_indices = True
    matrix.has_canonical_format = True
    return matrix


def normalise_rows(values: Floats) -> Floats:
    """Divide each row of a block by its sum, in place."""
    values /= values.sum(axis=1, keepdims=True)
    return values


def spread(rng: np.random.Generator, deviation: float, size: int | tuple[int, ...]) -> Floats:
    """Positive numbers with logarithms normal around 0: ``exp(deviation * N(0, 1))``."""
    values = rng.standard_normal(size)
    values *= deviation
    return np.exp(values, out=values)
