"""The book's economy, made harder: other starts, other endowments, returns nearer to constant.

Nothing published stands beside these runs. Each variant changes one thing of the book's first year;
every rule is given the same economies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from parecon import rules, synthetic
from parecon.errors import SettingsError, nearest
from parecon.procedure import Rounds, simulate
from parecon.procedure.councils import Councils
from parecon.solve import solve
from parecon.status import ProcedureStatus
from parecon.threads import available_threads

PLAN_TOL = 1e-9
THRESHOLDS = (0.05, 0.03, 0.01)
MAX_ROUNDS = 200


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What is different from the book.

    name : str, in words. start_price : float, of every good in the first round, money per unit.
    changes : arguments of `parecon.synthetic.book`.
    """

    name: str
    start_price: float = 700.0
    changes: dict[str, Any] = field(default_factory=dict)


AS_PUBLISHED = Variant(name="as in the book")
VARIANTS = (
    AS_PUBLISHED,
    Variant(name="start at 70", start_price=70.0),
    Variant(name="start at 7,000", start_price=7_000.0),
    Variant(name="endowments times 10", changes={"endowment_scale": 10_000.0}),
    Variant(name="endowments divided by 10", changes={"endowment_scale": 100.0}),
    Variant(name="exponents sum to .85-.90", changes={"exponent_sum": (0.85, 0.90)}),
    Variant(name="exponents sum to .90-.95", changes={"exponent_sum": (0.90, 0.95)}),
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One rule in one economy of a variant.

    variant : str. experiment : int, seed of the economy. rule : str.
    rounds : {threshold: announcements until every imbalance is below it, None if it never was}
    distance : {threshold: worst relative distance of that round's prices from the plan's, or nan}
    status : ProcedureStatus at the smallest threshold.
    last_imbalance, last_distance : float, of the last round.
    """

    variant: str
    experiment: int
    rule: str
    rounds: dict[float, int | None]
    distance: dict[float, float]
    status: ProcedureStatus
    last_imbalance: float
    last_distance: float


def variant(name: str) -> Variant:
    """The variant of that name. Raises SettingsError, with the nearest name, if there is none."""
    for found in VARIANTS:
        if found.name == name:
            return found
    names = [known.name for known in VARIANTS]
    raise SettingsError(f"variant: no {name!r}{nearest(name, names)} (there are: {names})")


def runs(
    variants: Sequence[Variant] = VARIANTS,
    *,
    councils: int = 30_000,
    experiments: int = 10,
    categories: int | None = None,
    rule_names: Sequence[str] = rules.NAMES,
    first_seed: int = 1,
    max_rounds: int = MAX_ROUNDS,
    n_threads: int | None = None,
    keep: Callable[[Variant, int, Rounds], object] | None = None,
) -> list[Run]:
    """Run every rule in every variant; the economies of a variant have the same seeds.

    Parameters as in `parecon.experiments.book2021.book2021`. `keep` is told of each procedure:
    variant, seed, and its Rounds.
    """
    if categories is None:
        categories = max(1, councils // synthetic.COUNCILS_PER_CATEGORY)
    threads = n_threads or available_threads()
    found = []
    for one in variants:
        for seed in range(first_seed, first_seed + experiments):
            economy = synthetic.book(councils, councils, categories, seed=seed, **one.changes)
            plan = solve(economy, tol=PLAN_TOL, n_threads=threads, certify=False)
            together = Councils(economy, threads)
            for rule in rule_names:
                rounds = simulate(
                    together,
                    rule=rule,
                    start_price=one.start_price,
                    threshold=min(THRESHOLDS),
                    max_rounds=max_rounds,
                    plan=plan,
                    gaps="none",
                )
                if rounds.status is ProcedureStatus.INTERRUPTED:
                    raise KeyboardInterrupt  # asked of one run, meant for all
                found.append(_run(one, seed, rounds))
                if keep is not None:
                    keep(one, seed, rounds)
    return found


def _run(one: Variant, seed: int, rounds: Rounds) -> Run:
    counts = {threshold: rounds.rounds_to(threshold) for threshold in THRESHOLDS}
    return Run(
        variant=one.name,
        experiment=seed,
        rule=rounds.rule,
        rounds=counts,
        distance={
            threshold: math.nan if count is None else float(rounds.distance[count - 1])
            for threshold, count in counts.items()
        },
        status=rounds.status,
        last_imbalance=float(rounds.worst_imbalance[-1]),
        last_distance=float(rounds.distance[-1]),
    )
