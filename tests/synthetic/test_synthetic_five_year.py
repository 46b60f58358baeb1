"""Plans over several years: what is drawn, and that the planted plan is the best one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from parecon.synthetic import five_year, planted_five_year
from synthetic.checks import same

SIZES = [(1, 1), (1, 3), (2, 1), (7, 4), (30, 5), (40, 2)]


def net_supply(economy: pe.Economy, optimum) -> tuple[np.ndarray, np.ndarray]:
    """What is left of every good in a plan, and the sum of what flows through it."""
    left, flow = np.array(economy.endowment), np.array(economy.endowment)
    for family in economy.families[1:]:
        net = family.net_output.toarray() * optimum[family.label]["level"][:, None]
        left += net.sum(axis=0)
        flow += np.abs(net).sum(axis=0)
    targets = economy.family("targets")
    np.add.at(left, targets.good, -optimum["targets"]["quantity"])
    return left, flow


@pytest.mark.parametrize(("industries", "years"), SIZES)
def test_planted_plan_is_feasible_and_nobody_gains_or_loses(industries, years):
    planted = planted_five_year(industries, years, seed=industries)
    economy, price = planted.economy, planted.price
    left, flow = net_supply(economy, planted.optimum)
    assert np.all(left >= -1e-12 * flow)
    # what is left over is free, what is scarce is used up
    assert np.all(np.abs(left * price) <= 1e-12 * flow * price)
    assert np.all(price >= 0.0)
    assert all(np.all(values["level"] > 0.0) for _, values in list(planted.optimum.items())[1:])
    for family in economy.families[1:]:
        profit = family.net_output @ price
        turnover = abs(family.net_output) @ price
        np.testing.assert_allclose(profit / turnover, 0.0, atol=1e-13)


@pytest.mark.parametrize(("industries", "years"), SIZES)
def test_the_last_harmony_a_unit_more_would_add_is_its_price(industries, years):
    planted = planted_five_year(industries, years, seed=industries)
    targets = planted.economy.family("targets")
    reached = planted.optimum["targets"]["quantity"] / targets.target
    worth = np.where(reached < 1.0, 2.0 - reached, 1.0 / reached) * targets.weight / targets.target
    np.testing.assert_allclose(worth, planted.price[targets.good], rtol=1e-13)


@pytest.mark.parametrize("method", ["interior", "cvxpy"])
@pytest.mark.parametrize(("industries", "years"), SIZES[:4])
def test_engines_find_the_planted_harmony(industries, years, method):
    planted = planted_five_year(industries, years, seed=industries)
    plan = pe.solve(planted.economy, tol=1e-8, method=method)
    assert plan.status is pe.Status.SOLVED
    np.testing.assert_allclose(plan.price, planted.price, rtol=1e-6, atol=1e-6)
    assert plan.welfare == pytest.approx(planted.welfare, abs=1e-8 * planted.economy.total_budget)


@pytest.mark.parametrize("method", ["interior", "cvxpy", "highs"])
@pytest.mark.parametrize(("industries", "years"), SIZES[:4])
def test_engines_find_the_planted_ray(industries, years, method):
    planted = planted_five_year(industries, years, objective="ray", seed=industries)
    plan = pe.solve(planted.economy, tol=1e-8, method=method)
    assert plan.status is pe.Status.SOLVED
    for proposal, family in zip(plan.proposals, planted.economy.families, strict=True):
        for name, value in planted.optimum[family.label].items():
            if name in ("quantity", "level"):
                np.testing.assert_allclose(getattr(proposal, name), value, rtol=1e-6)


@pytest.mark.parametrize("objective", ["harmony", "ray"])
def test_engines_agree_where_stocks_are_out_of_proportion(objective):
    economy = five_year(10, 4, objective=objective, seed=3)
    ours = pe.solve(economy, tol=1e-8)
    assert ours.status is pe.Status.SOLVED
    assert pe.certify(economy, ours).holds(1e-8)
    theirs = pe.solve(economy, tol=1e-7, method="cvxpy" if objective == "harmony" else "highs")
    assert ours.welfare == pytest.approx(theirs.welfare, abs=2e-7 * economy.total_budget)
    assert theirs.status is pe.Status.SOLVED


def test_names_and_kinds_say_what_a_good_is():
    economy = five_year(6, 3, seed=1)
    goods = economy.goods
    assert goods.names[0] == "product 0, year 1"
    assert len(goods.of_kind("product")) == 18
    assert [goods.name(int(i)) for i in goods.of_kind("labour")][2] == "labour, year 3"
    investment = economy.family("investment")
    for council in (0, investment.n_councils - 1):
        made, used = investment.net_output[[council]].toarray()[0], goods.kind
        name = investment.council_name(council).split(", year ")
        outputs = [goods.name(int(i)) for i in np.flatnonzero(made > 0)]
        assert all(output.startswith(name[0] + ", year ") for output in outputs)
        assert [int(output.split()[-1]) for output in outputs] == [*range(int(name[1]) + 1, 4)]
        assert [used[i] for i in np.flatnonzero(made < 0)] == ["product"]


def test_size_of_a_country():
    economy = five_year(320, 5, seed=1)
    n_cells = len(economy.goods.of_kind("capital")) // 5
    assert 320 * 7 < n_cells < 320 * 8
    assert economy.n_goods == 1600 + 5 + 5 * n_cells
    assert economy.family("production").n_councils == 1600
    assert economy.family("investment").n_councils == 4 * n_cells
    kinds = np.diff(economy.family("production").net_output.indptr)
    assert kinds.min() >= 1 + 4 + 1 + 3
    assert kinds.max() <= 1 + 12 + 1 + 12


@given(
    industries=st.integers(1, 25),
    years=st.integers(1, 6),
    objective=st.sampled_from(["harmony", "ray"]),
    seed=st.integers(0, 2**32),
)
def test_any_parameters_give_an_economy_the_seed_decides(industries, years, objective, seed):
    economy = five_year(industries, years, objective=objective, seed=seed)
    assert same(economy, five_year(industries, years, objective=objective, seed=seed))
    assert np.all(economy.family("targets").target > 0.0)
    assert economy.total_budget > 0.0


WRONG = [
    ({"industries": 0}, "industries: expected a whole number >= 1"),
    ({"years": 0}, "years: expected a whole number >= 1"),
    ({"objective": "harmonic"}, "objective: expected one of .* did you mean 'harmony'"),
    ({"reached": (0.0, 1.0)}, "reached: expected a"),
    ({"inputs": (5, 4)}, "inputs: expected a pair"),
    ({"kinds": 3}, "kinds: expected a pair"),
    ({"seed": -1}, "seed: expected a whole number >= 0"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_is_wrong_is_named(change, message):
    given_ = {"industries": 3, "years": 2, "seed": 1} | change
    with pytest.raises(pe.EconomyError, match=message):
        five_year(given_.pop("industries"), given_.pop("years"), **given_)
