"""The condensed Newton step is the step of the whole system, nothing eliminated.

Here stand the optimality conditions as they are in DESIGN section 4, in physical units, as
functions of every unknown: prices, surpluses, levels, slacks, rooms, rents, quantities, beta. Their
Jacobian is assembled densely by differences and solved at once; the solver's step, made of n x n
pieces, must agree in every unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from answers.answers_for_tests import OWNERS, owners_economy, problem_of
from parecon.answers.levels import Levels
from reference.dual import unit_costs
from reference.trees import of_outputs, of_workers

STEP = 1e-4  # relative; central differences of four points, so that truncation is some 1e-14
MIX = (
    "activities",
    "ces falling",
    "nested falling",
    "joint",
    "suppliers linear",
    "linear consumers",
    "harmony",
)


def marginal_loss(family, councils, price, level):
    """(k,) marginal cost less marginal revenue of the level, by the families' definitions."""
    kind = type(family).__name__
    if kind == "Activities":
        return -(family.net_output @ price)
    if kind == "Suppliers":
        q0, p0, eta = (getattr(family, name)[councils] for name in ("quantity", "price",
                       "elasticity"))  # fmt: skip
        marginal = (
            p0 * (1.0 + (level / q0 - 1.0) / eta)
            if family.form == "linear"
            else p0 * (level / q0) ** (1.0 / eta)
        )
        return marginal - price[family.good[councils]]
    if kind == "Targets":
        reached = level / family.target
        worth = np.where(reached < 1.0, 2.0 - reached, 1.0 / reached)
        return price[family.good] - family.weight / family.target * worth
    cost = unit_costs(of_workers(family), price)
    if getattr(family, "fixed", None) is not None:
        cost = cost + family.fixed @ price
    if kind == "JointWorkers":
        return cost - unit_costs(of_outputs(family), price)
    a, r = family.productivity[councils], family.returns[councils]
    revenue = price[family.output_good[councils]] * a * r * level ** (r - 1.0)
    return cost[councils] - revenue


@dataclass
class Whole:
    """All unknowns of a problem as one vector, all conditions as one function of it.

    `answers` : (answer, its family, which of the family's councils); the vector is prices,
    surpluses, then for each answer level, slack, room, rent or x, s, beta.
    """

    problem: object
    answers: list

    @classmethod
    def of(cls, problem):
        answers = []
        for family, group in zip(problem.economy.families, problem.groups, strict=True):
            for answer in group:
                if answer in problem.inner:
                    all_of_them = np.arange(family.n_councils)
                    councils = all_of_them if answer.councils is None else answer.councils
                    answers.append((answer, family, councils))
        return cls(problem, answers)

    @staticmethod
    def names(answer):
        levels = ("level", "slack", "room", "rent")
        return levels if isinstance(answer, Levels) else ("x", "s", "beta")

    def vector(self, price, surplus, prefix=""):
        """Prices, surpluses, and the answers' unknowns (or, with prefix `d`, their steps)."""
        parts = [price, surplus]
        for answer, _, _ in self.answers:
            for name in self.names(answer):
                linear = {"x": "dx", "s": "ds", "beta": "dbeta"}
                step = linear.get(name, f"d_{name}")
                parts.append(getattr(answer, step if prefix else name))
        return np.concatenate(parts)

    def put(self, vector):
        """Give the answers their unknowns back; return (price, surplus)."""
        n, at = self.problem.n_goods, 2 * self.problem.n_goods
        for answer, _, _ in self.answers:
            for name in self.names(answer):
                size = len(getattr(answer, name))
                setattr(answer, name, vector[at : at + size].copy())
                at += size
        return vector[:n], vector[n : 2 * n]

    def conditions(self, vector, barrier):
        """All of them, zero on the central path: clearance in physical units, p u = mu, and each
        council's own."""
        price, surplus = self.put(vector)
        market = self.problem.respond(price.copy())
        parts = [(market.supply - market.demand) / price - surplus, price * surplus - barrier]
        for answer, family, councils in self.answers:
            own = self._levels if isinstance(answer, Levels) else self._linear
            parts += own(answer, family, councils, price, barrier)
        return np.concatenate(parts)

    @staticmethod
    def _levels(answer, family, councils, price, barrier):
        capped = np.flatnonzero(np.isfinite(answer.capacity))
        rent = np.zeros(len(answer.level))
        rent[capped] = answer.rent
        loss = marginal_loss(family, councils, price, answer.level)
        return [
            loss + rent - answer.slack,
            answer.level * answer.slack - barrier,
            answer.capacity[capped] - answer.level[capped] - answer.room,
            answer.room * answer.rent - barrier,
        ]

    @staticmethod
    def _linear(answer, family, councils, price, barrier):
        value = family.value
        council = np.repeat(councils, np.diff(value.indptr))
        utility = np.bincount(council, weights=value.data * answer.x)
        # budgets weigh the products: b_h per entry over the market's average product, which is 1
        weight = (family.budget / np.diff(value.indptr))[council]
        return [
            price[value.indices] - answer.beta[council] * value.data - answer.s,
            answer.x * answer.s - barrier * weight,
            family.budget - answer.beta * utility,
        ]

    def jacobian(self, vector, barrier):
        """(N, N) by differences relative to each unknown's size."""
        columns = []
        for i in range(len(vector)):
            at = []
            for k in (-2, -1, 1, 2):
                moved = vector.copy()
                moved[i] *= 1.0 + k * STEP
                at.append(self.conditions(moved, barrier))
            slope = (at[0] - 8.0 * at[1] + 8.0 * at[2] - at[3]) / (12.0 * STEP * vector[i])
            columns.append(slope)
        self.put(vector)
        return np.array(columns).T

    def products(self, steps):
        """Second-order terms: products of the steps of each pair, where the conditions have the
        pairs."""
        n = self.problem.n_goods
        parts, at = [np.zeros(n), steps[:n] * steps[n : 2 * n]], 2 * n
        for answer, _, _ in self.answers:
            sizes = [len(getattr(answer, name)) for name in self.names(answer)]
            own = np.split(steps[at : at + sum(sizes)], np.cumsum(sizes)[:-1])
            at += sum(sizes)
            zeros = [np.zeros(size) for size in sizes]
            if isinstance(answer, Levels):
                parts += [zeros[0], own[0] * own[1], zeros[2], own[2] * own[3]]
            else:
                parts += [zeros[0], own[0] * own[1], zeros[2]]
        return np.concatenate(parts)


