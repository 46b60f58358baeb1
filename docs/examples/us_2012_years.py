"""Makes the tables of `us-2012-years.md`: prints them; with `--write` puts them into the page.

Every figure of the page stands between two markers and comes from here; the tests compare.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import parecon as pe
from parecon.dated import Capital, DatedEconomy, DatedPlan, Exhaustible
from parecon.economies import us_2012

PAGE = Path(__file__).with_name("us-2012-years.md")
FIRST, YEARS = 2012, 15
GROWTH = 0.02  # of labour, of everything else that is not made, and of budgets
WEAR = 0.05  # of capital per year
INTEREST = 0.05  # own rate of interest on the growth path
TOLERANCE = 1e-8
CUT = 0.3
CUTS = (0.1, 0.2, 0.3, 0.4)
BURNT = 0.05


def rise(years: int = YEARS) -> np.ndarray:
    """What grows, in each year, against the first."""
    return (1.0 + GROWTH) ** np.arange(years)


def one_year() -> pe.Economy:
    """The year 2012 without the council that forms fixed capital: investment will do that."""
    year = us_2012.economy(emission_cut=None)
    forming = year.family("capital_formation")
    stocks = pe.LeontiefConsumers(
        forming.budget[1:], forming.bundle[[1]], names=["inventories"], label="inventories"
    )
    kept = [family for family in year.families if family is not forming]
    return pe.Economy(year.goods, year.endowment, [*kept, stocks])


def capital() -> tuple[Capital, float]:
    """Produced capital, and what of the services of capital is not produced (land, and taxes).

    On the growth path investment, of 2012, makes the stock grow and replaces what wears out, and a
    unit of services is paid interest and wear on what it takes to build.
    """
    year = us_2012.economy(emission_cut=None)
    forming, goods = year.family("capital_formation"), year.goods
    per_service = 1.0 / (INTEREST + WEAR)
    services = float(forming.budget[0]) / (GROWTH + WEAR) / per_service
    start, end = forming.bundle.indptr[:2]
    goods_of = forming.bundle.indices[start:end]
    bundle = dict(zip(goods_of.tolist(), forming.bundle.data[start:end].tolist(), strict=True))
    produced = Capital(
        name="capital",
        build={goods.name(good): per_service * amount for good, amount in bundle.items()},
        initial=services,
        depreciation=WEAR,
        value=per_service * (1.0 + INTEREST),  # in service the year after it was built
    )
    return produced, float(year.endowment[goods.index("capital")]) - services


def economy(cut: float | None, *, years: int = YEARS, every_year: bool = False) -> DatedEconomy:
    """The United States from 2012 on; cut: of emissions on the growth path, None: no budget.

    every_year: the same cut in each year, instead of one budget for all years.
    """
    base, (produced, other) = one_year(), capital()
    growth = rise(years)
    emitted = float(us_2012.table().emissions.sum()) * growth
    allowed = (1.0 - cut if cut is not None else us_2012.NO_BUDGET) * emitted
    given = dict(zip(base.goods.names, base.endowment, strict=True)) | {"capital": other}
    return pe.dated(
        base,
        range(FIRST, FIRST + years),
        capital=produced,
        exhaustible=() if every_year else Exhaustible(good="ghg_permit", quantity=allowed.sum()),
        discount=1.0 / (1.0 + INTEREST),
        endowment={name: amount * growth for name, amount in given.items() if amount > 0.0}
        | ({"ghg_permit": allowed} if every_year else {}),
        budget={
            family.title: np.outer(growth, family.budget)
            for family in base.families
            if family.role == "consumers"
        },
        posterity=produced.initial * produced.value * (1.0 + GROWTH) ** years,
    )


def plan_for(cut: float | None, **options: bool | int) -> DatedPlan:
    """A solved plan; anything else is an error."""
    found = economy(cut, **options).solve(tol=TOLERANCE)
    found.raise_if_not_solved()
    return found


def emissions(plan: DatedPlan) -> np.ndarray:
    """Of each year, against the growth path's."""
    growth = rise(len(plan.years)) * us_2012.table().emissions.sum()
    if plan.dated.totals:
        return plan.exhausted[:, 0] / growth
    return plan.series("ghg_permit", "demand")[: len(plan.years)] / growth


def installed(plan: DatedPlan) -> np.ndarray:
    """Produced capital in each year and after the last, against the growth path's."""
    return plan.installed[:, 0] / plan.installed[0, 0] / rise(len(plan.years) + 1)


def table(header: str, rows: Iterator[tuple[str, ...]]) -> str:
    """Markdown."""
    titles = [title.strip() for title in header.split("|")]
    rule = ["---", *["---:"] * (len(titles) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rule, *rows))


def percent(value: float) -> str:
    """Of a relative change; one digit behind the point is what the data bear."""
    return f"{100 * value:+.1f} %"


class Runs:
    """The plans of the page, each made once."""

    def __init__(self) -> None:
        self.growth_path = plan_for(None)
        self.budget = {cut: plan_for(cut) for cut in CUTS}
        self.yearly = plan_for(CUT, every_year=True)

    def welfare(self, plan: DatedPlan) -> float:
        """Change of all budgets that would change welfare as much."""
        total = plan.plan.economy.total_budget
        return float(np.expm1((plan.plan.welfare - self.growth_path.plan.welfare) / total))


