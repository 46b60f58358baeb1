"""What a plan says, in numbers: beside another plan, and by itself.

Changes of prices and quantities, what is scarce, who gains and who loses, emissions by source, and
the main supply chains. Everything is read off prices and proposals; nothing is drawn or worded
here, and nothing is solved but the supply chains, which are linear.
"""

from __future__ import annotations

from parecon.outcome.changes import GoodChanges, good_changes, price_level
from parecon.outcome.emissions import Emissions, Emitter, emissions
from parecon.outcome.flows import Flows, Link, Node, flows
from parecon.outcome.gains import Gains, Group, gains
from parecon.outcome.scarcity import Scarce, Scarcity, Spare, scarcity
from parecon.outcome.side import Side, Source, has_figures, side_of

__all__ = [
    "Emissions",
    "Emitter",
    "Flows",
    "Gains",
    "GoodChanges",
    "Group",
    "Link",
    "Node",
    "Scarce",
    "Scarcity",
    "Side",
    "Source",
    "Spare",
    "emissions",
    "flows",
    "gains",
    "good_changes",
    "has_figures",
    "price_level",
    "scarcity",
    "side_of",
]
