"""A board, one of whose councils sends garbage."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon.experiments import garbage
from parecon.experiments.garbage import KINDS, NOTHING, SILENCE

REFUSED = [kind for kind in KINDS if kind not in (SILENCE, NOTHING, "a billion")]


@pytest.fixture(scope="module")
def plan():
    return pe.solve(pe.synthetic.book(60, 40, 2, seed=1), tol=1e-10, certify=True)


def run(plan, kind, family, after=3, **options):
    return garbage.run(plan, kind, family, 5, after=after, threshold=0.01, **options)


@pytest.fixture(scope="module")
def silent(plan):
    return {f: run(plan, SILENCE, f) for f in ("consumers", "workers")}


def test_without_garbage_the_board_comes_near_the_plan(plan) -> None:
    found = run(plan, "", "consumers")
    assert found.settled
    assert found.certificate.feasible
    assert 0.0 < found.welfare_lost < 0.01
    assert abs(found.sender_change) < 0.02
    assert found.others_worst <= found.others_change < 0.0


def everything(found):
    """What came of it, but the words."""
    return [
        value
        for name, value in vars(found).items()
        if name not in ("kind", "answer", "certificate")
    ]


@pytest.mark.parametrize("family", ["consumers", "workers"])
@pytest.mark.parametrize("kind", REFUSED)
def test_the_board_names_the_sender_and_goes_on_as_if_it_were_silent(
    plan, silent, kind, family
) -> None:
    found = run(plan, kind, family)
    side = "demand" if family == "consumers" else "supply"
    good = garbage.MISSPELT if kind == "unknown good" else "private_"
    assert f"council '{family}[5]': {side}" in found.answer
    assert good in found.answer
    assert found.settled
    assert found.certificate.feasible
    assert everything(found) == everything(silent[family])


def test_a_silent_council_goes_on_as_it_last_said(silent) -> None:
    for found in silent.values():
        assert abs(found.sender_change) < 0.5
        assert found.welfare_lost < 0.01


@pytest.mark.parametrize("kind", [SILENCE, "negative"])
def test_who_never_said_anything_proper_counts_for_nothing(plan, kind) -> None:
    workers, consumers = (run(plan, kind, f, after=0) for f in ("workers", "consumers"))
    assert workers.settled
    assert workers.sender_change == -1.0
    assert workers.certificate.feasible
    assert 0.0 < workers.welfare_lost < np.inf
    assert consumers.settled
    assert consumers.sender_change == -1.0
    assert consumers.welfare_lost == np.inf
    # budgets are equal: the others share what it leaves
    assert consumers.others_change == pytest.approx(1 / 39, abs=0.01)


def test_nothing_is_a_proposal(plan) -> None:
    found = run(plan, NOTHING, "workers")
    assert found.answer == "taken"
    assert found.settled
    assert found.sender_change == -1.0


def test_a_billion_is_flagged_where_a_budget_is_known_and_believed_where_none_is(plan) -> None:
    asked = run(plan, "a billion", "consumers", max_rounds=12)
    assert "exceeds the budget" in asked.answer
    assert not asked.settled
    assert asked.rounds == 12
    promised = run(plan, "a billion", "workers")
    assert promised.answer == "taken"
    assert not promised.certificate.feasible
    assert promised.certificate.technology_council == "workers[5]"


def test_kinds_that_are_none_are_refused(plan) -> None:
    with pytest.raises(pe.SettingsError, match="garbage 'negativ'; did you mean 'negative'"):
        run(plan, "negativ", "workers")
    with pytest.raises(pe.EconomyError, match="no family 'worker'; did you mean 'workers'"):
        run(plan, "negative", "worker")
