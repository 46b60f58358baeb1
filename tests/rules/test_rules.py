"""Rules as a board uses them: what they see, where they go, what they remember."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import parecon as pe
from parecon import rules, synthetic
from parecon.procedure.councils import Councils
from parecon.rules import Sums

NAMES = rules.NAMES


@pytest.fixture(scope="module")
def councils():
    """A book economy of 30 goods."""
    return Councils(synthetic.book(240, 200, 6, seed=3), 1)


def plan_price(councils):
    """Prices of the plan."""
    return pe.solve(councils.economy, tol=1e-12).price


def sums_at(councils, price, rule):
    """What the rule sees at these prices."""
    return councils.answer(np.asarray(price, dtype=float), rule.sees)


def run(councils, rule, price, rounds):
    """Prices announced from `price` on, (rounds, n)."""
    announced = []
    for _ in range(rounds):
        announced.append(price)
        price = rule.next_price(sums_at(councils, price, rule))
    return np.array(announced)


@pytest.mark.parametrize("name", NAMES)
def test_prices_of_the_plan_stay(councils, name) -> None:
    """The book rule trembles by a thousandth, which is the smallest step it knows."""
    price = plan_price(councils)
    rule = rules.make(name)
    after = run(councils, rule, price, 2)[1]
    smallest = 0.0126 if name == "book" else 1e-9  # base m = .05 x .25 in its first round
    np.testing.assert_allclose(after, price, rtol=smallest)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("direction", [-1, 1])
def test_a_short_good_becomes_dearer(councils, name, direction) -> None:
    """All prices right but one: that one moves back."""
    price = plan_price(councils).copy()
    price[7] *= 1.1**direction
    rule = rules.make(name)
    after = run(councils, rule, price, 2)[1]
    assert (after[7] - price[7]) * direction < 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rounds", [1, 2, 7])
def test_a_rule_goes_on_from_its_state(councils, name, rounds) -> None:
    """To the last bit, however long it has run."""
    rule = rules.make(name)
    price = run(councils, rule, np.full(30, 700.0), rounds)[-1]
    price = rule.next_price(sums_at(councils, price, rule))
    other = rules.make(name)
    other.restore({key: value.copy() for key, value in rule.state().items()})
    expected = run(councils, rule, price, 4)
    np.testing.assert_array_equal(run(councils, other, price, 4), expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_that_forgets_begins_anew(councils, name) -> None:
    rule = rules.make(name)
    first = run(councils, rule, np.full(30, 700.0), 5)
    rule.reset()
    np.testing.assert_array_equal(run(councils, rule, np.full(30, 700.0), 5), first)


@pytest.mark.parametrize("name", NAMES)
def test_state_does_not_change_behind_the_boards_back(councils, name) -> None:
    """What was handed out is a copy."""
    rule = rules.make(name)
    price = run(councils, rule, np.full(30, 700.0), 3)[-1]
    state = rule.state()
    kept = {key: value.copy() for key, value in state.items()}
    rule.next_price(sums_at(councils, price, rule))
    for key, value in kept.items():
        np.testing.assert_array_equal(state[key], value)


class _Shuffled:
    """Councils whose goods are numbered otherwise."""

    def __init__(self, councils, order):
        self.councils, self.order = councils, order
        self.back = np.argsort(order)

    def answer(self, price, sees):
        seen = self.councils.answer(price[self.back], sees)
        inquire = seen.inquire
        return replace(
            seen,
            price=price,
            supply=seen.supply[self.order],
            demand=seen.demand[self.order],
            sensitivity=None if seen.sensitivity is None else seen.sensitivity[self.order],
            inquire=None if inquire is None else lambda d: inquire(d[self.back])[self.order],
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_goods_does_not_matter(councils, name) -> None:
    order = np.random.default_rng(1).permutation(30)
    start = np.geomspace(300.0, 1500.0, 30)
    plain = run(councils, rules.make(name), start, 8)
    shuffled = run(_Shuffled(councils, order), rules.make(name), start[order], 8)
    np.testing.assert_allclose(shuffled, plain[:, order], rtol=1e-8)


class _InOtherUnits:
    """Goods counted in units `size` times as large, prices with them."""

    def __init__(self, councils, size):
        self.councils, self.size = councils, size

    def answer(self, price, sees):
        seen = self.councils.answer(price / self.size, sees)
        sensitivity = None if seen.sensitivity is None else seen.sensitivity / self.size
        return replace(
            seen,
            price=price,
            supply=seen.supply / self.size,
            demand=seen.demand / self.size,
            sensitivity=sensitivity,
        )


@pytest.mark.parametrize("name", NAMES)
def test_units_do_not_matter(councils, name) -> None:
    size = np.geomspace(1e-3, 1e3, 30)
    plain = run(councils, rules.make(name), np.full(30, 700.0), 8)
    scaled = run(_InOtherUnits(councils, size), rules.make(name), 700.0 * size, 8)
    np.testing.assert_allclose(scaled / size, plain, rtol=1e-8)


def test_the_book_rule_by_hand() -> None:
    """v = 1: base = .55, m = .25, w = .1375; then m = .25 again; at v = .1 m becomes .1."""
    rule = rules.Book()
    seen = Sums(np.array([700.0, 700.0]), np.array([3.0, 1.0]), np.array([1.0, 3.0]))
    np.testing.assert_allclose(seen.imbalance, [1.0, 1.0])
    np.testing.assert_allclose(rule.next_price(seen), [700 * 0.8625, 700 * 1.1375], rtol=1e-15)
    np.testing.assert_allclose(rule.state()["momentum"], [0.25, 0.25])
    close = Sums(np.array([10.0, 10.0]), np.array([1.05, 1.0]), np.array([0.95, 1.0]))
    base = 1.05 - 0.5**0.1
    expected = [10 * (1 - base * 0.25), 10.0]
    np.testing.assert_allclose(rule.next_price(close), expected, rtol=1e-14)
    np.testing.assert_allclose(rule.state()["momentum"], [0.1, 0.0])
    # the smallest step, in the other direction
    slight = Sums(np.array([10.0, 10.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0002]))
    np.testing.assert_allclose(rule.next_price(slight), [10.0, 10.01], rtol=1e-12)


def test_proportional_by_hand() -> None:
    seen = Sums(np.array([2.0, 5.0]), np.array([4.0, 1.0]), np.array([1.0, 1.0]))
    np.testing.assert_allclose(
        rules.Proportional(0.5).next_price(seen), [2.0 * np.exp(-0.5 * np.log(4.0)), 5.0]
    )


def test_elasticity_is_exact_for_one_good_of_constant_elasticity() -> None:
    """S = p^3, D = 100 / p at p = 2: the balance is at 100^(1/4), one step away in logarithms.

    Where S and D differ the summed sensitivity stands for their mean elasticity only, so that the
    step is exact where both have the same: S = p^2, D = 16 / p^2.
    """
    p = 3.0
    supply, demand = p**2, 16 / p**2
    seen = Sums(
        np.array([p]), np.array([supply]), np.array([demand]),
        sensitivity=np.array([2 * supply + 2 * demand]),
    )  # fmt: skip
    np.testing.assert_allclose(rules.Elasticity(1.0).next_price(seen), [2.0], rtol=1e-14)


def test_a_rule_sees_what_it_declares(councils) -> None:
    """And nothing of any council."""
    seen = {name: sums_at(councils, np.full(30, 700.0), rules.make(name)) for name in NAMES}
    for name in ("book", "proportional"):
        assert seen[name].sensitivity is None
        assert seen[name].inquire is None
    assert seen["anderson"].inquire is None
    assert seen["anderson"].sensitivity.shape == (30,)
    assert np.all(seen["newton"].sensitivity > 0)


def test_sensitivity_is_the_slope_of_excess_supply(councils) -> None:
    """By differences, good by good."""
    price = np.geomspace(500.0, 900.0, 30)
    told = councils.answer(price, {"sensitivity"}).sensitivity
    for good in range(0, 30, 7):
        excess = []
        for sign in (1, -1):
            moved = price.copy()
            moved[good] *= np.exp(sign * 1e-5)
            excess.append(-councils.answer(moved).excess_demand[good])
        assert told[good] == pytest.approx((excess[0] - excess[1]) / 2e-5, rel=1e-6)


def test_free_goods_are_balanced() -> None:
    """More air than anybody breathes, at next to no price."""
    price, supply, demand = np.array([1.0, 1e-12]), np.array([5.0, 9.0]), np.array([5.0, 3.0])
    np.testing.assert_allclose(Sums(price, supply, demand).imbalance, [0.0, 0.0])
    assert Sums(np.array([1.0, 1.0]), supply, demand).imbalance[1] == pytest.approx(1.0)
    # what is worth something and nearly balances is not free
    nearly = Sums(np.ones(2), np.array([5.0, 3.0 + 3e-8]), np.array([5.0, 3.0]))
    assert nearly.imbalance[1] == pytest.approx(1e-8, rel=1e-6)
    # a shortage is one at any price
    assert Sums(price, demand, supply).imbalance[1] == pytest.approx(1.0)


@pytest.mark.parametrize("part", ["sensitivity", "budget"])
def test_nothing_is_learned_across_a_change_of_what_is_told(councils, part) -> None:
    """Steps with and without sensitivities, or budgets, are those of different rules."""
    rule = rules.Anderson()
    price = run(councils, rule, 1.1 * plan_price(councils), 4)[-1]
    assert "moves" in rule.state()
    rule.next_price(replace(sums_at(councils, price, rule), **{part: None}))
    assert "moves" not in rule.state()


def test_the_level_of_prices_is_read_off_budgets(councils) -> None:
    """All prices of the plan doubled: all that exists is worth twice the budgets, nearly."""
    from parecon.rules.anderson import level

    price = plan_price(councils)
    assert level(sums_at(councils, price, rules.Anderson())) == pytest.approx(0.0, abs=1e-9)
    for factor in (0.8, 1.25, 2.0):
        told = level(sums_at(councils, factor * price, rules.Anderson()))
        # effort is paid in money, so that proposals answer the level a little themselves
        assert told == pytest.approx(1.2 * np.log(factor), rel=0.2)
    unknown = replace(sums_at(councils, 2.0 * price, rules.Anderson()), budget=None)
    assert level(unknown) == 0.0


def test_a_step_up_is_taken_back() -> None:
    """One good, S = p, D = 1/p: Phi = p^2/2 - log p ... too long a step doubles back."""
    from parecon.rules._guard import Guard

    guard = Guard()

    def seen(p):
        return Sums(np.array([p]), np.array([p]), np.array([1.0 / p]))

    assert guard.retreat(np.log([2.0]), seen(2.0)) is None
    # from 2 down to 1.9: Phi falls; on to 0.2: below the other side of the valley
    assert guard.retreat(np.log([1.9]), seen(1.9)) is None
    assert guard.retreat(np.log([0.9]), seen(0.9)) is None
    back = guard.retreat(np.log([12.0]), seen(12.0))
    assert back is not None
    assert 0.9 < np.exp(back[0]) < 12.0


def test_a_rule_of_ones_own(councils) -> None:
    """A function, a class, an instance."""

    def halfway(seen):
        return seen.price * (seen.demand / seen.supply) ** 0.05

    class Halfway(rules.Rule):
        name = "halfway"

        def next_price(self, seen):
            return halfway(seen)

    prices = [
        pe.simulate(councils, rule=rule, start_price=700.0, max_rounds=6, plan=False).price
        for rule in (halfway, Halfway, Halfway(), rules.Proportional(0.05))
    ]
    for other in prices[1:]:
        np.testing.assert_allclose(other, prices[0], rtol=1e-12)
    assert pe.simulate(councils, rule=halfway, max_rounds=1, plan=False).rule == "halfway"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("andersen", "unknown rule 'andersen'; did you mean 'anderson'"),
        (3, "expected one of book, proportional"),
        (lambda seen: seen.price[:3], "expected one price for each of 30 goods, got shape"),
        (lambda seen: "dear", "expected prices, got 'dear'"),
    ],
)
def test_what_is_no_rule(councils, rule, message) -> None:
    with pytest.raises(pe.RuleError, match=message):
        pe.simulate(councils, rule=rule, start_price=700.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: rules.Anderson("newton"),
        lambda: rules.Anderson(memory=0),
        lambda: rules.Proportional(0.0),
        lambda: rules.Elasticity(1.5),
        lambda: rules.Proportional().restore({"memory": np.ones(3)}),
        lambda: rules.Elasticity().next_price(Sums(np.ones(2), np.ones(2), np.ones(2))),
        lambda: rules.Newton().next_price(Sums(np.ones(2), np.ones(2), np.ones(2))),
    ],
)
def test_settings_of_rules_are_checked(make) -> None:
    with pytest.raises(pe.RuleError):
        make()
