"""The plan of a round, from quantities alone: judged from the rows of the journal."""

from __future__ import annotations

import math
import sqlite3
import struct

import highspy
import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from facilitator import village
from facilitator.boards import drive, tell_all, village_board
from parecon.facilitator import delivery


def proposals_in(journal, round):
    """{council: ({good: supplied}, {good: used})} of a round, read with nothing but SQLite."""
    connection = sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)
    told = connection.execute(
        "SELECT council, supply, demand FROM proposal WHERE round = ? AND outcome IN "
        "('new', 'revised', 'late') ORDER BY seq",
        (round,),
    ).fetchall()
    connection.close()

    def quantities(blob):
        k = len(blob) // 12
        goods, numbers = struct.unpack(f"<{k}i", blob[: 4 * k]), blob[4 * k :]
        return dict(zip(goods, struct.unpack(f"<{k}d", numbers), strict=True))

    return {council: (quantities(supply), quantities(demand)) for council, supply, demand in told}


def overdrawn(told, endowment, delivered, goods):
    """Goods of which more is used than exists, and by how much, relative, in plain Python."""
    exists, used = {}, {}
    for i, name in enumerate(goods):
        t = {council: delivered.fractions.get(council) for council in told}
        exists[name] = math.fsum(
            [endowment.get(name, 0.0)]
            + [s.get(i, 0.0) * (1.0 if t[c] is None else t[c]) for c, (s, _) in told.items()]
        )
        used[name] = math.fsum(
            # who supplies nothing gets a fraction of each good, and of it what a budget covers
            d.get(i, 0.0)
            * (1.0 if s else delivered.consumed.get(name, 0.0))
            * (1.0 if t[c] is None else t[c])
            for c, (s, d) in told.items()
        )
    return {name: used[name] / exists[name] - 1 for name in goods if used[name] > exists[name]}


@pytest.mark.parametrize("rounds", [1, 2, 5, 12])
def test_no_good_is_overdrawn(tmp_path, rounds):
    board = village_board(journal=tmp_path / "journal", threshold=1e-9)
    drive(board, rounds)
    delivered = board.deliver()
    assert delivered.round == rounds
    told = proposals_in(tmp_path / "journal", rounds)
    assert overdrawn(told, village.ENDOWMENT, delivered, village.GOODS) == {}
    assert (delivered.demand <= delivered.supply).all()
    assert set(delivered.fractions) == {council.name for council in village.WORKERS}
    assert all(0.0 <= t <= 1.0 for t in delivered.fractions.values())
    assert all(0.0 <= c <= 1.0 for c in delivered.consumed.values())
    spent = math.fsum(
        sum(c * delivered.price[i] * delivered.consumed[board.goods.name(i)] for i, c in d.items())
        for council, (s, d) in told.items()
        if council not in delivered.fractions
    )
    budgets = sum(council.budget for council in village.CONSUMERS)
    assert spent <= budgets * (1 + 1e-12)
    if rounds == 12:  # near the plan next to everything can be delivered
        assert min(delivered.consumed.values()) > 0.999
        assert spent > 0.9999 * budgets


def test_an_open_round_that_all_have_answered_is_delivered():
    board = village_board()
    drive(board, 3)
    assert board.deliver().round == 3
    board.tell("bakery", supply={"bread": 1.0})
    assert board.deliver().round == 3
    tell_all(board)
    assert board.deliver().round == 4


def test_a_chain_by_hand():
    """A mill wants 10 grain and 6 exist: six tenths of its flour, all of it eaten."""
    board = pe.Facilitator(["grain", "flour"], [1.0, 2.0], endowment={"grain": 6.0})
    board.tell("mill", supply={"flour": 10.0}, demand={"grain": 10.0}, kind="workers")
    board.tell("home", demand={"flour": 9.0}, kind="consumers")
    delivered = board.deliver()
    assert delivered.fractions["mill"] == pytest.approx(0.6, abs=1e-9)
    assert delivered.consumed == {"flour": pytest.approx(6.0 / 9.0, abs=1e-9)}
    assert list(delivered.undelivered) == ["flour", "grain"]
    assert delivered.undelivered["flour"] == pytest.approx(3.0, abs=1e-8)
    assert delivered.undelivered["grain"] == pytest.approx(4.0, abs=1e-8)


def test_what_nobody_makes_is_named():
    board = pe.Facilitator(["grain", "yeast", "bread"], 1.0, endowment={"grain": 5.0})
    board.tell("bakery", supply={"bread": 4.0}, demand={"grain": 2.0, "yeast": 1.0})
    board.tell("home", demand={"bread": 3.0, "grain": 1.0})
    delivered = board.deliver()
    assert delivered.fractions == {"bakery": 0.0}
    assert delivered.consumed == {"bread": 0.0, "grain": 1.0}
    assert delivered.undelivered == {"bread": 3.0, "grain": 2.0, "yeast": 1.0}


