"""Which linear system an economy gets: dense, sparse or iterative, by the work that each takes.

Counted are the couplings of goods, whatever the economy is: only where there are fewer than a dense
matrix has entries is it worth looking for an order of elimination, and only where its fronts take
less time than one dense factor are they used. Beyond what either can hold, conjugate gradients.
"""

from __future__ import annotations

from parecon.curvature import Curvature
from parecon.elimination import Cliques, Elimination, couplings, dense_cost, eliminate
from parecon.linear_solve import DenseSystem, IterativeSystem, Poll
from parecon.problem import Problem
from parecon.sparse_system import SparseSystem

System = DenseSystem | SparseSystem | IterativeSystem
SYSTEMS: dict[type[System], str] = {
    DenseSystem: "one dense factor",
    SparseSystem: "sparse factors by fronts",
    IterativeSystem: "conjugate gradients",
}

DENSE_GOODS = 12_000  # the largest dense factor, in time and in memory
SMALL_GOODS = 400  # a dense factor takes less time than to look for anything better
MAX_PRODUCTS = 2_000
_FILLED = 0.5  # part of a matrix's entries from which it counts as dense
_WORTH = 0.7  # of a dense factor's time
MOST_CORRECTIONS = 3
_PASSES = 5  # over the rows' entries for one more direction, beside that over the factor
_SECONDS = 1e-9  # for a number of either


def suits(system: System | None, curvature: Curvature) -> bool:
    """Whether a system can go on with this curvature."""
    return system is not None and (not isinstance(system, SparseSystem) or system.suits(curvature))


def corrections(system: System, curvature: Curvature) -> int:
    """How often a step may be corrected with the same factor before a new one would be cheaper."""
    if isinstance(system, IterativeSystem):
        return 0
    if isinstance(system, SparseSystem):
        factor, entries = system.elimination.cost(), system.elimination.entries()
    else:
        n = len(system.scale)
        factor, entries = dense_cost(n), n**2
    entries += _PASSES * sum(len(term.val) for term in curvature.terms)
    return min(MOST_CORRECTIONS, int(factor / (entries * _SECONDS)))


def system_for(
    problem: Problem, curvature: Curvature, poll: Poll, *, before: System | None = None
) -> System:
    """Choose; a sparse system stays with the problem as long as its goods are coupled as before.

    before : the system of the last iteration. Where goods are coupled otherwise from one iteration
        to the next, analysis is not worth it if a dense factor can be had.
    """
    n, rows = problem.n_goods, [term.rows for term in curvature.terms]
    kept = problem.sparse_system
    if isinstance(kept, SparseSystem) and kept.suits(curvature):
        return kept
    problem.sparse_system = None
    changes = isinstance(before, SparseSystem) and n <= DENSE_GOODS
    if not changes and n > SMALL_GOODS and couplings(rows) < _FILLED * float(n) ** 2:
        elimination = eliminate(Cliques.of(rows, n), poll)
        if is_worth_it(elimination, n):
            problem.sparse_system = SparseSystem(elimination, problem.n_threads)
            return problem.sparse_system
    if n <= DENSE_GOODS:
        return DenseSystem(n, problem.n_threads)
    return IterativeSystem(MAX_PRODUCTS)


def is_worth_it(elimination: Elimination, n: int) -> bool:
    """Whether fronts take less than the dense factor, or than the largest one there may be."""
    most = _WORTH if n <= DENSE_GOODS else 1.0
    dense = min(n, DENSE_GOODS)
    return elimination.cost() <= most * dense_cost(dense) and elimination.entries() <= dense**2
