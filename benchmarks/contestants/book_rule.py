"""Hahnel's price rule, by two implementations: `parecon.simulate`, and the package `demplan`.

Both announce prices until no good's imbalance |2 (S - D)/(S + D)| reaches the tolerance; below some
per cent the rule may never get there. What councils proposed last is delivered by the judge.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

import numpy as np

import parecon
from benchmarks.contestants._base import Answer, Array, Contestant, lacking, only
from benchmarks.machine import THREADS
from benchmarks.peers import START_PRICE
from parecon.economy import Economy
from parecon.families import CobbDouglasConsumers, CobbDouglasWorkers
from parecon.status import ProcedureStatus

_MOST_ROUNDS = 3_000
"""What has not settled by then will not."""
_NEVER = 100.0
"""Per cent of imbalance that no price rule is asked for."""


class BookRule(Contestant):
    """Rounds of `parecon.simulate` with rule "book"."""

    name: ClassVar[str] = "book-rule"
    title: ClassVar[str] = "book rule"

    def lacks(self, economy: Economy) -> str:
        """Councils must answer prices with one proposal."""
        return lacking(economy, "smooth")

    def answer(self, economy: Economy, tol: float, limit_s: float) -> Answer:
        """From the book's price where it is the book's economy."""
        is_book = not only(economy, CobbDouglasConsumers, CobbDouglasWorkers)
        rounds = parecon.simulate(
            economy,
            rule="book",
            start_price=START_PRICE if is_book else None,
            threshold=tol,
            max_rounds=_MOST_ROUNDS,
            gaps="none",
            plan=False,
            time_limit_s=limit_s,
            n_threads=THREADS,
        )
        return Answer(
            price=rounds.price[-1],
            steps=rounds.n_rounds,
            word=rounds.status.value,
            stopped=rounds.status is not ProcedureStatus.SETTLED,
        )


class Demplan(Contestant):
    """`demplan.run` with its prefabricated procedure of the book."""

    name: ClassVar[str] = "demplan"
    title: ClassVar[str] = "book rule, demplan"
    packages: ClassVar[tuple[str, ...]] = ("demplan",)

    def lacks(self, economy: Economy) -> str:
        """The book's councils, with effort."""
        reason = only(economy, CobbDouglasConsumers, CobbDouglasWorkers)
        if reason:
            return reason
        consumers, workers = economy.families
        if consumers.needs is not None:
            return "knows no needs"
        return "" if workers.effort is not None else "takes workers with effort only"

    def ready(self, economy: Economy) -> Any:
        """The economy as `demplan` keeps it: its consumers' exponents are a dense table."""
        import demplan
        from demplan.prefabs.hahnel.labels import TECHNOLOGY

        consumers, workers = economy.families
        assert isinstance(consumers, CobbDouglasConsumers)
        assert isinstance(workers, CobbDouglasWorkers)
        assert workers.effort is not None
        wanted = np.unique(consumers.shares.indices).astype(np.int64)
        # the class of a good matters to demplan only where it is public, which ours know as shares
        kind = np.full(economy.n_goods, "intermediate")
        kind[wanted] = "private_good"
        m, inputs = workers.n_councils, workers.exponents
        return demplan.Economy(
            period=0,
            commodity_id=np.arange(economy.n_goods, dtype=np.int64),
            endowment=np.array(economy.endowment),
            unit_id=np.arange(m, dtype=np.int64),
            technology_kind=np.full(m, TECHNOLOGY),
            technology_scale=np.array(workers.productivity),
            input_offsets=inputs.indptr.astype(np.int64),
            input_commodity=inputs.indices.astype(np.int64),
            input_coefficient=np.array(inputs.data),
            output_offsets=np.arange(m + 1, dtype=np.int64),
            output_commodity=workers.output_good.astype(np.int64),
            output_coefficient=np.ones(m),
            consumer_id=np.arange(consumers.n_councils, dtype=np.int64),
            commodity_extra={"hahnel_kind": kind},
            unit_extra={
                "effort_c": np.array(workers.effort.exponent),
                "effort_s": np.array(workers.effort.scale),
                "effort_k": np.array(workers.effort.power),
            },
            consumer_extra={
                "entitlement": np.array(consumers.budget),
                "utility_exponent": consumers.shares.toarray()[:, wanted],
                "utility_exponent_commodity": wanted,
            },
        )

    def answer(self, economy: Any, tol: float, limit_s: float) -> Answer:
        """Its rounds, from the same prices."""
        import demplan
        from demplan.prefabs.hahnel.book_2021 import HahnelBook2021

        rule = _Limited(limit_s)
        procedure = HahnelBook2021(
            threshold_pct=min(100.0 * tol, _NEVER), max_rounds=_MOST_ROUNDS,
            initial_price=START_PRICE, price_rule=rule,
        )  # fmt: skip
        try:
            done = demplan.run(procedure, economy, seed=0, differences=False)
        except _OverError:
            return Answer(price=rule.price, steps=rule.rounds, word="time limit", stopped=True)
        price = np.array(done.plan.valuation["indicative_price"])
        settled = bool(done.summary.converged)
        return Answer(
            price=price,
            steps=int(done.summary.rounds or 0),
            word="settled" if settled else "round limit",
            stopped=not settled,
        )


class _OverError(Exception):
    """The time is over."""


class _Limited:
    """The book's rule, watching the clock: `demplan` has no time limit."""

    def __init__(self, limit_s: float) -> None:
        from demplan.prefabs.hahnel.book_2021 import book_2021_rule

        self._rule, self._end = book_2021_rule, time.perf_counter() + limit_s
        self.rounds = 0

    def initial_state(self, n_commodities: int) -> Array:
        """The rule's own."""
        state: Array = self._rule.initial_state(n_commodities)
        return state

    def __call__(
        self, price: Array, surplus: Array, imbalance: Array, state: Array
    ) -> tuple[Array, Array]:
        """The rule's step, or the end."""
        self.price, self.rounds = np.array(price), self.rounds + 1
        if time.perf_counter() >= self._end:
            raise _OverError
        following: tuple[Array, Array] = self._rule(price, surplus, imbalance, state)
        return following
