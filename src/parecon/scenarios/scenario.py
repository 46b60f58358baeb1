"""Scenarios: named lists of changes that can be applied, added up, saved and read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from parecon.economy import Economy
from parecon.errors import EconomyError, PareconError, ScenarioError, nearest
from parecon.plan import Plan
from parecon.scenarios.amounts import number, text
from parecon.scenarios.base import Change
from parecon.scenarios.draft import Draft
from parecon.scenarios.registry import change_from_record

__all__ = ["Scenario", "grid"]

FORMAT = "parecon scenario"
VERSION = 1
_WIDTH = 79


@dataclass(frozen=True, init=False, repr=False)
class Scenario:
    """A named list of changes to an economy, made in their order.

    Parameters
    ----------
    name : str
        For tables and messages.
    changes : iterable of Change
        See `parecon.scenarios`.
    description : str, optional
    parameters : mapping from str to float, optional
        What sets it apart in a series of scenarios; a column each in the table of a sweep.

    Attributes
    ----------
    name, changes (a tuple), description, parameters

    Raises
    ------
    ScenarioError
        If one of the changes is none. Goods and councils are looked up when it is applied.
    """

    name: str
    changes: tuple[Change, ...]
    description: str = ""
    parameters: dict[str, float] = field(default_factory=dict)

    def __init__(
        self,
        name: str,
        changes: Iterable[Change] = (),
        *,
        description: str = "",
        parameters: Mapping[str, float] | None = None,
    ) -> None:
        given = (changes,) if isinstance(changes, Change) else tuple(changes)
        for position, change in enumerate(given):
            if not isinstance(change, Change):
                raise ScenarioError(
                    f"scenario {name!r}: changes[{position}]: expected a change, got {change!r:.60}"
                )
        values = {
            key: number(f"parameters.{key}", item) for key, item in (parameters or {}).items()
        }
        object.__setattr__(self, "name", text("name", name))
        object.__setattr__(self, "changes", given)
        object.__setattr__(self, "description", description)
        object.__setattr__(self, "parameters", values)

    @property
    def needs_reference(self) -> bool:
        """Whether it refers to emissions in a reference plan."""
        return any(change.needs_reference for change in self.changes)

    def apply(self, economy: Economy, *, reference: Plan | None = None) -> Economy:
        """Return the economy with the changes made, in their order; the given one stays.

        Parameters
        ----------
        economy : Economy
        reference : Plan, optional
            A plan to whose emissions caps refer (``base="plan"``).

        Raises
        ------
        ScenarioError
            If a name is unknown (the nearest are offered), or the changes make no economy.
        """
        draft = Draft(economy, reference)
        for position, change in enumerate(self.changes, 1):
            try:
                change.apply(draft)
            except PareconError as error:
                key = getattr(error, "key", "")
                at = f", {key}" if key else ""
                raise ScenarioError(
                    f"scenario {self.name!r}, change {position} ({change.do}{at}): {error}",
                    key=key,
                ) from error
        try:
            return draft.economy()
        except EconomyError as error:
            raise ScenarioError(f"scenario {self.name!r}: {error}") from error

    # -- composition ------------------------------------------------------------------------------

    def __add__(self, other: Scenario) -> Scenario:
        """Return the scenario that makes these changes first, then those of the other.

        Raises ScenarioError where the other would undo something: set a quantity that this one has
        changed to another value, or add the same thing again. `then` lets the later one win.
        """
        if not isinstance(other, Scenario):
            return NotImplemented
        conflicts = _conflicts(self, other)
        if conflicts:
            raise ScenarioError(
                f"scenarios {self.name!r} and {other.name!r} contradict each other: "
                f"{'; '.join(conflicts)}. With a.then(b) the later one counts"
            )
        return self.then(other)

    def then(self, other: Scenario) -> Scenario:
        """Return the scenario that makes these changes first, then those of the other, come what
        may."""
        same = set(self.parameters) & set(other.parameters)
        clash = sorted(key for key in same if self.parameters[key] != other.parameters[key])
        if clash:
            raise ScenarioError(
                f"scenarios {self.name!r} and {other.name!r}: parameter {clash[0]!r} is "
                f"{self.parameters[clash[0]]:g} and {other.parameters[clash[0]]:g}"
            )
        descriptions = [part.description for part in (self, other) if part.description]
        return Scenario(
            f"{self.name} + {other.name}",
            (*self.changes, *other.changes),
            description=" ".join(descriptions),
            parameters={**self.parameters, **other.parameters},
        )

    def renamed(self, name: str) -> Scenario:
        """Return the same scenario under another name."""
        return Scenario(
            name, self.changes, description=self.description, parameters=self.parameters
        )

    # -- files ------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write the scenario to ``path``: .toml or .json; `load` gives an equal one.

        Raises ScenarioError for another suffix.
        """
        from parecon.scenarios.writing import write_record

        write_record(path, self.to_record())

    @staticmethod
    def load(path: str | Path) -> Scenario:
        """Read one scenario; of a file with several, see `parecon.load_scenarios`.

        Raises ScenarioError with file, key and, in TOML, line.
        """
        from parecon.scenarios.reading import read_scenarios

        found = read_scenarios(path, Scenario.from_record)
        if len(found) != 1:
            raise ScenarioError(
                f"{path}: expected one scenario, got {len(found)} (parecon.load_scenarios)"
            )
        return found[0]

    def to_record(self) -> dict[str, Any]:
        """Return the scenario as plain values."""
        record: dict[str, Any] = {"format": FORMAT, "version": VERSION, "name": self.name}
        if self.description:
            record["description"] = self.description
        if self.parameters:
            record["parameters"] = dict(self.parameters)
        record["change"] = [change.to_record() for change in self.changes]
        return record

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> Scenario:
        """Return the scenario of a record; ScenarioError with the key to blame."""
        _check_record(record)
        return Scenario(
            record.get("name", "scenario"),
            [change_from_record(at, entry) for at, entry in enumerate(record.get("change", []))],
            description=record.get("description", ""),
            parameters=record.get("parameters", {}),
        )

    # -- people -----------------------------------------------------------------------------------

    def __str__(self) -> str:
        lines = [f"Scenario {self.name!r}"]
        if self.description:
            lines += _wrapped(self.description)
        for change in self.changes:
            lines += _wrapped(str(change))
        return "\n".join(lines)

    __repr__ = __str__


