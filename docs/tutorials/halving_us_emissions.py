"""Makes the tables and pictures of `halving-us-emissions.md`; `--write` puts them in place.

Everything on the page between two markers comes from here; the tests run it with one cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from _shared import data_folder, finish, percent, price_of, printed, source, table

import parecon as pe
from parecon import accounts
from parecon.accounts import readers, repair
from parecon.economies.report import Benchmark, output_changes, welfare_changes
from parecon.plots import _style
from parecon.scenarios import Cap, Sweep, grid, sweep

PAGE = Path(__file__).with_name("halving-us-emissions.md")
CUTS = range(0, 71, 10)  # per cent
HALF = 50
SHOWN = 10
TONNES = {2012: 1e-9, 2017: 1.0}  # Mt per unit of permits
PRICE = {2012: 1e3, 2017: 1.0}  # USD per tonne per unit of their price
BILLION = {2012: 1e-9, 2017: 1e-3}  # USD per unit of money
LABOUR = {2012: "compensation", 2017: "V00100"}
CAPITAL = {2012: "operating surplus", 2017: "V00300"}

ENERGY = accounts.Energy(
    power=["221100"],
    fuels=["212100", "211000", "221200", "324110"],  # coal, oil and gas, gas by pipe, refined
    transforming=["212100", "211000", "221100", "221200", "324110", "324121", "324122", "324190"],
)


def table_2012(data: Path) -> accounts.InputOutput:
    """411 commodities by commodities, with greenhouse gases."""
    published = readers.useeio_v2(data / "useeio_v2")
    return repair.for_plan(repair.visitors_as_exports(published, "S00900"))


def planned(ready: accounts.Accounts, cuts: Iterable[int]) -> tuple[Benchmark, Sweep]:
    """The economy of the year, and a plan for each cut of its emissions."""
    year = accounts.benchmark(ready, energy=ENERGY, caps={"GHG": 1.0})
    scenarios = grid(lambda cut: [Cap(permits="GHG_permit", percent=-cut)], cut=cuts)
    return year, sweep(year.economy, scenarios, tol=1e-8)


LIKE = {  # industries of 2017 that the table of 2012 calls otherwise or splits
    "331314": ["331313"],
    "333914": ["33391A"],
    "335220": ["335221", "335222", "335224", "335228"],
    "562000": ["562111", "562HAZ", "562212", "562213", "562910", "562920", "562OTH"],
    "S00101": ["221100"],
    "S00202": ["221100"],
    "S00201": ["485000"],
}


def table_2017(data: Path) -> accounts.SupplyUse:
    """402 commodities by 402 industries, with the emission rates of 2012, Mt per million USD."""
    rates = readers.useeio_v2(data / "useeio_v2")
    make_and_use = repair.visitors_as_exports(readers.us_bea(data / "us_bea"), "S00900")
    emitted = rates.F[rates.extensions.index("GHG")] / 1e9  # Mt
    rate = []
    for industry in make_and_use.industries:
        at = rates.sectors.positions(LIKE.get(industry, [industry]))
        rate.append(1e6 * emitted[at].sum() / rates.x[at].sum())
    gases = accounts.Labels(["GHG"], kind="emission", unit="Mt CO2e")
    return repair.for_plan(
        make_and_use.replace(F=[rate * make_and_use.x], F_Y=None, extensions=gases)
    )


@dataclass
class Results:
    """What the page is made of; cuts as on the page unless told otherwise."""

    data: Path
    cuts: tuple[int, ...] = tuple(CUTS)

    @cached_property
    def tables(self) -> dict[int, accounts.Accounts]:
        """Balanced accounts by year."""
        return {2012: table_2012(self.data), 2017: table_2017(self.data)}

    @cached_property
    def runs(self) -> dict[int, tuple[Benchmark, Sweep]]:
        """Economies and plans by year."""
        found = {year: planned(ready, self.cuts) for year, ready in self.tables.items()}
        for _, plans in found.values():
            for outcome in plans:
                outcome.plan.raise_if_not_solved()
        return found

    def plan(self, cut: int, year: int = 2012) -> pe.Plan:
        """The plan of a cut."""
        plan: pe.Plan = self.runs[year][1][self.cuts.index(cut)].plan
        return plan

    def permit_price(self, cut: int, year: int = 2012) -> float:
        """USD per tonne."""
        return PRICE[year] * price_of(self.plan(cut, year), "GHG_permit")

    # -- tables -----------------------------------------------------------------------------------

    def repairs(self) -> str:
        """What was done to the table of 2012."""
        return printed("\n".join(map(str, self.tables[2012].log)))

    def curve(self) -> str:
        """What a tonne is worth, and what it costs."""
        year = self.runs[2012][0]
        rows = []
        for cut in self.cuts:
            plan = self.plan(cut)
            worth = price_of(plan, "GHG_permit") * float(plan.supply @ of(plan, "GHG_permit"))
            changes, together = welfare_changes(plan, year)
            lost = sum(entry.equivalent_variation for entry in changes)
            rows.append(
                (
                    f"{cut} %",
                    f"{self.permit_price(cut):,.0f}",
                    f"{BILLION[2012] * worth:,.0f}",
                    f"{worth / plan.economy.total_budget:.1%}",
                    percent(changes[0].relative, 2),
                    percent(together, 2),
                    f"{round(BILLION[2012] * lost) + 0:+,d}",
                )
            )
        titles = (
            "cut",
            "permit, USD per tonne",
            "all permits, billion USD",
            "of all budgets",
            "households",
            "all consumers",
            "equivalent variation, billion USD",
        )
        return table(titles, rows)

    def sectors(self) -> str:
        """Where emissions fall when they are halved."""
        plan, year = self.plan(HALF), self.runs[2012][0]
        wage = price_of(plan, LABOUR[2012])
        avoided = sorted(self.emissions(HALF), key=lambda row: row[2] - row[1])[:SHOWN]
        change = {entry.council: entry.relative for entry in made(plan, year)}
        rows = [
            (
                self.name(code),
                f"{before:,.0f}",
                f"{after:,.0f}",
                percent(change[code]),
                percent(price_of(plan, code) / wage - 1.0),
            )
            for code, before, after in avoided
        ]
        rest = np.array([row[1:] for row in self.emissions(HALF)]).sum(axis=0)
        shown = np.array([row[1:] for row in avoided]).sum(axis=0)
        for name, (before, after) in (
            (f"the other {len(self.emissions(HALF)) - SHOWN}", rest - shown),
            ("together", rest),
        ):
            rows.append((name, f"{before:,.0f}", f"{after:,.0f}", "", ""))
        titles = ("sector", "Mt in 2012", "Mt, halved", "output", "price against wages")
        return table(titles, rows)

    def gainers(self) -> str:
        """Who makes more, by what it is worth at the prices of 2012."""
        plan, year = self.plan(HALF), self.runs[2012][0]
        most = sorted(made(plan, year), key=lambda entry: entry.benchmark - entry.planned)[:8]
        rows = [
            (
                self.name(entry.council),
                f"{BILLION[2012] * entry.benchmark:,.0f}",
                f"{BILLION[2012] * (entry.planned - entry.benchmark):+,.0f}",
                percent(entry.relative),
            )
            for entry in most
        ]
        return table(("sector", "made in 2012, billion USD", "more", "change"), rows)

    def incomes(self) -> str:
        """Who is paid, and what an hour buys."""
        year, rows = self.runs[2012][0], []
        for cut in self.cuts:
            plan = self.plan(cut)
            shares = self.shares(cut)
            buys = 1.0 + welfare_changes(plan, year)[0][0].relative
            real = [price_of(plan, name[2012]) * buys - 1.0 for name in (LABOUR, CAPITAL)]
            rows.append((f"{cut} %", *(f"{share:.1%}" for share in shares), *map(percent, real)))
        titles = (
            *("cut", "labour", "capital", "permits", "foreign exchange and stocks"),
            *("an hour buys", "capital buys"),
        )
        return table(titles, rows)

    def consumers(self) -> str:
        """Who can buy less when emissions are halved."""
        plan, year = self.plan(HALF), self.runs[2012][0]
        changes = {entry.council: entry for entry in welfare_changes(plan, year)[0]}
        labels = (("households", "households"), ("government", "government"))
        rows = []
        for title, label in (*labels, ("investment and inventories", "capital_formation")):
            family = plan.economy.family(label)
            own = [changes[family.council_name(j)] for j in range(family.n_councils)]
            budget = sum(entry.budget for entry in own)
            lost = sum(entry.equivalent_variation for entry in own)
            words = f"{BILLION[2012] * budget:,.0f}", f"{BILLION[2012] * lost:+,.0f}"
            rows.append((title, *words, percent(lost / budget)))
        return table(("who", "budget, billion USD", "equivalent variation", "of it"), rows)

    def electricity(self) -> str:
        """Why it costs what it costs."""
        found = [(cut, self.plan(cut).explain("221100")) for cut in self.cuts if cut in (0, HALF)]
        kinds = dict.fromkeys(
            part.kind for _, one in found for part in one.parts if abs(part.amount) > 1e-6
        )
        titles = ("part of the price", *(f"cut {cut} %" for cut, _ in found))
        rows = [(kind, *(f"{one.of_kind(kind):.3f}" for _, one in found)) for kind in kinds]
        return table(titles, [*rows, ("together", *(f"{one.total:.3f}" for _, one in found))])

    def beside(self) -> str:
        """The two tables beside each other."""
        rows = []
        for cut in self.cuts:
            words = []
            for year, (base, _) in self.runs.items():
                together = welfare_changes(self.plan(cut, year), base)[1]
                words += [f"{self.permit_price(cut, year):,.0f}", percent(together, 2)]
            rows.append((f"{cut} %", *words))
        titles = ("cut", "411, 2012: USD per tonne", "all consumers")
        return table((*titles, "402 x 402, 2017: USD per tonne", "all consumers"), rows)

    def makers(self) -> str:
        """Whether makers of one good replace each other altogether, 402 x 402, halved."""
        ready, rows = self.tables[2017], []
        for words, elasticity in (("perfect substitutes", None), ("elasticity 5", 5.0)):
            chosen = accounts.Elasticities(makers=elasticity)
            year = accounts.benchmark(ready, elasticities=chosen, energy=ENERGY, caps={"GHG": 0.5})
            plan = pe.solve(year.economy, tol=1e-8)
            plan.raise_if_not_solved()
            changes = [entry for entry in made(plan, year) if entry.benchmark > 1.0]
            changes.sort(key=lambda entry: entry.relative)
            few = sum(entry.relative < -0.95 for entry in changes)
            title = ready.industries.text[ready.industries.index(changes[-1].council)]
            times = f"{1.0 + changes[-1].relative:.1f}"
            price = f"{PRICE[2017] * price_of(plan, 'GHG_permit'):,.0f}"
            rows.append((words, f"{few}", title, times, price))
        titles = (
            "makers of one good",
            "industries that lose more than 95 %",
            "the one that grows most",
            "times",
            "permit, USD per tonne",
        )
        return table(titles, rows)

    def sizes(self) -> str:
        """What was planned."""
        rows = []
        for year, (base, _) in self.runs.items():
            economy, goods = base.economy, base.economy.goods
            mt = TONNES[year] * float(economy.endowment[goods.index("GHG_permit")])
            words = (f"{economy.n_goods:,}", f"{economy.n_councils:,}", f"{mt:,.0f}")
            rows.append((self.tables[year].title.split(",")[0], str(year), *words))
        return table(("table", "year", "goods", "councils", "emissions, Mt CO2e"), rows, names=2)

    # -- figures behind them ----------------------------------------------------------------------

    def emissions(self, cut: int) -> list[tuple[str, float, float]]:
        """Code, Mt in 2012, Mt in the plan, by sector that makes anything."""
        ready, year = self.tables[2012], self.runs[2012][0]
        rate = ready.S[ready.extensions.index("GHG")] * TONNES[2012]
        found = []
        for entry in made(self.plan(cut), year):
            own = rate[ready.industries.index(entry.council)]
            found.append((entry.council, own * entry.benchmark, own * entry.planned))
        return found

    def shares(self, cut: int) -> tuple[float, float, float, float]:
        """Of all budgets, which pay for everything there is: labour, capital, permits, the rest."""
        plan = self.plan(cut)
        paid = plan.price * plan.economy.endowment / plan.economy.total_budget
        at = [plan.economy.goods.index(n) for n in (LABOUR[2012], CAPITAL[2012], "GHG_permit")]
        labour, capital, permits = (float(share) for share in paid[at])
        return labour, capital, permits, float(paid.sum() - paid[at].sum())

    def name(self, code: str) -> str:
        """Words for a sector."""
        labels = self.tables[2012].industries
        return labels.text[labels.index(code)]

    # -- pictures ---------------------------------------------------------------------------------

    def draw_curve(self) -> Any:
        """The permit price by cut, both tables."""
        figure = _style.new_figure(3.4)
        panel = figure.subplots()
        words = {2012: "411 commodities, 2012", 2017: "402 x 402, 2017"}
        for k, year in enumerate(self.runs):
            prices = [self.permit_price(cut, year) for cut in self.cuts]
            panel.plot(self.cuts, prices, marker="o", label=words[year], **_style.line_style(k))
        panel.set_xlabel("emissions below those of the year, per cent")
        panel.set_ylabel("USD per tonne CO2e")
        panel.legend(frameon=False)
        _style.plain(panel)
        return figure

    def draw_sectors(self) -> Any:
        """Emissions by sector, before and after."""
        rows = sorted(self.emissions(HALF), key=lambda row: row[2] - row[1])[:SHOWN][::-1]
        figure = _style.new_figure(4.2)
        panel = figure.subplots()
        at = np.arange(len(rows))
        for k, (column, words) in enumerate(((1, "2012"), (2, "halved"))):
            panel.barh(
                at + 0.2 - 0.4 * k,
                [row[column] for row in rows],
                0.4,
                color=_style.COLOURS[k],
                label=words,
            )
        panel.set_yticks(at, [_style.short(self.name(row[0]), 44) for row in rows])
        panel.set_xlabel("Mt CO2e per year")
        panel.legend(frameon=False)
        _style.plain(panel)
        return figure

    def parts(self) -> dict[str, Any]:
        """Every part of the page."""
        names = ("repairs", "sizes", "curve", "sectors", "gainers", "electricity", "incomes")
        made_here = {
            name: getattr(self, name) for name in (*names, "consumers", "beside", "makers")
        }
        code = {
            "code": lambda: source(table_2012, planned),
            "rates": lambda: source(table_2017),
        }
        return {**made_here, **code}

    def pictures(self) -> dict[str, Any]:
        """Every picture of the page."""
        return {
            "halving-us-emissions-price.svg": self.draw_curve,
            "halving-us-emissions-sectors.svg": self.draw_sectors,
        }


def of(plan: pe.Plan, good: str) -> Any:
    """(n,) 1 at the good, else 0."""
    found = np.zeros(plan.economy.n_goods)
    found[plan.economy.goods.index(good)] = 1.0
    return found


def made(plan: pe.Plan, year: Benchmark) -> Iterator[Any]:
    """Outputs of all industries."""
    yield from output_changes(plan, year, "industries", "energy_industries")


if __name__ == "__main__":
    results = Results(data_folder())
    finish(PAGE, results.parts(), results.pictures())
