"""The settings of a solve: one record per option drives validation, help and documentation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import TYPE_CHECKING

from parecon.errors import SettingsError, nearest

if TYPE_CHECKING:
    from parecon.plan import Info

__all__ = ["BACKENDS", "METHODS", "Option", "Settings"]

BACKENDS = ("cvxpy", "highs")  # other engines, `parecon.backends`
METHODS = ("auto", "newton", "interior", *BACKENDS)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: what it means, in which unit, what it may be, what it is unless set.

    Attributes
    ----------
    name, meaning, unit, range : str
        For people; ``unit`` is empty where there is none.
    default : object
        The value unless set.
    test : callable
        Takes a value, returns whether it is allowed.
    """

    name: str
    meaning: str
    unit: str
    range: str
    default: object
    test: Callable[[object], bool]

    def check(self, value: object) -> None:
        """Raise SettingsError unless ``value`` is in the option's range."""
        if not self.test(value):
            raise SettingsError(f"{self.name}: expected {self.range}, got {value!r}")

    def __str__(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.name}{unit}: {self.meaning}. Range: {self.range}. Default: {self.default}."


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and not math.isnan(value)


def _is_tolerance(value: object) -> bool:
    return _is_number(value) and 0.0 < value < 1.0  # type: ignore[operator]


def _is_time_limit(value: object) -> bool:
    return value is None or (_is_number(value) and value > 0)  # type: ignore[operator]


