"""Dated plans whose solution can be written down."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon.dated import Capital, Exhaustible, Growth, Later, Storage

TOL = 1e-9


def eaters(goods: list[str], endowment, **families) -> pe.Economy:
    """One council that spends 10 on the first good, and activities by label and net output."""
    share = np.zeros((1, len(goods)))
    share[0, 0] = 1.0
    council = pe.CobbDouglasConsumers([10.0], share, names=["people"], label="people")
    rest = [pe.Activities(net, label=label, names=[label]) for label, net in families.items()]
    return pe.Economy(goods, endowment, [council, *rest])


def test_storage_the_price_rises_by_what_is_lost() -> None:
    """Kept from a rich year for a poor one: p1 = p2 (1 - loss), and budgets are spent."""
    wheat = eaters(["wheat"], [1.0])
    loss = 0.2
    dated = pe.dated(
        wheat, [1, 2], storage=Storage(good="wheat", loss=loss), endowment={"wheat": [10.0, 1.0]}
    )
    found = dated.solve(tol=TOL)
    assert found.status is pe.Status.SOLVED
    price = found.series("wheat", "present_price")
    assert price[1] == pytest.approx(price[0] / (1 - loss), rel=1e-7)
    # 10/x + 10/y with y = 1 + (1-loss)(10 - x): each year spends 10
    assert price[0] * found.demand[0, 0] - price[0] * found.kept[0, 0] == pytest.approx(
        10, rel=1e-7
    )
    kept = (10 * (1 - loss) - 1) / (2 * (1 - loss))
    assert found.kept[:, 0] == pytest.approx([kept, 0.0], abs=1e-6)


def test_storage_is_not_used_where_goods_become_plentiful() -> None:
    dated = pe.dated(
        eaters(["wheat"], [1.0]),
        ["now", "then"],
        storage=Storage(good="wheat", loss=0.1, initial=0.5),
        endowment={"wheat": [1.0, 10.0]},
    )
    found = dated.solve(tol=TOL)
    assert found.kept == pytest.approx(np.zeros((2, 1)), abs=1e-6)
    assert found.series("wheat")[:2] == pytest.approx([10 / 1.5, 1.0], rel=1e-6)


@pytest.mark.parametrize("yearly", [None, 1e3])
def test_hotelling(yearly) -> None:
    """A budget for all years: its price is constant in present value, use falls by delta."""
    delta, years = 0.9, 4
    oil = eaters(["warmth", "oil"], [0.0, 100.0], burners=[[1.0, -1.0]])
    dated = pe.dated(
        oil,
        years,
        exhaustible=Exhaustible(good="oil", quantity=50.0, yearly=yearly),
        discount=delta,
    )
    found = dated.solve(tol=TOL)
    weights = delta ** np.arange(years)
    assert found.series("warmth", "present_price")[:years] == pytest.approx(
        np.full(years, 10 * weights.sum() / 50), rel=1e-7
    )
    assert found.exhausted[:, 0] == pytest.approx(50 * weights / weights.sum(), rel=1e-6)
    current = found.series("warmth", "current_price")[:years]
    assert current[1:] / current[:-1] == pytest.approx(np.full(years - 1, 1 / delta), rel=1e-7)
    assert found.series("oil", "own_rate")[: years - 1] == pytest.approx(
        np.zeros(years - 1), abs=1e-7
    )


def test_a_yearly_cap_beside_the_budget_of_all_years_binds() -> None:
    oil = eaters(["warmth", "oil"], [0.0, 100.0], burners=[[1.0, -1.0]])
    permits = Exhaustible(good="oil", quantity=50.0, yearly=[10.0, np.inf, np.inf, np.inf])
    found = pe.dated(oil, 4, exhaustible=permits).solve(tol=TOL)
    assert found.exhausted[:, 0] == pytest.approx([10, 40 / 3, 40 / 3, 40 / 3], rel=1e-6)
    assert found.series("oil", "present_price")[:4] == pytest.approx(
        [1.0, 0.75, 0.75, 0.75], rel=1e-6
    )


def mill(**capital) -> pe.DatedEconomy:
    """Bread by mills; a unit of mill takes two of wood, of which there are 3 a year."""
    base = eaters(["bread", "wood"], [0.0, 3.0], bakers=[[1.0, -1e-9]])
    given = {"initial": 8.0, "build": {"wood": 2.0}} | capital
    return pe.dated(base, 4, capital=Capital(name="mills", use={"bakers": 0.5}, **given))


def test_capital_depreciates_only() -> None:
    found = mill(depreciation=0.25, build={}).solve(tol=TOL)
    left = 8 * 0.75 ** np.arange(5)
    assert found.installed[:, 0] == pytest.approx(left, rel=1e-12)
    assert found.output("bakers")[:, 0] == pytest.approx(left[:4] / 0.5, rel=1e-6)
    assert found.series("bread")[:4] == pytest.approx(10 / (left[:4] / 0.5), rel=1e-6)


def test_investment_with_gestation_and_scrapping() -> None:
    """All wood goes into mills as long as they serve before the end; each serves two years."""
    found = mill(depreciation=0.0, gestation=1, life=2).solve(tol=TOL)
    assert found.investment[:3, 0] == pytest.approx([1.5, 1.5, 1.5], rel=1e-6)
    # 8 in two equal parts, then two years of building
    assert found.installed[:4, 0] == pytest.approx([8.0, 5.5, 3.0, 3.0], rel=1e-6)
    slow = mill(gestation=3).solve(tol=TOL)
    assert slow.installed[:4, 0] == pytest.approx([8.0, 8.0, 8.0, 9.5], rel=1e-6)
    # what a mill is worth is what it costs where it is built
    value, cost = found.unit_value[1:4, 0], found.unit_cost[:3, 0]
    assert value == pytest.approx(cost, rel=1e-6)


def test_what_is_required_after_the_last_year_is_there() -> None:
    base = eaters(["bread", "work"], [0.0, 10.0], bakers=[[1.0, -1.0]])
    cow = Capital(name="ovens", use={"bakers": 1.0}, build={"work": 1.0}, initial=5.0, minimum=12.0)
    found = pe.dated(base, 3, capital=cow).solve(tol=TOL)
    assert found.status is pe.Status.SOLVED
    assert found.installed[-1, 0] == pytest.approx(12.0, rel=1e-6)
    impossible = Capital(
        name="ovens", use={"bakers": 1.0}, build={"work": 1.0}, initial=5.0, minimum=80.0
    )
    short = pe.dated(base, 3, capital=impossible).solve()
    assert short.status is pe.Status.INFEASIBLE
    assert "ovens of bakers @end" in [name for name, *_ in short.plan.infeasible.goods]


@pytest.mark.parametrize("posterity", [None, 7.0])
def test_what_is_left_is_priced_at_its_value(posterity) -> None:
    """Wood for bread now or for later, at a value: worth v a unit, or a budget of its own."""
    base = eaters(["bread", "wood"], [0.0, 30.0], bakers=[[1.0, -1.0]])
    value, delta = 2.0, 0.8
    dated = pe.dated(
        base,
        [1],
        storage=Storage(good="wood", value=value),
        posterity=posterity,
        discount=delta,
    )
    found = dated.solve(tol=TOL)
    left = found.kept[0, 0]
    if posterity is None:  # 10 / (30 - left) = value delta
        assert left == pytest.approx(30 - 10 / (value * delta), rel=1e-5)
        assert found.series("wood")[1] == pytest.approx(value, rel=1e-5)
        assert pe.certify(found.dated.economy, found.plan).gap <= 1e-8
    else:  # a Cobb-Douglas of two budgets
        share = posterity * delta / (10 + posterity * delta)
        assert left == pytest.approx(30 * share, rel=1e-6)


def test_a_production_lag() -> None:
    """Seed of one year is harvest of the next; the last harvest is of nobody's use."""
    base = pe.Economy(
        ["corn", "harvest"],
        [1.0, 0.0],
        [
            pe.CobbDouglasConsumers([10.0], [[1.0, 0.0]], names=["people"], label="people"),
            pe.Activities([[-1.0, 3.0]], names=["farm"], label="farms"),
        ],
    )
    dated = pe.dated(
        base, 3, later=Later(good="harvest", of="corn"), endowment={"corn": [12.0, 0.0, 0.0]}
    )
    found = dated.solve(tol=TOL)
    # log x1 + log x2 + log x3 with x1 + x2/3 + x3/9 = 12
    price = found.series("corn", "present_price")[:3]
    assert price == pytest.approx(price[0] / 3.0 ** np.arange(3), rel=1e-6)
    assert found.output("farms")[:, 0] == pytest.approx([8 * 3, 12 * 3, 0.0], abs=1e-4)
    assert found.series("corn", "own_rate")[:2] == pytest.approx([2.0, 2.0], rel=1e-6)


