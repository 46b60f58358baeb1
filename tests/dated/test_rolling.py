"""Plan, live a year, plan anew from the last plan; and dated economies on disk."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from dated.dated_for_tests import base, everything
from parecon.dated import Capital, Later, Storage

TOL = 1e-8


def test_a_fixed_horizon_goes_on_with_the_same_plan() -> None:
    """Nothing unforeseen: what is best from the second year on is what the first plan says."""
    found = everything().solve(tol=TOL)
    later = found.next_year(horizon="fixed")
    assert later.years == ("2", "3", "4")
    second = later.solve(tol=TOL, cold=True)
    assert second.status is pe.Status.SOLVED
    for label in ("bakers", "smelters"):
        assert second.output(label) == pytest.approx(found.output(label)[1:], rel=1e-4, abs=1e-4)
    assert second.investment == pytest.approx(found.investment[1:], rel=1e-3, abs=1e-3)
    assert second.installed == pytest.approx(found.installed[1:], rel=1e-3, abs=1e-3)
    goods = [found.dated.calendar.index(good) for good in ("bread", "steel", "wood", "work")]
    assert second.current_price[:3, goods] == pytest.approx(
        found.current_price[1:4, goods], rel=1e-4
    )


def test_the_last_plan_saves_iterations() -> None:
    found = everything().solve(tol=TOL)
    later = found.next_year(horizon="fixed")
    warm, cold = later.solve(tol=TOL), later.solve(tol=TOL, cold=True)
    assert warm.plan.welfare == pytest.approx(cold.plan.welfare, abs=1e-6)
    assert warm.plan.n_iterations <= 0.5 * cold.plan.n_iterations
    shock = found.next_year(actual={"furnaces of electric": 0.8, "wood": 1.5})
    warm, cold = shock.solve(tol=TOL), shock.solve(tol=TOL, cold=True)
    assert warm.plan.n_iterations < cold.plan.n_iterations


def test_a_shock_and_a_year_more() -> None:
    found = everything().solve(tol=TOL)
    planned = found.next_year()
    assert planned.years == ("2", "3", "4", "5")
    burnt = found.next_year(actual={"furnaces of electric": 0.1, "wood": 0.0, "permits": 1.0})
    assert burnt.carried.installed[1, 0] == pytest.approx(0.1)
    assert burnt.economy.endowment[burnt.economy.goods.index("permits of all years")] == 1.0
    good, bad = planned.solve(tol=TOL), burnt.solve(tol=TOL)
    assert bad.status is good.status is pe.Status.SOLVED
    assert bad.plan.welfare < good.plan.welfare
    assert bad.plan.welfare == pytest.approx(burnt.solve(tol=TOL, cold=True).plan.welfare, abs=1e-6)
    with pytest.raises(pe.EconomyError, match="did you mean 'tools'"):
        found.next_year(actual={"tool": 1.0})


def test_what_is_under_way_arrives() -> None:
    """Made in the first year for the second, built for the third; scrapped when its time comes."""
    one = pe.Economy(
        ["corn", "harvest", "work"],
        [1.0, 0.0, 5.0],
        [
            pe.CobbDouglasConsumers([10.0], [[0.8, 0.0, 0.2]], names=["people"], label="people"),
            pe.Activities([[-1.0, 3.0, -0.5]], names=["farm"], label="farms"),
        ],
    )
    plough = Capital(
        name="ploughs",
        use={"farms": 0.3},
        build={"work": 0.5},
        initial=1.2,
        life=3,
        gestation=2,
        value=0.5,
    )
    dated = pe.dated(
        one,
        5,
        later=Later(good="harvest", of="corn"),
        capital=plough,
        storage=Storage(good="corn", loss=0.1),
        endowment={"corn": [6.0, 0.0, 0.0, 0.0, 0.0]},
        posterity=2.0,
    )
    found = dated.solve(tol=TOL)
    assert found.investment[:2].sum() > 0.1
    for _ in range(3):
        later = found.next_year(horizon="fixed")
        again = later.solve(tol=TOL)
        assert again.status is pe.Status.SOLVED
        assert again.output("farms") == pytest.approx(found.output("farms")[1:], rel=1e-3, abs=1e-3)
        assert again.installed == pytest.approx(found.installed[1:], rel=1e-3, abs=1e-3)
        found = again


def test_rolling_on_for_years() -> None:
    """What is installed follows from what was built, year after year."""
    found = everything().solve(tol=TOL)
    built = [found.investment[0]]
    cells, initial = found.dated.cells, found.dated.carried.installed
    for year in range(1, 5):
        found = found.next_year(actual={"permits": 3.0}).solve(tol=TOL)
        assert found.status is pe.Status.SOLVED, found.plan.message
        expected = initial[:, year].copy() if year < initial.shape[1] else np.zeros(len(cells))
        for begun, amount in enumerate(built):
            expected += amount * cells.surviving(year - begun - cells.gestation)
        if year < initial.shape[1]:
            assert found.installed[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)
        built.append(found.investment[0])


def test_saved_and_read(tmp_path) -> None:
    found = everything(years=range(2027, 2031)).solve(tol=TOL)
    dated = found.next_year()
    dated.save(tmp_path / "plan over years")
    read = pe.load_dated(tmp_path / "plan over years")
    assert read.years == dated.years == ("2028", "2029", "2030", "2031")
    assert read.economy.goods == dated.economy.goods
    assert np.array_equal(read.economy.endowment, dated.economy.endowment)
    assert np.array_equal(read.carried.installed, dated.carried.installed)
    first, second = dated.solve(tol=TOL, cold=True), read.solve(tol=TOL)
    assert np.array_equal(first.plan.price, second.plan.price)
    first.save(tmp_path / "found")
    again = read.load_plan(tmp_path / "found")
    assert np.array_equal(again.installed, first.installed)
    assert np.array_equal(again.next_year().economy.endowment, first.next_year().economy.endowment)
    dated.save(tmp_path / "plan over years", file_format="csv")  # replaced, in another format
    assert pe.load_dated(tmp_path / "plan over years").years == dated.years
    assert pe.load(tmp_path / "plan over years").goods == dated.economy.goods


def test_another_economy_beside_the_outline_is_refused(tmp_path) -> None:
    everything().save(tmp_path / "a")
    pe.save(tmp_path / "a", base())
    with pytest.raises(pe.FormatError, match="got another"):
        pe.load_dated(tmp_path / "a")
    pe.save(tmp_path / "b", base())
    with pytest.raises(pe.FormatError, match="no such directory"):
        pe.load_dated(tmp_path / "b")


def test_frames_lose_nothing() -> None:
    found = everything().solve(tol=TOL)
    frames = found.to_pandas()
    goods = frames["goods"]
    assert len(goods) == found.dated.economy.n_goods
    assert set(goods[goods.year == "all"].good) == {"permits of all years", "bequest"}
    row = goods[(goods.year == "3") & (goods.good == "bread")].iloc[0]
    assert row.present_price == found.plan.price[found.dated.economy.goods.index("bread @3")]
    assert row.current_price == pytest.approx(row.present_price / 0.95**2)
    capital = frames["capital"]
    assert list(capital.columns[:3]) == ["year", "stock", "kind"]
    assert capital[capital.year == "end"].installed.to_numpy() == pytest.approx(found.installed[-1])
    permits = frames["exhaustible"]
    assert permits.used.sum() + permits.left.iloc[-1] == pytest.approx(3.0)
    assert set(frames["smelters"].council) == {"coke", "electric"}
    assert len(frames["households"]) == 8
    assert "DatedPlan: solved, 1 to 4" in repr(found)
