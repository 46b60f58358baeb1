"""Goods and economies: what is refused, what is shared, what is named."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe


def small(**changes: object) -> pe.Economy:
    """Corn from labour; iron from labour and corn; two kinds of consumers."""
    data: dict[str, object] = {
        "goods": ["corn", "labour", "iron"],
        "endowment": [0.0, 100.0, 0.0],
        "families": [
            pe.CobbDouglasConsumers(
                [10.0, 20.0],
                [[0.5, 0.5, 0.0], [0.2, 0.0, 0.8]],
                names=["urban", "rural"],
                label="households",
            ),
            pe.CobbDouglasWorkers([0, 2], [[0.0, 0.5, 0.0], [0.1, 0.6, 0.0]], 2.0),
        ],
    }
    return pe.Economy(**{**data, **changes})  # type: ignore[arg-type]


# -- goods ----------------------------------------------------------------------------------------


def test_goods_know_names_kinds_and_units() -> None:
    goods = pe.Goods(["corn", "labour"], kind=["private", "labour"], unit="tonne")
    assert (len(goods), goods.names, goods.unit) == (2, ("corn", "labour"), ("tonne", "tonne"))
    assert goods.index("labour") == 1
    np.testing.assert_array_equal(goods.index(["labour", "corn"]), [1, 0])
    np.testing.assert_array_equal(goods.of_kind("labour"), [1])
    assert "corn" in goods
    assert "iron" not in goods
    assert goods == pe.Goods(("corn", "labour"), kind=("private", "labour"), unit="tonne")
    assert goods != pe.Goods(("corn", "labour"))
    with pytest.raises(pe.EconomyError, match="no good of kind 'labor'; did you mean 'labour'"):
        goods.of_kind("labor")
    with pytest.raises(dataclasses.FrozenInstanceError):
        goods.names = ()  # type: ignore[misc]


def test_counted_goods_build_no_names_until_asked() -> None:
    goods = pe.Goods(50_000)
    assert goods.name(49_999) == "good_49999"
    assert goods.index("good_7") == 7
    assert "good_07" not in goods
    assert "good_50000" not in goods
    assert "names" not in vars(goods)
    assert goods == pe.Goods(50_000)
    assert goods.names[3] == "good_3"
    assert goods.counted


@pytest.mark.parametrize("name", ["stel", "good_9"])
def test_an_unknown_good_gets_the_nearest_names(name: str) -> None:
    with pytest.raises(pe.UnknownGoodError, match=f"unknown good '{name}'; did you mean"):
        pe.Goods(["steel", "good_8"]).index(name)


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["corn", "iron", "corn"], {}, "goods: duplicate names 'corn'"),
        (["corn", ""], {}, r"goods\[1\]: expected a non-empty str, got ''"),
        (["corn", 3], {}, r"goods\[1\]: expected a non-empty str, got 3"),
        ("corn", {}, "expected a sequence of names or a count"),
        (True, {}, "expected a sequence of names or a count"),
        ([], {}, "at least one good"),
        (0, {}, "at least one good"),
        (["corn"], {"kind": ["a", "b"]}, "goods.kind: expected 1 words, got 2"),
        (["corn"], {"unit": [1]}, r"goods.unit\[0\]: expected a str, got 1"),
    ],
)
def test_wrong_goods_are_refused(names: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(pe.EconomyError, match=message):
        pe.Goods(names, **options)  # type: ignore[arg-type]


# -- economy --------------------------------------------------------------------------------------


def test_an_economy_counts() -> None:
    economy = small()
    assert (economy.n_goods, economy.n_councils, economy.n_entries) == (3, 4, 7)
    assert economy.total_budget == 30.0
    assert economy.nbytes == 24 + sum(family.nbytes for family in economy.families)
    np.testing.assert_array_equal(economy.used, [True, True, True])
    np.testing.assert_array_equal(economy.made, [True, False, True])
    assert economy.family("households").names == ("urban", "rural")
    with pytest.raises(pe.EconomyError, match="no family 'housholds'; did you mean 'households'"):
        economy.family("housholds")
    with pytest.raises(dataclasses.FrozenInstanceError):
        economy.endowment = np.zeros(3)  # type: ignore[misc]
    assert all(len(line) <= 80 for line in repr(economy).splitlines())


def test_labels_are_made_unique() -> None:
    consumers = [pe.LinearConsumers([1.0], [[1.0]]) for _ in range(3)]
    taken = pe.LinearConsumers([1.0], [[1.0]], label="linear_consumers_2")
    economy = pe.Economy(1, [1.0], [*consumers, taken])
    assert [family.label for family in economy.families] == [
        "linear_consumers",
        "linear_consumers_3",
        "linear_consumers_4",
        "linear_consumers_2",
    ]
    assert consumers[0].label is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"endowment": [0.0, 1.0]}, r"endowment: expected shape \(3,\), got shape \(2,\)"),
        ({"endowment": [0.0, np.nan, 0.0]}, r"endowment: expected .*, got 'labour' \(nan\)"),
        ({"endowment": [-1.0, 1.0, 0.0]}, r"endowment: expected .*, got 'corn' \(-1\)"),
        ({"endowment": [0.0, np.inf, 0.0]}, r"endowment: .*, got 'labour' \(inf\)"),
        ({"endowment": [0.0, 0.0, 0.0]}, r"got none of 'labour' \(used by urban\)"),
        ({"goods": ["corn", "labour"], "endowment": [0, 1]}, "shares: expected 2 goods, got 3"),
        ({"families": []}, "at least one consumer"),
        ({"families": [pe.Activities([[1.0, -1.0, 0.0]])]}, "at least one consumer"),
        ({"families": [3]}, r"families\[0\]: expected a family, got 3"),
        ({"families": pe.LinearConsumers([1], [[1.0]])}, "expected a sequence of families"),
        (
            {"families": [pe.LinearConsumers([1], [[0, 1, 0.0]], label="a")] * 2},
            "duplicate labels 'a'",
        ),
    ],
)
def test_a_wrong_economy_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(pe.EconomyError, match=message):
        small(**changes)


def test_a_supplier_is_a_source() -> None:
    suppliers = pe.Suppliers([1], 10.0, 1.0, 0.5)
    families = (*small().families, suppliers)
    assert small(endowment=[0.0, 0.0, 0.0], families=families).made.all()


def test_needs_and_fixed_inputs_want_a_source() -> None:
    needy = pe.LinearConsumers([1.0], [[1.0, 0.0]], needs=[[0.0, 2.0]])
    with pytest.raises(pe.EconomyError, match=r"'b' \(used by linear_consumers\[0\]\)"):
        pe.Economy(["a", "b"], [1.0, 0.0], [needy])
    nests = pe.NestedCES.from_values([[1.0, 0.0]], pe.Nest(1.0, [0]))
    makers = pe.NestedCESWorkers([0], nests, fixed=[[0.0, 2.0]], names=["mill"])
    with pytest.raises(pe.EconomyError, match=r"'b' \(used by mill\)"):
        pe.Economy(["a", "b"], [1.0, 0.0], [pe.LinearConsumers([1.0], [[1.0, 0.0]]), makers])


# -- replace --------------------------------------------------------------------------------------


def test_replace_shares_what_is_untouched() -> None:
    economy = small()
    other = economy.replace(
        endowment={"labour": 50.0, "iron": 1.0}, families={"households": {"budget": [1.0, 2.0]}}
    )
    np.testing.assert_array_equal(other.endowment, [0.0, 50.0, 1.0])
    np.testing.assert_array_equal(economy.endowment, [0.0, 100.0, 0.0])
    assert (other.total_budget, economy.total_budget) == (3.0, 30.0)
    before, after = economy.family("households"), other.family("households")
    assert after.shares is before.shares  # type: ignore[attr-defined]
    assert after.names is before.names
    assert other.families[1] is economy.families[1]
    assert other.goods is economy.goods
    assert economy.replace().endowment is economy.endowment


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"endowment": {"labor": 1.0}}, "unknown good 'labor'; did you mean 'labour'"),
        ({"endowment": {"labour": 0.0}}, "got none of 'labour'"),
        ({"endowment": {"labour": -1.0}}, r"'labour' \(-1\)"),
        ({"endowment": {"labour": "much"}}, "endowment: expected real numbers"),
        ({"endowment": [1.0]}, "endowment: expected shape"),
        ({"families": {"housholds": {}}}, "no family 'housholds'"),
        (
            {"families": {"households": {"budgets": 1}}},
            "no column 'budgets'; did you mean 'budget'",
        ),
        ({"families": {"households": [1.0]}}, "expected a mapping from column to value"),
        ({"families": {"households": {"budget": [1.0, 0.0]}}}, r"budget: .*rural \(0\)"),
        ({"families": {"households": {"budget": [1.0]}}}, r"expected shape \(2,\)"),
        ({"families": {"households": {"shares": np.eye(3)}}}, r"expected shape \(2, 3\)"),
        ({"families": {"households": {"shares": np.ones((2, 3))}}}, r"urban \(3\), rural \(3\)"),
        ({"families": {"households": {"label": "cobb_douglas_workers"}}}, "duplicate labels"),
    ],
)
def test_a_wrong_replacement_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(pe.EconomyError, match=message):
        small().replace(**changes)  # type: ignore[arg-type]


def test_replace_normalises_on_request_and_checks_new_users() -> None:
    economy = small()
    columns = {"shares": np.ones((2, 3)), "normalise": True}
    other = economy.replace(families={"households": columns})
    np.testing.assert_allclose(other.family("households").shares.toarray(), 1 / 3)  # type: ignore[attr-defined]
    four = pe.Economy(4, [1, 0, 0, 0.0], [pe.LinearConsumers([1.0], [[1.0, 0, 0, 0]])])
    with pytest.raises(pe.EconomyError, match=r"'good_2' \(used by linear_consumers\[0\]\)"):
        four.replace(families={"linear_consumers": {"value": [[0.0, 0, 1, 0]]}})
    with pytest.raises(pe.EconomyError, match="'good_3'"):
        four.replace(families={"linear_consumers": {"needs": [[0.0, 0, 0, 1]]}})


def test_replace_checks_only_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    economy = small()
    checked: list[set[str]] = []
    original = pe.Family.validate

    def spy(self: pe.Family, goods: pe.Goods, *, columns: set[str] | None = None) -> None:
        checked.append(set(columns or ()))
        original(self, goods, columns=columns)

    monkeypatch.setattr(pe.Family, "validate", spy)
    economy.replace(families={"households": {"budget": [1.0, 2.0], "names": ["a", "b"]}})
    assert checked == [{"budget"}]


def test_a_large_economy_is_built_without_copies_or_names() -> None:
    councils, per_row, n_goods = 200_000, 5, 5_000
    good = np.sort(np.random.default_rng(0).integers(0, n_goods // 5, (councils, per_row)), axis=1)
    good = (good + np.arange(per_row) * (n_goods // 5)).astype(np.int32).ravel()
    start = np.arange(0, councils * per_row + 1, per_row, dtype=np.int32)
    data = np.full(good.size, 0.15)
    exponents = sp.csr_array((data, good, start), shape=(councils, n_goods))
    workers = pe.CobbDouglasWorkers(good[::per_row].copy(), exponents, 1.0)
    households = pe.LinearConsumers([1.0], np.ones((1, n_goods)))
    economy = pe.Economy(n_goods, np.ones(n_goods), [workers, households])
    kept = economy.family("cobb_douglas_workers").exponents  # type: ignore[attr-defined]
    for given, held in ((data, kept.data), (good, kept.indices), (start, kept.indptr)):
        assert np.shares_memory(given, held)
        assert given.flags.writeable
        assert not held.flags.writeable
    assert "names" not in vars(economy.goods)
