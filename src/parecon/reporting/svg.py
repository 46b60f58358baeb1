"""Figures as part of a page: small, in the page's colours and letters, with a text for each.

Matplotlib's SVG is read as XML and written anew: letters stay letters, colours become variables of
the style sheet (so that the page can be dark), names of elements become unique in the page, and
what refers to anywhere else is left out.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET  # reads only what Matplotlib has just written

from parecon._html import Markup, printable
from parecon.plots._style import COLOURS, FAINT, GREY, rendered

__all__ = ["VARIABLES", "inline"]

VARIABLES = {
    **{colour.lower(): f"--c{k}" for k, colour in enumerate(COLOURS[:-1])},
    COLOURS[-1].lower(): "--ink",
    GREY.lower(): "--soft",
    FAINT.lower(): "--line",
}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_REFERENCE = re.compile(r"#([\w.-]+)")
# The page has a face of its own; Matplotlib names one, or many, or says all in one word.
_FACE = re.compile(r"font-family:[^;]*;? ?")
_FONT = re.compile(r"font: ([^;']*px)[^;]*")
_BLANKS = re.compile(r"\s+")
_lock = threading.Lock()


def inline(
    figure: Any, name: str, title: str, description: str, tips: Mapping[str, str] | None = None
) -> Markup:
    """Return a figure as an ``svg`` element of an HTML page.

    name : prefix of all names in it, unique in the page. title, description : what it shows, for
    those who do not see it. tips : texts for elements by their gid, shown by the pointer.
    """
    root = ET.fromstring(_drawn(figure))
    _clean(root)
    names = _renamed(root, name)
    for gid, text in (tips or {}).items():
        if gid in names:
            tip = ET.Element("title")
            tip.text = printable(text)
            names[gid].insert(0, tip)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-t {name}-d")
    for place, (word, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(word, {"id": f"{name}-{word[0]}"})
        element.text = printable(text)
        root.insert(place, element)
    return Markup(ET.tostring(root, encoding="unicode"))


def _drawn(figure: Any) -> bytes:
    """The figure's SVG with letters as letters. Its settings are the process's, hence the lock."""
    from matplotlib import rc_context

    with _lock, rc_context({"svg.fonttype": "none"}):
        return rendered(figure, "svg", transparent=True)


def _clean(root: ET.Element) -> None:
    """Drop what is not drawn, names of languages, and colours of a light page."""
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = _local(element.tag)
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
        for key, value in list(element.attrib.items()):
            del element.attrib[key]
            element.set(_local(key), _written(_local(key), value))
    for element in list(root.iter()):
        for child in [c for c in element if _empty(c)]:
            element.remove(child)


def _empty(element: ET.Element) -> bool:
    return element.tag in ("g", "defs") and not len(element) and not element.text


def _renamed(root: ET.Element, name: str) -> dict[str, ET.Element]:
    """Give names only to what is referred to, and return the elements by their old names."""
    found = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    used = {
        match[1]
        for element in root.iter()
        for key, value in element.attrib.items()
        if key in ("href", "clip-path", "style")
        for match in _REFERENCE.finditer(value)
        if match[1] in found
    }
    new = {old: f"{name}-{k}" for k, old in enumerate(old for old in found if old in used)}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in new:
            element.set("id", new[old])
        for key in ("href", "clip-path", "style"):
            value = element.get(key)
            if value and "#" in value:
                renamed = _REFERENCE.sub(lambda match: f"#{new.get(match[1], match[1])}", value)
                element.set(key, renamed)
    return found


def _written(key: str, value: str) -> str:
    """An attribute as the page has it."""
    if key == "style":
        value = _FACE.sub("", _FONT.sub(r"font: \1 var(--face)", value))
    return _BLANKS.sub(" ", _COLOUR.sub(_variable, value)).strip()


def _variable(match: re.Match[str]) -> str:
    variable = VARIABLES.get(match[0].lower())
    return f"var({variable})" if variable else match[0]


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
