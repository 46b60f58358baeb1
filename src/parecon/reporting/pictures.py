"""Pictures in the page, each with a caption and with words for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parecon._html import Child, Markup, tag
from parecon.reporting.svg import inline

__all__ = ["figure"]


def figure(
    drawn: Any, ident: str, title: str, caption: Child, tips: Mapping[str, str] | None = None
) -> Markup:
    """Return a figure element. ident : unique in the page. tips : see `svg.inline`."""
    picture = inline(drawn, ident, title, "The table that follows has the figures.", tips)
    return tag("figure", tag("div", picture), tag("figcaption", caption))
