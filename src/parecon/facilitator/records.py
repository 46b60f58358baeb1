"""What passes between a facilitation board and those who drive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from parecon._columns import Range
from parecon.errors import BoardError, list_some, nearest
from parecon.goods import Goods

Array: TypeAlias = NDArray[np.float64]

WORKERS, CONSUMERS, OTHER = KINDS = ("workers", "consumers", "other")
# wide enough for any plan, and far from where sums and values would overflow
_LARGEST = 1e100
QUANTITIES = Range(text="at least 0 and below 1e100", low=0.0, high=_LARGEST)
PRICES = Range(text="above 0 and below 1e100", low=0.0, low_open=True, high=_LARGEST)
CARRY, LEAVE_OUT, WAIT = POLICIES = ("carry", "leave out", "wait")
NEW, REVISED, REPEATED, LATE, OUTDATED = OUTCOMES = (
    "new",
    "revised",
    "repeated",
    "late",
    "outdated",
)
REFUSED = "refused"  # an outcome that only the journal sees: whoever told it gets an error
ACCEPTED = (NEW, REVISED, LATE)  # outcomes that change what counts


@dataclass(frozen=True)
class Council:
    """A council as a board knows it.

    name : str, not blank.
    kind : "workers" propose to make goods from goods, "consumers" spend a budget; "other" is anyone
        else, and is never flagged.
    budget : float >= 0, money, or None where the board need not watch it.

    Raises BoardError naming the council.
    """

    name: str
    kind: str = OTHER
    budget: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise BoardError(f"council: expected a name, got {self.name!r}")
        if any("\ud800" <= letter <= "\udfff" for letter in self.name):
            raise BoardError(f"council: expected a name in Unicode, got {self.name!r}")
        if self.kind not in KINDS:
            hint = nearest(str(self.kind), KINDS)
            raise BoardError(
                f"council {self.name!r}: expected kind {list_some(KINDS, 3)}, got {self.kind!r}"
                f"{hint}"
            )
        if self.budget is None:
            return
        if isinstance(self.budget, bool) or not isinstance(
            self.budget, int | float | np.integer | np.floating
        ):
            raise BoardError(f"council {self.name!r}: budget: expected money, got {self.budget!r}")
        if not 0.0 <= self.budget < _LARGEST:
            raise BoardError(
                f"council {self.name!r}: budget: expected {QUANTITIES.text}, got {self.budget}"
            )
        object.__setattr__(self, "budget", float(self.budget))


@dataclass(frozen=True, eq=False, repr=False)
class Announcement:
    """Indicative prices that councils are asked to answer.

    round : int, 1 for the first announcement.
    goods : Goods.
    price : (n,) float64 > 0, read-only, money per physical unit.
    settled : bool, whether the proposals of the round before fit together within the threshold;
        then its prices stand, and are announced again.
    worst_good, worst_imbalance : the largest |2 (S - D) / (S + D)| of the round before and the name
        of the good; None and nan in the first round.
    missing : names of the councils that have not answered this announcement.
    """

    round: int
    goods: Goods
    price: Array
    settled: bool
    worst_good: str | None
    worst_imbalance: float
    missing: tuple[str, ...]

    @property
    def prices(self) -> dict[str, float]:
        """Price of every good by its name, money per physical unit."""
        return dict(zip(self.goods.names, self.price.tolist(), strict=True))

    def __repr__(self) -> str:
        before = (
            "the first"
            if self.worst_good is None
            else f"worst imbalance before {self.worst_imbalance:.2%} ({self.worst_good})"
        )
        return (
            f"Announcement: round {self.round}, {len(self.price):,} prices, "
            f"{'settled, ' if self.settled else ''}{before}, {len(self.missing):,} yet to answer"
        )


@dataclass(frozen=True)
class Receipt:
    """What became of a proposal.

    council : its name; None for the sums of all councils.
    round : int, the announcement it answers.
    outcome : "new", "revised" (replaces another answer to the same announcement), "repeated" (the
        same answer again, nothing changed), "late" (answers an earlier announcement, and counts) or
        "outdated" (late, and does not count; it is in the journal).
    flags : remarks, such as a social cost above the social benefit.
    """

    council: str | None
    round: int
    outcome: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipts:
    """What became of many proposals at once.

    n_councils : int.  round : int, the announcement they answer.
    outcomes : {outcome: number of councils}, of those that occurred, as in `Receipt`.
    flags : remarks, in the order of the councils.
    """

    n_councils: int
    round: int
    outcomes: Mapping[str, int]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imbalance:
    """One good that does not balance.

    imbalance : |2 (S - D) / (S + D)|, from 0 to 2.
    excess_demand : D - S, physical units: > 0 a shortage, < 0 a surplus.
    """

    good: str
    imbalance: float
    excess_demand: float


@dataclass(frozen=True)
class BoardStatus:
    """How far a round's proposals are from fitting together.

    round : int, the round this speaks of: the open one once everybody has answered it (or nobody
        ever closed one), otherwise the last that was closed.
    open_round : int.  settled : bool, of the last closed round.
    counting : int, councils whose proposals are in the sums (0 where sums were told).
    known : int, all councils.  missing : names of those that have not answered the open round.
    worst : the goods that balance least, the worst first.
    shortage_value : sum of p max(D - S, 0), money.  use_value : sum of p D, money.
    """

    round: int
    open_round: int
    settled: bool
    counting: int
    known: int
    missing: tuple[str, ...]
    worst: tuple[Imbalance, ...]
    shortage_value: float
    use_value: float

    @property
    def feasible(self) -> bool:
        """Whether the proposals are a plan as they stand: no good is overdrawn."""
        return not self.shortage_value > 0.0

    @property
    def shortage_share(self) -> float:
        """Value of all shortages over the value of all use; 0 where nothing is used."""
        return self.shortage_value / self.use_value if self.use_value > 0.0 else 0.0

    def __str__(self) -> str:
        open_or_not = "open" if self.round == self.open_round else "closed"
        answered = self.known - len(self.missing)
        settled = "settled" if self.settled else "not settled"
        share = f"{self.shortage_value:.6g} of {self.use_value:.6g} in use"
        lines = [
            f"round {self.round} ({open_or_not}): {settled}",
            f"  shortages worth {share} ({self.shortage_share:.2%})",
            *(
                f"  {worst.good[:40]:<40} {'short' if worst.excess_demand > 0 else 'over '} by "
                f"{abs(worst.excess_demand):.6g}  ({worst.imbalance:.2%})"
                for worst in self.worst
            ),
            f"round {self.open_round} is open: {answered:,} of {self.known:,} have answered",
        ]
        if self.missing:
            lines.append(f"  missing: {list_some(self.missing, len(self.missing))}")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class Delivered:
    """A plan that exists: fractions of what councils proposed, no good overdrawn.

    round : int, the round whose proposals are delivered.  price : (n,) its prices, money per unit.
    fractions : {council: t in [0, 1]} of its whole proposal, for councils that supply something,
        and for those that asked for more than their budget covers.
    consumed : {good: fraction in [0, 1]} of what the others asked for within their budgets, for
        goods they asked for.
    supply, demand : (n,) physical units, demand <= supply; supply counts the endowment.
    undelivered : {good: physical units} asked for by anybody and not delivered, most valuable
        first.
    """

    round: int
    fractions: Mapping[str, float]
    consumed: Mapping[str, float]
    supply: Array
    demand: Array
    price: Array
    undelivered: Mapping[str, float]

    def __repr__(self) -> str:
        whole = sum(1 for t in self.fractions.values() if t > 1.0 - 1e-9)
        return (
            f"Delivered: round {self.round}, {whole:,} of {len(self.fractions):,} suppliers in "
            f"full, {len(self.undelivered):,} of {len(self.price):,} goods not in full"
        )
