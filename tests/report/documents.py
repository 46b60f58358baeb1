"""A page as a tree, read by Python's own parser, which forgives nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "col", "hr", "input", "meta"}


@dataclass
class Element:
    """An element with its attributes and children, texts among them."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def all(self, name: str | None = None) -> Iterator[Element]:
        """Itself and all elements in it, in order, of this name."""
        if name in (None, self.name):
            yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all(name)

    def one(self, name: str, **attributes: str) -> Element:
        """The only element with this name and these attributes."""
        found = [
            e
            for e in self.all(name)
            if all(e.attributes.get(k.rstrip("_")) == v for k, v in attributes.items())
        ]
        assert len(found) == 1, (name, attributes, len(found))
        return found[0]

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(c if isinstance(c, str) else c.text for c in self.children)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, (tag, [e.name for e in self.open])
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(html: str) -> Element:
    """The tree of a page; every element is closed where it must be."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert len(parser.open) == 1, [e.name for e in parser.open]
    return parser.open[0]


def rows(table: Element) -> list[dict[str, Element]]:
    """Rows of a table by the words of their headings, units left out."""
    heads = [
        "".join(c if isinstance(c, str) else "" for c in cell.children)
        + "".join(f", {small.text}" for small in cell.all("small"))
        for cell in table.one("thead").all("th")
    ]
    found = []
    for row in table.one("tbody").all("tr"):
        cells = [c for c in row.children if isinstance(c, Element)]
        found.append(dict(zip(heads, cells, strict=True)))
    return found


def value(cell: Element) -> float:
    """The number of a cell."""
    return float(cell.attributes["data-v"] or "nan")
