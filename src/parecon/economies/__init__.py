"""Real economies that come with the package: ``names()``, ``load(name)``, ``benchmark(name)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parecon.economies import us_2012
from parecon.economies.report import Benchmark
from parecon.errors import EconomyError, nearest

if TYPE_CHECKING:
    from parecon.economy import Economy

__all__ = ["Benchmark", "benchmark", "load", "names", "us_2012"]

_CUTS = {"us-2012": us_2012.EMISSION_CUT, "us-2012-benchmark": None}


def names() -> tuple[str, ...]:
    """Return the names that :func:`load` and ``parecon plan`` take."""
    return tuple(_CUTS)


def load(name: str) -> Economy:
    """Return a bundled economy.

    Parameters
    ----------
    name : str
        ``"us-2012"``: the United States of 2012 in 24 sectors, with a greenhouse-gas budget 30 %
        below that year's emissions. ``"us-2012-benchmark"``: the same without a budget, whose
        plan is the year as it was.

    Raises
    ------
    EconomyError
        If there is no bundled economy of that name.
    """
    return us_2012.economy(emission_cut=_CUTS[_known(name)])


def benchmark(name: str) -> Benchmark:
    """Return the observed year of a bundled economy: prices, outputs, utilities.

    Raises
    ------
    EconomyError
        If there is no bundled economy of that name.
    """
    _known(name)
    return us_2012.benchmark()


def _known(name: str) -> str:
    if name not in _CUTS:
        raise EconomyError(
            f"economies: expected one of {', '.join(map(repr, _CUTS))}, got {name!r}"
            f"{nearest(name, tuple(_CUTS))}"
        )
    return name