def _is_count(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 1


def _is_options(value: object) -> bool:
    return value is None or (
        isinstance(value, Mapping) and all(isinstance(name, str) for name in value)
    )


def _is_callable_or_none(value: object) -> bool:
    return value is None or callable(value)


_OPTIONS = (
    Option(
        name="tol",
        meaning="bound on the worst relative shortage, surplus value, zero-profit residual and gap",
        unit="relative",
        range="a number above 0 and below 1",
        default=1e-6,
        test=_is_tolerance,
    ),
    Option(
        name="method",
        meaning="newton: damped Newton on log prices, smooth families only; "
        "interior: primal-dual interior point, every family; auto: whichever of these fits the "
        "families; cvxpy: as a cone problem; highs: as linear programmes",
        unit="",
        range="one of " + ", ".join(repr(method) for method in METHODS),
        default="auto",
        test=lambda value: value in METHODS,
    ),
    Option(
        name="solver",
        meaning="which solver of the method: for highs simplex, ipx, hipo or pdlp, for cvxpy any "
        "cone solver that is installed",
        unit="",
        range="a name, or None for the method's own choice",
        default=None,
        test=lambda value: value is None or isinstance(value, str),
    ),
    Option(
        name="solver_options",
        meaning="options of that solver under its own names, instead of what the method sets",
        unit="",
        range="a mapping from names to values, or None",
        default=None,
        test=_is_options,
    ),
    Option(
        name="time_limit_s",
        meaning="stop after this much elapsed time with the best feasible plan so far",
        unit="seconds",
        range="a number above 0, or None for no limit",
        default=None,
        test=_is_time_limit,
    ),
    Option(
        name="max_iterations",
        meaning="stop after so many iterations with the best feasible plan so far",
        unit="iterations",
        range="an integer of at least 1",
        default=200,
        test=_is_count,
    ),
    Option(
        name="n_threads",
        meaning="threads of the kernels; sums are the same for any number",
        unit="threads",
        range="an integer of at least 1, or None for every core available to the process",
        default=None,
        test=lambda value: value is None or _is_count(value),
    ),
    Option(
        name="log",
        meaning="takes each line of the iteration log",
        unit="",
        range="a callable that takes one str, or None for no log",
        default=None,
        test=_is_callable_or_none,
    ),
    Option(
        name="callback",
        meaning="called with an Info after each iteration; a true result stops the solve",
        unit="",
        range="a callable that takes one Info, or None",
        default=None,
        test=_is_callable_or_none,
    ),
    Option(
        name="certify",
        meaning="judge the plan by parecon.certify before it is called solved",
        unit="",
        range="True, False, or None for: unless the economy is large",
        default=None,
        test=lambda value: value is None or isinstance(value, bool),
    ),
)
_BY_NAME = {option.name: option for option in _OPTIONS}


@dataclass(frozen=True, init=False)
class Settings:
    """Settings of a solve. Frozen and checked; ``Settings.describe("tol")`` explains one.

    Parameters
    ----------
    tol : float
        Bound on the worst relative shortage, surplus value, zero-profit residual and gap.
    method : {"auto", "newton", "interior", "cvxpy", "highs"}
        Way to the plan.
    solver : str or None
        For the methods "cvxpy" and "highs" which of their solvers.
    solver_options : mapping or None
        Options of that solver, under its own names.
    time_limit_s : float or None
        Elapsed seconds after which the best feasible plan so far is returned.
    max_iterations : int
        Iterations after which the best feasible plan so far is returned.
    n_threads : int or None
        Threads of the kernels; None takes every core available to the process.
    log : callable or None
        Takes each line of the iteration log.
    callback : callable or None
        Called with an ``Info`` after each iteration; a true result stops the solve.
    certify : bool or None
        Whether the independent certificate is computed; None: unless the economy is large.

    Raises
    ------
    SettingsError
        If an option is unknown (the nearest name is given) or out of its range.
    """

    tol: float
    method: str
    solver: str | None
    solver_options: Mapping[str, object] | None
    time_limit_s: float | None
    max_iterations: int
    n_threads: int | None
    log: Callable[[str], object] | None
    callback: Callable[[Info], object] | None
    certify: bool | None

    def __init__(
        self,
        *,
        tol: float = 1e-6,
        method: str = "auto",
        solver: str | None = None,
        solver_options: Mapping[str, object] | None = None,
        time_limit_s: float | None = None,
        max_iterations: int = 200,
        n_threads: int | None = None,
        log: Callable[[str], object] | None = None,
        callback: Callable[[Info], object] | None = None,
        certify: bool | None = None,
        **unknown: object,
    ) -> None:
        for name in unknown:
            raise _unknown_option(name)
        given = {
            "tol": tol,
            "method": method,
            "solver": solver,
            "solver_options": solver_options,
            "time_limit_s": time_limit_s,
            "max_iterations": max_iterations,
            "n_threads": n_threads,
            "log": log,
            "callback": callback,
            "certify": certify,
        }
        for name, value in given.items():
            _BY_NAME[name].check(value)
            object.__setattr__(self, name, value)
        for name in ("solver", "solver_options"):
            if given[name] is not None and method not in BACKENDS:
                raise SettingsError(
                    f"{name}: expected None with method {method!r}; "
                    f"only the methods {' and '.join(map(repr, BACKENDS))} have solvers to choose"
                )

    @staticmethod
    def describe(name: str) -> str:
        """Explain one option: meaning, unit, range, default.

        Raises
        ------
        SettingsError
            If there is no such option.
        """
        if name not in _BY_NAME:
            raise _unknown_option(name)
        return str(_BY_NAME[name])

    @staticmethod
    def options() -> tuple[Option, ...]:
        """Return the record of every option, in the order of the fields."""
        return _OPTIONS

    def replace(self, **changes: object) -> Settings:
        """Return these settings with some options changed.

        Raises
        ------
        SettingsError
            If an option is unknown or out of its range.
        """
        return Settings(**{**self._as_dict(), **changes})  # type: ignore[arg-type]

    def changed(self) -> dict[str, object]:
        """Return the options that are not at their default."""
        return {k: v for k, v in self._as_dict().items() if v != _BY_NAME[k].default}

    def _as_dict(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _unknown_option(name: str) -> SettingsError:
    known = ", ".join(_BY_NAME)
    return SettingsError(f"unknown option {name!r}{nearest(name, list(_BY_NAME))} (known: {known})")
