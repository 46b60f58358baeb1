"""The book economy: Hahnel, *Democratic Economic Planning* (2021), ch. 9.

Five kinds of goods with the same number of categories each, numbered kind * categories + category:
private (0), intermediate (1), public (2), nature (3) and labour (4). Worker councils make private,
intermediate and public goods from intermediate goods, nature and labour:

    q = A * prod_i x_i^b_i * e^c ,   disutility of effort k_s e^k   (DESIGN section 3)

Consumer councils spend their income on private and public goods, in proportion to their utility
exponents. Distributions follow the book; the published instances agree with them (see the tests).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon.economy import Economy, Goods
from parecon.errors import EconomyError, FormatError
from parecon.families import CobbDouglasConsumers, CobbDouglasWorkers, Effort
from parecon.synthetic._book_changes import (
    UTILITY_EXPONENT,
    book_increasing_returns,
    book_second_year,
)
from parecon.synthetic._draw import (
    Floats,
    Ints,
    Seed,
    assemble,
    check_count,
    check_number,
    check_range,
    covering_subsets,
    generator,
    n_covering,
    normalise_rows,
    row_blocks,
    uniform_subsets,
)

KINDS = ("private", "intermediate", "public", "nature", "labour")
"""Kinds of goods, in the order of their numbers."""
PRODUCTIVITY = (4.0, 6.0)
"""Range of A, uniform."""
EFFORT_EXPONENT = (0.05, 0.1)
"""Range of c, uniform."""
EFFORT_POWER = (3.0, 4.0)
"""Range of k, uniform."""
EFFORT_SCALE = 1.0
"""k_s, money per unit of effort^k; 1 in every published instance."""
MAX_INPUTS = {1: 4, 3: 2, 4: 2}
"""Most inputs of each kind that a worker council uses; it uses at least one."""
COUNCILS_PER_CATEGORY = 300
"""Worker councils per category at which a council's natural and labour endowment is 1000."""

_MADE = 3
_KEYS = (
    "worker_kind", "worker_product", "productivity", "effort_exponent",
    "effort_disutility_power", "effort_disutility_scale", "input_offset", "input_good",
    "input_exponent", "income", "private_exponent", "public_exponent",
)  # fmt: skip


def book(
    n_workers: int = 30_000,
    n_consumers: int = 30_000,
    categories: int = 100,
    *,
    seed: Seed,
    exponent_sum: tuple[float, float] = (0.75, 0.85),
    endowment_scale: float = 1000.0,
    income: float = 5000.0,
    goods_per_consumer: int | None = None,
    increasing_returns: float = 0.0,
) -> Economy:
    """Draw a book economy of any size.

    Worker councils are spread evenly over the categories of private, intermediate and public
    goods, in that order. Each uses 1-4 intermediate goods, 1-2 kinds of nature and 1-2 of labour
    (every number as likely, every set of goods as likely; it may use its own product), with

        b_i ~ U(exponent_sum) / number of inputs,  c ~ U(.05, .1),  k ~ U(3, 4),  A ~ U(4, 6).

    A small economy may leave a natural good or a kind of labour unused: its price is then zero.

    Parameters
    ----------
    n_workers, n_consumers : int
        Councils; at least one worker council for each of the 3 * categories goods to be made.
    categories : int
        Goods of each of the five kinds.
    exponent_sum : (low, high)
        Range of the b_i times the number of inputs. Where high + .1/3 >= 1 returns could increase
        and the range is refused. The book rule does not converge at (.85, .95).
    endowment_scale : float
        Physical units of each natural good and kind of labour, at 300 worker councils to the
        category (the book's 30,000 at 100 categories); in proportion to their number elsewhere.
    income : float
        Budget of each consumer council, money per plan year.
    goods_per_consumer : int, optional
        Private and public goods in the utility of a council, drawn at random and together covering
        all. Default: all of them, as in the book. Large economies need a limit to fit in memory.
    increasing_returns : float
        Part of the worker councils whose returns increase, .2 in the book's experiments with them:
        see `book_increasing_returns`. Everything else is as without them. Such an economy can be
        simulated when asked for (`parecon.simulate(..., first_order=True)`), not planned.

    Raises
    ------
    EconomyError
        A parameter is out of its range.
    """
    _check(n_workers, n_consumers, categories, exponent_sum, endowment_scale, income)
    rng = generator(seed)
    economy, _ = _draw(
        rng, (n_workers, n_consumers, categories), exponent_sum, endowment_scale, income,
        goods_per_consumer,
    )  # fmt: skip
    if increasing_returns == 0.0:
        return economy
    return book_increasing_returns(economy, increasing_returns, seed=_chooser(rng))


