"""Cholesky by fronts against the dense factor: any coupling of goods, any threads, any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parecon as pe
from parecon import synthetic
from parecon._blas import single_threaded_blas
from parecon.control import Control, StoppedError
from parecon.curvature import Curvature, Rows, Scratch, Term
from parecon.elimination import Cliques, couplings, eliminate
from parecon.linear_solve import DenseSystem
from parecon.problem import Problem
from parecon.sparse_system import SparseSystem
from parecon.systems import SMALL_GOODS, system_for
from test_linear_solve import matrix_of, never_stop, random_curvature


@pytest.fixture(autouse=True)
def one_blas_thread():
    """As during a solve: the kernels' threads share the work."""
    with single_threaded_blas():
        yield


def sparse(curvature: Curvature, n: int, n_threads: int = 1, full: float = 0.4) -> SparseSystem:
    cliques = Cliques.of([term.rows for term in curvature.terms], n)
    return SparseSystem(eliminate(cliques, never_stop, full), n_threads)


def curvature_of(rows: list[list[int]], n: int, seed: int = 0, out: list[int] | None = None):
    """Consumer-like rows with these goods, maker-like too where `out` is given."""
    rng = np.random.default_rng(seed)
    length = np.array([len(row) for row in rows], dtype=np.int64)
    stop = np.cumsum(length)
    idx = np.array([good for row in rows for good in row], dtype=np.int32)
    made = np.array([] if out is None else out, dtype=np.int32)
    pattern = Rows(stop - length, stop, idx, Scratch(n, 1), made)
    alpha_out = rng.uniform(0.5, 2.0, len(made))
    total = Curvature(n)
    total.diagonal = rng.uniform(0.1, 1.0, n)
    total.terms = [
        Term(pattern, rng.uniform(0.1, 1.0, len(idx)), rng.uniform(0.5, 2.0, len(rows)), alpha_out)
    ]
    return total


def assert_solves(curvature: Curvature, n: int, full: float = 0.4) -> SparseSystem:
    """The factor alone is exact to rounding."""
    system = sparse(curvature, n, full=full)
    system.factorise(curvature)
    rhs = np.random.default_rng(1).normal(size=n)
    x, _ = system.solve(rhs, relative=1.0, poll=never_stop)
    np.testing.assert_allclose(curvature.product(x), rhs, atol=1e-11 * max(1.0, abs(rhs).max()))
    return system


SHAPES = {
    "one good": ([[0]], 1),
    "no rows": ([], 4),
    "empty rows": ([[], [0, 1], []], 3),
    "nothing coupled": ([[0], [1], [2]], 5),
    "a chain": ([[i, i + 1] for i in range(59)], 60),
    "a ring": ([[i, (i + 1) % 60] for i in range(60)], 60),
    "a star": ([[0, i] for i in range(1, 60)], 60),
    "two economies": ([[i, i + 2] for i in range(58)], 60),
    "one row of all": ([list(range(60))], 60),
    "a grid": (
        [[10 * i + j, 10 * i + j + 1] for i in range(10) for j in range(9)]
        + [[10 * i + j, 10 * i + 10 + j] for i in range(9) for j in range(10)],
        100,
    ),
    "goods that nobody couples": ([[2 * i, 2 * i + 2] for i in range(29)], 61),
    "the same goods again": ([[3, 1, 2]] * 7 + [[2, 4, 3]] * 5, 6),
}


