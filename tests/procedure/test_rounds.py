"""The record of a procedure: what it derives, and what it refuses.

The book's published rounds are the independent path: their counts of rounds are what
`rounds_to` must say.
"""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

import parecon as pe
from parecon.procedure import Round, Rounds
from procedure.rounds_for_tests import N_GOODS, N_ROUNDS, NAMES, assert_same, made

# -- what it derives ------------------------------------------------------------------------------


def test_imbalance_is_zero_where_a_good_is_neither_made_nor_used() -> None:
    rounds = made()
    expected = [[1.0, 0.0, 0.0], [0.0, 0.0, 0.2], [0.5 / 10.25, 0, 0], [0.0, 0.1 / 4.05, 0.0]]
    np.testing.assert_allclose(rounds.imbalance, expected, rtol=1e-14)
    assert rounds.worst_good == ("bread", "labour", "bread", NAMES[1])
    np.testing.assert_array_equal(rounds.excess_demand[0], [20.0, 0.0, 0.0])


def test_a_last_round_that_is_no_numbers_is_no_error() -> None:
    supply = np.ones((N_ROUNDS, N_GOODS))
    supply[-1] = [np.nan, np.inf, 1.0]
    rounds = made(status="diverged", supply=supply, demand=supply)
    assert np.isnan(rounds.worst_imbalance[-1])
    assert "worst imbalance -- (bread)" in repr(rounds)
    assert rounds.rounds_to(0.1) == 1


def test_rounds_to_counts_the_announcements_until_all_are_below() -> None:
    rounds = made()
    assert [rounds.rounds_to(v) for v in (1.1, 1.0, 0.1, 0.03, 0.01)] == [1, 2, 3, 4, None]
    assert rounds.rounds_to(0.2) == 3  # at the threshold is not below it
    with pytest.raises(pe.SettingsError, match=r"above 0, got -0\.1"):
        rounds.rounds_to(-0.1)


def test_counts_are_those_published(shared_data) -> None:
    published = np.load(shared_data / "book2021" / "rounds_01.npz")
    imbalance = published["year1_imbalance_percent"] / 100.0
    supply = np.full(imbalance.shape, 1000.0)
    rounds = Rounds(
        rule="book",
        threshold=0.03,
        status="settled",
        goods=pe.Goods(50),
        price=published["year1_price_after_round"],
        supply=supply,
        demand=supply * (1.0 - imbalance / 2.0) / (1.0 + imbalance / 2.0),
    )
    np.testing.assert_allclose(rounds.imbalance, imbalance, rtol=1e-12)
    # the book stops at the first round below 3 %; its table says 11 rounds to 5 %
    assert rounds.rounds_to(0.03) == rounds.n_rounds == 19
    assert rounds.rounds_to(0.05) == 11


def test_distance_is_that_from_the_plan_and_free_goods_do_not_count() -> None:
    price = [[2.0, 1.0, 7.0], [1.0, 3.0, 7.0]]
    two = {"price": price, "supply": np.ones((2, 3)), "demand": np.ones((2, 3)), "state": {}}
    rest = dict.fromkeys(("dual", "gap", "time_s", "inquiries", "sent"))
    np.testing.assert_array_equal(
        made(**two, **rest, plan_price=[1.0, 2.0, 1e-14]).distance, [1.0, 0.5]
    )
    assert np.isnan(made(**two, **rest, plan_price=None).distance).all()
    assert made(**two, **rest, distance=[8.0, 9.0]).distance.tolist() == [8.0, 9.0]


def test_what_was_sent_is_counted_per_council() -> None:
    rounds = made()
    assert rounds.numbers_per_council.tolist() == [2.0, 6.0, 4.0, 1e8]
    assert (rounds.n_announcements, rounds.n_exchanges) == (4, 7)
    assert np.isnan(made(n_councils=0).numbers_per_council).all()


def test_a_round_is_told_in_a_few_numbers() -> None:
    rounds = made(gap=[4.0, 3.0, 2.0, 1 / 3])
    assert rounds.round(2) == rounds.round(-3) == list(rounds)[1]
    last = rounds.round(-1)
    assert last == Round(
        round=4,
        worst_imbalance=rounds.imbalance[3, 1],
        worst_good=NAMES[1],
        dual=1.0,
        gap=1 / 3,
        distance=rounds.distance[3],
        sent=5_000_000_000,
        inquiries=0,
        time_s=0.4,
    )
    for number in (0, 5, -5):
        with pytest.raises(pe.PlanError, match=f"from 1 to 4, got {number}"):
            rounds.round(number)


@pytest.mark.parametrize("status", pe.ProcedureStatus)
def test_every_status_says_what_it_claims(status) -> None:
    rounds = made(status=status.value)
    assert rounds.status is status
    assert rounds.settled is (status is pe.ProcedureStatus.SETTLED)
    assert len(status.sentence) > 40
    assert str(status) == status


# -- frozen, and what is refused ------------------------------------------------------------------


