"""The economies of the benchmarks: kinds, and the sizes of each, smallest first.

A case is drawn when it is asked for and kept only until the next one: the largest do not fit into
memory together.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.machine import ROOT
from parecon import economies as bundled
from parecon import synthetic
from parecon.economy import Economy
from parecon.families import Targets
from parecon.scenarios import Cap, Scenario

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

SEED = 20_240
"""One seed for all: the same economies in every run and on every machine."""
SUBSTITUTES = (1.5, 2.0, 3.0, 5.0)
"""Elasticities at which proportional response is defined."""
CLUSTER = 0.02
"""Part of the goods that a clustered technique draws its inputs from."""


def data_folder() -> Path:
    """Published tables: `data` in PARECON_SHARED, or in `shared` beside the checkout."""
    named = os.environ.get("PARECON_SHARED")
    return (Path(named) if named else ROOT.parent / "shared") / "data"


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
    levels : tuple of float
        Tolerances that contestants are asked for, besides `tol`; none where they do not meet on it.
    table : str
        The published table that it needs, if any.
    tiny : bool
        Too small to be timed: for warming up, and for trying whether everything fits together.
    """

    kind: str
    label: str
    make: Callable[[], Economy]
    tol: float
    full: bool = False
    levels: tuple[float, ...] = ()
    table: str = ""
    tiny: bool = False

    def economy(self) -> Economy:
        """The economy; the last one asked for is kept."""
        return _drawn(self.kind, self.label)

    @property
    def id(self) -> str:
        """Kind and size without blanks and commas, for `-k`: "fisher-10000-x-400"."""
        return re.sub(r"[^\w]+", "-", f"{self.kind} {self.label}".replace(",", "")).strip("-")

    @property
    def missing(self) -> str:
        """What it needs and is not there, in words; empty where nothing is missing."""
        if not self.table or (data_folder() / self.table).is_dir():
            return ""
        return f"no table {self.table} in ../shared/data or in the folder that PARECON_SHARED names"


ROUGH, FAIR = 1e-2, 1e-4
"""What contestants are asked for besides a case's own tolerance."""
LEVELS = (ROUGH, FAIR)


