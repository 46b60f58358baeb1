"""HTML by construction: whatever is not made by `tag` is text, and escaped.

No part of a page is put together from strings in any other way, so that a name from the data can
never become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as _escape
from typing import TypeAlias

__all__ = ["Child", "Markup", "escape", "join", "printable", "tag"]

_VOID = frozenset({"br", "col", "hr", "input", "meta"})
# What neither HTML nor XML may contain (control characters, halves of pairs, non-letters),
# and what would turn the direction of the text that follows.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"


def printable(text: str) -> str:
    """Return the text with U+FFFD for everything that no document should contain."""
    return _UNPRINTABLE.sub("\ufffd", text)


def escape(text: str) -> Markup:
    """Return text as HTML that shows it, in elements and in quoted attributes."""
    return text if isinstance(text, Markup) else Markup(_escape(printable(text), quote=True))


def join(children: Child) -> Markup:
    """Return children one after the other; None is nothing."""
    if children is None:
        return Markup("")
    if isinstance(children, str):
        return escape(children)
    if isinstance(children, int):
        return Markup(children)
    return Markup("".join(join(child) for child in children))


def tag(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """Return an element.

    Attributes: a trailing underscore is dropped, others become hyphens (``class_``, ``data_v``);
    True stands alone, False and None are left out.
    """
    written = ""
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = key.rstrip("_").replace("_", "-")
        written += f" {word}" if value is True else f' {word}="{escape(str(value))}"'
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")
