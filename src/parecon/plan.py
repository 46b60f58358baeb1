"""The result of planning: prices, one proposal per council, and what is proved about them.

A `Plan` is what `parecon.solve` hands back and what `parecon.certify` judges; `Info` is one row of
the way there; `Infeasibility` says which needs cannot be met and what stands in the way.

Measures, on the original data, with supply S = endowment + outputs + suppliers, demand D =
consumption + needs + inputs, B the total budget, n goods:

    shortage      max_i  max(0, D_i - S_i) / max(S_i, D_i)
    surplus       max_i  p_i max(0, S_i - D_i) / max(p_i D_i, B / n)
    zero_profit   how far councils with constant returns are from cost = revenue + capacity rent
    gap           (bound - welfare) / B with bound = Phi(p), the dual value: what is left to gain
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon.errors import FormatError, PlanError
from parecon.status import Status

if TYPE_CHECKING:
    import pandas as pd

    from parecon.economy import Economy
    from parecon.explanation import CouncilExplanation, GoodExplanation

_REPR_WIDTH = 79
_REPR_GOODS = 8


@dataclass(frozen=True, kw_only=True)
class Info:
    """Where one iteration stood when it was tested (so the last row is the plan that is returned).

    dual : float, Phi at the announced prices, money.
    gap : float, (dual - welfare) / total budget; signed: below zero shortages still stand.
    shortage, surplus, zero_profit : float >= 0, worst relative values, see the module docstring.
    step : float, length of the step that led here, nan at the first row.
    linear_iterations : int, conjugate gradient products spent on that step, 0 for a factorisation.
    barrier : float, the complementarity target mu, money; nan for methods without one.
    time_s : float, seconds since the solve began.
    recovered : bool, the step was reset by a recovery; the log marks it with `*`.
    """

    iteration: int
    time_s: float
    dual: float
    gap: float
    shortage: float
    surplus: float
    zero_profit: float = math.nan
    step: float = math.nan
    linear_iterations: int = 0
    barrier: float = math.nan
    recovered: bool = False


@dataclass(frozen=True, kw_only=True)
class Infeasibility:
    """Why no plan exists.

    goods : (name, needed, available) for every good short in the plan that is short of least value,
        physical units, largest shortage first.
    resources : (name, shadow price) of the resources that bind there, dearest first; the price is
        what one more unit of the resource would take off the shortage.
    """

    goods: tuple[tuple[str, float, float], ...] = ()
    resources: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How a plan was looked for, and why so.

    method : one of `parecon.settings.METHODS` but "auto". solver : which solver of that method, ""
        where it has none to choose. reasons : phrases, for the method first.
    """

    method: str
    solver: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`interior`, or `highs, simplex`."""
        return ", ".join(filter(None, (self.method, self.solver)))

    def because(self, reason: str) -> Choice:
        """The same, with one more reason."""
        return replace(self, reasons=(*self.reasons, reason))

    def __str__(self) -> str:
        return f"{self.name}: {'; '.join(self.reasons)}"


class _Once:
    """A value, or the recipe for it, run at most once however many threads ask."""

    def __init__(self, source: Any) -> None:
        self._lock = threading.Lock()
        self._recipe: Callable[[], Any] | None = source if callable(source) else None
        self._value: Any = None if callable(source) else tuple(source)

    def get(self) -> Any:
        # Read the recipe last-written-first: `_value` is in place before `_recipe` is cleared.
        if self._recipe is not None:
            with self._lock:
                if self._recipe is not None:
                    self._value = tuple(self._recipe())
                    self._recipe = None
        return self._value


class _Proposals:
    """Descriptor of `Plan.proposals`: set to a tuple, or to a callable run when first read.

    A host that wants prices alone then never pays for three million councils' quantities.
    """

    _slot = "_proposals_once"

    def __get__(self, plan: Plan | None, owner: type | None = None) -> tuple[Any, ...]:
        if plan is None:
            # dataclasses ask the class for a default; there is none.
            raise AttributeError("proposals")
        proposals: tuple[Any, ...] = plan.__dict__[self._slot].get()
        return proposals

    def __set__(self, plan: Plan, source: tuple[Any, ...] | Callable[[], tuple[Any, ...]]) -> None:
        # Frozen: object.__setattr__ comes here from __init__ only.
        plan.__dict__[self._slot] = _Once(source)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Plan:
    """Prices plus one proposal for every council: `status` claims, `certificate` proves.

    status : Status, a theorem: `plan.status.sentence`.
    message : str, the same in numbers of this plan.
    economy : Economy, what was planned.
    price : (n,) float64 >= 0, indicative prices, money per physical unit.
    supply : (n,) float64, endowment + outputs + suppliers, physical units.
    demand : (n,) float64, consumption + needs + inputs, physical units.
    proposals : tuple, aligned with `economy.families` (see `parecon.proposals`); may be given as a
        callable without arguments, which is run once, when the proposals are first read.
    welfare : float, sum b log u - effort - suppliers' cost, money.
    bound : float, Phi(price) >= welfare of any feasible plan, money.
    gap : float, (bound - welfare) / total budget; nan where either is unknown.
    shortage, surplus, zero_profit : float >= 0, worst relative values, module docstring.
    certificate : Certificate of `parecon.certify`, or None where it was not asked for.
    history : tuple of Info, one per iteration.
    phase_s : read-only mapping, seconds spent per phase of the solve.
    method : str, "newton", "interior", ...
    choice : Choice, the same with the reasons for it; None where unknown.
    infeasible : Infeasibility, only with status INFEASIBLE.
    settings : mapping of the settings that were solved with, empty where unknown.
    """

    status: Status
    message: str
    economy: Economy = field(repr=False)
    price: NDArray[np.float64]
    supply: NDArray[np.float64]
    demand: NDArray[np.float64]
    proposals: _Proposals = _Proposals()
    welfare: float = math.nan
    bound: float = math.nan
    gap: float = math.nan
    shortage: float = math.nan
    surplus: float = math.nan
    zero_profit: float = math.nan
    certificate: Any = None
    history: tuple[Info, ...] = ()
    phase_s: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    choice: Choice | None = None
    infeasible: Infeasibility | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        try:
            put(self, "status", Status(self.status))
        except ValueError as error:
            raise PlanError(f"plan: unknown status {self.status!r}") from error
        n_goods = self.economy.n_goods
        for name in ("price", "supply", "demand"):
            put(self, name, _good_column(name, getattr(self, name), n_goods))
        put(self, "history", tuple(self.history))
        put(self, "phase_s", MappingProxyType(dict(self.phase_s)))
        put(self, "settings", MappingProxyType(dict(self.settings)))

    # -- derived ------------------------------------------------------------------------------

    @property
    def excess_demand(self) -> NDArray[np.float64]:
        """demand - supply, (n,) physical units: > 0 a shortage, < 0 a surplus."""
        excess = self.demand - self.supply
        excess.flags.writeable = False
        return excess

    @property
    def n_iterations(self) -> int:
        """Index of the last iteration (0 when the starting prices were good enough)."""
        return self.history[-1].iteration if self.history else 0

    @property
    def time_s(self) -> float:
        """Seconds from the start of the solve to the last test, nan without a history."""
        return self.history[-1].time_s if self.history else math.nan

    def proposal(self, label: str) -> Any:
        """The proposals of the family with this label (PlanError names the labels there are)."""
        labels = [family.title for family in self.economy.families]
        if label not in labels:
            raise PlanError(f"plan: no family {label!r}, there are {', '.join(map(repr, labels))}")
        return self.proposals[labels.index(label)]

    def raise_if_not_solved(self) -> None:
        """The only way a status becomes an exception.

        Raises PlanError with the plan's message unless the status is SOLVED.
        """
        if self.status is not Status.SOLVED:
            raise PlanError(f"{self.status.value}: {self.message or self.status.sentence}")

    def explain(
        self, name: str, *, family: str | None = None, most: int = 10
    ) -> GoodExplanation | CouncilExplanation:
        """Why a good costs what it costs, or what a council gains, gives and is held back by.

        name : a good, or a council, also as "label/name" where several have that name; a good comes
        first. family : label of the family, for a council. most : length of each list.

        Of an infeasible plan a good's explanation says what is short and what stands in the way.
        Raises PlanError for an unknown or ambiguous name and for a plan without usable figures.
        """
        from parecon.explanation import explain

        return explain(self, name, family=family, most=most)

    # -- to other programs --------------------------------------------------------------------

    def to_pandas(self, *, flows: bool = True) -> dict[str, pd.DataFrame]:
        """Data frames: "goods", per family label one row per council, and "<label>.flows".

        flows: also the long frames (council, good, quantity), + = supplied to others, - = used,
        physical units. Raises MissingDependencyError without pandas.
        """
        from parecon.storage.frames import plan_frames

        return plan_frames(self, flows=flows)

    def save(self, path: str | Path, *, file_format: str = "parquet") -> None:
        """Write the plan as a directory (docs/format.md); read it with `parecon.load_plan`.

        file_format : {"parquet", "csv"}, of the tables.

        Raises FormatError if `path` exists and is not a parecon directory.
        """
        from parecon.storage.plans import write_plan

        write_plan(path, self, file_format=file_format)

    # -- people and pickle --------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        # Locks and recipes do not travel; the proposals do. Mapping proxies do not either.
        state[_Proposals._slot] = self.proposals
        state["phase_s"], state["settings"] = dict(self.phase_s), dict(self.settings)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        proposals = state.pop(_Proposals._slot)
        self.__dict__.update(state)
        object.__setattr__(self, "proposals", proposals)
        for name in ("phase_s", "settings"):
            object.__setattr__(self, name, MappingProxyType(state[name]))
        for name in ("price", "supply", "demand"):
            state[name].flags.writeable = False  # which unpickling forgets

    def _repr_html_(self) -> str:
        from parecon.notebook import plan_html

        return plan_html(self)

    def __repr__(self) -> str:
        lines = [f"Plan: {self.status.value}", *_wrap(self.message)]
        lines += _repr_measures(self)
        if self.infeasible is not None:
            lines += [
                f"  short of {name}: needs {needed:.6g}, has {available:.6g}"
                for name, needed, available in self.infeasible.goods[:_REPR_GOODS]
            ]
        else:
            lines += _repr_goods(self)
        return "\n".join(line[:_REPR_WIDTH] for line in lines)


def load_plan(path: str | Path, economy: Economy) -> Plan:
    """Read a plan of this economy from a directory.

    Its `certificate` is None: figures in a file prove nothing, certify the plan again.

    Raises
    ------
    FormatError
        If a file is missing, truncated or of a newer format; with file, column and row.
    PlanError
        If the plan is one of another economy.
    """
    from parecon.storage.plans import read_plan

    columns = read_plan(path, economy)
    short = columns["infeasible"]
    chosen = columns["choice"]
    try:
        columns["choice"] = None if chosen is None else _choice(chosen)
        columns["history"] = tuple(Info(**row) for row in columns["history"])
        columns["infeasible"] = None if short is None else _infeasibility(short)
    except (TypeError, KeyError, ValueError) as error:
        raise FormatError(f"{path}: history, choice or infeasible: {error}") from error
    return Plan(economy=economy, **columns)


def _choice(record: Mapping[str, Any]) -> Choice:
    return Choice(
        method=str(record["method"]),
        solver=str(record["solver"]),
        reasons=tuple(map(str, record["reasons"])),
    )


def _infeasibility(record: Mapping[str, Any]) -> Infeasibility:
    return Infeasibility(
        goods=tuple((str(name), float(n), float(has)) for name, n, has in record["goods"]),
        resources=tuple((str(name), float(price)) for name, price in record["resources"]),
    )


def _good_column(name: str, values: ArrayLike, n_goods: int) -> NDArray[np.float64]:
    """A read-only (n,) float64 view of `values`; the caller's own array stays writeable."""
    column = np.asarray(values, dtype=np.float64).view()
    if column.shape != (n_goods,):
        raise PlanError(f"plan: {name} has shape {column.shape}, expected ({n_goods},)")
    column.flags.writeable = False
    return column