@pytest.mark.parametrize("full", [0.0, 0.4, 2.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape(shape, full) -> None:
    """Whether all of it counts as dense, or nothing does."""
    rows, n = SHAPES[shape]
    assert_solves(curvature_of(rows, n), n, full)
    out = np.random.default_rng(3).integers(-1, n, len(rows)).tolist()
    assert_solves(curvature_of(rows, n, out=out), n, full)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 80),
    m=st.integers(1, 120),
    spread=st.floats(0.0, 4.0),
    seed=st.integers(0, 2**32 - 1),
    full=st.sampled_from([0.2, 0.4, 0.9, 2.0]),
)
def test_the_same_as_the_dense_factor(n, m, spread, seed, full) -> None:
    """In the scaled goods, to rounding."""
    total = random_curvature(np.random.default_rng(seed), n, m, spread=spread)
    system, dense = sparse(total, n, full=full), DenseSystem(n, 1)
    system.factorise(total)
    dense.factorise(total)
    rhs = np.sqrt(total.full_diagonal()) * np.random.default_rng(seed).normal(size=n)
    got, expected = (s.solve(rhs, relative=1.0, poll=never_stop)[0] for s in (system, dense))
    scale = np.sqrt(total.full_diagonal())
    size = np.max(np.abs(scale * expected))
    np.testing.assert_allclose(scale * got, scale * expected, atol=1e-10 * size)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 60))
def test_the_order_of_goods_does_not_matter(seed, n) -> None:
    """Goods renumbered: the same step for each, to rounding."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(n)[: rng.integers(1, min(n, 5) + 1)].tolist() for _ in range(2 * n)]
    total, rhs, new = curvature_of(rows, n, seed), rng.normal(size=n), rng.permutation(n)
    other = curvature_of([new[row].tolist() for row in rows], n, seed)
    other.diagonal[new] = total.diagonal
    steps = []
    for curvature, side in ((total, rhs), (other, rhs[np.argsort(new)])):
        system = sparse(curvature, n)
        system.factorise(curvature)
        steps.append(system.solve(side, relative=1.0, poll=never_stop)[0])
    np.testing.assert_allclose(steps[1][new], steps[0], atol=1e-12 * abs(steps[0]).max())


@pytest.mark.usefixtures("every_thread")
def test_the_same_bits_for_any_number_of_threads() -> None:
    """Large enough for fronts in tiles, and for subtrees side by side."""
    economy = synthetic.five_year(60, 5, seed=2)
    bits = set()
    for n_threads in (1, 2, 7):
        problem, curvature = first_curvature(economy, n_threads)
        system = system_for(problem, curvature, never_stop)
        assert isinstance(system, SparseSystem)
        assert len(system.programme.tasks) > 7
        system.factorise(curvature)
        rhs = np.sqrt(curvature.full_diagonal()) * np.linspace(-1, 1, economy.n_goods)
        bits.add(system.solve(rhs, relative=1e-10, poll=never_stop)[0].tobytes())
    assert len(bits) == 1


def first_curvature(economy: pe.Economy, n_threads: int = 1) -> tuple[Problem, Curvature]:
    """Where the interior point starts."""
    problem = Problem(economy, n_threads)
    price = np.ones(economy.n_goods)
    problem.market.average_product = problem.total_budget / problem.n_goods
    problem.market.announce(price)
    for answer in problem.inner:
        answer.start(problem.market, 1e-3 * problem.total_budget / problem.n_goods)
    problem.respond(price)
    curvature = problem.curvature()
    curvature.diagonal += 1e-3 * problem.total_budget / problem.n_goods
    return problem, curvature


# The analysis -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 70), full=st.sampled_from([0.3, 0.7, 2.0]))
def test_fronts_hold_all_that_elimination_couples(seed, n, full) -> None:
    """Against elimination good by good on the graph: every later neighbour is in the front."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(n)[: rng.integers(0, min(n, 5) + 1)].tolist() for _ in range(n)]
    total = curvature_of(rows, n)
    e = eliminate(Cliques.of([term.rows for term in total.terms], n), never_stop, full)
    np.testing.assert_array_equal(np.sort(e.place), np.arange(n))
    assert e.first[-1] == n
    assert np.all((e.parent == -1) | (e.parent > np.arange(e.n_fronts)))
    later = [set() for _ in range(n)]
    for row in rows:
        places = sorted(e.place[row].tolist())
        for k, place in enumerate(places):
            later[place] |= set(places[k + 1 :])
    for place in range(n):
        for other in later[place]:
            later[other] |= {x for x in later[place] if x > other}
    for s in range(e.n_fronts):
        boundary = e.boundary[e.beyond[s] : e.beyond[s + 1]].tolist()
        held = set(range(e.first[s], e.first[s + 1])) | set(boundary)
        assert boundary == sorted(boundary)
        for place in range(e.first[s], e.first[s + 1]):
            assert later[place] <= held
        if boundary:
            p = e.parent[s]
            above = set(range(e.first[p], e.first[p + 1]))
            above |= set(e.boundary[e.beyond[p] : e.beyond[p + 1]].tolist())
            assert set(boundary) <= above
        else:
            assert e.parent[s] == -1


