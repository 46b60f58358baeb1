"""A board that is reopened from its journal: nothing lost, the same next price, bit for bit."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import parecon as pe
from facilitator import village
from facilitator.boards import drive, everything, tell_all, village_board
from facilitator.killed import BULK_CALL, calls

RULES = ("book", "proportional", "elasticity", "anderson")


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "a journal?.sqlite"


@pytest.mark.parametrize("rule", RULES)
def test_a_reopened_board_knows_what_it_knew(journal, rule):
    board, whole = village_board(rule, journal=journal), village_board(rule)
    for each in (board, whole):
        drive(each, 4)
        each.tell("bakery", **village.WORKERS[4].answer(each.ask().prices))
        each.tell("smithy", supply={"tools": 1.0}, round=3)
        each.tell("newcomer", demand={"bread": 1.0}, kind="consumers", budget=20.0)
    before = everything(board)
    board.close()
    board = pe.Facilitator.open(journal)
    assert everything(board) == before == everything(whole)
    for _ in range(3):
        for each in (board, whole):
            each.adjust()
            tell_all(each)
        assert board.prices.tobytes() == whole.prices.tobytes()


def test_sums_survive_too(journal):
    board, whole = village_board(journal=journal), village_board()
    for each in (board, whole):
        each.tell_sums(np.arange(6.0), np.ones(6), np.ones(6))
        each.ask()
        each.adjust()
        each.tell_sums(np.arange(6.0), 2.0 * np.ones(6))
    before = everything(board)
    board.close()
    board = pe.Facilitator.open(journal)
    assert everything(board) == before
    assert board.ask().price.tobytes() == whole.ask().price.tobytes()


def test_a_changed_rule_survives_and_so_does_what_it_remembers(journal):
    board = village_board("book", journal=journal)
    drive(board, 3)
    board.change_rule("anderson")
    board.close()
    board = pe.Facilitator.open(journal)
    assert board.rule == "anderson"
    assert "moves" not in board._state.rule.state()
    drive(board, 3)
    before = everything(board)
    board.close()
    board = pe.Facilitator.open(journal)
    assert everything(board) == before
    assert len(board._state.rule.state()) > 1


def test_a_rule_of_ones_own_is_given_again(journal):
    def raise_all(seen):
        return seen.price * 1.5

    pe.Facilitator(["x"], 1.0, raise_all, journal=journal).close()
    with pytest.raises(pe.JournalError, match="'raise_all', which is one of your own"):
        pe.Facilitator.open(journal)
    with pytest.raises(pe.JournalError, match="goes by the rule 'raise_all', got 'book'"):
        pe.Facilitator.open(journal, rule="book")
    board = pe.Facilitator.open(journal, rule=raise_all)
    assert board.adjust().price == [1.5]


def test_a_rule_with_settings_is_given_again_and_gets_its_memory_back(journal):
    board = village_board(pe.rules.Anderson(memory=3), journal=journal)
    drive(board, 5)
    before = everything(board)
    board.close()
    with pytest.raises(pe.JournalError, match="one of your own"):
        pe.Facilitator.open(journal)
    board = pe.Facilitator.open(journal, rule=pe.rules.Anderson(memory=3))
    assert everything(board) == before


def test_goods_are_kept_with_kind_and_unit(journal):
    goods = pe.Goods(["x", "ÿ"], kind=["labour", "nature"], unit="hour")
    pe.Facilitator(goods, 1.0, endowment=[0.1, 1 / 3], journal=journal).close()
    board = pe.Facilitator.open(journal)
    assert board.goods == goods
    assert board.endowment.tolist() == [0.1, 1 / 3]
    counted = journal.with_name("counted")
    pe.Facilitator(pe.Goods(7), 1.0, journal=counted).close()
    assert pe.Facilitator.open(counted).goods == pe.Goods(7)


# -- killed ------------------------------------------------------------------------------------

KILLED = Path(__file__).parent / "killed.py"


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """(place of the kill, journal left behind, lines acknowledged) of many killed boards."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, str(KILLED), str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    left = []
    for path in sorted(folder.glob("*.acknowledged"), key=lambda path: int(path.stem)):
        lines = path.read_text(encoding="utf-8").splitlines()
        left.append((int(path.stem), path.with_suffix(".sqlite"), lines))
    return left


def test_a_killed_board_has_lost_nothing_that_it_acknowledged(killed):
    whole = village_board()
    known = [everything(whole)]
    for call in calls():
        call(whole)
        known.append(everything(whole))
    assert len(killed) > 30
    middle_of_bulk = 0
    for place, journal, acknowledged in killed:
        if not acknowledged:  # killed while the journal was made: it can be made again
            done = 0
            board = village_board(journal=journal)
        else:
            done = len(acknowledged) - 1
            board = pe.Facilitator.open(journal)
            # what was acknowledged, or that and the one call that was under way
            state = everything(board)
            assert state in known[done : done + 2], f"killed at statement {place}"
            middle_of_bulk += done == BULK_CALL and state == known[done]
        for call in calls()[done:]:
            call(board)
        assert everything(board) == known[-1], f"killed at statement {place}"
        assert board.prices.tobytes() == whole.prices.tobytes()
        board.close()
    assert middle_of_bulk >= 7


# -- what is no journal ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A journal of several rounds, closed."""
    path = tmp_path_factory.mktemp("original") / "journal"
    with village_board(journal=path) as board:
        drive(board, 6)
    return path


@pytest.fixture
def kept(journal, original):
    """A copy of it."""
    return Path(shutil.copy(original, journal))