def book_years(
    n_workers: int = 30_000,
    n_consumers: int = 30_000,
    categories: int = 100,
    *,
    seed: Seed,
    exponent_sum: tuple[float, float] = (0.75, 0.85),
    endowment_scale: float = 1000.0,
    income: float = 5000.0,
    goods_per_consumer: int | None = None,
    increasing_returns: float = 0.0,
) -> tuple[Economy, Economy]:
    """Draw a book economy and its second year (see `book_second_year`).

    The first year is that of `book` with the same arguments; councils with increasing returns are
    the same in both. The two share all that does not change. Parameters and errors as for `book`
    and `book_second_year`.
    """
    _check(n_workers, n_consumers, categories, exponent_sum, endowment_scale, income)
    rng = generator(seed)
    first, utility_total = _draw(
        rng, (n_workers, n_consumers, categories), exponent_sum, endowment_scale, income,
        goods_per_consumer,
    )  # fmt: skip
    second = book_second_year(first, seed=rng, utility_total=utility_total)
    if increasing_returns == 0.0:
        return first, second
    chooser = _chooser(rng)
    return (
        book_increasing_returns(first, increasing_returns, seed=chooser),
        book_increasing_returns(second, increasing_returns, seed=chooser),
    )


def _chooser(rng: np.random.Generator) -> int:
    """A seed from a stream of its own, which leaves all other draws as they are."""
    return int(rng.spawn(1)[0].integers(np.iinfo(np.int64).max))


def _draw(
    rng: np.random.Generator,
    sizes: tuple[int, int, int],
    exponent_sum: tuple[float, float],
    endowment_scale: float,
    income: float,
    goods_per_consumer: int | None,
) -> tuple[Economy, Floats]:
    """The economy, and the sum of each consumer council's utility exponents (H,)."""
    n_workers, n_consumers, categories = sizes
    workers = _workers(rng, n_workers, categories, exponent_sum)
    shares, utility_total = _consumer_shares(rng, n_consumers, categories, goods_per_consumer)
    consumers = CobbDouglasConsumers(np.full(n_consumers, float(income)), shares, label="consumers")
    each = endowment_scale * n_workers / (COUNCILS_PER_CATEGORY * categories)
    goods, endowment = book_goods(categories), _endowment(categories, each)
    return Economy(goods, endowment, (consumers, workers)), utility_total


def _check(
    n_workers: int,
    n_consumers: int,
    categories: int,
    exponent_sum: tuple[float, float],
    endowment_scale: float,
    income: float,
) -> None:
    """Refuse numbers out of range, and exponents that could bring increasing returns."""
    check_count("categories", categories)
    check_count("n_workers", n_workers, _MADE * categories)
    check_count("n_consumers", n_consumers)
    _, high = check_range("exponent_sum", exponent_sum, 0.0, 1.0)
    most = high + EFFORT_EXPONENT[1] / EFFORT_POWER[0]
    if most >= 1.0:
        raise EconomyError(
            f"exponent_sum up to {high:g} and effort give sums of exponents up to {most:.4g}: "
            "returns to scale would not decrease; expected less than 1"
        )
    check_number("endowment_scale", endowment_scale, 0.0, 1e12, open_below=True)
    check_number("income", income, 0.0, 1e15, open_below=True)


def book_goods(categories: int) -> Goods:
    """Goods of a book economy: "private_0", ..., "labour_9", with their kinds."""
    names = [f"{kind}_{category}" for kind in KINDS for category in range(categories)]
    return Goods(names, kind=[kind for kind in KINDS for _ in range(categories)])


def _endowment(categories: int, each: float) -> Floats:
    endowment = np.zeros(len(KINDS) * categories)
    endowment[_MADE * categories :] = each
    return endowment


def _workers(
    rng: np.random.Generator, n_workers: int, categories: int, exponent_sum: tuple[float, float]
) -> CobbDouglasWorkers:
    """Worker councils: see `book`."""
    makers = np.arange(n_workers, dtype=np.int64) * (_MADE * categories) // n_workers
    return CobbDouglasWorkers(
        makers.astype(np.int32),
        _exponents(rng, n_workers, categories, exponent_sum),
        rng.uniform(*PRODUCTIVITY, n_workers),
        effort=Effort(
            exponent=rng.uniform(*EFFORT_EXPONENT, n_workers),
            power=rng.uniform(*EFFORT_POWER, n_workers),
            scale=np.full(n_workers, EFFORT_SCALE),
        ),
        label="workers",
    )


def _exponents(
    rng: np.random.Generator, n_workers: int, categories: int, total: tuple[float, float]
) -> sp.csr_array:
    """Input exponents b (m, n): see `book`."""
    most = {kind: min(width, categories) for kind, width in MAX_INPUTS.items()}
    counts = {
        kind: rng.integers(1, width + 1, n_workers, dtype=np.int8) for kind, width in most.items()
    }
    n_inputs: Ints = np.stack(list(counts.values())).sum(axis=0, dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(n_inputs)])
    goods = np.empty(start[-1], dtype=np.int32)
    exponents = np.empty(start[-1])
    for rows in row_blocks(n_workers, sum(most.values())):
        # Kinds are drawn in the order of their numbers: the row comes out sorted.
        chosen = [
            _goods_of_kind(rng, kind, counts[kind][rows], categories, width)
            for kind, width in most.items()
        ]
        used = np.concatenate(chosen, axis=1)
        entries = slice(start[rows.start], start[rows.stop])
        goods[entries] = used[used >= 0]
        draw = rng.uniform(*total, entries.stop - entries.start)
        exponents[entries] = draw / np.repeat(n_inputs[rows], n_inputs[rows])
    return assemble(exponents, goods, start, len(KINDS) * categories)


