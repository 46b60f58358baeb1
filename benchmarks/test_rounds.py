"""The annual procedure: what a round takes, and how many rounds the default rule needs."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

import parecon
from benchmarks import peers
from benchmarks.economies import SEED, Case, cases
from benchmarks.figures import Figures
from benchmarks.machine import THREADS
from benchmarks.timing import describe, timed
from benchmarks.words import number
from parecon import rules, synthetic
from parecon.economy import Economy
from parecon.families import CESConsumers
from parecon.procedure.councils import Councils
from parecon.rules import Rule

pytestmark = pytest.mark.usefixtures("blas_as_in_a_solve")

Array = NDArray[np.float64]

SCIPY, PRODUCT = "a round in SciPy", "consumers as one product"
ONE_PER_CENT = 0.01
EXPONENTS = ((0.75, 0.85), (0.85, 0.9), (0.9, 0.95))


class Board:
    """Prices near those of a plan, and the next ones by a rule."""

    def __init__(self, economy: Economy, rule: Rule) -> None:
        self.councils, self.rule = Councils(economy, THREADS), rule
        dice = np.random.default_rng(SEED)
        self.price = peers.START_PRICE * np.exp(0.1 * dice.standard_normal(economy.n_goods))

    def round(self) -> tuple[Array, Array, Array]:
        """(supply, demand, next prices) of one announcement, quantities and money per unit."""
        seen = self.councils.answer(self.price, self.rule.sees)
        return seen.supply, seen.demand, self.rule.next_price(seen)


def scipy_round(market: peers.CobbDouglasMarket, price: Array) -> tuple[Array, Array, Array]:
    """The same in SciPy, by the book rule."""
    supply, demand = (value / price for value in market.respond(price))
    following, _ = peers.book_step(price, supply, demand, np.full(len(price), 0.25))
    return supply, demand, following


def same(ours: tuple[Array, Array, Array], theirs: tuple[Array, Array, Array]) -> None:
    """Both sides did the same round."""
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9)


@pytest.mark.parametrize("case", cases("book"))
def test_book_round(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """The book rule, in turns with SciPy council by council and with consumers as one product."""
    economy = case.economy()
    board = Board(economy, rules.Book())
    market = peers.CouncilByCouncil(economy)
    against = {
        SCIPY: partial(scipy_round, market, board.price),
        PRODUCT: partial(market.by_product, board.price),
    }
    result = timed(benchmark, lambda: (board.rule.reset(), board.round())[1], against)
    same(result.answer, result.peer_answer[SCIPY])
    describe(benchmark, size=case.label, entries=economy.n_entries)
    figures.grow("a round (book)", economy.n_entries, result.median)
    note = f"{number(result.median, 's')} a round; over that product alone "
    note += number(result.ratio(PRODUCT), "ratio")
    figures.reach("round: against SciPy", case.label, result.ratio(SCIPY), note, result=result)


@pytest.mark.parametrize("case", cases("book", labels=("30,000 + 30,000, 500 goods",)))
def test_ces_round(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """The book's consumers with elasticities of substitution from .3 to 3."""
    economy = case.economy()
    consumers = economy.family("consumers")
    elasticity = np.random.default_rng(SEED).choice([0.3, 0.7, 1.5, 3.0], consumers.n_councils)
    ces = CESConsumers(consumers.budget, consumers.shares, elasticity, label="consumers")
    board = Board(
        Economy(economy.goods, economy.endowment, (ces, economy.family("workers"))), rules.Book()
    )
    market = peers.CouncilByCouncil(economy, elasticity)
    result = timed(
        benchmark,
        lambda: (board.rule.reset(), board.round())[1],
        {SCIPY: partial(scipy_round, market, board.price)},
    )
    same(result.answer, result.peer_answer[SCIPY])
    note = f"{number(result.median, 's')} a round"
    figures.reach("round: CES against SciPy", case.label, result.ratio(SCIPY), note, result=result)


@pytest.mark.parametrize("case", cases("workers"))
def test_default_round(benchmark: BenchmarkFixture, figures: Figures, case: Case) -> None:
    """Sensitivities summed with the answers, and the step of the default rule."""
    economy = case.economy()
    board = Board(economy, rules.make(rules.DEFAULT))
    result = timed(benchmark, lambda: (board.rule.reset(), board.round())[1])
    assert np.all(np.isfinite(result.answer[2]))
    describe(benchmark, size=case.label, entries=economy.n_entries)
    figures.grow("a round (workers)", economy.n_entries, result.median)
    note = f"fastest {number(result.fastest, 's')}"
    figures.reach("round: seconds", case.label, result.median, note, result=result)


@pytest.mark.parametrize("exponents", EXPONENTS, ids=str)
def test_rounds_to_one_per_cent(
    benchmark: BenchmarkFixture, figures: Figures, exponents: tuple[float, float]
) -> None:
    """How many announcements the default rule needs, however long they take."""
    needed = []
    for seed in range(SEED, SEED + 3):
        economy = synthetic.book(seed=seed, exponent_sum=exponents, goods_per_consumer=20)
        councils = Councils(economy, THREADS)
        simulate = partial(
            parecon.simulate, councils, start_price=peers.START_PRICE, threshold=ONE_PER_CENT,
            gaps="none", plan=False,
        )  # fmt: skip
        rounds = benchmark.pedantic(simulate) if seed == SEED else simulate()
        assert rounds.settled
        needed.append(rounds.n_rounds)
    name = f"rounds: {exponents[0]:.2f}-{exponents[1]:.2f}"
    figures.reach(name, "30,000 + 30,000, 500 goods", max(needed), f"{needed}")
