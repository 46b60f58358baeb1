"""Options that several commands share, and the economy that an argument names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from parecon.economy import Economy

as_json: Any = click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON document to stdout instead."
)
quiet: Any = click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
economy_argument: Any = click.argument("economy", metavar="ECONOMY")


def load_economy(name: str) -> Economy:
    """Return the economy in a directory, or the bundled one of that name."""
    from parecon.storage import load

    return load(name)


def is_bundled(name: str) -> bool:
    """Whether `load_economy` takes the name for that of a bundled economy."""
    from parecon import economies
    from parecon.storage.directory import is_parecon

    return name in economies.names() and not is_parecon(name)