def growth_path(runs: Runs) -> str:
    """How far the plan without a budget is from the growth path it was calibrated to."""
    plan = runs.growth_path
    calendar, growth = plan.dated.calendar, rise()
    priced = [i for i, good in enumerate(calendar.goods) if good not in ("ghg_permit", "bequest")]
    price = plan.current_price[:YEARS, priced]
    output = np.hstack([plan.output("industries"), plan.output("energy_industries")])
    off_output = np.abs(output / output[0] / growth[:, None] - 1.0).max()
    off_first = np.abs(output[0].sum() / us_2012.table().output.sum() - 1.0)
    lines = [
        ("prices in the money of each year, from 1", np.abs(price - 1.0).max()),
        ("outputs of all sectors, from 2 % growth a year", off_output),
        ("all outputs of 2012, from the published ones", off_first),
        ("capital, from 2 % growth a year", np.abs(installed(plan) - 1.0).max()),
    ]
    found = (
        (what, f"below {10.0 ** np.ceil(np.log10(max(off, 1e-9))):.0e}") for what, off in lines
    )
    return table("what | farthest off", found)


def budgets(runs: Runs) -> str:
    """What budgets for all years cost."""

    def rows() -> Iterator[tuple[str, ...]]:
        for cut, plan in runs.budget.items():
            price = plan.series("ghg_permit")
            emitted = emissions(plan)
            yield (
                f"{cut:.0%}",
                f"{price[0]:,.0f}",
                f"{price[YEARS - 1]:,.0f}",
                percent(emitted[0] - 1.0),
                percent(emitted[-1] - 1.0),
                percent(installed(plan).min() - 1.0),
                f"{100 * runs.welfare(plan):+.2f} %",
            )

    header = (
        f"cut | permit, USD per tonne, {FIRST} | in {FIRST + YEARS - 1} | emissions, {FIRST} "
        f"| in {FIRST + YEARS - 1} | capital, least | welfare"
    )
    return table(header, rows())


def path(runs: Runs) -> str:
    """Year by year, one budget beside the same cut in every year."""
    plan, yearly = runs.budget[CUT], runs.yearly
    data, calendar = us_2012.table(), plan.dated.calendar
    goods = [calendar.goods.index(name) for name in ("labour", "utilities")]
    power = data.output[data.sectors.index("utilities")] * rise()
    councils = one_year().family("energy_industries").names
    made = plan.output("energy_industries")[:, councils.index("utilities")] / power

    def rows() -> Iterator[tuple[str, ...]]:
        for t in range(0, YEARS, 2):
            yield (
                plan.years[t],
                f"{plan.series('ghg_permit', 'present_price')[t]:,.1f}",
                f"{plan.series('ghg_permit')[t]:,.0f}",
                percent(emissions(plan)[t] - 1.0),
                percent(installed(plan)[t] - 1.0),
                percent(made[t] - 1.0),
                percent(plan.current_price[t, goods[1]] / plan.current_price[t, goods[0]] - 1.0),
                f"{yearly.series('ghg_permit')[t]:,.0f}",
                percent(installed(yearly)[t] - 1.0),
            )

    header = (
        "year | permit, present value | money of the year | emissions | capital "
        "| electricity and gas | their price against wages | permit, same cut every year | capital"
    )
    return table(header, rows())


def when(runs: Runs) -> str:
    """What it is worth to choose the years of a cut."""
    lines = [
        ("one budget for all years", runs.welfare(runs.budget[CUT])),
        ("the same cut in every year", runs.welfare(runs.yearly)),
    ]
    return table("a cut of 30 % | welfare", ((what, f"{100 * x:+.3f} %") for what, x in lines))


def rolling(runs: Runs) -> str:
    """A year later: as planned, and after a fire."""
    plan = runs.budget[CUT]
    there = plan.installed[1, 0]
    years = {
        "as planned": plan.next_year(horizon="fixed"),
        f"{BURNT:.0%} of capital lost": plan.next_year(
            horizon="fixed", actual={"capital": (1.0 - BURNT) * there}
        ),
        f"{FIRST + YEARS} added, no permits for it": plan.next_year(),
    }

    def rows() -> Iterator[tuple[str, ...]]:
        for what, later in years.items():
            warm, cold = later.solve(tol=TOLERANCE), later.solve(tol=TOLERANCE, cold=True)
            gap = abs(warm.plan.welfare - cold.plan.welfare) / later.economy.total_budget
            if max(warm.plan.gap, cold.plan.gap, gap) > TOLERANCE:
                raise RuntimeError(f"{what}: {warm.plan} {cold.plan}")
            yield (
                what,
                f"{warm.series('ghg_permit')[0]:,.1f}",
                f"{warm.series('capital')[0]:.3f}",
                f"{warm.investment[0, 0] / plan.investment[1, 0]:.3f}",
                f"{warm.plan.n_iterations}",
                f"{cold.plan.n_iterations}",
            )

    header = (
        f"{FIRST + 1} | permit, USD per tonne | price of capital services "
        "| investment, of what was planned | iterations | without the last plan"
    )
    return table(header, rows())


TABLES: dict[str, Callable[[Runs], str]] = {
    "growth path": growth_path,
    "budgets": budgets,
    "path": path,
    "when": when,
    "rolling": rolling,
}


def block(name: str) -> re.Pattern[str]:
    """The part of the page that belongs to a table, markers included."""
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)


def main() -> None:
    """Print the tables or write them into the page."""
    runs = Runs()
    page = PAGE.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        text = make(runs)
        print(f"{name}\n{text}\n")
        page = block(name).sub(lambda _, n=name, t=text: f"<!-- {n} -->\n{t}\n<!-- end -->", page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
