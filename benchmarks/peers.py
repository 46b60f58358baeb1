"""The peers: other ways to the same answers, written as well as their libraries allow.

=====================  ============================================================================
`CobbDouglasMarket`    one response of a book economy in SciPy: two sparse products and an exp
`BookRule`             Hahnel's price adjustment rule on top of it (DESIGN section 5)
`CouncilByCouncil`     a round in which every consumer council's proposal is worked out and added up
`clarabel_fisher`      linear Fisher market by CVXPY with Clarabel
`clarabel_activities`  linear activities with log utility by CVXPY with Clarabel
=====================  ============================================================================

None of them shares code with the solver. Where a peer has a choice it gets the faster way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.families import Activities, CobbDouglasConsumers, CobbDouglasWorkers, LinearConsumers
from parecon.proposals import ActivityProposals, ConsumerProposals

Array = NDArray[np.float64]

START_PRICE = 700.0
"""Where the book starts every price."""
FIRST_MULTIPLIER = 0.25
LEAST_CHANGE = 0.001


class CobbDouglasMarket:
    """Cobb-Douglas councils in SciPy, everything that does not depend on prices done beforehand.

    With D = 1 - sum b - c/k the value of a worker council's output is
    exp{ [ log A + sum b log b + (c/k) log(c/(k k_s)) + log p_o - sum b log p ] / D };
    consumers spend the same on each good at any prices, so that one vector answers for them.
    """

    def __init__(self, economy: Economy) -> None:
        consumers, workers = economy.families
        assert isinstance(consumers, CobbDouglasConsumers)
        assert isinstance(workers, CobbDouglasWorkers)
        assert workers.effort is not None
        effort = workers.effort
        exponents = workers.exponents
        ratio = effort.exponent / effort.power
        slack = 1.0 - exponents.sum(axis=1) - ratio
        logs = exponents.copy()
        logs.data = logs.data * np.log(logs.data)
        constant = np.log(workers.productivity) + logs.sum(axis=1)
        constant = constant + ratio * np.log(ratio / effort.scale)
        self.economy = economy
        self.output_good = workers.output_good
        # scaled by 1/D beforehand, so that a response is product, exp, product and no more
        self.scaled = sp.csr_array(sp.diags_array(1.0 / slack) @ exponents)
        self.power = 1.0 / slack
        self.constant = constant / slack
        self.used = exponents.T
        self.spending = consumers.shares.T @ consumers.budget
        self.endowment = np.asarray(economy.endowment)

    def respond(self, price: Array) -> tuple[Array, Array]:
        """(supply, demand) (n,) at prices (n,), both as values."""
        log_price = np.log(price)
        log_value = self.power * log_price[self.output_good]
        log_value += self.constant
        log_value -= self.scaled @ log_price
        value = np.exp(log_value, out=log_value)
        made = np.bincount(self.output_good, weights=value, minlength=len(price))
        return price * self.endowment + made, self.spending + self.used @ value


class BookRule:
    """The book's rule: prices of goods in shortage rise, those of goods in surplus fall.

    With imbalance v = |2 (S - D)/(S + D)| and a multiplier m per good, .25 at first:
    base = 1.05 - .5^v,  w = max(.001, min(base, base m)),  m <- min(v, .25),  p <- p (1 -+ w).
    Published price paths are reproduced by this to 1e-12 (Hahnel 2021, ch. 9, first year).
    """

    def __init__(self, economy: Economy) -> None:
        self.market = CobbDouglasMarket(economy)

    def run(self, rounds: int) -> tuple[Array, float]:
        """(prices, worst imbalance in the last round) after so many rounds from price 700."""
        price = np.full(self.market.economy.n_goods, START_PRICE)
        multiplier = np.full(price.size, FIRST_MULTIPLIER)
        worst = np.inf
        for _ in range(rounds):
            supply, demand = self.market.respond(price)
            price, imbalance = book_step(price, supply, demand, multiplier)
            multiplier = np.minimum(imbalance, FIRST_MULTIPLIER)
            worst = float(imbalance.max())
        return price, worst


def book_step(price: Array, supply: Array, demand: Array, multiplier: Array) -> tuple[Array, Array]:
    """(next prices, imbalances) (n,) by the book's rule; supply and demand in any unit."""
    excess = supply - demand
    imbalance = np.abs(2.0 * excess / (supply + demand))
    base = 1.05 - 0.5**imbalance
    change = np.maximum(LEAST_CHANGE, np.minimum(base, base * multiplier))
    return price * (1.0 - np.sign(excess) * change), imbalance


class CouncilByCouncil(CobbDouglasMarket):
    """The same market, with the shares of every consumer council kept and its proposal worked out.

    Consumers in the order of a dense array (H, goods wanted): b a / p where utilities are
    Cobb-Douglas, b g / p with g = a p^(1-s) / sum a p^(1-s) where elasticities are given.
    """

    def __init__(self, economy: Economy, elasticity: Array | None = None) -> None:
        super().__init__(economy)
        consumers = economy.families[0]
        assert isinstance(consumers, CobbDouglasConsumers)
        self.wanted = np.unique(consumers.shares.indices)
        self.shares = consumers.shares.toarray()[:, self.wanted]
        self.budget = consumers.budget
        self.bend = None if elasticity is None else 1.0 - elasticity

    def respond(self, price: Array) -> tuple[Array, Array]:
        """(supply, demand) (n,) at prices (n,), both as values."""
        self.spending = np.zeros(len(price))
        wanted = price[self.wanted]
        self.spending[self.wanted] = self.proposals(wanted).sum(axis=0) * wanted
        return super().respond(price)

    def proposals(self, price: Array) -> Array:
        """(H, goods wanted) quantities."""
        if self.bend is None:
            return self.shares * self.budget[:, None] / price
        weight = self.shares * np.exp(self.bend[:, None] * np.log(price))
        return weight * (self.budget / weight.sum(axis=1))[:, None] / price

    def by_product(self, price: Array) -> Array:
        """What all want of each good, as one product: without anybody's proposal."""
        return (self.budget @ self.shares) / price[self.wanted]