def test_little_fill_where_there_need_be_none() -> None:
    """Trees fill nothing in, but tiny fronts are joined: each takes some time of its own."""
    n = 3000
    for tree in ([[i, i + 1] for i in range(n - 1)], [[0, i] for i in range(1, n)]):
        total = curvature_of(tree, n)
        e = eliminate(Cliques.of([term.rows for term in total.terms], n), never_stop, 2.0)
        assert e.size.max() < 150
        assert e.entries() < 150 * n
    grid = curvature_of([[30 * i + j, 30 * i + j + k] for i in range(29) for j in range(29)
                         for k in (1, 30)], 900)  # fmt: skip
    e = eliminate(Cliques.of([term.rows for term in grid.terms], 900), never_stop)
    assert e.size.max() < 120
    assert e.entries() < 900 * 900 / 10


def test_capital_is_eliminated_by_industry() -> None:
    """Years of a country: the last front is about the products of all years, the others small."""
    economy = synthetic.five_year(160, 5, seed=1)
    problem, curvature = first_curvature(economy)
    system = system_for(problem, curvature, never_stop)
    assert isinstance(system, SparseSystem)
    size = system.elimination.size
    assert size[-1] < 805
    assert np.sort(size)[-10] < 400
    assert system.elimination.cost() < 1e-2 * economy.n_goods**3 / 3 / 8e9


# Numbers that are hard ----------------------------------------------------------------------------


def test_a_good_without_curvature_is_left_to_itself() -> None:
    total = curvature_of([[0, 1], [1, 2]], 5)
    total.diagonal[3:] = [0.0, 1e-320]
    system = sparse(total, 5)
    system.factorise(total)
    x, _ = system.solve(np.ones(5), relative=1e-10, poll=never_stop)
    assert np.isfinite(x).all()
    assert x[3:].tolist() == [0.0, 0.0]


def test_nan_is_noticed() -> None:
    for n in (5, 300):
        total = curvature_of([[i, i + 1] for i in range(n - 1)], n)
        total.terms[0].val[3] = np.nan
        with pytest.raises(FloatingPointError):
            sparse(total, n).factorise(total)
        total = curvature_of([[i, i + 1] for i in range(n - 1)], n)
        total.diagonal[2] = np.nan
        with pytest.raises(FloatingPointError):
            sparse(total, n).factorise(total)


def test_what_rounding_made_indefinite_is_regularised() -> None:
    """Singular but for rounding: solved to the residual asked for, where the right side allows."""
    n = 120
    rows = [[i, i + 1, i + 2] for i in range(n - 2)]
    total = curvature_of(rows, n)
    total.diagonal[:] = 1e-18
    system = sparse(total, n)
    system.factorise(total)
    matrix = matrix_of(total, n)
    rhs = matrix @ np.random.default_rng(5).normal(size=n)
    x, _ = system.solve(rhs, relative=1e-10, poll=never_stop)
    assert np.linalg.norm(matrix @ x - rhs) <= 1e-9 * np.linalg.norm(rhs)


# The choice ---------------------------------------------------------------------------------------


