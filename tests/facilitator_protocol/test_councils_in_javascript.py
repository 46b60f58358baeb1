"""docs/examples/councils.js: ten councils in another language find the prices of the plan."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import parecon as pe
from facilitator_protocol.talk import COMMAND
from parecon.facilitator.board import Facilitator

PROGRAM = Path(__file__).resolve().parents[2] / "docs" / "examples" / "councils.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no program `node` to run JavaScript with")


def play(folder, *options: str):
    return subprocess.run(
        [NODE, PROGRAM, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def economy_of(text: str) -> pe.Economy:
    """The economy that the program plays, from its own data."""
    data = json.loads(text)
    goods = pe.Goods(data["goods"])

    def matrix(rows) -> np.ndarray:
        return np.array([[row.get(good, 0.0) for good in goods] for row in rows])

    workers, households = data["workers"], data["households"]
    return pe.Economy(
        goods,
        matrix([data["endowment"]])[0],
        [
            pe.CobbDouglasWorkers(
                goods.index([council["makes"] for council in workers]),
                matrix(council["exponents"] for council in workers),
                [council["productivity"] for council in workers],
            ),
            pe.CobbDouglasConsumers(
                [council["budget"] for council in households],
                matrix(council["shares"] for council in households),
            ),
        ],
    )


def test_councils_in_javascript_find_the_prices_of_the_plan(tmp_path) -> None:
    economy = economy_of(play(tmp_path, "--economy").stdout)
    assert economy.n_councils == 10
    plan = pe.solve(economy, tol=1e-10)

    played = play(tmp_path, "--json", "--threshold", "1e-8", "--journal", "j", "--", *COMMAND)
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    delivered = json.loads(played.stdout)
    goods = list(economy.goods)
    assert [delivered["price"][good] for good in goods] == pytest.approx(plan.price, rel=1e-7)
    assert [delivered["supply"][good] for good in goods] == pytest.approx(plan.supply, rel=1e-6)
    for good in goods:
        assert delivered["demand"][good] <= delivered["supply"][good]
    assert len(delivered["fractions"]) == 6
    assert min(delivered["fractions"].values()) > 1.0 - 1e-6

    # the journal tells the same, and starting again says it once more
    with Facilitator.open(tmp_path / "j") as board:
        assert board.settled
        assert board.deliver().price.tolist() == [delivered["price"][good] for good in goods]
    again = play(tmp_path, "--json", "--threshold", "1e-8", "--journal", "j", "--", *COMMAND)
    assert json.loads(again.stdout) == delivered


def test_what_people_see_and_what_goes_wrong(tmp_path) -> None:
    shown = play(tmp_path, "--threshold", ".01", "--", *COMMAND)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("Settled in round ")
    assert "bakery" in shown.stdout
    other = play(tmp_path, "--threshold", ".1", "--", *COMMAND)
    assert other.returncode == 1
    assert "threshold: the board of the journal has 0.01" in other.stderr
    nobody = play(tmp_path, "--", os.fspath(tmp_path / "no such program"))
    assert nobody.returncode == 1
    assert "ENOENT" in nobody.stderr