def test_two_boards_cannot_share_a_journal(journal):
    board = village_board(journal=journal)
    for _ in range(2):
        with pytest.raises(pe.JournalError, match="another board has this journal open"):
            pe.Facilitator.open(journal)
    code = f"import parecon; parecon.Facilitator.open({str(journal)!r})"
    source = f"import sys; sys.path[:0] = {sys.path!r}\n"
    command = [sys.executable, "-c", source + code]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "JournalError" in told.stderr
    assert "another board has this journal open" in told.stderr
    drive(board, 1)
    board.close()
    board.close()
    assert pe.Facilitator.open(journal).round == 2


def test_anybody_may_read_while_the_board_writes(journal):
    board = village_board(journal=journal)
    reader = sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)
    rows = reader.execute("SELECT council FROM proposal")
    drive(board, 1)
    assert rows.fetchall() == []
    names = reader.execute("SELECT council FROM proposal ORDER BY seq").fetchall()
    assert names == [(council.name,) for council in village.COUNCILS]
    reader.close()


def test_a_journal_is_only_appended_to(kept):
    writer = sqlite3.connect(kept)
    for table in ("board", "rule", "council", "announcement", "proposal"):
        for change in (f"UPDATE {table} SET rowid = 99", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="only appended to"):
                writer.execute(change)
    writer.close()


def test_a_closed_board_takes_no_calls_and_leaves_one_file(kept):
    with pe.Facilitator.open(kept) as board:
        pass
    with pytest.raises(pe.BoardError, match="the board is closed"):
        board.ask()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_journal_is_not_written_over(kept):
    size = kept.stat().st_size
    with pytest.raises(pe.JournalError, match=r"there is a file already; Facilitator.open"):
        village_board(journal=kept)
    assert kept.stat().st_size == size
    other = kept.with_name("letter")
    other.write_text("Dear board, " * 500)
    with pytest.raises(pe.JournalError, match="not the journal of a facilitation board"):
        village_board(journal=other)
    assert other.read_text().startswith("Dear board")
    with pytest.raises(pe.JournalError, match=r"cannot be written: No such file or directory"):
        village_board(journal=kept.parent / "nowhere" / "journal")


def test_files_that_are_no_journals_are_named(kept, tmp_path):
    with pytest.raises(pe.JournalError, match=r"missing: there is no journal$"):
        pe.Facilitator.open(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    (tmp_path / "letter").write_bytes(b"")
    with pytest.raises(pe.JournalError, match="holds nothing yet"):
        pe.Facilitator.open(tmp_path / "letter")
    (tmp_path / "letter").write_bytes(b"Dear board, " * 500)
    with pytest.raises(pe.JournalError, match="not the journal of a facilitation board"):
        pe.Facilitator.open(tmp_path / "letter")
    foreign = sqlite3.connect(tmp_path / "foreign")
    foreign.execute("CREATE TABLE proposal (seq INTEGER)")
    foreign.close()
    with pytest.raises(pe.JournalError, match="not the journal of a facilitation board"):
        pe.Facilitator.open(tmp_path / "foreign")


def test_a_newer_journal_is_refused(kept):
    newer = sqlite3.connect(kept)
    newer.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(pe.JournalError, match=r"newer parecon \(format 2, this one reads 1\)"):
        pe.Facilitator.open(kept)


@pytest.mark.parametrize("share", [0.99, 0.9, 0.6, 0.3, 0.1, 0.01])
def test_a_truncated_journal_is_refused(kept, share):
    with kept.open("r+b") as file:
        file.truncate(int(share * kept.stat().st_size))
    with pytest.raises(pe.JournalError):
        pe.Facilitator.open(kept)


def test_damage_inside_the_file_is_found(kept):
    healthy = kept.with_name("healthy")
    shutil.copy(kept, healthy)
    for column, wrong in (("price", b"12345678"), ("state", b"PK nothing"), ("price", None)):
        shutil.copy(healthy, kept)
        damaged = sqlite3.connect(kept)
        damaged.execute("DROP TRIGGER no_update_of_announcement")
        if wrong is None:
            damaged.execute("DROP TABLE announcement")
        else:
            damaged.execute(f"UPDATE announcement SET {column} = ?", (wrong,))
        damaged.commit()
        damaged.close()
        with pytest.raises(pe.JournalError):
            pe.Facilitator.open(kept)
        assert not Path(f"{kept}-lock").exists()


def test_what_cannot_be_written_has_not_happened(journal):
    board = village_board(journal=journal)
    drive(board, 1)
    before = everything(board)
    other = sqlite3.connect(journal)
    other.execute("BEGIN IMMEDIATE")
    board._state.journal._connection.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(pe.JournalError, match="database is locked"):
        board.tell("bakery", supply={"bread": 1.0})
    with pytest.raises(pe.JournalError, match="database is locked"):
        board.adjust()
    assert everything(board) == before
    other.rollback()
    other.close()
    assert board.tell("bakery", supply={"bread": 1.0}).outcome == "new"


def test_a_board_that_was_interrupted_in_the_middle_says_so(journal, monkeypatch):
    board = village_board(journal=journal)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(board._state.ledger, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        board.tell("bakery", supply={"bread": 1.0})
    with pytest.raises(pe.BoardError, match=r"interrupted .* Facilitator.open\('.*'\) goes on"):
        board.ask()
    board.close()
    assert pe.Facilitator.open(journal).tell("bakery", supply={"bread": 1.0}).outcome == "repeated"
