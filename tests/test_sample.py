"""A few councils that stand for many: who they are, their curvature, and the plans found with them.

Sampling is switched on for small economies; the plans must be those found without it.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from parecon import newton
from parecon.answers import stand_ins as choosing
from parecon.answers.stand_ins import entries_of, stand_ins, wanted
from parecon.curvature import Curvature
from parecon.problem import Problem
from parecon.sample import Sample
from parecon.status import Status

TOL = 1e-8


@pytest.fixture
def small(monkeypatch):
    """Sample economies of any size."""
    monkeypatch.setattr(choosing, "MIN_ENTRIES", 1)


def without(monkeypatch, economy, **settings):
    """The plan found with all councils throughout."""
    with monkeypatch.context() as patch:
        patch.setattr(choosing, "MIN_ENTRIES", np.inf)
        return pe.solve(economy, tol=TOL, **settings)


def households(rng, councils, goods, width, *, elasticity=(0.3, 0.8, 2.0, 5.0), budget=None):
    """CES consumers with a random basket each; all goods are in somebody's."""
    index = np.argsort(rng.random((councils, goods)), axis=1)[:, :width]
    index[:, 0] = np.arange(councils) % goods
    index.sort(axis=1)
    share = rng.uniform(0.2, 1.0, index.shape)
    share[:, 1:] *= index[:, 1:] != index[:, :-1]  # a good drawn twice counts once
    share /= share.sum(axis=1, keepdims=True)
    row = np.repeat(np.arange(councils), width)
    shares = sp.csr_array((share.ravel(), (row, index.ravel())), shape=(councils, goods))
    shares.eliminate_zeros()
    if budget is None:
        budget = rng.lognormal(0.0, 0.7, councils)
    return pe.CESConsumers(budget, shares, rng.choice(elasticity, councils), label="households")


def market_of(rng, family):
    """The consumers alone with what exists."""
    n = family.shares.shape[1]
    return pe.Economy(n, rng.lognormal(0.0, 1.0, n), (family,))


def at_prices(economy, price, n_threads=1):
    """The compiled economy and its sample, both having answered `price`."""
    problem = Problem(economy, n_threads)
    problem.market.wants_sensitivity = True
    problem.respond(price)
    sample = Sample.of(problem)
    sample.complete()
    return problem, sample


def matrix_of(curvature: Curvature, n: int):
    return np.array([curvature.product(z) for z in np.eye(n)])


# -- who is chosen -----------------------------------------------------------------------------


def test_large_councils_are_in_and_sums_are_kept() -> None:
    size = np.random.default_rng(1).lognormal(0.0, 2.0, 100_000)
    chosen, factor = stand_ins(size, 1_000)
    assert np.all(np.diff(chosen) > 0)
    assert 900 <= len(chosen) <= 1_000
    largest = np.argsort(size)[-20:]
    assert np.isin(largest, chosen).all()
    np.testing.assert_array_equal(factor[np.isin(chosen, largest)], 1.0)
    assert np.sum(size[chosen] * factor) == pytest.approx(size.sum(), rel=1e-12)
    # nobody stands for more than a few of the average's parts
    assert np.max(size[chosen] * factor) <= max(size.max(), 3.0 * size.sum() / 1_000)


@pytest.mark.parametrize("period", [2, 3, 7, 10, 30, 100])
def test_no_period_of_the_data_is_followed(period) -> None:
    """Equal councils in turns of a hundred kinds: every kind is chosen about as often."""
    kind = np.arange(300_000) % period
    chosen, _ = stand_ins(np.ones(300_000), 10_000)
    share = np.bincount(kind[chosen], minlength=period) * period / len(chosen)
    np.testing.assert_allclose(share, 1.0, atol=0.15)


def test_one_council_with_nearly_everything() -> None:
    size = np.ones(50_000)
    size[31_234] = 9.0 * size.sum()
    chosen, factor = stand_ins(size, 500)
    assert factor[chosen == 31_234] == 1.0
    assert len(chosen) > 400


def test_all_are_wanted() -> None:
    chosen, factor = stand_ins(np.array([1.0, 2.0, 3.0]), 3)
    np.testing.assert_array_equal(chosen, [0, 1, 2])
    np.testing.assert_array_equal(factor, 1.0)


