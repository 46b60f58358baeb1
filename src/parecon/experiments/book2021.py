"""The published experiments: Hahnel, *Democratic Economic Planning* (2021), chapter 9, again.

One experiment is one draw of the book's economy (30,000 worker and 30,000 consumer councils, 500
goods) in two years, with decreasing returns and with increasing ones for 20 % of worker councils:

first year    prices start at 700 and are adjusted until the imbalance of every good is below 3 %
second year   tastes and techniques have changed a little (`parecon.synthetic.book_second_year`);
              the prices that the first year's last round led to, and the rule's state, are carried
              over

Each runs under every rule. Where a run would have stopped had its threshold been another is read
off the same run; runs go on to the smallest threshold.

**Real product** is measured as the authors of the simulations measured it: the private and public
goods that councils propose to make in the last round of a year (below 3 %), valued at the prices
that round led to; its growth is the mean of the growth at the first year's prices and at the second
year's. At 3 % what is proposed to be made is not quite what is proposed to be consumed, nor what
can be: the growth between the two years' *plans*, measured the same way, stands beside it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon import rules, synthetic
from parecon.economy import Economy
from parecon.errors import SettingsError, nearest
from parecon.plan import Plan
from parecon.procedure import Rounds, simulate
from parecon.procedure.councils import Councils
from parecon.solve import solve
from parecon.status import ProcedureStatus
from parecon.threads import available_threads

Array = NDArray[np.float64]

DECREASING, INCREASING = "decreasing", "increasing"
RETURNS = (DECREASING, INCREASING)
THRESHOLDS = (0.10, 0.05, 0.03, 0.01)
YEAR_END = 0.03
"""A year of the published experiments ends when every imbalance is below it."""
START_PRICE = 700.0
INCREASING_PART = 0.2
COUNCILS = 30_000
EXPERIMENTS = 40
MAX_ROUNDS = 200
PLAN = "plan"
"""Stands for a rule in records of growth: the growth between the plans of both years."""
PLAN_TOL = 1e-9
FINAL_KINDS = ("private", "public")


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published result of the `book` rule: mean over 40 experiments, and its least and most.

    rounds until every imbalance is below the threshold; least and most are None where not known.
    """

    returns: str
    year: int
    threshold: float
    mean: float
    least: int | None = None
    most: int | None = None


