"""What `objective_values` finds, as records and as text in 80 columns."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from parecon._columns import FloatArray
from parecon.explanation.frames import pandas_module
from parecon.goods import Goods

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 79
_NAME = 21
_SHOWN = 12
_ROUNDING = 1e-10


@dataclass(frozen=True)
class Check:
    """One statement that must hold between prices and quantities, and by how much it fails at most.

    name, sentence : str. worst : float >= 0, relative; nan where there was nothing to look at.
    where : str, the good or council of the worst case, "" for sums. limit : what may be.
    """

    name: str
    sentence: str
    worst: float
    where: str
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the worst case is within the limit, or there was nothing to look at."""
        return math.isnan(self.worst) or self.worst <= self.limit


@dataclass(frozen=True)
class TargetReached:
    """One target of the plan.

    good, family : str. target, delivered : physical units per plan year. reached : delivered over
    target. price : money per physical unit. worth : what one more unit would be worth to the
    target, money: the price, unless nothing is delivered because it costs more; nan for a ray and
    a basket, whose targets are worth nothing by themselves.
    """

    good: str
    family: str
    target: float
    delivered: float
    reached: float
    price: float
    worth: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ObjectiveValues:
    """What goods are worth in a plan, in one table, and whether it all fits together.

    Attributes
    ----------
    objective, unit : str
        What is maximised (or, of `minimise`, minimised), and its unit.
    value : float
        How much of it the plan reaches.
    labour : str
        Of what `labour_value` is the content, "" where none was found.
    goods : Goods
    price : (n,) float64
        Indicative prices, money per physical unit.
    marginal : (n,) float64
        The same in units of the objective: what one more unit in hand adds to it (saves, where
        it is minimised), to first order.
    labour_value : (n,) float64
        Content of `labour` of one unit through the plan's own inputs (formulas:
        `parecon.objectives.content`); nan for goods that nobody makes in this plan though somebody
        could.
    one_more, one_less : (n,) float64
        Marginal directional values: what one more unit in hand adds, and one less takes away, in
        units of the objective, found by planning again; nan for goods not asked for, and for one
        less of what was not endowed.
    targets : tuple of TargetReached
    checks : tuple of Check
    """

    objective: str
    unit: str
    value: float
    labour: str
    goods: Goods
    price: FloatArray = field(repr=False)
    marginal: FloatArray = field(repr=False)
    labour_value: FloatArray = field(repr=False)
    one_more: FloatArray = field(repr=False)
    one_less: FloatArray = field(repr=False)
    targets: tuple[TargetReached, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.holds)

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Frames "goods", "targets", "checks".

        Raises MissingDependencyError without pandas.
        """
        pandas = pandas_module("to_pandas")
        names = ("price", "marginal", "labour_value", "one_more", "one_less")
        goods = {"good": self.goods.names, **{name: getattr(self, name) for name in names}}
        found = {"goods": pandas.DataFrame(goods)}
        for name, kind in (("targets", TargetReached), ("checks", Check)):
            found[name] = pandas.DataFrame(
                [dataclasses.asdict(record) for record in getattr(self, name)],
                columns=[column.name for column in dataclasses.fields(kind)],
            )
        found["checks"]["holds"] = [check.holds for check in self.checks]
        return found

    def __repr__(self) -> str:
        """The table of the dearest goods (those asked for first), targets and checks."""
        unit = f" {self.unit}" if self.unit else ""
        lines = [f"{self.objective}: {self.value:.9g}{unit}"]
        lines += self._goods_lines()
        lines += self._target_lines()
        for check in self.checks:
            lines += _check_lines(check)
        return "\n".join(line[:_WIDTH].rstrip() for line in lines)

    def _goods_lines(self) -> list[str]:
        asked = np.isfinite(self.one_more) | np.isfinite(self.one_less)
        order = np.lexsort((-self.price, ~asked))
        columns = [("price", self.price), ("marginal", self.marginal)]
        if self.labour:
            columns.append(("content", self.labour_value))
        if asked.any():
            columns += [("one more", self.one_more), ("one less", self.one_less)]
        lines = [f"  {'good':<{_NAME}}" + "".join(f"{name:>11}" for name, _ in columns)]
        for i in order[:_SHOWN]:
            row = "".join(f"{_shown(values, int(i)):>11}" for _, values in columns)
            lines.append(f"  {self.goods.name(int(i))[: _NAME - 1]:<{_NAME}}{row}")
        if len(order) > _SHOWN:
            lines.append(f"  ... {len(order) - _SHOWN:,} more goods")
        if self.labour:
            lines.append(f"  content: of {self.labour}, per unit")
        return lines

    def _target_lines(self) -> list[str]:
        if not self.targets:
            return []
        lines = [f"  {'target for':<{_NAME}}{'target':>11}{'delivered':>11}{'reached':>11}"]
        order = sorted(self.targets, key=lambda target: target.reached)
        for target in order[:_SHOWN]:
            lines.append(
                f"  {target.good[: _NAME - 1]:<{_NAME}}{_number(target.target):>11}"
                f"{_number(target.delivered):>11}{target.reached:>10.1%} "
            )
        if len(order) > _SHOWN:
            lines.append(f"  ... {len(order) - _SHOWN:,} more targets, reached better")
        return lines


def _check_lines(check: Check) -> list[str]:
    if math.isnan(check.worst):
        return [f"  [-]  {check.name}: nothing to look at"]
    mark = "ok" if check.holds else "NO"
    where = f" ({check.where})" if check.where else ""
    text = f"{check.name}: {check.worst:.1e}{where}"
    lines = [f"  [{mark}] {text}"]
    if not check.holds:
        lines += textwrap.wrap(
            f"expected at most {check.limit:.1e}: {check.sentence}",
            _WIDTH,
            initial_indent="       ",
            subsequent_indent="       ",
        )
    return lines


def _shown(values: FloatArray, at: int) -> str:
    """One number of a column; what is rounding beside the others is 0."""
    value = float(values[at])
    if abs(value) <= _ROUNDING * float(np.nanmax(np.abs(values))):
        return "0"
    return _number(value)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.5g}"
