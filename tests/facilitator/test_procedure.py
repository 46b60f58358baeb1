"""Ten councils that know nothing of parecon, driven to a plan by asking and telling."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import scipy.sparse as sp

import parecon as pe
from facilitator import village
from facilitator.boards import tell_all, village_board

THRESHOLD = 2e-6


@pytest.fixture(scope="module")
def plan():
    return pe.solve(village.economy(pe), tol=1e-10)


def driven(board, *, stop=lambda: False, **options):
    """The board once the village has settled, and the proposals told last."""
    for _ in range(60):
        if board.ask().settled:
            return board
        tell_all(board, **options)
        if stop():
            board.close()
            board = pe.Facilitator.open(board._state.journal.path)
    raise AssertionError(f"no plan in sight: {board!r}")


@pytest.mark.parametrize("sensitivity", [True, False])
def test_the_village_finds_the_prices_of_the_plan(plan, sensitivity):
    board = driven(village_board(threshold=THRESHOLD), sensitivity=sensitivity)
    assert board.round <= 20
    np.testing.assert_allclose(board.price, plan.price, rtol=1e-5)
    np.testing.assert_allclose(board.sums().supply, plan.supply, rtol=1e-5)
    assert board.flags() == ()


def test_a_board_takes_the_way_of_the_simulation():
    """The rule sees the same sums from councils behind a board as from an economy's families."""
    board = driven(village_board("book", threshold=0.05))
    rounds = pe.simulate(village.economy(pe), rule="book", start_price=10.0, threshold=0.05)
    assert board.round == rounds.n_rounds + 1
    np.testing.assert_allclose(board.prices[:-1], rounds.price, rtol=1e-12)


@pytest.mark.parametrize("seed", range(2))
def test_stopping_and_reopening_changes_no_bit(tmp_path, seed):
    rng = np.random.default_rng(seed)
    whole = driven(village_board(threshold=THRESHOLD))
    board = village_board(threshold=THRESHOLD, journal=tmp_path / "journal")
    board = driven(board, stop=lambda: rng.random() < 0.5)
    assert board.prices.tobytes() == whole.prices.tobytes()


def test_a_third_of_the_answers_missing_in_every_round(plan):
    """Under "carry" the village still finds its plan, from old words where there are no new."""
    rng = np.random.default_rng(3)
    board = village_board("elasticity", threshold=1e-6)
    for _ in range(150):
        for name, proposal in village.answers(board.ask().prices).items():
            if rng.random() > 0.3:
                board.tell(name, **proposal)
        board.adjust()
    np.testing.assert_allclose(board.price, plan.price, rtol=1e-3)


def test_threads_may_share_a_board():
    whole, board = village_board(), village_board()
    for _ in range(5):
        told = village.answers(whole.ask().prices)
        for name, proposal in told.items():
            whole.tell(name, **proposal)
        board.ask()
        threads = [
            threading.Thread(target=lambda n=name, p=proposal: (board.tell(n, **p), board.status()))
            for name, proposal in told.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert board.ask().price.tobytes() == whole.ask().price.tobytes()


def test_many_councils_told_at_once(tmp_path):
    """3,000 councils and 300 goods, some revised, reopened in between."""
    rng = np.random.default_rng(0)
    k, n = 3_000, 300
    names = [f"council {i}" for i in range(k)]
    supply = sp.csr_array(rng.random((k, n)) * (rng.random((k, n)) < 0.02))
    demand = sp.csr_array(rng.random((k, n)) * (rng.random((k, n)) < 0.03))
    board = pe.Facilitator(pe.Goods(n), 1.0, journal=tmp_path / "journal")
    assert board.tell_many(names, supply, demand).outcomes == {"new": k}
    board.ask()
    some = np.sort(rng.choice(k, 1_000, replace=False))
    board.tell_many([names[i] for i in some], 2.0 * supply[some], demand[some], round=1)
    told = board.tell_many([names[i] for i in some], 2.0 * supply[some], demand[some])
    assert told.outcomes == {"new": 1_000}
    board.adjust()
    board.close()
    board = pe.Facilitator.open(tmp_path / "journal")
    weight = np.ones(k)
    weight[some] = 2.0
    np.testing.assert_allclose(board.sums().supply, supply.T @ weight, rtol=1e-13)
    np.testing.assert_allclose(board.sums().demand, demand.T @ np.ones(k), rtol=1e-13)
    assert len(board.ask().missing) == k
