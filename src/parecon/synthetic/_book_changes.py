"""What the book's experiments do to a book economy: another year, and increasing returns.

Facts of the published simulations (Hahnel 2021, ch. 9, and the authors' public record of them):
between two years every exponent changes by a small draw, and in the experiments with increasing
returns a part of the worker councils, chosen at random, has each of its input exponents raised by
0.1. With the book's 3-8 inputs and sums of .75-.85 that makes sums of 1.05-1.65.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import float_vector, row_of, with_data
from parecon.economy import Economy
from parecon.errors import EconomyError
from parecon.families import CobbDouglasConsumers, CobbDouglasWorkers, Effort, FirstOrderWorkers
from parecon.families._base import Family
from parecon.synthetic._draw import Floats, Ints, Seed, check_number, generator, row_blocks

UTILITY_EXPONENT = (0.005, 0.01)
"""Range of utility exponents, uniform; only their ratios matter to a council with a budget."""
CHANGE_STEP = 0.001
"""Exponents change from one year to the next by a multiple of it."""
INPUT_CHANGE = (0, 4)
"""Least and most steps that an input exponent changes by, each number as likely."""
UTILITY_CHANGE = (-2, 2)
"""The same of a utility exponent."""
RETURNS_RISE = 0.1
"""By how much each input exponent of a council with increasing returns is above the others'."""

_WORKERS = "increasing returns"
_Workers = TypeVar("_Workers", bound=CobbDouglasWorkers)


def book_second_year(
    economy: Economy, *, seed: Seed, utility_total: ArrayLike | None = None
) -> Economy:
    """Draw the year after a book economy: tastes and techniques change a little.

    Each input exponent b becomes b + d with d drawn uniformly from {0, .001, .002, .003, .004}
    (techniques only improve), each utility exponent u becomes u + d with d from {-.002, -.001, 0,
    .001, .002}. Budgets, endowments and everything else stay.

    The draw is on exponents u between .005 and .01, but an economy knows a council's budget shares
    u / sum u alone. `utility_total` says what their sum was; `book_years` draws both years together
    and knows it.

    Parameters
    ----------
    economy : Economy
        Of Cobb-Douglas consumers and workers only, such as `book` and `book_from_npz` give.
    utility_total : (H,) array_like, optional
        Sum of each consumer council's utility exponents, > 0. Default: .0075 for each good that it
        wants, the mean of the book's distribution; the sum of the 200 of the book is within 1.4 %
        of it two times in three.

    Raises
    ------
    EconomyError
        The economy has councils of other kinds; a utility exponent would not stay above zero; or a
        worker council's exponents would sum to one, which is said by the council's name.
    """
    rng = generator(seed)
    changed: dict[str, dict[str, sp.csr_array]] = {}
    for family in economy.families:
        if isinstance(family, CobbDouglasConsumers):
            shares = _new_tastes(rng, family, utility_total)
            changed[family.title] = {"shares": shares}
        elif isinstance(family, CobbDouglasWorkers):
            low, high = INPUT_CHANGE
            steps = rng.integers(low, high + 1, family.exponents.nnz, dtype=np.int8)
            exponents = family.exponents.data + CHANGE_STEP * steps
            changed[family.title] = {"exponents": with_data(family.exponents, exponents)}
        else:
            raise _not_of_the_book(family)
    return economy.replace(families=changed)


def _new_tastes(
    rng: np.random.Generator, family: CobbDouglasConsumers, total: ArrayLike | None
) -> sp.csr_array:
    """Budget shares (H, n) of the utility exponents u + d, see `book_second_year`."""
    shares, n_councils = family.shares, family.n_councils
    count = np.diff(shares.indptr)
    if total is None:
        total = 0.5 * sum(UTILITY_EXPONENT) * count
    totals = float_vector(total, "utility_total", length=n_councils)
    low, high = UTILITY_CHANGE
    new = np.empty(shares.nnz)
    width = int(count.max(initial=1))
    for rows in row_blocks(n_councils, width):
        entries = slice(shares.indptr[rows.start], shares.indptr[rows.stop])
        steps = rng.integers(low, high + 1, entries.stop - entries.start, dtype=np.int8)
        block = new[entries]
        np.multiply(steps, CHANGE_STEP, out=block)
        if (count[rows] == width).all():  # as in the book: everybody wants the same number of goods
            _fill_full(block.reshape(-1, width), shares.data[entries], totals[rows])
        else:
            start = shares.indptr[rows.start : rows.stop + 1] - entries.start
            _fill_ragged(block, shares.data[entries], totals[rows], start)
    _check_positive(family, new)
    return with_data(shares, new)


