"""Makes the tables of `us-2012.md`: prints them; with `--write` puts them into the page.

Every figure of the page stands between two markers and comes from here; the tests compare.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import parecon as pe
from parecon.economies import us_2012

PAGE = Path(__file__).with_name("us-2012.md")
TOLERANCE = 1e-8
CUTS = (0.1, 0.2, 0.3, 0.4, 0.5)
VARIANTS: tuple[tuple[str, dict[str, float]], ...] = (
    ("as stated", {}),
    ("labour and capital: 1 (EPPA4)", {"labour_capital": 1.0}),
    ("value added and energy: 0.25", {"value_added_energy": 0.25}),
    ("value added and energy: 0.75", {"value_added_energy": 0.75}),
    ("materials and value added: 0.5", {"materials_and_value_added": 0.5}),
    ("exports: 3", {"exports": 3.0}),
    ("exports: 8", {"exports": 8.0}),
    ("home and imported: 1.5 in all sectors", {"home_import": 1.5}),
    (
        "households: twice as willing to substitute",
        {"household_energy_other": 0.5, "household_energy": 0.8, "household_other": 1.0},
    ),
)


def plan_for(cut: float, elasticities: dict[str, float] | None = None) -> pe.Plan:
    """A solved plan; anything else is an error."""
    economy = us_2012.economy(emission_cut=cut, elasticities=elasticities)
    plan = pe.solve(economy, tol=TOLERANCE)
    plan.raise_if_not_solved()
    return plan


def table(header: str, rows: Iterator[tuple[str, ...]]) -> str:
    """Markdown."""
    titles = [title.strip() for title in header.split("|")]
    rule = ["---", *["---:"] * (len(titles) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rule, *rows))


def percent(value: float) -> str:
    """Of a relative change; one digit behind the point is what the data bear."""
    return f"{100 * value:+.1f} %"


def headline(plan: pe.Plan) -> str:
    """What came out, in one table."""
    result, goods = us_2012.summary(plan), plan.economy.goods
    price = {
        good: plan.price[goods.index(good)] for good in ("labour", "capital", "foreign_exchange")
    }
    revenue = result.permit_price * result.permits
    loss = sum(entry.equivalent_variation for entry in result.welfare)
    intensity = us_2012.table().emissions / us_2012.table().output
    at = {sector: i for i, sector in enumerate(us_2012.table().sectors)}
    abroad = sum(
        (entry.planned - entry.benchmark) * intensity[at[entry.council]] for entry in result.imports
    )
    lines = [
        ("emissions, 2012", f"{result.emissions_benchmark:,.0f} Mt"),
        ("emissions, planned (= the budget)", f"{result.emissions:,.0f} Mt"),
        ("permit price", f"{result.permit_price:,.0f} USD per tonne"),
        ("value of all permits", f"{revenue / 1e3:,.0f} billion USD"),
        ("... of all budgets", f"{100 * revenue / plan.economy.total_budget:.1f} %"),
        ("welfare, all consumers together", f"{100 * result.welfare_together:+.2f} %"),
        ("... sum of equivalent variations", f"{loss / 1e3:+,.0f} billion USD"),
        ("price of labour", percent(price["labour"] - 1)),
        ("price of capital services", percent(price["capital"] - 1)),
        ("price of foreign exchange", percent(price["foreign_exchange"] - 1)),
        ("emissions of additional imports, if made as in the US of 2012", f"{abroad:,.0f} Mt"),
        ("exports, in foreign exchange earned", percent(result.exports.relative)),
    ]
    return table("what | figure", iter(lines))


def sectors(plan: pe.Plan) -> str:
    """Who makes more and who less."""
    result, goods, data = us_2012.summary(plan), plan.economy.goods, us_2012.table()
    imports = {entry.council: entry.relative for entry in result.imports}
    at = {sector: i for i, sector in enumerate(data.sectors)}
    wage = plan.price[goods.index("labour")]

    def rows() -> Iterator[tuple[str, ...]]:
        for entry in result.output:
            i = at[entry.council]
            cut = -entry.relative * data.emissions[i]
            yield (
                entry.council,
                f"{1e3 * data.emissions[i] / data.output[i]:,.2f}",
                percent(plan.price[i] / wage - 1),
                percent(entry.relative),
                percent(imports[entry.council]) if entry.council in imports else "none",
                f"{data.exports[i] / data.output[i]:.0%}",
                f"{round(cut):,}",
            )

    titles = (
        "sector | own emissions, kg per USD | price against wages | output | imports "
        "| exported in 2012 | Mt avoided"
    )
    return table(titles, rows())


def welfare(plan: pe.Plan) -> str:
    """What it costs whom."""
    result = us_2012.summary(plan)
    rows = (
        (
            entry.council,
            f"{entry.budget / 1e3:,.0f}",
            f"{100 * entry.relative:+.2f} %",
            f"{entry.equivalent_variation / 1e3:+,.0f}",
        )
        for entry in result.welfare
    )
    return table("council | budget, billion USD | change | equivalent variation, billion USD", rows)


def consumption(plan: pe.Plan) -> str:
    """What households buy, for the goods that the text speaks of."""
    data, goods = us_2012.table(), plan.economy.goods
    bought = plan.economy.family("households").pattern()[1]
    quantity = dict(zip(bought.tolist(), plan.proposal("households").quantity, strict=True))
    spoken_of = (
        "utilities",
        "agriculture",
        "transport",
        "food",
        "petroleum",
        "oil_gas",
        "real_estate",
    )

    def rows() -> Iterator[tuple[str, ...]]:
        for sector in spoken_of:
            good = goods.index(f"{sector}_supply")
            before = data.final_use[data.sectors.index(sector), 0]
            price = percent(plan.price[good] - 1)
            yield sector, f"{before / 1e3:,.0f}", price, percent(quantity[good] / before - 1)

    return table("good | bought in 2012, billion USD | price | quantity", rows())


def budgets(_plan: pe.Plan) -> str:
    """Other budgets."""

    def rows() -> Iterator[tuple[str, ...]]:
        for cut in CUTS:
            yield f"{cut:.0%}", *_outcome(plan_for(cut))

    return table("cut | permit price, USD per tonne | welfare | utilities", rows())


def sensitivity(_plan: pe.Plan) -> str:
    """Other elasticities."""

    def rows() -> Iterator[tuple[str, ...]]:
        for name, changed in VARIANTS:
            yield name, *_outcome(plan_for(us_2012.EMISSION_CUT, changed))

    return table("elasticity | permit price, USD per tonne | welfare | utilities", rows())


def _outcome(plan: pe.Plan) -> tuple[str, str, str]:
    result = us_2012.summary(plan)
    change = {entry.council: entry.relative for entry in result.output}
    together = f"{100 * result.welfare_together:+.2f} %"
    return f"{result.permit_price:,.0f}", together, percent(change["utilities"])


TABLES: dict[str, Callable[[pe.Plan], str]] = {
    "headline": headline,
    "sectors": sectors,
    "welfare": welfare,
    "consumption": consumption,
    "budgets": budgets,
    "sensitivity": sensitivity,
}


def block(name: str) -> re.Pattern[str]:
    """The part of the page that belongs to a table, markers included."""
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)


def main() -> None:
    """Print the tables or write them into the page."""
    plan = plan_for(us_2012.EMISSION_CUT)
    page = PAGE.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        text = make(plan)
        print(f"{name}\n{text}\n")
        page = block(name).sub(lambda _, n=name, t=text: f"<!-- {n} -->\n{t}\n<!-- end -->", page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
