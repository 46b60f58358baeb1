"""Scenarios: changes to an economy by name, run in a sweep, and what would make them possible.

A `Scenario` is a list of changes: `Cap`, `Endowment`, `Budget`, `Needs`, `Deliver`, `Productivity`,
`Capacity`, `Technique`, `ImportPrice`, `Supply`. `sweep` plans a list of scenarios; `relax` says by
how little an impossible one would have to give way. See docs/scenarios.md.
"""

from __future__ import annotations

from pathlib import Path

from parecon.scenarios.base import Change
from parecon.scenarios.caps import Cap
from parecon.scenarios.needs import Deliver, Needs
from parecon.scenarios.quantities import (
    Budget,
    Capacity,
    Endowment,
    ImportPrice,
    Productivity,
    Supply,
)
from parecon.scenarios.relaxing import Missing, Relaxation, relax
from parecon.scenarios.results import Outcome, Sweep, load_sweep
from parecon.scenarios.scenario import Scenario, grid
from parecon.scenarios.sweeping import sweep
from parecon.scenarios.techniques import Technique

__all__ = [
    "Budget",
    "Cap",
    "Capacity",
    "Change",
    "Deliver",
    "Endowment",
    "ImportPrice",
    "Missing",
    "Needs",
    "Outcome",
    "Productivity",
    "Relaxation",
    "Scenario",
    "Supply",
    "Sweep",
    "Technique",
    "grid",
    "load_scenarios",
    "load_sweep",
    "relax",
    "sweep",
]


def load_scenarios(path: str | Path) -> list[Scenario]:
    """Read the scenarios of a TOML or JSON file: one, or a series with parameters.

    Raises
    ------
    ScenarioError
        If the file cannot be read or says what no scenario says; with file, key and, in TOML, line.
    """
    from parecon.scenarios.reading import read_scenarios

    return read_scenarios(path, Scenario.from_record)
