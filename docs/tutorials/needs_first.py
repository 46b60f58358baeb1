"""Makes the tables and pictures of `needs-first.md`; `--write` puts them in place.

Everything on the page between two markers comes from here; the tests run it with fewer levels.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from _basket import BASKET, IN_SHOPS, Part
from _shared import data_folder, finish, percent, price_of, printed, source, table

import parecon as pe
from parecon import accounts
from parecon.accounts import readers, repair
from parecon.plots import _style
from parecon.scenarios import Budget, Needs, Scenario, relax

PAGE = Path(__file__).with_name("needs-first.md")
LEVELS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5)  # of the basket of the middle
TOO_MUCH = 5.0
HOUSEHOLDS = "households"
IMPORTED, SHOPS = "Imported goods and services", "47"
LABOUR, CAPITAL = "Compensation of employees", "Gross Operating Surplus"


def deciles(data: Path) -> tuple[accounts.InputOutput, tuple[str, ...]]:
    """The UK of 2010 with ten kinds of households."""
    published = readers.uk_ons_2010(data / "uk_ons_2010")
    table = repair.for_plan(published)
    survey = readers.uk_household_expenditure(data / "uk_household_expenditure")
    return accounts.split_households(table, survey), survey.groups


def imported(data: Path) -> dict[str, float]:
    """What households buy from abroad, million GBP by product."""
    with np.load(data / "uk_ons_2010" / "uk_ons_2010_ixp.npz") as file:
        column = file["imports_cols"].tolist().index("Households")
        rows = file["imports_rows"].tolist()
        return dict(zip(rows, file["imports"][:, column].tolist(), strict=True))


def guarantee(
    results: Results, level: float, levy: Callable[[Results, float], Any]
) -> tuple[pe.Plan | None, Scenario, Any]:
    """Plan with what every decile lacks of the basket delivered to it in kind.

    What a decile lacks depends on what it buys itself, and that on prices: a few plans, one after
    the other, until it no longer changes. Returns the plan (None where there is none), its
    scenario, and what is delivered, (parts, deciles) million GBP of home products.
    """
    bought, delivered = results.bought(results.before), np.zeros(0)
    for _ in range(20):
        last, delivered = delivered, np.maximum(level * results.promised - bought, 0.0)
        scenario = results.scenario(level, delivered, levy)
        plan = pe.solve(scenario.apply(results.economy), tol=1e-8)
        if plan.status is not pe.Status.SOLVED:
            return None, scenario, delivered
        if last.size and np.abs(delivered - last).max() < 0.1:  # million GBP
            break
        bought = results.bought(plan)
    return plan, scenario, delivered


def everyone(results: Results, cost: float) -> Any:
    """Budgets stay; all money, also that of government and for investment, buys a little less."""
    return np.zeros(len(results.groups)) * cost


def above_the_middle(results: Results, cost: float) -> Any:
    """In proportion to what a decile spends beyond the middle."""
    beyond = np.maximum(results.budgets - results.budgets[4:6].mean(), 0.0)
    return cost * beyond / beyond.sum()


def richest(results: Results, cost: float) -> Any:
    """The tenth decile pays it all."""
    paid = np.zeros(len(results.groups))
    paid[-1] = cost
    return paid


LEVIES = {
    "everyone": everyone,
    "those above the middle": above_the_middle,
    "the richest tenth": richest,
}
MAIN = "those above the middle"


@dataclass
class Results:
    """What the page is made of; levels as on the page unless told otherwise."""

    data: Path
    levels: tuple[float, ...] = LEVELS

    @cached_property
    def year(self) -> tuple[accounts.InputOutput, tuple[str, ...]]:
        """Accounts and names of deciles."""
        return deciles(self.data)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of deciles."""
        return self.year[1]

    @cached_property
    def economy(self) -> pe.Economy:
        """The calibrated economy."""
        return accounts.calibrate(self.year[0])

    @cached_property
    def before(self) -> pe.Plan:
        """The year 2010 itself."""
        plan = pe.solve(self.economy, tol=1e-8)
        plan.raise_if_not_solved()
        return plan

    @cached_property
    def budgets(self) -> Any:
        """(deciles,) million GBP."""
        family = self.economy.family(HOUSEHOLDS)
        return np.array([family.budget[family.names.index(group)] for group in self.groups])

    @cached_property
    def parts_of_basket(self) -> list[Part]:
        """The basket of the middle: the mean of deciles 5 and 6."""
        accounts_, abroad = self.year[0], imported(self.data)
        spent = accounts_.Y[:, accounts_.final_demand.positions(self.groups)]
        at_home = np.array([not good[0].isalpha() and int(good[:2]) < 35 for good in abroad])
        # Trade per unit of what shops sell: home and imported products of farms and factories.
        of_abroad = np.array(list(abroad.values()))[at_home].sum()
        goods_sold = [g for g in accounts_.goods if g[0].isdigit() and int(g[:2]) < 35]
        sold = spent[accounts_.goods.positions(goods_sold)].sum() + of_abroad
        margin = spent[accounts_.goods.index(SHOPS)].sum() / sold
        found = []
        for name, goods in BASKET.items():
            home = spent[accounts_.goods.positions(goods)]
            from_abroad = sum(abroad[good] for good in goods) / home.sum()
            with_it = {IMPORTED: from_abroad}
            if name in IN_SHOPS:
                with_it[SHOPS] = margin * (1.0 + from_abroad)
            found.append(Part(name, goods, home[:, 4:6].mean(axis=1), with_it))
        return found

    @cached_property
    def guaranteed(self) -> dict[str, tuple[pe.Plan, Scenario, Any]]:
        """The whole basket, by who pays."""
        return {name: guarantee(self, 1.0, levy) for name, levy in LEVIES.items()}

    @cached_property
    def by_level(self) -> dict[float, tuple[pe.Plan | None, Scenario, Any]]:
        """Less and more than the whole basket."""
        return {
            level: self.guaranteed[MAIN] if level == 1.0 else guarantee(self, level, LEVIES[MAIN])
            for level in self.levels
        }

    @property
    def promised(self) -> Any:
        """(parts, 1) million GBP of home products to each decile."""
        return np.array([[part.total] for part in self.parts_of_basket])

    # -- what plans hold --------------------------------------------------------------------------

    def bought(self, plan: pe.Plan) -> Any:
        """Home products bought by part of the basket and decile, million GBP of 2010."""
        quantity = quantities(plan, self.groups)[0]
        goods = plan.economy.goods
        at = [[goods.index(good) for good in part.goods] for part in self.parts_of_basket]
        return np.array([quantity[:, places].sum(axis=1) for places in at])

    def scenario(
        self, level: float, delivered: Any, levy: Callable[[Results, float], Any]
    ) -> Scenario:
        """Deliveries in kind, and budgets less what pays for them."""
        worth = np.array([part.worth for part in self.parts_of_basket])
        paid = levy(self, float(worth @ delivered.sum(axis=1)))
        changes: list[Any] = []
        for k, group in enumerate(self.groups):
            needs: dict[str, float] = {}
            for part, amount in zip(self.parts_of_basket, delivered[:, k], strict=True):
                for good, value in part.filled(float(amount)).items():
                    needs[good] = needs.get(good, 0.0) + value
            needs = {good: value for good, value in needs.items() if value > 0.0}
            if needs:
                changes.append(Needs(family=HOUSEHOLDS, councils=(group,), to=needs))
            if paid[k] > 0.0:
                changes.append(Budget(family=HOUSEHOLDS, councils=(group,), plus=-float(paid[k])))
        return Scenario(f"basket times {level:g}", changes)

    # -- tables -----------------------------------------------------------------------------------

    def split(self) -> str:
        """What the split moved."""
        return printed(self.year[0].log[-1])

    def lacks(self) -> str:
        """What deciles spend on each part, as a share of the middle's."""
        bought = self.bought(self.before)
        rows = []
        for part, row in zip(self.parts_of_basket, bought, strict=True):
            shares = (f"{value / part.total:.0%}" for value in row)
            rows.append((part.name, f"{part.worth * part.total / 1e3:,.1f}", *shares))
        titles = ("part", "middle, billion GBP", *(str(k + 1) for k in range(len(self.groups))))
        return table(titles, rows)

    def cost(self) -> str:
        """What the guarantee delivers and costs, by part."""
        plan, _, delivered = self.guaranteed[MAIN]
        prices = {"labour": price_of(plan, LABOUR), "capital": price_of(plan, CAPITAL)}
        rows, sums = [], np.zeros(3)
        for part, row in zip(self.parts_of_basket, delivered, strict=True):
            spread = part.filled(float(row.sum()))
            worth, whole = sum(spread.values()), part.worth * part.total * len(self.groups)
            inside = [
                sum(v * plan.explain(good).of_kind(side) for good, v in spread.items()) / price
                for side, price in prices.items()
            ]
            sums += (worth, *inside)
            figures = (f"{worth / 1e3:,.1f}", f"{worth / whole:.1%}", str(int((row > 0.0).sum())))
            rows.append((part.name, *figures, *(f"{v / 1e3:,.1f}" for v in inside)))
        together = (f"{sums[0] / 1e3:,.1f}", "", "", *(f"{v / 1e3:,.1f}" for v in sums[1:]))
        titles = ("part", "delivered, billion GBP", "of ten baskets", "deciles", *prices)
        return table(titles, [*rows, ("together", *together)])

    def payers(self) -> str:
        """What each decile uses, bought or delivered, against 2010."""
        rows = []
        base = sum(quantities(self.before, self.groups)).sum(axis=1)
        changes = {
            name: sum(quantities(plan, self.groups)).sum(axis=1) / base - 1.0
            for name, (plan, _, _) in self.guaranteed.items()
        }
        plans = self.guaranteed.values()
        given = quantities(self.guaranteed[MAIN][0], self.groups)[1].sum(axis=1)
        for k, group in enumerate(self.groups):
            words = (percent(change[k]) for change in changes.values())
            figures = f"{self.budgets[k] / 1e3:,.1f}", f"{given[k] / 1e3:,.1f}"
            rows.append((group.replace("_", " "), *figures, *words))
        for label, name in (("government", "government"), ("capital_formation", "investment")):
            old = real(self.before, label)
            words = (percent(real(plan, label) / old - 1.0) for plan, _, _ in plans)
            rows.append((name, f"{old / 1e3:,.1f}", "", *words))
        pay = (f"paid by {name}" for name in changes)
        titles = ("who", "budget, billion GBP", "in kind", *pay)
        return table(titles, rows)

    def binds(self) -> str:
        """What became dearer: resources and the goods of the basket."""
        plan = self.guaranteed[MAIN][0]
        level = self.price_level(plan)
        names = {
            LABOUR: "labour",
            CAPITAL: "capital, owned or rented",
            "foreign_exchange": "foreign exchange",
        }
        rows = [(words, percent(price_of(plan, g) / level - 1.0, 2)) for g, words in names.items()]
        for part in self.parts_of_basket:
            spread = part.filled(1.0)
            now = sum(value * price_of(plan, good) for good, value in spread.items())
            rows.append((part.name, percent(now / part.worth / level - 1.0, 2)))
        return table(("price against that of all that households buy", "change"), rows)

    def price_level(self, plan: pe.Plan) -> float:
        """Of what the deciles together bought in 2010."""
        used = sum(quantities(self.before, self.groups)).sum(axis=0)
        return float(plan.price @ used / (self.before.price @ used))

    def held(self) -> str:
        """Least of what any decile gets of a part, against the middle's basket."""
        plan, _, delivered = self.guaranteed[MAIN]
        least = (self.bought(plan) + delivered).min(axis=1)
        rows = [
            (part.name, f"{value / part.total:.4%}")
            for part, value in zip(self.parts_of_basket, least, strict=True)
        ]
        return table(("part", "least of any decile, of the basket"), rows)

    def further(self) -> str:
        """Less and more than the whole basket."""
        rows = []
        base = sum(quantities(self.before, self.groups)).sum(axis=1)
        for level, (plan, _, delivered) in self.by_level.items():
            worth = sum(
                part.worth * row.sum()
                for part, row in zip(self.parts_of_basket, delivered, strict=True)
            )
            if plan is None:
                rows.append((f"{level:.0%}", f"{worth / 1e3:,.1f}", "no plan", "", ""))
                continue
            change = sum(quantities(plan, self.groups)).sum(axis=1) / base - 1.0
            share = worth / self.budgets.sum()
            figures = (f"{share:.1%}", percent(change[0]), percent(change[-1]))
            rows.append((f"{level:.0%}", f"{worth / 1e3:,.1f}", *figures))
        titles = ("of the basket", "delivered, billion GBP", "of household budgets")
        return table((*titles, "poorest tenth", "richest tenth"), rows)

    def missing(self) -> str:
        """What is missing where far too much is promised."""
        lacking = np.maximum(TOO_MUCH * self.promised - self.bought(self.before), 0.0)
        scenario = self.scenario(TOO_MUCH, lacking, everyone)
        found = relax(self.economy, scenario, over=[CAPITAL])
        return printed(textwrap.fill(found.message, 96))

    # -- pictures ---------------------------------------------------------------------------------

    def draw_payers(self) -> Any:
        """Change of what each decile uses, by who pays."""
        figure = _style.new_figure(3.4)
        panel = figure.subplots()
        base = sum(quantities(self.before, self.groups)).sum(axis=1)
        at = np.arange(len(self.groups))
        for k, (name, (plan, _, _)) in enumerate(self.guaranteed.items()):
            change = sum(quantities(plan, self.groups)).sum(axis=1) / base - 1.0
            panel.bar(
                at + 0.27 * (k - 1),
                100 * change,
                0.27,
                color=_style.COLOURS[k],
                label=f"paid by {name}",
            )
        panel.axhline(0.0, color="black", linewidth=0.8)
        panel.set_xticks(at, [str(k + 1) for k in at])
        panel.set_xlabel("decile of income")
        panel.set_ylabel("use of goods against 2010, per cent")
        panel.legend(frameon=False)
        _style.plain(panel)
        return figure

    def parts(self) -> dict[str, Any]:
        """Every part of the page."""
        names = ("split", "lacks", "cost", "held", "payers", "binds", "further", "missing")
        code = {"code": lambda: source(deciles), "loop": lambda: source(guarantee)}
        return {**{name: getattr(self, name) for name in names}, **code}

    def pictures(self) -> dict[str, Any]:
        """Every picture of the page."""
        return {"needs-first-payers.svg": self.draw_payers}


def quantities(plan: pe.Plan, groups: tuple[str, ...]) -> tuple[Any, Any]:
    """Bought and delivered in kind, each (groups, goods), units that cost 1 million GBP in 2010."""
    family, proposal = plan.economy.family(HOUSEHOLDS), plan.proposal(HOUSEHOLDS)
    start, good = family.pattern()
    bought = np.zeros((family.n_councils, plan.economy.n_goods))
    council = np.repeat(np.arange(family.n_councils), np.diff(start))
    np.add.at(bought, (council, good), proposal.quantity)
    given = np.zeros_like(bought) if family.needs is None else family.needs.toarray()
    at = [family.names.index(group) for group in groups]
    return bought[at], given[at]


def real(plan: pe.Plan, label: str) -> float:
    """What a family of consumers uses, at the prices of 2010 (all 1)."""
    return float(plan.proposal(label).quantity.sum())


if __name__ == "__main__":
    results = Results(data_folder())
    finish(PAGE, results.parts(), results.pictures())
