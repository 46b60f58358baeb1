"""What the judge's verdicts add up to: who is ahead of whom, and how time grows with size.

A row is ahead of ours when none of our rows on the same economy is both as exact and as fast: the
same certified gap, less time. The gap is that of a plan that can be carried out, delivered by the
judge where the answer was none; beyond a case's finest tolerance nobody was asked to go, and
nothing counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

OURS = "parecon"
"""Name of the contestant that others are compared with."""
LEAST_SIZES = 3
"""Of a series, for an exponent to be fitted."""
LEVEL = 0.1
"""Part of a time by which two may differ and count as level: runs of one contestant do."""


@dataclass(frozen=True)
class Row:
    """One contestant on one economy at one tolerance, judged.

    Attributes
    ----------
    kind, size, contestant : str
        Economy and contestant, by name.
    tol : float or None
        Asked for; None where the contestant did not come so far.
    outcome : str
        "answered"; "limit", of time or rounds; "memory"; "failed"; "left out", where it cannot take
        the economy or did not get through a smaller one.
    reason : str
        Of any other outcome than an answer.
    entries, goods : int
        Size of the economy.
    seconds : float or None
        Median wall time of an answer.
    runs : int
        So many were timed.
    added : int or None
        Bytes of memory added at the peak.
    shortage : float or None
        Certified, relative, the worst of all goods, in the answer as it came.
    gap : float or None
        Certified, relative; of the plan as delivered.
    feasible : bool
        Whether that plan can be carried out.
    delivered : bool
        Whether the judge had to make it one: from prices alone, or with something short.
    steps : int
        Iterations or rounds.
    word : str
        How it ended, in the contestant's own words.
    limit_s : float
        The time limit.
    others : float or None
        Cores that other programs used meanwhile.
    run : int
        Number of the run in the record.
    """

    kind: str
    size: str
    contestant: str
    tol: float | None = None
    outcome: str = "answered"
    reason: str = ""
    entries: int = 0
    goods: int = 0
    seconds: float | None = None
    runs: int = 0
    added: int | None = None
    gap: float | None = None
    shortage: float | None = None
    feasible: bool = False
    delivered: bool = False
    steps: int = 0
    word: str = ""
    limit_s: float = math.nan
    others: float | None = None
    run: int = 0

    @property
    def key(self) -> tuple[str, str, str, float | None]:
        """What there is one row of in a record."""
        return self.kind, self.size, self.contestant, self.tol

    @property
    def exactness(self) -> float:
        """The gap; inf where there is no plan that can be carried out."""
        return abs(self.gap) if self.gap is not None and self.feasible else math.inf

    @property
    def counts(self) -> bool:
        """Whether it is an answer that can be compared."""
        return self.seconds is not None and math.isfinite(self.exactness)

    def to_dict(self) -> dict[str, Any]:
        """JSON's types only."""
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Row:
        """The row of `to_dict`."""
        known = {name: value for name, value in fields.items() if value is not None}
        return cls(**known)


@dataclass(frozen=True)
class Standing:
    """How a rival's best row stands against ours on one economy.

    Attributes
    ----------
    rival : Row
        The row that is furthest ahead, or least behind.
    ours : Row or None
        The fastest of ours that is as exact; None where none is.
    ratio : float
        Its time over ours; 0 where none of ours is as exact, below 1 where it is ahead.
    """

    rival: Row
    ours: Row | None
    ratio: float

    @property
    def ahead(self) -> bool:
        """Whether the rival is faster at the same certified gap, by more than runs differ."""
        return self.ratio < 1.0 - LEVEL


def economies(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """(kind, size) of all rows, in the order they first appear."""
    return list(dict.fromkeys((row.kind, row.size) for row in rows))


def standing(rows: Sequence[Row], rival: str, finest: float) -> Standing | None:
    """A rival against ours, among the rows of one economy; None where it has no answer.

    finest : the smallest tolerance that was asked for.
    """
    ours = [row for row in rows if row.contestant == OURS and row.counts]
    found = None
    for row in rows:
        if row.contestant != rival or not row.counts:
            continue
        as_exact = [mine for mine in ours if mine.exactness <= max(row.exactness, finest)]
        best = min(as_exact, key=_seconds, default=None)
        ratio = 0.0 if best is None else _seconds(row) / _seconds(best)
        if found is None or ratio < found.ratio:
            found = Standing(row, best, ratio)
    return found


def within_reach(
    rows: Iterable[Row], kind: str, contestant: str, smaller: Sequence[str], tols: Iterable[float]
) -> tuple[tuple[float, ...], str]:
    """The tolerances that a contestant may reach, by how it did on smaller economies.

    Returns
    -------
    tuple
        (those looser than any that it did not get through, how it ended where that left none).
    """
    left, reason = tuple(tols), ""
    for row in rows:
        if row.kind != kind or row.contestant != contestant or row.size not in smaller:
            continue
        if row.outcome in ("answered", "left out"):
            continue
        kept = tuple(tol for tol in left if row.tol is not None and tol > row.tol)
        if left and not kept:
            reason = f"{row.outcome} at {row.size}"
        left = kept
    return left, reason


def finest(rows: Iterable[Row]) -> float:
    """The smallest tolerance that was asked for."""
    return min((row.tol for row in rows if row.tol is not None), default=math.nan)


def ahead(rows: Sequence[Row], ours_too: Iterable[str] = ()) -> list[Standing]:
    """Every rival that is ahead of ours somewhere, economy by economy, furthest ahead first.

    ours_too : contestants that are no rivals.
    """
    found = []
    for kind, size in economies(rows):
        here = [row for row in rows if (row.kind, row.size) == (kind, size)]
        rivals = dict.fromkeys(row.contestant for row in here)
        least = finest(here)
        for rival in rivals:
            if rival == OURS or rival in ours_too:
                continue
            stands = standing(here, rival, least)
            if stands is not None and stands.ahead:
                found.append(stands)
    return sorted(found, key=lambda stands: stands.ratio)


def reached(rows: Iterable[Row], contestant: str, exactness: float) -> Row | None:
    """The fastest row of a contestant that is so exact, among the rows of one economy."""
    found = [
        r for r in rows if r.contestant == contestant and r.counts and r.exactness <= exactness
    ]
    return min(found, key=_seconds, default=None)


def exponents(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[float, list[Row]]]:
    """By (kind, contestant), k of seconds ~ entries^k and the rows it is fitted to.

    Of each size the row of the finest tolerance that was answered; three sizes at least.
    """
    best: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        if not row.counts or row.outcome != "answered" or row.tol is None:
            continue
        sizes = best.setdefault((row.kind, row.contestant), {})
        known = sizes.get(row.size)
        if known is None or (known.tol or 0.0) > row.tol:
            sizes[row.size] = row
    found = {}
    for series, sizes in best.items():
        fitted = sorted(sizes.values(), key=lambda row: row.entries)
        k = exponent([(row.entries, _seconds(row)) for row in fitted])
        if math.isfinite(k):
            found[series] = (k, fitted)
    return found


def exponent(pairs: Sequence[tuple[float, float]]) -> float:
    """k of y ~ x^k by least squares in logarithms; nan with fewer than three different x."""
    if len({x for x, _ in pairs}) < LEAST_SIZES:
        return math.nan
    logs = np.log(np.array(pairs, dtype=float))
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])


def _seconds(row: Row) -> float:
    return math.inf if row.seconds is None else row.seconds