def test_arrays_are_read_only_and_the_callers_are_not() -> None:
    mine, memory = np.ones((N_ROUNDS, N_GOODS)), np.ones(3)
    rounds = made(price=mine, carried={"memory": memory})
    mine[:] = 2.0
    memory[:] = 2.0
    for array in (
        rounds.price,
        rounds.imbalance,
        rounds.excess_demand,
        rounds.worst_imbalance,
        rounds.dual,
        rounds.sent,
        rounds.plan_price,
        rounds.state["momentum"],
        rounds.carried["memory"],
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert rounds.carried["memory"].tolist() == [1.0, 1.0, 1.0]  # rules go on writing into theirs
    with pytest.raises(AttributeError):
        rounds.rule = "other"
    with pytest.raises(TypeError):
        rounds.state["new"] = mine


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": "fine"}, "unknown status 'fine'"),
        ({"price": np.ones(3)}, r"price has shape \(3,\), expected \(rounds >= 1, goods\)"),
        ({"price": np.ones((0, 3))}, r"price has shape \(0, 3\)"),
        ({"supply": np.ones((4, 2))}, r"supply has shape \(4, 2\), expected \(4, 3\)"),
        ({"state": {"m": np.ones(3)}}, r"state 'm' has shape \(3,\), expected \(4, 3\)"),
        ({"dual": [1.0]}, r"dual has shape \(1,\), expected \(4,\)"),
        ({"sent": [1]}, r"sent has shape \(1,\), expected \(4,\)"),
        ({"plan_price": [1.0]}, r"plan_price has shape \(1,\), expected \(3,\)"),
        ({"next_price": [1.0]}, r"next_price has shape \(1,\), expected \(3,\)"),
        ({"carried": {"words": np.array(["a"])}}, "carried 'words': expected numbers, got <U1"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message) -> None:
    with pytest.raises(pe.PlanError, match=message):
        made(**changes)


# -- people and pickle ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 4, 11, 12, 13, 400])
def test_repr_fits_the_terminal(count) -> None:
    rng = np.random.default_rng(count)
    names = ["x" * 300, "with [markup]"]
    shape = (count, 2)
    supply = rng.uniform(1.0, 1e9, shape)
    rounds = Rounds(
        rule="anderson",
        threshold=1e-3,
        status="round limit",
        goods=pe.Goods(names),
        price=rng.uniform(1e-300, 1e300, shape),
        supply=supply,
        demand=supply[::-1],
        dual=np.full(count, -1.23456789e300),
        gap=np.full(count, -1e-300),
        time_s=np.full(count, 123456.0),
        inquiries=np.full(count, 99),
        sent=np.full(count, 3 * 10**12),
        n_councils=3_000_000,
        plan_price=np.ones(2),
    )
    lines = repr(rounds).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 79
    assert lines[0] == "Rounds: round limit"
    below = lines[next(i for i, line in enumerate(lines) if line.endswith("good")) + 1 :]
    rows = [line.split() for line in below if "more rounds" not in line]
    assert rows[-1][0] == str(count)
    hidden = [line for line in below if "more rounds" in line]
    shown = len(rows) + (int(hidden[0].split()[1].replace(",", "")) if hidden else 0)
    assert shown == count


def test_settled_is_seen_in_the_digits() -> None:
    supply = np.full((1, 1), 1.0)
    rounds = Rounds(
        rule="book",
        threshold=0.03,
        status="settled",
        goods=pe.Goods(["grain"]),
        price=supply,
        supply=supply,
        demand=supply * (1.0 + 0.029999),
    )
    v = 100.0 * float(rounds.worst_imbalance[0])
    assert v < 3.0
    assert rounds.message == f"1 round, worst imbalance {v:.3g} % (grain), threshold 3 %"
    close = Rounds(
        rule="book",
        threshold=0.03,
        status="settled",
        goods=pe.Goods(["grain"]),
        price=supply,
        supply=supply,
        demand=supply * (1.0 + 0.015 - 1e-7) / (1.0 - 0.015 + 1e-7),
    )
    assert "worst imbalance 2.99998 % (grain), threshold 3 %" in close.message


def test_pickle_keeps_everything_and_what_is_frozen() -> None:
    rounds = made()
    copy = pickle.loads(pickle.dumps(rounds))
    assert_same(rounds, copy)
    assert not copy.price.flags.writeable
    assert not copy.carried["moves"].flags.writeable


# -- frames ---------------------------------------------------------------------------------------


def test_frames_are_tidy() -> None:
    rounds = made()
    frames = rounds.to_pandas()
    assert list(frames) == ["rounds", "goods", "state"]
    table = frames["rounds"].set_index("round")
    assert table.loc[2, "worst_good"] == "labour"
    assert table.loc[2, "worst_imbalance"] == rounds.worst_imbalance[1]
    assert table.loc[4, "sent"] == 5_000_000_000
    goods = frames["goods"].set_index(["round", "good"])
    assert len(goods) == N_ROUNDS * N_GOODS
    for name in ("price", "supply", "demand", "imbalance", "excess_demand"):
        assert goods.loc[(3, "labour"), name] == getattr(rounds, name)[2, 2]
    assert goods.loc[(1, NAMES[1]), "plan_price"] == 2.0
    state = frames["state"].set_index(["round", "good"])
    assert state.loc[(4, "bread"), "momentum"] == rounds.state["momentum"][3, 0]

    few = made(state={}, plan_price=None).to_pandas()
    assert list(few) == ["rounds", "goods"]
    assert "plan_price" not in few["goods"]


def test_loading_the_module_loads_nothing_heavy() -> None:
    code = (
        "import sys, parecon.procedure.rounds\n"
        "print(*(m for m in ('pandas', 'pyarrow', 'matplotlib', 'rich') if m in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
