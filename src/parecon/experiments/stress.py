"""How the procedure bears proposals that are lost or late: rounds by rule, over several draws.

Every draw is another book economy and other dice of the channel (`parecon.procedure.channel`). A
board stops when what it *holds* balances; `Trial.unseen` says what the imbalance would have been
had everybody's answer arrived.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from parecon import rules, synthetic
from parecon.economy import Economy
from parecon.errors import SettingsError
from parecon.plan import Plan
from parecon.procedure import Rounds, simulate
from parecon.procedure.channel import Channel, Heard
from parecon.procedure.councils import Councils
from parecon.solve import solve

PARTS = (0.05, 0.10, 0.30)
CONDITIONS = (
    Channel(),
    *(Channel(lost=part) for part in PARTS),
    *(Channel(stale=part) for part in PARTS),
)
"""Nothing missing; 5, 10, 30 % lost; 5, 10, 30 % one to three rounds stale."""
THRESHOLDS = (0.05, 0.01, 0.001)
START_PRICE = 700.0  # the book's
MOST_ROUNDS = 200
PLAN_TOL = 1e-9
SEEDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One rule under one condition, over several draws.

    rule : str. lost, stale : probabilities per council and round.
    rounds : {threshold: (count or None, ...)}, one per draw: announcements until every imbalance
        that the board sees is below the threshold, None where it never was.
    unseen : (float, ...), per draw the worst imbalance at the last announcement had all answers to
        it arrived.
    distance : (float, ...), per draw the worst relative distance of its last prices from the plan.
    """

    rule: str
    lost: float
    stale: float
    rounds: dict[float, tuple[int | None, ...]]
    unseen: tuple[float, ...] = field(repr=False)
    distance: tuple[float, ...] = field(repr=False)

    @property
    def condition(self) -> str:
        """In words."""
        if not self.lost and not self.stale:
            return "nothing missing"
        return f"{self.lost:.0%} lost" if self.lost else f"{self.stale:.0%} stale"

    def mean(self, threshold: float) -> float:
        """Mean number of rounds; inf where a draw never got there."""
        counts = self.rounds[threshold]
        return math.inf if None in counts else float(np.mean([c for c in counts if c is not None]))

    def worst(self, threshold: float) -> int | None:
        """Most rounds of any draw; None where one never got there."""
        counts = [count for count in self.rounds[threshold] if count is not None]
        return max(counts) if len(counts) == len(self.rounds[threshold]) else None

    def reached(self, threshold: float) -> int:
        """How many draws got there."""
        return sum(count is not None for count in self.rounds[threshold])


@dataclass(frozen=True, eq=False)
class Case:
    """An economy, compiled, with its plan; `seed` throws the dice of its channels."""

    councils: Councils
    plan: Plan
    seed: int


def cases(
    seeds: Iterable[int] = SEEDS,
    *,
    n_workers: int = 3_000,
    n_consumers: int = 3_000,
    categories: int = 10,
    exponent_sum: tuple[float, float] = (0.75, 0.85),
    n_threads: int = 1,
) -> list[Case]:
    """Book economies (`parecon.synthetic.book`), one per seed."""
    return [
        case(
            synthetic.book(
                n_workers, n_consumers, categories, seed=seed, exponent_sum=exponent_sum
            ),
            seed,
            n_threads=n_threads,
        )
        for seed in seeds
    ]


def case(economy: Economy, seed: int, *, n_threads: int = 1) -> Case:
    """An economy of one's own. PlanError where it has no plan."""
    plan = solve(economy, tol=PLAN_TOL, certify=False, n_threads=n_threads)
    plan.raise_if_not_solved()
    return Case(Councils(economy, n_threads), plan, seed)


def trials(
    drawn: Sequence[Case],
    *,
    rule_names: Sequence[str] = rules.NAMES,
    conditions: Sequence[Channel] = CONDITIONS,
    thresholds: Sequence[float] = THRESHOLDS,
    max_rounds: int = MOST_ROUNDS,
    start_price: float = START_PRICE,
    callback: Callable[[Trial], object] | None = None,
) -> list[Trial]:
    """Every rule under every condition on all draws; `callback` hears of each as it is done.

    conditions : their seed is replaced by that of the case.
    thresholds : the smallest ends a run.

    Raises SettingsError without a case, and RuleError for rules that are none.
    """
    if not drawn:
        raise SettingsError("stress: expected at least one draw of an economy, got none")
    done = []
    for name in rule_names:
        for condition in conditions:
            runs = [
                _run(one, name, condition, thresholds, max_rounds, start_price) for one in drawn
            ]
            trial = Trial(
                rule=name,
                lost=condition.lost,
                stale=condition.stale,
                rounds={t: tuple(rounds.rounds_to(t) for rounds, _ in runs) for t in thresholds},
                unseen=tuple(unseen for _, unseen in runs),
                distance=tuple(float(rounds.distance[-1]) for rounds, _ in runs),
            )
            done.append(trial)
            if callback is not None:
                callback(trial)
    return done


def _run(
    one: Case, name: str, condition: Channel, thresholds: Sequence[float], most: int, start: float
) -> tuple[Rounds, float]:
    """Rounds as the board sees them, and the true worst imbalance at its last announcement."""
    listening = _Listening(condition, one.seed)
    rounds = simulate(
        one.councils,
        rule=name,
        start_price=start,
        threshold=min(thresholds),
        max_rounds=most,
        channel=listening,
        gaps="none",
        plan=one.plan,
    )
    heard = listening.heard
    if heard is None or heard.fresh is None:
        raise RuntimeError("no announcement was made")
    return rounds, float(np.max(heard.fresh.imbalance))


class _Listening:
    """A channel that keeps its end, to ask afterwards what did not arrive."""

    def __init__(self, channel: Channel, seed: int) -> None:
        self.channel = Channel(
            lost=channel.lost, stale=channel.stale, delay=channel.delay, seed=seed
        )
        self.heard: Heard | None = None

    def connect(self, councils: Councils) -> Heard:
        self.heard = self.channel.connect(councils)
        return self.heard
