"""Who is ahead: the same certified gap, less time; how time grows; who will not get through."""

from __future__ import annotations

import math

import pytest
from benchmarks import standings
from benchmarks.standings import OURS, Row


def row(contestant: str, seconds: float, gap: float, **more: object) -> Row:
    fields = {"kind": "book", "size": "small", "tol": gap, "feasible": True, "shortage": 0.0}
    return Row(contestant=contestant, seconds=seconds, gap=gap, **(fields | more))  # type: ignore[arg-type]


OUR_ROWS = [row(OURS, 1.0, 1e-2), row(OURS, 2.0, 1e-4), row(OURS, 4.0, 1e-8)]


def ahead_of(*rivals: Row) -> list[tuple[str, float]]:
    found = standings.ahead([*OUR_ROWS, *rivals])
    return [(stands.rival.contestant, stands.ratio) for stands in found]


@pytest.mark.parametrize(
    ("seconds", "gap", "ratio"),
    [
        (0.5, 1e-2, 0.5),  # ours is as exact in 1 s
        (1.5, 1e-3, 0.75),  # only our row at 1e-4 is as exact
        (1.5, 1e-4, 0.75),
        (3.0, 1e-9, 0.75),  # more than was asked for counts for no more
    ],
)
def test_faster_at_the_same_gap_is_ahead(seconds: float, gap: float, ratio: float) -> None:
    assert ahead_of(row("rival", seconds, gap, tol=1e-8)) == [("rival", ratio)]


@pytest.mark.parametrize(
    ("seconds", "gap"),
    [
        (1.0, 1e-2),
        (0.95, 1e-2),  # within what runs of one contestant differ by
        (0.9, 2.0),  # a gap that our first row beats in no more time is worth 1 s
        (1.9, 1e-4),
        (3.0, 1e-4),
    ],
)
def test_level_or_slower_is_not(seconds: float, gap: float) -> None:
    assert ahead_of(row("rival", seconds, gap, tol=1e-8)) == []


def test_the_row_furthest_ahead_speaks_for_a_rival() -> None:
    rows = [row("rival", 0.9, 1e-2), row("rival", 1.0, 1e-4), row("other", 1.0, 1e-8)]
    assert ahead_of(*rows) == [("other", 0.25), ("rival", 0.5)]


def test_a_rival_more_exact_than_ours_at_all_is_ahead() -> None:
    mine = [row(OURS, 1.0, 1e-4, tol=1e-8)]
    (stands,) = standings.ahead([*mine, row("rival", 100.0, 1e-8)])
    assert stands.ours is None
    assert stands.ratio == 0.0


@pytest.mark.parametrize(
    "nothing",
    [
        row("rival", 0.1, 1e-8, feasible=False),
        Row("book", "small", "rival", outcome="left out", reason="cannot"),
        Row("book", "small", "rival", tol=1e-8, outcome="limit"),
    ],
)
def test_what_is_no_plan_is_not_ahead(nothing: Row) -> None:
    assert ahead_of(nothing) == []


def test_economies_are_compared_each_by_itself() -> None:
    elsewhere = row("rival", 0.1, 1e-8, size="large")
    (stands,) = standings.ahead([*OUR_ROWS, elsewhere])
    assert stands.ours is None  # ours did not answer there
    assert standings.ahead([*OUR_ROWS, elsewhere], ["rival"]) == []


def test_exponent() -> None:
    pairs = [(10.0**k, 3.0 * 10.0 ** (1.5 * k)) for k in range(1, 5)]
    assert standings.exponent(pairs) == pytest.approx(1.5)
    assert math.isnan(standings.exponent(pairs[:2]))
    assert math.isnan(standings.exponent([pairs[0]] * 3))


def test_exponents_take_the_finest_answer_of_each_size() -> None:
    rows = [
        row(OURS, 10.0**k * part, tol, size=str(k), entries=10**k)
        for k in (1, 2, 3)
        for tol, part in ((1e-2, 5.0), (1e-8, 7.0), (1e-4, 6.0))
    ]
    rows.append(row("rival", 1.0, 1e-8, size="1", entries=10))
    found = standings.exponents(rows)
    assert list(found) == [("book", OURS)]
    k, fitted = found["book", OURS]
    assert k == pytest.approx(1.0)
    assert [fit.seconds for fit in fitted] == [70.0, 700.0, 7000.0]


def test_within_reach() -> None:
    rows = [
        row("slow", 1.0, 1e-2, size="1"),
        row("slow", 60.0, 1e-4, size="1", outcome="limit"),
        row("slow", 60.0, 1e-2, size="2", outcome="limit"),
        Row("book", "1", "other", outcome="left out", reason="cannot"),
        Row("book", "1", "dead", outcome="failed", reason="signal 9"),
    ]

    def reach(contestant: str, *smaller: str, kind: str = "book") -> tuple[object, str]:
        asked = (1e-2, 1e-4, 1e-8)
        return standings.within_reach(rows, kind, contestant, smaller, asked)

    everything = ((1e-2, 1e-4, 1e-8), "")
    assert reach("slow") == everything
    assert reach("slow", "1") == ((1e-2,), "")  # what it did not reach there it is not asked again
    assert reach("slow", "1", "2") == ((), "limit at 2")
    assert reach("other", "1", "2") == everything
    assert reach("dead", "1") == ((), "failed at 1")
    assert reach("slow", "2", kind="fisher") == everything


def test_rows_survive_json() -> None:
    for one in (*OUR_ROWS, Row("book", "small", "rival", outcome="left out", reason="cannot")):
        again = Row.from_dict(one.to_dict())
        assert again.to_dict() == one.to_dict()
        assert None not in [again.kind, again.outcome]
        assert math.isnan(again.limit_s)