def test_dense_where_goods_are_few_or_coupled_with_all() -> None:
    few = first_curvature(synthetic.five_year(5, 3, seed=1))
    assert few[0].n_goods < SMALL_GOODS
    many = first_curvature(synthetic.activities(500, 3_000, seed=1))
    assert couplings([term.rows for term in many[1].terms]) > 500**2
    for problem, curvature in (few, many):
        assert isinstance(system_for(problem, curvature, never_stop), DenseSystem)


def test_the_analysis_is_kept_while_goods_are_coupled_as_before() -> None:
    economy = synthetic.five_year(20, 5, seed=1)
    solver = pe.Solver(economy)
    first = solver.solve()
    system = solver._problem.sparse_system
    assert isinstance(system, SparseSystem)
    targets = economy.family("targets")
    solver.update(families={"targets": {"target": 1.1 * targets.target}})
    again = solver.solve()
    assert solver._problem.sparse_system is system
    assert "analysis" in first.phase_s
    assert again.status is pe.Status.SOLVED
    anew = pe.solve(solver.economy)
    assert again.welfare == pytest.approx(anew.welfare, abs=2e-6 * economy.total_budget)


def test_goods_coupled_anew_are_analysed_anew() -> None:
    economy = synthetic.five_year(20, 5, seed=1)
    problem, curvature = first_curvature(economy)
    system = system_for(problem, curvature, never_stop)
    assert system_for(problem, curvature, never_stop) is system
    investment = economy.family("investment")
    order = np.random.default_rng(0).permutation(investment.n_councils)
    other = economy.replace(families={"investment": {"net_output": investment.net_output[order]}})
    changed, curvature = first_curvature(other)
    changed.sparse_system = system
    assert system_for(changed, curvature, never_stop) is not system


def test_a_factorisation_can_be_stopped() -> None:
    problem, curvature = first_curvature(synthetic.five_year(60, 5, seed=1))
    system = system_for(problem, curvature, never_stop)
    with Control(pe.Settings()) as control:
        control.interrupt()
        with pytest.raises(StoppedError):
            system.factorise(curvature, control.poll)
        n = 400
        dense = random_curvature(np.random.default_rng(1), n, 50)
        with pytest.raises(StoppedError):
            DenseSystem(n, 1).factorise(dense, control.poll)


# Whole plans --------------------------------------------------------------------------------------

ECONOMIES = {
    "harmony": lambda: synthetic.five_year(12, 4, seed=3),
    "ray": lambda: synthetic.five_year(12, 4, objective="ray", seed=3),
    "activities": lambda: synthetic.activities(60, 150, seed=1),
    "ces": lambda: synthetic.ces(40, 60, 30, seed=1, goods_per_council=5, linear_activities=20),
    "fisher": lambda: synthetic.fisher(60, 20, seed=1),
    "targets": lambda: synthetic.planted_targets(50, 130, seed=1, free_resources=2).economy,
}


@pytest.mark.parametrize("name", ECONOMIES)
def test_the_same_plan_as_by_the_dense_factor(name, monkeypatch) -> None:
    """Every family, with fronts forced on economies that are too small for them."""
    economy = ECONOMIES[name]()
    plans = {}
    for kind in (DenseSystem, SparseSystem):

        def system(problem, curvature, poll, before=None, kind=kind):
            if kind is DenseSystem:
                return DenseSystem(problem.n_goods, 1)
            return sparse(curvature, problem.n_goods)

        monkeypatch.setattr("parecon.interior.system_for", system)
        plans[kind] = pe.solve(economy, tol=1e-7, method="interior")
    dense, fronts = plans[DenseSystem], plans[SparseSystem]
    assert dense.status is fronts.status is pe.Status.SOLVED
    assert len(fronts.history) <= len(dense.history) + 2
    assert fronts.welfare == pytest.approx(dense.welfare, abs=2e-7 * economy.total_budget)
    np.testing.assert_allclose(fronts.supply, dense.supply, rtol=1e-3, atol=1e-6)
