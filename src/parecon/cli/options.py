"""Options that several commands share, and the economy that an argument names."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from parecon.economy import Economy


class _Share(click.ParamType):
    """A share, as a number or in per cent: 0.05 or 5%."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        text = str(value).strip()
        number = text.removesuffix("%")
        try:
            # in decimals: .7% is the number that .007 is
            return float(Decimal(number) / 100 if number != text else Decimal(text))
        except InvalidOperation:
            self.fail(f"expected a number or a percentage such as 5%, got {value!r}", param, ctx)


SHARE = _Share()
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
