"""The section on supply chains: a flow diagram, and its figures."""

from __future__ import annotations

from parecon._html import Child, tag
from parecon.outcome import Flows
from parecon.outcome.flows import COLUMNS
from parecon.outcome.money import LEFT, LOSSES
from parecon.plots import _draw as draw
from parecon.reporting import tables, words
from parecon.reporting.pictures import figure
from parecon.reporting.reading import Reading

__all__ = ["chains"]


def chains(reading: Reading) -> Child:
    """The flow diagram and a table of its bands."""
    if reading.figures is None:
        return None
    found, money = reading.figures.flows, reading.money
    if found is None:
        return tag("p", "Nothing of value reaches consumers in a way that could be followed.")
    total = words.money(found.total, money)
    caption = (
        f"All {total} a year that consumers get{_beside(found)}, followed back: to what is "
        "delivered, to where along the whole chain behind it resources are used, and to the "
        "resources. Every column adds up to the same."
    )
    if found.by_kind:
        caption += " Goods are taken together by their kind."
    drawn = draw.flows(found)
    return [
        figure(drawn, "f-chains", "Main supply chains", caption, _tips(found, money)),
        tag("details", tag("summary", "The figures"), _bands(found, money)),
    ]


def _beside(found: Flows) -> str:
    """What else is in the diagram, of a plan that was stopped early."""
    names = {node.name for node in found.column(len(COLUMNS) - 1)}
    said = {LEFT: ", that is left over", LOSSES: ", that councils pay beyond what they get"}
    return "".join(text for name, text in said.items() if name in names)


def _tips(found: Flows, money: str) -> dict[str, str]:
    """Texts for the pointer."""
    tips = {}
    for k, node in enumerate(found.nodes):
        tips[f"node-{k}"] = f"{node.name}: {words.money(node.value, money)}"
    for k, link in enumerate(found.links):
        ends = f"{found.nodes[link.source].name} → {found.nodes[link.target].name}"
        tips[f"link-{k}"] = f"{ends}: {words.money(link.value, money)}"
    return tips


def _bands(found: Flows, money: str) -> Child:
    source = [found.nodes[link.source] for link in found.links]
    target = [found.nodes[link.target] for link in found.links]
    columns: list[tables.Column] = [
        ("from", tables.names(node.name for node in source)),
        ("column", [COLUMNS[node.column] for node in source]),
        ("to", tables.names(node.name for node in target)),
        ("its column", [COLUMNS[node.column] for node in target]),
        (f"value, {money}", tables.numbers(link.value for link in found.links)),
        (
            "share of all",
            [
                tables.Number(link.value / found.total, words.share(link.value / found.total))
                for link in found.links
            ],
        ),
    ]
    return tables.table("bands", "Flows of value", columns)
