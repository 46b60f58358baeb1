"""The sections of a report, each a heading with what belongs under it.

A section that a plan cannot fill is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parecon._html import Child, Markup, join
from parecon.reporting import on_chains, on_goods, on_people, on_plan
from parecon.reporting.reading import Reading

__all__ = ["Section", "sections"]


@dataclass(frozen=True)
class Section:
    """A heading, its place in the page, and what stands under it."""

    ident: str
    title: str
    content: Markup


def sections(reading: Reading) -> list[Section]:
    """Return the sections that this plan can fill, in their order."""
    compared = reading.before is not None
    against = f", against {reading.against}" if compared else ""
    parts: list[tuple[str, str, Callable[[Reading], Child]]] = [
        ("missing", "What is missing", on_plan.missing),
        ("gains", "Who gains and who loses" if compared else "Who gets what", on_people.gains),
        ("targets", "Targets", on_people.targets),
        ("goods", f"Prices and quantities{against}", on_goods.goods),
        ("scarcity", "What is scarce", on_goods.scarcity),
        ("emissions", "Emissions by source", on_people.emissions),
        ("chains", "Main supply chains", on_chains.chains),
        ("certificate", "Certificate", on_plan.certificate),
        ("history", "How the plan was found", on_plan.history),
        ("notes", "Notes", on_plan.notes),
    ]
    found = [(ident, title, part(reading)) for ident, title, part in parts]
    return [Section(ident, title, join(part)) for ident, title, part in found if part is not None]
