"""Makes the tables and pictures of `stress.md`: prints tables; `--write` puts all in place.

Every table of the page stands between two markers and comes from here. A full run takes a minute or
two; the tests run it in small, and compare the tables of false reports in full.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parecon import plots, rules, synthetic
from parecon.experiments import garbage, misreports, stress, stress_figures, stress_tables
from parecon.experiments.stress_tables import Table
from parecon.procedure.channel import Channel
from parecon.solve import solve

PAGE = Path(__file__).with_name("stress.md")
FEW = (Channel(), Channel(lost=0.1), Channel(lost=0.3), Channel(stale=0.3))
ECONOMIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("30,000 + 30,000 councils, 500 goods", {"councils": 30_000, "categories": 100}),
    ("300 + 300 councils, 5 goods", {"councils": 300, "categories": 1}),
    ("exponents sum to .85-.90", {"exponent_sum": (0.85, 0.90)}),
    ("exponents sum to .90-.95", {"exponent_sum": (0.90, 0.95)}),
)


@dataclass
class Results:
    """What the tables are made of; sizes as on the page unless told otherwise."""

    councils: int = 3_000
    categories: int = 10
    draws: int = 5
    other_draws: int = 3
    board: int = 300
    economies: tuple[tuple[str, dict[str, Any]], ...] = ECONOMIES
    rule_names: tuple[str, ...] = rules.NAMES
    kinds: tuple[str, ...] = garbage.KINDS
    others: dict[str, list[stress.Trial]] = field(default_factory=dict)

    def run(self) -> Results:
        """Run everything."""
        self.trials = stress.trials(self._cases(self.draws), rule_names=self.rule_names)
        for name, options in self.economies:
            drawn = self._cases(self.other_draws, **options)
            self.others[name] = stress.trials(drawn, rule_names=(rules.DEFAULT,), conditions=FEW)
        self.reports = self.false_reports()
        categories = max(1, self.board // 100)
        economy = synthetic.book(self.board, self.board, categories, seed=1)
        self.garbage = garbage.sweep(solve(economy, tol=1e-9), kinds=self.kinds)
        return self

    def _cases(self, draws: int, **options: Any) -> list[stress.Case]:
        councils = options.pop("councils", self.councils)
        sizes = {
            "n_workers": councils,
            "n_consumers": councils,
            "categories": options.pop("categories", self.categories),
        }
        return stress.cases(range(1, draws + 1), **sizes, **options, n_threads=2)

    def false_reports(self) -> list[misreports.Outcome]:
        """The quickest part."""
        economy = misreports.economy_with_needs(
            self.councils, self.councils, self.categories, seed=1
        )
        return misreports.sweep(solve(economy, tol=misreports.PLAN_TOL), seed=1)


def markdown(table: Table) -> str:
    """The table, names to the left and numbers to the right."""
    rule = ["---" if k < table.names else "---:" for k in range(len(table.titles))]
    rows: Iterable[Iterable[str]] = (table.titles, rule, *table.rows)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def in_other_economies(results: Results) -> Table:
    """The default rule elsewhere."""
    rows: list[tuple[str, ...]] = []
    titles: tuple[str, ...] = ()
    for name, trials in results.others.items():
        some = stress_tables.rounds(trials)
        titles = ("economy", *some.titles[1:])
        rows += [(name, *row[1:]) for row in some.rows]
    return Table(titles, tuple(rows), names=2)


TABLES: dict[str, Callable[[Results], Table]] = {
    "rounds": lambda results: stress_tables.rounds(results.trials),
    "economies": in_other_economies,
    "consumers": lambda results: stress_tables.consumers_lie(results.reports),
    "workers": lambda results: stress_tables.workers_lie(results.reports),
    "refusals": lambda results: stress_tables.refusals(results.garbage),
    "settled": lambda results: stress_tables.settled(results.garbage),
}
PICTURES: dict[str, Callable[[Results], Any]] = {
    "stress-rounds.svg": lambda results: stress_figures.rounds(results.trials),
    "stress-reports.svg": lambda results: stress_figures.false_reports(results.reports),
}


def block(name: str) -> re.Pattern[str]:
    """The part of the page that belongs to a table, markers included."""
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)


def main() -> None:
    """Print the tables, or put them and the pictures in place."""
    results = Results().run()
    page = PAGE.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        text = markdown(make(results))
        print(f"{name}\n{text}\n")
        page = block(name).sub(lambda _, n=name, t=text: f"<!-- {n} -->\n{t}\n<!-- end -->", page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
        for name, draw in PICTURES.items():
            plots.write(draw(results), PAGE.with_name(name))


if __name__ == "__main__":
    main()