def test_growth_of_investment_is_limited() -> None:
    base = eaters(["bread", "work"], [0.0, 100.0], bakers=[[1.0, -0.5]])
    ovens = Capital(name="ovens", use={"bakers": 1.0}, build={"work": 1.0}, initial=1.0)
    limit = Growth(of="ovens", rise=0.5, before=1.0)
    free = pe.dated(base, 5, capital=ovens).solve(tol=1e-8)
    slow = pe.dated(base, 5, capital=ovens, growth=limit).solve(tol=1e-8)
    built = slow.investment[:, 0]
    assert free.investment[0, 0] > 1.5 * 1.01
    assert built[0] <= 1.5 * (1 + 1e-6)
    assert np.all(built[1:] <= 1.5 * built[:-1] * (1 + 1e-6))
    assert built[0] == pytest.approx(1.5, rel=1e-6)


@pytest.mark.parametrize("kind", ["activities", "ces", "falling"])
def test_growth_of_output_is_limited(kind) -> None:
    """Bread may rise by a tenth a year, however much flour there is to bake or to keep."""
    makers = {
        "activities": pe.Activities([[1.0, -1.0]], names=["oven"], label="bakers"),
        "ces": pe.CESWorkers([0], [[0.0, 1.0]], 0.5, 1.0, 1.0, names=["oven"], label="bakers"),
        "falling": pe.CobbDouglasWorkers([0], [[0.0, 0.5]], 2.0, names=["oven"], label="bakers"),
    }
    base = pe.Economy(
        ["bread", "flour"],
        [0.0, 50.0],
        [pe.CobbDouglasConsumers([10.0], [[0.9, 0.1]], label="people"), makers[kind]],
    )
    limit = Growth(of="bakers", rise=0.1, before=5.0)
    found = pe.dated(base, 4, growth=limit).solve(tol=1e-8)
    assert found.status is pe.Status.SOLVED, found.plan.message
    assert found.plan.certificate is not None
    expected = 5 * 1.1 ** np.arange(1, 5)
    assert found.output("bakers")[:, 0] == pytest.approx(expected, rel=1e-5)
