"""The economies of the benchmarks: kinds, and the sizes of each, smallest first.

A case is drawn when it is asked for and kept only until the next one: the largest do not fit into
memory together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import pytest

from parecon import synthetic
from parecon.economy import Economy

SEED = 20_240
"""One seed for all: the same economies in every run and on every machine."""


@dataclass(frozen=True)
class Case:
    """One economy of one size.

    Attributes
    ----------
    kind, label : str
        The family of cases, and the size in words.
    make : callable
        Draws the economy.
    tol : float
        Tolerance it is solved to.
    full : bool
        Only with --full: it takes long, or its peers do.
    """

    kind: str
    label: str
    make: Callable[[], Economy]
    tol: float
    full: bool = False

    def economy(self) -> Economy:
        """The economy; the last one asked for is kept."""
        return _drawn(self.kind, self.label)

    @property
    def id(self) -> str:
        """Kind and size without blanks and commas, for `-k`: "fisher-10000-x-400"."""
        return re.sub(r"[^\w]+", "-", f"{self.kind} {self.label}".replace(",", ""))


def _book(councils: int, *, full: bool = False) -> Case:
    make = partial(synthetic.book, councils, councils, seed=SEED)
    return Case("book", f"{councils:,} + {councils:,}, 500 goods", make, 1e-8, full)


def _workers(councils: int, goods: int, *, full: bool = False) -> Case:
    # One consumer council where the book has a hundred, with the income of a hundred: the same
    # prices as the book's, and memory for the workers.
    make = partial(
        synthetic.book,
        councils,
        councils // 100,
        goods // 5,
        seed=SEED,
        income=500_000.0,
        goods_per_consumer=20,
    )
    return Case("workers", f"{councils:,}, {goods:,} goods", make, 1e-8, full)


def _ces(councils: int, goods: int, *, full: bool = False) -> Case:
    make = partial(synthetic.ces, councils, councils, goods, seed=SEED)
    return Case("ces", f"{councils:,} + {councils:,}, {goods:,} goods", make, 1e-8, full)


def _many(consumers: int, goods: int, *, full: bool = False) -> Case:
    # Far more consumers than goods, and as many worker councils as goods.
    make = partial(synthetic.ces, consumers, goods, goods, seed=SEED)
    label = f"{consumers:,} + {goods:,}, {goods:,} goods"
    return Case("ces consumers", label, make, 1e-8, full)


def _mixed(households: int, techniques: int, goods: int, *, full: bool = False) -> Case:
    make = partial(synthetic.ces, households, 0, goods, seed=SEED, linear_activities=techniques)
    label = f"{households:,} + {techniques:,}, {goods:,} goods"
    return Case("mixed", label, make, 1e-8, full)


def _fisher(consumers: int, goods: int, *, full: bool = False) -> Case:
    make = partial(synthetic.fisher, consumers, goods, seed=SEED)
    return Case("fisher", f"{consumers:,} x {goods:,}", make, 1e-6, full)


def _activities(goods: int, techniques: int, *, full: bool = False) -> Case:
    make = partial(synthetic.activities, goods, techniques, seed=SEED)
    return Case("activities", f"{goods:,} goods x {techniques:,}", make, 1e-6, full)


def _households(councils: int, goods: int, *, full: bool = False) -> Case:
    # Nobody produces: the goods are endowed, and a response is the households' alone.
    make = partial(synthetic.ces, councils, 0, goods, seed=SEED)
    return Case("households", f"{councils:,} x 20, {goods:,} goods", make, 1e-8, full)


_CASES = (
    _book(3_000),
    _book(10_000),
    _book(30_000),
    _book(100_000, full=True),
    _workers(30_000, 500),
    _workers(300_000, 5_000),
    _workers(3_000_000, 50_000),
    _ces(3_000, 200),
    _ces(30_000, 2_000),
    _ces(300_000, 10_000, full=True),
    _many(30_000, 300),
    _many(200_000, 2_000),
    _many(1_000_000, 10_000, full=True),
    _mixed(10_000, 600, 200),
    _mixed(30_000, 1_800, 600),
    _mixed(100_000, 6_000, 2_000),
    _fisher(600, 50),
    _fisher(2_500, 200),
    _fisher(10_000, 400),
    _fisher(50_000, 1_000, full=True),
    _activities(100, 2_000),
    _activities(300, 10_000),
    _activities(1_000, 50_000),
    _households(10_000, 10_000),
    _households(100_000, 10_000),
    _households(1_000_000, 10_000, full=True),
)
_BY_KEY = {(case.kind, case.label): case for case in _CASES}


@lru_cache(maxsize=1)
def _drawn(kind: str, label: str) -> Economy:
    return _BY_KEY[kind, label].make()


def case(kind: str, label: str) -> Case:
    """The case of this kind and size (KeyError where there is none)."""
    return _BY_KEY[kind, label]


def cases(*kinds: str, labels: tuple[str, ...] = (), full: tuple[str, ...] = ()) -> list[object]:
    """Parameters for pytest: every case of these kinds, or those with the given labels.

    Cases marked full, and those whose label is in `full`, run with --full only.
    """
    chosen = [c for c in _CASES if c.kind in kinds and (not labels or c.label in labels)]
    return [
        pytest.param(
            c,
            id=c.id,
            marks=[pytest.mark.full] if c.full or c.label in full else [],
        )
        for c in chosen
    ]