PUBLISHED = (
    Published(returns=DECREASING, year=1, threshold=0.05, mean=11.85, least=11, most=13),
    Published(returns=DECREASING, year=1, threshold=0.03, mean=19.2, least=18, most=22),
    Published(returns=DECREASING, year=2, threshold=0.05, mean=6.575, least=5, most=8),
    Published(returns=INCREASING, year=2, threshold=0.05, mean=6.275),
)
PUBLISHED_GROWTH = 0.024
"""Of real product in the second year."""
PUBLISHED_MINUTES = (160, 253)
"""Running time of one experiment, as the authors of the simulations noted it."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Where a run came below a threshold.

    experiment : int, seed of the draw. returns : "decreasing" or "increasing" (of 20 % of councils)
    year : 1, from 700, or 2. rule : str. threshold : float, of the worst imbalance.
    rounds : int or None, announcements until then; None if it never came below.
    exchanges : int or None, announcements and inquiries until then.
    distance : float, of that round's prices from the plan's, worst relative; nan where there is no
        plan (increasing returns) or the threshold was not reached.
    """

    experiment: int
    returns: str
    year: int
    rule: str
    threshold: float
    rounds: int | None
    exchanges: int | None
    distance: float


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Real product of the second year over that of the first, less one.

    experiment, returns : as in `Stop`. rule : whose last rounds are compared, or "plan".
    growth : float, the mean of both: at_first_prices, at_second_prices.
    """

    experiment: int
    returns: str
    rule: str
    growth: float
    at_first_prices: float
    at_second_prices: float


@dataclass(frozen=True, kw_only=True)
class Book2021:
    """What came out: tidy records, one per observation.

    councils : int, worker councils, and as many consumer councils. categories : int.
    experiments : seeds. rule_names : rules that were run. stops, growth : the records.
    time_s : {"draw", "plan", "simulate", "total", "processor"}: seconds. Drawing goes on beside the
        rest; "processor" is the time that all threads together were at work.
    """

    councils: int
    categories: int
    experiments: tuple[int, ...]
    rule_names: tuple[str, ...]
    stops: tuple[Stop, ...]
    growth: tuple[Growth, ...]
    time_s: dict[str, float]


def book2021(
    *,
    councils: int = COUNCILS,
    experiments: int = EXPERIMENTS,
    categories: int | None = None,
    rule_names: Sequence[str] = rules.NAMES,
    first_seed: int = 1,
    max_rounds: int = MAX_ROUNDS,
    n_threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Book2021:
    """Run the book's experiments.

    Parameters
    ----------
    councils : int
        Worker councils, and as many consumer councils, of each economy.
    experiments : int
        Draws; their seeds are first_seed, first_seed + 1, ...
    categories : int, optional
        Goods of each of the five kinds. Default: one for 300 councils, as in the book, or 1.
    rule_names : names in `parecon.rules.NAMES`.
    max_rounds : int, most announcements of a run.
    progress : callable taking how many experiments are done, and of how many.

    Raises
    ------
    SettingsError, EconomyError
        For parameters out of range.
    """
    if experiments < 1:
        raise SettingsError(f"experiments: expected at least 1, got {experiments!r}")
    for name in rule_names:
        if name not in rules.NAMES:
            known = f"{', '.join(rules.NAMES)}{nearest(str(name), rules.NAMES)}"
            raise SettingsError(f"rule_names: got {name!r}, expected some of {known}")
    if categories is None:
        categories = max(1, councils // synthetic.COUNCILS_PER_CATEGORY)
    seeds = tuple(range(first_seed, first_seed + experiments))
    threads = n_threads or available_threads()
    runner = _Runner(tuple(rule_names), max_rounds, threads)
    began, worked = time.perf_counter(), time.process_time()
    for done, (seed, drawn) in enumerate(_drawn(seeds, councils, categories, runner.time_s), 1):
        runner.run(seed, drawn)
        if progress is not None:
            progress(done, experiments)
    return Book2021(
        councils=councils,
        categories=categories,
        experiments=seeds,
        rule_names=tuple(rule_names),
        stops=tuple(runner.stops),
        growth=tuple(runner.growth),
        time_s={
            **runner.time_s,
            "total": time.perf_counter() - began,
            "processor": time.process_time() - worked,
        },
    )


Years = tuple[Economy, Economy]


def _drawn(
    seeds: Sequence[int], councils: int, categories: int, time_s: dict[str, float]
) -> Iterator[tuple[int, dict[str, Years]]]:
    """Seed and economies of each experiment; the next is drawn while this one is simulated."""

    def draw(seed: int) -> dict[str, Years]:
        began = time.perf_counter()
        first, second = synthetic.book_years(councils, councils, categories, seed=seed)
        some = [
            synthetic.book_increasing_returns(year, INCREASING_PART, seed=seed)
            for year in (first, second)
        ]
        time_s["draw"] += time.perf_counter() - began
        return {DECREASING: (first, second), INCREASING: (some[0], some[1])}

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(draw, seeds[0])
        for at, seed in enumerate(seeds, 1):
            drawn = coming.result()
            if at < len(seeds):
                coming = ahead.submit(draw, seeds[at])
            yield seed, drawn


class _Runner:
    """Runs one experiment after the other and keeps the records."""

    def __init__(self, rule_names: tuple[str, ...], max_rounds: int, n_threads: int) -> None:
        self.rule_names, self.max_rounds, self.n_threads = rule_names, max_rounds, n_threads
        self.stops: list[Stop] = []
        self.growth: list[Growth] = []
        self.time_s = {"draw": 0.0, "plan": 0.0, "simulate": 0.0}

    def run(self, seed: int, drawn: dict[str, Years]) -> None:
        """All rules on both years, with decreasing and with increasing returns."""
        for returns, years in drawn.items():
            plans = self._plans(years) if returns == DECREASING else (None, None)
            began = time.perf_counter()
            councils = [Councils(year, self.n_threads, first_order=True) for year in years]
            final = np.isin(np.array(years[0].goods.kind), FINAL_KINDS)
            if plans[0] is not None and plans[1] is not None:
                ends = [(plan.price, plan.supply) for plan in plans if plan is not None]
                self._grown(seed, returns, PLAN, ends, final)
            for rule in self.rule_names:
                self._years(seed, returns, rule, councils, plans, final)
            self.time_s["simulate"] += time.perf_counter() - began

    def _plans(self, years: Years) -> tuple[Plan, Plan]:
        began = time.perf_counter()
        common: Any = {"tol": PLAN_TOL, "n_threads": self.n_threads, "certify": False}
        first = solve(years[0], **common)
        second = solve(years[1], warm_start=first, **common)
        self.time_s["plan"] += time.perf_counter() - began
        return first, second

    def _years(
        self,
        seed: int,
        returns: str,
        rule: str,
        councils: Sequence[Councils],
        plans: Sequence[Plan | None],
        final: NDArray[np.bool_],
    ) -> None:
        """The first year, then the second from where the first ended."""
        first, second = councils
        whole = self._simulate(first, rule, plans[0], START_PRICE, None, THRESHOLDS[-1])
        self._stopped(seed, returns, 1, whole)
        ended = self._simulate(first, rule, plans[0], START_PRICE, None, YEAR_END)
        next_year = self._simulate(second, rule, plans[1], None, ended, THRESHOLDS[-1])
        self._stopped(seed, returns, 2, next_year)
        last = next_year.rounds_to(YEAR_END)
        if ended.settled and last is not None:
            ends = [_end(ended, ended.n_rounds), _end(next_year, last)]
            self._grown(seed, returns, rule, ends, final)

    def _simulate(
        self,
        councils: Councils,
        rule: str,
        plan: Plan | None,
        start_price: float | None,
        after: Rounds | None,
        threshold: float,
    ) -> Rounds:
        rounds = simulate(
            councils,
            rule=rule,
            start_price=start_price,
            after=after,
            threshold=threshold,
            max_rounds=self.max_rounds,
            plan=False if plan is None else plan,
            gaps="none",
        )
        if rounds.status is ProcedureStatus.INTERRUPTED:
            raise KeyboardInterrupt  # asked of one run, meant for all
        return rounds

    def _stopped(self, seed: int, returns: str, year: int, rounds: Rounds) -> None:
        asked = np.cumsum(rounds.inquiries)
        for threshold in THRESHOLDS:
            count = rounds.rounds_to(threshold)
            # inquiries of a round lead to the next announcement
            inquiries = 0 if count is None or count == 1 else int(asked[count - 2])
            self.stops.append(
                Stop(
                    experiment=seed,
                    returns=returns,
                    year=year,
                    rule=rounds.rule,
                    threshold=threshold,
                    rounds=count,
                    exchanges=None if count is None else count + inquiries,
                    distance=math.nan if count is None else float(rounds.distance[count - 1]),
                )
            )

    def _grown(
        self,
        seed: int,
        returns: str,
        rule: str,
        ends: Sequence[tuple[Array, Array]],
        final: NDArray[np.bool_],
    ) -> None:
        """Record real growth between two years that ended with these prices and quantities."""
        (first_price, first), (second_price, second) = ends
        at_first, at_second = (
            float(np.dot(price[final], second[final]) / np.dot(price[final], first[final])) - 1.0
            for price in (first_price, second_price)
        )
        self.growth.append(
            Growth(
                experiment=seed,
                returns=returns,
                rule=rule,
                growth=0.5 * (at_first + at_second),
                at_first_prices=at_first,
                at_second_prices=at_second,
            )
        )


def _end(rounds: Rounds, last: int) -> tuple[Array, Array]:
    """Prices that round `last` led to, and what councils proposed to make in it, (n,) each."""
    if last < rounds.n_rounds:
        return rounds.price[last], rounds.supply[last - 1]
    led_to = rounds.price[-1] if rounds.next_price is None else rounds.next_price
    return led_to, rounds.supply[-1]