def _wrap(text: str) -> list[str]:
    import textwrap

    indent = "  "
    return textwrap.wrap(
        text, _REPR_WIDTH, initial_indent=indent, subsequent_indent=indent, max_lines=3
    )


def _repr_measures(plan: Plan) -> list[str]:
    """Size of the economy, how the plan was found, and what is left to gain or to clear."""
    economy = plan.economy
    certified = "not certified" if plan.certificate is None else "certified"
    method = plan.method or "method unknown"
    size = f"goods {economy.n_goods:,}   councils {economy.n_councils:,}"
    measures = f"worst shortage {plan.shortage:.1e}   surplus {plan.surplus:.1e}"
    return [
        f"  {size}   entries {economy.n_entries:,}",
        f"  {method}   iterations {plan.n_iterations}   time {plan.time_s:.2f} s   {certified}",
        f"  welfare {plan.welfare:.9g}   bound {plan.bound:.9g}   gap {plan.gap:+.1e}",
        f"  {measures}   zero profit {plan.zero_profit:.1e}",
    ]


def _repr_goods(plan: Plan) -> list[str]:
    """The goods of which most value is used, with price, supply and demand."""
    names = plan.economy.goods.names
    order = np.argsort(-plan.price * plan.demand, kind="stable")[:_REPR_GOODS]
    lines = [f"  {'good':<30}{'price':>14}{'supply':>14}{'demand':>14}"]
    for i in order:
        lines.append(
            f"  {names[i][:29]:<30}{plan.price[i]:>14.6g}{plan.supply[i]:>14.6g}"
            f"{plan.demand[i]:>14.6g}"
        )
    if len(names) > len(order):
        lines.append(f"  ... {len(names) - len(order):,} more goods")
    return lines
