"""The page: one file that needs nothing else.

Style and script stand in it. A policy in its head forbids the browser to load anything, and to run
any script but the page's own, known by its hash: even a name that got through as markup could do
nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from parecon._html import Child, Markup, join, tag
from parecon._version import __version__
from parecon.reporting.reading import Reading
from parecon.reporting.sections import Section
from parecon.reporting.summary import summary
from parecon.reporting.words import count

__all__ = ["page"]


def page(reading: Reading, parts: Sequence[Section]) -> str:
    """Return the HTML document of a report with these sections."""
    style, script = _asset("page.css"), _asset("page.js")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("meta", name="generator", content=f"parecon {__version__}"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", reading.title),
        tag("style", style),
    )
    body = tag(
        "body",
        tag("header", tag("h1", tag("bdi", reading.title)), _subtitle(reading), _contents(parts)),
        tag(
            "main",
            tag("section", tag("h2", "Summary"), summary(reading), id="summary"),
            [_section(part) for part in parts],
        ),
        tag("footer", tag("p", f"Made by parecon {__version__}.")),
        tag("script", script),
    )
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang="en") + "\n"


def _policy(script: Markup) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> Markup:
    """A file of ours that becomes part of the page as it is."""
    return Markup(files("parecon.reporting").joinpath(name).read_text(encoding="utf-8"))


def _subtitle(reading: Reading) -> Markup:
    economy = reading.plan.economy
    size = f"{count(economy.n_goods, 'good')}, {count(economy.n_councils, 'council')}"
    compared = f", compared with {reading.against}" if reading.before is not None else ""
    return tag("p", f"A plan for an economy of {size}{compared}", class_="subtitle")


def _contents(parts: Sequence[Section]) -> Markup:
    places: Child = [
        tag("li", tag("a", title, href=f"#{ident}"))
        for ident, title in [("summary", "Summary"), *((p.ident, p.title) for p in parts)]
    ]
    return tag("nav", tag("ul", places), aria_label="Contents")


def _section(part: Section) -> Markup:
    return join(["\n", tag("section", tag("h2", part.title), part.content, id=part.ident)])