def grid(make: Any, **values: Iterable[float]) -> list[Scenario]:
    """Return one scenario for each combination of parameters, the last one varying fastest.

    Parameters
    ----------
    make : callable
        Takes the parameters as keywords and returns a Scenario, or an iterable of changes.
    **values
        Numbers of each parameter.

    Examples
    --------
    >>> from parecon.scenarios import Cap, grid
    >>> cuts = grid(lambda cut: [Cap(permits="ghg_permit", percent=cut, base=4918.0)],
    ...             cut=range(0, -71, -10))
    >>> len(cuts), cuts[3].name
    (8, 'cut=-30')
    """
    found = []
    for chosen in product(*(list(items) for items in values.values())):
        parameters = dict(zip(values, chosen, strict=True))
        made = make(**parameters)
        if isinstance(made, Scenario):
            name, changes, description = made.name, made.changes, made.description
            known = {**made.parameters, **parameters}
        else:
            name, changes, description, known = "", tuple(made), "", parameters
        words = ", ".join(f"{key}={value:g}" for key, value in parameters.items())
        if words and words not in name:
            name = f"{name} {words}".strip()
        found.append(Scenario(name, changes, description=description, parameters=known))
    return found


def _check_record(record: Mapping[str, Any]) -> None:
    """Raise ScenarioError unless the keys are known and their values of the right types."""
    types = {
        "format": (str, "a text"),
        "version": (int, "a whole number"),
        "name": (str, "a text"),
        "description": (str, "a text"),
        "parameters": (Mapping, "names and numbers"),
        "change": (list, "a list of changes"),
    }
    for key, value in record.items():
        if key not in types:
            known = ", ".join(types)
            raise ScenarioError(f"unknown key{nearest(key, list(types))} (known: {known})", key=key)
        expected, words = types[key]
        if not isinstance(value, expected) or isinstance(value, bool):  # type: ignore[arg-type]
            raise ScenarioError(f"expected {words}, got {value!r:.60}", key=key)
    if record.get("format", FORMAT) != FORMAT:
        raise ScenarioError(f"expected {FORMAT!r}, got {record['format']!r}", key="format")
    version = record.get("version", VERSION)
    if version != VERSION:
        newer = "newer than this parecon, which reads up to" if version > VERSION else "not"
        raise ScenarioError(f"{version} is {newer} {VERSION}", key="version")


def _conflicts(first: Scenario, second: Scenario) -> list[str]:
    """What the second would undo, in words."""
    earlier = [effect for change in first.changes for effect in change.effects()]
    found = []
    for change in second.changes:
        for later in change.effects():
            if any(effect.undone_by(later) for effect in earlier):
                found.append(" of ".join((later.what[0], " ".join(later.what[1:]))))
    return list(dict.fromkeys(found))


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, _WIDTH, initial_indent="  ", subsequent_indent="    ")
