"""Every contestant on every economy it can take, judged; each in a process of its own."""

from __future__ import annotations

import pytest

from benchmarks import contest, judge, standings
from benchmarks.contestants import CONTESTANTS, Contestant
from benchmarks.economies import Case, met_on, smallest
from benchmarks.figures import Figures
from benchmarks.standings import OURS, Row
from benchmarks.targets import CONTESTED
from benchmarks.words import number

LIMIT_S, FULL_LIMIT_S = 3.0, 60.0
"""For an answer, unless --limit says otherwise: `make benchmark`, and `make benchmark-full`."""
SMOKE_TOL, SMOKE_S = 1e-2, 10.0


def _pairs() -> list[object]:
    """All pairs; by default only those on the smallest case of a kind."""
    return [
        pytest.param(
            case,
            contestant,
            id=f"{case.id}-{contestant.name}",
            marks=[] if case is met_on(case.kind)[0] else [pytest.mark.full],
        )
        for case in met_on()
        for contestant in CONTESTANTS
    ]


@pytest.mark.parametrize(("case", "contestant"), _pairs())
def test_contest(
    request: pytest.FixtureRequest, figures: Figures, case: Case, contestant: Contestant
) -> None:
    """Answer at every tolerance of the case, within the time limit; ours must reach each."""
    if case.missing:
        pytest.skip(case.missing)
    if request.config.getoption("benchmark_disable"):
        smoke(case, contestant)
        return
    usual = FULL_LIMIT_S if request.config.getoption("--full") else LIMIT_S
    limit_s = request.config.getoption("--limit") or usual
    sizes = [other.label for other in met_on(case.kind)]
    smaller = sizes[: sizes.index(case.label)]
    asked = (case.tol,) if contestant.levels == "finest" else (*case.levels, case.tol)
    tols, reason = standings.within_reach(
        figures.all_rows(), case.kind, contestant.name, smaller, asked
    )
    if tols:
        rows = contest.rows(case, contestant, tols, limit_s)
    else:
        rows = [Row(case.kind, case.label, contestant.name, outcome="left out", reason=reason)]
    figures.meet(rows)
    if contestant.name == OURS:
        for row in rows:
            assert row.outcome == "answered", row.reason
            assert row.word == "solved", row
            assert row.tol is not None
            assert row.exactness <= row.tol, row
    settle(figures, case, contestant.name)
    last = rows[-1]
    if last.outcome != "answered":
        pytest.skip(f"{last.outcome}: {last.reason}" if last.reason else last.outcome)


def settle(figures: Figures, case: Case, contestant: str) -> None:
    """Record the figures of the targets that this contestant decides."""
    here = [r for r in figures.all_rows() if (r.kind, r.size) == (case.kind, case.label)]
    for target, rival, exactness in CONTESTED.get(case.kind, ()):
        if contestant not in (rival, OURS):
            continue
        ours = standings.reached(here, OURS, exactness)
        other = standings.reached(here, rival, exactness)
        if ours is None or other is None or ours.seconds is None or other.seconds is None:
            continue
        value = ours.seconds if rival == OURS else ours.seconds / other.seconds
        note = f"gap {ours.gap:.0e}; {ours.steps} iterations"
        if rival != OURS:
            note += f"; {rival} {number(other.seconds, 's')}, gap {other.gap:.0e}"
        others = max((row.others or 0.0 for row in (ours, other)), default=0.0)
        figures.reach(target, case.label, value, note, others=others)


def smoke(case: Case, contestant: Contestant) -> None:
    """Once, roughly and untimed, in this process: does everything fit together?"""
    if case is not met_on(case.kind)[0]:
        pytest.skip("no need: the same as on the smallest")
    economy = smallest(case.kind).economy()
    reason = contestant.missing() or contestant.lacks(economy)
    if reason:
        pytest.skip(reason)
    answer = contestant.answer(contestant.ready(economy), SMOKE_TOL, SMOKE_S)
    if answer.stopped:
        pytest.skip("time limit")
    found = judge.verdict(economy, answer, SMOKE_TOL)
    assert found["feasible"]
    assert found["gap"] >= -1e-9
    if contestant.ours:
        assert found["gap"] <= SMOKE_TOL