@dataclass(frozen=True)
class PeerAnswer:
    """What `parecon.certify` reads of a plan, from a peer.

    Attributes
    ----------
    price : (n,) float64
        Multipliers of clearance, money per unit.
    proposals : tuple
        One per family of the economy.
    solver_s : float
        Seconds inside the solver itself; the rest of a peer's time is CVXPY's.
    status : str
        As CVXPY words it.
    """

    price: Array
    proposals: tuple[Any, ...]
    solver_s: float
    status: str


def clarabel_fisher(economy: Economy, tol: float) -> PeerAnswer:
    """max sum_h b_h log(v_h . x_h) subject to sum_h x_h <= e, one Variable of all entries."""
    import cvxpy as cp

    (family,) = economy.families
    assert isinstance(family, LinearConsumers)
    value = family.value
    entries = np.arange(value.nnz)
    by_council = sp.csr_array(
        (value.data, entries, value.indptr), shape=(len(family.budget), len(entries))
    )
    by_good = sp.csr_array(
        (np.ones(len(entries)), (value.indices, entries)), shape=(economy.n_goods, len(entries))
    )
    quantity = cp.Variable(len(entries), nonneg=True)
    clearance = by_good @ quantity <= economy.endowment
    problem = cp.Problem(cp.Maximize(family.budget @ cp.log(by_council @ quantity)), [clearance])
    _solve(problem, tol)
    price = _nonnegative(clearance.dual_value)
    bought = _nonnegative(quantity.value)
    spending = sp.csr_array((price[value.indices], entries, value.indptr), shape=by_council.shape)
    proposal = ConsumerProposals(bought, spending @ bought, by_council @ bought)
    return _answer(problem, price, (proposal,))


def clarabel_activities(economy: Economy, tol: float) -> PeerAnswer:
    """max sum_i w_i log(net output + endowment)_i over levels, one Variable.

    Cobb-Douglas consumers want goods in fixed proportions of money, so that one consumer with
    weights w_i = sum_h b_h a_hi has the same plan as all of them: far fewer cones for the peer.
    """
    import cvxpy as cp

    consumers, techniques = economy.families
    assert isinstance(consumers, CobbDouglasConsumers)
    assert isinstance(techniques, Activities)
    weight = consumers.shares.T @ consumers.budget
    wanted, rest = np.flatnonzero(weight > 0.0), np.flatnonzero(weight == 0.0)
    net = sp.csr_array(techniques.net_output.T)
    endowment = np.asarray(economy.endowment)
    level = cp.Variable(techniques.n_councils, nonneg=True)
    left = net[rest] @ level + endowment[rest] >= 0.0
    limits = [left]
    if techniques.capacity is not None:
        capped = np.flatnonzero(np.isfinite(techniques.capacity))
        limits.append(level[capped] <= techniques.capacity[capped])
    consumed = net[wanted] @ level + endowment[wanted]
    problem = cp.Problem(cp.Maximize(weight[wanted] @ cp.log(consumed)), limits)
    _solve(problem, tol)
    price = np.zeros(economy.n_goods)
    price[wanted] = weight[wanted] / consumed.value
    price[rest] = _nonnegative(left.dual_value)
    return _answer(problem, price, _activity_proposals(economy, price, _nonnegative(level.value)))


def _activity_proposals(economy: Economy, price: Array, level: Array) -> tuple[Any, ...]:
    """Everybody's part of what the one consumer gets, and the levels."""
    consumers = economy.families[0]
    assert isinstance(consumers, CobbDouglasConsumers)
    shares = consumers.shares
    spent = np.repeat(consumers.budget, np.diff(shares.indptr)) * shares.data
    quantity = spent / price[shares.indices]
    # utilities and values are the judge's to compute: it reads quantities only
    unread = np.zeros(consumers.n_councils), np.zeros(consumers.n_councils)
    idle = np.zeros_like(level), np.zeros_like(level)
    return ConsumerProposals(quantity, *unread), ActivityProposals(level, *idle)


def _solve(problem: Any, tol: float) -> None:
    """Clarabel at the tolerance asked of ours: tighter defaults would be held against it."""
    problem.solve(solver="CLARABEL", tol_gap_abs=tol, tol_gap_rel=tol, tol_feas=tol)


def _nonnegative(values: Any) -> Array:
    """What a solver left below zero by rounding, at zero."""
    return np.maximum(np.asarray(values, dtype=np.float64), 0.0)


def _answer(problem: Any, price: Array, proposals: tuple[Any, ...]) -> PeerAnswer:
    return PeerAnswer(price, proposals, float(problem.solver_stats.solve_time), problem.status)