def condensed(whole, price, surplus, barrier, affine):
    """The solver's way: one n x n matrix, answers eliminate and recover. `affine` is its last step
    (relative price step, surplus step), or None without second-order terms."""
    problem = whole.problem
    market = problem.respond(price)
    curvature = problem.curvature()
    curvature.diagonal += price * surplus
    matrix = np.array([curvature.product(unit) for unit in np.eye(len(price))]).T
    own = np.full(len(price), barrier)
    if affine is not None:
        own -= price * affine[0] * affine[1]
    rhs = own - (market.supply - market.demand)
    for answer in problem.inner:
        if affine is not None:
            answer.foresee(1.0)
        answer.target(market, barrier, affine is not None, rhs)
    d = np.linalg.solve(matrix, rhs)
    d_surplus = own / price - surplus * (1.0 + d)
    for answer in problem.inner:
        answer.recover(market, d)
    return d, d_surplus


def somewhere(kinds, seed=3):
    """A problem in the middle of a solve: every condition violated, products of all sizes."""
    rng = np.random.default_rng(seed)
    economy, price = owners_economy(rng, *kinds)
    problem = problem_of(economy)
    problem.market.announce(price)
    for answer in problem.inner:
        answer.start(problem.market, 0.3)
        for name in Whole.names(answer):
            value = getattr(answer, name)
            setattr(answer, name, value * np.exp(rng.uniform(-0.4, 0.4, len(value))))
    surplus = np.exp(rng.uniform(-1.5, 0.5, len(price)))
    return Whole.of(problem), price, surplus


def scaled(matrix, vector, rhs):
    """The system for relative steps with rows of size one: (matrix, right-hand side)."""
    matrix = matrix * vector
    size = np.abs(matrix).max(axis=1)
    return matrix / size[:, None], rhs / size


@pytest.mark.parametrize("kinds", [*((kind,) for kind in OWNERS), MIX], ids=[*OWNERS, "mixed"])
def test_condensed_step_is_the_whole_systems(kinds) -> None:
    """Predictor to barrier 0, then corrector with its second-order terms."""
    whole, price, surplus = somewhere(kinds)
    vector = whole.vector(price, surplus)
    jacobian = whole.jacobian(vector, 0.0)
    affine, correction = None, 0.0
    for barrier in (0.0, 0.1):
        expected = np.linalg.solve(
            *scaled(jacobian, vector, -whole.conditions(vector, barrier) - correction)
        )
        d, d_surplus = condensed(whole, price, surplus, barrier, affine)
        got = whole.vector(price * d, d_surplus, prefix="d") / vector
        # differences leave 1e-11 in the Jacobian, systems of these sizes amplify it a thousandfold
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-7 * np.abs(expected).max())
        affine, correction = (d, d_surplus), whole.products(got * vector)
    assert np.abs(correction).max() > 1e-3, "the second-order terms were put to the test"


def test_residuals_fall_by_the_length_of_the_step() -> None:
    """Linear conditions by exactly 1 - length, the others to first order."""
    whole, price, surplus = somewhere(MIX)
    before = whole.conditions(whole.vector(price, surplus), 0.1)
    d, d_surplus = condensed(whole, price, surplus, 0.1, None)
    start, step = whole.vector(price, surplus), whole.vector(price * d, d_surplus, prefix="d")
    errors = []
    for length in (1e-3, 1e-4):
        after = whole.conditions(start + length * step, 0.1)
        errors.append(np.abs(after - (1.0 - length) * before).max())
    # what is left is quadratic in the length
    assert errors[1] < 0.02 * errors[0]
    assert errors[0] < 1e-3 * np.abs(before).max()