def test_kinds_decide_who_delivers_as_a_whole():
    """Who supplies is a producer, unless it is a council of consumers, who give what they offer."""
    board = pe.Facilitator(["labour", "corn"], 1.0)
    board.tell("home", supply={"labour": 2.0}, demand={"corn": 5.0}, kind="consumers")
    board.tell("farm", supply={"corn": 4.0}, demand={"labour": 2.0})
    board.tell("idle", demand={"labour": 0.0, "corn": 1.0}, kind="workers")
    delivered = board.deliver()
    assert set(delivered.fractions) == {"farm", "idle"}
    assert delivered.fractions["farm"] == pytest.approx(1.0, abs=1e-9)
    assert delivered.consumed["corn"] == pytest.approx(0.8, abs=1e-9)


def test_no_other_fractions_deliver_more():
    """The same programme in another form, written out for HiGHS variable by variable."""
    rng = np.random.default_rng(11)
    n, k = 5, 8
    endowment = rng.uniform(1.0, 3.0, n)
    made, used = rng.uniform(0.0, 2.0, (k, n)), rng.uniform(0.0, 1.0, (k, n))
    made *= rng.random((k, n)) < 0.3
    wanted = rng.uniform(1.0, 6.0, n)
    board = pe.Facilitator(pe.Goods(n), 1.0, endowment=endowment)
    board.tell_many([f"w{i}" for i in range(k)], made, used)
    board.tell("home", demand=wanted)
    delivered = board.deliver()
    c = np.array([delivered.consumed[f"good_{i}"] for i in range(n)])
    t = np.array([delivered.fractions[f"w{i}"] for i in range(k)])
    assert (wanted * c + used.T @ t <= endowment + made.T @ t).all()
    assert c.min() < 0.9

    found = float(wanted @ np.min([a + b * c for a, b in chords()], axis=0))
    assert found == pytest.approx(best(wanted, used - made, endowment), rel=1e-8)


def chords():
    """(a, b) of the lines a + b c whose least is the logarithm in pieces."""
    ends = np.array([0.01, 0.1, 0.5, 0.9, 1.0])
    slopes = np.diff(np.log(ends)) / np.diff(ends)
    lines = [(math.log(e) - b * e, b) for e, b in zip(ends[1:], slopes, strict=True)]
    return [*lines, (math.log(0.01) - 200.0 * 0.01, 200.0)]


def best(wanted, net, endowment):
    """max sum wanted u  over  u <= a + b c,  wanted c + net' t <= endowment,  0 <= c, t <= 1."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    fractions = [solver.addVariable(0.0, 1.0) for _ in net]
    utility = []
    for i, w in enumerate(wanted.tolist()):
        c, u = solver.addVariable(0.0, 1.0), solver.addVariable(-10.0, 0.0)
        for a, b in chords():
            solver.addConstr(u - float(b) * c <= float(a))
        used = sum(q * t for q, t in zip(net[:, i].tolist(), fractions, strict=True))
        solver.addConstr(w * c + used <= float(endowment[i]))
        utility.append(w * u)
    solver.maximize(sum(utility))
    return solver.getInfo().objective_function_value


def test_sums_alone_cannot_be_delivered():
    board = village_board()
    board.tell_sums({"bread": 1.0}, {"bread": 2.0})
    with pytest.raises(pe.BoardError, match="round 1: only sums were told"):
        board.deliver()
    with pytest.raises(pe.BoardError, match="round 1: nobody has proposed anything"):
        village_board().deliver()


def test_very_many_suppliers_share_a_fraction_by_what_they_make(monkeypatch):
    board = pe.Facilitator(["x", "y", "z"], 1.0, endowment={"z": 10.0})
    makers = sp.csr_array(np.tile([[1.0, 0.5, 0.0], [0.2, 1.0, 0.0]], (10, 1)))
    users = np.tile([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]], (10, 1))
    board.tell_many([f"w{i}" for i in range(20)], makers, users)
    board.tell("home", demand=[15.0, 12.0, 0.0])
    alone = board.deliver()
    monkeypatch.setattr(delivery, "MOST_SECTORS", 10)
    grouped = board.deliver()
    first = {grouped.fractions[f"w{i}"] for i in range(0, 20, 2)}
    second = {grouped.fractions[f"w{i}"] for i in range(1, 20, 2)}
    assert len(first) == len(second) == 1
    assert (grouped.demand <= grouped.supply).all()
    np.testing.assert_allclose(grouped.demand, alone.demand, rtol=1e-6)


def test_a_budget_covers_what_it_covers():
    """A consumer who asks for a billion leaves the others their bread."""
    board = pe.Facilitator(
        ["bread"], 2.0, endowment=[10.0],
        councils=[pe.Council("greedy", "consumers", 12.0), pe.Council("modest", "consumers", 8.0)],
    )  # fmt: skip
    board.tell("greedy", demand={"bread": 1e9})
    board.tell("modest", demand={"bread": 4.0})
    delivered = board.deliver()
    # 12 buys 6 at 2, and 6 + 4 are there
    assert delivered.fractions == {"greedy": pytest.approx(6e-9)}
    assert delivered.consumed["bread"] == pytest.approx(1.0)
    assert delivered.demand[0] == pytest.approx(10.0)
    assert delivered.undelivered["bread"] == pytest.approx(1e9 - 6.0)
