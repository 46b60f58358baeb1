"""What happened round by round: announcements, the proposals that answer them, what it took.

Row r of every array is one announcement of prices and the summed proposals that answer it; row 0
holds the start prices. For people rounds are counted from 1, so that "11 rounds to 5 %" says that
11 announcements were made, and row 10 is the first with every imbalance below 5 %.

Measures (DESIGN, section 5), with supply S (endowment included) and demand D (needs included):

    imbalance   v_i = |2 (S_i - D_i) / (S_i + D_i)|, from 0 to 2; 0 where both are 0,
                and for free goods (`parecon.rules.imbalance`)
    distance    max_i |p_i / p*_i - 1| from the prices p* of the solved plan
    gap         (Phi(p) - welfare) / total budget of the plan delivered from this round's proposals
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon import rules
from parecon.errors import FormatError, MissingDependencyError, PlanError, SettingsError
from parecon.goods import Goods
from parecon.status import ProcedureStatus

if TYPE_CHECKING:
    import pandas as pd

_PER_GOOD = ("price", "supply", "demand")
_ONE_PER_GOOD = ("plan_price", "next_price")
_MEASURED = ("dual", "gap", "distance", "time_s")
_COUNTED = ("inquiries", "sent")

# A good is free in a plan where all there is of it is worth less than this part of everything.
_FREE = 1e-12

Floats = NDArray[np.float64]

_NOT_GIVEN: Any = None  # stands for nan, for inquiries and numbers sent for 0


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round in a few numbers: what a callback is told and a log shows.

    round : int, counted from 1.
    worst_imbalance : float, largest imbalance of any good, 0 to 2. worst_good : its name.
    dual : float, Phi at the announced prices, money.
    gap : float, of the plan delivered from these proposals, nan where it was not asked for.
    distance : float, worst relative distance from the plan's prices, nan where there is no plan.
    sent : int, numbers sent by all councils. inquiries : int, inquiries beyond the announcement.
    time_s : float, seconds since the first announcement.
    """

    round: int
    worst_imbalance: float
    worst_good: str
    dual: float = math.nan
    gap: float = math.nan
    distance: float = math.nan
    sent: int = 0
    inquiries: int = 0
    time_s: float = math.nan


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Rounds:
    """A procedure from its start prices to its end: R rounds, n goods. All arrays are read-only.

    rule : str, name of the rule that adjusted prices.
    threshold : float, the procedure settles when every imbalance is below it.
    status : ProcedureStatus, a statement: `rounds.status.sentence`.
    goods : Goods.
    price : (R, n) float64 > 0, announced prices, money per physical unit.
    supply : (R, n) float64 >= 0, endowment and all that councils propose to make, physical units.
    demand : (R, n) float64 >= 0, needs and all that councils propose to use, physical units.
    state : {name: (R, n)} float64, what the rule remembers of each good after that round.
    dual : (R,) float64, Phi at the announced prices, money.
    gap : (R,) float64, of the plan delivered from the round's proposals; nan where not asked for.
    distance : (R,) float64, max_i |p_i / p*_i - 1|, nan where there is no plan; computed from
        `plan_price` where it is not given (goods that are free in the plan do not count).
    time_s : (R,) float64, seconds from the first announcement until the round was complete.
    inquiries : (R,) int64, exchanges with all councils beyond the announcement itself.
    sent : (R,) int64, numbers sent by all councils together, answers to inquiries included.
    n_councils : int, councils that propose, 0 where unknown.
    plan_price : (n,) float64 or None, prices p* of the solved plan, money per physical unit.
    next_price : (n,) float64 > 0 or None, what the board would announce next, money per physical
        unit: the rule adjusts after the last round too.
    carried : {name: array}, the rule's state at the end. With `next_price` the next year begins.

    Raises PlanError for arrays whose shapes do not fit together, or an unknown status.
    """

    rule: str
    threshold: float
    status: ProcedureStatus
    goods: Goods
    price: Floats
    supply: Floats
    demand: Floats
    state: Mapping[str, Floats] = field(default_factory=dict)
    dual: Floats = _NOT_GIVEN
    gap: Floats = _NOT_GIVEN
    distance: Floats = _NOT_GIVEN
    time_s: Floats = _NOT_GIVEN
    inquiries: NDArray[np.int64] = _NOT_GIVEN
    sent: NDArray[np.int64] = _NOT_GIVEN
    n_councils: int = 0
    plan_price: Floats | None = None
    next_price: Floats | None = None
    carried: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        try:
            put(self, "status", ProcedureStatus(self.status))
        except ValueError as error:
            raise PlanError(f"rounds: unknown status {self.status!r}") from error
        if np.ndim(self.price) != 2 or not len(self.price):
            shape = np.shape(self.price)
            raise PlanError(f"rounds: price has shape {shape}, expected (rounds >= 1, goods)")
        shape = len(self.price), len(self.goods)
        for name in _PER_GOOD:
            put(self, name, _frozen(name, getattr(self, name), shape))
        state = {
            str(name): _frozen(f"state {name!r}", column, shape)
            for name, column in self.state.items()
        }
        put(self, "state", MappingProxyType(state))
        for name in _ONE_PER_GOOD:
            if getattr(self, name) is not None:
                put(self, name, _frozen(name, getattr(self, name), shape[1:]))
        self._freeze_rounds(shape[:1])
        carried = {str(name): _own(name, array) for name, array in self.carried.items()}
        put(self, "carried", MappingProxyType(carried))

    def _freeze_rounds(self, shape: tuple[int]) -> None:
        """Give every round its numbers: those given, or the default."""
        default: dict[str, Any] = dict.fromkeys(_MEASURED, np.full(shape, np.nan))
        default |= dict.fromkeys(_COUNTED, np.zeros(shape, np.int64))
        if self.plan_price is not None:
            default["distance"] = _distance(self.price, self.plan_price, self.supply[-1])
        for name, array in default.items():
            given = getattr(self, name)
            column = _frozen(name, array if given is None else given, shape, array.dtype)
            object.__setattr__(self, name, column)

    # -- derived ------------------------------------------------------------------------------

    @cached_property
    def imbalance(self) -> Floats:
        """|2 (S - D) / (S + D)|, (R, n), from 0 to 2; 0 where there is neither."""
        with np.errstate(all="ignore"):  # the last round of one that diverged may be no numbers
            return _locked(rules.imbalance(self.price, self.supply, self.demand))

    @cached_property
    def excess_demand(self) -> Floats:
        """demand - supply, (R, n) physical units: > 0 a shortage, < 0 a surplus."""
        with np.errstate(all="ignore"):
            return _locked(self.demand - self.supply)

    @cached_property
    def worst_imbalance(self) -> Floats:
        """Largest imbalance of any good, (R,)."""
        return _locked(self.imbalance.max(axis=1))

    @cached_property
    def worst_good(self) -> tuple[str, ...]:
        """Name of the good of largest imbalance, per round."""
        return tuple(self.goods.name(int(i)) for i in self.imbalance.argmax(axis=1))

    @property
    def n_rounds(self) -> int:
        """Number of rounds R."""
        return len(self.price)

    @property
    def n_announcements(self) -> int:
        """How many times prices were announced: once per round."""
        return len(self.price)

    @property
    def n_exchanges(self) -> int:
        """How many times every council was asked for something: announcements and inquiries."""
        return self.n_announcements + int(self.inquiries.sum())

    @property
    def n_goods(self) -> int:
        """Number of goods n."""
        return len(self.goods)

    @cached_property
    def numbers_per_council(self) -> Floats:
        """Numbers that a council sent on average, (R,); nan where councils are not counted."""
        return _locked(self.sent / (self.n_councils or math.nan))

    @property
    def settled(self) -> bool:
        """Whether the last round is below the threshold."""
        return self.status is ProcedureStatus.SETTLED

    @property
    def message(self) -> str:
        """The status in numbers of these rounds."""
        from parecon.procedure.rounds_text import message

        return message(self)

    def rounds_to(self, threshold: float) -> int | None:
        """Return how many rounds it took until every imbalance was below, or None if it never was.

        threshold : float > 0; .05 is five per cent. Raises SettingsError otherwise.
        """
        if not threshold > 0.0:
            raise SettingsError(f"threshold: expected a number above 0, got {threshold!r}")
        below = np.flatnonzero(self.worst_imbalance < threshold)
        return int(below[0]) + 1 if below.size else None

    def round(self, number: int) -> Round:
        """Return one round in a few numbers; `number` counts from 1, -1 is the last."""
        if not 1 <= number <= self.n_rounds and not -self.n_rounds <= number <= -1:
            raise PlanError(f"rounds: expected a round from 1 to {self.n_rounds}, got {number}")
        r = number - 1 if number > 0 else self.n_rounds + number
        return Round(
            round=r + 1,
            worst_imbalance=float(self.worst_imbalance[r]),
            worst_good=self.worst_good[r],
            **{name: getattr(self, name)[r].item() for name in (*_MEASURED, *_COUNTED)},
        )

    def __iter__(self) -> Iterator[Round]:
        return (self.round(number) for number in range(1, self.n_rounds + 1))

    def __len__(self) -> int:
        return self.n_rounds

    # -- to other programs --------------------------------------------------------------------

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Data frames: "rounds", "goods" and, for a rule that remembers something, "state".

        "rounds" has one row per round (imbalance and name of the worst good, Phi, gap, distance,
        numbers sent, inquiries, seconds); "goods" one row per round and good (price, supply,
        demand, imbalance, excess demand, and the plan's price where there is a plan); "state" one
        per round and good with a column for each thing remembered. Rounds count from 1. Raises
        MissingDependencyError without pandas.
        """
        from parecon.storage.frames import rounds_frames

        return rounds_frames(self)

    def plot(self, path: str | Path | None = None) -> Any:
        """Return a Matplotlib figure of the rounds; write it where a path is given.

        The suffix of the path (.png, .svg, .pdf) says as what. Raises MissingDependencyError
        without Matplotlib.
        """
        from parecon import plots

        figure = plots.rounds(self)
        if path is not None:
            plots.write(figure, path)
        return figure

    def save(self, path: str | Path, *, file_format: str = "parquet") -> None:
        """Write the rounds as a directory (docs/format.md); read it with `parecon.load_rounds`.

        file_format : {"parquet", "csv"}, of the tables.

        Raises FormatError if `path` exists and does not hold rounds that parecon wrote.
        """
        from parecon.storage.rounds import write_rounds

        write_rounds(path, self, file_format=file_format)

    # -- people and pickle --------------------------------------------------------------------

    def _repr_png_(self) -> bytes | None:
        """The plot, for notebooks; None without Matplotlib, where they show the text."""
        from parecon import plots

        try:
            return plots.png(plots.rounds(self))
        except MissingDependencyError:
            return None

    def __reduce__(self) -> tuple[Any, ...]:
        # Mapping proxies do not travel, and unpickling forgets what is read-only.
        given = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        for name in ("state", "carried"):
            given[name] = dict(given[name])
        return _from_fields, (given,)

    def __repr__(self) -> str:
        from parecon.procedure.rounds_text import summary

        return summary(self)


def load_rounds(path: str | Path) -> Rounds:
    """Read rounds from a directory; the same, bit for bit, as those that were saved.

    Raises FormatError if a file is missing, truncated or of a newer format, or holds what the
    format does not allow; with file, column and row.
    """
    from parecon.storage.rounds import read_rounds

    columns = read_rounds(path)
    try:
        return Rounds(**columns)
    except PlanError as error:
        raise FormatError(f"{path}: {error}") from error


def _from_fields(given: Mapping[str, Any]) -> Rounds:
    return Rounds(**given)


def _frozen(name: str, values: ArrayLike, shape: tuple[int, ...], kind: Any = np.float64) -> Any:
    """A read-only view of `values`, of this shape and type; the caller's array stays writeable."""
    array = np.asarray(values, dtype=kind).view()
    if array.shape != shape:
        raise PlanError(f"rounds: {name} has shape {array.shape}, expected {shape}")
    return _locked(array)


def _own(name: str, values: ArrayLike) -> NDArray[Any]:
    """A read-only copy, because a rule may go on writing into its own state."""
    array = np.array(values)
    for kind in (np.bool_, np.int64, np.float64):
        if np.can_cast(array.dtype, kind):
            return _locked(array.astype(kind))
    raise PlanError(f"rounds: carried {name!r}: expected numbers, got {array.dtype}")


def _locked(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _distance(price: Floats, plan_price: Floats, supply: Floats) -> Floats:
    """max_i |p_i / p*_i - 1| per round over the goods that are not free in the plan, (R,).

    supply : (n,) as proposed last, physical units; says what a good as a whole is worth.
    """
    with np.errstate(all="ignore"):
        value = plan_price * supply
        counts = value > _FREE * value.sum()
    if not counts.any():
        return np.full(len(price), np.nan)
    return np.asarray(np.abs(price[:, counts] / plan_price[counts] - 1.0).max(axis=1))