def test_entries_of_chosen_rows() -> None:
    indptr, entry = entries_of(np.array([0, 2, 2, 5, 9]), np.array([0, 1, 3]))
    np.testing.assert_array_equal(indptr, [0, 2, 2, 6])
    np.testing.assert_array_equal(entry, [0, 1, 5, 6, 7, 8])


def test_small_economies_are_not_sampled() -> None:
    assert wanted(1_000, 20_000, 50) == 0
    assert wanted(100_000, 2_000_000, 50_000) == 0
    # with wide baskets few councils say enough, with narrow ones many are needed
    assert 0 < wanted(1_000_000, 20_000_000, 10_000) < wanted(4_000_000, 20_000_000, 10_000)


# -- their curvature ---------------------------------------------------------------------------


def test_curvature_of_the_few_is_near_that_of_all(small) -> None:
    """The same diagonal, positive definite, and within a part of it in every direction."""
    rng = np.random.default_rng(2)
    n = 40
    economy = market_of(rng, households(rng, 8_000, n, 20))
    problem, sample = at_prices(economy, rng.lognormal(0.0, 0.5, n))
    exact = matrix_of(problem.curvature(), n)
    found = matrix_of(sample.curvature(), n)
    np.testing.assert_allclose(np.diag(found), np.diag(exact), rtol=1e-12)
    root = np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    assert np.abs(np.linalg.eigvalsh((found - exact) / root)).max() <= 0.15
    assert np.linalg.eigvalsh(found / root).min() > 0.0


def test_a_good_that_none_of_the_few_buys(small) -> None:
    """Its demand is kept as constant spending, its curvature as a diagonal."""
    rng = np.random.default_rng(3)
    n = 40
    family = households(rng, 8_000, n - 1, 20)
    data = sp.csr_array(family.shares).toarray()
    data = np.column_stack([data, np.zeros(8_000)])
    data[4_321, -1] = 0.5
    data[4_321] /= data[4_321].sum()
    budget = family.budget.copy()
    budget[4_321] = 1e-6
    family = pe.CESConsumers(budget, sp.csr_array(data), family.elasticity)
    economy = market_of(rng, family)
    problem, sample = at_prices(economy, np.ones(n))
    few = sample.few[id(problem.answers[0])]
    assert few.rest[-1] > 0.0
    assert np.all(few.rest[:-1] == 0.0)
    exact = problem.curvature().full_diagonal()
    np.testing.assert_allclose(sample.curvature().full_diagonal(), exact, rtol=1e-12)
    plan = pe.solve(economy, tol=TOL)
    assert plan.status is Status.SOLVED
    assert plan.certificate.holds(TOL)


# -- plans -------------------------------------------------------------------------------------


def assert_same(plan, other) -> None:
    assert plan.status is other.status is Status.SOLVED
    assert plan.certificate.holds(TOL)
    np.testing.assert_allclose(plan.price, other.price, rtol=3e-6)
    assert plan.bound == pytest.approx(other.bound, abs=2e-8 * plan.economy.total_budget)


@pytest.mark.parametrize("seed", range(4))
def test_plan_with_workers(small, monkeypatch, seed) -> None:
    economy = pe.synthetic.ces(6_000, 60, 40, seed=seed)
    plan = pe.solve(economy, tol=TOL)
    assert plan.phase_s["sample"] > 0.0
    assert_same(plan, without(monkeypatch, economy))


def test_plan_by_conjugate_gradients(small, monkeypatch) -> None:
    """As with goods by the ten thousand, where nothing is factorised."""
    monkeypatch.setattr(newton, "DENSE_GOODS", 0)
    economy = pe.synthetic.ces(6_000, 60, 40, seed=6)
    assert_same(pe.solve(economy, tol=TOL), without(monkeypatch, economy))


@pytest.mark.parametrize("elasticity", [(0.0,), (0.0, 100.0), (1.0, 1.01), (20.0, 100.0)])
def test_plan_at_extreme_elasticities(small, monkeypatch, elasticity) -> None:
    rng = np.random.default_rng(4)
    economy = market_of(rng, households(rng, 4_000, 25, 20, elasticity=elasticity))
    plan, other = pe.solve(economy, tol=TOL), without(monkeypatch, economy)
    assert plan.status is other.status is Status.SOLVED
    assert plan.certificate.holds(TOL)
    assert plan.bound == pytest.approx(other.bound, abs=2e-8 * economy.total_budget)


