"""What every change is: a frozen record that knows how to say itself, apply itself and clash."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from parecon.errors import ScenarioError, nearest
from parecon.scenarios.draft import Draft


@dataclass(frozen=True)
class Effect:
    """Something that a change touches, for telling contradictions.

    what : for example ``("endowment", "labour")``; a last part ``"*"`` stands for all councils.
    final : the value that it sets regardless of what was there, None where it builds on it.
    adds : it adds something that can be there only once.
    """

    what: tuple[str, ...]
    final: Any = None
    adds: bool = False

    def overlaps(self, other: Effect) -> bool:
        """Whether both touch the same thing."""
        if len(self.what) != len(other.what) or self.what[:-1] != other.what[:-1]:
            return False
        return self.what[-1] == other.what[-1] or "*" in (self.what[-1], other.what[-1])

    def undone_by(self, later: Effect) -> bool:
        """Whether a later effect would erase this one, or add the same thing again."""
        if not self.overlaps(later):
            return False
        if self.adds and later.adds:
            return True
        return later.final is not None and later.final != self.final


class Change(ABC):
    """One change to an economy. Subclasses are frozen dataclasses; ``do`` is their name in files.

    Numbers, texts and names are checked when the record is made, goods and councils when it is
    applied.
    """

    do: ClassVar[str]

    @abstractmethod
    def apply(self, draft: Draft) -> None:
        """Change the draft; ScenarioError where it does not fit, with the key to blame."""

    @abstractmethod
    def effects(self) -> tuple[Effect, ...]:
        """Return what the change touches."""

    @abstractmethod
    def __str__(self) -> str: ...

    @property
    def needs_reference(self) -> bool:
        """Whether it refers to emissions in a reference plan."""
        return False

    def _put(self, **values: Any) -> None:
        """Store checked values in the frozen record."""
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def to_record(self) -> dict[str, Any]:
        """Return the change as plain values for a file; what is not given is left out."""
        record: dict[str, Any] = {"do": self.do}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if value is None or value is False or (isinstance(value, tuple | dict) and not value):
                continue
            if value == field.default:
                continue
            record[field.name] = list(value) if isinstance(value, tuple) else value
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Return the change of a file's record (without ``do``)."""
        known = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
        for key in record:
            if key not in known:
                hint = nearest(key, known)
                raise ScenarioError(f"unknown key{hint} (known: {', '.join(known)})", key=key)
        missing = [
            field.name
            for field in dataclasses.fields(cls)  # type: ignore[arg-type]
            if field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
            and field.name not in record
        ]
        if missing:
            raise ScenarioError("missing", key=missing[0])
        return cls(**record)


def council_effects(
    what: str, family: str, councils: Sequence[str], final: Any
) -> tuple[Effect, ...]:
    """Return one effect per council, or one for all of them."""
    return tuple(Effect((what, family, name), final) for name in councils or ("*",))


def whom(family: str, councils: Sequence[str]) -> str:
    """Return e.g. ``"households (poor, rich)"``."""
    if not councils:
        return family
    shown = ", ".join(councils[:4]) + (", ..." if len(councils) > 4 else "")
    return f"{family} ({shown})"
