"""What ties years together, as records: capital, stocks, resources, lags, limits to growth.

Quantities are in the units of the goods, per year where they flow. Goods, families and councils are
those of the one-year economy, by name. What a record says of goods and councils is looked up when
`parecon.dated` puts the years together.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parecon.errors import EconomyError

__all__ = ["Capital", "Exhaustible", "Growth", "Later", "Storage"]

PerStock = Any  # a number, a mapping from council to number, or an array with one number per stock


@dataclass(frozen=True, kw_only=True, eq=False)
class Capital:
    """A kind of capital: what it serves, what it takes to build, how it wears out.

    The services of what is installed in a year are a good of that year; investment is an activity
    that turns goods of one year into services of later ones.

    Attributes
    ----------
    name : str
        Of the kind. Without ``use`` it is the good of the economy that stands for its services
        ("capital"), and councils use it as they do. The economy's endowment of it does not count;
        one that `parecon.dated` is given by year does (services of what does not wear out: land).
    use : mapping from label to rate, optional
        Capital needed per unit of output (of activities with several outputs and of joint workers:
        per unit of level): one number for the family, a mapping from council to number, or (m,).
    shared : bool
        Whether all users share one stock. Otherwise capital is installed in one council and stays
        there: a stock "name of council" for each.
    build : mapping from good to quantity
        Goods for one unit of capital; below zero: made beside it. For stocks that differ a mapping
        from council to such a mapping, or a matrix (stocks, goods of the economy).
    initial : number, or per stock
        Installed at the beginning of the first year, >= 0.
    depreciation : number, or per stock
        Share lost per year in service, from 0 to 1.
    life : int, optional
        Years of service, after which the rest is scrapped. The initial stock is as old as evenly
        spread ages make it: it goes in ``life`` equal parts.
    gestation : int
        Years from investment to the first year of service, at least 1.
    years : sequence, optional
        Years in which investment may begin; all unless given.
    most : number, or per stock, optional
        Most that can be built per year, > 0.
    minimum : number, or per stock, optional
        Required to be there after the last year.
    value : number, or per stock, optional
        What a unit is worth that is there after the last year, money of that date; see the
        parameter ``posterity`` of `parecon.dated`.
    unit : str
        Of the services.
    """

    name: str
    use: Mapping[str, Any] | None = None
    shared: bool = False
    build: Any = field(default_factory=dict)
    initial: PerStock = 0.0
    depreciation: PerStock = 0.0
    life: int | None = None
    gestation: int = 1
    years: tuple[str, ...] | None = None
    most: PerStock | None = None
    minimum: PerStock | None = None
    value: PerStock | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        _name(self, "name")
        _whole(self, "gestation", 1)
        if self.life is not None:
            _whole(self, "life", 1)
        if self.use is not None and not isinstance(self.use, Mapping):
            raise EconomyError(
                f"{_who(self)}.use: expected a mapping from label to rate, got {self.use!r:.60}"
            )
        if self.years is not None:
            object.__setattr__(self, "years", _years(self, self.years))


@dataclass(frozen=True, kw_only=True, eq=False)
class Storage:
    """A good that can be kept from year to year.

    Attributes
    ----------
    good : str
        What is kept.
    loss : float
        Share lost per year, from 0 to below 1.
    initial : float
        In store at the beginning of the first year, besides that year's endowment.
    room : float, optional
        Most that can be kept from any year to the next.
    uses : mapping from good to quantity
        Goods of the year for keeping one unit.
    minimum, value : float, optional
        Required after the last year; worth of a unit then, money of that date (see `Capital`). With
        neither, nothing is kept beyond the last year (0 will do for what is wanted in other ways).
    """

    good: str
    loss: float = 0.0
    initial: float = 0.0
    room: float | None = None
    uses: Mapping[str, float] = field(default_factory=dict)
    minimum: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        _name(self, "good")
        _within(self, "loss", 0.0, 1.0, high_open=True)
        _within(self, "initial", 0.0, math.inf)
        if self.room is not None:
            _within(self, "room", 0.0, math.inf, low_open=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Exhaustible:
    """A good of which there is so much for all years together: a resource, an emissions budget.

    Attributes
    ----------
    good : str
        Its endowment of a year is not counted: there is what is said here.
    quantity : float
        For all years.
    yearly : number or (n_years,), optional
        Besides, most that may be used in a year; inf: no limit.
    """

    good: str
    quantity: float
    yearly: Any = None

    def __post_init__(self) -> None:
        _name(self, "good")
        _within(self, "quantity", 0.0, math.inf)


@dataclass(frozen=True, kw_only=True, eq=False)
class Later:
    """A good of the one-year economy that is another good, some years later: a production lag.

    Let councils make "coal made" and declare it to be "coal" one year later. What would come after
    the last year stands under the date "end".

    Attributes
    ----------
    good : str
        As councils make it.
    of : str
        What it will be.
    years : int
        How much later, at least 1.
    """

    good: str
    of: str
    years: int = 1

    def __post_init__(self) -> None:
        _name(self, "good")
        _name(self, "of")
        _whole(self, "years", 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Growth:
    """A limit to how fast investment or output rises from year to year.

    ``x[t+1] <= (1 + rise) x[t] + allowance`` for each council (or stock).

    Attributes
    ----------
    of : str
        Name of a `Capital`, whose investment is limited, or label of a family, whose output is (of
        activities with several outputs and of joint workers: the level).
    rise : float
        Greatest rate of growth per year, above -1.
    before : number, or per council or stock
        x in the year before the first.
    allowance : float
        Besides, per year, >= 0. Without it what is 0 stays 0, and a later plan does not begin at
        the last one.
    """

    of: str
    rise: float
    before: PerStock = 0.0
    allowance: float = 0.0

    def __post_init__(self) -> None:
        _name(self, "of")
        _within(self, "rise", -1.0, math.inf, low_open=True)
        _within(self, "allowance", 0.0, math.inf)


Record = Capital | Storage | Exhaustible | Later | Growth
KINDS: dict[str, type[Record]] = {
    "capital": Capital,
    "storage": Storage,
    "exhaustible": Exhaustible,
    "later": Later,
    "growth": Growth,
}


def records_of(kind: str, given: Any) -> tuple[Any, ...]:
    """Return one record or several of a kind as a tuple.

    Raises EconomyError for anything else.
    """
    made = (given,) if isinstance(given, KINDS[kind]) else given
    if isinstance(made, str | Mapping) or not isinstance(made, Iterable):
        raise EconomyError(f"{kind}: expected {KINDS[kind].__name__} records, got {given!r:.60}")
    records = tuple(made)
    for position, record in enumerate(records):
        if not isinstance(record, KINDS[kind]):
            raise EconomyError(
                f"{kind}[{position}]: expected a {KINDS[kind].__name__}, got {record!r:.60}"
            )
    return records


def to_plain(record: Record) -> dict[str, Any]:
    """Return a record as values that JSON has words for."""
    return {field.name: _plain(getattr(record, field.name)) for field in dataclasses.fields(record)}


def _plain(value: Any) -> Any:
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # "inf"; NumPy reads it back
    return value


def _who(record: Record) -> str:
    name = getattr(record, "name", getattr(record, "good", getattr(record, "of", "")))
    return f"{type(record).__name__} {name!r}"


def _name(record: Record, key: str) -> None:
    value = getattr(record, key)
    if not isinstance(value, str) or not value:
        raise EconomyError(f"{type(record).__name__}.{key}: expected a name, got {value!r:.60}")


def _whole(record: Record, key: str, least: int) -> None:
    value = getattr(record, key)
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise EconomyError(
            f"{_who(record)}.{key}: expected a whole number of years, at least {least}, "
            f"got {value!r:.60}"
        )


def _within(
    record: Record,
    key: str,
    low: float,
    high: float,
    *,
    low_open: bool = False,
    high_open: bool = False,
) -> None:
    value = getattr(record, key)
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    good = number and (value > low if low_open else value >= low)
    if not (good and (value < high if high_open or high == math.inf else value <= high)):
        least = f"{'above' if low_open else 'at least'} {low:g}"
        most = "finite" if high == math.inf else f"{'below' if high_open else 'at most'} {high:g}"
        raise EconomyError(f"{_who(record)}.{key}: expected {least} and {most}, got {value!r:.60}")


def _years(record: Record, given: Any) -> tuple[str, ...]:
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise EconomyError(f"{_who(record)}.years: expected a sequence of years, got {given!r:.60}")
    return tuple(str(year) for year in given)