def test_plan_with_one_council_that_spends_nearly_everything(small, monkeypatch) -> None:
    """Ninety per cent of all budgets, on goods that others hardly want."""
    rng = np.random.default_rng(5)
    n = 40
    budget = np.full(6_000, 1.0)
    budget[1_717] = 9.0 * 6_000
    economy = market_of(rng, households(rng, 6_000, n, 20, budget=budget))
    assert_same(pe.solve(economy, tol=TOL), without(monkeypatch, economy))


def test_plan_from_a_plan(small, monkeypatch) -> None:
    economy = pe.synthetic.ces(6_000, 60, 40, seed=7)
    first = pe.solve(economy, tol=TOL)
    moved = economy.replace(
        endowment=economy.endowment * np.exp(0.01 * np.random.default_rng(8).normal(size=40))
    )
    warm = pe.solve(moved, tol=TOL, warm_start=first)
    assert warm.n_iterations < pe.solve(moved, tol=TOL).n_iterations
    assert_same(warm, without(monkeypatch, moved))


@pytest.mark.usefixtures("every_thread")
def test_same_bits_on_any_number_of_threads(small) -> None:
    economy = pe.synthetic.ces(6_000, 60, 40, seed=9)
    first, *others = (pe.solve(economy, tol=TOL, n_threads=k) for k in (1, 2, 7))
    for other in others:
        np.testing.assert_array_equal(first.price, other.price)


def test_a_sample_that_misleads_is_dropped(small, monkeypatch) -> None:
    """With a curvature ten times too large steps are short: all councils take over."""
    economy = pe.synthetic.ces(6_000, 60, 40, seed=10)
    honest = Sample.curvature
    asked = []

    def misled(self):
        asked.append(self)
        return honest(self).scaled(np.full(40, 10.0))

    monkeypatch.setattr(Sample, "curvature", misled)
    said: list[str] = []
    plan = pe.solve(economy, tol=TOL, log=said.append)
    assert any("dropped" in line for line in said)
    assert 0 < len(asked) < plan.n_iterations
    assert_same(plan, without(monkeypatch, economy))


def test_a_start_that_misleads_is_not_taken(small, monkeypatch) -> None:
    """Prices of the sample's plan that are worse than those at hand."""
    economy = pe.synthetic.ces(6_000, 60, 40, seed=11)
    honest = newton.NewtonMethod.run

    def misled(self, price):
        status = honest(self, price)
        if self.sample is None:
            self.problem.market.announce(np.full(40, 1e6))
        return status

    monkeypatch.setattr(newton.NewtonMethod, "run", misled)
    plan = pe.solve(economy, tol=TOL)
    assert plan.status is Status.SOLVED
    assert plan.history[1].dual < plan.history[0].dual
    assert plan.certificate.holds(TOL)


@pytest.mark.parametrize("stop_at", [0, 1, 3])
def test_stopped_at_any_time_there_is_a_plan(small, stop_at) -> None:
    economy = pe.synthetic.ces(6_000, 60, 40, seed=12)
    plan = pe.solve(economy, tol=TOL, callback=lambda info: info.iteration == stop_at)
    assert plan.status is Status.INTERRUPTED
    assert plan.n_iterations <= stop_at + 1
    assert plan.certificate.shortage <= 1e-12
    assert plan.gap >= 0.0


def test_stopped_while_the_sample_is_planned(small, monkeypatch) -> None:
    """The plan is one of all councils."""
    economy = pe.synthetic.ces(6_000, 60, 40, seed=13)
    asked = []

    def soon(self):
        asked.append(self)
        if len(asked) > 3:
            raise newton.StoppedError(Status.INTERRUPTED)

    monkeypatch.setattr("parecon.control.Control.poll", soon)
    plan = pe.solve(economy, tol=TOL)
    assert plan.status is Status.INTERRUPTED
    assert plan.certificate.shortage <= 1e-12
