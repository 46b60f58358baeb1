"""Reports: a plan as one page that a browser shows without a network.

`parecon.report(plan, against)` reads off the plan what `parecon.outcome` has in numbers and
`parecon.plots` in pictures, and words it. Needs Matplotlib (`pip install 'parecon[plot]'`).
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from parecon.errors import FormatError, PlanError

if TYPE_CHECKING:
    from parecon.outcome import Source
    from parecon.plan import Plan

__all__ = ["Report", "check", "report"]

GENERATOR = '<meta name="generator" content="parecon '

_HEAD = 2_000  # bytes of a page within which it says who made it
_SUFFIXES = (".html", ".htm")
_FRAME = "width:100%;height:40rem;border:1px solid #888"


@dataclass(frozen=True)
class Report:
    """A finished page.

    html : the document. title : its title. against : what the plan is compared with, in words,
    empty where it is not. sections : what it tells, (id, heading) in order.
    """

    html: str = field(repr=False)
    title: str
    against: str = field(repr=False)
    sections: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.html.encode("utf-8"))

    def save(self, path: str | Path) -> None:
        """Write the page to a file ending in .html. Raises FormatError for another name."""
        place = check(path)
        place.write_text(self.html, encoding="utf-8")

    def __repr__(self) -> str:
        told = ", ".join(ident for ident, _ in self.sections)
        return f"Report({self.title!r}, {self.size / 1e3:,.0f} kB: {told})"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, which can reach nothing of the notebook."""
        page = html.escape(self.html, quote=True)
        return f'<iframe sandbox="allow-scripts" style="{_FRAME}" srcdoc="{page}"></iframe>'


def report(
    plan: Plan,
    against: Source | None = None,
    *,
    path: str | Path | None = None,
    title: str = "A plan",
    against_name: str = "",
    money: str = "money",
) -> Report:
    """Return a plan as one self-contained HTML page: no network, no other file.

    Summary in plain words, who gains and who loses, prices and quantities, what is scarce,
    emissions by source, supply chains, certificate, how the plan was found. What a plan cannot tell
    is left out, and the page says so.

    Parameters
    ----------
    plan : Plan
        Any: solved, stopped early, or infeasible, of which the page says what is missing. A plan
        without a certificate is certified.
    against : Plan or parecon.economies.Benchmark, optional
        What to compare with; goods, families and councils are matched by name.
    path : str or Path, optional
        Where to write the page, a name ending in .html.
    title : str
        Of the page, such as the name of the economy.
    against_name : str
        What to call the other plan: "the benchmark year", "the other plan" unless given.
    money : str
        The unit of account, such as "million USD".

    Raises
    ------
    PlanError
        If `plan` is no Plan, or `against` has no figures to compare with.
    FormatError
        If the path does not end in .html, or its folder is not there.
    MissingDependencyError
        Without Matplotlib.
    """
    from parecon.plan import Plan
    from parecon.plots._style import matplotlib
    from parecon.reporting.page import page
    from parecon.reporting.reading import read
    from parecon.reporting.sections import sections

    if not isinstance(plan, Plan):
        raise PlanError(f"report: expected a Plan, got {type(plan).__name__}")
    if path is not None:
        check(path)
    matplotlib()
    reading = read(plan, against, title=title, against_name=against_name, money=money)
    made = sections(reading)
    told = (("summary", "Summary"), *((part.ident, part.title) for part in made))
    finished = Report(html=page(reading, made), title=title, against=reading.against, sections=told)
    if path is not None:
        finished.save(path)
    return finished


def check(path: str | Path) -> Path:
    """Return the path if a page can be written there, so that nobody plans in vain.

    Raises FormatError for a name that does not end in .html, a folder that is not there, or a file
    that is no page of ours: an older report is replaced, nothing else is.
    """
    place = Path(path)
    if place.suffix.lower() not in _SUFFIXES:
        raise FormatError(f"{place}: expected the name of a page to end in .html")
    if not place.parent.is_dir():
        raise FormatError(f"{place}: there is no folder {place.parent}")
    if place.exists() and not _is_ours(place):
        raise FormatError(f"{place}: there is something else, which is not replaced")
    return place


def _is_ours(place: Path) -> bool:
    """Whether a file is a report: its head says by whom it was made."""
    if not place.is_file():
        return False
    with place.open("rb") as file:
        return GENERATOR.encode() in file.read(_HEAD)