def _goods_of_kind(
    rng: np.random.Generator, kind: int, count: Ints, categories: int, width: int
) -> Ints:
    """Draw distinct goods of a kind for a block of councils; -1 fills the rows."""
    category = uniform_subsets(rng, count.astype(np.int64), categories, count.size, width)
    return np.where(category < categories, category + kind * categories, -1)


def _consumer_shares(
    rng: np.random.Generator, n_consumers: int, categories: int, goods_per_consumer: int | None
) -> tuple[sp.csr_array, Floats]:
    """Budget shares (H, n) on private and public goods, and the sums (H,) they are shares of."""
    n_wanted = 2 * categories
    if goods_per_consumer is None:
        goods_per_consumer = n_wanted
    count = check_count("goods_per_consumer", goods_per_consumer, 1, n_wanted)
    each = n_covering("consumer councils", n_consumers, n_wanted, count)
    goods = np.empty((n_consumers, count), dtype=np.int32)
    shares = np.empty((n_consumers, count))
    total = np.empty(n_consumers)
    for rows in row_blocks(n_consumers, count):
        block = covering_subsets(rng, rows, each, n_wanted, count)
        block.sort(axis=1)
        # Public goods have the numbers two kinds on from the private ones.
        block[block >= categories] += categories
        goods[rows] = block
        exponents = rng.uniform(*UTILITY_EXPONENT, block.shape)
        total[rows] = exponents.sum(axis=1)
        np.divide(exponents, total[rows, None], out=shares[rows])
    start = np.arange(n_consumers + 1, dtype=np.int64) * count
    matrix = assemble(shares.reshape(-1), goods.reshape(-1), start, len(KINDS) * categories)
    return matrix, total


def book_from_npz(path: str | PathLike[str]) -> Economy:
    """Build the economy of a published instance, ``economy_NN.npz``.

    Keys, for m worker councils, H consumer councils and G categories of each kind:
    `worker_kind`, `worker_product` (m,) the kind and category of the output; `productivity` A,
    `effort_exponent` c, `effort_disutility_power` k, `effort_disutility_scale` k_s (m,);
    `input_offset` (m + 1,), `input_good`, `input_exponent`: the exponents b by rows; `income` (H,);
    `private_exponent`, `public_exponent` (H, G). The endowment, 1000 of each natural good and kind
    of labour, is not in the file. A key `increasing_returns`, where there is one, is not used: the
    family refuses councils whose exponents (b and c/k) sum to one or more, by name.

    Raises
    ------
    FormatError
        The file cannot be read, or a key is missing.
    EconomyError
        The data are wrong: increasing returns, for instance.
    """
    data = _read(Path(path))
    categories = data["private_exponent"].shape[1]
    n_goods = len(KINDS) * categories
    workers = CobbDouglasWorkers(
        data["worker_kind"].astype(np.int32) * categories + data["worker_product"],
        _matrix(data["input_exponent"], data["input_good"], data["input_offset"], n_goods, path),
        data["productivity"],
        effort=Effort(
            exponent=data["effort_exponent"],
            power=data["effort_disutility_power"],
            scale=data["effort_disutility_scale"],
        ),
        label="workers",
    )
    exponents = np.concatenate([data["private_exponent"], data["public_exponent"]], axis=1)
    category = np.arange(categories, dtype=np.int32)
    wanted = np.concatenate([category, category + 2 * categories])
    shares = _matrix(
        normalise_rows(exponents).reshape(-1),
        np.tile(wanted, exponents.shape[0]),
        np.arange(exponents.shape[0] + 1) * wanted.size,
        n_goods,
        path,
    )
    consumers = CobbDouglasConsumers(data["income"], shares, label="consumers")
    return Economy(book_goods(categories), _endowment(categories, 1000.0), (consumers, workers))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            missing = [key for key in _KEYS if key not in stored.files]
            if missing:
                raise FormatError(f"{path}: not a published book economy, no {', '.join(missing)}")
            return {key: stored[key] for key in _KEYS}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise FormatError(f"{path}: cannot be read as an npz file: {error}") from error


def _matrix(
    values: Floats, goods: Ints, start: Ints, n_goods: int, path: str | PathLike[str]
) -> sp.csr_array:
    """CSR matrix of arrays from a file, which may disagree."""
    try:
        return sp.csr_array(
            (values, goods.astype(np.int32), start), shape=(start.size - 1, n_goods)
        )
    except ValueError as error:
        raise FormatError(f"{path}: rows of exponents do not fit: {error}") from error
