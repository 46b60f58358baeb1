"""The result of a sweep: one outcome per scenario and one tidy table of numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parecon.errors import ScenarioError, nearest
from parecon.explanation.frames import pandas_module
from parecon.plan import Plan
from parecon.scenarios.measured import Row, rows_of
from parecon.scenarios.relaxing import Missing
from parecon.scenarios.scenario import Scenario
from parecon.status import Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Outcome", "Sweep", "load_sweep"]

COLUMNS = ("measure", "item", "unit", "value")


@dataclass(frozen=True, kw_only=True, repr=False)
class Outcome:
    """How one scenario went.

    Attributes
    ----------
    scenario : Scenario
    status : Status
    message : str
    plan : Plan or None
        None in a sweep read from files, or where plans were not kept.
    missing : Missing or None
        Of an impossible scenario.
    iterations, time_s : int and float
    warm : bool
        Whether the solve began at the prices of the scenario before.
    rows : tuple of (measure, item, unit, value)
        Numbers of the plan; empty where there is none.
    """

    scenario: Scenario
    status: Status
    message: str
    plan: Plan | None = field(default=None, compare=False)
    missing: Missing | None = None
    iterations: int = 0
    time_s: float = math.nan
    warm: bool = False
    rows: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name

    def value(self, measure: str, item: str = "") -> float:
        """Return one number; nan where the table has none."""
        values = (row[3] for row in self.rows if row[0] == measure and row[1] == item)
        return next(values, math.nan)

    def __repr__(self) -> str:
        return f"Outcome({self.name!r}: {self.status.value})"


def measured(plan: Plan) -> tuple[Row, ...]:
    """Return the rows of a plan; none where it has no usable figures."""
    if plan.status in (Status.INFEASIBLE, Status.INVALID):
        return ()
    return tuple(rows_of(plan))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Sweep(Sequence[Outcome]):
    """Outcomes in the order of the scenarios: a sequence of `Outcome`.

    Attributes
    ----------
    outcomes : tuple of Outcome
    stopped : bool
        Whether the sweep was stopped before its end.
    """

    outcomes: tuple[Outcome, ...]
    stopped: bool = False

    def __len__(self) -> int:
        return len(self.outcomes)

    def __getitem__(self, at: Any) -> Any:
        """Return an outcome by position or by the name of its scenario."""
        if not isinstance(at, str):
            return self.outcomes[at]
        names = [outcome.name for outcome in self.outcomes]
        if at not in names:
            raise ScenarioError(f"no scenario {at!r}{nearest(at, names)}")
        return self.outcomes[names.index(at)]

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios."""
        return tuple(outcome.name for outcome in self.outcomes)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters of the scenarios."""
        found = (name for outcome in self.outcomes for name in outcome.scenario.parameters)
        return tuple(dict.fromkeys(found))

    def values(self, measure: str, item: str = "") -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return one number of each scenario, (scenarios,) float64; nan where there is none."""
        known = {row[0] for outcome in self.outcomes for row in outcome.rows}
        if known and measure not in known:
            raise ScenarioError(f"no measure {measure!r}{nearest(measure, sorted(known))}")
        return np.array([outcome.value(measure, item) for outcome in self.outcomes])

    def to_pandas(self) -> pd.DataFrame:
        """The tidy table: scenario, one column per parameter, status, measure, item, unit, value.

        A scenario without a plan has one row, of measure "none". Raises MissingDependencyError
        without pandas.
        """
        return pandas_module("to_pandas").DataFrame(self.columns())

    def columns(self) -> dict[str, Any]:
        """Return the table's columns, each a list or an array."""
        per = [outcome.rows or (("none", "", "", math.nan),) for outcome in self.outcomes]
        count = [len(rows) for rows in per]
        repeated = [at for at, n in enumerate(count) for _ in range(n)]
        columns: dict[str, Any] = {"scenario": [self.outcomes[at].name for at in repeated]}
        for name in self.parameters:
            given = [outcome.scenario.parameters.get(name, math.nan) for outcome in self.outcomes]
            columns[name] = np.repeat(np.array(given), count)
        columns["status"] = [self.outcomes[at].status.value for at in repeated]
        flat = [row for rows in per for row in rows]
        for position, name in enumerate(COLUMNS[:3]):
            columns[name] = [row[position] for row in flat]
        columns["value"] = np.array([row[3] for row in flat], dtype=np.float64)
        return columns

    def save(
        self,
        path: str | Path,
        *,
        file_format: str = "parquet",
        plans: bool = True,
    ) -> None:
        """Write the sweep as a directory: manifest, table, and the plans that were kept.

        A plan stands in ``NN.plan`` beside its economy in ``NN.economy``, NN counting scenarios
        from 1. Read it with `parecon.scenarios.load_sweep`.

        file_format : "parquet" or "csv", of the table. plans : whether to write plans and their
        economies. Raises FormatError where something else is in the way.
        """
        from parecon.scenarios.saving import write_sweep

        records = [_record(outcome) for outcome in self.outcomes]
        kept = [outcome.plan if plans else None for outcome in self.outcomes]
        write_sweep(
            path, records, self.columns(), kept, stopped=self.stopped, file_format=file_format
        )

    def __str__(self) -> str:
        from parecon.scenarios.saying import sweep_text

        return sweep_text(self)

    __repr__ = __str__


def load_sweep(path: str | Path) -> Sweep:
    """Read a sweep from a directory, without its plans (`parecon.load_plan`).

    Raises
    ------
    FormatError
        If a file is missing, truncated or of a newer format.
    """
    from parecon.scenarios.saving import read_sweep

    records, tables, stopped = read_sweep(path)
    return Sweep(
        outcomes=tuple(map(_outcome, records, tables)),
        stopped=stopped,
    )


def _record(outcome: Outcome) -> dict[str, Any]:
    """What the manifest says of an outcome."""
    missing = outcome.missing
    return {
        "name": outcome.name,
        "status": outcome.status.value,
        "message": outcome.message,
        "iterations": outcome.iterations,
        "time_s": outcome.time_s,
        "warm": outcome.warm,
        "scenario": outcome.scenario.to_record(),
        "missing": None if missing is None else missing.to_record(),
    }


def _outcome(record: Mapping[str, Any], rows: Iterable[Row]) -> Outcome:
    missing = record["missing"]
    return Outcome(
        scenario=Scenario.from_record(record["scenario"]),
        status=Status(record["status"]),
        message=record["message"],
        missing=None if missing is None else Missing.from_record(missing),
        iterations=record["iterations"],
        time_s=record["time_s"],
        warm=record["warm"],
        rows=tuple(rows),
    )
