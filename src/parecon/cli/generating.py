"""``parecon generate``: an economy to plan, drawn at random or one of those that come along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from parecon.cli import exits, options

if TYPE_CHECKING:
    from parecon.economy import Economy


@click.group(epilog=exits.HELP, no_args_is_help=False)
def generate() -> None:
    """Write an economy of some KIND into a directory.

    The same options and seed give the same economy on every machine.
    """


def _common(command: Callable[..., int]) -> Callable[..., int]:
    """Add what every kind takes."""
    for option in (
        click.option("-q", "--quiet", is_flag=True, help="Say nothing."),
        options.as_json,
        click.option("--csv", is_flag=True, help="Tables as CSV, to be edited by hand."),
        click.option("-o", "--output", metavar="DIR", required=True, help="Write it there."),
    ):
        command = option(command)
    return command


_seed: Any = click.option("--seed", type=int, default=0, show_default=True, help="Of the dice.")


def _count(name: str, default: int | None, text: str) -> Any:
    return click.option(
        name, type=int, default=default, show_default=default is not None, help=text
    )


def _number(name: str, default: float, text: str) -> Any:
    return click.option(name, type=float, default=default, show_default=True, help=text)


def _pair(name: str, kind: type, default: tuple[Any, Any], text: str) -> Any:
    return click.option(
        name, type=(kind, kind), default=default, show_default=True, metavar="LOW HIGH", help=text
    )


@generate.command()
@_count("--workers", 3_000, "Worker councils.")
@_count("--consumers", 3_000, "Consumer councils.")
@_count("--categories", 10, "Goods of each of the five kinds.")
@_pair("--exponent-sum", float, (0.75, 0.85), "Range of the sum of input exponents.")
@_number("--endowment-scale", 1000.0, "Units of each natural good and kind of labour.")
@_number("--income", 5000.0, "Budget of each consumer council.")
@_count("--goods-per-consumer", None, "Goods that a consumer council wants.  [default: all]")
@_number("--increasing-returns", 0.0, "Part of worker councils with them: to simulate, not plan.")
@_seed
@_common
def book(workers: int, consumers: int, categories: int, seed: int, **rest: Any) -> int:
    """The book economy (Hahnel 2021, chapter 9)."""
    from parecon import synthetic

    output = _taken(rest, *_COMMON)
    return _write(output, lambda: synthetic.book(workers, consumers, categories, seed=seed, **rest))


@generate.command()
@_count("--consumers", 1_000, "Households.")
@_count("--workers", 1_000, "Worker councils.")
@_count("--goods", 200, "Goods.")
@_count("--goods-per-council", None, "Goods that a council uses.  [default: 20, or all]")
@_pair("--returns", float, (0.6, 0.95), "Range of returns to scale.")
@_count("--linear-activities", 0, "Constant-returns activities that make the same goods.")
@_number("--endowed", 0.1, "Part of the goods that are endowed.")
@_count("--sectors", None, "Sectors.  [default: about the root of the number of goods]")
@_number("--skew", 0.5, "How uneven the popularity of goods within a sector is.")
@_seed
@_common
def ces(consumers: int, workers: int, goods: int, seed: int, **rest: Any) -> int:
    """CES households and councils in clustered sectors."""
    from parecon import synthetic

    output = _taken(rest, *_COMMON)
    return _write(output, lambda: synthetic.ces(consumers, workers, goods, seed=seed, **rest))


@generate.command()
@_count("--consumers", 1_000, "Consumer councils.")
@_count("--goods", 100, "Goods.")
@_number("--density", 0.2, "Part of the goods that a council values.")
@click.option(
    "--budgets", type=click.Choice(["equal", "lognormal"]), default="equal", show_default=True
)
@_seed
@_common
def fisher(consumers: int, goods: int, seed: int, **rest: Any) -> int:
    """A linear Fisher market."""
    from parecon import synthetic

    output = _taken(rest, *_COMMON)
    return _write(output, lambda: synthetic.fisher(consumers, goods, seed=seed, **rest))


@generate.command()
@_count("--goods", 100, "Goods.")
@_count("--activities", 1_000, "Linear activities.")
@_count("--consumers", 10, "Consumer councils.")
@_number("--resources", 0.1, "Part of the goods that are resources.")
@_pair("--entries", int, (10, 20), "Range of the number of entries of an activity.")
@_number("--capacities", 0.3, "Part of the activities that have a capacity.")
@_seed
@_common
def activities(goods: int, activities: int, consumers: int, seed: int, **rest: Any) -> int:
    """Linear techniques with capacities and scarce resources."""
    from parecon import synthetic

    output = _taken(rest, *_COMMON)
    return _write(
        output,
        lambda: synthetic.activities(goods, activities, n_consumers=consumers, seed=seed, **rest),
    )


@generate.command("five-year")
@_count("--industries", 40, "Industries, each making one product.")
@_count("--years", 5, "Years.")
@click.option(
    "--objective", type=click.Choice(["harmony", "ray"]), default="harmony", show_default=True
)
@_pair("--inputs", int, (4, 12), "Range of the number of products that an industry uses up.")
@_pair("--kinds", int, (3, 12), "Range of the number of kinds of its capital.")
@_pair("--reached", float, (0.6, 1.3), "Range of a balanced plan's deliveries over targets.")
@_seed
@_common
def five_year(industries: int, years: int, seed: int, **rest: Any) -> int:
    """Industries over several years with capital of their own, and targets."""
    from parecon import synthetic

    output = _taken(rest, *_COMMON)
    return _write(output, lambda: synthetic.five_year(industries, years, seed=seed, **rest))


@generate.command()
@click.argument("name")
@_common
def bundled(name: str, **rest: Any) -> int:
    """The economy NAME that comes with parecon, to be changed by hand."""
    from parecon import economies

    return _write(_taken(rest, *_COMMON), lambda: economies.load(name))


_COMMON = ("output", "csv", "quiet", "as_json")


def _taken(rest: dict[str, Any], *names: str) -> dict[str, Any]:
    """Take the common options out; what is left is for the generator."""
    return {name: rest.pop(name) for name in names}


def _write(common: dict[str, Any], make: Callable[[], Economy]) -> int:
    from parecon.storage import save
    from parecon.storage.directory import ECONOMY, check_replaceable

    check_replaceable(common["output"], ECONOMY)
    economy = make()
    save(common["output"], economy, file_format="csv" if common["csv"] else "parquet")
    if common["as_json"]:
        from parecon.cli import documents

        document = {"kind": click.get_current_context().info_name, "saved": common["output"]}
        size = documents.size_of(economy, common["output"])
        documents.write("generate", {"economy": size, **document})
    elif not common["quiet"]:
        click.echo(repr(economy))
        click.echo(f"written to {common['output']}")
    return exits.SOLVED