def _book(councils: int, goods: int = 500, *, full: bool = False) -> Case:
    make = partial(synthetic.book, councils, councils, goods // 5, seed=SEED)
    label = f"{councils:,} + {councils:,}, {goods:,} goods"
    return Case("book", label, make, 1e-8, full, LEVELS)


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
    return Case("ces", f"{councils:,} + {councils:,}, {goods:,} goods", make, 1e-8, full, LEVELS)


def _many(consumers: int, goods: int, *, full: bool = False) -> Case:
    # Far more consumers than goods, and as many worker councils as goods.
    make = partial(synthetic.ces, consumers, goods, goods, seed=SEED)
    label = f"{consumers:,} + {goods:,}, {goods:,} goods"
    return Case("ces consumers", label, make, 1e-8, full, LEVELS)


def _mixed(households: int, techniques: int, goods: int, *, full: bool = False) -> Case:
    make = partial(synthetic.ces, households, 0, goods, seed=SEED, linear_activities=techniques)
    label = f"{households:,} + {techniques:,}, {goods:,} goods"
    return Case("mixed", label, make, 1e-8, full)


def _fisher(consumers: int, goods: int, *, density: float = 0.2, full: bool = False) -> Case:
    make = partial(synthetic.fisher, consumers, goods, seed=SEED, density=density)
    return Case("fisher", f"{consumers:,} x {goods:,}", make, 1e-6, full, LEVELS)


def _hard_fisher(size: int, *, full: bool = False) -> Case:
    # As many consumers as goods: none is small, and prices hang on few of them.
    make = partial(synthetic.fisher, size, size, seed=SEED)
    return Case("hard-fisher", f"{size:,} x {size:,}", make, 1e-8, full, LEVELS)


def _ces_fisher(consumers: int, goods: int, *, full: bool = False) -> Case:
    make = partial(synthetic.ces, consumers, 0, goods, seed=SEED, elasticity=SUBSTITUTES)
    label = f"{consumers:,} x 20, {goods:,} goods"
    return Case("ces-fisher", label, make, 1e-8, full, LEVELS)


def _activities(goods: int, techniques: int, *, full: bool = False) -> Case:
    make = partial(synthetic.activities, goods, techniques, seed=SEED)
    return Case("activities", f"{goods:,} goods x {techniques:,}", make, 1e-6, full, LEVELS)


def planning_programme(goods: int, techniques: int, reach: float) -> Economy:
    """Kantorovich's plan: the most complete bundles under capacities and scarce resources.

    Several techniques for each good, half of them with a capacity, a tenth of the goods scarce.
    """
    drawn = synthetic.activities(goods, techniques, seed=SEED, capacities=0.5, reach=reach)
    consumers, _ = drawn.families
    wanted = np.unique(consumers.pattern()[1])
    bundle = np.random.default_rng(SEED).uniform(0.5, 1.5, wanted.size)
    ray = Targets(wanted, bundle, 1.0, "ray", label="bundles")
    return Economy(drawn.goods, drawn.endowment, (ray, drawn.family("activities")))


def _planning(kind: str, reach: float, goods: int, techniques: int, *, full: bool = False) -> Case:
    make = partial(planning_programme, goods, techniques, reach)
    return Case(kind, f"{goods:,} goods x {techniques:,}", make, 1e-6, full, LEVELS)


_random_programme = partial(_planning, "programme-random", 1.0)
_clustered_programme = partial(_planning, "programme-clustered", CLUSTER)


def _five_year(objective: Any, industries: int, *, full: bool = False) -> Case:
    # Cockshott's plans: capital by kind and industry, five years
    make = partial(synthetic.five_year, industries, objective=objective, seed=SEED)
    label = f"{industries:,} industries"
    return Case(f"five-year-{objective}", label, make, 1e-6, full, LEVELS)


_harmony, _ray = partial(_five_year, "harmony"), partial(_five_year, "ray")


def _us_411() -> Economy:
    """The United States in 411 sectors, half of the year's greenhouse gases: the tutorial's."""
    folder = str(ROOT / "docs" / "tutorials")
    if folder not in sys.path:
        sys.path.append(folder)
    tutorial: Any = importlib.import_module("halving_us_emissions")
    from parecon import accounts

    table = tutorial.table_2012(data_folder())
    year = accounts.benchmark(table, energy=tutorial.ENERGY, caps={"GHG": 1.0})
    return Scenario("half", [Cap(permits="GHG_permit", percent=-50)]).apply(year.economy)


def _real() -> tuple[Case, ...]:
    small = partial(bundled.load, "us-2012")
    return (
        Case("us-2012", "24 sectors", small, 1e-8, levels=LEVELS),
        Case("us-411", "411 sectors", _us_411, 1e-8, levels=LEVELS, table="useeio_v2"),
    )


def _households(councils: int, goods: int, *, full: bool = False) -> Case:
    # Nobody produces: the goods are endowed, and a response is the households' alone.
    make = partial(synthetic.ces, councils, 0, goods, seed=SEED)
    return Case("households", f"{councils:,} x 20, {goods:,} goods", make, 1e-8, full)


_TINY = tuple(
    replace(case, tiny=True)
    for case in (
        _book(300, 50),
        _ces(300, 50),
        _many(600, 40),
        _fisher(100, 20),
        _hard_fisher(50),
        _ces_fisher(200, 40),
        _activities(30, 300),
        _random_programme(30, 200),
        _clustered_programme(50, 300),
        _harmony(4),
        _ray(4),
    )
)
_CASES = (
    *_TINY,
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
    _fisher(1_000_000, 1_000, density=0.02, full=True),
    _hard_fisher(200),
    _hard_fisher(700),
    _hard_fisher(2_000, full=True),
    _ces_fisher(1_000, 100),
    _ces_fisher(10_000, 1_000),
    _ces_fisher(100_000, 5_000, full=True),
    _activities(100, 2_000),
    _activities(300, 10_000),
    _activities(1_000, 50_000),
    _random_programme(100, 1_000),
    _random_programme(400, 4_000, full=True),
    _random_programme(1_600, 16_000, full=True),
    _clustered_programme(200, 2_000),
    _clustered_programme(800, 8_000, full=True),
    _clustered_programme(3_200, 32_000, full=True),
    _harmony(10),
    _harmony(40),
    _harmony(160, full=True),
    _harmony(320, full=True),
    _harmony(640, full=True),
    _ray(10),
    _ray(40, full=True),
    _ray(160, full=True),
    _ray(640, full=True),
    *_real(),
    _households(10_000, 10_000),
    _households(100_000, 10_000),
    _households(1_000_000, 10_000, full=True),
)
_BY_KEY = {(case.kind, case.label): case for case in _CASES}
_BY_ID = {case.id: case for case in _CASES}


@lru_cache(maxsize=1)
def _drawn(kind: str, label: str) -> Economy:
    return _BY_KEY[kind, label].make()


def case(kind: str, label: str) -> Case:
    """The case of this kind and size (KeyError where there is none)."""
    return _BY_KEY[kind, label]


def by_id(name: str) -> Case:
    """The case with this id (KeyError where there is none)."""
    return _BY_ID[name]


def smallest(kind: str) -> Case:
    """The smallest case of a kind, a tiny one where there is any (StopIteration without one)."""
    return next(case for case in _CASES if case.kind == kind)


def met_on(*kinds: str) -> list[Case]:
    """The cases that contestants meet on, of all kinds or of some; smallest first, none tiny."""
    return [
        case
        for case in _CASES
        if case.levels and not case.tiny and (not kinds or case.kind in kinds)
    ]


def cases(
    *kinds: str, labels: tuple[str, ...] = (), full: tuple[str, ...] = ()
) -> list[ParameterSet]:
    """Parameters for pytest: every case of these kinds, or those with the given labels.

    Cases marked full, and those whose label is in `full`, run with --full only.
    """
    import pytest

    chosen = [c for c in _CASES if c.kind in kinds and not c.tiny]
    chosen = [c for c in chosen if not labels or c.label in labels]
    return [
        pytest.param(
            c,
            id=c.id,
            marks=[pytest.mark.full] if c.full or c.label in full else [],
        )
        for c in chosen
    ]