def _fill_full(block: Floats, shares: Floats, totals: Floats) -> None:
    """Changes (rows, width) become shares, in place."""
    exponents = shares.reshape(block.shape) * totals[:, None]
    block += exponents
    block /= block.sum(axis=1, keepdims=True)


def _fill_ragged(block: Floats, shares: Floats, totals: Floats, start: Ints) -> None:
    """The same of rows of different lengths: row j has the entries start[j]:start[j + 1]."""
    row = np.repeat(np.arange(totals.size), np.diff(start))
    block += shares * totals[row]
    block /= np.bincount(row, weights=block, minlength=totals.size)[row]


def _check_positive(family: CobbDouglasConsumers, shares: Floats) -> None:
    if not shares.size or shares.min() > 0.0:
        return
    entry = int(np.argmax(~(shares > 0.0)))
    council = family.council_name(int(row_of(family.shares.indptr, entry)))
    raise EconomyError(
        f"{family.title}: a utility exponent of {council} would fall to zero or below: expected "
        f"exponents above {-UTILITY_CHANGE[0] * CHANGE_STEP:g}; utility_total says what the "
        "exponents of a council sum to"
    )


def book_increasing_returns(economy: Economy, part: float, *, seed: Seed) -> Economy:
    """Give a part of the worker councils of a book economy increasing returns.

    Councils are chosen at random, each as likely. Each of their input exponents is raised by .1,
    and they are moved into a family of `FirstOrderWorkers` labelled "increasing returns": such an
    economy can be simulated, not planned. The same seed chooses the same councils in every year of
    an economy.

    Parameters
    ----------
    economy : Economy
        Its worker councils are all in one family of `CobbDouglasWorkers`.
    part : float
        Part of the worker councils, 0-1; .2 in the book. Rounded to whole councils.

    Raises
    ------
    EconomyError
        Another kind of worker councils; or exponents that .1 more for each input does not bring
        above one, naming the councils.
    """
    part = check_number("part", part, 0.0, 1.0)
    at, workers = _the_workers(economy)
    chosen = np.zeros(workers.n_councils, dtype=bool)
    count = round(part * workers.n_councils)
    chosen[generator(seed).permutation(workers.n_councils)[:count]] = True
    families = list(economy.families)
    families[at : at + 1] = [
        *([] if chosen.all() else [_selected(workers, ~chosen, type(workers), workers.label, 0.0)]),
        *([_selected(workers, chosen, FirstOrderWorkers, _WORKERS, RETURNS_RISE)] if count else []),
    ]
    return Economy(economy.goods, economy.endowment, families)


def _the_workers(economy: Economy) -> tuple[int, CobbDouglasWorkers]:
    """Position of the one family of worker councils among the families, and the family."""
    found = []
    for at, family in enumerate(economy.families):
        if isinstance(family, CobbDouglasWorkers):
            found.append((at, family))
        elif not isinstance(family, CobbDouglasConsumers):
            raise _not_of_the_book(family)
    if len(found) != 1 or isinstance(found[0][1], FirstOrderWorkers):
        raise EconomyError(
            "increasing returns: expected one family of CobbDouglasWorkers to choose from, got "
            f"{', '.join(family.title for _, family in found) or 'none'}"
        )
    return found[0]


def _selected(
    workers: CobbDouglasWorkers,
    chosen: np.ndarray,
    kind: type[_Workers],
    label: str | None,
    rise: float,
) -> _Workers:
    """The chosen councils (m,) bool in a family of their own, exponents raised by `rise`."""
    exponents = workers.exponents[chosen]
    exponents.data += rise
    effort, names = workers.effort, workers.names
    return kind(
        workers.output_good[chosen],
        exponents,
        workers.productivity[chosen],
        effort=None
        if effort is None
        else Effort(effort.exponent[chosen], effort.power[chosen], effort.scale[chosen]),
        names=None if names is None else [names[j] for j in np.flatnonzero(chosen)],
        label=label,
    )


def _not_of_the_book(family: Family) -> EconomyError:
    return EconomyError(
        f"{family.title}: expected CobbDouglasConsumers and CobbDouglasWorkers, the families of "
        f"the book, got {type(family).__name__}"
    )
